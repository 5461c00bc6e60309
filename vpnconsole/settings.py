"""All settings, from the environment. See docs/configuration.md for the list.

Without `PRODUCTION=1` the console runs for one machine: keys are made and kept in VAR_DIR, the database is
SQLite. With it, nothing is made up: what is missing or unsafe is named, and the start is refused.
"""

import re
import ssl
from pathlib import Path
from typing import Any

import dj_database_url
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from vpnconsole import logs
from vpnconsole.environment import env_bool, env_int, env_list, env_secret, env_str, kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env_str("VAR_DIR") or BASE_DIR / "var").resolve()
PRODUCTION = env_bool("PRODUCTION", False)
DEBUG = env_bool("DEBUG", False)
BEHIND_PROXY = env_bool("BEHIND_PROXY", False)
VERSION = re.search(r"^## (\d+\.\d+\.\d+)", (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)[1]  # type: ignore[index]


def _secret(name: str, file: str, make: Any) -> str:
    """From the environment; on a single machine otherwise made once and kept in VAR_DIR."""
    value = env_secret(name)
    if value or PRODUCTION:
        return value
    return kept_secret(VAR_DIR / file, make)


# Keys. FIELD_KEYS encrypt secrets at rest: the first one writes, all of them read (see docs/secrets.md).
SECRET_KEY = _secret("SECRET_KEY", "secret-key", get_random_secret_key)
FIELD_KEYS = [
    key.strip()
    for key in _secret("FIELD_KEYS", "field-keys", lambda: Fernet.generate_key().decode()).split(",")
    if key.strip()
]

# Where FIELD_KEYS come from a file, it is read again when it changes: keys rotate under a running console.
FIELD_KEYS_FILE = env_str("FIELD_KEYS_FILE") or (
    "" if PRODUCTION or env_str("FIELD_KEYS") else str(VAR_DIR / "field-keys")
)

METRICS_TOKEN = env_secret("METRICS_TOKEN")

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "" if PRODUCTION else "*")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

if PRODUCTION:
    _missing = [
        text
        for wrong, text in (
            (len(SECRET_KEY) < 50, "SECRET_KEY: at least 50 random characters"),
            (not FIELD_KEYS, "FIELD_KEYS: one or more Fernet keys, separated by commas"),
            (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS, "ALLOWED_HOSTS: the console's host names"),
            (
                not env_str("DATABASE_URL").startswith(("postgres://", "postgresql://")),
                "DATABASE_URL: postgres://user:password@host/name, and no other kind of database",
            ),
            (not env_str("REDIS_URL"), "REDIS_URL: redis://host:6379/0"),
            (DEBUG, "DEBUG: must be off"),
            (0 < len(METRICS_TOKEN) < 20, "METRICS_TOKEN: at least 20 random characters, or nothing"),
        )
        if wrong
    ]
    if _missing:
        raise ImproperlyConfigured("PRODUCTION=1 needs safe values. Set:\n  " + "\n  ".join(_missing))

INSTALLED_APPS = [
    "vpnconsole",
    "connections",
    "tunnels",
    "gateways",
    "transit",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "heroicons",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "vpnconsole.middleware.request_id",
    "vpnconsole.middleware.client_address",
    "vpnconsole.middleware.without_nul",
    "vpnconsole.middleware.time_zone",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vpnconsole.middleware.compress",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "vpnconsole.middleware.body_limit",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "vpnconsole.middleware.explain_not_allowed",
]

ROOT_URLCONF = "vpnconsole.urls"
WSGI_APPLICATION = "vpnconsole.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vpnconsole.context.shell",
            ],
            "builtins": ["vpnconsole.templatetags.console"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# SQLite: a deferred transaction that turns into a writer fails at once under two writers, so every
# transaction starts as a writer and waits its turn.
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env_str("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'vpnconsole.sqlite3'}",
        conn_max_age=env_int("CONN_MAX_AGE", 300, least=0),
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "vpnconsole.postgresql"
    if env_bool("PREPARED_STATEMENTS", True):
        # PostgreSQL reads and plans a statement that comes often once for a connection.
        DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=5)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis or Valkey: broker and cache. `make run` starts an embedded Valkey and sets REDIS_URL itself.
REDIS_URL = env_str("REDIS_URL")
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "vpnconsole.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "vpnconsole",
        # A server that takes connections and says nothing must not hold up every page.
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

CELERY_BROKER_URL = REDIS_URL or "memory://"
if REDIS_URL.startswith("rediss:") and "ssl_cert_reqs" not in REDIS_URL:
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED}  # the cache's client does by itself
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Remote control listens by publish and subscribe. When a broker under load comes back, redis-py subscribes
# anew by itself and waits for a message that never comes, and the worker does nothing any more.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "global_keyprefix": "vpnconsole:",
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # A bell, nothing more: a late or lost ring is made up for by the next one, so it expires quickly.
    "play-due-negotiations": {"task": "tunnels.tick", "schedule": 1.0, "options": {"expires": 2}},
    "settle-connections": {"task": "connections.settle", "schedule": 1.0, "options": {"expires": 2}},
    "fold-tallies": {"task": "connections.fold_tallies", "schedule": 20.0, "options": {"expires": 20}},
    "delete-old-events": {
        "task": "tunnels.delete_old_events",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.MemberBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "signin"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_SENSITIVE_PARAMETERS = ["password"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# How many in a minute, 0 for any number; see accounts.throttles.
THROTTLES = {
    "write": env_int("WRITES_PER_MINUTE", 600, least=0),
    "reveal": env_int("REVEALS_PER_MINUTE", 30, least=0),
    "download": env_int("DOWNLOADS_PER_MINUTE", 60, least=0),
    "sign_in": env_int("SIGN_INS_PER_MINUTE", 60, least=0),
}

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = env_int("SESSION_HOURS", 12) * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "vpnconsole.errors.csrf_failure"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's own form icons are data: images
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env_bool("SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 31536000, least=0)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("HSTS_SUBDOMAINS", True)
    SECURE_HSTS_PRELOAD = env_bool("HSTS_PRELOAD", True)
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # of a whole body, whatever is in it: see middleware.body_limit
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = env_str("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "vpnconsole.assets.BootstrapFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# How long the events of tunnels are kept.
EVENT_RETENTION_DAYS = env_int("EVENT_RETENTION_DAYS", 90, least=1)

# The pool that public tunnels get their gateway addresses from (RFC 2544's benchmarking range by default:
# nobody's real address). No customer gateway may lie in it.
GATEWAY_POOL = env_str("GATEWAY_POOL", "198.18.0.0/15")

# /metrics: for who sends the token; without one, for this machine alone.
METRICS_BY_ACCOUNT = env_bool("METRICS_BY_ACCOUNT", False)

LOGGING = logs.configuration()
