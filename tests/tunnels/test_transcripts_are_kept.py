"""What is stored of a transcript is all of it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipsec.algorithms import DhGroup, IkeMode, IkeVersion, Pfs
from ipsec.negotiation import ForcedRekey, Path, Scenario, cloud_endpoint, mirrored_peer, negotiate
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from ipsec.transcript import Side
from tunnels.transcripts import decode, encode

tunnels = st.builds(
    lambda version, mode, group, pfs: TunnelSpec(
        index=1,
        peer=PeerSpec("203.0.113.9", 65001),
        ike=IkeSpec(version=version, mode=mode, dh_group=group, psk="secret"),
        child=ChildSpec(pfs=pfs),
        bgp=BgpSpec("169.254.10.0/30"),
        gateway_address="198.18.0.1",
    ),
    st.sampled_from(IkeVersion),
    st.sampled_from(IkeMode),
    st.sampled_from(DhGroup),
    st.sampled_from(Pfs),
)
paths = st.builds(Path, behind_nat=st.booleans(), udp500_open=st.booleans(), loss_percent=st.integers(0, 100))
rekeys = st.lists(
    st.builds(ForcedRekey, st.sampled_from(Side), st.sampled_from(["child", "ike"])), max_size=2
)


@settings(max_examples=60, deadline=None)
@given(cloud=tunnels, peer=tunnels, path=paths, forced=rekeys, seed=st.integers(0, 9))
def test_a_transcript_survives_the_json_column(
    cloud: TunnelSpec, peer: TunnelSpec, path: Path, forced: list[ForcedRekey], seed: int
) -> None:
    connection = ConnectionSpec(bgp_enabled=True)
    scenario = Scenario(
        cloud_endpoint(connection, cloud),
        mirrored_peer(connection, peer),
        path,
        rekeys=tuple(forced),
        seed=seed,
    )
    told = negotiate(scenario)
    assert decode(json.loads(json.dumps(encode(told)))) == told


@pytest.mark.parametrize("stored", [{}, {"steps": "nonsense"}, {"steps": [{"kind": "none"}]}])
def test_what_is_no_transcript_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        decode(stored)
