"""Name, description and authentication key can be changed; the device's address and AS number cannot."""

import inspect

import pytest
from django.db import connection
from gateway_rows import answer, gateway_of

from accounts.actor import Actor
from accounts.audit_changes import MASK
from accounts.models import AuditEvent
from accounts.refusal import Refused
from gateways.models import CustomerGateway
from gateways.services import delete_customer_gateway, modify_customer_gateway

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_what_is_not_given_stays(omar: Actor) -> None:
    gateway = gateway_of(omar, name="edge-1", description="rack 7", auth_key="first")
    modify_customer_gateway(actor=omar, gateway=gateway, name="edge-2")
    kept = CustomerGateway.objects.get()
    assert (kept.name, kept.description, kept.auth_key) == ("edge-2", "rack 7", "first")


def test_a_key_is_replaced_or_removed_and_never_told(omar: Actor) -> None:
    gateway = gateway_of(omar, auth_key="first")
    modify_customer_gateway(actor=omar, gateway=gateway, auth_key="second-marker")
    assert CustomerGateway.objects.get().auth_key == "second-marker"
    event = AuditEvent.objects.all()[0]
    assert (event.action, event.detail) == (
        "customer_gateway.modify",
        {"changes": {"auth_key": [MASK, MASK]}},
    )
    modify_customer_gateway(actor=omar, gateway=gateway, auth_key="")
    assert CustomerGateway.objects.get().auth_key == ""


def test_texts_can_be_emptied(omar: Actor) -> None:
    gateway = gateway_of(omar, name="edge-1", description="rack 7")
    modify_customer_gateway(actor=omar, gateway=gateway, name="", description="")
    kept = CustomerGateway.objects.get()
    assert (kept.name, kept.description) == ("", "")


def test_a_key_needs_an_as_number(omar: Actor) -> None:
    gateway = gateway_of(omar, asn="")
    with pytest.raises(Refused) as refused:
        modify_customer_gateway(actor=omar, gateway=gateway, auth_key="key")
    assert answer(refused.value) == [("auth_key", "auth_key_without_asn")]


def test_rules_hold_for_changes_too(omar: Actor) -> None:
    gateway = gateway_of(omar)
    with pytest.raises(Refused) as refused:
        modify_customer_gateway(
            actor=omar, gateway=gateway, name="n" * 101, description="http://x", auth_key="why?"
        )
    assert answer(refused.value) == [
        ("name", "text_too_long"),
        ("description", "text_is_link"),
        ("auth_key", "auth_key_character"),
    ]


def test_there_is_no_way_to_change_address_or_as_number() -> None:
    parameters = inspect.signature(modify_customer_gateway).parameters
    assert {*parameters} == {"actor", "gateway", "name", "description", "auth_key"}


def test_one_that_has_just_gone(omar: Actor) -> None:
    gateway = gateway_of(omar)
    same = CustomerGateway.objects.get()
    delete_customer_gateway(actor=omar, gateway=gateway)
    with pytest.raises(Refused) as refused:
        modify_customer_gateway(actor=omar, gateway=same, name="late")
    assert answer(refused.value) == [("", "customer_gateway_unknown")]


def test_a_name_can_be_changed_although_no_key_opens_the_secret(omar: Actor) -> None:
    gateway = gateway_of(omar, auth_key="first")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE gateways_customergateway SET auth_key = 'unreadable'")
    modify_customer_gateway(actor=omar, gateway=gateway, name="edge-2")
    assert CustomerGateway.objects.defer("auth_key").get().name == "edge-2"
