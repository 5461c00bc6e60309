"""The creation page's buttons: each fills something in, by htmx and by posting, and saves nothing."""

import re
from typing import Any

import pytest
from connection_cast import (
    BGP,
    CREATE,
    MARKER_PSK,
    SHANGHAI,
    Cast,
    Form,
    created,
    filled,
    submit,
    token,
    tunnels_of,
)
from django.test import Client
from page_reader import by_id, read

from accounts.models import AuditEvent
from connections.models import IPsecConnection
from gateways.models import CustomerGateway

pytestmark = pytest.mark.django_db

STRONG = {
    "ike_encryption": "aes256",
    "ike_integrity": "sha256",
    "ike_dh_group": "group14",
    "child_encryption": "aes256",
    "child_integrity": "sha256",
    "child_pfs": "group14",
}


def press(client: Client, form: Form, action: str, part: str = "") -> Any:
    """The answer to a button: of the whole page, or of its htmx request where `part` names one."""
    url, headers = (f"{CREATE}?part={part}", {"HX-Request": "true"}) if part else (CREATE, {})
    response = client.post(url, {**form.data, "action": action}, headers=headers)
    assert response.status_code == 200
    assert not IPsecConnection.objects.filter(client_token=form.data["client_token"]).exists()
    return response


def values(response: Any) -> dict[str, str]:
    """What each control of an answer holds; switches and radio buttons only where they are on."""
    found = {}
    for one in read(response.content.decode()).walk():
        kind = one.attributes.get("type", one.tag)
        if one.tag == "select":
            options = [option.attributes for option in one.walk() if option.tag == "option"]
            chosen = [option["value"] for option in options if "selected" in option]
            found[one.attributes["name"]] = chosen[0] if chosen else options[0]["value"]
        elif one.tag == "input" and (kind not in ("checkbox", "radio") or "checked" in one.attributes):
            found[one.attributes["name"]] = one.attributes.get("value", "")
    return found


