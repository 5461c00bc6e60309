"""Laws of the negotiation that hold for every pair of ends."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ends import BGP_KEY, EXCHANGES, PSK, SIDES, matched
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.causes import CauseId
from ipsec.negotiation import (
    ChildProposal,
    Endpoint,
    ForcedRekey,
    IkeProposal,
    Path,
    Scenario,
    negotiate,
    verdict,
)
from ipsec.spec import ChildSpec, IkeSpec
from ipsec.transcript import Refusal, Side, Transcript

FEW = settings(max_examples=80, deadline=None)
OTHER_KEY = "Beatles-1966"
ELSEWHERE = "172.31.0.0/16"
STRANGER = "intruder.example.org"
LOCAL = ("10.1.0.0/16", "10.2.0.0/16")
REMOTE = ("192.168.0.0/16", "172.16.4.0/24")
IDENTITIES = ("", "192.0.2.7", "gateway.example.com", "branch-1")


@st.composite
def scenarios(draw: st.DrawFn, *, policy: bool | None = None) -> Scenario:
    """Ends that agree, in every exchange and begun by either."""
    version, mode = draw(st.sampled_from(EXCHANGES))
    networks = 1 + draw(st.integers(0, int(version is IkeVersion.IKEV2)))
    routed = draw(st.booleans()) if policy is None else not policy
    ike = IkeSpec(
        encryption=draw(st.sampled_from(Encryption)),
        integrity=draw(st.sampled_from(Integrity)),
        dh_group=draw(st.sampled_from(DhGroup)),
        lifetime=draw(st.integers(0, 86400)),
        local_id=draw(st.sampled_from(IDENTITIES)),
        remote_id=draw(st.sampled_from(IDENTITIES)),
    )
    child = ChildSpec(
        encryption=draw(st.sampled_from(Encryption)),
        integrity=draw(st.sampled_from(Integrity)),
        pfs=draw(st.sampled_from(Pfs)),
        lifetime=draw(st.integers(0, 86400)),
    )
    return matched(
        version,
        mode,
        by=draw(st.sampled_from(SIDES)),
        local=() if routed else LOCAL[:networks],
        remote=() if routed else REMOTE[:networks],
        ike=ike,
        child=child,
        bgp=routed and draw(st.booleans()),
        seed=draw(st.integers(0, 10**6)),
    )


def is_v2(scenario: Scenario) -> bool:
    return scenario.cloud.ike_versions == (IkeVersion.IKEV2,)


# Ends that agree


@FEW
@given(scenarios())
def test_a_device_that_mirrors_the_gateway_always_comes_up(scenario: Scenario) -> None:
    told = negotiate(scenario)
    assert told.ike_established
    assert told.child_established
    assert told.bgp_established is (None if scenario.cloud.bgp is None else True)
    assert (told.refusal, told.further, told.later, told.assumed) == (None, (), (), ())


@FEW
@given(scenarios(), st.sampled_from(SIDES), st.sampled_from(["child", "ike"]))
def test_what_agrees_can_be_rekeyed_by_either_end(scenario: Scenario, by: Side, what: str) -> None:
    told = negotiate(replace(scenario, rekeys=(ForcedRekey(by, what),)))
    assert [rekey.ok for rekey in told.rekeys] == [True]


@FEW
@given(scenarios(), st.integers(0, 86400), st.integers(0, 86400), st.booleans(), st.booleans())
def test_what_each_end_keeps_to_itself_is_never_a_cause(
    scenario: Scenario, ike_lifetime: int, child_lifetime: int, dpd: bool, nat_traversal: bool
) -> None:
    """Lifetimes, DPD, NAT traversal without a NAT, and under IKEv2 the mode."""
    peer = replace(
        scenario.peer,
        ike_lifetime=ike_lifetime,
        child_lifetime=child_lifetime,
        dpd=dpd,
        nat_traversal=nat_traversal,
        ike_mode=IkeMode.AGGRESSIVE if is_v2(scenario) else scenario.peer.ike_mode,
    )
    told = negotiate(replace(scenario, peer=peer))
    assert told.child_established
    assert (told.refusal, told.further, told.later) == (None, (), ())


# One value wrong


@dataclass(frozen=True)
class Field:
    """A value that two ends have to agree on: where each has it, how to spoil it, how it reads."""

    attribute: str
    cause: CauseId
    cloud_has: str
    peer_has: str
    spoil: Callable[[Any], Any]
    text: Callable[[Any], str]


def _another(value: Any, members: type[StrEnum]) -> Any:
    return next(member for member in members if member is not value)


def _in_proposal(attribute: str, cause: CauseId, where: str, position: int, members: type[StrEnum]) -> Field:
    made: Callable[..., Any] = IkeProposal if where == "ike_proposals" else ChildProposal

    def spoil(proposals: Any) -> Any:
        values = list(proposals[0])
        values[position] = _another(values[position], members)
        return (made(*values),)

    return Field(attribute, cause, where, where, spoil, lambda held: str(held[0][position].value))


def _version(_held: Any) -> Any:
    now = _held[0]
    return (_another(now, IkeVersion),)


VERSION = Field(
    "ike.version", CauseId.IKE_VERSION, "ike_versions", "ike_versions", _version, lambda held: held[0].value
)
MODE = Field(
    "ike.mode",
    CauseId.MODE,
    "ike_mode",
    "ike_mode",
    lambda held: _another(held, IkeMode),
    lambda held: str(held.value),
)
PFS = _in_proposal("child.pfs", CauseId.PFS, "esp_proposals", 2, Pfs)
FATAL = (
    VERSION,
    MODE,
    PFS,
    _in_proposal("ike.encryption", CauseId.ENCRYPTION, "ike_proposals", 0, Encryption),
    _in_proposal("ike.integrity", CauseId.AUTHENTICATION, "ike_proposals", 1, Integrity),
    _in_proposal("ike.dh_group", CauseId.DH_GROUP, "ike_proposals", 2, DhGroup),
    _in_proposal("child.encryption", CauseId.ENCRYPTION, "esp_proposals", 0, Encryption),
    _in_proposal("child.integrity", CauseId.AUTHENTICATION, "esp_proposals", 1, Integrity),
    Field("ike.psk", CauseId.PSK, "psk", "psk", lambda _held: OTHER_KEY, lambda _held: ""),
    Field("ike.local_id", CauseId.LOCAL_ID, "local_id", "remote_id", lambda _held: STRANGER, str),
    Field("ike.remote_id", CauseId.PEER_ID, "remote_id", "local_id", lambda _held: STRANGER, str),
    Field(
        "local_networks",
        CauseId.TRAFFIC_SELECTOR,
        "local_networks",
        "remote_networks",
        lambda _held: (ELSEWHERE,),
        ", ".join,
    ),
    Field(
        "remote_networks",
        CauseId.TRAFFIC_SELECTOR,
        "remote_networks",
        "local_networks",
        lambda _held: (ELSEWHERE,),
        ", ".join,
    ),
)


def spoiled(scenario: Scenario, field: Field, side: Side) -> Scenario:
    end = scenario.end(side)
    name = field.cloud_has if side is Side.CLOUD else field.peer_has
    changed = replace(end, **{name: field.spoil(getattr(end, name))})
    return replace(scenario, cloud=changed) if side is Side.CLOUD else replace(scenario, peer=changed)


def values(scenario: Scenario, field: Field) -> tuple[str, str]:
    return (
        field.text(getattr(scenario.cloud, field.cloud_has)),
        field.text(getattr(scenario.peer, field.peer_has)),
    )


@FEW
@given(scenarios(policy=True), st.sampled_from(FATAL), st.sampled_from(SIDES))
def test_one_wrong_value_is_named_with_both_readings(scenario: Scenario, field: Field, side: Side) -> None:
    assume(not (is_v2(scenario) and field in (MODE, PFS)))
    wrong = spoiled(scenario, field, side)
    told = negotiate(wrong)
    assert told.refusal is not None
    assert not told.child_established
    assert (told.refusal.cause, told.refusal.attribute) == (field.cause, field.attribute)
    assert (told.refusal.ours, told.refusal.theirs) == values(wrong, field)
    assert told.further == ()
    assert told.later == ()


@FEW
@given(scenarios(policy=True), st.sampled_from(FATAL), st.sampled_from(FATAL))
def test_mending_what_is_named_one_after_the_other_brings_the_tunnel_up(
    scenario: Scenario, first: Field, second: Field
) -> None:
    """Whoever follows the page arrives: each verdict names one field to mend, `further` the rest."""
    wrong = spoiled(spoiled(scenario, first, Side.PEER), second, Side.PEER)
    for _attempt in range(6):
        told = verdict(wrong)
        if told.refusal is None:
            break
        wrong = mended(wrong, scenario, told.refusal.attribute)
    assert verdict(wrong).child_established


def mended(wrong: Scenario, right: Scenario, attribute: str) -> Scenario:
    """The peer's value set right; whole suites where a section is named."""
    names = [f.peer_has for f in FATAL if f.attribute == attribute or f.attribute.startswith(f"{attribute}.")]
    assert names, attribute
    return replace(wrong, peer=replace(wrong.peer, **{name: getattr(right.peer, name) for name in names}))


