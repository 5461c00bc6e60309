"""Where a packet stops on its way to the data centre and back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsec.datapath import Packet, Place, Stop, Ways, esp_passes, trace

OPEN = Ways(routes=("10.0.0.0/16",), local_ts=("0.0.0.0/0",), remote_ts=("0.0.0.0/0",), largest_packet=1422)
PING = Packet("192.168.0.10", "10.0.3.7")


def test_with_everything_in_place_it_comes_back() -> None:
    found = trace(OPEN, PING)
    assert [hop.place for hop in found.hops] == [*Place]
    assert (found.stop, found.left, found.returned) == (Stop.NONE, True, True)


@pytest.mark.parametrize(
    ("broken", "stop", "left", "returned"),
    [
        ({"propagated": False}, Stop.NOT_PROPAGATED, False, False),
        ({"routes": ("10.1.0.0/16",)}, Stop.NO_ROUTE, False, False),
        ({"in_service": False}, Stop.OUT_OF_SERVICE, False, False),
        ({"up": False}, Stop.TUNNEL_DOWN, False, False),
        ({"local_ts": ("172.16.0.0/12",)}, Stop.SELECTORS, False, False),
        ({"remote_ts": ("10.0.0.0/24",)}, Stop.SELECTORS, False, False),
        ({"largest_packet": 60}, Stop.TOO_BIG, False, False),
        ({"esp": Stop.NAT}, Stop.NAT, True, False),
        ({"esp": Stop.ESP_FILTERED}, Stop.ESP_FILTERED, True, False),
        ({"answers": False}, Stop.SILENT, True, False),
        ({"bgp": True, "publishes": False}, Stop.NO_WAY_BACK, True, False),
        ({"associated": False}, Stop.NOT_ASSOCIATED, True, True),
    ],
)  # fmt: skip
def test_it_stops_where_something_is_missing(
    broken: dict[str, object], stop: Stop, left: bool, returned: bool
) -> None:
    found = trace(replace(OPEN, **broken), PING)  # type: ignore[arg-type]
    assert (found.stop, found.left, found.returned) == (stop, left, returned)
    assert not any(hop.stop for hop in found.hops[:-1])


def test_a_route_learnt_by_bgp_will_do() -> None:
    assert not trace(replace(OPEN, routes=(), learnt=("10.0.0.0/8",)), PING).stop


def test_without_bgp_the_device_has_its_routes_from_its_file() -> None:
    assert not trace(replace(OPEN, publishes=False), PING).stop


@pytest.mark.parametrize(("size", "stop"), [(1422, Stop.NONE), (1423, Stop.TOO_BIG)])
def test_the_largest_packet_still_passes(size: int, stop: Stop) -> None:
    assert trace(OPEN, replace(PING, size=size)).stop is stop


@pytest.mark.parametrize(
    ("in_udp", "behind_nat", "esp_open", "stop"),
    [
        (False, False, True, Stop.NONE),
        (False, False, False, Stop.ESP_FILTERED),
        (False, True, True, Stop.NAT),
        (False, True, False, Stop.NAT),
        (True, True, False, Stop.NONE),
    ],
)
def test_esp_in_udp_passes_where_plain_esp_does_not(
    in_udp: bool, behind_nat: bool, esp_open: bool, stop: Stop
) -> None:
    assert esp_passes(in_udp=in_udp, behind_nat=behind_nat, esp_open=esp_open) is stop


@given(
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(28, 2000),
    st.sampled_from(["10.0.0.1", "8.8.8.8"]),
)
def test_what_has_returned_has_left(up: bool, answers: bool, associated: bool, size: int, to: str) -> None:
    found = trace(replace(OPEN, up=up, answers=answers, associated=associated), Packet("1.2.3.4", to, size))
    assert found.left or not found.returned
    assert bool(found.stop) == (len(found.hops) < len(Place) or bool(found.hops[-1].stop))
