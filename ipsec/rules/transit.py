"""Rules about the transit router a connection is bound to, and about transit router CIDR blocks."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from ipsec import addresses
from ipsec.algorithms import NetworkType
from ipsec.findings import Finding
from ipsec.rules.codes import Code, error, quoted, warning
from ipsec.rules.networks import check_network
from ipsec.rules.surroundings import ACTIVE, ENTERPRISE, Surroundings
from ipsec.spec import ConnectionSpec

SHORTEST_MASK: Final = 16
LONGEST_MASK: Final = 24


def transit_router_fit(spec: ConnectionSpec, surroundings: Surroundings) -> Iterator[Finding]:
    """A connection binds to an Enterprise edition transit router that is active.

    Findings about it stand at `cen`: choosing the CEN instance chooses the transit router.
    """
    facts = surroundings.binding_to
    if facts is None:
        return
    if facts.edition != ENTERPRISE:
        name = quoted(facts.transit_router_id)
        yield error("cen", Code.TRANSIT_ROUTER_NOT_ENTERPRISE, transit_router=name)
    if facts.status != ACTIVE:
        name, status = quoted(facts.transit_router_id), quoted(facts.status)
        yield error("cen", Code.TRANSIT_ROUTER_NOT_ACTIVE, transit_router=name, status=status)


def transit_cidr_there(spec: ConnectionSpec, surroundings: Surroundings) -> Iterator[Finding]:
    """Gateway addresses of private connections come from the block, so they cannot do without one."""
    facts = surroundings.binding_to
    if facts is None or facts.cidr_blocks:
        return
    name = quoted(facts.transit_router_id)
    if spec.network_type is NetworkType.PRIVATE:
        yield error("cen", Code.TRANSIT_CIDR_MISSING_PRIVATE, transit_router=name)
    else:
        yield warning("cen", Code.TRANSIT_CIDR_MISSING_PUBLIC, transit_router=name)


def check_transit_cidr(cidr: str, others: tuple[str, ...] = ()) -> list[Finding]:
    """A new CIDR block of a transit router (field `cidr`). `others`: what it may not meet, such as blocks of
    the CEN's transit routers and connected networks. How many there may be is a quota's to say."""
    return check_network(cidr, "cidr") or [*_transit_cidr(addresses.parse_network(cidr), others)]


def _transit_cidr(network: IPv4Network, others: tuple[str, ...]) -> Iterator[Finding]:
    cidr = str(network)
    if not SHORTEST_MASK <= network.prefixlen <= LONGEST_MASK:
        yield error("cidr", Code.TRANSIT_CIDR_MASK, cidr=cidr, shortest=SHORTEST_MASK, longest=LONGEST_MASK)
    banned = next((other for other in addresses.UNUSABLE_NETWORKS if network.overlaps(other)), None)
    if banned is not None:
        yield error("cidr", Code.TRANSIT_CIDR_FORBIDDEN, cidr=cidr, network=str(banned))
    met = next((others[position] for position, _ in addresses.overlaps_across(others, (cidr,))), None)
    if met is not None:
        yield error("cidr", Code.TRANSIT_CIDR_OVERLAP, cidr=cidr, other=met)
