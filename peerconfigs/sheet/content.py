"""What stands on the sheet, as data: the same for Markdown and for a page."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ipsec.addresses import is_ipv4
from ipsec.algorithms import DhGroup, Encryption, IkeVersion, Integrity, RoutingMode
from peerconfigs.document import Options
from peerconfigs.packet_size import SAFE_MSS, SAFE_MTU, largest_packet, largest_segment
from peerconfigs.view import BGP_HOLD_TIME, BGP_KEEPALIVE, PeerBgp, PeerTunnel, PeerView

FIREWALL_OPENINGS = (
    ("firewall.ike", "UDP 500"),
    ("firewall.nat_traversal", "UDP 4500"),
    ("firewall.esp", "IP 50"),
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line: `label` and `word` are keys of `labels`, `value` is the same in every language.

    Either of `value` and `word` may be empty. `secret` marks a value that a page offers to copy, not to see.
    """

    label: str
    value: str = field(default="", repr=False)
    word: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class SheetSection:
    """Rows under one heading; `tunnel` is the number that follows the heading's label, or None."""

    label: str
    rows: tuple[SheetRow, ...]
    tunnel: int | None = None


def sections(view: PeerView, options: Options) -> tuple[SheetSection, ...]:
    """The whole sheet in reading order."""
    return (
        SheetSection("section.connection", tuple(_connection(view, options))),
        SheetSection("section.fill_in", tuple(_fill_in(view, options))),
        SheetSection("section.firewall", tuple(_firewall(view))),
        *(
            SheetSection("section.tunnel", tuple(_tunnel(view, tunnel, options)), tunnel.index)
            for tunnel in view.tunnels
        ),
    )


def _connection(view: PeerView, options: Options) -> Iterator[SheetRow]:
    yield SheetRow("name", view.name)
    yield SheetRow("connection_id", view.connection_id)
    yield SheetRow("network_type", word=f"network_type.{view.network_type.value}")
    yield SheetRow("routing_mode", word=f"routing_mode.{view.routing_mode.value}")
    yield SheetRow("local_selectors", ", ".join(view.local_selectors))
    yield SheetRow("remote_selectors", ", ".join(view.remote_selectors))
    yield SheetRow("starts", word=_who_starts(view, options))
    yield SheetRow("both_tunnels", word="both_tunnels.equal")


def _who_starts(view: PeerView, options: Options) -> str:
    if options.initiates:
        return "starts.device"
    return "starts.cloud" if view.effect_immediately else "starts.traffic"


def _fill_in(view: PeerView, options: Options) -> Iterator[SheetRow]:
    for address in dict.fromkeys(tunnel.local_address for tunnel in view.tunnels):
        yield SheetRow("fill_in.wan", address)
    if not options.with_secrets:
        yield SheetRow("fill_in.psk")
        if any(tunnel.bgp and tunnel.bgp.auth_key for tunnel in view.tunnels):
            yield SheetRow("fill_in.bgp_key")
    if view.routing_mode is RoutingMode.DESTINATION:
        yield SheetRow("fill_in.own_networks")
    if view.needs_cloud_networks:
        yield SheetRow("fill_in.cloud_networks")
    if any(tunnel.bgp for tunnel in view.tunnels):
        yield SheetRow("fill_in.announce")
    if not all(tunnel.bgp for tunnel in view.tunnels):
        yield SheetRow("fill_in.watch")


def _firewall(view: PeerView) -> Iterator[SheetRow]:
    for tunnel in view.tunnels:
        for label, opening in FIREWALL_OPENINGS:
            yield SheetRow(label, f"{opening}, {tunnel.local_address} ↔ {tunnel.remote_address}")


def _tunnel(view: PeerView, tunnel: PeerTunnel, options: Options) -> Iterator[SheetRow]:
    yield SheetRow("tunnel_id", tunnel.tunnel_id)
    yield SheetRow("remote_address", tunnel.remote_address)
    yield SheetRow("local_address", tunnel.local_address)
    yield from _authentication(tunnel, options)
    yield from _ike(tunnel)
    yield from _child(tunnel)
    yield SheetRow("dpd", word="dpd.on" if tunnel.dpd else "off")
    yield SheetRow("nat_traversal", word="on" if tunnel.nat_traversal else "off")
    yield SheetRow("local_selectors", ", ".join(view.local_selectors))
    yield SheetRow("remote_selectors", ", ".join(view.remote_selectors))
    yield from _packet_sizes(tunnel)
    yield from _bgp(tunnel.bgp, options) if tunnel.bgp else _static(view)


