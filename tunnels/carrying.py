"""Which of a connection's tunnels carry its traffic: all that can (ECMP), else the one that is left."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.happenings import Happening, LifeKind
from tunnels.models import NegotiationRun, Tunnel, TunnelEvent
from wording.look import Look, good, quiet, warn

ALONE: Final = "alone"
"""The other tunnel has dropped out: all traffic goes through this one."""
SHARED: Final = "shared"
"""The other tunnel is back: both forward."""

WITHOUT_IT: Final[Mapping[str, "str | Promise"]] = MappingProxyType(
    {
        "good": _(
            "Taken out of service, its SAs are closed and all traffic goes through the other tunnel until it "
            "is put back."
        ),
        "warn": _(
            "The other tunnel carries nothing now: with this one out of service, the connection carries no "
            "traffic until it is put back."
        ),
        "quiet": _(
            "It carries no traffic now. Taken out of service, it does not negotiate either until it is put "
            "back."
        ),
    }
)
"""What taking a tunnel out of service would mean, by the role of how it shares in the traffic."""


def sibling_events(tunnel_id: int, turns: Iterable[Happening]) -> list[TunnelEvent]:
    """What the other tunnel's page has to tell when one begins or ceases to carry, if it carries itself."""
    told = [*turns]
    return [event for run in (_siblings(tunnel_id) if told else ()) for event in told_to(run, told)]


def told_to(sibling: NegotiationRun, turns: Iterable[Happening]) -> list[TunnelEvent]:
    """The same for a run that is at hand."""
    if not sibling.carries:
        return []
    since = sibling.status_since
    return [_event(sibling.tunnel_id, turn) for turn in turns if since is None or since <= turn.at]


def _siblings(tunnel_id: int) -> Iterable[NegotiationRun]:
    """The run of the connection's other tunnel."""
    return NegotiationRun.objects.filter(tunnel__connection__tunnels=tunnel_id).exclude(tunnel=tunnel_id)


def _event(tunnel_id: int, turn: Happening) -> TunnelEvent:
    kind = SHARED if turn.kind is LifeKind.CARRIES else ALONE
    return TunnelEvent(tunnel_id=tunnel_id, at=turn.at, kind=kind, phase="child")


def sharing(tunnel: Tunnel) -> Look:
    """How the tunnel takes part in its connection's traffic now."""
    if not tunnel.run.carries:
        return quiet(_("Carries no traffic"))
    if any(other.carries for other in _siblings(tunnel.pk)):
        return good(_("Both tunnels forward (ECMP)"))
    return warn(_("Carries all traffic: the other tunnel does not"))
