"""The creation page's forms on the edit pages: the same fields, and a switch of BGP for each tunnel."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from connections.forms.layout import Group, Suggestion, helper
from connections.forms.tunnel import PSK_SYMBOLS, Numbered, TunnelForm

BGP_FIELDS = ("bgp_on", "tunnel_cidr", "local_bgp_ip")


class EditedTunnelForm(TunnelForm):
    """A blank key keeps the present one; `psk_kept` tells of a new one that was typed or made before."""

    bgp_on = forms.BooleanField(
        label=_("BGP on this tunnel"),
        required=False,
        help_text=_("Each tunnel can run BGP alone. It needs a customer gateway with an AS number."),
    )
    field_order = [*(name for name in TunnelForm.base_fields if name not in BGP_FIELDS), *BGP_FIELDS]
    bgp = helper(
        Group(
            "bgp_on",
            Group("tunnel_cidr", Suggestion(), "local_bgp_ip", name="bgp-values", when="bgp"),
            title=_("BGP Configuration"),
            name="bgp",
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["psk"].help_text = format_lazy(
            _(
                "1 to 100 characters: digits, letters and {symbols}, no spaces. "
                "Left blank, the present key stays. The device needs the same key."
            ),
            symbols=PSK_SYMBOLS,
        )


EditedTunnelFormSet = forms.formset_factory(
    EditedTunnelForm, formset=Numbered, extra=0, min_num=2, max_num=2, absolute_max=2
)
