"""The closed list of what rules can say, and how they say it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from ipsec.findings import Finding, Severity

LONGEST_QUOTE: Final = 64
"""Characters of typed text that a message repeats."""


class Code(StrEnum):
    """Stable codes of findings. Their texts live in `wording.findings`; forms key on them."""

    TEXT_TOO_LONG = "text_too_long"
    TEXT_IS_LINK = "text_is_link"
    TEXT_CONTROL_CHARACTER = "text_control_character"

    ASN_MALFORMED = "asn_malformed"
    ASN_REQUIRED = "asn_required"
    ASN_OUT_OF_RANGE = "asn_out_of_range"
    ASN_RESERVED = "asn_reserved"
    ASN_NOT_PRIVATE = "asn_not_private"

    ADDRESS_MALFORMED = "address_malformed"
    ADDRESS_FORBIDDEN = "address_forbidden"
    ADDRESS_IN_CLOUD_POOL = "address_in_cloud_pool"
    ADDRESS_REGISTERED = "address_registered"
    AUTH_KEY_TOO_LONG = "auth_key_too_long"
    AUTH_KEY_CHARACTER = "auth_key_character"
    AUTH_KEY_WITHOUT_ASN = "auth_key_without_asn"

    TRANSIT_ROUTER_NOT_ENTERPRISE = "transit_router_not_enterprise"
    TRANSIT_ROUTER_NOT_ACTIVE = "transit_router_not_active"
    TRANSIT_CIDR_MISSING_PRIVATE = "transit_cidr_missing_private"
    TRANSIT_CIDR_MISSING_PUBLIC = "transit_cidr_missing_public"
    TRANSIT_CIDR_MASK = "transit_cidr_mask"
    TRANSIT_CIDR_FORBIDDEN = "transit_cidr_forbidden"
    TRANSIT_CIDR_OVERLAP = "transit_cidr_overlap"
    TRANSIT_CIDR_TOO_MANY = "transit_cidr_too_many"

    NETWORK_REQUIRED = "network_required"
    NETWORKS_TOO_MANY = "networks_too_many"
    NETWORK_MALFORMED = "network_malformed"
    NETWORK_HOST_BITS = "network_host_bits"
    NETWORK_DUPLICATE = "network_duplicate"
    NETWORK_OVERLAP = "network_overlap"
    NETWORK_EQUAL_ACROSS = "network_equal_across"
    NETWORK_OVERLAP_ACROSS = "network_overlap_across"
    NETWORK_OVERLAPS_TRANSIT_CIDR = "network_overlaps_transit_cidr"
    ANY_NETWORK_ONE_SIDE = "any_network_one_side"
    ANY_NETWORK_BOTH_SIDES = "any_network_both_sides"
    ROUTE_FORBIDDEN = "route_forbidden"
    ROUTE_TO_EVERYWHERE = "route_to_everywhere"

    TUNNELS_NOT_TWO = "tunnels_not_two"
    SAME_CUSTOMER_GATEWAY = "same_customer_gateway"
    PEER_ASNS_DIFFER = "peer_asns_differ"
    PEER_REQUIRED = "peer_required"
    PEER_NOT_PUBLIC = "peer_not_public"
    PEER_NOT_PRIVATE = "peer_not_private"
    PEER_IS_OWN_GATEWAY = "peer_is_own_gateway"
    PEER_WITHOUT_ASN = "peer_without_asn"

    PSK_TOO_LONG = "psk_too_long"
    PSK_CHARACTER = "psk_character"
    IKEV1_WITH_SEVERAL_NETWORKS = "ikev1_with_several_networks"
    WEAK_ALGORITHMS = "weak_algorithms"
    LIFETIME_OUT_OF_RANGE = "lifetime_out_of_range"
    LIFETIME_NEVER = "lifetime_never"
    ID_TOO_LONG = "id_too_long"
    ID_MALFORMED = "id_malformed"
    ID_FQDN_IN_MAIN_MODE = "id_fqdn_in_main_mode"

    BGP_ON_NO_TUNNEL = "bgp_on_no_tunnel"
    TUNNEL_CIDR_REQUIRED = "tunnel_cidr_required"
    TUNNEL_CIDR_NOT_30 = "tunnel_cidr_not_30"
    TUNNEL_CIDR_OUTSIDE = "tunnel_cidr_outside"
    TUNNEL_CIDR_RESERVED = "tunnel_cidr_reserved"
    TUNNEL_CIDR_SAME = "tunnel_cidr_same"
    TUNNEL_CIDR_ON_GATEWAY = "tunnel_cidr_on_gateway"
    TUNNEL_CIDR_ON_TRANSIT_ROUTER = "tunnel_cidr_on_transit_router"
    BGP_ADDRESS_OUTSIDE = "bgp_address_outside"
    BGP_ADDRESS_NOT_HOST = "bgp_address_not_host"
    BGP_OUTSIDE_SELECTORS = "bgp_outside_selectors"


def error(field: str, code: Code, **params: str | int) -> Finding:
    return Finding(field, code, Severity.ERROR, params)


def warning(field: str, code: Code, **params: str | int) -> Finding:
    return Finding(field, code, Severity.WARNING, params)


def advice(field: str, code: Code, **params: str | int) -> Finding:
    return Finding(field, code, Severity.ADVICE, params)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that refuse the write."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def quoted(text: str) -> str:
    """Typed text fit for a message: cut, and without what could not be printed or would reorder the line."""
    shown = text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in shown)
