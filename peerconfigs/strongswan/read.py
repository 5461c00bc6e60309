"""Reading `swanctl.conf`: what each connection with a remote address says about its tunnel."""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.findings import Finding
from peerconfigs.document import ParseRefused
from peerconfigs.findings import Code, error, warning
from peerconfigs.parsed import ParsedPeer, ParsedTunnel
from peerconfigs.strongswan.keywords import read_esp, read_ike
from peerconfigs.strongswan.quoting import read_identity, read_secret
from peerconfigs.strongswan.settings import Section, SettingsError, read

T = TypeVar("T")

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+)\s*([smhd]?)")
_YES = frozenset({"yes", "true", "1", "enabled"})
_STARTING = ("start", "trap")


def parse(text: str) -> ParsedPeer:
    """Every connection with its first child, in the order of the file."""
    root = _read(text)
    connections = root.section("connections").sections.values()
    if not connections:
        raise ParseRefused((error(Code.FILE_FOREIGN, ""),))
    secrets = list(root.section("secrets").starting_with("ike"))
    readers = [_Tunnel(index, conn, secrets) for index, conn in enumerate(connections, start=1)]
    tunnels = tuple(reader.tunnel() for reader in readers)
    return ParsedPeer(tunnels, tuple(finding for reader in readers for finding in reader.findings))


def _read(text: str) -> Section:
    try:
        return read(text)
    except SettingsError as flaw:
        raise ParseRefused((error(Code.FILE_UNREADABLE, "", line=flaw.line),)) from flaw
    except RecursionError as flaw:
        raise ParseRefused((error(Code.FILE_FOREIGN, ""),)) from flaw


class _Tunnel:
    """Reads one connection; what cannot be understood is left out and named in `findings`."""

    def __init__(self, index: int, connection: Section, secrets: list[Section]) -> None:
        self.index = index
        self.connection = connection
        self.secrets = secrets
        self.child = next(iter(connection.section("children").sections.values()), Section())
        self.findings: list[Finding] = []

    def tunnel(self) -> ParsedTunnel:
        local_id, remote_id = self.identity("local"), self.identity("remote")
        delay = self.seconds(self.connection, "dpd_delay")
        start = self.child.values.get("start_action")
        return ParsedTunnel(
            index=self.index,
            local_address=self.connection.values.get("local_addrs"),
            remote_address=self.connection.values.get("remote_addrs"),
            local_id=local_id,
            remote_id=remote_id,
            psk=self.psk(local_id, remote_id),
            version=self.version(),
            mode=self.mode(),
            ike_proposals=self.proposals(self.connection, "proposals", read_ike),
            ike_lifetime=self.ike_lifetime(),
            child_proposals=self.proposals(self.child, "esp_proposals", read_esp),
            child_lifetime=self.seconds(self.child, "life_time"),
            local_selectors=_listed(self.child, "local_ts"),
            remote_selectors=_listed(self.child, "remote_ts"),
            dpd=None if delay is None else delay > 0,
            initiates=None if start is None else start.startswith(_STARTING),
        )

    def version(self) -> IkeVersion | None:
        return {"1": IkeVersion.IKEV1, "2": IkeVersion.IKEV2}.get(self.connection.values.get("version", "0"))

    def mode(self) -> IkeMode:
        aggressive = self.connection.values.get("aggressive", "no").lower() in _YES
        return IkeMode.AGGRESSIVE if aggressive else IkeMode.MAIN

    def ike_lifetime(self) -> int | None:
        times = [self.seconds(self.connection, key) for key in ("rekey_time", "reauth_time")]
        written = [time for time in times if time is not None]
        over = self.seconds(self.connection, "over_time")
        return max(written) + over if written and over is not None else None

    def identity(self, end: str) -> str | None:
        section = next(self.connection.starting_with(end), Section())
        text = section.values.get("id")
        return None if text is None else read_identity(text)

    def psk(self, local_id: str | None, remote_id: str | None) -> str | None:
        """The key that charon would choose: the remote identity counts before the local one."""
        ranked = [(_ownership(secret, local_id, remote_id), secret) for secret in self.secrets]
        rank, best = max(ranked, key=lambda pair: pair[0], default=((False, False), Section()))
        text = best.values.get("secret")
        if text is None or not any(rank):
            return None
        try:
            return read_secret(text)
        except ValueError:
            self.note(Code.SETTING_UNREADABLE, "secret")
            return None

    def proposals(self, section: Section, key: str, reader: Callable[[str], T]) -> tuple[T, ...]:
        attempts = (self.attempt(reader, text, Code.ALGORITHM_UNKNOWN) for text in _listed(section, key))
        return tuple(proposal for proposal in attempts if proposal is not None)

    def seconds(self, section: Section, key: str) -> int | None:
        text = section.values.get(key)
        return None if text is None else self.attempt(_seconds, text, Code.SETTING_UNREADABLE)

    def attempt(self, reader: Callable[[str], T], text: str, code: Code) -> T | None:
        try:
            return reader(text)
        except ValueError:
            self.note(code, text)
            return None

    def note(self, code: Code, value: str) -> None:
        self.findings.append(warning(code, f"tunnels.{self.index}", tunnel=self.index, value=value))


def _seconds(text: str) -> int:
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    return int(found.group(1)) * _SECONDS[found.group(2)]


def _listed(section: Section, key: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in section.values.get(key, "").split(",") if part.strip())


def _ownership(secret: Section, local_id: str | None, remote_id: str | None) -> tuple[bool, bool]:
    owners = set(_owners(secret))
    if not owners:
        return True, True
    return (remote_id or "").lower() in owners, (local_id or "").lower() in owners


def _owners(secret: Section) -> Iterator[str]:
    for key, value in secret.values.items():
        if key.startswith("id"):
            yield read_identity(value).lower()
