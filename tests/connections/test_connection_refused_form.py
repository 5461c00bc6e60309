"""A refused submit: everything typed is still there, everything wrong is said, and no key is shown."""

from typing import Any

import pytest
from connection_cast import CREATE, MARKER_PSK, Cast, Form, created, refusals, submit, token, tunnels_of
from django.contrib.sessions.models import Session
from django.test import Client
from page_reader import Control, by_id, controls, read

from accounts.actor import Actor
from accounts.models import AuditEvent
from connections.kept_keys import FORMS_KEPT, SESSION_KEY

pytestmark = pytest.mark.django_db

WRONG = {"name": "https://name"}


def shown(response: Any) -> dict[str, list[Control]]:
    """The page's controls by the name they are posted with."""
    found: dict[str, list[Control]] = {}
    for control in controls(read(response.content.decode())):
        found.setdefault(control.name, []).append(control)
    return found


def test_every_value_is_kept(client: Client, cast: Cast, form: Form) -> None:
    typed = (
        form.policy(["10.1.0.0/16", "10.1.0.0/16"], ["192.168.1.0/33"])
        .set(name="https://name", network_type="private", effect_immediately="no", bgp_enabled="on")
        .set(local_asn="abc", auto_publish_route=None, propagate=None)
        .both(ike_version="ikev1", ike_mode="aggressive", ike_encryption="3des", ike_integrity="md5")
        .both(ike_dh_group="group14", ike_lifetime="soon", local_id="not an id", remote_id="edge.example")
        .both(child_encryption="des", child_integrity="sha512", child_pfs="disabled", child_lifetime="-1")
        .tunnel(1, dpd=None, tunnel_cidr="169.254.0.0/30", local_bgp_ip="1.1.1.1")
        .tunnel(2, nat_traversal=None, tunnel_cidr="nonsense")
    )
    page = shown(submit(client, typed))

    for name, value in typed.data.items():
        if name.endswith("psk") or name == "client_token":
            continue
        there = page[name]
        if there[0].kind == "radio":
            assert [one.value for one in there if one.checked] == [value], name
        elif there[0].kind == "checkbox":
            assert there[0].checked, name
        else:
            wanted = value if isinstance(value, list) else [value]
            assert [one.value for one in there] == wanted, name
    for name in ("auto_publish_route", "propagate", "tunnels-0-dpd", "tunnels-1-nat_traversal"):
        assert not page[name][0].checked, name


def test_all_findings_are_listed_at_the_top_with_links_to_their_fields(client: Client, form: Form) -> None:
    response = submit(client, form.set(name="https://name", cen="").tunnel(2, customer_gateway="", psk="a b"))

    page = read(response.content.decode())
    listed = by_id(page, "findings")
    links = [one for one in listed.walk() if one.tag == "a"]
    assert [link.text for link in links] == [
        "Name",
        "CEN Instance ID",
        "Tunnel 2 · Customer Gateway",
        "Tunnel 2 · Pre-Shared Key",
    ]
    labelled = {control.id: control.label for control in controls(page)}
    for link in links:
        target = link.attributes["href"].removeprefix("#")
        assert labelled[target] == link.text.rpartition(" · ")[2]
    assert listed.attributes["role"] == "alert"
    assert "autofocus" in listed.attributes


def test_a_finding_stands_at_its_field_too_and_marks_it(client: Client, form: Form) -> None:
    page = read(submit(client, form.tunnel(2, psk="a b")).content.decode())
    field = by_id(page, "id_tunnels-1-psk")
    assert field.attributes["aria-invalid"] == "true"
    (control,) = [one for one in controls(page) if one.id == "id_tunnels-1-psk"]
    assert "Character 2 cannot be in a pre-shared key" in control.described
    assert "aria-invalid" not in by_id(page, "id_tunnels-0-psk").attributes


def test_a_choice_among_radio_buttons_is_linked_to_the_first(client: Client, form: Form) -> None:
    response = submit(client, form.policy(["0.0.0.0/0"], ["0.0.0.0/0"]))
    (link,) = [one for one in by_id(read(response.content.decode()), "findings").walk() if one.tag == "a"]
    assert (link.text, link.attributes["href"]) == ("Routing Mode", "#id_routing_mode_0")


@pytest.mark.parametrize(
    ("values", "unfolded"),
    [
        ({"name": "https://x"}, set()),
        ({"tunnels-0-ike_lifetime": "-1"}, {"group-tunnels-0-ike"}),
        ({"tunnels-1-child_lifetime": "x"}, {"group-tunnels-1-child"}),
        (
            {"tunnels-0-local_id": "a b", "tunnels-1-remote_id": "a b"},
            {"group-tunnels-0-ike", "group-tunnels-1-ike"},
        ),
    ],
)
def test_what_holds_a_finding_is_unfolded(
    client: Client, form: Form, values: dict[str, str], unfolded: set[str]
) -> None:
    page = read(submit(client, form.set(**values)).content.decode())
    folds = [
        one
        for one in page.walk()
        if one.tag == "details" and one.attributes.get("id", "").startswith("group")
    ]
    assert len(folds) == 4
    assert {one.attributes["id"] for one in folds if "open" in one.attributes} == unfolded


