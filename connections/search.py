"""Finding connections by what is known of them: names and ids by their parts, addresses and networks by what
they lie in. See `connections.fleet`."""

import re
from dataclasses import dataclass
from functools import reduce
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from operator import or_
from typing import Any, Final

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower

from accounts.models import Account
from connections.fleet.models import SearchNetwork, SearchText
from connections.models import IPsecConnection

LONGEST: Final = 100
MOST_WORDS: Final = 5
FEW: Final = 2000
_BEGINNING: Final = re.compile(
    r"\d{1,3}(\.\d{1,3}){0,2}\.|\d{1,3}(\.\d{1,3}){1,3}|\d{1,3}(\.\d{1,3}){3}/\d{0,2}"
)
"""Of an address or a network in dotted form; a number alone is none."""
Connections = QuerySet[IPsecConnection]


@dataclass(frozen=True, slots=True)
class Found:
    """What a text finds: `keys` of what few are found by, and conditions for what many are found by, which is
    best looked for along the way."""

    keys: frozenset[int] | None = None
    conditions: tuple[Q, ...] = ()

    def among(self, connections: Connections) -> Connections:
        if self.keys is not None:
            connections = connections.filter(pk__in=self.keys)
        for condition in self.conditions:
            connections = connections.filter(condition)
        return connections

    def first(self, number: int, *, newest: bool) -> "Found":
        """Only so many of them, by key: where nothing else is asked for, a page needs no more."""
        if self.number is None or self.keys is None:
            return self
        return Found(frozenset(sorted(self.keys, reverse=newest)[:number]))

    @property
    def number(self) -> int | None:
        """How many there are, if that is known already."""
        return len(self.keys) if self.keys is not None and not self.conditions else None


def search(account: Account, region: str, text: str) -> Found:
    """Of the account's connections in the region, or in all, those that every word of the text finds: by name
    or id of the connection, its tunnels or customer gateways; an address or network by a tunnel's or device's
    address, or a network that it lies in."""
    keys, conditions = None, []
    for word in text.split()[:MOST_WORDS]:
        few = _few(account, region, word)
        if few is None:
            conditions.append(_found_by(account, word))
        else:
            keys = few if keys is None else keys & few
    return Found(keys, tuple(conditions))


def _few(account: Account, region: str, word: str) -> frozenset[int] | None:
    """The keys of all that the word finds; None where they are many."""
    where: dict[str, Any] = {"account": account} | ({"region": region} if region else {})
    first, *more = (
        rows.filter(**where).values_list("connection_id", flat=True) for rows in _sources(account, word)
    )
    found = (first.union(*more) if more else _each_once(first))[: FEW + 1]
    keys = frozenset(found)
    return keys if len(keys) <= FEW else None


def _each_once(keys: QuerySet[Any, int]) -> QuerySet[Any, int]:
    """A connection has several networks, and one text, whose key it is."""
    return keys if keys.model is SearchText else keys.distinct()


def _found_by(account: Account, word: str) -> Q:
    if not _BEGINNING.fullmatch(word):
        return Q(search_text__text__contains=Lower(Value(word)))
    return reduce(or_, (Q(pk__in=rows.values("connection_id")) for rows in _sources(account, word)))


def _sources(account: Account, word: str) -> list[QuerySet[Any]]:
    """Where the word is looked for. The beginning of an address is no word of a name."""
    texts = SearchText.objects.filter(text__contains=Lower(Value(word)))
    if not _BEGINNING.fullmatch(word):
        return [texts]
    networks = SearchNetwork.objects.filter(_lies_in(word), account=account)
    return [networks, texts] if _is_whole(word) else [networks]


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
