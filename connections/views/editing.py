"""编辑: the connection's page and a tunnel's, whole by posting and piece by piece by htmx."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import ConsoleRequest, form_page, member
from accounts.models import Role
from accounts.refusal import Refused
from accounts.throttles import Throttle, held_up
from connections import kept_keys, queries
from connections.edit_draft import EditDraft
from connections.edit_values import INDEXES, Scope
from connections.models import IPsecConnection
from connections.services import edit_connection, edit_tunnel
from connections.views.edit_pieces import changed, piece
from connections.views.pieces import REVEAL, sealed

MEANWHILE, BUSY = "changed_meanwhile", "connection_busy"


@form_page
@member(Role.OPERATOR)
def connection(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """修改IPsec连接."""
    return _edit(request, connection_id, Scope())


@form_page
@member(Role.OPERATOR)
def tunnel(request: ConsoleRequest, connection_id: str, index: int) -> HttpResponse:
    """修改隧道的配置."""
    if index not in INDEXES:
        raise Http404
    return _edit(request, connection_id, Scope(index))


def _edit(request: ConsoleRequest, connection_id: str, scope: Scope) -> HttpResponse:
    row = queries.connection_for(request.actor.account, connection_id)
    if request.method != "POST":
        return _page(request, EditDraft(request, row, scope))
    action = request.POST.get("action", "")
    if action.startswith(REVEAL) and (answer := held_up(request, Throttle.REVEAL, request.user.pk)):
        return answer
    if request.htmx:
        return piece(request, row, scope, action)
    if action:  # a button that changes the form, or only asks what saving will do
        draft = changed(request, row, scope, action)
        draft.keep_keys()
        draft.check(submitted=False)
        return sealed(draft, _page(request, draft))
    return _submit(request, row, scope)


def _submit(request: ConsoleRequest, row: IPsecConnection, scope: Scope) -> HttpResponse:
    draft = EditDraft(request, row, scope, request.POST)
    if draft.stale:
        return _overtaken(request, draft)
    if not draft.check(submitted=True):
        return _refused(request, draft, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        is_changed = _save(request, draft)
    except Refused as refused:
        codes = {str(finding.code) for finding in refused.findings}
        if MEANWHILE in codes:
            again = queries.connection_for(request.actor.account, row.public_id)
            return _overtaken(request, EditDraft(request, again, scope, request.POST))
        draft.put(refused.findings)
        return _refused(
            request, draft, HTTPStatus.CONFLICT if BUSY in codes else HTTPStatus.UNPROCESSABLE_ENTITY
        )
    kept_keys.forget(request, draft.token)
    said = _("The changes are saved and are being applied.") if is_changed else _("Nothing was changed.")
    messages.success(request, said)
    return redirect("connections:detail", row.public_id)


def _save(request: ConsoleRequest, draft: EditDraft) -> bool:
    wanted, seen = draft.wanted.spec, draft.base
    if draft.scope.index:
        own = wanted.tunnels[draft.scope.index - 1]
        return edit_tunnel(actor=request.actor, tunnel=draft.row, wanted=own, seen=seen)
    return edit_connection(actor=request.actor, connection=draft.connection, wanted=wanted, seen=seen)


def _overtaken(request: ConsoleRequest, draft: EditDraft) -> HttpResponse:
    """Somebody else was quicker: what is different now, beside what was typed, to be looked at and saved."""
    draft.keep_keys()
    draft.check(submitted=False)
    return _page(request, draft, {"meanwhile": draft.meanwhile}, status=HTTPStatus.CONFLICT)


def _refused(request: ConsoleRequest, draft: EditDraft, status: int) -> HttpResponse:
    draft.keep_keys()
    return _page(request, draft, {"findings": draft.problems}, status=status)


def _page(
    request: ConsoleRequest, draft: EditDraft, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    template = "connections/edit/tunnel.html" if draft.scope.index else "connections/edit/connection.html"
    return render(request, template, page_context(draft) | (more or {}), status=status)


def page_context(draft: EditDraft) -> dict[str, Any]:
    index = draft.scope.index
    return {
        "draft": draft,
        "connection": draft.connection,
        "attachment": getattr(draft.connection, "attachment", None),
        "form": draft.form,
        "tunnels": draft.tunnels,
        "tunnel": draft.tunnel if index else None,
        "row": draft.row if index else None,
        "wrong": draft.problems,
        "area": "connections",
    }
