"""Transit routers and their CIDR blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.refusal import Refused, refuse
from accounts.regions import check_region
from ipsec.addresses import overlaps_inside
from ipsec.findings import Finding
from ipsec.rules import Code
from transit import obstacles
from transit.checks import LONGEST_NAME, check_cidr, check_count, check_text
from transit.models import Cen, RouteTable, TransitRouter, TransitRouterCidr


@transaction.atomic
def create_transit_router(
    *, actor: Actor, cen: Cen, region: str, name: str = "", cidrs: Sequence[str] = ()
) -> TransitRouter:
    """An Enterprise transit router with its System route table and, if given, CIDR blocks.

    `Refused`: `cen_unknown`, `region_unknown`, `transit_router_exists`, or what is wrong with the name and
    the blocks (fields `cidrs.0`, `cidrs.1`, …).
    """
    cen = _locked_cen(cen)
    found = [*check_text(name, "name", LONGEST_NAME), *check_region(region), *_check_cidrs(cen, cidrs)]
    existing = cen.transit_routers.filter(region=region).first()
    if existing:
        params = {"region": region, "transit_router": existing.public_id}
        found.append(Finding("region", "transit_router_exists", params=params))
    if found:
        raise Refused(found)
    transit_router = TransitRouter(cen=cen, region=region, name=name)
    transit_router.full_clean()
    transit_router.save()
    RouteTable.objects.create(transit_router=transit_router, kind=RouteTable.Kind.SYSTEM)
    for cidr in cidrs:
        TransitRouterCidr.objects.create(transit_router=transit_router, cidr=cidr)
    audit(
        actor,
        "transit_router.create",
        transit_router.public_id,
        cen=cen.public_id,
        region=region,
        cidrs=[*cidrs],
    )
    return transit_router


def _locked_cen(cen: Cen) -> Cen:
    """Whoever adds a transit router or a block to a CEN waits here for the one before."""
    locked = Cen.objects.select_for_update(no_key=True).filter(pk=cen.pk).first()
    if locked is None:
        raise refuse("cen", "cen_unknown")
    return locked


def _check_cidrs(cen: Cen, cidrs: Sequence[str]) -> Iterator[Finding]:
    for position, cidr in enumerate(cidrs):
        for finding in check_cidr(cidr, cen=cen):
            yield replace(finding, field=f"cidrs.{position}")
    for one, other in overlaps_inside(cidrs):
        params = {"cidr": cidrs[other], "other": cidrs[one]}
        yield Finding(f"cidrs.{other}", Code.TRANSIT_CIDR_OVERLAP, params=params)
    for finding in check_count(cen, len(cidrs)):
        yield replace(finding, field="cidrs")


@transaction.atomic
def delete_transit_router(*, actor: Actor, transit_router: TransitRouter) -> None:
    """With its route tables and CIDR blocks. `Refused` while connections are attached, naming them."""
    locked = TransitRouter.objects.select_for_update().filter(pk=transit_router.pk).first()
    if locked is None:
        return
    found = obstacles.of_transit_router(locked)
    if found:
        raise Refused(found)
    audit(actor, "transit_router.delete", locked.public_id, cen=locked.cen.public_id, region=locked.region)
    locked.delete()


@transaction.atomic
def add_cidr(*, actor: Actor, transit_router: TransitRouter, cidr: str, name: str = "") -> TransitRouterCidr:
    """`Refused`: `transit_router_missing`, what is wrong with the block or its name, or too many blocks."""
    cen = _locked_cen(transit_router.cen)
    locked = TransitRouter.objects.select_for_update(no_key=True).filter(pk=transit_router.pk).first()
    if locked is None:
        raise refuse("transit_router", "transit_router_missing")
    found = [*check_cidr(cidr, cen=cen, transit_router=locked), *check_text(name, "name", LONGEST_NAME)]
    if found:
        raise Refused(found)
    block = TransitRouterCidr(transit_router=locked, cidr=cidr, name=name)
    block.full_clean()
    block.save()
    audit(actor, "transit_router.add_cidr", transit_router.public_id, cidr=cidr, name=name)
    return block


@transaction.atomic
def remove_cidr(*, actor: Actor, block: TransitRouterCidr) -> None:
    """`Refused` while tunnels have gateway addresses from it, naming them."""
    TransitRouter.objects.select_for_update().filter(pk=block.transit_router_id).first()
    found = obstacles.of_cidr(block)
    if found:
        raise Refused(found)
    audit(actor, "transit_router.remove_cidr", block.transit_router.public_id, cidr=block.cidr)
    block.delete()
