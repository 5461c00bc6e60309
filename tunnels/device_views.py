"""Pages of the peer device: both ends side by side, its form, the classic faults."""

from functools import partial
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ConsoleRequest, form_page, member
from accounts.encryption import SecretUnreadable
from accounts.models import Role
from accounts.pulse import Pulse, answer, pulse
from accounts.refusal import Refused, refusals
from accounts.telling import tell
from tunnels.devices import services
from tunnels.devices.comparison import distinct_further, distinct_verdicts, families, forecasts, sections
from tunnels.devices.ends import Ends, ends_of, own_secrets
from tunnels.devices.faults import BY_ID, active_fault, obstacle, offers
from tunnels.devices.forms import DeviceForm, initial
from tunnels.models import Tunnel
from tunnels.views import Change, tunnel_of
from wording.forms import errors_of, show_findings, status_of

NOT_HERE: Final = gettext_lazy("There is no such value here any more: look at the page again.")


@require_safe
@member()
def page(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    tunnel = tunnel_of(request, tunnel_id)
    ends = ends_of(tunnel)
    own = own_secrets(ends.device)
    context = {
        "tunnel": tunnel,
        "run": tunnel.run,
        "pulse": _pulse(request, tunnel),
        "checked_at": timezone.now(),
        "device": ends.device,
        "forecasts": (expected := forecasts(ends)),
        "verdicts": distinct_verdicts(expected),
        "further": distinct_further(expected),
        "families": families(ends),
        "sections": sections(ends, own),
        "faults": offers(ends),
        "fault": active_fault(ends, own),
        "is_sound": ends.settings == ends.settings.mirroring() and not own,
        "may_operate": request.actor.may(Role.OPERATOR),
        "area": "connections",
    }
    return render(request, "tunnels/device/page.html", context)


@require_safe
@member()
def state(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """The page's pulse; with where the negotiation stands, where that is not what the page has seen."""
    tunnel = tunnel_of(request, tunnel_id)
    beat = _pulse(request, tunnel)
    return answer(
        request, beat, "tunnels/device/_state_apart.html", lambda: {"tunnel": tunnel, "run": tunnel.run}
    )


@form_page
@member(Role.OPERATOR)
def edit(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    tunnel = tunnel_of(request, tunnel_id)
    form = _form(request, ends_of(tunnel, with_secrets=False))
    if form.is_valid() and _save(request, tunnel, form):
        messages.success(request, _("The changes were saved."))
        return redirect("tunnels:device", tunnel.public_id)
    context = {"tunnel": tunnel, "form": form, "findings": errors_of(form), "area": "connections"}
    return render(request, "tunnels/device/edit.html", context, status=status_of(form))


def _form(request: ConsoleRequest, ends: Ends) -> DeviceForm:
    data = request.POST if request.method == "POST" else None
    return DeviceForm(data, initial=initial(ends.settings), mirror=ends.mirror, own=own_secrets(ends.device))


def _save(request: ConsoleRequest, tunnel: Tunnel, form: DeviceForm) -> bool:
    try:
        services.change_device(
            actor=request.actor, tunnel=tunnel, settings=form.settings(), secrets=form.secrets()
        )
    except Refused as refused:
        show_findings(form, refused.findings)
        return False
    return True


@require_POST
@member(Role.OPERATOR)
def mirror(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """Set one value of the device to the tunnel's: `value` names it."""
    tunnel = tunnel_of(request, tunnel_id)
    change = partial(services.mirror_value, attribute=request.POST.get("value", ""))
    return _done(request, tunnel, change, _("The device now has the tunnel's value."))


@require_POST
@member(Role.OPERATOR)
def take(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """Set one value of the tunnel to the device's: `value` names it."""
    tunnel = tunnel_of(request, tunnel_id)
    change = partial(services.take_over, attribute=request.POST.get("value", ""))
    return _done(request, tunnel, change, _("The tunnel now has the device's value."))


@require_POST
@member(Role.OPERATOR)
def fault(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """Break the device in one of the classic ways: `fault` is its id."""
    tunnel = tunnel_of(request, tunnel_id)
    wanted = BY_ID.get(request.POST.get("fault", ""))
    why_not = obstacle(wanted, ends_of(tunnel)) if wanted else NOT_HERE
    if wanted is None or why_not:
        messages.error(request, str(why_not))
        return redirect("tunnels:device", tunnel.public_id)
    change = partial(services.apply_fault, fault=wanted)
    return _done(request, tunnel, change, _("The device is broken as you asked."))


@require_POST
@member(Role.OPERATOR)
def repair(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    said = _("The device mirrors the generated configuration again.")
    return _done(request, tunnel_of(request, tunnel_id), services.repair, said)


def _done(request: ConsoleRequest, tunnel: Tunnel, change: Change, said: str) -> HttpResponse:
    """Change it and go back to the device, with what was done or why it was refused."""
    try:
        refused = refusals(lambda: change(actor=request.actor, tunnel=tunnel))
    except KeyError:
        messages.error(request, str(NOT_HERE))
    except SecretUnreadable:
        messages.error(request, _("None of the console's own keys opens it."))
    else:
        tell(request, refused, said)
    return redirect("tunnels:device", tunnel.public_id)


def _pulse(request: ConsoleRequest, tunnel: Tunnel) -> Pulse:
    path = reverse("tunnels:device-state", args=[tunnel.public_id])
    return pulse(request, path, seen=str(tunnel.run.version), moving=tunnel.run.in_motion)
