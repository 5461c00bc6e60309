"""Every finding of the rules can be read, in both languages, whatever was typed."""

import re
from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from ipsec.algorithms import IkeVersion, NetworkType, RoutingMode
from ipsec.findings import Finding
from ipsec.rules import (
    Code,
    CustomerGatewaySpec,
    Surroundings,
    TransitRouterFacts,
    check_asn_text,
    check_connection,
    check_customer_gateway,
    check_route,
    check_transit_cidr,
)
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from wording.findings import TEXTS, message

TEXT = (
    st.sampled_from(["", "%", "%(max)s", "10.0.0.0/8", "10.0.0.1/8", "169.254.9.0/30", "\ud800"]) | st.text()
)
NUMBER = st.sampled_from([0, 65001, 10**6000]) | st.integers()


def tunnel(index: int, *, bgp: BgpSpec | None = None, **peer: object) -> TunnelSpec:
    address, asn = str(peer.get("address", f"203.0.113.{index}")), peer.get("asn", 65001)
    return TunnelSpec(
        index, PeerSpec(address, asn if isinstance(asn, int) else None, "", f"cgw-{index}"), bgp=bgp
    )


def policy(local: str, remote: str, tunnels: tuple[TunnelSpec, ...] = ()) -> ConnectionSpec:
    return ConnectionSpec(
        routing_mode=RoutingMode.POLICY,
        local_networks=tuple(local.split()),
        remote_networks=tuple(remote.split()),
        tunnels=tunnels,
    )


def about_gateways() -> list[Finding]:
    sound = CustomerGatewaySpec("a", "b", "203.0.113.1", 65001, "key")
    wrong = [
        replace(sound, name="http://\n" + "x" * 100, address="junk", asn=45104),
        replace(sound, address="127.0.0.1", asn=0, auth_key="?" * 65),
        replace(sound, reserved_networks=("203.0.113.0/24",), asn=None),
        replace(sound, registered_addresses=frozenset({"203.0.113.1"}), asn=7),
    ]
    return [finding for spec in wrong for finding in check_customer_gateway(spec)] + check_asn_text(
        "AS1", "asn"
    )


def about_transit_routers() -> list[Finding]:
    facts = TransitRouterFacts("tr-1", "Basic", "Creating")
    private = ConnectionSpec(network_type=NetworkType.PRIVATE, bgp_enabled=True, local_asn=None)
    blocks = tuple(f"10.{number}.0.0/16" for number in range(5))
    return [
        Finding("cidr", Code.TRANSIT_CIDR_TOO_MANY, params={"max": 5}),  # which a quota says
        *check_connection(private, Surroundings(transit_router=facts)),
        *check_connection(ConnectionSpec(), Surroundings(transit_router=facts)),
        *check_transit_cidr("100.0.0.0/8"),
        *check_transit_cidr("10.0.0.0/16", blocks),
    ]


def about_networks() -> list[Finding]:
    several = "10.0.0.0/16 10.0.0.0/16 10.0.1.0/24 10.1.1.1/16 junk 10.9.0.0/16"
    ikev1 = (replace(tunnel(1), ike=IkeSpec(version=IkeVersion.IKEV1)),)
    bound = Surroundings(transit_router=TransitRouterFacts("tr-1", cidr_blocks=("192.168.0.0/24",)))
    return [
        *check_connection(policy(several, "", ikev1)),
        *check_connection(policy("10.0.0.0/8 10.0.0.0/16", "10.0.0.0/16 10.1.0.0/16 192.168.0.0/16"), bound),
        *check_connection(policy("10.0.0.0/8", "10.2.0.0/16 100.64.0.0/16")),
        *check_connection(policy("0.0.0.0/0", "10.0.0.0/8")),
        *check_connection(policy("0.0.0.0/0", "0.0.0.0/0")),
        *check_route("0.0.0.0/0", "destination"),
    ]


def about_tunnels() -> list[Finding]:
    named = IkeSpec(version=IkeVersion.IKEV1, local_id="branch", remote_id="a b", psk="é" * 101, lifetime=0)
    one = replace(tunnel(1, address="10.0.0.1"), ike=named, child=ChildSpec(lifetime=-1))
    two = TunnelSpec(2, ike=IkeSpec(local_id="x" * 101), gateway_address="10.0.0.1")
    pair = (tunnel(1), tunnel(2, address="203.0.113.1"))
    private = ConnectionSpec(network_type=NetworkType.PRIVATE, tunnels=pair)
    return check_connection(ConnectionSpec(tunnels=(one, two))) + check_connection(private)


