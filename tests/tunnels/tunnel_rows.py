"""Connections with two tunnels as rows, and a clock that tests own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from accounts.actor import Actor
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from ipsec.spec import BgpSpec, IkeSpec, TunnelSpec
from tunnels import clock
from tunnels.entering import locked_run
from tunnels.models import Because, NegotiationRun, PeerDevice, Tunnel, TunnelEvent
from tunnels.playing import claim_due, play_all
from tunnels.services import bind_tunnel, create_tunnels, due_now, start_negotiation

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
MARKER_PSK = "Marker-Secret-7f3a"
MARKER_BGP_KEY = "Marker-BgpKey-91c2"


@dataclass
class Watch:
    """The time, as `tunnels.clock` tells it during a test."""

    time: datetime = START

    def pass_by(self, seconds: float) -> datetime:
        self.time += timedelta(seconds=seconds)
        return self.time


def stop_clock(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """From now on the time is what the test says."""
    held = Watch()
    monkeypatch.setattr(clock, "now", lambda: held.time)
    return held


def connection_of(actor: Actor, **values: Any) -> IPsecConnection:
    """An attached connection with two bound tunnels that have not begun to negotiate."""
    state = IPsecConnection.State.ATTACHED
    given = {"region": "cn-hangzhou", "name": "dc to cloud", "state": state, "bgp_enabled": True, **values}
    connection = IPsecConnection.objects.create(account=actor.account, **given)
    for index in (1, 2):
        tunnel = _tunnel(actor, connection, index)
        bind_tunnel(
            tunnel=tunnel,
            gateway_address=f"198.{18 + connection.pk // 256}.{connection.pk % 256}.{index}",
            zone=f"cn-hangzhou-{index}",
        )
    return connection


def _tunnel(actor: Actor, connection: IPsecConnection, index: int) -> Tunnel:
    gateway = CustomerGateway.objects.create(
        account=actor.account,
        region="cn-hangzhou",
        name=f"edge-{index}",
        address=f"203.{connection.pk // 256}.{connection.pk % 256}.{index}",
        asn=65000 + index,
        auth_key=MARKER_BGP_KEY,
    )
    bgp = BgpSpec(f"169.254.{10 + index}.0/30") if connection.bgp_enabled else None
    spec = TunnelSpec(index=index, ike=IkeSpec(psk=f"{MARKER_PSK}-{index}"), bgp=bgp)
    (tunnel,) = create_tunnels(actor=actor, connection=connection, wanted=[(spec, gateway)])
    return tunnel


def tunnel_of(actor: Actor, *, device: dict[str, Any] | None = None, **values: Any) -> Tunnel:
    """Tunnel 1 of a connection of its own, its simulated device set up as `device` says."""
    tunnel = connection_of(actor, **values).tunnels.get(index=1)
    if device:
        set_device(tunnel, **device)
    return tunnel


def set_device(tunnel: Tunnel, **values: Any) -> None:
    device = PeerDevice.objects.get(tunnel=tunnel)
    for name, value in values.items():
        setattr(device, name, value)
    device.save()


def started(actor: Actor, **values: Any) -> Tunnel:
    """As `tunnel_of`, its first attempt due."""
    tunnel = tunnel_of(actor, **values)
    start_negotiation(tunnel=tunnel, because="created")
    return tunnel


def ring(watch: Watch, seconds: float = 0) -> int:
    """Let time pass, then do what a ring of the bell does."""
    now = watch.pass_by(seconds)
    return play_all(claim_due(now, 50), now)


def run_of(tunnel: Tunnel) -> NegotiationRun:
    return NegotiationRun.objects.get(tunnel=tunnel)


def attempt_of(tunnel: Tunnel) -> UUID:
    """The attempt that its run is at."""
    attempt = run_of(tunnel).attempt
    assert attempt is not None
    return attempt


def story(tunnel: Tunnel) -> list[tuple[str, str]]:
    """Kind and message of every event, oldest first."""
    events = TunnelEvent.objects.filter(tunnel=tunnel).order_by("at", "position")
    return [(event.kind, event.message) for event in events]


@transaction.atomic
def peer_changed(*, tunnel: Tunnel) -> None:
    """A device is different now, and SAs that are up stay until DPD, the next request or the next negotiation
    shows it. A tunnel that is not up begins anew at once."""
    run = locked_run(tunnel)
    if run.life is None:
        start_negotiation(tunnel=tunnel, because=Because.PEER_CHANGED)
    elif not run.out_of_service:
        due_now(run)
