"""Whatever is killed while tunnels negotiate: each reaches its state, each of its events happens once."""

import json
import os
import signal
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from processes import eventually
from product import Console, start
from visitor import Visitor

PASSWORD = "demo password of a test"
UP = "ipsec_sa_established"


def rows(console: Console, sql: str, *values: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(console.var_dir / "vpnconsole.sqlite3", timeout=20)) as database:
        return database.execute(sql, values).fetchall()


STATES = """
    select run.status from tunnels_negotiationrun run
    join tunnels_tunnel tunnel on tunnel.id = run.tunnel_id
    join connections_ipsecconnection connection on connection.id = tunnel.connection_id
    where connection.public_id in (select value from json_each(?))
"""


def states(console: Console, connections: list[str]) -> list[object]:
    return [row[0] for row in rows(console, STATES, json.dumps(connections))]


SETTLED = """
    select connection.state, tunnel.state from connections_ipsecconnection connection
    join tunnels_tunnel tunnel on tunnel.connection_id = connection.id where connection.public_id = ?
"""


def settled(console: Console, connection: str) -> bool:
    """Whether nothing is left of an edit that workers have to apply."""
    return set(rows(console, SETTLED, connection)) == {("attached", "active")}


def positions(console: Console) -> dict[object, list[object]]:
    """Of every attempt of every tunnel, the positions of its events in the order they were written."""
    found: dict[object, list[object]] = defaultdict(list)
    sql = "select tunnel_id, attempt, position from tunnels_tunnelevent where attempt is not null order by id"
    for tunnel, attempt, position in rows(console, sql):
        found[tunnel, attempt].append(position)
    return found


def kill(console: Console, name: str) -> None:
    for pid in console.pids(name):
        os.kill(pid, signal.SIGKILL)


def test_a_kill_of_worker_web_or_broker_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    console = start(tmp_path / "var", DEMO_PASSWORD=PASSWORD)
    try:
        visitor = Visitor(console.port)
        visitor.sign_in(PASSWORD)
        for victim in ("worker", "web", "valkey"):
            made = [visitor.create_connection(f"{victim}-{number}") for number in range(3)]
            kill(console, victim)
            eventually(lambda: states(console, made) == [UP] * 6, 90)  # noqa: B023 - asked within this turn
            eventually(console.ready, 30)
        for lifetime in ("3600", "7200"):
            visitor.edit_tunnel(made[0], 1, child_lifetime=lifetime)
            kill(console, "worker")
            eventually(lambda: settled(console, made[0]), 90)
        eventually(lambda: states(console, made) == [UP] * 6, 90)
        told = positions(console)
        assert told
        for attempt, seen in told.items():
            assert seen == list(range(len(seen))), attempt
    finally:
        console.stop()
