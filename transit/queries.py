"""Reads, by account: CEN instances, what a connection can be bound to, and what route tables hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, FilteredRelation, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from ipsec.findings import Finding
from ipsec.rules import Code, TransitRouterFacts
from prepared.queries import prepared
from transit.models import (
    Cen,
    ResourceGroup,
    RouteTable,
    RouteTablePropagation,
    TransitRouter,
    TransitRouterCidr,
    VpnAttachment,
)
from wording.look import Look, good, quiet

PHASE_2_UP: Final = "ipsec_sa_established"
"""The API's word for a tunnel that carries traffic, the only value that counts as up."""


def cens_of(account: Account, resource_group: ResourceGroup | None = None) -> "QuerySet[Cen, Cen]":
    """Newest first, with their resource groups and transit routers."""
    cens = Cen.objects.filter(account=account).select_related("resource_group")
    if resource_group is not None:
        cens = cens.filter(resource_group=resource_group)
    routers = TransitRouter.objects.order_by("region").prefetch_related("cidrs")
    return cens.prefetch_related(Prefetch("transit_routers", routers)).order_by("-pk")


def resource_groups(account: Account) -> "QuerySet[ResourceGroup, ResourceGroup]":
    return ResourceGroup.objects.filter(account=account)


def transit_routers_of(account: Account) -> "QuerySet[TransitRouter, TransitRouter]":
    return TransitRouter.objects.filter(cen__account=account).select_related("cen")


def cidrs_of(account: Account) -> "QuerySet[TransitRouterCidr, TransitRouterCidr]":
    return TransitRouterCidr.objects.filter(transit_router__cen__account=account).select_related(
        "transit_router__cen"
    )


@dataclass(frozen=True, slots=True)
class BindableCen:
    """A CEN instance beside its transit router in one region; `router_id` is empty where it has none."""

    cen_id: str
    name: str
    group_id: str
    group_name: str
    in_default_group: bool
    router_id: str
    edition: str
    status: str

    @property
    def obstacle(self) -> Finding | None:
        """Why it cannot be chosen."""
        if not self.router_id:
            return Finding("cen", "transit_router_missing")
        params: Mapping[str, str] = {"transit_router": self.router_id, "status": self.status}
        if self.edition != TransitRouter.Edition.ENTERPRISE:
            return Finding("cen", Code.TRANSIT_ROUTER_NOT_ENTERPRISE, params=params)
        if self.status != TransitRouter.Status.ACTIVE:
            return Finding("cen", Code.TRANSIT_ROUTER_NOT_ACTIVE, params=params)
        return None


def bindable_cens(account: Account, region: str) -> list[BindableCen]:
    """All CEN instances of the account, newest first, also those that cannot be chosen in this region."""
    rows = _cens_beside(account.pk, region)
    return [BindableCen(*row[:5], *(text or "" for text in row[5:])) for row in rows]


@prepared
def _cens_beside(account: int, region: str) -> "QuerySet[Cen, tuple[Any, ...]]":
    in_region = FilteredRelation("transit_routers", condition=Q(transit_routers__region=region))
    cens = Cen.objects.filter(account=account).annotate(router=in_region).order_by("-pk")
    group = ("resource_group__public_id", "resource_group__name", "resource_group__is_default")
    router = ("router__public_id", "router__edition", "router__status")
    return cens.values_list("public_id", "name", *group, *router)


@prepared
def transit_routers_at(account: int, cen: str, region: str) -> "QuerySet[TransitRouter, TransitRouter]":
    """A CEN instance's in the region: one, or none."""
    return TransitRouter.objects.filter(cen__account=account, cen__public_id=cen, region=region)


def transit_router_facts(
    transit_router: TransitRouter, blocks: tuple[str, ...] | None = None
) -> TransitRouterFacts:
    """What `ipsec.rules` asks of a transit router; `blocks`: its CIDR blocks, where they are known."""
    if blocks is None:
        blocks = tuple(block.cidr for block in transit_router.cidrs.all())
    return TransitRouterFacts(
        transit_router_id=transit_router.public_id,
        edition=transit_router.edition,
        status=transit_router.status,
        cidr_blocks=blocks,
    )


def system_table(transit_router: TransitRouter) -> RouteTable:
    return transit_router.route_tables.get(kind=RouteTable.Kind.SYSTEM)


@dataclass(frozen=True, slots=True)
class TableRoute:
    """A route that a transit router's table has learnt. `active`: a tunnel of its connection carries traffic;
    until then the connection publishes it, and the table does not forward by it (chapter 6.1). `account` is
    the key of the connection's owner."""

    destination: str
    attachment_id: str
    connection_id: str
    connection_name: str
    account: int
    active: bool

    @property
    def look(self) -> Look:
        return (
            good(pgettext_lazy("route", "Active"))
            if self.active
            else quiet(_("Waits for a tunnel's phase 2"))
        )


def routes_of_table(table: RouteTable) -> list[TableRoute]:
    """Destination routes that propagated attachments publish to the table, by destination."""
    carried = VpnAttachment.objects.filter(
        pk=OuterRef("attachment"), connection__tunnels__run__status=PHASE_2_UP
    )
    rows = (
        RouteTablePropagation.objects.filter(
            route_table=table, attachment__connection__destination_routes__published=True
        )
        .annotate(active=Exists(carried))
        .values_list(
            "attachment__connection__destination_routes__destination",
            "attachment__public_id",
            "attachment__connection__public_id",
            "attachment__connection__name",
            "attachment__connection__account",
            "active",
        )
        .order_by("attachment__connection__destination_routes__destination", "pk")
    )
    return [TableRoute(*row) for row in rows]


def grants_to(cen: Cen) -> "QuerySet[Any]":
    """Authorisations to bind connections of other accounts (`connections.CrossAccountGrant`)."""
    related = ("connection__account", "connection__attachment__transit_router")
    return cen.grants.select_related(*related)


def attachments_of(transit_router: TransitRouter) -> "QuerySet[VpnAttachment, VpnAttachment]":
    """With their connections, and whether they are associated with tables and propagate to any."""
    propagates = RouteTablePropagation.objects.filter(attachment=OuterRef("pk"))
    return (
        transit_router.vpn_attachments.select_related("connection", "association")
        .annotate(propagates=Exists(propagates))
        .order_by("-pk")
    )
