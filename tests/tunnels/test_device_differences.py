"""One value of the device set otherwise: it alone is marked and named, and either end can give in."""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from device_rows import is_up, play, rows_of, tunnel_on
from tunnel_rows import MARKER_PSK, Watch, stop_clock

from accounts.actor import Actor
from accounts.refusal import Refused
from ipsec.causes import CauseId
from ipsec.compare import Effect
from tunnels.devices.services import change_device, mirror_value, take_over
from tunnels.devices.settings import MIRROR, Secrets
from tunnels.looks import EFFECTS
from tunnels.models import PeerDevice, Tunnel
from wording.look import Look

pytestmark = [pytest.mark.database, pytest.mark.django_db]

V2, V2_POLICY = "ikev2 with BGP", "ikev2 with networks"
V1, V1_AGGRESSIVE = "ikev1 main mode with networks", "ikev1 aggressive mode with BGP"

CAUSES = {
    "ike.version": CauseId.IKE_VERSION,
    "ike.mode": CauseId.MODE,
    "ike.encryption": CauseId.ENCRYPTION,
    "ike.integrity": CauseId.AUTHENTICATION,
    "ike.dh_group": CauseId.DH_GROUP,
    "ike.lifetime": CauseId.LIFETIME,
    "ike.local_id": CauseId.LOCAL_ID,
    "ike.remote_id": CauseId.PEER_ID,
    "child.encryption": CauseId.ENCRYPTION,
    "child.integrity": CauseId.AUTHENTICATION,
    "child.pfs": CauseId.PFS,
    "child.lifetime": CauseId.LIFETIME,
    "local_networks": CauseId.TRAFFIC_SELECTOR,
    "remote_networks": CauseId.TRAFFIC_SELECTOR,
    "bgp.asn": CauseId.BGP_SESSION_DOWN,
    "bgp.local_asn": CauseId.BGP_SESSION_DOWN,
    "bgp.peer_address": CauseId.BGP_SESSION_DOWN,
    "bgp.local_ip": CauseId.BGP_SESSION_DOWN,
}


class Case(NamedTuple):
    """What is set on the device, which value the verdict names, and what it says of both ends."""

    spot: str
    setting: dict[str, Any]
    attribute: str
    ours: str
    theirs: str
    column: str = ""
    """Of the tunnel, where it can take the device's value."""

    @property
    def cause(self) -> CauseId:
        return CAUSES[self.attribute]


def ike(*proposals: tuple[str, str, str]) -> dict[str, Any]:
    return {"ike_proposals": proposals}


def child(*proposals: tuple[str, str, str]) -> dict[str, Any]:
    return {"child_proposals": proposals}


STRICT = {"strict_lifetimes": True}
# The tunnels have the console's defaults: aes, sha1, group2 in both phases.
ANYWHERE = [
    (ike(("aes192", "sha1", "group2")), "ike.encryption", "aes", "aes192", "ike_encryption"),
    (ike(("aes", "md5", "group2")), "ike.integrity", "sha1", "md5", "ike_integrity"),
    (ike(("aes", "sha1", "group5")), "ike.dh_group", "group2", "group5", "ike_dh_group"),
    (child(("des", "sha1", "group2")), "child.encryption", "aes", "des", "child_encryption"),
    (child(("aes", "sha512", "group2")), "child.integrity", "sha1", "sha512", "child_integrity"),
    ({"local_id": "branch.example"}, "ike.remote_id", "(device)", "branch.example", "remote_id"),
    ({"remote_id": "cloud.example"}, "ike.local_id", "(gateway)", "cloud.example", "local_id"),
]
FATAL = [
    *(Case(spot, *values) for spot in (V2, V1, V1_AGGRESSIVE) for values in ANYWHERE),
    Case(V2, {"ike_version": "ikev1"}, "ike.version", "ikev2", "ikev1", "ike_version"),
    Case(V1, {"ike_version": "ikev2"}, "ike.version", "ikev1", "ikev2", "ike_version"),
    Case(V1, {"ike_mode": "aggressive"}, "ike.mode", "main", "aggressive", "ike_mode"),
    Case(V1_AGGRESSIVE, {"ike_mode": "main"}, "ike.mode", "aggressive", "main", "ike_mode"),
    Case(V1, child(("aes", "sha1", "disabled")), "child.pfs", "group2", "disabled", "child_pfs"),
    Case(V1_AGGRESSIVE, child(("aes", "sha1", "group14")), "child.pfs", "group2", "group14", "child_pfs"),
    Case(V1, {"ike_lifetime": 600, **STRICT}, "ike.lifetime", "86400", "600", "ike_lifetime"),
    Case(V1, {"child_lifetime": 600, **STRICT}, "child.lifetime", "86400", "600", "child_lifetime"),
    Case(
        V2_POLICY,
        {"local_networks": ("172.16.0.0/24",)},
        "remote_networks",
        "192.168.0.0/16",
        "172.16.0.0/24",
    ),
    Case(V1, {"remote_networks": ("10.2.0.0/16",)}, "local_networks", "10.1.0.0/16", "10.2.0.0/16"),
    Case(
        V2,
        {"local_networks": ("10.9.0.0/16",), "strict_selectors": True},
        "remote_networks",
        "0.0.0.0/0",
        "10.9.0.0/16",
    ),
    Case(V2, {"bgp_asn": 65099}, "bgp.asn", "65001", "65099"),
    Case(V2, {"bgp_peer_asn": 65098}, "bgp.local_asn", "45104", "65098"),
    Case(V2, {"bgp_address": "169.254.99.2"}, "bgp.peer_address", "169.254.11.2", "169.254.99.2"),
    Case(V2, {"bgp_peer_address": "169.254.99.1"}, "bgp.local_ip", "169.254.11.1", "169.254.99.1"),
]


