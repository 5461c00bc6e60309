"""Rules about customer gateways and the addresses tunnels end on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ipsec import addresses
from ipsec.findings import Finding
from ipsec.rules.codes import Code, error, quoted
from ipsec.rules.text import check_asn, check_name
from ipsec.spec import DEFAULT_LOCAL_ASN

LONGEST_AUTH_KEY: Final = 64
RESERVED_ASN: Final = DEFAULT_LOCAL_ASN
"""Alibaba Cloud's own AS number: the data centre's side cannot have it."""


@dataclass(frozen=True, slots=True)
class CustomerGatewaySpec:
    """A customer gateway as typed. Empty name, description and auth key mean: none given.

    `reserved_networks` is the cloud's own pool of gateway addresses, `registered_addresses` what the account
    has already registered in the region; neither can be registered (again).
    """

    name: str = ""
    description: str = ""
    address: str = ""
    asn: int | None = None
    auth_key: str = field(default="", repr=False)
    reserved_networks: tuple[str, ...] = ()
    registered_addresses: frozenset[str] = frozenset()


def check_customer_gateway(spec: CustomerGatewaySpec) -> list[Finding]:
    """Everything wrong with a new customer gateway, in the order of its form."""
    return [
        *check_name(spec.name, "name"),
        *(check_address(spec.address, "address") or _address_taken(spec)),
        *_asn(spec.asn),
        *check_auth_key(spec.auth_key, has_asn=spec.asn is not None),
        *check_name(spec.description, "description"),
    ]


def check_address(address: str, field: str) -> list[Finding]:
    """Whether an end of a tunnel can have this address: IPv4, unicast, in no range kept for other use."""
    if not addresses.is_ipv4(address):
        return [error(field, Code.ADDRESS_MALFORMED, value=quoted(address))]
    network = addresses.unusable_network(address)
    if network is not None:
        return [error(field, Code.ADDRESS_FORBIDDEN, address=address, network=str(network))]
    return []


def check_gateway_address(address: str) -> list[Finding]:
    """The cloud's gateway address of a tunnel, where it is set by hand."""
    return check_address(address, "gateway_address")


def _address_taken(spec: CustomerGatewaySpec) -> Iterator[Finding]:
    host = f"{spec.address}/32"
    for position, _ in addresses.overlaps_across(spec.reserved_networks, (host,)):
        network = spec.reserved_networks[position]
        yield error("address", Code.ADDRESS_IN_CLOUD_POOL, address=spec.address, network=network)
        return
    if spec.address in spec.registered_addresses:
        yield error("address", Code.ADDRESS_REGISTERED, address=spec.address)


def _asn(asn: int | None) -> list[Finding]:
    if asn is None:
        return []
    return check_peer_asn(asn, "asn")


def check_peer_asn(asn: int, field: str) -> list[Finding]:
    """The AS number of the data centre's side: the range of any, without the cloud's own."""
    if asn == RESERVED_ASN:
        return [error(field, Code.ASN_RESERVED, asn=asn)]
    return check_asn(asn, field)


def check_auth_key(value: str, *, has_asn: bool = True) -> list[Finding]:
    """The BGP authentication key: 1-64 printable ASCII characters, no space, no `?`; needs an AS number.

    Findings tell where the first wrong character stands, never which it is.
    """
    return [*_auth_key(value, has_asn)] if value else []


def _auth_key(value: str, has_asn: bool) -> Iterator[Finding]:
    if len(value) > LONGEST_AUTH_KEY:
        yield error("auth_key", Code.AUTH_KEY_TOO_LONG, max=LONGEST_AUTH_KEY)
    bad = (position for position, character in enumerate(value, 1) if not _fits_auth_key(character))
    if (position := next(bad, None)) is not None:
        yield error("auth_key", Code.AUTH_KEY_CHARACTER, position=position)
    if not has_asn:
        yield error("auth_key", Code.AUTH_KEY_WITHOUT_ASN)


def _fits_auth_key(character: str) -> bool:
    return "!" <= character <= "~" and character != "?"
