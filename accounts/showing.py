"""What is secret stays on a screen for half a minute: long enough to copy it, too short to be forgotten.

Three hands see to it. htmx asks for the covered form when the time is over; without htmx the page that shows
it goes back by itself; and where neither gets an answer, the style sheet hides it (`.expires`).
"""

from typing import Final

from django.http import HttpRequest, HttpResponse

STORED_NOWHERE: Final = "no-store, private"
SHOWN_FOR: Final = 30
"""Seconds. The templates and console.css say it, too; a test holds them together."""


def briefly(request: HttpRequest, response: HttpResponse, back: str) -> HttpResponse:
    """`response` holds a secret: it is stored nowhere, and as a whole page it leads to `back` in time."""
    response["Cache-Control"] = STORED_NOWHERE
    if not getattr(request, "htmx", False):
        response["Refresh"] = f"{SHOWN_FOR}; url={back}"
    return response
