"""Changing the peer device: who may, what is refused, what is kept secret, and when it negotiates anew."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from device_rows import is_up, play, tunnel_on
from tunnel_rows import MARKER_BGP_KEY, MARKER_PSK, Watch, run_of, set_device, stop_clock, story

from accounts.actor import Actor
from accounts.encryption import SecretUnreadable
from accounts.models import AuditEvent
from accounts.refusal import Refused
from tunnels.devices.ends import own_secrets
from tunnels.devices.faults import BY_ID
from tunnels.devices.services import apply_fault, change_device, mirror_value, repair, take_over
from tunnels.devices.settings import KEYS, MIRROR, PLACES, DeviceSettings, Secrets
from tunnels.models import PeerDevice, Tunnel

pytestmark = [pytest.mark.database, pytest.mark.django_db]

SPOT = "ikev2 with BGP"
MARKER = "Marker-Device-Key-1"
EDITED = replace(MIRROR, ike_lifetime=7200, dpd=False)
Action = Callable[[Actor, Tunnel], Any]
ACTIONS: dict[str, Action] = {
    "tunnel.change_device": lambda actor, tunnel: change_device(
        actor=actor, tunnel=tunnel, settings=MIRROR, secrets=Secrets(psk=MARKER)
    ),
    "tunnel.mirror_device_value": lambda actor, tunnel: mirror_value(
        actor=actor, tunnel=tunnel, attribute="ike.lifetime"
    ),
    "tunnel.take_over_value": lambda actor, tunnel: take_over(
        actor=actor, tunnel=tunnel, attribute="ike.lifetime"
    ),
    "tunnel.break_device": lambda actor, tunnel: apply_fault(actor=actor, tunnel=tunnel, fault=BY_ID["psk"]),
    "tunnel.repair_device": lambda actor, tunnel: repair(actor=actor, tunnel=tunnel),
}


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def edited(actor: Actor) -> Tunnel:
    return tunnel_on(actor, SPOT, device={"ike_lifetime": 7200, "dpd": False})


def device_of(tunnel: Tunnel) -> PeerDevice:
    return PeerDevice.objects.get(tunnel=tunnel)


def test_the_settings_are_all_that_a_device_has() -> None:
    columns = {field.name for field in PeerDevice._meta.fields} - {"id", "tunnel", "has_own_secret"}
    assert {field.name for field in fields(DeviceSettings)} == columns - set(KEYS)


def test_settings_that_say_nothing_are_the_devices_defaults() -> None:
    device = PeerDevice()
    assert DeviceSettings.of(device) == MIRROR
    assert {name: getattr(device, name) for name in MIRROR.columns()} == MIRROR.columns()


def test_every_value_that_mirrors_has_its_place_in_the_comparison() -> None:
    placed = {column for columns in PLACES.values() for column in columns}
    assert placed == set(PeerDevice.MIRRORED)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_operator_may_and_it_is_audited_without_secrets(omar: Actor, watch: Watch, name: str) -> None:
    tunnel = edited(omar)
    ACTIONS[name](omar, tunnel)
    row = AuditEvent.objects.get(action=name)
    assert (row.actor_name, row.target, row.account) == ("omar", tunnel.public_id, omar.account)
    assert row.detail["changes"]
    told = json.dumps(row.detail)
    assert not [secret for secret in (MARKER, MARKER_PSK, MARKER_BGP_KEY) if secret in told]


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("who", ["vera", "sam"])
def test_a_viewer_or_a_stranger_may_not_and_nothing_happens(
    ana: Actor, watch: Watch, request: pytest.FixtureRequest, who: str, name: str
) -> None:
    tunnel = edited(ana)
    before = run_of(tunnel).version
    with pytest.raises(Refused) as refused:
        ACTIONS[name](request.getfixturevalue(who), tunnel)
    assert [finding.code for finding in refused.value.findings] == ["needs_role"]
    assert run_of(tunnel).version == before
    assert DeviceSettings.of(device_of(tunnel)) == EDITED
    assert not AuditEvent.objects.filter(action=name).exists()


@pytest.mark.parametrize("name", [name for name in ACTIONS if name != "tunnel.take_over_value"])
def test_a_change_of_the_device_negotiates_anew_and_says_why(omar: Actor, watch: Watch, name: str) -> None:
    tunnel = edited(omar)
    play(watch, tunnel)
    ACTIONS[name](omar, tunnel)
    watch.pass_by(1)
    assert story(tunnel)[-1] == ("started", "peer_changed")


def test_a_tunnel_that_is_up_takes_a_value_over_without_going_down(omar: Actor, watch: Watch) -> None:
    tunnel = edited(omar)
    attempt = play(watch, tunnel).attempt
    take_over(actor=omar, tunnel=tunnel, attribute="ike.lifetime")
    assert is_up(tunnel, play(watch, tunnel))
    assert run_of(tunnel).attempt == attempt


def test_a_tunnel_that_is_down_begins_anew_with_the_value_it_took_over(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, SPOT, device={"ike_version": "ikev1"})
    play(watch, tunnel)
    watch.pass_by(1)
    take_over(actor=omar, tunnel=tunnel, attribute="ike.version")
    assert story(tunnel)[-1] == ("started", "changed")
    assert is_up(tunnel, play(watch, tunnel))


def test_what_changes_nothing_leaves_the_tunnel_alone(omar: Actor, watch: Watch) -> None:
    tunnel = edited(omar)
    play(watch, tunnel)
    before = run_of(tunnel).version
    assert not change_device(actor=omar, tunnel=tunnel, settings=EDITED)
    assert not mirror_value(actor=omar, tunnel=tunnel, attribute="ike.psk")
    assert not mirror_value(actor=omar, tunnel=tunnel, attribute="child.lifetime")
    assert run_of(tunnel).version == before
    assert not AuditEvent.objects.filter(action__startswith="tunnel.change").exists()


def test_everything_can_be_set_and_is_read_back_as_it_was_set(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, SPOT)
    settings = DeviceSettings(
        configured=False,
        powered_on=False,
        initiates=True,
        ike_version="any",
        ike_mode="aggressive",
        ike_proposals=(("aes256", "sha256", "group14"), ("des", "md5", "group1")),
        child_proposals=(("3des", "sha1", "disabled"),),
        ike_lifetime=0,
        child_lifetime=86400,
        local_id="%any",
        remote_id="*.example.com",
        local_networks=("10.9.0.0/16",),
        remote_networks=("10.8.0.0/16", "10.7.0.0/16"),
        dpd=False,
        nat_traversal=True,
        strict_selectors=True,
        strict_lifetimes=True,
        behind_nat=True,
        nat_forwards_500=True,
        nat_forwards_4500=True,
        udp500_open=False,
        udp4500_open=False,
        esp_open=False,
        path_mtu=1400,
        latency_ms=300,
        loss_percent=100,
        bgp_asn=4294967295,
        bgp_address="169.254.9.1",
        bgp_peer_address="169.254.9.2",
        bgp_peer_asn=1,
        advertised_networks=("10.9.1.0/24",),
    )
    secrets = Secrets(psk=MARKER, bgp_auth_key=f"{MARKER}-bgp")
    assert change_device(actor=omar, tunnel=tunnel, settings=settings, secrets=secrets)
    device = device_of(tunnel)
    assert DeviceSettings.of(device) == settings
    assert (device.psk, device.bgp_auth_key) == (MARKER, f"{MARKER}-bgp")
    repair(actor=omar, tunnel=tunnel)
    again = DeviceSettings.of(device_of(tunnel))
    assert again == settings.mirroring()
    assert replace(again, initiates=False, latency_ms=20, advertised_networks=()) == MIRROR


@pytest.mark.parametrize(
    ("setting", "field", "code"),
    [
        ({"ike_lifetime": 86401}, "ike_lifetime", "lifetime_out_of_range"),
        ({"child_lifetime": -1}, "child_lifetime", "lifetime_out_of_range"),
        ({"local_id": "two words"}, "local_id", "id_malformed"),
        ({"remote_id": "x" * 101}, "remote_id", "id_too_long"),
        ({"local_networks": ("10.0.0.1/8",)}, "local_networks.0", "network_host_bits"),
        ({"remote_networks": ("10.0.0.0/8", "here")}, "remote_networks.1", "network_malformed"),
        ({"advertised_networks": ("10.0.0.0/8",) * 21}, "advertised_networks", "networks_too_many"),
        ({"bgp_asn": 0}, "bgp_asn", "asn_out_of_range"),
        ({"bgp_peer_asn": 2**32}, "bgp_peer_asn", "asn_out_of_range"),
        ({"bgp_address": "169.254.1"}, "bgp_address", "address_malformed"),
        ({"bgp_peer_address": "::1"}, "bgp_peer_address", "address_malformed"),
    ],
)
def test_nonsense_is_refused_at_its_field(
    omar: Actor, watch: Watch, setting: dict[str, Any], field: str, code: str
) -> None:
    tunnel = tunnel_on(omar, SPOT)
    with pytest.raises(Refused) as refused:
        change_device(actor=omar, tunnel=tunnel, settings=replace(MIRROR, **setting))
    assert (field, code) in [(finding.field, finding.code) for finding in refused.value.findings]
    assert DeviceSettings.of(device_of(tunnel)) == MIRROR


@pytest.mark.parametrize(
    ("secrets", "field", "code"),
    [
        (Secrets(psk="with space"), "psk", "psk_character"),
        (Secrets(psk="x" * 101), "psk", "psk_too_long"),
        (Secrets(bgp_auth_key="what?"), "bgp_auth_key", "auth_key_character"),
    ],
)
def test_a_key_that_no_device_can_have_is_refused_without_being_told(
    omar: Actor, watch: Watch, secrets: Secrets, field: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        change_device(actor=omar, tunnel=tunnel_on(omar, SPOT), settings=MIRROR, secrets=secrets)
    assert [(finding.field, finding.code) for finding in refused.value.findings] == [(field, code)]
    assert "with space" not in repr(refused.value)
    assert "with space" not in repr(secrets)


@pytest.mark.parametrize(
    "setting",
    [
        {"ike_version": "ikev3"},
        {"ike_mode": "quick"},
        {"ike_proposals": (("rot13", "sha1", "group2"),)},
        {"child_proposals": (("aes", "sha1", "group3"),)},
    ],
)
def test_what_is_no_value_at_all_is_a_mistake_of_the_caller(
    omar: Actor, watch: Watch, setting: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        change_device(actor=omar, tunnel=tunnel_on(omar, SPOT), settings=replace(MIRROR, **setting))


def test_a_key_is_kept_replaced_and_cleared(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, SPOT)
    change_device(actor=omar, tunnel=tunnel, settings=MIRROR, secrets=Secrets(psk=MARKER))
    assert own_secrets(device_of(tunnel)) == {"psk"}
    change_device(actor=omar, tunnel=tunnel, settings=EDITED)
    assert device_of(tunnel).psk == MARKER
    change_device(actor=omar, tunnel=tunnel, settings=EDITED, secrets=Secrets(psk="Other-1"))
    assert device_of(tunnel).psk == "Other-1"
    change_device(actor=omar, tunnel=tunnel, settings=EDITED, secrets=Secrets(psk=""))
    assert own_secrets(device_of(tunnel)) == frozenset()


@pytest.mark.parametrize(
    "name", ["tunnel.change_device", "tunnel.mirror_device_value", "tunnel.break_device"]
)
def test_with_the_keys_lost_a_device_can_still_be_changed(
    omar: Actor, watch: Watch, settings: Any, name: str
) -> None:
    tunnel = edited(omar)
    set_device(tunnel, psk=MARKER)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    ACTIONS[name](omar, tunnel)
    assert AuditEvent.objects.filter(action=name).exists()


def test_with_the_keys_lost_repairing_does_away_with_the_unreadable_key(
    omar: Actor, watch: Watch, settings: Any
) -> None:
    tunnel = edited(omar)
    set_device(tunnel, psk=MARKER)
    kept = settings.FIELD_KEYS
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    repair(actor=omar, tunnel=tunnel)
    settings.FIELD_KEYS = kept
    assert device_of(tunnel).psk == ""
    assert is_up(tunnel, play(watch, tunnel))


def test_a_key_that_cannot_be_read_cannot_be_taken_over(omar: Actor, watch: Watch, settings: Any) -> None:
    tunnel = edited(omar)
    set_device(tunnel, psk=MARKER)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SecretUnreadable):
        take_over(actor=omar, tunnel=tunnel, attribute="ike.psk")
    take_over(actor=omar, tunnel=tunnel, attribute="ike.lifetime")
    assert Tunnel.objects.defer("psk").get(pk=tunnel.pk).ike_lifetime == 7200


@pytest.mark.parametrize("attribute", ["", "psk", "name", "ike.nothing", "gateway_address", "peer.address"])
def test_what_is_no_value_of_a_device_changes_nothing(omar: Actor, watch: Watch, attribute: str) -> None:
    tunnel = edited(omar)
    for action in (mirror_value, take_over):
        with pytest.raises(KeyError):
            action(actor=omar, tunnel=tunnel, attribute=attribute)
    assert DeviceSettings.of(device_of(tunnel)) == EDITED


def test_the_two_tunnels_have_devices_of_their_own(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, SPOT)
    other = tunnel.connection.tunnels.get(index=2)
    before = DeviceSettings.of(device_of(other)), run_of(other).version
    apply_fault(actor=omar, tunnel=tunnel, fault=BY_ID["powered-off"])
    change_device(actor=omar, tunnel=tunnel, settings=EDITED)
    take_over(actor=omar, tunnel=tunnel, attribute="ike.lifetime")
    assert (DeviceSettings.of(device_of(other)), run_of(other).version) == before
    assert Tunnel.objects.get(pk=other.pk).ike_lifetime == 86400
