"""The edit pages: what they show, what saving leads to, and what they say before it."""

from typing import Any

import pytest
from connection_cast import Cast, Form, created, made, play, settled, tunnels_of
from django.test import Client
from edit_pages import HTMX, OFF, address, check, filled_in, opened, send, typed
from page_reader import by_id, read

from accounts.actor import Actor
from accounts.models import AuditEvent
from connections.models import IPsecConnection
from connections.services import add_route
from ipsec.algorithms import RoutingMode
from tunnels.models import BgpStatus, PeerDevice, Status, Tunnel
from tunnels.operations import take_out_of_service
from tunnels.services import send_traffic

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def up(cast: Cast) -> IPsecConnection:
    connection = made(cast, "dc")
    play()
    assert [tunnel.run.status for tunnel in tunnels_of(connection)] == [Status.CHILD_UP] * 2
    return connection


def text_of(html: str, dom_id: str) -> str:
    return by_id(
        read(f"<div>{html}</div>" if not html.lstrip().startswith("<!doctype") else html), dom_id
    ).text


def future(html: str, index: int) -> str:
    return text_of(html, f"future-{index}")


def effects(html: str, index: int) -> list[str]:
    root = read(f"<div>{html}</div>" if not html.lstrip().startswith("<!doctype") else html)
    found = by_id(root, f"future-{index}").walk()
    return [one.text for one in found if one.attributes.get("class") == "effect"]


# Saving


def test_what_is_sent_untouched_changes_nothing(client: Client, up: IPsecConnection) -> None:
    before = AuditEvent.objects.count()
    for index in (0, 1, 2):
        answer = client.post(address(up, index), opened(client, up, index), follow=True)
        assert "Nothing was changed." in answer.content.decode()
    assert AuditEvent.objects.count() == before


def test_a_saved_edit_leads_to_the_connections_page_that_shows_it_updating(
    client: Client, up: IPsecConnection
) -> None:
    data = typed(opened(client, up, 1), 1, child_pfs="group14", dpd=OFF)
    answer = client.post(address(up, 1), data, follow=True)

    assert answer.redirect_chain[0][0].endswith(f"/connections/{up.public_id}/")
    page = answer.content.decode()
    assert "are being applied" in page
    assert page.count("Updating") == 2  # the connection and tunnel 1
    assert not tunnels_of(up)[0].dpd
    settled()
    assert "Updating" not in client.get(f"/connections/{up.public_id}/").content.decode()


def test_open_pages_of_connection_and_tunnel_follow(client: Client, up: IPsecConnection) -> None:
    page = client.get(f"/connections/{up.public_id}/").content.decode()
    tunnel = client.get(f"/tunnels/{tunnels_of(up)[0].public_id}/").content.decode()
    whole, part = [by_id(read(html), "pulse").attributes["hx-get"] for html in (page, tunnel)]
    send(client, up, typed(opened(client, up, 1), 1, dpd=OFF), 1)
    answer = client.get(part, headers=HTMX)
    assert (answer.status_code, "Updating" in answer.content.decode()) == (200, True)
    assert client.get(whole, headers=HTMX)["HX-Refresh"] == "true"


def test_an_open_page_offers_to_unbind_again_once_an_edit_is_applied(
    client: Client, up: IPsecConnection
) -> None:
    send(client, up, typed(opened(client, up, 1), 1, dpd=OFF), 1)
    page = client.get(f"/connections/{up.public_id}/").content.decode()
    assert ">Unbind<" not in page
    poll = by_id(read(page), "pulse").attributes["hx-get"]
    assert "HX-Refresh" not in client.get(poll, headers=HTMX)
    settled()
    assert client.get(poll, headers=HTMX)["HX-Refresh"] == "true"
    assert ">Unbind<" in client.get(f"/connections/{up.public_id}/").content.decode()


