"""The ladder: messages in the order of the wire, in real time, with what they carry."""

from dataclasses import replace

import pytest
from ends import EXCHANGES, SIDES, matched, with_cloud, with_peer

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.negotiation import (
    TOPOLOGIES,
    ChildProposal,
    ForcedRekey,
    IkeProposal,
    Path,
    Scenario,
    negotiate,
)
from ipsec.spec import ChildSpec, IkeSpec
from ipsec.transcript import Phase, Side, Step, StepKind, Transcript

V1, V2 = IkeVersion.IKEV1, IkeVersion.IKEV2
MAIN, AGGRESSIVE = IkeMode.MAIN, IkeMode.AGGRESSIVE


def messages(told: Transcript) -> list[str]:
    """Each message with an arrow: > from the initiator, < from the responder."""
    first = told.steps[0].sender
    said = [step for step in told.steps if step.kind is StepKind.MESSAGE]
    return [f"{'>' if step.sender is first else '<'} {step.message}" for step in said]


def step(told: Transcript, message: str, kind: StepKind = StepKind.MESSAGE) -> Step:
    return next(each for each in told.steps if each.kind is kind and each.message == message)


INIT = ["> IKE_SA_INIT request", "< IKE_SA_INIT response"]
QUICK_MODE = ["> QUICK_MODE.1", "< QUICK_MODE.2", "> QUICK_MODE.3"]
WHOLE = {
    (V2, MAIN): [*INIT, "> IKE_AUTH request", "< IKE_AUTH response"],
    (V1, MAIN): [f"{'<>'[n % 2]} MAIN_MODE.{n}" for n in range(1, 7)] + QUICK_MODE,
    (V1, AGGRESSIVE): [f"{'<>'[n % 2]} AGGRESSIVE.{n}" for n in range(1, 4)] + QUICK_MODE,
}


@pytest.mark.parametrize("by", SIDES)
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_set_up_says_all_messages_in_order(exchange: tuple[IkeVersion, IkeMode], by: Side) -> None:
    told = negotiate(matched(*exchange, by=by))
    assert messages(told) == WHOLE[exchange]
    assert told.steps[0].sender is by
    assert [each.kind for each in told.steps if each.kind.value.endswith("up")] == [
        StepKind.IKE_UP,
        StepKind.CHILD_UP,
    ]


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_the_phases_are_climbed_in_order(exchange: tuple[IkeVersion, IkeMode]) -> None:
    told = negotiate(matched(*exchange))
    assert told.steps[0].phase is Phase.REACH
    assert {each.phase for each in told.steps[1:]} == {Phase.IKE, Phase.CHILD}
    assert told.steps[-1].phase is Phase.CHILD


def test_messages_carry_what_is_offered_and_chosen() -> None:
    told = negotiate(matched(child=ChildSpec(pfs=Pfs.GROUP5)))
    ike = "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024"
    assert step(told, "IKE_SA_INIT request").detail["proposal"] == ike
    assert told.ike_proposal == ike
    answer = step(told, "IKE_AUTH response").detail
    assert answer["proposal"] == "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ"
    assert (answer["local_ts"], answer["remote_ts"]) == ("10.1.0.0/16", "192.168.0.0/16")


def test_selectors_are_told_in_the_gateways_view_whoever_asks() -> None:
    asked = step(negotiate(matched(by=Side.PEER)), "IKE_AUTH request").detail
    assert (asked["local_ts"], asked["remote_ts"]) == ("10.1.0.0/16", "192.168.0.0/16")


def test_ikev2_names_the_responder_it_wants_only_if_it_wants_a_certain_one() -> None:
    assert "IDr" in step(negotiate(matched()), "IKE_AUTH request").payloads
    anyone = negotiate(with_cloud(matched(), remote_id="%any"))
    assert "IDr" not in step(anyone, "IKE_AUTH request").payloads


@pytest.mark.parametrize(("pfs", "carried"), [(Pfs.GROUP2, True), (Pfs.DISABLED, False)])
def test_quick_mode_has_a_key_exchange_only_with_pfs(pfs: Pfs, carried: bool) -> None:
    told = negotiate(matched(V1, child=ChildSpec(pfs=pfs)))
    assert ("KE" in step(told, "QUICK_MODE.1").payloads) is carried


