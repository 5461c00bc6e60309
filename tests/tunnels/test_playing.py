"""What a ring of the bell does to a tunnel, step by step, with a clock that the test owns."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tunnel_rows import attempt_of, ring, run_of, set_device, started, stop_clock, story, tunnel_of

from accounts.actor import Actor
from connections.models import IPsecConnection
from ipsec.causes import CauseId
from tunnels import clock
from tunnels.changes import wait
from tunnels.models import BgpStatus, Status, Tunnel, TunnelEvent
from tunnels.services import start_negotiation

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_tunnel_whose_ends_agree_is_up_after_two_rings(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana)
    born = run_of(tunnel)
    assert (born.status, born.negotiating, born.due_at) == (Status.NOT_NEGOTIATED, True, watch.time)

    ring(watch)
    begun = run_of(tunnel)
    # Only the first message has left: the state word is still the old one.
    assert (begun.status, begun.negotiating, begun.cursor) == (Status.NOT_NEGOTIATED, True, 1)
    assert begun.due_at is not None
    assert begun.due_at > watch.time

    ring(watch, 1)
    up = run_of(tunnel)
    assert (up.status, up.bgp_status, up.negotiating) == (Status.CHILD_UP, BgpStatus.UP, False)
    assert (up.cause, up.refusal, up.carries) == ("", None, True)
    # Nothing is due before the first rekey.
    assert up.due_at is not None
    assert up.due_at - watch.time > timedelta(hours=12)
    assert up.status_since is not None
    assert begun.started_at is not None
    assert timedelta(0) < up.status_since - begun.started_at < timedelta(seconds=1)
    assert up.checked_at == watch.time


def test_nothing_is_played_before_its_time(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana)
    ring(watch)
    seen = run_of(tunnel).version
    assert ring(watch, 0.001) == 0
    assert run_of(tunnel).version == seen


def test_every_step_becomes_one_event_at_its_own_time(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana)
    for seconds in (0, 0.03, 0.03, 1, 5):
        ring(watch, seconds)
    run = run_of(tunnel)
    events = TunnelEvent.objects.filter(tunnel=tunnel, attempt=attempt_of(tunnel))
    assert run.transcript is not None
    steps = run.transcript["steps"]
    assert [event.position for event in events.order_by("position")] == [*range(len(steps) + 2)]
    assert run.started_at is not None
    for event in events.filter(position__range=(1, len(steps))):
        step = steps[event.position - 1]
        assert event.at == run.started_at + timedelta(milliseconds=step["at_ms"])
        assert (event.kind, event.message) == (step["kind"], step["message"])
    assert story(tunnel)[0] == ("started", "created")


def test_the_story_is_told_in_order(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, bgp_enabled=False)
    ring(watch)
    ring(watch, 2)
    assert story(tunnel) == [
        ("started", "created"),
        ("message", "IKE_SA_INIT request"),
        ("message", "IKE_SA_INIT response"),
        ("message", "IKE_AUTH request"),
        ("message", "IKE_AUTH response"),
        ("ike_up", ""),
        ("child_up", ""),
        ("carries", ""),
    ]
    assert run_of(tunnel).bgp_status == BgpStatus.NONE


def test_a_clock_that_goes_on_between_two_looks_leaves_the_order_as_it_is(
    ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What begins an attempt comes before its first message, and the end of the old one before both."""
    watch = stop_clock(monkeypatch)
    monkeypatch.setattr(clock, "now", lambda: watch.pass_by(0.003))
    tunnel = started(ana, bgp_enabled=False)
    ring(watch)
    ring(watch, 2)
    start_negotiation(tunnel=tunnel, because="reset")
    ring(watch)
    ring(watch, 2)
    kinds = [kind for kind, _message in story(tunnel)]
    one = ["started", *["message"] * 4, "ike_up", "child_up", "carries"]
    assert kinds == [*one, "carries_not", *one]


PSK = {"psk": "not the same"}
NETWORKS = {"local_networks": ["10.9.0.0/16"], "remote_networks": ["10.8.0.0/16"]}
ALGORITHMS = {"child_proposals": [["des", "md5", "disabled"]]}


@pytest.mark.parametrize(
    ("device", "status", "cause"),
    [
        (PSK, Status.IKE_DOWN, CauseId.PSK),
        ({"ike_version": "ikev1"}, Status.IKE_DOWN, CauseId.IKE_VERSION),
        ({"configured": False}, Status.IKE_DOWN, CauseId.PEER_NOT_CONFIGURED),
        (ALGORITHMS, Status.CHILD_DOWN, CauseId.ALGORITHM),
        ({"bgp_asn": 64999}, Status.CHILD_UP, CauseId.BGP_SESSION_DOWN),
    ],
)
def test_a_refusal_ends_in_the_state_word_of_its_phase(
    ana: Actor, monkeypatch: pytest.MonkeyPatch, device: dict[str, Any], status: Status, cause: CauseId
) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, device=device)
    ring(watch)
    ring(watch, 2)
    run = run_of(tunnel)
    assert (run.status, run.cause, run.negotiating) == (status, cause, False)
    assert run.refusal is not None
    assert run.refusal["cause"] == cause


