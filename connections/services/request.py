"""What is asked for, and what the account's rows say of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.regions import check_region
from connections.models import IPsecConnection
from connections.services.room import full
from connections.services.standing import Standing, standing
from gateways.models import CustomerGateway
from ipsec.findings import Finding
from ipsec.rules import Surroundings, check_connection
from ipsec.spec import ConnectionSpec, PeerSpec, TunnelSpec
from prepared.queries import prepared
from transit.models import Cen, TransitRouter
from transit.queries import transit_router_facts, transit_routers_at
from transit.services import held_at


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What a user or a program asks for. Each tunnel's `peer.gateway_id` names the customer gateway; its
    address and ASN are looked up here and not believed."""

    spec: ConnectionSpec
    region: str
    binding: str = IPsecConnection.Binding.OWN
    cen_id: str = ""
    auto_publish_route: bool = True
    associate: bool = True
    propagate: bool = True
    client_token: str | None = None

    @property
    def binds_now(self) -> bool:
        return self.binding == IPsecConnection.Binding.OWN


NOT_YET: Final = frozenset({"cen_required", "peer_required", "network_required", "tunnel_cidr_required"})
"""What is missing and not wrong: not said of a form while it is being filled in; the submit says it."""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that a request names, the spec with what they say, and everything
    that look-up and rules have to say. `blocks` are the transit router's CIDR blocks."""

    spec: ConnectionSpec
    gateways: Mapping[str, CustomerGateway]
    transit_router: TransitRouter | None
    findings: tuple[Finding, ...]
    blocks: tuple[str, ...] = ()


def earlier_connection(*, actor: Actor, client_token: str | None) -> IPsecConnection | None:
    """What was created with this token before. A token means one connection, whatever comes with it later."""
    if not client_token:
        return None
    return IPsecConnection.objects.filter(account=actor.account, client_token=client_token).first()


def look_up(actor: Actor, new: NewConnection, *, hold: bool = False) -> Found:
    """`hold`: lock what is named until the end of the transaction. No customer gateway is deleted or changed
    before the tunnels that end on it are written, and nothing else is done to the transit router."""
    gateways = _gateways(actor, new.region, new.spec, hold=hold)
    spec = _with_peers(new.spec, gateways)
    router, missing = _transit_router(actor, new, hold=hold)
    known_now = standing(actor.account, new.region, spec, gateways, router)
    found = [
        *check_region(new.region),
        *full(known_now.rooms),
        *missing,
        *_unknown_gateways(new.spec, gateways),
    ]
    surroundings = _surroundings(new, known_now, router)
    return Found(spec, gateways, router, _judged(spec, found, surroundings), known_now.blocks)


def look_up_edit(
    actor: Actor, connection: IPsecConnection, asked: ConnectionSpec, *, hold: bool = False
) -> Found:
    """The same of a connection that exists and shall become `asked`: what is its own is in nobody's way."""
    gateways = _gateways(actor, connection.region, asked, hold=hold)
    spec = _with_peers(asked, gateways)
    router = TransitRouter.objects.filter(vpn_attachments__connection=connection).first()
    known_now = standing(actor.account, connection.region, spec, gateways, router, but=connection)
    surroundings = Surroundings(
        cross_account=router is None,
        transit_router=transit_router_facts(router, known_now.blocks) if router else None,
        cidrs_on_gateway=known_now.cidrs_on_gateway,
        cidrs_on_transit_router=known_now.cidrs_on_transit_router,
        bind_now=False,
        creating=False,
    )
    found = [*_unknown_gateways(asked, gateways)]
    return Found(spec, gateways, router, _judged(spec, found, surroundings), known_now.blocks)


def _with_peers(spec: ConnectionSpec, gateways: Mapping[str, CustomerGateway]) -> ConnectionSpec:
    return replace(spec, tunnels=tuple(_with_peer(tunnel, gateways) for tunnel in spec.tunnels))


def _judged(spec: ConnectionSpec, found: list[Finding], surroundings: Surroundings) -> tuple[Finding, ...]:
    """What the look-up found wrong with a field is the reason; the rules need not add that it is missing."""
    known = {finding.field for finding in found}
    rules = check_connection(spec, surroundings)
    return (*found, *(finding for finding in rules if finding.field not in known))


def _gateways(actor: Actor, region: str, spec: ConnectionSpec, *, hold: bool) -> dict[str, CustomerGateway]:
    wanted = sorted({tunnel.peer.gateway_id for tunnel in spec.tunnels if tunnel.peer})
    rows = _gateways_named(actor.account.pk, region, wanted, hold=hold) if wanted else []
    return {gateway.public_id: gateway for gateway in rows}


@prepared
def _gateways_named(
    account: int, region: str, ids: list[str], *, hold: bool
) -> QuerySet[CustomerGateway, CustomerGateway]:
    rows = CustomerGateway.objects.filter(account=account, region=region, public_id__in=ids)
    if hold:  # in one order, whoever holds them
        rows = rows.select_for_update(no_key=True).order_by("pk")
    return rows.defer("auth_key")


def _with_peer(tunnel: TunnelSpec, gateways: Mapping[str, CustomerGateway]) -> TunnelSpec:
    """No rule asks for the authentication key, so it stays where it is."""
    gateway = gateways.get(tunnel.peer.gateway_id) if tunnel.peer else None
    peer = PeerSpec(gateway.address, gateway.asn, gateway_id=gateway.public_id) if gateway else None
    return replace(tunnel, peer=peer)


def _unknown_gateways(spec: ConnectionSpec, gateways: Mapping[str, CustomerGateway]) -> Iterator[Finding]:
    for tunnel in spec.tunnels:
        if tunnel.peer and tunnel.peer.gateway_id not in gateways:
            yield Finding(f"tunnels.{tunnel.index}.peer", "customer_gateway_unknown")


def _transit_router(
    actor: Actor, new: NewConnection, *, hold: bool
) -> tuple[TransitRouter | None, list[Finding]]:
    """The transit router that own-account binding binds to at once, or why there is none."""
    if not new.binds_now:
        return None, []
    if not new.cen_id:
        return None, [Finding("cen", "cen_required")]
    find = held_at if hold else transit_routers_at
    if found := find(actor.account.pk, new.cen_id, new.region):
        return found[0], []
    if Cen.objects.filter(account=actor.account, public_id=new.cen_id).exists():
        return None, [Finding("cen", "transit_router_missing", params={"region": new.region})]
    return None, [Finding("cen", "cen_unknown")]


def _surroundings(new: NewConnection, known_now: Standing, router: TransitRouter | None) -> Surroundings:
    return Surroundings(
        cross_account=not new.binds_now,
        transit_router=transit_router_facts(router, known_now.blocks) if router else None,
        cidrs_on_gateway=known_now.cidrs_on_gateway,
        cidrs_on_transit_router=known_now.cidrs_on_transit_router,
        bind_now=new.binds_now,
    )
