"""A stranger who knows an id finds nothing: the same 404 as for an id that never was."""

from typing import Any

import pytest
from django.test import Client
from doors import IDS, ONES_OWN, WITH_IDS, Door, Estate, estate_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def acmes(acme: Any) -> Estate:
    return estate_of(acme, 1)


@pytest.fixture
def others(other: Any) -> Estate:
    return estate_of(other, 2)


def statuses(client: Client, url: str) -> set[int]:
    return {client.get(url).status_code, client.post(url).status_code}


@pytest.mark.parametrize("door", WITH_IDS, ids=str)
def test_ids_of_another_account_do_not_exist(
    door: Door, acmes: Estate, others: Estate, sam: Any, client_of: Any
) -> None:
    """Not all of them, and not a single one among ids of one's own."""
    for foreign in (door.ids, *((name,) for name in door.ids)):
        found = statuses(client_of(sam), door.url(others, dict.fromkeys(foreign, acmes)))

        assert 404 in found
        assert found <= {404, 405}


@pytest.mark.parametrize("door", [door for door in WITH_IDS if door.name not in ONES_OWN], ids=str)
def test_their_owner_finds_them(door: Door, acmes: Estate, ana: Any, client_of: Any) -> None:
    """The same addresses are right ones: else the 404 of the stranger would prove nothing."""
    client, url = client_of(ana), door.url(acmes)

    found = client.get(url).status_code
    if found == 405:
        found = client.post(url).status_code

    assert found not in {403, 404, 405}
    assert found < 500


@pytest.mark.parametrize("door", WITH_IDS, ids=str)
def test_a_foreign_id_reads_like_one_that_never_was(
    door: Door, acmes: Estate, sam: Any, client_of: Any
) -> None:
    client, url, known = client_of(sam), door.url(acmes), IDS[door.ids[0]](acmes)
    foreign, invented = client.get(url), client.get(url.replace(known, f"{known}0"))

    assert foreign.status_code == invented.status_code
    if foreign.status_code == 404:
        assert [foreign.context[name] for name in ("title", "text")] == [
            invented.context[name] for name in ("title", "text")
        ]
