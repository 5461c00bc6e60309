"""What two charons make of a pair, in the words of the measured tables."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from vici.exception import CommandException

from ipsec.negotiation import Endpoint, ForcedRekey, Scenario
from ipsec.transcript import Side
from lab import journal
from lab.associations import Child, IkeSa, at_rest, established, listed
from lab.connections import CHILD, connection
from lab.ends import Ends
from lab.patience import UnplayableError, until
from lab.rekeys import rekey
from lab.routers import Router

_MILLISECONDS_TO_COME_UP = "8000"


@dataclass(frozen=True, slots=True)
class Finding:
    """`outcome` has the keys of `ipsec.negotiation.pairs.answer`, none where `trouble` kept it from its end.

    `logs` is what each end wrote meanwhile.
    """

    outcome: dict[str, object]
    logs: dict[Side, str]
    trouble: str = ""


class Referee:
    """Plays pairs between two ends, one after the other; each finds the daemons as if just started."""

    def __init__(self, ends: Ends, router: Router | None = None) -> None:
        self.ends = ends
        self.router = router
        self.played = 0

    def play(self, scenario: Scenario) -> Finding:
        """Raises UnplayableError, or OSError where a daemon is gone."""
        self.played += 1
        name = f"p{self.played}"
        for side, end in self.ends.items():
            end.journal.turn_page()
            hidden = side is Side.PEER and scenario.path.behind_nat
            _load(end.vici, name, scenario.end(side), scenario.path.inside_address if hidden else "")
        outcome = _Game(self.ends, name, scenario).play()
        logs = {side: end.journal.read() for side, end in self.ends.items()}
        self._clear(name)
        if self.router:
            self.router.forget()
        return Finding(outcome, logs)

    def _clear(self, name: str) -> None:
        for end in self.ends.values():
            for sa in listed(end.vici):
                _terminate(end.vici, sa)
        until(lambda: not any(listed(end.vici) for end in self.ends.values()), "the end")
        for end in self.ends.values():
            end.vici.unload_conn({"name": name})
            end.vici.unload_shared({"id": name})


def _load(vici: Any, name: str, end: Endpoint, own_address: str) -> None:
    """The key belongs to no identity, so it is found for every one."""
    try:
        vici.load_shared({"id": name, "type": "IKE", "data": end.psk or ""})
        vici.load_conn({name: connection(end, own_address)})
    except CommandException as problem:
        raise UnplayableError(f"not loaded: {problem}") from None


def _terminate(vici: Any, sa: IkeSa) -> None:
    asked = {"ike-id": str(sa.number), "force": "yes", "timeout": "-1", "loglevel": "-1"}
    try:
        for _line in vici.terminate(asked):
            pass
    except CommandException:
        """It has gone by itself."""


class _Game:
    """One pair between two ends that have loaded it under `name`."""

    def __init__(self, ends: Ends, name: str, scenario: Scenario) -> None:
        self.ends = ends
        self.name = name
        self.scenario = scenario
        self.side = scenario.initiator
        self.initiator, self.responder = ends[self.side], ends[self.side.other]

    def play(self) -> dict[str, object]:
        self._initiate()
        until(lambda: at_rest(listed(self.initiator.vici), listed(self.responder.vici)), "set-up")
        outcome = self._outcome()
        up = bool(outcome["child_established"])
        outcome["rekey"] = [self._rekey(forced) for forced in self.scenario.rekeys] if up else []
        return outcome

    def _initiate(self) -> None:
        asked = {"ike": self.name, "child": CHILD, "timeout": _MILLISECONDS_TO_COME_UP, "loglevel": "-1"}
        try:
            for _line in self.initiator.vici.initiate(asked):
                pass
        except CommandException:
            """Refused. The log says why, and the SAs how far it came."""

    def _outcome(self) -> dict[str, object]:
        sas = established(listed(self.ends[Side.CLOUD].vici)).values()
        children = [child for sa in sas for child in sa.installed]
        up = bool(children)
        lines = self._lines(self.side)
        responders = self.responder.journal.read().splitlines()
        return {
            "ike_established": bool(sas),
            "child_established": up,
            "selected_ike_proposal": journal.chosen(responders, "IKE"),
            "selected_esp_proposal": journal.chosen(lines, "ESP") if up else None,
            "negotiated_ts_local": _networks(children, "local_ts") if up else None,
            "negotiated_ts_remote": _networks(children, "remote_ts") if up else None,
            "initiator_error": None if up else journal.initiator_error(lines),
            "failed_at": None if up else journal.last_sent(lines),
        }

    def _lines(self, side: Side) -> list[str]:
        return journal.lines_of(self.ends[side].journal.read(), self.name)

    def _rekey(self, forced: ForcedRekey) -> dict[str, object]:
        said = len(self._lines(forced.by))

        def refused() -> bool:
            return journal.rekey_was_refused(self._lines(forced.by)[said:])

        passed = rekey(self.ends[forced.by], self.ends[forced.by.other], forced, refused)
        return {"by": forced.by.value, "what": forced.what, "ok": passed}


def _networks(children: list[Child], which: str) -> list[str]:
    """Sorted by address, as the engine lists them."""
    found = {network for child in children for network in getattr(child, which)}
    return sorted(found, key=IPv4Network)
