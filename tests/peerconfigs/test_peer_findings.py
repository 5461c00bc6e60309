"""What a device cannot be told has a name before the download; what cannot be said truly is refused."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from lab.examples import connection, ikev1_main_policy, ikev2_destination_bgp, ikev2_policy, tunnel

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.findings import Severity
from ipsec.spec import ConnectionSpec, TunnelSpec
from peerconfigs.document import Options, RenderRefused
from peerconfigs.registry import VENDORS, check, render


def with_identities(*pairs: tuple[str, str]) -> ConnectionSpec:
    """Tunnels with those (local, remote) identities, the cloud's way round."""
    return connection(
        *(
            replace(tunnel(index), ike=replace(tunnel(index).ike, local_id=local, remote_id=remote))
            for index, (local, remote) in enumerate(pairs, start=1)
        )
    )


def codes(vendor_id: str, spec: ConnectionSpec) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.field, finding.severity.value) for finding in check(vendor_id, spec)]


def both(change: Callable[[TunnelSpec], TunnelSpec], spec: ConnectionSpec) -> ConnectionSpec:
    return replace(spec, tunnels=tuple(change(built) for built in spec.tunnels))


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_a_plain_bgp_connection_raises_no_eyebrow(vendor_id: str) -> None:
    plain = both(
        lambda t: replace(t, peer=replace(t.peer, auth_key="") if t.peer else None), ikev2_destination_bgp()
    )
    assert codes(vendor_id, plain) == []
    assert render(vendor_id, plain, Options(with_secrets=True)).findings == ()


def test_the_consoles_json_names_what_it_has_no_place_for() -> None:
    spec = ikev2_destination_bgp()
    second = replace(spec.tunnels[1], dpd=False, nat_traversal=False)
    assert codes("console", replace(spec, tunnels=(spec.tunnels[0], second))) == [
        ("peer_config_bgp_key_not_said", "tunnels.1.peer.auth_key", "warning"),
        ("peer_config_dpd_not_said", "tunnels.2.dpd", "warning"),
        ("peer_config_nat_traversal_not_said", "tunnels.2.nat_traversal", "warning"),
    ]


def test_strongswan_cannot_switch_nat_traversal_off() -> None:
    spec = connection(tunnel(1), replace(tunnel(2), nat_traversal=False))
    assert ("peer_config_nat_traversal_forced", "tunnels.2.nat_traversal", "warning") in codes(
        "strongswan", spec
    )


def test_static_routes_come_with_a_warning_and_what_is_unknown_with_advice() -> None:
    assert codes("strongswan", connection()) == [
        ("peer_config_cloud_networks_missing", "routing_mode", "advice"),
        ("peer_config_no_static_failover", "bgp_enabled", "warning"),
    ]
    assert codes("strongswan", ikev2_policy()) == [
        ("peer_config_no_static_failover", "bgp_enabled", "warning")
    ]


def test_aggressive_mode_is_a_switch_of_the_whole_host() -> None:
    aggressive = both(lambda t: replace(t, ike=replace(t.ike, mode=IkeMode.AGGRESSIVE)), ikev1_main_policy())
    found = ("peer_config_aggressive_host_wide", "tunnels", "warning")
    assert found in codes("strongswan", aggressive)
    v2 = both(lambda t: replace(t, ike=replace(t.ike, version=IkeVersion.IKEV2)), aggressive)
    assert found not in codes("strongswan", v2)


def test_ikev1_carries_one_pair_of_networks() -> None:
    spec = replace(ikev1_main_policy(), remote_networks=("192.168.1.0/24", "192.168.2.0/24"))
    found = [
        ("peer_config_ikev1_several_networks", f"tunnels.{index}.ike.version", "error") for index in (1, 2)
    ]
    assert codes("strongswan", spec)[:2] == found
    assert codes("console", spec) == []


