"""The events of a tunnel: page with filter, one event, files."""

from collections.abc import Iterator
from http import HTTPStatus

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import ConsoleRequest, member
from accounts.throttles import Throttle
from tunnels import events, queries
from tunnels.forms import EventFilterForm
from tunnels.models import Tunnel
from tunnels.verdicts import event_verdict
from tunnels.views import tunnel_of

PAGE_OF_EVENTS = 50


@require_safe
@member()
def page(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    tunnel = tunnel_of(request, tunnel_id)
    return _page(request, tunnel, _form(request, tunnel))


def _form(request: ConsoleRequest, tunnel: Tunnel) -> EventFilterForm:
    return EventFilterForm(request.GET, causes=events.causes_of(tunnel))


def _page(request: ConsoleRequest, tunnel: Tunnel, form: EventFilterForm) -> HttpResponse:
    valid, before = form.is_valid(), request.GET.get("before", "")
    wanted = form.wanted() if valid else events.EventFilter()
    found = queries.events_of(tunnel, before=before, size=PAGE_OF_EVENTS, wanted=wanted)
    context = {
        "tunnel": tunnel,
        "form": form,
        "page": found if valid else queries.EventPage([]),
        "before": before,
        "filtered": wanted.is_set,
        "area": "connections",
    }
    return render(
        request,
        "tunnels/events.html",
        context,
        status=HTTPStatus.OK if valid else HTTPStatus.UNPROCESSABLE_ENTITY,
    )


@require_safe
@member()
def event(request: ConsoleRequest, tunnel_id: str, permalink: str) -> HttpResponse:
    """One event in full, at an address that stays."""
    tunnel = tunnel_of(request, tunnel_id)
    found = events.event_for(tunnel, permalink)
    if found is None:
        raise Http404
    context = {"tunnel": tunnel, "event": found, "verdict": event_verdict(found), "area": "connections"}
    return render(request, "tunnels/event.html", context)


@require_safe
@never_cache
@member(throttle=Throttle.DOWNLOAD)
def csv(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    return _file(request, tunnel_id, "csv", "text/csv")


@require_safe
@never_cache
@member(throttle=Throttle.DOWNLOAD)
def jsonl(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    return _file(request, tunnel_id, "jsonl", "application/x-ndjson")


@require_safe
@never_cache
@member(throttle=Throttle.DOWNLOAD)
def log(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """The IKE log in the shape of the console's."""
    return _file(request, tunnel_id, "log", "text/plain")


def _file(request: ConsoleRequest, tunnel_id: str, kind: str, media_type: str) -> HttpResponse:
    """What the filter lets through, line by line. A filter that cannot be read gets its page back."""
    tunnel = tunnel_of(request, tunnel_id)
    form = _form(request, tunnel)
    if not form.is_valid():
        return _page(request, tunnel, form)
    return StreamingHttpResponse(  # type: ignore[return-value]
        _lines(kind, tunnel, form.wanted()),
        content_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{tunnel.public_id}.{kind}"'},
    )


def _lines(kind: str, tunnel: Tunnel, wanted: events.EventFilter) -> Iterator[str]:
    write = {"csv": events.as_csv, "jsonl": events.as_jsonl, "log": events.ike_log}[kind]
    return write(tunnel, wanted)
