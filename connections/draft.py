"""The creation page's state in one request: its forms, new or bound, with what the account can choose."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final, Self, cast
from uuid import uuid4

from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import ConsoleRequest
from accounts.current import current_region
from connections import kept_keys
from connections.forms import ConnectionForm, TunnelForm, TunnelFormSet
from connections.forms.networks import MOST_ROWS
from connections.forms.notes import Note
from connections.forms.tunnel import formset_counts, posted_name
from connections.offers import Choices, Offers, offers_for
from connections.placing import put
from connections.preview import Panel, preview
from connections.reading import new_connection
from connections.services import NewConnection
from connections.services.drafts import Keys
from connections.services.request import NOT_YET, Found, look_up
from ipsec.findings import Finding, Severity
from ipsec.psk import PskStrength, first_bad_position, strength
from ipsec.rules import Code

GATEWAY_FIELDS: Final = tuple(posted_name(index, "customer_gateway") for index in (1, 2))
NOT_IN_DRAFTS: Final = ("client_token", "psk", "psk_clear")
LONGEST_TEXT: Final = 1000
STRENGTHS: Final = {
    PskStrength.WEAK: (
        Severity.WARNING,
        _("A weak key: type a longer one with more kinds of characters, or have one made."),
    ),
    PskStrength.FAIR: (Severity.ADVICE, _("A fair key: a longer one withstands guessing better.")),
    PskStrength.STRONG: (Severity.ADVICE, _("A strong key.")),
}
TOKEN: Final = re.compile(r"[0-9a-f]{32}")


class Draft:
    """`posted` None makes a new page. `fitting` drops choices that the region or resource group has not.

    `offering` is False where no choice is drawn, so none is read: what is chosen, the look-up judges.
    """

    formset = TunnelFormSet

    def __init__(
        self,
        request: ConsoleRequest,
        posted: QueryDict | None = None,
        *,
        fitting: bool = False,
        offering: bool = True,
    ) -> None:
        self.request = request
        data = bindable(posted) if posted is not None else None
        region = _text(data, "region") if data is not None else current_region(request).id
        self.offers = (
            offers_for(request.actor.account, region, _text(data, "resource_group"))
            if offering
            else Offers(region, [], [], [])
        )
        if data is not None and fitting:
            self.offers.drop_misfits(data, GATEWAY_FIELDS)
        self.token = str(data["client_token"]) if data is not None else uuid4().hex
        self.kept = kept_keys.kept(request, self.token)
        self.form = ConnectionForm(
            data,
            cens=self.offers.cen_choices,
            groups=self.offers.group_choices,
            initial={"region": region, "client_token": self.token},
        )
        self.tunnels = self._tunnel_forms(data, self.offers.gateway_choices)

    def _tunnel_forms(self, data: QueryDict | None, gateways: Choices) -> list[TunnelForm]:
        forms = self.formset(data, form_kwargs={"gateways": gateways}).forms
        for form, key in zip(forms, self.kept, strict=True):
            form.psk_kept = bool(key)
        return forms

    @property
    def fields(self) -> list[BoundField]:
        return [*self.form, *(bound for tunnel in self.tunnels for bound in tunnel)]

    @property
    def of_the_region(self) -> list[BoundField]:
        """The fields whose choices depend on the region, to be drawn anew on the page."""
        fields = [self.form["cen"], *(form["customer_gateway"] for form in self.tunnels)]
        return to_be_swapped(fields)

    @cached_property
    def wanted(self) -> NewConnection:
        return new_connection(self.form, self.tunnels, self.kept)

    @cached_property
    def found(self) -> Found:
        return look_up(self.request.actor, self.wanted)

    @property
    def panel(self) -> Panel:
        """What saving would bring about."""
        return preview(self.wanted, self.found)

    @property
    def is_clean(self) -> bool:
        """Whether no field has an error: before `check`, that each could be read."""
        return self.form.is_valid() and all(form.is_valid() for form in self.tunnels)

    def check(self, *, submitted: bool) -> bool:
        """Put every finding in its place; True where nothing stands against saving."""
        self.put(one for one in self.found.findings if submitted or one.code not in NOT_YET)
        self._judge_keys()
        return self.is_clean

    def advise(self) -> None:
        """What is said unasked: that algorithms are weak, and how strong the keys are. Nothing is refused."""
        self.put(one for one in self.found.findings if one.code == Code.WEAK_ALGORITHMS)
        self._judge_keys()

    def _judge_keys(self) -> None:
        for form, tunnel in zip(self.tunnels, self.wanted.spec.tunnels, strict=True):
            key = tunnel.ike.psk
            if key and first_bad_position(key) is None:
                severity, text = STRENGTHS[strength(key)]
                form.notes.setdefault("psk", []).append(Note(str(text), severity))

    def put(self, findings: Iterable[Finding]) -> None:
        put(findings, self.form, self.tunnels)

    def unjudged(self) -> Self:
        """The forms with what was typed, and not a word about it."""
        for form in (self.form, *self.tunnels):
            form.errors.clear()
        return self

    @property
    def values(self) -> dict[str, list[str]]:
        """What was typed, by the names of the fields, without keys; of absurdly long texts the beginning."""
        data = cast(QueryDict, self.form.data)
        names = [one.html_name for one in self.fields if one.name not in NOT_IN_DRAFTS]
        return {
            name: [str(text)[:LONGEST_TEXT] for text in data.getlist(name)[:MOST_ROWS]]
            for name in names
            if name in data
        }

    @property
    def keys(self) -> Keys:
        """The keys of both tunnels, typed or kept."""
        first, second = (tunnel.ike.psk or "" for tunnel in self.wanted.spec.tunnels)
        return first, second

    def keep_keys(self) -> None:
        """The page that comes next never holds a key, so what was typed is kept for the next submit."""
        kept_keys.keep(self.request, self.token, self.keys)
        for form, key in zip(self.tunnels, self.keys, strict=True):
            form.psk_kept = bool(key)


def to_be_swapped(fields: list[BoundField]) -> list[BoundField]:
    """Fields that htmx puts in the place of those on the page."""
    for bound in fields:
        # Whole: options that htmx moves one by one are chosen one by one, and the last would win.
        bound.field.widget.attrs["hx-swap-oob"] = "outerHTML"
    return fields


def _text(data: QueryDict | None, name: str) -> str:
    """Without what no database compares text with."""
    return str(data.get(name, "")).replace("\0", "") if data is not None else ""


def bindable(posted: QueryDict) -> QueryDict:
    """What was posted, with a token that is one, and two tunnels whatever it says."""
    data = posted.copy()
    for name, value in formset_counts().items():
        data[name] = value
    token = _text(data, "client_token")
    data["client_token"] = token if TOKEN.fullmatch(token) else uuid4().hex
    return data
