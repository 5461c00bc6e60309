"""The phase ladder: which rung is reached, which one stops it and why."""

from typing import Any

import pytest
from tunnel_rows import Watch, ring, started, stop_clock

from accounts.actor import Actor
from ipsec.causes import CauseId
from ipsec.transcript import Phase
from tunnels.ladder import Rung, ladder
from tunnels.looks import look
from tunnels.models import Tunnel
from tunnels.services import start_negotiation

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def rungs_of(tunnel: Tunnel) -> tuple[Rung, ...]:
    return ladder(Tunnel.objects.get(pk=tunnel.pk))


def roles_of(tunnel: Tunnel) -> list[str]:
    return [rung.look.role for rung in rungs_of(tunnel)]


def test_the_rungs_light_up_from_below(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"latency_ms": 500})
    seen = [roles_of(tunnel)]
    for _ in range(12):
        ring(watch, 0.5)
        seen.append(roles_of(tunnel))
    assert list(dict.fromkeys(map(tuple, seen))) == [
        ("busy", "quiet", "quiet", "quiet"),
        ("good", "busy", "quiet", "quiet"),
        ("good", "good", "good", "busy"),
        ("good", "good", "good", "good"),
    ]


@pytest.mark.parametrize(
    ("device", "roles", "cause"),
    [
        ({"powered_on": False}, ["bad", "quiet", "quiet", "quiet"], CauseId.PHASE1_TIMEOUT),
        ({"psk": "x"}, ["good", "bad", "quiet", "quiet"], CauseId.PSK),
        (
            {"child_proposals": [["des", "md5", "disabled"]]},
            ["good", "good", "bad", "quiet"],
            CauseId.ALGORITHM,
        ),
        ({"bgp_asn": 64999}, ["good", "good", "good", "bad"], CauseId.BGP_SESSION_DOWN),
    ],
)
def test_one_rung_stops_and_says_why(
    ana: Actor, watch: Watch, device: dict[str, Any], roles: list[str], cause: CauseId
) -> None:
    tunnel = started(ana, device=device)
    ring(watch)
    ring(watch, 170)
    assert roles_of(tunnel) == roles
    verdicts = [rung.verdict for rung in rungs_of(tunnel) if rung.verdict]
    assert [verdict.cause for verdict in verdicts] == [cause]
    assert all(str(text) for verdict in verdicts for text in (verdict.title, verdict.meaning, verdict.remedy))


def test_a_refusal_shows_both_ends_and_who_decided(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"ike_proposals": [["aes", "sha1", "group14"]]})
    ring(watch)
    ring(watch, 1)
    verdict = rungs_of(tunnel)[1].verdict
    assert verdict is not None
    assert (str(verdict.attribute), verdict.ours, verdict.theirs) == ("DH Group", "group2", "group14")
    assert (str(verdict.decided_by), verdict.notify) == ("The device refused", "NO_PROPOSAL_CHOSEN")
    assert verdict.unseen


def test_offered_and_chosen_stand_beside_the_rung(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana)
    ring(watch)
    ring(watch, 5)
    reach, ike, child, bgp = (
        {str(fact.label): fact.value for fact in rung.facts} for rung in rungs_of(tunnel)
    )
    assert reach["Between"] == f"{tunnel.gateway_address} ⇄ {tunnel.customer_gateway.address}"
    assert (
        ike["Offered by the cloud"] == ike["Chosen"] == "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024"
    )
    assert child["Networks"] == "0.0.0.0/0 ⇄ 0.0.0.0/0"
    assert bgp["AS numbers"] == "45104 ⇄ 65001"


def test_what_comes_up_and_will_fail_later_is_a_warning_now(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"child_proposals": [["aes", "sha1", "group14"]]})
    ring(watch)
    ring(watch, 5)
    child = rungs_of(tunnel)[2]
    assert child.look.role == "warn"
    assert [verdict.cause for verdict in child.later] == [CauseId.PFS]
    assert not child.later[0].decided_by  # nobody has refused anything yet


def test_without_bgp_there_are_three_rungs(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, bgp_enabled=False)
    assert [rung.phase for rung in rungs_of(tunnel)] == [Phase.REACH, Phase.IKE, Phase.CHILD]


def test_nobody_begins_is_no_failure(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, effect_immediately=False)
    assert roles_of(tunnel) == ["quiet"] * 4
    verdict = rungs_of(tunnel)[0].verdict
    assert verdict is not None
    assert verdict.cause == CauseId.NOT_TRIGGERED


def test_a_new_attempt_clears_the_ladder(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"psk": "x"})
    ring(watch)
    ring(watch, 1)
    start_negotiation(tunnel=tunnel, because="reset")
    assert roles_of(tunnel) == ["busy", "quiet", "quiet", "quiet"]
    assert not any(rung.verdict for rung in rungs_of(tunnel))


def test_while_it_tries_again_the_ladder_shows_the_new_attempt(ana: Actor, watch: Watch) -> None:
    tunnel = started(ana, device={"powered_on": False})
    ring(watch)
    ring(watch, 170)
    ring(watch, 40)
    assert roles_of(tunnel)[0] == "busy"
    # The word beside it is still the last verdict's.
    assert look(Tunnel.objects.get(pk=tunnel.pk).run).role == "bad"
