"""Both tunnels, their customer gateways, keys and IKE parameters."""

from dataclasses import replace
from typing import Any

import pytest

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, NetworkType, Pfs
from ipsec.findings import Finding, Severity
from ipsec.rules import Code, check_connection
from ipsec.spec import ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec

IKE = IkeSpec(encryption=Encryption.AES256, integrity=Integrity.SHA256, dh_group=DhGroup.GROUP14)
CHILD = ChildSpec(encryption=Encryption.AES256, integrity=Integrity.SHA256, pfs=Pfs.GROUP14)
ONE = TunnelSpec(1, PeerSpec("203.0.113.1", gateway_id="cgw-1"), IKE, CHILD)
TWO = TunnelSpec(2, PeerSpec("203.0.113.2", gateway_id="cgw-2"), IKE, CHILD)
SPEC = ConnectionSpec(tunnels=(ONE, TWO))


def with_ike(**changes: Any) -> ConnectionSpec:
    """The same change on tunnel 2 only, so that a rule that looks at one tunnel is found out."""
    return replace(SPEC, tunnels=(ONE, replace(TWO, ike=replace(IKE, **changes))))


def with_peer(address: str, network_type: NetworkType = NetworkType.PUBLIC) -> ConnectionSpec:
    peer = PeerSpec(address, gateway_id="cgw-2")
    return ConnectionSpec(network_type=network_type, tunnels=(TunnelSpec(1), replace(TWO, peer=peer)))


def said(spec: ConnectionSpec) -> list[tuple[str, str, Severity]]:
    return [(finding.field, finding.code, finding.severity) for finding in check_connection(spec)]


def at(field: str, spec: ConnectionSpec) -> list[Finding]:
    return [finding for finding in check_connection(spec) if finding.field == field]


def test_two_sound_tunnels_leave_nothing_to_say() -> None:
    assert said(SPEC) == []


@pytest.mark.parametrize(
    "tunnels",
    [
        (),
        (ONE,),
        (TWO,),
        (ONE, ONE),
        (ONE, TWO, TWO),
        (ONE, TWO, replace(ONE, index=3)),
        (replace(ONE, index=0), TWO),
    ],
)
def test_a_connection_has_tunnel_1_and_tunnel_2(tunnels: tuple[TunnelSpec, ...]) -> None:
    spec = ConnectionSpec(tunnels=tunnels)
    assert ("tunnels", Code.TUNNELS_NOT_TWO, Severity.ERROR) in said(spec)


def test_the_order_in_which_tunnels_are_given_is_of_no_matter() -> None:
    assert said(ConnectionSpec(tunnels=(TWO, ONE))) == []


def test_one_customer_gateway_for_both_is_allowed_with_advice() -> None:
    by_id = replace(SPEC, tunnels=(ONE, replace(TWO, peer=PeerSpec("203.0.113.9", gateway_id="cgw-1"))))
    by_address = replace(SPEC, tunnels=(ONE, replace(TWO, peer=PeerSpec("203.0.113.1"))))
    assert said(by_id) == said(by_address) == [("tunnels", Code.SAME_CUSTOMER_GATEWAY, Severity.ADVICE)]


def test_two_gateways_not_yet_registered_are_not_the_same() -> None:
    peers = PeerSpec("203.0.113.1"), PeerSpec("203.0.113.2")
    assert said(replace(SPEC, tunnels=(replace(ONE, peer=peers[0]), replace(TWO, peer=peers[1])))) == []


def test_each_tunnel_needs_a_customer_gateway() -> None:
    spec = replace(SPEC, tunnels=(ONE, replace(TWO, peer=None)))
    assert said(spec) == [("tunnels.2.peer", Code.PEER_REQUIRED, Severity.ERROR)]


@pytest.mark.parametrize(
    ("address", "network_type", "expected"),
    [
        ("203.0.113.9", NetworkType.PUBLIC, []),
        ("10.0.0.9", NetworkType.PRIVATE, []),
        ("10.0.0.9", NetworkType.PUBLIC, [Code.PEER_NOT_PUBLIC]),
        ("203.0.113.9", NetworkType.PRIVATE, [Code.PEER_NOT_PRIVATE]),
        ("100.64.0.1", NetworkType.PRIVATE, [Code.ADDRESS_FORBIDDEN]),
        ("127.0.0.1", NetworkType.PUBLIC, [Code.ADDRESS_FORBIDDEN]),
        ("vpn.example.com", NetworkType.PUBLIC, [Code.ADDRESS_MALFORMED]),
        ("", NetworkType.PUBLIC, [Code.ADDRESS_MALFORMED]),
        ("203.0.113.９", NetworkType.PUBLIC, [Code.ADDRESS_MALFORMED]),
    ],
)
def test_the_gateway_type_decides_which_address_fits(
    address: str, network_type: NetworkType, expected: list[Code]
) -> None:
    assert [finding.code for finding in at("tunnels.2.peer", with_peer(address, network_type))] == expected


@pytest.mark.parametrize("index", [1, 2])
def test_the_device_cannot_be_an_end_of_the_cloud(index: int) -> None:
    tunnels = [replace(ONE, gateway_address="198.51.100.1"), replace(TWO, gateway_address="198.51.100.2")]
    tunnels[0] = replace(tunnels[0], peer=PeerSpec(f"198.51.100.{index}"))
    spec = replace(SPEC, tunnels=tuple(tunnels))
    assert said(spec) == [("tunnels.1.peer", Code.PEER_IS_OWN_GATEWAY, Severity.ERROR)]


