"""Times are shown and read in the zone that the visitor's browser names."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.actor import audit
from accounts.models import AuditEvent

pytestmark = pytest.mark.django_db
TRAIL = "/accounts/audit/"


@pytest.fixture
def happened(ana: Any, monkeypatch: pytest.MonkeyPatch) -> AuditEvent:
    moment = datetime(2026, 11, 26, 22, 30, 5, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return audit(ana, "cen.create", "cen-x", name="backbone")


def trail(client: Any, zone: str, **query: str) -> str:
    client.cookies["timezone"] = zone
    page: str = client.get(TRAIL, query).content.decode()
    return page


def test_a_time_is_shown_in_the_visitors_zone(happened: AuditEvent, ana: Any, client_of: Any) -> None:
    page = trail(client_of(ana), "Asia/Shanghai")
    assert ">2026-11-27 06:30:05<" in page
    assert 'title="2026-11-27 06:30:05 CST"' in page
    assert "Times in Asia/Shanghai" in page


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 5000, "/etc/localtime"])
def test_a_zone_that_is_none_leaves_the_consoles_own(
    happened: AuditEvent, ana: Any, client_of: Any, zone: str
) -> None:
    assert ">2026-11-26 22:30:05<" in trail(client_of(ana), zone)


def test_a_time_that_is_typed_is_of_that_zone_too(happened: AuditEvent, ana: Any, client_of: Any) -> None:
    client = client_of(ana)
    assert "cen-x" in trail(client, "Asia/Shanghai", since="2026-11-27T06:30", until="2026-11-27T06:31")
    assert "cen-x" not in trail(client, "Europe/Berlin", since="2026-11-27T06:30", until="2026-11-27T06:31")


def test_one_visitors_zone_is_not_the_nexts(happened: AuditEvent, ana: Any, client_of: Any) -> None:
    trail(client_of(ana), "Asia/Shanghai")
    assert ">2026-11-26 22:30:05<" in client_of(ana).get(TRAIL).content.decode()


@pytest.mark.parametrize("edge", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_the_ends_of_time_are_answered(ana: Any, client_of: Any, zone: str, edge: str) -> None:
    client = client_of(ana)
    client.cookies["timezone"] = zone
    for name in ("since", "until"):
        assert client.get("/accounts/audit/", {name: edge}).status_code in (200, 422)
