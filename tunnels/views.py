"""The tunnel page, its live part, its actions, and the pre-shared key on demand."""

from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ConsoleRequest, member
from accounts.actor import Actor
from accounts.encryption import SecretUnreadable
from accounts.models import Role
from accounts.pulse import Pulse, answer, pulse
from accounts.refusal import Refused, refusals
from accounts.showing import briefly
from accounts.telling import tell
from accounts.throttles import Throttle
from tunnels import clock, queries, services, timeline
from tunnels.carrying import WITHOUT_IT, sharing
from tunnels.data_path import data_rung, last_test
from tunnels.forms import GatewayAddressForm, TestTrafficForm
from tunnels.ladder import ladder
from tunnels.models import Tunnel
from tunnels.operations import SPEED_NAMES
from tunnels.probing import usual_packet, ways_of
from tunnels.sa_facts import sas
from tunnels.verdicts import further_of
from wording.forms import show_findings

LATEST = 15


@require_safe
@member()
def detail(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    return page(request, tunnel_of(request, tunnel_id))


@require_safe
@member()
def live(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """The page's pulse; with ladder, state and latest events, where they are not what the page has seen, and
    with the buttons, where others are offered now."""
    tunnel = tunnel_of(request, tunnel_id)
    beat, offers = _pulse(request, tunnel), _offers(tunnel)
    more = {
        "may_operate": request.actor.may(Role.OPERATOR),
        "speeds": SPEED_NAMES.items(),
        "offers_anew": request.GET.get("offers") != offers,
    }
    return answer(request, beat, "tunnels/_live_apart.html", lambda: {**_live(tunnel), **more})


@require_safe
@member()
def key(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """The slot of the pre-shared key, covered again."""
    context = {"tunnel": tunnel_of(request, tunnel_id)}
    return render(request, "tunnels/_key_slot.html", context)


@never_cache
@require_POST
@member(Role.OPERATOR, throttle=Throttle.REVEAL)
def reveal(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """The pre-shared key, for half a minute: into its slot for htmx, else on a page of its own."""
    tunnel = tunnel_of(request, tunnel_id)
    try:
        revealed = services.reveal_psk(actor=request.actor, tunnel=tunnel)
    except SecretUnreadable:
        revealed = ""
    template = "tunnels/_key_shown.html" if request.htmx else "tunnels/key.html"
    shown = render(request, template, {"tunnel": tunnel, "psk": revealed, "area": "connections"})
    return briefly(request, shown, reverse("tunnels:detail", args=[tunnel.public_id]))


@require_POST
@member(Role.OPERATOR)
def reset(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    return done(request, tunnel_of(request, tunnel_id), services.reset, _("The tunnel was reset."))


@require_POST
@member(Role.OPERATOR)
def traffic(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    tunnel = tunnel_of(request, tunnel_id)
    return done(request, tunnel, services.send_traffic, _("Traffic was sent into the tunnel."))


@require_POST
@member(Role.OPERATOR)
def peer(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    """Whether the simulated device is set up: `configured` is 1 or 0."""
    tunnel = tunnel_of(request, tunnel_id)
    change = partial(services.set_peer_configured, configured=request.POST.get("configured") == "1")
    return done(request, tunnel, change, _("The simulated peer was changed."))


@require_POST
@member(Role.OPERATOR)
def gateway_address(request: ConsoleRequest, tunnel_id: str) -> HttpResponse:
    tunnel = tunnel_of(request, tunnel_id)
    form = GatewayAddressForm(request.POST)
    if form.is_valid():
        try:
            services.set_gateway_address(
                actor=request.actor, tunnel=tunnel, address=form.cleaned_data["gateway_address"]
            )
        except Refused as refused:
            show_findings(form, refused.findings)
        else:
            messages.success(request, _("The gateway IP address is set."))
            return redirect("tunnels:detail", tunnel.public_id)
    form.fields["gateway_address"].widget.attrs["autofocus"] = True
    return page(request, tunnel, status=HTTPStatus.UNPROCESSABLE_ENTITY, form=form)


def tunnel_of(request: ConsoleRequest, tunnel_id: str) -> Tunnel:
    return queries.tunnel_for(request.actor.account, tunnel_id)


class Change(Protocol):
    """A service; what else it takes is bound to it already."""

    def __call__(self, *, actor: Actor, tunnel: Tunnel) -> object: ...


def done(request: ConsoleRequest, tunnel: Tunnel, change: Change, said: str) -> HttpResponse:
    """Change it and go back to its page, with what was done or why it was refused."""
    tell(request, refusals(lambda: change(actor=request.actor, tunnel=tunnel)), said)
    return redirect("tunnels:detail", tunnel.public_id)


def page(
    request: ConsoleRequest,
    tunnel: Tunnel,
    *,
    status: int = 200,
    form: GatewayAddressForm | None = None,
    test_form: TestTrafficForm | None = None,
) -> HttpResponse:
    """The tunnel page, with a form that came back wrong in its place."""
    live_part = _live(tunnel)
    packet = usual_packet(tunnel, live_part["ways"])
    context = {
        **live_part,
        "pulse": _pulse(request, tunnel),
        "checked_at": timezone.now(),
        "form": form or GatewayAddressForm(),
        "test_form": test_form or TestTrafficForm(initial=asdict(packet)),
        "last_test": last_test(live_part["data"].traffic),
        "may_operate": request.actor.may(Role.OPERATOR),
        "speeds": SPEED_NAMES.items(),
        "area": "connections",
    }
    return render(request, "tunnels/detail.html", context, status=status)


def _pulse(request: ConsoleRequest, tunnel: Tunnel) -> Pulse:
    """Of the other tunnel too: whether this one carries all traffic hangs on it."""
    path = reverse("tunnels:live", args=[tunnel.public_id])
    offers = _offers(tunnel)
    seen = f"{offers}-{tunnel.run.version}-{queries.connection_version(tunnel.connection)}"
    moving = tunnel.run.in_motion or tunnel.in_transition or _clock(tunnel).speed > 1
    return pulse(request, path, seen=seen, moving=moving, offers=offers)


def _offers(tunnel: Tunnel) -> str:
    """What the page's buttons hang on."""
    run = tunnel.run
    switches = bool(tunnel.gateway_address), run.waiting_for_traffic, run.life is not None, run.out_of_service
    return "".join("ny"[switch] for switch in switches) + str(_clock(tunnel).speed)


def _clock(tunnel: Tunnel) -> clock.Clock:
    return clock.clock_of(getattr(tunnel.connection, "clock", None))


def _live(tunnel: Tunnel) -> dict[str, Any]:
    run, setting = tunnel.run, _clock(tunnel)
    ways = ways_of(tunnel)
    time = setting.time(clock.now())
    share = sharing(tunnel)
    return {
        **timeline.context(tunnel, time),
        "tunnel": tunnel,
        "run": run,
        "rungs": ladder(tunnel),
        "ways": ways,
        "data": data_rung(tunnel, ways),
        "sas": sas(run),
        "sharing": share,
        "without_it": WITHOUT_IT[share.role],
        "without_it_nothing": share.role == "warn",
        "speed": setting.speed,
        "time": time,
        "next_attempt": setting.time(run.due_at) if run.failures and run.due_at else None,
        "further": further_of(run),
        "page": queries.events_of(tunnel, size=LATEST),
    }
