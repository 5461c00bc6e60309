"""What the ends compare. A check looks at one thing and answers with the difference, or None.

None of them knows in which message it is made or what follows: that is in `exchanges`.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from ipsec.causes import CauseId
from ipsec.negotiation.attempt import Attempt
from ipsec.negotiation.identity import ANYONE, accepts
from ipsec.negotiation.proposals import Proposal, listed, nearest
from ipsec.negotiation.selectors import Block, blocks
from ipsec.transcript import Side


class Difference(NamedTuple):
    """`ours` is the cloud's value, `theirs` the peer's, as console text; both empty for keys."""

    cause: CauseId
    attribute: str
    ours: str = ""
    theirs: str = ""


def _between(attempt: Attempt, cause: CauseId, attribute: str, asked: str, answered: str) -> Difference:
    """A difference between the initiator's value and the responder's."""
    if attempt.side is Side.CLOUD:
        return Difference(cause, attribute, asked, answered)
    return Difference(cause, attribute, answered, asked)


# Before the first message


def bound(attempt: Attempt) -> Difference | None:
    if attempt.scenario.cloud.address:
        return None
    return Difference(CauseId.TUNNEL_NOT_BOUND, "gateway_address")


def initiator_configured(attempt: Attempt) -> Difference | None:
    if attempt.initiator.configured:
        return None
    return Difference(CauseId.PEER_NOT_CONFIGURED, "device.configured")


def triggered(attempt: Attempt) -> Difference | None:
    """Nobody begins: told only to answer, switched off, or without an address to call."""
    initiator = attempt.initiator
    if initiator.responds_only:
        told = "effect_immediately" if attempt.side is Side.CLOUD else "device.initiates"
        return Difference(CauseId.NOT_TRIGGERED, told)
    if not initiator.powered_on:
        return Difference(CauseId.NOT_TRIGGERED, "device.powered_on")
    if initiator.remote_address in ANYONE:
        return Difference(CauseId.NOT_TRIGGERED, "peer.address")
    return None


# Reachability


def called_right_address(attempt: Attempt) -> Difference | None:
    called, real = attempt.initiator.remote_address, attempt.responder.address
    if called == real or not real:
        return None
    return _between(attempt, CauseId.PEER_MISMATCH, _address_attribute(attempt.side), called, real)


def responder_awake(attempt: Attempt) -> Difference | None:
    if attempt.responder.powered_on:
        return None
    return Difference(CauseId.PHASE1_TIMEOUT, "device.powered_on")


def udp500_passes(attempt: Attempt) -> Difference | None:
    if not attempt.path.udp500_open or attempt.path.loss_percent >= 100:
        return Difference(CauseId.PHASE1_TIMEOUT, "path.udp500_open")
    if not attempt.path.lets_begin(attempt.side):
        return Difference(CauseId.PHASE1_TIMEOUT, "path.forwards_500")
    return None


def udp4500_passes(attempt: Attempt) -> Difference | None:
    if not attempt.nat_seen or attempt.path.carries_4500(attempt.side):
        return None
    attribute = "path.forwards_4500" if attempt.path.udp4500_open else "path.udp4500_open"
    return Difference(CauseId.PHASE1_TIMEOUT, attribute)


# The responder's choice of a connection


def responder_configured(attempt: Attempt) -> Difference | None:
    if attempt.responder.configured:
        return None
    return Difference(CauseId.PEER_NOT_CONFIGURED, "device.configured")


def caller_known(attempt: Attempt) -> Difference | None:
    expected, real = attempt.responder.remote_address, attempt.initiator.address
    if not real or expected in ANYONE or expected == real:
        return None
    return _between(attempt, CauseId.PEER_MISMATCH, _address_attribute(attempt.side.other), real, expected)


def _address_attribute(expecting: Side) -> str:
    """Whose idea of the other end's address is at stake."""
    return "peer.address" if expecting is Side.CLOUD else "gateway_address"


