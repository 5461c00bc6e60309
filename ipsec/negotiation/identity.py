"""Identities of phase 1 (RFC 7296 section 3.5, RFC 2407 section 4.6.2) and what accepts them."""

from enum import StrEnum
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address

ANYONE = frozenset({"", "%any", "0.0.0.0", "*"})  # noqa: S104 - an identity, nothing is bound to it


class IdKind(StrEnum):
    """Identities of different kinds are never equal, whatever they read like."""

    ADDRESS = "address"
    NAME = "name"
    MAILBOX = "mailbox"
    OPAQUE = "opaque"
    """What reads like none of them: equal to the letter or not at all."""


def is_anyone(identity: str | None) -> bool:
    return identity is None or identity in ANYONE


def is_wildcard(identity: str | None) -> bool:
    """Whether it stands for several identities, so that it can't be sent as IDr."""
    return identity is None or identity in ANYONE or "*" in identity


@lru_cache(maxsize=8192)
def _parsed(identity: str) -> tuple[IdKind, str]:
    """Kind and comparable text: names compare without regard to case, a leading @ only marks a name."""
    try:
        return IdKind.ADDRESS, str(IPv4Address(identity))
    except AddressValueError:
        pass
    if identity.startswith("@@"):
        return IdKind.MAILBOX, identity[2:].lower()
    if identity.startswith("@"):
        return IdKind.NAME, identity[1:].lower()
    if "=" in identity or (":" in identity and "@" not in identity):
        return IdKind.OPAQUE, identity
    return (IdKind.MAILBOX if "@" in identity else IdKind.NAME), identity.lower()


def accepts(expected: str | None, presented: str) -> bool:
    """Whether `presented` is who is `expected`: anyone, a pattern like *.example.com, or exactly the same.

    A pattern's asterisk stands for one character at least, and only in the first place.
    """
    if expected is None or expected in ANYONE:
        return True
    expected_kind, expected_text = _parsed(expected)
    kind, text = _parsed(presented)
    if kind is not expected_kind:
        return False
    if expected_text.startswith("*"):
        return len(text) >= len(expected_text) and text.endswith(expected_text[1:])
    return text == expected_text
