"""What saving the creation page leaves behind, in each of its variants."""

from itertools import chain
from typing import Any

import pytest
from connection_cast import (
    MARKER_PSK,
    SHANGHAI,
    Cast,
    Form,
    cast_of,
    created,
    filled,
    submit,
    token,
    tunnels_of,
)
from django.db import connection as database
from django.test import Client

from accounts.actor import Actor
from accounts.models import AuditEvent
from connections.models import IPsecConnection
from ipsec.addresses import is_private
from transit.models import RouteTable, VpnAttachment
from tunnels.models import Because, PeerDevice, TunnelEvent

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def actions(actor: Actor) -> list[str]:
    return list(
        AuditEvent.objects.filter(account=actor.account).order_by("id").values_list("action", flat=True)
    )


def test_it_asks_the_database_little(client: Client, form: Form, django_assert_max_num_queries: Any) -> None:
    """Who asks, four locks, the rules, a statement for each table that gets rows, a transaction."""
    created(client, form)  # the first one makes the account's service role and the pool of addresses
    second = form.bgp().policy().set(client_token=token(), name="second")
    with django_assert_max_num_queries(24):
        assert submit(client, second).status_code == 302


def test_a_name_a_cen_and_two_devices_are_enough(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form)

    assert (connection.name, connection.region, connection.state) == (
        "dc to cloud",
        "cn-hangzhou",
        "attached",
    )
    assert (connection.network_type, connection.routing_mode) == ("public", "destination")
    assert (connection.effect_immediately, connection.bgp_enabled) == (True, False)
    assert connection.created_by == cast.actor.user
    first, second = tunnels_of(connection)
    assert (first.index, first.customer_gateway) == (1, cast.devices[0])
    assert (second.index, second.customer_gateway) == (2, cast.devices[1])
    for tunnel in (first, second):
        assert (tunnel.ike_version, tunnel.ike_mode, tunnel.ike_encryption) == ("ikev2", "main", "aes")
        assert (tunnel.ike_integrity, tunnel.ike_dh_group, tunnel.ike_lifetime) == ("sha1", "group2", 86400)
        assert (tunnel.child_encryption, tunnel.child_integrity) == ("aes", "sha1")
        assert (tunnel.child_pfs, tunnel.child_lifetime) == ("group2", 86400)
        assert (tunnel.dpd, tunnel.nat_traversal) == (True, True)
        assert (tunnel.local_id, tunnel.remote_id) == ("", "")
        assert (tunnel.tunnel_cidr, tunnel.local_bgp_ip) == (None, None)


def test_own_account_binding_binds_at_once(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form)

    attachment = VpnAttachment.objects.get(connection=connection)
    table = RouteTable.objects.get(transit_router=cast.router)
    assert attachment.transit_router == cast.router
    assert attachment.auto_publish_route
    assert attachment.association.route_table == table
    assert [one.route_table for one in attachment.propagations.all()] == [table]


@pytest.mark.parametrize("toggle", ["auto_publish_route", "associate", "propagate"])
def test_each_toggle_of_the_advanced_settings_stands_for_itself(
    client: Client, form: Form, toggle: str
) -> None:
    connection = created(client, form.set(**{toggle: None}))

    attachment = VpnAttachment.objects.get(connection=connection)
    on = {
        "auto_publish_route": attachment.auto_publish_route,
        "associate": hasattr(attachment, "association"),
        "propagate": attachment.propagations.exists(),
    }
    assert [name for name, value in on.items() if not value] == [toggle]


def test_two_tunnels_get_two_addresses_in_two_zones(client: Client, form: Form) -> None:
    first, second = tunnels_of(created(client, form))

    assert first.gateway_address != second.gateway_address
    assert {
        address.rpartition(".")[0] for address in (first.gateway_address or "", second.gateway_address or "")
    } == {"198.18.0"}
    assert (first.zone, second.zone) == ("cn-hangzhou-h", "cn-hangzhou-i")


def test_both_tunnels_share_the_zone_of_a_region_that_has_one(client: Client, ana: Actor) -> None:
    cast = cast_of(ana, region="cn-nanjing")
    assert [tunnel.zone for tunnel in tunnels_of(created(client, filled(cast)))] == ["cn-nanjing-a"] * 2


def test_the_next_connection_gets_other_addresses(client: Client, form: Form) -> None:
    taken = [
        tunnel.gateway_address
        for tunnel in chain(
            tunnels_of(created(client, form)), tunnels_of(created(client, form.set(client_token=token())))
        )
    ]
    assert len(set(taken)) == 4


def test_private_gateway_addresses_come_from_the_transit_routers_block(
    client: Client, cast: Cast, form: Form
) -> None:
    connection = created(client, form.private(cast))

    assert connection.network_type == "private"
    addresses = [tunnel.gateway_address or "" for tunnel in tunnels_of(connection)]
    assert all(address.startswith("10.250.0.") and is_private(address) for address in addresses)
    assert len(set(addresses)) == 2


def test_bgp_is_saved_with_its_addresses(client: Client, form: Form) -> None:
    connection = created(client, form.bgp().set(local_asn="1.10").tunnel(2, local_bgp_ip="169.254.20.2"))

    assert (connection.bgp_enabled, connection.local_asn) == (True, 65546)
    first, second = tunnels_of(connection)
    assert (first.tunnel_cidr, first.local_bgp_ip) == ("169.254.10.0/30", None)
    assert (second.tunnel_cidr, second.local_bgp_ip) == ("169.254.20.0/30", "169.254.20.2")


def test_protected_data_flows_are_saved_with_a_route_per_remote_network(client: Client, form: Form) -> None:
    remote = ["192.168.1.0/24", "192.168.2.0/24", "172.16.0.0/16"]
    connection = created(client, form.policy(local=["10.1.0.0/16", "10.2.0.0/16"], remote=remote))

    assert connection.routing_mode == "policy"
    assert (connection.local_networks, connection.remote_networks) == (["10.1.0.0/16", "10.2.0.0/16"], remote)
    routes = connection.destination_routes.all()
    assert [(route.destination, route.source, route.published) for route in routes] == [
        (network, "policy", True) for network in remote
    ]


def test_several_networks_pasted_into_one_row_are_several_networks(client: Client, form: Form) -> None:
    connection = created(
        client, form.policy(local=["10.1.0.0/16, 10.2.0.0/16", ""], remote=["10.3.0.0/24 10.4.0.0/24；"])
    )
    assert connection.local_networks == ["10.1.0.0/16", "10.2.0.0/16"]
    assert connection.remote_networks == ["10.3.0.0/24", "10.4.0.0/24"]


def test_cross_account_binding_creates_it_unbound(client: Client, form: Form) -> None:
    connection = created(client, form.set(binding="cross", cen=""))

    assert (connection.binding, connection.state) == ("cross", "init")
    assert not VpnAttachment.objects.filter(connection=connection).exists()
    for tunnel in tunnels_of(connection):
        assert (tunnel.gateway_address, tunnel.zone) == (None, "")
        assert (tunnel.run.negotiating, tunnel.run.due_at, tunnel.run.cause) == (
            False,
            None,
            "TunnelNotBound",
        )


def test_both_tunnels_begin_to_negotiate_at_once(client: Client, form: Form) -> None:
    for tunnel in tunnels_of(created(client, form)):
        assert tunnel.run.negotiating
        assert tunnel.run.due_at is not None
        assert [event.message for event in tunnel.events.all()] == [Because.CREATED]
        assert PeerDevice.objects.get(tunnel=tunnel).standing == PeerDevice.Standing.MIRROR


def test_not_effective_immediately_waits_for_traffic(client: Client, form: Form) -> None:
    connection = created(client, form.set(effect_immediately="no"))

    assert not connection.effect_immediately
    for tunnel in tunnels_of(connection):
        run = tunnel.run
        assert (run.waiting_for_traffic, run.negotiating, run.due_at) == (True, False, None)
    assert not TunnelEvent.objects.filter(tunnel__connection=connection, kind="started").exists()


def test_what_is_hidden_is_neither_judged_nor_saved(client: Client, form: Form) -> None:
    hidden = form.set(
        local_networks=["not a network"], remote_networks=["10.0.0.1/8"], local_asn="no number"
    ).both(tunnel_cidr="169.254.0.0/30", local_bgp_ip="1.2.3.4")
    connection = created(client, hidden)

    assert (connection.local_networks, connection.remote_networks) == ([], [])
    assert connection.local_asn == 45104
    assert not connection.destination_routes.exists()
    assert [(one.tunnel_cidr, one.local_bgp_ip) for one in tunnels_of(connection)] == [(None, None)] * 2


def test_a_hidden_cen_is_not_judged(client: Client, form: Form) -> None:
    assert created(client, form.set(binding="cross", cen="cen-of-nobody")).state == "init"


def test_both_tunnels_may_end_on_one_device(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form.tunnel(2, customer_gateway=cast.devices[0].public_id))
    assert [tunnel.customer_gateway for tunnel in tunnels_of(connection)] == [cast.devices[0]] * 2


def test_typed_keys_are_kept_to_the_letter(client: Client, form: Form) -> None:
    keys = ("~`!@#$%^&*()_-+={}[]\\|;:',.<>/?\"aZ9", "x")
    connection = created(client, form.tunnel(1, psk=keys[0]).tunnel(2, psk=keys[1]))
    assert tuple(tunnel.psk for tunnel in tunnels_of(connection)) == keys


def test_a_blank_key_becomes_sixteen_random_characters(client: Client, form: Form) -> None:
    first, second = tunnels_of(created(client, form))
    assert [len(first.psk), len(second.psk)] == [16, 16]
    assert first.psk != second.psk
    assert (first.psk + second.psk).isascii()
    assert (first.psk + second.psk).isalnum()


def test_keys_are_encrypted_at_rest(client: Client, form: Form) -> None:
    connection = created(client, form.both(psk=MARKER_PSK))
    with database.cursor() as cursor:
        cursor.execute("SELECT psk FROM tunnels_tunnel WHERE connection_id = %s", [connection.pk])
        stored = [row[0] for row in cursor.fetchall()]
    assert len(stored) == 2
    assert not any(MARKER_PSK in one for one in stored)


def test_the_service_linked_role_is_recorded_once(client: Client, ana: Actor, form: Form) -> None:
    created(client, form)
    ana.account.refresh_from_db()
    recorded = ana.account.service_role_created_at
    assert recorded is not None

    created(client, form.set(client_token=token()))
    ana.account.refresh_from_db()
    assert ana.account.service_role_created_at == recorded
    assert actions(ana).count("service_role.create") == 1


def test_the_audit_trail_tells_it_without_secrets(client: Client, ana: Actor, cast: Cast, form: Form) -> None:
    connection = created(client, form.both(psk=MARKER_PSK))

    event = AuditEvent.objects.get(action="connection.create")
    assert (event.target, event.actor, event.account) == (connection.public_id, ana.user, ana.account)
    assert event.detail["customer_gateways"] == [device.public_id for device in cast.devices]
    told = "".join(str(detail) for detail in AuditEvent.objects.values_list("detail", flat=True))
    assert MARKER_PSK not in told


def test_the_page_leads_to_the_connection_and_the_list_to_its_region(client: Client, ana: Actor) -> None:
    connection = created(client, filled(cast_of(ana, region=SHANGHAI)))

    page = client.get("/connections/")
    assert connection.public_id in page.content.decode()
    assert f"The IPsec connection {connection.name} is created." in page.content.decode()


def test_a_name_may_be_left_out(client: Client, form: Form) -> None:
    assert created(client, form.set(name="")).name == ""


@pytest.mark.parametrize("member", ["omar", "ana"])
def test_operators_and_administrators_create(
    member: str, form: Form, client_of: object, request: pytest.FixtureRequest
) -> None:
    browser = request.getfixturevalue("client_of")(request.getfixturevalue(member))
    assert submit(browser, form).status_code == 302
    assert IPsecConnection.objects.count() == 1


def test_a_viewer_creates_nothing(form: Form, vera: Actor, request: pytest.FixtureRequest) -> None:
    browser = request.getfixturevalue("client_of")(vera)
    assert submit(browser, form).status_code == 403
    assert not IPsecConnection.objects.exists()
