"""The device's pages, as people with each role meet them."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from device_rows import is_up, play, tunnel_on
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tunnel_rows import (
    MARKER_BGP_KEY,
    MARKER_PSK,
    Watch,
    connection_of,
    ring,
    run_of,
    set_device,
    stop_clock,
)

from accounts.actor import Actor
from tunnels.devices.faults import FAULTS
from tunnels.devices.settings import MIRROR, DeviceSettings
from tunnels.models import PeerDevice, Tunnel
from tunnels.services import unbind_tunnel

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SPOT = "ikev2 with BGP"
MARKER = "Marker-Device-Key-1"
ON = ("configured", "powered_on", "udp500_open", "udp4500_open", "esp_open")
UNTOUCHED = {**dict.fromkeys(ON, "on"), "path_mtu": "1500", "latency_ms": "20", "loss_percent": "0"}
ClientOf = Callable[[Actor], Client]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def url_of(name: str, tunnel: Tunnel) -> str:
    return reverse(f"tunnels:{name}", args=[tunnel.public_id])


def page_of(client: Client, tunnel: Tunnel, name: str = "device", query: str = "") -> str:
    answer = client.get(url_of(name, tunnel) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def posted(client: Client, name: str, tunnel: Tunnel, **data: str) -> str:
    """The page that a button leads to."""
    answer = client.post(url_of(name, tunnel), data, follow=True)
    assert answer.redirect_chain == [(url_of("device", tunnel), 302)]
    return answer.content.decode()


def row_of(page: str, attribute: str) -> str:
    """The text of one row of the table."""
    found = re.search(rf'<tr id="value-{attribute}">(.*?)</tr>', page, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split())


def forecast_of(page: str) -> list[str]:
    section = page[page.index("If the cloud begins") : page.index("Connection Status")]
    return [" ".join(re.sub(r"<[^>]*>", " ", part).split()) for part in section.split("</dd>")[:2]]


def test_ends_that_agree_are_quiet(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    page = page_of(client_of(ana), tunnel_on(ana, SPOT))
    assert "simulated peer: mirrors the generated file" in page
    assert row_of(page, "ikeencryption").startswith("Encryption Algorithm aes aes Same")
    assert "Differs" not in page
    assert url_of("device-mirror", tunnel_on(ana, SPOT)) not in page
    assert "Repair" not in page.replace("Repair puts it right", "")
    assert forecast_of(page) == [
        "If the cloud begins Will come up",
        "If the device begins Will come up The device only responds as it is set now.",
    ]


def test_a_difference_is_marked_with_icon_and_word_and_what_it_comes_to(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = tunnel_on(ana, SPOT, device={"ike_proposals": [["aes256", "sha1", "group2"]], "dpd": False})
    page = page_of(client_of(ana), tunnel)
    marked = row_of(page, "ikeencryption")
    assert marked.startswith(
        "Encryption Algorithm aes aes256 Differs: fatal now Encryption algorithm mismatch"
    )
    assert "Set the device to ours" in marked
    assert "Set ours to the device" in marked
    assert "On Off Differs: harmless" in row_of(page, "dpd")
    assert "Same" in row_of(page, "ikeintegrity")
    assert page.count("<svg") > 20
    assert "Phase 1 encrypts with aes here and with aes256 on the device" in page
    assert forecast_of(page)[0] == "If the cloud begins Will not come up"


def test_the_preflight_tells_the_two_directions_apart(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    page = page_of(client_of(ana), tunnel_on(ana, SPOT, device={"behind_nat": True}))
    cloud, device = forecast_of(page)
    assert cloud == "If the cloud begins Will not come up"
    assert device.startswith("If the device begins Will come up")
    assert "The NAT before the device lets no call in" in page


@pytest.mark.parametrize(
    ("device", "look"),
    [
        ({"child_proposals": [["aes", "sha1", "disabled"]]}, "Comes up, with a flaw"),
        ({"bgp_asn": 65009}, "Comes up without BGP"),
        ({"initiates": True}, "Will come up"),
        ({"powered_on": False}, "Will not come up"),
        ({"esp_open": False}, "Comes up, no data passes"),
    ],
)
def test_the_preflight_says_how_far_it_will_come(
    ana: Actor, watch: Watch, client_of: ClientOf, device: dict[str, Any], look: str
) -> None:
    page = page_of(client_of(ana), tunnel_on(ana, SPOT, device=device))
    assert forecast_of(page)[0] == f"If the cloud begins {look}"


def test_a_refusal_that_only_a_strict_device_utters_names_its_family(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    client = client_of(ana)
    narrower = {"local_networks": ["10.9.0.0/16"]}
    for device, family in (
        ({**narrower, "strict_selectors": True}, "the family of policy-based devices"),
        (narrower, ""),
    ):
        page = page_of(client, tunnel_on(ana, SPOT, device=device))
        assert ("This is the family" in page) is bool(family)
        assert family in page
    shorter = {"ike_lifetime": 600, "strict_lifetimes": True}
    page = page_of(client, tunnel_on(ana, "ikev1 main mode with networks", device=shorter))
    assert "devices that take a life cycle for an upper limit" in page


def test_networks_that_do_not_meet_are_refused_by_every_family(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    apart = {"local_networks": ["172.16.0.0/16"], "strict_selectors": True}
    page = page_of(client_of(ana), tunnel_on(ana, "ikev2 with networks", device=apart))
    assert "Protected data flow mismatch" in page
    assert "This is the family" not in page


def test_a_tunnel_that_waits_for_traffic_says_so(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = connection_of(ana, effect_immediately=False).tunnels.get(index=1)
    cloud, _device = forecast_of(page_of(client_of(ana), tunnel))
    assert "Effective Immediately is off: it begins with the first traffic." in cloud


def test_an_unbound_tunnel_has_a_device_page(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_on(ana, SPOT, device={"dpd": False})
    unbind_tunnel(tunnel=tunnel)
    page = page_of(client_of(ana), tunnel)
    assert forecast_of(page)[0] == "If the cloud begins Will not negotiate yet"
    assert "Differs: harmless" in row_of(page, "dpd")
    assert "192.0.2." not in page


def test_a_tunnel_without_bgp_shows_none(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    page = page_of(client_of(ana), tunnel_on(ana, "ikev2 with networks"))
    assert 'id="value-bgp' not in page
    assert "192.168.0.0/16 192.168.0.0/16 Same" in row_of(page, "remote_networks")


def test_the_tunnel_page_leads_there(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_on(ana, SPOT)
    assert url_of("device", tunnel) in page_of(client_of(ana), tunnel, "detail")


# Buttons


def test_a_value_is_set_right_from_either_end(omar: Actor, watch: Watch, client_of: ClientOf) -> None:
    client = client_of(omar)
    tunnel = tunnel_on(omar, SPOT, device={"ike_lifetime": 600})
    page = posted(client, "device-take", tunnel, value="ike.lifetime")
    assert "The tunnel now has the device" in page
    assert "600 600 Same" in row_of(page, "ikelifetime")
    set_device(tunnel, ike_lifetime=900)
    page = posted(client, "device-mirror", tunnel, value="ike.lifetime")
    assert "The device now has the tunnel" in page
    assert "600 600 Same" in row_of(page, "ikelifetime")


@pytest.mark.parametrize("name", ["device-mirror", "device-take", "device-fault"])
@pytest.mark.parametrize("value", ["", "nothing", "gateway_address"])
def test_a_button_that_there_is_not_says_so(
    omar: Actor, watch: Watch, client_of: ClientOf, name: str, value: str
) -> None:
    tunnel = tunnel_on(omar, SPOT)
    before = run_of(tunnel).version
    page = posted(client_of(omar), name, tunnel, value=value, fault=value)
    assert "There is no such value here any more" in page
    assert run_of(tunnel).version == before


def test_what_the_rules_refuse_comes_back_with_the_reason(
    omar: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = tunnel_on(omar, SPOT, device={"remote_id": "%any"})
    page = posted(client_of(omar), "device-take", tunnel, value="ike.local_id")
    assert "&quot;%any&quot; is neither an IPv4 address nor a domain name" in page
    assert "Ours stays:" in row_of(page, "ikelocal_id")


def test_a_fault_is_set_and_repaired_by_a_click(omar: Actor, watch: Watch, client_of: ClientOf) -> None:
    client = client_of(omar)
    tunnel = tunnel_on(omar, SPOT)
    page = posted(client, "device-fault", tunnel, fault="ike-version")
    assert "This is a classic fault: IKE version differs." in " ".join(page.split())
    assert 'class="tag">set now' in page
    assert play(watch, tunnel).cause == "IkeVersionMismatch"
    assert "IKE version mismatch" in page_of(client, tunnel, "device-state")
    page = posted(client, "device-repair", tunnel)
    assert 'class="tag">set now' not in page
    assert is_up(tunnel, play(watch, tunnel))


def test_every_fault_is_offered_or_says_why_not(omar: Actor, watch: Watch, client_of: ClientOf) -> None:
    page = page_of(client_of(omar), tunnel_on(omar, SPOT))
    buttons = re.findall(r'name="fault" value="([\w-]+)"( disabled aria-describedby="why-\1")?', page)
    assert [name for name, _disabled in buttons] == [fault.id for fault in FAULTS]
    off = {name for name, disabled in buttons if disabled}
    assert off == {"ike-mode", "ike-lifetime", "networks"}
    assert all(f'id="why-{name}"' in page for name in off)


def test_a_fault_that_is_not_offered_cannot_be_set(omar: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_on(omar, SPOT)
    page = posted(client_of(omar), "device-fault", tunnel, fault="ike-mode")
    assert "Only ikev1 compares this; the tunnel uses ikev2." in page
    assert DeviceSettings.of(PeerDevice.objects.get(tunnel=tunnel)) == MIRROR


# The form


def test_the_form_saves_and_leads_back(omar: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_on(omar, SPOT)
    typed = {**UNTOUCHED, "ike_proposals": "aes256 sha256 group14", "psk": MARKER}
    page = posted(client_of(omar), "device-edit", tunnel, **typed)
    assert "The changes were saved." in page
    assert MARKER not in page
    device = PeerDevice.objects.get(tunnel=tunnel)
    assert DeviceSettings.of(device) == replace(MIRROR, ike_proposals=(("aes256", "sha256", "group14"),))
    assert device.psk == MARKER


def test_a_refused_form_keeps_what_was_typed_but_the_key(
    omar: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = tunnel_on(omar, SPOT)
    typed = {**UNTOUCHED, "local_networks": "10.0.0.1/8", "local_id": "branch.example", "psk": MARKER}
    answer = client_of(omar).post(url_of("device-edit", tunnel), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "10.0.0.1/8 has bits set behind its prefix: type 10.0.0.0/8." in page
    assert "branch.example" in page
    assert MARKER not in page
    assert "Type the key again" in page
    assert DeviceSettings.of(PeerDevice.objects.get(tunnel=tunnel)) == MIRROR


def test_a_key_of_its_own_is_kept_until_it_is_cleared(omar: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_on(omar, SPOT, device={"psk": MARKER})
    client = client_of(omar)
    page = page_of(client, tunnel, "device-edit")
    assert "is kept" in page
    assert MARKER not in page
    posted(client, "device-edit", tunnel, **UNTOUCHED, ike_lifetime="600")
    assert PeerDevice.objects.get(tunnel=tunnel).psk == MARKER
    posted(client, "device-edit", tunnel, **UNTOUCHED, psk_clear="on")
    assert PeerDevice.objects.get(tunnel=tunnel).psk == ""


# Who sees what


def test_a_viewer_sees_both_ends_and_no_button(
    ana: Actor, vera: Actor, watch: Watch, client_of: ClientOf
) -> None:
    tunnel = tunnel_on(ana, SPOT, device={"ike_lifetime": 600})
    client = client_of(vera)
    page = page_of(client, tunnel)
    assert "Differs: harmless" in row_of(page, "ikelifetime")
    main = page[page.index('<main id="main"') :]
    assert "<form" not in main
    assert "<button" not in main
    for name in ("mirror", "take", "fault", "repair", "edit"):
        assert client.post(url_of(f"device-{name}", tunnel)).status_code == 403


def test_no_page_holds_a_key(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_on(ana, SPOT, device={"psk": MARKER, "bgp_auth_key": f"{MARKER}-bgp"})
    client = client_of(ana)
    for name in ("device", "device-edit", "device-state"):
        page = page_of(client, tunnel, name)
        assert not [secret for secret in (MARKER, MARKER_PSK, MARKER_BGP_KEY) if secret in page]
    page = page_of(client, tunnel)
    assert "Differs: fatal now Pre-shared key mismatch" in row_of(page, "ikepsk")
    assert "Differs: BGP stays down" in row_of(page, "bgpauth_key")


def test_with_the_keys_lost_the_page_stands_and_cannot_tell(
    ana: Actor, watch: Watch, client_of: ClientOf, settings: Any
) -> None:
    tunnel = tunnel_on(ana, SPOT, device={"psk": MARKER, "dpd": False})
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    client = client_of(ana)
    page = page_of(client, tunnel)
    assert forecast_of(page)[0].startswith("If the cloud begins Cannot tell None of the console")
    for attribute in ("ikepsk", "bgpauth_key"):
        assert "•••••••• •••••••• Cannot tell" in row_of(page, attribute)
    assert "Differs: harmless" in row_of(page, "dpd")
    assert "is kept" in page_of(client, tunnel, "device-edit")
    told = posted(client, "device-take", tunnel, value="ike.psk")
    assert "None of the console&#x27;s own keys opens it." in told


# Cost and life


def test_the_state_is_silent_until_something_changes(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = tunnel_on(ana, SPOT)
    client = client_of(ana)
    seen = run_of(tunnel).version
    assert 'device-state"' not in page_of(client, tunnel, "device-state", f"?seen={seen}")
    ring(watch)
    fragment = page_of(client, tunnel, "device-state", f"?seen={seen}")
    assert 'id="device-state"' in fragment
    assert f"seen={seen + 1}" in fragment
    assert "<html" not in fragment


def test_the_page_costs_few_queries_however_much_differs(
    ana: Actor, watch: Watch, client_of: ClientOf
) -> None:
    client, costs = client_of(ana), []
    for device in ({}, {"dpd": False, "ike_lifetime": 60, "child_lifetime": 60, "local_id": "x"}):
        tunnel = tunnel_on(ana, SPOT, device=device)
        with CaptureQueriesContext(database) as asked:
            page_of(client, tunnel)
        costs.append(len([one for one in asked.captured_queries if "django_session" not in one["sql"]]))
    assert costs[0] == costs[1] <= 8
