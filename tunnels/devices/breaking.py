"""How each classic fault is set on a device: functions of the device as it mirrors the cloud."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final, TypeVar

from ipsec import psk as keys
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.negotiation import Endpoint, Path
from ipsec.spec import ANY_NETWORK
from tunnels.devices.settings import HABITS, MIRROR, DeviceSettings, Secrets, as_rows

Member = TypeVar("Member")


@dataclass(frozen=True, slots=True)
class Broken:
    """A device that mirrors the cloud but for what is set here."""

    settings: DeviceSettings = MIRROR
    psk: str = field(default="", repr=False)
    bgp_auth_key: str = field(default="", repr=False)

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.psk, self.bgp_auth_key)

    def beside(self, now: DeviceSettings) -> DeviceSettings:
        """With the habits that the device has now."""
        return replace(self.settings, **{name: getattr(now, name) for name in HABITS})


Break = Callable[[Endpoint], Broken]


def _with(**settings: Any) -> Broken:
    return Broken(replace(MIRROR, **settings))


def _other(value: Member, first: Member, second: Member) -> Member:
    return second if value is first else first


# Phase 1


def _ike(mirror: Endpoint, **algorithms: Any) -> Broken:
    return _with(ike_proposals=as_rows([mirror.ike_proposals[0]._replace(**algorithms)]))


def _other_ike(mirror: Endpoint) -> dict[str, Any]:
    encryption, integrity, group = mirror.ike_proposals[0]
    return {
        "encryption": _other(encryption, Encryption.AES256, Encryption.AES128),
        "integrity": _other(integrity, Integrity.SHA256, Integrity.SHA1),
        "dh_group": _other(group, DhGroup.GROUP14, DhGroup.GROUP2),
    }


def ike_encryption(mirror: Endpoint) -> Broken:
    return _ike(mirror, encryption=_other_ike(mirror)["encryption"])


def ike_integrity(mirror: Endpoint) -> Broken:
    return _ike(mirror, integrity=_other_ike(mirror)["integrity"])


def ike_dh_group(mirror: Endpoint) -> Broken:
    return _ike(mirror, dh_group=_other_ike(mirror)["dh_group"])


def ike_suite(mirror: Endpoint) -> Broken:
    return _ike(mirror, **_other_ike(mirror))


def ike_lifetime(mirror: Endpoint) -> Broken:
    """Shorter than the tunnel's; 0 there never ends, which is longer than anything."""
    shorter = mirror.ike_lifetime // 2 or 3600
    return _with(ike_lifetime=shorter, strict_lifetimes=True)


def ike_version(mirror: Endpoint) -> Broken:
    return _with(ike_version=_other(mirror.begins_with, IkeVersion.IKEV1, IkeVersion.IKEV2).value)


def ike_mode(mirror: Endpoint) -> Broken:
    return _with(ike_mode=_other(mirror.ike_mode, IkeMode.AGGRESSIVE, IkeMode.MAIN).value)


def psk(_mirror: Endpoint) -> Broken:
    return Broken(psk=keys.generate())


def device_id(_mirror: Endpoint) -> Broken:
    return _with(local_id=Path().inside_address)


# Phase 2


def child_encryption(mirror: Endpoint) -> Broken:
    proposal = mirror.esp_proposals[0]
    other = _other(proposal.encryption, Encryption.TRIPLE_DES, Encryption.AES256)
    return _with(child_proposals=as_rows([proposal._replace(encryption=other)]))


def pfs(mirror: Endpoint) -> Broken:
    proposal = mirror.esp_proposals[0]
    other = _other(proposal.pfs, Pfs.DISABLED, Pfs.GROUP14)
    return _with(child_proposals=as_rows([proposal._replace(pfs=other)]))


_SOMEWHERE: Final = ("192.168.77.0/24", "172.31.77.0/24", "10.77.0.0/16", "203.0.113.0/24", "198.51.100.0/24")


def networks(mirror: Endpoint) -> Broken:
    apart = (network for network in _SOMEWHERE if _apart(network, mirror.local_networks))
    return _with(local_networks=(next(apart, _SOMEWHERE[0]),))


def _apart(network: str, networks: tuple[str, ...]) -> bool:
    return not any(IPv4Network(network).overlaps(IPv4Network(other)) for other in networks)


def strict_networks(mirror: Endpoint) -> Broken:
    return _with(local_networks=tuple(_nearly(mirror.local_networks)), strict_selectors=True)


def _nearly(networks: tuple[str, ...]) -> Iterator[str]:
    """The first network halved, or doubled where it is a single address; the others as they are."""
    first, *others = networks or (ANY_NETWORK,)
    network = IPv4Network(first)
    near = next(network.subnets()) if network.prefixlen < network.max_prefixlen else network.supernet()
    yield _SOMEWHERE[0] if first == ANY_NETWORK else str(near)
    yield from others


# The way there


def nat(_mirror: Endpoint) -> Broken:
    return _with(behind_nat=True)


def udp_500(_mirror: Endpoint) -> Broken:
    return _with(udp500_open=False)


def udp_4500(_mirror: Endpoint) -> Broken:
    return _with(behind_nat=True, nat_forwards_500=True, nat_forwards_4500=True, udp4500_open=False)


def nat_traversal(_mirror: Endpoint) -> Broken:
    return _with(behind_nat=True, nat_forwards_500=True, nat_forwards_4500=True, nat_traversal=False)


def esp(_mirror: Endpoint) -> Broken:
    return _with(esp_open=False)


def mtu(_mirror: Endpoint) -> Broken:
    return _with(path_mtu=1000)


def powered_off(_mirror: Endpoint) -> Broken:
    return _with(powered_on=False)


def not_configured(_mirror: Endpoint) -> Broken:
    return _with(configured=False)


# BGP


def bgp_asn(mirror: Endpoint) -> Broken:
    """A private number beside the right one."""
    right = mirror.bgp.asn if mirror.bgp else 0
    return _with(bgp_asn=64999 if right != 64999 else 64998)


def bgp_address(mirror: Endpoint) -> Broken:
    """The same host of the next /30."""
    right = IPv4Address(mirror.bgp.address) if mirror.bgp else IPv4Address("169.254.10.2")
    return _with(bgp_address=str(right + 4))


def bgp_key(_mirror: Endpoint) -> Broken:
    return Broken(bgp_auth_key=keys.generate())
