"""`manage.py check_texts`: fails where a text of the product has no sound Chinese translation."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

LOCALE = "zh_Hans"
SOURCE_LOCALE = "en"
NOT_SOURCES = {"tests", "docs", "bench", "deploy", "locale", "static", "var", "node_modules", "migrations"}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdr]|\{\w*\}")

UNNAMED = {"%s", "%d", "%r", "{}"}

Key = tuple[str | None, str]
"""Context and text (the singular, where there is a plural)."""


class Command(BaseCommand):
    help = "Lists missing, fuzzy and obsolete translations, and placeholders that differ. Needs GNU gettext."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if shutil.which("xgettext") is None:
            raise CommandError("xgettext is not installed: apt-get install gettext")
        used = extract(settings.BASE_DIR)
        faults = list(compare(used, read(settings.BASE_DIR / catalog_path())))
        if faults:
            raise CommandError("\n".join([*faults, f"{len(faults)} faults in {catalog_path()}"]))
        self.stdout.write(f"{len(used)} texts, all translated")


def catalog_path(locale: str = LOCALE) -> Path:
    return Path("locale") / locale / "LC_MESSAGES" / "django.po"


def read(path: Path, locale: str = LOCALE) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def extract(base: Path) -> Catalog:
    """The texts that the sources use now, found by Django's own makemessages in a copy of them."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for source in sources(base):
            target = copy / source.relative_to(base)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        (copy / "locale").mkdir()
        make_messages(copy)
        return read(copy / catalog_path(SOURCE_LOCALE), SOURCE_LOCALE)


def sources(base: Path) -> Iterator[Path]:
    for directory in sorted(path for path in base.iterdir() if path.is_dir()):
        if directory.name in NOT_SOURCES or directory.name.startswith("."):
            continue
        for path in directory.rglob("*"):
            if path.suffix in (".py", ".html", ".txt") and not NOT_SOURCES & set(path.parts):
                yield path


def make_messages(directory: Path) -> None:
    """Outside the project, so that it writes nowhere else."""
    options = ("--locale", SOURCE_LOCALE, "--extension", "py,html,txt", "--no-obsolete", "--no-wrap")
    done = subprocess.run(  # noqa: S603 - fixed
        [sys.executable, "-m", "django", "makemessages", *options],
        cwd=directory,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(done.stderr)


def compare(used: Catalog, translated: Catalog) -> Iterator[str]:
    """One line for each fault, in the order of the sources, obsolete texts last."""
    known = {key(message): message for message in messages(translated)}
    wanted = [key(message) for message in messages(used)]
    for one in wanted:
        if one not in known:
            yield f"missing: {show(one)}"
        else:
            yield from faults_of(known[one])
    obsolete = {*(set(known) - set(wanted)), *map(key, translated.obsolete.values())}
    yield from sorted(f"obsolete: {show(one)}" for one in obsolete)


def messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def key(message: Message) -> Key:
    return message.context, texts(message.id)[0]


def texts(one_or_several: Any) -> list[str]:
    """Babel gives a string, or a tuple where there is a plural."""
    return [one_or_several] if isinstance(one_or_several, str) else list(one_or_several)


def faults_of(message: Message) -> Iterator[str]:
    name = show(key(message))
    translations = texts(message.string)
    if not translations or not all(translations):
        yield f"missing: {name}"
        return
    if message.fuzzy:
        yield f"fuzzy: {name}"
    wanted = placeholders(texts(message.id)[-1:])
    for translation in translations:
        if placeholders([translation]) != wanted:
            yield f"placeholders differ: {name} -> {translation!r}"


def placeholders(several: Iterable[str]) -> list[str]:
    """Named ones may repeat; unnamed ones are counted."""
    found = [match for text in several for match in PLACEHOLDER.findall(text.replace("%%", ""))]
    unnamed = [one for one in found if one in UNNAMED]
    return sorted(set(found) - UNNAMED) + sorted(unnamed)


def show(one: Key) -> str:
    context, text = one
    return f"[{context}] {text!r}" if context else repr(text)
