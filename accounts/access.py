"""The door that every view passes: signed in, member of the chosen account, with enough of a role."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.actor import Actor, origin_of
from accounts.models import Membership, Role, User
from accounts.throttles import Throttle, held_up, throttle_of

ACCOUNT_KEY = "account_uid"

form_page = require_http_methods(["GET", "HEAD", "POST"])
"""A page with a form that is posted to the page itself."""


class ConsoleRequest(HttpRequest):
    """A request that has passed `member`."""

    actor: Actor
    memberships: list[Membership]
    htmx: HtmxDetails
    user: User


P = ParamSpec("P")
View = Callable[Concatenate[ConsoleRequest, P], HttpResponse]
AnyView = Callable[..., HttpResponse]


def member(
    role: Role = Role.VIEWER, *, initial_password: bool = False, throttle: Throttle | None = None
) -> Callable[[View[P]], AnyView]:
    """Only for members of the account with at least `role`; puts `request.actor` in place.

    Who still has the password that an administrator handed out is first led to choose another; the view for
    that says `initial_password=True`. Writes are throttled by the user; a view that hands something out says
    its own `throttle`.
    """

    def decorate(view: View[P]) -> AnyView:
        @wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            membership = enter(request)
            if membership is None:
                return render(request, "accounts/no_account.html", status=403)
            if request.user.password_is_initial and not initial_password:
                return _whole_page(request, reverse("change-password"))
            if not Role(membership.role).covers(role):
                raise PermissionDenied
            return _too_often(request, throttle) or view(request, *args, **kwargs)

        guarded.needed_role = role  # type: ignore[attr-defined]
        return guarded

    return decorate


def _too_often(request: Any, throttle: Throttle | None) -> HttpResponse | None:
    kind = throttle_of(request, throttle)
    return held_up(request, kind, request.user.pk) if kind else None


def enter(request: Any) -> Membership | None:
    """Find the membership of the session's account (else the first one) and set `request.actor`."""
    memberships = _memberships_of(request.user)
    request.memberships = memberships
    wanted = request.session.get(ACCOUNT_KEY)
    chosen = next(
        (m for m in memberships if m.account.uid == wanted), memberships[0] if memberships else None
    )
    if chosen is not None:
        chosen.user = request.user
        request.actor = Actor(
            account=chosen.account,
            user=request.user,
            role=Role(chosen.role),
            **origin_of(request),
        )
    return chosen


def _memberships_of(user: User) -> list[Membership]:
    """Those that came with the user of the session; of who has signed in just now, those there are."""
    if user.known_memberships is not None:
        return user.known_memberships
    return list(Membership.objects.filter(user=user).select_related("account").order_by("pk"))


def to_sign_in(request: Any) -> HttpResponse:
    """Send a page to the sign-in form; an htmx request, whose session ran out, takes its whole page there."""
    back = page_to_return_to(request)
    if not request.htmx:
        return redirect_to_login(back)
    return HttpResponseClientRedirect(f"{reverse('signin')}?{urlencode({'next': back})}")


def page_to_return_to(request: Any) -> str:
    """The page that was open. A write cannot be repeated by its address, so it leads back to its form."""
    if request.htmx:
        return str(request.htmx.current_url_abs_path or "/")
    if request.method in ("GET", "HEAD"):
        return str(request.get_full_path())
    form = urlsplit(request.META.get("HTTP_REFERER", ""))
    if form.netloc != request.get_host():
        return "/"
    return str(urlunsplit(("", "", form.path, form.query, "")))


def _whole_page(request: Any, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
