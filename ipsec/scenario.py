"""The two ends of a tunnel, the path between them, and who begins: what a negotiation is asked about."""

from dataclasses import dataclass, field
from typing import NamedTuple

from ipsec.addresses import default_local_bgp_ip, peer_bgp_ip
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.bgp import BgpSpeaker
from ipsec.spec import ConnectionSpec, TunnelSpec
from ipsec.transcript import Side

ANY_VERSION = (IkeVersion.IKEV2, IkeVersion.IKEV1)
"""A device that takes what comes: it answers IKEv2 and IKEv1 main mode, and begins with IKEv2."""


class IkeProposal(NamedTuple):
    """One phase-1 suite; the PRF follows the integrity algorithm."""

    encryption: Encryption
    integrity: Integrity
    dh_group: DhGroup


class ChildProposal(NamedTuple):
    encryption: Encryption
    integrity: Integrity
    pfs: Pfs


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end as it is configured. Networks and identities are text; lifetimes are seconds.

    `address` is where the other end reaches it ("" = none handed out yet), `remote_address` whom it calls and
    whose calls it takes ("" or %any = anyone's, but then it can't begin). Proposals are in order of
    preference. `psk` None means unknown: it counts as equal and is named in `Transcript.assumed`. An unset
    `local_id` presents the interface's address, an unset `remote_id` accepts every identity.
    """

    address: str
    remote_address: str = ""
    ike_versions: tuple[IkeVersion, ...] = (IkeVersion.IKEV2,)
    ike_mode: IkeMode = IkeMode.MAIN
    ike_proposals: tuple[IkeProposal, ...] = ()
    psk: str | None = field(default=None, repr=False)
    local_id: str | None = None
    remote_id: str | None = None
    esp_proposals: tuple[ChildProposal, ...] = ()
    local_networks: tuple[str, ...] = ()
    remote_networks: tuple[str, ...] = ()
    dpd: bool = True
    nat_traversal: bool = True
    ike_lifetime: int = 86400
    child_lifetime: int = 86400
    bgp: BgpSpeaker | None = None
    powered_on: bool = True
    configured: bool = True
    responds_only: bool = False
    strict_selectors: bool = False
    """Some devices take nothing but their own networks, mirrored to the letter; RFC 7296 narrows."""
    strict_lifetimes: bool = False
    """Some IKEv1 devices refuse a lifetime longer than their own; IKEv2 sends none."""

    @property
    def begins_with(self) -> IkeVersion:
        return IkeVersion.IKEV2 if IkeVersion.IKEV2 in self.ike_versions else IkeVersion.IKEV1

    @property
    def mode(self) -> IkeMode:
        """The IKEv1 exchange it holds to; a device of both versions knows main mode only."""
        return self.ike_mode if len(self.ike_versions) == 1 else IkeMode.MAIN


@dataclass(frozen=True, slots=True)
class Path:
    """What lies between the ends. A NAT, where there is one, stands before the peer.

    `latency_ms` is one way. `inside_address` is what the peer's own interface has behind the NAT.
    """

    behind_nat: bool = False
    forwards_500: bool = False
    forwards_4500: bool = False
    udp500_open: bool = True
    udp4500_open: bool = True
    latency_ms: int = 10
    loss_percent: int = 0
    inside_address: str = "172.20.0.10"

    def lets_begin(self, initiator: Side) -> bool:
        """Whether the NAT hands a call on UDP 500 on; what the peer began itself comes back in."""
        return initiator is Side.PEER or not self.behind_nat or self.forwards_500

    def carries_4500(self, initiator: Side) -> bool:
        forwarded = initiator is Side.PEER or not self.behind_nat or self.forwards_4500
        return self.udp4500_open and forwarded


TOPOLOGIES = {
    "none": Path(),
    "none+4500-dropped": Path(udp4500_open=False),
    "masq": Path(behind_nat=True),
    "masq+dnat": Path(behind_nat=True, forwards_500=True, forwards_4500=True),
    "masq+dnat500only": Path(behind_nat=True, forwards_500=True),
    "masq+4500-blocked": Path(behind_nat=True, udp4500_open=False),
    "masq-4500-blocked": Path(behind_nat=True, udp4500_open=False),
}
"""Paths by the names of the measured tables (tests/ipsec/truth)."""


@dataclass(frozen=True, slots=True)
class ForcedRekey:
    """A rekey asked for after set-up; `what` is `child` or `ike`."""

    by: Side
    what: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One question to `negotiate`. Equal scenarios have equal transcripts; `seed` only moves the timing."""

    cloud: Endpoint
    peer: Endpoint
    path: Path = Path()
    initiator: Side = Side.CLOUD
    rekeys: tuple[ForcedRekey, ...] = ()
    seed: int = 0

    def end(self, side: Side) -> Endpoint:
        return self.cloud if side is Side.CLOUD else self.peer