def same_version(attempt: Attempt) -> Difference | None:
    spoken, understood = attempt.initiator.begins_with, attempt.responder
    if spoken in understood.ike_versions:
        return None
    return _between(attempt, CauseId.IKE_VERSION, "ike.version", spoken.value, understood.begins_with.value)


# Phase 1

_IKE_FIELDS = (
    (CauseId.ENCRYPTION, "ike.encryption"),
    (CauseId.AUTHENTICATION, "ike.integrity"),
    (CauseId.DH_GROUP, "ike.dh_group"),
)
_CHILD_FIELDS = (
    (CauseId.ENCRYPTION, "child.encryption"),
    (CauseId.AUTHENTICATION, "child.integrity"),
    (CauseId.PFS, "child.pfs"),
)


def common_ike_proposal(attempt: Attempt) -> Difference | None:
    if attempt.ike_choice is not None:
        return None
    offered, held = attempt.initiator.ike_proposals, attempt.responder.ike_proposals
    return _no_common(attempt, offered, held, "ike", _IKE_FIELDS)


def _no_common(
    attempt: Attempt,
    offered: Sequence[Proposal],
    held: Sequence[Proposal],
    section: str,
    fields: tuple[tuple[CauseId, str], ...],
) -> Difference:
    """One field apart names that field; several apart can only be told as whole proposals."""
    pair = nearest(offered, held, len(fields))
    if pair is None or len(pair[0]) != 1:
        texts = listed(offered, len(fields)), listed(held, len(fields))
        return _between(attempt, CauseId.ALGORITHM, section, *texts)
    position = pair[0][0]
    cause, attribute = fields[position]
    asked: StrEnum = pair[1][position]
    answered: StrEnum = pair[2][position]
    return _between(attempt, cause, attribute, asked.value, answered.value)


def first_group_chosen(attempt: Attempt) -> Difference | None:
    """Aggressive mode sends its key exchange before anything is agreed, and has no second try."""
    choice = attempt.ike_choice
    if choice is None or not attempt.guessed_group_is_wrong:
        return None
    sent = attempt.initiator.ike_proposals[0].dh_group
    return _between(attempt, CauseId.DH_GROUP, "ike.dh_group", sent.value, choice.dh_group.value)


def ike_lifetime_taken(attempt: Attempt) -> Difference | None:
    asked, held = attempt.initiator.ike_lifetime, attempt.responder.ike_lifetime
    return _too_long(attempt, "ike.lifetime", asked, held)


def child_lifetime_taken(attempt: Attempt) -> Difference | None:
    asked, held = attempt.initiator.child_lifetime, attempt.responder.child_lifetime
    return _too_long(attempt, "child.lifetime", asked, held)


def _too_long(attempt: Attempt, attribute: str, asked: int, held: int) -> Difference | None:
    """Only a strict device minds, and only a life longer than its own; 0 never ends."""
    endless = asked == 0 and held != 0
    if not attempt.responder.strict_lifetimes or not (endless or asked > held > 0):
        return None
    return _between(attempt, CauseId.LIFETIME, attribute, str(asked), str(held))


def same_psk(attempt: Attempt) -> Difference | None:
    ours, theirs = attempt.initiator.psk, attempt.responder.psk
    if ours is None or theirs is None or ours == theirs:
        return None
    return Difference(CauseId.PSK, "ike.psk")


def same_mode(attempt: Attempt) -> Difference | None:
    if attempt.responder.mode is attempt.mode:
        return None
    asked, held = attempt.mode.value, attempt.responder.mode.value
    return _between(attempt, CauseId.MODE, "ike.mode", asked, held)


def initiator_id_accepted(attempt: Attempt) -> Difference | None:
    """IKEv1's responder only looks for a connection that fits, and a pattern may stand on either side."""
    presented, expected = attempt.presented_id(attempt.side), attempt.responder.remote_id
    if not attempt.is_v2 and presented and expected is not None and accepts(presented, expected):
        return None
    return _identity(attempt.side, presented, expected)