def _authentication(tunnel: PeerTunnel, options: Options) -> Iterator[SheetRow]:
    for label, identity in (("remote_id", tunnel.ike.remote_id), ("local_id", tunnel.ike.local_id)):
        yield SheetRow(label, identity, "id.address" if is_ipv4(identity) else "id.name")
    yield _secret("psk", tunnel.ike.psk, options)


def _secret(label: str, value: str | None, options: Options) -> SheetRow:
    if options.with_secrets and value is not None:
        return SheetRow(label, value, secret=True)
    return SheetRow(label, word="psk.elsewhere")


def _ike(tunnel: PeerTunnel) -> Iterator[SheetRow]:
    ike = tunnel.ike
    yield SheetRow("ike.version", "1" if ike.version is IkeVersion.IKEV1 else "2")
    if ike.version is IkeVersion.IKEV1:
        yield SheetRow("ike.mode", word=f"ike.mode.{ike.mode.value}")
    yield SheetRow("ike.encryption", _cipher(ike.encryption))
    yield SheetRow("ike.integrity", _digest(ike.integrity))
    yield SheetRow("ike.dh_group", _group(ike.dh_group))
    yield _lifetime("ike.lifetime", ike.lifetime)


def _child(tunnel: PeerTunnel) -> Iterator[SheetRow]:
    child, group = tunnel.child, tunnel.child.pfs.dh_group
    yield SheetRow("child.encryption", _cipher(child.encryption))
    yield SheetRow("child.integrity", f"{_digest(child.integrity)}, {child.integrity.truncated_bits} bit")
    if group is None:
        yield SheetRow("child.pfs", word="child.pfs.disabled")
    else:
        late = tunnel.ike.version is IkeVersion.IKEV2
        yield SheetRow("child.pfs", _group(group), "child.pfs.rekey" if late else "")
    yield _lifetime("child.lifetime", child.lifetime)


def _lifetime(label: str, seconds: int) -> SheetRow:
    return SheetRow(label, str(seconds), "" if seconds else "lifetime.never")


def _packet_sizes(tunnel: PeerTunnel) -> Iterator[SheetRow]:
    yield SheetRow("mtu", str(SAFE_MTU))
    yield SheetRow("mss", str(SAFE_MSS))
    for label, encapsulated in (("largest", False), ("largest.nat", True)):
        packet = largest_packet(tunnel.child, udp_encapsulated=encapsulated)
        yield SheetRow(label, f"{packet} / {largest_segment(packet)}")


def _static(view: PeerView) -> Iterator[SheetRow]:
    yield SheetRow("bgp", word="off")
    if view.needs_cloud_networks:
        yield SheetRow("routes", word="fill_in.cloud_networks")
        return
    for network in view.remote_selectors:
        yield SheetRow("routes", network)


def _bgp(bgp: PeerBgp, options: Options) -> Iterator[SheetRow]:
    yield SheetRow("bgp.cidr", bgp.tunnel_cidr)
    yield SheetRow("bgp.local_ip", bgp.interface_address)
    yield SheetRow("bgp.remote_ip", bgp.remote_ip)
    yield SheetRow("bgp.local_asn", str(bgp.local_asn))
    yield SheetRow("bgp.remote_asn", str(bgp.remote_asn))
    yield SheetRow("bgp.timers", f"{BGP_KEEPALIVE} / {BGP_HOLD_TIME}")
    if bgp.auth_key:
        yield _secret("bgp.auth_key", bgp.auth_key, options)


def _cipher(encryption: Encryption) -> str:
    names = {Encryption.DES: "DES", Encryption.TRIPLE_DES: "3DES"}
    return f"{names.get(encryption, f'AES-{encryption.key_bits}')}-CBC"


def _digest(integrity: Integrity) -> str:
    return "HMAC-MD5" if integrity is Integrity.MD5 else f"HMAC-SHA-{integrity.removeprefix('sha')}"


def _group(group: DhGroup) -> str:
    return f"{group.number} (MODP {group.modulus_bits})"
