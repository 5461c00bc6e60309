"""Values as `swanctl.conf` must have them, and back.

Inside double quotes a backslash escapes; outside, `#` and braces end the value; a key that begins with 0x or
0s is decoded even inside quotes. So keys are always written as 0s and Base64, where nothing can happen.
"""

import base64
import binascii
import re

from ipsec.addresses import is_ipv4

_ANY = "0.0.0.0"  # noqa: S104 - the identity strongSwan reads as "any", no address to listen on
_PLAIN_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9.-]*")
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
_FQDN_PREFIXES = ("fqdn:", "dns:")


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def secret(psk: str) -> str:
    return "0s" + base64.b64encode(psk.encode()).decode("ascii")


def read_secret(value: str) -> str:
    """The key of a `secret` value already stripped of quotes. ValueError where it encodes no text."""
    prefix, body = value[:2].lower(), value[2:]
    try:
        if prefix == "0s":
            return base64.b64decode(body).decode()
        return bytes.fromhex(body).decode() if prefix == "0x" else value
    except (binascii.Error, UnicodeDecodeError) as flaw:
        raise ValueError("secret") from flaw


def identity_is_writable(text: str) -> bool:
    """False where strongSwan would take the identity as a pattern, or where it is no visible ASCII."""
    return bool(_VISIBLE.fullmatch(text)) and text != _ANY and not text.startswith("*")


def identity(text: str) -> str:
    """An address as it is; anything else so that strongSwan can only read it as a name (FQDN)."""
    if is_ipv4(text) or _PLAIN_NAME.fullmatch(text):
        return text
    if text.startswith("#"):
        # After the prefix a number sign would announce hex; so announce it, and write hex.
        return quoted("fqdn:#" + text.encode().hex())
    return quoted("fqdn:" + text)


def read_identity(value: str) -> str:
    """The identity's own text, whatever notation names its type; hex that is none is left as it stands."""
    for prefix in _FQDN_PREFIXES:
        if value.startswith(prefix):
            return _after_prefix(value.removeprefix(prefix))
    if value.startswith("@") and not value.startswith(("@@", "@#")):
        return value.removeprefix("@")
    return value


def _after_prefix(text: str) -> str:
    if not text.startswith("#"):
        return text
    try:
        return bytes.fromhex(text.removeprefix("#")).decode()
    except ValueError:
        return text
