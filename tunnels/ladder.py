"""The phase ladder of a tunnel's page: reach, IKE SA, child SA, BGP, and where it stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.causes import CauseId
from ipsec.transcript import Phase, Refusal, Side, Step, StepKind, Transcript
from tunnels.models import NegotiationRun, Tunnel
from tunnels.standing import NOBODY_BEGINS
from tunnels.transcripts import decode, decode_refusal
from tunnels.verdicts import Verdict, verdict_of
from wording.look import Look, bad, busy, good, quiet, warn

Text = str | Promise

TITLES: Final[Mapping[Phase, Text]] = MappingProxyType(
    {
        Phase.REACH: _("Reach the device"),
        Phase.IKE: _("IKE SA (phase 1)"),
        Phase.CHILD: _("IPsec SA (phase 2)"),
        Phase.BGP: _("BGP session"),
    }
)
_UP: Final[Mapping[Phase, StepKind]] = MappingProxyType(
    {Phase.IKE: StepKind.IKE_UP, Phase.CHILD: StepKind.CHILD_UP, Phase.BGP: StepKind.BGP_UP}
)
_DONE: Final[Mapping[Phase, Text]] = MappingProxyType(
    {
        Phase.REACH: _("Answers"),
        Phase.IKE: _("Established"),
        Phase.CHILD: _("Established"),
        Phase.BGP: _("Established"),
    }
)
_PROTOCOLS: Final[Mapping[Phase, str]] = MappingProxyType({Phase.IKE: "IKE:", Phase.CHILD: "ESP:"})


@dataclass(frozen=True, slots=True)
class Fact:
    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class Rung:
    """`verdict` is why it stops here; `later` what will fail although this rung is up now."""

    phase: Phase
    look: Look
    facts: tuple[Fact, ...] = ()
    verdict: Verdict | None = None
    later: tuple[Verdict, ...] = ()

    @property
    def title(self) -> Text:
        return TITLES[self.phase]


@dataclass(frozen=True, slots=True)
class Played:
    """As much of the current attempt as has been played. `refusal` is the run's last one, or None."""

    tunnel: Tunnel
    run: NegotiationRun
    transcript: Transcript | None
    refusal: Refusal | None

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.transcript.steps[: self.run.cursor] if self.transcript else ()

    def has(self, kind: StepKind | None) -> bool:
        return any(step.kind is kind for step in self.steps)

    def begun(self, phase: Phase) -> bool:
        """Whether a step of this phase or a later one has been played."""
        phases = [*Phase]
        return any(phases.index(step.phase) >= phases.index(phase) for step in self.steps)

    @property
    def at_work(self) -> bool:
        return self.run.negotiating or (self.transcript is not None and not self.at_end)

    @property
    def at_end(self) -> bool:
        return self.transcript is not None and self.run.cursor >= len(self.transcript.steps)


def ladder(tunnel: Tunnel) -> tuple[Rung, ...]:
    """The four rungs of the attempt that `tunnel.run` is at, three where the tunnel has no BGP."""
    run = tunnel.run
    transcript = decode(run.transcript) if run.transcript else None
    played = Played(tunnel, run, transcript, decode_refusal(run.refusal))
    phases = [phase for phase in Phase if phase is not Phase.BGP or tunnel.tunnel_cidr]
    return tuple(_rung(played, phase) for phase in phases)


def _rung(played: Played, phase: Phase) -> Rung:
    stopped = _stops_at(played) is phase
    later = _later(played) if phase is Phase.CHILD and played.has(StepKind.CHILD_UP) else ()
    look = _look(played, phase, stopped=stopped)
    if later and not stopped:
        look = warn(_("Established, with a flaw"))
    verdict = verdict_of(played.run) if stopped else None
    return Rung(phase, look, tuple(_facts(played, phase)), verdict, later)


