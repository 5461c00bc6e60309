"""Writes of a connection's two tunnels together, within the caller's transaction, which holds the connection.

Runs are locked before tunnels, both in the order of their keys: that is the order in which workers take them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.encryption import SecretUnreadable
from tunnels.entering import hold_runs
from tunnels.models import Tunnel
from tunnels.queries import SECRETS
from tunnels.services import look_again
from tunnels.spec import ConnectionRow


def locked_tunnels(connection: ConnectionRow) -> list[Tunnel]:
    """Both tunnels in the order of their index, with their customer gateways and without secrets."""
    hold_runs(connection_id=connection.pk)
    rows = Tunnel.objects.select_for_update(of=("self",), no_key=True).filter(connection_id=connection.pk)
    return sorted(
        rows.select_related("customer_gateway").defer(*SECRETS).order_by("pk"), key=lambda row: row.index
    )


def present_key(tunnel: Tunnel) -> str | None:
    """The pre-shared key; None where no key of the console opens it."""
    try:
        return Tunnel.objects.values_list("psk", flat=True).get(pk=tunnel.pk)
    except SecretUnreadable:
        return None


def configure(changed: Mapping[Tunnel, Mapping[str, Any]]) -> None:
    """Write these columns of these locked tunnels. Two that exchange their CIDR blocks may do so."""
    moving = [tunnel.pk for tunnel, columns in changed.items() if "tunnel_cidr" in columns]
    if len(moving) > 1:
        Tunnel.objects.filter(pk__in=moving).update(tunnel_cidr=None)
    for tunnel, columns in changed.items():
        for name, value in columns.items():
            setattr(tunnel, name, value)
        others = {field.name for field in Tunnel._meta.fields} - set(columns)
        tunnel.clean_fields(exclude=others)
        tunnel.save(update_fields=[*columns])


def tell_state(connection: ConnectionRow, tunnels: Iterable[Tunnel], state: str) -> None:
    """Put some of a connection's locked tunnels into a state; open pages of both see that it is another."""
    Tunnel.objects.filter(pk__in=[tunnel.pk for tunnel in tunnels]).update(state=state)
    look_again(connection=connection)
