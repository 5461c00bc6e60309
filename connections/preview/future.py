"""What saving an edit would bring about: for each tunnel what happens to it, and what comes of it.

The edited draft is negotiated against the tunnel's present device, and once more against the device as it is
set up now: the simulated one follows the generated configuration at once, a real one does not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.encryption import SecretUnreadable
from connections.models import IPsecConnection
from connections.preview.outlook import Rung, rungs, sorted_out
from connections.preview.panel import concerning
from connections.services.editing import changed_by
from connections.services.request import Found
from connections.services.routes import Led, led_by_routes
from gateways.models import CustomerGateway
from ipsec.findings import Finding
from ipsec.negotiation import Endpoint, Scenario, cloud_endpoint, mirrored_peer, verdict
from ipsec.redundancy import Judgement, Redundancy, judge
from ipsec.spec import ConnectionSpec, PeerSpec, TunnelSpec
from ipsec.transcript import Side, Transcript
from tunnels.devices.comparison import NO_DATA, expected
from tunnels.devices.ends import Ends, ends_of
from tunnels.impact import Impact, impact
from tunnels.models import Tunnel
from tunnels.scenario import blocked_by, peer_endpoint
from tunnels.verdicts import Verdict
from wording import redundancy
from wording.look import Look, bad, good, quiet, warn
from wording.message import message

Text = str | Promise

IMPACTS: Final[Mapping[Impact, tuple[Look, Text]]] = MappingProxyType(
    {
        Impact.NOTHING: (
            Look("quiet", "check", _("Nothing")),
            _("Nothing is negotiated; the tunnel goes on as it is."),
        ),
        Impact.REKEY_IKE: (
            Look("quiet", "arrow-path", _("Rekey of phase 1")),
            _("The IKE SA is rekeyed; traffic goes on."),
        ),
        Impact.CHILD_ANEW: (
            Look("quiet", "arrow-path", _("Rekey: phase 2 anew")),
            _("The IPsec SA is put up anew under the IKE SA; traffic pauses for a moment."),
        ),
        Impact.BGP_BEGINS: (
            Look("quiet", "play-circle", _("BGP session begins")),
            _("A BGP session is opened; both SAs stay."),
        ),
        Impact.BGP_ENDS: (
            Look("quiet", "stop-circle", _("BGP session ends")),
            _("The BGP session is closed, and the routes learnt by it go; both SAs stay."),
        ),
        Impact.BGP_ANEW: (
            Look("quiet", "arrow-path", _("BGP session anew")),
            _("The BGP session is closed and opened again; both SAs stay."),
        ),
        Impact.RENEGOTIATES: (
            warn(_("Renegotiation, with an interruption")),
            _("Its SAs are closed and it negotiates from the start; until it is up, it carries nothing."),
        ),
        Impact.BEGINS: (
            Look("quiet", "play-circle", _("Negotiates at once")),
            _("It is not up, so nothing is interrupted; it negotiates from the start."),
        ),
        Impact.AWAITS_TRAFFIC: (
            warn(_("Goes down until traffic comes in")),
            _("Effective Immediately is off: its SAs are closed, and it negotiates when traffic comes in."),
        ),
        Impact.STILL_WAITS: (
            Look("quiet", "pause-circle", _("Goes on waiting for traffic")),
            _("It is not up; it negotiates, with the new values, when traffic comes in."),
        ),
        Impact.ONCE_IN_SERVICE: (
            Look("quiet", "pause-circle", _("Nothing yet: out of service")),
            _("It takes effect when the tunnel is put back into service."),
        ),
        Impact.ONCE_BOUND: (
            quiet(_("Nothing yet: not bound")),
            _("It takes effect when the connection is bound to a transit router."),
        ),
    }
)
STRANDED: Final[tuple[Look, Text]] = (
    warn(_("No route leads through it")),
    _("Even with its SAs up it carries nothing until a destination route is added or BGP is up."),
)
INTERRUPTING: Final = frozenset({Impact.RENEGOTIATES, Impact.AWAITS_TRAFFIC})
UNTOUCHED: Final = frozenset({Impact.NOTHING, Impact.STILL_WAITS, Impact.ONCE_IN_SERVICE, Impact.ONCE_BOUND})


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a negotiation comes to. `rungs` is empty where the draft does not say enough to negotiate: then
    nobody knows whether the tunnel carries."""

    look: Look
    reason: str = ""
    rungs: tuple[Rung, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    carries: bool = True
    up: bool = False
    """Whether both SAs come up, and `bgp` its BGP session."""
    bgp: bool = False


@dataclass(frozen=True, slots=True)
class TunnelFuture:
    """`until` is what the device, left as it is set up now, makes of it; None where the device may stay."""

    index: int
    impacts: tuple[Impact, ...]
    expected: Expectation
    follows: bool
    """Whether the simulated device takes over whatever the generated configuration says."""
    until: Expectation | None = None
    stranded: bool = False
    """Whether routes or BGP lead to the data centre now, and afterwards nothing does."""

    @property
    def effects(self) -> list[tuple[Look, Text]]:
        return [*(IMPACTS[one] for one in self.impacts), *([STRANDED] if self.stranded else [])]

    @property
    def interrupts(self) -> bool:
        return not INTERRUPTING.isdisjoint(self.impacts)


@dataclass(frozen=True, slots=True)
class Future:
    verdict: Look
    tunnels: tuple[TunnelFuture, ...]
    redundancy: Look
    weaknesses: tuple[str, ...]
    nothing_changes: bool


ALARMS: Final[tuple[tuple[Callable[[TunnelFuture], bool], Text, tuple[Text, Text]], ...]] = (
    (
        lambda one: one.stranded,
        _("No route will lead to the data centre"),
        (_("No route will lead through tunnel 1"), _("No route will lead through tunnel 2")),
    ),
    (
        lambda one: one.interrupts,
        _("Interrupts both tunnels at once"),
        (_("Interrupts tunnel 1"), _("Interrupts tunnel 2")),
    ),
)
"""What of a tunnel is the headline: of both tunnels, and of each alone. What lasts comes first."""


def future(connection: IPsecConnection, rows: Sequence[Tunnel], found: Found) -> Future:
    """What would come of `found`. Reads the devices, and writes nothing."""
    changed = changed_by(found, connection, [*rows])
    immediately = found.spec.effect_immediately
    led = led_by_routes(connection, found.spec)
    bgp = {one.index for one in found.spec.tunnels if one.bgp}

    def impacts(row: Tunnel) -> tuple[Impact, ...]:
        touching = changed.touching(row)
        return impact(row, row.run, touching, immediately=immediately, bgp=row.index in bgp)

    tunnels = tuple(_led(_tunnel(found, row, impacts(row)), row, led) for row in rows)
    judgement = _judgement(found.spec, [one.expected for one in tunnels])
    return Future(
        verdict=_verdict(
            tunnels, wrong=any(one.expected.look.role == "bad" and not one.expected.rungs for one in tunnels)
        ),
        tunnels=tunnels,
        redundancy=redundancy.look(judgement),
        weaknesses=tuple(redundancy.reasons(judgement)),
        nothing_changes=not changed,
    )


def _judgement(spec: ConnectionSpec, expected: Sequence[Expectation]) -> Judgement:
    """Met only where it is known that both will carry."""
    judgement = judge(spec, both_up=all(one.carries for one in expected))
    if judgement.verdict is Redundancy.MET and not all(one.rungs for one in expected):
        return Judgement(Redundancy.UNKNOWN)
    return judgement


def _verdict(tunnels: Sequence[TunnelFuture], *, wrong: bool) -> Look:
    """The panel's headline: of all that happens, what an administrator must know first."""
    if wrong:
        return bad(_("There is something to put right"))
    for alarms, both, each in ALARMS:
        hit = [one for one in tunnels if alarms(one)]
        if hit:
            return warn(both if len(hit) > 1 else each[hit[0].index - 1])
    touched = [one for one in tunnels if not UNTOUCHED.issuperset(one.impacts)]
    if not touched:
        return Look("quiet", "check", _("Touches neither tunnel"))
    if not all(one.expected.carries for one in touched):
        return warn(_("Not every tunnel will come up"))
    return good(_("Interrupts no tunnel"))


def _tunnel(found: Found, row: Tunnel, impacts: tuple[Impact, ...]) -> TunnelFuture:
    stopped = _cannot_tell(concerning(found.findings, row.index))
    if stopped is not None:
        return TunnelFuture(row.index, impacts, stopped, follows=False)
    ends = ends_of(row)
    spec = _with_keys(found.spec, ends)
    (tunnel,) = spec.tunnels
    cloud = cloud_endpoint(spec, tunnel)
    follower = _expectation(ends, cloud, mirrored_peer(spec, tunnel))
    until = _expectation(ends, cloud, ends.mirror) if cloud != ends.cloud else follower
    worse = (until.look, until.reason) != (follower.look, follower.reason)
    return TunnelFuture(row.index, impacts, follower, follows=worse, until=until if worse else None)


def _led(one: TunnelFuture, row: Tunnel, led: Led) -> TunnelFuture:
    """SAs alone carry nothing: where the edit takes the last way to the data centre, it says so."""
    leads_now, leads_then = led.now or bool(row.tunnel_cidr), led.then or one.expected.bgp
    if not one.expected.up or UNTOUCHED.issuperset(one.impacts) or leads_then or not leads_now:
        return one
    return replace(one, stranded=True, expected=replace(one.expected, carries=False))


def _cannot_tell(findings: list[Finding]) -> Expectation | None:
    missing, wrong = sorted_out(findings)
    if wrong:
        return Expectation(bad(_("Cannot be saved like this")), message(wrong[0]))
    return Expectation(quiet(_("Cannot tell yet")), message(missing[0])) if missing else None


def _with_keys(spec: ConnectionSpec, ends: Ends) -> ConnectionSpec:
    """The one tunnel, with its new key or the present one, and the authentication key of its device."""
    tunnel = next(one for one in spec.tunnels if one.index == ends.tunnel.index)
    present = None if ends.unknown else ends.cloud.psk
    ike = replace(tunnel.ike, psk=tunnel.ike.psk or present)
    return replace(spec, tunnels=(replace(tunnel, ike=ike, peer=_peer(tunnel, ends)),))


def _peer(tunnel: TunnelSpec, ends: Ends) -> PeerSpec | None:
    if tunnel.peer is None or tunnel.bgp is None:
        return tunnel.peer
    try:
        rows = CustomerGateway.objects.filter(public_id=tunnel.peer.gateway_id)
        key = rows.values_list("auth_key", flat=True).first() or ""
    except SecretUnreadable:
        key = ""
    return replace(tunnel.peer, auth_key=key)


def _expectation(ends: Ends, cloud: Endpoint, mirror: Endpoint) -> Expectation:
    peer = peer_endpoint(mirror, ends.device)
    side = Side.PEER if ends.device.begins else Side.CLOUD
    scenario = Scenario(cloud, replace(peer, responds_only=False), ends.path, side)
    told = verdict(scenario)
    blocked = told.child_established and bool(blocked_by(scenario, ends.device))
    against = [Verdict.of(told.refusal)] if told.refusal else []
    against += [Verdict.to_come(refusal) for refusal in told.later]
    look = NO_DATA if blocked else expected(told)
    carries = told.refusal is None and not blocked
    up, bgp = told.child_established, bool(told.bgp_established)
    return Expectation(look, _reason(told), rungs(told), tuple(against), carries, up, bgp)


def _reason(told: Transcript) -> str:
    first = told.refusal or next(iter(told.later), None)
    return str(Verdict.of(first).title) if first else ""
