"""What is done from a connection's page: delete, unbind, bind."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirm
from accounts.models import Role
from accounts.refusal import refusals
from connections import queries, services
from connections.forms import BindingForm
from connections.models import IPsecConnection
from connections.offers import offers_for
from ipsec.findings import Finding
from transit.models import TransitRouter
from transit.queries import transit_routers_of
from wording.forms import errors_of, show_findings, status_of
from wording.message import message


@form_page
@member(Role.OPERATOR)
def delete(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    connection = queries.connection_for(request.actor.account, connection_id)
    refused: Iterable[Finding] = services.what_stands_against(connection)
    if request.method == "POST":
        refused = refusals(lambda: services.delete_connection(actor=request.actor, connection=connection))
        if not refused:
            said = _("The IPsec connection %(name)s is deleted.") % {"name": connection}
            messages.success(request, said)
            return redirect(f"{reverse('connections:list')}?region={connection.region}")
    facts = [
        _("Both tunnels, their pre-shared keys, states and events are deleted."),
        _("The destination routes of the connection are deleted with it."),
        _("The customer gateways stay; they can be deleted or used again afterwards."),
    ]
    title = _("Delete IPsec connection %(name)s") % {"name": connection}
    return _confirm(request, connection, refused, title=title, facts=facts, action=_("Delete"))


@form_page
@member(Role.OPERATOR)
def take_off(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """Unbind from the transit router."""
    connection = queries.connection_for(request.actor.account, connection_id)
    refused: Iterable[Finding] = ()
    if request.method == "POST":
        refused = refusals(lambda: services.unbind(actor=request.actor, connection=connection))
        if not refused:
            said = _("The IPsec connection %(name)s is being unbound.") % {"name": connection}
            return _done(request, connection, said)
    facts = [
        _("Both tunnels go down and their gateway IP addresses are given back."),
        _("Its routes leave the transit router's route tables."),
        _("The configuration stays: the connection can be bound again, with new gateway IP addresses."),
    ]
    title = _("Unbind IPsec connection %(name)s") % {"name": connection}
    return _confirm(request, connection, refused, title=title, facts=facts, action=_("Unbind"))


@form_page
@member(Role.OPERATOR)
def put_on(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """Bind to the transit router of a CEN instance of the same account."""
    connection = queries.connection_for(request.actor.account, connection_id)
    offers = offers_for(request.actor.account, connection.region)
    form = BindingForm(request.POST or None, cens=offers.cen_choices)
    if form.is_valid():
        chosen = offers.cen(form.cleaned_data["cen"])
        router_id = chosen.router_id if chosen else ""
        router = transit_routers_of(request.actor.account).filter(public_id=router_id).first()
        show_findings(form, _bound(request, connection, form, router))
        if not form.errors:
            said = _("The IPsec connection %(name)s is being bound.") % {"name": connection}
            return _done(request, connection, said)
    context = {"connection": connection, "form": form, "findings": errors_of(form), "area": "connections"}
    return render(request, "connections/bind.html", context, status=status_of(form))


def _bound(
    request: ConsoleRequest, connection: IPsecConnection, form: BindingForm, router: TransitRouter | None
) -> Iterable[Finding]:
    if router is None:
        return [Finding("cen", "cen_required")]
    toggles = {name: form.cleaned_data[name] for name in ("auto_publish_route", "associate", "propagate")}
    return refusals(
        lambda: services.bind(actor=request.actor, connection=connection, transit_router=router, **toggles)
    )


def _done(request: ConsoleRequest, connection: IPsecConnection, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("connections:detail", connection.public_id)


def _confirm(
    request: ConsoleRequest, connection: IPsecConnection, refused: Iterable[Finding], **words: Any
) -> HttpResponse:
    back = reverse("connections:detail", args=[connection.public_id])
    return confirm(request, back=back, refusals=map(message, refused), **words)
