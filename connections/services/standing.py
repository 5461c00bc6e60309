"""How things stand around a connection that is asked for, read in one query whatever it names.

The creation page asks each time a field is left, so the six questions go to the database as one. In SQL:
Django's way to so many small questions takes longer than all their answers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection as database

from accounts.models import Account, QuotaName
from accounts.quotas import DEFAULTS, Room
from connections.models import IPsecConnection
from connections.services.room import AT_ROUTER, IN_REGION
from gateways.models import CustomerGateway
from ipsec.rules import check_tunnel_cidr
from ipsec.spec import ConnectionSpec
from transit.models import TransitRouter

BLOCK, ON_GATEWAY, ON_ROUTER = "block", "gateway", "router"
Gateways = Mapping[str, CustomerGateway]
Value = int | str
Row = tuple[str, str, str]
"""Kind, key, value. Of a room, key and value are its limit and how much of it is used; each may be None."""

PARTS: Final[Mapping[str, str]] = {
    IN_REGION: """
        SELECT 'connections_per_region',
            CAST((SELECT "limit" FROM accounts_quota
                WHERE account_id = %(account)s AND name = 'connections_per_region') AS varchar),
            CAST((SELECT SUM(number) FROM connections_healthtally
                WHERE account_id = %(account)s AND region = %(region)s) AS varchar)""",
    AT_ROUTER: """
        SELECT 'connections_per_transit_router',
            CAST((SELECT "limit" FROM accounts_quota
                WHERE account_id = %(account)s AND name = 'connections_per_transit_router') AS varchar),
            CAST((SELECT COUNT(*) FROM transit_vpnattachment
                WHERE transit_router_id = %(router)s) AS varchar)""",
    BLOCK: "SELECT 'block', '', cidr FROM transit_transitroutercidr WHERE transit_router_id = %(router)s",
    ON_GATEWAY: """
        SELECT 'gateway', gateway.public_id, tunnel.tunnel_cidr
        FROM tunnels_tunnel tunnel JOIN gateways_customergateway gateway
            ON gateway.id = tunnel.customer_gateway_id AND gateway.id IN (%(gateway1)s, %(gateway2)s)
        WHERE tunnel.tunnel_cidr IN (%(cidr1)s, %(cidr2)s) AND tunnel.connection_id <> %(but)s""",
    ON_ROUTER: """
        SELECT 'router', '', tunnel.tunnel_cidr
        FROM tunnels_tunnel tunnel JOIN transit_vpnattachment attachment
            ON attachment.connection_id = tunnel.connection_id AND attachment.transit_router_id = %(router)s
        WHERE tunnel.tunnel_cidr IN (%(cidr1)s, %(cidr2)s) AND tunnel.connection_id <> %(but)s""",
}
"""What is counted is right for whoever has locked the account, too."""
NOBODY: Final = 0
"""No row has this key."""


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
    cidrs = _cidrs(spec)
    named: dict[str, Value] = {
        "account": account.pk,
        "region": region,
        "router": router.pk if router else NOBODY,
        "but": but.pk if but else NOBODY,
        **_two("gateway", [gateway.pk for gateway in gateways.values()], NOBODY),
        **_two("cidr", cidrs, ""),
    }
    parts = _parts(router=router is not None, bound=but is not None, gateways=bool(gateways), bgp=bool(cidrs))
    return _read(_found(parts, named), gateways)


def _parts(*, router: bool, bound: bool, gateways: bool, bgp: bool) -> Iterator[str]:
    """What there is to ask. Nothing of tunnels while BGP is off: the blocks are hidden then, and nothing is
    said of them."""
    yield IN_REGION
    if router:
        yield BLOCK
        if not bound:
            yield AT_ROUTER
        if bgp:
            yield ON_ROUTER
    if bgp and gateways:
        yield ON_GATEWAY


def _cidrs(spec: ConnectionSpec) -> list[str]:
    """The tunnel CIDR blocks that are asked for and are some."""
    asked = {tunnel.bgp.tunnel_cidr for tunnel in spec.tunnels if tunnel.bgp and spec.bgp_enabled}
    return [block for block in asked if not check_tunnel_cidr(block, "")]


def _two(name: str, values: Sequence[Value], none: Value) -> dict[str, Value]:
    """A connection has two tunnels, so there are never more."""
    first, second = [*values, none, none][:2]
    return {f"{name}1": first, f"{name}2": second}


def _found(parts: Iterable[str], named: Mapping[str, Value]) -> list[Row]:
    with database.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(PARTS[part] for part in parts), named)
        return [*cursor.fetchall()]


def _read(found: list[Row], gateways: Gateways) -> Standing:
    return Standing(
        rooms=tuple(
            _room(quota, limit, count)
            for quota in (IN_REGION, AT_ROUTER)
            for limit, count in _of(found, quota)
        ),
        blocks=tuple(sorted(value for _key, value in _of(found, BLOCK))),
        cidrs_on_gateway={
            gateway_id: frozenset(value for key, value in _of(found, ON_GATEWAY) if key == gateway_id)
            for gateway_id in gateways
        },
        cidrs_on_transit_router=frozenset(value for _key, value in _of(found, ON_ROUTER)),
    )


def _of(found: list[Row], kind: str) -> list[tuple[str, str]]:
    return [(key, value) for one, key, value in found if one == kind]


def _room(quota: QuotaName, limit: str, count: str) -> Room:
    return Room(quota, int(limit) if limit else DEFAULTS[quota], int(count or 0))
