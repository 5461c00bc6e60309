"""How many negotiations a second: the engine, its command line, and beside them a real pair of daemons.

    python bench/negotiation.py [--seconds 3]

Figures of the engine are per core: work done by one process, divided by the processor time it took.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from lab.connections import CHILD, connection  # noqa: E402
from lab.daemon import missing  # noqa: E402
from lab.draws import draw  # noqa: E402
from lab.ends import NEEDS, Ends, two_ends  # noqa: E402

from ipsec.algorithms import DhGroup, Encryption, Integrity, Pfs  # noqa: E402 - after the path
from ipsec.negotiation import (  # noqa: E402
    ChildProposal,
    Endpoint,
    IkeProposal,
    Scenario,
    negotiate,
    pairs,
    verdict,
)
from ipsec.transcript import Side  # noqa: E402

SEED, PAIRS, LINES = 1, 1000, 10_000
LANES = 4
"""Connections that the daemons set up and tear down side by side."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Negotiations per second.")
    parser.add_argument("--seconds", type=float, default=3, help="for each figure (3)")
    seconds = parser.parse_args().seconds
    rows = list(draw(SEED, PAIRS))
    scenarios = [pairs.scenario(row) for row in rows]
    show("engine: verdict of a prebuilt pair", per_core(lambda: each(verdict, scenarios), PAIRS, seconds))
    show("engine: transcript with every step", per_core(lambda: each(negotiate, scenarios), PAIRS, seconds))
    show("python -m ipsec.negotiation, JSON in and out", command_line(rows))
    lacking = missing(NEEDS)
    if lacking:
        say(f"A real pair of daemons needs {'; '.join(lacking)}.")
        return
    for group in (DhGroup.GROUP2, DhGroup.GROUP14):
        show(f"two strongSwan daemons, ikev2, {group.value}", daemons(group, seconds), "/s, whole machine")


def each(answer: Callable[[Scenario], object], scenarios: list[Scenario]) -> None:
    for scenario in scenarios:
        answer(scenario)


def per_core(work: Callable[[], None], units: int, seconds: float) -> float:
    """Units of work per second of processor time."""
    done, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        work()
        done += units
    return done / (time.process_time() - began)


def command_line(rows: list[dict[str, object]]) -> float:
    """Lines answered per second of processor time, the start of the process included."""
    lines = [json.dumps(row) for row in rows]
    text = "\n".join(lines[number % len(lines)] for number in range(LINES))
    before = children_seconds()
    command = [sys.executable, "-m", "ipsec.negotiation"]
    subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    return LINES / (children_seconds() - before)


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# The daemons


def daemons(group: DhGroup, seconds: float) -> float:
    """Tunnels set up and torn down per second, by one pair of daemons."""
    scenarios = [lane(number, group) for number in range(LANES)]
    with two_ends(scenarios, scenarios[0].path) as (ends, _router), ThreadPoolExecutor(LANES) as pool:
        for number, scenario in enumerate(scenarios):
            load(ends, f"lane{number}", scenario)
        began = time.monotonic()
        until = began + seconds
        done = sum(pool.map(lambda number: flap(ends, f"lane{number}", until), range(LANES)))
        return done / (time.monotonic() - began)


def lane(number: int, group: DhGroup) -> Scenario:
    cloud = Endpoint(
        address=f"203.0.113.{10 + number}",
        remote_address=f"198.51.100.{10 + number}",
        ike_proposals=(IkeProposal(Encryption.AES256, Integrity.SHA256, group),),
        esp_proposals=(ChildProposal(Encryption.AES256, Integrity.SHA256, Pfs(group.value)),),
        psk="Rolling-Stones/1969",
        local_networks=(f"10.1.{number}.0/24",),
        remote_networks=(f"192.168.{number}.0/24",),
    )
    peer = replace(
        cloud,
        address=cloud.remote_address,
        remote_address=cloud.address,
        local_networks=cloud.remote_networks,
        remote_networks=cloud.local_networks,
    )
    return Scenario(cloud, peer)


def load(ends: Ends, name: str, scenario: Scenario) -> None:
    for side, end in ends.items():
        configured = scenario.end(side)
        end.vici.load_shared({"id": name, "type": "IKE", "data": configured.psk or ""})
        end.vici.load_conn({name: connection(configured)})


def flap(ends: Ends, name: str, until: float) -> int:
    """How often the tunnel came up, and was taken down, before the time was up."""
    done = 0
    with ends[Side.CLOUD].daemon.session() as vici:
        while time.monotonic() < until:
            told(vici.initiate({"ike": name, "child": CHILD, "timeout": "8000", "loglevel": "-1"}))
            told(vici.terminate({"ike": name, "timeout": "8000", "loglevel": "-1"}))
            done += 1
    return done


def told(lines: Iterator[Any]) -> None:
    """A request of vici's is done when its log has come to an end; an exception where it failed."""
    for _line in lines:
        pass


def show(what: str, rate: float, unit: str = "/s per core") -> None:
    say(f"{what:<46}{rate:>9,.0f} {unit}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
