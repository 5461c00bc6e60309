"""BGP over the tunnels: AS numbers, tunnel CIDR blocks and BGP addresses."""

from dataclasses import replace

import pytest

from ipsec.addresses import BANNED_TUNNEL_CIDRS
from ipsec.algorithms import DhGroup, Encryption, Integrity, Pfs, RoutingMode
from ipsec.findings import Finding, Severity
from ipsec.rules import NO_SURROUNDINGS, Code, Surroundings, check_connection
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec

IKE = IkeSpec(encryption=Encryption.AES256, integrity=Integrity.SHA256, dh_group=DhGroup.GROUP14)
CHILD = ChildSpec(encryption=Encryption.AES256, integrity=Integrity.SHA256, pfs=Pfs.GROUP14)
ONE = TunnelSpec(1, PeerSpec("203.0.113.1", 65001, "", "cgw-1"), IKE, CHILD, bgp=BgpSpec("169.254.10.0/30"))
TWO = TunnelSpec(2, PeerSpec("203.0.113.2", 65001, "", "cgw-2"), IKE, CHILD, bgp=BgpSpec("169.254.11.0/30"))
SPEC = ConnectionSpec(bgp_enabled=True, tunnels=(ONE, TWO))


def with_bgp(tunnel_cidr: str, local_ip: str = "") -> ConnectionSpec:
    return replace(SPEC, tunnels=(ONE, replace(TWO, bgp=BgpSpec(tunnel_cidr, local_ip))))


def said(
    spec: ConnectionSpec, surroundings: Surroundings = NO_SURROUNDINGS
) -> list[tuple[str, str, Severity]]:
    return [
        (finding.field, finding.code, finding.severity) for finding in check_connection(spec, surroundings)
    ]


def cidr_error(code: Code) -> list[tuple[str, str, Severity]]:
    return [("tunnels.2.bgp.tunnel_cidr", code, Severity.ERROR)]


def test_bgp_with_the_defaults_leaves_nothing_to_say() -> None:
    assert said(SPEC) == []


def test_what_the_switch_hides_is_not_checked() -> None:
    tunnel = replace(ONE, peer=PeerSpec("203.0.113.1"), bgp=BgpSpec("junk", "junk"))
    assert said(replace(SPEC, bgp_enabled=False, local_asn=0, tunnels=(tunnel, TWO))) == []


@pytest.mark.parametrize(
    ("asn", "code"),
    [
        (None, Code.ASN_REQUIRED),
        (0, Code.ASN_OUT_OF_RANGE),
        (4294967296, Code.ASN_OUT_OF_RANGE),
        (-1, Code.ASN_OUT_OF_RANGE),
    ],
)
def test_bgp_needs_a_local_as_number_in_range(asn: int | None, code: Code) -> None:
    assert said(replace(SPEC, local_asn=asn)) == [("local_asn", code, Severity.ERROR)]


@pytest.mark.parametrize("asn", [1, 4294967295])
def test_both_ends_of_the_range_are_accepted_as_local_as_number(asn: int) -> None:
    assert said(replace(SPEC, local_asn=asn)) == [("local_asn", Code.ASN_NOT_PRIVATE, Severity.ADVICE)]


def test_one_as_number_at_both_ends_is_not_excluded() -> None:
    assert said(replace(SPEC, local_asn=65001)) == []


@pytest.mark.parametrize(
    ("asn", "code"),
    [
        (None, Code.PEER_WITHOUT_ASN),
        (45104, Code.ASN_RESERVED),
        (0, Code.ASN_OUT_OF_RANGE),
        (4294967296, Code.ASN_OUT_OF_RANGE),
    ],
)
def test_bgp_needs_a_customer_gateway_with_an_as_number_of_its_own(asn: int | None, code: Code) -> None:
    spec = replace(SPEC, tunnels=(ONE, replace(TWO, peer=PeerSpec("203.0.113.2", asn))))
    assert said(spec) == [("tunnels.2.peer", code, Severity.ERROR)]


def test_different_as_numbers_of_the_devices_are_advised_against() -> None:
    (finding,) = check_connection(
        replace(SPEC, tunnels=(ONE, replace(TWO, peer=PeerSpec("203.0.113.2", 65002))))
    )
    assert (finding.field, finding.severity) == ("tunnels", Severity.ADVICE)
    assert (finding.code, finding.params) == (Code.PEER_ASNS_DIFFER, {"lower": 65001, "higher": 65002})


