"""The largest packet for each suite, against figures worked out by hand for 1500 bytes outside."""

import pytest

from ipsec.algorithms import Encryption, Integrity
from ipsec.spec import ChildSpec
from peerconfigs.packet_size import SAFE_MSS, SAFE_MTU, largest_packet, largest_segment

BY_HAND = [
    (Encryption.AES128, Integrity.SHA1, 1438, 1422),
    (Encryption.AES256, Integrity.SHA256, 1438, 1422),
    (Encryption.AES192, Integrity.SHA384, 1422, 1422),
    (Encryption.AES128, Integrity.SHA512, 1422, 1406),
    (Encryption.TRIPLE_DES, Integrity.SHA1, 1446, 1438),
    (Encryption.DES, Integrity.MD5, 1446, 1438),
]


@pytest.mark.parametrize(("encryption", "integrity", "bare", "behind_nat"), BY_HAND)
def test_the_largest_packet(encryption: Encryption, integrity: Integrity, bare: int, behind_nat: int) -> None:
    child = ChildSpec(encryption=encryption, integrity=integrity)
    assert largest_packet(child, udp_encapsulated=False) == bare
    assert largest_packet(child, udp_encapsulated=True) == behind_nat
    assert largest_segment(bare) == bare - 40


@pytest.mark.parametrize("encryption", Encryption)
@pytest.mark.parametrize("integrity", Integrity)
@pytest.mark.parametrize("encapsulated", [False, True])
def test_one_byte_more_would_not_fit(
    encryption: Encryption, integrity: Integrity, encapsulated: bool
) -> None:
    child = ChildSpec(encryption=encryption, integrity=integrity)
    largest = largest_packet(child, udp_encapsulated=encapsulated)
    assert _on_the_wire(child, largest, encapsulated) <= 1500 < _on_the_wire(child, largest + 1, encapsulated)
    assert largest >= SAFE_MTU
    assert largest_segment(largest) >= SAFE_MSS


def _on_the_wire(child: ChildSpec, packet: int, encapsulated: bool) -> int:
    block = child.encryption.block_bytes
    padded = -(-(packet + 2) // block) * block
    esp = 8 + block + padded + child.integrity.truncated_bits // 8
    return 20 + (8 if encapsulated else 0) + esp
