"""Whatever is killed while tunnels negotiate: they come to what they come to in peace, each event once.

A hundred tunnels on the fast clock, over devices of all kinds. First in peace; then two hundred negotiations
more, and those that follow from failures, while one part after the other is killed, at moments and in an
order that a seed decides.
"""

import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

import pytest
import redis
from processes import eventually
from stacks import PASSWORD, Stack, embedded, servers
from visitor import Visitor

CONNECTIONS = 50
ROUNDS = 2
"""How often each tunnel is begun anew while things are killed."""
PEOPLE = 8
TURNS = 2
SEED = 20_260_301
PATIENCE = 120
"""Seconds, for a machine that has much else to do."""
CROWD = str(Path(__file__).with_name("crowd.py"))

STATES = """
    select tunnel.public_id, run.status, run.cause, run.bgp_status, run.negotiating
    from tunnels_negotiationrun run join tunnels_tunnel tunnel on tunnel.id = run.tunnel_id
"""
POSITIONS = "select tunnel_id, attempt, position from tunnels_tunnelevent order by id"
RESETS = "select target, count(*) from accounts_auditevent where action = 'tunnel.reset' group by target"
BEGUN = """
    select tunnel.public_id, count(*) from tunnels_tunnelevent event
    join tunnels_tunnel tunnel on tunnel.id = event.tunnel_id
    where event.kind = 'started' and event.message = 'reset' group by tunnel.public_id
"""
LATE = "select count(*) from tunnels_negotiationrun where due_at < '{}'"
EDITED = """
    select connection.state, tunnel.state from connections_ipsecconnection connection
    join tunnels_tunnel tunnel on tunnel.connection_id = connection.id where connection.public_id = '{}'
"""
TUNNEL_ID = re.compile(r"/tunnels/(tun-\w+)/reveal/")
State = tuple[object, object, object]