def test_as_numbers_of_the_devices_may_differ_where_there_is_no_bgp() -> None:
    two = replace(TWO, peer=PeerSpec("203.0.113.2", 65002))
    assert said(replace(SPEC, bgp_enabled=False, tunnels=(ONE, two))) == []


def test_a_device_without_as_number_is_refused_wherever_bgp_is_or_will_be() -> None:
    two = replace(TWO, peer=PeerSpec("203.0.113.2"))
    refusal = ("tunnels.2.peer", Code.PEER_WITHOUT_ASN, Severity.ERROR)
    assert refusal in said(replace(SPEC, tunnels=(ONE, two)), Surroundings(creating=False))
    assert refusal in said(replace(SPEC, tunnels=(ONE, replace(two, bgp=None))))


def test_at_creation_both_tunnels_need_bgp_data() -> None:
    spec = replace(SPEC, tunnels=(ONE, replace(TWO, bgp=None)))
    assert said(spec) == cidr_error(Code.TUNNEL_CIDR_REQUIRED)
    assert said(with_bgp("")) == cidr_error(Code.TUNNEL_CIDR_REQUIRED)


def test_later_each_tunnel_can_have_bgp_alone() -> None:
    without = replace(TWO, bgp=None, peer=PeerSpec("203.0.113.2"))
    spec = replace(SPEC, tunnels=(ONE, without))
    assert said(spec, Surroundings(creating=False)) == []
    emptied = replace(SPEC, tunnels=(ONE, replace(TWO, bgp=BgpSpec())))
    assert said(emptied, Surroundings(creating=False)) == cidr_error(Code.TUNNEL_CIDR_REQUIRED)


@pytest.mark.parametrize("cidr", BANNED_TUNNEL_CIDRS)
def test_each_of_the_eight_reserved_blocks_is_refused(cidr: str) -> None:
    assert said(with_bgp(cidr)) == cidr_error(Code.TUNNEL_CIDR_RESERVED)


@pytest.mark.parametrize(
    "cidr",
    [f"169.254.{third}.4/30" for third in range(7)]
    + [f"169.254.{third}.252/30" for third in range(7)]
    + ["169.254.7.0/30", "169.254.169.248/30", "169.254.170.0/30", "169.254.255.252/30"],
)
def test_their_neighbours_are_allowed(cidr: str) -> None:
    assert said(with_bgp(cidr)) == []


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("junk", Code.NETWORK_MALFORMED),
        ("169.254.12.0", Code.NETWORK_MALFORMED),
        ("169.254.12.0/３０", Code.NETWORK_MALFORMED),
        ("169.254.12.1/30", Code.NETWORK_HOST_BITS),
        ("169.254.12.0/29", Code.TUNNEL_CIDR_NOT_30),
        ("169.254.12.0/31", Code.TUNNEL_CIDR_NOT_30),
        ("169.254.0.0/16", Code.TUNNEL_CIDR_NOT_30),
        ("169.253.255.252/30", Code.TUNNEL_CIDR_OUTSIDE),
        ("169.255.0.0/30", Code.TUNNEL_CIDR_OUTSIDE),
        ("169.0.0.0/8", Code.TUNNEL_CIDR_OUTSIDE),
        ("0.0.0.0/0", Code.TUNNEL_CIDR_OUTSIDE),
    ],
)
def test_a_tunnel_cidr_is_a_30_of_the_link_local_range(cidr: str, code: Code) -> None:
    assert said(with_bgp(cidr)) == cidr_error(code)


def test_the_two_tunnels_cannot_share_a_block_and_both_are_marked() -> None:
    findings = said(with_bgp("169.254.10.0/30"))
    assert [(field, code) for field, code, _ in findings] == [
        ("tunnels.1.bgp.tunnel_cidr", Code.TUNNEL_CIDR_SAME),
        ("tunnels.2.bgp.tunnel_cidr", Code.TUNNEL_CIDR_SAME),
    ]


def test_what_is_wrong_in_itself_is_not_also_called_equal() -> None:
    twice = replace(
        SPEC,
        tunnels=(replace(ONE, bgp=BgpSpec("169.254.0.0/30")), replace(TWO, bgp=BgpSpec("169.254.0.0/30"))),
    )
    assert {code for _, code, _ in said(twice)} == {Code.TUNNEL_CIDR_RESERVED}


