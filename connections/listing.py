"""The list: a page of an account's connections, found by key and never by counting past rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet, Subquery

from accounts.models import Account
from accounts.pulse import mark
from connections.fleet import tallies
from connections.fleet.models import TROUBLED, WORST_FIRST, Level, TunnelHealth
from connections.models import IPsecConnection
from connections.search import Found, search
from gateways.models import CustomerGateway
from ipsec.addresses import is_ipv4
from prepared.queries import prepared
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
    def is_bare_number(self) -> bool:
        """Whether the search may be an address that is only begun."""
        return self.search.isascii() and self.search.isdecimal() and int(self.search) < 256

    @property
    def narrowed(self) -> bool:
        """Whether a filter says something."""
        return bool(self.state or self.further)

    @property
    def filtered(self) -> bool:
        return bool(self.search or self.narrowed)

    @property
    def is_first(self) -> bool:
        return not self.after and not self.before


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
    number: int | None = None
    """How many there are in all, if the search has told."""
    fitting: Connections | None = None
    """All that fit, not asked for yet; None where `number` is known."""

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
    found = search(account, query.region, query.search)
    if found.number is not None and query.is_first and not query.narrowed and "name" not in query.sort:
        return _first_found(account, query, found)
    fitting = _fitting(account, query, found)
    shown = _page(account, query, fitting)
    return replace(shown, number=None if query.narrowed else found.number, fitting=fitting)


def _first_found(account: Account, query: ListQuery, found: Found) -> ListPage:
    """The first page by age, where a search has found all that fit: only those that it shows are read."""
    newest = query.sort.startswith("-")
    keys = sorted(found.keys or (), reverse=newest)
    rows = _read(_rows(account.pk, keys[: query.size], newest=newest))
    more = rows and len(keys) > query.size
    return ListPage(rows, rows[-1].public_id if more else "", number=found.number)


def count(account: Account, query: ListQuery, shown: ListPage) -> Count | None:
    """How many fit in all: from the tallies or the search where they know, by the page where it has all, else
    counted up to a limit.

    None on later pages of what is counted row by row: the first one has told.
    """
    if not query.search and not query.further:
        return _tallied(account, query)
    if shown.number is not None:
        return Count(shown.number)
    if not shown.next_after and not shown.previous_before:
        return Count(len(shown.rows))
    if shown.fitting is None or not query.is_first:
        return None
    number = shown.fitting[: COUNTED + 1].count()
    return Count(min(number, COUNTED), number > COUNTED)


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
    back = _opposite(query.sort)
    if beyond := _beyond(account, query.before, back):
        shown = _cut(_sorted(rows.filter(beyond), back, query), query)
        if shown.rows:
            return ListPage(shown.rows[::-1], shown.rows[0].public_id, shown.next_after)
    elif beyond := _beyond(account, query.after, query.sort):
        shown = _cut(_sorted(rows.filter(beyond), query.sort, query), query)
        if shown.rows:
            return replace(shown, previous_before=shown.rows[0].public_id)
    return _cut(_sorted(rows, query.sort, query), query)


def _sorted(rows: Connections, sort: str, query: ListQuery) -> list[ListRow]:
    """One more than a page has, if there are so many."""
    return _read(rows.order_by(*_order(sort)).values_list(*ROW_COLUMNS)[: query.size + 1])


def _cut(rows: list[ListRow], query: ListQuery) -> ListPage:
    kept = rows[: query.size]
    return ListPage(kept, kept[-1].public_id if len(rows) > len(kept) else "")


def _read(rows: Iterable[tuple[Any, ...]]) -> list[ListRow]:
    """Columns and not models: a page has hundreds of values, and no secret is among them."""
    found = {values[0]: ListRow([], *values) for values in rows}
    of_run = len(RUN_COLUMNS)
    for values in _tunnels([*found]):
        tunnel = ListTunnel(ListRun(*values[:of_run]), *values[of_run:])
        found[tunnel.connection].tunnels.append(tunnel)
    return [*found.values()]


@prepared
def _rows(account: int, keys: list[int], *, newest: bool) -> QuerySet[IPsecConnection, tuple[Any, ...]]:
    rows = IPsecConnection.objects.filter(account=account, pk__in=keys)
    return rows.order_by("-pk" if newest else "pk").values_list(*ROW_COLUMNS)


@prepared
def _tunnels(connections: list[int]) -> QuerySet[Tunnel, tuple[Any, ...]]:
    rows = Tunnel.objects.filter(connection__in=connections).order_by("connection_id", "index")
    return rows.values_list(*RUN_COLUMNS, *TUNNEL_COLUMNS)


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
    """The rows behind that one, with a bound that an index can start at: none if it is gone or not said."""
    if not public_id:
        return None
    step = "lt" if sort.startswith("-") else "gt"
    anchor = IPsecConnection.objects.filter(account=account, public_id=public_id).order_by()
    if "name" not in sort:
        return Q(**{f"id__{step}": Subquery(anchor.values("pk"))})
    key, name = anchor.values_list("pk", "name").first() or (None, "")
    if key is None:
        return None
    same_name = Q(name=name, **{f"id__{step}": key})
    return Q(**{f"name__{step}e": name}) & (Q(**{f"name__{step}": name}) | same_name)
