"""A connection to PostgreSQL is kept from one request to the next, and made anew where it has ended."""

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import close_old_connections, connection

from vpnconsole.postgresql.base import RECENTLY

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

OWN = "SELECT pg_backend_pid()"


@pytest.fixture
def other() -> Iterator[psycopg.Connection | None]:
    """A second way to the same server; SQLite has none, and nothing that could end."""
    if connection.vendor != "postgresql":
        yield None
        return
    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("host", "port", "user", "password", "dbname") if name in given}
    with psycopg.connect(**wanted) as other:
        yield other


def own() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OWN)
        return int(cursor.fetchone()[0])


def last_asked(other: psycopg.Connection, key: int) -> str:
    found = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [key]).fetchone()
    assert found is not None
    return str(found[0])


def test_one_that_was_used_just_now_is_kept_without_a_question(other: psycopg.Connection | None) -> None:
    if other is None:
        return
    before = own()
    assert connection.is_usable()
    assert own() == before
    close_old_connections()
    assert connection.is_usable()
    assert last_asked(other, before) == OWN
    assert own() == before


def test_one_that_has_rested_is_asked(
    other: psycopg.Connection | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies between may have dropped it without a word."""
    if other is None:
        return
    before, now = own(), time.monotonic()
    assert connection.is_usable()
    monkeypatch.setattr("vpnconsole.postgresql.base.time.monotonic", lambda: now + 2 * RECENTLY)
    assert connection.is_usable()
    assert last_asked(other, before) == "SELECT 1"


def test_one_that_the_server_has_ended_is_made_anew(other: psycopg.Connection | None) -> None:
    if other is None:
        return
    before = own()
    other.execute("SELECT pg_terminate_backend(%s, 10000)", [before])
    close_old_connections()
    assert own() != before


def test_so_is_one_that_was_closed_here(other: psycopg.Connection | None) -> None:
    if other is None:
        return
    before = own()
    assert connection.connection is not None
    connection.connection.close()
    close_old_connections()
    assert own() != before


def test_what_the_server_says_unasked_ends_nothing(other: psycopg.Connection | None) -> None:
    """A changed setting is told to everyone."""
    if other is None:
        return
    before = own()
    assert connection.is_usable()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    other.autocommit = True
    other.execute("NOTIFY news")
    close_old_connections()
    assert own() == before
