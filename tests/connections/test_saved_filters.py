"""Filters of the list that a user keeps: saved, applied, deleted, and nobody else's."""

from typing import Any

import pytest
from connection_cast import Cast, made
from django.test import Client
from page_reader import by_id, read

from accounts.actor import Actor
from accounts.models import Account
from connections.fleet.models import SavedFilter
from connections.services.filters import LONGEST_NAME, MOST, save_filter

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LIST, SAVE = "/connections/", "/connections/filters/"
VIEW = "region=cn-hangzhou&q=edge&state=idle&sort=name"


def offered(client: Client) -> dict[str, str]:
    """The saved filters that the list offers: their addresses by name."""
    page = read(client.get(LIST).content.decode())
    links = [one for one in page.walk() if one.tag == "a" and one.parent and one.parent.tag == "li"]
    return {one.text: one.attributes["href"] for one in links}


def test_a_filter_is_saved_applied_and_deleted(client: Client, cast: Cast) -> None:
    made(cast, "one", binding="cross")
    answer = client.post(
        SAVE, {"name": "  My idle ones ", "query": f"{VIEW}&after=vco-1&seen=x"}, follow=True
    )
    assert "The filter is saved." in answer.content.decode()
    assert answer.context["query"].state == "idle"

    address = offered(client)["My idle ones"]
    query = client.get(address).context["query"]
    assert (query.search, query.state, query.sort, query.after) == ("edge", "idle", "name", "")

    saved = SavedFilter.objects.get()
    client.post(f"{SAVE}{saved.public_id}/delete/")
    assert offered(client) == {}


def test_the_same_name_is_the_same_filter(client: Client) -> None:
    for query in ("q=first", "q=second"):
        client.post(SAVE, {"name": "mine", "query": query})
    assert offered(client) == {"mine": "/connections/?q=second"}


def test_it_is_its_users_and_its_accounts_alone(
    client: Client, vera: Actor, sam: Actor, other: Account, client_of: Any
) -> None:
    client.post(SAVE, {"name": "mine", "query": "q=edge"})
    saved = SavedFilter.objects.get()
    for stranger in (vera, sam):
        assert offered(client_of(stranger)) == {}
        assert client_of(stranger).post(f"{SAVE}{saved.public_id}/delete/").status_code == 404
    assert SavedFilter.objects.count() == 1


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"name": " ", "query": "q=x"}, "Type a name for the filter."),
        ({"name": "long", "query": "q=" + "x" * 600}, "too long to be saved"),
        ({"query": "q=x"}, "Type a name for the filter."),
        ({"name": "many", "query": "&".join(f"p{number}=1" for number in range(50))}, "too long to be saved"),
    ],
)
def test_what_cannot_be_saved_says_why(client: Client, posted: dict[str, str], said: str) -> None:
    assert said in client.post(SAVE, posted, follow=True).content.decode()
    assert not SavedFilter.objects.exists()


def test_a_refused_name_leaves_the_list_as_it_was(client: Client) -> None:
    answer = client.post(SAVE, {"name": " ", "query": f"{VIEW}&after=vco-1"}, follow=True)
    query = answer.context["query"]
    assert (query.search, query.state, query.sort, query.after) == ("edge", "idle", "name", "vco-1")
    for odd in ("q=x\r\nSet-Cookie: a=b", "//elsewhere.example", "\0", "q=ü", "&".join(["a=1"] * 99)):
        answer = client.post(SAVE, {"name": "", "query": odd})
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, LIST)


def test_a_name_that_is_being_typed_outlives_the_searchs_answer(client: Client) -> None:
    """The answer brings what is asked for by now, and leaves the field as it is on the page."""
    answer = read(f"<div>{client.get(f'{LIST}found/', {'q': 'edge'}).content.decode()}</div>")
    typed = by_id(answer, "filter-name")
    assert "hx-preserve" in typed.attributes
    (query,) = [one for one in answer.walk() if one.attributes.get("name") == "query"]
    assert query.attributes["value"] == "q=edge"


def test_odd_names_and_queries_break_nothing(client: Client) -> None:
    for name, query in (("a\0b", "q=%00x"), ("n" * 200, "&&&=="), ("<b>", "q=<script>")):
        client.post(SAVE, {"name": name, "query": query})
    assert all(len(row.name) <= LONGEST_NAME for row in SavedFilter.objects.all())
    assert "<script>" not in client.get(LIST).content.decode()


def test_there_is_an_end_to_them(client: Client, ana: Actor) -> None:
    for number in range(MOST):
        save_filter(actor=ana, name=f"nr {number}", query="q=x")
    assert (
        "You have saved 50 filters"
        in client.post(SAVE, {"name": "one more", "query": "q=x"}, follow=True).content.decode()
    )
    client.post(SAVE, {"name": "nr 7", "query": "q=changed"})
    assert SavedFilter.objects.get(name="nr 7").query == "q=changed"
