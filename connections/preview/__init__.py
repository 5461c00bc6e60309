"""What saving a draft would bring about, before it is saved: the panel beside the creation page."""

from connections.preview.outlook import TunnelOutlook
from connections.preview.panel import Panel, preview

__all__ = ["Panel", "TunnelOutlook", "preview"]
