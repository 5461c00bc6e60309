"""A tunnel's rows as the question that `ipsec.negotiation` answers."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from ipsec import bgp
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.bgp import BgpSpeaker
from ipsec.datapath import Stop, esp_passes
from ipsec.negotiation import (
    ANY_VERSION,
    ChildProposal,
    Endpoint,
    IkeProposal,
    Path,
    Scenario,
    cloud_endpoint,
    mirrored_peer,
    negotiate,
)
from ipsec.negotiation.attempt import begin
from ipsec.negotiation.verdict import judge
from ipsec.transcript import Phase, Side, StepKind, Transcript
from tunnels.models import PeerDevice, Tunnel
from tunnels.spec import connection_spec


def scenario_of(tunnel: Tunnel, attempt: UUID) -> Scenario:
    """Cloud, peer and path as stored; the attempt's id is the seed, so that replaying it tells the same.

    Needs the rows with their secrets: raises `SecretUnreadable` where a key of them cannot be opened.
    """
    connection = connection_spec(tunnel.connection, with_secrets=True, tunnels=(tunnel,))
    configured = connection.tunnels[0]
    device = tunnel.peer_device
    return Scenario(
        cloud=cloud_endpoint(connection, configured),
        peer=peer_endpoint(mirrored_peer(connection, configured), device),
        path=path_to(device),
        initiator=Side.PEER if device.begins else Side.CLOUD,
        seed=attempt.int & 0xFFFFFFFF,
    )


def told_by(scenario: Scenario, device: PeerDevice) -> Transcript:
    """What the negotiation says. Where plain ESP is filtered, no BGP comes through the tunnel either."""
    told = negotiate(scenario)
    filtered = blocked_by(scenario, device) is Stop.ESP_FILTERED
    if not (filtered and told.child_established and told.bgp_established):
        return told
    steps = tuple(step for step in told.steps if step.phase is not Phase.BGP)
    session = replace(_session(scenario), data_passes=False)
    refusal = replace(next(bgp.refusals(session)), attribute="path.esp_open", ours="", theirs="")
    start = next(step.at_ms for step in steps if step.kind is StepKind.CHILD_UP)
    unheard = tuple(bgp.steps(session, refusal, start_ms=start, latency_ms=scenario.path.latency_ms))
    return replace(
        told,
        steps=(*steps, *unheard),
        bgp_established=False,
        refusal=refusal,
        duration_ms=unheard[-1].at_ms,
    )


def _session(scenario: Scenario) -> bgp.Session:
    session = judge(scenario).session
    if session is None:
        raise ValueError("this tunnel has no BGP")
    return session


def blocked_by(scenario: Scenario, device: PeerDevice) -> Stop:
    """What stops ESP on the way, `Stop.NONE` where nothing does."""
    attempt = begin(scenario, scenario.initiator)
    return esp_passes(in_udp=attempt.nat_seen, behind_nat=scenario.path.behind_nat, esp_open=device.esp_open)


def peer_endpoint(mirror: Endpoint, device: PeerDevice) -> Endpoint:
    """The device: what the generated configuration says, and over it what somebody set on the device."""
    return replace(
        mirror,
        **_given(
            ike_versions=_versions(device.ike_version),
            ike_mode=IkeMode(device.ike_mode) if device.ike_mode else None,
            ike_proposals=_ike_proposals(device.ike_proposals),
            esp_proposals=_child_proposals(device.child_proposals),
            ike_lifetime=device.ike_lifetime,
            child_lifetime=device.child_lifetime,
            psk=device.psk or None,
            local_id=device.local_id or None,
            remote_id=device.remote_id or None,
            local_networks=_networks(device.local_networks),
            remote_networks=_networks(device.remote_networks),
            dpd=device.dpd,
            nat_traversal=device.nat_traversal,
        ),
        bgp=_speaker(mirror.bgp, device),
        configured=device.configured,
        powered_on=device.powered_on,
        responds_only=not device.initiates,
        strict_selectors=device.strict_selectors,
        strict_lifetimes=device.strict_lifetimes,
    )


def path_to(device: PeerDevice) -> Path:
    return Path(
        behind_nat=device.behind_nat,
        forwards_500=device.nat_forwards_500,
        forwards_4500=device.nat_forwards_4500,
        udp500_open=device.udp500_open,
        udp4500_open=device.udp4500_open,
        latency_ms=device.latency_ms,
        loss_percent=device.loss_percent,
    )


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _versions(version: str) -> tuple[IkeVersion, ...] | None:
    if not version:
        return None
    return ANY_VERSION if version == "any" else (IkeVersion(version),)


def _ike_proposals(rows: list[list[str]] | None) -> tuple[IkeProposal, ...] | None:
    if rows is None:
        return None
    return tuple(IkeProposal(Encryption(row[0]), Integrity(row[1]), DhGroup(row[2])) for row in rows)


def _child_proposals(rows: list[list[str]] | None) -> tuple[ChildProposal, ...] | None:
    if rows is None:
        return None
    return tuple(ChildProposal(Encryption(row[0]), Integrity(row[1]), Pfs(row[2])) for row in rows)


def _networks(networks: list[str] | None) -> tuple[str, ...] | None:
    return None if networks is None else tuple(networks)


def _speaker(mirror: BgpSpeaker | None, device: PeerDevice) -> BgpSpeaker | None:
    """A device speaks BGP once it has an AS number and both addresses, from the file or by hand."""
    values: dict[str, Any] = {
        "asn": device.bgp_asn or (mirror.asn if mirror else None),
        "address": device.bgp_address or (mirror.address if mirror else None),
        "peer_address": device.bgp_peer_address or (mirror.peer_address if mirror else None),
        "peer_asn": device.bgp_peer_asn or (mirror.peer_asn if mirror else None),
        "auth_key": device.bgp_auth_key or (mirror.auth_key if mirror else ""),
    }
    complete = values["asn"] and values["address"] and values["peer_address"]
    return BgpSpeaker(**values) if complete else None
