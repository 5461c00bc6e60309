"""A secret that somebody has asked for leaves the screen after half a minute, with htmx or without."""

import base64
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from doors import PSK, REVEALS, Estate, estate_of, named

from accounts.showing import SHOWN_FOR

ClientOf = Callable[[Any], Client]
ROOT: Path = settings.BASE_DIR
TIMER = re.compile(r'hx-trigger="load delay:(\d+)s"')


@pytest.fixture
def estate(acme: Any) -> Estate:
    return estate_of(acme, 1)


def holds_key(text: str) -> bool:
    return PSK in text or base64.b64encode(PSK.encode()).decode() in text


class Reader(HTMLParser):
    """Notes the classes of what every key on a page stands in."""

    VOID = ("meta", "link", "input", "img", "br", "path", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.places: list[set[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(dict(attrs).get("class") or "")
        if holds_key(" ".join(value or "" for _name, value in attrs)):
            self._note()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if holds_key(data):
            self._note()

    def _note(self) -> None:
        self.places.append({name for classes in self.open for name in classes.split()})


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("name", REVEALS)
def test_a_whole_page_goes_back_by_itself_to_where_it_is_covered(
    name: str, estate: Estate, omar: Any, client_of: ClientOf
) -> None:
    client = client_of(omar)
    shown = client.post(named(name).url(estate))
    seconds, back = re.findall(r"^(\d+); url=(/.*)$", shown["Refresh"])[0]

    assert holds_key(shown.content.decode())
    assert int(seconds) == SHOWN_FOR
    assert "no-store" in shown["Cache-Control"]
    assert "Hidden again after 30 seconds." in shown.content.decode()
    covered = client.get(back)
    assert covered.status_code == 200
    assert not holds_key(covered.content.decode())


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("name", REVEALS)
def test_a_part_of_a_page_asks_for_its_covered_form(
    name: str, estate: Estate, omar: Any, client_of: ClientOf
) -> None:
    client = client_of(omar)
    shown = client.post(named(name).url(estate), headers={"HX-Request": "true"})
    [asking] = re.findall(r'<[^>]*hx-trigger="load delay:30s"[^>]*>', shown.content.decode())
    [url] = re.findall(r'hx-get="([^"]+)"', asking)

    assert "Refresh" not in shown
    assert "no-store" in shown["Cache-Control"]
    covered = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert not holds_key(covered)
    assert "load delay" not in covered


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.parametrize("name", REVEALS)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
def test_it_stands_in_what_the_style_sheet_hides(
    name: str, headers: dict[str, str], estate: Estate, omar: Any, client_of: ClientOf
) -> None:
    page = client_of(omar).post(named(name).url(estate), headers=headers).content.decode()
    reader = Reader()
    reader.feed(page)

    assert [place for place in reader.places if "expires" not in place] == []
    assert len(reader.places) >= 1


def test_page_style_and_parts_mean_the_same_time() -> None:
    style = (ROOT / "static" / "console" / "console.css").read_text(encoding="utf-8")
    templates = [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    timers = [seconds for text in templates for seconds in TIMER.findall(text)]

    assert re.findall(r"\.expires \{ animation: expire \w+ (\d+)s forwards !important; \}", style) == [
        str(SHOWN_FOR)
    ]
    assert timers
    assert set(timers) == {str(SHOWN_FOR)}
