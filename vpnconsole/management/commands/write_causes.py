"""`manage.py write_causes`: writes docs/causes.md, the catalogue of causes in both languages."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from ipsec.causes import CAUSES, Cause, CauseId, CauseSeverity
from tunnels.devices.faults import FAULTS, Fault
from tunnels.ladder import TITLES
from tunnels.verdicts import ATTRIBUTES
from wording import causes

LANGUAGES: Final = ("en", "zh-hans")
BLANK: Final = {"ours": "…", "theirs": "…"}


class Command(BaseCommand):
    help = "Writes docs/causes.md from the catalogue of causes, its texts and the classic faults."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        path().write_text(document(), encoding="utf-8")
        self.stdout.write(f"wrote {path()}")


def path() -> Path:
    return Path(settings.BASE_DIR) / "docs" / "causes.md"


def document() -> str:
    """The whole file: one chapter for each language."""
    chapters = []
    for language in LANGUAGES:
        with override(language):
            chapters.append("\n\n".join(_chapter()))
    return "\n\n".join(chapters) + "\n"


def _chapter() -> Iterator[str]:
    yield "# " + _("Causes")
    yield _("Every reason for which a tunnel is not up, or will not stay up.")
    yield _("This file is written by `manage.py write_causes`.")
    for cause in CAUSES.values():
        yield from _section(cause)
    yield "## " + _("Data path")
    yield _("The tunnel is up and data does not pass, or not all of it.")
    yield _("Rehearse it on the page of the peer device:")
    yield "\n".join(_rehearsal(fault) for fault in FAULTS if fault.cause is None)


def _section(cause: Cause) -> Iterator[str]:
    yield f"## {causes.title(cause.id)} (`{cause.id}`)"
    yield causes.meaning(cause.id)
    yield "\n".join(f"- {label}: {value}" for label, value in _facts(cause))
    yield causes.remedy(cause.id)
    if remedies := [*_remedies(cause.id)]:
        yield "\n".join(remedies)
    if faults := [_rehearsal(fault) for fault in FAULTS if fault.cause is cause.id]:
        yield _("Rehearse it on the page of the peer device:")
        yield "\n".join(faults)


def _facts(cause: Cause) -> Iterator[tuple[str, str]]:
    yield _("Severity"), _severity(cause.severity)
    yield _("Where it shows"), ", ".join(str(TITLES[phase]) for phase in cause.phases)
    yield _("On the wire"), ", ".join(f"`{name}`" for name in cause.notifies) or _("silence")
    if cause.code != cause.id:
        yield _("Code in the API"), f"`{cause.code}`"
    if cause.log_fragments:
        yield _("In logs"), ", ".join(f"`{words}`" for words in cause.log_fragments)


def _severity(severity: CauseSeverity) -> str:
    words = {
        CauseSeverity.CRITICAL: pgettext("severity", "Critical"),
        CauseSeverity.WARN: pgettext("severity", "Warning"),
        CauseSeverity.NORMAL: pgettext("severity", "Normal"),
    }
    return words[severity]


def _remedies(cause: CauseId) -> Iterator[str]:
    """The remedy for each value that may be the one, with room for the two readings."""
    for known, attribute in causes.REMEDIES:
        if known is cause:
            refusal = SimpleNamespace(cause=cause, attribute=attribute, **BLANK)
            yield f"- {ATTRIBUTES[attribute]} (`{attribute}`): {causes.remedy(refusal)}"


def _rehearsal(fault: Fault) -> str:
    return f"- {fault.title} (`{fault.id}`): {fault.does} {fault.remedy}"
