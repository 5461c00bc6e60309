"""A NUL, which PostgreSQL takes in no text, is answered wherever somebody puts one."""

from typing import Any

import pytest
from django.urls import reverse
from doors import FIXED, WITH_IDS, Door

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LISTS = ("/connections/", "/customer-gateways/", "/cens/", "/accounts/audit/", "/accounts/members/", "/")


@pytest.mark.parametrize("door", WITH_IDS, ids=str)
def test_no_address_has_one(door: Door, ana: Any, client_of: Any) -> None:
    values = dict.fromkeys(door.ids, "\0") | {name: FIXED[name] for name in door.parameters if name in FIXED}
    assert client_of(ana).post(reverse(door.name, kwargs=values)).status_code == 404


@pytest.mark.parametrize("path", LISTS)
def test_a_question_is_asked_without_it(path: str, ana: Any, client_of: Any) -> None:
    answer = client_of(ana).get(f"{path}?q=a%00b&after=%00&before=%00&target=%00&actor=%00&state=%00")
    assert answer.status_code == 200


def test_a_session_that_has_one_is_none(client_of: Any, ana: Any) -> None:
    client = client_of(ana)
    client.cookies["sessionid"] = '"abcdefgh\\000ijkl"'
    answer = client.get("/", headers={"cookie": 'sessionid="abcdefgh\\000ijkl"'})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/signin/")
