"""Two who edit at once: the second sees what is different now, nothing is written over, and can go on."""

from dataclasses import replace
from typing import Any

import pytest
from connection_cast import Cast, at_once, made, settled, spec_of, tunnels_of
from django.test import Client
from edit_pages import OFF, check, filled_in, opened, send, typed

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from connections.models import IPsecConnection, PendingChange
from connections.services import delete_connection, edit_connection, edit_tunnel, rotate_psk, unbind
from connections.services.settling import settle_due
from connections.services.snapshot import snapshot
from ipsec.spec import BgpSpec
from tunnels import clock
from tunnels.models import Tunnel

database = pytest.mark.database


@pytest.fixture
def dc(cast: Cast) -> IPsecConnection:
    return made(cast, "dc")


@pytest.fixture
def omars(omar: Actor, client_of: Any) -> Client:
    found: Client = client_of(omar)
    return found


def rows_of(answer: Any) -> list[tuple[str, str, str, str]]:
    return [(str(one.label), one.seen, one.now, one.typed) for one in answer.context["meanwhile"]]


@pytest.mark.django_db
@database
def test_the_second_sees_what_has_changed_and_what_he_typed(
    client: Client, omars: Client, dc: IPsecConnection
) -> None:
    first, second = opened(client, dc, 1), opened(omars, dc, 1)
    send(client, dc, typed(first, 1, child_pfs="group14", dpd=OFF), 1)
    settled()

    answer = send(omars, dc, typed(second, 1, child_pfs="group5", ike_lifetime="3600"), 1)

    assert answer.status_code == 409
    assert rows_of(answer) == [
        ("Tunnel 1 · DH Group", "group2", "group14", "group5"),
        ("Tunnel 1 · DPD", "On", "Off", "Off"),
    ]
    assert "Somebody else has changed this" in answer.content.decode()
    tunnel = tunnels_of(dc)[0]
    assert (tunnel.child_pfs, tunnel.dpd, tunnel.ike_lifetime) == ("group14", False, 86400)


@pytest.mark.django_db
@database
def test_he_goes_on_from_there(client: Client, omars: Client, dc: IPsecConnection) -> None:
    """What he typed stays typed, what he left follows; the next save counts."""
    first, second = opened(client, dc, 1), opened(omars, dc, 1)
    send(client, dc, typed(first, 1, child_pfs="group14", dpd=OFF), 1)
    settled()
    answer = send(omars, dc, typed(second, 1, child_pfs="group5", ike_lifetime="3600"), 1)

    assert send(omars, dc, filled_in(answer.content.decode()), 1).status_code == 302

    tunnel = tunnels_of(dc)[0]
    assert (tunnel.child_pfs, tunnel.dpd, tunnel.ike_lifetime) == ("group5", False, 3600)


@pytest.mark.django_db
def test_the_open_page_is_told_when_a_field_is_left(
    client: Client, omars: Client, dc: IPsecConnection
) -> None:
    data = opened(omars, dc, 1)
    assert "Somebody else" not in check(omars, dc, data, 1)
    send(client, dc, typed(opened(client, dc, 1), 1, dpd=OFF), 1)
    assert "Somebody else has changed this" in check(omars, dc, data, 1)


@pytest.mark.django_db
def test_what_is_on_another_page_is_in_nobodys_way(
    client: Client, omars: Client, dc: IPsecConnection
) -> None:
    first, second = opened(client, dc, 1), opened(omars, dc, 2)
    send(client, dc, typed(first, 1, dpd=OFF), 1)
    settled()
    assert send(omars, dc, typed(second, 2, dpd=OFF), 2).status_code == 302
    assert [tunnel.dpd for tunnel in tunnels_of(dc)] == [False, False]


@pytest.mark.django_db
def test_a_key_that_was_rotated_meanwhile_is_named_and_not_shown(
    cast: Cast, omars: Client, dc: IPsecConnection
) -> None:
    data = opened(omars, dc, 1)
    rotate_psk(actor=cast.actor, tunnel=tunnels_of(dc)[0], key="rotated-key-4711")
    settled()
    answer = send(omars, dc, typed(data, 1, psk="typed-key-0815"), 1)
    assert [row[0] for row in rows_of(answer)] == ["Tunnel 1 · Pre-Shared Key"]
    page = answer.content.decode()
    assert "rotated-key" not in page
    assert "typed-key" not in page
    assert send(omars, dc, filled_in(page), 1).status_code == 302
    assert tunnels_of(dc)[0].psk == "typed-key-0815"


