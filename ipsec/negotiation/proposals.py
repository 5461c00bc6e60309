"""Proposals: what is offered, what the responder chooses, and in which field two lists differ."""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from ipsec.algorithms import DhGroup, Encryption, Integrity, Pfs
from ipsec.scenario import ChildProposal, IkeProposal

Proposal = TypeVar("Proposal", IkeProposal, ChildProposal)

_CIPHERS = {
    Encryption.AES128: "AES_CBC_128",
    Encryption.AES192: "AES_CBC_192",
    Encryption.AES256: "AES_CBC_256",
    Encryption.DES: "DES_CBC",
    Encryption.TRIPLE_DES: "3DES_CBC",
}
_HASHES = {
    Integrity.MD5: "HMAC_MD5",
    Integrity.SHA1: "HMAC_SHA1",
    Integrity.SHA256: "HMAC_SHA2_256",
    Integrity.SHA384: "HMAC_SHA2_384",
    Integrity.SHA512: "HMAC_SHA2_512",
}


def _group_name(group: DhGroup) -> str:
    return f"MODP_{group.modulus_bits}"


def _mac_name(integrity: Integrity) -> str:
    return f"{_HASHES[integrity]}_{integrity.truncated_bits}"


@lru_cache(maxsize=1024)
def ike_name(proposal: IkeProposal) -> str:
    """As daemons log it: IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048."""
    encryption, integrity, group = proposal
    prf = f"PRF_{_HASHES[integrity]}"
    return f"IKE:{_CIPHERS[encryption]}/{_mac_name(integrity)}/{prf}/{_group_name(group)}"


@lru_cache(maxsize=1024)
def esp_name(proposal: ChildProposal, *, with_pfs: bool) -> str:
    """As daemons log it; the DH group shows only where this exchange carries one."""
    encryption, integrity, pfs = proposal
    group = pfs.dh_group if with_pfs else None
    key_exchange = f"{_group_name(group)}/" if group else ""
    return f"ESP:{_CIPHERS[encryption]}/{_mac_name(integrity)}/{key_exchange}NO_EXT_SEQ"


def choose(responder: Sequence[Proposal], offered: Sequence[Proposal], *, fields: int = 3) -> Proposal | None:
    """The responder's first proposal that was offered, compared in the first `fields` fields."""
    wanted = {proposal[:fields] for proposal in offered}
    return next((proposal for proposal in responder if proposal[:fields] in wanted), None)


def quick_mode_offer(
    proposals: tuple[ChildProposal, ...], phase1_group: DhGroup
) -> tuple[ChildProposal, ...]:
    """One key exchange fits in: phase 1's group where a proposal has it, else the first group there is.

    So a proposal without a group is offered only where none has one.
    """
    groups = [proposal.pfs for proposal in proposals if proposal.pfs is not Pfs.DISABLED]
    if not groups:
        return proposals
    carried = next((group for group in groups if group.dh_group is phase1_group), groups[0])
    return tuple(proposal for proposal in proposals if proposal.pfs is carried)


def nearest(
    ours: Sequence[Proposal], theirs: Sequence[Proposal], fields: int
) -> tuple[tuple[int, ...], Proposal, Proposal] | None:
    """The pair that differs in the fewest fields, and in which; None where a list is empty."""
    candidates = (
        (tuple(i for i in range(fields) if mine[i] != other[i]), mine, other)
        for mine in ours
        for other in theirs
    )
    return min(candidates, key=lambda candidate: len(candidate[0]), default=None)


def listed(proposals: Sequence[tuple[StrEnum, ...]], fields: int) -> str:
    """A list as the console would write it: aes256-sha256-group14, aes-sha1-group2."""
    return ", ".join("-".join(field.value for field in proposal[:fields]) for proposal in proposals)


def pfs_apart(ours: tuple[ChildProposal, ...], theirs: tuple[ChildProposal, ...]) -> tuple[Pfs, Pfs] | None:
    """The two groups that meet at a rekey where no pair agrees on one, None where one does."""
    pairs = [(mine, other) for mine in ours for other in theirs]
    near = [(mine, other) for mine, other in pairs if mine[:2] == other[:2]] or pairs
    if not near or any(mine.pfs is other.pfs for mine, other in near):
        return None
    return near[0][0].pfs, near[0][1].pfs
