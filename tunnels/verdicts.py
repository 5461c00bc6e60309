"""Why a tunnel is not up, in words: the cause's texts, which value differs, and whose end decides."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ipsec.transcript import Refusal, Side
from tunnels.models import NegotiationRun, TunnelEvent
from tunnels.standing import KEY_UNREADABLE
from tunnels.transcripts import decode_refusal
from wording import causes

Text = str | Promise

ATTRIBUTES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "gateway_address": _("Gateway IP address"),
        "peer.address": _("Customer gateway IP address"),
        "effect_immediately": _("Effective Immediately"),
        "nat_traversal": _("NAT Traversal"),
        "local_networks": _("Local Network"),
        "remote_networks": _("Remote Network"),
        "ike": _("Phase 1 algorithms"),
        "ike.version": _("Version"),
        "ike.mode": _("Negotiation Mode"),
        "ike.encryption": pgettext_lazy("field", "Encryption Algorithm"),
        "ike.integrity": pgettext_lazy("field", "Authentication Algorithm"),
        "ike.dh_group": _("DH Group"),
        "ike.lifetime": _("SA Life Cycle (seconds)"),
        "ike.local_id": "LocalId",
        "ike.remote_id": "RemoteId",
        "ike.psk": _("Pre-Shared Key"),
        "child": _("Phase 2 algorithms"),
        "child.encryption": pgettext_lazy("field", "Encryption Algorithm"),
        "child.integrity": pgettext_lazy("field", "Authentication Algorithm"),
        "child.pfs": _("DH Group (PFS)"),
        "child.lifetime": _("SA Life Cycle (seconds)"),
        "bgp": "BGP",
        "bgp.hold_time": _("Hold time"),
        "path.esp_open": _("ESP (IP protocol 50) on the path"),
        "bgp.asn": _("AS number of the device"),
        "bgp.local_asn": _("Local ASN"),
        "bgp.local_ip": _("Local BGP IP address"),
        "bgp.peer_address": _("BGP IP address of the device"),
        "bgp.auth_key": _("BGP authentication key"),
        "device.configured": _("Configuration of the device"),
        "device.powered_on": _("Power of the device"),
        "device.initiates": _("Whether the device begins"),
        "path.udp500_open": _("UDP 500 on the path"),
        "path.udp4500_open": _("UDP 4500 on the path"),
        "path.forwards_500": _("UDP 500 forwarded by the NAT device"),
        "path.forwards_4500": _("UDP 4500 forwarded by the NAT device"),
    }
)
"""What the attributes of refusals are called on the page."""

DECIDES: Final[Mapping[Side, Text]] = MappingProxyType(
    {Side.CLOUD: _("The cloud refused"), Side.PEER: _("The device refused")}
)

_SWITCHES: Final[Mapping[str, Text]] = MappingProxyType({"true": _("On"), "false": _("Off")})


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ours` and `theirs` are empty where there is nothing to compare, or nothing that may be shown."""

    cause: str
    title: Text
    meaning: Text
    remedy: Text
    attribute: Text = ""
    ours: Text = ""
    theirs: Text = ""
    decided_by: Text = ""
    notify: str = ""
    unseen: bool = False
    """Known only because the device is simulated: a gateway could not tell."""

    @classmethod
    def of(cls, refusal: Refusal) -> "Verdict":
        decided = refusal.notify or refusal.ours or refusal.theirs
        return cls(
            refusal.cause,
            causes.title(refusal.cause),
            causes.meaning(refusal),
            causes.remedy(refusal),
            attribute=ATTRIBUTES.get(refusal.attribute, refusal.attribute),
            ours=_SWITCHES.get(refusal.ours, refusal.ours),
            theirs=_SWITCHES.get(refusal.theirs, refusal.theirs),
            decided_by=DECIDES[refusal.decided_by] if decided else "",
            notify=refusal.notify,
            unseen=not refusal.seen_by_cloud,
        )

    @classmethod
    def to_come(cls, refusal: Refusal) -> "Verdict":
        """Of what will fail: nobody has refused anything yet."""
        return replace(cls.of(refusal), decided_by="", notify="")


def verdict_of(run: NegotiationRun) -> Verdict | None:
    """Why the tunnel is not up, or not all of it; None where nothing stands against it."""
    refusal = decode_refusal(run.refusal)
    if refusal:
        return Verdict.of(refusal)
    if run.cause == KEY_UNREADABLE:
        return Verdict(run.cause, *_UNREADABLE)
    return _in_general(run.cause) if run.cause else None


def further_of(run: NegotiationRun) -> tuple[Verdict, ...]:
    """What would stop the tunnel next, were the verdict put right: of the attempt that came to it."""
    told = run.transcript
    if told is None or run.refusal is None or told["refusal"] != run.refusal:
        return ()
    return tuple(Verdict.to_come(refusal) for refusal in map(decode_refusal, told["further"]) if refusal)


def event_verdict(event: TunnelEvent) -> Verdict | None:
    """Why this event was a failure; None where it was none."""
    if event.cause == KEY_UNREADABLE:
        return Verdict(event.cause, *_UNREADABLE)
    if not event.cause:
        return None
    named = {field.name: event.detail[field.name] for field in fields(Refusal) if field.name in event.detail}
    refusal = decode_refusal(named) if "phase" in named else None
    return Verdict.of(refusal) if refusal else _in_general(event.cause)


def _in_general(cause: str) -> Verdict:
    return Verdict(cause, causes.title(cause), causes.meaning(cause), causes.remedy(cause))


def title_of(cause: str) -> Text:
    """What a cause is called, beside a state word; empty for none."""
    if cause == KEY_UNREADABLE:
        return _UNREADABLE[0]
    return causes.title(cause) if cause else ""


_UNREADABLE: Final = (
    _("The pre-shared key cannot be read"),
    _("None of the console's own keys opens a secret of this tunnel, so it cannot negotiate."),
    _("Ask whoever runs the console to put the missing key back into FIELD_KEYS, or type the secret anew."),
)
