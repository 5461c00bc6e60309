"""Crispy layout objects of the console: a section, a folded section with its values readable."""

from typing import Any, Final

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from connections.forms.fields import ChosenField
from wording import drawing

NOT_DRAWN: Final = frozenset(("region", "client_token"))
"""What every new form of a connection starts with: the region's choice is drawn each time."""


_drawn: dict[tuple[str, type, str, str], SafeString] = {}


def drawn(form: Any, name: str) -> SafeString:
    """A field of the form. One that nobody has touched yet and whose choices are the same for everybody is
    drawn once for each language."""
    if is_touched(form) or isinstance(form.fields[name], ChosenField):
        return drawing.field(form[name])
    key = (get_language() or "", type(form), form.prefix or "", name)
    if key not in _drawn:
        _drawn[key] = drawing.field(form[name])
    return _drawn[key]


def is_touched(form: Any) -> bool:
    """Whether it may hold anything that a new form does not."""
    return bool(
        form.is_bound or form.notes or set(form.initial) - NOT_DRAWN or getattr(form, "psk_kept", False)
    )


def helper(*groups: "Group") -> FormHelper:
    """Of a form inside a form tag that the page writes itself."""
    made = FormHelper()
    made.form_tag = False
    made.disable_csrf = True
    made.form_show_errors = False
    made.layout = Layout(*groups)
    return made


class Group(LayoutObject):  # type: ignore[misc]
    """Fields under a title, drawn by `template`. `when` names the choice that shows them."""

    template = "connections/form/group.html"

    def __init__(
        self, *fields: "str | LayoutObject", name: str, title: "str | Promise" = "", when: str = ""
    ) -> None:
        self.fields = list(fields)
        self.name = name
        self.title = title
        self.when = when

    def dom_id(self, form: Any) -> str:
        return f"group-{form.prefix or 'connection'}-{self.name}"

    def render(
        self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        parts = [
            drawn(form, field) if isinstance(field, str) else field.render(form, context)
            for field in self.fields
        ]
        values = {
            "title": self.title,
            "when": self.when,
            "dom_id": self.dom_id(form),
            "fields": SafeString("".join(parts)),
        }
        return render_to_string(self.template, values | self.more(form))

    def more(self, form: Any) -> dict[str, Any]:
        """What the template of a subclass needs besides."""
        return {}


class Folded(Group):
    """A group that is closed unless something in it is wrong; its title line shows the values."""

    template = "connections/form/folded.html"

    @property
    def names(self) -> list[str]:
        return [field for field in self.fields if isinstance(field, str)]

    def more(self, form: Any) -> dict[str, Any]:
        unfolded = form.is_bound and any(name in form.errors for name in self.names)
        return {"values": self.values(form), "unfolded": unfolded}

    def values(self, form: Any) -> SafeString:
        """What is set, readable without unfolding; nothing of what is left to its default by being empty."""
        texts = [text for name in self.names if (text := form.readable(name))]
        return SafeString("".join(f"<span>{drawing.escaped(text)}</span>" for text in texts))


class TransitRouterFacts(LayoutObject):  # type: ignore[misc]
    """The read-only lines under the CEN: 转发路由器实例ID and 转发路由器地址段."""

    def render(
        self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        return render_to_string(
            "connections/form/_router.html",
            {"router": context.get("router"), "router_blocks": context.get("router_blocks")},
        )


class Suggestion(LayoutObject):  # type: ignore[misc]
    """The button that fills in a free /30."""

    def render(
        self, form: Any, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        return render_to_string("connections/form/_suggest.html", {"tunnel": form})
