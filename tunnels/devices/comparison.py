"""The device's page: both ends value by value, what each difference comes to, and whether it will come up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipsec import negotiation
from ipsec.causes import CauseId
from ipsec.compare import Compared, Effect, compare
from ipsec.datapath import Stop
from ipsec.spec import ConnectionSpec
from ipsec.transcript import Side, Transcript
from tunnels.devices.ends import Ends
from tunnels.devices.following import ELSEWHERE, TAKES, check_taking, configured
from tunnels.devices.settings import SECRET_VALUES, sets
from tunnels.looks import EFFECTS
from tunnels.scenario import blocked_by
from tunnels.verdicts import ATTRIBUTES, Verdict
from wording import causes
from wording.look import Look, bad, good, quiet, warn
from wording.message import message

Text = str | Promise
COVERED: Final = "••••••••"

# Value by value


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value of the page's table. `why` says what the difference comes to, `stays` why the tunnel cannot
    take the device's value; both are empty where there is nothing to say."""

    attribute: str
    label: Text
    ours: Text
    theirs: Text
    look: Look
    differs: bool = False
    why: Text = ""
    may_mirror: bool = False
    may_take: bool = False
    stays: Text = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: Text
    rows: tuple[ValueRow, ...]


_TITLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "address": _("Addresses"),
        "ike": _("Encryption Configuration: IKE Configurations"),
        "networks": _("Networks"),
        "child": _("Encryption Configuration: IPsec Configurations"),
        "bgp": _("BGP Configuration"),
    }
)
_GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gateway_address": "address",
        "peer.address": "address",
        "local_networks": "networks",
        "remote_networks": "networks",
        "dpd": "child",
        "nat_traversal": "child",
    }
)
_WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {"true": _("On"), "false": _("Off"), "on": _("On"), "off": _("Off")}
)
_SWITCHES: Final = frozenset({"dpd", "nat_traversal", "bgp"})
_LABELS: Final[Mapping[str, Text]] = MappingProxyType({**ATTRIBUTES, "dpd": "DPD"})


def sections(ends: Ends, own: frozenset[str]) -> tuple[Section, ...]:
    """Every negotiated value, in the console's order. `own` are the keys that the device has of its own."""
    found: dict[str, list[ValueRow]] = {name: [] for name in _TITLES}
    now = configured(ends.tunnel)
    for compared in compare(ends.cloud, ends.peer, ends.path):
        group = _GROUPS.get(compared.attribute, compared.attribute.partition(".")[0])
        found[group].append(_row(compared, ends, own, now))
    return tuple(Section(_TITLES[name], tuple(rows)) for name, rows in found.items() if rows)


def _row(compared: Compared, ends: Ends, own: frozenset[str], now: ConnectionSpec) -> ValueRow:
    attribute = compared.attribute
    unknown = attribute in ends.unknown
    row = ValueRow(
        attribute,
        _LABELS[attribute],
        _shown(attribute, compared.ours, ends),
        _shown(attribute, compared.theirs, ends),
        EFFECTS[Effect.UNKNOWN if unknown else compared.effect],
    )
    if not compared.differs or unknown:
        return row
    stays = _why_not_taken(attribute, ends, now)
    return replace(
        row,
        differs=True,
        why=_why(compared),
        may_mirror=sets(ends.settings, attribute) or SECRET_VALUES.get(attribute) in own,
        may_take=not stays,
        stays=stays,
    )


def _shown(attribute: str, text: str, ends: Ends) -> Text:
    """Keys are covered; where the session has none at all, nothing is."""
    if attribute == "bgp.auth_key":
        return COVERED if attribute in ends.unknown or _has_key(ends) else ""
    if attribute in SECRET_VALUES:
        return COVERED
    return _WORDS[text] if attribute in _SWITCHES else text


def _has_key(ends: Ends) -> bool:
    return any(speaker is not None and speaker.auth_key for speaker in (ends.cloud.bgp, ends.peer.bgp))


def _why(compared: Compared) -> Text:
    if compared.effect is Effect.NARROWED:
        return gettext("Both ends agree on %(networks)s.") % {"networks": compared.agreed}
    if compared.refusal is None:
        return ""
    title = causes.title(compared.refusal.cause)
    return title if len(compared.begun_by) > 1 else f"{title} · {_ONE_SIDED[compared.begun_by[0]]}"


_ONE_SIDED: Final[Mapping[Side, Text]] = MappingProxyType(
    {Side.CLOUD: _("when the cloud begins"), Side.PEER: _("when the device begins")}
)


