"""What happens to SAs after their set-up: the messages of a rekey, and what each comes to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ipsec import bgp
from ipsec.causes import CauseId
from ipsec.negotiation.attempt import Attempt, begin
from ipsec.negotiation.carried import carried
from ipsec.negotiation.exchanges import rekey_messages
from ipsec.negotiation.grammar import Role
from ipsec.negotiation.timing import RETRANSMIT_AT_MS
from ipsec.negotiation.verdict import judge, outcome, rekey_succeeds
from ipsec.scenario import ForcedRekey, Scenario
from ipsec.transcript import Phase, Refusal, Side, Step, StepKind

PHASES: Mapping[str, Phase] = {"ike": Phase.IKE, "child": Phase.CHILD}


class LifeKind(StrEnum):
    """What set-up transcripts do not have."""

    REKEYED = "rekeyed"
    REKEY_REFUSED = "rekey_refused"
    """The old SA stays until its lifetime ends."""
    CHILD_DOWN = "child_down"
    BGP_DOWN = "bgp_down"
    SILENT = "silent"
    """The other end has stopped answering; nobody has noticed yet who could say so."""
    ANSWERS = "answers"
    CARRIES = "carries"
    CARRIES_NOT = "carries_not"


@dataclass(frozen=True, slots=True)
class Happening:
    """A `Step` with a date. `kind` is one of `StepKind` or `LifeKind`."""

    at: datetime
    kind: StepKind | LifeKind
    phase: Phase
    sender: Side = Side.CLOUD
    message: str = ""
    payloads: tuple[str, ...] = ()
    detail: Mapping[str, str | int] = field(default_factory=dict)
    refusal: Refusal | None = None


def dated(step: Step, start: datetime) -> Happening:
    """A step of a transcript that began at `start`."""
    at = start + timedelta(milliseconds=step.at_ms)
    return Happening(
        at, step.kind, step.phase, step.sender, step.message, step.payloads, step.detail, step.refusal
    )


# Rekeys


def passes(scenario: Scenario, by: Side, what: str) -> bool:
    """Whether a rekey of `what` ("ike" or "child") asked for by `by` comes through, as the ends are now."""
    return rekey_succeeds(begin(scenario, by), ForcedRekey(by, what))


def creates_child(scenario: Scenario, by: Side) -> bool:
    """Whether a new child SA comes up under the IKE SA that is there: here the networks count as well."""
    attempt = begin(scenario, by)
    return passes(scenario, by, "child") and bool(attempt.agreed_local and attempt.agreed_remote)


def conversation(
    scenario: Scenario, by: Side, what: str, at: datetime, *, ok: bool, **detail: str | int
) -> list[Happening]:
    """The messages of a rekey or of a new child SA; a refused one ends with the notify."""
    attempt = begin(scenario, by)
    said: list[Happening] = []
    messages = rekey_messages(attempt, what)
    for message in messages if ok else messages[:1]:
        sender = by if message.sender is Role.INITIATOR else by.other
        carries = {**carried(attempt, message.content), **detail}
        said.append(_said(at, message.phase, sender, message.name, message.payloads(attempt), detail=carries))
        at += timedelta(milliseconds=scenario.path.latency_ms)
    if not ok:
        said.append(_turned_down(attempt, at, PHASES[what], detail))
    return said


def _said(
    at: datetime,
    phase: Phase,
    sender: Side,
    name: str,
    payloads: tuple[str, ...] = (),
    *,
    detail: Mapping[str, str | int] | None = None,
) -> Happening:
    return Happening(at, StepKind.MESSAGE, phase, sender, name, payloads, detail or {})


def _turned_down(attempt: Attempt, at: datetime, phase: Phase, detail: Mapping[str, str | int]) -> Happening:
    notify = "NO_PROPOSAL_CHOSEN"
    name = "CREATE_CHILD_SA response" if attempt.is_v2 else "INFORMATIONAL"
    refused = {**detail, "notify": notify}
    return _said(at, phase, attempt.side.other, name, (f"N({notify})",), detail=refused)


def deletion(at: datetime, phase: Phase, sender: Side) -> Happening:
    return _said(at, phase, sender, "INFORMATIONAL request", ("D",), detail={"notify": "DELETE"})


def unanswered(scenario: Scenario, by: Side, what: str, sent: datetime) -> Iterator[Happening]:
    """The request of a rekey and its retransmits, which nobody hears."""
    message = rekey_messages(begin(scenario, by), what)[0]
    yield _said(sent, PHASES[what], by, message.name)
    for count, milliseconds in enumerate(RETRANSMIT_AT_MS[:-1], start=1):
        at = sent + timedelta(milliseconds=milliseconds)
        tried = {"try": count}
        yield Happening(at, StepKind.RETRANSMIT, PHASES[what], by, message.name, detail=tried)


def why_refused(scenario: Scenario, by: Side, what: str) -> Refusal:
    """What stands between the ends in the phase that was to be done again."""
    told = outcome(judge(scenario))
    phase = PHASES[what]
    known: tuple[Refusal | None, ...] = (*told.later, told.refusal, *told.further)
    for refusal in filter(None, known):
        if refusal.phase is phase and refusal.cause != CauseId.NAT_TRAVERSAL:
            return replace(refusal, decided_by=by.other)
    message = rekey_messages(begin(scenario, by), what)[0].name
    return Refusal(CauseId.ALGORITHM, phase, message, decided_by=by.other, notify="NO_PROPOSAL_CHOSEN")


def silence(cause: CauseId, message: str = "") -> Refusal:
    """The verdict on an end that does not answer any more."""
    return Refusal(cause, Phase.IKE, message, decided_by=Side.CLOUD, seen_by_cloud=True)


# BGP


def bgp_refusal(scenario: Scenario, *, esp_passes: bool = True) -> Refusal | None:
    """What keeps the session down as the ends are now; None where it comes up, or nobody wants one."""
    verdict = judge(scenario)
    if verdict.session is not None and not esp_passes:
        return Refusal(CauseId.BGP_SESSION_DOWN, Phase.BGP, "TCP SYN", "path.esp_open", seen_by_cloud=False)
    return next(iter(verdict.session_refusals), None)


def bgp_opening(scenario: Scenario, at: datetime, refusal: Refusal | None) -> list[Happening]:
    """The session from its first SYN to its end. A SYN that nobody answers is told of once."""
    session = judge(scenario).session
    if session is None:
        return []
    told = bgp.steps(session, refusal, start_ms=0, latency_ms=scenario.path.latency_ms)
    return [dated(step, at) for step in told if step.kind is not StepKind.RETRANSMIT]


def bgp_closing(at: datetime, refusal: Refusal) -> list[Happening]:
    said = _said(at, Phase.BGP, Side.PEER, "BGP NOTIFICATION", ("N(Cease)",))
    return [said, Happening(at, LifeKind.BGP_DOWN, Phase.BGP, refusal=refusal)]


def held_too_long(at: datetime) -> Happening:
    """RFC 4271, 6.5: no KEEPALIVE within the hold time."""
    refusal = Refusal(
        CauseId.BGP_SESSION_DOWN, Phase.BGP, "BGP KEEPALIVE", "bgp.hold_time", seen_by_cloud=True
    )
    refusal = replace(refusal, decided_by=Side.CLOUD, notify="Hold Timer Expired")
    return Happening(at, LifeKind.BGP_DOWN, Phase.BGP, message="BGP KEEPALIVE", refusal=refusal)


def bgp_state(message: str, kind: str, sender: str) -> str:
    """Where RFC 4271's machine stands at the cloud once this was said; empty where it says nothing of it."""
    if kind == StepKind.BGP_UP:
        return "Established"
    if kind in (StepKind.REFUSED, LifeKind.BGP_DOWN) or message in _CLOSES:
        return "Idle"
    return _BGP_STATES.get((message, sender), "")


_CLOSES = ("BGP NOTIFICATION", bgp.CONNECTION_REFUSED)
_BGP_STATES: Mapping[tuple[str, str], str] = {
    ("TCP SYN", Side.CLOUD): "Connect",
    ("BGP OPEN", Side.CLOUD): "OpenSent",
    ("BGP OPEN", Side.PEER): "OpenConfirm",
}
