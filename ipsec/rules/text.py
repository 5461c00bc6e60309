"""Rules about single values that several forms share: names, descriptions and AS numbers."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from ipsec.findings import Finding
from ipsec.rules.codes import Code, advice, error
from ipsec.rules.surroundings import Surroundings
from ipsec.spec import DEFAULT_LOCAL_ASN, ConnectionSpec

LONGEST_NAME: Final = 100
SMALLEST_ASN: Final = 1
LARGEST_ASN: Final = 4294967295

_LINK_PREFIXES: Final = ("http://", "https://")
_UNPRINTABLE_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_PRIVATE_ASNS: Final = (range(64512, 65535), range(4200000000, 4294967295))
_LARGEST_SEGMENT: Final = 65535


def check_name(value: str, field: str) -> list[Finding]:
    """A name or description: at most 100 characters, no link. Empty means: none given.

    Line breaks and control characters are refused because names stand in device configurations as comments.
    """
    return [*_name_findings(value, field)]


def _name_findings(value: str, field: str) -> Iterator[Finding]:
    if len(value) > LONGEST_NAME:
        yield error(field, Code.TEXT_TOO_LONG, max=LONGEST_NAME)
    if value.lower().startswith(_LINK_PREFIXES):
        yield error(field, Code.TEXT_IS_LINK)
    if any(unicodedata.category(character) in _UNPRINTABLE_CATEGORIES for character in value):
        yield error(field, Code.TEXT_CONTROL_CHARACTER)


def connection_name(spec: ConnectionSpec, _: Surroundings) -> Iterator[Finding]:
    yield from _name_findings(spec.name, "name")


def parse_asn(text: str) -> int:
    """An AS number from `4200000000` or from two segments, `123.456` = 123 x 65536 + 456 (RFC 5396 asdot+).

    `ValueError` for any other text. The range is left to the rules.
    """
    segments = [_digits(segment) for segment in text.split(".")]
    if len(segments) == 1:
        return segments[0]
    if len(segments) > 2 or max(segments) > _LARGEST_SEGMENT:
        raise ValueError("not an AS number")
    return (segments[0] << 16) + segments[1]


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("not an AS number")
    return int(text)


def check_asn_text(text: str, field: str) -> list[Finding]:
    """What is wrong with a typed AS number, for callers whose `parse_asn` may fail."""
    try:
        return check_asn(parse_asn(text), field)
    except ValueError:
        return [error(field, Code.ASN_MALFORMED)]


def check_asn(asn: int, field: str) -> list[Finding]:
    """The range, and the console's advice to take a private number (RFC 6996)."""
    if not SMALLEST_ASN <= asn <= LARGEST_ASN:
        return [error(field, Code.ASN_OUT_OF_RANGE, min=SMALLEST_ASN, max=LARGEST_ASN)]
    if asn == DEFAULT_LOCAL_ASN or any(asn in numbers for numbers in _PRIVATE_ASNS):
        return []
    return [advice(field, Code.ASN_NOT_PRIVATE)]