def test_folded_values_can_be_read(client: Client, form: Form) -> None:
    typed = form.tunnel(2, ike_version="ikev1", ike_lifetime="3600", local_id="cloud.example", dpd=None)
    page = read(submit(client, typed.set(**WRONG)).content.decode())
    assert by_id(page, "group-tunnels-0-ike-values").text == "ikev2mainaessha1group286400 s"
    assert by_id(page, "group-tunnels-1-ike-values").text == "ikev1mainaessha1group23600 scloud.example"
    assert by_id(page, "group-tunnels-1-child-values").text == "aessha1group286400 sDPD OffNAT Traversal On"


# Keys


def test_a_typed_key_is_never_in_the_page_nor_open_in_the_session(client: Client, form: Form) -> None:
    response = submit(client, form.set(**WRONG).both(psk=MARKER_PSK))

    assert MARKER_PSK not in response.content.decode()
    assert MARKER_PSK not in str(client.session[SESSION_KEY])
    assert MARKER_PSK not in "".join(str(session.get_decoded()) for session in Session.objects.all())
    assert not AuditEvent.objects.filter(detail__icontains=MARKER_PSK).exists()


def kept_boxes(response: Any) -> list[str]:
    page = shown(response)
    return [name for name in ("tunnels-0-psk_clear", "tunnels-1-psk_clear") if name in page]


def test_the_page_says_of_which_tunnel_a_key_is_kept(client: Client, form: Form) -> None:
    response = submit(client, form.set(**WRONG).tunnel(2, psk=MARKER_PSK))

    assert kept_boxes(response) == ["tunnels-1-psk_clear"]
    text = by_id(read(response.content.decode()), "tunnel-2").text
    assert "kept · show · clear" in text


def test_a_new_page_keeps_nothing(client: Client, form: Form) -> None:
    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    assert kept_boxes(client.get(CREATE)) == []


def test_a_kept_key_counts_while_the_field_is_blank(client: Client, form: Form) -> None:
    submit(client, form.set(**WRONG).tunnel(1, psk=MARKER_PSK))
    first, second = tunnels_of(created(client, form))
    assert first.psk == MARKER_PSK
    assert len(second.psk) == 16


def test_a_kept_key_is_kept_over_several_refusals(client: Client, form: Form) -> None:
    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    assert kept_boxes(submit(client, form.set(**WRONG))) == ["tunnels-0-psk_clear", "tunnels-1-psk_clear"]
    assert [tunnel.psk for tunnel in tunnels_of(created(client, form))] == [MARKER_PSK] * 2


def test_typing_another_key_replaces_the_kept_one(client: Client, form: Form) -> None:
    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    first, second = tunnels_of(created(client, form.tunnel(1, psk="another")))
    assert (first.psk, second.psk) == ("another", MARKER_PSK)


def test_a_kept_key_can_be_cleared(client: Client, form: Form) -> None:
    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    assert kept_boxes(submit(client, form.set(**WRONG).tunnel(1, psk_clear="on"))) == ["tunnels-1-psk_clear"]
    first, second = tunnels_of(created(client, form))
    assert len(first.psk) == 16
    assert second.psk == MARKER_PSK


def test_a_key_that_is_wrong_is_kept_and_refused_again(client: Client, form: Form) -> None:
    said = refusals(submit(client, form.tunnel(1, psk="two words")))
    assert refusals(submit(client, form)) == said
    assert len(said) == 1


def test_keys_go_once_the_form_is_saved(client: Client, form: Form) -> None:
    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    created(client, form)
    assert client.session[SESSION_KEY] == {}


def test_keys_belong_to_the_form_they_were_typed_into(client: Client, form: Form) -> None:
    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    other = form.set(client_token=token())
    assert kept_boxes(submit(client, other.set(**WRONG))) == []
    assert MARKER_PSK not in {tunnel.psk for tunnel in tunnels_of(created(client, other))}


def test_keys_belong_to_the_session_they_were_typed_in(
    client: Client, form: Form, omar: Actor, client_of: Any
) -> None:
    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    colleague = client_of(omar)
    assert kept_boxes(submit(colleague, form.set(**WRONG))) == []


def test_only_the_latest_forms_keys_are_kept(client: Client, form: Form) -> None:
    forms = [form.set(client_token=token(), **WRONG) for _ in range(FORMS_KEPT + 1)]
    for one in forms:
        submit(client, one.both(psk=MARKER_PSK))
    kept = client.session[SESSION_KEY]
    assert set(kept) == {one.data["client_token"] for one in forms[1:]}


def test_a_giant_key_is_refused_and_does_not_fill_the_session(client: Client, form: Form) -> None:
    response = submit(client, form.tunnel(1, psk="k" * 100_000))
    assert [label for label, _text in refusals(response)] == ["Tunnel 1 · Pre-Shared Key"]
    assert len(str(client.session[SESSION_KEY])) < 5000


def test_without_the_keys_key_it_is_as_if_none_were_kept(client: Client, form: Form, settings: Any) -> None:
    from cryptography.fernet import Fernet

    submit(client, form.set(**WRONG).both(psk=MARKER_PSK))
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert kept_boxes(submit(client, form.set(**WRONG))) == []
