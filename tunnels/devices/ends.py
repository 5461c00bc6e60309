"""A tunnel's two ends as they are stored now, with the device's side at hand to be compared and changed."""

from dataclasses import dataclass, replace

from django.db.models.functions import Length

from accounts.encryption import SecretUnreadable
from ipsec.negotiation import Endpoint, Path, Scenario, cloud_endpoint, mirrored_peer
from ipsec.transcript import Side
from tunnels.devices.settings import KEYS, SECRET_VALUES, DeviceSettings, Secrets
from tunnels.models import PeerDevice, Tunnel
from tunnels.queries import SECRETS
from tunnels.scenario import path_to, peer_endpoint
from tunnels.spec import connection_spec


@dataclass(frozen=True, slots=True)
class Ends:
    """`mirror` is the device set up to the letter; `device` the row with what is set on it instead.

    `unknown` are the values of which no key of the console opens the secret: they count as equal.
    """

    tunnel: Tunnel
    cloud: Endpoint
    mirror: Endpoint
    device: PeerDevice
    unknown: frozenset[str] = frozenset()

    @property
    def peer(self) -> Endpoint:
        return peer_endpoint(self.mirror, self.device)

    @property
    def path(self) -> Path:
        return path_to(self.device)

    @property
    def settings(self) -> DeviceSettings:
        return DeviceSettings.of(self.device)

    def begun_by(self, side: Side) -> Scenario:
        """What happens if this side begins, told to or not."""
        return Scenario(self.cloud, replace(self.peer, responds_only=False), self.path, side)

    def with_device(self, settings: DeviceSettings, secrets: Secrets) -> "Ends":
        """The same tunnel with another device, which is not stored."""
        return replace(self, device=PeerDevice(**settings.columns(), **secrets.given()))


def ends_of(tunnel: Tunnel, *, with_secrets: bool = True) -> Ends:
    """Reads the rows anew. Where a key of them cannot be opened, the ends come without."""
    rows = Tunnel.objects.select_related("connection", "customer_gateway", "peer_device")
    if with_secrets:
        try:
            return _ends(rows.get(pk=tunnel.pk), with_secrets=True)
        except SecretUnreadable:
            pass
    row = rows.defer(*SECRETS).get(pk=tunnel.pk)
    row.peer_device.psk = row.peer_device.bgp_auth_key = ""
    return replace(_ends(row, with_secrets=False), unknown=frozenset(SECRET_VALUES))


def own_secrets(device: PeerDevice) -> frozenset[str]:
    """Which keys the device has of its own, by column; told by the database, without opening them."""
    lengths = PeerDevice.objects.filter(pk=device.pk).values_list(*(Length(name) for name in KEYS))
    return frozenset(name for name, length in zip(KEYS, lengths.get(), strict=True) if length)


def _ends(row: Tunnel, *, with_secrets: bool) -> Ends:
    connection = connection_spec(row.connection, with_secrets=with_secrets, tunnels=(row,))
    configured = connection.tunnels[0]
    cloud, mirror = cloud_endpoint(connection, configured), mirrored_peer(connection, configured)
    return Ends(row, cloud, mirror, row.peer_device)
