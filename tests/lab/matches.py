"""The engine against the daemons, pair by pair, with several pairs of daemons at work at once."""

import json
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeAlias

from ipsec.negotiation import Scenario, pairs, verdict
from lab.ends import two_ends
from lab.patience import UnplayableError
from lab.referee import Finding, Referee

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Match:
    """One pair, what the engine says and what the daemons did."""

    row: Row
    engine: Mapping[str, object]
    found: Finding

    @property
    def apart(self) -> list[str]:
        """The fields in which they differ."""
        return [key for key, value in self.engine.items() if self.found.outcome.get(key) != value]

    def story(self) -> str:
        """All there is to know of a difference."""
        engine = {key: self.engine[key] for key in self.apart}
        daemon = {key: self.found.outcome.get(key) for key in self.apart}
        logs = [f"--- log of {side}\n{log.rstrip()}" for side, log in self.found.logs.items()]
        told = [
            f"=== {self.row['id']}: {', '.join(self.apart)}",
            json.dumps(self.row),
            f"--- engine: {json.dumps(engine)}",
            f"--- daemon: {self.found.trouble or json.dumps(daemon)}",
            *logs,
        ]
        return "\n".join(told)


def matches(rows: Iterable[Row], jobs: int = 1) -> Iterator[Match]:
    """Plays all pairs, `jobs` at once, and tells each as it ends. ValueError before any daemon is started.

    Pairs with the same path between them are played together.
    """
    playable = [(row, _playable(row)) for row in rows]
    for path in dict.fromkeys(scenario.path for _row, scenario in playable):
        hall = _Hall([(row, scenario) for row, scenario in playable if scenario.path == path])
        with hall.workers(jobs):
            for _ in range(hall.size):
                yield hall.next_told()


def _playable(row: Row) -> Scenario:
    try:
        scenario = pairs.scenario(row)
    except pairs.PairError as problem:
        raise ValueError(f"{row.get('id')}: {problem}") from None
    path = scenario.path
    if not path.udp4500_open and not path.behind_nat:
        raise ValueError(f"{row['id']}: the lab's daemons always use UDP 4500")
    if path.behind_nat and not (scenario.cloud.nat_traversal and scenario.peer.nat_traversal):
        raise ValueError(f"{row['id']}: the lab's daemons cannot switch NAT traversal off")
    return scenario


@dataclass
class _Hall:
    """The pairs to be played, the matches told, and the threads between."""

    asked: list[tuple[Row, Scenario]]
    told: SimpleQueue[Match | BaseException] = field(default_factory=SimpleQueue)
    closed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.size = len(self.asked)
        self.waiting = deque(self.asked)
        self.scenarios = [scenario for _row, scenario in self.asked]

    def next_told(self) -> Match:
        told = self.told.get()
        if isinstance(told, BaseException):
            raise told
        return told

    @contextmanager
    def workers(self, jobs: int) -> Iterator[None]:
        """Whatever ends the run, the daemons are gone after it."""
        threads = [threading.Thread(target=self._work) for _ in range(min(jobs, self.size))]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.closed.set()
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        try:
            while self.waiting and not self.closed.is_set():
                self._sit()
        except BaseException as problem:  # the reader raises it
            self.told.put(problem)

    def _sit(self) -> None:
        """One pair of daemons, until all is played or they are not to be trusted any more."""
        with two_ends(self.scenarios, self.scenarios[0].path) as (ends, router):
            referee = Referee(ends, router)
            while not self.closed.is_set():
                try:
                    row, scenario = self.waiting.popleft()
                except IndexError:
                    return
                found, sound = _play(referee, scenario)
                expected = pairs.answer(row["id"], verdict(scenario))["outcome"]
                assert isinstance(expected, dict)
                self.told.put(Match(row, expected, found))
                if not sound:
                    return


def _play(referee: Referee, scenario: Scenario) -> tuple[Finding, bool]:
    """What was found, and whether the daemons are good for another pair."""
    try:
        return referee.play(scenario), True
    except UnplayableError as problem:
        trouble = str(problem)
    except OSError as problem:
        trouble = f"a daemon is gone: {problem}"
    logs = {side: end.journal.read() for side, end in referee.ends.items()}
    return Finding({}, logs, trouble), False
