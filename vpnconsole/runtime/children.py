"""Children of the supervisor: started on a leash, restarted with back-off, stopped in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from vpnconsole.runtime.console import Console
from vpnconsole.runtime.leash import HELD_BY_KERNEL

FIRST_DELAY = 0.5  # seconds before the first restart; doubled for each one that follows soon
LONGEST_DELAY = 30.0
SETTLED = 30.0  # a child that lived this many seconds starts again at the first delay
GRACE = 8.0  # seconds for an orderly end
TICK = 0.1
LEASH = Path(__file__).with_name("leash.py")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Program:
    """A command to keep running. `rank` orders the end: lower ranks stop first."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    inherited: tuple[int, ...] = ()
    rank: int = 0


class Child:
    """One program and the process that runs it now, in a process group of its own."""

    def __init__(self, program: Program, console: Console, lifeline: int) -> None:
        self.program = program
        self._console = console
        self._lifeline = lifeline
        self._delay = FIRST_DELAY
        self._start()

    def _start(self) -> None:
        watch = -1 if HELD_BY_KERNEL else self._lifeline
        leash = (sys.executable, "-IS", str(LEASH), str(os.getpid()), str(watch))
        self._process = subprocess.Popen(  # noqa: S603 - the supervisor's own commands
            (*leash, *self.program.command),
            env=self.program.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self.program.inherited + ((watch,) if watch >= 0 else ()),
        )
        self._born = time.monotonic()
        self._status: int | None = None
        self._due: float | None = None
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        self._console.follow(self.program.name, self._process.stdout)

    def poll(self) -> int | None:
        """The exit status, or None while it runs. What it left behind in its group is killed."""
        if self._status is None:
            self._status = self._process.poll()
            if self._status is not None:
                self._kill_group()
        return self._status

    def tend(self) -> None:
        """Start the program again if it ended and its delay is over."""
        now = time.monotonic()
        if self._due is None:
            status = self.poll()
            if status is not None:
                self._put_off(now, reason(status))
        elif now >= self._due:
            try:
                self._start()
            except OSError as error:  # no memory, too many processes: it may pass
                self._put_off(now, f"could not be started ({error.strerror})")

    def _put_off(self, now: float, why: str) -> None:
        if now - self._born >= SETTLED + self._delay:
            self._delay = FIRST_DELAY
        self._console.say(f"{self.program.name} {why}; starting it again in {self._delay:g} s.")
        self._due = now + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY)

    def ask_to_end(self) -> None:
        """An orderly end; only the leader is asked, it knows its own."""
        if self.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        if self.poll() is None:
            self._kill_group()
            self._process.wait()

    def _kill_group(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # nobody left (macOS: only zombies)
            return


class Supervisor:
    def __init__(self, console: Console) -> None:
        self.stopping = False
        self._console = console
        self._children: list[Child] = []
        # Held open by this process alone: its end tells the watchers that the supervisor is gone.
        self._lifeline, self._held_open = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup's wish
                signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def start(self, program: Program) -> None:
        """Run `program` and keep it running."""
        self._children.append(Child(program, self._console, self._lifeline))

    def run_once(self, program: Program) -> int | None:
        """Run `program` to its end: its exit status, or None if the stop came first."""
        child = Child(program, self._console, self._lifeline)
        while child.poll() is None and not self.stopping:
            self._tend()
        status = child.poll()
        child.kill()
        return status

    def wait(self, done: Callable[[], bool], seconds: float = inf, pause: float = TICK) -> bool:
        """Tend the children until `done`, asked every `pause` seconds; False if time or a stop came first."""
        deadline = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < deadline:
            if done():
                return True
            self._tend(pause)
        return False

    def _tend(self, pause: float = TICK) -> None:
        for child in self._children:
            child.tend()
        time.sleep(pause)

    def stop(self) -> None:
        """End all children, rank by rank: asked first, killed when their grace is over."""
        deadline = time.monotonic() + GRACE
        for rank in sorted({child.program.rank for child in self._children}):
            end_together([child for child in self._children if child.program.rank == rank], deadline)
            deadline += 1.0
        self._children.clear()


def end_together(children: Sequence[Child], deadline: float) -> None:
    for child in children:
        child.ask_to_end()
    while any(child.poll() is None for child in children) and time.monotonic() < deadline:
        time.sleep(TICK / 2)
    for child in children:
        child.kill()


def reason(status: int) -> str:
    """How a process ended, in words; `status` as `subprocess` gives it (negative: the signal's number)."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"
