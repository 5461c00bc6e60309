"""Translations: compiled where they are due, and complete or named."""

import gettext
import os
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.core.management import CommandError, call_command

from vpnconsole.management.commands.check_texts import compare, extract, key, messages

HEADER = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"\n\n'
)


@pytest.fixture
def catalog(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + 'msgid "Tunnel"\nmsgstr "隧道"\n', encoding="utf-8")
    settings.LOCALE_PATHS = [tmp_path]
    return path


def translated(catalog: Path, text: str) -> str:
    with catalog.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file).gettext(text)


def test_what_is_not_compiled_yet_is_compiled(catalog: Path) -> None:
    call_command("compile_texts")

    assert translated(catalog, "Tunnel") == "隧道"


def test_what_is_compiled_is_left_alone(catalog: Path) -> None:
    call_command("compile_texts")
    before = catalog.with_suffix(".mo").stat().st_ino

    call_command("compile_texts")

    assert catalog.with_suffix(".mo").stat().st_ino == before


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_another_catalog_is_compiled_whether_newer_or_older(catalog: Path, seconds: int) -> None:
    """An upgrade may bring files with times of the past."""
    call_command("compile_texts")
    catalog.write_text(HEADER + 'msgid "Tunnel"\nmsgstr "新隧道"\n', encoding="utf-8")
    changed = catalog.stat().st_mtime + seconds
    os.utime(catalog, (changed, changed))

    call_command("compile_texts")

    assert translated(catalog, "Tunnel") == "新隧道"


def test_a_doubtful_translation_is_not_used(catalog: Path) -> None:
    catalog.write_text(HEADER + '#, fuzzy\nmsgid "Tunnel"\nmsgstr "管道"\n', encoding="utf-8")

    call_command("compile_texts")

    assert translated(catalog, "Tunnel") == "Tunnel"


def faults(used: dict[str, Any], known: dict[str, Any], **more: Any) -> list[str]:
    source, target = Catalog(locale="en"), Catalog(locale="zh_Hans")
    for text in used:
        source.add(text)
    for text, translation in known.items():
        target.add(text, translation, **more)
    return list(compare(source, target))


def test_a_complete_catalog_has_no_faults() -> None:
    assert faults({"At most %(max)s": ""}, {"At most %(max)s": "最多%(max)s"}) == []


@pytest.mark.parametrize("known", [{}, {"Tunnel": ""}])
def test_a_missing_translation(known: dict[str, str]) -> None:
    assert faults({"Tunnel": ""}, known) == ["missing: 'Tunnel'"]


def test_a_doubtful_translation() -> None:
    assert faults({"Tunnel": ""}, {"Tunnel": "隧道"}, flags=["fuzzy"]) == ["fuzzy: 'Tunnel'"]


def test_a_translation_of_nothing() -> None:
    assert faults({}, {"Tunnel": "隧道"}) == ["obsolete: 'Tunnel'"]


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("At most %(max)s", "最多"),
        ("At most %(max)s", "最多%(min)s"),
        ("At most %(max)s", "最多%(max)d"),
        ("%s of %s", "%s"),
        ("{name} is up", "{nom}已就绪"),
    ],
)
def test_placeholders_that_differ(text: str, translation: str) -> None:
    assert faults({text: ""}, {text: translation}) == [f"placeholders differ: {text!r} -> {translation!r}"]


def test_a_plural_may_do_without_the_number_in_its_singular() -> None:
    source, target = Catalog(locale="en"), Catalog(locale="zh_Hans")
    source.add(("One tunnel", "%(count)s tunnels"))
    target.add(("One tunnel", "%(count)s tunnels"), ("%(count)s条隧道",))

    assert list(compare(source, target)) == []


def test_one_text_in_two_contexts_is_two_texts() -> None:
    source, target = Catalog(locale="en"), Catalog(locale="zh_Hans")
    source.add("Name", context="field")
    target.add("Name", "名称")

    assert list(compare(source, target)) == ["missing: [field] 'Name'", "obsolete: 'Name'"]


def test_texts_are_found_in_code_and_templates_and_nowhere_else(tmp_path: Path) -> None:
    for name, text in {
        "app/models.py": "from django.utils.translation import gettext_lazy as _\nA = _('from code')\n",
        "app/texts.py": "B = pgettext_lazy('here', 'in context')\n",
        "templates/app/page.html": '{% load i18n %}{% translate "from a template" %}',
        "tests/test_app.py": "_('from a test')\n",
        ".venv/lib/other.py": "_('from a package')\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    found = {key(message) for message in messages(extract(tmp_path))}

    assert found == {(None, "from code"), ("here", "in context"), (None, "from a template")}
    assert not (tmp_path / "locale").exists()


def test_the_command_fails_and_lists_the_faults(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "models.py").write_text("A = _('untranslated')\n", encoding="utf-8")
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match="missing: 'untranslated'"):
        call_command("check_texts")
