"""Long lists come in pages that go on from the last row seen."""

import pytest
from gateway_rows import gateway_of

from accounts.actor import Actor
from accounts.paging import page_of
from gateways.models import CustomerGateway
from gateways.queries import gateways_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
HANGZHOU = "cn-hangzhou"


@pytest.fixture
def gateways(omar: Actor) -> list[CustomerGateway]:
    """Five, newest first."""
    return [gateway_of(omar, name=f"edge-{number}") for number in range(5)][::-1]


def test_forward_and_back(omar: Actor, gateways: list[CustomerGateway]) -> None:
    rows = gateways_of(omar.account, HANGZHOU)
    first = page_of(rows, size=2)
    assert (first.rows, first.newer) == (gateways[:2], "")
    second = page_of(rows, size=2, after=first.older)
    assert second.rows == gateways[2:4]
    last = page_of(rows, size=2, after=second.older)
    assert (last.rows, last.older) == (gateways[4:], "")
    back = page_of(rows, size=2, before=last.newer)
    assert (back.rows, bool(back.newer), bool(back.older)) == (gateways[2:4], True, True)
    start = page_of(rows, size=2, before=back.newer)
    assert (start.rows, start.newer, bool(start.older)) == (gateways[:2], "", True)


def test_all_rows_on_one_page_have_no_neighbours(omar: Actor, gateways: list[CustomerGateway]) -> None:
    page = page_of(gateways_of(omar.account, HANGZHOU), size=5)
    assert (page.rows, page.older, page.newer) == (gateways, "", "")


@pytest.mark.parametrize("cursor", ["cgw-none", "'; --", "1"])
def test_an_unknown_cursor_is_the_first_page(
    omar: Actor, gateways: list[CustomerGateway], cursor: str
) -> None:
    rows = gateways_of(omar.account, HANGZHOU)
    assert page_of(rows, size=2, after=cursor).rows == gateways[:2]
    assert page_of(rows, size=2, before=cursor).rows == gateways[:2]


def test_a_page_that_has_emptied_is_the_first_page(omar: Actor, gateways: list[CustomerGateway]) -> None:
    rows = gateways_of(omar.account, HANGZHOU)
    assert page_of(rows, size=2, after=gateways[-1].public_id).rows == gateways[:2]
    assert page_of(rows, size=2, before=gateways[0].public_id).rows == gateways[:2]


def test_a_strangers_cursor_tells_nothing(omar: Actor, sam: Actor, gateways: list[CustomerGateway]) -> None:
    theirs = gateway_of(sam)
    page = page_of(gateways_of(omar.account, HANGZHOU), size=2, after=theirs.public_id)
    assert page.rows == gateways[:2]


def test_no_rows(omar: Actor) -> None:
    page = page_of(gateways_of(omar.account, HANGZHOU))
    assert (page.rows, page.older, page.newer) == ([], "", "")
