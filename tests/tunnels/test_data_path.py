"""Test packets, counters and the fifth rung, from the rows that routes and devices are stored in."""

from typing import Any

import pytest
from tunnel_rows import Watch, ring, set_device, started, stop_clock

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from connections.models import DestinationRoute
from ipsec.datapath import Stop, Trace
from transit.models import RouteTable, RouteTableAssociation, RouteTablePropagation, VpnAttachment
from transit.services import create_cen, create_transit_router
from tunnels.data_path import STOPS, DataRung, data_rung, last_test
from tunnels.models import NegotiationRun, Tunnel, TunnelTraffic
from tunnels.operations import take_out_of_service
from tunnels.probing import send_test_traffic, ways_of
from tunnels.queries import tunnel_for

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def routed(actor: Actor, watch: Watch, **values: Any) -> Tunnel:
    """A tunnel that is up, with every route that a packet to 10.0.0.0/8 needs."""
    tunnel = started(actor, **{"bgp_enabled": False, **values})
    cen = create_cen(actor=actor, name="cen")
    router = create_transit_router(actor=actor, cen=cen, region="cn-hangzhou")
    table = RouteTable.objects.get(transit_router=router)
    attachment = VpnAttachment.objects.create(transit_router=router, connection=tunnel.connection)
    RouteTableAssociation.objects.create(attachment=attachment, route_table=table)
    RouteTablePropagation.objects.create(attachment=attachment, route_table=table)
    DestinationRoute.objects.create(connection=tunnel.connection, destination="10.0.0.0/8")
    ring(watch)
    ring(watch, 3)
    return tunnel


def ping(actor: Actor, tunnel: Tunnel, destination: str = "10.0.0.7", size: int = 84) -> Trace:
    fresh = Tunnel.objects.get(pk=tunnel.pk)
    return send_test_traffic(
        actor=actor, tunnel=fresh, source="192.168.0.10", destination=destination, size=size
    )


def counters(tunnel: Tunnel) -> tuple[int, int, int, int]:
    row = TunnelTraffic.objects.get(tunnel=tunnel)
    return (row.packets_out, row.bytes_out, row.packets_in, row.bytes_in)


def rung_of(actor: Actor, tunnel: Tunnel) -> tuple[str, str]:
    row = tunnel_for(actor.account, tunnel.public_id)
    look = data_rung(row, ways_of(row)).look
    return look.role, str(look.word)


def test_a_packet_comes_back_and_is_counted_both_ways(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch)
    assert rung_of(omar, tunnel) == ("good", "Open, no packet yet")
    assert not ping(omar, tunnel).stop
    ping(omar, tunnel, size=100)
    assert counters(tunnel) == (6, 3 * 184, 6, 3 * 184)
    row = TunnelTraffic.objects.get(tunnel=tunnel)
    assert row.last_in_at == row.last_out_at == watch.time
    assert rung_of(omar, tunnel) == ("good", "Packets pass both ways")
    assert AuditEvent.objects.filter(action="tunnel.send_test_traffic").count() == 2


def test_every_missing_relation_stops_it_in_its_place(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch)
    RouteTableAssociation.objects.all().delete()
    assert ping(omar, tunnel).stop is Stop.NOT_ASSOCIATED
    assert counters(tunnel)[2] == 3  # the gateway has seen the answer
    RouteTablePropagation.objects.all().delete()
    assert ping(omar, tunnel).stop is Stop.NOT_PROPAGATED
    VpnAttachment.objects.all().delete()
    assert ping(omar, tunnel).stop is Stop.NOT_PROPAGATED
    assert rung_of(omar, tunnel) == ("warn", "Up, and nothing gets through")


def test_a_destination_without_a_route(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch)
    assert ping(omar, tunnel, "172.16.0.1").stop is Stop.NO_ROUTE
    DestinationRoute.objects.update(published=False)
    assert ping(omar, tunnel).stop is Stop.NO_ROUTE


