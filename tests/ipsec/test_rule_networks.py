"""Protected data flows: what may stand in the local and remote networks."""

import pytest

from ipsec.algorithms import IkeVersion, RoutingMode
from ipsec.findings import Severity
from ipsec.rules import (
    NO_SURROUNDINGS,
    Code,
    Surroundings,
    TransitRouterFacts,
    check_connection,
    check_route,
)
from ipsec.spec import ConnectionSpec, IkeSpec, TunnelSpec

FIVE = tuple(f"10.{number}.0.0/16" for number in range(5))
SIX = (*FIVE, "10.5.0.0/16")
ELSEWHERE = ("192.168.0.0/16",)


def policy(local: tuple[str, ...], remote: tuple[str, ...]) -> ConnectionSpec:
    return ConnectionSpec(routing_mode=RoutingMode.POLICY, local_networks=local, remote_networks=remote)


def said(
    spec: ConnectionSpec, surroundings: Surroundings = NO_SURROUNDINGS
) -> list[tuple[str, str, Severity]]:
    """What is said about routing; other findings are not of interest here."""
    return [
        (finding.field, finding.code, finding.severity)
        for finding in check_connection(spec, surroundings)
        if finding.field.startswith(("routing_mode", "local_networks", "remote_networks"))
    ]


def error(field: str, code: Code) -> tuple[str, str, Severity]:
    return field, code, Severity.ERROR


def test_one_to_five_networks_on_each_side_pass() -> None:
    assert said(policy(("10.0.0.0/16",), ELSEWHERE)) == []
    assert said(policy(FIVE, tuple(f"192.168.{number}.0/24" for number in range(5)))) == []


def test_the_sixth_network_is_one_too_many_on_either_side() -> None:
    assert said(policy(SIX, ELSEWHERE)) == [error("local_networks", Code.NETWORKS_TOO_MANY)]
    assert said(policy(ELSEWHERE, SIX)) == [error("remote_networks", Code.NETWORKS_TOO_MANY)]


def test_policy_mode_needs_networks_on_both_sides() -> None:
    assert said(policy((), ())) == [
        error("local_networks", Code.NETWORK_REQUIRED),
        error("remote_networks", Code.NETWORK_REQUIRED),
    ]


def test_what_destination_mode_hides_is_not_checked() -> None:
    spec = ConnectionSpec(local_networks=("junk", "junk"), remote_networks=("0.0.0.0/0", "100.64.0.0/10"))
    assert said(spec) == []


@pytest.mark.parametrize(
    "text", ["", "10.0.0.0", "10.0.0.0/33", "2001:db8::/32", "10.0.0.0/８", "0.0.0.0/00", "/", "x"]
)
def test_a_network_that_is_none_is_marked_at_its_position(text: str) -> None:
    spec = policy(("10.0.0.0/16", text), ELSEWHERE)
    assert said(spec) == [error("local_networks.1", Code.NETWORK_MALFORMED)]


def test_host_bits_are_refused_and_the_network_is_suggested() -> None:
    spec = policy(("10.0.0.0/16",), ("192.168.1.1/24",))
    assert said(spec) == [error("remote_networks.0", Code.NETWORK_HOST_BITS)]
    (finding,) = [finding for finding in check_connection(spec) if finding.code == Code.NETWORK_HOST_BITS]
    assert finding.params == {"value": "192.168.1.1/24", "network": "192.168.1.0/24"}


def test_a_duplicate_is_marked_once_at_the_later_entry() -> None:
    same = "10.0.0.0/16"
    assert said(policy((same, same, same), ELSEWHERE)) == [
        error("local_networks.1", Code.NETWORK_DUPLICATE),
        error("local_networks.2", Code.NETWORK_DUPLICATE),
    ]


@pytest.mark.parametrize("pair", [("10.0.0.0/8", "10.1.0.0/16"), ("10.1.0.0/16", "10.0.0.0/8")])
def test_overlap_inside_a_list_is_refused_whichever_is_wider(pair: tuple[str, str]) -> None:
    assert said(policy(ELSEWHERE, pair)) == [error("remote_networks.1", Code.NETWORK_OVERLAP)]


def test_neighbouring_networks_do_not_overlap() -> None:
    assert said(policy(("10.0.0.0/17", "10.0.128.0/17"), ELSEWHERE)) == []


def test_the_same_network_on_both_sides_is_an_error() -> None:
    spec = policy(("10.0.0.0/16", "10.2.0.0/16"), ("192.168.0.0/16", "10.2.0.0/16"))
    assert said(spec) == [error("remote_networks.1", Code.NETWORK_EQUAL_ACROSS)]


def test_overlap_across_the_sides_is_a_warning() -> None:
    expected = [("remote_networks.0", Code.NETWORK_OVERLAP_ACROSS, Severity.WARNING)]
    assert said(policy(("10.0.0.0/8",), ("10.2.0.0/16",))) == expected
    assert said(policy(("10.2.0.0/16",), ("10.0.0.0/8",))) == expected


