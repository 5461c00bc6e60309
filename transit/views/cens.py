"""Pages of CEN instances (云企业网实例)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirmed
from accounts.models import Role
from accounts.paging import page_of
from accounts.refusal import Refused
from transit import obstacles, queries, services
from transit.forms import CenForm, CidrForm, ResourceGroupForm
from transit.models import Cen, TransitRouter
from wording.forms import errors_of, show_findings, status_of


@require_safe
@member()
def index(request: ConsoleRequest) -> HttpResponse:
    return list_page(request, ResourceGroupForm())


def list_page(request: ConsoleRequest, group_form: ResourceGroupForm) -> HttpResponse:
    """The list, also after a resource group was refused."""
    groups = list(queries.resource_groups(request.actor.account))
    wanted = request.GET.get("resource_group", "")
    chosen = next((group for group in groups if group.public_id == wanted), None)
    cens = queries.cens_of(request.actor.account, chosen)
    context = {
        "page": page_of(cens, after=request.GET.get("after", ""), before=request.GET.get("before", "")),
        "groups": groups,
        "chosen_group": chosen,
        "group_form": group_form,
        "may_write": request.actor.may(Role.OPERATOR),
    }
    return render(request, "transit/list.html", context, status=status_of(group_form))


@form_page
@member(Role.OPERATOR)
def create(request: ConsoleRequest) -> HttpResponse:
    form = CenForm(request.POST or None, groups=queries.resource_groups(request.actor.account))
    if form.is_valid():
        try:
            cen = services.create_cen(actor=request.actor, **form.cleaned_data)
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("CEN instance %(name)s was created.") % {"name": cen})
            return redirect("transit:detail", cen.public_id)
    context = {"form": form, "findings": errors_of(form)}
    return render(request, "transit/create.html", context, status=status_of(form))


@require_safe
@member()
def detail(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    cen = cen_or_404(request, cen_id)
    routers = list(cen.transit_routers.all())
    wanted = request.GET.get("transit_router", "")
    chosen = next((router for router in routers if router.public_id == wanted), None)
    return detail_page(request, cen, chosen or next(iter(routers), None), CidrForm())


def detail_page(
    request: ConsoleRequest, cen: Cen, router: TransitRouter | None, cidr_form: CidrForm
) -> HttpResponse:
    """A CEN instance with one of its transit routers unfolded, also after a CIDR block was refused."""
    context: dict[str, Any] = {
        "cen": cen,
        "routers": cen.transit_routers.all(),
        "router": router,
        "cidr_form": cidr_form,
        "findings": errors_of(cidr_form),
        "grants": queries.grants_to(cen),
        "may_write": request.actor.may(Role.OPERATOR),
    }
    if router is not None:
        table = queries.system_table(router)
        context |= {
            "table": table,
            "routes": queries.routes_of_table(table),
            "attachments": queries.attachments_of(router),
        }
    return render(request, "transit/detail.html", context, status=status_of(cidr_form))


@form_page
@member(Role.OPERATOR)
def delete(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    cen = cen_or_404(request, cen_id)
    return confirmed(
        request,
        obstacles=obstacles.of_cen(cen),
        change=lambda: services.delete_cen(actor=request.actor, cen=cen),
        done=_("CEN instance %(name)s was deleted.") % {"name": cen},
        then="transit:list",
        title=_("Delete CEN instance %(name)s?") % {"name": cen},
        facts=[_("The CEN instance %(id)s is removed for good.") % {"id": cen.public_id}],
        action=_("Delete"),
        back=reverse("transit:detail", args=[cen.public_id]),
    )


def cen_or_404(request: ConsoleRequest, cen_id: str) -> Cen:
    return get_object_or_404(queries.cens_of(request.actor.account), public_id=cen_id)
