"""How many tunnels the workers carry: created all at once, at rest, and rekeyed.

    VAR_DIR=$(mktemp -d) .venv/bin/python bench/playing.py [TUNNELS]     (default 400, at most 500)

One process plays what several workers would share, on the database of DATABASE_URL or SQLite in VAR_DIR. The
clock is the bench's own, so that nothing waits: only the work is measured. The database must be an empty one.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "tunnels"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from tunnel_rows import Watch, connection_of  # noqa: E402

from accounts.actor import Actor  # noqa: E402
from accounts.models import Account, Role  # noqa: E402
from tunnels import clock, services, tasks  # noqa: E402
from tunnels.models import NegotiationRun, Status, TunnelEvent  # noqa: E402

DAY = timedelta(days=1)


def timed(what: str, work: Callable[[], int], unit: str) -> None:
    """Do it and print how many a second."""
    begun = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - begun
    print(f"{what:<44} {done:>7} {unit:<10} {seconds:8.2f} s  {done / seconds:10.0f} /s")  # noqa: T201


def create(actor: Actor, tunnels: int) -> int:
    """Their rows, without negotiating."""
    with transaction.atomic():
        for number in range(tunnels // 2):
            connection_of(actor, name=f"bench {number}")
    return tunnels


def start() -> int:
    """All of them due at once."""
    runs = NegotiationRun.objects.select_related("tunnel").defer("tunnel__psk")
    with transaction.atomic():
        for run in runs:
            services.start_negotiation(tunnel=run.tunnel, because="created")
    return len(runs)


def play_until_up(watch: Watch) -> int:
    """Ring once a second until every tunnel is up: how many times a row was written."""
    written = 0
    while NegotiationRun.objects.exclude(status=Status.CHILD_UP, bgp_status="success").exists():
        written += tasks.tick()
        watch.pass_by(1)
    return written


def idle(watch: Watch, rings: int) -> int:
    """Rings with nothing due: each must be one query."""
    with CaptureQueriesContext(database) as asked:
        for _ in range(rings):
            watch.pass_by(1)
            if tasks.tick():
                raise AssertionError("something was due")
    if len(asked) != rings:
        raise AssertionError(f"{len(asked)} queries for {rings} rings")
    return rings


def rekey(watch: Watch, until: datetime) -> int:
    """From one due moment to the next, as beat would ring."""
    written = 0
    while True:
        due = (
            NegotiationRun.objects.filter(due_at__lt=until)
            .order_by("due_at")
            .values_list("due_at", flat=True)
        )
        moment = due.first()
        if moment is None:
            return written
        watch.time = moment + timedelta(minutes=5)
        written += tasks.tick()


def main() -> None:
    tunnels = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    call_command("migrate", verbosity=0)
    if Account.objects.exists():
        sys.exit("This database is in use: name an empty one.")
    watch = Watch()
    clock.now = lambda: watch.time  # type: ignore[assignment]
    services.ring = lambda: None  # type: ignore[attr-defined]
    actor = Actor(account=Account.objects.create(name="Bench"), role=Role.ADMIN)
    timed("rows created", lambda: create(actor, tunnels), "tunnels")
    timed("negotiations started", start, "tunnels")
    timed("played until all are up", lambda: play_until_up(watch), "rows")
    print(f"{'events of the set-up':<44} {TunnelEvent.objects.count():>7}")  # noqa: T201
    timed("rings with nothing due", lambda: idle(watch, 200), "rings")
    timed("a day: both SAs rekeyed", lambda: rekey(watch, watch.time + DAY), "rows")
    print(f"{'events after a day':<44} {TunnelEvent.objects.count():>7}")  # noqa: T201


if __name__ == "__main__":
    main()
