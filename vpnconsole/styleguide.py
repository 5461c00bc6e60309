"""Every component of the pages, in both themes side by side. There where DEBUG or STYLEGUIDE=1 is set."""

from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.regions import REGIONS
from wording.forms import FormError
from wording.look import bad, busy, good, quiet, warn

COLOURS: Final = (
    "page",
    "surface",
    "surface-2",
    "line",
    "line-strong",
    "ink",
    "ink-2",
    "accent",
    "accent-soft",
    "good",
    "busy",
    "warn",
    "bad",
    "quiet",
)
THEMES: Final = ("light", "dark")


class Sample(forms.Form):
    """One field of each kind, the last of them refused."""

    use_required_attribute = False

    text = forms.CharField(label=_("Name"), help_text=_("At most 100 characters."), required=False)
    choice = forms.ChoiceField(label=_("Region"), choices=[("a", "cn-hangzhou"), ("b", "eu-central-1")])
    buttons = forms.ChoiceField(
        label=_("Gateway Type"),
        choices=[("public", _("Public")), ("private", _("Private"))],
        initial="public",
        widget=forms.RadioSelect,
    )
    switch = forms.BooleanField(label="DPD", required=False, initial=True)
    address = forms.GenericIPAddressField(label=_("IP address"), protocol="ipv4")


def samples() -> list[tuple[str, Sample]]:
    """(theme, a form whose ids are its own)."""
    posted = {"text": "dc-edge-1", "choice": "a", "buttons": "public", "switch": "on", "address": "203.0.113"}
    return [
        (
            theme,
            Sample(
                {f"{theme}-{name}": value for name, value in posted.items()},
                prefix=theme,
                auto_id=f"{theme}-%s",
            ),
        )
        for theme in THEMES
    ]


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    context = {
        "samples": samples(),
        "looks": [
            good(_("Up")),
            busy(_("Negotiating")),
            warn(_("Attaching")),
            bad(_("Failed")),
            quiet(_("Off")),
        ],
        "colours": COLOURS,
        "regions": REGIONS[:3],
        "key": "A-Sample-Key-123",
        "findings": [FormError(str(_("Type whole seconds, such as 86400.")), "DPD", "light-switch")],
    }
    return render(request, "shell/styleguide.html", context)