def test_phase_1_alone_is_a_state_of_its_own(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quick mode that goes unanswered for a while leaves phase 1 up and phase 2 pending."""
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, device={"latency_ms": 1000, "ike_version": "ikev1"}, bgp_enabled=False)
    Tunnel.objects.update(ike_version="ikev1")
    seen = []
    for _ in range(30):
        ring(watch, 0.5)
        seen.append(run_of(tunnel).status)
    assert [*dict.fromkeys(seen)] == [Status.NOT_NEGOTIATED, Status.IKE_UP, Status.CHILD_UP]


def test_silence_takes_the_daemons_165_seconds(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, device={"powered_on": False})
    ring(watch)
    ring(watch, 164)
    waiting = run_of(tunnel)
    assert (waiting.status, waiting.negotiating) == (Status.NOT_NEGOTIATED, True)
    assert [kind for kind, _ in story(tunnel)].count("retransmit") == 5
    ring(watch, 2)
    failed = run_of(tunnel)
    assert (failed.status, failed.cause) == (Status.IKE_DOWN, CauseId.PHASE1_TIMEOUT)


def test_a_failure_is_tried_again_later_and_later(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, device={"configured": False})
    ring(watch)
    ring(watch, 1)
    waits = []
    for _ in range(5):
        run = run_of(tunnel)
        assert run.due_at is not None
        waits.append((run.due_at - watch.time).total_seconds())
        watch.time = run.due_at
        ring(watch)
        ring(watch, 1)
    for seconds, base in zip(waits, (30, 60, 120, 240, 300), strict=True):
        assert base <= seconds <= base * 1.2
    assert run_of(tunnel).failures == 6
    assert story(tunnel).count(("started", "retry")) == 5


def test_the_longest_wait_is_five_minutes(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(monkeypatch)
    attempt = run_of(started(ana)).attempt
    assert attempt is not None
    assert timedelta(minutes=5) <= wait(10_000, attempt) <= timedelta(minutes=6)


def test_while_trying_again_the_last_verdict_stays(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, device={"configured": False})
    ring(watch)
    ring(watch, 1)
    failed = run_of(tunnel)
    set_device(tunnel, configured=True)
    assert failed.due_at is not None
    watch.time = failed.due_at
    ring(watch)
    again = run_of(tunnel)
    assert (again.status, again.cause, again.negotiating) == (Status.IKE_DOWN, failed.cause, True)
    assert again.status_since == failed.status_since
    assert again.attempt != failed.attempt
    ring(watch, 1)
    up = run_of(tunnel)
    assert (up.status, up.cause, up.failures) == (Status.CHILD_UP, "", 0)


def test_bgp_that_is_down_leaves_the_tunnel_up_and_is_tried_again(
    ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, device={"bgp_asn": 64999})
    ring(watch)
    ring(watch, 5)
    run = run_of(tunnel)
    assert (run.status, run.bgp_status, run.carries) == (Status.CHILD_UP, BgpStatus.DOWN, False)
    set_device(tunnel, bgp_asn=None)
    ring(watch, 300)
    mended = run_of(tunnel)
    assert (mended.bgp_status, mended.cause, mended.carries) == (BgpStatus.UP, "", True)


def test_a_new_attempt_forgets_what_the_old_one_came_to(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana)
    ring(watch)
    ring(watch, 1)
    up = run_of(tunnel)
    watch.pass_by(60)
    start_negotiation(tunnel=tunnel, because="changed")
    begun = run_of(tunnel)
    assert (begun.status, begun.bgp_status, begun.negotiating) == (
        Status.NOT_NEGOTIATED,
        BgpStatus.DOWN,
        True,
    )
    assert begun.status_since == watch.time
    assert (begun.transcript, begun.cursor, begun.claimed_until) == (None, 0, None)
    assert begun.version > up.version


@pytest.mark.parametrize(
    ("prepare", "cause"),
    [
        (lambda _tunnel: Tunnel.objects.update(gateway_address=None), CauseId.TUNNEL_NOT_BOUND),
        (lambda _tunnel: IPsecConnection.objects.update(effect_immediately=False), CauseId.NOT_TRIGGERED),
    ],
    ids=["unbound", "waiting for traffic"],
)  # fmt: skip
def test_nothing_is_due_where_nobody_begins(
    ana: Actor, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[Any], Any], cause: CauseId
) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = tunnel_of(ana)
    prepare(tunnel)
    start_negotiation(tunnel=tunnel, because="created")
    run = run_of(tunnel)
    assert (run.cause, run.due_at, run.negotiating) == (cause, None, False)
    assert run.waiting_for_traffic == (cause is CauseId.NOT_TRIGGERED)
    assert ring(watch, 3600) == 0


def test_a_device_that_begins_needs_no_traffic(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, device={"initiates": True}, effect_immediately=False)
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP
    first = TunnelEvent.objects.get(tunnel=tunnel, position=1)
    assert first.detail["sender"] == "peer"


def test_traffic_triggers_what_waits_for_it(ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = stop_clock(monkeypatch)
    tunnel = started(ana, effect_immediately=False)
    start_negotiation(tunnel=tunnel, because="traffic")
    run = run_of(tunnel)
    assert (run.waiting_for_traffic, run.cause, run.negotiating) == (False, "", True)
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP
