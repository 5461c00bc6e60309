"""A customer gateway goes when no tunnel ends on it; until then every such tunnel is named."""

import pytest
from gateway_rows import answer, connection_over, gateway_of

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from gateways.models import CustomerGateway
from gateways.queries import uses_of
from gateways.services import delete_customer_gateway

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_an_unused_one_goes_and_its_address_is_free(omar: Actor) -> None:
    gateway = gateway_of(omar, address="203.0.113.10", asn="65001")
    delete_customer_gateway(actor=omar, gateway=gateway)
    assert not CustomerGateway.objects.exists()
    assert AuditEvent.objects.all()[0].action == "customer_gateway.delete"
    assert gateway_of(omar, address="203.0.113.10", asn="65002").asn == 65002


def test_deleting_twice_is_deleting_once(omar: Actor) -> None:
    gateway = gateway_of(omar)
    same = CustomerGateway.objects.get()
    delete_customer_gateway(actor=omar, gateway=gateway)
    delete_customer_gateway(actor=omar, gateway=same)
    assert AuditEvent.objects.filter(action="customer_gateway.delete").count() == 1


def test_a_used_one_stays_and_names_connection_and_tunnel(omar: Actor) -> None:
    first, second = gateway_of(omar), gateway_of(omar)
    connection = connection_over(omar, first, second)
    for gateway, tunnel in ((first, 1), (second, 2)):
        with pytest.raises(Refused) as refused:
            delete_customer_gateway(actor=omar, gateway=gateway)
        (finding,) = refused.value.findings
        assert finding.code == "gateway_in_use"
        assert finding.params == {"connection": f"to Berlin ({connection.public_id})", "tunnel": tunnel}
    assert CustomerGateway.objects.count() == 2


def test_one_under_both_tunnels_names_both(omar: Actor) -> None:
    gateway = gateway_of(omar)
    connection_over(omar, gateway, gateway)
    with pytest.raises(Refused) as refused:
        delete_customer_gateway(actor=omar, gateway=gateway)
    assert answer(refused.value) == [("", "gateway_in_use")] * 2
    assert [finding.params["tunnel"] for finding in refused.value.findings] == [1, 2]


def test_uses_are_told_apart(omar: Actor) -> None:
    first, second, third = gateway_of(omar), gateway_of(omar), gateway_of(omar)
    connection = connection_over(omar, first, second)
    uses = uses_of([first, second, third])
    assert {key: [use.tunnel_index for use in found] for key, found in uses.items()} == {
        first.pk: [1],
        second.pk: [2],
    }
    assert uses[first.pk][0].connection_id == connection.public_id
