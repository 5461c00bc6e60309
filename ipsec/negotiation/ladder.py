"""The steps of a negotiation: every message in order, when it is sent, and what it leads to.

The first message belongs to the rung `reach`; any step of a later phase says that the other end answers.
"""

from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter

from ipsec import bgp
from ipsec.negotiation.attempt import Attempt
from ipsec.negotiation.carried import carried
from ipsec.negotiation.exchanges import AGGRESSIVE_MODE, IKEV2, rekey_messages
from ipsec.negotiation.grammar import Content, Ending, Message, Role
from ipsec.negotiation.timing import (
    DH_MS,
    QUICK_MODE_OVERTAKES,
    RETRANSMIT_AT_MS,
    RETRANSMIT_TRIES,
    SETTLE_MS,
    draw,
    spread,
)
from ipsec.negotiation.verdict import Failure, Verdict
from ipsec.transcript import Phase, Refusal, Rekey, Side, Step, StepKind, Transcript

Detail = Mapping[str, str | int]

_ENCRYPTED_V1 = ("MAIN_MODE.5", "MAIN_MODE.6", "QUICK_MODE.1", "QUICK_MODE.2")
_NAT_T_FROM = ("IKE_AUTH request", "MAIN_MODE.5", "AGGRESSIVE.3")
"""The first message after NAT detection: from here on UDP 4500."""


def climb(verdict: Verdict, outcome: Transcript) -> tuple[Step, ...]:
    """All steps of a verdict, first to last."""
    wire = _Wire(verdict)
    if wire.play():
        if verdict.session is not None:
            wire.run_bgp(verdict.session, outcome.refusal)
        for number, rekey in enumerate(outcome.rekeys, start=1):
            wire.rekey(number, rekey, outcome)
    return tuple(sorted(wire.steps, key=attrgetter("at_ms")))