def asked_id_is_responders(attempt: Attempt) -> Difference | None:
    """IKEv2's responder looks for a connection by the identity it was asked for; its own may be a pattern."""
    wanted, held = attempt.initiator.remote_id, attempt.responder.local_id
    if not attempt.asks_for_id or held is None or wanted is None or accepts(held, wanted):
        return None
    return _identity(attempt.side.other, held, wanted)


def responder_id_accepted(attempt: Attempt) -> Difference | None:
    return _identity(attempt.side.other, attempt.responder_id, attempt.initiator.remote_id)


def unasked_id_accepted(attempt: Attempt) -> Difference | None:
    """As `responder_id_accepted`, where IKEv2's responder wasn't told whom to be."""
    return None if attempt.asks_for_id else responder_id_accepted(attempt)


def _identity(presenting: Side, presented: str, expected: str | None) -> Difference | None:
    """An end whose address isn't handed out yet presents "", which can't be judged."""
    if not presented or accepts(expected, presented):
        return None
    if presenting is Side.CLOUD:
        return Difference(CauseId.LOCAL_ID, "ike.local_id", presented, expected or "")
    return Difference(CauseId.PEER_ID, "ike.remote_id", expected or "", presented)


# Phase 2


def initiator_networks_agreed(attempt: Attempt) -> Difference | None:
    held = blocks(attempt.responder.remote_networks)
    return _networks(attempt, attempt.side, attempt.offered_local, held, attempt.agreed_local)


def responder_networks_agreed(attempt: Attempt) -> Difference | None:
    held = blocks(attempt.responder.local_networks)
    return _networks(attempt, attempt.side.other, attempt.offered_remote, held, attempt.agreed_remote)


def _networks(
    attempt: Attempt,
    side: Side,
    offered: tuple[Block, ...],
    held: tuple[Block, ...],
    agreed: tuple[Block, ...],
) -> Difference | None:
    """`side` is the end the networks lie behind."""
    strict = attempt.responder.strict_selectors
    if agreed and not (strict and not _mirrored(attempt, offered, held)):
        return None
    return _selectors_apart(attempt, side, offered, held)


def _mirrored(attempt: Attempt, offered: tuple[Block, ...], held: tuple[Block, ...]) -> bool:
    """IKEv1 asks for one network of the list at a time."""
    return set(offered) == set(held) if attempt.is_v2 else set(offered) <= set(held)


def _selectors_apart(
    attempt: Attempt, side: Side, offered: tuple[Block, ...], answered: tuple[Block, ...]
) -> Difference:
    attribute = "local_networks" if side is Side.CLOUD else "remote_networks"
    texts = ", ".join(map(str, offered)), ", ".join(map(str, answered))
    return _between(attempt, CauseId.TRAFFIC_SELECTOR, attribute, *texts)


def initiator_networks_kept(attempt: Attempt) -> Difference | None:
    """A strict initiator takes no narrower answer than it asked for."""
    offered, agreed = attempt.offered_local, attempt.agreed_local
    if not attempt.initiator.strict_selectors or not agreed or set(agreed) == set(offered):
        return None
    return _selectors_apart(attempt, attempt.side, offered, agreed)


def responder_networks_kept(attempt: Attempt) -> Difference | None:
    offered, agreed = attempt.offered_remote, attempt.agreed_remote
    if not attempt.initiator.strict_selectors or not agreed or set(agreed) == set(offered):
        return None
    return _selectors_apart(attempt, attempt.side.other, offered, agreed)


def common_esp_proposal(attempt: Attempt) -> Difference | None:
    if attempt.esp_choice is not None:
        return None
    fields = _CHILD_FIELDS[:2] if attempt.is_v2 else _CHILD_FIELDS
    return _no_common(attempt, attempt.esp_offer, attempt.responder.esp_proposals, "child", fields)