def test_a_wrong_guess_of_the_group_costs_one_more_round() -> None:
    first = IkeProposal(Encryption.AES256, Integrity.SHA256, DhGroup.GROUP2)
    second = IkeProposal(Encryption.AES256, Integrity.SHA256, DhGroup.GROUP14)
    scenario = with_peer(with_cloud(matched(), ike_proposals=(first, second)), ike_proposals=(second,))
    told = negotiate(scenario)
    assert messages(told)[:3] == [
        "> IKE_SA_INIT request",
        "< IKE_SA_INIT response",
        "> IKE_SA_INIT request",
    ]
    assert told.steps[1].payloads == ("N(INVALID_KE_PAYLOAD)",)
    assert told.child_established


# Refusals


def test_a_refused_proposal_is_one_message_and_a_notify() -> None:
    wrong = IkeProposal(Encryption.DES, Integrity.SHA1, DhGroup.GROUP2)
    told = negotiate(with_peer(matched(), ike_proposals=(wrong,)))
    assert messages(told) == ["> IKE_SA_INIT request", "< IKE_SA_INIT response"]
    assert told.steps[1].payloads == ("N(NO_PROPOSAL_CHOSEN)",)
    assert told.steps[-1].refusal == told.refusal
    assert told.duration_ms < 100


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_failed_phase_2_leaves_phase_1_up(exchange: tuple[IkeVersion, IkeMode]) -> None:
    wrong = ChildProposal(Encryption.DES, Integrity.SHA1, Pfs.GROUP2)
    told = negotiate(with_peer(matched(*exchange), esp_proposals=(wrong,)))
    kinds = [each.kind for each in told.steps]
    assert kinds.count(StepKind.IKE_UP) == 1
    assert StepKind.CHILD_UP not in kinds
    assert told.steps[-1].phase is Phase.CHILD
    assert told.steps[-1].kind is StepKind.REFUSED


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_an_initiator_that_drops_the_child_has_phase_1_up_by_then(
    exchange: tuple[IkeVersion, IkeMode],
) -> None:
    strict = with_cloud(matched(*exchange), strict_selectors=True)
    told = negotiate(with_peer(strict, remote_networks=("10.1.4.0/24",)))
    kinds = [each.kind for each in told.steps]
    assert kinds.index(StepKind.IKE_UP) < len(kinds) - 2
    assert told.steps[-2].sender is Side.CLOUD


def test_main_mode_with_another_key_is_answered_by_what_nobody_can_read() -> None:
    told = negotiate(with_peer(matched(V1), psk="Beatles-1966"))
    assert messages(told)[-2:] == ["> MAIN_MODE.5", "< INFORMATIONAL"]
    repeated = [each for each in told.steps if each.kind is StepKind.RETRANSMIT]
    assert [each.detail["try"] for each in repeated] == [1, 2, 3, 4, 5]
    since = [each.at_ms - step(told, "MAIN_MODE.5").at_ms for each in repeated]
    assert since == pytest.approx([4000, 11200, 24160, 47488, 89478], abs=1)
    assert told.duration_ms == pytest.approx(165_060, abs=100)


@pytest.mark.parametrize(
    ("version", "mode", "last"),
    [
        (V1, MAIN, ("INFORMATIONAL", ("HASH", "D"))),
        (V1, AGGRESSIVE, ("INFORMATIONAL", ("N(INVALID_ID_INFORMATION)",))),
        (V2, MAIN, ("IKE_AUTH response", ("N(AUTHENTICATION_FAILED)",))),
    ],
)
def test_how_an_identity_is_turned_down(
    version: IkeVersion, mode: IkeMode, last: tuple[str, tuple[str, ...]]
) -> None:
    told = negotiate(with_peer(matched(version, mode), local_id="branch.example.com"))
    said = [each for each in told.steps if each.kind is StepKind.MESSAGE][-1]
    assert (said.message, said.payloads) == last


def test_an_ikev2_initiator_that_asked_for_nobody_turns_a_stranger_down_itself() -> None:
    scenario = with_cloud(matched(), remote_id="*.example.com")
    told = negotiate(with_peer(scenario, local_id="branch.example.org"))
    assert messages(told)[-2:] == ["< IKE_AUTH response", "> INFORMATIONAL request"]
    assert told.initiator_error == "LOCAL_REJECT:IDir_MISMATCH"
    assert not told.ike_established


