"""The devices a configuration can be written for.

A vendor is a package `peerconfigs.<vendor>` with `render(view, options)`, `check(view)` and, where its text
can be read back, `parse(text)`; it is imported when first used. Adding one is a row in `VENDORS`, the
package, its golden files and its place in the round-trip test.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from ipsec.findings import Finding, Severity
from ipsec.spec import ConnectionSpec
from peerconfigs.document import Document, File, Options, RenderRefused
from peerconfigs.findings import Code, advice, error
from peerconfigs.parsed import ParsedPeer
from peerconfigs.view import PeerView, flaws, flip

Render = Callable[[PeerView, Options], tuple[File, ...]]
Check = Callable[[PeerView], tuple[Finding, ...]]
Parse = Callable[[str], ParsedPeer]

# What Linux takes as an interface name, less what a shell would act on.
_INTERFACE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")


@dataclass(frozen=True, slots=True)
class Vendor:
    """One device. `module` is the package that knows it; `media_type` and suffix are the main file's."""

    id: str
    label: str
    media_type: str
    filename_suffix: str
    module: str
    reads: bool = True

    @property
    def render(self) -> Render:
        return cast(Render, import_module(self.module).render)

    @property
    def check(self) -> Check:
        return cast(Check, import_module(self.module).check)

    @property
    def parse(self) -> Parse | None:
        return cast(Parse, import_module(self.module).parse) if self.reads else None


_ALL = (
    Vendor("console", "JSON of the console", "application/json", ".json", "peerconfigs.console"),
    Vendor("strongswan", "strongSwan", "text/plain", ".swanctl.conf", "peerconfigs.strongswan"),
    Vendor("sheet", "Peer sheet", "text/markdown", ".md", "peerconfigs.sheet", reads=False),
)
VENDORS: Mapping[str, Vendor] = MappingProxyType({vendor.id: vendor for vendor in _ALL})


def check(vendor_id: str, spec: ConnectionSpec) -> tuple[Finding, ...]:
    """What the vendor cannot be told of `spec`; errors mean that `render` refuses. KeyError: no vendor."""
    vendor = VENDORS[vendor_id]
    return flaws(spec) or vendor.check(flip(spec))


def render(vendor_id: str, spec: ConnectionSpec, options: Options) -> Document:
    """The device's files, whole; `RenderRefused` where the device or the spec stands against it."""
    vendor = VENDORS[vendor_id]
    view = flip(spec)
    findings = (*vendor.check(view), *_option_findings(view, options))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise RenderRefused(findings)
    return Document(vendor.render(view, options), findings)


def parse(vendor_id: str, text: str) -> ParsedPeer:
    """What `text` says; `ParseRefused` where it is no file of that vendor. KeyError: no vendor that reads."""
    reader = VENDORS[vendor_id].parse
    if reader is None:
        raise KeyError(vendor_id)
    return reader(text)


def _option_findings(view: PeerView, options: Options) -> Iterator[Finding]:
    for tunnel in view.tunnels:
        if options.with_secrets and tunnel.ike.psk is None:
            yield error(Code.PSK_UNKNOWN, f"tunnels.{tunnel.index}.ike.psk", tunnel=tunnel.index)
    if not _INTERFACE_NAME.fullmatch(options.wan_interface):
        yield error(Code.WAN_INTERFACE_INVALID, "wan_interface", value=options.wan_interface)
    if not (options.initiates or view.effect_immediately):
        yield advice(Code.NOBODY_STARTS, "effect_immediately")
