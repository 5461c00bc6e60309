"""The exchanges as tables: which messages go over the wire, and what is checked on which of them.

The order of a table's rungs is the order in which a daemon looks; the first that fails is the verdict. Error
names are those of the measured tables (tests/ipsec/truth), where IKEv1's notifies bear IKEv2's names.
References: RFC 7296 (IKEv2), RFC 2408 and 2409 (IKEv1).
"""

from collections.abc import Callable
from dataclasses import replace

from ipsec.algorithms import IkeMode, Pfs
from ipsec.negotiation import checks
from ipsec.negotiation.attempt import Attempt
from ipsec.negotiation.grammar import Check, Content, Ending, Exchange, Message, Role, Rung
from ipsec.transcript import Phase, StepKind

TIMEOUT = "RETRANSMIT_TIMEOUT"
NO_PROPOSAL = "NO_PROPOSAL_CHOSEN"
AUTH_FAILED = "AUTHENTICATION_FAILED"
INVALID_ID = "INVALID_ID_INFORMATION"
TS_UNACCEPTABLE = "TS_UNACCEPTABLE"
ID_REJECTED = "LOCAL_REJECT:IDir_MISMATCH"
HASH_REJECTED = "LOCAL_REJECT:HASH_MISMATCH"
TS_REJECTED = "LOCAL_REJECT:TS_MISMATCH"

_I, _R = Role.INITIATOR, Role.RESPONDER
_NAT_DETECTION = ("N(NAT_DETECTION_SOURCE_IP)", "N(NAT_DETECTION_DESTINATION_IP)")


def _payloads(*names: str) -> Callable[[Attempt], tuple[str, ...]]:
    return lambda _attempt: names


def ike_auth_payloads(attempt: Attempt) -> tuple[str, ...]:
    return ("IDi", *(("IDr",) if attempt.asks_for_id else ()), "AUTH", "SA", "TSi", "TSr")


def quick_mode_payloads(attempt: Attempt) -> tuple[str, ...]:
    """Offer and answer alike: a key exchange only with PFS."""
    with_pfs = any(proposal.pfs is not Pfs.DISABLED for proposal in attempt.esp_offer[:1])
    return ("HASH", "SA", "Ni", *(("KE",) if with_pfs else ()), "IDci", "IDcr")


def _reach(message: str, failed_at: str) -> tuple[Rung, ...]:
    """Before any value is compared: does anybody begin, does it arrive, is the caller known."""

    def unsent(check: Check) -> Rung:
        return Rung(check, Phase.REACH, Ending.UNSENT, "", None, None, known_to=(_I, _R))

    def unreached(check: Check, *known_to: Role) -> Rung:
        return Rung(check, Phase.REACH, Ending.SILENCE, message, failed_at, TIMEOUT, known_to=known_to)

    def unknown(check: Check, *known_to: Role) -> Rung:
        return Rung(check, Phase.IKE, Ending.ANSWER, message, failed_at, NO_PROPOSAL, NO_PROPOSAL, known_to)

    return (
        unsent(checks.bound),
        unsent(checks.initiator_configured),
        unsent(checks.triggered),
        unreached(checks.called_right_address),
        unreached(checks.responder_awake, _I),
        unreached(checks.udp500_passes, _I),
        unknown(checks.responder_configured),
        unknown(checks.caller_known, _R),
        unknown(checks.same_version, _R),
    )


def _answered(check: Check, message: str, failed_at: str, error: str, notify: str = "") -> Rung:
    return Rung(check, Phase.IKE, Ending.ANSWER, message, failed_at, error, notify or error)


def _given_up(check: Check, message: str, failed_at: str, error: str, notify: str) -> Rung:
    return Rung(check, Phase.IKE, Ending.GIVE_UP, message, failed_at, error, notify, (_I,))


def _blocked(message: str, failed_at: str) -> Rung:
    return Rung(checks.udp4500_passes, Phase.IKE, Ending.SILENCE, message, failed_at, TIMEOUT, known_to=(_I,))


def _child(check: Check, message: str, failed_at: str, error: str, *known_to: Role) -> Rung:
    return Rung(check, Phase.CHILD, Ending.ANSWER, message, failed_at, error, error, known_to)


def _child_kept(check: Check, message: str, failed_at: str) -> Rung:
    """What only an initiator that insists on its own networks minds."""
    return Rung(check, Phase.CHILD, Ending.GIVE_UP, message, failed_at, TS_REJECTED, "DELETE", (_I, _R))


# IKEv2

_INIT, _INIT_ANSWER = "IKE_SA_INIT request", "IKE_SA_INIT response"
_AUTH, _AUTH_ANSWER = "IKE_AUTH request", "IKE_AUTH response"
_INIT_PAYLOADS = _payloads("SA", "KE", "Ni", *_NAT_DETECTION)

