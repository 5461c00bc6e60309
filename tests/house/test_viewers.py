"""A viewer reads and writes nothing. That no secret is shown to them: see test_marker_secrets."""

from typing import Any

import pytest
from doors import GUARDED, OWN_AFFAIRS, READ_BY_POST, Door, Estate, estate_of

from accounts.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OTHERS_AFFAIRS = [door for door in GUARDED if door.name not in OWN_AFFAIRS | READ_BY_POST]


@pytest.fixture
def estate(acme: Any) -> Estate:
    return estate_of(acme, 1)


@pytest.mark.parametrize("door", OTHERS_AFFAIRS, ids=str)
def test_no_write_is_open_to_a_viewer(door: Door, estate: Estate, vera: Any, client_of: Any) -> None:
    assert client_of(vera).post(door.url(estate)).status_code in {403, 405}


def test_a_viewer_may_read_all_that_is_only_read(estate: Estate, vera: Any, client_of: Any) -> None:
    """No write hides among the doors that refuse a POST because they have none."""
    client = client_of(vera)
    without = [door for door in OTHERS_AFFAIRS if client.post(door.url(estate)).status_code == 405]

    assert {client.get(door.url(estate)).status_code for door in without} <= {200, 204, 302, 403}
    assert [
        door.name
        for door in without
        if door.callback.needed_role is not Role.VIEWER and not door.name.startswith("accounts:")
    ] == []


def test_there_are_writes_that_this_refuses(estate: Estate, vera: Any, client_of: Any) -> None:
    client = client_of(vera)
    refused = [door for door in OTHERS_AFFAIRS if client.post(door.url(estate)).status_code == 403]

    assert len(refused) >= 10


@pytest.mark.parametrize(
    "door", [door for door in OTHERS_AFFAIRS if door.callback.needed_role is not Role.VIEWER], ids=str
)
def test_the_form_of_a_write_is_closed_as_well(door: Door, estate: Estate, vera: Any, client_of: Any) -> None:
    assert client_of(vera).get(door.url(estate)).status_code in {403, 405}
