"""编辑: change what is configured of a connection, or of one of its tunnels.

The same rules and findings as at creation. Both take the whole as it shall be, and of that what is theirs to
change. `seen` is what the editor was shown: if any of it is different by now, nothing is written over blindly
and `changed_meanwhile` is refused. What was changed is applied by the workers; until then the connection is
`updating`, and refuses to be edited again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actor import Actor, audit
from accounts.audit_changes import changes
from accounts.models import Role
from accounts.refusal import Refused, refuse
from connections.models import IPsecConnection, PendingChange
from connections.services.binding import locked, must_be_settled
from connections.services.columns import connection_columns
from connections.services.pending import leave_to_workers
from connections.services.races import lost_race
from connections.services.request import Found, look_up_edit
from connections.services.routes import follow_networks
from connections.services.snapshot import Snapshot, differing, snapshot
from ipsec import psk
from ipsec.rules import errors
from ipsec.spec import ConnectionSpec, TunnelSpec
from tunnels.configuring import configure, locked_tunnels, present_key
from tunnels.models import Tunnel
from tunnels.spec import connection_spec, tunnel_columns

Columns = dict[str, Any]
OF_EACH_TUNNEL = ("routing_mode", "local_networks", "remote_networks", "effect_immediately")
"""Columns of the connection that concern both tunnels."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Columns that an edit gives another value, of the connection and of each tunnel by its index."""

    connection: Columns
    tunnels: Mapping[int, Columns]

    def __bool__(self) -> bool:
        return bool(self.connection) or any(self.tunnels.values())

    def touching(self, tunnel: Tunnel) -> list[str]:
        """Of all these the ones that concern this tunnel, as it was."""
        own = self.tunnels.get(tunnel.index, {})
        shared = [name for name in OF_EACH_TUNNEL if name in self.connection]
        has_bgp = bool(own.get("tunnel_cidr", tunnel.tunnel_cidr)) and tunnel.tunnel_cidr
        asn = ["local_asn"] if has_bgp and "local_asn" in self.connection else []
        return [*own, *shared, *asn]


def edit_connection(
    *, actor: Actor, connection: IPsecConnection, wanted: ConnectionSpec, seen: Snapshot | None = None
) -> bool:
    """修改IPsec连接: name, routing mode, networks, effective immediately, BGP's switch with what it needs of
    each tunnel, local ASN. False where nothing is different. Raises `Refused`."""

    def revise(now: ConnectionSpec) -> ConnectionSpec:
        bgp = {tunnel.index: tunnel.bgp for tunnel in wanted.tunnels}
        return replace(
            wanted,
            network_type=now.network_type,
            connection_id=now.connection_id,
            tunnels=tuple(
                replace(tunnel, bgp=bgp.get(tunnel.index) if wanted.bgp_enabled else None)
                for tunnel in now.tunnels
            ),
        )

    def told(changed: Changed, rows: "_Rows") -> None:
        others = {row.index: changes(row, changed.tunnels[row.index]) for row in rows.tunnels}
        own = changes(rows.connection, changed.connection)
        own |= {
            f"tunnels.{index}.{name}": pair for index, found in others.items() for name, pair in found.items()
        }
        audit(actor, "connection.edit", connection.public_id, changes=own)

    return _edit(actor, connection, revise, told, seen)


def edit_tunnel(*, actor: Actor, tunnel: Tunnel, wanted: TunnelSpec, seen: Snapshot | None = None) -> bool:
    """修改隧道的配置: everything of one tunnel. No key, or an empty one, keeps the present key.

    BGP on the tunnel switches it on for the connection too, if it is off there; with the last tunnel's it
    goes off. False where nothing is different. Raises `Refused`.
    """

    def told(changed: Changed, rows: "_Rows") -> None:
        own = changes(rows.of(tunnel.index), changed.tunnels[tunnel.index])
        own |= {
            f"connection.{name}": pair for name, pair in changes(rows.connection, changed.connection).items()
        }
        audit(actor, "tunnel.edit", tunnel.public_id, changes=own)

    def edited(now: TunnelSpec) -> TunnelSpec:
        return replace(
            wanted,
            index=now.index,
            tunnel_id=now.tunnel_id,
            gateway_address=now.gateway_address,
            zone=now.zone,
        )

    return _edit(actor, tunnel.connection, _put_in(tunnel, edited), told, seen)


def rotate_psk(*, actor: Actor, tunnel: Tunnel, key: str = "", seen: Snapshot | None = None) -> bool:
    """Give one tunnel another key and leave everything else, the other tunnel above all, as it is.

    Where none is given, one is generated. Raises `Refused`.
    """
    new = key or psk.generate()

    def told(_changed: Changed, _rows: "_Rows") -> None:
        audit(actor, "tunnel.rotate_psk", tunnel.public_id)

    def rotated(now: TunnelSpec) -> TunnelSpec:
        return replace(now, ike=replace(now.ike, psk=new))

    return _edit(actor, tunnel.connection, _put_in(tunnel, rotated), told, seen)


