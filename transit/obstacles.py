"""What stands in the way of a deletion: the service refuses because of it, the page says it beforehand."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from ipsec.findings import Finding
from transit.models import Cen, ResourceGroup, TransitRouter, TransitRouterCidr, VpnAttachment
from wording.refusals import named


def of_cen(cen: Cen) -> list[Finding]:
    routers = cen.transit_routers.order_by("pk").values_list("public_id", "region")
    return [
        Finding("", "cen_has_transit_router", params={"transit_router": public_id, "region": region})
        for public_id, region in routers
    ]


def of_transit_router(transit_router: TransitRouter) -> list[Finding]:
    attached = transit_router.vpn_attachments.order_by("pk").values_list(
        "connection__name", "connection__public_id"
    )
    return [
        Finding("", "transit_router_in_use", params={"connection": named(name, public_id)})
        for name, public_id in attached
    ]


def of_cidr(block: TransitRouterCidr) -> list[Finding]:
    return [*_addresses_in_use(block)]


def _addresses_in_use(block: TransitRouterCidr) -> Iterator[Finding]:
    network = IPv4Network(block.cidr)
    ends = (
        VpnAttachment.objects.filter(
            transit_router=block.transit_router_id, connection__tunnels__gateway_address__isnull=False
        )
        .order_by("pk", "connection__tunnels__index")
        .values_list(
            "connection__tunnels__gateway_address",
            "connection__tunnels__index",
            "connection__name",
            "connection__public_id",
        )
    )
    for address, index, name, public_id in ends:
        if address and IPv4Address(address) in network:
            yield Finding(
                "",
                "cidr_in_use",
                params={"address": address, "tunnel": index, "connection": named(name, public_id)},
            )


def of_resource_group(group: ResourceGroup) -> list[Finding]:
    if group.is_default:
        return [Finding("", "resource_group_default")]
    return [
        Finding("", "resource_group_in_use", params={"cen": named(name, public_id)})
        for name, public_id in group.cens.order_by("pk").values_list("name", "public_id")
    ]