def both_ways(client: Client, form: Form, action: str) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of the whole page, and those that htmx brings: the same, where it brings them."""
    whole = values(press(client, form, action))
    brought = values(press(client, form, action, "change"))
    assert {name: whole[name] for name in brought} == brought
    return whole, brought


# Copy


def test_tunnel_1_is_copied_but_for_what_must_differ(client: Client, form: Form, cast: Cast) -> None:
    typed = form.bgp().tunnel(1, ike_version="ikev1", ike_lifetime="3600", local_id="dc.example.com")
    whole, brought = both_ways(client, typed, "copy")
    assert whole["tunnels-1-customer_gateway"] == cast.devices[0].public_id
    assert whole["tunnels-1-ike_version"] == "ikev1"
    assert whole["tunnels-1-tunnel_cidr"] == BGP[1]["tunnel_cidr"]
    assert {*brought} == {
        "tunnels-1-customer_gateway",
        "tunnels-1-ike_version",
        "tunnels-1-ike_lifetime",
        "tunnels-1-local_id",
    }


def test_a_switch_that_is_off_is_off_in_the_copy(client: Client, form: Form) -> None:
    whole = values(press(client, form.tunnel(1, dpd=None), "copy"))
    assert "tunnels-1-dpd" not in whole
    assert "tunnels-1-nat_traversal" in whole


def test_a_key_is_not_copied(client: Client, form: Form) -> None:
    press(client, form.tunnel(1, psk=MARKER_PSK), "copy")
    first, second = tunnels_of(created(client, form.tunnel(1, psk=MARKER_PSK)))
    assert (first.psk, second.psk == MARKER_PSK) == (MARKER_PSK, False)


# A strong suite


def test_weak_algorithms_are_one_line_with_a_remedy(client: Client, form: Form) -> None:
    response = client.post(f"{CREATE}?part=check", form.data, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert text.count("Weak by today") == 1
    assert "Use a strong suite on both tunnels" in by_id(read(text), "msg-tunnels").text
    assert submit(client, form).status_code == 302


def test_a_new_page_says_so_at_once(client: Client) -> None:
    page = read(client.get(CREATE).content.decode())
    assert "Use a strong suite on both tunnels" in by_id(page, "msg-tunnels").text


def test_the_strong_suite_is_set_on_both_tunnels_and_silences_the_line(client: Client, form: Form) -> None:
    whole, _brought = both_ways(client, form, "strong")
    for index in (0, 1):
        assert {name: whole[f"tunnels-{index}-{name}"] for name in STRONG} == STRONG
    response = client.post(f"{CREATE}?part=check", form.both(**STRONG).data, headers={"HX-Request": "true"})
    assert "Weak by today" not in response.content.decode()


def test_different_tunnels_are_told_apart(client: Client, form: Form) -> None:
    typed = form.tunnel(1, ike_encryption="des")
    response = client.post(f"{CREATE}?part=check", typed.data, headers={"HX-Request": "true"})
    text = by_id(read(response.content.decode()), "msg-tunnels").text
    assert re.search(r"Tunnel 1: .*IKE des.*Tunnel 2: ", text)


# A free tunnel CIDR block


def test_a_suggested_block_is_free_in_the_account_and_on_the_page(
    client: Client, form: Form, cast: Cast
) -> None:
    created(client, form.bgp())
    next_one = filled(cast).set(bgp_enabled="on").tunnel(2, tunnel_cidr="169.254.10.4/30")
    whole, brought = both_ways(client, next_one, "suggest:1")
    assert whole["tunnels-0-tunnel_cidr"] == "169.254.10.8/30"
    assert {*brought} == {"tunnels-0-tunnel_cidr"}


def test_suggestions_for_both_tunnels_are_saved_without_more_ado(client: Client, form: Form) -> None:
    typed = form.set(bgp_enabled="on")
    for index in (1, 2):
        name = f"tunnels-{index - 1}-tunnel_cidr"
        typed = typed.set(**{name: values(press(client, typed, f"suggest:{index}", "change"))[name]})
    assert created(client, typed).bgp_enabled


# A key


def key_line(response: Any, index: int) -> str:
    return by_id(read(response.content.decode()), f"psk-kept-{index}").text


@pytest.mark.parametrize("part", ["", "change"], ids=["page", "htmx"])
def test_a_made_key_is_kept_shown_when_asked_for_and_used(client: Client, form: Form, part: str) -> None:
    response = press(client, form.tunnel(2, psk="typed-before"), "generate:2", part)
    assert "generated, kept" in key_line(response, 2)
    assert key_line(response, 1) == ""

    shown = press(client, form, "reveal:2", part)
    line = by_id(read(shown.content.decode()), "psk-kept-2")
    key = next(one.text for one in line.walk() if "copyable" in one.attributes.get("class", ""))
    assert re.fullmatch(r"[0-9A-Za-z]{16}", key)
    assert "no-store" in shown["Cache-Control"]
    assert key not in response.content.decode()
    assert key not in press(client, form, "hide:2", part).content.decode()
    assert AuditEvent.objects.get(action="connection.kept_key_reveal").detail == {"index": 2}

    first, second = tunnels_of(created(client, form))
    assert (first.psk == key, second.psk) == (False, key)


def test_a_page_without_a_script_says_how_strong_the_made_key_is(client: Client, form: Form) -> None:
    page = read(press(client, form, "generate:2").content.decode())
    said = [by_id(page, f"msg-id_tunnels-{index}-psk").text for index in (0, 1)]
    assert ("A strong key" in said[1], said[0]) == (True, "")


def test_the_field_is_emptied_so_that_the_made_key_counts(client: Client, form: Form) -> None:
    _whole, brought = both_ways(client, form.tunnel(1, psk="typed-before"), "generate:1")
    assert brought["tunnels-0-psk"] == ""


def test_a_key_of_another_page_is_not_shown(client: Client, form: Form) -> None:
    press(client, form, "generate:1")
    assert key_line(press(client, form.set(client_token=token()), "reveal:1"), 1) == ""


@pytest.mark.parametrize(
    ("key", "said"),
    [("abcabc12", "A weak key"), ("kX4mQp9wT", "A fair key"), ("kX4mQp9wTz7Rb2Lc", "A strong key")],
)
def test_the_strength_of_a_key_is_said_beside_it(client: Client, form: Form, key: str, said: str) -> None:
    typed = form.tunnel(1, psk=key)
    response = client.post(f"{CREATE}?part=check", typed.data, headers={"HX-Request": "true"})
    page = read(response.content.decode())
    assert said in by_id(page, "msg-id_tunnels-0-psk").text
    assert by_id(page, "msg-id_tunnels-1-psk").text == ""
    assert key not in response.content.decode()


# A customer gateway

NEW = {"gateway-name": "edge-3", "gateway-address": "203.0.113.77", "gateway-asn": "65003"}


@pytest.mark.parametrize("part", ["", "gateway"], ids=["page", "htmx"])
def test_a_customer_gateway_is_created_and_chosen_in_its_tunnel(
    client: Client, form: Form, cast: Cast, part: str
) -> None:
    opened = press(client, form.set(name="kept name"), "gateway:2", part)
    assert {*NEW} <= {*values(opened)}

    response = press(client, form.set(**NEW), "gateway-create:2", part)
    made = CustomerGateway.objects.get(address="203.0.113.77")
    assert (made.region, made.asn, made.account) == (cast.router.region, 65003, cast.actor.account)
    after = values(response)
    assert after["tunnels-1-customer_gateway"] == made.public_id
    assert after["tunnels-0-customer_gateway"] == cast.devices[0].public_id
    assert not {*NEW} & {*after}


def test_nothing_typed_is_lost_over_it(client: Client, form: Form) -> None:
    typed = form.set(name="kept name", **NEW).tunnel(1, psk=MARKER_PSK, ike_lifetime="3601")
    for action in ("gateway:1", "gateway-create:1"):
        response = press(client, typed, action)
        page = values(response)
        assert (page["name"], page["tunnels-0-ike_lifetime"]) == ("kept name", "3601")
        assert MARKER_PSK not in response.content.decode()
        assert "kept" in key_line(response, 1)


@pytest.mark.parametrize("part", ["", "gateway"], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"gateway-address": ""}, "This field is required."),
        ({"gateway-address": "203.0.113.1"}, "already registered"),
        ({"gateway-asn": "45104"}, "belongs to Alibaba Cloud"),
        ({"region": "nowhere"}, "nowhere"),
    ],
)
def test_what_is_wrong_with_it_is_said_in_its_form(
    client: Client, form: Form, part: str, typed: dict[str, str], said: str
) -> None:
    before = CustomerGateway.objects.count()
    response = press(client, form.set(**{**NEW, **typed}), "gateway-create:1", part)
    assert said in response.content.decode()
    assert values(response)["gateway-name"] == "edge-3"
    assert CustomerGateway.objects.count() == before


def test_an_unknown_button_changes_nothing(client: Client, form: Form) -> None:
    for action in (
        "suggest:3",
        "generate:x",
        "gateway:0",
        "gateway-create:9",
        "what",
        "reveal:1",
        "copy:7:7",
    ):
        press(client, form.set(region=SHANGHAI), action)
        press(client, form.set(region=SHANGHAI), action, "change")
    assert not CustomerGateway.objects.filter(region=SHANGHAI).exists()