def _stops_at(played: Played) -> Phase | None:
    """The rung at which the last attempt stopped; none while a new one is on its way past it."""
    run = played.run
    if not run.cause or run.negotiating:
        return None
    return played.refusal.phase if played.refusal else Phase.REACH


def _look(played: Played, phase: Phase, *, stopped: bool) -> Look:
    if stopped:
        resting = played.run.cause in NOBODY_BEGINS
        return quiet(_("Not started")) if resting else bad(_("Failed"))
    if played.run.out_of_service:
        return Look("quiet", "pause-circle", _("Out of service"))
    if _lost(played, phase):
        return bad(_("Silent")) if phase is Phase.REACH else quiet(_("Gone"))
    if played.has(_UP.get(phase)) or (phase is Phase.REACH and played.begun(Phase.IKE)):
        return good(_DONE[phase])
    return busy(_("In progress")) if played.at_work and _is_next(played, phase) else quiet(_("Not started"))


def _lost(played: Played, phase: Phase) -> bool:
    """What was climbed in the set-up and has fallen since: all above the rung that stops, and with a device
    that has fallen silent the one below it."""
    stop, phases = _stops_at(played), [*Phase]
    if stop is None or not played.has(_UP.get(stop)):
        return False
    if phase is Phase.REACH:
        return played.run.cause == CauseId.DPD_TIMEOUT
    return phases.index(phase) > phases.index(stop)


def _is_next(played: Played, phase: Phase) -> bool:
    """Whether everything below this rung is climbed."""
    below = {
        Phase.REACH: True,
        Phase.IKE: played.begun(Phase.IKE),
        Phase.CHILD: played.has(StepKind.IKE_UP),
        Phase.BGP: played.has(StepKind.CHILD_UP),
    }
    return below[phase]


def _later(played: Played) -> tuple[Verdict, ...]:
    later = played.transcript.later if played.transcript else ()
    return tuple(Verdict.to_come(refusal) for refusal in later)


# What stands beside a rung


def _facts(played: Played, phase: Phase) -> list[Fact]:
    if phase is Phase.REACH:
        return _path(played)
    return _session(played) if phase is Phase.BGP else _proposals(played, phase)


def _path(played: Played) -> list[Fact]:
    tunnel = played.tunnel
    ports = sorted(
        {
            int(step.detail["port"])
            for step in played.steps
            if step.phase is not Phase.BGP and "port" in step.detail
        }
    )
    facts = [Fact(_("Between"), f"{tunnel.gateway_address or '–'} ⇄ {tunnel.customer_gateway.address}")]
    return [*facts, Fact(_("UDP port"), ", ".join(map(str, ports)))] if ports else facts


def _proposals(played: Played, phase: Phase) -> list[Fact]:
    """What was offered first, by whom, and what came out of it."""
    prefix = _PROTOCOLS[phase]
    said = [step for step in played.steps if str(step.detail.get("proposal", "")).startswith(prefix)]
    if not said:
        return []
    facts = [Fact(_OFFERED[said[0].sender], str(said[0].detail["proposal"]))]
    up = next((step for step in said if step.kind is _UP[phase]), None)
    if up is None:
        return facts
    facts.append(Fact(_("Chosen"), str(up.detail["proposal"])))
    if "local_ts" in up.detail:
        facts.append(Fact(_("Networks"), f"{up.detail['local_ts']} ⇄ {up.detail['remote_ts']}"))
    return facts


_OFFERED: Final[Mapping[Side, Text]] = MappingProxyType(
    {Side.CLOUD: _("Offered by the cloud"), Side.PEER: _("Offered by the device")}
)


def _session(played: Played) -> list[Fact]:
    tunnel = played.tunnel
    ours, theirs = tunnel.connection.local_asn, tunnel.customer_gateway.asn
    return [
        Fact(_("AS numbers"), f"{ours} ⇄ {theirs or '–'}"),
        Fact(_("Tunnel CIDR Block"), tunnel.tunnel_cidr or ""),
    ]