def about_bgp() -> list[Finding]:
    def findings(first: BgpSpec | None, second: BgpSpec, asn: int | None = 65002) -> list[Finding]:
        both = (tunnel(1, bgp=first), tunnel(2, bgp=second, asn=asn))
        spec = replace(policy("10.0.0.0/8", "192.168.0.0/16", both), bgp_enabled=True)
        taken = frozenset({"169.254.20.0/30"})
        return check_connection(
            spec, Surroundings(cidrs_on_gateway={"cgw-1": taken}, cidrs_on_transit_router=taken)
        )

    off = replace(policy("10.0.0.0/8", "192.168.0.0/16", (tunnel(1), tunnel(2))), bgp_enabled=True)
    return [
        *check_connection(off, Surroundings(creating=False)),
        *findings(None, BgpSpec("169.254.0.0/30"), None),
        *findings(BgpSpec("169.254.9.0/29"), BgpSpec("10.0.0.0/30")),
        *findings(BgpSpec("169.254.20.0/30"), BgpSpec("169.254.20.0/30")),
        *findings(BgpSpec("169.254.9.0/30", "169.254.9.0"), BgpSpec("169.254.21.0/30", "10.0.0.1")),
    ]


FINDINGS = [*about_gateways(), *about_transit_routers(), *about_networks(), *about_tunnels(), *about_bgp()]


def test_every_code_has_a_text() -> None:
    assert set(TEXTS) == set(Code)


def test_the_findings_below_are_of_every_code() -> None:
    assert {finding.code for finding in FINDINGS} == {*Code}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("code", list(Code))
def test_a_rule_supplies_what_its_text_names(code: Code, language: str) -> None:
    with translation.override(language):
        named = set(re.findall(r"%\((\w+)\)s", str(TEXTS[code])))
        for finding in FINDINGS:
            if finding.code == code:
                assert named <= set(finding.params)
                assert not re.search(r"%\(|%s", message(finding))


@pytest.mark.parametrize("code", list(Code))
def test_a_text_is_one_or_more_sentences(code: Code) -> None:
    with translation.override("en"):
        text = str(TEXTS[code])
    assert text.endswith(".")
    assert text == text.strip()


def test_the_values_stand_in_the_text() -> None:
    (finding,) = [finding for finding in FINDINGS if finding.code == Code.NETWORK_HOST_BITS]
    with translation.override("en"):
        assert message(finding) == "10.1.1.1/16 has bits set behind its prefix: type 10.1.0.0/16."


def test_a_foreign_code_is_refused_rather_than_shown_without_words() -> None:
    with pytest.raises(ValueError, match="unheard_of"):
        message(Finding("name", "unheard_of"))


TUNNELS = st.builds(
    TunnelSpec,
    st.sampled_from([1, 2]),
    st.none() | st.builds(PeerSpec, TEXT, st.none() | NUMBER),
    st.builds(IkeSpec, lifetime=NUMBER, local_id=TEXT, remote_id=TEXT, psk=TEXT),
    st.builds(ChildSpec, lifetime=NUMBER),
    bgp=st.none() | st.builds(BgpSpec, TEXT, TEXT),
)
CONNECTIONS = st.builds(
    ConnectionSpec,
    name=TEXT,
    routing_mode=st.sampled_from(RoutingMode),
    local_networks=st.lists(TEXT, max_size=6).map(tuple),
    remote_networks=st.lists(TEXT, max_size=6).map(tuple),
    bgp_enabled=st.booleans(),
    local_asn=st.none() | NUMBER,
    tunnels=st.lists(TUNNELS, max_size=3).map(tuple),
)


@settings(deadline=None)
@given(CONNECTIONS, st.sampled_from(["en", "zh-hans"]))
def test_whatever_was_typed_the_message_can_be_shown(spec: ConnectionSpec, language: str) -> None:
    with translation.override(language):
        for finding in check_connection(spec):
            assert message(finding).encode()
