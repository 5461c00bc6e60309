"""What the list's template draws, ready to be drawn: words and addresses are looked up once for all rows."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.regions import name_of
from connections.fleet.models import Level
from connections.listing import ListRow, ListTunnel
from connections.looks import BINDING, HEALTH
from connections.models import NETWORK_TYPES, ROUTING_MODES
from tunnels import looks
from tunnels.verdicts import title_of
from wording.states import state

PLACE: Final = "-id-"
CONNECTION_PAGES: Final = ("detail", "peer-configuration", "edit", "delete")


def drawn(rows: Iterable[ListRow]) -> list[Mapping[str, Any]]:
    """Mappings, which templates look into more quickly than into anything else."""
    words = {key: str(label) for key, label in (*NETWORK_TYPES, *ROUTING_MODES)}
    pages = {name: reverse(f"connections:{name}", args=[PLACE]) for name in CONNECTION_PAGES}
    tunnel_page, titles = reverse("tunnels:detail", args=[PLACE]), {1: _("Tunnel 1"), 2: _("Tunnel 2")}
    return [
        {
            "id": row.public_id,
            "name": row.name or "–",
            "url": pages["detail"].replace(PLACE, row.public_id),
            "peer_url": pages["peer-configuration"].replace(PLACE, row.public_id),
            "edit_url": pages["edit"].replace(PLACE, row.public_id),
            "delete_url": pages["delete"].replace(PLACE, row.public_id),
            "region": name_of(row.region),
            "health": state(HEALTH[Level(row.level)]),
            "binding": state(BINDING[row.state]),
            "router": row.router,
            "type": words[row.network_type],
            "mode": words[row.routing_mode],
            "bgp": row.bgp_enabled,
            "created_at": row.created_at,
            "tunnels": [_tunnel(tunnel, tunnel_page, titles) for tunnel in row.tunnels],
        }
        for row in rows
    ]


def _tunnel(tunnel: ListTunnel, page: str, titles: Mapping[int, str]) -> Mapping[str, Any]:
    return {
        "id": tunnel.public_id,
        "url": page.replace(PLACE, tunnel.public_id),
        "title": titles[tunnel.index],
        "state": state(looks.look(tunnel), looks.detail(tunnel)),
        "why": title_of(tunnel.cause),
        "gateway": tunnel.gateway_name or tunnel.gateway_address,
        "address": tunnel.gateway_address,
    }
