"""`{% redundancy_of connection tunnels %}`: whether one tunnel stands in for the other, and if not, why."""

from collections.abc import Sequence

from django import template

from connections.models import IPsecConnection
from ipsec.redundancy import judge
from tunnels.models import Tunnel
from tunnels.spec import connection_spec
from wording import redundancy

register = template.Library()


@register.inclusion_tag("connections/_redundancy.html")
def redundancy_of(connection: IPsecConnection, tunnels: Sequence[Tunnel]) -> dict[str, object]:
    spec = connection_spec(connection, with_secrets=False, tunnels=tuple(tunnels))
    judgement = judge(spec, both_up=all(tunnel.run.carries for tunnel in tunnels))
    return {"look": redundancy.look(judgement), "weaknesses": redundancy.reasons(judgement)}
