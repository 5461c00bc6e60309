"""Log lines that can be found again: each names the request or the task that it came from, and for whom.

`LOG_FORMAT=text` writes lines for people, `json` one JSON object a line for machines. A request's id is in
its answer (`X-Request-Id`), its audit rows and its log lines, and goes along with the tasks that it starts.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from vpnconsole.environment import env_str

FORMATS: Final = ("text", "json")
CONTROLS: Final = {code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {
    ord("\t"): "\t",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
}
"""What could end a line, or steer the terminal that shows it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose work is done now. `request` is Django's, asked only when a line is written."""

    request_id: str = ""
    request: Any = None
    task: str = ""

    def facts(self) -> dict[str, str]:
        """Without a query, and without anything secret: the account's UID and the person's name."""
        facts = {"request_id": self.request_id, "task": self.task}
        actor = getattr(self.request, "actor", None)
        if actor is not None:
            facts |= {"account": actor.account.uid, "user": actor.name}
        return {name: value for name, value in facts.items() if value}


_scope: ContextVar[Scope] = ContextVar("scope", default=Scope())  # noqa: B039 - frozen


def current() -> Scope:
    return _scope.get()


@contextmanager
def scope(entered: Scope) -> Iterator[None]:
    """Lines written inside belong to `entered`."""
    token = _scope.set(entered)
    try:
        yield
    finally:
        _scope.reset(token)


def enter(entered: Scope) -> None:
    """From now on, in this thread; for callers that have no inside, such as a task's signals."""
    _scope.set(entered)


def facts_of(record: logging.LogRecord) -> dict[str, str]:
    """Django tells of a failed request when its scope is left already: then the record has it."""
    request = getattr(record, "request", None)
    own = getattr(request, "META", {}).get("REQUEST_ID", "")
    return current().facts() or Scope(request_id=own, request=request).facts()


class TextLines(logging.Formatter):
    """`time LEVEL logger [facts] message`. A message is one line; only a traceback is more."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(facts)s%(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        facts = " ".join(f"{name}={value}" for name, value in facts_of(record).items())
        record.facts = f"[{facts}] " if facts else ""
        return super().formatMessage(record).translate(CONTROLS)


class JsonLines(logging.Formatter):
    """One object a line: `time` (UTC), `level`, `logger`, `message`, the facts, and any `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": f"{record.processName} {record.process}",
            **facts_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False).translate(CONTROLS)


def configuration() -> dict[str, Any]:
    """Django's LOGGING, from LOG_FORMAT and LOG_LEVEL."""
    chosen = env_str("LOG_FORMAT", "text")
    if chosen not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT={chosen!r} is unknown; write {' or '.join(FORMATS)}.")
    level = env_str("LOG_LEVEL", "INFO").upper()
    if level not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(f"LOG_LEVEL={level!r} is unknown; write INFO or WARNING, for example.")
    formatter = {"text": "TextLines", "json": "JsonLines"}[chosen]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"vpnconsole.logs.{formatter}"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handlers would write the same line once more, in another form.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},
            "axes": {"level": "WARNING"},
            # A line for each ring of the bell and for each task says nothing.
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }
