"""Bind a connection to a transit router of its own account, and unbind it again.

What can be refused is decided here; the rest is left to the workers, while it is `attaching` or `detaching`.
"""

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.refusal import Refused, refuse
from connections.models import IPsecConnection, PendingChange
from connections.services.gateway_addresses import give_addresses
from connections.services.pending import leave_to_workers
from connections.services.room import full, room_at
from ipsec.findings import Finding
from ipsec.rules import Surroundings, check_connection, errors
from transit import services as transit
from transit.models import TransitRouter, VpnAttachment
from transit.queries import transit_router_facts
from tunnels.entering import hold_runs
from tunnels.spec import connection_spec


def bind(
    *,
    actor: Actor,
    connection: IPsecConnection,
    transit_router: TransitRouter,
    auto_publish_route: bool = True,
    associate: bool = True,
    propagate: bool = True,
) -> IPsecConnection:
    """Bind an unbound connection to a transit router of the same account and region. Raises `Refused`.

    It is `attaching` then; once a worker has settled it, it is `attached` and its tunnels negotiate.
    """
    with transaction.atomic():
        connection = locked(connection)
        if transit_router.cen.account_id != connection.account_id:
            raise refuse("cen", "cen_unknown")
        attach_to(
            actor=actor,
            connection=connection,
            transit_router=transit_router,
            auto_publish_route=auto_publish_route,
            associate=associate,
            propagate=propagate,
        )
        connection.binding = IPsecConnection.Binding.OWN
        connection.save(update_fields=["binding"])
        audit(actor, "connection.bind", connection.public_id, transit_router=transit_router.public_id)
    return connection


def attach_to(
    *, actor: Actor, connection: IPsecConnection, transit_router: TransitRouter, **ties: bool
) -> None:
    """Bind a locked connection to a transit router of its region, whosoever both are."""
    must_be(connection, IPsecConnection.State.INIT, "connection_bound")
    hold_runs(connection_id=connection.pk)
    router = transit.held(transit_router, connection.region)
    if router is None:
        raise refuse("cen", "transit_router_missing", region=connection.region)
    _check_binding(connection, router)
    attachment = transit.attach(actor=actor, connection=connection, transit_router=router, **ties)
    give_addresses(connection, router)
    _tell(attachment, VpnAttachment.Status.ATTACHING)
    leave_to_workers(actor, connection, PendingChange.Kind.ATTACH)


def _check_binding(connection: IPsecConnection, router: TransitRouter) -> None:
    surroundings = Surroundings(transit_router=transit_router_facts(router), bind_now=True)
    findings = check_connection(connection_spec(connection, with_secrets=False), surroundings)
    wrong = [finding for finding in errors(findings) if finding.field == "cen"] or [*full([room_at(router)])]
    if wrong:
        raise Refused(wrong)


def unbind(*, actor: Actor, connection: IPsecConnection) -> IPsecConnection:
    """Take a connection off its transit router: its gateway addresses go back, its tunnels go down.

    It is `detaching` until a worker has done so.
    """
    with transaction.atomic():
        connection = locked(connection)
        if against := what_keeps_bound(connection):
            raise Refused(against)
        detach(actor=actor, connection=connection)
        audit(actor, "connection.unbind", connection.public_id)
    return connection


def what_keeps_bound(connection: IPsecConnection) -> list[Finding]:
    """Why its account cannot unbind it now."""
    if (other := owner_elsewhere(connection)) is not None:
        return [Finding("connection", "bound_elsewhere", params={"uid": other})]
    return not_detachable(connection)


def not_detachable(connection: IPsecConnection) -> list[Finding]:
    """Why nobody can unbind it now."""
    return unlike(connection, IPsecConnection.State.ATTACHED, "not_bound")


def detach(*, actor: Actor, connection: IPsecConnection) -> None:
    """Let the workers take a locked connection off the transit router that it is bound to. The caller has
    asked what keeps it bound."""
    hold_runs(connection_id=connection.pk)
    _tell(connection.attachment, VpnAttachment.Status.DETACHING)
    leave_to_workers(actor, connection, PendingChange.Kind.DETACH)


def _tell(attachment: VpnAttachment, status: str) -> None:
    attachment.status = status
    attachment.save(update_fields=["status"])


def owner_elsewhere(connection: IPsecConnection) -> str | None:
    """The UID of the other account whose transit router it is bound to; None where it is bound to none."""
    attachments = VpnAttachment.objects.filter(connection=connection)
    others = attachments.exclude(transit_router__cen__account=connection.account_id)
    return others.values_list("transit_router__cen__account__uid", flat=True).first()


def unlike(connection: IPsecConnection, state: str, otherwise: str) -> list[Finding]:
    """`otherwise` unless the connection is in `state`; while it is on its way to another, that."""
    if busy := unsettled(connection):
        return busy
    return [Finding("connection", otherwise)] if connection.state != state else []


def unsettled(connection: IPsecConnection) -> list[Finding]:
    """One change of a connection at a time (API: VpnConnection.Configuring)."""
    return [Finding("connection", "connection_busy")] if connection.in_transition else []


def must_be(connection: IPsecConnection, state: str, otherwise: str) -> None:
    if against := unlike(connection, state, otherwise):
        raise Refused(against)


def must_be_settled(connection: IPsecConnection) -> None:
    if against := unsettled(connection):
        raise Refused(against)


def locked(connection: IPsecConnection) -> IPsecConnection:
    row = IPsecConnection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
    if row is None:  # deleted at this moment
        raise refuse("connection", "connection_busy")
    return row