def test_a_block_another_connection_has_on_this_customer_gateway_is_refused() -> None:
    taken = frozenset({"169.254.11.0/30"})
    here = Surroundings(cidrs_on_gateway={"cgw-2": taken}, cidrs_on_transit_router=taken)
    assert said(SPEC, here) == cidr_error(Code.TUNNEL_CIDR_ON_GATEWAY)
    assert said(SPEC, Surroundings(cidrs_on_gateway={"cgw-1": taken})) == []


def test_a_block_another_connection_has_on_the_transit_router_is_a_warning() -> None:
    elsewhere = Surroundings(cidrs_on_transit_router=frozenset({"169.254.11.0/30"}))
    field = "tunnels.2.bgp.tunnel_cidr"
    assert said(SPEC, elsewhere) == [(field, Code.TUNNEL_CIDR_ON_TRANSIT_ROUTER, Severity.WARNING)]


@pytest.mark.parametrize("local_ip", ["", "169.254.12.1", "169.254.12.2"])
def test_either_host_of_the_block_can_be_local(local_ip: str) -> None:
    assert said(with_bgp("169.254.12.0/30", local_ip)) == []


@pytest.mark.parametrize(
    ("local_ip", "code"),
    [
        ("169.254.12.0", Code.BGP_ADDRESS_NOT_HOST),
        ("169.254.12.3", Code.BGP_ADDRESS_NOT_HOST),
        ("169.254.12.4", Code.BGP_ADDRESS_OUTSIDE),
        ("169.254.11.255", Code.BGP_ADDRESS_OUTSIDE),
        ("junk", Code.ADDRESS_MALFORMED),
        ("169.254.12.1/30", Code.ADDRESS_MALFORMED),
        ("169.254.12.１", Code.ADDRESS_MALFORMED),
    ],
)
def test_other_addresses_cannot_be_local(local_ip: str, code: Code) -> None:
    spec = with_bgp("169.254.12.0/30", local_ip)
    assert said(spec) == [("tunnels.2.bgp.local_ip", code, Severity.ERROR)]


def test_the_refusal_of_an_address_names_the_two_that_fit() -> None:
    (finding,) = check_connection(with_bgp("169.254.12.0/30", "169.254.12.3"))
    assert (finding.params["first"], finding.params["second"]) == ("169.254.12.1", "169.254.12.2")


def test_an_address_is_not_held_against_a_block_that_is_wrong_itself() -> None:
    assert said(with_bgp("169.254.0.0/30", "10.0.0.1")) == cidr_error(Code.TUNNEL_CIDR_RESERVED)


def selector_warnings(local: tuple[str, ...], remote: tuple[str, ...], bgp: BgpSpec) -> list[Finding]:
    spec = replace(
        SPEC,
        routing_mode=RoutingMode.POLICY,
        local_networks=local,
        remote_networks=remote,
        tunnels=(replace(ONE, bgp=bgp), TWO),
    )
    return [
        f for f in check_connection(spec) if f.code == Code.BGP_OUTSIDE_SELECTORS and "tunnels.1" in f.field
    ]


def test_in_policy_mode_the_selectors_must_hold_the_bgp_addresses() -> None:
    bgp = BgpSpec("169.254.10.0/30")
    (finding,) = selector_warnings(("10.0.0.0/16",), ("192.168.0.0/16",), bgp)
    assert (finding.field, finding.severity) == ("tunnels.1.bgp.tunnel_cidr", Severity.WARNING)
    assert finding.params == {"local": "169.254.10.1", "peer": "169.254.10.2"}


def test_the_local_and_the_peer_address_must_be_on_their_own_side() -> None:
    local, remote = ("10.0.0.0/16", "169.254.10.1/32"), ("192.168.0.0/16", "169.254.10.2/32")
    assert selector_warnings(local, remote, BgpSpec("169.254.10.0/30")) == []
    assert len(selector_warnings(local, remote, BgpSpec("169.254.10.0/30", "169.254.10.2"))) == 1
    assert len(selector_warnings(local, ("192.168.0.0/16",), BgpSpec("169.254.10.0/30"))) == 1


def test_in_destination_mode_the_selectors_hold_everything() -> None:
    assert said(replace(SPEC, local_networks=("10.0.0.0/16",))) == []
