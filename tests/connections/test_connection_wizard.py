"""The creation page itself: labels and groups, what is offered, and what changes while it is filled in."""

from typing import Any

import pytest
from connection_cast import (
    CREATE,
    SHANGHAI,
    Cast,
    Form,
    cast_of,
    created,
    refusals,
    submit,
    token,
    tunnels_of,
)
from django.test import Client
from page_reader import Element, by_id, controls, read

from accounts.actor import Actor
from gateways.services import create_customer_gateway
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from transit.models import TransitRouter
from transit.services import create_cen, create_resource_group

pytestmark = pytest.mark.django_db

IKE = "Encryption Configuration: IKE Configurations"
CHILD = "Encryption Configuration: IPsec Configurations"
BGP = "BGP Configuration"


def page(client: Client, **query: str) -> Element:
    return read(client.get(CREATE, query).content.decode())


def part(client: Client, name: str, form: Form, **more: str) -> str:
    response = client.post(f"{CREATE}?part={name}", {**form.data, **more}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return str(response.content.decode())


def options(element: Element) -> dict[str, str]:
    return {one.attributes["value"]: one.text for one in element.walk() if one.tag == "option"}


def chosen(element: Element) -> str:
    selected = [one for one in element.walk() if one.tag == "option" and "selected" in one.attributes]
    return selected[0].attributes["value"] if selected else ""


# Names and groups


def test_every_control_has_a_name_that_is_its_own_in_its_group(client: Client) -> None:
    names = [(one.groups, one.label) for one in controls(page(client))]
    assert all(label for _groups, label in names)
    assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]


def test_the_sections_hold_what_the_consoles_hold(client: Client) -> None:
    sections: dict[tuple[str, ...], list[str]] = {}
    for one in controls(page(client)):
        if one.kind != "radio":
            sections.setdefault(one.groups, []).append(one.label)
    per_tunnel = {
        (): ["Customer Gateway", "Pre-Shared Key"],
        (IKE,): [
            "Version",
            "Negotiation Mode",
            "Encryption Algorithm",
            "Authentication Algorithm",
            "DH Group",
            "SA Life Cycle (seconds)",
            "LocalId",
            "RemoteId",
        ],
        (CHILD,): [
            "Encryption Algorithm",
            "Authentication Algorithm",
            "DH Group",
            "SA Life Cycle (seconds)",
            "DPD",
            "NAT Traversal",
        ],
        (BGP,): ["Tunnel CIDR Block", "Local BGP IP address"],
    }
    expected = {
        ("IPsec Settings",): [
            "Name",
            "Region",
            "Resource Group",
            "CEN Instance ID",
            "Local Network",
            "Remote Network",
        ],
        (): ["Enable BGP", "Local ASN"],
        ("Advanced Settings",): [
            "Automatically Advertise Routes",
            "Automatically Associate with the Default Route Table of the Transit Router",
            "Automatically Propagate System Routes to the Default Route Table of the Transit Router",
        ],
    }
    for index in (1, 2):
        expected |= {(f"Tunnel {index}", *groups): labels for groups, labels in per_tunnel.items()}
    outside = {("IPsec Settings",), (), ("Advanced Settings",)}
    assert {
        groups: labels for groups, labels in sections.items() if groups in outside or "Tunnel" in groups[0]
    } == expected


def test_radio_buttons_are_named_groups_with_the_consoles_choices(client: Client) -> None:
    choices: dict[str, list[tuple[str, bool]]] = {}
    for one in controls(page(client)):
        if one.kind == "radio":
            choices.setdefault(one.groups[-1], []).append((one.label, one.checked))
    assert choices == {
        "Gateway Type": [("Public", True), ("Private", False)],
        "Bind CEN": [("Current Account", True), ("Cross Account", False)],
        "Routing Mode": [("Destination Routing Mode", True), ("Protected Data Flows", False)],
        "Effective Immediately": [("Yes", True), ("No", False)],
    }


def test_each_tunnel_offers_the_consoles_algorithms_and_defaults(client: Client) -> None:
    tree = page(client)
    for index in (0, 1):
        for name, members, default in (
            ("ike_version", IkeVersion, "ikev2"),
            ("ike_mode", IkeMode, "main"),
            ("ike_encryption", Encryption, "aes"),
            ("ike_integrity", Integrity, "sha1"),
            ("ike_dh_group", DhGroup, "group2"),
            ("child_encryption", Encryption, "aes"),
            ("child_integrity", Integrity, "sha1"),
            ("child_pfs", Pfs, "group2"),
        ):
            select = by_id(tree, f"id_tunnels-{index}-{name}")
            assert [*options(select)] == [str(member.value) for member in members]
            assert chosen(select) == default


