"""How a connection's own states look; a tunnel's are in `tunnels.looks`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from connections.fleet.models import Level
from connections.models import IPsecConnection
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
HEALTH: Final[Mapping[Level, Look]] = MappingProxyType(
    {
        Level.IDLE: quiet(Level.IDLE.label),
        Level.DRAINED: Look("quiet", "pause-circle", Level.DRAINED.label),
        Level.DOWN: bad(Level.DOWN.label),
        Level.NEGOTIATING: busy(Level.NEGOTIATING.label),
        Level.IMPAIRED: warn(Level.IMPAIRED.label),
        Level.UP: good(Level.UP.label),
        Level.DEGRADED: warn(Level.DEGRADED.label),
    }
)


def binding_look(connection: IPsecConnection) -> Look:
    return BINDING[connection.state]


def health_look(level: int) -> Look:
    """The connection as a whole: configured is not up, one of two is not up either, nor is it down."""
    return HEALTH[Level(level)]
