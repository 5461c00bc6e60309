"""What operators do with a tunnel that is up: rekey it, drain it for planned work, let its time run fast."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, audit
from accounts.refusal import refuse
from tunnels import clock
from tunnels.entering import locked_run, must_operate
from tunnels.models import Because, ClockSetting, NegotiationRun, Tunnel, TunnelEvent
from tunnels.services import (
    due_now,
    now_of,
    start_negotiation,
    stop_carrying,
)
from tunnels.tasks import ring

REKEYS: Final = ("ike", "child")
SPEED_NAMES: Final = {  # by the seconds that pass in one
    1: _("Real time"),
    60: _("One minute a second"),
    3600: _("One hour a second"),
    86400: _("One day a second"),
}


@transaction.atomic
def rekey_now(*, actor: Actor, tunnel: Tunnel, what: str) -> None:
    """Rekey the IKE SA or the child SA now; `what` is one of `REKEYS`. Traffic goes on meanwhile.

    Refused: `needs_role`, `not_up`.
    """
    must_operate(actor, tunnel)
    run = locked_run(tunnel)
    if what not in REKEYS or run.life is None or run.out_of_service:
        raise refuse("", "not_up")
    audit(actor, "tunnel.rekey", tunnel.public_id, what=what)
    due_now(run, asked=[what])


@transaction.atomic
def take_out_of_service(*, actor: Actor, tunnel: Tunnel) -> None:
    """Drain a tunnel for planned work: its SAs are closed, its traffic goes through the other one.

    The run's status stays what it was; nothing happens to it until `put_into_service`.
    """
    must_operate(actor, tunnel)
    run = locked_run(tunnel)
    if run.out_of_service:
        return
    at = now_of(tunnel)
    stop_carrying(run, at)
    run.out_of_service, run.due_at, run.claimed_until = True, None, None
    run.life, run.negotiating = None, False
    run.version += 1
    run.save(update_fields=["out_of_service", "due_at", "claimed_until", "life", "negotiating", "version"])
    TunnelEvent.objects.create(tunnel=tunnel, at=at, kind="out_of_service")
    audit(actor, "tunnel.take_out_of_service", tunnel.public_id)


@transaction.atomic
def put_into_service(*, actor: Actor, tunnel: Tunnel) -> None:
    """Let a drained tunnel negotiate again."""
    must_operate(actor, tunnel)
    run = locked_run(tunnel)
    if not run.out_of_service:
        return
    audit(actor, "tunnel.put_into_service", tunnel.public_id)
    start_negotiation(tunnel=tunnel, because=Because.IN_SERVICE)


@transaction.atomic
def set_clock_speed(*, actor: Actor, tunnel: Tunnel, speed: int) -> None:
    """Let the time of the tunnel's connection run at `speed`, one of `SPEED_NAMES`.

    It goes on from where it is: time that has passed stays passed, also back at the normal speed. Refused:
    `needs_role`, `clock_speed`.
    """
    must_operate(actor, tunnel)
    if speed not in SPEED_NAMES:
        raise refuse("speed", "clock_speed")
    runs = NegotiationRun.objects.select_for_update().filter(tunnel__connection=tunnel.connection_id)
    locked = [*runs.order_by("pk")]
    real = clock.now()
    old = clock.clock_for(tunnel.connection_id)
    setting, _made = ClockSetting.objects.update_or_create(
        connection_id=tunnel.connection_id,
        defaults={"speed": speed, "real_anchor": real, "simulated_anchor": old.time(real)},
    )
    for run in locked:
        _move_due(run, old, clock.clock_of(setting))
    audit(actor, "connection.set_clock_speed", tunnel.connection.public_id, before=old.speed, after=speed)
    transaction.on_commit(ring)


def _move_due(run: NegotiationRun, old: clock.Clock, new: clock.Clock) -> None:
    """What was due at a simulated time is due at the same one by the new clock."""
    run.version += 1
    if run.due_at is not None:
        run.due_at = new.due(old.time(run.due_at), new.real)
    run.claimed_until = None
    run.save(update_fields=["version", "due_at", "claimed_until"])
