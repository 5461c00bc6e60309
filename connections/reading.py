"""From what was typed to what is asked for: two forms in, one `NewConnection` out."""

from typing import Any

from connections.forms import ConnectionForm, TunnelForm
from connections.models import IPsecConnection
from connections.services import NewConnection
from connections.services.drafts import Keys
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
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec


def new_connection(form: ConnectionForm, tunnels: list[TunnelForm], kept: Keys) -> NewConnection:
    """Reads whatever can be read; a field that cannot counts as its default, and has its form error."""
    read = _Read(form)
    own = read.text("binding") == IPsecConnection.Binding.OWN
    return NewConnection(
        spec=_connection(read, tunnels, kept),
        region=read.text("region"),
        binding=read.text("binding"),
        cen_id=read.text("cen") if own else "",
        auto_publish_route=read.flag("auto_publish_route"),
        associate=read.flag("associate"),
        propagate=read.flag("propagate"),
        client_token=read.text("client_token") or None,
    )


class _Read:
    """A form's cleaned values, and the initial value where one could not be cleaned or none was sent yet."""

    def __init__(self, form: ConnectionForm | TunnelForm) -> None:
        self.form = form
        self.cleaned: dict[str, Any] = form.cleaned_data if form.is_valid() or form.is_bound else {}

    def value(self, name: str) -> Any:
        if name in self.cleaned:
            return self.cleaned[name]
        return self.form.get_initial_for_field(self.form.fields[name], name)

    def text(self, name: str) -> str:
        return str(self.value(name) or "")

    def flag(self, name: str) -> bool:
        return bool(self.value(name))


def _connection(read: _Read, tunnels: list[TunnelForm], kept: Keys) -> ConnectionSpec:
    """What is hidden is not read: networks outside policy mode, BGP while it is off."""
    mode = RoutingMode(read.text("routing_mode"))
    policy = mode is RoutingMode.POLICY
    bgp = read.flag("bgp_enabled")
    return ConnectionSpec(
        name=read.text("name"),
        network_type=NetworkType(read.text("network_type")),
        routing_mode=mode,
        local_networks=tuple(read.value("local_networks")) if policy else (),
        remote_networks=tuple(read.value("remote_networks")) if policy else (),
        effect_immediately=read.text("effect_immediately") == "yes",
        bgp_enabled=bgp,
        local_asn=read.cleaned.get("local_asn"),
        tunnels=tuple(_tunnel(form, bgp, key) for form, key in zip(tunnels, kept, strict=True)),
    )


def _tunnel(form: TunnelForm, bgp: bool, kept_key: str) -> TunnelSpec:
    read = _Read(form)
    gateway_id = read.text("customer_gateway")
    bgp = bgp and ("bgp_on" not in form.fields or read.flag("bgp_on"))
    return TunnelSpec(
        index=form.index,
        peer=PeerSpec(address="", gateway_id=gateway_id) if gateway_id else None,
        ike=_ike(read, kept_key),
        child=_child(read),
        dpd=read.flag("dpd"),
        nat_traversal=read.flag("nat_traversal"),
        bgp=BgpSpec(read.text("tunnel_cidr"), read.text("local_bgp_ip")) if bgp else None,
    )


def _ike(read: _Read, kept_key: str) -> IkeSpec:
    """A blank key means the one kept from before; none at all, that one is to be made."""
    return IkeSpec(
        version=IkeVersion(read.text("ike_version")),
        mode=IkeMode(read.text("ike_mode")),
        encryption=Encryption(read.text("ike_encryption")),
        integrity=Integrity(read.text("ike_integrity")),
        dh_group=DhGroup(read.text("ike_dh_group")),
        lifetime=int(read.value("ike_lifetime")),
        local_id=read.text("local_id"),
        remote_id=read.text("remote_id"),
        psk=read.text("psk") or ("" if read.flag("psk_clear") else kept_key),
    )


def _child(read: _Read) -> ChildSpec:
    return ChildSpec(
        encryption=Encryption(read.text("child_encryption")),
        integrity=Integrity(read.text("child_integrity")),
        pfs=Pfs(read.text("child_pfs")),
        lifetime=int(read.value("child_lifetime")),
    )
