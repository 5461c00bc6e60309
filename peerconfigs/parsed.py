"""What a device's own configuration says, read back.

Everything is the data centre's way round, as in `peerconfigs.view`. None and an empty tuple mean: the text
does not say it (a format may have no word for it), which is not the same as off.
"""

from dataclasses import dataclass, field

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.findings import Finding
from peerconfigs.view import PeerBgp


@dataclass(frozen=True, slots=True)
class IkeProposal:
    encryption: Encryption
    integrity: Integrity
    dh_group: DhGroup


@dataclass(frozen=True, slots=True)
class ChildProposal:
    encryption: Encryption
    integrity: Integrity
    pfs: Pfs


@dataclass(frozen=True, slots=True)
class ParsedTunnel:
    """One tunnel of the device. `index` counts the tunnels in the order of the text, from 1; which of the
    connection's tunnels it is, `remote_address` tells. Proposals stand in the device's order of preference;
    lifetimes are in seconds. `version` None with proposals present means: either.
    """

    index: int
    tunnel_id: str | None = None
    local_address: str | None = None
    remote_address: str | None = None
    local_id: str | None = None
    remote_id: str | None = None
    psk: str | None = field(default=None, repr=False)
    version: IkeVersion | None = None
    mode: IkeMode | None = None
    ike_proposals: tuple[IkeProposal, ...] = ()
    ike_lifetime: int | None = None
    child_proposals: tuple[ChildProposal, ...] = ()
    child_lifetime: int | None = None
    local_selectors: tuple[str, ...] = ()
    remote_selectors: tuple[str, ...] = ()
    dpd: bool | None = None
    nat_traversal: bool | None = None
    initiates: bool | None = None
    bgp: PeerBgp | None = None


@dataclass(frozen=True, slots=True)
class ParsedPeer:
    """The tunnels found; `findings` names what was seen and could not be understood."""

    tunnels: tuple[ParsedTunnel, ...]
    findings: tuple[Finding, ...] = ()
