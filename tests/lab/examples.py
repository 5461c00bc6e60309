"""Four connections that between them use what a device can be told; for golden files and real daemons."""

from dataclasses import replace

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs, RoutingMode
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec

# The characters that break naive quoting, and a key that looks like an encoding.
PSKS = {1: 'Rk9#qT!v2$Lx{7}w"\\', 2: "0sb'8\\;pZq|4&Nd^`="}


def tunnel(index: int) -> TunnelSpec:
    return TunnelSpec(
        index=index,
        peer=PeerSpec(address="198.51.100.20", asn=65010),
        ike=IkeSpec(
            encryption=Encryption.AES256,
            integrity=Integrity.SHA256,
            dh_group=DhGroup.GROUP14,
            psk=PSKS[index],
        ),
        child=ChildSpec(encryption=Encryption.AES256, integrity=Integrity.SHA256, pfs=Pfs.GROUP14),
        gateway_address=f"203.0.113.{9 + index}",
        tunnel_id=f"tun-example{index}",
    )


def connection(*tunnels: TunnelSpec) -> ConnectionSpec:
    return ConnectionSpec(
        name="hz-to-vpc",
        connection_id="vco-example",
        tunnels=tunnels or (tunnel(1), tunnel(2)),
    )


def ikev2_destination_bgp() -> ConnectionSpec:
    tunnels = [
        replace(
            tunnel(index),
            bgp=BgpSpec(tunnel_cidr=f"169.254.{index}0.0/30", local_ip="" if index == 1 else "169.254.20.2"),
        )
        for index in (1, 2)
    ]
    first = replace(tunnels[0], peer=PeerSpec(address="198.51.100.20", asn=65010, auth_key="bgp|key`1"))
    return replace(connection(first, tunnels[1]), bgp_enabled=True)


def ikev2_policy() -> ConnectionSpec:
    return replace(
        connection(),
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.1.0.0/16", "10.2.0.0/16"),
        remote_networks=("192.168.1.0/24", "192.168.2.0/24", "172.16.0.0/12"),
    )


def ikev1_main_policy() -> ConnectionSpec:
    first, second = (_ikev1(index, IkeMode.MAIN) for index in (1, 2))
    weak = IkeSpec(version=IkeVersion.IKEV1, psk=PSKS[2], lifetime=0)
    second = replace(second, ike=weak, child=ChildSpec(pfs=Pfs.DISABLED, lifetime=0))
    return replace(
        connection(first, second),
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.1.0.0/16",),
        remote_networks=("192.168.1.0/24",),
    )


def ikev1_aggressive_destination() -> ConnectionSpec:
    """Two devices, names for identities, and everything off that can be off."""
    first, second = (_ikev1(index, IkeMode.AGGRESSIVE) for index in (1, 2))
    names = replace(second.ike, local_id="cloud.example.com", remote_id="dc-2")
    second = replace(
        second, ike=names, peer=PeerSpec(address="198.51.100.21"), dpd=False, nat_traversal=False
    )
    names = replace(first.ike, local_id="cloud.example.com", remote_id="dc-1")
    return replace(connection(replace(first, ike=names), second), effect_immediately=False)


def _ikev1(index: int, mode: IkeMode) -> TunnelSpec:
    built = tunnel(index)
    return replace(built, ike=replace(built.ike, version=IkeVersion.IKEV1, mode=mode))


EXAMPLES = {
    "ikev2-destination-bgp": ikev2_destination_bgp,
    "ikev2-policy": ikev2_policy,
    "ikev1-main-policy": ikev1_main_policy,
    "ikev1-aggressive-destination": ikev1_aggressive_destination,
}