def test_the_connections_page_edits_what_is_the_connections(client: Client, up: IPsecConnection) -> None:
    data = typed(opened(client, up), name="renamed", routing_mode="policy", effect_immediately="no")
    data |= {"local_networks": ["10.1.0.0/16"], "remote_networks": ["192.168.1.0/24"]}
    assert send(client, up, data).status_code == 302
    up.refresh_from_db()
    assert (up.name, up.routing_mode, up.effect_immediately) == ("renamed", "policy", False)
    assert [route.destination for route in up.destination_routes.all()] == ["192.168.1.0/24"]


def test_bgp_is_switched_on_for_both_and_offered_again_after_it_was_off(
    client: Client, up: IPsecConnection
) -> None:
    data = typed(opened(client, up), bgp_enabled="on")
    data = typed(typed(data, 1, tunnel_cidr="169.254.10.0/30"), 2, tunnel_cidr="169.254.20.0/30")
    assert send(client, up, data).status_code == 302
    settled()
    assert send(client, up, typed(opened(client, up), bgp_enabled=OFF)).status_code == 302
    settled()
    assert [tunnel.tunnel_cidr for tunnel in tunnels_of(up)] == [None, None]

    again = opened(client, up)
    assert "bgp_enabled" not in again
    assert (again["tunnels-0-tunnel_cidr"], again["tunnels-1-bgp_on"]) == ("169.254.10.0/30", "on")
    assert send(client, up, typed(again, bgp_enabled="on")).status_code == 302
    assert [tunnel.tunnel_cidr for tunnel in tunnels_of(up)] == ["169.254.10.0/30", "169.254.20.0/30"]


def test_bgp_of_one_tunnel_alone_on_its_own_page(client: Client, up: IPsecConnection) -> None:
    data = typed(opened(client, up, 2), 2, bgp_on="on", tunnel_cidr="169.254.20.0/30")
    assert send(client, up, data, 2).status_code == 302
    settled()
    up.refresh_from_db()
    assert up.bgp_enabled
    assert [tunnel.tunnel_cidr for tunnel in tunnels_of(up)] == [None, "169.254.20.0/30"]
    assert "tunnels-0-bgp_on" not in opened(client, up)


def test_what_is_wrong_is_said_as_at_creation_and_nothing_is_saved(
    client: Client, up: IPsecConnection
) -> None:
    data = typed(opened(client, up, 1), 1, ike_lifetime="90000", tunnel_cidr="x")
    answer = send(client, up, data, 1)
    assert answer.status_code == 422
    (error,) = answer.context["findings"]
    assert (error.label, error.anchor) == ("Tunnel 1 · SA Life Cycle (seconds)", "id_tunnels-0-ike_lifetime")
    assert tunnels_of(up)[0].ike_lifetime == 86400


def test_what_is_wrong_with_the_other_tunnel_is_named_without_a_link(
    client: Client, cast: Cast, up: IPsecConnection
) -> None:
    data = typed(opened(client, up, 1), 1, bgp_on="on", tunnel_cidr="169.254.10.0/30")
    send(client, up, data, 1)
    settled()
    data = typed(opened(client, up, 2), 2, bgp_on="on", tunnel_cidr="169.254.10.0/30")
    answer = send(client, up, data, 2)
    assert [(error.label, error.anchor) for error in answer.context["findings"]] == [
        ("Tunnel 1 · Tunnel CIDR Block", ""),
        ("Tunnel 2 · Tunnel CIDR Block", "id_tunnels-1-tunnel_cidr"),
    ]


def test_while_a_change_is_applied_another_is_refused(client: Client, up: IPsecConnection) -> None:
    first, second = opened(client, up, 1), opened(client, up, 2)
    send(client, up, typed(first, 1, dpd=OFF), 1)
    answer = send(client, up, typed(second, 2, dpd=OFF), 2)
    assert answer.status_code == 409
    assert "(VpnConnection.Configuring)" in answer.content.decode()
    settled()
    assert send(client, up, typed(second, 2, dpd=OFF), 2).status_code == 302


