"""The product, started for real."""

import http.client
import re
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.core.cache.backends.redis import RedisCache
from processes import ROOT, descendants, environment, eventually
from redis.exceptions import RedisError

from vpnconsole.heartbeats import Part, last_seen

SUPERVISOR = (sys.executable, "-m", "vpnconsole.runtime")
COMMANDS = {
    "valkey": "valkey-server",
    "web": "gunicorn",
    "worker": r"celery:app worker",
    "beat": r"celery:app beat",
}


@dataclass
class Console:
    """One instance of the product."""

    var_dir: Path
    process: "subprocess.Popen[bytes]"
    output: Path
    supervisor: int
    port: int

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def get(self, path: str) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    def ready(self) -> bool:
        try:
            return self.get("/readyz") == 200
        except OSError:
            return False

    def pids(self, name: str) -> list[int]:
        """The processes of one child, its leader first."""
        found = descendants(self.supervisor).items()
        return sorted(pid for pid, command in found if re.search(COMMANDS[name], command))

    def broker_url(self) -> str:
        """As the supervisor hands it to its children."""
        settings = dict(
            line.split(" ", 1)
            for line in (self.var_dir / "valkey" / "valkey.conf").read_text(encoding="utf-8").splitlines()
        )
        return f"redis://:{settings['requirepass']}@127.0.0.1:{settings['port']}/0"

    def worker_seen(self) -> float:
        """When the worker last did a task, in seconds since 1970; 0 where nobody knows."""
        store = RedisCache(self.broker_url(), {"KEY_PREFIX": "vpnconsole"})
        try:
            return last_seen(store).get(Part.WORKER, 0.0)
        except (OSError, RedisError):
            return 0.0

    def stop(self) -> None:
        with self.process:
            self.process.terminate()


def start(var_dir: Path, command: tuple[str, ...] = SUPERVISOR, port: int = 0, **more: str) -> Console:
    """Start the product and wait until it says that it is ready."""
    output = var_dir.with_name(f"{var_dir.name}.{time.monotonic_ns()}.output")
    variables = environment(VAR_DIR=str(var_dir), PORT=str(port), **more)
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)

    def announced() -> "re.Match[str] | None":
        assert process.poll() is None, output.read_text(encoding="utf-8")
        return re.search(r"ready: http://127\.0\.0\.1:(\d+)", output.read_text(encoding="utf-8"))

    try:
        address = eventually(announced, 90)
    except BaseException as error:
        process.terminate()
        process.wait()
        error.add_note(output.read_text(encoding="utf-8")[-3000:])
        raise
    holder = (var_dir / "lock").read_text(encoding="utf-8")
    supervisor = int(re.findall(r"\d+", holder)[0])
    return Console(var_dir, process, output, supervisor, int(address[1]))
