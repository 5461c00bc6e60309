"""创建IPsec连接(CEN): one page that works whole by posting, and piece by piece by htmx."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts.access import ConsoleRequest, member
from accounts.current import REGION_KEY, current_region
from accounts.models import Role
from accounts.refusal import Refused
from connections import kept_keys
from connections.draft import Draft
from connections.forms.networks import NetworksWidget
from connections.models import IPsecConnection
from connections.placing import all_errors
from connections.services import create_connection, earlier_connection

UNPROCESSABLE = 422
NETWORK_LISTS = ("local_networks", "remote_networks")


@require_http_methods(["GET", "HEAD", "POST"])
@member(Role.OPERATOR)
@cache_control(private=True)
def create(request: ConsoleRequest) -> HttpResponse:
    """Kept by the browser, so that Back shows the form that was sent, with the token that was sent."""
    current_region(request)
    if request.method != "POST":
        return _page(request, Draft(request))
    action = request.POST.get("action", "")
    if request.htmx:
        return _piece(request, action)
    if action:  # a button that changes the form and does not save it
        return _page(request, _changed(request, action))
    return _submit(request)


def _submit(request: ConsoleRequest) -> HttpResponse:
    draft = Draft(request, request.POST)
    connection = _saved(request, draft)
    if connection is None:
        draft.keep_keys()
        context = {"findings": all_errors(draft.form, draft.tunnels)}
        return _page(request, draft, context, status=UNPROCESSABLE)
    kept_keys.forget(request, draft.token)
    request.session[REGION_KEY] = connection.region  # where the list will show it
    messages.success(request, _("The IPsec connection %(name)s is created.") % {"name": connection})
    return redirect("connections:detail", connection.public_id)


def _saved(request: ConsoleRequest, draft: Draft) -> IPsecConnection | None:
    """None where something stands against it, which the forms then say.

    Sent again, whatever has changed in it, a form leads to what came of it the first time.
    """
    earlier = earlier_connection(actor=request.actor, client_token=draft.token)
    if earlier or not draft.check(submitted=True):
        return earlier
    try:
        return create_connection(actor=request.actor, new=draft.wanted)
    except Refused as refused:
        draft.put(refused.findings)
        return None


def _piece(request: ConsoleRequest, action: str) -> HttpResponse:
    """What a change on the page asks for: network rows, what depends on the region, or what is said of it."""
    part = request.GET.get("part", "")
    if part == "rows":
        draft = _changed(request, action)
        name = action.split(":")[1] if action.count(":") else ""
        networks = draft.form[name if name in NETWORK_LISTS else NETWORK_LISTS[0]]
        return render(request, "connections/form/_rows.html", {"networks": networks})
    draft = Draft(request, request.POST, fitting=part == "region")
    draft.check(submitted=False)
    context = _context(draft) | {"selects": draft.of_the_region if part == "region" else ()}
    return render(request, "connections/form/_parts.html", context)


def _changed(request: ConsoleRequest, action: str) -> Draft:
    """The page as a button changes it: `add:name` and `drop:name:position` a network row, else nothing."""
    verb, _colon, rest = action.partition(":")
    name, _colon, position = rest.partition(":")
    data = request.POST.copy()
    if name in NETWORK_LISTS:
        data.setlist(name, _rows(data, verb, name, position))
    draft = Draft(request, data).unjudged()
    if not request.htmx:
        draft.keep_keys()
    if name in NETWORK_LISTS:
        widget = cast(NetworksWidget, draft.form.fields[name].widget)
        widget.focus = "row" if verb == "add" else "button"
    return draft


def _rows(data: QueryDict, verb: str, name: str, position: str) -> list[str]:
    rows = data.getlist(name)
    if verb == "add":
        return [*rows, ""]
    return [row for number, row in enumerate(rows) if str(number) != position]


def _page(
    request: ConsoleRequest, draft: Draft, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "connections/create.html", _context(draft) | (more or {}), status=status)


def _context(draft: Draft) -> dict[str, Any]:
    return {
        "form": draft.form,
        "tunnels": draft.tunnels,
        "router": draft.transit_router,
        "panel": draft.panel,
    }
