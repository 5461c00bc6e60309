"""The connection as a picture, as it stands now."""

from collections.abc import Sequence
from typing import Any

from django import template

from connections.models import IPsecConnection
from connections.preview.topology import topology_now
from tunnels.models import Tunnel

register = template.Library()


@register.inclusion_tag("connections/preview/_topology.html")
def topology_of(connection: IPsecConnection, tunnels: Sequence[Tunnel]) -> dict[str, Any]:
    return {"drawing": topology_now(connection, tunnels)}
