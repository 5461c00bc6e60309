"""Changing one's own password."""

from typing import Any

import pytest

from accounts.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NEW = "an entirely different phrase"


def change(client: Any, old: str, new: str = NEW, again: str = NEW) -> Any:
    return client.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again})


def test_other_sessions_end_and_this_one_goes_on(vera: Any, client_of: Any, password: str) -> None:
    here, elsewhere = client_of(vera), client_of(vera)

    assert change(here, password).status_code == 302

    assert here.get("/password/").status_code == 200
    assert elsewhere.get("/password/")["Location"].startswith("/signin/")


def test_the_new_one_counts_and_is_written_down(vera: Any, client_of: Any, password: str) -> None:
    change(client_of(vera), password)

    vera.user.refresh_from_db()
    assert vera.user.check_password(NEW)
    row = AuditEvent.objects.get(action="password.change")
    assert (row.actor, row.target) == (vera.user, "vera")
    assert NEW not in str(row.detail)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"old": "not it"}, "old_password"),
        ({"new": "short", "again": "short"}, "new_password2"),
        ({"again": "something else that is long"}, "new_password2"),
        ({"new": "987654321098765", "again": "987654321098765"}, "new_password2"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    vera: Any, client_of: Any, changes: dict[str, str], field: str, password: str
) -> None:
    response = change(client_of(vera), **{"old": password} | changes)

    assert list(response.context["form"].errors) == [field]
    vera.user.refresh_from_db()
    assert vera.user.check_password(password)
