"""What is typed into the creation page is kept as one goes, offered again, and gone once it is saved."""

import re
from typing import Any

import pytest
from connection_cast import CREATE, MARKER_PSK, Form, created, submit, token, tunnels_of
from django.db import connection as database
from django.test import Client
from page_reader import by_id, read

from accounts.actor import Actor
from connections.models import CreationDraft

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def autosave(client: Client, form: Form, seen: int = 0, **more: str) -> str:
    data = {**form.data, "draft_version": seen, **more}
    response = client.post(f"{CREATE}?part=draft", data, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return str(response.content.decode())


def version(text: str) -> int:
    found = re.search(r'name="draft_version" id="draft-version" value="(\d+)"', text)
    assert found
    return int(found[1])


def continued(client: Client) -> Any:
    return client.get(CREATE, {"draft": "continue"})


def test_a_draft_is_offered_again_with_everything_in_it(client: Client, form: Form) -> None:
    typed = form.bgp().policy(["10.1.0.0/16", "10.2.0.0/16"]).set(name="half done", propagate=None)
    said = autosave(client, typed.tunnel(1, psk=MARKER_PSK, dpd=None))
    assert "Draft kept" in said

    assert "Continue your draft of" in client.get(CREATE).content.decode()
    page = continued(client)
    text = page.content.decode()
    assert MARKER_PSK not in text
    assert version(text) == 1
    inputs = [one.attributes for one in read(text).walk() if one.tag == "input"]
    rows = [one["value"] for one in inputs if one["name"] == "local_networks"]
    on = {one["name"] for one in inputs if one.get("type") == "checkbox" and "checked" in one}
    assert rows == ["10.1.0.0/16", "10.2.0.0/16"]
    assert 'value="half done"' in text
    assert {"propagate", "tunnels-0-dpd"} & on == set()
    assert {"bgp_enabled", "tunnels-1-dpd"} <= on
    assert "kept" in by_id(read(text), "psk-kept-1").text

    first, _second = tunnels_of(created(client, typed.set(client_token=form.data["client_token"])))
    assert first.psk == MARKER_PSK


def test_keys_lie_encrypted_in_the_database(client: Client, form: Form) -> None:
    autosave(client, form.tunnel(2, psk=MARKER_PSK))
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM connections_creationdraft")
        assert MARKER_PSK not in repr(cursor.fetchall())
    assert MARKER_PSK in CreationDraft.objects.get().keys
    assert MARKER_PSK not in repr(CreationDraft.objects.get().data)


def test_a_draft_whose_keys_cannot_be_opened_comes_without_them(client: Client, form: Form) -> None:
    autosave(client, form.tunnel(1, psk=MARKER_PSK).set(name="half done"))
    CreationDraft.objects.defer("keys").get()
    with database.cursor() as cursor:
        cursor.execute("UPDATE connections_creationdraft SET keys = 'unreadable'")
    response = continued(client)
    assert response.status_code == 200
    assert by_id(read(response.content.decode()), "psk-kept-1").text == ""
    assert autosave(client, form, 1)


def test_it_is_gone_after_a_save(client: Client, form: Form) -> None:
    autosave(client, form)
    created(client, form)
    assert not CreationDraft.objects.exists()
    assert "Continue your draft" not in client.get(CREATE).content.decode()


def test_an_autosave_that_comes_after_the_save_keeps_nothing(client: Client, form: Form) -> None:
    created(client, form)
    assert autosave(client, form).strip() == ""
    assert not CreationDraft.objects.exists()


def test_saving_another_form_leaves_the_draft(client: Client, form: Form) -> None:
    autosave(client, form.set(client_token=token()))
    created(client, form)
    assert CreationDraft.objects.exists()


def test_a_second_page_does_not_write_over_a_newer_draft_unasked(client: Client, form: Form) -> None:
    one, two = form.set(name="one"), form.set(name="two", client_token=token())
    assert version(autosave(client, one, 0)) == 1
    assert version(autosave(client, one, 1)) == 2
    said = autosave(client, two, 1)
    assert "Another page&#x27;s draft" in said or "Another page's draft" in said
    assert "draft_version" not in said
    assert CreationDraft.objects.get().data["name"] == ["one"]

    assert version(autosave(client, two, 1, action="draft-over")) == 3
    assert CreationDraft.objects.get().data["name"] == ["two"]
    assert "Another page" in autosave(client, one, 2)


def test_a_refused_submit_is_kept_without_javascript_too(client: Client, form: Form) -> None:
    response = submit(client, form.set(name="refused", cen="", draft_version="0"))
    assert response.status_code == 422
    assert version(response.content.decode()) == 1
    assert CreationDraft.objects.get().data["name"] == ["refused"]
    again = client.post(CREATE, {**form.data, "draft_version": "1", "action": "copy"})
    assert version(again.content.decode()) == 2


def test_it_is_discarded_when_asked(client: Client, form: Form) -> None:
    autosave(client, form)
    assert client.post(CREATE, {"action": "draft-discard"}).status_code == 302
    assert not CreationDraft.objects.exists()
    assert continued(client).status_code == 200


def test_a_draft_is_its_users_own(client: Client, form: Form, omar: Actor, client_of: Any) -> None:
    autosave(client, form.set(name="of ana"))
    assert "Continue your draft" not in client_of(omar).get(CREATE).content.decode()
    assert "of ana" not in continued(client_of(omar)).content.decode()
    client_of(omar).post(CREATE, {"action": "draft-discard"})
    assert CreationDraft.objects.get().data["name"] == ["of ana"]


def test_what_is_gone_meanwhile_is_not_chosen(client: Client, form: Form) -> None:
    autosave(client, form.tunnel(1, customer_gateway="cgw-gone"))
    assert "cgw-gone" not in continued(client).content.decode()


def test_what_is_absurdly_long_is_cut(client: Client, form: Form) -> None:
    autosave(client, form.set(name="x" * 5000, draft="1"), seen=0)
    autosave(client, form.set(name="x" * 5000, draft_version="9" * 40))
    assert len(CreationDraft.objects.get().data["name"][0]) == 1000