def test_what_cannot_be_changed_is_shown_with_the_reason(client: Client, up: IPsecConnection) -> None:
    page = client.get(address(up)).content.decode()
    for reason in ("IllegalParam.NetworkType", "unbind it, then bind it elsewhere", up.public_id, up.region):
        assert reason in page
    assert 'name="network_type"' not in page
    page = client.get(address(up, 1)).content.decode()
    first = tunnels_of(up)[0]
    for fact in (first.public_id, first.gateway_address, first.zone, "The system chooses it"):
        assert str(fact) in page


def test_forged_fields_of_another_page_change_nothing(client: Client, up: IPsecConnection) -> None:
    data = typed(opened(client, up, 1), name="forged", network_type="private", region="cn-shanghai")
    data = typed(data, 2, dpd=OFF, ike_lifetime="3600")
    assert send(client, up, data, 1).status_code == 302
    up.refresh_from_db()
    assert (up.name, up.network_type, up.region) == ("dc", "public", "cn-hangzhou")
    assert tunnels_of(up)[1].ike_lifetime == 86400


# The key


def test_a_blank_key_keeps_the_present_one_and_the_page_says_so(client: Client, up: IPsecConnection) -> None:
    key = tunnels_of(up)[0].psk
    page = client.get(address(up, 1)).content.decode()
    assert "The present key stays while the field is blank." in page
    assert key not in page
    send(client, up, typed(opened(client, up, 1), 1, dpd=OFF), 1)
    assert tunnels_of(up)[0].psk == key


def test_the_present_key_is_shown_to_who_asks_and_that_is_audited(
    client: Client, up: IPsecConnection
) -> None:
    key, data = tunnels_of(up)[0].psk, opened(client, up, 1)
    for posted in (
        client.post(address(up, 1), {**data, "action": "reveal:1"}),
        client.post(f"{address(up, 1)}?part=change", {**data, "action": "reveal:1"}, headers=HTMX),
    ):
        assert key in posted.content.decode()
        assert "no-store" in posted["Cache-Control"]
    assert AuditEvent.objects.filter(action="tunnel.reveal_psk").count() == 2


def test_a_generated_key_is_kept_until_it_is_saved(client: Client, up: IPsecConnection) -> None:
    old = tunnels_of(up)[0].psk
    answer = client.post(address(up, 1), {**opened(client, up, 1), "action": "generate:1"})
    page = answer.content.decode()
    assert "generated, kept" in page
    assert tunnels_of(up)[0].psk == old
    assert "another key" in text_of(page, "panel")
    send(client, up, filled_in(page), 1)
    assert tunnels_of(up)[0].psk not in (old, "")


def test_a_key_that_no_key_opens_does_not_close_the_page(
    client: Client, up: IPsecConnection, settings: Any
) -> None:
    from cryptography.fernet import Fernet

    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    data = opened(client, up, 1)
    shown = client.post(address(up, 1), {**data, "action": "reveal:1"})
    assert "own keys opens it" in shown.content.decode()
    assert send(client, up, typed(data, 1, psk="typed-anew-4711"), 1).status_code == 302
    assert Tunnel.objects.get(connection=up, index=1).psk == "typed-anew-4711"


def test_rotating_shows_the_new_key_before_it_counts(client: Client, up: IPsecConnection) -> None:
    old = [tunnel.psk for tunnel in tunnels_of(up)]
    url = address(up, 1, "rotate-key")
    assert (
        "The other tunnel keeps its key and carries the traffic meanwhile."
        in client.get(url).content.decode()
    )

    made_one = client.post(url, {"action": "generate"})
    new = text_of(made_one.content.decode(), "new-key").split()[0]
    assert "no-store" in made_one["Cache-Control"]
    assert [tunnel.psk for tunnel in tunnels_of(up)] == old
    hidden = {
        one.attributes["name"]: one.attributes["value"]
        for one in read(made_one.content.decode()).walk()
        if one.attributes.get("type") == "hidden"
    }
    assert client.post(url, {**hidden, "action": "use"}).status_code == 302
    assert [tunnel.psk for tunnel in tunnels_of(up)] == [new, old[1]]
    settled()
    assert client.post(url, {**hidden, "action": "use"}).status_code == 409