@pytest.fixture(scope="module", params=[embedded, servers], ids=["SQLite and Valkey", "PostgreSQL and Redis"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with request.param(tmp_path_factory.mktemp("kills") / "var") as running:
        yield running


@pytest.fixture(scope="module")
def visitor(stack: Stack) -> Visitor:
    visitor = Visitor(stack.console.port)
    visitor.sign_in(PASSWORD)
    return visitor


@pytest.fixture(scope="module")
def crowd(stack: Stack) -> list[str]:
    """Ids of the tunnels."""
    tunnels = json.loads(stack.run(CROWD, str(CONNECTIONS)))
    assert len(tunnels) == 2 * CONNECTIONS
    return list(tunnels)


@pytest.fixture(scope="module")
def peace(stack: Stack, crowd: list[str]) -> dict[str, State]:
    """What each of them comes to when nothing is killed."""
    settled: dict[str, State] = {}

    def all_settled() -> bool:
        settled.update(states(stack, crowd, negotiating=False))
        return settled.keys() == set(crowd)

    eventually(all_settled, PATIENCE)
    assert len(set(settled.values())) == 6, "devices of all kinds"
    return settled


def states(stack: Stack, tunnels: list[str], *, negotiating: bool | None = None) -> dict[str, State]:
    """Of the tunnels that have come to one, what they came to."""
    wanted = set(tunnels)
    return {
        name: (status, cause, bgp)
        for name, status, cause, bgp, under_way in stack.ask(STATES)
        if name in wanted and status and negotiating in (None, bool(under_way))
    }


def reset_all(visitor: Visitor, tunnels: list[str]) -> None:
    """By as many people as the web server has threads. What was not answered is asked again."""
    page = visitor.get("/accounts/audit/")
    with ThreadPoolExecutor(PEOPLE) as people:
        shares = [tunnels[number::PEOPLE] for number in range(PEOPLE)]
        list(people.map(lambda share: reset(visitor.again(), page, share), shares))


def reset(visitor: Visitor, page: str, tunnels: list[str]) -> None:
    for tunnel in tunnels:

        def answered(path: str = f"/tunnels/{tunnel}/reset/") -> bool:
            try:
                return bool(visitor.post_alone(path, page))
            except (OSError, HTTPException):  # the web server, or what it stands on, was just killed
                return False

        eventually(answered, PATIENCE)


def test_eight_people_write_at_once_and_nobody_is_turned_away(stack: Stack, visitor: Visitor) -> None:
    """While the worker writes as well. Each makes two connections and more; nothing is lost or doubled."""

    def write(number: int) -> list[str]:
        person = visitor.again()
        made = [person.create_connection(f"writer-{number}-{turn}") for turn in range(TURNS)]
        page = person.get(f"/connections/{made[0]}/")
        for turn in range(TURNS):
            name = f"writer-{number}-{turn}"
            person.post("/cens/create/", page, name=name)
            person.post("/cens/resource-groups/create/", page, name=name)
        for _turn in range(TURNS):
            for tunnel in TUNNEL_ID.findall(page)[:2]:
                person.post(f"/tunnels/{tunnel}/reset/", page)
        return made

    with ThreadPoolExecutor(PEOPLE) as people:
        made = [one for some in people.map(write, range(PEOPLE)) for one in some]

    for table in ("connections_ipsecconnection", "transit_cen", "transit_resourcegroup"):
        named = stack.ask(f"select name from {table} where name like 'writer-%'")  # noqa: S608 - fixed names
        assert len({name for (name,) in named}) == len(named) == TURNS * PEOPLE
    assert len(set(made)) == TURNS * PEOPLE
    assert stack.ask(RESETS)
    assert_each_event_once(stack)
    said = stack.console.said()
    assert [
        word for word in ("database is locked", "deadlock", "Traceback", "Internal") if word in said
    ] == []


def assert_each_event_once(stack: Stack) -> None:
    told: dict[tuple[object, object], list[int]] = defaultdict(list)
    for tunnel, attempt, position in stack.ask(POSITIONS):
        told[tunnel, attempt].append(position)
    assert told
    assert {key: seen for key, seen in told.items() if seen != list(range(len(seen)))} == {}
    assert dict(stack.ask(RESETS)) == dict(stack.ask(BEGUN))


def kill_in_turn(stack: Stack, random_ones: random.Random) -> Counter[str]:
    """Each part twice, in any order, a moment after the other."""
    names = [*stack.blows, *stack.blows]
    random_ones.shuffle(names)
    for name in names:
        time.sleep(random_ones.uniform(0.1, 0.9))
        stack.blows[name]()
    return Counter(names)


def test_what_is_killed_meanwhile_changes_nothing(
    stack: Stack, visitor: Visitor, crowd: list[str], peace: dict[str, State]
) -> None:
    with ThreadPoolExecutor(2) as both:
        asked = both.submit(reset_all, visitor, crowd * ROUNDS)
        killed = both.submit(kill_in_turn, stack, random.Random(SEED))  # noqa: S311
        asked.result()
        assert set(killed.result().values()) == {2}
    eventually(stack.console.ready, PATIENCE)

    try:
        eventually(lambda: states(stack, crowd) == peace, PATIENCE)
    except AssertionError as error:
        now = states(stack, crowd)
        error.add_note(f"{[(peace[name], now.get(name)) for name in crowd if now.get(name) != peace[name]]}")
        error.add_note(stack.console.said()[-4000:])
        raise
    assert_each_event_once(stack)
    eventually(lambda: nothing_is_late(stack), PATIENCE)
    eventually(lambda: queued(stack) <= 5, PATIENCE)


def test_edits_are_applied_although_the_worker_is_killed(stack: Stack, visitor: Visitor) -> None:
    made = visitor.create_connection("edited under fire")
    for lifetime in ("3600", "7200"):
        visitor.edit_tunnel(made, 1, child_lifetime=lifetime)
        stack.kill("worker")()
        eventually(lambda: stack.ask(EDITED.format(made)) == [("attached", "active")] * 2, PATIENCE)


def nothing_is_late(stack: Stack) -> bool:
    """Of what is due, all is done within seconds: no row was forgotten in a dead worker's hands."""
    moment = datetime.now(UTC) - timedelta(seconds=5)
    [(late,)] = stack.ask(LATE.format(moment.strftime("%Y-%m-%d %H:%M:%S")))
    return bool(late == 0)


def queued(stack: Stack) -> int:
    """Rings of the bell that wait for a worker."""
    url = stack.variables.get("REDIS_URL") or stack.console.broker_url()
    with closing(redis.Redis.from_url(url)) as broker:
        return int(broker.llen("vpnconsole:celery"))
