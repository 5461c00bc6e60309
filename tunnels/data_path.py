"""The data path in words: the fifth rung of the ladder, and a test packet hop by hop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipsec.datapath import Place, Stop, Ways, trace
from tunnels.models import Status, Tunnel, TunnelTraffic
from tunnels.probing import usual_packet
from wording.look import Look, bad, good, quiet, warn

Text = str | Promise


class Words(NamedTuple):
    """`at_routes`: what is to be done is done on the connection's tab Routes."""

    title: Text
    remedy: Text
    at_routes: bool = False


PLACES: Final[Mapping[Place, Text]] = MappingProxyType(
    {
        Place.TRANSIT_ROUTER: _("Route table of the transit router"),
        Place.CONNECTION: _("Route tables of the connection"),
        Place.TUNNEL: _("Tunnel"),
        Place.SELECTORS: _("Networks of the IPsec SA"),
        Place.SIZE: _("Size of the packet"),
        Place.PATH: _("ESP on the way to the device"),
        Place.DEVICE: _("Device"),
        Place.WAY_BACK: _("Route back on the device"),
        Place.RETURN: _("Forwarding in the cloud"),
    }
)
STOPS: Final[Mapping[Stop, Words]] = MappingProxyType(
    {
        Stop.NOT_PROPAGATED: Words(
            _("No table of the transit router learns the routes of this connection."),
            _("Switch route learning on for the attachment."),
            at_routes=True,
        ),
        Stop.NO_ROUTE: Words(
            _("No route of the connection leads to this destination."),
            _("Add a destination route, or let the device advertise the network by BGP."),
            at_routes=True,
        ),
        Stop.OUT_OF_SERVICE: Words(
            _("The tunnel has been taken out of service."), _("Put it back into service.")
        ),
        Stop.TUNNEL_DOWN: Words(
            _("The tunnel is not up."), _("The ladder of the tunnel says where it stops and why.")
        ),
        Stop.SELECTORS: Words(
            _("The networks that both ends agreed on do not hold this packet."),
            _("Add the networks to the protected data flows on both ends."),
        ),
        Stop.TOO_BIG: Words(
            _("With its ESP headers the packet is too big for the way, and it may not be fragmented."),
            _("Lower the MTU or the TCP maximum segment size on both sides."),
        ),
        Stop.NAT: Words(
            _("IKE passes the NAT, plain ESP does not: the SAs are up and no data comes through."),
            _("Turn on NAT traversal on both ends."),
        ),
        Stop.ESP_FILTERED: Words(
            _("A filter on the way drops ESP (IP protocol 50): the SAs are up and no data comes through."),
            _("Let IP protocol 50 pass between both gateways in both directions."),
        ),
        Stop.SILENT: Words(
            _("The device does not answer."), _("Check its power, its line and the filters on the way.")
        ),
        Stop.NO_WAY_BACK: Words(
            _("The device learns the cloud's networks by BGP, and nothing is published to it."),
            _("Switch route synchronisation on for the attachment."),
            at_routes=True,
        ),
        Stop.NOT_ASSOCIATED: Words(
            _("What comes back is looked up in no route table of the transit router."),
            _("Associate the attachment with a route table."),
            at_routes=True,
        ),
    }
)


USUAL_PACKET: Final = 1280
"""Whoever sends packets of this size (RFC 8200's smallest MTU) may expect them to arrive, in bytes."""


def stop_title(stop: str) -> Text:
    """Why data does not pass, in words; empty where it does."""
    return STOPS[Stop(stop)].title if stop else ""


@dataclass(frozen=True, slots=True)
class HopShown:
    title: Text
    look: Look
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class TestShown:
    """The last test."""

    source: str
    destination: str
    size: int
    packets: int
    at: datetime
    hops: tuple[HopShown, ...]


@dataclass(frozen=True, slots=True)
class DataRung:
    """The fifth rung. `words` are empty where packets pass; `further` is what would be met after that."""

    look: Look
    words: Words | None
    traffic: TunnelTraffic | None
    further: Words | None = None


def data_rung(tunnel: Tunnel, ways: Ways) -> DataRung:
    """Whether anybody could use the tunnel now, and what has gone through it."""
    traffic = traffic_of(tunnel)
    if tunnel.run.out_of_service or tunnel.run.status != Status.CHILD_UP:
        return DataRung(quiet(_("Not started")), None, traffic)
    stop = trace(ways, usual_packet(tunnel, ways)).stop
    narrow = ways.largest_packet < USUAL_PACKET
    if stop:
        then = STOPS[Stop.TOO_BIG] if narrow else None
        return DataRung(warn(_("Up, and nothing gets through")), STOPS[stop], traffic, then)
    if narrow:
        largest = gettext("Packets over %(bytes)s bytes do not pass") % {"bytes": ways.largest_packet}
        return DataRung(warn(largest), STOPS[Stop.TOO_BIG], traffic)
    if traffic is None or traffic.last_out_at is None:
        return DataRung(good(_("Open, no packet yet")), None, traffic)
    if traffic.last_in_at is None or traffic.last_in_at < traffic.last_out_at:
        return DataRung(warn(_("SA up, 0 bytes in")), None, traffic)
    return DataRung(good(_("Packets pass both ways")), None, traffic)


def traffic_of(tunnel: Tunnel) -> TunnelTraffic | None:
    return getattr(tunnel, "traffic", None)


def last_test(traffic: TunnelTraffic | None) -> TestShown | None:
    if traffic is None or traffic.last_test is None:
        return None
    told = traffic.last_test
    hops = tuple(_hop(Place(hop["place"]), Stop(hop["stop"])) for hop in told["hops"])
    ahead = list(Place)[len(hops) :]
    return TestShown(
        **told["packet"],
        packets=told["packets"],
        at=datetime.fromisoformat(told["at"]),
        hops=(*hops, *(HopShown(PLACES[place], quiet(_("Not reached"))) for place in ahead)),
    )


def _hop(place: Place, stop: Stop) -> HopShown:
    if stop:
        return HopShown(PLACES[place], bad(_("Stops here")), STOPS[stop])
    return HopShown(PLACES[place], good(_("Passed")))
