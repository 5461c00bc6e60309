"""生成对端配置: the dialog, its files, and who is shown the keys."""

import io
import json
import zipfile
from typing import Any

import pytest
from connection_cast import MARKER_PSK, Cast, Form, created, made, page_of, settled
from django.test import Client
from page_reader import by_id, read

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from connections import peer_files
from connections.models import IPsecConnection
from connections.services import unbind
from peerconfigs.registry import VENDORS

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
EVERY = pytest.mark.parametrize("vendor", [*VENDORS])
KEYS = (f"{MARKER_PSK}-1", f"{MARKER_PSK}-2")


@pytest.fixture
def connection(client: Client, form: Form) -> IPsecConnection:
    return created(client, form.bgp().tunnel(1, psk=KEYS[0]).tunnel(2, psk=KEYS[1]))


def url(connection: IPsecConnection, name: str, vendor: str = "") -> str:
    return page_of(connection, name, **({"vendor": vendor} if vendor else {}))


def audits(action: str) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(action=f"peer_configuration.{action}").order_by("id")
    return [event.detail for event in events]


def texts(response: Any) -> str:
    """What stands in the files of a dialog or page."""
    return "".join(one.text for one in read(response.content.decode()).walk() if one.tag == "pre")


def unpacked(response: Any) -> str:
    if response["Content-Type"] != "application/zip":
        return str(response.content.decode())
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def shows_keys(text: str) -> bool:
    from base64 import b64encode

    return any(key in text or b64encode(key.encode()).decode() in text for key in KEYS)


def test_the_row_action_opens_a_dialog(client: Client, connection: IPsecConnection) -> None:
    response = client.get(url(connection, "peer-configuration"), headers=HTMX)
    dialog = by_id(read(response.content.decode()), "peer-dialog")
    assert dialog.tag == "dialog"
    title = by_id(dialog, dialog.attributes["aria-labelledby"])
    assert title.text == "IPsec Connection Configuration"
    copies = [one for one in dialog.walk() if "data-copy-from" in one.attributes]
    assert [by_id(dialog, one.attributes["data-copy-from"].removeprefix("#")).tag for one in copies] == [
        "pre"
    ]
    assert json.loads(texts(response))["VpnConnectionConfig"]


def test_without_scripts_it_is_a_page(client: Client, connection: IPsecConnection) -> None:
    page = client.get(url(connection, "peer-configuration")).content.decode()
    assert page.startswith("<!doctype html>")
    assert "<h1>IPsec Connection Configuration</h1>" in page


@EVERY
def test_placeholders_stand_for_the_keys_until_they_are_asked_for(
    client: Client, connection: IPsecConnection, vendor: str
) -> None:
    shown = client.get(url(connection, "peer-configuration-of", vendor))
    assert shown.status_code == 200
    assert texts(shown)
    assert not shows_keys(shown.content.decode())
    assert audits("reveal") == []


@EVERY
def test_asked_for_they_are_shown_and_that_is_audited(
    client: Client, ana: Actor, connection: IPsecConnection, vendor: str
) -> None:
    revealed = client.post(url(connection, "peer-configuration-reveal", vendor), headers=HTMX)
    assert shows_keys(texts(revealed))
    assert audits("reveal") == [{"vendor": vendor, "with_secrets": True}]
    event = AuditEvent.objects.get(action="peer_configuration.reveal")
    assert (event.target, event.actor) == (connection.public_id, ana.user)


@EVERY
def test_downloads_hold_the_keys_only_where_asked_for(
    client: Client, connection: IPsecConnection, vendor: str
) -> None:
    place = url(connection, "download", vendor)
    assert shows_keys(unpacked(client.post(place, {"secrets": "1"})))
    assert not shows_keys(unpacked(client.post(place)))
    assert audits("download") == [
        {"vendor": vendor, "with_secrets": True},
        {"vendor": vendor, "with_secrets": False},
    ]


def test_a_download_is_the_file_that_the_dialog_shows(client: Client, connection: IPsecConnection) -> None:
    shown = texts(client.post(url(connection, "peer-configuration-reveal", "console")))
    file = client.post(url(connection, "download", "console"), {"secrets": "1"})
    assert json.loads(file.content) == json.loads(shown)
    assert file["Content-Disposition"] == f'attachment; filename="{connection.public_id}.json"'
    assert file["Content-Type"] == "application/json; charset=utf-8"


