"""What becomes of a tunnel that is up: rekeys, expiry, silence, BGP; with a clock that the test owns."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from tunnel_rows import (
    Watch,
    attempt_of,
    connection_of,
    peer_changed,
    ring,
    run_of,
    set_device,
    started,
    stop_clock,
    story,
)

from accounts.actor import Actor
from connections.models import IPsecConnection
from ipsec.causes import CauseId
from tunnels import tasks
from tunnels.ladder import ladder
from tunnels.models import BgpStatus, NegotiationRun, Status, Tunnel, TunnelEvent
from tunnels.operations import rekey_now
from tunnels.playing import LEASE, claim_due, play
from tunnels.services import edited, start_negotiation
from tunnels.transcripts import decode_life

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def up(actor: Actor, watch: Watch, *, columns: dict[str, Any] | None = None, **values: Any) -> Tunnel:
    """A tunnel that has just come up."""
    tunnel = started(actor, **values)
    if columns:
        Tunnel.objects.filter(pk=tunnel.pk).update(**columns)
    ring(watch)
    ring(watch, 2)
    assert run_of(tunnel).status == Status.CHILD_UP
    return tunnel


def jump(watch: Watch, tunnel: Tunnel) -> datetime:
    """To the moment at which the tunnel is due, and ring."""
    due = run_of(tunnel).due_at
    assert due is not None
    watch.time = max(due, watch.time)
    ring(watch)
    return watch.time


def until(watch: Watch, tunnel: Tunnel, moment: datetime) -> None:
    """From one due moment to the next."""
    for _ in range(500):
        due = run_of(tunnel).due_at
        if due is None or due > moment:
            break
        jump(watch, tunnel)
    watch.time = max(moment, watch.time)


def kinds(tunnel: Tunnel) -> list[str]:
    return [kind for kind, _message in story(tunnel)]


def roles_of(tunnel: Tunnel) -> list[str]:
    return [rung.look.role for rung in ladder(Tunnel.objects.get(pk=tunnel.pk))]


def life_of(tunnel: Tunnel) -> Any:
    run = run_of(tunnel)
    assert run.life is not None
    return decode_life(run.life)


# Rekeys


def test_an_sa_is_rekeyed_before_it_expires_and_the_tunnel_is_up_all_the_while(
    ana: Actor, watch: Watch
) -> None:
    tunnel = up(ana, watch, columns={"child_lifetime": 3600})
    since, born = run_of(tunnel).status_since, watch.time
    first = jump(watch, tunnel)
    assert timedelta(seconds=0.79 * 3600) < first - born < timedelta(seconds=0.93 * 3600)
    run, life = run_of(tunnel), life_of(tunnel)
    assert (run.status, run.status_since, run.negotiating) == (Status.CHILD_UP, since, False)
    assert (life.child.rekeys, life.ike.rekeys) == (1, 0)
    assert kinds(tunnel).count("rekeyed") == 1
    assert kinds(tunnel).count("carries") == 1


def test_both_sas_are_rekeyed_each_by_its_own_timer_and_again(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, columns={"child_lifetime": 1800, "ike_lifetime": 7200})
    until(watch, tunnel, watch.time + timedelta(hours=6))
    life = life_of(tunnel)
    assert 13 <= life.child.rekeys <= 16
    assert 3 <= life.ike.rekeys <= 4
    assert {event.attempt for event in TunnelEvent.objects.filter(tunnel=tunnel)} == {run_of(tunnel).attempt}


def test_tunnels_that_came_up_together_are_not_rekeyed_together(ana: Actor, watch: Watch) -> None:
    tunnels = [started(ana) for _ in range(8)]
    for seconds in (0, 2):
        ring(watch, seconds)
    due = {run_of(tunnel).due_at for tunnel in tunnels}
    assert len(due) == 8
    assert max(filter(None, due)) - min(filter(None, due)) > timedelta(minutes=20)


def test_the_shorter_lifetime_of_the_two_ends_counts(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, device={"child_lifetime": 600})
    life = life_of(tunnel)
    assert life.child.expires_at - life.child.established_at == timedelta(seconds=600)
    jump(watch, tunnel)
    assert TunnelEvent.objects.get(tunnel=tunnel, kind="rekeyed").detail["sender"] == "peer"


def test_lifetime_0_never_ends(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, columns={"child_lifetime": 0, "ike_lifetime": 0}, bgp_enabled=False)
    assert run_of(tunnel).due_at is None


@pytest.mark.parametrize("what", ["ike", "child"])
def test_a_rekey_by_hand_comes_at_once_and_says_so(omar: Actor, watch: Watch, what: str) -> None:
    tunnel = up(omar, watch)
    rekey_now(actor=omar, tunnel=tunnel, what=what)
    ring(watch)
    event = TunnelEvent.objects.get(tunnel=tunnel, kind="rekeyed")
    assert (event.phase, event.detail["because"]) == (what, "hand")
    assert run_of(tunnel).status == Status.CHILD_UP


def test_ikev1_authenticates_again_and_finds_a_key_that_was_changed(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, columns={"ike_version": "ikev1", "ike_lifetime": 3600})
    set_device(tunnel, psk="another")
    until(watch, tunnel, watch.time + timedelta(minutes=50))
    assert run_of(tunnel).status == Status.CHILD_UP
    until(watch, tunnel, watch.time + timedelta(minutes=70))
    run = run_of(tunnel)
    assert (run.status, run.cause) == (Status.IKE_DOWN, CauseId.PSK)
    assert "rekey_refused" in kinds(tunnel)


def test_ikev2_does_not(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, columns={"ike_lifetime": 3600})
    set_device(tunnel, psk="another")
    until(watch, tunnel, watch.time + timedelta(hours=3))
    assert run_of(tunnel).status == Status.CHILD_UP


# What fails after a day


def test_pfs_that_differs_is_a_time_bomb_under_ikev2(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, device={"child_proposals": [["aes", "sha1", "group14"]]})
    born = watch.time
    until(watch, tunnel, born + timedelta(hours=23, minutes=59))
    refused = TunnelEvent.objects.filter(tunnel=tunnel, kind="rekey_refused")
    assert refused.count() > 3
    assert {event.cause for event in refused} == {CauseId.PFS}
    assert run_of(tunnel).status == Status.CHILD_UP

    until(watch, tunnel, born + timedelta(hours=24, minutes=1))
    run = run_of(tunnel)
    assert (run.status, run.cause) == (Status.CHILD_DOWN, CauseId.PFS)
    assert run.life is not None
    assert life_of(tunnel).child is None
    assert not run.carries
    assert roles_of(tunnel) == ["good", "good", "bad", "quiet"]
    # Phase 1 stays, and BGP notices by its hold timer.
    assert "ike_down" not in kinds(tunnel)
    assert run.bgp_status == BgpStatus.UP
    until(watch, tunnel, born + timedelta(hours=24, minutes=4))
    assert run_of(tunnel).bgp_status == BgpStatus.DOWN
    down = TunnelEvent.objects.get(tunnel=tunnel, kind="bgp_down")
    assert (down.detail["notify"], down.detail["state"]) == ("Hold Timer Expired", "Idle")

    # Once both ends agree, the next try brings it back under the IKE SA that is there.
    set_device(tunnel, child_proposals=None)
    until(watch, tunnel, watch.time + timedelta(minutes=10))
    back = run_of(tunnel)
    assert (back.status, back.bgp_status, back.cause) == (Status.CHILD_UP, BgpStatus.UP, "")
    assert back.attempt == run.attempt
    assert back.carries


def test_a_refused_rekey_is_a_warning_and_no_state(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, device={"child_proposals": [["aes", "sha1", "group14"]]})
    for _ in range(2):  # the IKE SA's rekey may come first
        jump(watch, tunnel)
    event = TunnelEvent.objects.filter(tunnel=tunnel, kind="rekey_refused")[0]
    assert event.severity == TunnelEvent.Severity.WARNING
    assert (event.detail["ours"], event.detail["theirs"]) == ("group2", "group14")
    assert (run_of(tunnel).status, run_of(tunnel).cause) == (Status.CHILD_UP, "")


# Silence


def test_dpd_removes_a_tunnel_within_30_seconds_and_begins_anew(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    watch.pass_by(100)
    cut = watch.time
    set_device(tunnel, powered_on=False)
    peer_changed(tunnel=tunnel)
    ring(watch)
    assert run_of(tunnel).status == Status.CHILD_UP
    gone = jump(watch, tunnel)
    assert timedelta(seconds=15) < gone - cut <= timedelta(seconds=30)
    run = run_of(tunnel)
    assert (run.status, run.cause, run.bgp_status) == (
        Status.IKE_DOWN,
        CauseId.DPD_TIMEOUT,
        BgpStatus.DOWN,
    )
    assert roles_of(tunnel) == ["bad", "bad", "quiet", "quiet"]
    ring(watch, 0.002)
    assert run_of(tunnel).negotiating
    assert story(tunnel)[-2:] == [("started", "lost"), ("message", "IKE_SA_INIT request")]
    set_device(tunnel, powered_on=True)
    until(watch, tunnel, watch.time + timedelta(minutes=10))
    assert run_of(tunnel).status == Status.CHILD_UP


def test_without_dpd_nobody_notices_before_the_next_rekey(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, columns={"dpd": False, "child_lifetime": 7200}, bgp_enabled=False)
    watch.pass_by(100)
    cut = watch.time
    set_device(tunnel, udp500_open=False)
    peer_changed(tunnel=tunnel)
    ring(watch)
    until(watch, tunnel, cut + timedelta(hours=1))
    run = run_of(tunnel)
    # It says on what it rests: the last time that anybody heard the device.
    assert (run.status, run.checked_at) == (Status.CHILD_UP, cut)
    until(watch, tunnel, cut + timedelta(hours=2, minutes=10))
    run = run_of(tunnel)
    assert (run.status, run.cause) == (Status.IKE_DOWN, CauseId.PHASE1_TIMEOUT)
    assert kinds(tunnel).count("retransmit") >= 5


def test_a_device_that_is_back_in_time_was_never_gone(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    for powered, seconds in ((False, 5), (True, 15)):
        watch.pass_by(seconds)
        set_device(tunnel, powered_on=powered)
        peer_changed(tunnel=tunnel)
        ring(watch)
    until(watch, tunnel, watch.time + timedelta(minutes=10))
    assert run_of(tunnel).status == Status.CHILD_UP
    assert [kind for kind in kinds(tunnel) if kind in ("silent", "answers", "ike_down")] == [
        "silent",
        "answers",
    ]


def test_bgp_over_a_silent_tunnel_falls_by_its_hold_timer(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, columns={"dpd": False})
    cut = watch.pass_by(60)
    set_device(tunnel, powered_on=False)
    peer_changed(tunnel=tunnel)
    ring(watch)
    down = jump(watch, tunnel)
    assert timedelta(seconds=120) <= down - cut <= timedelta(seconds=180)
    run = run_of(tunnel)
    assert (run.status, run.bgp_status, run.carries) == (Status.CHILD_UP, BgpStatus.DOWN, False)


def test_a_device_without_its_configuration_closes_the_tunnel(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    set_device(tunnel, configured=False)
    peer_changed(tunnel=tunnel)
    ring(watch, 1)
    run = run_of(tunnel)
    assert (run.status, run.cause) == (Status.IKE_DOWN, CauseId.PEER_DELETED_SA)
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).cause == CauseId.PEER_NOT_CONFIGURED


def test_a_device_that_speaks_bgp_otherwise_closes_the_session_only(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    set_device(tunnel, bgp_asn=64999)
    peer_changed(tunnel=tunnel)
    ring(watch, 1)
    run = run_of(tunnel)
    assert (run.status, run.bgp_status, run.cause) == (
        Status.CHILD_UP,
        BgpStatus.DOWN,
        CauseId.BGP_SESSION_DOWN,
    )
    set_device(tunnel, bgp_asn=None)
    peer_changed(tunnel=tunnel)
    ring(watch, 1)
    assert (run_of(tunnel).bgp_status, run_of(tunnel).cause) == (BgpStatus.UP, "")


def test_the_bgp_machine_is_told_state_by_state(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    rows = TunnelEvent.objects.filter(tunnel=tunnel, phase="bgp").order_by("at", "position")
    states = [event.detail["state"] for event in rows if "state" in event.detail]
    assert states == ["Connect", "OpenSent", "OpenConfirm", "Established"]


def test_other_values_of_the_device_wait_for_the_next_set_up(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    set_device(tunnel, psk="another")
    peer_changed(tunnel=tunnel)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP
    start_negotiation(tunnel=tunnel, because="reset")
    ring(watch)
    ring(watch, 2)
    assert run_of(tunnel).cause == CauseId.PSK


def test_a_change_of_a_device_whose_tunnel_is_down_is_tried_at_once(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"psk": "x"})
    ring(watch)
    ring(watch, 2)
    set_device(tunnel, psk="")
    peer_changed(tunnel=tunnel)
    ring(watch)
    ring(watch, 2)
    assert run_of(tunnel).status == Status.CHILD_UP


# Edits


@pytest.mark.parametrize(
    ("fields", "told", "begins_anew"),
    [
        (["name"], [], False),
        (["child_encryption"], ["child_down", "child_up"], False),
        (["local_bgp_ip"], ["bgp_down", "bgp_up"], False),
        (["ike_lifetime"], ["rekeyed"], False),
        (["psk"], [], True),
        (["child_pfs", "ike_encryption"], [], True),
    ],
)
def test_an_edit_negotiates_anew_what_it_touches_only(
    ana: Actor, watch: Watch, fields: list[str], told: list[str], begins_anew: bool
) -> None:
    tunnel = up(ana, watch)
    before, already = run_of(tunnel), len(story(tunnel))
    edited(tunnel=tunnel, fields=fields)
    ring(watch, 5)
    ring(watch, 2)
    after = run_of(tunnel)
    assert (after.attempt != before.attempt) == begins_anew
    assert after.status == Status.CHILD_UP
    news = [
        kind
        for kind in kinds(tunnel)[already:]
        if kind in {"child_down", "child_up", "bgp_down", "bgp_up", "rekeyed"}
    ]
    if not begins_anew:
        assert news == told


# Exactly once, whatever becomes of the workers


def test_a_worker_that_dies_at_a_rekey_loses_nothing(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    due = run_of(tunnel).due_at
    assert due is not None
    watch.time = due
    assert len(claim_due(watch.time, 10)) == 1  # and then the worker is killed
    ring(watch, LEASE.total_seconds() + 1)
    # Told as of when it happened; by now the other SA may have been rekeyed, too.
    told = TunnelEvent.objects.filter(tunnel=tunnel, kind="rekeyed", at__lt=due + timedelta(seconds=1))
    assert told.count() == 1


def test_a_rekey_that_is_delivered_twice_happens_once(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    due = run_of(tunnel).due_at
    assert due is not None
    copies = [run_of(tunnel) for _ in range(3)]
    assert [play(run, due) for run in copies] == [True, False, False]
    assert kinds(tunnel).count("rekeyed") == 1


def test_a_reset_wins_against_a_late_rekey(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    late, due = run_of(tunnel), run_of(tunnel).due_at
    assert due is not None
    start_negotiation(tunnel=tunnel, because="reset")
    assert not play(late, due)
    assert "rekeyed" not in kinds(tunnel)


def test_an_edit_wins_against_a_late_rekey_and_the_rekey_still_comes(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    late, due = run_of(tunnel), run_of(tunnel).due_at
    assert due is not None
    edited(tunnel=tunnel, fields=["child_pfs"])
    assert not play(late, due)
    ring(watch, 1)
    assert kinds(tunnel).count("child_up") == 2


def test_positions_have_no_gap_and_no_double(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch, columns={"child_lifetime": 600})
    until(watch, tunnel, watch.time + timedelta(hours=3))
    rows = TunnelEvent.objects.filter(tunnel=tunnel, attempt=attempt_of(tunnel))
    seen = [*rows.order_by("pk").values_list("position", flat=True)]
    assert seen == [*range(len(seen))]
    assert run_of(tunnel).cursor == len(seen) - 1


def test_a_ring_costs_the_same_however_many_tunnels_are_at_rest(ana: Actor, watch: Watch) -> None:
    for _ in range(4):
        connection = connection_of(ana)
        for tunnel in connection.tunnels.all():
            start_negotiation(tunnel=tunnel, because="created")
    for seconds in (0, 2):
        ring(watch, seconds)
    assert not NegotiationRun.objects.exclude(status=Status.CHILD_UP).exists()
    before = [*NegotiationRun.objects.order_by("pk").values_list("version", flat=True)]
    watch.pass_by(3600)
    with CaptureQueriesContext(database) as asked:
        assert tasks.tick() == 0
    assert len(asked) == 1
    assert [*NegotiationRun.objects.order_by("pk").values_list("version", flat=True)] == before


def test_the_search_for_what_is_due_goes_by_the_partial_index(ana: Actor, watch: Watch) -> None:
    due = NegotiationRun.objects.filter(due_at__lte=watch.time)
    if database.vendor == "sqlite":
        assert "runs_that_are_due" in due.explain()
    with CaptureQueriesContext(database) as asked:
        claim_due(watch.time, 10)
    assert len(asked) == 1


def test_a_tunnel_whose_connection_is_gone_is_no_work(ana: Actor, watch: Watch) -> None:
    tunnel = up(ana, watch)
    due = run_of(tunnel).due_at
    IPsecConnection.objects.filter(pk=tunnel.connection_id).delete()
    assert due is not None
    watch.time = due
    assert ring(watch) == 0
