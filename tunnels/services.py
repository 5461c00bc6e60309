"""Writes. Each is keyword-only, one transaction, and leaves an audit row where somebody asked for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.actor import Actor, audit
from accounts.refusal import Refused, refuse
from gateways.models import CustomerGateway
from ipsec import psk
from ipsec.causes import CauseId
from ipsec.happenings import Happening, LifeKind
from ipsec.rules import check_gateway_address
from ipsec.spec import TunnelSpec
from ipsec.transcript import Phase
from prepared.inserts import insert
from transit import addresses
from tunnels import clock
from tunnels.beginning import beginning, resting
from tunnels.carrying import sibling_events
from tunnels.changes import events
from tunnels.entering import hold_runs, locked_run, must_operate
from tunnels.impact import ALL, begins_now, in_order, touched
from tunnels.models import Because, BgpStatus, NegotiationRun, PeerDevice, Status, Tunnel, TunnelEvent
from tunnels.spec import ConnectionRow, tunnel_columns
from tunnels.tasks import ring

# Configuration


def create_tunnels(
    *, actor: Actor, connection: ConnectionRow, wanted: Iterable[tuple[TunnelSpec, CustomerGateway]]
) -> list[Tunnel]:
    """Tunnels with their peer devices and their runs, in the caller's transaction. Those that have a gateway
    address negotiate at once, unless they are to wait for traffic.

    An empty key is generated. The caller has checked the specs, and translates the IntegrityError of a tunnel
    CIDR block that somebody else has just taken.
    """
    tunnels = insert(_new_tunnel(connection, *each) for each in wanted)
    insert(PeerDevice(tunnel=tunnel) for tunnel in tunnels)
    _begin_runs(tunnels, immediately=connection.effect_immediately)
    for tunnel in tunnels:
        gateway = tunnel.customer_gateway.public_id
        audit(actor, "tunnel.create", tunnel.public_id, index=tunnel.index, gateway=gateway)
    return tunnels


def _new_tunnel(connection: ConnectionRow, spec: TunnelSpec, customer_gateway: CustomerGateway) -> Tunnel:
    tunnel = Tunnel(
        connection_id=connection.pk,
        index=spec.index,
        customer_gateway=customer_gateway,
        gateway_address=spec.gateway_address,
        zone=spec.zone,
        psk=spec.ike.psk or psk.generate(),
        **tunnel_columns(spec),
    )
    tunnel.clean_fields(exclude=["connection", "customer_gateway"])
    return tunnel


def _begin_runs(tunnels: Sequence[Tunnel], *, immediately: bool) -> None:
    """The first ones, by the real time. A new device only responds."""
    now, waits = clock.now(), not immediately
    begun = [
        beginning(one.pk, Because.CREATED, bound=bool(one.gateway_address), waits=waits, at=now, real=now)
        for one in tunnels
    ]
    insert(
        NegotiationRun(
            tunnel=tunnel,
            status_since=now,
            bgp_status=_bgp_before(has_bgp=bool(tunnel.tunnel_cidr)),
            **run.columns,
        )
        for tunnel, run in zip(tunnels, begun, strict=True)
    )
    insert(event for run in begun for event in run.events)
    if any(run.is_due for run in begun):
        transaction.on_commit(ring)


@transaction.atomic
def bind_tunnel(*, tunnel: Tunnel, gateway_address: str, zone: str) -> None:
    """Give the tunnel its gateway address. Negotiation is started by the caller, once all is in place."""
    locked_run(tunnel)
    tunnel.gateway_address, tunnel.gateway_address_by_hand, tunnel.zone = gateway_address, False, zone
    tunnel.save(update_fields=["gateway_address", "gateway_address_by_hand", "zone"])


@transaction.atomic
def unbind_tunnel(*, tunnel: Tunnel) -> None:
    """Take the gateway address away; the tunnel is down at once. Giving the address back is the caller's."""
    run, at = locked_run(tunnel), now_of(tunnel)
    tunnel.gateway_address, tunnel.gateway_address_by_hand, tunnel.zone = None, False, ""
    tunnel.save(update_fields=["gateway_address", "gateway_address_by_hand", "zone"])
    _renew(run, at, **resting(CauseId.TUNNEL_NOT_BOUND))
    TunnelEvent.objects.create(tunnel=tunnel, at=at, kind="unbound")


@transaction.atomic
def set_gateway_address(*, actor: Actor, tunnel: Tunnel, address: str) -> None:
    """Put the cloud's real gateway address in the place of the one handed out here, and renegotiate.

    Refused: `needs_role`, what `ipsec.rules` says of the address, `not_bound`, `gateway_address_taken`,
    `gateway_address_is_peers`.
    """
    must_operate(actor, tunnel)
    if findings := check_gateway_address(address):
        raise Refused(findings)
    locked_run(tunnel)
    row = Tunnel.objects.select_for_update().defer("psk").get(pk=tunnel.pk)
    _refuse_unfit(row, address)
    before, by_hand = row.gateway_address, row.gateway_address_by_hand
    _write_address(row, address)
    if before and not by_hand:
        addresses.release(before, pool_of=_pool_of(row))
    audit(actor, "tunnel.set_gateway_address", row.public_id, before=before, after=address)
    start_negotiation(tunnel=row, because=Because.GATEWAY_ADDRESS)
    tunnel.refresh_from_db(fields=["gateway_address", "gateway_address_by_hand"])


def _write_address(tunnel: Tunnel, address: str) -> None:
    tunnel.gateway_address, tunnel.gateway_address_by_hand = address, True
    try:
        with transaction.atomic():
            tunnel.save(update_fields=["gateway_address", "gateway_address_by_hand"])
    except IntegrityError as error:  # another tunnel got it since we looked
        raise refuse("gateway_address", "gateway_address_taken", address=address) from error


def _refuse_unfit(tunnel: Tunnel, address: str) -> None:
    """What only the other rows know."""
    if tunnel.gateway_address is None:
        raise refuse("gateway_address", "not_bound")
    if Tunnel.objects.filter(gateway_address=address).exclude(pk=tunnel.pk).exists():
        raise refuse("gateway_address", "gateway_address_taken", address=address)
    account = tunnel.connection.account_id
    if CustomerGateway.objects.filter(account=account, address=address).exists():
        raise refuse("gateway_address", "gateway_address_is_peers", address=address)


def _pool_of(tunnel: Tunnel) -> addresses.PoolOf:
    connection = tunnel.connection
    return addresses.PUBLIC if connection.network_type == "public" else connection.attachment.transit_router


# Negotiation


@transaction.atomic
def start_negotiation(*, tunnel: Tunnel, because: str) -> None:
    """Begin a new attempt: what was known of the tunnel no longer holds, and a late worker's news is void.

    It is due at once; unless the tunnel has no gateway address (`TunnelNotBound`), or is to wait for traffic
    (`NotTriggered`), or is out of service: then what was changed waits until it is put back. `because` is
    one of `Because`.
    """
    facts = Tunnel.objects.values_list("gateway_address", "connection__effect_immediately").get(pk=tunnel.pk)
    address, immediately = facts
    run = locked_run(tunnel)
    if address and because != Because.IN_SERVICE and run.out_of_service:
        return
    real = clock.now()
    at = clock.clock_for(tunnel.connection_id).time(real)
    waits = not immediately and because != Because.TRAFFIC and not _peer_begins(tunnel)
    begun = beginning(tunnel.pk, Because(because), bound=bool(address), waits=waits, at=at, real=real)
    _renew(run, at, **begun.columns)
    TunnelEvent.objects.bulk_create(begun.events)
    if begun.is_due:
        transaction.on_commit(ring)


def _peer_begins(tunnel: Tunnel) -> bool:
    columns = ("configured", "powered_on", "initiates")
    return PeerDevice.objects.only(*columns).get(tunnel=tunnel).begins


def _renew(run: NegotiationRun, at: datetime, **values: Any) -> None:
    """Every column of the locked run as on the first day, but for `values` and a version that only grows.

    All that is told of it has one time, `at`: read twice, the clock puts the end of the old attempt and the
    beginning of the new one among the new one's first messages.
    """
    stop_carrying(run, at)
    changed = run.status != Status.NOT_NEGOTIATED
    fresh = NegotiationRun(
        pk=run.pk,
        tunnel_id=run.tunnel_id,
        version=run.version + 1,
        status_since=at if changed else run.status_since,
        bgp_status=_bgp_before(has_bgp=_has_bgp(run)),
        **values,
    )
    fresh.save(force_update=True)


def _has_bgp(run: NegotiationRun) -> bool:
    return Tunnel.objects.filter(pk=run.tunnel_id, tunnel_cidr__isnull=False).exists()


def _bgp_before(*, has_bgp: bool) -> BgpStatus:
    """The session's state before anything has happened."""
    return BgpStatus.DOWN if has_bgp else BgpStatus.NONE


