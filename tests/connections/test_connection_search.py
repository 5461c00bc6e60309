"""Searching by addresses, networks and words: what is found, and what it asks of the database."""

import sqlite3
from contextlib import closing

import pytest
from connection_cast import BGP, SHANGHAI, Cast, cast_of, made, tunnels_of
from django.db import connection as database
from django.db.models import Value
from django.db.models.functions import Lower
from django.test import Client

from connections import search
from connections.fleet import keeping
from connections.fleet.models import SearchNetwork, SearchText
from connections.models import IPsecConnection
from ipsec.algorithms import RoutingMode
from tunnels.models import Tunnel

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LIST = "/connections/"


def found(client: Client, text: str, **more: str) -> list[str]:
    return [row.name for row in client.get(LIST, {"q": text, **more}).context["page"].rows]


@pytest.fixture
def flows(cast: Cast) -> IPsecConnection:
    """A connection that is known by many networks, beside one that is not."""
    made(cast, "plain", binding="cross")
    connection = made(
        cast,
        "flows",
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.1.0.0/16",),
        remote_networks=("192.168.4.0/22",),
    )
    for tunnel, values in zip(tunnels_of(connection), BGP, strict=True):
        Tunnel.objects.filter(pk=tunnel.pk).update(**values)
    Tunnel.objects.filter(connection=connection, index=2).update(local_bgp_ip="169.254.20.2")
    return connection


def test_an_address_is_found_by_the_network_it_lies_in(client: Client, flows: IPsecConnection) -> None:
    for text in ("10.1.77.3", "192.168.7.255", "169.254.10.1", "169.254.10.2", "169.254.20.2"):
        assert found(client, text) == ["flows"], text
    for text in ("10.2.0.1", "192.168.8.0", "169.254.10.4", "172.16.0.1"):
        assert found(client, text) == [], text


def test_a_network_is_found_as_it_stands_and_within_another(client: Client, flows: IPsecConnection) -> None:
    for text in ("10.1.0.0/16", "10.1.8.0/24", "192.168.4.0/22", "192.168.6.0/23", "169.254.20.0/30"):
        assert found(client, text) == ["flows"], text
    assert found(client, "10.0.0.0/8") == ["flows"], "what lies in it is found as well"
    for text in ("10.2.0.0/16", "192.168.8.0/22"):
        assert found(client, text) == [], text


def test_the_beginning_of_an_address_finds_it(client: Client, flows: IPsecConnection) -> None:
    first = tunnels_of(flows)[0].gateway_address or ""
    for text in (first, first[:-2], f"{first.rpartition('.')[0]}.", "169.254.", "192.168.4"):
        assert found(client, text) == ["flows"], text
    assert found(client, "203.0.113.1") == ["flows", "plain"], "both end on that device"


def test_every_word_has_to_be_found(client: Client, flows: IPsecConnection) -> None:
    assert found(client, "flows edge-1") == ["flows"]
    assert found(client, "EDGE-1 169.254.10.1") == ["flows"]
    assert found(client, "flows nothing") == []
    assert found(client, "edge-1") == ["flows", "plain"]


def test_a_word_is_found_in_either_case_whatever_its_letters(client: Client, cast: Cast) -> None:
    made(cast, "Zürich ÄÖÜ", binding="cross")
    for text in ("zürich", "ZÜRICH", "äöü", "ÄÖÜ", "zÜRICH Äöü"):
        assert found(client, text) == ["Zürich ÄÖÜ"], text


def test_texts_that_were_kept_in_capitals_are_put_right_by_a_migration(client: Client, cast: Cast) -> None:
    """As SQLite's own LOWER made them."""
    connection = made(cast, "Zürich ÄÖÜ", binding="cross")
    SearchText.objects.update(text=f"{connection.public_id}\nzürich ÄÖÜ")
    assert found(client, "äöü") == []
    keeping.after_migrating(plan=["any"])
    assert found(client, "äöü") == ["Zürich ÄÖÜ"]


