"""What an edit page's htmx requests are answered with: a piece, never a field being typed in."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import ConsoleRequest
from accounts.actor import audit
from accounts.encryption import SecretUnreadable
from connections.changes import TUNNELS, change
from connections.draft import bindable
from connections.edit_draft import EditDraft
from connections.edit_values import Scope
from connections.models import IPsecConnection
from connections.views.pieces import differing, focus_rows, rechecked, rows_of, sealed
from tunnels.services import reveal_psk


def piece(request: ConsoleRequest, row: IPsecConnection, scope: Scope, action: str) -> HttpResponse:
    """What a change on the page asks for."""
    part = request.GET.get("part", "")
    if part == "rows":
        return rows_of(request, changed(request, row, scope, action), action)
    return _change(request, row, scope, action) if part == "change" else _said(request, row, scope)


def _said(request: ConsoleRequest, row: IPsecConnection, scope: Scope) -> HttpResponse:
    draft = EditDraft(request, row, scope, request.POST)
    draft.check(submitted=False)
    context = {"draft": draft, "form": draft.form, "tunnels": draft.tunnels, "wrong": draft.problems}
    return render(request, "connections/edit/_parts.html", context)


def _change(request: ConsoleRequest, row: IPsecConnection, scope: Scope, action: str) -> HttpResponse:
    """Only the fields that the button has changed; what is to be said of them the page then asks for."""
    before = bindable(request.POST)
    draft = changed(request, row, scope, action)
    context = {"fields": differing(before, draft), "draft": draft}
    return sealed(draft, rechecked(render(request, "connections/edit/_changed.html", context)))


def changed(request: ConsoleRequest, row: IPsecConnection, scope: Scope, action: str) -> EditDraft:
    """The page as a button changes it, with not a word about it yet."""
    data = bindable(request.POST)
    change(request, data, action)
    draft = EditDraft(request, row, scope, data).unjudged()
    verb, _colon, subject = action.partition(":")
    focus_rows(draft, verb, subject)
    if subject in TUNNELS and int(subject) == scope.index:
        _mark_key(request, draft, verb)
    return draft


def _mark_key(request: ConsoleRequest, draft: EditDraft, verb: str) -> None:
    """A new key that is kept, or the present one: either is shown to who asks, and that is audited."""
    index = draft.scope.index
    form, kept = draft.tunnel, draft.kept[index - 1]
    form.psk_made = verb == "generate"
    if verb != "reveal":
        return
    if kept:
        audit(request.actor, "connection.kept_key_reveal", index=index)
        form.psk_shown = kept
        return
    try:
        form.psk_shown = reveal_psk(actor=request.actor, tunnel=draft.row)
    except SecretUnreadable:
        form.psk_unreadable = True
