"""Templates: each compiles, each address in them exists, none holds script or style of its own."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from doors import ALL

ROOT: Path = settings.BASE_DIR
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = {door.name for door in ALL}

URL_TAG = re.compile(r"""{%\s*url\s+['"]([^'"]+)['"]""")
TAG = re.compile(r"{%.*?%}|{#.*?#}", re.S)
URL_CALL = re.compile(r"""\b(?:reverse|reverse_lazy|redirect|resolve_url)\(\s*"([\w:-]+)"[,)]""")
INLINE = {
    "a script of its own": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "a style of its own": re.compile(r"<style|\sstyle\s*=", re.I),
    "a handler of its own": re.compile(r"\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", re.I),
    "evaluated text": re.compile(r"javascript:|['\"]js:|hx-vars", re.I),
    "a file from elsewhere": re.compile(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", re.I),
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def sources() -> list[Path]:
    apps = ("accounts", "connections", "gateways", "transit", "tunnels", "vpnconsole")
    return [path for app in apps for path in (ROOT / app).rglob("*.py")]


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_it_compiles(path: Path) -> None:
    assert get_template(name(path)) is not None


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_its_addresses_exist(path: Path) -> None:
    assert set(URL_TAG.findall(path.read_text(encoding="utf-8"))) <= NAMES


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_it_holds_nothing_that_the_policy_forbids(path: Path) -> None:
    text = TAG.sub("", path.read_text(encoding="utf-8"))

    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


def test_the_addresses_in_the_code_exist_too() -> None:
    named = {found for path in sources() for found in URL_CALL.findall(path.read_text(encoding="utf-8"))}

    assert len(named) > 5
    assert named <= NAMES


def test_markup_made_in_code_keeps_the_same_law() -> None:
    attribute = re.compile(r"<[a-z][^<>]*\s(?:style|on[a-z]+)=", re.I)

    assert [path.name for path in sources() if attribute.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<script>alert(1)</script>", "a script of its own"),
        ('<p style="color: red">', "a style of its own"),
        ('<a onclick="x()">', "a handler of its own"),
        ('<a hx-on:click="x()">', "a handler of its own"),
        ('<a href="javascript:x()">', "evaluated text"),
        ('<img src="https://cdn.example/x.png">', "a file from elsewhere"),
    ],
)
def test_the_law_recognises_what_it_forbids(text: str, what: str) -> None:
    assert INLINE[what].search(text)
