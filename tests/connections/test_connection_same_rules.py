"""The page and the service say the same of the same request: one set of rules, one set of words."""

from typing import Any

import pytest
from connection_cast import CREATE, Cast, Form, created, submit, token
from django.test import Client, RequestFactory

from accounts.refusal import Refused
from connections.draft import Draft
from connections.services import create_connection
from connections.services.request import look_up
from ipsec.rules import errors
from wording.message import message

pytestmark = pytest.mark.django_db

WRONG: dict[str, Any] = {
    "names and lists": lambda form: form.policy(["10.1.0.1/16"], ["10.2.0.0/16"] * 2).set(name="http://x"),
    "everything of BGP": lambda form: (
        form.bgp().set(local_asn="0").both(tunnel_cidr="169.254.0.0/30").tunnel(2, local_bgp_ip="169.254.9.9")
    ),
    "keys and identifiers": lambda form: form.tunnel(1, psk="a b", local_id="a b").tunnel(
        2, remote_id="1.2.3"
    ),
    "devices": lambda form: form.set(network_type="private", cen="").tunnel(2, customer_gateway="cgw-0"),
    "ikev1 with several networks": lambda form: form.policy(["10.1.0.0/16", "10.2.0.0/16"]).both(
        ike_version="ikev1"
    ),
    "lifetimes": lambda form: form.tunnel(1, ike_lifetime="86401").tunnel(2, child_lifetime="-5"),
}


def asked(cast: Cast, form: Form) -> Any:
    """What the page makes of the posted form."""
    request: Any = RequestFactory().post(CREATE, form.data)
    request.actor, request.session = cast.actor, {}
    return Draft(request, request.POST).wanted


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_the_service_refuses_for_the_reasons_on_the_page(
    client: Client, cast: Cast, form: Form, change: Any
) -> None:
    form = change(form)
    response = submit(client, form)
    assert response.status_code == 422
    on_the_page = [error.message for error in response.context["findings"]]

    with pytest.raises(Refused) as refused:
        create_connection(actor=cast.actor, new=asked(cast, form))
    assert sorted(message(finding) for finding in refused.value.findings) == sorted(on_the_page)


def test_what_the_page_only_notes_the_service_lets_pass(client: Client, cast: Cast, form: Form) -> None:
    noted = form.both(ike_version="ikev1", remote_id="edge.example", ike_lifetime="0")
    found = look_up(cast.actor, asked(cast, noted)).findings
    assert {str(finding.code) for finding in found} >= {"id_fqdn_in_main_mode", "lifetime_never"}
    assert errors(found) == []
    created(client, noted.set(client_token=token()))


def test_what_the_service_is_told_of_a_gateway_is_not_believed(cast: Cast, form: Form) -> None:
    """Address and AS number are the row's, whatever the request says."""
    new = asked(cast, form.bgp().tunnel(1, customer_gateway=cast.lone.public_id))
    assert {str(finding.code) for finding in errors(look_up(cast.actor, new).findings)} == {
        "peer_without_asn"
    }