@FEW
@given(scenarios(), st.sampled_from(SIDES))
def test_under_ikev2_another_pfs_group_comes_up_and_fails_at_the_rekey(scenario: Scenario, by: Side) -> None:
    assume(is_v2(scenario))
    wrong = replace(spoiled(scenario, PFS, Side.PEER), rekeys=(ForcedRekey(by, "child"),))
    told = negotiate(wrong)
    assert told.child_established
    assert [rekey.ok for rekey in told.rekeys] == [False]
    [later] = told.later
    assert (later.cause, later.attribute) == (CauseId.PFS, "child.pfs")
    assert (later.ours, later.theirs) == values(wrong, PFS)


# Secrets, sameness, symmetry


@st.composite
def troubled(draw: st.DrawFn) -> Scenario:
    """Any pair: up to three values wrong, any path."""
    scenario = draw(scenarios())
    for field in draw(st.lists(st.sampled_from(FATAL), max_size=3)):
        scenario = spoiled(scenario, field, draw(st.sampled_from(SIDES)))
    path = Path(
        behind_nat=draw(st.booleans()),
        forwards_500=draw(st.booleans()),
        forwards_4500=draw(st.booleans()),
        udp500_open=draw(st.integers(0, 9)) > 0,
        udp4500_open=draw(st.booleans()),
        latency_ms=draw(st.integers(0, 400)),
        loss_percent=draw(st.sampled_from([0, 0, 20, 100])),
    )
    rekeys = draw(
        st.lists(
            st.builds(ForcedRekey, st.sampled_from(SIDES), st.sampled_from(["child", "ike"])), max_size=2
        )
    )
    return replace(scenario, path=path, rekeys=tuple(rekeys))


