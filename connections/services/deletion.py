"""Delete a connection: only one that is bound to nothing, as the original asks."""

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.refusal import Refused
from connections.models import IPsecConnection
from connections.services.binding import owner_elsewhere, unsettled
from ipsec.findings import Finding


def what_stands_against(connection: IPsecConnection) -> list[Finding]:
    """Why it cannot be deleted now (API: Vco.StatusNotSupport, VpnConnection.Configuring)."""
    if busy := unsettled(connection):
        return busy
    if (other := owner_elsewhere(connection)) is not None:
        return [Finding("connection", "bound_elsewhere", params={"uid": other})]
    if connection.state == IPsecConnection.State.ATTACHED:
        return [Finding("connection", "connection_bound")]
    return []


@transaction.atomic
def delete_connection(*, actor: Actor, connection: IPsecConnection) -> None:
    """Delete it with its tunnels, their peer devices, states, events and routes. Raises `Refused`.

    One that is gone already is fine: a double click deletes once.
    """
    locked = IPsecConnection.objects.select_for_update().filter(pk=connection.pk).first()
    if locked is None:
        return
    if against := what_stands_against(locked):
        raise Refused(against)
    audit(actor, "connection.delete", locked.public_id, name=locked.name, region=locked.region)
    locked.delete()
