"""The verdict on a scenario: how far it comes, what stops it, and what would stop it next."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ipsec import bgp
from ipsec.causes import CauseId
from ipsec.negotiation import checks
from ipsec.negotiation.attempt import Attempt, begin
from ipsec.negotiation.checks import Difference
from ipsec.negotiation.exchanges import NO_PROPOSAL, exchange_of
from ipsec.negotiation.grammar import Exchange, Role, Rung
from ipsec.negotiation.proposals import esp_name, ike_name, pfs_apart
from ipsec.scenario import ForcedRekey, Scenario
from ipsec.transcript import Phase, Refusal, Rekey, Side, Transcript


@dataclass(frozen=True, slots=True)
class Failure:
    """A rung that isn't climbed. `side` began the attempt."""

    rung: Rung
    difference: Difference
    side: Side

    def refusal(self) -> Refusal:
        rung = self.rung
        cloud_is = Role.INITIATOR if self.side is Side.CLOUD else Role.RESPONDER
        return Refusal(
            cause=self.difference.cause,
            phase=rung.phase,
            message=rung.message,
            attribute=self.difference.attribute,
            ours=self.difference.ours,
            theirs=self.difference.theirs,
            decided_by=self.side if rung.decided_by is Role.INITIATOR else self.side.other,
            notify=rung.notify,
            seen_by_cloud=cloud_is in rung.known_to,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `ladder` needs to tell the story: the attempt, its exchange, where it ends."""

    attempt: Attempt
    exchange: Exchange
    failures: tuple[Failure, ...]
    session: bgp.Session | None
    session_refusals: tuple[Refusal, ...]

    @property
    def failure(self) -> Failure | None:
        return self.failures[0] if self.failures else None

    @property
    def ike_agreed(self) -> bool:
        """The responder has chosen a phase-1 proposal, whatever comes after."""
        rung = self.failure.rung if self.failure else None
        return rung is None or not _before_choice(rung)

    @property
    def ike_established(self) -> bool:
        return self.failure is None or self.failure.rung.phase is Phase.CHILD


def _before_choice(rung: Rung) -> bool:
    return rung.phase is Phase.REACH or (rung.phase is Phase.IKE and rung.error == NO_PROPOSAL)


def judge(scenario: Scenario) -> Verdict:
    attempt = begin(scenario, scenario.initiator)
    failures = tuple(_failures(attempt))
    session = _bgp_session(attempt)
    refusals = tuple(bgp.refusals(session)) if session else ()
    return Verdict(attempt, exchange_of(attempt), failures, session, refusals)


def _failures(attempt: Attempt) -> Iterator[Failure]:
    """All of them in order. Beyond a version mismatch the ends are looked at as if both spoke the cloud's;
    beyond a device that isn't set up there is nothing to look at."""
    for failure in _failing(attempt, exchange_of(attempt).reach):
        yield failure
        if failure.difference.cause is CauseId.PEER_NOT_CONFIGURED:
            return
    mended = attempt
    if attempt.version not in attempt.responder.ike_versions:
        mended = replace(attempt, version=attempt.scenario.cloud.begins_with)
    yield from _failing(mended, exchange_of(mended).rungs)


def _failing(attempt: Attempt, rungs: tuple[Rung, ...]) -> Iterator[Failure]:
    for rung in rungs:
        difference = rung.check(attempt)
        if difference is not None:
            yield Failure(rung, difference, attempt.side)


def _bgp_session(attempt: Attempt) -> bgp.Session | None:
    cloud = attempt.scenario.cloud.bgp
    if cloud is None:
        return None
    local, remote = attempt.child_selectors
    return bgp.Session(cloud, attempt.scenario.peer.bgp, local, remote, attempt.data_passes)


def outcome(verdict: Verdict) -> Transcript:
    """The verdict as a transcript without its steps."""
    attempt, failure = verdict.attempt, verdict.failure
    refusals = (*(each.refusal() for each in verdict.failures), *verdict.session_refusals)
    up = failure is None
    local_ts, remote_ts = attempt.child_selectors if up else ((), ())
    return Transcript(
        steps=(),
        ike_established=verdict.ike_established,
        child_established=up,
        bgp_established=None if verdict.session is None else not refusals,
        ike_proposal=_ike_proposal(verdict),
        child_proposal=_child_proposal(attempt) if up else None,
        local_ts=local_ts,
        remote_ts=remote_ts,
        initiator_error=failure.rung.error if failure else None,
        failed_at=failure.rung.failed_at if failure else None,
        refusal=refusals[0] if refusals else None,
        further=refusals[1:],
        later=tuple(_later(attempt)),
        rekeys=tuple(_rekeys(verdict)) if up else (),
        assumed=_assumed(attempt.scenario),
    )


def _ike_proposal(verdict: Verdict) -> str | None:
    choice = verdict.attempt.ike_choice
    return ike_name(choice) if choice is not None and verdict.ike_agreed else None


def _child_proposal(attempt: Attempt) -> str | None:
    choice = attempt.esp_choice
    return None if choice is None else esp_name(choice, with_pfs=not attempt.is_v2)


def _assumed(scenario: Scenario) -> tuple[str, ...]:
    unknown = scenario.cloud.psk is None or scenario.peer.psk is None
    return ("ike.psk",) if unknown else ()


# What comes up and fails later


def _later(attempt: Attempt) -> Iterator[Refusal]:
    cloud, peer = attempt.scenario.cloud, attempt.scenario.peer
    apart = pfs_apart(cloud.esp_proposals, peer.esp_proposals) if attempt.is_v2 else None
    if apart:
        ours, theirs = apart
        yield Refusal(
            CauseId.PFS,
            Phase.CHILD,
            "CREATE_CHILD_SA request",
            "child.pfs",
            ours.value,
            theirs.value,
            notify=NO_PROPOSAL,
            seen_by_cloud=False,
        )
    if not attempt.data_passes:
        yield Refusal(
            CauseId.NAT_TRAVERSAL,
            Phase.CHILD,
            "ESP",
            "nat_traversal",
            _switch(on=cloud.nat_traversal),
            _switch(on=peer.nat_traversal),
            seen_by_cloud=False,
        )


def _switch(*, on: bool) -> str:
    return "true" if on else "false"


# Forced rekeys


def _rekeys(verdict: Verdict) -> Iterator[Rekey]:
    for forced in verdict.attempt.scenario.rekeys:
        yield Rekey(forced.by, forced.what, rekey_succeeds(verdict.attempt, forced))


def rekey_succeeds(attempt: Attempt, forced: ForcedRekey) -> bool:
    """Whether a rekey of an SA that `attempt` set up passes, when asked for by `forced.by`.

    Networks aren't negotiated anew, and what the path let through is still open. IKEv2 doesn't authenticate
    again; IKEv1 goes through all of phase 1.
    """
    again = replace(attempt, side=forced.by)
    if attempt.is_v2:
        return forced.what == "ike" or again.rekey_choice is not None
    if forced.what == "child":
        return again.esp_choice is not None and checks.child_lifetime_taken(again) is None
    rungs = exchange_of(again).rungs
    phase1 = tuple(
        rung for rung in rungs if rung.phase is Phase.IKE and rung.check is not checks.udp4500_passes
    )
    return next(_failing(again, phase1), None) is None
