"""Every rule of the creation page and of customer gateways, once.

Forms, services and the panel beside the form turn their input into specs and show the same findings. A rule
is a small function of a spec and its surroundings in the tuple `RULES`.
"""

from ipsec.rules.bgp import check_local_bgp_ip, check_tunnel_cidr
from ipsec.rules.codes import Code, errors
from ipsec.rules.connection import RULES, check_connection, form_position
from ipsec.rules.gateways import (
    LONGEST_AUTH_KEY,
    RESERVED_ASN,
    CustomerGatewaySpec,
    check_auth_key,
    check_customer_gateway,
    check_gateway_address,
)
from ipsec.rules.networks import MAX_NETWORKS, check_network, check_route
from ipsec.rules.surroundings import NO_SURROUNDINGS, Rule, Surroundings, TransitRouterFacts
from ipsec.rules.text import (
    LARGEST_ASN,
    LONGEST_NAME,
    SMALLEST_ASN,
    check_asn,
    check_asn_text,
    check_name,
    parse_asn,
)
from ipsec.rules.transit import LONGEST_MASK, SHORTEST_MASK, check_transit_cidr
from ipsec.rules.tunnels import LONGEST_ID, LONGEST_LIFETIME, check_psk

__all__ = [
    "LARGEST_ASN",
    "LONGEST_AUTH_KEY",
    "LONGEST_ID",
    "LONGEST_LIFETIME",
    "LONGEST_MASK",
    "LONGEST_NAME",
    "MAX_NETWORKS",
    "NO_SURROUNDINGS",
    "RESERVED_ASN",
    "RULES",
    "SHORTEST_MASK",
    "SMALLEST_ASN",
    "Code",
    "CustomerGatewaySpec",
    "Rule",
    "Surroundings",
    "TransitRouterFacts",
    "check_asn",
    "check_asn_text",
    "check_auth_key",
    "check_connection",
    "check_customer_gateway",
    "check_gateway_address",
    "check_local_bgp_ip",
    "check_name",
    "check_network",
    "check_psk",
    "check_route",
    "check_transit_cidr",
    "check_tunnel_cidr",
    "errors",
    "form_position",
    "parse_asn",
]