def test_the_defaults_of_everything_else(client: Client) -> None:
    values = {one.name: one for one in controls(page(client))}
    assert values["local_asn"].value == "45104"
    assert not values["bgp_enabled"].checked
    for index in (0, 1):
        for name in ("ike_lifetime", "child_lifetime"):
            assert values[f"tunnels-{index}-{name}"].value == "86400"
        for name in ("dpd", "nat_traversal"):
            assert values[f"tunnels-{index}-{name}"].checked
        for name in ("psk", "local_id", "remote_id", "tunnel_cidr", "local_bgp_ip"):
            assert values[f"tunnels-{index}-{name}"].value == ""
    for name in ("auto_publish_route", "associate", "propagate"):
        assert values[name].checked


def test_help_belongs_to_its_control(client: Client) -> None:
    described = {one.name: one.described for one in controls(page(client))}
    assert "such as 169.254.10.0/30" in described["tunnels-1-tunnel_cidr"]
    assert "~`!@#$%^&*()_-+={}[]\\|;:',.<>/?" in described["tunnels-0-psk"]


def test_enter_saves_and_adds_no_row(client: Client) -> None:
    """The first submit button of a form is the one that Enter presses."""
    form = next(one for one in page(client).walk() if one.attributes.get("class") == "wizard")
    first = next(one for one in form.walk() if one.tag == "button" and one.attributes.get("type") != "button")
    assert first.text == "OK"
    assert "name" not in first.attributes


def test_conditional_parts_know_what_shows_them(client: Client) -> None:
    tree = page(client)
    for shown_when, name in (
        ("when-own", "cen"),
        ("when-own", "propagate"),
        ("when-policy", "local_networks"),
        ("when-policy", "remote_networks"),
        ("when-bgp", "local_asn"),
        ("when-bgp", "tunnels-0-tunnel_cidr"),
        ("when-bgp", "tunnels-1-local_bgp_ip"),
    ):
        control = by_id(tree, f"id_{name}")
        classes = " ".join(one.attributes.get("class", "") for one in control.ancestors)
        assert shown_when in classes, name


# What is offered


def test_devices_and_cens_of_the_region_are_offered(
    client: Client, ana: Actor, cast: Cast, sam: Actor
) -> None:
    there = cast_of(ana, region=SHANGHAI, block="10.251.0.0/24")
    theirs = cast_of(sam, block="10.252.0.0/24")
    tree = page(client)
    for index in (0, 1):
        offered = options(by_id(tree, f"id_tunnels-{index}-customer_gateway"))
        here = [*cast.devices, cast.lone, *cast.private]
        assert {*offered} == {"", *(device.public_id for device in here)}
        assert offered[cast.devices[0].public_id] == "edge-1 · 203.0.113.1 · AS 65001"
        assert offered[cast.lone.public_id] == "lone · 203.0.113.9 · no AS number"
    cens = options(by_id(tree, "id_cen"))
    assert {*cens} == {"", cast.cen.public_id, there.cen.public_id}
    assert theirs.cen.public_id not in cens
    assert cens[cast.cen.public_id] == f"backbone-cn-hangzhou ({cast.cen.public_id})"
    assert cens[there.cen.public_id].endswith("– cannot be bound in this region")


def test_the_page_opens_in_the_region_that_is_looked_at(client: Client, cast: Cast) -> None:
    assert chosen(by_id(page(client, region=SHANGHAI), "id_region")) == SHANGHAI


def test_choosing_a_cen_shows_its_transit_router_and_block(client: Client, cast: Cast, form: Form) -> None:
    facts = by_id(read(part(client, "check", form)), "router-facts")
    assert [one.text for one in facts.walk() if one.tag == "dt"] == [
        "Transit Router ID",
        "Transit Router CIDR Blocks",
    ]
    assert [one.text for one in facts.walk() if one.tag == "dd"] == [cast.router.public_id, "10.250.0.0/24"]
    nothing = by_id(read(part(client, "check", form.set(cen=""))), "router-facts")
    assert [one.text for one in nothing.walk() if one.tag == "dd"] == ["–", "–"]


def test_a_resource_group_filters_the_cens_and_none_shows_all(client: Client, ana: Actor, cast: Cast) -> None:
    group = create_resource_group(actor=ana, name="production")
    inside = create_cen(actor=ana, name="inside", resource_group=group)
    form = Form({"region": "cn-hangzhou", "resource_group": group.public_id})
    assert {*options(by_id(read(part(client, "region", form)), "id_cen"))} == {"", inside.public_id}
    every = read(part(client, "region", form.set(resource_group="")))
    assert {*options(by_id(every, "id_cen"))} == {"", inside.public_id, cast.cen.public_id}