def named(case: Case) -> str:
    return f"{case.spot} {case.setting}"


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def expected(case: Case, tunnel: Tunnel) -> tuple[str, str, str, str]:
    stands = {"(device)": tunnel.customer_gateway.address, "(gateway)": str(tunnel.gateway_address)}
    return case.cause, case.attribute, stands.get(case.ours, case.ours), case.theirs


def broken(actor: Actor, watch: Watch, case: Case) -> Tunnel:
    tunnel = tunnel_on(actor, case.spot)
    change_device(actor=actor, tunnel=tunnel, settings=replace(MIRROR, **case.setting))
    return tunnel


@pytest.mark.parametrize("case", FATAL, ids=named)
def test_the_cause_names_the_one_value_and_setting_it_right_on_the_device_is_enough(
    omar: Actor, watch: Watch, case: Case
) -> None:
    tunnel = broken(omar, watch, case)
    refusal = play(watch, tunnel).refusal
    assert refusal is not None
    told = tuple(refusal[name] for name in ("cause", "attribute", "ours", "theirs"))
    assert told == expected(case, tunnel)

    rows = rows_of(tunnel)
    [marked] = [row for row in rows.values() if row.differs]
    assert (marked.attribute, marked.ours, marked.theirs) == told[1:]
    effect = Effect.BGP_DOWN if case.cause is CauseId.BGP_SESSION_DOWN else Effect.FATAL
    assert marked.look is EFFECTS[effect]
    assert marked.may_mirror

    assert mirror_value(actor=omar, tunnel=tunnel, attribute=case.attribute)
    assert is_up(tunnel, play(watch, tunnel))
    assert not [row for row in rows_of(tunnel).values() if row.differs]


@pytest.mark.parametrize("case", [case for case in FATAL if case.column], ids=named)
def test_the_tunnel_can_take_over_what_the_device_has(omar: Actor, watch: Watch, case: Case) -> None:
    tunnel = broken(omar, watch, case)
    assert rows_of(tunnel)[case.attribute].may_take
    assert take_over(actor=omar, tunnel=tunnel, attribute=case.attribute)
    row = Tunnel.objects.get(pk=tunnel.pk)
    assert str(getattr(row, case.column)) == case.theirs
    assert is_up(tunnel, play(watch, tunnel))
    device = PeerDevice.objects.get(tunnel=tunnel)
    assert device.standing == PeerDevice.Standing.MIRROR
    assert not [row for row in rows_of(tunnel).values() if row.differs]


@pytest.mark.parametrize("case", [case for case in FATAL if not case.column], ids=named)
def test_what_is_not_the_tunnels_own_stays_and_the_page_says_why(
    omar: Actor, watch: Watch, case: Case
) -> None:
    tunnel = broken(omar, watch, case)
    row = rows_of(tunnel)[case.attribute]
    assert not row.may_take
    assert row.stays
    with pytest.raises((KeyError, Refused)):
        take_over(actor=omar, tunnel=tunnel, attribute=case.attribute)


# Keys


@pytest.mark.parametrize("spot", [V2, V1, V1_AGGRESSIVE])
def test_another_key_is_named_without_being_shown(omar: Actor, watch: Watch, spot: str) -> None:
    tunnel = tunnel_on(omar, spot)
    change_device(actor=omar, tunnel=tunnel, settings=MIRROR, secrets=Secrets(psk="Another-Key-1"))
    refusal = play(watch, tunnel).refusal
    assert refusal is not None
    assert (refusal["cause"], refusal["attribute"]) == (CauseId.PSK, "ike.psk")
    assert (refusal["ours"], refusal["theirs"]) == ("", "")
    row = rows_of(tunnel)["ike.psk"]
    assert (row.ours, row.theirs, row.differs) == ("••••••••", "••••••••", True)
    mirror_value(actor=omar, tunnel=tunnel, attribute="ike.psk")
    assert is_up(tunnel, play(watch, tunnel))
    assert PeerDevice.objects.get(tunnel=tunnel).psk == ""


