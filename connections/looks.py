"""How a connection's own states look; a tunnel's are in `tunnels.looks`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from connections.models import IPsecConnection
from tunnels.models import BgpStatus, Status, Tunnel
from wording.look import Look, bad, busy, good, quiet, warn

State = IPsecConnection.State
BINDING: Final[Mapping[str, Look]] = MappingProxyType(
    {
        State.INIT: quiet(State.INIT.label),
        State.ATTACHING: busy(State.ATTACHING.label),
        State.ATTACHED: good(State.ATTACHED.label),
        State.DETACHING: busy(State.DETACHING.label),
        State.UPDATING: busy(State.UPDATING.label),
    }
)


def binding_look(connection: IPsecConnection) -> Look:
    return BINDING[connection.state]


def health_look(tunnels: Sequence[Tunnel]) -> Look:
    """The connection as a whole: configured is not up, one of two is not up either."""
    states = [tunnel.run.status for tunnel in tunnels]
    up = states.count(Status.CHILD_UP)
    if up == len(states):
        return _up(tunnels)
    if any(tunnel.run.negotiating for tunnel in tunnels):
        return busy(_("Negotiating"))
    if up:
        return warn(_("One tunnel is up: no redundancy"))
    return bad(_("No tunnel is up")) if any(states) else quiet(_("Not negotiated"))


def _up(tunnels: Sequence[Tunnel]) -> Look:
    if any(tunnel.run.bgp_status == BgpStatus.DOWN for tunnel in tunnels):
        return warn(_("Both tunnels are up, BGP is not"))
    return good(_("Both tunnels are up"))
