"""What a write of a tunnel begins with: who may, and the run locked before anything else of the tunnel.

Workers take run, tunnel and device in this order, and so does everybody.
"""

from accounts.actor import Actor
from accounts.models import Role
from accounts.refusal import refuse
from tunnels.models import NegotiationRun, Tunnel


def must_operate(actor: Actor, tunnel: Tunnel) -> None:
    """Refused: `needs_role`, for a stranger as for somebody who may only look."""
    if tunnel.connection.account_id != actor.account.pk or not actor.may(Role.OPERATOR):
        raise refuse("", "needs_role")


def locked_run(tunnel: Tunnel) -> NegotiationRun:
    return NegotiationRun.objects.select_for_update().get(tunnel=tunnel)


def hold_runs(*, connection_id: int) -> None:
    """Lock both runs of a connection, before anything that workers lock only after them."""
    runs = NegotiationRun.objects.select_for_update(of=("self",)).filter(tunnel__connection_id=connection_id)
    [*runs.order_by("pk").values_list("pk", flat=True)]
