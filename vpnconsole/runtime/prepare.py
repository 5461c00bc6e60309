"""Bring everything up to date before the processes start: texts, database, static files, demo data.

Each step looks first and does only what is due, so a second start is quick.
"""

import os
import sys
from io import StringIO

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    try:
        django.setup()
        prepare()
    except (ImproperlyConfigured, CommandError, DatabaseError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


def prepare() -> None:
    from django.conf import settings

    call_command("check")
    call_command("compile_texts")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not settings.PRODUCTION:
        call_command("load_demo", stdout=StringIO())


if __name__ == "__main__":
    main()
