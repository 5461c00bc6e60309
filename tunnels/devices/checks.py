"""What can be set on a peer device. It may well be wrong for the tunnel; it may not be nonsense."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ipsec.addresses import is_ipv4
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.findings import Finding
from ipsec.rules import (
    LONGEST_ID,
    LONGEST_LIFETIME,
    Code,
    check_asn,
    check_auth_key,
    check_network,
    check_psk,
    errors,
)
from ipsec.rules.codes import error, quoted
from tunnels.devices.settings import DeviceSettings, Secrets

MOST_NETWORKS: Final = 20
"""More than the console takes: a device that has too many is worth a rehearsal."""


def check_device(settings: DeviceSettings, secrets: Secrets) -> list[Finding]:
    """What refuses the write, by field of the settings. `ValueError` for what is no value of its enumeration:
    whoever builds settings has chosen from those."""
    _enumerated(settings)
    return [
        *_lifetimes(settings),
        *_identities(settings),
        *_networks(settings),
        *_session(settings),
        *check_psk(secrets.psk or "", "psk"),
        *(replace(each, field="bgp_auth_key") for each in check_auth_key(secrets.bgp_auth_key or "")),
    ]


def _enumerated(settings: DeviceSettings) -> None:
    if settings.ike_version not in ("", "any"):
        IkeVersion(settings.ike_version)
    if settings.ike_mode:
        IkeMode(settings.ike_mode)
    for encryption, integrity, group in settings.ike_proposals or ():
        _ = Encryption(encryption), Integrity(integrity), DhGroup(group)
    for encryption, integrity, pfs in settings.child_proposals or ():
        _ = Encryption(encryption), Integrity(integrity), Pfs(pfs)


def _lifetimes(settings: DeviceSettings) -> Iterator[Finding]:
    for name in ("ike_lifetime", "child_lifetime"):
        seconds = getattr(settings, name)
        if seconds is not None and not 0 <= seconds <= LONGEST_LIFETIME:
            yield error(name, Code.LIFETIME_OUT_OF_RANGE, min=0, max=LONGEST_LIFETIME)


def _identities(settings: DeviceSettings) -> Iterator[Finding]:
    """Whatever a device can be told to call itself or its peer, `%any` and `*.example.com` included."""
    for name in ("local_id", "remote_id"):
        identity = getattr(settings, name)
        if len(identity) > LONGEST_ID:
            yield error(name, Code.ID_TOO_LONG, max=LONGEST_ID)
        elif not all("!" <= character <= "~" for character in identity):
            yield error(name, Code.ID_MALFORMED, value=quoted(identity))


def _networks(settings: DeviceSettings) -> Iterator[Finding]:
    for name in ("local_networks", "remote_networks", "advertised_networks"):
        networks = getattr(settings, name) or ()
        if len(networks) > MOST_NETWORKS:
            yield error(name, Code.NETWORKS_TOO_MANY, max=MOST_NETWORKS)
        for position, network in enumerate(networks[:MOST_NETWORKS]):
            yield from check_network(network, f"{name}.{position}")


def _session(settings: DeviceSettings) -> Iterator[Finding]:
    for name in ("bgp_asn", "bgp_peer_asn"):
        asn = getattr(settings, name)
        yield from errors(check_asn(asn, name)) if asn is not None else ()
    for name in ("bgp_address", "bgp_peer_address"):
        address = getattr(settings, name)
        if address is not None and not is_ipv4(address):
            yield error(name, Code.ADDRESS_MALFORMED, value=quoted(address))
