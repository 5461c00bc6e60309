"""The supervisor: `python -m vpnconsole.runtime`, behind `make run`."""

import http.client
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from math import inf
from pathlib import Path
from urllib.parse import urlsplit

from vpnconsole.runtime import valkey
from vpnconsole.runtime.children import Program, Supervisor
from vpnconsole.runtime.console import Console
from vpnconsole.runtime.leash import tie_to_parent
from vpnconsole.runtime.preflight import Place, StartError, claim, listen, place_from, sign

WEB = ("gunicorn", "--config=python:vpnconsole.gunicorn_conf")
CELERY = ("celery", "--quiet", "--app=vpnconsole.celery:app")
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat")
WORKER = (*CELERY, "worker", "--loglevel=WARNING", "--pool=threads", "--concurrency=4", *ALONE)
BEAT = (*CELERY, "beat", "--loglevel=ERROR", "--pidfile=")
PATIENCE = 60.0  # seconds until a start that is not ready yet is worth a word


def main() -> int:
    if "--with-parent" in sys.argv:
        tie_to_parent(os.getppid(), signal.SIGTERM)
    os.umask(0o077)  # databases, keys and logs are their owner's alone
    console = Console(sys.stdout.fileno())
    if os.geteuid() == 0:
        console.say("Running as root; an ordinary user is enough, and safer.")
    try:
        run(console)
    except StartError as reason:
        console.flush()
        sys.stderr.write(f"{reason}\n")
        return 1
    finally:
        console.flush()
    return 0


def run(console: Console) -> None:
    """From the checks to the end of the last child."""
    place = place_from(os.environ)
    with claim(place.var_dir) as lock, listen(place) as listener:
        place = replace(place, port=listener.getsockname()[1])
        sign(lock, place)
        supervisor = Supervisor(console)
        console.say(f"Starting in {place.var_dir} …")
        try:
            start(supervisor, place, listener.fileno(), console)
            supervisor.wait(lambda: False)
            console.say("Stopping …")
        finally:
            supervisor.stop()


def start(supervisor: Supervisor, place: Place, listener: int, console: Console) -> None:
    """Broker, then everything brought up to date, then the processes that need both."""
    environment = environment_for(place)
    if not environment.get("REDIS_URL"):
        environment = start_valkey(supervisor, place, environment)
    status = supervisor.run_once(program("start", environment, "vpnconsole.runtime.prepare"))
    if supervisor.stopping:
        return
    if status:
        raise StartError("The console could not be brought up to date; the reason is in the lines above.")
    for one in processes(place, environment, listener):
        supervisor.start(one)
    if not await_readiness(supervisor, place, PATIENCE) and not supervisor.stopping:
        console.say(f"Not ready after {PATIENCE:.0f} s, still trying: {readiness(place)}")
        await_readiness(supervisor, place)
    if not supervisor.stopping:
        announce(place, console)


def environment_for(place: Place) -> dict[str, str]:
    return {
        **os.environ,
        "VAR_DIR": str(place.var_dir),
        "HOST": place.host,
        "PORT": str(place.port),
        "PYTHONUNBUFFERED": "1",
        # Celery's ten lines on running as root; one of the supervisor's own says it.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
    }


def start_valkey(supervisor: Supervisor, place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    """Start the embedded server, wait for it, and return the environment that names it."""
    embedded = valkey.configure(place.var_dir / "valkey")
    supervisor.start(embedded.program(environment))
    if not supervisor.wait(embedded.answers, PATIENCE) and not supervisor.stopping:
        raise StartError(f"The embedded Valkey does not answer; see {embedded.log}.")
    return {**environment, "REDIS_URL": embedded.url}


def processes(place: Place, environment: Mapping[str, str], listener: int) -> tuple[Program, ...]:
    """Web server, worker and beat. Inside the worker, nobody would restart a beat that dies."""
    schedule = place.var_dir / "beat-schedule"
    return (
        replace(program("web", environment, *WEB, f"--bind=fd://{listener}"), inherited=(listener,)),
        program("worker", environment, *WORKER),
        program("beat", environment, *BEAT, f"--schedule={schedule}"),
    )


def program(name: str, environment: Mapping[str, str], module: str, *arguments: str) -> Program:
    return Program(name, (sys.executable, "-m", module, *arguments), environment)


def await_readiness(supervisor: Supervisor, place: Place, seconds: float = inf) -> bool:
    return supervisor.wait(lambda: readiness(place) == "", seconds, pause=0.25)


def readiness(place: Place) -> str:
    """Empty when /readyz answers 200, else what is in the way."""
    where = urlsplit(place.address)
    try:
        with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=2)) as connection:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return "" if answer.status == 200 else f"/readyz answers {answer.status}: {answer.read(300)!r}"
    except (OSError, http.client.HTTPException) as error:
        return f"/readyz does not answer ({error})"


def announce(place: Place, console: Console) -> None:
    console.say(f"\nThe console is ready: {place.address}")
    password = place.var_dir / "demo-password"
    if password.exists():
        console.say(f"Demo sign-in: user demo, password {shown(password)}")
    console.say("Ctrl-C stops it.\n")


def shown(password: Path) -> str:
    """At a terminal the password itself; elsewhere, where output is kept as a log, only its place."""
    if sys.stdout.isatty():
        return f"{password.read_text(encoding='utf-8').strip()} (kept in {password})"
    return f"in {password}"


if __name__ == "__main__":
    sys.exit(main())
