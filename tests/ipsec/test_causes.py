"""The catalogue of causes is closed and whole."""

from dataclasses import FrozenInstanceError

import pytest

from ipsec.causes import CAUSES, Cause, CauseId, CauseSeverity
from ipsec.transcript import Phase

DOCUMENTED = {
    "PeerMismatch",
    "AlgorithmMismatch",
    "EncryptionAlgorithmMismatch",
    "AuthenticationAlgorithmMismatch",
    "DhGroupMismatch",
    "Phase1NegotiationTimeout",
}
"""Codes the console's own documents name."""


def test_every_id_is_in_the_catalogue_once() -> None:
    assert list(CAUSES) == [member.value for member in CauseId]
    assert all(CAUSES[member].id is member for member in CauseId)


def test_the_consoles_own_codes_are_kept() -> None:
    assert set(CAUSES) >= DOCUMENTED
    assert all(CAUSES[name].code == name for name in DOCUMENTED)


@pytest.mark.parametrize("cause", CAUSES.values(), ids=lambda cause: cause.id.value)
def test_every_cause_says_where_it_falls_and_what_the_api_answers(cause: Cause) -> None:
    assert cause.phases
    assert list(cause.phases) == [phase for phase in Phase if phase in cause.phases]
    assert cause.code in CAUSES
    assert all(fragment.strip() for fragment in cause.log_fragments)


def test_what_needs_no_hand_is_not_alarming() -> None:
    quiet = {cause.id for cause in CAUSES.values() if cause.severity is CauseSeverity.NORMAL}
    assert quiet == {CauseId.NOT_TRIGGERED, CauseId.TUNNEL_NOT_BOUND, CauseId.PEER_DELETED_SA}


def test_nobody_can_add_to_it() -> None:
    with pytest.raises(TypeError):
        CAUSES["Another"] = CAUSES["PfsMismatch"]  # type: ignore[index]
    with pytest.raises(FrozenInstanceError):
        CAUSES["PfsMismatch"].code = "Other"  # type: ignore[misc]