def test_a_strangers_resource_group_is_as_good_as_none(client: Client, cast: Cast, sam: Actor) -> None:
    group = create_resource_group(actor=sam, name="theirs")
    form = Form({"region": "cn-hangzhou", "resource_group": group.public_id})
    assert cast.cen.public_id in options(by_id(read(part(client, "region", form)), "id_cen"))


# The region changes


def test_another_region_brings_its_own_choices_and_drops_what_does_not_fit(
    client: Client, ana: Actor, form: Form
) -> None:
    there = cast_of(ana, region=SHANGHAI, block="10.251.0.0/24")
    moved = read(part(client, "region", form.set(region=SHANGHAI)))
    for index in (0, 1):
        select = by_id(moved, f"id_tunnels-{index}-customer_gateway")
        assert there.devices[0].public_id in options(select)
        assert chosen(select) == ""
    assert chosen(by_id(moved, "id_cen")) == ""
    assert [one.text for one in by_id(moved, "router-facts").walk() if one.tag == "dd"] == ["–", "–"]


def test_what_fits_the_new_region_stays_chosen(client: Client, ana: Actor, cast: Cast, form: Form) -> None:
    TransitRouter.objects.create(cen=cast.cen, region=SHANGHAI)
    device = create_customer_gateway(actor=ana, region=SHANGHAI, name="edge", address="203.0.113.70")
    typed = form.set(region=SHANGHAI).tunnel(2, customer_gateway=device.public_id)
    moved = read(part(client, "region", typed))
    assert chosen(by_id(moved, "id_cen")) == cast.cen.public_id
    assert chosen(by_id(moved, "id_tunnels-0-customer_gateway")) == ""
    assert chosen(by_id(moved, "id_tunnels-1-customer_gateway")) == device.public_id


def test_what_was_said_of_the_old_choices_is_taken_back(client: Client, ana: Actor, form: Form) -> None:
    cast_of(ana, region=SHANGHAI, block="10.251.0.0/24")
    moved = part(client, "region", form.set(region=SHANGHAI))
    assert by_id(read(moved), "msg-id_cen").text == ""
    assert by_id(read(moved), "msg-id_tunnels-0-customer_gateway").text == ""


def test_selects_come_whole_with_everything_that_ties_them_to_the_page(client: Client, form: Form) -> None:
    """Options alone will not do: moved into a select one by one, the last of them ends up chosen."""
    whole, moved = page(client), read(part(client, "region", form))
    for name in ("cen", "tunnels-0-customer_gateway", "tunnels-1-customer_gateway"):
        old, new = by_id(whole, f"id_{name}").attributes, dict(by_id(moved, f"id_{name}").attributes)
        assert new.pop("hx-swap-oob") == "outerHTML"
        assert new == old


# While it is filled in


def test_a_change_brings_messages_and_never_a_field(client: Client, form: Form) -> None:
    wrong = (
        form.bgp().set(name="https://x", local_asn="abc").tunnel(1, psk="a b", tunnel_cidr="169.254.0.0/30")
    )
    answer = read(part(client, "check", wrong))
    assert not [one for one in answer.walk() if one.tag in ("input", "select", "textarea")]
    for field, text in {
        "name": "May not start with",
        "local_asn": "Not an AS number",
        "tunnels-0-psk": "Character 2",
        "tunnels-0-tunnel_cidr": "kept for the system",
        "tunnels-1-psk": "",
    }.items():
        said = by_id(answer, f"msg-id_{field}").text
        assert text.lower() in said.lower()
        assert bool(said) is bool(text)


def test_every_slot_on_the_page_is_filled_anew(client: Client, form: Form) -> None:
    """What was right again, or was never wrong, is emptied."""
    slots = {
        one.attributes["id"] for one in page(client).walk() if one.attributes.get("id", "").startswith("msg-")
    }
    sent = {
        one.attributes["id"]
        for one in read(part(client, "check", form)).walk()
        if "hx-swap-oob" in one.attributes
    }
    assert slots <= sent


def test_what_is_not_filled_in_yet_is_not_yet_wrong(client: Client) -> None:
    empty = Form({"region": "cn-hangzhou", "binding": "own", "routing_mode": "policy", "bgp_enabled": "on"})
    answer = read(part(client, "check", empty))
    for field in ("cen", "local_networks", "tunnels-0-customer_gateway", "tunnels-1-tunnel_cidr"):
        assert by_id(answer, f"msg-id_{field}").text == ""


def test_warnings_and_advice_are_shown_too(client: Client, cast: Cast, form: Form) -> None:
    typed = form.both(
        customer_gateway=cast.devices[0].public_id, remote_id="edge.example", ike_version="ikev1"
    )
    answer = read(part(client, "check", typed))
    assert by_id(answer, "msg-id_tunnels-0-remote_id").text
    assert "customer gateway" in by_id(answer, "msg-tunnels").text


