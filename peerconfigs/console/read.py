"""Reading the console's JSON, with or without the API's envelope around it."""

import json
from enum import StrEnum
from typing import TypeVar

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from peerconfigs.console.write import MASKED_PSK
from peerconfigs.document import ParseRefused
from peerconfigs.findings import Code, error
from peerconfigs.parsed import ChildProposal, IkeProposal, ParsedPeer, ParsedTunnel
from peerconfigs.view import PeerBgp

Json = dict[str, object]
E = TypeVar("E", bound=StrEnum)


def parse(text: str) -> ParsedPeer:
    """Both tunnels of a `VpnConnectionConfig`. A masked key reads as unknown."""
    try:
        return _peer(json.loads(text))
    except json.JSONDecodeError as flaw:
        raise ParseRefused((error(Code.FILE_UNREADABLE, "", line=flaw.lineno),)) from flaw
    except (KeyError, TypeError, ValueError, RecursionError) as flaw:
        raise ParseRefused((error(Code.FILE_FOREIGN, ""),)) from flaw


def _peer(answer: object) -> ParsedPeer:
    whole = _object(answer)
    config = _object(whole.get("VpnConnectionConfig", whole))
    local, remote = _networks(config, "LocalSubnet"), _networks(config, "RemoteSubnet")
    sessions = _sessions(config)
    tunnels = _objects(_object(config["TunnelsConfig"])["TunnelConfig"])
    return ParsedPeer(
        tuple(
            _tunnel(index, tunnel, local, remote, sessions.get(_text(tunnel, "TunnelId")))
            for index, tunnel in enumerate(tunnels, start=1)
        )
    )


def _tunnel(
    index: int, tunnel: Json, local: tuple[str, ...], remote: tuple[str, ...], bgp: PeerBgp | None
) -> ParsedTunnel:
    ike, child = _object(tunnel["IkeConfig"]), _object(tunnel["IpsecConfig"])
    psk = _text(ike, "Psk")
    return ParsedTunnel(
        index=index,
        tunnel_id=_text(tunnel, "TunnelId"),
        local_address=_text(tunnel, "Local"),
        remote_address=_text(tunnel, "Remote"),
        local_id=_text(ike, "LocalId"),
        remote_id=_text(ike, "RemoteId"),
        psk=None if psk == MASKED_PSK else psk,
        version=_word(IkeVersion, ike, "IkeVersion"),
        mode=_word(IkeMode, ike, "IkeMode"),
        ike_proposals=(_ike_proposal(ike),),
        ike_lifetime=int(_text(ike, "IkeLifetime")),
        child_proposals=(_child_proposal(child),),
        child_lifetime=int(_text(child, "IpsecLifetime")),
        local_selectors=local,
        remote_selectors=remote,
        bgp=bgp,
    )


def _ike_proposal(ike: Json) -> IkeProposal:
    return IkeProposal(
        _word(Encryption, ike, "IkeEncAlg"),
        _word(Integrity, ike, "IkeAuthAlg"),
        _word(DhGroup, ike, "IkePfs"),
    )


def _child_proposal(child: Json) -> ChildProposal:
    return ChildProposal(
        _word(Encryption, child, "IpsecEncAlg"),
        _word(Integrity, child, "IpsecAuthAlg"),
        _word(Pfs, child, "IpsecPfs"),
    )


def _sessions(config: Json) -> dict[str, PeerBgp]:
    sessions = _objects(_object(config.get("BgpConfigs") or {}).get("BgpConfig", []))
    return {_text(session, "TunnelId"): _bgp(session) for session in sessions}


def _bgp(session: Json) -> PeerBgp:
    return PeerBgp(
        tunnel_cidr=_text(session, "TunnelCidr"),
        local_ip=_text(session, "LocalBgpIp"),
        remote_ip=_text(session, "PeerBgpIp"),
        local_asn=int(_text(session, "LocalAsn")),
        remote_asn=int(_text(session, "PeerAsn")),
    )


def _networks(config: Json, key: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(config, key).split(",") if part.strip())


def _word(kind: type[E], source: Json, key: str) -> E:
    text = _text(source, key)
    for member in kind:
        if member.value == text:
            return member
    raise ValueError(key)


def _text(source: Json, key: str) -> str:
    # Numbers are numbers in one answer of the API and text in another.
    value = source[key]
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(key)
    return str(value)


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise TypeError(type(value).__name__)
    return value


def _objects(value: object) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError(type(value).__name__)
    return [_object(item) for item in value]
