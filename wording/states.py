"""A state as it is drawn everywhere: by one template, and once for each state, however many rows show it."""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from wording.look import Look


def state(look: Look, detail: object = "") -> SafeString:
    return _drawn(look.role, look.icon, str(look.word), str(detail))


@lru_cache(maxsize=1024)
def _drawn(role: str, icon: str, word: str, detail: str) -> SafeString:
    """The words are those of a language already."""
    look = Look(role, icon, word)
    return SafeString(render_to_string("shell/_state.html", {"look": look, "detail": detail}).strip())
