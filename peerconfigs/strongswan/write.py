"""Writing `swanctl.conf`: both tunnels' connections and their keys."""

from collections.abc import Callable

from ipsec.algorithms import IkeVersion
from peerconfigs.document import Options
from peerconfigs.strongswan.keywords import esp_words, ike_words
from peerconfigs.strongswan.naming import connection_name, device, file_stem, interface_id, title
from peerconfigs.strongswan.quoting import identity, secret
from peerconfigs.strongswan.timing import (
    DPD_DELAY,
    DPD_TIMEOUT,
    dead_after,
    is_aggressive,
    lifetime,
)
from peerconfigs.view import PeerTunnel, PeerView

_INDENT = "    "


def swanctl_conf(view: PeerView, options: Options) -> str:
    lines = [
        *_preface(view, options),
        *_section("connections", *_each(view, options, _tunnel)),
        *_section("secrets", *_each(view, options, _key)),
        *_afterword(view),
    ]
    return "\n".join(lines) + "\n"


def _each(
    view: PeerView, options: Options, part: Callable[[PeerView, PeerTunnel, Options], list[str]]
) -> list[str]:
    return [line for tunnel in view.tunnels for line in part(view, tunnel, options)]


def _preface(view: PeerView, options: Options) -> tuple[str, ...]:
    name = file_stem(view)
    return (
        f"# This end of IPsec connection {title(view)}: both tunnels, strongSwan 5.7.2 or later, Linux 4.19",
        "# or later.",
        f"# 1. Save as /etc/swanctl/conf.d/{name}.conf, readable by root only.",
        f"# 2. Save {name}.strongswan.conf in /etc/strongswan.d/ and restart the daemon.",
        f"# 3. Run {name}.tunnels.sh, now and at every boot.",
        "# 4. Run: swanctl --load-all",
        "#    It must say that it loaded 2 connections; it exits with 0 even when it did not.",
        *_who_starts(view, options),
        *_two_addresses(view),
        "# Behind a NAT router, set local_addrs to this host's own address; leave the identities alone.",
        "",
    )


def _who_starts(view: PeerView, options: Options) -> tuple[str, ...]:
    if options.initiates:
        return ("# start_action = start: this host opens the tunnels, and again whenever they close.",)
    when = "at once" if view.effect_immediately else "when it has traffic to send"
    return (f"# start_action = none: this host only answers; the cloud opens the tunnels {when}.",)


def _two_addresses(view: PeerView) -> tuple[str, ...]:
    if len({tunnel.local_address for tunnel in view.tunnels}) == 1:
        return ()
    return (
        "# The tunnels end on two addresses. If these are two hosts, give each the parts of its own tunnel.",
    )


def _tunnel(view: PeerView, tunnel: PeerTunnel, options: Options) -> list[str]:
    return _section(
        connection_name(view, tunnel),
        f"version = {2 if tunnel.ike.version is IkeVersion.IKEV2 else 1}",
        *(("aggressive = yes",) if is_aggressive(tunnel) else ()),
        f"local_addrs = {tunnel.local_address}",
        f"remote_addrs = {tunnel.remote_address}",
        f"proposals = {ike_words(tunnel.ike)}",
        *_ike_lifetime(tunnel),
        *_dpd(tunnel),
        "mobike = no",
        *_uniqueness(view),
        *(("keyingtries = 0",) if options.initiates else ()),
        *_section("local", "auth = psk", f"id = {identity(tunnel.ike.local_id)}"),
        *_section("remote", "auth = psk", f"id = {identity(tunnel.ike.remote_id)}"),
        *_section("children", *_child(view, tunnel, options)),
    )