class _Wire:
    """What has been said so far, and the time it is."""

    def __init__(self, verdict: Verdict) -> None:
        self.attempt: Attempt = verdict.attempt
        self.exchange = verdict.exchange
        self.verdict = verdict
        self.failure: Failure | None = verdict.failure
        self.steps: list[Step] = []
        self.now = 0.0
        self.port = 500
        self.seed = verdict.attempt.scenario.seed

    # Playing the exchange

    def play(self) -> bool:
        """To the end or to the refusal; whether the child SA is up."""
        if self.failure and self.failure.rung.ending is Ending.UNSENT:
            self.refuse(self.failure.refusal())
            return False
        if self.exchange is IKEV2 and self.verdict.ike_agreed and self.attempt.guessed_group_is_wrong:
            self.guess_again()
        for message in self.exchange.messages:
            if self.failure and message.name == self.failure.rung.message:
                self.fail(message, self.failure)
                return False
            self.send(message)
            self.arrive(message)
            self.bring_up(message.brings_up)
        return True

    def guess_again(self) -> None:
        first, answer = self.exchange.messages[:2]
        self.send(first)
        self.travel(0)
        notify = "INVALID_KE_PAYLOAD"
        self.say(answer.name, answer.sender, Phase.IKE, (f"N({notify})",), {"notify": notify})
        self.travel(0)

    def side(self, role: Role) -> Side:
        return self.attempt.side if role is Role.INITIATOR else self.attempt.side.other

    def send(self, message: Message, more: Detail | None = None) -> None:
        if self.attempt.nat_seen and message.name in _NAT_T_FROM:
            self.port = 4500
        detail = {**carried(self.attempt, message.content), "port": self.port, **(more or {})}
        self.say(message.name, message.sender, message.phase, message.payloads(self.attempt), detail)

    def arrive(self, message: Message) -> None:
        """Lost messages are repeated by the initiator only; IKE's responder just answers again."""
        if message.sender is Role.INITIATOR:
            self.repeat(message, self.times_lost(message))
        if message.awaits_answer:
            self.travel(self.work(message))

    def times_lost(self, message: Message) -> int:
        if self.exchange is AGGRESSIVE_MODE and message.name == "QUICK_MODE.1":
            return int(draw(self.seed, "overtaken") < QUICK_MODE_OVERTAKES)
        loss = self.attempt.path.loss_percent / 100
        tries = range(RETRANSMIT_TRIES)
        return next((n for n in tries if draw(self.seed, f"{message.name}/{n}") >= loss), RETRANSMIT_TRIES)

    def repeat(self, message: Message, times: int) -> None:
        sent = self.now
        for count in range(1, times + 1):
            self.now = sent + RETRANSMIT_AT_MS[count - 1]
            detail = {"try": count}
            self.say(message.name, message.sender, message.phase, (), detail, kind=StepKind.RETRANSMIT)

    def travel(self, work_ms: float) -> None:
        self.now += self.attempt.path.latency_ms + work_ms

    def work(self, message: Message) -> float:
        """What the receiver needs: its own half of a key exchange, and a little for everything."""
        cost = self.exchange.cost_ms + _half_of_dh(self.attempt, message.group)
        return cost * spread(self.seed, message.name)

    # Refusals

    def fail(self, message: Message, failure: Failure) -> None:
        ending = failure.rung.ending
        self.send(message)
        if ending is Ending.SILENCE:
            self.time_out(message)
        elif ending is Ending.UNREADABLE:
            self.garble()
            self.time_out(message)
        else:
            self.arrive(message)
            self.turn_down(message, failure)
        self.refuse(failure.refusal())

    def time_out(self, message: Message) -> None:
        sent = self.now
        self.repeat(message, RETRANSMIT_TRIES)
        self.now = sent + RETRANSMIT_AT_MS[-1]

    def garble(self) -> None:
        """The responder says PAYLOAD_MALFORMED with the key it has, which the initiator can't read."""
        sent = self.now
        self.travel(self.exchange.cost_ms)
        self.say("INFORMATIONAL", Role.RESPONDER, Phase.IKE, ("HASH", "N(PAYLOAD_MALFORMED)"))
        self.now = sent

    def turn_down(self, message: Message, failure: Failure) -> None:
        """One last message by the end that refuses; a failed phase 2 leaves phase 1 up."""
        rung = failure.rung
        in_child = rung.phase is Phase.CHILD
        if in_child and (rung.ending is Ending.GIVE_UP or StepKind.IKE_UP in message.brings_up):
            self.ensure_ike_up()
        name, payloads = self.last_words(message, failure)
        self.say(name, rung.decided_by, rung.phase, payloads, {"notify": rung.notify})
        self.travel(0)
        if in_child:
            self.ensure_ike_up()

    def last_words(self, message: Message, failure: Failure) -> tuple[str, tuple[str, ...]]:
        rung = failure.rung
        said = "D" if rung.notify == "DELETE" else f"N({rung.notify})"
        if self.exchange is not IKEV2:
            protected = message.name in _ENCRYPTED_V1 or rung.error == "LOCAL_REJECT:HASH_MISMATCH"
            return "INFORMATIONAL", (("HASH", said) if protected else (said,))
        if rung.ending is Ending.GIVE_UP:
            return "INFORMATIONAL request", (said,)
        authenticated = ("IDr", "AUTH") if rung.phase is Phase.CHILD else ()
        return message.name.replace("request", "response"), (*authenticated, said)

    def refuse(self, refusal: Refusal) -> None:
        self.steps.append(
            Step(
                round(self.now),
                StepKind.REFUSED,
                refusal.phase,
                refusal.decided_by,
                refusal.message,
                refusal=refusal,
            )
        )

    # What comes up, and after

    def bring_up(self, kinds: tuple[StepKind, ...]) -> None:
        for kind in kinds:
            if kind is StepKind.IKE_UP:
                self.ensure_ike_up()
            else:
                chosen = carried(self.attempt, Content.CHILD_CHOICE)
                self.say("", Role.INITIATOR, Phase.CHILD, (), chosen, kind=kind)

    def ensure_ike_up(self) -> None:
        if not any(step.kind is StepKind.IKE_UP for step in self.steps):
            chosen = carried(self.attempt, Content.IKE_CHOICE)
            self.say("", Role.INITIATOR, Phase.IKE, (), chosen, kind=StepKind.IKE_UP)

    def run_bgp(self, session: bgp.Session, refusal: Refusal | None) -> None:
        latency = self.attempt.path.latency_ms
        self.steps.extend(bgp.steps(session, refusal, start_ms=round(self.now), latency_ms=latency))
        self.now = self.steps[-1].at_ms

    def rekey(self, number: int, rekey: Rekey, outcome: Transcript) -> None:
        """Who asks is the initiator now. It asks for the SA's own networks; refused, the old SA stays."""
        self.now += SETTLE_MS
        detail: dict[str, str | int] = {"rekey": rekey.what, "number": number}
        if rekey.what == "child":
            detail["local_ts"], detail["remote_ts"] = (
                ", ".join(outcome.local_ts),
                ", ".join(outcome.remote_ts),
            )
        self.attempt = replace(self.attempt, side=rekey.by)
        messages = rekey_messages(self.attempt, rekey.what)
        for message in messages if rekey.ok else messages[:1]:
            self.send(message, detail)
            self.travel(self.work(message))
        if not rekey.ok:
            answer = "CREATE_CHILD_SA response" if self.attempt.is_v2 else "INFORMATIONAL"
            notify = "NO_PROPOSAL_CHOSEN"
            refused = {**detail, "notify": notify}
            self.say(answer, Role.RESPONDER, messages[0].phase, (f"N({notify})",), refused)

    def say(
        self,
        name: str,
        role: Role,
        phase: Phase,
        payloads: tuple[str, ...] = (),
        detail: Detail | None = None,
        *,
        kind: StepKind = StepKind.MESSAGE,
    ) -> None:
        self.steps.append(Step(round(self.now), kind, phase, self.side(role), name, payloads, detail or {}))


def _half_of_dh(attempt: Attempt, group: str) -> float:
    if group == "ike" and attempt.ike_choice is not None:
        return DH_MS[attempt.ike_choice.dh_group] / 2
    if group == "child" and attempt.esp_choice is not None:
        dh_group = attempt.esp_choice.pfs.dh_group
        return DH_MS[dh_group] / 2 if dh_group else 0.0
    return 0.0
