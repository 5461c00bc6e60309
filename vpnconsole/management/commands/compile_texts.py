"""`manage.py compile_texts`: makes what Django reads of the translations, without gettext being installed."""

import os
import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compiles locale/*/LC_MESSAGES/*.po to .mo files, where a .mo is missing or older."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        for catalog in catalogs():
            compiled = catalog.with_suffix(".mo")
            if is_due(catalog, compiled):
                compile_catalog(catalog, compiled)
                if options["verbosity"] > 1:
                    self.stdout.write(f"compiled {compiled}")


def catalogs() -> list[Path]:
    return sorted(path for root in settings.LOCALE_PATHS for path in Path(root).glob("*/LC_MESSAGES/*.po"))


def is_due(catalog: Path, compiled: Path) -> bool:
    """Both have the catalog's own time, so a catalog that an upgrade made older is compiled, too."""
    return not compiled.exists() or compiled.stat().st_mtime_ns != catalog.stat().st_mtime_ns


def compile_catalog(catalog: Path, compiled: Path) -> None:
    """Replaced whole: a process that starts at this moment reads the old texts or the new ones."""
    written = catalog.stat()
    with catalog.open("rb") as source:
        messages = read_po(source, locale=catalog.parts[-3])
    descriptor, draft = tempfile.mkstemp(dir=compiled.parent, suffix=".mo")
    with os.fdopen(descriptor, "wb") as target:
        write_mo(target, messages)
        os.fchmod(target.fileno(), 0o644)
    os.utime(draft, ns=(written.st_atime_ns, written.st_mtime_ns))
    os.replace(draft, compiled)
