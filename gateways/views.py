"""Pages of customer gateways (用户网关)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirmed
from accounts.current import current_region
from accounts.models import Role
from accounts.paging import page_of
from accounts.refusal import Refused
from gateways import queries, services
from gateways.forms import CreateForm, EditForm
from gateways.models import CustomerGateway
from wording.forms import errors_of, show_findings, status_of


@require_safe
@member()
def index(request: ConsoleRequest) -> HttpResponse:
    region = current_region(request)
    search = request.GET.get("q", "").strip()[:100]
    rows = queries.matching(queries.gateways_of(request.actor.account, region.id), search)
    page = page_of(rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    uses = queries.uses_of(page.rows)
    context = {
        "page": page,
        "rows": [(gateway, uses.get(gateway.pk, [])) for gateway in page.rows],
        "search": search,
        "may_write": request.actor.may(Role.OPERATOR),
    }
    return render(request, "gateways/list.html", context)


@require_safe
@member()
def detail(request: ConsoleRequest, gateway_id: str) -> HttpResponse:
    gateway = _gateway(request, gateway_id)
    context = {
        "gateway": gateway,
        "uses": queries.uses_of([gateway]).get(gateway.pk, []),
        "may_write": request.actor.may(Role.OPERATOR),
    }
    return render(request, "gateways/detail.html", context)


@form_page
@member(Role.OPERATOR)
def create(request: ConsoleRequest) -> HttpResponse:
    form = CreateForm(request.POST or None, initial={"region": current_region(request).id})
    if form.is_valid():
        try:
            gateway = services.create_customer_gateway(actor=request.actor, **form.cleaned_data)
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("Customer gateway %(name)s was created.") % {"name": gateway})
            return redirect("gateways:detail", gateway.public_id)
    context = {"form": form, "findings": errors_of(form)}
    return render(request, "gateways/create.html", context, status=status_of(form))


@form_page
@member(Role.OPERATOR)
def edit(request: ConsoleRequest, gateway_id: str) -> HttpResponse:
    gateway = _gateway(request, gateway_id)
    initial = {"name": gateway.name, "description": gateway.description}
    form = EditForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.modify_customer_gateway(
                actor=request.actor,
                gateway=gateway,
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
                auth_key=form.new_auth_key(),
            )
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("The changes were saved."))
            return redirect("gateways:detail", gateway.public_id)
    context = {"form": form, "gateway": gateway, "findings": errors_of(form)}
    return render(request, "gateways/edit.html", context, status=status_of(form))


@form_page
@member(Role.OPERATOR)
def delete(request: ConsoleRequest, gateway_id: str) -> HttpResponse:
    gateway = _gateway(request, gateway_id)
    return confirmed(
        request,
        obstacles=services.obstacles(gateway),
        change=lambda: services.delete_customer_gateway(actor=request.actor, gateway=gateway),
        done=_("Customer gateway %(name)s was deleted.") % {"name": gateway},
        then="gateways:list",
        title=_("Delete customer gateway %(name)s?") % {"name": gateway},
        facts=[
            _("The registration of %(address)s in %(region)s is removed; the device itself is not touched.")
            % {"address": gateway.address, "region": gateway.region_name},
            _("The address can be registered again, with another AS number if need be."),
        ],
        action=_("Delete"),
        back=reverse("gateways:detail", args=[gateway.public_id]),
    )


def _gateway(request: ConsoleRequest, gateway_id: str) -> CustomerGateway:
    return get_object_or_404(queries.all_gateways(request.actor.account), public_id=gateway_id)
