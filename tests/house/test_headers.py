"""What every answer carries, and what no page holds, so that a stray script finds nothing to run in."""

import re
from typing import Any

import pytest
from django.test import Client
from doors import GUARDED, Door, Estate, estate_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|<[^>]+\s(?:style|on[a-z]+)=|javascript:", re.I)
OPEN_PAGES = ["/signin/", "/livez", "/readyz", "/no-such-page/"]


def assert_headers(answer: Any) -> None:
    policy = answer["Content-Security-Policy"]
    assert "unsafe-" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", answer["X-Request-Id"])


@pytest.fixture
def estate(acme: Any) -> Estate:
    return estate_of(acme, 1)


@pytest.mark.parametrize("door", GUARDED, ids=str)
def test_every_page_is_fenced_in(door: Door, estate: Estate, ana: Any, client_of: Any) -> None:
    answer = client_of(ana).get(door.url(estate))

    assert_headers(answer)
    if answer.get("Content-Type", "").startswith("text/html"):
        assert INLINE.findall(answer.content.decode()) == []


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_so_is_what_needs_no_session(path: str, ana: Any) -> None:
    assert_headers(Client().get(path))


def test_a_file_of_ours_is_all_that_runs(ana: Any) -> None:
    page = Client().get("/signin/").content.decode()

    sources = re.findall(r'<script[^>]*\ssrc="([^"]+)"', page)
    assert sources
    assert all(source.startswith("/static/") for source in sources)


def test_no_two_answers_share_a_request_id(ana: Any) -> None:
    client = Client()

    assert len({client.get("/livez")["X-Request-Id"] for _ in range(20)}) == 20


def test_a_request_cannot_bring_its_own_id(ana: Any) -> None:
    answer = Client().get("/livez", headers={"X-Request-Id": "chosen by a stranger"})

    assert answer["X-Request-Id"] != "chosen by a stranger"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(ana: Any, password: str) -> None:
    client = Client()
    client.get("/signin/")
    client.post("/signin/", {"username": "ana", "password": password})

    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"]
        assert client.cookies[name]["samesite"] == "Lax"
