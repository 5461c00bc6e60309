"""What a charon's log says of one negotiation. The lines bear the connection's name: `05[IKE] <p7|12> …`."""

import re
from pathlib import Path

_ERRORS = (
    (re.compile(r"received (\w+) notify(?: error|, no CHILD_SA built)"), r"\1"),
    (re.compile(r"received (\w+) error notify"), r"\1"),
    (re.compile(r"IDir '.*' does not match"), "LOCAL_REJECT:IDir_MISMATCH"),
    (re.compile(r"constraint check failed: identity"), "LOCAL_REJECT:IDir_MISMATCH"),
    (re.compile(r"calculated HASH does not match"), "LOCAL_REJECT:HASH_MISMATCH"),
    (re.compile(r"giving up after \d+ retransmits"), "RETRANSMIT_TIMEOUT"),
)
_SENT = re.compile(r"generating (IKE_SA_INIT|IKE_AUTH|ID_PROT|AGGRESSIVE|QUICK_MODE) request")
_V1_NAMES = {"ID_PROT": "MAIN_MODE", "AGGRESSIVE": "AGGRESSIVE", "QUICK_MODE": "QUICK_MODE"}
_CHOSEN = re.compile(r"selected proposal: ((?:IKE|ESP):\S+)")
_REKEY_REFUSED = re.compile(r"rekeying failed|reauthenticating IKE_SA failed|establishing IKE_SA failed")


class Journal:
    """A growing log file, read from a mark on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mark = 0

    def turn_page(self) -> None:
        """From here on."""
        self.mark = self.path.stat().st_size

    def read(self) -> str:
        with self.path.open("rb") as log:
            log.seek(self.mark)
            return log.read().decode(errors="replace")


def lines_of(text: str, connection: str) -> list[str]:
    return [line for line in text.splitlines() if f"<{connection}|" in line]


def initiator_error(lines: list[str]) -> str | None:
    """The last word on why: a notify that was received, or what this end made of it by itself."""
    found = None
    for line in lines:
        for pattern, name in _ERRORS:
            if match := pattern.search(line):
                found = match.expand(name)
    return found


def last_sent(lines: list[str]) -> str | None:
    """The last message of its own that this end sent: IKE_AUTH, MAIN_MODE.5, QUICK_MODE.1."""
    sent = [match[1] for line in lines if (match := _SENT.search(line))]
    if not sent:
        return None
    kind = sent[-1]
    return f"{_V1_NAMES[kind]}.{2 * sent.count(kind) - 1}" if kind in _V1_NAMES else kind


def chosen(lines: list[str], protocol: str) -> str | None:
    """The last proposal that was selected for `protocol` (IKE, ESP)."""
    found = [match[1] for line in lines if (match := _CHOSEN.search(line))]
    return next((each for each in reversed(found) if each.startswith(protocol)), None)


def rekey_was_refused(lines: list[str]) -> bool:
    return initiator_error(lines) is not None or any(_REKEY_REFUSED.search(line) for line in lines)
