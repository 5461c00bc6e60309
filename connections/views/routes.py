"""The tab Routes: the connection's own two tables, and how they are tied to the transit router's."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirmed
from accounts.models import Role
from accounts.refusal import Refused, refusals
from accounts.telling import tell
from connections import queries, services
from connections.forms import RouteForm, TiesForm
from connections.models import IPsecConnection
from connections.views.pages import connection_context
from transit.services import ties_of
from wording.forms import errors_of, show_findings


@require_safe
@member()
def routes(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    return _page(request, connection_id, RouteForm())


@require_POST
@member(Role.OPERATOR)
def add(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    connection = queries.connection_for(request.actor.account, connection_id)
    form = RouteForm(request.POST)
    if form.is_valid():
        destination = form.cleaned_data["destination"]
        try:
            services.add_route(actor=request.actor, connection=connection, destination=destination)
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("The route to %(network)s is added.") % {"network": destination})
            return redirect(_url(connection))
    form.fields["destination"].widget.attrs["autofocus"] = True
    return _page(request, connection_id, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@form_page
@member(Role.OPERATOR)
def delete(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    """The route is named by its destination, which is one of a connection's only once."""
    connection = queries.connection_for(request.actor.account, connection_id)
    destination = request.GET.get("destination", "").replace("\0", "")
    route = connection.destination_routes.filter(destination=destination).first()
    if route is None:  # gone already
        return redirect(_url(connection))
    kept = services.what_keeps_route(route)
    return confirmed(
        request,
        obstacles=kept.findings if kept else (),
        change=lambda: services.delete_route(
            actor=request.actor, connection=connection, destination=destination
        ),
        done=_("The route to %(network)s is deleted.") % {"network": destination},
        then=_url(connection),
        title=_("Delete the route to %(network)s?") % {"network": destination},
        facts=[
            _("The transit router no longer sends traffic for this network into the tunnels."),
            _("The tunnels stay up and are not negotiated anew."),
        ],
        action=_("Delete"),
        back=_url(connection),
    )


@require_POST
@member(Role.OPERATOR)
def tie(request: ConsoleRequest, connection_id: str) -> HttpResponse:
    connection = queries.connection_for(request.actor.account, connection_id)
    form = TiesForm(request.POST)
    form.is_valid()  # three switches: nothing else can be posted
    refused = refusals(lambda: services.tie(actor=request.actor, connection=connection, **form.cleaned_data))
    tell(request, refused, _("The ties to the transit router's route tables are saved."))
    return redirect(_url(connection))


def _url(connection: IPsecConnection) -> str:
    return reverse("connections:routes", args=[connection.public_id])


def _page(request: ConsoleRequest, connection_id: str, form: RouteForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = connection_context(request, connection_id) | {"tab": "routes"}
    connection, attachment = context["connection"], context["attachment"]
    own = attachment is not None and attachment.transit_router.cen.account_id == connection.account_id
    context |= {
        "elsewhere": attachment is not None and not own,
        "form": form,
        "findings": errors_of(form),
        "routes": connection.destination_routes.all(),
        "learnt": queries.learnt_routes(context["tunnels"]),
        "tables": queries.tables_published_to(connection) if own else [],
        "ties": TiesForm(initial=ties_of(attachment)) if own else None,
    }
    return render(request, "connections/routes.html", context, status=status)
