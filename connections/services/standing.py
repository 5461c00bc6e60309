"""How things stand around a connection that is asked for, read in one query whatever it names.

The creation page asks each time a field is left, so the six questions go to the database as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, Count, F, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from accounts import quotas
from accounts.models import Account, Quota, QuotaName
from connections.fleet import tallies
from connections.models import IPsecConnection
from connections.services.room import AT_ROUTER, IN_REGION, Room
from gateways.models import CustomerGateway
from ipsec.rules import check_tunnel_cidr
from ipsec.spec import ConnectionSpec
from transit.models import TransitRouter, TransitRouterCidr, VpnAttachment
from tunnels.models import Tunnel

BLOCK, ON_GATEWAY, ON_ROUTER = "block", "gateway", "router"
NO_KEY: Final = Value("")
Gateways = Mapping[str, CustomerGateway]
Rows = QuerySet[Any, tuple[str, str, str]]
Counted = QuerySet[Any, tuple[int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """`rooms`: the region's, and for what is not bound yet the transit router's. `blocks` are the transit
    router's. Of the tunnel CIDR blocks in use only those asked for are named."""

    rooms: tuple[Room, ...]
    blocks: tuple[str, ...]
    cidrs_on_gateway: Mapping[str, frozenset[str]]
    cidrs_on_transit_router: frozenset[str]


def standing(
    account: Account,
    region: str,
    spec: ConnectionSpec,
    gateways: Gateways,
    router: TransitRouter | None,
    *,
    but: IPsecConnection | None = None,
) -> Standing:
    """`but`: a connection whose own tunnels are in nobody's way."""
    counts = {IN_REGION: tallies.in_region(account, region)}
    if router is not None and but is None:
        counts[AT_ROUTER] = _at_router(router)
    asked = [_room(account, quota, count) for quota, count in counts.items()]
    asked += _tunnels(spec, gateways, router, but)
    if router is not None:
        asked.append(_facts(TransitRouterCidr.objects.filter(transit_router=router), BLOCK, value=F("cidr")))
    found = list(asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0])
    return Standing(
        rooms=tuple(_room_in(found, quota) or _room_by_default(quota, counts[quota]) for quota in counts),
        blocks=tuple(sorted(value for _key, value in _of(found, BLOCK))),
        cidrs_on_gateway={
            gateway_id: frozenset(value for key, value in _of(found, ON_GATEWAY) if key == gateway_id)
            for gateway_id in gateways
        },
        cidrs_on_transit_router=frozenset(value for _key, value in _of(found, ON_ROUTER)),
    )


def _of(found: list[tuple[str, str, str]], kind: str) -> list[tuple[str, str]]:
    return [(key, value) for one, key, value in found if one == kind]


def _facts(rows: QuerySet[Any, Any], kind: str, *, value: Any, key: Any = NO_KEY) -> Rows:
    """(kind, key, value) of each row, all texts: parts of one query have columns of one kind."""
    return rows.order_by().values_list(Value(kind), key, value)


def _at_router(router: TransitRouter) -> Counted:
    """How many connections are bound to the transit router; no row where none is."""
    there = VpnAttachment.objects.filter(transit_router=router).order_by().values("transit_router")
    return there.annotate(there=Count("pk")).values_list("there")


def _room(account: Account, quota: QuotaName, count: Counted) -> Rows:
    """The quota's limit, and how much of it is used."""
    own = Quota.objects.filter(account=account, name=quota)
    used = Cast(Subquery(count), CharField())
    return _facts(own, quota.value, key=Cast("limit", CharField()), value=used)


def _room_in(found: list[tuple[str, str, str]], quota: QuotaName) -> Room | None:
    return next((Room(quota, int(limit), int(count or 0)) for limit, count in _of(found, quota)), None)


def _room_by_default(quota: QuotaName, count: Counted) -> Room:
    """Of an account without a quota of its own."""
    (number,) = next(iter(count), (0,))
    return Room(quota, quotas.DEFAULTS[quota], number)


def _tunnels(
    spec: ConnectionSpec, gateways: Gateways, router: TransitRouter | None, but: IPsecConnection | None
) -> list[Rows]:
    """Nothing is asked while BGP is off: the blocks are hidden then, and nothing is said of them."""
    blocks = {tunnel.bgp.tunnel_cidr for tunnel in spec.tunnels if tunnel.bgp}
    wanted = [block for block in blocks if not check_tunnel_cidr(block, "")]
    if not spec.bgp_enabled or not wanted:
        return []
    tunnels = Tunnel.objects.filter(tunnel_cidr__in=wanted)
    tunnels = tunnels.exclude(connection=but) if but else tunnels
    on_gateways = tunnels.filter(customer_gateway__in=gateways.values())
    on_router = tunnels.filter(connection__attachment__transit_router=router)
    value, key = F("tunnel_cidr"), F("customer_gateway__public_id")
    return [
        *([_facts(on_gateways, ON_GATEWAY, key=key, value=value)] if gateways else []),
        *([_facts(on_router, ON_ROUTER, value=value)] if router else []),
    ]
