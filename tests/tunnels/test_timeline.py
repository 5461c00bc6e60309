"""The states of a tunnel over the last day, as its events tell them."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tunnel_rows import Watch, connection_of, peer_changed, ring, set_device, stop_clock

from accounts.actor import Actor
from tunnels.models import Tunnel
from tunnels.operations import put_into_service, take_out_of_service
from tunnels.services import reset, start_negotiation, unbind_tunnel
from tunnels.timeline import UNITS, WINDOW, Stretch, latest, timeline

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


@pytest.fixture
def tunnel(ana: Actor, watch: Watch) -> Tunnel:
    tunnel: Tunnel = connection_of(ana).tunnels.get(index=1)
    return tunnel


def come_up(tunnel: Tunnel, watch: Watch) -> None:
    start_negotiation(tunnel=tunnel, because="created")
    for _second in range(5):
        ring(watch, 1)


def words(stretches: tuple[Stretch, ...]) -> list[str]:
    return [str(one.look.word) for one in stretches]


def test_of_nothing_there_is_no_line(tunnel: Tunnel, watch: Watch) -> None:
    assert timeline(tunnel, watch.time) == ()


def test_a_tunnel_that_comes_up_is_up_from_then_on(tunnel: Tunnel, watch: Watch) -> None:
    come_up(tunnel, watch)
    watch.time += timedelta(hours=2)
    last = timeline(tunnel, watch.time)[-1]
    assert (str(last.look.word), last.end) == ("Carries traffic", watch.time)


def test_what_has_just_begun_is_what_is_now(tunnel: Tunnel, watch: Watch, ana: Actor) -> None:
    come_up(tunnel, watch)
    watch.time += timedelta(hours=5)
    reset(actor=ana, tunnel=tunnel)
    assert words(timeline(tunnel, watch.time + timedelta(seconds=1))) == ["Carries traffic", "Negotiating"]


def test_a_failure_shows_however_short_it_was_and_retries_make_no_gaps(tunnel: Tunnel, watch: Watch) -> None:
    come_up(tunnel, watch)
    watch.time += timedelta(hours=3)
    set_device(tunnel, powered_on=False)
    peer_changed(tunnel=tunnel)
    for _minute in range(40):  # DPD, then attempt after attempt
        ring(watch, 60)
    set_device(tunnel, powered_on=True)
    for _minute in range(10):
        ring(watch, 60)
    watch.time += timedelta(hours=3)
    told = words(timeline(tunnel, watch.time))
    assert told[-3:] == ["Carries traffic", "Phase 1 negotiations failed", "Carries traffic"]


def test_the_line_is_a_day_long_and_whole(tunnel: Tunnel, watch: Watch) -> None:
    come_up(tunnel, watch)
    watch.time += timedelta(days=3)
    (only,) = timeline(tunnel, watch.time)
    assert (only.start, only.end) == (watch.time - WINDOW, watch.time)
    assert (only.x, only.width) == (0, UNITS)


def test_every_stretch_lies_on_the_line(tunnel: Tunnel, watch: Watch) -> None:
    come_up(tunnel, watch)
    for _time in range(4):
        unbind_tunnel(tunnel=tunnel)
        watch.time += timedelta(seconds=1)
        Tunnel.objects.filter(pk=tunnel.pk).update(gateway_address="198.18.7.7")
        come_up(tunnel, watch)
    watch.time += timedelta(hours=1)
    told = timeline(tunnel, watch.time)
    assert len(told) > 4
    for one in told:
        assert one.width > 0
        assert 0 <= one.x <= one.x + one.width <= UNITS


def test_planned_work_is_no_failure(tunnel: Tunnel, watch: Watch, ana: Actor) -> None:
    come_up(tunnel, watch)
    watch.time += timedelta(hours=1)
    take_out_of_service(actor=ana, tunnel=tunnel)
    watch.time += timedelta(hours=1)
    put_into_service(actor=ana, tunnel=tunnel)
    for _second in range(5):
        ring(watch, 1)
    watch.time += timedelta(hours=1)
    told = timeline(tunnel, watch.time)
    assert [one for one in words(told) if one != "Negotiating"][-3:] == [
        "Carries traffic",
        "Out of service",
        "Carries traffic",
    ]
    assert "bad" not in {one.look.role for one in told}
    assert latest(told, 1)[0] == told[-1]


def test_the_page_draws_it_and_says_it_in_words(
    tunnel: Tunnel, watch: Watch, ana: Actor, client_of: Any
) -> None:
    come_up(tunnel, watch)
    watch.time += timedelta(hours=1)
    page = client_of(ana).get(reverse("tunnels:detail", args=[tunnel.public_id])).content.decode()
    assert "States over the last 24 hours" in page
    assert 'class="timeline-good"' in page
    assert page.count("Carries traffic") >= 2
