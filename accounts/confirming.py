"""A page that says what a dangerous action will do before it is done, and what stands against it."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import NotRequired, TypedDict, Unpack

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.refusal import refusals as refusals_of
from ipsec.findings import Finding
from wording.message import message


class Question(TypedDict):
    """`facts`: what it will do; `action`: what the button says; `back`: where the other one leads;
    `area`: the entry of the navigation to be marked, where it is not the page's own."""

    title: str
    facts: Iterable[str]
    action: str
    back: str
    area: NotRequired[str]


def confirmed(
    request: HttpRequest,
    *,
    obstacles: Iterable[Finding] = (),
    change: Callable[[], object],
    done: str,
    then: str,
    **question: Unpack[Question],
) -> HttpResponse:
    """Ask, and change it when the answer is posted; `then` is the page that says `done`.

    `obstacles`: what the question already says against it.
    """
    if request.method != "POST":
        return confirm(request, refusals=map(message, obstacles), **question)
    if refused := refusals_of(change):
        return confirm(request, refusals=map(message, refused), **question)
    messages.success(request, done)
    return redirect(then)


def confirm(
    request: HttpRequest, *, refusals: Iterable[str] = (), **question: Unpack[Question]
) -> HttpResponse:
    """`refusals`: why it cannot be done now. 409 where the action itself was refused."""
    reasons = list(refusals)
    refused = bool(reasons) and request.method == "POST"
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return render(request, "shell/_confirm.html", {**question, "refusals": reasons}, status=status)
