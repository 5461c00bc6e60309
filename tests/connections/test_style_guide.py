"""The style guide shows every component in both themes, and only where somebody has asked for it."""

import sys
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.urls import path
from page_reader import controls, read

from vpnconsole.styleguide import styleguide
from vpnconsole.urls import urlpatterns

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _with_the_page(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("urls_with_style_guide")
    vars(module)["urlpatterns"] = [*urlpatterns, path("styleguide/", styleguide)]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings.ROOT_URLCONF = module.__name__


def test_it_is_not_there_by_itself(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.parametrize("asked", ["debug", "variable"])
def test_each_theme_has_every_field_and_its_error(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    settings.DEBUG = asked == "debug"
    monkeypatch.setenv("STYLEGUIDE", "0" if asked == "debug" else "1")
    page = read(client.get("/styleguide/").content.decode())
    themes = [one for one in page.walk() if "guide-theme" in one.attributes.get("class", "")]
    assert [one.attributes["data-bs-theme"] for one in themes] == ["light", "dark"]
    ids = [one.attributes["id"] for one in page.walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for theme in ("light", "dark"):
        named = [one for one in controls(page) if one.name.startswith(theme)]
        assert [one.kind for one in named] == ["text", "select", "radio", "radio", "checkbox", "text"]
        assert all(one.label for one in named)
        assert "Enter a valid IPv4 address" in named[-1].described
