"""What each cause of `ipsec.causes` says to the reader: its name, what it means, and what to do about it.

A cause alone has a general remedy; a refusal has, where there is one, the remedy for the very value that
differs, with both readings in it. *Here* is the cloud's end, *the device* the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from ipsec.causes import CauseId


@dataclass(frozen=True, slots=True)
class Words:
    title: "str | Promise"
    meaning: "str | Promise"
    remedy: "str | Promise"


class RefusalLike(Protocol):
    """`ipsec.transcript.Refusal`, or anything with its four telling fields."""

    @property
    def cause(self) -> str: ...
    @property
    def attribute(self) -> str: ...
    @property
    def ours(self) -> str: ...
    @property
    def theirs(self) -> str: ...


WORDS: Final[Mapping[CauseId, Words]] = {
    CauseId.TUNNEL_NOT_BOUND: Words(
        _("Not bound to a transit router"),
        _("The tunnel has no gateway IP address yet, so there is nothing to negotiate from."),
        _("Bind the connection to a transit router."),
    ),
    CauseId.NOT_TRIGGERED: Words(
        _("Negotiation not triggered"),
        _("Both ends are waiting: neither has begun to negotiate."),
        _("Send traffic into the tunnel, or turn on Effective Immediately."),
    ),
    CauseId.PHASE1_TIMEOUT: Words(
        _("Phase 1 negotiation timed out"),
        _("Messages went out and nothing that could be read came back."),
        _(
            "Check that the device is up, that its address is the customer gateway's, "
            "and that UDP 500 and 4500 pass both ways."
        ),
    ),
    CauseId.PEER_NOT_CONFIGURED: Words(
        _("Device not configured"),
        _("The device answers, but it has no connection for this gateway."),
        _("Download the peer configuration of this connection and set the device up with it."),
    ),
    CauseId.PEER_MISMATCH: Words(
        _("Peer mismatch"),
        _("The two ends do not expect each other at the addresses they really have."),
        _(
            "Set the customer gateway's address to the one the device is reached at, "
            "and on the device the tunnel's gateway IP address."
        ),
    ),
    CauseId.IKE_VERSION: Words(
        _("IKE version mismatch"),
        _("One end speaks IKEv1, the other IKEv2."),
        _("Set the same version on both ends; ikev2 is the better choice."),
    ),
    CauseId.ALGORITHM: Words(
        _("Algorithm mismatch"),
        _("The two ends have no proposal in common: several algorithms differ."),
        _("Set the same encryption algorithm, authentication algorithm and DH group on both ends."),
    ),
    CauseId.ENCRYPTION: Words(
        _("Encryption algorithm mismatch"),
        _("All else agrees, but the two ends encrypt with different algorithms."),
        _("Set the same encryption algorithm on both ends."),
    ),
    CauseId.AUTHENTICATION: Words(
        _("Authentication algorithm mismatch"),
        _("All else agrees, but the two ends authenticate with different algorithms."),
        _("Set the same authentication algorithm on both ends; the PRF of phase 1 follows it."),
    ),
    CauseId.DH_GROUP: Words(
        _("DH group mismatch"),
        _("All else agrees, but the two ends exchange keys in different groups."),
        _("Set the same DH group on both ends."),
    ),
    CauseId.PSK: Words(
        _("Pre-shared key mismatch"),
        _("The two ends hold different keys. Case, length and pasted blanks count."),
        _("Set the same pre-shared key on both ends."),
    ),
    CauseId.MODE: Words(
        _("Negotiation mode mismatch"),
        _("One end negotiates in main mode, the other in aggressive mode."),
        _("Set the same negotiation mode on both ends, or ikev2, where it has no effect."),
    ),
    CauseId.PEER_ID: Words(
        _("Peer identifier mismatch"),
        _("The device presents another identity than RemoteId expects."),
        _("Set RemoteId here and the device's own identifier to the same value."),
    ),
    CauseId.LOCAL_ID: Words(
        _("Local identifier mismatch"),
        _("The device expects another identity than LocalId presents."),
        _("Set LocalId here and the identifier that the device expects of its peer to the same value."),
    ),
    CauseId.LIFETIME: Words(
        _("SA life cycle mismatch"),
        _("The device refuses a life cycle longer than its own. Most devices do not mind."),
        _("Set the same SA life cycle on both ends."),
    ),
    CauseId.TRAFFIC_SELECTOR: Words(
        _("Protected data flow mismatch"),
        _("The networks of the two ends do not mirror each other."),
        _(
            "What is the local network here must be the remote network on the device, and the reverse. "
            "Several networks need ikev2: ikev1 carries the first one only."
        ),
    ),
    CauseId.PFS: Words(
        _("PFS mismatch"),
        _(
            "Phase 2 uses different DH groups. Under ikev1 it fails at once; under ikev2 the tunnel comes up "
            "and is lost when it is to be rekeyed."
        ),
        _("Set the same DH group for phase 2 on both ends, or disabled on both."),
    ),
    CauseId.NAT_TRAVERSAL: Words(
        _("NAT traversal mismatch"),
        _(
            "A NAT stands before the device and NAT traversal is not on at both ends: "
            "data does not come through."
        ),
        _("Turn on NAT traversal on both ends."),
    ),
    CauseId.DPD_TIMEOUT: Words(
        _("DPD timed out"),
        _("The device has stopped answering; the tunnel was removed and is negotiated anew."),
        _("Check the device, its line, and the firewalls on the way."),
    ),
    CauseId.PEER_DELETED_SA: Words(
        _("Closed by the device"),
        _("The device has ended the tunnel by itself."),
        _("Look at the device: an idle timeout, or a change of its configuration."),
    ),
    CauseId.BGP_SESSION_DOWN: Words(
        _("BGP session down"),
        _("IPsec is fine, BGP is not: the session over the tunnel does not come up."),
        _(
            "Compare AS numbers, BGP addresses and authentication key of both ends, "
            "and let TCP port 179 pass."
        ),
    ),
}

REMEDIES: Final[Mapping[tuple[CauseId, str], "str | Promise"]] = {
    (CauseId.NOT_TRIGGERED, "effect_immediately"): _(
        "Effective Immediately is off: turn it on, send traffic into the tunnel, or let the device initiate."
    ),
    (CauseId.NOT_TRIGGERED, "device.initiates"): _(
        "The device only answers: let it initiate, or turn on Effective Immediately here."
    ),
    (CauseId.NOT_TRIGGERED, "device.powered_on"): _("The device is to begin and is off: switch it on."),
    (CauseId.NOT_TRIGGERED, "peer.address"): _("There is no address to call: choose a customer gateway."),
    (CauseId.PHASE1_TIMEOUT, "device.powered_on"): _("The device is off: switch it on."),
    (CauseId.PHASE1_TIMEOUT, "path.udp500_open"): _(
        "UDP 500 does not come through: open it in both directions on every firewall on the way."
    ),
    (CauseId.PHASE1_TIMEOUT, "path.udp4500_open"): _(
        "Behind a NAT the negotiation moves to UDP 4500, which does not come through: "
        "open it in both directions."
    ),
    (CauseId.PHASE1_TIMEOUT, "path.forwards_500"): _(
        "The NAT before the device lets no call in: forward UDP 500 and 4500 to the device, "
        "or let the device initiate."
    ),
    (CauseId.PHASE1_TIMEOUT, "path.forwards_4500"): _(
        "The NAT before the device forwards UDP 500 alone: forward UDP 4500 as well, "
        "or let the device initiate."
    ),
    (CauseId.PEER_MISMATCH, "peer.address"): _(
        "The customer gateway is registered with %(ours)s, the device is reached at %(theirs)s: "
        "choose or register a customer gateway with that address."
    ),
    (CauseId.PEER_MISMATCH, "gateway_address"): _(
        "The tunnel's gateway IP address is %(ours)s, the device expects %(theirs)s: "
        "correct it on the device."
    ),
    (CauseId.IKE_VERSION, "ike.version"): _(
        "Here %(ours)s, on the device %(theirs)s: set the same version on both ends."
    ),
    (CauseId.ALGORITHM, "ike"): _(
        "Phase 1 is %(ours)s here and %(theirs)s on the device: set the same on both ends."
    ),
    (CauseId.ALGORITHM, "child"): _(
        "Phase 2 is %(ours)s here and %(theirs)s on the device: set the same on both ends."
    ),
    (CauseId.ENCRYPTION, "ike.encryption"): _(
        "Phase 1 encrypts with %(ours)s here and with %(theirs)s on the device: set the same on both ends."
    ),
    (CauseId.ENCRYPTION, "child.encryption"): _(
        "Phase 2 encrypts with %(ours)s here and with %(theirs)s on the device: set the same on both ends."
    ),
    (CauseId.AUTHENTICATION, "ike.integrity"): _(
        "Phase 1 authenticates with %(ours)s here and with %(theirs)s on the device: "
        "set the same on both ends, as PRF too."
    ),
    (CauseId.AUTHENTICATION, "child.integrity"): _(
        "Phase 2 authenticates with %(ours)s here and with %(theirs)s on the device: "
        "set the same on both ends."
    ),
    (CauseId.DH_GROUP, "ike.dh_group"): _(
        "Phase 1 uses %(ours)s here and %(theirs)s on the device: set the same DH group on both ends."
    ),
    (CauseId.MODE, "ike.mode"): _(
        "Here %(ours)s, on the device %(theirs)s: set the same mode on both ends, or ikev2, "
        "where it has no effect."
    ),
    (CauseId.PEER_ID, "ike.remote_id"): _(
        "RemoteId is %(ours)s, the device calls itself %(theirs)s: "
        "change RemoteId here or the device's own identifier."
    ),
    (CauseId.LOCAL_ID, "ike.local_id"): _(
        "LocalId is %(ours)s, the device expects %(theirs)s: "
        "change LocalId here or the peer identifier on the device."
    ),
    (CauseId.LIFETIME, "ike.lifetime"): _(
        "Phase 1 lives %(ours)s seconds here and %(theirs)s on the device: set the same on both ends."
    ),
    (CauseId.LIFETIME, "child.lifetime"): _(
        "Phase 2 lives %(ours)s seconds here and %(theirs)s on the device: set the same on both ends."
    ),
    (CauseId.TRAFFIC_SELECTOR, "local_networks"): _(
        "The cloud's networks are %(ours)s here and %(theirs)s on the device: make the local network here "
        "and the remote network on the device the same. ikev1 carries the first network only."
    ),
    (CauseId.TRAFFIC_SELECTOR, "remote_networks"): _(
        "The data centre's networks are %(ours)s here and %(theirs)s on the device: make the remote network "
        "here and the local network on the device the same. ikev1 carries the first network only."
    ),
    (CauseId.PFS, "child.pfs"): _(
        "Phase 2 uses %(ours)s here and %(theirs)s on the device: "
        "set the same DH group on both ends, or disabled on both."
    ),
    (CauseId.BGP_SESSION_DOWN, "bgp"): _("The device runs no BGP in this tunnel: set BGP up on the device."),
    (CauseId.BGP_SESSION_DOWN, "bgp.asn"): _(
        "The customer gateway is registered with AS %(ours)s, the device is AS %(theirs)s: "
        "correct the one that is wrong."
    ),
    (CauseId.BGP_SESSION_DOWN, "bgp.local_asn"): _(
        "The local AS number is %(ours)s, the device expects %(theirs)s: correct it on the device."
    ),
    (CauseId.BGP_SESSION_DOWN, "bgp.peer_address"): _(
        "The gateway looks for the device at %(ours)s, the device has %(theirs)s in the tunnel: "
        "give both ends addresses of the same tunnel CIDR block."
    ),
    (CauseId.BGP_SESSION_DOWN, "bgp.local_ip"): _(
        "The gateway is %(ours)s in the tunnel, the device's neighbour is %(theirs)s: "
        "correct the neighbour on the device."
    ),
    (CauseId.BGP_SESSION_DOWN, "bgp.auth_key"): _(
        "The authentication keys differ: set the customer gateway's key on the device as well."
    ),
    (CauseId.BGP_SESSION_DOWN, "local_networks"): _(
        "The tunnel carries %(theirs)s, which does not hold the gateway's BGP address %(ours)s: "
        "add the tunnel CIDR block to the local network, or use destination routing mode."
    ),
    (CauseId.BGP_SESSION_DOWN, "remote_networks"): _(
        "The tunnel carries %(theirs)s, which does not hold the device's BGP address %(ours)s: "
        "add the tunnel CIDR block to the remote network, or use destination routing mode."
    ),
    (CauseId.BGP_SESSION_DOWN, "nat_traversal"): _(
        "A NAT stands before the device and NAT traversal is not on at both ends, "
        "so no data comes through: turn it on at both ends."
    ),
}


def title(cause: str) -> str:
    """In the language active now, as all three. `ValueError` for what is no cause's id."""
    return str(WORDS[CauseId(cause)].title)


def meaning(cause: "str | RefusalLike") -> str:
    return str(WORDS[_id_of(cause)].meaning)


def remedy(cause: "str | RefusalLike") -> str:
    """What to change, and on which end; for a refusal with the two values that differ."""
    general = WORDS[_id_of(cause)].remedy
    if isinstance(cause, str):
        return str(general)
    text = str(REMEDIES.get((CauseId(cause.cause), cause.attribute), general))
    return text % {"ours": _shown(cause.ours), "theirs": _shown(cause.theirs)}


def _id_of(cause: "str | RefusalLike") -> CauseId:
    return CauseId(cause if isinstance(cause, str) else cause.cause)


def _shown(value: str) -> str:
    return value or pgettext("value", "nothing")
