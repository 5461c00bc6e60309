"""The panel as data: what each tunnel will do, whether they stand in for each other, what to call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from accounts.regions import BY_ID, tunnel_zones
from connections.preview.api_calls import ApiCall, api_calls
from connections.preview.outlook import TunnelOutlook, outlook
from connections.preview.topology import Topology, topology
from connections.services.request import Found, NewConnection
from ipsec.findings import Finding
from ipsec.redundancy import Judgement, Redundancy, judge
from ipsec.spec import ConnectionSpec
from wording import redundancy
from wording.look import Look, bad, good, quiet, warn


@dataclass(frozen=True, slots=True)
class Panel:
    verdict: Look
    tunnels: tuple[TunnelOutlook, ...]
    redundancy: Look
    weaknesses: tuple[str, ...]
    topology: Topology
    calls: tuple[ApiCall, ...]

    @property
    def negotiated(self) -> bool:
        """Whether anything in it rests on a negotiation."""
        return any(tunnel.rungs for tunnel in self.tunnels)


def preview(new: NewConnection, found: Found) -> Panel:
    """What would come of `new`, as far as it says. Reads nothing: `found` has been looked up already."""
    spec = with_zones(found.spec, new.region)
    outlooks = tuple(
        outlook(spec, tunnel, concerning(found.findings, tunnel.index), bound=new.binds_now)
        for tunnel in spec.tunnels
    )
    judgement = judge(spec)
    return Panel(
        verdict=_verdict(outlooks),
        tunnels=outlooks,
        redundancy=_redundancy(judgement, outlooks),
        weaknesses=tuple(redundancy.reasons(judgement)),
        topology=topology(spec, found, outlooks),
        calls=api_calls(new, found),
    )


def with_zones(spec: ConnectionSpec, region: str) -> ConnectionSpec:
    if region not in BY_ID:
        return spec
    zones = tunnel_zones(region)
    tunnels = tuple(replace(tunnel, zone=zones[tunnel.index - 1]) for tunnel in spec.tunnels)
    return replace(spec, tunnels=tunnels)


def concerning(findings: Sequence[Finding], index: int) -> list[Finding]:
    """What is said of this tunnel, then what is said of the whole."""
    of_one = [finding for finding in findings if finding.field.startswith("tunnels.")]
    own = [finding for finding in of_one if finding.field.startswith(f"tunnels.{index}.")]
    return own + [finding for finding in findings if finding not in of_one]


def _redundancy(judgement: Judgement, outlooks: Sequence[TunnelOutlook]) -> Look:
    """Two tunnels stand in for each other only where both will stand."""
    if judgement.verdict is Redundancy.MET and any(one.look.role in ("bad", "warn") for one in outlooks):
        judgement = Judgement(Redundancy.UNKNOWN)
    return redundancy.look(judgement)


def _verdict(outlooks: Sequence[TunnelOutlook]) -> Look:
    roles = [one.look.role for one in outlooks]
    if roles.count("good") == len(roles):
        return good(_("Both tunnels will come up"))
    if any(one.rungs and one.look.role != "good" for one in outlooks):
        return warn(_("Not every tunnel will come up"))
    if "bad" in roles:
        return bad(_("There is something to put right"))
    if all(one.unbound for one in outlooks):
        return quiet(_("Can be saved; negotiates once it is bound"))
    return quiet(_("Not enough is filled in to tell"))
