"""Writes of the peer device, and of the tunnel where it takes over what the device has.

Each locks run, tunnel and device in this order, leaves an audit row without secrets, and returns whether
anything has changed. A changed device negotiates anew from the start, so that what was set shows at once.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from accounts.actor import Actor, audit
from accounts.audit_changes import changes
from accounts.encryption import SecretUnreadable
from accounts.refusal import Refused, refuse
from tunnels.configuring import configure
from tunnels.devices.checks import check_device
from tunnels.devices.ends import Ends, ends_of, own_secrets
from tunnels.devices.faults import Fault
from tunnels.devices.following import check_taking, configured, would_take
from tunnels.devices.settings import (
    COLUMNS,
    KEPT,
    KEYS,
    MIRRORED,
    SECRET_VALUES,
    DeviceSettings,
    Secrets,
    mirroring,
)
from tunnels.entering import locked_run, must_operate
from tunnels.models import Because, PeerDevice, Tunnel
from tunnels.services import edited, start_negotiation

Change = Callable[[DeviceSettings], tuple[DeviceSettings, Secrets]]


@transaction.atomic
def change_device(*, actor: Actor, tunnel: Tunnel, settings: DeviceSettings, secrets: Secrets = KEPT) -> bool:
    """Set everything of the device. Refused: `needs_role`, and what `check_device` says."""
    _enter(actor, tunnel)
    return _change(actor, tunnel, "tunnel.change_device", lambda _now: (settings, secrets))


@transaction.atomic
def mirror_value(*, actor: Actor, tunnel: Tunnel, attribute: str) -> bool:
    """Set one value of the device to the cloud's. `KeyError` for an attribute that devices have not."""
    _enter(actor, tunnel)
    if attribute in SECRET_VALUES:
        cleared = Secrets(**{SECRET_VALUES[attribute]: ""})
        return _change(actor, tunnel, "tunnel.mirror_device_value", lambda now: (now, cleared))
    ends = ends_of(tunnel, with_secrets=False)

    def change(now: DeviceSettings) -> tuple[DeviceSettings, Secrets]:
        return mirroring(now, attribute, ends.cloud, ends.peer), KEPT

    return _change(actor, tunnel, "tunnel.mirror_device_value", change)


@transaction.atomic
def apply_fault(*, actor: Actor, tunnel: Tunnel, fault: Fault) -> bool:
    """Break the device in this one way; in all else it mirrors the generated configuration."""
    _enter(actor, tunnel)
    broken = fault.breaks(ends_of(tunnel, with_secrets=False).mirror)

    def change(now: DeviceSettings) -> tuple[DeviceSettings, Secrets]:
        return broken.beside(now), broken.secrets

    return _change(actor, tunnel, "tunnel.break_device", change, fault=fault.id)


@transaction.atomic
def repair(*, actor: Actor, tunnel: Tunnel) -> bool:
    """Let the device mirror the generated configuration again, with nothing in the way."""
    _enter(actor, tunnel)
    return _change(actor, tunnel, "tunnel.repair_device", lambda now: (now.mirroring(), MIRRORED))


def _enter(actor: Actor, tunnel: Tunnel) -> None:
    """The run is locked first: that is the order in which workers take run and tunnel."""
    must_operate(actor, tunnel)
    locked_run(tunnel)


def _change(actor: Actor, tunnel: Tunnel, action: str, change: Change, **detail: Any) -> bool:
    device = PeerDevice.objects.select_for_update().defer(*KEYS).get(tunnel=tunnel)
    settings, secrets = change(DeviceSettings.of(device))
    if wrong := check_device(settings, secrets):
        raise Refused(wrong)
    changed = _changed(device, settings, secrets)
    if changed:
        told = changes(device, changed)
        _save(device, changed)
        audit(actor, action, tunnel.public_id, changes=told, **detail)
        start_negotiation(tunnel=tunnel, because=Because.PEER_CHANGED)
    return bool(changed)


def _changed(device: PeerDevice, settings: DeviceSettings, secrets: Secrets) -> dict[str, Any]:
    """By column. A key is never opened to see whether a new one is the same."""
    now, new = DeviceSettings.of(device).columns(), settings.columns()
    has = own_secrets(device)
    typed = {name: value for name, value in secrets.given().items() if value or name in has}
    return {name: new[name] for name in COLUMNS if new[name] != now[name]} | typed


def _save(device: PeerDevice, changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        setattr(device, name, value)
    device.full_clean(exclude={"tunnel", *set(KEYS) - set(changed)}, validate_unique=False)
    device.save(update_fields=[*changed])


@transaction.atomic
def take_over(*, actor: Actor, tunnel: Tunnel, attribute: str) -> bool:
    """Set one value of the tunnel to the device's, by the rules of the creation page.

    Refused: `needs_role`, `connection_busy` while an edit is being applied, and what the rules have against
    it. `KeyError` for what no field of a tunnel can take, `SecretUnreadable` for a key that cannot be opened.
    """
    _enter(actor, tunnel)
    row = Tunnel.objects.select_for_update(of=("self",)).select_related("connection").defer("psk")
    locked = row.get(pk=tunnel.pk)
    if locked.connection.state == "updating":
        raise refuse("connection", "connection_busy")
    ends = ends_of(locked)
    if attribute in ends.unknown:
        raise SecretUnreadable("no key in FIELD_KEYS opens the device's secret")
    if wrong := check_taking(ends, attribute, configured(locked)):
        raise Refused(wrong)
    columns = would_take(ends, attribute)
    told = changes(locked, columns)
    configure({locked: columns})
    _settle(locked, attribute, ends)
    audit(actor, "tunnel.take_over_value", tunnel.public_id, changes=told)
    edited(tunnel=locked, fields=columns)
    return True


def _settle(tunnel: Tunnel, attribute: str, before: Ends) -> None:
    """What the device had of its own is now the generated configuration: it mirrors there again. A list of
    several proposals stays, of which the tunnel has taken the first."""
    device = PeerDevice.objects.select_for_update().defer(*KEYS).get(tunnel=tunnel)
    if attribute in SECRET_VALUES:
        _save(device, {SECRET_VALUES[attribute]: ""})
    elif attribute not in ("ike", "child"):
        settings = mirroring(before.settings, attribute, ends_of(tunnel).cloud, before.peer)
        if changed := _changed(device, settings, KEPT):
            _save(device, changed)
