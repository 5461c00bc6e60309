"""gunicorn's settings, for `make run` and for production: `gunicorn -c python:vpnconsole.gunicorn_conf`.

Two processes of four threads: views wait for the database more than they compute, so threads carry them; the
second process uses the second core while one computes, and answers while a killed one starts again. SQLite in
WAL mode takes readers from both and makes writers queue.
"""

import gc
import os
from pathlib import Path
from typing import Protocol

from vpnconsole.environment import env_int, env_str
from vpnconsole.runtime.leash import tie_to_parent

ROOT = Path(__file__).resolve().parents[1]


def share_counters() -> None:
    """A directory in which all processes of this server count their requests, empty at each start.

    The library looks for its name when it is loaded, so this comes before the application.
    """
    var_dir = Path(env_str("VAR_DIR") or ROOT / "var")
    place = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(var_dir / "metrics")))
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for counted in place.glob("*.db"):
        counted.unlink(missing_ok=True)


share_counters()

bind = f"{env_str('HOST', '127.0.0.1')}:{env_str('PORT', '8000')}"
wsgi_app = "vpnconsole.wsgi:application"
worker_class = "gthread"
workers = env_int("WEB_WORKERS", 2, least=1)
threads = env_int("WEB_THREADS", 4, least=1)
preload_app = True  # loaded once, shared by both, and a restarted worker is there at once
timeout = 60
graceful_timeout = 6
keepalive = 5
limit_request_line = 8190  # the longest that there is: filters travel in the address
control_socket_disable = True
loglevel = env_str("WEB_LOG_LEVEL", "warning")
accesslog = "-" if env_str("ACCESS_LOG") else None


class Worker(Protocol):
    """What is used of gunicorn's worker, which has no types."""

    ppid: int


def when_ready(_server: object) -> None:
    """What is loaded stays for good: no process has its collector look through it, and all share its memory.
    A request makes some ten thousand objects that go with it, so the collector need not look all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def post_fork(_server: object, worker: Worker) -> None:
    """A worker ends with its master, even with a killed one."""
    tie_to_parent(worker.ppid)
