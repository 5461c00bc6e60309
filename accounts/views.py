"""Members of the account: for its administrators only."""

from django.contrib.messages import success
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import queries, services
from accounts.access import ConsoleRequest, form_page, member
from accounts.answers import messages
from accounts.confirming import confirm
from accounts.forms import NewMemberForm, RoleForm, refuse_in
from accounts.models import Membership, Role
from accounts.refusal import Refused
from wording.forms import status_of


@require_safe
@member(Role.ADMIN)
def members(request: ConsoleRequest) -> HttpResponse:
    return render(request, "accounts/members.html", {"members": queries.members(request.actor.account)})


@never_cache
@form_page
@member(Role.ADMIN)
def add_member(request: ConsoleRequest) -> HttpResponse:
    form = NewMemberForm(request.POST or None)
    if form.is_valid():
        try:
            membership, password = services.create_member(
                request.actor, username=form.cleaned_data["username"], role=form.chosen_role()
            )
        except Refused as refused:
            refuse_in(form, refused)
        else:
            return _hand_over(request, membership, password)
    return render(request, "accounts/add_member.html", {"form": form}, status=status_of(form))


@form_page
@member(Role.ADMIN)
def change_role(request: ConsoleRequest, member_id: str) -> HttpResponse:
    membership = queries.member_or_404(request.actor.account, member_id)
    form = RoleForm(request.POST) if request.method == "POST" else RoleForm.of(membership)
    if form.is_bound and form.is_valid():
        try:
            services.change_role(request.actor, membership=membership, role=form.chosen_role())
        except Refused as refused:
            refuse_in(form, refused)
        else:
            success(request, _("The role of %(name)s is changed.") % {"name": membership.user.username})
            return _to_members(request, membership)
    context = {"form": form, "membership": membership}
    return render(request, "accounts/change_role.html", context, status=status_of(form))


@never_cache
@form_page
@member(Role.ADMIN)
def reset_password(request: ConsoleRequest, member_id: str) -> HttpResponse:
    membership = queries.member_or_404(request.actor.account, member_id)
    refusals: list[str] = []
    try:
        if request.method == "POST":
            password = services.reset_password(request.actor, membership=membership)
            return _hand_over(request, membership, password)
        services.refuse_reset(request.actor, membership)
    except Refused as refused:
        refusals = messages(refused)
    name = {"name": membership.user.username}
    return confirm(
        request,
        title=_("New password for %(name)s") % name,
        facts=[
            _("%(name)s gets a random password, which you see once and hand over.") % name,
            _("All sessions of %(name)s end.") % name,
            _("At the next sign-in %(name)s has to choose a password of their own.") % name,
        ],
        refusals=refusals,
        action=_("Set a new password"),
        back=reverse("accounts:members"),
    )


@form_page
@member(Role.ADMIN)
def remove_member(request: ConsoleRequest, member_id: str) -> HttpResponse:
    membership = queries.member_or_404(request.actor.account, member_id)
    name = {"name": membership.user.username}
    refusals: list[str] = []
    try:
        if request.method == "POST":
            services.remove_member(request.actor, membership=membership)
            success(request, _("%(name)s is no longer a member.") % name)
            return _to_members(request, membership)
        services.refuse_last_administrator(membership)
    except Refused as refused:
        refusals = messages(refused)
    return confirm(
        request,
        title=_("Remove %(name)s") % name,
        facts=[
            _("%(name)s can no longer open this account; running sessions end.") % name,
            _("What %(name)s has made stays, and the audit trail keeps the name.") % name,
        ],
        refusals=refusals,
        action=_("Remove"),
        back=reverse("accounts:members"),
    )


def _hand_over(request: ConsoleRequest, membership: Membership, password: str) -> HttpResponse:
    """The only time that the password is seen: in the answer itself, never in the session."""
    return render(request, "accounts/hand_over.html", {"membership": membership, "password": password})


def _to_members(request: ConsoleRequest, changed: Membership) -> HttpResponse:
    """Who has just taken their own rights away cannot see the members any more."""
    is_own = changed.user_id == request.user.pk
    return redirect("home" if is_own else "accounts:members")
