"""Pages of transit routers (转发路由器) and their CIDR blocks (转发路由器地址段)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirmed
from accounts.current import current_region
from accounts.models import Role
from accounts.refusal import Refused
from transit import obstacles, queries, services
from transit.forms import CidrForm, TransitRouterForm
from transit.models import TransitRouter
from transit.views.cens import cen_or_404, detail_page
from wording.forms import errors_of, show_findings, status_of


@form_page
@member(Role.OPERATOR)
def create(request: ConsoleRequest, cen_id: str) -> HttpResponse:
    cen = cen_or_404(request, cen_id)
    form = TransitRouterForm(request.POST or None, cen=cen, initial={"region": current_region(request).id})
    if form.is_valid():
        try:
            router = services.create_transit_router(actor=request.actor, cen=cen, **form.cleaned_data)
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("Transit router %(name)s was created.") % {"name": router})
            return redirect(page_url(router))
    context = {"cen": cen, "form": form, "findings": errors_of(form)}
    return render(request, "transit/create_router.html", context, status=status_of(form))


@form_page
@member(Role.OPERATOR)
def delete(request: ConsoleRequest, router_id: str) -> HttpResponse:
    router = _router(request, router_id)
    return confirmed(
        request,
        obstacles=obstacles.of_transit_router(router),
        change=lambda: services.delete_transit_router(actor=request.actor, transit_router=router),
        done=_("Transit router %(name)s was deleted.") % {"name": router},
        then=reverse("transit:detail", args=[router.cen.public_id]),
        title=_("Delete transit router %(name)s?") % {"name": router},
        facts=_facts(router),
        action=_("Delete"),
        back=page_url(router),
    )


def _facts(router: TransitRouter) -> list[str]:
    facts = [
        _("CEN instance %(cen)s has no transit router in %(region)s any more.")
        % {"cen": router.cen, "region": router.region_name},
        _("Its System route table goes with it."),
    ]
    blocks = ", ".join(block.cidr for block in router.cidrs.all())
    if blocks:
        facts.append(_("Its CIDR blocks go with it: %(blocks)s.") % {"blocks": blocks})
    return facts


@require_POST
@member(Role.OPERATOR)
def add_cidr(request: ConsoleRequest, router_id: str) -> HttpResponse:
    router = _router(request, router_id)
    form = CidrForm(request.POST)
    if form.is_valid():
        try:
            block = services.add_cidr(actor=request.actor, transit_router=router, **form.cleaned_data)
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("CIDR block %(cidr)s was added.") % {"cidr": block.cidr})
            return redirect(page_url(router))
    return detail_page(request, cen_or_404(request, router.cen.public_id), router, form)


@form_page
@member(Role.OPERATOR)
def remove_cidr(request: ConsoleRequest, cidr_id: str) -> HttpResponse:
    block = get_object_or_404(queries.cidrs_of(request.actor.account), public_id=cidr_id)
    return confirmed(
        request,
        obstacles=obstacles.of_cidr(block),
        change=lambda: services.remove_cidr(actor=request.actor, block=block),
        done=_("CIDR block %(cidr)s was deleted.") % {"cidr": block.cidr},
        then=page_url(block.transit_router),
        title=_("Delete CIDR block %(cidr)s?") % {"cidr": block.cidr},
        facts=[
            _("Transit router %(name)s hands out no gateway addresses from it any more.")
            % {"name": block.transit_router},
            _("Without any CIDR block, private connections cannot be bound to the transit router."),
        ],
        action=_("Delete"),
        back=page_url(block.transit_router),
    )


def page_url(router: TransitRouter) -> str:
    """The page of its CEN instance, with this transit router unfolded."""
    return f"{reverse('transit:detail', args=[router.cen.public_id])}?transit_router={router.public_id}"


def _router(request: ConsoleRequest, router_id: str) -> TransitRouter:
    return get_object_or_404(queries.transit_routers_of(request.actor.account), public_id=router_id)
