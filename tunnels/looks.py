"""How a tunnel's states look: icon, word and colour role of each, once."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.transcript import Side, StepKind
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


def look(run: NegotiationRun) -> Look:
    """连接状态: the state word, and whether something is under way or wrong before there is one."""
    if run.status != Status.NOT_NEGOTIATED:
        return NEGOTIATION[run.status]
    if run.negotiating:
        return busy(Status.NOT_NEGOTIATED.label)
    return bad(Status.NOT_NEGOTIATED.label) if run.cause == KEY_UNREADABLE else NEGOTIATION[run.status]


def detail(run: NegotiationRun) -> "str | Promise":
    """What is going on beside the state word."""
    if run.negotiating:
        return _("negotiating…")
    return _("waiting for traffic") if run.waiting_for_traffic else ""


def state_look(tunnel: Tunnel) -> Look:
    """状态: the tunnel's running state."""
    return RUNNING[tunnel.state]


def bgp_look(run: NegotiationRun) -> Look:
    """A session that cannot have come up yet is not abnormal."""
    if run.bgp_status == BgpStatus.DOWN and run.status != Status.CHILD_UP:
        return quiet(_("Not started"))
    if run.bgp_status == BgpStatus.DOWN and run.due_at:
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
