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
    router = transit.held(TransitRouter.objects.filter(pk=transit_router.pk, region=connection.region))
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
        if (other := owner_elsewhere(connection)) is not None:
            raise refuse("connection", "bound_elsewhere", uid=other)
        detach(actor=actor, connection=connection)
        audit(actor, "connection.unbind", connection.public_id)
    return connection


def detach(*, actor: Actor, connection: IPsecConnection) -> None:
    """Let the workers take a locked connection off the transit router that it is bound to."""
    must_be(connection, IPsecConnection.State.ATTACHED, "not_bound")
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


def must_be(connection: IPsecConnection, state: str, otherwise: str) -> None:
    """Refuse with `otherwise` unless the connection is in `state`, and while it is on its way to another."""
    must_be_settled(connection)
    if connection.state != state:
        raise refuse("connection", otherwise)


def must_be_settled(connection: IPsecConnection) -> None:
    """One change of a connection at a time (API: VpnConnection.Configuring)."""
    if connection.in_transition:
        raise refuse("connection", "connection_busy")


def locked(connection: IPsecConnection) -> IPsecConnection:
    row = IPsecConnection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
    if row is None:  # deleted at this moment
        raise refuse("connection", "connection_busy")
    return row