def _put_in(
    tunnel: Tunnel, change: Callable[[TunnelSpec], TunnelSpec]
) -> Callable[[ConnectionSpec], ConnectionSpec]:
    def revise(now: ConnectionSpec) -> ConnectionSpec:
        tunnels = tuple(change(one) if one.index == tunnel.index else one for one in now.tunnels)
        return replace(now, tunnels=tunnels, bgp_enabled=any(one.bgp for one in tunnels))

    return revise


@dataclass(frozen=True, slots=True)
class _Rows:
    """Locked, and read anew under the lock."""

    connection: IPsecConnection
    tunnels: list[Tunnel]

    def of(self, index: int) -> Tunnel:
        return next(row for row in self.tunnels if row.index == index)


def _edit(
    actor: Actor,
    connection: IPsecConnection,
    revise: Callable[[ConnectionSpec], ConnectionSpec],
    told: Callable[[Changed, _Rows], None],
    seen: Snapshot | None,
) -> bool:
    if connection.account_id != actor.account.pk or not actor.may(Role.OPERATOR):
        raise refuse("", "needs_role")
    asked: list[ConnectionSpec] = []
    try:
        with transaction.atomic():
            rows = _lock(connection, seen)
            now = connection_spec(rows.connection, with_secrets=False, tunnels=rows.tunnels)
            asked.append(revise(now))
            found = look_up_edit(actor, rows.connection, asked[0], hold=True)
            if wrong := errors(found.findings):
                raise Refused(wrong)
            changed = changed_by(found, rows.connection, rows.tunnels)
            if changed:
                told(changed, rows)
                _write(actor, rows, changed)
    except IntegrityError as error:
        raise lost_race(error, asked[0]) from error
    return bool(changed)


def _lock(connection: IPsecConnection, seen: Snapshot | None) -> _Rows:
    row = locked(connection)
    must_be_settled(row)
    rows = _Rows(row, locked_tunnels(row))
    if seen and differing(seen, snapshot(row, rows.tunnels)):
        raise refuse("connection", "changed_meanwhile")
    return rows


def changed_by(found: Found, connection: IPsecConnection, tunnels: list[Tunnel]) -> Changed:
    """What of the rows a spec that was looked up gives another value."""
    columns = connection_columns(found.spec, local_asn=connection.local_asn)
    of_tunnels = {tunnel.index: tunnel for tunnel in found.spec.tunnels}
    return Changed(
        {name: value for name, value in columns.items() if getattr(connection, name) != value},
        {row.index: _changed_of(row, of_tunnels[row.index], found) for row in tunnels},
    )


def _changed_of(row: Tunnel, spec: TunnelSpec, found: Found) -> Columns:
    changed = {name: value for name, value in tunnel_columns(spec).items() if getattr(row, name) != value}
    gateway = found.gateways.get(spec.peer.gateway_id) if spec.peer else None
    if gateway is not None and gateway.pk != row.customer_gateway_id:
        changed["customer_gateway"] = gateway
    if spec.ike.psk and spec.ike.psk != present_key(row):
        changed["psk"] = spec.ike.psk
    return changed


def _write(actor: Actor, rows: _Rows, changed: Changed) -> None:
    connection = rows.connection
    touched = {row.index: changed.touching(row) for row in rows.tunnels}
    kept = _kept_bgp(rows, changed)
    for name, value in (changed.connection | kept).items():
        setattr(connection, name, value)
    written = [*changed.connection, *kept]
    connection.clean_fields(exclude={field.name for field in IPsecConnection._meta.fields} - set(written))
    connection.save(update_fields=written)
    configure({row: changed.tunnels[row.index] for row in rows.tunnels if changed.tunnels[row.index]})
    follow_networks(connection)
    leave_to_workers(actor, connection, PendingChange.Kind.EDIT, touched)


def _kept_bgp(rows: _Rows, changed: Changed) -> Columns:
    """What is taken off a tunnel with its BGP is kept for later; what is put on again, no longer."""
    kept = dict(rows.connection.kept_bgp)
    for row in rows.tunnels:
        columns = changed.tunnels[row.index]
        if "tunnel_cidr" not in columns:
            continue
        kept.pop(str(row.index), None)
        if columns["tunnel_cidr"] is None:
            kept[str(row.index)] = {"tunnel_cidr": row.tunnel_cidr, "local_bgp_ip": row.local_bgp_ip or ""}
    return {"kept_bgp": kept} if kept != rows.connection.kept_bgp else {}
