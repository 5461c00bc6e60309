"""The list, and a connection's page with its tab Tunnel."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import ConsoleRequest, member
from accounts.current import current_region
from accounts.models import Role
from connections import queries
from connections.looks import binding_look, health_look

NOT_CHANGED = 204
SOON, LATER = 2, 10
"""Seconds between two looks: while something is under way, and at rest."""


@require_safe
@member()
def connection_list(request: ConsoleRequest) -> HttpResponse:
    query = _list_query(request, current_region(request).id)
    return render(request, "connections/list.html", _list_context(request, query))


@require_safe
@member()
def rows(request: ConsoleRequest) -> HttpResponse:
    """The list's rows, of the region that the open page shows; 204 while they are what it has `seen`."""
    context = _list_context(request, _list_query(request, request.GET.get("of", "")))
    if request.GET.get("seen") == context["page"].version:
        return HttpResponse(status=NOT_CHANGED)
    return render(request, "connections/_rows.html", context)


def _list_query(request: ConsoleRequest, region: str) -> queries.ListQuery:
    given = {name: str(value).replace("\0", "") for name, value in request.GET.items()}
    sort = given.get("sort", "")
    return queries.ListQuery(
        region=region.replace("\0", ""),
        search=given.get("q", "").strip()[: queries.LONGEST_SEARCH],
        state=given.get("state", ""),
        sort=sort if sort in queries.SORTS else "-created",
        after=given.get("after", ""),
    )


def _list_context(request: ConsoleRequest, query: queries.ListQuery) -> dict[str, Any]:
    page = queries.page(request.actor.account, query)
    return {
        "query": query,
        "page": page,
        "rows": [(connection, binding_look(connection)) for connection in page.rows],
        "interval": SOON if page.in_motion else LATER,
        "may_write": request.actor.may(Role.OPERATOR),
    }


@require_safe
@member()
def detail(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    context = connection_context(request, connection_id) | {"tab": "tunnel"}
    return render(request, "connections/detail.html", context)


@require_safe
@member()
def live(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """The Tunnel tab's fragment; 204 while it is what the page has `seen`."""
    context = connection_context(request, connection_id)
    if request.GET.get("seen") == str(context["seen"]):
        return HttpResponse(status=NOT_CHANGED)
    return render(request, "connections/_live.html", context)


def connection_context(request: ConsoleRequest, connection_id: str) -> dict[str, Any]:
    """What every tab of a connection's page shows. Http404 for a foreign connection."""
    connection = queries.connection_for(request.actor.account, connection_id)
    tunnels = list(connection.tunnels.all())
    runs = [tunnel.run for tunnel in tunnels]
    return {
        "connection": connection,
        "tunnels": tunnels,
        "attachment": getattr(connection, "attachment", None),
        "health": health_look(tunnels),
        "binding": binding_look(connection),
        "seen": sum(run.version for run in runs),
        "interval": SOON if any(run.in_motion for run in runs) else LATER,
        "may_write": request.actor.may(Role.OPERATOR),
    }
