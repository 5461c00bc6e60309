"""Sign-ins and sign-outs in the audit trail, of the account that the person sees first."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from accounts.actor import Actor, audit, origin_of
from accounts.models import User


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="audit sign-in")
    user_logged_out.connect(_signed_out, dispatch_uid="audit sign-out")


def _signed_in(request: HttpRequest | None, user: User, **_kwargs: Any) -> None:
    _record("session.sign-in", request, user)


def _signed_out(request: HttpRequest | None, user: User | None, **_kwargs: Any) -> None:
    if user is not None:
        _record("session.sign-out", request, user)


def _record(action: str, request: HttpRequest | None, user: User) -> None:
    membership = user.memberships.select_related("account").order_by("pk").first()
    if membership is None:
        return
    audit(Actor(membership.account, user, **origin_of(request)), action, user.username)
