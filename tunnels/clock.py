"""The one clock of negotiations. Tasks and services read it; everything below them is told the time."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()
