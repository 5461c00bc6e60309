"""No secret leaves its column for a transcript, an event, a page or an audit row; a lost key is no crash."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from tunnel_rows import (
    MARKER_BGP_KEY,
    MARKER_PSK,
    Watch,
    ring,
    run_of,
    set_device,
    started,
    stop_clock,
    tunnel_of,
)

from accounts.actor import Actor
from accounts.models import AuditEvent
from tunnels.models import PeerDevice, Status, Tunnel, TunnelEvent
from tunnels.queries import tunnels_of
from tunnels.services import start_negotiation
from tunnels.spec import connection_spec
from tunnels.standing import KEY_UNREADABLE

pytestmark = [pytest.mark.database, pytest.mark.django_db]

MARKER_PEER_PSK = "Marker-PeerKey-55d0"
MARKERS = (MARKER_PSK, MARKER_BGP_KEY, MARKER_PEER_PSK)
ClientOf = Callable[[Actor], Client]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def lose_the_keys(settings: Any) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]


def assert_clean(text: str) -> None:
    for marker in MARKERS:
        assert marker not in text


@pytest.mark.parametrize("device", [{}, {"psk": MARKER_PEER_PSK}, {"bgp_auth_key": MARKER_PEER_PSK}])
def test_nothing_that_is_stored_of_a_negotiation_holds_a_secret(
    ana: Actor, watch: Watch, device: dict[str, Any]
) -> None:
    tunnel = started(ana, device=device)
    ring(watch)
    ring(watch, 100)
    run = run_of(tunnel)
    assert run.transcript is not None
    assert_clean(json.dumps([run.transcript, run.refusal, run.cause]))
    events = TunnelEvent.objects.filter(tunnel=tunnel).values("kind", "message", "cause", "detail")
    assert len(events) > 4
    assert_clean(json.dumps([*events]))
    assert_clean(json.dumps([*AuditEvent.objects.values("action", "target", "detail")]))


def test_pages_hold_no_secret_and_the_reveal_does(ana: Actor, watch: Watch, client_of: ClientOf) -> None:
    tunnel = started(ana, device={"psk": MARKER_PEER_PSK})
    ring(watch)
    ring(watch, 1)
    client = client_of(ana)
    for name in ("detail", "live", "events", "key"):
        answer = client.get(reverse(f"tunnels:{name}", args=[tunnel.public_id]))
        assert answer.status_code == 200
        assert_clean(answer.content.decode())
    url = reverse("tunnels:reveal", args=[tunnel.public_id])
    for headers in ({}, {"HX-Request": "true"}):
        shown = client.post(url, headers=headers)
        assert f"{MARKER_PSK}-1" in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]
        assert MARKER_PEER_PSK not in shown.content.decode()
    assert AuditEvent.objects.filter(action="tunnel.reveal_psk").count() == 2
    assert client.get(url).status_code == 405


def test_a_viewer_cannot_reveal_and_is_told_why(ana: Actor, vera: Actor, client_of: ClientOf) -> None:
    tunnel = tunnel_of(ana)
    client = client_of(vera)
    assert client.post(reverse("tunnels:reveal", args=[tunnel.public_id])).status_code == 403
    page = client.get(reverse("tunnels:detail", args=[tunnel.public_id])).content.decode()
    assert reverse("tunnels:reveal", args=[tunnel.public_id]) not in page
    assert "Your role may not see it." in page


def test_a_spec_without_secrets_has_none(ana: Actor) -> None:
    connection = tunnel_of(ana).connection
    bare = connection_spec(connection, with_secrets=False)
    assert [(tunnel.ike.psk, tunnel.peer and tunnel.peer.auth_key) for tunnel in bare.tunnels] == [
        (None, "")
    ] * 2
    full = connection_spec(connection, with_secrets=True)
    assert [tunnel.ike.psk for tunnel in full.tunnels] == [f"{MARKER_PSK}-1", f"{MARKER_PSK}-2"]
    assert_clean(repr(full))


def test_with_the_keys_lost_pages_stand_and_say_so(
    ana: Actor, watch: Watch, client_of: ClientOf, settings: Any
) -> None:
    tunnel = started(ana)
    lose_the_keys(settings)
    ring(watch)
    run = run_of(tunnel)
    assert (run.status, run.cause, run.negotiating) == (Status.NOT_NEGOTIATED, KEY_UNREADABLE, False)
    client = client_of(ana)
    page = client.get(reverse("tunnels:detail", args=[tunnel.public_id]))
    assert page.status_code == 200
    assert "The pre-shared key cannot be read" in page.content.decode()
    assert client.get(reverse("tunnels:live", args=[tunnel.public_id])).status_code == 200
    shown = client.post(reverse("tunnels:reveal", args=[tunnel.public_id]))
    assert "None of the console" in shown.content.decode()
    assert not AuditEvent.objects.filter(action="tunnel.reveal_psk").exists()
    assert tunnels_of(tunnel.connection)[0].public_id == tunnel.public_id
    start_negotiation(tunnel=tunnel, because="reset")


def test_with_the_keys_back_it_comes_up_by_itself(ana: Actor, watch: Watch, settings: Any) -> None:
    tunnel = started(ana)
    kept = settings.FIELD_KEYS
    lose_the_keys(settings)
    for _ in range(3):
        ring(watch, 400)
    told = TunnelEvent.objects.filter(tunnel=tunnel, cause=KEY_UNREADABLE)
    assert told.count() == 1
    settings.FIELD_KEYS = kept
    ring(watch, 400)
    begun = run_of(tunnel)
    assert begun.cause == ""
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP


def test_a_secret_of_the_device_counts_as_edited_without_being_opened(ana: Actor, settings: Any) -> None:
    tunnel = tunnel_of(ana)
    assert PeerDevice.objects.get(tunnel=tunnel).standing == PeerDevice.Standing.MIRROR
    set_device(tunnel, psk=MARKER_PEER_PSK)
    lose_the_keys(settings)
    [row, _second] = tunnels_of(Tunnel.objects.defer("psk").get(pk=tunnel.pk).connection)
    assert row.peer_device.standing == PeerDevice.Standing.EDITED


def test_one_unreadable_key_does_not_stop_the_others(ana: Actor, watch: Watch) -> None:
    broken, sound = started(ana), started(ana)
    with database.cursor() as cursor:
        cursor.execute("UPDATE tunnels_tunnel SET psk = 'no token' WHERE id = %s", [broken.pk])
    ring(watch)
    ring(watch, 1)
    assert run_of(broken).cause == KEY_UNREADABLE
    assert run_of(sound).status == Status.CHILD_UP
