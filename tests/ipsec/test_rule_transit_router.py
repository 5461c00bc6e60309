"""What the transit router must be for a connection to bind to it, and its CIDR blocks."""

import pytest

from ipsec.algorithms import NetworkType
from ipsec.findings import Severity
from ipsec.rules import Code, Surroundings, TransitRouterFacts, check_connection, check_transit_cidr
from ipsec.spec import ConnectionSpec

BLOCKS = ("10.8.0.0/24",)
PUBLIC = ConnectionSpec()
PRIVATE = ConnectionSpec(network_type=NetworkType.PRIVATE)


def said(spec: ConnectionSpec, surroundings: Surroundings) -> list[tuple[str, Severity]]:
    findings = check_connection(spec, surroundings)
    return [(finding.code, finding.severity) for finding in findings if finding.field == "cen"]


def test_an_active_enterprise_transit_router_with_a_block_suits_both_gateway_types() -> None:
    bound = Surroundings(transit_router=TransitRouterFacts("tr-1", cidr_blocks=BLOCKS))
    assert said(PUBLIC, bound) == said(PRIVATE, bound) == []


def test_a_basic_edition_is_refused() -> None:
    bound = Surroundings(transit_router=TransitRouterFacts("tr-1", edition="Basic", cidr_blocks=BLOCKS))
    assert said(PUBLIC, bound) == [(Code.TRANSIT_ROUTER_NOT_ENTERPRISE, Severity.ERROR)]


@pytest.mark.parametrize("status", ["Creating", "Modifying", "Deleting", "", "active"])
def test_a_transit_router_that_is_not_active_is_refused(status: str) -> None:
    bound = Surroundings(transit_router=TransitRouterFacts("tr-1", status=status, cidr_blocks=BLOCKS))
    assert said(PUBLIC, bound) == [(Code.TRANSIT_ROUTER_NOT_ACTIVE, Severity.ERROR)]


def test_without_a_cidr_block_private_is_refused_and_public_warned() -> None:
    bound = Surroundings(transit_router=TransitRouterFacts("tr-1"))
    assert said(PRIVATE, bound) == [(Code.TRANSIT_CIDR_MISSING_PRIVATE, Severity.ERROR)]
    assert said(PUBLIC, bound) == [(Code.TRANSIT_CIDR_MISSING_PUBLIC, Severity.WARNING)]


def test_nothing_is_asked_of_a_transit_router_that_is_not_bound_now() -> None:
    basic = TransitRouterFacts("tr-1", edition="Basic", status="Creating")
    assert said(PRIVATE, Surroundings(transit_router=basic, cross_account=True)) == []
    assert said(PRIVATE, Surroundings(transit_router=basic, bind_now=False)) == []
    assert len(said(PRIVATE, Surroundings(transit_router=basic))) == 3


def test_nothing_is_said_of_a_transit_router_that_is_not_known() -> None:
    assert said(PRIVATE, Surroundings()) == []


def cidr_codes(cidr: str, others: tuple[str, ...] = ()) -> list[str]:
    findings = check_transit_cidr(cidr, others)
    assert {finding.field for finding in findings} <= {"cidr"}
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    "cidr", ["10.0.0.0/16", "10.0.0.0/24", "192.168.4.0/22", "172.16.0.0/20", "100.128.0.0/16"]
)
def test_blocks_from_16_to_24_pass(cidr: str) -> None:
    assert cidr_codes(cidr) == []


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.0.0.0/25", "10.0.0.0/8", "10.0.0.0/32"])
def test_other_sizes_are_refused(cidr: str) -> None:
    assert cidr_codes(cidr) == [Code.TRANSIT_CIDR_MASK]


@pytest.mark.parametrize(
    "cidr",
    [
        "100.64.0.0/16",
        "100.127.255.0/24",
        "127.0.0.0/24",
        "169.254.0.0/16",
        "169.254.9.0/24",
        "224.0.0.0/24",
        "239.255.0.0/16",
        "240.0.0.0/16",
        "0.0.0.0/16",
    ],
)
def test_ranges_kept_for_other_use_are_refused(cidr: str) -> None:
    assert cidr_codes(cidr) == [Code.TRANSIT_CIDR_FORBIDDEN]


@pytest.mark.parametrize(
    ("cidr", "code"),
    [("10.0.0.1/24", Code.NETWORK_HOST_BITS), ("junk", Code.NETWORK_MALFORMED), ("", Code.NETWORK_MALFORMED)],
)
def test_a_block_is_a_canonical_network(cidr: str, code: Code) -> None:
    assert cidr_codes(cidr) == [code]


def test_a_block_may_meet_no_other() -> None:
    assert cidr_codes("10.0.0.0/16", ("10.0.3.0/24", "10.0.4.0/24")) == [Code.TRANSIT_CIDR_OVERLAP]
    assert cidr_codes("10.0.3.0/24", ("10.0.0.0/16",)) == [Code.TRANSIT_CIDR_OVERLAP]
    assert cidr_codes("10.1.0.0/16", ("10.0.0.0/16", "10.2.0.0/16")) == []