def test_several_files_come_as_one_archive(client: Client, connection: IPsecConnection) -> None:
    response = client.post(url(connection, "download", "strongswan"), {"secrets": "1"})
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert len(archive.namelist()) == 3
        assert {name.partition("/")[0] for name in archive.namelist()} == {
            f"{connection.public_id}-strongswan"
        }


def test_a_viewer_sees_placeholders_whatever_they_ask_for(
    connection: IPsecConnection, vera: Actor, client_of: Any
) -> None:
    viewer = client_of(vera)
    shown = viewer.get(url(connection, "peer-configuration"))
    assert "placeholders instead of the keys" in shown.content.decode()
    assert "Show the keys" not in shown.content.decode()
    assert viewer.post(url(connection, "peer-configuration-reveal", "console")).status_code == 403
    for vendor in VENDORS:
        assert not shows_keys(unpacked(viewer.post(url(connection, "download", vendor), {"secrets": "1"})))
    assert audits("reveal") == []
    assert [audit["with_secrets"] for audit in audits("download")] == [False] * len(VENDORS)


def test_the_service_refuses_a_viewer_itself(connection: IPsecConnection, vera: Actor) -> None:
    with pytest.raises(Refused):
        peer_files.write(
            actor=vera, connection=connection, vendor=VENDORS["console"], with_secrets=True, action="reveal"
        )


def test_nothing_of_it_is_kept_by_a_cache(client: Client, connection: IPsecConnection) -> None:
    answers = [
        client.get(url(connection, "peer-configuration")),
        client.post(url(connection, "peer-configuration-reveal", "console")),
        client.post(url(connection, "download", "console"), {"secrets": "1"}),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]


def test_keys_never_come_by_an_address(client: Client, connection: IPsecConnection) -> None:
    for name in ("peer-configuration-reveal", "download"):
        assert client.get(url(connection, name, "console")).status_code == 405
    shown = client.get(url(connection, "peer-configuration"), {"secrets": "1"})
    assert not shows_keys(shown.content.decode())


@EVERY
def test_an_unbound_connection_has_no_file_and_says_why(
    client: Client, ana: Actor, connection: IPsecConnection, vendor: str
) -> None:
    unbind(actor=ana, connection=connection)
    settled()
    for answer, status in (
        (client.get(url(connection, "peer-configuration-of", vendor)), 200),
        (client.post(url(connection, "peer-configuration-reveal", vendor)), 409),
        (client.post(url(connection, "download", vendor), {"secrets": "1"}), 409),
    ):
        assert answer.status_code == status
        page = answer.content.decode()
        for index in (1, 2):
            assert f"Tunnel {index} has no gateway address yet" in page
        assert texts(answer) == ""
    assert audits("reveal") == audits("download") == []


def test_a_refusal_is_swapped_into_the_dialog(client: Client, cast: Cast) -> None:
    """Scripts swap nothing that comes with an error's status."""
    connection = made(cast, "waiting", binding="cross")
    answer = client.post(url(connection, "peer-configuration-reveal", "console"), headers=HTMX)
    assert answer.status_code == 200
    assert "has no gateway address yet" in by_id(read(answer.content.decode()), "peer-dialog").text


def test_keys_that_cannot_be_opened_are_named(
    client: Client, connection: IPsecConnection, settings: Any
) -> None:
    from cryptography.fernet import Fernet

    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert client.get(url(connection, "peer-configuration")).status_code == 200
    answer = client.post(url(connection, "peer-configuration-reveal", "console"))
    assert answer.status_code == 409
    assert "The keys cannot be opened" in answer.content.decode()
    assert audits("reveal") == []


def test_a_device_that_is_not_on_the_list_is_not_found(client: Client, connection: IPsecConnection) -> None:
    for vendor in ("nobody", "Console", "..%2f"):
        assert client.get(page_of(connection, "peer-configuration") + vendor + "/").status_code == 404


def test_the_sheet_reads_in_the_page_too(client: Client, connection: IPsecConnection) -> None:
    page = read(client.get(url(connection, "peer-configuration-of", "sheet")).content.decode())
    headings = [element.text for element in page.walk() if element.tag == "h2"]
    assert headings[-2:] == ["Tunnel 1", "Tunnel 2"]
    pairs = {element.text for element in page.walk() if element.tag == "dd"}
    assert {"169.254.10.0/30", "169.254.20.0/30", "203.0.113.1", "203.0.113.2"} <= pairs
