"""Reads, each within one account. A page of the list is found by key, never by counting past rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final, Literal
from zlib import crc32

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Account
from connections.models import IPsecConnection
from transit.models import RouteTable
from tunnels.models import BgpStatus, NegotiationRun, Status, Tunnel
from tunnels.queries import page_rows

PAGE_SIZE: Final = 20
LONGEST_SEARCH: Final = 100
Sort = Literal["-created", "created", "name", "-name"]
SORTS: Final[tuple[Sort, ...]] = ("-created", "created", "name", "-name")
STATES: Final = ("up", "degraded", "down", "idle")
"""up: both tunnels are; degraded: one is; down: none is, one has tried; idle: nothing negotiated yet."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the list's address says. `after` is the public id of the last row of the page before."""

    region: str
    search: str = ""
    state: str = ""
    sort: Sort = "-created"
    after: str = ""

    @property
    def filtered(self) -> bool:
        return bool(self.search or self.state)


@dataclass(frozen=True, slots=True)
class ListPage:
    rows: list[IPsecConnection]
    next_after: str

    @property
    def version(self) -> str:
        """Another one whenever something has changed in what the page shows."""
        shown = "|".join(_shown(row) for row in self.rows)
        return f"{crc32(shown.encode()):08x}"

    @property
    def in_motion(self) -> bool:
        """Whether something is about to change."""
        return any(tunnel.run.in_motion for row in self.rows for tunnel in row.tunnels.all())


def _shown(row: IPsecConnection) -> str:
    facts = [(tunnel.run.version, tunnel.customer_gateway.public_id) for tunnel in row.tunnels.all()]
    return f"{row.public_id} {row.name} {row.state} {facts}"


def connections_of(account: Account) -> QuerySet[IPsecConnection]:
    return IPsecConnection.objects.filter(account=account)


def connection_for(account: Account, public_id: str) -> IPsecConnection:
    """One connection with its tunnels. Http404 for an id that is not this account's."""
    rows = with_tunnels(connections_of(account))
    rows = rows.select_related("created_by", "attachment__transit_router__cen")
    return get_object_or_404(rows, public_id=public_id)


def with_tunnels(connections: QuerySet[IPsecConnection]) -> QuerySet[IPsecConnection]:
    """With both tunnels in order and the attachment; no secret is opened."""
    related = connections.select_related("attachment__transit_router")
    return related.prefetch_related(Prefetch("tunnels", page_rows()))


def page(account: Account, query: ListQuery) -> ListPage:
    rows = connections_of(account).filter(region=query.region)
    rows = _in_state(_matching(rows, query.search), query.state)
    rows = _after(rows, query, account)
    found = list(with_tunnels(rows.order_by(*_order(query.sort)))[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    found = found[:PAGE_SIZE]
    return ListPage(found, found[-1].public_id if more else "")


def tables_published_to(connection: IPsecConnection) -> list[RouteTable]:
    """The transit router's route tables that learn the connection's routes."""
    return list(RouteTable.objects.filter(propagations__attachment__connection=connection).order_by("pk"))


@dataclass(frozen=True, slots=True)
class LearntRoute:
    """A route of the BGP route table: `tunnels` are those whose sessions bring it, and so its next hops."""

    destination: str
    as_path: tuple[int, ...]
    tunnels: tuple[Tunnel, ...]


def learnt_routes(tunnels: Sequence[Tunnel]) -> list[LearntRoute]:
    """What the devices advertise over sessions that are up, by destination."""
    found: dict[tuple[str, int], list[Tunnel]] = {}
    for tunnel in tunnels:
        if tunnel.run.bgp_status == BgpStatus.UP:
            asn = tunnel.peer_device.bgp_asn or tunnel.customer_gateway.asn or 0
            for network in tunnel.peer_device.advertised_networks:
                found.setdefault((network, asn), []).append(tunnel)
    by_destination = sorted(found.items(), key=lambda item: IPv4Network(item[0][0]))
    return [LearntRoute(network, (asn,), tuple(via)) for (network, asn), via in by_destination]


def _order(sort: Sort) -> list[str]:
    """The key last, so that equal names have an order too."""
    sign = "-" if sort.startswith("-") else ""
    return [f"{sign}name", f"{sign}id"] if "name" in sort else [f"{sign}id"]


def _matching(rows: QuerySet[IPsecConnection], search: str) -> QuerySet[IPsecConnection]:
    """Name or id of the connection; id or gateway address of a tunnel; name, id or address of its peer."""
    if not search:
        return rows
    tunnels = Tunnel.objects.filter(connection=OuterRef("pk")).filter(
        Q(public_id__startswith=search)
        | Q(gateway_address__startswith=search)
        | Q(customer_gateway__public_id__startswith=search)
        | Q(customer_gateway__name__icontains=search)
        | Q(customer_gateway__address__startswith=search)
    )
    return rows.filter(Q(name__icontains=search) | Q(public_id__startswith=search) | Exists(tunnels))


def _in_state(rows: QuerySet[IPsecConnection], state: str) -> QuerySet[IPsecConnection]:
    runs = NegotiationRun.objects.filter(tunnel__connection=OuterRef("pk"))
    up = Q(Exists(runs.filter(status=Status.CHILD_UP)))
    not_up = Q(Exists(runs.exclude(status=Status.CHILD_UP)))
    negotiated = Q(Exists(runs.exclude(status=Status.NOT_NEGOTIATED)))
    conditions = {
        "up": up & ~not_up,
        "degraded": up & not_up,
        "down": ~up & negotiated,
        "idle": ~negotiated,
    }
    return rows.filter(conditions.get(state, Q()))


def _after(rows: QuerySet[IPsecConnection], query: ListQuery, account: Account) -> QuerySet[IPsecConnection]:
    """The rows behind the last one of the page before; a row that is gone is as good as none."""
    last = connections_of(account).filter(public_id=query.after).first() if query.after else None
    if last is None:
        return rows
    step = "lt" if query.sort.startswith("-") else "gt"
    if "name" not in query.sort:
        return rows.filter(**{f"id__{step}": last.pk})
    same_name = Q(name=last.name, **{f"id__{step}": last.pk})
    return rows.filter(Q(**{f"name__{step}": last.name}) | same_name)


def used_tunnel_cidrs(account: Account) -> set[str]:
    """The tunnel CIDR blocks of all the account's tunnels, in every region."""
    rows = Tunnel.objects.filter(connection__account=account, tunnel_cidr__isnull=False)
    return {cidr for cidr in rows.values_list("tunnel_cidr", flat=True) if cidr}
