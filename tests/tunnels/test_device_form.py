"""The device's form: what can be typed, what it means, and what is said of what cannot be read."""

from typing import Any

import pytest
from django.forms import CheckboxInput

from ipsec.algorithms import IkeVersion
from ipsec.bgp import BgpSpeaker
from ipsec.negotiation import Endpoint, mirrored_peer
from ipsec.spec import BgpSpec, ConnectionSpec, PeerSpec, TunnelSpec
from tunnels.devices.forms import DeviceForm, initial
from tunnels.devices.settings import KEPT, KEYS, MIRROR, DeviceSettings, Secrets

ON = ("configured", "powered_on", "udp500_open", "udp4500_open", "esp_open")
UNTOUCHED = {**dict.fromkeys(ON, "on"), "path_mtu": "1500", "latency_ms": "20", "loss_percent": "0"}


def mirror() -> Endpoint:
    tunnel = TunnelSpec(
        1, PeerSpec("203.0.113.1", 65001), bgp=BgpSpec("169.254.10.0/30"), gateway_address="198.18.0.1"
    )
    return mirrored_peer(ConnectionSpec(), tunnel)


def form(own: frozenset[str] = frozenset(), **typed: Any) -> DeviceForm:
    return DeviceForm({**UNTOUCHED, **typed}, mirror=mirror(), own=own)


def read(**typed: Any) -> DeviceSettings:
    filled = form(**typed)
    assert filled.is_valid(), filled.errors
    return filled.settings()


def refused(name: str, **typed: Any) -> str:
    [error] = form(**typed).errors[name]
    return str(error)


def test_what_nobody_touches_mirrors() -> None:
    filled = form()
    assert filled.is_valid()
    assert (filled.settings(), filled.secrets()) == (MIRROR, KEPT)


def test_the_form_shows_what_is_set_and_reads_it_back() -> None:
    settings = DeviceSettings(
        initiates=True,
        ike_version="ikev1",
        ike_proposals=(("aes256", "sha256", "group14"), ("aes", "sha1", "group2")),
        ike_lifetime=0,
        local_networks=("10.0.0.0/8", "192.168.0.0/16"),
        dpd=False,
        nat_traversal=True,
        loss_percent=5,
        bgp_asn=65009,
        bgp_address="169.254.9.2",
        advertised_networks=("10.1.0.0/16",),
    )
    drawn = DeviceForm(initial=initial(settings), mirror=mirror(), own=frozenset())
    off = {
        bound.name for bound in drawn if isinstance(bound.field.widget, CheckboxInput) and not bound.value()
    }
    shown = {bound.name: bound.value() for bound in drawn if bound.name not in off}
    assert shown["ike_proposals"] == "aes256 sha256 group14\naes sha1 group2"
    assert shown["local_networks"] == "10.0.0.0/8\n192.168.0.0/16"
    typed = {name: "" if value is None else str(value) for name, value in shown.items()}
    posted = DeviceForm(typed, mirror=mirror(), own=frozenset())
    assert posted.is_valid(), posted.errors
    assert posted.settings() == settings


@pytest.mark.parametrize(
    ("typed", "proposals"),
    [
        ("aes256 sha256 group14", (("aes256", "sha256", "group14"),)),
        ("AES256-SHA256-Group14\r\n\r\naes128/sha1/group2\n",
         (("aes256", "sha256", "group14"), ("aes", "sha1", "group2"))),
        ("  3des, md5, group1  ", (("3des", "md5", "group1"),)),
        (" \n ", None),
    ],
)  # fmt: skip
def test_proposals_are_read_a_line_at_a_time(typed: str, proposals: Any) -> None:
    assert read(ike_proposals=typed).ike_proposals == proposals


def test_phase_2_has_pfs_off_in_the_place_of_a_group() -> None:
    assert read(child_proposals="aes sha1 disabled").child_proposals == (("aes", "sha1", "disabled"),)
    assert "disabled" in refused("ike_proposals", ike_proposals="aes sha1 disabled")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("aes256 sha256", "Line 1: type three values, such as aes256 sha256 group14."),
        ("aes sha1 group2 extra", "Line 1: type three values, such as aes256 sha256 group14."),
        (
            "aes sha1 group2\naes257 sha1 group2",
            'Line 2, Encryption Algorithm: "aes257" is none of aes, aes192, aes256, des, 3des.',
        ),
        (
            "aes sha3 group2",
            'Line 1, Authentication Algorithm: "sha3" is none of sha1, md5, sha256, sha384, sha512.',
        ),
        ("aes sha1 14", 'Line 1, DH Group: "14" is none of group1, group2, group5, group14.'),
        ("\n".join(["aes sha1 group2"] * 11), "At most 10 proposals."),
    ],
)
def test_a_proposal_that_is_none_says_where_and_what_there_is(typed: str, said: str) -> None:
    assert refused("ike_proposals", ike_proposals=typed) == said