def test_the_tunnel_can_take_the_devices_key(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2)
    change_device(actor=omar, tunnel=tunnel, settings=MIRROR, secrets=Secrets(psk="Another-Key-1"))
    take_over(actor=omar, tunnel=tunnel, attribute="ike.psk")
    assert Tunnel.objects.get(pk=tunnel.pk).psk == "Another-Key-1"
    assert is_up(tunnel, play(watch, tunnel))
    assert PeerDevice.objects.get(tunnel=tunnel).standing == PeerDevice.Standing.MIRROR


def test_another_bgp_key_stays_the_customer_gateways(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2)
    change_device(actor=omar, tunnel=tunnel, settings=MIRROR, secrets=Secrets(bgp_auth_key="Another"))
    refusal = play(watch, tunnel).refusal
    assert refusal is not None
    assert (refusal["cause"], refusal["attribute"]) == (CauseId.BGP_SESSION_DOWN, "bgp.auth_key")
    row = rows_of(tunnel)["bgp.auth_key"]
    assert (row.ours, row.may_mirror, row.may_take) == ("••••••••", True, False)
    mirror_value(actor=omar, tunnel=tunnel, attribute="bgp.auth_key")
    assert is_up(tunnel, play(watch, tunnel))


def test_the_same_key_typed_in_is_no_difference(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2)
    change_device(actor=omar, tunnel=tunnel, settings=MIRROR, secrets=Secrets(psk=f"{MARKER_PSK}-1"))
    assert not rows_of(tunnel)["ike.psk"].differs
    assert is_up(tunnel, play(watch, tunnel))


# What does not stop it


NARROWER = {"local_networks": ("192.168.5.0/24",)}
TWO = ike(("des", "md5", "group1"), ("aes", "sha1", "group2"))
PFS_OFF = child(("aes", "sha1", "disabled"))
AGREED = "Both ends agree on 192.168.5.0/24."
LENIENT = [
    (V2, PFS_OFF, ("child.pfs", EFFECTS[Effect.AT_REKEY], "PFS mismatch")),
    (V2_POLICY, NARROWER, ("remote_networks", EFFECTS[Effect.NARROWED], AGREED)),
    (V2, {"ike_mode": "aggressive"}, ("ike.mode", EFFECTS[Effect.HARMLESS], "")),
    (V2, {"dpd": False}, ("dpd", EFFECTS[Effect.HARMLESS], "")),
    (V2, {"nat_traversal": False}, ("nat_traversal", EFFECTS[Effect.HARMLESS], "")),
    (V1, {"child_lifetime": 60}, ("child.lifetime", EFFECTS[Effect.HARMLESS], "")),
    (V2, {"ike_version": "any"}, ("ike.version", EFFECTS[Effect.HARMLESS], "")),
    (V2, TWO, ("ike", EFFECTS[Effect.HARMLESS], "")),
]


@pytest.mark.parametrize(("spot", "setting", "said"), LENIENT, ids=str)
def test_a_difference_that_lets_the_tunnel_come_up_says_what_it_comes_to(
    omar: Actor, watch: Watch, spot: str, setting: dict[str, Any], said: tuple[str, Look, str]
) -> None:
    tunnel = tunnel_on(omar, spot)
    change_device(actor=omar, tunnel=tunnel, settings=replace(MIRROR, **setting))
    assert is_up(tunnel, play(watch, tunnel))
    [row] = [row for row in rows_of(tunnel).values() if row.differs]
    assert (row.attribute, row.look, row.why) == said


def test_nat_traversal_off_behind_a_nat_lets_no_data_through(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2_POLICY)
    nat = replace(MIRROR, behind_nat=True, nat_forwards_500=True, nat_forwards_4500=True, nat_traversal=False)
    change_device(actor=omar, tunnel=tunnel, settings=nat)
    assert rows_of(tunnel)["nat_traversal"].look is EFFECTS[Effect.NO_DATA]


def test_what_goes_wrong_from_one_side_only_says_from_which(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V1_AGGRESSIVE)
    two = ike(("aes256", "sha256", "group14"), ("aes", "sha1", "group2"))
    change_device(actor=omar, tunnel=tunnel, settings=replace(MIRROR, **two))
    assert rows_of(tunnel)["ike"].why == "DH group mismatch · when the device begins"
    assert is_up(tunnel, play(watch, tunnel))


