"""A connection to PostgreSQL is kept from one request to the next, and made anew where it has ended."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import close_old_connections, connection

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


def test_one_that_stands_is_kept_without_a_question(other: psycopg.Connection | None) -> None:
    if other is None:
        assert connection.is_usable()
        return
    before = own()
    close_old_connections()
    assert connection.is_usable()
    last = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [before]).fetchone()
    assert last == (OWN,)
    assert own() == before


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
    with connection.cursor() as cursor:
        cursor.execute("LISTEN news")
    other.autocommit = True
    other.execute("NOTIFY news")
    close_old_connections()
    assert own() == before
