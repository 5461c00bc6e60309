"""From the field of a spec to the field of a form: where each finding is shown."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.forms import BoundField

from connections.forms import ConnectionForm, TunnelForm
from connections.forms.notes import Note
from ipsec.findings import Finding, Severity
from ipsec.rules import Code
from wording.forms import FormError
from wording.message import message

Form = ConnectionForm | TunnelForm
Home = tuple[Form | None, str]
"""The form and the name of its field; (None, "") for what concerns the whole."""

TUNNEL_FIELDS: Final = {
    "peer": "customer_gateway",
    "ike.psk": "psk",
    "ike.version": "ike_version",
    "ike.mode": "ike_mode",
    "ike.encryption": "ike_encryption",
    "ike.integrity": "ike_integrity",
    "ike.dh_group": "ike_dh_group",
    "ike.lifetime": "ike_lifetime",
    "ike.local_id": "local_id",
    "ike.remote_id": "remote_id",
    "child.encryption": "child_encryption",
    "child.integrity": "child_integrity",
    "child.pfs": "child_pfs",
    "child.lifetime": "child_lifetime",
    "bgp.tunnel_cidr": "tunnel_cidr",
    "bgp.local_ip": "local_bgp_ip",
}
BOTH_TUNNELS: Final = "tunnels"
"""Where notes stand that are said of both tunnels at once: below them."""
CONNECTION_FIELDS: Final = {"transit_router": "cen"}
"""Choosing the CEN instance chooses its transit router."""


def put(findings: Iterable[Finding], form: ConnectionForm, tunnels: Sequence[TunnelForm]) -> None:
    """Put findings where they belong: errors as errors, the rest as notes.
    Weak algorithms are said once, below the tunnels: that line has a remedy for both.

    A field that could not be read has its own error; the rules have seen its default only.
    """
    unread = {(id(one), name) for one in (form, *tunnels) for name in one.errors}
    for finding in findings:
        if finding.code == Code.WEAK_ALGORITHMS:
            form.weak.setdefault(message(finding), []).append(int(finding.field.split(".")[1]))
            continue
        home, name = _home(finding.field, form, tunnels)
        if finding.severity is not Severity.ERROR:
            note = Note(message(finding), finding.severity)
            (home or form).notes.setdefault(name or BOTH_TUNNELS, []).append(note)
        elif (id(home), name) not in unread:
            _add_once(home or form, name, message(finding))


def _home(path: str, form: ConnectionForm, tunnels: Sequence[TunnelForm]) -> Home:
    parts = path.split(".")
    if parts[0] == "tunnels" and len(parts) > 2:
        return tunnels[int(parts[1]) - 1], TUNNEL_FIELDS[".".join(parts[2:])]
    name = CONNECTION_FIELDS.get(parts[0], parts[0])
    return (form, name) if name in form.fields else (None, "")


def _add_once(form: Form, name: str, text: str) -> None:
    if text not in form.errors.get(name or "__all__", []):
        form.add_error(name or None, text)


def all_errors(form: ConnectionForm, tunnels: Sequence[TunnelForm]) -> list[FormError]:
    """Every error of the forms, in their order, for the list at the top of a refused page."""
    if not form.is_bound:
        return []
    whole = [FormError(str(text)) for text in form.non_field_errors()]
    return [*whole, *_errors(form), *(error for tunnel in tunnels for error in _errors(tunnel))]


def _errors(form: Form) -> Iterator[FormError]:
    of = f"{form.title} · " if isinstance(form, TunnelForm) else ""
    for bound in form:
        for text in bound.errors:
            yield FormError(str(text), f"{of}{bound.label}", anchor(bound))


def anchor(bound: BoundField) -> str:
    """The id of what can be typed into; of a group of radio buttons, the first."""
    return bound.id_for_label or bound.subwidgets[0].id_for_label