def test_rotating_warns_where_the_other_tunnel_carries_nothing(
    client: Client, ana: Actor, up: IPsecConnection
) -> None:
    take_out_of_service(actor=ana, tunnel=tunnels_of(up)[1])
    assert "interrupts all traffic" in client.get(address(up, 1, "rotate-key")).content.decode()


# Before saving


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"dpd": OFF}, "Nothing"),
        ({"child_pfs": "group14"}, "Rekey: phase 2 anew"),
        ({"ike_lifetime": "3600"}, "Rekey of phase 1"),
        ({"psk": "another-key-4711"}, "Renegotiation, with an interruption"),
        ({"bgp_on": "on", "tunnel_cidr": "169.254.10.0/30"}, "BGP session begins"),
    ],
)
def test_the_page_says_of_each_tunnel_what_saving_will_do(
    client: Client, up: IPsecConnection, values: dict[str, Any], said: str
) -> None:
    data = typed(opened(client, up, 1), 1, **values)
    for html in (
        check(client, up, data, 1),
        client.post(address(up, 1), {**data, "action": "preview"}).content.decode(),
    ):
        assert effects(html, 1) == [said]
        assert effects(html, 2) == ["Nothing"]


def test_what_is_hidden_is_no_change(client: Client, up: IPsecConnection, speaking: IPsecConnection) -> None:
    """Nothing of it is saved."""
    alone = typed(opened(client, up, 1), 1, local_bgp_ip="169.254.106.6", tunnel_cidr="169.254.106.4/30")
    assert "169.254.106" not in text_of(check(client, up, alone, 1), "panel")
    off = typed(
        typed(opened(client, speaking), bgp_enabled=OFF, local_asn="65010"), 1, local_bgp_ip="169.254.10.2"
    )
    said = text_of(check(client, speaking, off), "panel")
    assert "On → Off" in said
    assert "65010" not in said
    assert "169.254.10.2" not in said
    networks = {"local_networks": ["10.7.0.0/16"], "remote_networks": ["192.168.7.0/24"]}
    assert "10.7.0.0" not in text_of(check(client, up, opened(client, up) | networks), "panel")


def test_networks_touch_both_tunnels(client: Client, up: IPsecConnection) -> None:
    data = typed(opened(client, up), routing_mode="policy")
    data |= {"local_networks": ["10.1.0.0/16"], "remote_networks": ["192.168.1.0/24"]}
    html = check(client, up, data)
    assert effects(html, 1) == effects(html, 2) == ["Rekey: phase 2 anew"]


def test_a_device_that_mirrors_has_to_be_changed_too_and_what_happens_until_then(
    client: Client, up: IPsecConnection
) -> None:
    html = check(client, up, typed(opened(client, up, 1), 1, ike_encryption="aes256"), 1)
    said = future(html, 1)
    assert "With the device changed alike: Will come up" in said
    assert "The device has to be changed too" in said
    assert "Until then: Will not come up" in said
    assert "has to be changed too" not in future(html, 2)


def test_a_pfs_group_that_the_device_has_not_fails_at_the_rekey(client: Client, up: IPsecConnection) -> None:
    html = check(client, up, typed(opened(client, up, 1), 1, child_pfs="group14"), 1)
    assert "Until then: Comes up, with a flaw" in future(html, 1)


