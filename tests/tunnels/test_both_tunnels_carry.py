"""ECMP, failover and return, planned work: which of a connection's tunnels carry its traffic."""

from typing import Any

import pytest
from tunnel_rows import Watch, connection_of, peer_changed, ring, run_of, set_device, stop_clock, story

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from tunnels.carrying import WITHOUT_IT, sharing
from tunnels.ladder import ladder
from tunnels.looks import bgp_look, detail, look
from tunnels.models import NegotiationRun, Status, Tunnel
from tunnels.operations import put_into_service, rekey_now, take_out_of_service
from tunnels.services import reset, start_negotiation, unbind_tunnel

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def pair(actor: Actor, watch: Watch, **values: Any) -> tuple[Tunnel, Tunnel]:
    """Both tunnels of a connection, up."""
    first, second = connection_of(actor, **values).tunnels.order_by("index")
    for tunnel in (first, second):
        start_negotiation(tunnel=tunnel, because="created")
    ring(watch)
    ring(watch, 3)
    return first, second


def carrying(*tunnels: Tunnel) -> list[bool]:
    return [run_of(tunnel).carries for tunnel in tunnels]


def turns(tunnel: Tunnel) -> list[str]:
    return [kind for kind, _ in story(tunnel) if kind in {"carries", "carries_not", "alone", "shared"}]


def word(tunnel: Tunnel) -> str:
    return str(sharing(Tunnel.objects.get(pk=tunnel.pk)).word)


def without(tunnel: Tunnel) -> str:
    """What its page says of taking it out of service."""
    return str(WITHOUT_IT[sharing(Tunnel.objects.get(pk=tunnel.pk)).role])


def test_both_forward(ana: Actor, watch: Watch) -> None:
    first, second = pair(ana, watch)
    assert carrying(first, second) == [True, True]
    assert word(first) == word(second) == "Both tunnels forward (ECMP)"
    assert "all traffic goes through the other tunnel" in without(first)
    assert turns(first).count("carries") == turns(second).count("carries") == 1


def test_when_one_drops_the_other_takes_all_and_shares_again_when_it_is_back(
    ana: Actor, watch: Watch
) -> None:
    first, second = pair(ana, watch)
    set_device(first, powered_on=False)
    peer_changed(tunnel=first)
    ring(watch, 1)
    ring(watch, 31)
    assert carrying(first, second) == [False, True]
    assert word(second) == "Carries all traffic: the other tunnel does not"
    assert "the connection carries no traffic" in without(second)
    assert without(first).startswith("It carries no traffic now.")
    assert turns(first)[-1] == "carries_not"
    assert turns(second)[-1] == "alone"
    set_device(first, powered_on=True)
    for _ in range(12):
        ring(watch, 60)
    assert carrying(first, second) == [True, True]
    assert turns(second)[-1] == "shared"
    assert turns(second).count("carries_not") == 0


def test_a_tunnel_whose_bgp_is_down_carries_nothing(ana: Actor, watch: Watch) -> None:
    first, second = pair(ana, watch)
    set_device(second, bgp_asn=64999)
    peer_changed(tunnel=second)
    ring(watch, 1)
    assert run_of(second).status == Status.CHILD_UP
    assert carrying(first, second) == [True, False]


@pytest.mark.parametrize(
    ("device", "blocked"),
    [
        ({"behind_nat": True, "nat_traversal": False, "initiates": True}, "NatTraversalMismatch"),
        ({"esp_open": False}, "EspFiltered"),
    ],
)
def test_sas_that_no_data_passes_are_not_called_healthy(
    ana: Actor, watch: Watch, device: dict[str, Any], blocked: str
) -> None:
    first, second = connection_of(ana, bgp_enabled=False).tunnels.order_by("index")
    set_device(first, **device)
    for tunnel in (first, second):
        start_negotiation(tunnel=tunnel, because="created")
    ring(watch)
    ring(watch, 3)
    run = run_of(first)
    assert (run.status, run.blocked, run.carries) == (Status.CHILD_UP, blocked, False)
    assert look(run).role == "warn"
    assert str(detail(run)) == "no data passes"
    assert carrying(second) == [True]


def test_filtered_esp_lets_no_bgp_through(ana: Actor, watch: Watch) -> None:
    [first] = connection_of(ana).tunnels.filter(index=1)
    set_device(first, esp_open=False)
    start_negotiation(tunnel=first, because="created")
    ring(watch)
    ring(watch, 70)
    run = run_of(first)
    assert (run.status, run.bgp_status) == (Status.CHILD_UP, "false")
    assert run.refusal is not None
    assert run.refusal["attribute"] == "path.esp_open"
    ring(watch, 3600)  # it is tried again, in vain
    assert run_of(first).bgp_status == "false"


