"""The largest packet a tunnel carries in one piece (RFC 4303 section 2, tunnel mode, IPv4, CBC)."""

from ipsec.spec import ChildSpec

SAFE_MTU = 1400
"""Fits every suite of the console, with and without UDP encapsulation."""
SAFE_MSS = SAFE_MTU - 40
OUTER_MTU = 1500

_OUTER_IP_HEADER = 20
_UDP_HEADER = 8
_SPI_AND_SEQUENCE = 8
_PAD_LENGTH_AND_NEXT_HEADER = 2
_INNER_IP_AND_TCP_HEADERS = 40


def largest_packet(child: ChildSpec, *, udp_encapsulated: bool, outer_mtu: int = OUTER_MTU) -> int:
    """Bytes of the largest inner IP packet whose ESP packet still fits `outer_mtu`."""
    headers = _OUTER_IP_HEADER + (_UDP_HEADER if udp_encapsulated else 0) + _SPI_AND_SEQUENCE
    block = child.encryption.block_bytes
    ciphertext = outer_mtu - headers - block - child.integrity.truncated_bits // 8
    return ciphertext // block * block - _PAD_LENGTH_AND_NEXT_HEADER


def largest_segment(packet: int) -> int:
    """TCP maximum segment size for an inner packet of that many bytes."""
    return packet - _INNER_IP_AND_TCP_HEADERS
