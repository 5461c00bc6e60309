"""How many tunnels the workers carry: created all at once, at rest, and rekeyed.

    python bench/playing.py [--tunnels 20000] [--idle 200000] [--workers 2]

The database of DATABASE_URL must be an empty one; without DATABASE_URL it is SQLite in VAR_DIR. Workers are
processes that ring the bell for themselves. The clock is the bench's own, so that nothing waits: only the
work is measured.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "tunnels"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from tunnel_rows import START, Watch  # noqa: E402

from accounts.models import Account  # noqa: E402
from connections.models import IPsecConnection  # noqa: E402
from gateways.models import CustomerGateway  # noqa: E402
from tunnels import clock, services, tasks  # noqa: E402
from tunnels.models import (  # noqa: E402
    Because,
    BgpStatus,
    NegotiationRun,
    PeerDevice,
    Tunnel,
    TunnelEvent,
    TunnelTraffic,
)

AT_ONCE = 1000
"""Connections in one go while rows are prepared; that is not measured."""
DAY = timedelta(days=1)


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def timed(what: str, work: Callable[[], int], unit: str) -> None:
    """Do it and print how many a second."""
    begun = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - begun
    say(f"{what:<44} {done:>7} {unit:<10} {seconds:8.2f} s  {done / seconds:10.0f} /s")


# Rows


def prepare(account: Account, tunnels: int, first: int, **run: Any) -> int:
    """Tunnels with BGP whose devices mirror them; `run` says what their runs are like."""
    for begin in range(first, first + tunnels // 2, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, first + tunnels // 2))
        connections = IPsecConnection.objects.bulk_create(_connections(account, numbers))
        gateways = CustomerGateway.objects.bulk_create(_gateways(account, numbers))
        made = Tunnel.objects.bulk_create(_tunnels(connections, gateways, begin))
        PeerDevice.objects.bulk_create(PeerDevice(tunnel=tunnel) for tunnel in made)
        TunnelTraffic.objects.bulk_create(TunnelTraffic(tunnel=tunnel) for tunnel in made)
        NegotiationRun.objects.bulk_create(
            NegotiationRun(tunnel=tunnel, attempt=uuid4(), bgp_status=BgpStatus.DOWN, **run)
            for tunnel in made
        )
    return tunnels


def _connections(account: Account, numbers: range) -> Iterator[IPsecConnection]:
    for number in numbers:
        yield IPsecConnection(
            account=account,
            region="cn-hangzhou",
            name=f"bench {number}",
            state=IPsecConnection.State.ATTACHED,
            bgp_enabled=True,
        )


def _gateways(account: Account, numbers: range) -> Iterator[CustomerGateway]:
    for number in numbers:
        for index in (0, 1):
            address = str(IPv4Address("60.0.0.0") + 2 * number + index)
            yield CustomerGateway(account=account, region="cn-hangzhou", address=address, asn=65001)


def _tunnels(
    connections: list[IPsecConnection], gateways: list[CustomerGateway], first: int
) -> Iterator[Tunnel]:
    for place, gateway in enumerate(gateways):
        yield Tunnel(
            connection=connections[place // 2],
            index=place % 2 + 1,
            customer_gateway=gateway,
            gateway_address=str(IPv4Address("100.0.0.0") + 2 * first + place),
            psk=f"bench-{place}",
            ike_version="ikev2",
            ike_mode="main",
            ike_encryption="aes",
            ike_integrity="sha1",
            ike_dh_group="group2",
            ike_lifetime=86400,
            child_encryption="aes",
            child_integrity="sha1",
            child_pfs="group2",
            child_lifetime=86400,
            tunnel_cidr=f"169.254.{10 + place % 2}.0/30",
        )


def begin_all() -> None:
    """All due at once, each with the event that opens its attempt."""
    runs = NegotiationRun.objects.all()
    runs.update(due_at=START, negotiating=True)
    opened = (
        TunnelEvent(
            tunnel_id=tunnel, attempt=attempt or uuid4(), at=START, kind="started", message=Because.CREATED
        )
        for tunnel, attempt in runs.values_list("tunnel_id", "attempt")
    )
    TunnelEvent.objects.bulk_create(opened, batch_size=2000)


# Work


def work(until: float) -> None:
    """A worker: rings as fast as it can; where nothing is due, time passes until there is."""
    watch = Watch()
    clock.now = lambda: watch.time
    left = NegotiationRun.objects.filter(due_at__lt=START + timedelta(seconds=until))
    dues = left.filter(claimed_until=None).order_by("due_at").values_list("due_at", flat=True)
    while left.exists():
        if tasks.tick():
            continue
        due = dues.first()
        if due is None:
            time.sleep(0.005)  # another worker has the rest in hand
        else:
            watch.time = max(watch.time, due + timedelta(seconds=until / 100))


def played(workers: int, until: float) -> int:
    """How many tunnels reached a state, with so many workers."""
    database.close()
    processes = [multiprocessing.Process(target=work, args=(until,)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise AssertionError("a worker failed")
    return NegotiationRun.objects.filter(status="ipsec_sa_established", bgp_status=BgpStatus.UP).count()


def idle(rings: int) -> list[float]:
    """Milliseconds of each ring with nothing due: each must be one query, on the partial index."""
    watch = Watch()
    clock.now = lambda: watch.time
    taken = []
    with CaptureQueriesContext(database) as asked:
        for _ in range(rings):
            watch.pass_by(1)
            begun = time.perf_counter()
            if tasks.tick():
                raise AssertionError("something was due")
            taken.append(1000 * (time.perf_counter() - begun))
    if len(asked) != rings:
        raise AssertionError(f"{len(asked)} queries for {rings} rings")
    with database.cursor() as cursor:
        explain = "EXPLAIN" if database.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {asked[0]['sql']}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    if "runs_that_are_due" not in plan:
        raise AssertionError(plan)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tunnels", type=int, default=20_000)
    parser.add_argument("--idle", type=int, default=200_000)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    if Account.objects.exists():
        sys.exit("This database is in use: name an empty one.")
    services.ring = lambda: None  # type: ignore[attr-defined]
    account = Account.objects.create(name="Bench")
    timed("rows prepared (not measured)", lambda: prepare(account, asked.tunnels, 0), "tunnels")
    begin_all()
    say(f"load before: {os.getloadavg()[0]:.1f}")
    timed(f"all due at once, {asked.workers} workers, all up", lambda: played(asked.workers, 120), "tunnels")
    say(f"{'events of the set-up':<44} {TunnelEvent.objects.count():>7}")
    timed("a day: both SAs rekeyed", lambda: played(asked.workers, DAY.total_seconds()), "tunnels")
    say(f"{'events after a day':<44} {TunnelEvent.objects.count():>7}")
    later = START + 3 * DAY
    NegotiationRun.objects.update(due_at=later)
    rest = asked.idle - asked.tunnels
    timed(
        "idle rows prepared (not measured)",
        lambda: prepare(account, rest, asked.tunnels, due_at=later),
        "tunnels",
    )
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")
    taken = sorted(idle(200))
    count = NegotiationRun.objects.count()
    say(f"a ring over {count} idle tunnels: median {median(taken):.1f} ms, worst of 200 {taken[-1]:.1f} ms")


if __name__ == "__main__":
    main()
