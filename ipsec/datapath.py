"""The fifth rung: whether a packet gets from a cloud network to a data-centre network and back.

SAs that are up carry nothing where a route is missing, the selectors leave the packet out, a NAT or a filter
stops ESP, or the packet is too big. Pure: all facts come from the caller, in the cloud's view.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ipsec.addresses import holds


class Stop(StrEnum):
    """Why a packet goes no further. The values are stored."""

    NONE = ""
    NOT_PROPAGATED = "NotPropagated"
    """Route learning is off, so no table of the transit router knows the data centre."""
    NO_ROUTE = "NoRoute"
    """Neither a destination route nor one learnt by BGP leads there."""
    OUT_OF_SERVICE = "OutOfService"
    TUNNEL_DOWN = "TunnelDown"
    SELECTORS = "OutsideSelectors"
    TOO_BIG = "PacketTooBig"
    NAT = "NatTraversalMismatch"
    """Plain ESP has no ports, so it does not come back through a masquerading NAT."""
    ESP_FILTERED = "EspFiltered"
    SILENT = "DeviceSilent"
    NO_WAY_BACK = "NotPublished"
    """The device learns the cloud's networks by BGP, and nothing is published to it."""
    NOT_ASSOCIATED = "NotAssociated"
    """What comes out of the tunnel is looked up in no table of the transit router."""


class Place(StrEnum):
    """Where the packet passes, in order."""

    TRANSIT_ROUTER = "transit-router"
    CONNECTION = "connection"
    TUNNEL = "tunnel"
    SELECTORS = "selectors"
    SIZE = "size"
    PATH = "path"
    DEVICE = "device"
    WAY_BACK = "way-back"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Packet:
    """An IP packet that may not be fragmented; `size` in bytes with its headers."""

    source: str
    destination: str
    size: int = 84


@dataclass(frozen=True, slots=True)
class Ways:
    """Everything that a packet meets. `routes` are the destination routes, `learnt` come by BGP."""

    propagated: bool = True
    associated: bool = True
    publishes: bool = True
    routes: tuple[str, ...] = ()
    learnt: tuple[str, ...] = ()
    bgp: bool = False
    up: bool = True
    in_service: bool = True
    local_ts: tuple[str, ...] = ()
    remote_ts: tuple[str, ...] = ()
    esp: Stop = Stop.NONE
    """What stops ESP on the way: `NAT`, `ESP_FILTERED` or nothing."""
    answers: bool = True
    largest_packet: int = 1400


@dataclass(frozen=True, slots=True)
class Hop:
    place: Place
    stop: Stop = Stop.NONE


@dataclass(frozen=True, slots=True)
class Trace:
    """The hops until the packet is back or stops. `left` and `returned`: what the gateway counts."""

    hops: tuple[Hop, ...]

    @property
    def stop(self) -> Stop:
        return self.hops[-1].stop

    @property
    def left(self) -> bool:
        """Whether the gateway has encrypted it: the way from here on it does not see."""
        return self._passed(Place.SIZE)

    @property
    def returned(self) -> bool:
        """Whether the answer has come out of the tunnel."""
        return self._passed(Place.WAY_BACK)

    def _passed(self, place: Place) -> bool:
        return any(hop.place is place and not hop.stop for hop in self.hops)


def trace(ways: Ways, packet: Packet) -> Trace:
    """Where the packet comes to. Raises ValueError for an address that is none."""
    hops: list[Hop] = []
    for place, check in _CHECKS:
        stop = check(ways, packet)
        hops.append(Hop(place, stop))
        if stop:
            break
    return Trace(tuple(hops))


def esp_passes(*, in_udp: bool, behind_nat: bool, esp_open: bool) -> Stop:
    """In UDP, ESP passes wherever IKE does."""
    if in_udp:
        return Stop.NONE
    if behind_nat:
        return Stop.NAT
    return Stop.NONE if esp_open else Stop.ESP_FILTERED


def _transit_router(ways: Ways, _packet: Packet) -> Stop:
    return Stop.NONE if ways.propagated else Stop.NOT_PROPAGATED


def _connection(ways: Ways, packet: Packet) -> Stop:
    return Stop.NONE if holds((*ways.routes, *ways.learnt), packet.destination) else Stop.NO_ROUTE


def _tunnel(ways: Ways, _packet: Packet) -> Stop:
    if not ways.in_service:
        return Stop.OUT_OF_SERVICE
    return Stop.NONE if ways.up else Stop.TUNNEL_DOWN


def _selectors(ways: Ways, packet: Packet) -> Stop:
    inside = holds(ways.local_ts, packet.source) and holds(ways.remote_ts, packet.destination)
    return Stop.NONE if inside else Stop.SELECTORS


def _size(ways: Ways, packet: Packet) -> Stop:
    return Stop.TOO_BIG if packet.size > ways.largest_packet else Stop.NONE


def _path(ways: Ways, _packet: Packet) -> Stop:
    return ways.esp


def _device(ways: Ways, _packet: Packet) -> Stop:
    return Stop.NONE if ways.answers else Stop.SILENT


def _way_back(ways: Ways, _packet: Packet) -> Stop:
    """Without BGP the device has the routes that its configuration file gave it."""
    return Stop.NO_WAY_BACK if ways.bgp and not ways.publishes else Stop.NONE


def _return(ways: Ways, _packet: Packet) -> Stop:
    return Stop.NONE if ways.associated else Stop.NOT_ASSOCIATED


_CHECKS: tuple[tuple[Place, Callable[[Ways, Packet], Stop]], ...] = (
    (Place.TRANSIT_ROUTER, _transit_router),
    (Place.CONNECTION, _connection),
    (Place.TUNNEL, _tunnel),
    (Place.SELECTORS, _selectors),
    (Place.SIZE, _size),
    (Place.PATH, _path),
    (Place.DEVICE, _device),
    (Place.WAY_BACK, _way_back),
    (Place.RETURN, _return),
)
