"""The classic faults, each one click: for training, and for rehearsing what the pages say of it.

A closed catalogue. Each breaks a device that else mirrors the generated configuration in one way and leads to
the cause it names; on a tunnel where it would not, it says why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipsec.algorithms import IkeVersion
from ipsec.causes import CauseId
from ipsec.datapath import Stop
from ipsec.negotiation import Scenario, verdict
from ipsec.spec import ANY_NETWORK
from ipsec.transcript import Refusal, Side
from tunnels.data_path import STOPS, USUAL_PACKET
from tunnels.devices import breaking
from tunnels.devices.breaking import Break
from tunnels.devices.ends import Ends
from tunnels.probing import largest_packet_of
from tunnels.scenario import blocked_by
from wording import causes

Text = str | Promise


class Need(StrEnum):
    """What a tunnel must have for a fault to bite."""

    IKEV1 = "ikev1"
    POLICY = "policy"
    BGP = "bgp"
    NAT_TRAVERSAL = "nat-traversal"
    CLOUD_BEGINS = "cloud-begins"


@dataclass(frozen=True, slots=True)
class Fault:
    """`does` is what it sets on the device, `remedy` what puts it right there; `cause` and `attribute` are
    what the verdict names. `sleeps_under_ikev2`: there the tunnel comes up and fails at its first rekey.
    `stop`: the tunnel comes up and this keeps data from passing; some of these have no cause."""

    id: str
    title: Text
    does: Text
    remedy: Text
    cause: CauseId | None
    attribute: str
    breaks: Break
    needs: tuple[Need, ...] = ()
    sleeps_under_ikev2: bool = False
    stop: Stop = Stop.NONE

    def sleeps(self, ends: Ends) -> bool:
        return self.sleeps_under_ikev2 and not _is_ikev1(ends)


def _is_ikev1(ends: Ends) -> bool:
    return ends.cloud.ike_versions == (IkeVersion.IKEV1,)


_MET: Final[Mapping[Need, Callable[[Ends], bool]]] = MappingProxyType(
    {
        Need.IKEV1: _is_ikev1,
        Need.POLICY: lambda ends: ends.cloud.remote_networks != (ANY_NETWORK,),
        Need.BGP: lambda ends: ends.cloud.bgp is not None and ends.mirror.bgp is not None,
        Need.NAT_TRAVERSAL: lambda ends: ends.cloud.nat_traversal,
        Need.CLOUD_BEGINS: lambda ends: not ends.device.initiates,
    }
)
_WHY: Final[Mapping[Need, Text]] = MappingProxyType(
    {
        Need.IKEV1: _("Only ikev1 compares this; the tunnel uses ikev2."),
        Need.POLICY: _("The tunnel carries 0.0.0.0/0, which holds every network."),
        Need.BGP: _("BGP is off in this tunnel."),
        Need.NAT_TRAVERSAL: _("NAT traversal is off, so UDP 4500 is not used."),
        Need.CLOUD_BEGINS: _("The device begins by itself, which this does not stop."),
    }
)
_UNBOUND: Final = _("The tunnel is not bound, so nothing is negotiated.")
_ELSE: Final = _("It would lead to something else on this tunnel as it is configured.")


def obstacle(fault: Fault, ends: Ends) -> Text:
    """Why the fault has no effect, or not its own, on this tunnel; empty where it has."""
    if not ends.cloud.address:
        return _UNBOUND
    unmet = next((need for need in fault.needs if not _MET[need](ends)), None)
    if unmet is not None:
        return _WHY[unmet]
    return "" if _bites(fault, ends) else _ELSE


def _bites(fault: Fault, ends: Ends) -> bool:
    broken = fault.breaks(ends.mirror)
    then = ends.with_device(broken.beside(ends.settings), broken.secrets)
    side = Side.PEER if then.device.begins else Side.CLOUD
    scenario = Scenario(then.cloud, then.peer, then.path, side)
    told = verdict(scenario)
    if fault.stop:
        return told.child_established and _stop(then, scenario) is fault.stop
    if fault.sleeps(ends):
        return told.refusal is None and any(_names(fault, refusal) for refusal in told.later)
    return _names(fault, told.refusal)


def _stop(ends: Ends, scenario: Scenario) -> Stop:
    narrow = largest_packet_of(ends.tunnel, ends.device) < USUAL_PACKET
    return blocked_by(scenario, ends.device) or (Stop.TOO_BIG if narrow else Stop.NONE)


def _names(fault: Fault, refusal: Refusal | None) -> bool:
    return refusal is not None and (refusal.cause, refusal.attribute) == (fault.cause, fault.attribute)


@dataclass(frozen=True, slots=True)
class Offer:
    """A fault as the page offers it. `why_not` is empty where it can be set."""

    fault: Fault
    outcome: Text
    why_not: Text = ""


def offers(ends: Ends) -> tuple[Offer, ...]:
    return tuple(Offer(fault, _outcome(fault, ends), obstacle(fault, ends)) for fault in FAULTS)


def _outcome(fault: Fault, ends: Ends) -> Text:
    if fault.stop:
        return STOPS[fault.stop].title
    title = causes.title(fault.cause or "")
    if not fault.sleeps(ends):
        return title
    return gettext("%(cause)s: the tunnel comes up and fails at the rekey") % {"cause": title}


def active_fault(ends: Ends, own: frozenset[str]) -> Fault | None:
    """The fault that the device has just now, if it has exactly one. `own` are the keys of its own it has."""
    now = ends.settings
    for fault in FAULTS:
        broken = fault.breaks(ends.mirror)
        keys = {name for name, value in broken.secrets.given().items() if value}
        if broken.beside(now) == now and keys == own:
            return fault
    return None


FAULTS: Final = (
    # Phase 1
    Fault(
        "ike-encryption",
        _("Phase 1 encryption differs"),
        _("The device encrypts phase 1 with another algorithm."),
        _("Set the device's phase 1 encryption algorithm to that of the tunnel."),
        CauseId.ENCRYPTION,
        "ike.encryption",
        breaking.ike_encryption,
    ),
    Fault(
        "ike-authentication",
        _("Phase 1 authentication differs"),
        _("The device authenticates phase 1 with another algorithm."),
        _("Set the device's phase 1 authentication algorithm, and its PRF, to that of the tunnel."),
        CauseId.AUTHENTICATION,
        "ike.integrity",
        breaking.ike_integrity,
    ),
    Fault(
        "ike-dh-group",
        _("Phase 1 DH group differs"),
        _("The device exchanges keys in another DH group."),
        _("Set the device's phase 1 DH group to that of the tunnel."),
        CauseId.DH_GROUP,
        "ike.dh_group",
        breaking.ike_dh_group,
    ),
    Fault(
        "ike-suite",
        _("All phase 1 algorithms differ"),
        _("The device still has another suite: encryption, authentication and DH group all differ."),
        _("Set all three phase 1 algorithms of the device to those of the tunnel."),
        CauseId.ALGORITHM,
        "ike",
        breaking.ike_suite,
    ),
    Fault(
        "ike-lifetime",
        _("Strict about the life cycle"),
        _("The device has a shorter life cycle in phase 1 and refuses a longer one."),
        _("Set the device's phase 1 life cycle to that of the tunnel."),
        CauseId.LIFETIME,
        "ike.lifetime",
        breaking.ike_lifetime,
        (Need.IKEV1, Need.CLOUD_BEGINS),
    ),
    Fault(
        "ike-version",
        _("IKE version differs"),
        _("The device speaks the other IKE version only."),
        _("Set the device to the tunnel's IKE version."),
        CauseId.IKE_VERSION,
        "ike.version",
        breaking.ike_version,
    ),
    Fault(
        "ike-mode",
        _("Negotiation mode differs"),
        _("The device negotiates in the other mode, main or aggressive."),
        _("Set the device to the tunnel's negotiation mode."),
        CauseId.MODE,
        "ike.mode",
        breaking.ike_mode,
        (Need.IKEV1,),
    ),
    Fault(
        "psk",
        _("Pre-shared key differs"),
        _("The device has another pre-shared key."),
        _("Set the tunnel's pre-shared key on the device."),
        CauseId.PSK,
        "ike.psk",
        breaking.psk,
    ),
    Fault(
        "device-id",
        _("Device calls itself by its private address"),
        _("The device presents the private address of its interface as its identifier."),
        _("Give the device its public address, or what RemoteId says, as its own identifier."),
        CauseId.PEER_ID,
        "ike.remote_id",
        breaking.device_id,
    ),
    # Phase 2
    Fault(
        "child-encryption",
        _("Phase 2 encryption differs"),
        _("The device encrypts phase 2 with another algorithm."),
        _("Set the device's phase 2 encryption algorithm to that of the tunnel."),
        CauseId.ENCRYPTION,
        "child.encryption",
        breaking.child_encryption,
    ),
    Fault(
        "pfs",
        _("PFS differs"),
        _("The device has PFS off where the tunnel has it on, or the reverse."),
        _("Set the device's phase 2 DH group to that of the tunnel."),
        CauseId.PFS,
        "child.pfs",
        breaking.pfs,
        sleeps_under_ikev2=True,
    ),
    Fault(
        "networks",
        _("Networks do not meet"),
        _("The device has another network of its own than the tunnel's remote network."),
        _("Set the device's own networks to the tunnel's remote networks."),
        CauseId.TRAFFIC_SELECTOR,
        "remote_networks",
        breaking.networks,
        (Need.POLICY,),
    ),
    Fault(
        "strict-networks",
        _("Strict about networks"),
        _("The device has a slightly different network and takes nothing but its exact mirror image."),
        _("Set the device's own networks to the letter of the tunnel's remote networks."),
        CauseId.TRAFFIC_SELECTOR,
        "remote_networks",
        breaking.strict_networks,
        (Need.CLOUD_BEGINS,),
    ),
    # The way there
    Fault(
        "nat",
        _("NAT without forwarding"),
        _("The device stands behind a NAT that lets no call in."),
        _("Forward UDP 500 and 4500 to the device, or let the device begin."),
        CauseId.PHASE1_TIMEOUT,
        "path.forwards_500",
        breaking.nat,
        (Need.CLOUD_BEGINS,),
    ),
    Fault(
        "udp-500",
        _("UDP 500 filtered"),
        _("A firewall on the way drops UDP 500."),
        _("Open UDP 500 in both directions."),
        CauseId.PHASE1_TIMEOUT,
        "path.udp500_open",
        breaking.udp_500,
    ),
    Fault(
        "udp-4500",
        _("UDP 4500 filtered behind a NAT"),
        _("The device stands behind a NAT, and a firewall on the way drops UDP 4500."),
        _("Open UDP 4500 in both directions."),
        CauseId.PHASE1_TIMEOUT,
        "path.udp4500_open",
        breaking.udp_4500,
        (Need.NAT_TRAVERSAL,),
    ),
    Fault(
        "nat-traversal",
        _("NAT traversal off behind a NAT"),
        _("The device stands behind a NAT with both ports forwarded and has NAT traversal off."),
        _("Turn on NAT traversal on the device."),
        CauseId.NAT_TRAVERSAL,
        "nat_traversal",
        breaking.nat_traversal,
        stop=Stop.NAT,
    ),
    Fault(
        "esp-filtered",
        _("ESP filtered"),
        _("A firewall on the way lets IKE pass and drops ESP (IP protocol 50)."),
        _("Let IP protocol 50 pass in both directions."),
        None,
        "path.esp_open",
        breaking.esp,
        stop=Stop.ESP_FILTERED,
    ),
    Fault(
        "mtu",
        _("Large packets lost on the way"),
        _("The way takes packets of up to 1000 bytes and tells nobody of the larger ones."),
        _("Let larger packets pass on the way, or lower the MTU on both sides of the tunnel."),
        None,
        "path.mtu",
        breaking.mtu,
        stop=Stop.TOO_BIG,
    ),
    Fault(
        "powered-off",
        _("Device powered off"),
        _("The device is off, or its line is down."),
        _("Switch the device on."),
        CauseId.PHASE1_TIMEOUT,
        "device.powered_on",
        breaking.powered_off,
    ),
    Fault(
        "not-configured",
        _("Device not configured yet"),
        _("The device answers and knows nothing of this gateway."),
        _("Load the generated configuration into the device."),
        CauseId.PEER_NOT_CONFIGURED,
        "device.configured",
        breaking.not_configured,
    ),
    # BGP
    Fault(
        "bgp-asn",
        _("BGP: wrong AS number"),
        _("The device speaks BGP with another AS number than its customer gateway has."),
        _("Give the device the AS number of its customer gateway."),
        CauseId.BGP_SESSION_DOWN,
        "bgp.asn",
        breaking.bgp_asn,
        (Need.BGP,),
    ),
    Fault(
        "bgp-address",
        _("BGP: wrong address"),
        _("The device has an address of another block in the tunnel."),
        _("Give the device the other address of the tunnel CIDR block."),
        CauseId.BGP_SESSION_DOWN,
        "bgp.peer_address",
        breaking.bgp_address,
        (Need.BGP,),
    ),
    Fault(
        "bgp-key",
        _("BGP: authentication key differs"),
        _("The device has another BGP authentication key."),
        _("Set the customer gateway's authentication key on the device."),
        CauseId.BGP_SESSION_DOWN,
        "bgp.auth_key",
        breaking.bgp_key,
        (Need.BGP,),
    ),
)
BY_ID: Final[Mapping[str, Fault]] = MappingProxyType({fault.id: fault for fault in FAULTS})