def _why_not_taken(attribute: str, ends: Ends, now: ConnectionSpec) -> Text:
    if attribute not in TAKES:
        return ELSEWHERE.get(attribute, "")
    found = check_taking(ends, attribute, now)
    return message(found[0]) if found else ""


# Whether it will come up


@dataclass(frozen=True, slots=True)
class Forecast:
    """What happens if one side begins. `note` says what keeps that side from beginning."""

    title: Text
    look: Look
    verdict: Verdict | None = None
    later: tuple[Verdict, ...] = ()
    further: tuple[Verdict, ...] = ()
    note: Text = ""


_BEGINS: Final[Mapping[Side, Text]] = MappingProxyType(
    {Side.CLOUD: _("If the cloud begins"), Side.PEER: _("If the device begins")}
)


def forecasts(ends: Ends) -> tuple[Forecast, ...]:
    """Of both directions: what comes up from one side may not from the other."""
    return tuple(_forecast(ends, side) for side in Side)


def families(ends: Ends) -> tuple[Text, ...]:
    """Which kind of device refuses this, where another kind would not."""
    found = [_family(ends, side) for side in Side]
    return tuple(dict.fromkeys(text for text in found if text))


def _family(ends: Ends, side: Side) -> Text:
    scenario = ends.begun_by(side)
    refusal = negotiation.verdict(scenario).refusal
    if refusal is None or refusal.cause not in _FAMILIES:
        return ""
    habit, family = _FAMILIES[refusal.cause]
    lenient: dict[str, Any] = {habit: False}
    other = negotiation.verdict(replace(scenario, peer=replace(scenario.peer, **lenient))).refusal
    return "" if other == refusal else family


_FAMILIES: Final[Mapping[str, tuple[str, Text]]] = MappingProxyType(
    {
        CauseId.TRAFFIC_SELECTOR: (
            "strict_selectors",
            _(
                "This is the family of policy-based devices, with crypto maps or proxy IDs: "
                "they take nothing but their exact mirror image. "
                "strongSwan and its like would narrow and come up."
            ),
        ),
        CauseId.LIFETIME: (
            "strict_lifetimes",
            _(
                "This is the family of devices that take a life cycle for an upper limit. "
                "strongSwan and its like keep to their own and come up."
            ),
        ),
    }
)


def distinct_verdicts(expected: tuple[Forecast, ...]) -> tuple[Verdict, ...]:
    """What stands against it from either side, each once."""
    found: dict[tuple[str, str], Verdict] = {}
    for verdict in (each for one in expected for each in (one.verdict, *one.later) if each):
        found.setdefault((verdict.cause, str(verdict.attribute)), verdict)
    return tuple(found.values())


def distinct_further(expected: tuple[Forecast, ...]) -> tuple[Verdict, ...]:
    """What would be hit next, once that is put right; each once."""
    named = {(each.cause, str(each.attribute)) for each in distinct_verdicts(expected)}
    found = {
        (each.cause, str(each.attribute)): each
        for one in expected
        for each in one.further
        if (each.cause, str(each.attribute)) not in named
    }
    return tuple(found.values())


def _forecast(ends: Ends, side: Side) -> Forecast:
    scenario = ends.begun_by(side)
    told = negotiation.verdict(scenario)
    blocked = told.child_established and blocked_by(scenario, ends.device) is not Stop.NONE
    return Forecast(
        _BEGINS[side],
        NO_DATA if blocked else expected(told),
        Verdict.of(told.refusal) if told.refusal else None,
        tuple(Verdict.to_come(refusal) for refusal in told.later),
        tuple(Verdict.to_come(refusal) for refusal in told.further),
        "".join(_notes(ends, side, told)),
    )


NO_DATA: Final = warn(_("Comes up, no data passes"))


def expected(told: Transcript) -> Look:
    if told.refusal is not None:
        if told.refusal.cause == CauseId.TUNNEL_NOT_BOUND:
            return quiet(_("Will not negotiate yet"))
        return warn(_("Comes up without BGP")) if told.child_established else bad(_("Will not come up"))
    if told.assumed:
        return Look("quiet", "question-mark-circle", _("Cannot tell"))
    return warn(_("Comes up, with a flaw")) if told.later else good(_("Will come up"))


def _notes(ends: Ends, side: Side, told: Transcript) -> Iterator[str]:
    if told.assumed and told.refusal is None:
        yield gettext("None of the console's own keys opens the secrets of this tunnel.")
    elif side is Side.CLOUD and not ends.tunnel.connection.effect_immediately:
        yield gettext("Effective Immediately is off: it begins with the first traffic.")
    elif side is Side.PEER and not ends.device.initiates:
        yield gettext("The device only responds as it is set now.")
