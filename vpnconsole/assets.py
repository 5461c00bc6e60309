"""Static files of packages, the few that are served."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bootstrap_wrapper import get_bootstrap_dir
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

FILES = ("css/bootstrap.min.css", "css/bootstrap.min.css.map")


class BootstrapFinder(BaseFinder):
    """Serves Bootstrap's style sheet as `bootstrap/css/…`; no other file of the package."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=str(get_bootstrap_dir()))
        self.storage.prefix = "bootstrap"  # type: ignore[attr-defined]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> str | list[str]:  # type: ignore[override]
        name = path.removeprefix("bootstrap/")
        if name == path or name not in FILES:
            return []
        found = str(Path(self.storage.location) / name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        return ((name, self.storage) for name in FILES)

    def check(self, **kwargs: Any) -> Any:
        return []