@pytest.mark.django_db
@pytest.mark.parametrize("seen", [OFF, "", "forged", "of another"])
def test_a_form_that_does_not_say_what_it_has_seen_writes_over_nothing(
    client: Client, cast: Cast, dc: IPsecConnection, seen: Any
) -> None:
    if seen == "of another":
        seen = opened(client, made(cast, "other"), 1)["seen"]
    data = typed({**opened(client, dc, 1), "seen": seen}, 1, dpd=OFF)
    data = {name: value for name, value in data.items() if value is not OFF}
    answer = send(client, dc, data, 1)
    assert (answer.status_code, rows_of(answer)) == (409, [("Tunnel 1 · DPD", "", "On", "Off")])
    assert tunnels_of(dc)[0].dpd
    assert send(client, dc, filled_in(answer.content.decode()), 1).status_code == 302
    assert not tunnels_of(dc)[0].dpd


# At the same moment


def refused(answers: list[Any]) -> list[str]:
    return sorted(str(one.findings[0].code) for one in answers if isinstance(one, Refused))


@pytest.mark.django_db(transaction=True)
@database
def test_of_many_at_the_same_moment_one_is_taken(cast: Cast, dc: IPsecConnection) -> None:
    seen = snapshot(dc, tunnels_of(dc))
    tunnels, spec = tunnels_of(dc), spec_of(dc)

    def lifetime(seconds: int) -> Any:
        wanted = replace(spec.tunnels[0], child=replace(spec.tunnels[0].child, lifetime=seconds))
        return lambda: edit_tunnel(actor=cast.actor, tunnel=tunnels[0], wanted=wanted, seen=seen)

    answers = at_once([lifetime(1000 + number) for number in range(6)])

    assert [one for one in answers if one is True] == [True]
    assert refused(answers) == ["connection_busy"] * 5
    assert AuditEvent.objects.filter(action="tunnel.edit").count() == 1
    assert PendingChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@database
def test_edits_workers_and_unbinding_at_once_come_to_an_end(cast: Cast, dc: IPsecConnection) -> None:
    """They meet at the connection, its runs and its tunnels: whoever waits for whom, all are served."""
    first, second = tunnels_of(dc)
    calls = [
        lambda: edit_connection(actor=cast.actor, connection=dc, wanted=replace(spec_of(dc), name="renamed")),
        lambda: rotate_psk(actor=cast.actor, tunnel=first),
        lambda: rotate_psk(actor=cast.actor, tunnel=second),
        lambda: unbind(actor=cast.actor, connection=dc),
        lambda: delete_connection(actor=cast.actor, connection=dc),
        lambda: settle_due(clock.now()),
        lambda: settle_due(clock.now()),
    ]
    answers = at_once(calls)

    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, Refused)]
    assert len(refused(answers)) < 5, "nobody got anything done"
    settled()
    dc.refresh_from_db()
    assert dc.state in ("attached", "init")
    assert not PendingChange.objects.exists()
    assert set(Tunnel.objects.values_list("state", flat=True)) == {"active"}


@pytest.mark.django_db(transaction=True)
@database
def test_a_block_that_both_want_on_one_device_is_one_tunnels(cast: Cast) -> None:
    """What the look-up of neither can see, the constraint decides."""
    connections = [made(cast, name) for name in ("one", "two")]

    def with_block(connection: IPsecConnection) -> Any:
        wanted = replace(spec_of(connection).tunnels[0], bgp=BgpSpec("169.254.10.0/30"))
        return lambda: edit_tunnel(actor=cast.actor, tunnel=tunnels_of(connection)[0], wanted=wanted)

    answers = at_once([with_block(connection) for connection in connections])

    assert len([one for one in answers if one is True]) == 1
    [code] = refused(answers)
    assert code in ("tunnel_cidr_in_use", "tunnel_cidr_on_gateway")
    assert Tunnel.objects.filter(tunnel_cidr="169.254.10.0/30").count() == 1
    assert PendingChange.objects.count() == 1
