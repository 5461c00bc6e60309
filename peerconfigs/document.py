"""What rendering takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ipsec.findings import Finding


@dataclass(frozen=True, slots=True)
class File:
    """One file to save. `name` is ASCII and holds no path; `text` may hold keys and so stays out of repr."""

    name: str
    text: str = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """The whole of one device's configuration, and what the reader must know beside it."""

    files: tuple[File, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """How to render.

    `initiates`: the device opens the tunnels itself. `wan_interface`: Linux name of the interface towards
    the cloud. `labels`: texts of the sheet by `peerconfigs.sheet.labels` key; missing ones are English.
    """

    with_secrets: bool
    initiates: bool = False
    wan_interface: str = "eth0"
    labels: Mapping[str, str] = field(default_factory=dict)


class RenderRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The device cannot be given this connection whole; `findings` says why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(sorted({finding.code for finding in findings})))
        self.findings = findings


class ParseRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The text is no configuration of this device; `findings` says where reading stopped."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(sorted({finding.code for finding in findings})))
        self.findings = findings
