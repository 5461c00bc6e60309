"""Pre-shared keys typed into a form that was refused: kept for the next try, encrypted, never in a page."""

from typing import Final

from accounts.access import ConsoleRequest
from accounts.encryption import SecretUnreadable, decrypt, encrypt
from connections.services.drafts import NONE, Keys

SESSION_KEY: Final = "kept_psks"
FORMS_KEPT: Final = 5
LONGEST: Final = 1000
"""Characters. What is longer is refused anyway, and too much for a session."""


def keep(request: ConsoleRequest, token: str, keys: Keys) -> None:
    """Remember the keys under the form's token; the oldest form's keys go when there are too many."""
    forms = dict(request.session.get(SESSION_KEY, {}))
    forms.pop(token, None)
    if any(keys):
        forms[token] = [encrypt(key) if 0 < len(key) <= LONGEST else "" for key in keys]
    request.session[SESSION_KEY] = dict(list(forms.items())[-FORMS_KEPT:])


def kept(request: ConsoleRequest, token: str) -> Keys:
    """None where they cannot be opened any more: they are typed again then."""
    sealed = request.session.get(SESSION_KEY, {}).get(token, NONE)
    try:
        first, second = (decrypt(key) if key else "" for key in sealed)
    except SecretUnreadable:
        return NONE
    return first, second


def forget(request: ConsoleRequest, token: str) -> None:
    if token in request.session.get(SESSION_KEY, {}):
        keep(request, token, NONE)
