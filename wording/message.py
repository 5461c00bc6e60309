"""The text of any finding, whoever made it."""

from collections.abc import Callable, Container
from typing import Final

from ipsec.findings import Finding
from wording import findings, peerconfigs, refusals

_SOURCES: Final[tuple[tuple[Container[str], Callable[[Finding], str]], ...]] = (
    (findings.TEXTS, findings.message),
    (peerconfigs.TEXTS, peerconfigs.message),
    (refusals.TEXTS, refusals.message),
)


def message(finding: Finding) -> str:
    """In the language active now. `LookupError` for a code that has no text."""
    for texts, say in _SOURCES:
        if finding.code in texts:
            return say(finding)
    raise LookupError(f"no text for the finding {finding.code}")
