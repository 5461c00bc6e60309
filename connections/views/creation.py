"""创建IPsec连接(CEN): one page that works whole by posting, and piece by piece by htmx."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from accounts.access import ConsoleRequest, form_page, member
from accounts.current import current_region, go_to_region
from accounts.models import Role
from accounts.refusal import Refused
from accounts.throttles import Throttle, held_up
from connections import kept_keys
from connections.draft import Draft
from connections.models import CreationDraft, IPsecConnection
from connections.placing import all_errors
from connections.services import create_connection, earlier_connection
from connections.services.drafts import Kept, discard_draft, draft_kept_at, draft_of, keys_of
from connections.views.pieces import KEEP_THIS, REVEAL, changed, keep, page_context, piece, sealed
from ipsec.findings import Finding

CONTINUE, DISCARD = "continue", "draft-discard"


@form_page
@member(Role.OPERATOR)
@cache_control(private=True)
def create(request: ConsoleRequest) -> HttpResponse:
    """Kept by the browser, so that Back shows the form that was sent, with the token that was sent."""
    current_region(request)
    if request.method != "POST":
        return _new_page(request)
    action = request.POST.get("action", "")
    if action.startswith(REVEAL) and (answer := held_up(request, Throttle.REVEAL, request.user.pk)):
        return answer
    if request.htmx:
        return piece(request, action)
    if action == DISCARD:
        discard_draft(actor=request.actor)
        return redirect("connections:create")
    if action:  # a button that changes the form and does not save it
        return _changed_page(request, action)
    return _submit(request)


def _new_page(request: ConsoleRequest) -> HttpResponse:
    wanted = request.GET.get("draft") == CONTINUE
    if wanted and (earlier := draft_of(request.actor)):
        return _continued(request, earlier)
    draft = Draft(request)
    draft.advise()
    return _page(request, draft, {"earlier_at": draft_kept_at(request.actor)})


def _continued(request: ConsoleRequest, earlier: CreationDraft) -> HttpResponse:
    kept_keys.keep(request, earlier.token, keys_of(earlier))
    data = QueryDict(mutable=True)
    for name, values in earlier.data.items():
        data.setlist(name, values)
    data["client_token"] = earlier.token
    draft = Draft(request, data, fitting=True)
    draft.check(submitted=False)
    return _page(request, draft, {"kept": Kept(earlier.version, earlier.kept_at)})


def _changed_page(request: ConsoleRequest, action: str) -> HttpResponse:
    draft, gateway = changed(request, action)
    draft.keep_keys()
    draft.advise()
    return sealed(
        draft,
        _page(request, draft, {"gateway": gateway, "kept": keep(request, draft, over=action == KEEP_THIS)}),
    )


def _submit(request: ConsoleRequest) -> HttpResponse:
    draft = Draft(request, request.POST, offering=False)
    try:
        connection = _saved(request, draft)
    except Refused as refused:
        return _refused(request, refused.findings)
    kept_keys.forget(request, draft.token)
    go_to_region(request, connection.region)  # where the list will show it
    messages.success(request, _("The IPsec connection %(name)s is created.") % {"name": connection})
    return redirect("connections:detail", connection.public_id)


def _saved(request: ConsoleRequest, draft: Draft) -> IPsecConnection:
    """The rules are asked where it is written. Raises `Refused`, with nothing where a field cannot be read.

    Sent again, whatever has changed in it, a form leads to what came of it the first time.
    """
    if draft.is_clean:
        return create_connection(actor=request.actor, new=draft.wanted)
    if earlier := earlier_connection(actor=request.actor, client_token=draft.token):
        return earlier
    raise Refused(())


def _refused(request: ConsoleRequest, findings: Iterable[Finding]) -> HttpResponse:
    """The page as it was sent, with everything that stands against it."""
    draft = Draft(request, request.POST)
    draft.check(submitted=True)
    draft.put(findings)  # what only the writing could find: who came first, what has run out
    draft.keep_keys()
    context = {"findings": all_errors(draft.form, draft.tunnels), "kept": keep(request, draft)}
    return _page(request, draft, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    request: ConsoleRequest, draft: Draft, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = page_context(draft) | (more or {})
    return render(request, "connections/create.html", context, status=status)
