"""The triggers on PostgreSQL.

A row that several writers may draw at once is locked first and drawn in the next statement, which then sees
what the others have written. Rows of several connections are locked in the order of their keys.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from connections.fleet import sql
from connections.fleet.models import Level

NEWLINE: Final = "CHR(10)"
JOIN: Final = "STRING_AGG"
HOST: Final = "HOST({})"
ITEMS: Final = "JSONB_ARRAY_ELEMENTS_TEXT({}) item(value)"


def search_text(connection: str) -> str:
    return sql.search_text(connection, join=JOIN, newline=NEWLINE)


def networks(only: str = "") -> str:
    return sql.networks(host=HOST, items=ITEMS, only=only)


def statements() -> list[str]:
    """What makes the triggers, or makes them anew."""
    version = _version()
    return [*_functions(), *(made.format(version=version) for made in _triggers().values())]


def marks() -> dict[str, str]:
    """What `KEPT` tells of triggers, by name, that are as they should be."""
    return dict.fromkeys(_triggers(), _version())


KEPT: Final = r"""SELECT tgname, SPLIT_PART(ENCODE(tgargs, 'escape'), '\', 1) FROM pg_trigger
    WHERE NOT tgisinternal AND tgenabled <> 'D'"""


def _version() -> str:
    """Of all that follows from a write. Each trigger has it as an argument that no function reads: of all
    that a trigger is, the database tells only this as it was given."""
    texts = "\n".join([*_functions(), *_triggers().values()])
    return sha256(texts.encode()).hexdigest()[:16]


FIND: Final = f"""
CREATE OR REPLACE FUNCTION fleet_find(wanted bigint) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM 1 FROM connections_searchtext WHERE connection_id = wanted FOR UPDATE;
    UPDATE connections_searchtext SET text =
        (SELECT {search_text("c")} FROM connections_ipsecconnection c WHERE c.id = wanted)
    WHERE connection_id = wanted;
    DELETE FROM connections_searchnetwork WHERE connection_id = wanted;
    INSERT INTO connections_searchnetwork (account_id, region, connection_id, network)
        {networks("wanted")};
END
$body$"""


def _function(name: str, body: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
{body}
$body$"""


def _functions() -> list[str]:
    return [
        FIND,
        _function("fleet_runs_begin", _runs_begin()),
        _function("fleet_run_goes_on", _run_goes_on()),
        _function("fleet_connection_begins", _connection_begins()),
        _function("fleet_find_connection", "BEGIN PERFORM fleet_find(NEW.id); RETURN NULL; END"),
        _function("fleet_find_tunnels", _tunnels_begin()),
        _function("fleet_find_tunnel", "BEGIN PERFORM fleet_find(NEW.connection_id); RETURN NULL; END"),
        _function("fleet_find_gateway", _gateway_changed()),
        _function("fleet_place", _place()),
        _function("fleet_count", _count()),
    ]


def _triggers() -> dict[str, str]:
    """By name; their version is left open."""
    return dict(_made())


def _made() -> Iterator[tuple[str, str]]:
    run, connection, gateway = (
        "tunnels_negotiationrun",
        "connections_ipsecconnection",
        "gateways_customergateway",
    )
    yield _trigger_of_all("fleet_run_new", run, "fleet_runs_begin")
    yield _trigger("fleet_run_changed", "UPDATE", run, "fleet_run_goes_on", sql.RUN_COLUMNS)
    yield _trigger("fleet_connection_new", "INSERT", connection, "fleet_connection_begins")
    changed = sql.CONNECTION_COLUMNS
    yield _trigger("fleet_connection_changed", "UPDATE", connection, "fleet_find_connection", changed)
    yield _trigger_of_all("fleet_tunnel_new", "tunnels_tunnel", "fleet_find_tunnels")
    yield _trigger(
        "fleet_tunnel_changed", "UPDATE", "tunnels_tunnel", "fleet_find_tunnel", sql.TUNNEL_COLUMNS
    )
    yield _trigger("fleet_gateway_changed", "UPDATE", gateway, "fleet_find_gateway", sql.GATEWAY_COLUMNS)
    yield _trigger("fleet_placed", "INSERT OR UPDATE OR DELETE", "transit_vpnattachment", "fleet_place")
    counted = "connections_connectionhealth"
    yield _trigger("fleet_health_new", "INSERT OR DELETE", counted, "fleet_count")
    yield _trigger("fleet_health_changed", "UPDATE", counted, "fleet_count", ("level", "transit_router_id"))


def _trigger(
    name: str, event: str, table: str, function: str, columns: Sequence[str] = ()
) -> tuple[str, str]:
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
    when = f"WHEN ({changed})" if changed else ""
    return name, (
        f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} "
        f"FOR EACH ROW {when} EXECUTE FUNCTION {function}('{{version}}')"
    )