IKEV2 = Exchange(
    messages=(
        Message(_INIT, _I, Phase.REACH, _INIT_PAYLOADS, Content.IKE_OFFER, "ike"),
        Message(_INIT_ANSWER, _R, Phase.IKE, _INIT_PAYLOADS, Content.IKE_CHOICE, "ike"),
        Message(_AUTH, _I, Phase.IKE, ike_auth_payloads, Content.CHILD_OFFER),
        Message(
            _AUTH_ANSWER,
            _R,
            Phase.IKE,
            _payloads("IDr", "AUTH", "SA", "TSi", "TSr"),
            Content.CHILD_CHOICE,
            brings_up=(StepKind.IKE_UP, StepKind.CHILD_UP),
        ),
    ),
    reach=_reach(_INIT, "IKE_SA_INIT"),
    rungs=(
        _answered(checks.common_ike_proposal, _INIT, "IKE_SA_INIT", NO_PROPOSAL),
        _blocked(_AUTH, "IKE_AUTH"),
        _answered(checks.asked_id_is_responders, _AUTH, "IKE_AUTH", AUTH_FAILED),
        _answered(checks.initiator_id_accepted, _AUTH, "IKE_AUTH", AUTH_FAILED),
        _answered(checks.same_psk, _AUTH, "IKE_AUTH", AUTH_FAILED),
        _given_up(checks.unasked_id_accepted, _AUTH_ANSWER, "IKE_AUTH", ID_REJECTED, AUTH_FAILED),
        _child(checks.initiator_networks_agreed, _AUTH, "IKE_AUTH", TS_UNACCEPTABLE, _I, _R),
        _child(checks.responder_networks_agreed, _AUTH, "IKE_AUTH", TS_UNACCEPTABLE, _I, _R),
        _child(checks.common_esp_proposal, _AUTH, "IKE_AUTH", NO_PROPOSAL, _R),
        _child_kept(checks.initiator_networks_kept, _AUTH_ANSWER, "IKE_AUTH"),
        _child_kept(checks.responder_networks_kept, _AUTH_ANSWER, "IKE_AUTH"),
    ),
    cost_ms=1.9,
)

# IKEv1

_QM1, _QM2, _QM3 = "QUICK_MODE.1", "QUICK_MODE.2", "QUICK_MODE.3"
_QUICK_MODE_RUNGS = (
    _child(checks.initiator_networks_agreed, _QM1, _QM1, INVALID_ID, _I, _R),
    _child(checks.responder_networks_agreed, _QM1, _QM1, INVALID_ID, _I, _R),
    _child(checks.common_esp_proposal, _QM1, _QM1, NO_PROPOSAL, _R),
    _child(checks.child_lifetime_taken, _QM1, _QM1, NO_PROPOSAL, _R),
    _child_kept(checks.initiator_networks_kept, _QM2, _QM1),
    _child_kept(checks.responder_networks_kept, _QM2, _QM1),
)


def _quick_mode(*first_brings_up: StepKind) -> tuple[Message, ...]:
    child = Phase.CHILD
    return (
        Message(
            _QM1, _I, child, quick_mode_payloads, Content.CHILD_OFFER, "child", brings_up=first_brings_up
        ),
        Message(_QM2, _R, child, quick_mode_payloads, Content.CHILD_CHOICE, "child"),
        Message(_QM3, _I, child, _payloads("HASH"), brings_up=(StepKind.CHILD_UP,)),
    )


_MM1, _MM2, _MM3, _MM4, _MM5, _MM6 = (f"MAIN_MODE.{number}" for number in range(1, 7))
_KEY_PAYLOADS = _payloads("KE", "Ni", "NAT-D", "NAT-D")
_ID_PAYLOADS = _payloads("ID", "HASH")

MAIN_MODE = Exchange(
    messages=(
        Message(_MM1, _I, Phase.REACH, _payloads("SA", "V"), Content.IKE_OFFER),
        Message(_MM2, _R, Phase.IKE, _payloads("SA", "V"), Content.IKE_CHOICE),
        Message(_MM3, _I, Phase.IKE, _KEY_PAYLOADS, group="ike"),
        Message(_MM4, _R, Phase.IKE, _KEY_PAYLOADS, group="ike"),
        Message(_MM5, _I, Phase.IKE, _ID_PAYLOADS),
        Message(_MM6, _R, Phase.IKE, _ID_PAYLOADS, brings_up=(StepKind.IKE_UP,)),
        *_quick_mode(),
    ),
    reach=_reach(_MM1, _MM1),
    rungs=(
        _answered(checks.common_ike_proposal, _MM1, _MM1, NO_PROPOSAL),
        _answered(checks.ike_lifetime_taken, _MM1, _MM1, NO_PROPOSAL),
        _blocked(_MM5, _MM5),
        # The key encrypts this message, so a responder with another one can't even say what is wrong.
        Rung(checks.same_psk, Phase.IKE, Ending.UNREADABLE, _MM5, _MM5, TIMEOUT),
        _answered(checks.same_mode, _MM5, _MM5, AUTH_FAILED),
        _answered(checks.initiator_id_accepted, _MM5, _MM5, AUTH_FAILED),
        _given_up(checks.responder_id_accepted, _MM6, _MM5, ID_REJECTED, "DELETE"),
        *_QUICK_MODE_RUNGS,
    ),
    cost_ms=0.9,
)

