"""All rules of the creation page, in the order of its form."""

from typing import Final

from ipsec.findings import Finding
from ipsec.rules import bgp, networks, text, transit, tunnels
from ipsec.rules.surroundings import NO_SURROUNDINGS, Rule, Surroundings
from ipsec.spec import ConnectionSpec

RULES: Final[tuple[Rule, ...]] = (
    text.connection_name,
    transit.transit_router_fit,
    transit.transit_cidr_there,
    networks.any_network,
    networks.network_count,
    networks.network_form,
    networks.overlap_inside_a_list,
    networks.overlap_across,
    networks.routes_made,
    networks.overlap_with_transit_cidr,
    bgp.on_some_tunnel,
    bgp.local_asn,
    tunnels.two_tunnels,
    tunnels.two_devices,
    bgp.peer_asns_agree,
    tunnels.peer_chosen,
    tunnels.peer_address,
    tunnels.peer_is_not_the_cloud,
    bgp.peer_asn,
    tunnels.pre_shared_key,
    networks.several_networks_need_ikev2,
    tunnels.algorithm_strength,
    tunnels.lifetimes,
    tunnels.identifiers,
    bgp.tunnel_cidr,
    bgp.tunnel_cidrs_differ,
    bgp.tunnel_cidr_elsewhere,
    bgp.bgp_inside_selectors,
    bgp.local_bgp_address,
)

_FIELDS: Final = (
    "name",
    "network_type",
    "cen",
    "routing_mode",
    "local_networks",
    "remote_networks",
    "bgp_enabled",
    "local_asn",
    "tunnels",
)
_TUNNEL_FIELDS: Final = (
    "peer",
    "ike.psk",
    "ike.version",
    "ike.mode",
    "ike.encryption",
    "ike.integrity",
    "ike.dh_group",
    "ike.lifetime",
    "ike.local_id",
    "ike.remote_id",
    "child.encryption",
    "child.integrity",
    "child.pfs",
    "child.lifetime",
    "bgp.tunnel_cidr",
    "bgp.local_ip",
)


def check_connection(spec: ConnectionSpec, surroundings: Surroundings = NO_SURROUNDINGS) -> list[Finding]:
    """Everything the rules have to say, in the order of the form; the same spec always gives the same list.

    Nothing a spec can hold makes it raise. A write is refused when `errors(...)` of it is not empty.
    """
    findings = (finding for rule in RULES for finding in rule(spec, surroundings))
    return sorted(findings, key=lambda finding: form_position(finding.field))


def form_position(path: str) -> tuple[int, int, int]:
    """Sorts field paths as the form shows them: (field, list position or tunnel, field of the tunnel).

    `ValueError` for a path the form does not have.
    """
    field, _, rest = path.partition(".")
    number, _, tunnel_field = rest.partition(".")
    return (
        _FIELDS.index(field),
        int(number) if number else -1,
        _TUNNEL_FIELDS.index(tunnel_field) if tunnel_field else -1,
    )
