"""What one tunnel of a draft would do: negotiate it against the device that its own peer file would make."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connections.services.request import NOT_YET
from ipsec.findings import Finding
from ipsec.negotiation import Path, Scenario, cloud_endpoint, mirrored_peer, verdict
from ipsec.rules import errors
from ipsec.spec import ConnectionSpec, TunnelSpec
from ipsec.transcript import Side, Transcript
from wording import causes
from wording.look import Look, bad, good, quiet, warn
from wording.message import message

# Stand in for gateway addresses (RFC 5737) until saving hands them out: they change no verdict.
STAND_INS = {1: "192.0.2.1", 2: "192.0.2.2"}


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder to be expected."""

    name: "str | Promise"
    look: Look


@dataclass(frozen=True, slots=True)
class TunnelOutlook:
    """`rungs` is empty where the draft does not say enough to negotiate, or where nothing is to negotiate:
    it is `unbound`."""

    index: int
    look: Look
    reason: str = ""
    rungs: tuple[Rung, ...] = ()
    unbound: bool = False


def outlook(
    spec: ConnectionSpec, tunnel: TunnelSpec, findings: list[Finding], *, bound: bool
) -> TunnelOutlook:
    """The three verdicts: will come up, will not, cannot tell yet."""
    missing, wrong = sorted_out(findings)
    if wrong:
        return TunnelOutlook(tunnel.index, bad(_("Cannot be saved like this")), message(wrong[0]))
    if missing:
        return TunnelOutlook(tunnel.index, quiet(_("Cannot tell yet")), message(missing[0]))
    if not bound:
        reason = str(_("The connection is created unbound."))
        return TunnelOutlook(tunnel.index, quiet(_("Will not negotiate yet")), reason, unbound=True)
    told = _negotiate(spec, tunnel)
    return TunnelOutlook(tunnel.index, _look(spec, told), _reason(told), rungs(told))


def sorted_out(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """What is not filled in yet, and what is wrong."""
    found = errors(findings)
    missing = [finding for finding in found if finding.code in NOT_YET]
    return missing, [finding for finding in found if finding.code not in NOT_YET]


def _negotiate(spec: ConnectionSpec, tunnel: TunnelSpec) -> Transcript:
    """Both ends have the same key here, whatever it will be."""
    known = replace(
        tunnel,
        gateway_address=tunnel.gateway_address or STAND_INS[tunnel.index],
        ike=replace(tunnel.ike, psk="the same on both ends"),
    )
    cloud, peer = cloud_endpoint(spec, known), mirrored_peer(spec, known)
    return verdict(Scenario(cloud=cloud, peer=peer, path=Path(), initiator=Side.CLOUD))


def _look(spec: ConnectionSpec, told: Transcript) -> Look:
    if told.refusal is not None:
        return bad(_("Will not come up")) if not told.child_established else warn(_("Comes up without BGP"))
    if not spec.effect_immediately:
        return good(_("Will come up with the first traffic"))
    return good(_("Will come up"))


def _reason(told: Transcript) -> str:
    return str(causes.title(told.refusal.cause)) if told.refusal else ""


def rungs(told: Transcript) -> tuple[Rung, ...]:
    found = [
        Rung(_("IKE SA (phase 1)"), _rung(told.ike_established, told.ike_proposal)),
        Rung(_("IPsec SA (phase 2)"), _rung(told.child_established, told.child_proposal)),
    ]
    if told.bgp_established is not None:
        found.append(Rung("BGP", _rung(told.bgp_established, None)))
    return tuple(found)


def _rung(reached: bool, proposal: str | None) -> Look:
    if not reached:
        return bad(_("not reached"))
    return good(proposal or _("established"))
