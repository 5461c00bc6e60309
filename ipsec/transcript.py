"""What a negotiation says and how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    CLOUD = "cloud"
    PEER = "peer"

    @property
    def other(self) -> "Side":
        return Side.PEER if self is Side.CLOUD else Side.CLOUD


class Phase(StrEnum):
    """The rungs of the ladder, in order."""

    REACH = "reach"
    IKE = "ike"
    CHILD = "child"
    BGP = "bgp"


class StepKind(StrEnum):
    MESSAGE = "message"
    """One IKE message (or BGP message) from `sender` to the other side."""
    RETRANSMIT = "retransmit"
    IKE_UP = "ike_up"
    IKE_DOWN = "ike_down"
    CHILD_UP = "child_up"
    BGP_UP = "bgp_up"
    REFUSED = "refused"
    """The verdict fell; `Step.refusal` says why. Always the last step of a failing phase."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a negotiation stopped, at the level of one attribute.

    `cause` is an id of `ipsec.causes`; `attribute` the path of the value in the spec (`ike.encryption`);
    `ours`/`theirs` the two values as console text, empty for keys; `decided_by` the side that refused;
    `notify` the notify name on the wire or "" for silence; `seen_by_cloud` False where the gateway itself
    could only guess and the cause is known because the peer is simulated.
    """

    cause: str
    phase: Phase
    message: str
    attribute: str = ""
    ours: str = ""
    theirs: str = ""
    decided_by: Side = Side.PEER
    notify: str = ""
    seen_by_cloud: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. `at_ms` counts from the start of the negotiation."""

    at_ms: int
    kind: StepKind
    phase: Phase
    sender: Side
    message: str = ""
    """Name of the exchange message: `IKE_SA_INIT request`, `MAIN_MODE.1`, `QUICK_MODE.1`, `BGP OPEN`."""
    payloads: tuple[str, ...] = ()
    detail: Mapping[str, str | int] = field(default_factory=dict)
    """What was offered or chosen: `proposal`, `local_ts`, `remote_ts`, `notify`, `try`. Never a secret."""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Rekey:
    """A forced rekey after set-up: `by` asks, `what` is `child` or `ike`."""

    by: Side
    what: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything one negotiation says, in order, and its end.

    Selectors are the cloud's view. `refusal` is the verdict, `further` what would be hit next were it mended,
    `later` what will fail although the tunnel comes up now: PFS under ikev2 at the first rekey, and data
    where a NAT is in between and one end has NAT traversal off.
    """

    steps: tuple[Step, ...]
    ike_established: bool
    child_established: bool
    bgp_established: bool | None = None
    """None where no BGP is configured."""
    ike_proposal: str | None = None
    child_proposal: str | None = None
    local_ts: tuple[str, ...] = ()
    remote_ts: tuple[str, ...] = ()
    initiator_error: str | None = None
    failed_at: str | None = None
    refusal: Refusal | None = None
    further: tuple[Refusal, ...] = ()
    later: tuple[Refusal, ...] = ()
    rekeys: tuple[Rekey, ...] = ()
    duration_ms: int = 0
    assumed: tuple[str, ...] = ()
    """Attributes taken as equal because one end's value isn't known here (`ike.psk`)."""
