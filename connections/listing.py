"""The list: a page of an account's connections, found by key and never by counting past rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet, Subquery

from accounts.models import Account
from accounts.pulse import mark
from connections.fleet import tallies
from connections.fleet.models import TROUBLED, WORST_FIRST, Level, TunnelHealth
from connections.models import IPsecConnection
from connections.search import Found, search
from gateways.models import CustomerGateway
from ipsec.addresses import is_ipv4
from transit.models import TransitRouter
from tunnels.models import Status, Tunnel

PAGE_SIZE: Final = 20
SIZES: Final = (20, 50, 100)
SORTS: Final = ("-created", "created", "name", "-name")
COUNTED: Final = 1000
"""How far rows are counted one by one; of more there are "more than" so many."""
STATES: Final[Mapping[str, Sequence[Level]]] = {
    "troubled": TROUBLED,
    **{level.word: [level] for level in WORST_FIRST},
}
"""What the state filter can say, and the levels that it means."""
Connections = QuerySet[IPsecConnection]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the list's address says; no region means all. `after` and `before` are the public ids of the row
    that the page follows, or is followed by."""

    region: str = ""
    search: str = ""
    state: str = ""
    phase: str = ""
    cause: str = ""
    cen: str = ""
    gateway: str = ""
    mode: str = ""
    bgp: str = ""
    sort: str = SORTS[0]
    size: int = PAGE_SIZE
    after: str = ""
    before: str = ""

    @property
    def further(self) -> bool:
        """Whether one of the filters says something that are not always in view."""
        return bool(self.phase or self.cause or self.cen or self.gateway or self.mode or self.bgp)

    @property
    def filtered(self) -> bool:
        return bool(self.search or self.state or self.further)


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    more: bool = False
    """There are more than `number`."""


class ListRun(NamedTuple):
    """What a row shows of a tunnel's run, by the names that this has: the same looks fit."""

    status: str
    negotiating: bool
    cause: str
    blocked: str
    out_of_service: bool
    waiting_for_traffic: bool


class ListTunnel(NamedTuple):
    run: ListRun
    version: int
    """The run's."""
    connection: int
    number: int
    """1 or 2."""
    public_id: str
    gateway_name: str
    gateway_address: str


RUN_COLUMNS: Final = tuple(f"run__{column}" for column in ListRun._fields)
TUNNEL_COLUMNS: Final = (
    "run__version", "connection_id", "index", "public_id", "customer_gateway__name",
    "customer_gateway__address",
)  # fmt: skip


class ListRow(NamedTuple):
    tunnels: list[ListTunnel]
    pk: int
    public_id: str
    name: str
    region: str
    state: str
    network_type: str
    routing_mode: str
    bgp_enabled: bool
    created_at: datetime
    router: str | None
    level: int

    @property
    def in_transition(self) -> bool:
        return self.state not in IPsecConnection.SETTLED