def _child(view: PeerView, tunnel: PeerTunnel, options: Options) -> list[str]:
    action = "start" if options.initiates else "none"
    return _section(
        connection_name(view, tunnel),
        f"local_ts = {', '.join(view.local_selectors)}",
        f"remote_ts = {', '.join(view.remote_selectors)}",
        f"esp_proposals = {esp_words(tunnel.child)}",
        *_child_lifetime(tunnel),
        *(("dpd_action = restart",) if tunnel.dpd and options.initiates else ()),
        f"start_action = {action}",
        *(("close_action = start",) if options.initiates else ()),
        # Without it selectors of 0.0.0.0/0 would take the host's own traffic too, and the kernel would drop
        # what comes in by one tunnel as long as the other's equal selectors come first.
        f"# the selectors hold on the XFRM interface {device(tunnel)} only",
        f"if_id_in = {interface_id(tunnel)}",
        f"if_id_out = {interface_id(tunnel)}",
    )


def _ike_lifetime(tunnel: PeerTunnel) -> tuple[str, ...]:
    span = lifetime(tunnel.ike.lifetime)
    return (
        _lifetime_comment(tunnel.ike.lifetime),
        f"rekey_time = {span.rekey}s",
        f"over_time = {span.over}s",
        f"rand_time = {span.spread}s",
    )


def _child_lifetime(tunnel: PeerTunnel) -> tuple[str, ...]:
    span = lifetime(tunnel.child.lifetime)
    return (
        _lifetime_comment(tunnel.child.lifetime),
        f"rekey_time = {span.rekey}s",
        f"life_time = {span.hard}s",
        f"rand_time = {span.spread}s",
    )


def _lifetime_comment(seconds: int) -> str:
    return f"# SA lifetime {seconds} s" if seconds else "# SA lifetime 0: never rekeyed, never expires"


def _dpd(tunnel: PeerTunnel) -> tuple[str, ...]:
    if not tunnel.dpd:
        return ("dpd_delay = 0s",)
    version = tunnel.ike.version
    return (
        f"# the peer counts as dead after {dead_after(version):.0f} s of silence",
        f"dpd_delay = {DPD_DELAY}s",
        *((f"dpd_timeout = {DPD_TIMEOUT}s",) if version is IkeVersion.IKEV1 else ()),
    )


def _uniqueness(view: PeerView) -> tuple[str, ...]:
    pairs = {(t.ike.local_id.lower(), t.ike.remote_id.lower()) for t in view.tunnels}
    if len(pairs) == len(view.tunnels):
        return ()
    return ("# both tunnels have the same identities: one must not replace the other", "unique = never")


def _key(view: PeerView, tunnel: PeerTunnel, options: Options) -> list[str]:
    return _section(
        f"ike-{connection_name(view, tunnel)}",
        f"id-local = {identity(tunnel.ike.local_id)}",
        f"id-remote = {identity(tunnel.ike.remote_id)}",
        *_secret(tunnel, options),
    )


def _secret(tunnel: PeerTunnel, options: Options) -> tuple[str, ...]:
    if options.with_secrets and tunnel.ike.psk is not None:
        return ("# Base64 after 0s: no rule of quoting can touch it", f"secret = {secret(tunnel.ike.psk)}")
    return (
        f"# FILL IN the pre-shared key of tunnel {tunnel.index}: take the number sign away, write 0s",
        "# and the key in Base64. Until then swanctl ignores this section.",
        f"# secret = <pre-shared key of tunnel {tunnel.index}>",
    )


def _afterword(view: PeerView) -> tuple[str, ...]:
    late = [tunnel for tunnel in view.tunnels if tunnel.ike.version is IkeVersion.IKEV2]
    advice = "# A PFS group that differs shows only when an IKEv2 tunnel is rekeyed. To see it today:"
    return (
        "# State: swanctl --list-sas",
        *((advice,) if late else ()),
        *(f"#   swanctl --rekey --child {connection_name(view, tunnel)}" for tunnel in late),
    )


def _section(name: str, *body: str) -> list[str]:
    return [f"{name} {{", *(_INDENT + line for line in body), "}"]
