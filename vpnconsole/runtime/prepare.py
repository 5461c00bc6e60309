"""Bring everything up to date before the processes start: texts, database, static files, demo data.

Each step looks first and does only what is due, so a second start is quick.
"""

import os
import sys
import time
from io import StringIO
from typing import Final

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection

PATIENCE: Final = 300.0
"""Seconds for a database server that starts together with the console, and later."""


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
    if settings.PRODUCTION:
        wait_for_the_database()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not settings.PRODUCTION:
        call_command("load_demo", stdout=StringIO())


def wait_for_the_database() -> None:
    """A unit that has failed once keeps down what requires it, even where it is well at its next start."""
    deadline, told = time.monotonic() + PATIENCE, ""
    while True:
        try:
            connection.ensure_connection()
            return
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise
            if told != str(error):
                told = str(error)
                sys.stderr.write(f"Waiting for the database: {told.strip()}\n")
        time.sleep(1)


if __name__ == "__main__":
    main()
