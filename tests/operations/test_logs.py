"""Log lines: one for each event, with the request it belongs to, and nothing secret or forged."""

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts.actor import Actor
from tunnels.tasks import tick
from vpnconsole import logs, middleware
from vpnconsole.celery import enter_task, leave_task, send_request_id

LOGGER = logging.getLogger("vpnconsole.tests")


@pytest.fixture(params=["JsonLines", "TextLines"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    yield from _written(request.param)


@pytest.fixture
def objects() -> Iterator[io.StringIO]:
    yield from _written("JsonLines")


def _written(formatter: str) -> Iterator[io.StringIO]:
    """What our logger writes in this form."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(getattr(logs, formatter)())
    LOGGER.addHandler(handler)
    yield stream
    LOGGER.removeHandler(handler)


def answer_of(view: Any, request: HttpRequest | None = None) -> HttpResponse:
    return middleware.request_id(view)(request or RequestFactory().get("/"))


def test_a_line_names_the_request_that_it_was_written_in(written: io.StringIO) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        LOGGER.warning("inside")
        return HttpResponse()

    answer = answer_of(view)
    LOGGER.warning("outside")
    inside, outside = written.getvalue().splitlines()

    assert answer["X-Request-Id"] in inside
    assert answer["X-Request-Id"] not in outside


@pytest.mark.django_db
def test_it_names_account_and_person_once_they_are_known(ana: Actor, objects: io.StringIO) -> None:
    def view(request: Any) -> HttpResponse:
        LOGGER.warning("before")
        request.actor = ana
        LOGGER.warning("after")
        return HttpResponse()

    answer_of(view)
    before, after = (json.loads(line) for line in objects.getvalue().splitlines())

    assert "account" not in before
    assert (after["account"], after["user"]) == (ana.account.uid, "ana")


def test_no_visitor_can_forge_a_line(written: io.StringIO) -> None:
    LOGGER.warning("no such name: %s", "x\n2026-01-01 WARNING root all is well\u2028{}\x85\x1b[2J\r\n")

    assert len(written.getvalue().rstrip("\n").splitlines()) == 1
    assert "\x1b" not in written.getvalue()


def test_an_exception_is_part_of_its_object(objects: io.StringIO) -> None:
    try:
        raise ValueError("of no use")
    except ValueError:
        LOGGER.exception("went wrong: %s", "中文")
    [line] = objects.getvalue().splitlines()
    told = json.loads(line)

    assert told["message"] == "went wrong: 中文"
    assert "ValueError: of no use" in told["exception"]
    assert (told["level"], told["logger"]) == ("ERROR", "vpnconsole.tests")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", told["time"])


def test_the_scope_ends_with_a_request_that_breaks() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        answer_of(view)
    assert logs.current() == logs.Scope()


# Tasks


def task_of(headers: dict[str, Any], *, eager: bool = False) -> Any:
    request = SimpleNamespace(is_eager=eager, get=headers.get)
    return SimpleNamespace(name="tunnels.tick", request=request)


def test_a_task_carries_the_id_of_the_request_that_rang(objects: io.StringIO) -> None:
    headers: dict[str, Any] = {}

    def view(_request: HttpRequest) -> HttpResponse:
        send_request_id(headers=headers)
        return HttpResponse()

    answer = answer_of(view)
    task = task_of(headers)
    enter_task(task_id="t-1", task=task)
    LOGGER.warning("at work")
    leave_task(task=task)
    LOGGER.warning("at rest")
    working, resting = (json.loads(line) for line in objects.getvalue().splitlines())

    assert (working["request_id"], working["task"]) == (answer["X-Request-Id"], "tunnels.tick t-1")
    assert not {"request_id", "task"} & set(resting)


def test_a_ring_of_beat_has_no_request(objects: io.StringIO) -> None:
    headers: dict[str, Any] = {}
    send_request_id(headers=headers)
    task = task_of(headers)
    enter_task(task_id="t-2", task=task)
    LOGGER.warning("at work")
    leave_task(task=task)

    assert headers == {}
    assert "request_id" not in json.loads(objects.getvalue())


def test_a_task_called_in_a_request_stays_in_its_scope() -> None:
    with logs.scope(logs.Scope(request_id="R-1")):
        task = task_of({}, eager=True)
        enter_task(task_id="t-3", task=task)
        assert logs.current().request_id == "R-1"
        leave_task(task=task)
        assert logs.current().request_id == "R-1"


def test_the_signals_are_tied_to_the_tasks_that_there_are() -> None:
    from celery import signals

    assert tick.name == "tunnels.tick"
    for signal in (
        signals.before_task_publish,
        signals.task_prerun,
        signals.task_postrun,
        signals.setup_logging,
    ):
        assert signal.receivers


# Settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOG_FORMAT", "xml", "LOG_FORMAT='xml' is unknown"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL='LOUD' is unknown"),
    ],
)
def test_what_is_not_understood_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)):
        logs.configuration()


def test_the_level_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert logs.configuration()["root"]["level"] == "DEBUG"


def test_a_process_writes_each_line_once() -> None:
    write = "import django; django.setup(); import logging; logging.getLogger('django.request').error('once')"
    done = subprocess.run(
        [sys.executable, "-c", write],
        cwd=settings.BASE_DIR,
        env={
            "VAR_DIR": str(settings.VAR_DIR),
            "DJANGO_SETTINGS_MODULE": "vpnconsole.settings",
            "LOG_FORMAT": "json",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    [line] = done.stderr.splitlines()
    assert json.loads(line)["message"] == "once"


@pytest.mark.django_db
def test_a_refused_sign_in_leaves_no_password_in_the_log(
    caplog: pytest.LogCaptureFixture, ana: Actor
) -> None:
    caplog.set_level("DEBUG")
    Client().post("/signin/", {"username": "ana", "password": "Marker-of-a-password"})

    assert "Marker-of-a-password" not in caplog.text
