"""What a rule has to say about a spec."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum


class Severity(StrEnum):
    """`error` refuses the write; `warning` and `advice` are shown and let it pass."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of one rule.

    `field` is the path of the value in the spec: `name`, `local_networks.0`, `tunnels.1.ike.psk` (the number
    after `tunnels.` is the tunnel's index, 1 or 2; list positions count from 0). `code` is stable, and its
    text in both languages lives in `wording.findings`. `params` fills that text and holds no secret.
    """

    field: str
    code: str
    severity: Severity = Severity.ERROR
    params: Mapping[str, str | int] = dataclass_field(default_factory=dict)
