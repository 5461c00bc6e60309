"""Marking texts that somebody else translates."""


def gettext_noop(text: str) -> str:
    """The text itself. Extraction of messages knows this name; Django's own would be an import upward."""
    return text
