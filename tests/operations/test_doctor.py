"""The doctor names what is wrong, says what to do, and ends with 1."""

import io
import json
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from audited_estate import estate_of
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db import connection as database

from accounts.actor import Actor
from vpnconsole import doctor
from vpnconsole.doctor import Diagnosis, examine
from vpnconsole.heartbeats import Part

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def found() -> dict[str, Diagnosis]:
    return {one.part: one for one in examine()}


def examined(part: str) -> Diagnosis:
    """One part alone."""
    kept = doctor.EXAMINATIONS[part]
    only: dict[str, Callable[[], str]] = {part: kept}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor, "EXAMINATIONS", only)
        return next(iter(examine()))


def ill(part: str, what: str, remedy: str) -> None:
    said = examined(part)
    assert what in said.what
    assert remedy in said.remedy


def well(part: str) -> str:
    said = examined(part)
    assert said.well, said
    return said.what


def test_every_part_is_named_and_an_ill_one_ends_the_command_with_1(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    said = io.StringIO()
    with pytest.raises(CommandError, match=r"Not well: .*broker, worker, beat"):
        call_command("doctor", stdout=said)

    for part in doctor.EXAMINATIONS:
        assert part in said.getvalue()
    assert "-> Start Redis or Valkey" in said.getvalue()


def test_a_sound_part_is_called_so() -> None:
    assert database.vendor in well("database")
    assert well("migrations") == "all applied"
    assert well("clock")
    assert "GiB free" in well("disk")


def test_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(database, "cursor", away)
    ill("database", "does not answer: connection refused", "correct DATABASE_URL")


def test_a_migration_that_is_missing() -> None:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0006_no_truncating'")
    ill("migrations", "accounts.0006_no_truncating", "manage.py migrate")


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_clock_that_is_wrong(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    class Cursor:
        def execute(self, statement: str) -> None: ...
        def fetchone(self) -> list[datetime]:
            return [datetime.now(UTC) + timedelta(seconds=seconds)]

        def __enter__(self) -> "Cursor":
            return self

        def __exit__(self, *_args: object) -> None: ...

    monkeypatch.setattr(doctor, "connection", SimpleNamespace(vendor="postgresql", cursor=Cursor))
    ill("clock", f"differs by {seconds:+d}.0 s", "chrony")


def test_keys_that_open_and_keys_that_do_not(ana: Actor, settings: Any) -> None:
    estate_of(ana)
    assert "all were opened" in well("keys")

    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    ill("keys", "are opened by none of FIELD_KEYS", "rotate_keys")
    settings.FIELD_KEYS = ["no key"]
    ill("keys", "is not a Fernet key", "Set FIELD_KEYS")


def test_no_diagnosis_holds_a_key(ana: Actor, settings: Any) -> None:
    estate_of(ana)
    key = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [key, "marker-of-a-key"]

    said = "".join(f"{one.what}{one.remedy}" for one in found().values())
    assert key not in said
    assert "marker-of-a-key" not in said


def test_without_a_broker_at_all(settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.VAR_DIR = "", tmp_path
    for part in ("broker", "worker", "beat"):
        ill(part, "REDIS_URL is not set", "make run")


def test_the_embedded_broker_is_found_by_its_file(settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.VAR_DIR = "", tmp_path
    (tmp_path / "valkey").mkdir()
    (tmp_path / "valkey" / "valkey.conf").write_text(
        "bind 127.0.0.1\nport 7001\nrequirepass abc\n", encoding="utf-8"
    )

    assert doctor.broker_url() == "redis://:abc@127.0.0.1:7001/0"


@pytest.fixture
def signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor reads the run's own cache, whichever it is."""
    monkeypatch.setattr(doctor, "_cache", lambda: cache)


def test_a_bell_that_rings_and_one_that_has_stopped(signs: None) -> None:
    ill("beat", "longer ago than anybody remembers", "exactly one")

    cache.set(Part.BEAT.key, time.time() - 5)
    assert "last rang 5 s ago" in well("beat")
    cache.set(Part.BEAT.key, time.time() - 300)
    ill("beat", "last rang 300 s ago", "Start beat")


def test_a_worker_that_works_and_one_that_only_runs(signs: None) -> None:
    ill("worker", "longer ago than anybody remembers", "Start a worker")

    cache.set(Part.WORKER.key, time.time() - 1)
    assert "last did a task 1 s ago" in well("worker")
    cache.set(Part.WORKER.key, time.time() - 300)
    ill("worker", "last did a task 300 s ago", "start beat")


def test_a_broker_that_is_away(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    ill("broker", "does not take a write", "Start Redis or Valkey")
    for part in ("worker", "beat"):
        ill(part, "cannot be asked", "Mend the broker first")


def test_a_directory_that_others_can_read(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    (tmp_path / "field-keys").write_text("x", encoding="utf-8")
    tmp_path.chmod(0o755)
    (tmp_path / "field-keys").chmod(0o644)
    ill("VAR_DIR", "can read field-keys", f"chmod 700 {tmp_path}")

    tmp_path.chmod(0o700)
    assert "is writable" in well("VAR_DIR")
    settings.VAR_DIR = tmp_path / "not there"
    ill("VAR_DIR", "does not exist", "mkdir -m 700")


def test_static_files_that_are_not_there(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    ill("static files", "none in", "collectstatic")

    (tmp_path / "staticfiles.json").write_text(
        json.dumps({"paths": {"console/console.js": "x"}}), encoding="utf-8"
    )
    ill("static files", "are missing, such as", "collectstatic")


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=1024))
    ill("disk", "0.0 GiB free", "Make room")


def test_an_examination_that_breaks_is_a_finding_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise RuntimeError("out of its depth")

    monkeypatch.setattr(doctor, "EXAMINATIONS", {"first": broken, "second": lambda: "fine"})
    first, second = examine()

    assert "RuntimeError: out of its depth" in first.what
    assert not first.well
    assert second.well


def test_lost_triggers_are_named_and_how_they_come_back() -> None:
    assert "all triggers are in place" in well("lists")
    on = "" if database.vendor == "sqlite" else " ON connections_ipsecconnection"
    with database.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER fleet_connection_changed{on}")
    ill("lists", "fleet_connection_changed", "rebuild_lists")

    call_command("rebuild_lists", stdout=io.StringIO())

    assert well("lists")
