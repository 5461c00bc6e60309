"""What Django checks at the start beyond its own: settings that are there, but cannot work.

E: the console would not work, W: it would, but not safely. What is missing altogether, the settings refuse.
"""

import ipaddress
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name

REDIS_SCHEMES = {"redis", "rediss"}
LONGEST_POOL_PREFIX = 29


def register_all() -> None:
    for check in (field_keys, gateway_pool, redis_url, session_length, var_dir, secret_files):
        register(check, Tags.security)
    register(proxy, Tags.security, deploy=True)


def field_keys(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Without naming the key itself: what is shown here ends in logs."""
    wrong = [str(place) for place, key in enumerate(settings.FIELD_KEYS, 1) if not _is_fernet_key(key)]
    if settings.FIELD_KEYS and not wrong:
        return []
    what = f"Key {', '.join(wrong)} of FIELD_KEYS is not a Fernet key." if wrong else "FIELD_KEYS is empty."
    hint = (
        "Set FIELD_KEYS to 32 random bytes in URL-safe base64, made with: python -c "
        "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    )
    return [Error(what, hint=hint, id="vpnconsole.E001")]


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def gateway_pool(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    try:
        network = ipaddress.IPv4Network(settings.GATEWAY_POOL)
    except ValueError as error:
        what = f"GATEWAY_POOL={settings.GATEWAY_POOL!r} is not an IPv4 network: {error}."
    else:
        if network.prefixlen <= LONGEST_POOL_PREFIX:
            return []
        what = f"GATEWAY_POOL={settings.GATEWAY_POOL!r} is too small for tunnels in pairs."
    hint = f"Set GATEWAY_POOL to a network of at most /{LONGEST_POOL_PREFIX}, such as 198.18.0.0/15."
    return [Error(what, hint=hint, id="vpnconsole.E002")]


def var_dir(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Whether the nearest directory that exists lets this process in."""
    place = Path(settings.VAR_DIR)
    nearest = next(path for path in (place, *place.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    what = f"VAR_DIR={settings.VAR_DIR} cannot be written to."
    hint = "Make it a directory that belongs to the console's user, or set VAR_DIR to another one."
    return [Error(what, hint=hint, id="vpnconsole.E003")]


def redis_url(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    if not settings.REDIS_URL or urlsplit(settings.REDIS_URL).scheme in REDIS_SCHEMES:
        return []
    what = "REDIS_URL is not the address of a Redis or Valkey server."
    hint = "Set REDIS_URL to redis://host:6379/0, or rediss://… where it speaks TLS."
    return [Error(what, hint=hint, id="vpnconsole.E004")]


def session_length(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    if settings.SESSION_COOKIE_AGE > 0:
        return []
    what = "SESSION_HOURS must be at least 1: with less, nobody stays signed in."
    return [Error(what, hint="Set SESSION_HOURS to 12, for example.", id="vpnconsole.E005")]


def secret_files(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Files that hold secrets, and that others on this machine can open."""
    place = Path(settings.VAR_DIR)
    if not place.exists() or not stat.S_IMODE(place.stat().st_mode) & 0o077:
        return []
    open_ones = [path.name for path in _secret_files(place) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_ones:
        return []
    what = f"Other users of this machine can read {', '.join(open_ones)} in VAR_DIR."
    return [Warning(what, hint=f"Keep them out: chmod 700 {place}", id="vpnconsole.W006")]


def _secret_files(place: Path) -> Iterator[Path]:
    names = {"secret-key", "field-keys", "setup-code", "demo-password"}
    database = settings.DATABASES["default"]
    candidates = [place / name for name in sorted(names)]
    if database["ENGINE"].endswith("sqlite3") and Path(database["NAME"]).parent == place:
        candidates.append(Path(database["NAME"]))
    return (path for path in candidates if path.exists())


def proxy(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """The web server speaks no TLS itself, so without a proxy's word every request looks unsafe."""
    knows = getattr(settings, "SECURE_PROXY_SSL_HEADER", None) is not None
    if knows or not (settings.PRODUCTION and settings.SECURE_SSL_REDIRECT):
        return []
    what = "The console redirects to https, and does not know when a request has come by https."
    hint = "Put it behind a proxy that ends TLS and sets X-Forwarded-Proto, and set BEHIND_PROXY=1."
    return [Warning(what, hint=hint, id="vpnconsole.W007")]
