"""跨账号授权: the owner's tab with its authorisations, and what the other account does with one."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirmed
from accounts.models import Role
from accounts.refusal import Refused, refusals
from connections import queries
from connections.forms import GrantForm, TiesForm
from connections.models import CrossAccountGrant, IPsecConnection
from connections.services import grants
from connections.views.pages import connection_context
from ipsec.findings import Finding
from wording.forms import errors_of, show_findings
from wording.message import message

# The owner's side


@require_safe
@member()
def of_connection(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """The tab of the connection's page."""
    return _page(request, connection_id, GrantForm())


@require_POST
@member(Role.OPERATOR)
def add(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    connection = queries.connection_for(request.actor.account, connection_id)
    form = GrantForm(request.POST)
    if form.is_valid():
        try:
            made = grants.grant(actor=request.actor, connection=connection, **form.cleaned_data)
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            said = _("CEN instance %(cen)s may bind this connection.") % {"cen": made.cen.public_id}
            messages.success(request, said)
            return redirect("connections:grants", connection_id)
    return _page(request, connection_id, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(request: ConsoleRequest, connection_id: str, form: GrantForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = connection_context(request, connection_id) | {"tab": "grants"}
    connection, attachment = context["connection"], context["attachment"]
    bound_to = attachment.transit_router.cen_id if attachment else None
    context |= {
        "form": form,
        "findings": errors_of(form),
        "grants": [(one, one.cen_id == bound_to) for one in _granted_by(connection)],
        "may_grant": context["may_write"] and connection.state == IPsecConnection.State.INIT,
    }
    return render(request, "connections/grants.html", context, status=status)


def _granted_by(connection: IPsecConnection) -> "QuerySet[CrossAccountGrant]":
    return connection.grants.select_related("cen__account")


@form_page
@member(Role.OPERATOR)
def revoke(request: ConsoleRequest, grant_id: str) -> HttpResponse:
    rows = CrossAccountGrant.objects.select_related("cen", "connection__account")
    grant = get_object_or_404(rows, public_id=grant_id, connection__account=request.actor.account)
    back = reverse("connections:grants", args=[grant.connection.public_id])
    return confirmed(
        request,
        obstacles=grants.what_keeps_grant(grant),
        change=lambda: grants.revoke(actor=request.actor, grant=grant),
        done=_("The authorisation is revoked."),
        then=back,
        title=_("Revoke the authorisation of CEN instance %(cen)s?") % {"cen": grant.cen.public_id},
        facts=[_("The other account can no longer bind this connection.")],
        action=_("Revoke"),
        back=back,
    )


# The other account's side


def _granted_to(request: ConsoleRequest, granted_id: str) -> CrossAccountGrant:
    rows = CrossAccountGrant.objects.select_related("cen__account", "connection__account")
    return get_object_or_404(rows, public_id=granted_id, cen__account=request.actor.account)


@form_page
@member(Role.OPERATOR)
def bind(request: ConsoleRequest, granted_id: str) -> HttpResponse:
    """Bind another account's connection to the transit router of the authorised CEN instance."""
    grant = _granted_to(request, granted_id)
    form = TiesForm(request.POST if request.method == "POST" else None)
    refused: tuple[Finding, ...] = ()
    if request.method == "POST":
        form.is_valid()  # three switches: nothing else can be posted
        refused = refusals(lambda: grants.bind_granted(actor=request.actor, grant=grant, **form.cleaned_data))
        if not refused:
            bound = {"id": grant.connection.public_id}
            messages.success(request, _("IPsec connection %(id)s is being bound.") % bound)
            return redirect(_cen_url(grant))
    said = [message(finding) for finding in refused]
    context = {"grant": grant, "form": form, "refusals": said, "area": "transit"}
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return render(request, "connections/bind_granted.html", context, status=status)


@form_page
@member(Role.OPERATOR)
def unbind(request: ConsoleRequest, granted_id: str) -> HttpResponse:
    grant = _granted_to(request, granted_id)
    said = {"id": grant.connection.public_id}
    return confirmed(
        request,
        obstacles=grants.what_keeps_granted_bound(grant, grant.connection),
        change=lambda: grants.unbind_granted(actor=request.actor, grant=grant),
        done=_("IPsec connection %(id)s is being unbound.") % said,
        then=_cen_url(grant),
        title=_("Unbind IPsec connection %(id)s?") % said,
        facts=[
            _("Both tunnels go down and their gateway IP addresses are given back."),
            _("Its routes leave the transit router's route tables."),
            _("The authorisation stays: it can be bound again until its owner revokes it."),
        ],
        action=_("Unbind"),
        back=_cen_url(grant),
        area="transit",
    )


def _cen_url(grant: CrossAccountGrant) -> str:
    return reverse("transit:detail", args=[grant.cen.public_id])
