"""The readable sheet: every value of the connection in words, for a device that has no file of its own."""

from ipsec.findings import Finding
from peerconfigs.document import File, Options
from peerconfigs.neutralise import stem
from peerconfigs.sheet.content import SheetRow, SheetSection, sections
from peerconfigs.sheet.labels import ENGLISH
from peerconfigs.sheet.markdown import to_markdown
from peerconfigs.view import PeerView

__all__ = ["ENGLISH", "SheetRow", "SheetSection", "check", "render", "sections"]


def check(view: PeerView) -> tuple[Finding, ...]:
    """Nothing: paper takes everything."""
    return ()


def render(view: PeerView, options: Options) -> tuple[File, ...]:
    text = to_markdown(sections(view, options), {**ENGLISH, **options.labels})
    return (File(stem(view.connection_id, view.name) + ".md", text, "text/markdown"),)
