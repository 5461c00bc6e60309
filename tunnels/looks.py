"""How a tunnel's states look: icon, word and colour role of each, once."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Final, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.compare import Effect
from ipsec.happenings import LifeKind
from ipsec.transcript import Phase, Refusal, Side, StepKind
from tunnels.ladder import TITLES
from tunnels.models import Because, BgpStatus, NegotiationRun, Status, Tunnel, TunnelEvent
from tunnels.standing import KEY_UNREADABLE
from wording.look import Look, bad, busy, good, quiet, warn

NEGOTIATION: Final[Mapping[str, Look]] = MappingProxyType(
    {
        Status.NOT_NEGOTIATED: quiet(Status.NOT_NEGOTIATED.label),
        Status.IKE_DOWN: bad(Status.IKE_DOWN.label),
        Status.IKE_UP: warn(Status.IKE_UP.label),
        Status.CHILD_DOWN: bad(Status.CHILD_DOWN.label),
        Status.CHILD_UP: good(Status.CHILD_UP.label),
    }
)
RUNNING: Final[Mapping[str, Look]] = MappingProxyType(
    {
        Tunnel.State.ACTIVE: good(Tunnel.State.ACTIVE.label),
        Tunnel.State.UPDATING: busy(Tunnel.State.UPDATING.label),
        Tunnel.State.DELETING: busy(Tunnel.State.DELETING.label),
    }
)
BGP: Final[Mapping[str, Look]] = MappingProxyType(
    {
        BgpStatus.NONE: quiet(BgpStatus.NONE.label),
        BgpStatus.DOWN: bad(BgpStatus.DOWN.label),
        BgpStatus.UP: good(BgpStatus.UP.label),
    }
)


OUT_OF_SERVICE: Final = Look("quiet", "pause-circle", _("Out of service"))
"""Whatever its state was: its SAs are closed."""


class Shown(Protocol):
    """A run, or what of it is shown."""

    @property
    def status(self) -> str: ...
    @property
    def negotiating(self) -> bool: ...
    @property
    def cause(self) -> str: ...
    @property
    def blocked(self) -> str: ...
    @property
    def out_of_service(self) -> bool: ...
    @property
    def waiting_for_traffic(self) -> bool: ...


def look(run: Shown) -> Look:
    """连接状态: the state word, and whether something is under way or wrong before there is one.

    A tunnel that is up and that nothing can use is not called healthy.
    """
    if run.out_of_service:
        return OUT_OF_SERVICE
    if run.status == Status.CHILD_UP and run.blocked:
        return warn(Status.CHILD_UP.label)
    if run.status != Status.NOT_NEGOTIATED:
        return NEGOTIATION[run.status]
    if run.negotiating:
        return busy(Status.NOT_NEGOTIATED.label)
    return bad(Status.NOT_NEGOTIATED.label) if run.cause == KEY_UNREADABLE else NEGOTIATION[run.status]


def detail(run: Shown) -> "str | Promise":
    """What is going on beside the state word."""
    if run.out_of_service:
        return ""
    if run.status == Status.CHILD_UP and run.blocked:
        return _("no data passes")
    if run.negotiating:
        return _("negotiating…")
    return _("waiting for traffic") if run.waiting_for_traffic else ""


def state_look(tunnel: Tunnel) -> Look:
    """状态: the tunnel's running state."""
    return RUNNING[tunnel.state]


def bgp_look(run: NegotiationRun) -> Look:
    """A session that cannot have come up yet is not abnormal, and one that was closed is not normal."""
    if run.out_of_service and run.bgp_status:
        return OUT_OF_SERVICE
    if run.bgp_status == BgpStatus.DOWN and run.status != Status.CHILD_UP:
        return quiet(_("Not started"))
    if run.bgp_status == BgpStatus.DOWN and run.in_motion:
        return busy(_("Connecting"))
    return BGP[run.bgp_status]


# Events

DIRECTIONS: Final[Mapping[str, "str | Promise"]] = MappingProxyType(
    {Side.CLOUD: _("Cloud → device"), Side.PEER: _("Device → cloud")}
)
_ENDED: Final[Mapping[str, Look]] = MappingProxyType(
    {
        StepKind.IKE_UP: good(_("IKE SA established")),
        StepKind.IKE_DOWN: warn(_("IKE SA deleted")),
        StepKind.CHILD_UP: good(_("IPsec SA established")),
        StepKind.BGP_UP: good(_("BGP session established")),
        StepKind.REFUSED: bad(_("Negotiation failed")),
        "waiting": Look("quiet", "pause-circle", _("Waiting for traffic")),
        "unbound": quiet(_("Unbound from the transit router")),
        "out_of_service": Look("quiet", "pause-circle", _("Taken out of service")),
        "alone": warn(_("Takes all traffic")),
        "shared": good(_("Shares the traffic")),
        LifeKind.REKEYED: good(_("Rekeyed")),
        LifeKind.REKEY_REFUSED: warn(_("Rekey refused")),
        LifeKind.CHILD_DOWN: bad(_("IPsec SA deleted")),
        LifeKind.BGP_DOWN: bad(_("BGP session closed")),
        LifeKind.SILENT: warn(_("The device falls silent")),
        LifeKind.ANSWERS: good(_("The device answers again")),
        LifeKind.CARRIES: good(_("Carries traffic")),
        LifeKind.CARRIES_NOT: warn(_("Carries no traffic")),
    }
)


def event_look(event: TunnelEvent) -> Look:
    """An event's icon and its sentence without particulars."""
    if event.kind == "started":
        return Look("quiet", "play-circle", _("Negotiation begins"))
    if event.kind in _ENDED:
        return _ENDED[event.kind]
    icon = "arrow-path" if event.kind == StepKind.RETRANSMIT else "arrow-right"
    return Look("quiet", icon, DIRECTIONS[event.detail["sender"]])


def reason(event: TunnelEvent) -> "str | Promise":
    """Why an attempt begins, or waits for traffic to begin."""
    return Because(event.message).label


REFUSALS: Final = frozenset(field.name for field in fields(Refusal))
"""What of an event's detail the verdict shows."""


def particulars(event: TunnelEvent) -> list[tuple[str, str]]:
    """What else was said, by the names that exports have as well."""
    shown = {name: value for name, value in event.detail.items() if name not in REFUSALS}
    return [
        (name, " ".join(value) if isinstance(value, list) else str(value)) for name, value in shown.items()
    ]


def phase_title(phase: str) -> "str | Promise":
    return TITLES[Phase(phase)]


# Both ends of a tunnel

EFFECTS: Final[Mapping[Effect, Look]] = MappingProxyType(
    {
        Effect.SAME: Look("quiet", "check", _("Same")),
        Effect.HARMLESS: Look("quiet", "information-circle", _("Differs: harmless")),
        Effect.NARROWED: Look("warn", "arrows-pointing-in", _("Differs: narrowed")),
        Effect.AT_REKEY: warn(_("Differs: fails at the rekey")),
        Effect.NO_DATA: warn(_("Differs: no data comes through")),
        Effect.BGP_DOWN: bad(_("Differs: BGP stays down")),
        Effect.FATAL: bad(_("Differs: fatal now")),
        Effect.UNKNOWN: Look("quiet", "question-mark-circle", _("Cannot tell")),
    }
)
"""What a value that the two ends have comes to."""
