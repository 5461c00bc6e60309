"""The console's values in strongSwan's proposal words, and back."""

from typing import TypeVar

from ipsec.algorithms import DhGroup, Encryption, Integrity, Pfs
from ipsec.spec import ChildSpec, IkeSpec
from peerconfigs.parsed import ChildProposal, IkeProposal

T = TypeVar("T")

ENCRYPTION = {
    Encryption.AES128: "aes128",
    Encryption.AES192: "aes192",
    Encryption.AES256: "aes256",
    Encryption.DES: "des",
    Encryption.TRIPLE_DES: "3des",
}
INTEGRITY = {member: member.value for member in Integrity}
DH_GROUP = {group: f"modp{group.modulus_bits}" for group in DhGroup}

_SYNONYMS = {"aes": "aes128", "sha": "sha1", "sha2_256": "sha256", "sha2_384": "sha384", "sha2_512": "sha512"}
_ENCRYPTION_OF = {word: member for member, word in ENCRYPTION.items()}
_INTEGRITY_OF = {word: member for member, word in INTEGRITY.items()}
_DH_GROUP_OF = {word: member for member, word in DH_GROUP.items()}
_HARMLESS = frozenset({"noesn"})


def ike_words(ike: IkeSpec) -> str:
    """One IKE proposal; the PRF is left out because strongSwan takes it from the integrity algorithm."""
    return "-".join((ENCRYPTION[ike.encryption], INTEGRITY[ike.integrity], DH_GROUP[ike.dh_group]))


def esp_words(child: ChildSpec) -> str:
    group = child.pfs.dh_group
    words = [ENCRYPTION[child.encryption], INTEGRITY[child.integrity]]
    return "-".join([*words, DH_GROUP[group]] if group else words)


def read_ike(words: str) -> IkeProposal:
    """ValueError where the proposal holds anything but one algorithm of each kind that the console has."""
    encryption, integrity, group = _sort(words)
    if group is None:
        raise ValueError(words)
    return IkeProposal(encryption, integrity, group)


def read_esp(words: str) -> ChildProposal:
    """As `read_ike`, the group optional."""
    encryption, integrity, group = _sort(words)
    return ChildProposal(encryption, integrity, Pfs(group.value) if group else Pfs.DISABLED)


def _sort(words: str) -> tuple[Encryption, Integrity, DhGroup | None]:
    spelled = [_SYNONYMS.get(word, word) for word in words.lower().split("-")]
    rest = [word for word in spelled if word not in _HARMLESS]
    encryption = _only([_ENCRYPTION_OF[word] for word in rest if word in _ENCRYPTION_OF])
    integrity = _only([_INTEGRITY_OF[word] for word in rest if word in _INTEGRITY_OF])
    groups = [_DH_GROUP_OF[word] for word in rest if word in _DH_GROUP_OF]
    known = 2 + len(groups) + rest.count(f"prf{INTEGRITY[integrity]}")
    if len(rest) != known:
        raise ValueError(words)
    return encryption, integrity, _only(groups) if groups else None


def _only(found: list[T]) -> T:
    if len(found) != 1:
        raise ValueError(found)
    return found[0]
