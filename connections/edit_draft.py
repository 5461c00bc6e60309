"""An edit page's state in one request: the stored values, and over them what was typed."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast
from uuid import uuid4

from django.forms import BoundField, CheckboxInput
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.access import ConsoleRequest
from accounts.audit_changes import MASK
from connections import kept_keys
from connections.draft import TOKEN, Draft
from connections.edit_values import INDEXES, Posted, Scope, as_posted, never_edited, seal, unseal
from connections.forms import ConnectionForm, EditedTunnelFormSet, TunnelForm
from connections.forms.tunnel import formset_counts, posted_name
from connections.models import IPsecConnection
from connections.offers import Choices, gateway_label
from connections.placing import all_errors, anchor
from connections.preview.future import Future, future
from connections.services.request import Found, look_up_edit
from connections.services.snapshot import BGP, Snapshot, differing, snapshot
from gateways.queries import choosable_gateways
from ipsec.algorithms import RoutingMode
from tunnels.models import Tunnel
from wording.forms import FormError


@dataclass(frozen=True, slots=True)
class Difference:
    """A field's values in words. `seen` is what the page showed, empty where that is not the point."""

    label: "str | Promise"
    now: str
    typed: str
    seen: str = ""


class EditDraft(Draft):
    """`posted` None shows what is stored. What was typed over a value that somebody else has changed since
    stays typed; what was left as it was shown follows the stored value."""

    formset = EditedTunnelFormSet

    def __init__(
        self,
        request: ConsoleRequest,
        connection: IPsecConnection,
        scope: Scope,
        posted: QueryDict | None = None,
    ) -> None:
        self.request, self.connection, self.scope = request, connection, scope
        self.rows: list[Tunnel] = list(connection.tunnels.all())
        self.now = snapshot(connection, self.rows)
        seen = self._seen(posted)
        self.unseen = seen is None
        self.base = dict.fromkeys(scope.columns) if seen is None else seen
        self.stale = differing(self.base, self.now)
        token = str(posted.get("client_token", "")) if posted is not None else ""
        self.token = token if TOKEN.fullmatch(token) else uuid4().hex
        self.kept = kept_keys.kept(request, self.token)
        data = self._data(posted)
        self.form = ConnectionForm(data, cens=[], groups=[])
        self.tunnels = self._tunnel_forms(data, self._gateways())

    def _seen(self, posted: QueryDict | None) -> Snapshot | None:
        """What the page showed; None where nobody knows: then nothing counts as seen."""
        if posted is None:
            return {name: self.now[name] for name in self.scope.columns}
        return unseal(self.connection, str(posted.get("seen", "")))

    @property
    def sealed(self) -> str:
        """Goes along with the page: what its editor has seen by now."""
        return seal(self.connection, {name: self.now[name] for name in self.scope.columns})

    @cached_property
    def stored(self) -> Posted:
        """What is stored, as it would be posted."""
        return as_posted(self.now, self.connection.kept_bgp, self.scope)

    @cached_property
    def shown(self) -> Posted:
        """What the page showed."""
        return as_posted(self.now | self.base, self.connection.kept_bgp, self.scope)

    def _data(self, posted: QueryDict | None) -> QueryDict:
        data = QueryDict(mutable=True)
        counts = {name: [text] for name, text in formset_counts().items()}
        for name, texts in (never_edited(self.connection, self.token) | counts | self.stored).items():
            data.setlist(name, texts)
        if posted is not None:
            self._type_over(data, posted)
        if self.scope.index:
            self._switch_with_the_tunnels(data)
        return data

    def _type_over(self, data: QueryDict, posted: QueryDict) -> None:
        seen = self.shown if self.stale and not self.unseen else {}
        for name in self.scope.names:
            typed = [str(text) for text in posted.getlist(name)]
            if typed != seen.get(name):
                data.setlist(name, typed)

    @staticmethod
    def _switch_with_the_tunnels(data: QueryDict) -> None:
        """On a tunnel's page the connection's switch follows from those of its tunnels."""
        on = any(data.getlist(posted_name(index, "bgp_on")) for index in INDEXES)
        data.setlist("bgp_enabled", ["on"] if on else [])

    def _gateways(self) -> Choices:
        """Only where they are to be chosen from."""
        if not self.scope.index:
            return []
        rows = choosable_gateways(self.connection.account, self.connection.region)
        return [(gateway.public_id, gateway_label(gateway)) for gateway in rows]

    @property
    def fields(self) -> list[BoundField]:
        """Those of the page."""
        names = set(self.scope.names)
        return [bound for bound in super().fields if bound.html_name in names]

    @property
    def tunnel(self) -> TunnelForm:
        """That of a tunnel's page."""
        return self.tunnels[self.scope.index - 1]

    @property
    def row(self) -> Tunnel:
        return self.rows[self.scope.index - 1]

    @cached_property
    def found(self) -> Found:
        """With what the tunnels are beyond what is configured."""
        spec = replace(
            self.wanted.spec,
            connection_id=self.connection.public_id,
            tunnels=tuple(
                replace(one, gateway_address=row.gateway_address, tunnel_id=row.public_id, zone=row.zone)
                for one, row in zip(self.wanted.spec.tunnels, self.rows, strict=True)
            ),
        )
        return look_up_edit(self.request.actor, self.connection, spec)

    @cached_property
    def future(self) -> Future:
        """What saving would do to the tunnels, and what would come of them."""
        return future(self.connection, self.rows, self.found)

    @property
    def problems(self) -> list[FormError]:
        """Every error; those of fields that are on another page lead nowhere."""
        here = {anchor(bound) for bound in self.fields}
        found = all_errors(self.form, self.tunnels)
        return [error if error.anchor in here else replace(error, anchor="") for error in found]

    # In words

    @property
    def differences(self) -> list[Difference]:
        """What saving would change."""
        found = [self._difference(bound) for bound in self.fields if self._is_kept(bound)]
        keys = [
            Difference(self._label(form["psk"]), MASK, _("another key"))
            for form in self.tunnels
            if self._new_key(form)
        ]
        return [*(one for one in found if one.now != one.typed), *keys]

    @property
    def meanwhile(self) -> list[Difference]:
        """What somebody else has changed since the page was shown."""
        found = [self._difference(bound) for bound in self.fields if bound.name != "psk"]
        keys = [
            Difference(self._label(form["psk"]), _("another key"), MASK if self._new_key(form) else "", MASK)
            for form in self.tunnels
            if f"tunnels.{form.index}.psk" in self.stale and not self.unseen
        ]
        return [*(one for one in found if one.now != (one.typed if self.unseen else one.seen)), *keys]

    def _is_kept(self, bound: BoundField) -> bool:
        """Not what is hidden, and so not read, whatever is typed there; keys are told apart."""
        spec, form = self.wanted.spec, bound.form
        if isinstance(form, TunnelForm):
            return bound.name != "psk" and (bound.name not in BGP or bool(spec.tunnels[form.index - 1].bgp))
        policy = spec.routing_mode is RoutingMode.POLICY
        read = {"local_asn": spec.bgp_enabled, "local_networks": policy, "remote_networks": policy}
        return read.get(bound.name, True)

    def _new_key(self, form: TunnelForm) -> bool:
        return bool(self.wanted.spec.tunnels[form.index - 1].ike.psk)

    def _difference(self, bound: BoundField) -> Difference:
        name, data = bound.html_name, cast(QueryDict, self.form.data)
        lists = (self.stored.get(name, []), data.getlist(name), self.shown.get(name, []))
        now, typed, seen = (_words(bound, texts) for texts in lists)
        return Difference(self._label(bound), now, typed, "" if self.unseen else seen)

    def _label(self, bound: BoundField) -> "str | Promise":
        form = bound.form
        return f"{form.title} · {bound.label}" if isinstance(form, TunnelForm) else bound.label


def _words(bound: BoundField, texts: list[str]) -> str:
    """A field's posted value as a reader knows it."""
    if isinstance(bound.field.widget, CheckboxInput):
        return _("On") if texts else _("Off")
    choices: dict[Any, Any] = dict(getattr(bound.field.widget, "choices", ()))
    shown = [str(choices.get(text, text)) for text in texts if text]
    return ", ".join(shown) or "–"
