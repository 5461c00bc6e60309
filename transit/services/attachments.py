"""Tie connections to transit routers and their route tables, and untie them."""

from typing import Any

from django.db import transaction
from django.db.models import Manager, OuterRef, QuerySet, Subquery

from accounts.actor import Actor, audit
from accounts.refusal import refuse
from prepared.inserts import insert
from prepared.queries import prepared
from transit.models import (
    RouteTable,
    RouteTableAssociation,
    RouteTablePropagation,
    TransitRouter,
    VpnAttachment,
)
from transit.queries import system_table


def attach(
    *,
    actor: Actor,
    connection: Any,  # a `connections.IPsecConnection`, which lies above
    transit_router: TransitRouter,
    auto_publish_route: bool,
    associate: bool,
    propagate: bool,
) -> VpnAttachment:
    """Tie a connection to a transit router, in the caller's transaction.

    The caller decides whose, has both locked, has asked the rules, and whether there is room; the connection
    is bound to nothing. `associate` and `propagate` are with the System route table.
    """
    attachment = VpnAttachment(
        transit_router=transit_router, connection=connection, auto_publish_route=auto_publish_route
    )
    insert([attachment])
    table = _system_table(transit_router)
    if associate:
        insert([RouteTableAssociation(attachment=attachment, route_table_id=table)])
    if propagate:
        insert([RouteTablePropagation(attachment=attachment, route_table_id=table)])
    audit(
        actor,
        "transit_router.attach",
        transit_router.public_id,
        attachment=attachment.public_id,
        connection=connection.public_id,
        auto_publish_route=auto_publish_route,
        associate=associate,
        propagate=propagate,
    )
    return attachment


def _system_table(transit_router: TransitRouter) -> int:
    """The key of its System route table, which comes along with a transit router that is `held`."""
    if key := getattr(transit_router, "system_table", None):
        return int(key)
    return system_table(transit_router).pk


@transaction.atomic
def change_ties(
    *, actor: Actor, attachment: VpnAttachment, auto_publish_route: bool, associate: bool, propagate: bool
) -> None:
    """Switch route synchronisation, associated forwarding and route learning, the last two with the System
    route table. `Refused`: `not_bound` for an attachment that has just gone."""
    locked = VpnAttachment.objects.select_for_update(no_key=True).filter(pk=attachment.pk).first()
    if locked is None:
        raise refuse("", "not_bound")
    before = ties_of(locked)
    after = {"auto_publish_route": auto_publish_route, "associate": associate, "propagate": propagate}
    if before == after:
        return
    locked.auto_publish_route = auto_publish_route
    locked.save(update_fields=["auto_publish_route"])
    table = system_table(locked.transit_router)
    _tie(RouteTableAssociation.objects, locked, table, wanted=associate)
    _tie(RouteTablePropagation.objects, locked, table, wanted=propagate)
    audit(
        actor,
        "transit_router.change_ties",
        locked.transit_router.public_id,
        attachment=locked.public_id,
        connection=locked.connection.public_id,
        changes={name: [before[name], wanted] for name, wanted in after.items() if before[name] != wanted},
    )


def _tie(ties: "Manager[Any]", attachment: VpnAttachment, table: RouteTable, *, wanted: bool) -> None:
    if wanted:
        ties.get_or_create(attachment=attachment, route_table=table)
    else:
        ties.filter(attachment=attachment).delete()


def ties_of(attachment: VpnAttachment) -> dict[str, bool]:
    """The three switches of 高级配置 as they stand now."""
    return {
        "auto_publish_route": attachment.auto_publish_route,
        "associate": RouteTableAssociation.objects.filter(attachment=attachment).exists(),
        "propagate": attachment.propagations.exists(),
    }


def held(router: TransitRouter, region: str) -> TransitRouter | None:
    """The transit router, if it is of that region and still there: locked until the end of the transaction,
    with the account that it is of and its System route table, which no transit router is ever without."""
    return _held(TransitRouter.objects.filter(pk=router.pk, region=region)).first()


@prepared
def held_at(account: int, cen: str, region: str) -> QuerySet[TransitRouter]:
    """The same of a CEN instance's transit router: one, or none."""
    return _held(TransitRouter.objects.filter(cen__account=account, cen__public_id=cen, region=region))


def _held(routers: QuerySet[TransitRouter]) -> QuerySet[TransitRouter]:
    table = RouteTable.objects.filter(transit_router=OuterRef("pk"), kind=RouteTable.Kind.SYSTEM)
    routers = routers.annotate(system_table=Subquery(table.values("pk")))
    return routers.select_for_update(no_key=True, of=("self",)).select_related("cen__account")


@transaction.atomic
def detach(*, actor: Actor, attachment: VpnAttachment) -> None:
    """Untie; route tables that are associated with it or learn from it lose that, too. The tunnels' gateway
    addresses are the caller's to release."""
    locked = VpnAttachment.objects.select_for_update().filter(pk=attachment.pk).first()
    if locked is None:
        return
    audit(
        actor,
        "transit_router.detach",
        locked.transit_router.public_id,
        attachment=locked.public_id,
        connection=locked.connection.public_id,
    )
    locked.delete()