def _trigger_of_all(name: str, table: str, function: str) -> tuple[str, str]:
    """Once for all rows that a statement adds: a connection's two are added together."""
    return name, (
        f"CREATE OR REPLACE TRIGGER {name} AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}('{{version}}')"
    )


def _tunnels_begin() -> str:
    return """
BEGIN
    PERFORM fleet_find(found.connection_id) FROM (
        SELECT DISTINCT connection_id FROM added ORDER BY connection_id
    ) found;
    RETURN NULL;
END"""


def _runs_begin() -> str:
    return f"""
DECLARE of_connection bigint;
BEGIN
    INSERT INTO connections_tunnelhealth
        (tunnel_id, connection_id, account_id, level, status, cause, bgp_down, since)
    SELECT t.id, c.id, c.account_id, {sql.level("r")}, r.status, r.cause, {sql.bgp_down("r")}, r.status_since
    FROM added r JOIN tunnels_tunnel t ON t.id = r.tunnel_id
    JOIN connections_ipsecconnection c ON c.id = t.connection_id;
    FOR of_connection IN
        SELECT DISTINCT t.connection_id FROM added r JOIN tunnels_tunnel t ON t.id = r.tunnel_id
        ORDER BY t.connection_id
    LOOP
        {_joined("of_connection")}
    END LOOP;
    RETURN NULL;
END"""


def _run_goes_on() -> str:
    return f"""
DECLARE
    level_now smallint := {sql.level("NEW")};
    of_connection bigint;
BEGIN
    UPDATE connections_tunnelhealth SET
        level = level_now, status = NEW.status, cause = NEW.cause, bgp_down = {sql.bgp_down("NEW")},
        since = CASE WHEN level = level_now THEN since ELSE {sql.since("NEW", "OLD")} END
    WHERE tunnel_id = NEW.tunnel_id
    RETURNING connection_id INTO of_connection;
    IF level_now <> ({sql.level("OLD")}) THEN
        {_joined("of_connection")}
    END IF;
    RETURN NULL;
END"""


def _joined(connection: str) -> str:
    """The connection's level follows; where it stays, nothing is written."""
    joint = sql.joint_level(connection)
    return f"""
    PERFORM 1 FROM connections_connectionhealth WHERE connection_id = {connection} FOR UPDATE;
    UPDATE connections_connectionhealth SET level = joint.level FROM (SELECT {joint} AS level) joint
    WHERE connection_id = {connection} AND connections_connectionhealth.level <> joint.level;"""


def _connection_begins() -> str:
    return f"""
BEGIN
    INSERT INTO connections_connectionhealth (connection_id, account_id, region, level)
    VALUES (NEW.id, NEW.account_id, NEW.region, {Level.IDLE});
    INSERT INTO connections_searchtext (connection_id, account_id, region, text)
    VALUES (NEW.id, NEW.account_id, NEW.region, {search_text("NEW")});
    INSERT INTO connections_searchnetwork (account_id, region, connection_id, network)
        {networks("NEW.id")};
    RETURN NULL;
END"""


def _gateway_changed() -> str:
    return """
BEGIN
    PERFORM fleet_find(found.connection_id) FROM (
        SELECT DISTINCT connection_id FROM tunnels_tunnel WHERE customer_gateway_id = NEW.id
        ORDER BY connection_id
    ) found;
    RETURN NULL;
END"""


def _place() -> str:
    return """
BEGIN
    UPDATE connections_connectionhealth
    SET transit_router_id = CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE NEW.transit_router_id END
    WHERE connection_id = CASE WHEN TG_OP = 'DELETE' THEN OLD.connection_id ELSE NEW.connection_id END;
    RETURN NULL;
END"""


def _count() -> str:
    return """
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO connections_healthtally (account_id, region, transit_router_id, level, number)
        VALUES (OLD.account_id, OLD.region, OLD.transit_router_id, OLD.level, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO connections_healthtally (account_id, region, transit_router_id, level, number)
        VALUES (NEW.account_id, NEW.region, NEW.transit_router_id, NEW.level, 1);
    END IF;
    RETURN NULL;
END"""
