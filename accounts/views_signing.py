"""Signing in and out, the first-run page, one's own password, and the account that one looks at."""

from typing import Any

from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.messages import success
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import setup_code
from accounts.access import ACCOUNT_KEY, ConsoleRequest, form_page, member
from accounts.actor import origin_of
from accounts.forms import ChangePasswordForm, SetupForm, SignInForm, refuse_in
from accounts.models import Membership
from accounts.queries import nobody_yet
from accounts.refusal import Refused
from accounts.services import change_password as write_password
from accounts.services import create_first_account
from accounts.throttles import Throttle, held_up
from wording.forms import status_of

MEMBER_BACKEND = "accounts.backends.MemberBackend"

_sign_in = LoginView.as_view(
    template_name="accounts/sign_in.html", authentication_form=SignInForm, redirect_authenticated_user=True
)
sign_out = LogoutView.as_view()


def sign_in(request: HttpRequest) -> Any:
    """Failures are counted by django-axes, which answers with its own page when there are too many for a name
    and an address; who tries many names from one address is throttled."""
    return redirect("setup") if nobody_yet() else _too_often(request) or _sign_in(request)


def _too_often(request: HttpRequest) -> HttpResponse | None:
    if request.method != "POST":
        return None
    return held_up(request, Throttle.SIGN_IN, request.META.get("REMOTE_ADDR", ""))


@never_cache
@sensitive_post_parameters()
@form_page
def setup(request: HttpRequest) -> HttpResponse:
    """The first account and administrator, from the browser: while there is no user at all, never again."""
    if not nobody_yet():
        return redirect("signin")
    if held := _too_often(request):
        return held
    kept = setup_code.write()
    form = SetupForm(request.POST or None)
    if form.is_valid():
        try:
            membership = _create_first_account(request, form)
        except Refused as refused:
            refuse_in(form, refused)
        else:
            return _welcome(request, membership)
    context = {"form": form, "code_is_kept": kept}
    return render(request, "accounts/setup.html", context, status=status_of(form))


def _create_first_account(request: HttpRequest, form: SetupForm) -> Membership:
    return create_first_account(
        account_name=form.cleaned_data["account_name"],
        username=form.cleaned_data["username"],
        password=form.cleaned_data["password1"],
        **origin_of(request),
    )


def _welcome(request: HttpRequest, membership: Membership) -> HttpResponse:
    setup_code.remove()
    login(request, membership.user, backend=MEMBER_BACKEND)
    success(request, _("The account %(name)s is yours.") % {"name": membership.account.name})
    return redirect("home")


@never_cache
@sensitive_post_parameters()
@form_page
@member(initial_password=True)
def change_password(request: ConsoleRequest) -> HttpResponse:
    user = request.user
    form = ChangePasswordForm(user, request.POST or None)
    was_initial = user.password_is_initial
    if form.is_valid():
        write_password(request.actor, user=user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        success(request, _("Your password is changed. Your other sessions have ended."))
        return redirect("home")
    context = {"form": form, "was_initial": was_initial}
    return render(request, "accounts/change_password.html", context, status=status_of(form))


@require_POST
@member(initial_password=True)
def switch_account(request: ConsoleRequest) -> HttpResponse:
    """Look at another of one's own accounts."""
    uid = request.POST.get("uid", "")
    if uid not in {membership.account.uid for membership in request.memberships}:
        raise Http404
    request.session[ACCOUNT_KEY] = uid
    return redirect("home")
