"""How long things take. Figures are medians of a strongSwan 5.9.8 pair on one two-core machine."""

from hashlib import blake2b

from ipsec.algorithms import DhGroup

DH_MS = {DhGroup.GROUP1: 1.0, DhGroup.GROUP2: 2.0, DhGroup.GROUP5: 4.5, DhGroup.GROUP14: 9.5}
"""One Diffie-Hellman agreement, both ends together."""

RETRANSMIT_SECONDS = 4.0
RETRANSMIT_BASE = 1.8
RETRANSMIT_TRIES = 5

RETRANSMIT_AT_MS = tuple(
    round(1000 * RETRANSMIT_SECONDS * sum(RETRANSMIT_BASE**n for n in range(tries)))
    for tries in range(1, RETRANSMIT_TRIES + 2)
)
"""When the first, second, … retransmit goes out after the message; the last entry is giving up (165 s)."""

QUICK_MODE_OVERTAKES = 0.14
"""How often aggressive mode's responder meets quick mode before the third message, and drops it."""

SETTLE_MS = 1000
"""Between what has come up and a forced rekey."""


def draw(seed: int, what: str) -> float:
    """A number in [0, 1) that is the same whenever it is asked for."""
    digest = blake2b(f"{seed}:{what}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**32


def spread(seed: int, what: str) -> float:
    """A factor around 1: machines are busy to different degrees."""
    return 0.85 + 0.3 * draw(seed, what)
