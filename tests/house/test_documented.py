"""Every setting that the code reads from the environment is described."""

import re
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
READ = re.compile(r"""\b(?:env_(?:str|bool|int|list|secret)|_secret)\(\s*"([A-Z][A-Z_]+)\"""")


def test_no_setting_is_a_secret() -> None:
    described = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs" / "configuration.md").read_text("utf-8")))
    read = {
        name for path in (ROOT / "vpnconsole").rglob("*.py") for name in READ.findall(path.read_text("utf-8"))
    }

    assert {"SECRET_KEY", "GATEWAY_POOL", "WEB_THREADS"} <= read
    assert read <= described
