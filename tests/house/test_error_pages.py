"""Errors are pages: in the reader's language, with the request's id, without a word about our insides."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

TITLES = {
    "/suspicious": (400, "This request cannot be read"),
    "/denied": (403, "Your role does not allow this"),
    "/nowhere": (404, "There is no such page here"),
    "/broken": (500, "Something went wrong on our side"),
}
PAGES = [pytest.param(path, status, title, id=path) for path, (status, title) in TITLES.items()]


def ask(path: str, language: str = "en") -> Any:
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = language
    return client.get(path)


@pytest.mark.urls("raising_urls")
@pytest.mark.parametrize(("path", "status", "title"), PAGES)
def test_each_says_what_happened_and_names_the_request(path: str, status: int, title: str) -> None:
    answer = ask(path)

    page = answer.content.decode()
    assert answer.status_code == status
    assert f'<h1 class="empty-title">{title}</h1>' in page
    assert answer["X-Request-Id"] in page
    assert "not for strangers" not in page
    assert "Traceback" not in page


@pytest.mark.urls("raising_urls")
@pytest.mark.parametrize(("path", "status", "title"), PAGES)
def test_each_speaks_chinese_too(path: str, status: int, title: str) -> None:
    with translation.override("zh-hans"):
        chinese = translation.gettext(title)

    answer = ask(path, "zh-hans")

    assert chinese != title
    assert chinese in answer.content.decode()
    assert 'lang="zh-hans"' in answer.content.decode()
    assert answer.status_code == status


@pytest.mark.urls("raising_urls")
def test_a_failure_is_told_without_the_database(settings: Any) -> None:
    """No test of this module may use the database; this one brings a session that could only come from it."""
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a session that nobody can look up now"

    answer = client.get("/broken")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


def test_a_foreign_host_name_is_a_bad_request(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["console.example"]

    answer = Client(raise_request_exception=False).get("/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "This request cannot be read" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.database
def test_a_form_without_its_token_is_told_to_open_again(ana: Any, client_of: Any) -> None:
    client = client_of(ana)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    answer = strict.post("/password/")

    assert answer.status_code == 403
    assert "This form has grown too old" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.database
def test_who_is_signed_in_keeps_the_navigation(vera: Any, client_of: Any) -> None:
    client = client_of(vera)

    for path, status in (("/accounts/members/", 403), ("/nowhere/", 404)):
        answer = client.get(path)
        assert answer.status_code == status
        assert 'class="sidenav"' in answer.content.decode()
