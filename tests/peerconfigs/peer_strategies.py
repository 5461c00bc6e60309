"""Whole connections for property tests: every parameter, every allowed character of a key."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ipsec.algorithms import (
    DhGroup,
    Encryption,
    IkeMode,
    IkeVersion,
    Integrity,
    NetworkType,
    Pfs,
    RoutingMode,
)
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec

# A busy machine is no finding.
THOROUGH = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
BRISK = settings(THOROUGH, max_examples=60)

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
KEY_STARTS = ("0x", "0s", "0X", "0S", '"', "'", "#", "\\", "}", "`")
LIFETIMES = st.one_of(st.sampled_from([0, 1, 2, 9, 10, 86400]), st.integers(0, 86400))
BOUND = ("203.0.113.10", "203.0.113.11")

psks = st.one_of(
    st.text(VISIBLE, min_size=1, max_size=100),
    st.builds(str.__add__, st.sampled_from(KEY_STARTS), st.text(VISIBLE, max_size=98)),
).filter(lambda key: key != "*" * 16)  # which in the console's JSON means: masked
identities = st.one_of(
    st.just(""),
    st.sampled_from(
        ["10.0.0.1", "dc.example.com", "branch-1", "a@b", "@x", "#20", "1.2.3", "fqdn:x", 'q"\\']
    ),
    st.text(VISIBLE, min_size=1, max_size=100),
)
names = st.text(max_size=100)


@st.composite
def connections(draw: st.DrawFn) -> ConnectionSpec:
    """A bound connection that the rules let pass; a vendor may still refuse it."""
    versions = draw(st.tuples(st.sampled_from(IkeVersion), st.sampled_from(IkeVersion)))
    routing_mode = draw(st.sampled_from(RoutingMode))
    policy = routing_mode is RoutingMode.POLICY
    most = 1 if IkeVersion.IKEV1 in versions else 5
    return ConnectionSpec(
        name=draw(names),
        network_type=draw(st.sampled_from(NetworkType)),
        routing_mode=routing_mode,
        local_networks=draw(_networks(10, most)) if policy else (),
        remote_networks=draw(_networks(172, most)) if policy else (),
        effect_immediately=draw(st.booleans()),
        bgp_enabled=draw(st.booleans()),
        local_asn=draw(st.integers(1, 2**32 - 1)),
        tunnels=tuple(draw(_tunnels(index, version)) for index, version in enumerate(versions, start=1)),
        connection_id=draw(st.sampled_from(["vco-8vbn6y1q2w3e4r5t6y7u8", ""])),
    )


def _networks(first: int, most: int) -> st.SearchStrategy[tuple[str, ...]]:
    blocks = st.lists(st.integers(0, 255), min_size=1, max_size=most, unique=True)
    return blocks.map(lambda numbers: tuple(f"{first}.16.{number}.0/24" for number in numbers))


@st.composite
def _tunnels(draw: st.DrawFn, index: int, version: IkeVersion) -> TunnelSpec:
    return TunnelSpec(
        index=index,
        peer=PeerSpec(
            address=draw(st.sampled_from(["198.51.100.20", f"198.51.100.{20 + index}"])),
            asn=draw(st.integers(1, 2**32 - 1)),
            auth_key=draw(st.sampled_from(["", "bgp-key"])),
        ),
        ike=draw(_ike(version)),
        child=draw(_children()),
        dpd=draw(st.booleans()),
        nat_traversal=draw(st.booleans()),
        bgp=draw(st.one_of(st.none(), _bgp(index))),
        gateway_address=BOUND[index - 1],
        tunnel_id=f"tun-{index}",
    )


def _ike(version: IkeVersion) -> st.SearchStrategy[IkeSpec]:
    return st.builds(
        IkeSpec,
        version=st.just(version),
        mode=st.sampled_from(IkeMode),
        encryption=st.sampled_from(Encryption),
        integrity=st.sampled_from(Integrity),
        dh_group=st.sampled_from(DhGroup),
        lifetime=LIFETIMES,
        local_id=identities,
        remote_id=identities,
        psk=psks,
    )


def _children() -> st.SearchStrategy[ChildSpec]:
    return st.builds(
        ChildSpec,
        encryption=st.sampled_from(Encryption),
        integrity=st.sampled_from(Integrity),
        pfs=st.sampled_from(Pfs),
        lifetime=LIFETIMES,
    )


def _bgp(index: int) -> st.SearchStrategy[BgpSpec]:
    hosts = st.sampled_from(["", f"169.254.{index}0.1", f"169.254.{index}0.2"])
    return st.builds(BgpSpec, tunnel_cidr=st.just(f"169.254.{index}0.0/30"), local_ip=hosts)
