"""How a state looks: icon shape, word and colour role, always all three."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Look:
    """`role` is one of good, busy, warn, bad, quiet; `icon` a heroicon's name."""

    role: str
    icon: str
    word: "str | Promise"


def good(word: "str | Promise") -> Look:
    return Look("good", "check-circle", word)


def busy(word: "str | Promise") -> Look:
    return Look("busy", "arrow-path", word)


def warn(word: "str | Promise") -> Look:
    return Look("warn", "exclamation-triangle", word)


def bad(word: "str | Promise") -> Look:
    return Look("bad", "x-circle", word)


def quiet(word: "str | Promise") -> Look:
    return Look("quiet", "minus-circle", word)