def stop_carrying(run: NegotiationRun, at: datetime) -> None:
    """Tell of the end of a locked run's traffic, if it carries any: the last thing its attempt tells, just
    before what `at` brings."""
    if not run.carries or run.attempt is None:
        return
    turn = Happening(at - timedelta(microseconds=1), LifeKind.CARRIES_NOT, Phase.CHILD)
    told = events(run.tunnel_id, run.attempt, [turn], after=run.cursor)
    TunnelEvent.objects.bulk_create([*told, *sibling_events(run.tunnel_id, [turn])])


def due_now(run: NegotiationRun, *, asked: Sequence[str] = ()) -> None:
    """Let a worker look at a locked run that is up, with wishes of `ipsec.lifecycle.Life.asked`."""
    if run.life is not None:
        run.life["asked"] = [*run.life["asked"], *asked]
    run.version += 1
    run.due_at, run.claimed_until = clock.now(), None
    run.save(update_fields=["life", "version", "due_at", "claimed_until"])
    transaction.on_commit(ring)


@transaction.atomic
def look_again(*, connection: ConnectionRow) -> None:
    """Routes have changed, which a run does not hold and its page shows: let open pages see it, and a worker
    that is at a run now begin it anew."""
    hold_runs(connection_id=connection.pk)
    runs = NegotiationRun.objects.filter(tunnel__connection_id=connection.pk)
    runs.update(version=F("version") + 1, claimed_until=None)


@transaction.atomic
def edited(*, tunnel: Tunnel, fields: Iterable[str]) -> None:
    """Negotiate anew what an edit touches and nothing else. `fields` are columns of tunnel or connection.

    A child SA or BGP session is put up again under the IKE SA that is there, a new IKE lifetime counts from a
    rekey on; anything else, or a tunnel that is not up, begins anew. One that has waited for traffic begins
    where it need not wait any longer. `tunnels.impact` says beforehand what this will do.
    """
    changed = [*fields]
    wishes = touched(changed)
    run = locked_run(tunnel)
    immediately = tunnel.connection.effect_immediately
    if not wishes and not begins_now(changed, run, immediately=immediately):
        return
    if run.life is None or ALL in wishes:
        start_negotiation(tunnel=tunnel, because=Because.CHANGED)
        return
    _match_bgp(run)
    due_now(run, asked=in_order(wishes))


def _match_bgp(run: NegotiationRun) -> None:
    """Whether there is a state of BGP at all follows the configuration."""
    has_bgp = _has_bgp(run)
    if has_bgp != (run.bgp_status != BgpStatus.NONE):
        run.bgp_status = _bgp_before(has_bgp=has_bgp)
        run.save(update_fields=["bgp_status"])


@transaction.atomic
def send_traffic(*, actor: Actor, tunnel: Tunnel) -> None:
    """Let a packet enter a tunnel that negotiates only for traffic."""
    must_operate(actor, tunnel)
    if not Tunnel.objects.filter(pk=tunnel.pk, gateway_address__isnull=False).exists():
        raise refuse("gateway_address", "not_bound")
    audit(actor, "tunnel.send_traffic", tunnel.public_id)
    start_negotiation(tunnel=tunnel, because=Because.TRAFFIC)


@transaction.atomic
def reset(*, actor: Actor, tunnel: Tunnel) -> None:
    """Tear the SAs down and negotiate anew."""
    must_operate(actor, tunnel)
    audit(actor, "tunnel.reset", tunnel.public_id)
    start_negotiation(tunnel=tunnel, because=Because.RESET)


# The device and its key


@transaction.atomic
def set_peer_configured(*, actor: Actor, tunnel: Tunnel, configured: bool) -> None:
    """Whether anybody has set up the simulated device yet."""
    must_operate(actor, tunnel)
    PeerDevice.objects.filter(tunnel=tunnel).update(configured=configured)
    audit(actor, "tunnel.set_peer_configured", tunnel.public_id, configured=configured)
    start_negotiation(tunnel=tunnel, because=Because.PEER_CHANGED)


@transaction.atomic
def reveal_psk(*, actor: Actor, tunnel: Tunnel) -> str:
    """The pre-shared key, to somebody who may see it; each time is audited. Raises `SecretUnreadable`."""
    must_operate(actor, tunnel)
    key = Tunnel.objects.values_list("psk", flat=True).get(pk=tunnel.pk)
    audit(actor, "tunnel.reveal_psk", tunnel.public_id)
    return key


def now_of(tunnel: Tunnel) -> datetime:
    """The time on the clock of its connection."""
    return clock.now_for(tunnel.connection_id)