@pytest.mark.parametrize("psk", [None, "", "a", "a" * 100, "".join(map(chr, range(0x21, 0x7F)))])
def test_keys_of_printable_ascii_pass_and_none_will_be_made(psk: str | None) -> None:
    assert said(with_ike(psk=psk)) == []


def test_a_key_of_101_characters_is_too_long() -> None:
    assert said(with_ike(psk="a" * 101)) == [("tunnels.2.ike.psk", Code.PSK_TOO_LONG, Severity.ERROR)]


@pytest.mark.parametrize("psk", ["hidden key", "hidden\x7f", "hiddené", "hidden\n", "hidden\t", "hidden密"])
def test_other_characters_are_located_without_telling_the_key(psk: str) -> None:
    (finding,) = check_connection(with_ike(psk=psk))
    assert (finding.field, finding.code, finding.params) == (
        "tunnels.2.ike.psk",
        Code.PSK_CHARACTER,
        {"position": 7},
    )
    assert "hidden" not in repr(finding)


@pytest.mark.parametrize(
    ("phase", "field"), [("ike", "tunnels.2.ike.lifetime"), ("child", "tunnels.2.child.lifetime")]
)
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, [(Code.LIFETIME_OUT_OF_RANGE, Severity.ERROR)]),
        (0, [(Code.LIFETIME_NEVER, Severity.ADVICE)]),
        (1, []),
        (86400, []),
        (86401, [(Code.LIFETIME_OUT_OF_RANGE, Severity.ERROR)]),
        pytest.param(-(10**6000), [(Code.LIFETIME_OUT_OF_RANGE, Severity.ERROR)], id="huge"),
    ],
)
def test_lifetimes_are_0_to_86400_seconds(
    phase: str, field: str, seconds: int, expected: list[tuple[Code, Severity]]
) -> None:
    if phase == "ike":
        spec = with_ike(lifetime=seconds)
    else:
        spec = replace(SPEC, tunnels=(ONE, replace(TWO, child=replace(CHILD, lifetime=seconds))))
    assert said(spec) == [(field, code, severity) for code, severity in expected]


@pytest.mark.parametrize("side", ["local_id", "remote_id"])
@pytest.mark.parametrize(
    "value", ["", "10.0.0.1", "branch-1", "example.aliyun.com", ".".join(["x" * 49, "y" * 50])]
)
def test_identifiers_are_addresses_or_names(side: str, value: str) -> None:
    assert said(with_ike(**{side: value})) == []


@pytest.mark.parametrize("side", ["local_id", "remote_id"])
@pytest.mark.parametrize(
    "value", ["a b", " ", "10.0.0.", "1.2.3.4.5", "me@example.com", "总部", "a\nb", "10.0.0.١"]
)
def test_other_identifiers_are_refused(side: str, value: str) -> None:
    assert said(with_ike(**{side: value})) == [(f"tunnels.2.ike.{side}", Code.ID_MALFORMED, Severity.ERROR)]


@pytest.mark.parametrize("side", ["local_id", "remote_id"])
def test_an_identifier_has_at_most_100_characters(side: str) -> None:
    value = ".".join(["x" * 50, "y" * 50])
    assert said(with_ike(**{side: value})) == [(f"tunnels.2.ike.{side}", Code.ID_TOO_LONG, Severity.ERROR)]


@pytest.mark.parametrize("side", ["local_id", "remote_id"])
@pytest.mark.parametrize(
    ("version", "mode", "value", "warned"),
    [
        (IkeVersion.IKEV1, IkeMode.MAIN, "branch-1", True),
        (IkeVersion.IKEV1, IkeMode.MAIN, "10.0.0.1", False),
        (IkeVersion.IKEV1, IkeMode.AGGRESSIVE, "branch-1", False),
        (IkeVersion.IKEV2, IkeMode.MAIN, "branch-1", False),
        (IkeVersion.IKEV1, IkeMode.MAIN, "", False),
    ],
)
def test_a_name_in_ikev1_main_mode_is_a_warning(
    side: str, version: IkeVersion, mode: IkeMode, value: str, warned: bool
) -> None:
    expected = [(f"tunnels.2.ike.{side}", Code.ID_FQDN_IN_MAIN_MODE, Severity.WARNING)] if warned else []
    assert said(with_ike(version=version, mode=mode, **{side: value})) == expected


def test_weak_algorithms_are_one_piece_of_advice_per_tunnel() -> None:
    weak = replace(
        ONE,
        ike=replace(IKE, integrity=Integrity.MD5, dh_group=DhGroup.GROUP1),
        child=ChildSpec(Encryption.DES, Integrity.SHA1, Pfs.GROUP2),
    )
    (finding,) = check_connection(replace(SPEC, tunnels=(weak, TWO)))
    assert (finding.field, finding.severity) == ("tunnels.1.ike.integrity", Severity.ADVICE)
    assert finding.params == {"algorithms": "IKE md5, IKE group1, IPsec des, IPsec sha1, IPsec group2"}


def test_no_pfs_is_a_choice_and_not_a_weak_group() -> None:
    assert said(replace(SPEC, tunnels=(ONE, replace(TWO, child=replace(CHILD, pfs=Pfs.DISABLED))))) == []


def test_the_consoles_defaults_pass_with_advice_only() -> None:
    tunnels = (TunnelSpec(1, ONE.peer), TunnelSpec(2, TWO.peer))
    assert said(ConnectionSpec(tunnels=tunnels)) == [
        ("tunnels.1.ike.integrity", Code.WEAK_ALGORITHMS, Severity.ADVICE),
        ("tunnels.2.ike.integrity", Code.WEAK_ALGORITHMS, Severity.ADVICE),
    ]
