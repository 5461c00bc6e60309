"""What is done from a connection's page: delete, unbind, bind."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirmed
from accounts.models import Role
from accounts.refusal import refusals
from connections import queries, services
from connections.forms import BindingForm
from connections.models import IPsecConnection
from connections.offers import offers_for
from ipsec.findings import Finding
from transit.queries import BindableCen, transit_routers_of
from wording.forms import errors_of, show_findings, status_of


@form_page
@member(Role.OPERATOR)
def delete(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    connection = queries.connection_for(request.actor.account, connection_id)
    return confirmed(
        request,
        obstacles=services.what_stands_against(connection),
        change=lambda: services.delete_connection(actor=request.actor, connection=connection),
        done=_("The IPsec connection %(name)s is deleted.") % {"name": connection},
        then=f"{reverse('connections:list')}?region={connection.region}",
        title=_("Delete IPsec connection %(name)s") % {"name": connection},
        facts=[
            _("Both tunnels, their pre-shared keys, states and events are deleted."),
            _("The destination routes of the connection are deleted with it."),
            _("The customer gateways stay; they can be deleted or used again afterwards."),
        ],
        action=_("Delete"),
        back=_url(connection),
    )


@form_page
@member(Role.OPERATOR)
def take_off(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """Unbind from the transit router."""
    connection = queries.connection_for(request.actor.account, connection_id)
    return confirmed(
        request,
        obstacles=services.what_keeps_bound(connection),
        change=lambda: services.unbind(actor=request.actor, connection=connection),
        done=_("The IPsec connection %(name)s is being unbound.") % {"name": connection},
        then=_url(connection),
        title=_("Unbind IPsec connection %(name)s") % {"name": connection},
        facts=[
            _("Both tunnels go down and their gateway IP addresses are given back."),
            _("Its routes leave the transit router's route tables."),
            _("The configuration stays: the connection can be bound again, with new gateway IP addresses."),
        ],
        action=_("Unbind"),
        back=_url(connection),
    )


@form_page
@member(Role.OPERATOR)
def put_on(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """Bind to the transit router of a CEN instance of the same account."""
    connection = queries.connection_for(request.actor.account, connection_id)
    offers = offers_for(request.actor.account, connection.region)
    form = BindingForm(request.POST or None, cens=offers.cen_choices)
    if form.is_valid():
        show_findings(form, _bound(request, connection, form, offers.cen(form.cleaned_data["cen"])))
        if not form.errors:
            messages.success(
                request, _("The IPsec connection %(name)s is being bound.") % {"name": connection}
            )
            return redirect(_url(connection))
    context = {"connection": connection, "form": form, "findings": errors_of(form), "area": "connections"}
    return render(request, "connections/bind.html", context, status=status_of(form))


def _bound(
    request: ConsoleRequest, connection: IPsecConnection, form: BindingForm, chosen: BindableCen | None
) -> Iterable[Finding]:
    if chosen is None:
        return [Finding("cen", "cen_required")]
    router = transit_routers_of(request.actor.account).filter(public_id=chosen.router_id).first()
    if router is None:
        return [Finding("cen", "transit_router_missing", params={"region": connection.region})]
    toggles = {name: form.cleaned_data[name] for name in ("auto_publish_route", "associate", "propagate")}
    return refusals(
        lambda: services.bind(actor=request.actor, connection=connection, transit_router=router, **toggles)
    )


def _url(connection: IPsecConnection) -> str:
    return reverse("connections:detail", args=[connection.public_id])