def test_the_draft_is_negotiated_against_the_device_as_it_is(client: Client, up: IPsecConnection) -> None:
    """Its own settings stay whatever the configuration says."""
    device = PeerDevice.objects.get(tunnel__connection=up, tunnel__index=1)
    device.ike_proposals = [["aes256", "sha256", "group14"]]
    device.save()
    before = check(client, up, opened(client, up, 1), 1)
    assert "With the device as it is now: Will not come up" in future(before, 1)
    suite = {"ike_encryption": "aes256", "ike_integrity": "sha256", "ike_dh_group": "group14"}
    html = check(client, up, typed(opened(client, up, 1), 1, **suite), 1)
    assert "With the device as it is now: Will come up" in future(html, 1)
    assert "has to be changed too" not in future(html, 1)


def test_the_headline_does_not_call_good_what_takes_a_tunnel_down(
    client: Client, up: IPsecConnection
) -> None:
    """A rekey interrupts nothing, yet no tunnel comes of it where the device has its own suite."""
    device = PeerDevice.objects.get(tunnel__connection=up, tunnel__index=1)
    device.child_proposals = [["aes", "sha1", "group2"]]
    device.save()
    harmless = check(client, up, typed(opened(client, up, 1), 1, child_lifetime="3600"), 1)
    assert text_of(harmless, "panel-verdict") == "Interrupts no tunnel"
    html = check(client, up, typed(opened(client, up, 1), 1, child_encryption="aes256"), 1)
    assert effects(html, 1) == ["Rekey: phase 2 anew"]
    assert text_of(html, "panel-verdict") == "Not every tunnel will come up"


@pytest.fixture
def speaking(client: Client, form: Form) -> IPsecConnection:
    """Up with BGP on both tunnels, in destination routing mode, without a route by hand."""
    connection = created(client, form.bgp())
    play()
    assert [tunnel.run.bgp_status for tunnel in tunnels_of(connection)] == [BgpStatus.UP] * 2
    return connection


def test_bgp_that_ends_where_nothing_else_leads_is_a_warning(
    client: Client, ana: Actor, speaking: IPsecConnection
) -> None:
    """The SAs stay, and nothing gets through them."""
    off = typed(opened(client, speaking), bgp_enabled=OFF)
    html = check(client, speaking, off)
    for index in (1, 2):
        assert effects(html, index) == ["BGP session ends", "No route leads through it"]
        assert "opened again" not in future(html, index)
    assert text_of(html, "panel-verdict") == "No route will lead to the data centre"
    assert "Redundancy is met" not in html

    add_route(actor=ana, connection=speaking, destination="192.168.0.0/16")
    html = check(client, speaking, off)
    assert effects(html, 1) == effects(html, 2) == ["BGP session ends"]
    assert text_of(html, "panel-verdict") == "Interrupts no tunnel"


def test_bgp_that_ends_on_one_tunnel_leaves_the_routes_through_the_other(
    client: Client, speaking: IPsecConnection
) -> None:
    html = check(client, speaking, typed(opened(client, speaking, 2), 2, bgp_on=OFF), 2)
    assert effects(html, 2) == ["BGP session ends", "No route leads through it"]
    assert effects(html, 1) == ["Nothing"]
    assert text_of(html, "panel-verdict") == "No route will lead through tunnel 2"


def test_bgp_that_is_put_up_anew_and_bgp_that_begins_are_told_apart(
    client: Client, up: IPsecConnection, speaking: IPsecConnection
) -> None:
    anew = check(client, speaking, typed(opened(client, speaking), local_asn="65010"))
    assert effects(anew, 1) == effects(anew, 2) == ["BGP session anew"]
    on = typed(opened(client, up), bgp_enabled="on")
    on = typed(typed(on, 1, tunnel_cidr="169.254.30.0/30"), 2, tunnel_cidr="169.254.40.0/30")
    begins = check(client, up, on)
    assert effects(begins, 1) == effects(begins, 2) == ["BGP session begins"]


