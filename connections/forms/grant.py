"""跨账号授权: whom, and who pays."""

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.forms.fields import PlainText
from connections.models import CrossAccountGrant
from wording.forms import CODE


class GrantForm(forms.Form):
    use_required_attribute = False

    cen_owner_uid = forms.RegexField(
        r"^[1-9]\d{15}$",
        label=_("UID of the other account"),
        help_text=_("16 digits; its administrator reads it in the account menu."),
        widget=PlainText(attrs={**CODE, "inputmode": "numeric"}),
        error_messages={
            "invalid": _("An account's UID has 16 digits: type it as it stands in its account menu."),
            "required": _("Type the 16 digits of the other account's UID."),
        },
    )
    cen_id = forms.CharField(
        label=_("CEN instance ID of the other account"),
        max_length=40,
        widget=PlainText(attrs={**CODE, "placeholder": "cen-"}),
        error_messages={"required": _("Type the ID of the CEN instance, which begins with cen-.")},
    )
    order_type = forms.ChoiceField(
        label=_("Who pays"),
        choices=CrossAccountGrant.OrderType.choices,
        initial=CrossAccountGrant.OrderType.PAY_BY_CEN_OWNER,
        help_text=_("The fees of the transit router connection and of the data it forwards."),
        widget=forms.RadioSelect,
    )
