"""The code that the first visitor must know: it shows that they can read the console's own directory.

It follows from SECRET_KEY, so every web process of a console agrees on it without talking.
"""

import logging
import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

log = logging.getLogger(__name__)


def path() -> Path:
    return Path(settings.VAR_DIR) / "setup-code"


def code() -> str:
    digits = salted_hmac("accounts.setup_code", "first account", algorithm="sha256").hexdigest()
    return "-".join(digits[start : start + 5] for start in range(0, 20, 5))


def matches(text: str) -> bool:
    return constant_time_compare(text.strip().lower(), code())


def write() -> bool:
    """Keep the code where only the console's owner reads it. False where that is not possible."""
    try:
        if not _is_kept():
            _keep()
            log.warning("No user yet. The code for the setup page is in %s", path())
    except OSError as error:
        log.warning("The setup code cannot be written to %s: %s", path(), error.strerror)
        return False
    return True


def _is_kept() -> bool:
    return path().exists() and path().read_text(encoding="utf-8").strip() == code()


def _keep() -> None:
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, draft = tempfile.mkstemp(
        dir=path().parent, prefix="setup-code-"
    )  # readable by its owner only
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(code() + "\n")
    os.replace(draft, path())


def remove() -> None:
    path().unlink(missing_ok=True)
