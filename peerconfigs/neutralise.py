"""User text on its way into comments, section names and file names."""

import re

FALLBACK_STEM = "ipsec-connection"
_STEM_LENGTH = 60
_STRUCTURAL = frozenset("{}#\\\"'`$")


def comment_text(text: str) -> str:
    """The text on one line without anything a configuration language or a shell could act on."""
    return "".join(
        character if character.isprintable() and character not in _STRUCTURAL else "_" for character in text
    )


def stem(*candidates: str) -> str:
    """The first candidate that leaves a name of ASCII letters, digits, `-` and `_`; safe everywhere."""
    for candidate in candidates:
        cleaned = re.sub(r"[^A-Za-z0-9_-]+", "-", candidate).strip("-_")[:_STEM_LENGTH].rstrip("-_")
        if cleaned:
            return cleaned
    return FALLBACK_STEM
