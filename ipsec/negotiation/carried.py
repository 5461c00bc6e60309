"""What of the negotiated values the messages carry, as text for the ladder. Never a secret."""

from collections.abc import Callable, Iterator, Mapping

from ipsec.negotiation.attempt import Attempt
from ipsec.negotiation.grammar import Content
from ipsec.negotiation.proposals import esp_name, ike_name
from ipsec.negotiation.selectors import Block
from ipsec.transcript import Side


def carried(attempt: Attempt, content: Content) -> dict[str, str | int]:
    return dict(_CARRIES[content](attempt))


def _nothing(_attempt: Attempt) -> Iterator[tuple[str, str]]:
    yield from ()


def _ike_offer(attempt: Attempt) -> Iterator[tuple[str, str]]:
    yield "proposal", ", ".join(map(ike_name, attempt.initiator.ike_proposals))


def _ike_choice(attempt: Attempt) -> Iterator[tuple[str, str]]:
    if attempt.ike_choice is not None:
        yield "proposal", ike_name(attempt.ike_choice)


def _child_offer(attempt: Attempt) -> Iterator[tuple[str, str]]:
    with_pfs = not attempt.is_v2
    yield "proposal", ", ".join(esp_name(each, with_pfs=with_pfs) for each in attempt.esp_offer)
    yield from _selectors(attempt, attempt.offered_local, attempt.offered_remote)


def _child_choice(attempt: Attempt) -> Iterator[tuple[str, str]]:
    if attempt.esp_choice is not None:
        yield "proposal", esp_name(attempt.esp_choice, with_pfs=not attempt.is_v2)
    yield from _selectors(attempt, attempt.agreed_local, attempt.agreed_remote)


def _rekey_offer(attempt: Attempt) -> Iterator[tuple[str, str]]:
    offered = attempt.initiator.esp_proposals
    yield "proposal", ", ".join(esp_name(each, with_pfs=True) for each in offered)


def _rekey_choice(attempt: Attempt) -> Iterator[tuple[str, str]]:
    if attempt.rekey_choice is not None:
        yield "proposal", esp_name(attempt.rekey_choice, with_pfs=True)


def _selectors(
    attempt: Attempt, own: tuple[Block, ...], others: tuple[Block, ...]
) -> Iterator[tuple[str, str]]:
    """In the cloud's view, whoever speaks."""
    local, remote = (own, others) if attempt.side is Side.CLOUD else (others, own)
    yield "local_ts", ", ".join(map(str, local))
    yield "remote_ts", ", ".join(map(str, remote))


_CARRIES: Mapping[Content, Callable[[Attempt], Iterator[tuple[str, str]]]] = {
    Content.NOTHING: _nothing,
    Content.IKE_OFFER: _ike_offer,
    Content.IKE_CHOICE: _ike_choice,
    Content.CHILD_OFFER: _child_offer,
    Content.CHILD_CHOICE: _child_choice,
    Content.REKEY_OFFER: _rekey_offer,
    Content.REKEY_CHOICE: _rekey_choice,
}
