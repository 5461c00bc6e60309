"""What a form says beside its errors: warnings and advice, which let it pass."""

from dataclasses import dataclass

from ipsec.findings import Severity


@dataclass(frozen=True, slots=True)
class Note:
    message: str
    severity: Severity


Notes = dict[str, list[Note]]
"""By the name of the field they stand at."""
