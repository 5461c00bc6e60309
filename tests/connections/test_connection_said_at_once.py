"""Each finding stands at its field, and is listed beside the form, as soon as the field is left."""

from collections.abc import Callable
from typing import Any

import pytest
from connection_cast import CREATE, Cast, Form, created, token
from django.test import Client
from page_reader import Element, by_id, read

from accounts.actor import Actor
from accounts.models import Quota, QuotaName
from accounts.quotas import DEFAULTS

pytestmark = [pytest.mark.database, pytest.mark.django_db]

Typed = Callable[[Form, Cast], Form]


def check(client: Client, form: Form) -> Element:
    response = client.post(f"{CREATE}?part=check", form.data, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return read(response.content.decode())


def slots(answer: Element) -> dict[str, str]:
    """What is said, by field; nothing of what is silent."""
    found = [one for one in answer.walk() if one.attributes.get("id", "").startswith("msg-")]
    return {one.attributes["id"].removeprefix("msg-id_"): one.text for one in found if one.text}


def on_one_gateway(form: Form, cast: Cast) -> Form:
    return form.both(customer_gateway=cast.devices[0].public_id)


AT_ONCE: dict[str, tuple[Typed, str, str]] = {
    "several networks with ikev1 on tunnel 2": (
        lambda form, cast: form.policy(["10.1.0.0/16", "10.2.0.0/16"]).tunnel(2, ike_version="ikev1"),
        "tunnels-1-ike_version",
        "needs IKEv2",
    ),
    "several networks with ikev1 on tunnel 1": (
        lambda form, cast: form.policy(["10.1.0.0/16", "10.2.0.0/16"]).tunnel(1, ike_version="ikev1"),
        "tunnels-0-ike_version",
        "needs IKEv2",
    ),
    "equal tunnel CIDR blocks": (
        lambda form, cast: form.bgp().both(tunnel_cidr="169.254.10.0/30"),
        "tunnels-1-tunnel_cidr",
        "169.254.10.0/30",
    ),
    "BGP address outside its block": (
        lambda form, cast: form.bgp().tunnel(1, local_bgp_ip="169.254.99.1"),
        "tunnels-0-local_bgp_ip",
        "169.254.10",
    ),
    "customer gateway without AS number under BGP": (
        lambda form, cast: form.bgp().tunnel(1, customer_gateway=cast.lone.public_id),
        "tunnels-0-customer_gateway",
        "AS number",
    ),
    "public device over a private connection": (
        lambda form, cast: form.set(network_type="private"),
        "tunnels-0-customer_gateway",
        "rivate",
    ),
    "domain name in main mode": (
        lambda form, cast: form.tunnel(1, ike_version="ikev1", local_id="dc.example.com"),
        "tunnels-0-local_id",
        "aggressive",
    ),
    "BGP in flows that do not hold its block": (
        lambda form, cast: form.bgp().policy(),
        "tunnels-0-tunnel_cidr",
        "choose Destination Routing Mode",
    ),
    "flows that overlap": (
        lambda form, cast: form.policy(["10.1.0.0/16"], ["10.1.2.0/24"]),
        "remote_networks",
        "overlap",
    ),
}


@pytest.mark.parametrize("case", [*AT_ONCE])
def test_it_stands_where_it_belongs(client: Client, cast: Cast, form: Form, case: str) -> None:
    change, field, words = AT_ONCE[case]
    said = slots(check(client, change(form, cast)))
    assert words in said.get(field, ""), said


def test_a_transit_router_without_room_is_told_as_it_is_chosen(
    client: Client, ana: Actor, form: Form
) -> None:
    created(client, form)
    again = form.set(client_token=token())
    assert "cen" not in slots(check(client, again))
    Quota.objects.filter(account=ana.account, name=QuotaName.CONNECTIONS_PER_TRANSIT_ROUTER).update(limit=1)
    assert "1" in slots(check(client, again))["cen"]


def test_without_a_quota_of_its_own_an_account_has_the_usual_room(
    client: Client, ana: Actor, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    Quota.objects.filter(account=ana.account).delete()
    created(client, form)
    again = form.set(client_token=token())
    assert "cen" not in slots(check(client, again))
    monkeypatch.setitem(DEFAULTS, QuotaName.CONNECTIONS_PER_TRANSIT_ROUTER, 1)
    assert "1" in slots(check(client, again))["cen"]


def test_a_name_in_main_mode_of_ikev2_is_fine(client: Client, form: Form) -> None:
    assert "tunnels-0-local_id" not in slots(check(client, form.tunnel(1, local_id="dc.example.com")))


def test_one_customer_gateway_for_both_tunnels_is_noted(client: Client, cast: Cast, form: Form) -> None:
    text = check(client, on_one_gateway(form, cast)).text
    assert "Both tunnels end on one device" in text


def test_what_is_to_be_put_right_is_listed_with_links(client: Client, form: Form) -> None:
    wrong = form.bgp().both(tunnel_cidr="169.254.10.0/30").set(name="http://x")
    panel = by_id(check(client, wrong), "panel")
    links = {one.attributes["href"]: one.text for one in panel.walk() if one.tag == "a"}
    assert links["#id_name"] == "Name"
    assert "#id_tunnels-1-tunnel_cidr" in links
    ids = {one.attributes.get("id") for one in read(client.get(CREATE).content.decode()).walk()}
    assert {link[1:] for link in links} <= ids


def test_what_is_created_unbound_does_not_claim_to_negotiate(client: Client, form: Form) -> None:
    text = check(client, form.bgp().set(binding="cross")).text
    assert "Can be saved; negotiates once it is bound" in text
    assert "simulated device" not in text
    assert "simulated device" in check(client, form.bgp()).text


def test_redundancy_is_claimed_only_of_tunnels_that_will_come_up(client: Client, form: Form) -> None:
    assert "Redundancy is met" in check(client, form.bgp()).text
    assert "Redundancy is met" not in check(client, form.bgp().set(network_type="private")).text
    assert "Redundancy is met" not in check(client, form.bgp().policy()).text, "BGP stays down"


def test_asking_costs_four_queries_at_most(
    client: Client, cast: Cast, form: Form, django_assert_max_num_queries: Any
) -> None:
    """Session and user included: it is asked each time a field is left."""
    created(client, form.bgp().set(client_token=token()))
    wanted = form.bgp().policy(["10.1.0.0/16", "10.2.0.0/16"]).tunnel(1, psk="typed-secret-1")
    check(client, wanted)
    for changed in (wanted, wanted.set(bgp_enabled=None), on_one_gateway(wanted, cast), wanted.set(cen="")):
        with django_assert_max_num_queries(4):
            check(client, changed)


def test_nothing_to_put_right_lists_nothing(client: Client, form: Form) -> None:
    assert "To put right" not in check(client, form).text


def test_where_nothing_is_to_be_put_right_it_is_saved(client: Client, form: Form) -> None:
    good = form.bgp()
    assert "To put right" not in check(client, good).text
    assert created(client, good).bgp_enabled
