"""Connections and the two ends that come of them, for tests of the negotiation."""

from dataclasses import replace
from typing import Any

from ipsec.algorithms import IkeMode, IkeVersion, RoutingMode
from ipsec.scenario import Path, Scenario, cloud_endpoint, mirrored_peer
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from ipsec.transcript import Side

PSK = "Rolling-Stones/1969#live"
GATEWAY = "203.0.113.10"
DEVICE = "198.51.100.10"
BGP_KEY = "Md5-Of-The-Session"

EXCHANGES = (
    (IkeVersion.IKEV2, IkeMode.MAIN),
    (IkeVersion.IKEV1, IkeMode.MAIN),
    (IkeVersion.IKEV1, IkeMode.AGGRESSIVE),
)
SIDES = (Side.CLOUD, Side.PEER)
OPEN_PATH = Path()


def tunnel(
    version: IkeVersion = IkeVersion.IKEV2,
    mode: IkeMode = IkeMode.MAIN,
    *,
    ike: IkeSpec | None = None,
    child: ChildSpec | None = None,
    bgp: bool = False,
) -> TunnelSpec:
    """A bound tunnel that works; `ike` brings everything but version, mode and key."""
    return TunnelSpec(
        index=1,
        peer=PeerSpec(DEVICE, asn=65001, auth_key=BGP_KEY),
        ike=replace(ike or IkeSpec(), version=version, mode=mode, psk=PSK),
        child=child or ChildSpec(),
        bgp=BgpSpec("169.254.10.0/30") if bgp else None,
        gateway_address=GATEWAY,
    )


def connection(local: tuple[str, ...] = (), remote: tuple[str, ...] = ()) -> ConnectionSpec:
    """With networks in policy mode, without in destination mode."""
    if not local:
        return ConnectionSpec()
    return ConnectionSpec(routing_mode=RoutingMode.POLICY, local_networks=local, remote_networks=remote)


def matched(
    version: IkeVersion = IkeVersion.IKEV2,
    mode: IkeMode = IkeMode.MAIN,
    *,
    by: Side = Side.CLOUD,
    local: tuple[str, ...] = ("10.1.0.0/16",),
    remote: tuple[str, ...] = ("192.168.0.0/16",),
    ike: IkeSpec | None = None,
    child: ChildSpec | None = None,
    bgp: bool = False,
    path: Path = OPEN_PATH,
    seed: int = 0,
) -> Scenario:
    """A gateway and the device that mirrors it: comes up as it is."""
    made = tunnel(version, mode, ike=ike, child=child, bgp=bgp)
    over = connection(local, remote)
    return Scenario(
        cloud=cloud_endpoint(over, made),
        peer=mirrored_peer(over, made),
        path=path,
        initiator=by,
        seed=seed,
    )


def with_peer(scenario: Scenario, **changes: Any) -> Scenario:
    return replace(scenario, peer=replace(scenario.peer, **changes))


def with_cloud(scenario: Scenario, **changes: Any) -> Scenario:
    return replace(scenario, cloud=replace(scenario.cloud, **changes))
