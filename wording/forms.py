"""What forms share: fields of one kind, findings at them, and the errors as the list that stands above."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.forms import BaseForm, DateTimeField, DateTimeInput

from ipsec.findings import Finding
from wording.message import message

CODE: Final = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}
"""Of an input for what is no prose: addresses, ids, keys."""
TEXT: Final = {"class": "form-control", "autocomplete": "off"}
ADDRESS: Final = {"class": "form-control mono", "autocomplete": "off", "spellcheck": "false"}
SELECT: Final = {"class": "form-select"}
SEPARATORS: Final = re.compile(r"[\s,;，；、]+")
"""Between things that are pasted into one input."""


class TimeField(DateTimeField):
    """A time in the visitor's zone that there is in UTC, too: the days of the calendar come to an end."""

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        try:
            if found is not None:
                found.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        return found


def time_field(label: Any) -> TimeField:
    """For a filter: none given lets every time through."""
    widget = DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return TimeField(label=label, required=False, widget=widget)


def show_findings(form: BaseForm, findings: Iterable[Finding]) -> None:
    """Put each finding at its field; one about a position in a list stands at the list, any other on top."""
    for finding in findings:
        field = finding.field.partition(".")[0]
        form.add_error(field if field in form.fields else None, message(finding))


@dataclass(frozen=True, slots=True)
class FormError:
    """One line of `shell/_findings.html`; `anchor` is empty for what concerns the whole form."""

    message: str
    label: str = ""
    anchor: str = ""


def errors_of(form: BaseForm) -> list[FormError]:
    """Everything wrong with a form, in the order of its fields."""
    whole = [FormError(str(error)) for error in form.non_field_errors()]
    return whole + [
        FormError(str(error), str(bound.label), bound.id_for_label)
        for bound in form
        for error in bound.errors
    ]


def status_of(form: BaseForm) -> HTTPStatus:
    """Of the page that shows the form: 422 once something in it was refused."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
