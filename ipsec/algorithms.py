"""Enumerations of the console's IKE and IPsec parameters.

Every member's value is what the console and the OpenAPI write (`IkeEncAlg`, `IkePfs`, …), so a value
that came in by form or file is converted by calling the enumeration.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Strength(StrEnum):
    """How an algorithm is to be advised on; nothing is ever refused for being weak."""

    STRONG = "strong"
    LEGACY = "legacy"
    BROKEN = "broken"


class IkeVersion(StrEnum):
    IKEV1 = "ikev1"
    IKEV2 = "ikev2"


class IkeMode(StrEnum):
    """Phase 1 exchange of IKEv1; kept for ikev2, where it has no effect."""

    MAIN = "main"
    AGGRESSIVE = "aggressive"


class Encryption(StrEnum):
    AES128 = "aes"
    AES192 = "aes192"
    AES256 = "aes256"
    DES = "des"
    TRIPLE_DES = "3des"

    @property
    def key_bits(self) -> int:
        return _CIPHERS[self][0]

    @property
    def block_bytes(self) -> int:
        return _CIPHERS[self][1]

    @property
    def strength(self) -> Strength:
        return _CIPHERS[self][2]


class Integrity(StrEnum):
    SHA1 = "sha1"
    MD5 = "md5"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @property
    def truncated_bits(self) -> int:
        """Length of the integrity check value in ESP (RFC 2403, 2404, 4868)."""
        return _HASHES[self][1]

    @property
    def strength(self) -> Strength:
        return _HASHES[self][2]


class DhGroup(StrEnum):
    GROUP1 = "group1"
    GROUP2 = "group2"
    GROUP5 = "group5"
    GROUP14 = "group14"

    @property
    def number(self) -> int:
        return int(self.value.removeprefix("group"))

    @property
    def modulus_bits(self) -> int:
        return _GROUPS[self][0]

    @property
    def strength(self) -> Strength:
        return _GROUPS[self][1]


_CIPHERS: Final[Mapping[Encryption, tuple[int, int, Strength]]] = {
    Encryption.AES128: (128, 16, Strength.STRONG),
    Encryption.AES192: (192, 16, Strength.STRONG),
    Encryption.AES256: (256, 16, Strength.STRONG),
    Encryption.DES: (56, 8, Strength.BROKEN),
    Encryption.TRIPLE_DES: (168, 8, Strength.LEGACY),
}
_HASHES: Final[Mapping[Integrity, tuple[int, int, Strength]]] = {
    Integrity.SHA1: (160, 96, Strength.LEGACY),
    Integrity.MD5: (128, 96, Strength.BROKEN),
    Integrity.SHA256: (256, 128, Strength.STRONG),
    Integrity.SHA384: (384, 192, Strength.STRONG),
    Integrity.SHA512: (512, 256, Strength.STRONG),
}
_GROUPS: Final[Mapping[DhGroup, tuple[int, Strength]]] = {
    DhGroup.GROUP1: (768, Strength.BROKEN),
    DhGroup.GROUP2: (1024, Strength.LEGACY),
    DhGroup.GROUP5: (1536, Strength.LEGACY),
    DhGroup.GROUP14: (2048, Strength.STRONG),
}


class Pfs(StrEnum):
    """DH group of phase 2; any group but `disabled` turns perfect forward secrecy on."""

    DISABLED = "disabled"
    GROUP1 = "group1"
    GROUP2 = "group2"
    GROUP5 = "group5"
    GROUP14 = "group14"

    @property
    def dh_group(self) -> DhGroup | None:
        return None if self is Pfs.DISABLED else DhGroup(self.value)


class NetworkType(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


class RoutingMode(StrEnum):
    """`destination` sends 0.0.0.0/0 as both selectors; `policy` is the console's 感兴趣流模式."""

    DESTINATION = "destination"
    POLICY = "policy"