ROW_COLUMNS: Final = (
    "pk", "public_id", "name", "region", "state", "network_type", "routing_mode", "bgp_enabled",
    "created_at", "health__transit_router__public_id", "health__level",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListPage:
    rows: list[ListRow]
    next_after: str = ""
    previous_before: str = ""

    @property
    def version(self) -> str:
        """Another one whenever something has changed in what the page shows."""
        return mark(self.rows)

    @property
    def in_motion(self) -> bool:
        """Whether something is about to change."""
        return any(
            row.in_transition or any(tunnel.run.negotiating for tunnel in row.tunnels) for row in self.rows
        )


def page(account: Account, query: ListQuery) -> ListPage:
    found = _enough(query, _search(account, query))
    return _page(account, query, _fitting(account, query, found))


def counted_page(account: Account, query: ListQuery) -> tuple[ListPage, Count | None]:
    """The page, and how many fit in all: from the tallies or the search where they know, by the page where it
    has all, else counted up to a limit.

    None on later pages of what is counted row by row: the first one has told.
    """
    found = _search(account, query)
    rows = _fitting(account, query, _enough(query, found))
    shown = _page(account, query, rows)
    if not query.search and not query.further:
        return shown, _tallied(account, query)
    if not query.state and not query.further and found.number is not None:
        return shown, Count(found.number)
    if not shown.next_after and not shown.previous_before:
        return shown, Count(len(shown.rows))
    if query.after or query.before:
        return shown, None
    number = rows[: COUNTED + 1].count()
    return shown, Count(min(number, COUNTED), number > COUNTED)


def _enough(query: ListQuery, found: Found) -> Found:
    """What the first page by age needs of what is found."""
    if query.state or query.further or query.after or query.before or "name" in query.sort:
        return found
    return found.first(query.size + 1, newest=query.sort.startswith("-"))


def _search(account: Account, query: ListQuery) -> Found:
    return search(account, query.region, query.search)


def _tallied(account: Account, query: ListQuery) -> Count:
    wanted = STATES.get(query.state, Level.values)
    kinds = tallies.counts(account).items()
    fitting = (
        number
        for (region, _router, level), number in kinds
        if level in wanted and region == (query.region or region)
    )
    return Count(sum(fitting))


def _page(account: Account, query: ListQuery, rows: Connections) -> ListPage:
    if query.before and (beyond := _beyond(account, query.before, _opposite(query.sort))):
        found = _read(rows.filter(beyond).order_by(*_order(_opposite(query.sort)))[: query.size + 1])
        if kept := found[: query.size][::-1]:
            more = len(found) > query.size
            return ListPage(kept, kept[-1].public_id, kept[0].public_id if more else "")
    elif query.after and (beyond := _beyond(account, query.after, query.sort)):
        shown = _from(rows.filter(beyond), query, more_before=True)
        if shown.rows:
            return shown
    return _from(rows, query, more_before=False)


def _from(rows: Connections, query: ListQuery, *, more_before: bool) -> ListPage:
    found = _read(rows.order_by(*_order(query.sort))[: query.size + 1])
    kept = found[: query.size]
    if not kept:
        return ListPage([])
    more = len(found) > query.size
    return ListPage(kept, kept[-1].public_id if more else "", kept[0].public_id if more_before else "")


def _read(rows: Connections) -> list[ListRow]:
    """Columns and not models: a page has hundreds of values, and no secret is among them."""
    found = {values[0]: ListRow([], *values) for values in rows.values_list(*ROW_COLUMNS)}
    tunnels = Tunnel.objects.filter(connection__in=[*found]).order_by("connection_id", "index")
    of_run = len(RUN_COLUMNS)
    for values in tunnels.values_list(*RUN_COLUMNS, *TUNNEL_COLUMNS):
        tunnel = ListTunnel(ListRun(*values[:of_run]), *values[of_run:])
        found[tunnel.connection].tunnels.append(tunnel)
    return [*found.values()]


def _fitting(account: Account, query: ListQuery, found: Found) -> Connections:
    where = {"region": query.region} if query.region else {}
    rows = IPsecConnection.objects.filter(account=account, **where)
    rows = found.among(_in_state(rows, account, query))
    for wanted in _further(account, query) if query.further else ():
        rows = rows.filter(wanted)
    return rows


def _in_state(rows: Connections, account: Account, query: ListQuery) -> Connections:
    levels = STATES.get(query.state)
    if levels is None:
        return rows
    rows = rows.filter(health__account=account, health__level__in=levels)
    return rows.filter(health__region=query.region) if query.region else rows


def _further(account: Account, query: ListQuery) -> list[Q]:
    healths = TunnelHealth.objects.filter(account=account).values("connection_id")
    wanted = []
    if query.phase and query.phase in Status.values:
        wanted.append(Q(pk__in=healths.filter(status=query.phase)))
    if query.cause:
        wanted.append(Q(pk__in=healths.filter(cause=query.cause).exclude(cause="")))
    if query.cen:
        routers = TransitRouter.objects.filter(cen__account=account, cen__public_id=query.cen)
        wanted.append(Q(health__transit_router__in=[*routers.values_list("pk", flat=True)]))
    if query.gateway:
        tunnels = Tunnel.objects.filter(customer_gateway__in=_gateways(account, query.gateway))
        wanted.append(Q(pk__in=tunnels.values("connection_id")))
    if query.mode:
        wanted.append(Q(routing_mode=query.mode))
    if query.bgp:
        down = Q(pk__in=healths.filter(bgp_down=True))
        wanted.append(down if query.bgp == "down" else Q(bgp_enabled=query.bgp == "on"))
    return wanted


def _gateways(account: Account, text: str) -> list[int]:
    """The customer gateways of that id, name or address."""
    named = Q(public_id=text) | Q(name=text)
    found = CustomerGateway.objects.filter(account=account).filter(named | _at(text))
    return [*found.values_list("pk", flat=True)]


def _at(text: str) -> Q:
    """Only an address is compared with one: not every database takes any text."""
    return Q(address=text) if is_ipv4(text) else Q()


def _order(sort: str) -> list[str]:
    """The key last, so that equal names have an order too."""
    sign = "-" if sort.startswith("-") else ""
    return [f"{sign}name", f"{sign}id"] if "name" in sort else [f"{sign}id"]


def _opposite(sort: str) -> str:
    return sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"


def _beyond(account: Account, public_id: str, sort: str) -> Q | None:
    """The rows behind that one, with a bound that an index can start at: none if it is gone."""
    step = "lt" if sort.startswith("-") else "gt"
    anchor = IPsecConnection.objects.filter(account=account, public_id=public_id).order_by()
    if "name" not in sort:
        return Q(**{f"id__{step}": Subquery(anchor.values("pk"))})
    key, name = anchor.values_list("pk", "name").first() or (None, "")
    if key is None:
        return None
    same_name = Q(name=name, **{f"id__{step}": key})
    return Q(**{f"name__{step}e": name}) & (Q(**{f"name__{step}": name}) | same_name)
