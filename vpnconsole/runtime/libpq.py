"""Runs a program of PostgreSQL on DATABASE_URL: `python libpq.py pg_dump --file=…`.

Everybody on a machine can read what a program was called with, so the password goes by the environment.
"""

import os
import sys
from urllib.parse import unquote, urlsplit


def main(program: str, *arguments: str) -> None:
    address, password = parted(os.environ.pop("DATABASE_URL"))
    if password:
        os.environ["PGPASSWORD"] = password
    os.execvp(program, (program, f"--dbname={address}", *arguments))  # noqa: S606 - the caller's


def parted(url: str) -> tuple[str, str]:
    """The address without its password, and the password."""
    parts = urlsplit(url)
    sign_in, at, host = parts.netloc.rpartition("@")
    user, _colon, password = sign_in.partition(":")
    options = parts.query.split("&")
    kept = [option for option in options if not option.startswith("password=")]
    named = [option.removeprefix("password=") for option in options if option not in kept]
    query = "?" + "&".join(kept) if any(kept) else ""
    return f"{parts.scheme}://{user}{at}{host}{parts.path}{query}", unquote([password, *named][-1])


if __name__ == "__main__":
    main(*sys.argv[1:])
