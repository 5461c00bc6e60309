"""Real IKE daemons for tests: network namespaces, strongSwan's charon in each, and a stand-in for it.

Everything is a context manager that leaves nothing behind. The data path is kernel-libipsec (TUN), so no ESP
is asked of the kernel; it pretends a NAT, and it refuses a child none of whose local selectors holds an
address of the host, so give each end one on its loopback.
"""

import itertools
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import vici

CHARON = Path("/usr/lib/ipsec/charon")
_LIBIPSEC = Path("/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so")
_SWANCTL_FOLDERS = (
    "x509", "x509ca", "x509ocsp", "x509aa", "x509ac", "x509crl",
    "pubkey", "private", "rsa", "ecdsa", "bliss", "pkcs8", "pkcs12",
)  # fmt: skip
_STRONGSWAN_CONF = """
charon {{
    load = random nonce openssl aes sha1 sha2 md5 hmac kdf gcrypt gmp curve25519 pem pkcs1 x509 revocation \
constraints pubkey socket-default kernel-libipsec kernel-netlink vici updown
    threads = 16
    retransmit_tries = 3
    retransmit_timeout = 0.4
    filelog {{
        log {{
            path = {log}
            default = 1
            flush_line = yes
            ike_name = yes
        }}
    }}
    plugins {{
        vici {{
            socket = unix://{socket}
        }}
        kernel-libipsec {{
            allow_peer_ts = yes
        }}
    }}
}}
{extra}
"""


_NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "charon": ("charon (Debian: strongswan-charon)", CHARON.exists),
    "libipsec": ("kernel-libipsec (Debian: libcharon-extra-plugins)", _LIBIPSEC.exists),
    "swanctl": ("swanctl (Debian: strongswan-swanctl)", lambda: bool(shutil.which("swanctl"))),
    "ip": ("ip (Debian: iproute2)", lambda: bool(shutil.which("ip"))),
    "nft": ("nft (Debian: nftables)", lambda: bool(shutil.which("nft"))),
    "root": ("root", lambda: os.geteuid() == 0),
    "tun": ("/dev/net/tun", Path("/dev/net/tun").exists),
}


_NUMBERS = itertools.count(1)


def missing(needs: Iterable[str] = tuple(_NEEDS)) -> list[str]:
    """What of `needs` this machine does not have, in words."""
    return [words for words, there in map(_NEEDS.__getitem__, needs) if not there()]


def run(*command: str, stdin: str = "") -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=30)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


