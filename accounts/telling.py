"""What the next page says at its top of what was just tried."""

from collections.abc import Collection

from django.contrib import messages
from django.http import HttpRequest

from ipsec.findings import Finding
from wording.message import message


def tell(request: HttpRequest, refused: Collection[Finding], done: str) -> None:
    """That it is `done`, or why it was refused."""
    for finding in refused:
        messages.error(request, message(finding))
    if not refused:
        messages.success(request, done)
