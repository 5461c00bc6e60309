"""Pre-shared keys: what may be in one, making one, and judging one. No key leaves here in a message."""

import math
import secrets
import string
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final, Protocol, TypeVar

ALPHABET: Final = frozenset(chr(code) for code in range(0x21, 0x7F))
"""Every printable ASCII character but the space: the union of what the page and the API document."""
MAX_LENGTH: Final = 100
GENERATED_LENGTH: Final = 16
"""The length of the key the console makes when the field is left blank."""

_CLASSES: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
_GENERATED_CLASSES: Final = _CLASSES[:3]
_FAIR_BITS: Final = 50
_STRONG_BITS: Final = 80
_MOST_DRAWS: Final = 20
"""A source that never varies must not be asked for ever."""

_Option = TypeVar("_Option")


class Choice(Protocol):
    """Draws one of the options, as `secrets.choice` and `random.Random(seed).choice` do."""

    def __call__(self, seq: Sequence[_Option], /) -> _Option: ...


class PskStrength(StrEnum):
    """How long a key withstands guessing; nothing is refused for it."""

    WEAK = "weak"
    FAIR = "fair"
    STRONG = "strong"


def generate(choice: Choice = secrets.choice) -> str:
    """A random key of letters and digits that is strong: one in forty is not, and is drawn again."""
    key = _draw(choice)
    for _time in range(_MOST_DRAWS):
        if strength(key) is PskStrength.STRONG:
            break
        key = _draw(choice)
    return key


def _draw(choice: Choice) -> str:
    """At least one lower-case, one upper-case letter and one digit.

    One of each class is drawn first and all are then put into random order, so any `choice` comes to an end.
    """
    rest = GENERATED_LENGTH - len(_GENERATED_CLASSES)
    drawn = [choice(characters) for characters in _GENERATED_CLASSES]
    drawn += [choice("".join(_GENERATED_CLASSES)) for _ in range(rest)]
    return "".join(drawn.pop(choice(range(len(drawn)))) for _ in range(GENERATED_LENGTH))


def first_bad_position(psk: str) -> int | None:
    """Where, counted from 1, the first character stands that no key may hold; None where all may."""
    return next((position for position, character in enumerate(psk, 1) if character not in ALPHABET), None)


def strength(psk: str) -> PskStrength:
    """A rough estimate by length and kinds of characters; runs such as `aaaa` or `1234` count once."""
    bits = _telling_length(psk) * math.log2(max(_pool_size(psk), 2))
    if bits < _FAIR_BITS:
        return PskStrength.WEAK
    return PskStrength.STRONG if bits >= _STRONG_BITS else PskStrength.FAIR


def _telling_length(psk: str) -> int:
    """Characters that do not merely repeat or continue the one before; at most twice the distinct ones."""
    steps = (abs(ord(here) - ord(before)) for before, here in pairwise(psk))
    telling = bool(psk) + sum(step > 1 for step in steps)
    return min(telling, 2 * len(set(psk)))


def _pool_size(psk: str) -> int:
    return sum(len(characters) for characters in _CLASSES if not set(psk).isdisjoint(characters))