def test_a_filter_that_appears_and_goes_stops_and_starts_the_traffic(ana: Actor, watch: Watch) -> None:
    first, second = pair(ana, watch)
    set_device(first, esp_open=False)
    peer_changed(tunnel=first)
    ring(watch, 1)
    run = run_of(first)
    assert (run.status, run.blocked, run.bgp_status) == (Status.CHILD_UP, "EspFiltered", "success")
    assert carrying(first, second) == [False, True]
    ring(watch, 181)
    assert run_of(first).bgp_status == "false"
    set_device(first, esp_open=True)
    peer_changed(tunnel=first)
    ring(watch, 1)
    assert carrying(first, second) == [True, True]
    assert turns(first)[-2:] == ["carries_not", "carries"]


# Planned work


def test_a_drained_tunnel_keeps_its_word_and_is_left_alone(omar: Actor, watch: Watch) -> None:
    first, second = pair(omar, watch)
    take_out_of_service(actor=omar, tunnel=first)
    run = run_of(first)
    assert (run.status, run.out_of_service, run.due_at, run.carries) == (Status.CHILD_UP, True, None, False)
    assert (look(run).role, str(look(run).word), str(detail(run))) == ("quiet", "Out of service", "")
    assert bgp_look(run).role == "quiet"
    assert {rung.look.role for rung in ladder(Tunnel.objects.get(pk=first.pk))} == {"quiet"}
    assert turns(second)[-1] == "alone"
    watch.pass_by(7 * 86400)
    NegotiationRun.objects.filter(tunnel=second).update(due_at=None)
    assert ring(watch) == 0


def test_what_is_changed_meanwhile_waits(omar: Actor, watch: Watch) -> None:
    first, _second = pair(omar, watch)
    take_out_of_service(actor=omar, tunnel=first)
    start_negotiation(tunnel=first, because="changed")
    reset(actor=omar, tunnel=first)
    peer_changed(tunnel=first)
    assert run_of(first).due_at is None
    assert run_of(first).out_of_service


def test_back_in_service_it_negotiates_and_carries(omar: Actor, watch: Watch) -> None:
    first, second = pair(omar, watch)
    take_out_of_service(actor=omar, tunnel=first)
    watch.pass_by(3600)
    put_into_service(actor=omar, tunnel=first)
    assert run_of(first).negotiating
    ring(watch)
    ring(watch, 3)
    assert carrying(first, second) == [True, True]
    assert ("started", "in_service") in story(first)
    actions = AuditEvent.objects.filter(target=first.public_id).values_list("action", flat=True)
    assert {"tunnel.take_out_of_service", "tunnel.put_into_service"} <= set(actions)


def test_taking_it_out_twice_or_back_twice_is_once(omar: Actor, watch: Watch) -> None:
    first, _second = pair(omar, watch)
    for _ in range(2):
        take_out_of_service(actor=omar, tunnel=first)
    for _ in range(2):
        put_into_service(actor=omar, tunnel=first)
    assert [kind for kind, _ in story(first)].count("out_of_service") == 1
    assert story(first).count(("started", "in_service")) == 1


def test_a_worker_that_holds_a_drained_tunnel_writes_nothing(omar: Actor, watch: Watch) -> None:
    from tunnels.playing import play

    first, _second = pair(omar, watch)
    late, due = run_of(first), run_of(first).due_at
    take_out_of_service(actor=omar, tunnel=first)
    assert due is not None
    assert not play(late, due)


def test_unbound_it_is_no_longer_out_of_service(omar: Actor, watch: Watch) -> None:
    first, _second = pair(omar, watch)
    take_out_of_service(actor=omar, tunnel=first)
    unbind_tunnel(tunnel=first)
    assert not run_of(first).out_of_service


@pytest.mark.parametrize("prepare", ["down", "drained", "what"])
def test_there_is_nothing_to_rekey_unless_it_is_up(omar: Actor, watch: Watch, prepare: str) -> None:
    first, _second = pair(omar, watch)
    if prepare == "down":
        unbind_tunnel(tunnel=first)
    elif prepare == "drained":
        take_out_of_service(actor=omar, tunnel=first)
    with pytest.raises(Refused) as refused:
        rekey_now(actor=omar, tunnel=first, what="ike" if prepare != "what" else "esp")
    assert [finding.code for finding in refused.value.findings] == ["not_up"]
