"""A broker that is reached by TLS has to show who it is, to the tasks' client as to the cache's."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ASKED = (
    "import django; django.setup(); from vpnconsole.celery import app; print(app.connection_for_write().ssl)"
)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("rediss://broker.example:6379/0", "CERT_REQUIRED"),
        ("rediss://broker.example:6379/0?ssl_cert_reqs=none", "CERT_NONE"),
        ("redis://broker.example:6379/0", "False"),
    ],
)
def test_its_certificate_is_looked_at(
    url: str, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    told = subprocess.run(
        (sys.executable, "-c", ASKED), cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert asked in told.stdout
