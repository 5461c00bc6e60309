"""Put the triggers in place, fill the derived tables, and say whether they are what they should be."""

import logging
from types import ModuleType
from typing import Any, Final

from django.db import DatabaseError, connection, transaction

from connections.fleet import postgresql, sql, sqlite
from connections.fleet.models import ConnectionHealth

DERIVED: Final = (
    "connections_tunnelhealth",
    "connections_connectionhealth",
    "connections_healthtally",
    "connections_searchtext",
    "connections_searchnetwork",
)
TRIGRAMS: Final = "connections_searchtext_trigrams"
TRIGRAM_INDEX: Final = f"""CREATE INDEX IF NOT EXISTS {TRIGRAMS}
    ON connections_searchtext USING gin (text gin_trgm_ops)"""
SHORT_PENDING_LIST: Final = f"ALTER INDEX {TRIGRAMS} SET (gin_pending_list_limit = 128)"
"""In KiB. Each search reads through what is new in the index and not sorted in yet: that takes longer than
all the rest of it, with PostgreSQL's own 4 MiB."""
logger = logging.getLogger(__name__)


def after_migrating(*, plan: list[Any] | None = None, using: str = "default", **_signal: Any) -> None:
    """Whatever a migration has changed, and whichever triggers it took away or another version of the console
    has left: all is as it should be again."""
    if using != "default":
        return
    if plan or amiss():
        install()
        rebuild()
    elif not _has("connections_ipsecconnection"):
        _run([f"DELETE FROM {table}" for table in DERIVED if _has(table)])  # emptied without its triggers


def install() -> None:
    """Make the triggers, or make them anew."""
    _run(_database().statements())


def amiss() -> set[str]:
    """Triggers that are not there, or are another version's."""
    with connection.cursor() as cursor:
        cursor.execute(_database().KEPT)
        kept = dict(cursor.fetchall())
    return {name for name, mark in _database().marks().items() if kept.get(name) != mark}


def _database() -> ModuleType:
    return postgresql if connection.vendor == "postgresql" else sqlite


def rebuild() -> None:
    """Fill the derived tables from the real ones. Workers and services that write meanwhile wait."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _run([f"LOCK TABLE {', '.join(DERIVED)} IN SHARE ROW EXCLUSIVE MODE"])
        _run([*_levels(), *_finds(), *_counts()])


def _levels() -> list[str]:
    """A level that stays keeps its moment, and a row that is right is not written."""
    return [
        """DELETE FROM connections_tunnelhealth WHERE NOT EXISTS
        (SELECT 1 FROM tunnels_negotiationrun r WHERE r.tunnel_id = connections_tunnelhealth.tunnel_id)""",
        f"""INSERT INTO connections_tunnelhealth AS kept
            (tunnel_id, connection_id, account_id, level, status, cause, bgp_down, since)
        SELECT t.id, c.id, c.account_id, {sql.level("r")}, r.status, r.cause, {sql.bgp_down("r")},
            r.status_since
        FROM tunnels_negotiationrun r JOIN tunnels_tunnel t ON t.id = r.tunnel_id
        JOIN connections_ipsecconnection c ON c.id = t.connection_id WHERE 1 = 1
        ON CONFLICT (tunnel_id) DO UPDATE SET
            level = excluded.level, status = excluded.status, cause = excluded.cause,
            bgp_down = excluded.bgp_down,
            since = CASE WHEN kept.level = excluded.level THEN kept.since ELSE excluded.since END
        WHERE kept.level <> excluded.level OR kept.status <> excluded.status
            OR kept.cause <> excluded.cause OR kept.bgp_down <> excluded.bgp_down""",
        f"""INSERT INTO connections_connectionhealth AS kept
            (connection_id, account_id, region, transit_router_id, level)
        SELECT c.id, c.account_id, c.region, a.transit_router_id, {sql.joint_level("c.id")}
        FROM connections_ipsecconnection c LEFT JOIN transit_vpnattachment a ON a.connection_id = c.id
        WHERE 1 = 1
        ON CONFLICT (connection_id) DO UPDATE SET
            transit_router_id = excluded.transit_router_id, level = excluded.level
        WHERE kept.level <> excluded.level
            OR COALESCE(kept.transit_router_id, 0) <> COALESCE(excluded.transit_router_id, 0)""",
    ]


def _finds() -> list[str]:
    database = _database()
    columns = "account_id, region, connection_id, network"
    kept = f"SELECT {columns} FROM connections_searchnetwork"
    return [
        f"""INSERT INTO connections_searchtext AS kept (connection_id, account_id, region, text)
        SELECT c.id, c.account_id, c.region, {database.search_text("c")}
        FROM connections_ipsecconnection c WHERE 1 = 1
        ON CONFLICT (connection_id) DO UPDATE SET text = excluded.text WHERE kept.text <> excluded.text""",
        f"""DELETE FROM connections_searchnetwork WHERE ({columns}) IN
        (SELECT * FROM ({kept}) kept EXCEPT SELECT * FROM ({database.networks()}) wanted)""",
        f"""INSERT INTO connections_searchnetwork ({columns})
        SELECT * FROM ({database.networks()}) wanted EXCEPT SELECT * FROM ({kept}) kept""",
    ]


def _counts() -> list[str]:
    kind = "account_id, region, transit_router_id, level"
    return [
        "DELETE FROM connections_healthtally",
        f"""INSERT INTO connections_healthtally ({kind}, number)
        SELECT {kind}, COUNT(*) FROM connections_connectionhealth GROUP BY {kind}""",
    ]


def index_trigrams() -> bool:
    """The index that makes searching quick on PostgreSQL. False where rights are missing for it."""
    if connection.vendor != "postgresql":
        return False
    try:
        with transaction.atomic():
            _run(["CREATE EXTENSION IF NOT EXISTS pg_trgm", TRIGRAM_INDEX, SHORT_PENDING_LIST])
    except DatabaseError as error:
        logger.warning(
            "searching is slow without the extension pg_trgm: %s", str(error).strip().split("\n")[0]
        )
        return False
    return True


def search_is() -> str:
    """How searching goes."""
    if connection.vendor != "postgresql":
        return "searching reads through the names"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [TRIGRAMS])
        indexed = cursor.fetchone() is not None
    return "searching is indexed" if indexed else "searching is slow: the extension pg_trgm is missing"


def connections_kept() -> int:
    return ConnectionHealth.objects.count()


def _has(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
        return cursor.fetchone() is not None


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
