"""What is written for a device reads back as the view it was written from."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from peer_strategies import BRISK, THOROUGH, connections

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.findings import Severity
from ipsec.spec import ConnectionSpec
from peerconfigs.document import Options
from peerconfigs.parsed import ChildProposal, IkeProposal, ParsedPeer, ParsedTunnel
from peerconfigs.registry import VENDORS, check, parse, render
from peerconfigs.view import PeerTunnel, PeerView, flip


@THOROUGH
@given(spec=connections())
def test_the_consoles_json_reads_back(spec: ConnectionSpec) -> None:
    view = flip(spec)
    expected = ParsedPeer(tuple(_as_console_says(view, tunnel) for tunnel in view.tunnels))
    assert parse("console", _first_file("console", spec, Options(with_secrets=True))) == expected


@THOROUGH
@given(spec=connections(), initiates=st.booleans())
def test_swanctl_conf_reads_back(spec: ConnectionSpec, initiates: bool) -> None:
    assume(not any(finding.severity is Severity.ERROR for finding in check("strongswan", spec)))
    view = flip(spec)
    expected = ParsedPeer(tuple(_as_swanctl_says(view, tunnel, initiates) for tunnel in view.tunnels))
    written = _first_file("strongswan", spec, Options(with_secrets=True, initiates=initiates))
    assert parse("strongswan", written) == expected


@pytest.mark.parametrize("vendor_id", [vendor.id for vendor in VENDORS.values() if vendor.reads])
@BRISK
@given(spec=connections())
def test_without_keys_all_but_the_keys_reads_back(vendor_id: str, spec: ConnectionSpec) -> None:
    assume(not any(finding.severity is Severity.ERROR for finding in check(vendor_id, spec)))
    full = parse(vendor_id, _first_file(vendor_id, spec, Options(with_secrets=True)))
    bare = parse(vendor_id, _first_file(vendor_id, spec, Options(with_secrets=False)))
    assert bare == replace(full, tunnels=tuple(replace(tunnel, psk=None) for tunnel in full.tunnels))


def _first_file(vendor_id: str, spec: ConnectionSpec, options: Options) -> str:
    return render(vendor_id, spec, options).files[0].text


def _as_seen(view: PeerView, tunnel: PeerTunnel) -> ParsedTunnel:
    """Everything of the view that a parsed tunnel has a place for."""
    ike, child = tunnel.ike, tunnel.child
    return ParsedTunnel(
        index=tunnel.index,
        tunnel_id=tunnel.tunnel_id,
        local_address=tunnel.local_address,
        remote_address=tunnel.remote_address,
        local_id=ike.local_id,
        remote_id=ike.remote_id,
        psk=ike.psk,
        version=ike.version,
        mode=ike.mode,
        ike_proposals=(IkeProposal(ike.encryption, ike.integrity, ike.dh_group),),
        ike_lifetime=ike.lifetime,
        child_proposals=(ChildProposal(child.encryption, child.integrity, child.pfs),),
        child_lifetime=child.lifetime,
        local_selectors=view.local_selectors,
        remote_selectors=view.remote_selectors,
        dpd=tunnel.dpd,
        nat_traversal=tunnel.nat_traversal,
        bgp=tunnel.bgp,
    )


def _as_console_says(view: PeerView, tunnel: PeerTunnel) -> ParsedTunnel:
    """No DPD, no NAT traversal, no BGP key."""
    bgp = replace(tunnel.bgp, auth_key="") if tunnel.bgp else None
    return replace(_as_seen(view, tunnel), dpd=None, nat_traversal=None, bgp=bgp)


def _as_swanctl_says(view: PeerView, tunnel: PeerTunnel, initiates: bool) -> ParsedTunnel:
    """No tunnel id, no BGP; NAT traversal has no switch, and IKEv2 no mode."""
    mode = tunnel.ike.mode if tunnel.ike.version is IkeVersion.IKEV1 else IkeMode.MAIN
    seen = replace(_as_seen(view, tunnel), tunnel_id=None, nat_traversal=None, bgp=None)
    return replace(seen, mode=mode, initiates=initiates)
