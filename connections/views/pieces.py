"""What the creation page's htmx requests are answered with: a piece, never a field being typed in."""

import json
from typing import Any, cast

from django.forms import BoundField
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from accounts.access import ConsoleRequest
from accounts.actor import audit
from accounts.showing import STORED_NOWHERE
from connections.changes import NETWORK_LISTS, TUNNELS, change
from connections.draft import Draft, bindable, to_be_swapped
from connections.forms.networks import NetworksWidget
from connections.new_gateway import NewGateway, new_gateway
from connections.placing import all_errors
from connections.services.drafts import Kept, keep_draft

KEEP_THIS = "draft-over"
LONGEST_VERSION = 9
RECHECK = "recheck"
REVEAL = "reveal:"
"""The event by which the page asks for what is to be said of the form, now that it has changed."""


def piece(request: ConsoleRequest, action: str) -> HttpResponse:
    """What a change on the page asks for."""
    part = request.GET.get("part", "")
    if part in PARTS:
        return PARTS[part](request, action)
    return _said(request, fitting=part == "region")


def _said(request: ConsoleRequest, *, fitting: bool) -> HttpResponse:
    """Everything said of the form; `fitting`: with the choices of another region."""
    draft = Draft(request, request.POST, fitting=fitting, offering=fitting)
    draft.check(submitted=False)
    context = page_context(draft) | {"selects": draft.of_the_region if fitting else ()}
    return render(request, "connections/form/_parts.html", context)


def _rows(request: ConsoleRequest, action: str) -> HttpResponse:
    return rows_of(request, changed(request, action)[0], action)


def rows_of(request: ConsoleRequest, draft: Draft, action: str) -> HttpResponse:
    """The list of networks that a button has changed."""
    name = action.split(":")[1] if action.count(":") else ""
    networks = draft.form[name if name in NETWORK_LISTS else NETWORK_LISTS[0]]
    return rechecked(render(request, "connections/form/_rows.html", {"networks": networks}))


def _change(request: ConsoleRequest, action: str) -> HttpResponse:
    """Only the fields that the button has changed; what is to be said of them the page then asks for."""
    before = bindable(request.POST)
    draft, _gateway = changed(request, action)
    context = {"fields": differing(before, draft), "tunnels": draft.tunnels}
    return sealed(draft, rechecked(render(request, "connections/form/_changed.html", context)))


def _gateway(request: ConsoleRequest, action: str) -> HttpResponse:
    """The dialog, or, once the customer gateway is there, the fields that now offer it."""
    before = bindable(request.POST)
    draft, gateway = changed(request, action)
    if gateway is not None:
        return render(request, "connections/form/_gateway_dialog.html", {"gateway": gateway})
    chosen = differing(before, draft)
    offering = [form["customer_gateway"] for form in draft.tunnels]
    response = render(request, "connections/form/_changed.html", {"fields": to_be_swapped(offering)})
    return rechecked(response, focus=chosen[0].auto_id if chosen else "")


def _draft(request: ConsoleRequest, action: str) -> HttpResponse:
    kept = keep(request, Draft(request, request.POST, offering=False), over=action == KEEP_THIS)
    return render(request, "connections/form/_draft_state.html", {"kept": kept, "oob": True})


def keep(request: ConsoleRequest, draft: Draft, *, over: bool = False) -> Kept | None:
    """Keep the draft, unless another page has kept a newer one."""
    seen = request.POST.get("draft_version", "")
    return keep_draft(
        actor=request.actor,
        token=draft.token,
        seen=int(seen) if seen.isdecimal() and len(seen) < LONGEST_VERSION else 0,
        values=draft.values,
        keys=draft.keys,
        over=over,
    )


PARTS = {"rows": _rows, "change": _change, "gateway": _gateway, "draft": _draft}


def changed(request: ConsoleRequest, action: str) -> tuple[Draft, NewGateway | None]:
    """The page as a button changes it, with not a word about it yet."""
    data = bindable(request.POST)
    change(request, data, action)
    gateway = new_gateway(request, data, action)
    draft = Draft(request, data).unjudged()
    verb, _colon, subject = action.partition(":")
    focus_rows(draft, verb, subject)
    if subject in TUNNELS:
        _mark_key(request, draft, verb, int(subject))
    return draft, gateway


def focus_rows(draft: Draft, verb: str, subject: str) -> None:
    """Where the focus goes on a list of networks that a button has changed."""
    name = subject.partition(":")[0]
    if name in NETWORK_LISTS:
        widget = cast(NetworksWidget, draft.form.fields[name].widget)
        widget.focus = "row" if verb == "add" else "button"


def _mark_key(request: ConsoleRequest, draft: Draft, verb: str, index: int) -> None:
    form, key = draft.tunnels[index - 1], draft.kept[index - 1]
    form.psk_made = verb == "generate"
    if verb == "reveal" and key:
        form.psk_shown = key
        audit(request.actor, "connection.kept_key_reveal", index=index)


def differing(before: QueryDict, draft: Draft) -> list[BoundField]:
    after = cast(QueryDict, draft.form.data)
    names = [bound for bound in draft.fields if bound.name not in NETWORK_LISTS]
    differing = [one for one in names if before.getlist(one.html_name) != after.getlist(one.html_name)]
    return to_be_swapped(differing)


def rechecked(response: HttpResponse, focus: str = "") -> HttpResponse:
    events: dict[str, Any] = {RECHECK: ""} | ({"focus-field": {"id": focus}} if focus else {})
    response["HX-Trigger-After-Settle"] = json.dumps(events)
    return response


def sealed(draft: Draft, response: HttpResponse) -> HttpResponse:
    """An answer that holds a key is stored nowhere."""
    if any(form.psk_shown for form in draft.tunnels):
        response["Cache-Control"] = STORED_NOWHERE
    return response


def page_context(draft: Draft) -> dict[str, Any]:
    return {
        "form": draft.form,
        "tunnels": draft.tunnels,
        "router": draft.found.transit_router,
        "router_blocks": draft.found.blocks,
        "panel": draft.panel,
        "wrong": all_errors(draft.form, draft.tunnels),
    }
