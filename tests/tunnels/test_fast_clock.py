"""A connection whose time runs fast: what fails after a day is seen today, and nothing goes back in time."""

from datetime import timedelta

import pytest
from tunnel_rows import START, Watch, ring, run_of, set_device, started, stop_clock, tunnel_of

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from ipsec.causes import CauseId
from tunnels import clock
from tunnels.clock import Clock
from tunnels.lives import MOST_CHAPTERS
from tunnels.models import ClockSetting, Status, Tunnel, TunnelEvent
from tunnels.operations import set_clock_speed
from tunnels.services import reset

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = 86400


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def up(actor: Actor, watch: Watch, **device: object) -> Tunnel:
    tunnel = started(actor, device=device)
    ring(watch)
    ring(watch, 2)
    assert run_of(tunnel).status == Status.CHILD_UP
    return tunnel


def test_what_fails_after_a_day_fails_after_a_few_seconds(omar: Actor, watch: Watch) -> None:
    tunnel = up(omar, watch, child_proposals=[["aes", "sha1", "group14"]])
    set_clock_speed(actor=omar, tunnel=tunnel, speed=DAY)
    for _ in range(4):
        ring(watch, 1)
    run = run_of(tunnel)
    assert (run.status, run.cause) == (Status.CHILD_DOWN, CauseId.PFS)
    assert run.status_since is not None
    assert run.status_since - START > timedelta(hours=23)
    assert watch.time - START < timedelta(seconds=10)


def test_a_healthy_tunnel_lives_through_a_month_in_half_a_minute(omar: Actor, watch: Watch) -> None:
    tunnel = up(omar, watch)
    set_clock_speed(actor=omar, tunnel=tunnel, speed=DAY)
    for _ in range(30):
        ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP
    rekeyed = TunnelEvent.objects.filter(tunnel=tunnel, kind="rekeyed", phase="child")
    assert 30 <= rekeyed.count() <= 38
    times = [*TunnelEvent.objects.filter(tunnel=tunnel).order_by("pk").values_list("at", flat=True)]
    assert times == sorted(times)
    assert max(times) <= clock.now_for(tunnel.connection_id) + timedelta(seconds=1)


def test_a_day_a_second_is_one_row_a_second(omar: Actor, watch: Watch) -> None:
    tunnel = up(omar, watch, child_lifetime=300)
    set_clock_speed(actor=omar, tunnel=tunnel, speed=DAY)
    for _ in range(5):
        assert ring(watch, 1) == 1
        assert ring(watch) == 0
    # Far more rekeys than anybody could read are left out; the tunnel keeps up with its clock.
    run = run_of(tunnel)
    assert (run.status, run.due_at is not None and run.due_at > watch.time) == (Status.CHILD_UP, True)
    assert TunnelEvent.objects.filter(tunnel=tunnel, kind="rekeyed").count() <= 5 * MOST_CHAPTERS
    latest = TunnelEvent.objects.filter(tunnel=tunnel)[0].at
    assert clock.now_for(tunnel.connection_id) - latest < timedelta(days=1)


def test_a_tunnel_that_fails_is_tried_once_a_second_and_as_of_now(omar: Actor, watch: Watch) -> None:
    tunnel = started(omar, device={"configured": False})
    ring(watch)
    ring(watch, 2)
    set_clock_speed(actor=omar, tunnel=tunnel, speed=DAY)
    for _ in range(10):
        ring(watch, 1)
    assert TunnelEvent.objects.filter(tunnel=tunnel, kind="started").count() <= 12
    set_device(tunnel, configured=True)
    ring(watch, 1)
    ring(watch, 1)
    run = run_of(tunnel)
    assert run.status == Status.CHILD_UP
    assert run.status_since is not None
    assert clock.now_for(tunnel.connection_id) - run.status_since < timedelta(days=3)


def test_time_that_has_passed_stays_passed(omar: Actor, watch: Watch) -> None:
    tunnel = up(omar, watch)
    set_clock_speed(actor=omar, tunnel=tunnel, speed=3600)
    watch.pass_by(10)
    ahead = clock.now_for(tunnel.connection_id)
    assert ahead - watch.time == timedelta(seconds=10 * 3599)
    set_clock_speed(actor=omar, tunnel=tunnel, speed=1)
    assert clock.now_for(tunnel.connection_id) == ahead
    watch.pass_by(60)
    assert clock.now_for(tunnel.connection_id) - ahead == timedelta(seconds=60)


def test_what_was_due_stays_due_at_its_time(omar: Actor, watch: Watch) -> None:
    tunnel = up(omar, watch)
    due = run_of(tunnel).due_at
    assert due is not None
    set_clock_speed(actor=omar, tunnel=tunnel, speed=3600)
    moved = run_of(tunnel).due_at
    assert moved is not None
    assert abs(clock.clock_for(tunnel.connection_id).time(moved) - due) < timedelta(seconds=1)


def test_both_tunnels_of_a_connection_have_one_clock_and_no_other_connection(
    omar: Actor, watch: Watch
) -> None:
    tunnel, other = up(omar, watch), tunnel_of(omar)
    set_clock_speed(actor=omar, tunnel=tunnel, speed=60)
    watch.pass_by(10)
    assert clock.now_for(tunnel.connection_id) - watch.time == timedelta(seconds=590)
    assert clock.now_for(other.connection_id) == watch.time
    keys = [row.pk for row in Tunnel.objects.filter(connection=tunnel.connection_id)]
    assert set(clock.clocks_of([*keys, other.pk])) == set(keys)


def test_events_of_services_have_the_connections_time(omar: Actor, watch: Watch) -> None:
    tunnel = up(omar, watch)
    set_clock_speed(actor=omar, tunnel=tunnel, speed=DAY)
    watch.pass_by(2)
    reset(actor=omar, tunnel=tunnel)
    opened = TunnelEvent.objects.get(tunnel=tunnel, kind="started", message="reset")
    assert opened.at - START > timedelta(days=2)


def test_it_is_an_operators_and_audited(ana: Actor, vera: Actor, watch: Watch) -> None:
    tunnel = tunnel_of(ana)
    with pytest.raises(Refused):
        set_clock_speed(actor=vera, tunnel=tunnel, speed=60)
    set_clock_speed(actor=ana, tunnel=tunnel, speed=60)
    row = AuditEvent.objects.get(action="connection.set_clock_speed")
    assert (row.target, row.detail) == (tunnel.connection.public_id, {"before": 1, "after": 60})


@pytest.mark.parametrize("speed", [0, 2, -60, 10**9])
def test_only_the_speeds_of_the_list(ana: Actor, watch: Watch, speed: int) -> None:
    with pytest.raises(Refused):
        set_clock_speed(actor=ana, tunnel=tunnel_of(ana), speed=speed)
    assert not ClockSetting.objects.exists()


def test_a_clock_goes_there_and_back() -> None:
    fast = Clock(3600, START, START + timedelta(days=5))
    later = START + timedelta(seconds=90)
    assert fast.due(fast.time(later), START) == later
    assert fast.begin(START - timedelta(hours=1), later) == fast.time(later - timedelta(seconds=1))
