"""What keeps the counts short. Safe to do twice, late, or not at all: they are right at any moment."""

from celery import shared_task

from connections.fleet import tallies


@shared_task(name="connections.fold_tallies")
def fold_tallies() -> int:
    """How many rows of tallies went into others."""
    return tallies.fold()