AMBIGUOUS = {
    "one pair": [("cloud", "dc"), ("cloud", "dc")],
    "one pair, other letters": [("cloud", "dc"), ("Cloud", "DC")],
    "one pair, crossed": [("cloud", "dc"), ("dc", "cloud")],
    "one inside the other": [("cloud", "cloud"), ("cloud", "dc")],
}
DISTINCT = {
    "cloud's differ": [("cloud-1", "dc"), ("cloud-2", "dc")],
    "device's differ": [("cloud", "dc-1"), ("cloud", "dc-2")],
    "half crossed": [("cloud", "dc"), ("other", "cloud")],
}


@pytest.mark.parametrize("pairs", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_two_keys_need_two_pairs_of_identities(pairs: list[tuple[str, str]]) -> None:
    found = ("peer_config_secrets_ambiguous", "tunnels.2.ike.local_id", "error")
    spec = with_identities(*pairs)
    assert found in codes("strongswan", spec)
    with pytest.raises(RenderRefused, match="peer_config_secrets_ambiguous"):
        render("strongswan", spec, Options(with_secrets=False))
    assert found not in codes("strongswan", both(lambda t: replace(t, ike=replace(t.ike, psk="one")), spec))
    unknown = both(lambda t: replace(t, ike=replace(t.ike, psk=None)), spec)
    assert found in codes("strongswan", unknown)


@pytest.mark.parametrize("pairs", DISTINCT.values(), ids=DISTINCT.keys())
def test_different_pairs_do(pairs: list[tuple[str, str]]) -> None:
    assert not [
        code for code, _, severity in codes("strongswan", with_identities(*pairs)) if severity == "error"
    ]


def test_equal_identities_with_one_key_do_not_replace_each_other() -> None:
    spec = both(lambda t: replace(t, ike=replace(t.ike, psk="one")), with_identities(("c", "d"), ("c", "D")))
    text = render("strongswan", spec, Options(with_secrets=True)).files[0].text
    assert text.count("unique = never") == 2
    assert "unique" not in render("strongswan", connection(), Options(with_secrets=True)).files[0].text


ANY = str(IPv4Address(0))


@pytest.mark.parametrize("name", [ANY, "*", "*.example.com", "two words", "line\nbreak", "名"])
@pytest.mark.parametrize("field", ["local_id", "remote_id"])
def test_an_identity_that_would_be_a_pattern_is_refused(name: str, field: str) -> None:
    ike = tunnel(1).ike
    changed = replace(ike, local_id=name) if field == "local_id" else replace(ike, remote_id=name)
    found = codes("strongswan", connection(replace(tunnel(1), ike=changed), tunnel(2)))
    assert ("peer_config_identity_unwritable", f"tunnels.1.ike.{field}", "error") in found


def test_tunnels_to_one_cloud_address_cannot_be_told_apart() -> None:
    spec = both(lambda t: replace(t, gateway_address="203.0.113.10"), connection())
    assert codes("strongswan", spec)[0] == (
        "peer_config_tunnels_indistinct", "tunnels.2.gateway_address", "error"
    )  # fmt: skip


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_two_ends_that_wait_for_each_other_are_advised(vendor_id: str) -> None:
    waiting = replace(ikev2_destination_bgp(), effect_immediately=False)
    advised = render(vendor_id, waiting, Options(with_secrets=False)).findings
    assert ("peer_config_nobody_starts", Severity.ADVICE) in [(f.code, f.severity) for f in advised]
    for options, spec in (
        (Options(with_secrets=False, initiates=True), waiting),
        (Options(with_secrets=False), replace(waiting, effect_immediately=True)),
    ):
        assert "peer_config_nobody_starts" not in [f.code for f in render(vendor_id, spec, options).findings]


def test_the_file_says_who_starts() -> None:
    waits = replace(connection(), effect_immediately=False)
    answers = render("strongswan", waits, Options(with_secrets=False)).files[0].text
    opens = render("strongswan", waits, Options(with_secrets=False, initiates=True)).files[0].text
    assert "the cloud opens the tunnels when it has traffic to send" in answers
    assert answers.count("start_action = none\n") == 2
    assert "dpd_action" not in answers
    assert (opens.count("start_action = start\n"), opens.count("dpd_action = restart\n")) == (2, 2)


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_an_unknown_vendor_is_a_key_error(vendor_id: str) -> None:
    with pytest.raises(KeyError):
        check(vendor_id + "x", connection())