@contextmanager
def namespace(role: str) -> Iterator[str]:
    """A network namespace of this process's own, its loopback up."""
    _sweep()
    name = f"vpnlab-{os.getpid()}-{next(_NUMBERS)}-{role}"
    run("ip", "netns", "add", name)
    try:
        run("ip", "-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        run("ip", "netns", "del", name)


def _sweep() -> None:
    """Away with what processes left behind that were killed outright."""
    for path in Path("/run/netns").glob("vpnlab-*"):
        if not Path("/proc", path.name.split("-")[1]).exists():
            subprocess.run(["ip", "netns", "del", path.name], capture_output=True, check=False)


def join(one: str, other: str) -> None:
    """A cable between two namespaces: interface `wan` in each. It goes when a namespace goes."""
    run("ip", "link", "add", "wan", "netns", one, "type", "veth", "peer", "name", "wan", "netns", other)
    for name in (one, other):
        run("ip", "-n", name, "link", "set", "wan", "up")


def give_addresses(name: str, interface: str, addresses: Sequence[str]) -> None:
    orders = "".join(f"address add {address} dev {interface}\n" for address in addresses)
    run("ip", "-n", name, "-batch", "-", stdin=orders)


@dataclass(frozen=True, slots=True)
class Charon:
    """A running daemon, reached by its own vici socket."""

    folder: Path

    @property
    def socket_path(self) -> Path:
        return self.folder / "vici"

    @property
    def log_path(self) -> Path:
        return self.folder / "log"

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    @contextmanager
    def session(self, patience: float | None = None) -> Iterator[vici.Session]:
        """TimeoutError where the daemon says nothing for `patience` seconds."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(patience)
            connection.connect(str(self.socket_path))
            yield vici.Session(connection)

    def load_file(self, conf: Path) -> str:
        """All that `swanctl --load-all` prints. Its exit code is no witness: it is 0 after many errors."""
        return load_file(conf, self.socket_path)


@contextmanager
def charon(name: str, folder: Path, extra_conf: str = "") -> Iterator[Charon]:
    """The daemon in namespace `name`; `extra_conf` is text of strongswan.conf beside the lab's own."""
    daemon = Charon(folder)
    conf = folder / "strongswan.conf"
    conf.write_text(_STRONGSWAN_CONF.format(log=daemon.log_path, socket=daemon.socket_path, extra=extra_conf))
    # The daemon's pid file has a fixed place, so each needs a /run of its own. It dies with this process.
    inside = f"mount -t tmpfs tmpfs /run && exec setpriv --pdeathsig KILL {CHARON}"
    process = subprocess.Popen(
        ["ip", "netns", "exec", name, "unshare", "-m", "sh", "-c", inside],
        env=os.environ | {"STRONGSWAN_CONF": str(conf)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(daemon.socket_path.exists, "the daemon's socket")
        yield daemon
    finally:
        process.terminate()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(ready: Callable[[], bool], what: str, seconds: float = 15) -> None:
    """Until `ready()` is true; TimeoutError with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.05)


def load_file(conf: Path, socket_path: Path) -> str:
    """Loads `conf` at that vici socket; swanctl looks for folders of certificates beside the file."""
    for name in _SWANCTL_FOLDERS:
        (conf.parent / name).mkdir(exist_ok=True)
    done = subprocess.run(
        ["swanctl", "--load-all", "--file", str(conf), "--uri", f"unix://{socket_path}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.stdout + done.stderr


# --- a stand-in for the daemon, which writes down what swanctl makes of a file ---

_CMD_REQUEST, _EVENT_CONFIRM = 0, 5
_SECTION_START, _SECTION_END, _KEY_VALUE, _LIST_START, _LIST_ITEM, _LIST_END = range(1, 7)
Message = dict[str, object]


class Recorder:
    """Speaks just enough vici to be loaded: answers every command with success and keeps it in `heard`."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Message]] = []

    def said(self, command: str) -> list[Message]:
        return [message for name, message in self.heard if name == command]

    def serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while length := stream.read(4):
                packet = stream.read(struct.unpack(">I", length)[0])
                answer = self.answer(packet)
                connection.sendall(struct.pack(">I", len(answer)) + answer)

    def answer(self, packet: bytes) -> bytes:
        if packet[0] != _CMD_REQUEST:
            return bytes([_EVENT_CONFIRM])
        end = 2 + packet[1]
        self.heard.append((packet[2:end].decode(), _Decoder(packet[end:]).section()))
        return bytes([1, _KEY_VALUE, 7]) + b"success" + struct.pack(">H", 3) + b"yes"


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def name(self) -> str:
        return self.take(self.take(1)[0]).decode()

    def value(self) -> bytes:
        return self.take(struct.unpack(">H", self.take(2))[0])

    def section(self) -> Message:
        content: Message = {}
        while self.at < len(self.data) and (kind := self.take(1)[0]) != _SECTION_END:
            name = self.name()
            content[name] = {
                _SECTION_START: self.section,
                _KEY_VALUE: self.value,
                _LIST_START: self.items,
            }[kind]()
        return content

    def items(self) -> list[bytes]:
        items = []
        while self.take(1)[0] == _LIST_ITEM:
            items.append(self.value())
        return items


@contextmanager
def recorder(socket_path: Path) -> Iterator[Recorder]:
    """A `Recorder` listening on `socket_path`."""
    heard = Recorder()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path))
        listener.listen()
        thread = threading.Thread(target=_accept, args=(listener, heard), daemon=True)
        thread.start()
        try:
            yield heard
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)


def _accept(listener: socket.socket, heard: Recorder) -> None:
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:
            return
        heard.serve(connection)
