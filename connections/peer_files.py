"""生成对端配置: the peer's configuration, as text to copy or download and as a sheet to read."""

import io
import zipfile
from dataclasses import dataclass

from accounts.actor import Actor, audit
from accounts.models import Role
from accounts.refusal import refuse
from connections.models import IPsecConnection
from ipsec.spec import ConnectionSpec
from peerconfigs.document import Document, File, Options
from peerconfigs.registry import VENDORS, Vendor, render
from peerconfigs.sheet import SheetSection, sections
from peerconfigs.view import flip
from tunnels.spec import connection_spec
from wording.peerconfigs import VENDOR_LABELS, sheet_labels


@dataclass(frozen=True, slots=True)
class SheetLine:
    label: str
    value: str
    word: str


@dataclass(frozen=True, slots=True)
class SheetPart:
    heading: str
    lines: tuple[SheetLine, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A vendor's files. `sheet` is what the peer sheet says, to be shown as a page; empty for the others."""

    document: Document
    sheet: tuple[SheetPart, ...] = ()


def labelled_vendors() -> list[tuple[Vendor, str]]:
    """The devices to choose from, named in the language active now."""
    return [(vendor, str(VENDOR_LABELS[vendor.id])) for vendor in VENDORS.values()]


def write(
    *, actor: Actor, connection: IPsecConnection, vendor: Vendor, with_secrets: bool, action: str = "reveal"
) -> Written:
    """The vendor's files. Placeholders stand for the keys unless somebody who may see them asks; that leaves
    an audit row, `peer_configuration.<action>`.

    Raises `RenderRefused` where the device cannot be given the connection whole, `Refused` for a viewer who
    asks for keys, `SecretUnreadable` where no key opens them.
    """
    if with_secrets and not actor.may(Role.OPERATOR):
        raise refuse("", "needs_role")
    spec = connection_spec(connection, with_secrets=with_secrets)
    options = Options(with_secrets=with_secrets, labels=sheet_labels())
    written = Written(render(vendor.id, spec, options), _sheet(spec, options) if vendor.id == "sheet" else ())
    if with_secrets or action == "download":
        detail = {"vendor": vendor.id, "with_secrets": with_secrets}
        audit(actor, f"peer_configuration.{action}", connection.public_id, **detail)
    return written


def _sheet(spec: ConnectionSpec, options: Options) -> tuple[SheetPart, ...]:
    return tuple(_part(section, options) for section in sections(flip(spec), options))


def _part(section: SheetSection, options: Options) -> SheetPart:
    words = options.labels
    number = f" {section.tunnel}" if section.tunnel else ""
    return SheetPart(
        words[section.label] + number,
        tuple(
            SheetLine(words[row.label], row.value, words[row.word] if row.word else "")
            for row in section.rows
        ),
    )


def one_file(connection: IPsecConnection, vendor: Vendor, document: Document) -> tuple[str, str, bytes]:
    """What is downloaded: (name, media type, content). Several files come as one archive."""
    if len(document.files) == 1:
        file = document.files[0]
        return file.name, f"{file.media_type}; charset=utf-8", file.text.encode()
    folder = f"{connection.public_id}-{vendor.id}"
    return f"{folder}.zip", "application/zip", _archive(folder, document.files)


def _archive(folder: str, files: tuple[File, ...]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(f"{folder}/{file.name}", file.text)
    return stream.getvalue()
