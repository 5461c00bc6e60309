"""strongSwan 5.7.2 and later: `swanctl.conf`, a snippet for the daemon, and the host's devices and routes."""

from peerconfigs.document import File, Options
from peerconfigs.strongswan.expressible import check
from peerconfigs.strongswan.host import tunnels_script
from peerconfigs.strongswan.naming import file_stem
from peerconfigs.strongswan.read import parse
from peerconfigs.strongswan.timing import daemon_snippet
from peerconfigs.strongswan.write import swanctl_conf
from peerconfigs.view import PeerView

__all__ = ["check", "parse", "render"]


def render(view: PeerView, options: Options) -> tuple[File, ...]:
    """Three files: what swanctl loads, what the daemon needs, what the host needs."""
    name = file_stem(view)
    return (
        File(f"{name}.swanctl.conf", swanctl_conf(view, options), "text/plain"),
        File(f"{name}.strongswan.conf", daemon_snippet(view), "text/plain"),
        File(f"{name}.tunnels.sh", tunnels_script(view, options), "text/x-shellscript"),
    )
