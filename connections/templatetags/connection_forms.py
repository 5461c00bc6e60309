"""Parts of the creation page that are drawn once for all who read its language, and its layouts."""

from functools import lru_cache

from crispy_forms.helper import FormHelper
from django import template
from django.forms import BaseForm
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from connections.forms.device_terms import DEVICES, ROWS

register = template.Library()


@register.simple_tag(takes_context=True)
def layout(context: Context, form: BaseForm, helper: FormHelper) -> SafeString:
    """What `crispy` draws, without the form tag that it would draw around."""
    drawn: SafeString = helper.render_layout(form, context)
    return drawn


@register.simple_tag
def device_terms() -> SafeString:
    return _device_terms(get_language() or "")


@lru_cache(maxsize=4)
def _device_terms(_language: str) -> SafeString:
    return render_to_string("connections/form/_terms.html", {"devices": DEVICES, "rows": ROWS})
