"""Finding connections by what is known of them: names and ids by their parts, addresses and networks by what
they lie in. See `connections.fleet`."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Any, Final

from django.db.models import Expression, Q, QuerySet, Value
from django.db.models.functions import Lower

from accounts.models import Account
from connections.fleet.models import SearchNetwork, SearchText
from connections.models import IPsecConnection
from prepared.queries import prepared

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
    key, anywhere = account.pk, not region
    if _BEGINNING.fullmatch(word):
        network = _lies_in(word)
        named = _is_whole(word)
        found = _few_networks(key, region, *network, word, anywhere=anywhere, named=named, most=FEW)
    else:
        found = _few_texts(key, region, word, anywhere=anywhere, most=FEW)
    return frozenset(found) if len(found) <= FEW else None


@prepared
def _few_texts(
    account: int, region: str, word: str, *, anywhere: bool, most: int
) -> QuerySet[SearchText, int]:
    """One more than so many, if there are."""
    return _of(_texts(word), account, region, anywhere)[: most + 1]


@prepared
def _few_networks(
    account: int,
    region: str,
    around: list[str],
    beginning: str,
    word: str,
    *,
    anywhere: bool,
    named: bool,
    most: int,
) -> "QuerySet[Any, int]":
    """A connection has several networks, and one text. `named`: the word may be in a name as well."""
    found = _of(_networks(account, around, beginning), account, region, anywhere)
    if named:
        found = found.union(_of(_texts(word), account, region, anywhere))
    return (found if named else found.distinct())[: most + 1]


def _of(rows: QuerySet[Any], account: int, region: str, anywhere: bool) -> "QuerySet[Any, int]":
    rows = rows.filter(account=account) if anywhere else rows.filter(account=account, region=region)
    return rows.values_list("connection_id", flat=True)


def _found_by(account: Account, word: str) -> Q:
    if not _BEGINNING.fullmatch(word):
        return Q(search_text__text__contains=_lower(word))
    found = Q(pk__in=_networks(account.pk, *_lies_in(word)).values("connection_id"))
    return found | Q(pk__in=_texts(word).values("connection_id")) if _is_whole(word) else found


def _texts(word: str) -> QuerySet[SearchText]:
    return SearchText.objects.filter(text__contains=_lower(word))


def _networks(account: int, around: list[str], beginning: str) -> QuerySet[SearchNetwork]:
    lies_in = Q(network__in=around) | Q(network__startswith=beginning)
    return SearchNetwork.objects.filter(lies_in, account=account)


def _lower(word: Any) -> Lower:
    """As the database does it, of a text or where one goes: a text itself would be the name of a column."""
    return Lower(word if isinstance(word, Expression) else Value(word))


def _is_whole(word: str) -> bool:
    return word.count(".") == 3 and not word.endswith(("/", "."))


def _lies_in(word: str) -> tuple[list[str], str]:
    """Of a whole address or network: itself and all around it, and how what lies in it begins; else what it
    begins with. The beginning of an address is no word of a name."""
    try:
        network = IPv4Network(word) if _is_whole(word) else None
    except (AddressValueError, NetmaskValueError, ValueError):
        network = None
    if network is None:
        return [], word
    return enclosing(network), _common_beginning(word, network)


def enclosing(network: IPv4Network) -> list[str]:
    """The network and those that hold it, but for the one that holds everything."""
    return [str(network.supernet(new_prefix=prefix)) for prefix in range(1, network.prefixlen + 1)]


def _common_beginning(word: str, network: IPv4Network) -> str:
    """How all that lies in a network begins, where its length ends with a byte; else the word itself."""
    bytes_, rest = divmod(network.prefixlen, 8)
    if rest or not 0 < bytes_ < 4:
        return word
    return ".".join(str(IPv4Address(network.network_address)).split(".")[:bytes_]) + "."