def test_bgp_that_will_not_come_up_again_leads_nowhere(client: Client, speaking: IPsecConnection) -> None:
    PeerDevice.objects.filter(tunnel__connection=speaking, tunnel__index=1).update(bgp_asn=65099)
    html = check(client, speaking, typed(opened(client, speaking, 1), 1, local_bgp_ip="169.254.10.2"), 1)
    assert effects(html, 1) == ["BGP session anew", "No route leads through it"]
    assert text_of(html, "panel-verdict") == "No route will lead through tunnel 1"


def test_what_does_not_even_come_up_is_not_put_down_to_routes(
    client: Client, speaking: IPsecConnection
) -> None:
    PeerDevice.objects.filter(tunnel__connection=speaking).update(powered_on=False)
    html = check(client, speaking, typed(opened(client, speaking), local_asn="65010"))
    assert "No route leads" not in html
    assert text_of(html, "panel-verdict") == "Not every tunnel will come up"


@pytest.fixture
def by_networks(cast: Cast) -> IPsecConnection:
    """In policy mode."""
    return made(
        cast,
        "dc",
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.1.0.0/16",),
        remote_networks=("192.168.1.0/24",),
    )


def test_networks_that_go_take_their_routes_along(client: Client, by_networks: IPsecConnection) -> None:
    play()
    html = check(client, by_networks, typed(opened(client, by_networks), routing_mode="destination"))
    assert effects(html, 1) == effects(html, 2) == ["Rekey: phase 2 anew", "No route leads through it"]


def test_redundancy_is_not_claimed_of_what_cannot_be_saved(
    client: Client, by_networks: IPsecConnection
) -> None:
    data = opened(client, by_networks)
    assert "Redundancy is met" in check(client, by_networks, data)
    html = check(client, by_networks, {**data, "remote_networks": ["no network"]})
    assert "Redundancy is not known yet" in html
    assert "Redundancy is met" not in html


def test_before_it_is_bound_nothing_happens(client: Client, cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    html = check(client, connection, typed(opened(client, connection, 1), 1, ike_mode="aggressive"), 1)
    assert effects(html, 1) == ["Nothing yet: not bound"]


def test_without_effective_immediately_an_edit_takes_a_tunnel_down_until_traffic_comes_in(
    client: Client, cast: Cast
) -> None:
    connection = made(cast, "dc", effect_immediately=False)
    data = typed(opened(client, connection, 1), 1, nat_traversal=OFF)
    assert effects(check(client, connection, data, 1), 1) == ["Goes on waiting for traffic"]
    send_traffic(actor=cast.actor, tunnel=tunnels_of(connection)[0])
    play()
    assert effects(check(client, connection, data, 1), 1) == ["Goes down until traffic comes in"]
    assert send(client, connection, data, 1).status_code == 302
    settled()
    assert tunnels_of(connection)[0].run.waiting_for_traffic


def test_out_of_service_an_edit_waits_until_it_is_put_back(
    client: Client, ana: Actor, up: IPsecConnection
) -> None:
    take_out_of_service(actor=ana, tunnel=tunnels_of(up)[0])
    data = typed(opened(client, up, 1), 1, ike_mode="aggressive")
    assert effects(check(client, up, data, 1), 1) == ["Nothing yet: out of service"]
    send(client, up, data, 1)
    settled()
    assert not tunnels_of(up)[0].run.negotiating


def test_a_page_costs_few_queries(
    client: Client, up: IPsecConnection, django_assert_max_num_queries: Any
) -> None:
    data = opened(client, up, 1)
    for ask in (lambda: client.get(address(up, 1)), lambda: check(client, up, data, 1)):
        with django_assert_max_num_queries(24):
            ask()


def test_a_check_writes_nothing(client: Client, up: IPsecConnection) -> None:
    before = AuditEvent.objects.count()
    check(client, up, typed(opened(client, up, 1), 1, dpd=OFF), 1)
    assert tunnels_of(up)[0].dpd
    assert AuditEvent.objects.count() == before
