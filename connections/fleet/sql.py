"""What both databases' triggers say: each rule of the derived tables once, as SQL."""

from typing import Final

from connections.fleet.models import Level
from tunnels.models import BgpStatus, Status
from tunnels.standing import KEY_UNREADABLE

RUN_COLUMNS: Final = (
    "status",
    "bgp_status",
    "negotiating",
    "blocked",
    "out_of_service",
    "cause",
    "failures",
    "status_since",
)
"""What a tunnel's level, and what else is kept of its run, are drawn from."""
CONNECTION_COLUMNS: Final = ("public_id", "name", "local_networks", "remote_networks")
TUNNEL_COLUMNS: Final = ("public_id", "customer_gateway_id", "gateway_address", "tunnel_cidr", "local_bgp_ip")
GATEWAY_COLUMNS: Final = ("public_id", "name", "address")


def level(run: str) -> str:
    """A tunnel's level from its run's columns. What has failed stays down while it is tried
    again; BGP that is neither up nor refused yet is still under way."""
    up, begun = f"{run}.status = '{Status.CHILD_UP}'", f"{run}.status IN ('', '{Status.IKE_UP}')"
    has_bgp_down = f"{run}.bgp_status = '{BgpStatus.DOWN}'"
    return f"""CASE
        WHEN {run}.out_of_service THEN {Level.DRAINED}
        WHEN {up} AND {run}.blocked <> '' THEN {Level.IMPAIRED}
        WHEN {up} AND {has_bgp_down} AND {run}.cause = '' THEN {Level.NEGOTIATING}
        WHEN {up} AND {has_bgp_down} THEN {Level.IMPAIRED}
        WHEN {up} THEN {Level.UP}
        WHEN {run}.negotiating AND {begun} AND {run}.failures = 0 THEN {Level.NEGOTIATING}
        WHEN {run}.status <> '' OR {run}.cause = '{KEY_UNREADABLE}' THEN {Level.DOWN}
        ELSE {Level.IDLE} END"""


def bgp_down(run: str) -> str:
    return f"({run}.status = '{Status.CHILD_UP}' AND {run}.bgp_status = '{BgpStatus.DOWN}')"


def joint_level(connection: str) -> str:
    """A connection's level from its tunnels'."""
    return f"""COALESCE((SELECT CASE
        WHEN MIN(level) = {Level.UP} THEN {Level.UP}
        WHEN MAX(level) = {Level.UP} THEN {Level.DEGRADED}
        ELSE MAX(level) END
        FROM connections_tunnelhealth WHERE connection_id = {connection}), {Level.IDLE})"""


def since(run: str, before: str) -> str:
    """When a level became another: with the state word where that changed, else when a worker looked."""
    return f"""CASE WHEN {run}.status <> {before}.status THEN {run}.status_since
        ELSE COALESCE({run}.checked_at, {run}.status_since) END"""


def search_text(connection: str, *, join: str, newline: str) -> str:
    """Of a row `connection` of the connections; `join` is the database's aggregate of texts."""
    known = f"t.public_id || {newline} || g.public_id || {newline} || g.name"
    return f"""LOWER({connection}.public_id || {newline} || {connection}.name || {newline} || COALESCE((
        SELECT {join}({known}, {newline}) FROM tunnels_tunnel t
        JOIN gateways_customergateway g ON g.id = t.customer_gateway_id
        WHERE t.connection_id = {connection}.id), ''))"""


def networks(*, host: str, items: str, only: str = "") -> str:
    """Rows (account, region, connection, network), each once; `only` is the key of the one connection wanted.

    `host` writes an address as text, `items` opens a JSON list as `item`.
    """
    of = f"WHERE c.id = {only}" if only else ""
    also = f"{of} AND" if only else "WHERE"
    tunnels = "FROM connections_ipsecconnection c JOIN tunnels_tunnel t ON t.connection_id = c.id"
    gateways = f"{tunnels} JOIN gateways_customergateway g ON g.id = t.customer_gateway_id"

    def one(column: str) -> str:
        return f"SELECT c.account_id, c.region, c.id, {host.format(column)} || '/32' "

    return f"""
        SELECT c.account_id, c.region, c.id, t.tunnel_cidr {tunnels} {also} t.tunnel_cidr IS NOT NULL
        UNION {one("t.gateway_address")} {tunnels} {also} t.gateway_address IS NOT NULL
        UNION {one("t.local_bgp_ip")} {tunnels} {also} t.local_bgp_ip IS NOT NULL
        UNION {one("g.address")} {gateways} {of}
        UNION SELECT c.account_id, c.region, c.id, item.value
            FROM connections_ipsecconnection c, {items.format("c.local_networks")} {of}
        UNION SELECT c.account_id, c.region, c.id, item.value
            FROM connections_ipsecconnection c, {items.format("c.remote_networks")} {of}"""