def cloud_endpoint(connection: ConnectionSpec, tunnel: TunnelSpec) -> Endpoint:
    """The gateway as the console configures it, its defaults filled in.

    Raises ValueError where the tunnel has BGP on a CIDR that is none; `ipsec.rules` says so beforehand.
    """
    peer_address = tunnel.peer.address if tunnel.peer else ""
    return Endpoint(
        address=tunnel.gateway_address or "",
        remote_address=peer_address,
        ike_versions=(tunnel.ike.version,),
        ike_mode=tunnel.ike.mode,
        ike_proposals=(IkeProposal(tunnel.ike.encryption, tunnel.ike.integrity, tunnel.ike.dh_group),),
        psk=tunnel.ike.psk,
        local_id=tunnel.ike.local_id or tunnel.gateway_address,
        remote_id=tunnel.ike.remote_id or peer_address,
        esp_proposals=(ChildProposal(tunnel.child.encryption, tunnel.child.integrity, tunnel.child.pfs),),
        local_networks=connection.local_selectors,
        remote_networks=connection.remote_selectors,
        dpd=tunnel.dpd,
        nat_traversal=tunnel.nat_traversal,
        ike_lifetime=tunnel.ike.lifetime,
        child_lifetime=tunnel.child.lifetime,
        bgp=_cloud_speaker(connection, tunnel),
    )


def mirrored_peer(connection: ConnectionSpec, tunnel: TunnelSpec) -> Endpoint:
    """The device set up to the letter of the generated peer configuration: the cloud's end, turned round."""
    cloud = cloud_endpoint(connection, tunnel)
    return Endpoint(
        address=cloud.remote_address,
        remote_address=cloud.address,
        ike_versions=cloud.ike_versions,
        ike_mode=cloud.ike_mode,
        ike_proposals=cloud.ike_proposals,
        psk=cloud.psk,
        local_id=cloud.remote_id,
        remote_id=cloud.local_id,
        esp_proposals=cloud.esp_proposals,
        local_networks=cloud.remote_networks,
        remote_networks=cloud.local_networks,
        dpd=cloud.dpd,
        nat_traversal=cloud.nat_traversal,
        ike_lifetime=cloud.ike_lifetime,
        child_lifetime=cloud.child_lifetime,
        bgp=_mirrored_speaker(cloud.bgp),
    )


def _cloud_speaker(connection: ConnectionSpec, tunnel: TunnelSpec) -> BgpSpeaker | None:
    """BGP is per tunnel; a tunnel without the data for it runs none."""
    if tunnel.bgp is None or not tunnel.bgp.tunnel_cidr or connection.local_asn is None:
        return None
    bgp = tunnel.bgp
    ours = bgp.local_ip or default_local_bgp_ip(bgp.tunnel_cidr)
    theirs = peer_bgp_ip(bgp.tunnel_cidr, bgp.local_ip)
    return BgpSpeaker(
        asn=connection.local_asn,
        address=ours,
        peer_address=theirs,
        peer_asn=tunnel.peer.asn if tunnel.peer else None,
        auth_key=tunnel.peer.auth_key if tunnel.peer else "",
    )


def _mirrored_speaker(cloud: BgpSpeaker | None) -> BgpSpeaker | None:
    """A customer gateway registered without an ASN says nothing of BGP, so its device runs none."""
    if cloud is None or cloud.peer_asn is None:
        return None
    return BgpSpeaker(
        asn=cloud.peer_asn,
        address=cloud.peer_address,
        peer_address=cloud.address,
        peer_asn=cloud.asn,
        auth_key=cloud.auth_key,
    )
