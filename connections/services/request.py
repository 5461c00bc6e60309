"""What is asked for, and what the account's rows say of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from accounts import quotas
from accounts.actor import Actor
from accounts.models import QuotaName
from accounts.regions import BY_ID
from connections.fleet import tallies
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from ipsec.findings import Finding
from ipsec.rules import Surroundings, check_connection
from ipsec.spec import ConnectionSpec, PeerSpec, TunnelSpec
from transit.models import Cen, TransitRouter
from transit.queries import transit_router_facts
from tunnels.models import Tunnel


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
    """The rows that a request names, all of the actor's account, the spec with what they say, and everything
    that look-up and rules have to say."""

    spec: ConnectionSpec
    gateways: Mapping[str, CustomerGateway]
    transit_router: TransitRouter | None
    findings: tuple[Finding, ...]


def look_up(actor: Actor, new: NewConnection) -> Found:
    gateways = _gateways(actor, new)
    spec = replace(new.spec, tunnels=tuple(_with_peer(tunnel, gateways) for tunnel in new.spec.tunnels))
    router, missing = _transit_router(actor, new)
    found = [*_place(actor, new), *missing, *_unknown_gateways(new, gateways)]
    # What the look-up found wrong with a field is the reason; the rules need not add that it is missing.
    known = {finding.field for finding in found}
    rules = check_connection(spec, _surroundings(new, gateways, router))
    found += [finding for finding in rules if finding.field not in known]
    return Found(spec, gateways, router, tuple(found))


def _gateways(actor: Actor, new: NewConnection) -> dict[str, CustomerGateway]:
    wanted = {tunnel.peer.gateway_id for tunnel in new.spec.tunnels if tunnel.peer}
    rows = CustomerGateway.objects.filter(account=actor.account, region=new.region, public_id__in=wanted)
    return {gateway.public_id: gateway for gateway in rows.defer("auth_key")}


def _with_peer(tunnel: TunnelSpec, gateways: Mapping[str, CustomerGateway]) -> TunnelSpec:
    """No rule asks for the authentication key, so it stays where it is."""
    gateway = gateways.get(tunnel.peer.gateway_id) if tunnel.peer else None
    peer = PeerSpec(gateway.address, gateway.asn, gateway_id=gateway.public_id) if gateway else None
    return replace(tunnel, peer=peer)


def _unknown_gateways(new: NewConnection, gateways: Mapping[str, CustomerGateway]) -> Iterator[Finding]:
    for tunnel in new.spec.tunnels:
        if tunnel.peer and tunnel.peer.gateway_id not in gateways:
            yield Finding(f"tunnels.{tunnel.index}.peer", "customer_gateway_unknown")


def _place(actor: Actor, new: NewConnection) -> Iterable[Finding]:
    """The region, and whether it has room."""
    if new.region not in BY_ID:
        return [Finding("region", "region_unknown", params={"region": new.region[:40]})]
    quota = QuotaName.CONNECTIONS_PER_REGION
    limit = quotas.limit(actor.account, quota)
    if tallies.in_region(actor.account, new.region) < limit:
        return []
    return [Finding("region", "quota_full", params={"name": quota.value, "limit": limit})]


def _transit_router(actor: Actor, new: NewConnection) -> tuple[TransitRouter | None, list[Finding]]:
    """The transit router that own-account binding binds to at once, or why there is none."""
    if not new.binds_now:
        return None, []
    if not new.cen_id:
        return None, [Finding("cen", "cen_required")]
    cen = Cen.objects.filter(account=actor.account, public_id=new.cen_id).first()
    if cen is None:
        return None, [Finding("cen", "cen_unknown")]
    router = cen.transit_routers.filter(region=new.region).first()
    return router, [] if router else [Finding("cen", "transit_router_missing", params={"region": new.region})]


def _surroundings(
    new: NewConnection, gateways: Mapping[str, CustomerGateway], router: TransitRouter | None
) -> Surroundings:
    has_cidrs = any(tunnel.bgp and tunnel.bgp.tunnel_cidr for tunnel in new.spec.tunnels)
    return Surroundings(
        cross_account=not new.binds_now,
        transit_router=transit_router_facts(router) if router else None,
        cidrs_on_gateway=_cidrs_on_gateways(gateways) if has_cidrs else {},
        cidrs_on_transit_router=_cidrs_on(router) if router and has_cidrs else frozenset(),
        bind_now=new.binds_now,
    )


def _cidrs_on_gateways(gateways: Mapping[str, CustomerGateway]) -> dict[str, frozenset[str]]:
    used: dict[str, set[str]] = {public_id: set() for public_id in gateways}
    rows = Tunnel.objects.filter(customer_gateway__in=gateways.values(), tunnel_cidr__isnull=False)
    for gateway_id, cidr in rows.values_list("customer_gateway__public_id", "tunnel_cidr"):
        used[gateway_id].add(cidr or "")
    return {gateway_id: frozenset(cidrs) for gateway_id, cidrs in used.items()}


def _cidrs_on(router: TransitRouter) -> frozenset[str]:
    rows = Tunnel.objects.filter(connection__attachment__transit_router=router, tunnel_cidr__isnull=False)
    return frozenset(cidr for cidr in rows.values_list("tunnel_cidr", flat=True) if cidr)
