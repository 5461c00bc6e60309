"""The demo: loaded once, into an empty console, and worth looking at once it has played."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Account, User
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from transit.models import TransitRouter
from tunnels import clock
from tunnels.models import BgpStatus, NegotiationRun, Status
from tunnels.playing import claim_due, play_all
from vpnconsole import demo

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BACKEND = "accounts.backends.MemberBackend"


@pytest.fixture(autouse=True)
def var_dir(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def play(seconds: int = 25) -> None:
    begin = clock.now()
    for second in range(seconds):
        now = begin + timedelta(seconds=second)
        play_all(claim_due(now, 100), now)


def runs(name: str) -> list[NegotiationRun]:
    rows = NegotiationRun.objects.filter(tunnel__connection__name=name)
    return [*rows.order_by("tunnel__index")]


def test_it_is_loaded_into_an_empty_console_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo")
    assert capsys.readouterr().out == "Demo loaded.\n"
    connections = IPsecConnection.objects.count()
    call_command("load_demo")
    assert "nothing loaded" in capsys.readouterr().out
    assert IPsecConnection.objects.count() == connections == 2


def test_where_somebody_works_already_nothing_is_loaded(ana: object) -> None:
    assert not demo.load()
    assert not IPsecConnection.objects.exists()


def test_one_connection_comes_up_with_bgp() -> None:
    demo.load()
    play()
    first, second = runs("dc-to-hangzhou")
    for run in (first, second):
        assert (run.status, run.bgp_status, run.cause) == (Status.CHILD_UP, BgpStatus.UP, "")


def test_the_other_shows_a_mismatch_in_one_tunnel() -> None:
    demo.load()
    play()
    first, second = runs("branch-frankfurt")
    assert first.status == Status.CHILD_UP
    assert second.status == Status.CHILD_DOWN
    assert second.refusal is not None
    assert (second.refusal["attribute"], second.refusal["theirs"]) == ("child.encryption", "3des")


def test_its_accounts_say_that_they_are_a_demo() -> None:
    demo.load()
    assert list(Account.objects.values_list("is_demo", flat=True)) == [True, True]


def test_there_is_a_partner_to_grant_connections_to() -> None:
    demo.load()
    partner = Account.objects.get(name="Demo Partner")
    assert TransitRouter.objects.filter(cen__account=partner).count() == 1
    assert not IPsecConnection.objects.filter(account=partner).exists()


def test_something_is_left_to_be_made() -> None:
    """A device that no tunnel ends on, in the region of the first connection."""
    demo.load()
    free = CustomerGateway.objects.filter(tunnels=None)
    assert {(gateway.region, gateway.name, bool(gateway.asn)) for gateway in free} == {
        ("cn-hangzhou", "dc-edge-3", True),
        ("cn-hangzhou", "dc-edge-4", True),
        ("cn-hangzhou", "branch-router", False),
    }


@pytest.mark.parametrize(
    ("username", "roles"),
    [
        ("demo", {"Demo Networks": "admin", "Demo Partner": "admin"}),
        ("demo-viewer", {"Demo Networks": "viewer"}),
    ],
)
def test_who_is_there(username: str, roles: dict[str, str]) -> None:
    demo.load()
    user = User.objects.get(username=username)
    assert {one.account.name: one.role for one in user.memberships.all()} == roles
    assert user.check_password(demo.demo_password())
    assert not user.is_superuser


def test_the_password_is_given_or_made_and_lies_where_only_its_owner_reads(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = var_dir / demo.PASSWORD_FILE
    assert demo.demo_password() == file.read_text().strip() == demo.demo_password()
    assert len(demo.demo_password()) == 16
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    monkeypatch.setenv("DEMO_PASSWORD", "a password of my own")
    assert demo.demo_password() == "a password of my own"


def test_its_pages_can_be_looked_at() -> None:
    demo.load()
    play()
    browser = Client()
    browser.force_login(User.objects.get(username="demo"), backend=BACKEND)
    for region, name in (("cn-hangzhou", "dc-to-hangzhou"), ("eu-central-1", "branch-frankfurt")):
        page = browser.get("/connections/", {"region": region}).content.decode()
        assert name in page
        connection = IPsecConnection.objects.get(name=name)
        assert browser.get(f"/connections/{connection.public_id}/").status_code == 200
