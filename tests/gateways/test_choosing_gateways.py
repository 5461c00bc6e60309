"""What a list shows and what a connection can choose from: of one account and one region."""

import pytest
from gateway_rows import SHANGHAI, gateway_of

from accounts.actor import Actor
from gateways.queries import gateways_of, matching

pytestmark = [pytest.mark.database, pytest.mark.django_db]
HANGZHOU = "cn-hangzhou"


def test_of_one_account_and_region_newest_first(omar: Actor, sam: Actor) -> None:
    first, second = gateway_of(omar), gateway_of(omar)
    gateway_of(omar, region=SHANGHAI)
    gateway_of(sam)
    assert list(gateways_of(omar.account, HANGZHOU)) == [second, first]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", True),
        ("DC-Edge", True),
        ("edge", True),
        ("cgw-", True),
        ("0.113.1", True),
        ("%", False),
        ("z!", False),  # no id has that by chance
    ],
)
def test_search_looks_at_name_id_and_address(omar: Actor, text: str, found: bool) -> None:
    gateway = gateway_of(omar, name="dc-edge", address="203.0.113.10")
    rows = list(matching(gateways_of(omar.account, HANGZHOU), text))
    assert rows == ([gateway] if found else [])


def test_a_list_reads_no_key_but_knows_whether_there_is_one(omar: Actor) -> None:
    gateway_of(omar, auth_key="key")
    gateway_of(omar)
    rows = gateways_of(omar.account, HANGZHOU)
    assert [vars(row)["auth_key_length"] > 0 for row in rows] == [False, True]
    assert all("auth_key" in row.get_deferred_fields() for row in rows)