def test_networks_are_split_however_they_are_pasted() -> None:
    assert read(local_networks="10.0.0.0/8, 10.1.0.0/16\n10.2.0.0/16；").local_networks == (
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.2.0.0/16",
    )
    assert read(advertised_networks="").advertised_networks == ()


def test_an_as_number_may_have_two_parts() -> None:
    assert read(bgp_asn="1.10").bgp_asn == 65546
    assert "Not an AS number" in refused("bgp_asn", bgp_asn="AS65001")


@pytest.mark.parametrize(
    ("name", "typed"),
    [("latency_ms", ""), ("latency_ms", "10001"), ("latency_ms", "-1"), ("loss_percent", "101"),
     ("loss_percent", "a few"), ("ike_lifetime", "1 day"), ("ike_version", "ikev3"), ("dpd", "maybe")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_its_field(name: str, typed: str) -> None:
    assert refused(name, **{name: typed})


@pytest.mark.parametrize(("typed", "meant"), [("", None), ("True", True), ("False", False)])
def test_a_switch_is_on_off_or_as_generated(typed: str, meant: bool | None) -> None:
    settings = read(dpd=typed, nat_traversal=typed)
    assert (settings.dpd, settings.nat_traversal) == (meant, meant)


# Keys


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ({}, KEPT),
        ({"psk": "New-Key-1"}, Secrets(psk="New-Key-1")),
        ({"psk_clear": "on"}, Secrets(psk="")),
        ({"psk": "New-Key-1", "psk_clear": "on"}, Secrets(psk="New-Key-1")),
        ({"bgp_auth_key_clear": "on"}, Secrets(bgp_auth_key="")),
    ],
)
def test_a_key_is_kept_typed_anew_or_cleared(typed: dict[str, str], meant: Secrets) -> None:
    filled = form(frozenset(KEYS), **typed)
    assert filled.is_valid()
    assert filled.secrets() == meant


def test_only_a_key_of_its_own_can_be_cleared() -> None:
    assert "psk_clear" not in form().fields
    assert "psk_clear" in form(frozenset({"psk"})).fields
    assert "bgp_auth_key_clear" not in form(frozenset({"psk"})).fields
    forged = form(psk_clear="on")
    assert forged.is_valid()
    assert forged.secrets() == KEPT


def test_a_typed_key_is_never_drawn_and_never_trimmed() -> None:
    filled = form(psk=" Marker-Key ")
    assert filled.is_valid()
    assert filled.secrets().psk == " Marker-Key "
    assert "Marker-Key" not in str(filled)


# What blank stands for


def test_placeholders_show_what_is_mirrored_and_no_key() -> None:
    drawn = str(DeviceForm(mirror=mirror(), own=frozenset()))
    for text in ("aes sha1 group2", "203.0.113.1", "198.18.0.1", "0.0.0.0/0", "65001", "169.254.10.2"):
        assert f'placeholder="{text}"' in drawn


def test_without_bgp_there_is_nothing_to_show_for_it() -> None:
    bare = Endpoint("203.0.113.1", ike_versions=(IkeVersion.IKEV2,))
    drawn = DeviceForm(mirror=bare, own=frozenset())
    assert drawn.fields["bgp_asn"].widget.attrs["placeholder"] == ""
    any_asn = BgpSpeaker(65001, "169.254.10.2", "169.254.10.1")
    spoken = DeviceForm(mirror=Endpoint("203.0.113.1", bgp=any_asn), own=frozenset())
    assert spoken.fields["bgp_peer_asn"].widget.attrs["placeholder"] == ""


def test_every_field_stands_in_a_group_once() -> None:
    drawn = form(frozenset(KEYS))
    grouped = [bound.name for _title, fields in drawn.groups() for bound in fields]
    assert sorted(grouped) == sorted(drawn.fields)
