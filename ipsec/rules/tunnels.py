"""Rules about each tunnel: its customer gateway, phase 1 and phase 2."""

from collections.abc import Iterator
from typing import Final

from ipsec import addresses, psk
from ipsec.algorithms import IkeMode, IkeVersion, NetworkType, Strength
from ipsec.findings import Finding
from ipsec.rules.codes import Code, advice, error, quoted, warning
from ipsec.rules.gateways import check_address
from ipsec.rules.surroundings import Surroundings
from ipsec.rules.tunnel_paths import TUNNEL_INDEXES, both, numbered
from ipsec.spec import ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec

LONGEST_ID: Final = 100
LONGEST_LIFETIME: Final = 86400
NEVER: Final = 0


def two_tunnels(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    if sorted(tunnel.index for tunnel in spec.tunnels) != [*TUNNEL_INDEXES]:
        yield error("tunnels", Code.TUNNELS_NOT_TWO)


def two_devices(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """One customer gateway for both tunnels is allowed, but then the device is not redundant."""
    pair = both(spec)
    if pair and pair[0].peer and pair[1].peer and _same_device(pair[0].peer, pair[1].peer):
        yield advice("tunnels", Code.SAME_CUSTOMER_GATEWAY)


def _same_device(one: PeerSpec, other: PeerSpec) -> bool:
    return one.address == other.address or one.gateway_id == other.gateway_id != ""


def peer_chosen(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    for path, tunnel in numbered(spec):
        if tunnel.peer is None:
            yield error(f"{path}.peer", Code.PEER_REQUIRED)


def peer_address(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """A public connection needs a customer gateway with a public address, a private one a private."""
    for path, tunnel in numbered(spec):
        if tunnel.peer is not None:
            yield from _peer_address(f"{path}.peer", tunnel.peer.address, spec.network_type)


def _peer_address(field: str, address: str, network_type: NetworkType) -> Iterator[Finding]:
    if found := check_address(address, field):
        yield from found
    elif network_type is NetworkType.PUBLIC and not addresses.is_public(address):
        yield error(field, Code.PEER_NOT_PUBLIC, address=address)
    elif network_type is NetworkType.PRIVATE and not addresses.is_private(address):
        yield error(field, Code.PEER_NOT_PRIVATE, address=address)


def peer_is_not_the_cloud(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    ours = {tunnel.gateway_address for _path, tunnel in numbered(spec)}
    for path, tunnel in numbered(spec):
        if tunnel.peer is not None and tunnel.peer.address in ours:
            yield error(f"{path}.peer", Code.PEER_IS_OWN_GATEWAY, address=quoted(tunnel.peer.address))


def check_psk(value: str, field: str) -> list[Finding]:
    """A typed key: up to 100 characters of printable ASCII without space. Empty is fine: one will be made.

    Findings tell where the first wrong character stands, never which it is.
    """
    findings = []
    if len(value) > psk.MAX_LENGTH:
        findings.append(error(field, Code.PSK_TOO_LONG, max=psk.MAX_LENGTH))
    if (position := psk.first_bad_position(value)) is not None:
        findings.append(error(field, Code.PSK_CHARACTER, position=position))
    return findings


def pre_shared_key(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    for path, tunnel in numbered(spec):
        yield from check_psk(tunnel.ike.psk or "", f"{path}.ike.psk")


def lifetimes(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    for path, tunnel in numbered(spec):
        yield from _lifetime(f"{path}.ike.lifetime", tunnel.ike.lifetime)
        yield from _lifetime(f"{path}.child.lifetime", tunnel.child.lifetime)


def _lifetime(field: str, seconds: int) -> Iterator[Finding]:
    if not NEVER <= seconds <= LONGEST_LIFETIME:
        yield error(field, Code.LIFETIME_OUT_OF_RANGE, min=NEVER, max=LONGEST_LIFETIME)
    elif seconds == NEVER:
        yield advice(field, Code.LIFETIME_NEVER)


def identifiers(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    for path, tunnel in numbered(spec):
        yield from _identifier(f"{path}.ike.local_id", tunnel.ike.local_id, tunnel.ike)
        yield from _identifier(f"{path}.ike.remote_id", tunnel.ike.remote_id, tunnel.ike)


def _identifier(field: str, value: str, ike: IkeSpec) -> Iterator[Finding]:
    """LocalId and RemoteId: an IPv4 address or FQDN without spaces. Empty means: the gateway's address."""
    if len(value) > LONGEST_ID:
        yield error(field, Code.ID_TOO_LONG, max=LONGEST_ID)
    elif addresses.is_fqdn(value):
        yield from _name_in_main_mode(field, value, ike)
    elif value and not addresses.is_ipv4(value):
        yield error(field, Code.ID_MALFORMED, value=quoted(value))


def _name_in_main_mode(field: str, value: str, ike: IkeSpec) -> Iterator[Finding]:
    """The console advises aggressive mode for names. ikev2 has no such mode, so nothing is said there."""
    if ike.version is IkeVersion.IKEV1 and ike.mode is IkeMode.MAIN:
        yield warning(field, Code.ID_FQDN_IN_MAIN_MODE, value=quoted(value))


def algorithm_strength(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    """All weak choices of a tunnel in one finding, at the first of them."""
    for path, tunnel in numbered(spec):
        if weak := [*_weak(tunnel)]:
            listed = ", ".join(name for _field, name in weak)
            yield advice(f"{path}.{weak[0][0]}", Code.WEAK_ALGORITHMS, algorithms=listed)


def _weak(tunnel: TunnelSpec) -> Iterator[tuple[str, str]]:
    """(field, name as the console writes it with its phase) of each choice below today's recommendations."""
    chosen = (
        ("ike.encryption", "IKE", tunnel.ike.encryption),
        ("ike.integrity", "IKE", tunnel.ike.integrity),
        ("ike.dh_group", "IKE", tunnel.ike.dh_group),
        ("child.encryption", "IPsec", tunnel.child.encryption),
        ("child.integrity", "IPsec", tunnel.child.integrity),
        ("child.pfs", "IPsec", tunnel.child.pfs.dh_group),
    )
    for field, phase, algorithm in chosen:
        if algorithm is not None and algorithm.strength is not Strength.STRONG:
            yield field, f"{phase} {algorithm.value}"
