"""The list, and a connection's page with its tab Tunnel."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh, replace_url, reswap, retarget

from accounts.access import ConsoleRequest, member
from accounts.current import current_region
from accounts.models import Role
from accounts.pulse import Pulse, answer, mark, pulse
from connections import list_choices, listing, queries, search
from connections.looks import binding_look, health_look
from connections.models import IPsecConnection
from connections.views.rows import drawn
from tunnels.models import Tunnel

EVERYWHERE = "all"
USUAL = {"sort": listing.SORTS[0], "size": str(listing.PAGE_SIZE)}
"""What the filters say while nobody has said anything."""
FACTS = (
    "name", "network_type", "routing_mode", "local_networks", "remote_networks", "effect_immediately",
    "bgp_enabled", "local_asn",
)  # fmt: skip
"""Columns of what stands above the tabs."""
TEXTS = ("state", "phase", "cause", "cen", "gateway", "mode", "bgp", "after", "before")


@require_safe
@member()
def connection_list(request: ConsoleRequest) -> HttpResponse:
    query = _list_query(request, current_region(request).id)
    account = request.actor.account
    context = _found_context(request, query, listing.page(account, query)) | {
        "options": list_choices.drawn(account, query, request.GET.get("where", "")),
        "saved": queries.saved_filters(account.pk, request.user.pk),
    }
    return render(request, "connections/list.html", context)


@require_safe
@member()
def found(request: ConsoleRequest) -> HttpResponse:
    """What the list's filters find, as they are typed: the page without its frame, and its address."""
    query = _list_query(request, request.GET.get("of", ""))
    context = _found_context(request, query, listing.page(request.actor.account, query))
    response = render(request, "connections/_found_apart.html", context)
    return replace_url(response, f"{reverse('connections:list')}?{context['asked']}")


def _found_context(
    request: ConsoleRequest, query: listing.ListQuery, page: listing.ListPage
) -> dict[str, Any]:
    given = request.GET.items()
    asked = [(name, value) for name, value in given if name != "of" and value != USUAL.get(name, "")]
    return _row_context(request, query, page) | {
        "pulse": _list_pulse(request, query, page),
        "checked_at": timezone.now(),
        "count": listing.count(request.actor.account, query, page),
        "asked": urlencode(asked),
    }


@require_safe
@member()
def rows(request: ConsoleRequest) -> HttpResponse:
    """The pulse of the list's rows, of the region that the open page shows; with the rows if they changed,
    and with all that is found and its count if they are others."""
    query = _list_query(request, request.GET.get("of", ""))
    page = listing.page(request.actor.account, query)
    beat, which = _list_pulse(request, query, page), _which(page)
    if request.GET.get("which", which) != which:
        anew = render(request, "connections/_found_anew.html", _found_context(request, query, page))
        return retarget(reswap(anew, "innerHTML"), "#found")
    return answer(request, beat, "connections/_rows_apart.html", lambda: _row_context(request, query, page))


def _list_query(request: ConsoleRequest, region: str) -> listing.ListQuery:
    given = {name: str(value).replace("\0", "")[:100] for name, value in request.GET.items()}
    sort, size = given.get("sort", ""), given.get("size", "")
    return listing.ListQuery(
        region="" if given.get("where") == EVERYWHERE else region.replace("\0", ""),
        search=given.get("q", "").strip()[: search.LONGEST],
        sort=sort if sort in listing.SORTS else "-created",
        size=int(size) if size in map(str, listing.SIZES) else listing.PAGE_SIZE,
        **{name: given.get(name, "").strip() for name in TEXTS},
    )


def _row_context(request: ConsoleRequest, query: listing.ListQuery, page: listing.ListPage) -> dict[str, Any]:
    may_write = request.actor.may(Role.OPERATOR)
    rows = drawn(page.rows, everywhere=not query.region, may_write=may_write)
    return {"query": query, "page": page, "rows": rows, "may_write": may_write}


def _list_pulse(request: ConsoleRequest, query: listing.ListQuery, page: listing.ListPage) -> Pulse:
    path, of = reverse("connections:rows"), query.region
    return pulse(request, path, seen=page.version, moving=page.in_motion, of=of, which=_which(page))


def _which(page: listing.ListPage) -> str:
    """Which rows there are, and whether there are more before and behind them."""
    return mark(page.next_after, page.previous_before, [row.public_id for row in page.rows])


@require_safe
@member()
def detail(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    context = connection_context(request, connection_id) | {"tab": "tunnel", "checked_at": timezone.now()}
    return render(request, "connections/detail.html", context)


@require_safe
@member()
def live(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """The pulse of the Tunnel tab; with the tab, where that is not what the page has seen. What is configured
    and what the tunnels are bound to stand all over the page: once that is another `phase`, the browser loads
    it anew."""
    context = connection_context(request, connection_id)
    phase = _phase(context["connection"])
    if request.GET.get("phase", phase) != phase:
        return HttpResponseClientRefresh()
    return answer(request, context["pulse"], "connections/_live_apart.html", lambda: context)


def connection_context(request: ConsoleRequest, connection_id: str) -> dict[str, Any]:
    """What every tab of a connection's page shows. Http404 for a foreign connection."""
    connection = queries.connection_for(request.actor.account, connection_id)
    attachment = getattr(connection, "attachment", None)
    own = attachment is not None and attachment.transit_router.cen.account_id == connection.account_id
    tunnels = list(connection.tunnels.all())
    path = reverse("connections:live", args=[connection.public_id])
    versions = sum(tunnel.run.version for tunnel in tunnels)
    seen = f"{versions}-{connection.health.level}-{connection.state}-{mark(*map(_shown, tunnels))}"
    moving = connection.in_transition or any(tunnel.run.in_motion for tunnel in tunnels)
    return {
        "connection": connection,
        "tunnels": tunnels,
        "attachment": attachment,
        "bound_to_own": own,
        "health": health_look(connection.health.level),
        "binding": binding_look(connection),
        "pulse": pulse(request, path, seen=seen, moving=moving, phase=_phase(connection)),
        "may_write": request.actor.may(Role.OPERATOR),
    }


def _phase(connection: IPsecConnection) -> str:
    """Where it stands with its transit router and with the workers, and what its basic information is."""
    facts = mark(*[getattr(connection, name) for name in FACTS])
    if connection.in_transition:
        return f"{connection.state}-{facts}"
    return f"{'bound' if hasattr(connection, 'attachment') else 'unbound'}-{facts}"


def _shown(tunnel: Tunnel) -> tuple[object, ...]:
    """What the table shows of a tunnel besides its state."""
    device = tunnel.customer_gateway
    own = tunnel.gateway_address, tunnel.zone, tunnel.tunnel_cidr, tunnel.local_bgp_ip, tunnel.dpd
    return *own, device.public_id, device.name, device.address, device.asn
