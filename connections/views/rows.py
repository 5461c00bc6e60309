"""The list's rows as they are drawn. Their outlines are templates, each drawn once and then filled in for all
rows: a template for every row costs more than all else on the page together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.regions import name_of
from connections.listing import ListRow, ListRun, ListTunnel
from connections.looks import BINDING, HEALTH
from connections.models import NETWORK_TYPES, ROUTING_MODES
from tunnels import looks
from tunnels.verdicts import title_of
from wording.drawing import filled
from wording.states import state
from wording.times import moment


@dataclass(frozen=True, slots=True)
class Outlines:
    """With a language's words and all addresses in them; by whether a row has a transit router, a tunnel a
    reason why it is not up."""

    row: Mapping[bool, str]
    tunnel: Mapping[bool, str]
    gateway: str


@dataclass(frozen=True, slots=True)
class Words:
    """What rows say in a language."""

    language: str
    healths: Mapping[int, SafeString]
    bindings: Mapping[str, SafeString]
    types: Mapping[str, str]
    modes: Mapping[str, str]
    switches: Mapping[bool, str]
    tunnels: Mapping[int, str]


def drawn(rows: Iterable[ListRow], *, everywhere: bool, may_write: bool) -> SafeString:
    """`everywhere`: of all regions, so that each row says its own."""
    language = get_language() or ""
    words, outlines = _words(language), _outlines(everywhere, may_write, language, get_script_prefix())
    return SafeString("\n".join([_row(row, words, outlines) for row in rows]))


@lru_cache(maxsize=8)
def _words(language: str) -> Words:
    return Words(
        language,
        healths={level: state(look) for level, look in HEALTH.items()},
        bindings={binding: state(look) for binding, look in BINDING.items()},
        types={key: str(label) for key, label in NETWORK_TYPES},
        modes={key: str(label) for key, label in ROUTING_MODES},
        switches={True: _("On"), False: _("Off")},
        tunnels={1: _("Tunnel 1"), 2: _("Tunnel 2")},
    )


@lru_cache(maxsize=32)
def _outlines(everywhere: bool, may_write: bool, _language: str, _prefix: str) -> Outlines:
    def outline(name: str, **marks: bool) -> str:
        return render_to_string(f"connections/{name}.html", marks).strip()

    marks, either = {"everywhere": everywhere, "may_write": may_write}, (True, False)
    return Outlines(
        row={router: outline("_row", router=router, **marks) for router in either},
        tunnel={why: outline("_row_tunnel", why=why) for why in either},
        gateway=outline("_row_gateway"),
    )


def _row(row: ListRow, words: Words, outlines: Outlines) -> SafeString:
    return filled(
        outlines.row[row.router is not None],
        id=row.public_id,
        name=row.name or "–",
        region=name_of(row.region),
        health=words.healths[row.level],
        tunnels=SafeString("".join([_tunnel(tunnel, words, outlines) for tunnel in row.tunnels])),
        gateways=SafeString("".join([_gateway(tunnel, outlines) for tunnel in row.tunnels])),
        binding=words.bindings[row.state],
        router=row.router,
        mode=words.modes[row.routing_mode],
        type=words.types[row.network_type],
        bgp=words.switches[row.bgp_enabled],
        created=moment(row.created_at),
    )


def _tunnel(tunnel: ListTunnel, words: Words, outlines: Outlines) -> SafeString:
    shown, why = _standing(tunnel.run, words.language)
    title = words.tunnels[tunnel.number]
    return filled(outlines.tunnel[bool(why)], id=tunnel.public_id, title=title, state=shown, why=why)


def _gateway(tunnel: ListTunnel, outlines: Outlines) -> SafeString:
    name = tunnel.gateway_name or tunnel.gateway_address
    return filled(outlines.gateway, gateway=name, address=tunnel.gateway_address)


@lru_cache(maxsize=1024)
def _standing(run: ListRun, _language: str) -> tuple[SafeString, str]:
    """A tunnel's state, and why it is not up: few of either, however many tunnels there are."""
    return state(looks.look(run), looks.detail(run)), str(title_of(run.cause))
