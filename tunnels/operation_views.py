"""Rekey, take out of service, run the clock, send test packets: what operators do on the tunnel page."""

from functools import partial
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import ConsoleRequest, member
from accounts.models import Role
from accounts.refusal import Refused
from tunnels import operations
from tunnels.data_path import STOPS
from tunnels.forms import TestTrafficForm
from tunnels.probing import send_test_traffic
from tunnels.views import done, page, tunnel_of
from wording.forms import show_findings

NONE: Final = ""


@require_POST
@member(Role.OPERATOR)
def rekey(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """`what` is `ike` or `child`."""
    change = partial(operations.rekey_now, what=request.POST.get("what", NONE))
    return done(request, tunnel_of(request, tunnel_id), change, _("The rekey has begun."))


@require_POST
@member(Role.OPERATOR)
def service(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """`state` is `in` or `out`."""
    tunnel = tunnel_of(request, tunnel_id)
    if request.POST.get("state") == "in":
        return done(request, tunnel, operations.put_into_service, _("The tunnel is back in service."))
    return done(request, tunnel, operations.take_out_of_service, _("The tunnel was taken out of service."))


@require_POST
@member(Role.OPERATOR)
def clock(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """`speed` is one of `tunnels.operations.SPEED_NAMES`."""
    typed = request.POST.get("speed", NONE)
    speed = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
    change = partial(operations.set_clock_speed, speed=speed)
    return done(request, tunnel_of(request, tunnel_id), change, _("The clock of the connection was set."))


@require_POST
@member(Role.OPERATOR)
def test(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """Send test packets; the page shows where they came to."""
    tunnel = tunnel_of(request, tunnel_id)
    form = TestTrafficForm(request.POST)
    if form.is_valid():
        try:
            found = send_test_traffic(actor=request.actor, tunnel=tunnel, **form.cleaned_data)
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            if found.stop:
                messages.warning(request, str(STOPS[found.stop].title))
            else:
                messages.success(request, _("The test packets came back."))
            return redirect("tunnels:detail", tunnel.public_id)
    return page(request, tunnel, status=HTTPStatus.UNPROCESSABLE_ENTITY, test_form=form)
