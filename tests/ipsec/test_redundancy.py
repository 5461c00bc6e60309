"""Two tunnels are redundant only where no single failure takes both."""

from dataclasses import replace

from ipsec.algorithms import RoutingMode
from ipsec.redundancy import Redundancy, Weakness, judge
from ipsec.spec import BgpSpec, ConnectionSpec, PeerSpec, TunnelSpec

GOOD = ConnectionSpec(
    bgp_enabled=True,
    tunnels=(
        TunnelSpec(1, PeerSpec("203.0.113.1", 65001), bgp=BgpSpec("169.254.10.0/30"), zone="a"),
        TunnelSpec(2, PeerSpec("203.0.113.2", 65001), bgp=BgpSpec("169.254.20.0/30"), zone="b"),
    ),
)


def second(**changes: object) -> ConnectionSpec:
    one, other = GOOD.tunnels
    return replace(GOOD, tunnels=(one, replace(other, **changes)))  # type: ignore[arg-type]


def test_two_devices_two_zones_and_bgp_are_redundant() -> None:
    judged = judge(GOOD)
    assert judged.verdict is Redundancy.MET
    assert judged.weaknesses == ()


def test_each_shared_fate_is_named() -> None:
    assert judge(second(peer=PeerSpec("203.0.113.1"))).weaknesses == (Weakness.ONE_DEVICE,)
    assert judge(second(zone="a")).weaknesses == (Weakness.ONE_ZONE,)
    assert judge(second(dpd=False)).weaknesses == (Weakness.DPD_OFF,)
    assert judge(second(bgp=None)).weaknesses == (Weakness.BGP_ON_ONE,)


def test_tunnels_of_which_one_is_down_do_not_stand_in_for_each_other() -> None:
    judged = judge(GOOD, both_up=False)
    assert judged.verdict is Redundancy.NOT_MET
    assert judged.weaknesses == (Weakness.NOT_BOTH_UP,)


def test_static_routes_are_a_weakness_only_where_nothing_else_moves_them() -> None:
    static = replace(GOOD, bgp_enabled=False)
    assert judge(static).weaknesses == (Weakness.STATIC_ROUTES,)
    assert judge(replace(static, routing_mode=RoutingMode.POLICY)).verdict is Redundancy.MET


def test_what_is_not_chosen_yet_is_not_judged() -> None:
    assert judge(second(peer=None)).verdict is Redundancy.UNKNOWN
    assert judge(replace(GOOD, tunnels=GOOD.tunnels[:1])).verdict is Redundancy.UNKNOWN


def test_the_order_of_the_tunnels_does_not_matter() -> None:
    for spec in (GOOD, second(dpd=False), second(bgp=None), second(peer=PeerSpec("203.0.113.1"))):
        assert judge(spec) == judge(replace(spec, tunnels=spec.tunnels[::-1]))