def test_other_programs_write_too_and_know_ascii_at_least(cast: Cast) -> None:
    """The triggers make do with the LOWER that SQLite's shell has."""
    if database.vendor != "sqlite":
        return
    connection = made(cast, "Zürich ÄÖÜ", binding="cross")
    with database.cursor() as cursor, closing(sqlite3.connect(":memory:")) as shell:
        for kind in ("table", "trigger"):
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = %s AND name NOT LIKE 'sqlite~_%%' ESCAPE '~'",
                [kind],
            )
            for (statement,) in cursor.fetchall():
                shell.execute(statement)
        cursor.execute("SELECT * FROM connections_ipsecconnection WHERE id = %s", [connection.pk])
        row = cursor.fetchone()
        marks = ", ".join("?" * len(row))
        shell.execute(f"INSERT INTO connections_ipsecconnection VALUES ({marks})", row)  # noqa: S608 - marks
        kept = shell.execute("SELECT text FROM connections_searchtext").fetchall()
    assert kept == [(f"{connection.public_id}\nzürich ÄÖÜ\n",)]


@pytest.mark.parametrize(
    "text", ["1", "1.", "999.1.1.1", "10.1.0.0/", "10.1.0.0/33", "10.1.0.1/16", "1.2.3.4.5", "٣.٣.٣.٣", "1.2"]
)
def test_half_an_address_breaks_nothing(client: Client, flows: IPsecConnection, text: str) -> None:
    assert client.get(LIST, {"q": text}).status_code == 200


def test_a_search_is_an_indexed_one(flows: IPsecConnection) -> None:
    """On SQLite that of addresses; it reads through the names."""
    if database.vendor != "postgresql":
        networks = SearchNetwork.objects.filter(account=flows.account, network="169.254.10.0/30")
        assert "USING INDEX connections_by_network" in networks.explain()
        return
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    asked = SearchText.objects.filter(text__contains=Lower(Value("edge-1")))
    assert "connections_searchtext_trigrams" in asked.explain()
    networks = SearchNetwork.objects.filter(account=flows.account, network__startswith="169.254.")
    assert "connections_by_network" in networks.explain()


@pytest.mark.parametrize("few", [0, 1, 2000])
def test_what_many_are_found_by_is_found_as_well(
    client: Client, flows: IPsecConnection, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether keys are looked up first or found along the way: it is the same that is found."""
    monkeypatch.setattr(search, "FEW", few)
    for text in ("edge-1", "203.0.113.1", "203.", "edge 203.0.113.2"):
        assert found(client, text) == ["flows", "plain"], text
    for text in ("flows", "10.1.77.3", "edge-1 169.254.10.1", "169.254."):
        assert found(client, text) == ["flows"], text


def test_many_rows_of_few_connections_hide_none_of_many_connections(
    client: Client, cast: Cast, flows: IPsecConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection is known by several networks that begin alike: connections count, not their networks."""
    other = cast_of(cast.actor, region=SHANGHAI, block="10.251.0.0/24")
    third = made(other, "third")
    for tunnel, block in zip(tunnels_of(third), ("169.254.30.0/30", "169.254.40.0/30"), strict=True):
        Tunnel.objects.filter(pk=tunnel.pk).update(tunnel_cidr=block)
    for few in (1, 2, 3):
        monkeypatch.setattr(search, "FEW", few)
        assert found(client, "169.254.", where="all") == ["third", "flows"], few


def test_what_is_new_in_the_index_is_soon_sorted_in(flows: IPsecConnection) -> None:
    """Every search reads through what is not."""
    if database.vendor != "postgresql":
        return
    with database.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'connections_searchtext_trigrams'")
        assert cursor.fetchone() == (["gin_pending_list_limit=128"],)


def test_without_the_right_to_the_extension_searching_works_all_the_same(
    client: Client, flows: IPsecConnection, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.vendor != "postgresql":
        assert keeping.index_trigrams() is False
        return
    with database.cursor() as cursor:
        cursor.execute("DROP INDEX connections_searchtext_trigrams")
    monkeypatch.setattr(keeping, "TRIGRAM_INDEX", "SELECT no_such_right()")
    assert keeping.index_trigrams() is False
    assert "pg_trgm" in caplog.text
    assert found(client, "edge-1") == ["flows", "plain"]
