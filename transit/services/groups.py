"""Resource groups, which CEN instances are sorted into."""

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.models import Account
from accounts.refusal import Refused, refuse
from transit import obstacles
from transit.checks import LONGEST_GROUP_NAME, check_text
from transit.models import ResourceGroup

DEFAULT_NAME = "default"


def default_resource_group(account: Account) -> ResourceGroup:
    """The group of everything that was put in no other; made when it is first needed."""
    group, _ = ResourceGroup.objects.get_or_create(
        account=account, is_default=True, defaults={"name": DEFAULT_NAME}
    )
    return group


@transaction.atomic
def create_resource_group(*, actor: Actor, name: str) -> ResourceGroup:
    """`Refused`: `resource_group_name_required`, `resource_group_exists`, or what is wrong with the name."""
    name = name.strip()
    if not name:
        raise refuse("name", "resource_group_name_required")
    findings = check_text(name, "name", LONGEST_GROUP_NAME)
    if findings:
        raise Refused(findings)
    Account.objects.select_for_update(no_key=True).get(pk=actor.account.pk)
    default_resource_group(actor.account)  # first, so that nobody takes its name
    if ResourceGroup.objects.filter(account=actor.account, name=name).exists():
        raise refuse("name", "resource_group_exists", name=name)
    group = ResourceGroup(account=actor.account, name=name)
    group.full_clean()
    group.save()
    audit(actor, "resource_group.create", group.public_id, name=name)
    return group


@transaction.atomic
def delete_resource_group(*, actor: Actor, resource_group: ResourceGroup) -> None:
    """`Refused` for the default group and while CEN instances are in it."""
    group = ResourceGroup.objects.select_for_update().filter(pk=resource_group.pk).first()
    if group is None:
        return
    found = obstacles.of_resource_group(group)
    if found:
        raise Refused(found)
    audit(actor, "resource_group.delete", group.public_id, name=group.name)
    group.delete()
