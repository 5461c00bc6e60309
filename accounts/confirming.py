"""A page that says what a dangerous action will do before it is done, and what stands against it."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def confirm(
    request: HttpRequest,
    *,
    title: str,
    facts: Iterable[str],
    action: str,
    back: str,
    refusals: Iterable[str] = (),
    area: str = "",
) -> HttpResponse:
    """`facts`: what it will do; `action`: what the button says; `refusals`: why it cannot be done now;
    `area`: the entry of the navigation to be marked, where it is not the page's own.

    409 where the action itself was refused.
    """
    reasons = list(refusals)
    context: dict[str, Any] = {"title": title, "facts": facts, "action": action, "cancel_url": back}
    context |= {"refusals": reasons} | ({"area": area} if area else {})
    refused = bool(reasons) and request.method == "POST"
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return render(request, "shell/_confirm.html", context, status=status)
