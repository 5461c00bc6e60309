"""PostgreSQL plans once for a connection what is asked often; behind a pooler that can be switched off."""

import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Account
from connections.listing import ListQuery, page

ASKED = (
    "import django; django.setup(); from django.db import connection;"
    " print(sorted((connection.settings_dict['OPTIONS'] or {}).items()))"
)


@pytest.mark.database
@pytest.mark.django_db
def test_what_the_list_asks_often_is_planned_once(acme: Account) -> None:
    if connection.vendor != "postgresql":
        assert "prepare_threshold" not in connection.settings_dict["OPTIONS"]
        return
    for _ in range(connection.settings_dict["OPTIONS"]["prepare_threshold"] + 2):
        page(acme, ListQuery(search="edge"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = [row[0] for row in cursor.fetchall()]
    assert [one for one in prepared if "connections_searchtext" in one]


@pytest.mark.parametrize(("switch", "kept"), [("on", True), ("off", False)])
def test_it_can_be_switched_off(
    switch: str, kept: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name, value in {
        "DATABASE_URL": "postgres://localhost/none?sslmode=prefer",
        "PREPARED_STATEMENTS": switch,
        "VAR_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    told = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert ("prepare_threshold" in told.stdout) == kept
    assert "('sslmode', 'prefer')" in told.stdout, "what the address says stays"
