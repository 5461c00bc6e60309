"""What a connection is configured to be, as frozen values.

A spec may be wrong: it holds what somebody typed, already split and typed, and `ipsec.rules` says what is
wrong with it. Addresses and networks are text for that reason. The perspective is the cloud's: *local* is
Alibaba Cloud, *remote* is the data centre.
"""

from dataclasses import dataclass, field

from ipsec.algorithms import (
    DhGroup,
    Encryption,
    IkeMode,
    IkeVersion,
    Integrity,
    NetworkType,
    Pfs,
    RoutingMode,
)

ANY_NETWORK = "0.0.0.0/0"
DEFAULT_LOCAL_ASN = 45104


@dataclass(frozen=True, slots=True)
class IkeSpec:
    """Phase 1 of one tunnel (console: 加密配置:IKE配置). `psk` None means: not known here."""

    version: IkeVersion = IkeVersion.IKEV2
    mode: IkeMode = IkeMode.MAIN
    encryption: Encryption = Encryption.AES128
    integrity: Integrity = Integrity.SHA1
    dh_group: DhGroup = DhGroup.GROUP2
    lifetime: int = 86400
    local_id: str = ""
    remote_id: str = ""
    psk: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """Phase 2 of one tunnel (console: 加密配置:IPsec配置), lifetimes in seconds."""

    encryption: Encryption = Encryption.AES128
    integrity: Integrity = Integrity.SHA1
    pfs: Pfs = Pfs.GROUP2
    lifetime: int = 86400


@dataclass(frozen=True, slots=True)
class BgpSpec:
    """BGP of one tunnel (console: BGP配置). `local_ip` empty means the first host of the /30."""

    tunnel_cidr: str = ""
    local_ip: str = ""


@dataclass(frozen=True, slots=True)
class PeerSpec:
    """The customer gateway a tunnel ends on. `asn` None means: registered without one."""

    address: str
    asn: int | None = None
    auth_key: str = field(default="", repr=False)
    gateway_id: str = ""


@dataclass(frozen=True, slots=True)
class TunnelSpec:
    """One of the two tunnels. `gateway_address` is None until the connection is bound."""

    index: int
    peer: PeerSpec | None = None
    ike: IkeSpec = field(default_factory=IkeSpec)
    child: ChildSpec = field(default_factory=ChildSpec)
    dpd: bool = True
    nat_traversal: bool = True
    bgp: BgpSpec | None = None
    gateway_address: str | None = None
    tunnel_id: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionSpec:
    """A dual-tunnel IPsec connection. Networks are empty in destination mode."""

    name: str = ""
    network_type: NetworkType = NetworkType.PUBLIC
    routing_mode: RoutingMode = RoutingMode.DESTINATION
    local_networks: tuple[str, ...] = ()
    remote_networks: tuple[str, ...] = ()
    effect_immediately: bool = True
    bgp_enabled: bool = False
    local_asn: int | None = DEFAULT_LOCAL_ASN
    tunnels: tuple[TunnelSpec, ...] = ()
    connection_id: str = ""

    @property
    def local_selectors(self) -> tuple[str, ...]:
        """Traffic selectors of the cloud side as negotiated in phase 2."""
        return self.local_networks if self.routing_mode is RoutingMode.POLICY else (ANY_NETWORK,)

    @property
    def remote_selectors(self) -> tuple[str, ...]:
        return self.remote_networks if self.routing_mode is RoutingMode.POLICY else (ANY_NETWORK,)
