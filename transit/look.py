"""How the states of CEN instances, transit routers and attachments look."""

from typing import Final

from django.db.models import TextChoices

from wording.look import Look, busy, good

_SETTLED: Final = frozenset({"Active", "Attached"})
"""The states in which a thing stays; it passes through all others."""


def look_of(status: TextChoices) -> Look:
    return (good if status.value in _SETTLED else busy)(status.label)
