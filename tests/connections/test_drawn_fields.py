"""Fields drawn in Python say what Django's own templates would, and let no text become markup."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from page_reader import Element, read

from connections.forms import ConnectionForm, TunnelForm
from connections.forms.fields import PlainPassword, PlainRadios, PlainSelect, PlainSwitch, PlainText
from connections.forms.notes import Note
from ipsec.findings import Severity
from wording import drawing

EVIL = """"><script>alert('x')</script>&amp;"""
ATTRS = {"id": "id_x", "class": "mono form-control", "aria-describedby": "help msg", "required": True}
CHOICES = [("a", "Alpha"), ("b", EVIL), (EVIL, "Gamma")]
PAIRS: dict[str, tuple[forms.Widget, forms.Widget]] = {
    "text": (PlainText(), forms.TextInput()),
    "password": (PlainPassword(), forms.PasswordInput(render_value=False)),
    "switch": (PlainSwitch(), forms.CheckboxInput()),
    "select": (PlainSelect(choices=CHOICES), forms.Select(choices=CHOICES)),
    "buttons": (PlainRadios(choices=CHOICES), forms.RadioSelect(choices=CHOICES)),
}


def tags(html: str) -> Iterator[tuple[str, dict[str, str], str]]:
    for one in read(html).walk():
        if one.tag:
            yield one.tag, one.attributes, "".join(one.text.split())


@pytest.mark.parametrize("value", [None, "", "a", "b", EVIL, True, False], ids=repr)
@pytest.mark.parametrize("kind", PAIRS)
def test_a_control_is_what_django_draws(kind: str, value: Any) -> None:
    plain, django = PAIRS[kind]
    assert [*tags(plain.render("x", value, ATTRS))] == [*tags(django.render("x", value, ATTRS))]


class Sample(forms.Form):
    name = forms.CharField(label=EVIL, widget=PlainText, help_text="a <b>bold</b> help")


def drawn(posted: str = EVIL) -> Element:
    form = Sample({"name": posted})
    vars(form)["notes"] = {"name": [Note(EVIL, Severity.WARNING)]}
    form.add_error("name", EVIL)
    return read(drawing.field(form["name"], unit=EVIL))


def test_no_text_becomes_markup() -> None:
    page = drawn()
    assert "script" not in {one.tag for one in page.walk()}
    assert page.text.count("<script>") == 4, "label, unit, error and note"
    assert "b" in {one.tag for one in page.walk()}, "help is ours and may hold markup"


def test_a_wrong_field_says_so_to_eyes_and_ears() -> None:
    control = next(one for one in drawn().walk() if one.tag == "input")
    assert control.attributes["aria-invalid"] == "true"
    assert control.attributes["aria-describedby"] == "help-id_name msg-id_name"


def test_every_field_of_the_creation_page_is_drawn_without_a_template(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """But for the rows of networks and what is hidden."""

    def refuse(*_args: Any, **_kwargs: Any) -> str:
        raise AssertionError("a template was asked for")

    monkeypatch.setattr(forms.renderers.TemplatesSetting, "render", refuse)
    connection = ConnectionForm(cens=[("cen-x", EVIL)], groups=[])
    for form in (connection, TunnelForm(index=1, gateways=[])):
        for bound in form:
            if bound.name not in ("local_networks", "remote_networks", "client_token"):
                assert drawing.field(bound)
