"""What holds for any spec: no text or number makes a rule raise, and the two tunnels are treated alike."""

from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from ipsec.algorithms import (
    DhGroup,
    Encryption,
    IkeMode,
    IkeVersion,
    Integrity,
    NetworkType,
    Pfs,
    RoutingMode,
)
from ipsec.findings import Finding, Severity
from ipsec.rules import (
    RULES,
    Code,
    CustomerGatewaySpec,
    Surroundings,
    TransitRouterFacts,
    check_connection,
    check_customer_gateway,
    check_gateway_address,
    check_transit_cidr,
    errors,
    form_position,
)
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec

TELLING = [
    "",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.3/16",
    "100.64.0.0/10",
    "169.254.10.0/30",
    "169.254.10.1",
    "169.254.10.3",
    "169.254.11.0/30",
    "169.254.0.0/30",
    "203.0.113.1",
    "192.168.1.1",
    "branch-1",
    "http://x",
    "a b",
    "%(max)s %s %",
    "\ud800",
    "\u202egnp",
    "x" * 101,
    "１.2.3.4",
]
TEXTS = st.sampled_from(TELLING) | st.text(st.characters())
NUMBERS = st.sampled_from([-1, 0, 1, 2, 86400, 86401, 45104, 65001, 65002, 2**32, 10**6000]) | st.integers()
NETWORKS = st.lists(TEXTS, max_size=8).map(tuple)


Kind = TypeVar("Kind", bound=StrEnum)


def member(kind: type[Kind]) -> st.SearchStrategy[Kind]:
    return st.sampled_from(list(kind))


PEERS = st.builds(PeerSpec, TEXTS, st.none() | NUMBERS, TEXTS, TEXTS)
IKES = st.builds(
    IkeSpec,
    member(IkeVersion),
    member(IkeMode),
    member(Encryption),
    member(Integrity),
    member(DhGroup),
    lifetime=NUMBERS,
    local_id=TEXTS,
    remote_id=TEXTS,
    psk=st.none() | TEXTS,
)
CHILDREN = st.builds(ChildSpec, member(Encryption), member(Integrity), member(Pfs), NUMBERS)
BGPS = st.builds(BgpSpec, TEXTS, TEXTS)


def tunnels(index: st.SearchStrategy[int]) -> st.SearchStrategy[TunnelSpec]:
    return st.builds(
        TunnelSpec,
        index,
        st.none() | PEERS,
        IKES,
        CHILDREN,
        bgp=st.none() | BGPS,
        gateway_address=st.none() | TEXTS,
    )


def connections(both: st.SearchStrategy[tuple[TunnelSpec, ...]]) -> st.SearchStrategy[ConnectionSpec]:
    return st.builds(
        ConnectionSpec,
        name=TEXTS,
        network_type=member(NetworkType),
        routing_mode=member(RoutingMode),
        local_networks=NETWORKS,
        remote_networks=NETWORKS,
        bgp_enabled=st.booleans(),
        local_asn=st.none() | NUMBERS,
        tunnels=both,
    )


ONE_AND_TWO = st.tuples(tunnels(st.just(1)), tunnels(st.just(2)))
ANY_TUNNELS = ONE_AND_TWO | st.lists(tunnels(NUMBERS), max_size=4).map(tuple)
TRANSIT_ROUTERS = st.builds(TransitRouterFacts, TEXTS, TEXTS, TEXTS, NETWORKS)
SURROUNDINGS = st.builds(
    Surroundings,
    st.booleans(),
    st.none() | TRANSIT_ROUTERS,
    st.dictionaries(TEXTS, st.frozensets(TEXTS)),
    st.frozensets(TEXTS),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(connections(ANY_TUNNELS), SURROUNDINGS)
def test_whatever_a_spec_holds_it_is_answered_with_known_codes_in_form_order(
    spec: ConnectionSpec, surroundings: Surroundings
) -> None:
    findings = check_connection(spec, surroundings)
    assert {finding.code for finding in findings} <= {*Code}
    positions = [form_position(finding.field) for finding in findings]
    assert positions == sorted(positions)
    assert findings == check_connection(spec, surroundings)


@given(
    st.builds(
        CustomerGatewaySpec, TEXTS, TEXTS, TEXTS, st.none() | NUMBERS, TEXTS, NETWORKS, st.frozensets(TEXTS)
    )
)
def test_whatever_a_customer_gateway_is_typed_as_it_is_answered(spec: CustomerGatewaySpec) -> None:
    assert {finding.code for finding in check_customer_gateway(spec)} <= {*Code}


@given(TEXTS, NETWORKS)
def test_whatever_address_or_block_is_typed_it_is_answered(text: str, others: tuple[str, ...]) -> None:
    findings = check_transit_cidr(text, others) + check_gateway_address(text)
    assert {finding.code for finding in findings} <= {*Code}


def swapped(spec: ConnectionSpec) -> ConnectionSpec:
    one, two = spec.tunnels
    return replace(spec, tunnels=(replace(two, index=1), replace(one, index=2)))


def as_set(findings: list[Finding]) -> set[tuple[str, str, Severity, frozenset[tuple[str, str | int]]]]:
    return {(f.field, f.code, f.severity, frozenset(f.params.items())) for f in findings}


def swap_field(finding: Finding) -> Finding:
    parts = finding.field.split(".")
    if parts[0] == "tunnels" and len(parts) > 1:
        parts[1] = {"1": "2", "2": "1"}[parts[1]]
    return replace(finding, field=".".join(parts))


@settings(max_examples=200, deadline=None)
@given(connections(ONE_AND_TWO), SURROUNDINGS)
def test_swapping_the_two_tunnels_swaps_the_findings(
    spec: ConnectionSpec, surroundings: Surroundings
) -> None:
    before = check_connection(spec, surroundings)
    after = check_connection(swapped(spec), surroundings)
    assert as_set(after) == as_set([swap_field(finding) for finding in before])
    assert len(after) == len(before)


@given(connections(ONE_AND_TWO))
def test_no_finding_tells_a_key(spec: ConnectionSpec) -> None:
    keyed = tuple(replace(t, ike=replace(t.ike, psk="Marker Of A Secret")) for t in spec.tunnels)
    assert "Marker" not in repr(check_connection(replace(spec, tunnels=keyed)))


def test_only_errors_refuse() -> None:
    findings = [
        Finding("name", "a"),
        Finding("name", "b", Severity.WARNING),
        Finding("name", "c", Severity.ADVICE),
    ]
    assert errors(findings) == findings[:1]


def test_a_default_spec_breaks_only_the_rule_of_two_tunnels() -> None:
    assert [finding.code for finding in check_connection(ConnectionSpec())] == [Code.TUNNELS_NOT_TWO]


def test_no_rule_is_listed_twice() -> None:
    assert len(set(RULES)) == len(RULES)


def test_findings_stand_in_the_order_of_the_page() -> None:
    fields = [
        "name",
        "cen",
        "routing_mode",
        "local_networks",
        "local_networks.0",
        "local_networks.10",
        "remote_networks.2",
        "bgp_enabled",
        "local_asn",
        "tunnels",
        "tunnels.1.peer",
        "tunnels.1.ike.psk",
        "tunnels.1.child.lifetime",
        "tunnels.1.bgp.local_ip",
        "tunnels.2.peer",
    ]
    by_name = sorted(fields)
    assert sorted(by_name, key=form_position) == fields
