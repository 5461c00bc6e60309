"""Names that several connections on one host must not share."""

from ipaddress import IPv4Address

from peerconfigs.neutralise import comment_text, stem
from peerconfigs.view import PeerTunnel, PeerView


def file_stem(view: PeerView) -> str:
    return stem(view.connection_id, view.name)


def connection_name(view: PeerView, tunnel: PeerTunnel) -> str:
    """Section name in swanctl.conf, of the connection and of its only child."""
    return f"{file_stem(view)}-t{tunnel.index}"


def interface_id(tunnel: PeerTunnel) -> str:
    """XFRM interface id: the cloud gateway's address as a number, so no other tunnel can have it."""
    return f"0x{int(IPv4Address(tunnel.remote_address)):08x}"


def device(tunnel: PeerTunnel) -> str:
    """Name of the XFRM interface, within Linux's 15 characters."""
    return f"vpn-{interface_id(tunnel).removeprefix('0x')}"


def title(view: PeerView) -> str:
    """The connection's name as a comment may hold it."""
    return comment_text(view.name or view.connection_id or "IPsec connection")
