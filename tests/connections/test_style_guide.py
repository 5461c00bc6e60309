"""The style guide shows every component in both themes, and only where somebody has asked for it."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.test import Client
from django.urls import path
from page_reader import Element, controls, read

from vpnconsole.settings import BASE_DIR
from vpnconsole.styleguide import styleguide
from vpnconsole.urls import urlpatterns

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Element:
    module = ModuleType("urls_with_style_guide")
    vars(module)["urlpatterns"] = [*urlpatterns, path("styleguide/", styleguide)]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings.ROOT_URLCONF = module.__name__
    return read(client.get("/styleguide/").content.decode())


def test_it_is_not_there_by_itself(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.parametrize(
    ("variables", "there"),
    [({"DEBUG": "1"}, True), ({"STYLEGUIDE": "1"}, True), ({"DEBUG": "1", "STYLEGUIDE": "0"}, False)],
)
def test_the_environment_asks_for_it(variables: dict[str, str], there: bool, tmp_path: Path) -> None:
    asked = "import django; django.setup(); from django.urls import reverse; print(reverse('styleguide'))"
    done = subprocess.run(
        (sys.executable, "-c", asked),
        env={**os.environ, "VAR_DIR": str(tmp_path), **variables},
        cwd=BASE_DIR,
        capture_output=True,
        check=False,
    )
    assert (done.returncode == 0) is there


def test_each_theme_has_every_field_and_its_error(page: Element) -> None:
    themes = [one for one in page.walk() if "guide-theme" in one.attributes.get("class", "")]
    assert [one.attributes["data-bs-theme"] for one in themes] == ["light", "dark"]
    ids = [one.attributes["id"] for one in page.walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for theme in ("light", "dark"):
        named = [one for one in controls(page) if one.name.startswith(theme)]
        assert [one.kind for one in named] == ["text", "select", "radio", "radio", "checkbox", "text"]
        assert all(one.label for one in named)
        assert "Enter a valid IPv4 address" in named[-1].described
