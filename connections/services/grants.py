"""Cross-account authorisation: one account lets another's CEN instance bind a connection of its own.

What happens to a connection by another account's hand stands in both audit trails: in the other account's by
name, in the owner's by the UID of the account alone.
"""

from dataclasses import replace
from typing import Any

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.refusal import Refused, refuse
from connections.models import CrossAccountGrant, IPsecConnection
from connections.services.binding import attach_to, detach, locked, must_be, not_detachable
from ipsec.findings import Finding
from transit.models import Cen, TransitRouter, VpnAttachment

State = IPsecConnection.State


@transaction.atomic
def grant(
    *, actor: Actor, connection: IPsecConnection, cen_owner_uid: str, cen_id: str, order_type: str
) -> CrossAccountGrant:
    """Authorise a CEN instance of another account.

    `Refused`: `connection_bound` (only one that is bound to nothing is granted), `connection_busy`,
    `grant_own_account`, `grant_cen_unknown`, `grant_exists`.
    """
    connection = locked(connection)
    must_be(connection, State.INIT, "connection_bound")
    if cen_owner_uid == actor.account.uid:
        raise refuse("cen_owner_uid", "grant_own_account")
    cen = Cen.objects.filter(public_id=cen_id, account__uid=cen_owner_uid).first()
    if cen is None:
        raise refuse("cen_id", "grant_cen_unknown", cen=cen_id[:40], uid=cen_owner_uid[:16])
    if connection.grants.filter(cen=cen).exists():
        raise refuse("cen_id", "grant_exists", cen=cen.public_id)
    made = CrossAccountGrant(connection=connection, cen=cen, order_type=order_type)
    made.full_clean()
    made.save()
    audit(
        actor,
        "connection.grant",
        connection.public_id,
        cen=cen.public_id,
        account_uid=cen_owner_uid,
        order_type=order_type,
    )
    return made


def is_in_use(grant: CrossAccountGrant) -> bool:
    """Whether its CEN instance has bound the connection."""
    bound = VpnAttachment.objects.filter(connection=grant.connection_id, transit_router__cen=grant.cen_id)
    return bound.exists()


def what_keeps_grant(grant: CrossAccountGrant) -> list[Finding]:
    """Why it cannot be revoked now: until the other account has unbound the connection."""
    in_use = Finding("grant", "grant_in_use", params={"cen": grant.cen.public_id})
    return [in_use] if is_in_use(grant) else []


@transaction.atomic
def revoke(*, actor: Actor, grant: CrossAccountGrant) -> None:
    """One that is gone already is fine. `Refused`: see `what_keeps_grant`."""
    locked(grant.connection)
    if against := what_keeps_grant(grant):
        raise Refused(against)
    gone, _rows = CrossAccountGrant.objects.filter(pk=grant.pk).delete()
    if gone:
        audit(actor, "connection.revoke", grant.connection.public_id, cen=grant.cen.public_id)


@transaction.atomic
def bind_granted(*, actor: Actor, grant: CrossAccountGrant, **ties: bool) -> None:
    """Bind another account's connection to this account's transit router in its region.

    `ties` are those of `binding.bind`. `Refused` as there, and `grant_gone`.
    """
    connection = locked(grant.connection)
    if not CrossAccountGrant.objects.filter(pk=grant.pk, cen__account=actor.account).exists():
        raise refuse("", "grant_gone")
    attach_to(actor=actor, connection=connection, transit_router=_router(grant), **ties)
    connection.binding = IPsecConnection.Binding.CROSS
    connection.save(update_fields=["binding"])
    _tell_both(actor, connection, "connection.bind", cen=grant.cen.public_id)


def what_keeps_granted_bound(grant: CrossAccountGrant, connection: IPsecConnection) -> list[Finding]:
    """Why this account cannot unbind another's connection now."""
    return not_detachable(connection) if is_in_use(grant) else [Finding("", "not_bound")]


@transaction.atomic
def unbind_granted(*, actor: Actor, grant: CrossAccountGrant) -> None:
    """Take another account's connection off this account's transit router. `Refused`: see
    `what_keeps_granted_bound`."""
    connection = locked(grant.connection)
    if against := what_keeps_granted_bound(grant, connection):
        raise Refused(against)
    detach(actor=actor, connection=connection)
    _tell_both(actor, connection, "connection.unbind", cen=grant.cen.public_id)


def _router(grant: CrossAccountGrant) -> TransitRouter:
    router = grant.cen.transit_routers.filter(region=grant.connection.region).first()
    if router is None:
        raise refuse("", "transit_router_missing")
    return router


def _tell_both(actor: Actor, connection: IPsecConnection, action: str, **detail: Any) -> None:
    audit(actor, action, connection.public_id, **detail)
    owner = replace(actor, account=connection.account, user=None, address=None)
    audit(owner, action, connection.public_id, by_account=actor.account.uid, **detail)
