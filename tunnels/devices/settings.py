"""What is set on a peer device, as one value: its default mirrors the generated configuration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

from ipsec.compare import mended
from ipsec.negotiation import ChildProposal, Endpoint, IkeProposal
from tunnels.models import PeerDevice

Proposals = tuple[tuple[str, str, str], ...]
"""(encryption, integrity, group), … in the device's order."""
Networks = tuple[str, ...]
Proposal = IkeProposal | ChildProposal


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """Every column of `PeerDevice` but its two secrets. An empty text and None mirror."""

    configured: bool = True
    powered_on: bool = True
    initiates: bool = False
    ike_version: str = ""
    ike_mode: str = ""
    ike_proposals: Proposals | None = None
    child_proposals: Proposals | None = None
    ike_lifetime: int | None = None
    child_lifetime: int | None = None
    local_id: str = ""
    remote_id: str = ""
    local_networks: Networks | None = None
    remote_networks: Networks | None = None
    dpd: bool | None = None
    nat_traversal: bool | None = None
    strict_selectors: bool = False
    strict_lifetimes: bool = False
    behind_nat: bool = False
    nat_forwards_500: bool = False
    nat_forwards_4500: bool = False
    udp500_open: bool = True
    udp4500_open: bool = True
    esp_open: bool = True
    path_mtu: int = 1500
    latency_ms: int = 20
    loss_percent: int = 0
    bgp_asn: int | None = None
    bgp_address: str | None = None
    bgp_peer_address: str | None = None
    bgp_peer_asn: int | None = None
    advertised_networks: Networks = ()

    @classmethod
    def of(cls, device: PeerDevice) -> "DeviceSettings":
        return cls(**{name: _frozen(getattr(device, name)) for name in COLUMNS})

    def columns(self) -> dict[str, Any]:
        return {name: _thawed(getattr(self, name)) for name in COLUMNS}

    def mirroring(self) -> "DeviceSettings":
        """As the generated configuration, with nothing in the way; habits of the device stay its own."""
        return replace(MIRROR, **{name: getattr(self, name) for name in HABITS})


COLUMNS: Final = tuple(one.name for one in fields(DeviceSettings))
MIRROR: Final = DeviceSettings()
HABITS: Final = ("initiates", "latency_ms", "advertised_networks")
"""What is no fault, however it is set."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is to become of the device's own keys: None keeps one, the empty text mirrors the cloud's."""

    psk: str | None = field(default=None, repr=False)
    bgp_auth_key: str | None = field(default=None, repr=False)

    def given(self) -> dict[str, str]:
        both = {"psk": self.psk, "bgp_auth_key": self.bgp_auth_key}
        return {name: value for name, value in both.items() if value is not None}


KEPT: Final = Secrets()
MIRRORED: Final = Secrets("", "")


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _thawed(value: Any) -> Any:
    return [_thawed(item) for item in value] if isinstance(value, tuple) else value


# One value of the device


SECRET_VALUES: Final[Mapping[str, str]] = MappingProxyType({"ike.psk": "psk", "bgp.auth_key": "bgp_auth_key"})
"""Values of `ipsec.compare` that are keys, and the column of each."""
KEYS: Final = tuple(SECRET_VALUES.values())

_SESSION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bgp.asn": "bgp_asn",
        "bgp.local_asn": "bgp_peer_asn",
        "bgp.peer_address": "bgp_address",
        "bgp.local_ip": "bgp_peer_address",
    }
)
_IKE: Final = ("ike", "ike.encryption", "ike.integrity", "ike.dh_group")
_CHILD: Final = ("child", "child.encryption", "child.integrity", "child.pfs")
PLACES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ike.version": ("ike_version",),
        "ike.mode": ("ike_mode",),
        **dict.fromkeys(_IKE, ("ike_proposals",)),
        "ike.lifetime": ("ike_lifetime",),
        "ike.local_id": ("remote_id",),
        "ike.remote_id": ("local_id",),
        "local_networks": ("remote_networks",),
        "remote_networks": ("local_networks",),
        **dict.fromkeys(_CHILD, ("child_proposals",)),
        "child.lifetime": ("child_lifetime",),
        "dpd": ("dpd",),
        "nat_traversal": ("nat_traversal",),
        "bgp": tuple(_SESSION.values()),
        **{attribute: (column,) for attribute, column in _SESSION.items()},
    }
)
"""Where the device has the other values: *local* and *remote* are its own view there."""


def sets(settings: DeviceSettings, attribute: str) -> bool:
    """Whether the device has a value of its own there; of keys, see `Secrets`."""
    return any(getattr(settings, name) != getattr(MIRROR, name) for name in PLACES.get(attribute, ()))


def mirroring(settings: DeviceSettings, attribute: str, cloud: Endpoint, peer: Endpoint) -> DeviceSettings:
    """The settings with one value of the cloud's; of a proposal the other algorithms stay as they are."""
    if attribute in _IKE:
        ike = mended(cloud, peer, attribute).ike_proposals
        return replace(settings, ike_proposals=_unlike(ike, cloud.ike_proposals))
    if attribute in _CHILD:
        child = mended(cloud, peer, attribute).esp_proposals
        return replace(settings, child_proposals=_unlike(child, cloud.esp_proposals))
    return replace(settings, **{name: getattr(MIRROR, name) for name in PLACES[attribute]})


def _unlike(proposals: Sequence[Proposal], clouds: Sequence[Proposal]) -> Proposals | None:
    """What has to be set for these; None where they are the cloud's own."""
    return None if proposals == clouds else as_rows(proposals)


def as_rows(proposals: Iterable[Proposal]) -> Proposals:
    return tuple((one[0].value, one[1].value, one[2].value) for one in proposals)
