"""Finding connections by what is known of them: names and ids by their parts, addresses and networks by what
they lie in. See `connections.fleet`."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Final

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower

from accounts.models import Account
from connections.fleet.models import SearchNetwork, SearchText
from connections.models import IPsecConnection

LONGEST: Final = 100
MOST_WORDS: Final = 5
_BEGINNING: Final = re.compile(
    r"\d{1,3}(\.\d{1,3}){0,2}\.|\d{1,3}(\.\d{1,3}){1,3}|\d{1,3}(\.\d{1,3}){3}/\d{0,2}"
)
"""Of an address or a network in dotted form; a number alone is none."""
Connections = QuerySet[IPsecConnection]


def matching(connections: Connections, account: Account, text: str) -> Connections:
    """Those that every word of the text finds: by name or id of the connection, its tunnels or customer
    gateways; an address or network by a tunnel's or device's address, or a network that it lies in."""
    for word in text.split()[:MOST_WORDS]:
        connections = connections.filter(_found_by(account, word))
    return connections


def _found_by(account: Account, word: str) -> Q:
    if not _BEGINNING.fullmatch(word):
        return Q(search_text__text__contains=Lower(Value(word)))
    networks = SearchNetwork.objects.filter(_lies_in(word), account=account).values("connection_id")
    if _is_whole(word):
        named = SearchText.objects.filter(text__contains=Lower(Value(word))).values("connection_id")
        return Q(pk__in=networks.union(named))
    return Q(pk__in=networks)


def _is_whole(word: str) -> bool:
    return word.count(".") == 3 and not word.endswith(("/", "."))


def _lies_in(word: str) -> Q:
    """A whole address or network: itself and all around it, and what begins alike; else what begins so."""
    try:
        network = IPv4Network(word) if _is_whole(word) else None
    except (AddressValueError, NetmaskValueError, ValueError):
        network = None
    if network is None:
        return Q(network__startswith=word)
    return Q(network__in=enclosing(network)) | Q(network__startswith=_common_beginning(word, network))


def enclosing(network: IPv4Network) -> list[str]:
    """The network and those that hold it, but for the one that holds everything."""
    return [str(network.supernet(new_prefix=prefix)) for prefix in range(1, network.prefixlen + 1)]


def _common_beginning(word: str, network: IPv4Network) -> str:
    """How all that lies in a network begins, where its length ends with a byte; else the word itself."""
    bytes_, rest = divmod(network.prefixlen, 8)
    if rest or not 0 < bytes_ < 4:
        return word
    return ".".join(str(IPv4Address(network.network_address)).split(".")[:bytes_]) + "."
