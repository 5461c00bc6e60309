"""Whatever is posted to the creation page: an answer, and a connection that is whole or not there."""

from typing import Any

import pytest
from connection_cast import CREATE, Cast, Form, filled
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.models import IPsecConnection
from tunnels.models import NegotiationRun, PeerDevice, Tunnel

pytestmark = [pytest.mark.database, pytest.mark.django_db]

TEXT = st.one_of(
    st.text(max_size=120),
    st.text("0123456789./-", max_size=20),
    st.sampled_from(
        ["", "on", "\x00", "0.0.0.0/0", "169.254.10.0/30", "ikev1", "policy", "private", "cross", "9" * 5000]
    ),
)
PLAIN = (
    "client_token", "name", "region", "resource_group", "network_type", "binding", "cen", "routing_mode",
    "effect_immediately", "bgp_enabled", "local_asn", "auto_publish_route", "associate", "propagate",
    "action",
)  # fmt: skip
OF_TUNNELS = (
    "customer_gateway", "psk", "psk_clear", "ike_version", "ike_mode", "ike_encryption", "ike_integrity",
    "ike_dh_group", "ike_lifetime", "local_id", "remote_id", "child_encryption", "child_integrity",
    "child_pfs", "child_lifetime", "dpd", "nat_traversal", "tunnel_cidr", "local_bgp_ip",
)  # fmt: skip
NAMES = [*PLAIN, *(f"tunnels-{index}-{name}" for index in (0, 1) for name in OF_TUNNELS)]
CHANGES = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(NAMES, TEXT)
    | {name: st.lists(TEXT, max_size=7) for name in ("local_networks", "remote_networks")},
)
FEW = st.sets(st.sampled_from([*NAMES, "local_networks", "remote_networks"]), max_size=6)
PARTS = st.sampled_from(["", "?part=check", "?part=region", "?part=rows", "?part=x"])


def is_whole() -> bool:
    tunnels = Tunnel.objects.count()
    rows = (2 * IPsecConnection.objects.count(), NegotiationRun.objects.count(), PeerDevice.objects.count())
    return rows == (tunnels, tunnels, tunnels)


def changed(cast: Cast, changes: dict[str, Any], names: set[str], missing: set[str]) -> Form:
    """A form that could be saved, with a few fields changed and a few left out."""
    few = {name: value for name, value in changes.items() if name in names}
    form = filled(cast).bgp().policy().set(**few)
    return Form({name: value for name, value in form.data.items() if name not in missing})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, names=FEW, missing=FEW)
def test_any_submit_is_answered_and_saves_all_or_nothing(
    client: Client, cast: Cast, changes: dict[str, Any], names: set[str], missing: set[str]
) -> None:
    form = changed(cast, changes, names, missing)
    with transaction.atomic():
        before = IPsecConnection.objects.count()
        response = client.post(CREATE, form.data)
        saved = IPsecConnection.objects.count() - before

        assert (response.status_code, saved) in {(302, 1), (422, 0), (200, 0)}
        assert (response.status_code == 200) is bool(form.data.get("action"))
        assert bool(response.context["findings"] if response.status_code == 422 else True)
        assert is_whole()
        transaction.set_rollback(True)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, missing=FEW, part=PARTS)
def test_any_change_on_the_page_is_answered_and_saves_nothing(
    client: Client, cast: Cast, changes: dict[str, Any], missing: set[str], part: str
) -> None:
    form = changed(cast, changes, set(NAMES), missing)
    response = client.post(CREATE + part, form.data, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert not IPsecConnection.objects.exists()


@pytest.mark.parametrize("name", [*NAMES, "local_networks", "remote_networks"])
def test_a_character_that_no_database_takes_is_answered_in_any_field(
    client: Client, cast: Cast, name: str
) -> None:
    base = filled(cast).bgp().policy()
    form = base.set(**{name: f"{base.data.get(name, '')}\x00"})
    assert client.post(CREATE, form.data).status_code in (200, 302, 422)
    assert client.post(f"{CREATE}?part=region", form.data, headers={"HX-Request": "true"}).status_code == 200
    assert is_whole()