@FEW
@given(troubled())
def test_no_key_is_ever_told(scenario: Scenario) -> None:
    told = repr(negotiate(scenario)) + repr(scenario)
    assert not [key for key in (PSK, OTHER_KEY, BGP_KEY) if key in told]


@FEW
@given(troubled())
def test_equal_questions_have_equal_answers(scenario: Scenario) -> None:
    told = negotiate(scenario)
    assert told == negotiate(replace(scenario))
    assert verdict(scenario) == replace(told, steps=(), duration_ms=0)


@FEW
@given(troubled(), st.integers(0, 10**6))
def test_the_seed_moves_nothing_but_the_timing(scenario: Scenario, seed: int) -> None:
    assert verdict(replace(scenario, seed=seed)) == verdict(scenario)


@FEW
@given(troubled())
def test_time_never_runs_backwards_and_the_last_step_is_the_end(scenario: Scenario) -> None:
    told = negotiate(scenario)
    times = [step.at_ms for step in told.steps]
    assert times == sorted(times)
    assert told.duration_ms == times[-1]


TURNED = {
    CauseId.PEER_ID: CauseId.LOCAL_ID,
    CauseId.LOCAL_ID: CauseId.PEER_ID,
    "ike.local_id": "ike.remote_id",
    "ike.remote_id": "ike.local_id",
    "local_networks": "remote_networks",
    "remote_networks": "local_networks",
    "effect_immediately": "device.initiates",
}


def turned_round(refusal: Refusal) -> tuple[object, ...]:
    return (
        TURNED.get(refusal.cause, refusal.cause),
        TURNED.get(refusal.attribute, refusal.attribute),
        refusal.phase,
        refusal.message,
        refusal.theirs,
        refusal.ours,
        refusal.decided_by.other,
        refusal.notify,
    )


def as_told(refusal: Refusal) -> tuple[object, ...]:
    return (
        refusal.cause,
        refusal.attribute,
        refusal.phase,
        refusal.message,
        refusal.ours,
        refusal.theirs,
        refusal.decided_by,
        refusal.notify,
    )


def _ends_of(told: Transcript) -> tuple[object, ...]:
    return (told.ike_established, told.child_established, told.initiator_error, told.failed_at)


@FEW
@given(troubled())
def test_the_two_ends_are_equal_before_the_law(scenario: Scenario) -> None:
    """Cloud and peer changing places change nothing but who is called ours and theirs."""
    scenario = _without_bgp(replace(scenario, path=Path()))
    assume(scenario.cloud.ike_versions == scenario.peer.ike_versions)
    told = verdict(scenario)
    other = verdict(
        replace(
            scenario,
            cloud=scenario.peer,
            peer=scenario.cloud,
            initiator=scenario.initiator.other,
            rekeys=tuple(ForcedRekey(each.by.other, each.what) for each in scenario.rekeys),
        )
    )
    assert _ends_of(told) == _ends_of(other)
    assert (told.local_ts, told.remote_ts) == (other.remote_ts, other.local_ts)
    assert [rekey.ok for rekey in told.rekeys] == [rekey.ok for rekey in other.rekeys]
    found = [each for each in (told.refusal, *told.further) if each]
    mirrored = [each for each in (other.refusal, *other.further) if each]
    assert [as_told(each) for each in found] == [turned_round(each) for each in mirrored]


def _without_bgp(scenario: Scenario) -> Scenario:
    def bare(end: Endpoint) -> Endpoint:
        return replace(end, bgp=None)

    return replace(scenario, cloud=bare(scenario.cloud), peer=bare(scenario.peer))