# Several differences at once


def test_several_are_marked_each_with_its_own_effect_and_mended_one_by_one(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2_POLICY)
    several = replace(
        MIRROR,
        ike_proposals=(("des", "md5", "group14"),),
        ike_lifetime=60,
        local_networks=("192.168.5.0/24",),
    )
    change_device(actor=omar, tunnel=tunnel, settings=several)
    looks = {row.attribute: row.look for row in rows_of(tunnel).values() if row.differs}
    assert looks == {
        "ike.encryption": EFFECTS[Effect.FATAL],
        "ike.integrity": EFFECTS[Effect.FATAL],
        "ike.dh_group": EFFECTS[Effect.FATAL],
        "ike.lifetime": EFFECTS[Effect.HARMLESS],
        "remote_networks": EFFECTS[Effect.NARROWED],
    }
    for attribute in ("ike.encryption", "ike.dh_group"):
        mirror_value(actor=omar, tunnel=tunnel, attribute=attribute)
        assert play(watch, tunnel).cause
    assert PeerDevice.objects.get(tunnel=tunnel).ike_proposals == [["aes", "md5", "group2"]]
    mirror_value(actor=omar, tunnel=tunnel, attribute="ike.integrity")
    assert is_up(tunnel, play(watch, tunnel))
    assert PeerDevice.objects.get(tunnel=tunnel).ike_proposals is None


def test_of_several_proposals_the_tunnel_takes_the_first_and_the_device_keeps_its_list(
    omar: Actor, watch: Watch
) -> None:
    tunnel = tunnel_on(omar, V2)
    two = ike(("aes256", "sha256", "group14"), ("aes192", "sha1", "group5"))
    change_device(actor=omar, tunnel=tunnel, settings=replace(MIRROR, **two))
    assert play(watch, tunnel).cause == CauseId.ALGORITHM
    take_over(actor=omar, tunnel=tunnel, attribute="ike")
    row = Tunnel.objects.get(pk=tunnel.pk)
    assert (row.ike_encryption, row.ike_integrity, row.ike_dh_group) == ("aes256", "sha256", "group14")
    assert is_up(tunnel, play(watch, tunnel))
    assert PeerDevice.objects.get(tunnel=tunnel).ike_proposals == [list(one) for one in two["ike_proposals"]]


# By the rules of the creation page


def test_what_the_rules_refuse_is_not_offered_and_not_done(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2_POLICY)
    connection = tunnel.connection
    connection.local_networks = ["10.1.0.0/16", "10.2.0.0/16"]
    connection.save()
    change_device(actor=omar, tunnel=tunnel, settings=replace(MIRROR, ike_version="ikev1"))
    row = rows_of(tunnel)["ike.version"]
    assert (row.may_mirror, row.may_take) == (True, False)
    assert row.stays == "More than one local or remote network needs IKEv2: choose ikev2."
    with pytest.raises(Refused) as refused:
        take_over(actor=omar, tunnel=tunnel, attribute="ike.version")
    assert [finding.code for finding in refused.value.findings] == ["ikev1_with_several_networks"]
    assert Tunnel.objects.get(pk=tunnel.pk).ike_version == "ikev2"


@pytest.mark.parametrize("identity", ["%any", "*.example.com", "us@"])
def test_an_identity_that_the_console_cannot_have_stays_the_devices(
    omar: Actor, watch: Watch, identity: str
) -> None:
    tunnel = tunnel_on(omar, V2)
    change_device(actor=omar, tunnel=tunnel, settings=replace(MIRROR, remote_id=identity))
    row = rows_of(tunnel)["ike.local_id"]
    assert (row.differs, row.may_take) == (True, False)
    assert "neither an IPv4 address nor a domain name" in str(row.stays)


def test_the_other_host_of_the_block_can_be_taken(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2)
    turned = replace(MIRROR, bgp_peer_address="169.254.11.2", bgp_address="169.254.11.1")
    change_device(actor=omar, tunnel=tunnel, settings=turned)
    assert take_over(actor=omar, tunnel=tunnel, attribute="bgp.local_ip")
    assert Tunnel.objects.get(pk=tunnel.pk).local_bgp_ip == "169.254.11.2"
    assert is_up(tunnel, play(watch, tunnel))


def test_what_the_rules_had_against_the_connection_before_is_no_obstacle(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, V2_POLICY)
    connection = tunnel.connection
    connection.remote_networks = ["10.1.0.0/16"]  # equal to the local one, from an older version
    connection.save()
    change_device(actor=omar, tunnel=tunnel, settings=replace(MIRROR, ike_lifetime=7200))
    assert rows_of(tunnel)["ike.lifetime"].may_take
