"""What an exchange is made of: messages in order, and the rungs that are climbed on them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ipsec.negotiation.attempt import Attempt
from ipsec.negotiation.checks import Difference
from ipsec.transcript import Phase, StepKind

Check = Callable[[Attempt], Difference | None]


class Role(StrEnum):
    INITIATOR = "initiator"
    RESPONDER = "responder"


class Ending(StrEnum):
    """How a refusal shows on the wire."""

    UNSENT = "unsent"
    """Nobody begins."""
    SILENCE = "silence"
    """No answer: the initiator retransmits until it gives up."""
    UNREADABLE = "unreadable"
    """As silence; what comes back is encrypted with another key."""
    ANSWER = "answer"
    """The responder says so in a notify."""
    GIVE_UP = "give-up"
    """The initiator takes no further part, having seen the responder's message."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One check, where it is made, and what follows when it fails.

    `message` is the one looked at, `failed_at` the initiator's last own message, `error` what the initiator
    sees, `notify` what is on the wire. `known_to` are the ends that can tell the cause by themselves.
    """

    check: Check
    phase: Phase
    ending: Ending
    message: str
    failed_at: str | None
    error: str | None
    notify: str = ""
    known_to: tuple[Role, ...] = (Role.RESPONDER,)

    @property
    def decided_by(self) -> Role:
        return Role.INITIATOR if self.ending in (Ending.UNSENT, Ending.GIVE_UP) else Role.RESPONDER


class Content(StrEnum):
    """What of the negotiated values a message carries."""

    NOTHING = ""
    IKE_OFFER = "ike-offer"
    IKE_CHOICE = "ike-choice"
    CHILD_OFFER = "child-offer"
    CHILD_CHOICE = "child-choice"
    REKEY_OFFER = "rekey-offer"
    REKEY_CHOICE = "rekey-choice"


@dataclass(frozen=True, slots=True)
class Message:
    """One message in its place. `group` names the DH its receiver has to work out: ike, child or none."""

    name: str
    sender: Role
    phase: Phase
    payloads: Callable[[Attempt], tuple[str, ...]]
    content: Content = Content.NOTHING
    group: str = ""
    brings_up: tuple[StepKind, ...] = ()
    awaits_answer: bool = True
    """False where the same sender's next message follows at once."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """`reach` is the same for all exchanges but for the names; `cost_ms` is what a message costs its
    receiver besides DH (measured medians, spread evenly)."""

    messages: tuple[Message, ...]
    reach: tuple[Rung, ...]
    rungs: tuple[Rung, ...]
    cost_ms: float
