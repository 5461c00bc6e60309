"""Reads, each within one account. The list's are in `connections.listing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from accounts.models import Account
from connections.models import IPsecConnection, SavedFilter
from prepared.queries import prepared
from transit.models import RouteTable
from tunnels.models import BgpStatus, Tunnel
from tunnels.queries import page_rows


def connections_of(account: Account) -> QuerySet[IPsecConnection]:
    return IPsecConnection.objects.filter(account=account)


def connection_for(account: Account, public_id: str) -> IPsecConnection:
    """One connection with its tunnels. Http404 for an id that is not this account's."""
    for connection in _connections_for(account.pk, public_id):
        return connection
    raise Http404


@prepared
def _connections_for(account: int, public_id: str) -> QuerySet[IPsecConnection]:
    rows = with_tunnels(IPsecConnection.objects.filter(account=account, public_id=public_id))
    return rows.select_related("created_by", "attachment__transit_router__cen", "health")


@prepared
def saved_filters(account: int, user: int) -> "QuerySet[SavedFilter, SavedFilter]":
    """Of the list, that a user has kept in an account."""
    return SavedFilter.objects.filter(account=account, user=user)


def with_tunnels(connections: QuerySet[IPsecConnection]) -> QuerySet[IPsecConnection]:
    """With both tunnels in order and the attachment; no secret is opened."""
    related = connections.select_related("attachment__transit_router")
    return related.prefetch_related(Prefetch("tunnels", page_rows()))


def tables_published_to(connection: IPsecConnection) -> list[RouteTable]:
    """The transit router's route tables that learn the connection's routes."""
    return list(RouteTable.objects.filter(propagations__attachment__connection=connection).order_by("pk"))


@dataclass(frozen=True, slots=True)
class LearntRoute:
    """A route of the BGP route table: `tunnels` are those whose sessions bring it, and so its next hops."""

    destination: str
    as_path: tuple[int, ...]
    tunnels: tuple[Tunnel, ...]


def learnt_routes(tunnels: Sequence[Tunnel]) -> list[LearntRoute]:
    """What the devices advertise over sessions that are up, by destination."""
    found: dict[tuple[str, int], list[Tunnel]] = {}
    for tunnel in tunnels:
        if tunnel.run.bgp_status == BgpStatus.UP:
            asn = tunnel.peer_device.bgp_asn or tunnel.customer_gateway.asn or 0
            for network in tunnel.peer_device.advertised_networks:
                found.setdefault((network, asn), []).append(tunnel)
    by_destination = sorted(found.items(), key=lambda item: IPv4Network(item[0][0]))
    return [LearntRoute(network, (asn,), tuple(via)) for (network, asn), via in by_destination]


def used_tunnel_cidrs(account: Account) -> set[str]:
    """The tunnel CIDR blocks of all the account's tunnels, in every region."""
    rows = Tunnel.objects.filter(connection__account=account, tunnel_cidr__isnull=False)
    return {cidr for cidr in rows.values_list("tunnel_cidr", flat=True) if cidr}