def test_any_on_both_sides_is_destination_mode() -> None:
    spec = policy(("0.0.0.0/0",), ("0.0.0.0/0",))
    assert said(spec) == [error("routing_mode", Code.ANY_NETWORK_BOTH_SIDES)]


def test_any_on_one_side_is_refused_at_that_side() -> None:
    any_local, any_remote = policy(("0.0.0.0/0",), ELSEWHERE), policy(ELSEWHERE, ("0.0.0.0/0",))
    assert said(any_local) == [error("local_networks.0", Code.ANY_NETWORK_ONE_SIDE)]
    assert said(any_remote) == [error("remote_networks.0", Code.ANY_NETWORK_ONE_SIDE)]


@pytest.mark.parametrize(
    "network", ["100.64.0.0/10", "100.64.0.0/24", "100.127.255.255/32", "100.0.0.0/8", "0.0.0.0/1"]
)
def test_no_remote_network_may_meet_the_shared_range(network: str) -> None:
    assert said(policy(("172.16.0.0/12",), (network,))) == [error("remote_networks.0", Code.ROUTE_FORBIDDEN)]


@pytest.mark.parametrize("network", ["100.0.0.0/10", "100.63.255.255/32", "100.128.0.0/32"])
def test_the_neighbours_of_the_shared_range_pass(network: str) -> None:
    assert said(policy(("172.16.0.0/12",), (network,))) == []


def test_the_shared_range_may_be_local_since_no_route_is_made_to_it() -> None:
    assert said(policy(("100.64.0.0/24",), ELSEWHERE)) == []


def test_a_remote_network_over_the_transit_routers_block_is_a_warning() -> None:
    bound = Surroundings(
        transit_router=TransitRouterFacts("tr-1", cidr_blocks=("10.9.0.0/24", "192.168.7.0/24"))
    )
    spec = policy(("10.0.0.0/8",), ELSEWHERE)
    assert said(spec, bound) == [
        ("remote_networks.0", Code.NETWORK_OVERLAPS_TRANSIT_CIDR, Severity.WARNING),
    ]


@pytest.mark.parametrize(("local", "remote"), [(FIVE[:2], ELSEWHERE), (ELSEWHERE, FIVE[:2])])
def test_several_networks_need_ikev2_on_every_tunnel(local: tuple[str, ...], remote: tuple[str, ...]) -> None:
    one, two = (TunnelSpec(index, ike=IkeSpec(version=IkeVersion.IKEV1)) for index in (1, 2))
    spec = ConnectionSpec(
        routing_mode=RoutingMode.POLICY, local_networks=local, remote_networks=remote, tunnels=(one, two)
    )
    marked = [f.field for f in check_connection(spec) if f.code == Code.IKEV1_WITH_SEVERAL_NETWORKS]
    assert marked == ["tunnels.1.ike.version", "tunnels.2.ike.version"]


def test_only_the_tunnel_with_ikev1_is_marked_and_one_network_suits_it() -> None:
    tunnels = (TunnelSpec(1), TunnelSpec(2, ike=IkeSpec(version=IkeVersion.IKEV1)))
    several = ConnectionSpec(
        routing_mode=RoutingMode.POLICY, local_networks=FIVE, remote_networks=ELSEWHERE, tunnels=tunnels
    )
    single = ConnectionSpec(
        routing_mode=RoutingMode.POLICY, local_networks=FIVE[:1], remote_networks=ELSEWHERE, tunnels=tunnels
    )
    hidden = ConnectionSpec(local_networks=FIVE, tunnels=tunnels)
    ikev1 = [
        [f.field for f in check_connection(spec) if "ike.version" in f.field]
        for spec in (several, single, hidden)
    ]
    assert ikev1 == [["tunnels.2.ike.version"], [], []]


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("192.168.0.0/16", []),
        ("0.0.0.0/2", []),
        ("0.0.0.0/1", [Code.ROUTE_FORBIDDEN]),
        ("100.63.255.255/32", []),
        ("100.128.0.0/9", []),
        ("0.0.0.0/0", [Code.ROUTE_TO_EVERYWHERE]),
        ("100.64.0.0/10", [Code.ROUTE_FORBIDDEN]),
        ("100.127.255.255/32", [Code.ROUTE_FORBIDDEN]),
        ("64.0.0.0/2", [Code.ROUTE_FORBIDDEN]),
        ("192.168.0.1/16", [Code.NETWORK_HOST_BITS]),
        ("192.168.0.0", [Code.NETWORK_MALFORMED]),
        ("", [Code.NETWORK_MALFORMED]),
    ],
)
def test_what_can_be_a_destination_route(typed: str, codes: list[Code]) -> None:
    assert [(one.field, one.code) for one in check_route(typed, "destination")] == [
        ("destination", code) for code in codes
    ]