# Time


def test_time_grows_with_distance_and_with_the_group() -> None:
    def duration(group: DhGroup, latency_ms: int) -> int:
        return negotiate(matched(ike=IkeSpec(dh_group=group), path=Path(latency_ms=latency_ms))).duration_ms

    near, far = duration(DhGroup.GROUP2, 1), duration(DhGroup.GROUP2, 101)
    assert far - near == pytest.approx(400, abs=1)
    assert duration(DhGroup.GROUP14, 1) > near


def test_quick_mode_overtakes_in_about_one_of_seven_aggressive_set_ups() -> None:
    told = [negotiate(matched(V1, AGGRESSIVE, seed=seed)) for seed in range(400)]
    late = [each for each in told if any(step.kind is StepKind.RETRANSMIT for step in each.steps)]
    assert 30 <= len(late) <= 85
    assert all(each.child_established and each.duration_ms > 4000 for each in late)


def test_loss_costs_retransmits_and_nothing_else() -> None:
    path = Path(loss_percent=60)
    told = [negotiate(matched(path=path, seed=seed)) for seed in range(20)]
    assert all(each.child_established for each in told)
    assert any(step.kind is StepKind.RETRANSMIT for each in told for step in each.steps)


def test_ike_moves_to_port_4500_once_a_nat_is_seen() -> None:
    told = negotiate(matched(by=Side.PEER, path=TOPOLOGIES["masq"]))
    ports = [each.detail["port"] for each in told.steps if each.kind is StepKind.MESSAGE]
    assert ports == [500, 500, 4500, 4500]
    plain = negotiate(matched())
    assert {each.detail["port"] for each in plain.steps if each.kind is StepKind.MESSAGE} == {500}


# Rekeys


def rekeyed(scenario: Scenario, by: Side, what: str) -> Transcript:
    return negotiate(replace(scenario, rekeys=(ForcedRekey(by, what),)))


@pytest.mark.parametrize(
    ("exchange", "what", "said"),
    [
        ((V2, MAIN), "child", ["< CREATE_CHILD_SA request", "> CREATE_CHILD_SA response"]),
        ((V2, MAIN), "ike", ["< CREATE_CHILD_SA request", "> CREATE_CHILD_SA response"]),
        ((V1, MAIN), "child", ["< QUICK_MODE.1", "> QUICK_MODE.2", "< QUICK_MODE.3"]),
        ((V1, MAIN), "ike", [f"{'><'[n % 2]} MAIN_MODE.{n}" for n in range(1, 7)]),
    ],
)
def test_a_rekey_goes_over_the_wire_from_the_end_that_asks(
    exchange: tuple[IkeVersion, IkeMode], what: str, said: list[str]
) -> None:
    told = rekeyed(matched(*exchange), Side.PEER, what)
    assert messages(told)[len(WHOLE[exchange]) :] == said
    again = [each for each in told.steps if each.detail.get("rekey") == what]
    assert len(again) == len(said)
    assert again[0].sender is Side.PEER
    assert Phase.REACH not in {each.phase for each in again}


def test_what_the_nat_let_through_once_is_still_open_for_a_rekey() -> None:
    scenario = matched(V1, by=Side.PEER, path=TOPOLOGIES["masq"])
    told = rekeyed(scenario, Side.CLOUD, "ike")
    assert [rekey.ok for rekey in told.rekeys] == [True]


def test_a_refused_rekey_leaves_the_tunnel_up() -> None:
    other = (ChildProposal(Encryption.AES128, Integrity.SHA1, Pfs.GROUP14),)
    told = rekeyed(with_peer(matched(), esp_proposals=other), Side.CLOUD, "child")
    assert told.child_established
    assert [rekey.ok for rekey in told.rekeys] == [False]
    assert told.steps[-1].payloads == ("N(NO_PROPOSAL_CHOSEN)",)
    assert StepKind.REFUSED not in {each.kind for each in told.steps}
    assert "MODP_1024" in str(step(told, "CREATE_CHILD_SA request").detail["proposal"])
