"""CEN instances: created, renamed, deleted while nothing hangs on them."""

from dataclasses import replace

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.refusal import Refused, refuse
from transit import obstacles
from transit.checks import LONGEST_DESCRIPTION, LONGEST_NAME, check_text
from transit.models import Cen, ResourceGroup
from transit.services.groups import default_resource_group


@transaction.atomic
def create_cen(
    *, actor: Actor, name: str = "", description: str = "", resource_group: ResourceGroup | None = None
) -> Cen:
    """A CEN instance in the given resource group, else in the default one. It is active at once."""
    findings = [
        *check_text(name, "name", LONGEST_NAME),
        *check_text(description, "description", LONGEST_DESCRIPTION),
    ]
    if findings:
        raise Refused(findings)
    cen = Cen(
        account=actor.account,
        resource_group=_group(actor, resource_group),
        name=name,
        description=description,
    )
    cen.full_clean()
    cen.save()
    audit(actor, "cen.create", cen.public_id, name=name, resource_group=cen.resource_group.public_id)
    return cen


def _group(actor: Actor, wanted: ResourceGroup | None) -> ResourceGroup:
    """Locked, so that it cannot go before the CEN instance is in it."""
    group = wanted or default_resource_group(actor.account)
    groups = ResourceGroup.objects.select_for_update(no_key=True).filter(account=actor.account)
    locked = groups.filter(pk=group.pk).first()
    if locked is None:
        raise refuse("resource_group", "resource_group_unknown")
    return locked


@transaction.atomic
def delete_cen(*, actor: Actor, cen: Cen) -> None:
    """`Refused` while it has transit routers. Authorisations to bind other accounts' connections go with it,
    which their trails tell."""
    locked = Cen.objects.select_for_update().filter(pk=cen.pk).first()
    if locked is None:
        return
    found = obstacles.of_cen(locked)
    if found:
        raise Refused(found)
    for grant in locked.grants.select_related("connection__account"):
        owner = replace(actor, account=grant.connection.account, user=None, address=None)
        told = {"cen": locked.public_id, "by_account": actor.account.uid}
        audit(owner, "connection.revoke", grant.connection.public_id, **told)
    audit(actor, "cen.delete", locked.public_id, name=locked.name)
    locked.delete()
