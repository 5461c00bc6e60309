"""The triggers on SQLite. Making a table anew, as Django does there to alter a column, takes them away."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper

from connections.fleet import sql
from connections.fleet.models import Level

NEWLINE: Final = "CHAR(10)"
JOIN: Final = "GROUP_CONCAT"
HOST: Final = "{}"
ITEMS: Final = "JSON_EACH({}) item"


def know_lower(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """SQLite's own LOWER knows ASCII only. Other programs, such as its shell, have that one."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: str | float | bytes | None) -> str | bytes | None:
    return value if value is None or isinstance(value, bytes) else str(value).lower()


def search_text(connection: str) -> str:
    return sql.search_text(connection, join=JOIN, newline=NEWLINE)


def networks(only: str = "") -> str:
    return sql.networks(host=HOST, items=ITEMS, only=only)


def statements() -> list[str]:
    """What makes the triggers, or makes them anew."""
    return [each for name, made in marks().items() for each in (f"DROP TRIGGER IF EXISTS {name}", made)]


def marks() -> dict[str, str]:
    """What `KEPT` tells of triggers, by name, that are as they should be: their texts."""
    return {name: f"CREATE TRIGGER {name} {body}" for name, body in _bodies()}


KEPT: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def _bodies() -> Iterator[tuple[str, str]]:
    run, connection = "tunnels_negotiationrun", "connections_ipsecconnection"
    yield "fleet_run_new", _after("INSERT", run, _run_begins())
    yield "fleet_run_changed", _after("UPDATE", run, _run_goes_on(), sql.RUN_COLUMNS)
    yield "fleet_connection_new", _after("INSERT", connection, _connection_begins())
    yield "fleet_connection_changed", _after("UPDATE", connection, _found("NEW.id"), sql.CONNECTION_COLUMNS)
    of_tunnel = _found("NEW.connection_id")
    yield "fleet_tunnel_new", _after("INSERT", "tunnels_tunnel", of_tunnel)
    yield "fleet_tunnel_changed", _after("UPDATE", "tunnels_tunnel", of_tunnel, sql.TUNNEL_COLUMNS)
    gateway = _found("NEW.id", of="customer_gateway_id")
    yield "fleet_gateway_changed", _after("UPDATE", "gateways_customergateway", gateway, sql.GATEWAY_COLUMNS)
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        where = "NULL" if event == "DELETE" else "NEW.transit_router_id"
        placed = _placed(row, where)
        yield f"fleet_attachment_{event.lower()}", _after(event, "transit_vpnattachment", placed)
    yield from _counting()


def _after(event: str, table: str, body: str, columns: Sequence[str] = ()) -> str:
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
    return f"AFTER {event} ON {table} {f'WHEN {changed}' if changed else ''} BEGIN {body} END"


def _run_begins() -> str:
    return f"""
        INSERT INTO connections_tunnelhealth
            (tunnel_id, connection_id, account_id, level, status, cause, bgp_down, since)
        SELECT t.id, c.id, c.account_id, {sql.level("NEW")}, NEW.status, NEW.cause,
            {sql.bgp_down("NEW")}, NEW.status_since
        FROM tunnels_tunnel t JOIN connections_ipsecconnection c ON c.id = t.connection_id
        WHERE t.id = NEW.tunnel_id;
        {_joined()}"""


def _run_goes_on() -> str:
    level = sql.level("NEW")
    return f"""
        UPDATE connections_tunnelhealth SET
            level = {level}, status = NEW.status, cause = NEW.cause, bgp_down = {sql.bgp_down("NEW")},
            since = CASE WHEN level = {level} THEN since ELSE {sql.since("NEW", "OLD")} END
        WHERE tunnel_id = NEW.tunnel_id;
        {_joined()}"""


def _joined() -> str:
    """The connection's level follows; where it stays, nothing is written."""
    joint = sql.joint_level("connections_connectionhealth.connection_id")
    return f"""
        UPDATE connections_connectionhealth SET level = {joint}
        WHERE connection_id = (SELECT connection_id FROM tunnels_tunnel WHERE id = NEW.tunnel_id)
        AND level <> {joint};"""


def _connection_begins() -> str:
    return f"""
        INSERT INTO connections_connectionhealth (connection_id, account_id, region, level)
        VALUES (NEW.id, NEW.account_id, NEW.region, {Level.IDLE});
        INSERT INTO connections_searchtext (connection_id, account_id, region, text)
        VALUES (NEW.id, NEW.account_id, NEW.region, {search_text("NEW")});
        INSERT INTO connections_searchnetwork (account_id, region, connection_id, network)
        {networks("NEW.id")};"""


def _found(key: str, *, of: str = "") -> str:
    """What finds one connection, or all whose tunnel has `key` in the column `of`, is told anew."""
    which = f"SELECT connection_id FROM tunnels_tunnel WHERE {of} = {key}" if of else key
    only = f"c.id AND c.id IN ({which})" if of else key
    return f"""
        UPDATE connections_searchtext SET text =
            (SELECT {search_text("c")} FROM connections_ipsecconnection c WHERE c.id = connection_id)
        WHERE connection_id IN ({which});
        DELETE FROM connections_searchnetwork WHERE connection_id IN ({which});
        INSERT INTO connections_searchnetwork (account_id, region, connection_id, network)
        {networks(only)};"""


def _placed(row: str, router: str) -> str:
    return f"""
        UPDATE connections_connectionhealth SET transit_router_id = {router}
        WHERE connection_id = {row}.connection_id;"""


def _counting() -> Iterator[tuple[str, str]]:
    table = "connections_connectionhealth"
    yield "fleet_health_new", _after("INSERT", table, _counted("NEW", 1))
    yield "fleet_health_gone", _after("DELETE", table, _counted("OLD", -1))
    both = _counted("OLD", -1) + _counted("NEW", 1)
    yield "fleet_health_changed", _after("UPDATE", table, both, ("level", "transit_router_id"))


def _counted(row: str, number: int) -> str:
    return f"""
        INSERT INTO connections_healthtally (account_id, region, transit_router_id, level, number)
        VALUES ({row}.account_id, {row}.region, {row}.transit_router_id, {row}.level, {number});"""