_AM1, _AM2, _AM3 = (f"AGGRESSIVE.{number}" for number in range(1, 4))

AGGRESSIVE_MODE = Exchange(
    messages=(
        Message(_AM1, _I, Phase.REACH, _payloads("SA", "KE", "Ni", "ID", "V"), Content.IKE_OFFER, "ike"),
        Message(
            _AM2,
            _R,
            Phase.IKE,
            _payloads("SA", "KE", "Ni", "ID", "V", "NAT-D", "NAT-D", "HASH"),
            Content.IKE_CHOICE,
            "ike",
        ),
        Message(_AM3, _I, Phase.IKE, _payloads("HASH", "NAT-D", "NAT-D"), awaits_answer=False),
        *_quick_mode(StepKind.IKE_UP),
    ),
    reach=_reach(_AM1, _AM1),
    rungs=(
        _answered(checks.common_ike_proposal, _AM1, _AM1, NO_PROPOSAL),
        _answered(checks.ike_lifetime_taken, _AM1, _AM1, NO_PROPOSAL),
        _answered(
            checks.first_group_chosen, _AM1, _AM1, "UNSUPPORTED_CRITICAL_PAYLOAD", "INVALID_PAYLOAD_TYPE"
        ),
        _answered(checks.same_mode, _AM1, _AM1, AUTH_FAILED),
        _answered(checks.initiator_id_accepted, _AM1, _AM1, AUTH_FAILED),
        _given_up(checks.responder_id_accepted, _AM2, _AM1, ID_REJECTED, INVALID_ID),
        _given_up(checks.same_psk, _AM2, _AM1, HASH_REJECTED, AUTH_FAILED),
        # The initiator takes phase 1 for done with its third message; giving up on quick mode it begins
        # anew, and the tables count that second quick mode on.
        _blocked(_QM1, _QM3),
        *_QUICK_MODE_RUNGS,
    ),
    cost_ms=1.3,
)


# Rekeys


def create_child_sa_payloads(attempt: Attempt) -> tuple[str, ...]:
    with_pfs = any(proposal.pfs is not Pfs.DISABLED for proposal in attempt.esp_offer[:1])
    return ("SA", "Ni", *(("KE",) if with_pfs else ()), "TSi", "TSr")


def _rekey_child_payloads(attempt: Attempt) -> tuple[str, ...]:
    return ("N(REKEY_SA)", *create_child_sa_payloads(attempt))


_REKEY, _REKEY_ANSWER = "CREATE_CHILD_SA request", "CREATE_CHILD_SA response"
_REKEY_IKE = (
    Message(_REKEY, _I, Phase.IKE, _payloads("SA", "Ni", "KE"), Content.IKE_OFFER, "ike"),
    Message(_REKEY_ANSWER, _R, Phase.IKE, _payloads("SA", "Ni", "KE"), Content.IKE_CHOICE, "ike"),
)
_REKEY_CHILD = (
    Message(_REKEY, _I, Phase.CHILD, _rekey_child_payloads, Content.REKEY_OFFER, "child"),
    Message(_REKEY_ANSWER, _R, Phase.CHILD, create_child_sa_payloads, Content.REKEY_CHOICE, "child"),
)


def rekey_messages(attempt: Attempt, what: str) -> tuple[Message, ...]:
    """IKEv1 has no rekey of its own: it goes through quick mode, or all of phase 1, again."""
    if attempt.is_v2:
        return _REKEY_CHILD if what == "child" else _REKEY_IKE
    messages = exchange_of(attempt).messages
    if what == "child":
        return tuple(message for message in messages if message.phase is Phase.CHILD)
    phase1 = (message for message in messages if message.phase is not Phase.CHILD)
    return tuple(replace(message, phase=Phase.IKE) for message in phase1)


def exchange_of(attempt: Attempt) -> Exchange:
    """IKEv2 has one way to begin; there the mode means nothing."""
    if attempt.is_v2:
        return IKEV2
    return MAIN_MODE if attempt.mode is IkeMode.MAIN else AGGRESSIVE_MODE