def test_what_the_device_advertises_is_a_route(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch, bgp_enabled=True, device={"advertised_networks": ["172.16.0.0/12"]})
    assert not ping(omar, tunnel, "172.16.0.1").stop
    VpnAttachment.objects.update(auto_publish_route=False)
    assert ping(omar, tunnel, "172.16.0.1").stop is Stop.NO_WAY_BACK


def test_selectors_that_do_not_hold_it(omar: Actor, watch: Watch) -> None:
    values = {
        "routing_mode": "policy",
        "local_networks": ["192.168.0.0/24"],
        "remote_networks": ["10.0.0.0/24"],
    }
    tunnel = routed(omar, watch, **values)
    assert not ping(omar, tunnel).stop
    assert ping(omar, tunnel, "10.0.1.1").stop is Stop.SELECTORS


def test_a_packet_that_is_too_big_for_its_suite(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch)
    largest = ways_of(Tunnel.objects.get(pk=tunnel.pk)).largest_packet
    assert not ping(omar, tunnel, size=largest).stop
    assert ping(omar, tunnel, size=largest + 1).stop is Stop.TOO_BIG
    set_device(tunnel, path_mtu=1400)
    assert ping(omar, tunnel, size=largest).stop is Stop.TOO_BIG


def test_a_way_that_loses_large_packets_is_told_before_anybody_sends_one(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch)
    set_device(tunnel, path_mtu=1000)
    rung = _rung(tunnel)
    assert "do not pass" in str(rung.look.word)
    assert rung.words is STOPS[Stop.TOO_BIG]
    DestinationRoute.objects.all().delete()
    rung = _rung(tunnel)
    assert (rung.words, rung.further) == (STOPS[Stop.NO_ROUTE], STOPS[Stop.TOO_BIG])


def _rung(tunnel: Tunnel) -> DataRung:
    fresh = Tunnel.objects.select_related("connection", "run", "peer_device").get(pk=tunnel.pk)
    return data_rung(fresh, ways_of(fresh))


def test_plain_esp_that_is_filtered_is_seen_in_the_counters(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch, device={"esp_open": False})
    assert ping(omar, tunnel).stop is Stop.ESP_FILTERED
    assert counters(tunnel) == (3, 252, 0, 0)


def test_a_device_that_has_fallen_silent_without_dpd(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch)
    ping(omar, tunnel)
    set_device(tunnel, powered_on=False)
    watch.pass_by(5)
    assert ping(omar, tunnel).stop is Stop.SILENT
    set_device(tunnel, powered_on=True)
    # What was sent last has not been answered, whatever came in before.
    assert rung_of(omar, tunnel) == ("warn", "SA up, 0 bytes in")


def test_a_tunnel_out_of_service_carries_no_test_either(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch)
    take_out_of_service(actor=omar, tunnel=tunnel)
    assert ping(omar, tunnel).stop is Stop.OUT_OF_SERVICE
    assert counters(tunnel) == (0, 0, 0, 0)


def test_a_packet_begins_what_waits_for_traffic_and_is_lost_itself(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch, effect_immediately=False)
    assert ping(omar, tunnel).stop is Stop.TUNNEL_DOWN
    assert NegotiationRun.objects.get(tunnel=tunnel).negotiating


@pytest.mark.parametrize("typed", ["", "10.0.0", "::1", "10.0.0.0/8", "=1+1"])
def test_what_is_no_address_is_refused(omar: Actor, watch: Watch, typed: str) -> None:
    tunnel = routed(omar, watch)
    with pytest.raises(Refused) as refused:
        ping(omar, tunnel, typed)
    assert [finding.field for finding in refused.value.findings] == ["destination"]
    assert not TunnelTraffic.objects.exists()


def test_the_last_test_is_shown_hop_by_hop(omar: Actor, watch: Watch) -> None:
    tunnel = routed(omar, watch, device={"esp_open": False})
    ping(omar, tunnel)
    shown = last_test(TunnelTraffic.objects.get(tunnel=tunnel))
    assert shown is not None
    assert [hop.look.role for hop in shown.hops] == ["good"] * 5 + ["bad"] + ["quiet"] * 3
    assert (shown.source, shown.destination, shown.at) == ("192.168.0.10", "10.0.0.7", watch.time)
