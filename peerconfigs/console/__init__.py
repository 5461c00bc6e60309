"""The console's own JSON: what its dialog shows and `DownloadVpnConnectionConfig` answers."""

from peerconfigs.console.read import parse
from peerconfigs.console.write import check, connection_config, render

__all__ = ["check", "connection_config", "parse", "render"]
