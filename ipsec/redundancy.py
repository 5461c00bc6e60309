"""Whether the two tunnels of a connection really stand in for each other, and if not, why."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ipsec.algorithms import RoutingMode
from ipsec.spec import ConnectionSpec, TunnelSpec


class Redundancy(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Weakness(StrEnum):
    """What one failure would take both tunnels down, or go unnoticed. Texts are in `wording.redundancy`."""

    ONE_DEVICE = "one_device"
    ONE_ZONE = "one_zone"
    DPD_OFF = "dpd_off"
    BGP_ON_ONE = "bgp_on_one"
    STATIC_ROUTES = "static_routes"
    NOT_BOTH_UP = "not_both_up"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`weaknesses` is empty where redundancy is met, and where it is unknown."""

    verdict: Redundancy
    weaknesses: tuple[Weakness, ...] = ()


def judge(spec: ConnectionSpec, *, both_up: bool = True) -> Judgement:
    """Of a connection as configured; unknown until both tunnels have a customer gateway.

    `both_up` is whether both tunnels are known to carry traffic, or taken to.
    """
    if len(spec.tunnels) != 2 or any(tunnel.peer is None for tunnel in spec.tunnels):
        return Judgement(Redundancy.UNKNOWN)
    down = () if both_up else (Weakness.NOT_BOTH_UP,)
    weaknesses = (*down, *_weaknesses(spec, *spec.tunnels))
    return Judgement(Redundancy.NOT_MET if weaknesses else Redundancy.MET, weaknesses)


def _weaknesses(spec: ConnectionSpec, one: TunnelSpec, other: TunnelSpec) -> Iterator[Weakness]:
    if one.peer and other.peer and one.peer.address == other.peer.address:
        yield Weakness.ONE_DEVICE
    if one.zone and one.zone == other.zone:
        yield Weakness.ONE_ZONE
    if not (one.dpd and other.dpd):
        yield Weakness.DPD_OFF
    if spec.bgp_enabled and (one.bgp is None) != (other.bgp is None):
        yield Weakness.BGP_ON_ONE
    if not spec.bgp_enabled and spec.routing_mode is RoutingMode.DESTINATION:
        yield Weakness.STATIC_ROUTES
