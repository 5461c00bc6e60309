"""Without a session every door leads to the sign-in, whatever is asked and however."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from doors import ALL, FIXED, GUARDED, IDS, OPEN, Door, Estate, estate_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def estate(acme: Any) -> Estate:
    return estate_of(acme, 1)


def test_every_parameter_of_an_address_is_known_to_this_walk() -> None:
    unknown = {name for door in ALL for name in door.parameters} - set(IDS) - set(FIXED)

    assert not unknown, "add these to doors.py, so that strangers are kept from them, too"


@pytest.mark.parametrize("door", GUARDED, ids=str)
def test_every_other_view_passes_the_door_of_access(door: Door) -> None:
    assert hasattr(door.callback, "needed_role")


def test_what_is_open_exists() -> None:
    assert {door.name for door in ALL} >= OPEN


@pytest.mark.parametrize("door", GUARDED, ids=str)
def test_a_page_is_answered_by_the_sign_in(door: Door, estate: Estate) -> None:
    answers = [Client().generic(method, door.url(estate)) for method in ("GET", "POST")]

    assert 302 in [answer.status_code for answer in answers]
    for answer in answers:
        assert answer.status_code == 405 or answer["Location"].startswith("/signin/?next=/")


@pytest.mark.parametrize("door", GUARDED, ids=str)
def test_a_fragment_takes_the_whole_page_to_the_sign_in(door: Door, estate: Estate) -> None:
    htmx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/connections/"}
    answers = [Client().generic(method, door.url(estate), headers=htmx) for method in ("GET", "POST")]

    assert 200 in [answer.status_code for answer in answers]
    for answer in answers:
        assert answer.status_code == 405 or answer["HX-Redirect"].startswith(
            "/signin/?next=%2Fconnections%2F"
        )
        assert not answer.content


def test_the_start_page_leads_there_in_the_end(estate: Estate) -> None:
    assert Client().get("/", follow=True).redirect_chain[-1][0].startswith(reverse("signin"))