def test_folded_values_follow(client: Client, form: Form) -> None:
    answer = read(part(client, "check", form.tunnel(2, child_encryption="aes256", dpd=None)))
    assert (
        by_id(answer, "group-tunnels-1-child-values").text == "aes256sha1group286400 sDPD OffNAT Traversal On"
    )


def test_no_key_comes_back(client: Client, form: Form) -> None:
    for name in ("check", "region", "rows"):
        assert "typed-secret" not in part(
            client, name, form.both(psk="typed-secret"), action="add:local_networks"
        )


# Rows of networks


def rows_of(html: str, name: str) -> list[str]:
    inputs = [one.attributes for one in read(html).walk() if one.tag == "input"]
    return [one["value"] for one in inputs if one["name"] == name]


def test_a_row_is_added_and_is_where_typing_goes_on(client: Client, form: Form) -> None:
    html = part(client, "rows", form.policy(["10.1.0.0/16"]), action="add:local_networks")
    assert rows_of(html, "local_networks") == ["10.1.0.0/16", ""]
    inputs = [one for one in read(html).walk() if one.tag == "input"]
    assert ["autofocus" in one.attributes for one in inputs] == [False, True]
    assert inputs[1].attributes["aria-label"] == "Local Network 2"
    assert inputs[0].attributes["aria-describedby"] == "help-id_local_networks msg-id_local_networks"


def test_the_row_whose_button_is_pressed_is_removed(client: Client, form: Form) -> None:
    networks = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"]
    html = part(client, "rows", form.policy(remote=networks), action="drop:remote_networks:1")
    assert rows_of(html, "remote_networks") == ["10.1.0.0/16", "10.3.0.0/16"]


def test_the_last_row_has_no_button_to_remove_it(client: Client, form: Form) -> None:
    html = part(client, "rows", form.policy(["10.1.0.0/16", "10.2.0.0/16"]), action="drop:local_networks:0")
    assert rows_of(html, "local_networks") == ["10.2.0.0/16"]
    assert "drop:" not in html


def test_there_are_no_more_rows_than_the_rules_allow(client: Client, form: Form) -> None:
    full = [f"10.{number}.0.0/16" for number in range(4)]
    html = part(client, "rows", form.policy(full), action="add:local_networks")
    assert len(rows_of(html, "local_networks")) == 5
    assert "add:" not in html


@pytest.mark.parametrize(
    "action", ["add", "drop:local_networks", "drop:local_networks:x", "add:name", "drop:cen:0", ""]
)
def test_an_odd_action_changes_nothing(client: Client, form: Form, action: str) -> None:
    html = part(client, "rows", form.policy(["10.1.0.0/16"]), action=action)
    assert rows_of(html, "local_networks") == ["10.1.0.0/16"]


# Without scripts


def test_a_row_is_added_by_posting_the_page_and_nothing_is_lost(client: Client, form: Form) -> None:
    typed = form.policy(["10.1.0.0/16"]).set(name="https://x").tunnel(1, psk="typed-secret", dpd=None)
    response = client.post(CREATE, {**typed.data, "action": "add:local_networks"})
    html = response.content.decode()
    assert response.status_code == 200
    assert rows_of(html, "local_networks") == ["10.1.0.0/16", ""]
    assert "findings-title" not in html, "nothing is judged yet"
    assert "typed-secret" not in html
    assert by_id(read(html), "id_name").attributes["value"] == "https://x"

    response = submit(client, typed)
    assert [label for label, _text in refusals(response)] == ["Name"]
    connection = created(client, typed.set(name="x").tunnel(1, psk=""))
    assert tunnels_of(connection)[0].psk == "typed-secret"


def test_the_choices_are_reloaded_by_posting_the_page(client: Client, ana: Actor, form: Form) -> None:
    there = cast_of(ana, region=SHANGHAI, block="10.251.0.0/24")
    response = client.post(CREATE, {**form.set(region=SHANGHAI).data, "action": "refresh"})
    tree = read(response.content.decode())
    assert there.devices[0].public_id in options(by_id(tree, "id_tunnels-0-customer_gateway"))
    assert (
        '<noscript><button class="btn btn-outline-secondary" name="action" value="refresh">'
        in response.content.decode()
    )


# Doors and costs


def test_a_viewer_does_not_open_it(vera: Actor, client_of: Any) -> None:
    assert client_of(vera).get(CREATE).status_code == 403


def test_it_costs_few_queries_however_much_is_offered(
    client: Client, ana: Actor, form: Form, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        create_cen(actor=ana, name=f"cen {number}")
        create_customer_gateway(actor=ana, region="cn-hangzhou", name="x", address=f"198.51.100.{number + 1}")
    with django_assert_max_num_queries(10):
        client.get(CREATE)
    with django_assert_max_num_queries(12):
        part(client, "check", form.bgp().policy().set(client_token=token()))
