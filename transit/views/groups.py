"""Resource groups (资源组): a section of the list of CEN instances."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import ConsoleRequest, form_page, member
from accounts.confirming import confirmed
from accounts.models import Role
from accounts.refusal import Refused
from transit import obstacles, queries, services
from transit.forms import ResourceGroupForm
from transit.views.cens import list_page
from wording.forms import show_findings


@require_POST
@member(Role.OPERATOR)
def create(request: ConsoleRequest) -> HttpResponse:
    form = ResourceGroupForm(request.POST)
    if form.is_valid():
        try:
            group = services.create_resource_group(actor=request.actor, name=form.cleaned_data["name"])
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("Resource group %(name)s was created.") % {"name": group})
            return redirect("transit:list")
    return list_page(request, form)


@form_page
@member(Role.OPERATOR)
def delete(request: ConsoleRequest, group_id: str) -> HttpResponse:
    group = get_object_or_404(queries.resource_groups(request.actor.account), public_id=group_id)
    return confirmed(
        request,
        obstacles=obstacles.of_resource_group(group),
        change=lambda: services.delete_resource_group(actor=request.actor, resource_group=group),
        done=_("Resource group %(name)s was deleted.") % {"name": group},
        then="transit:list",
        title=_("Delete resource group %(name)s?") % {"name": group},
        facts=[_("Only the group is removed; nothing else is deleted.")],
        action=_("Delete"),
        back=reverse("transit:list"),
    )
