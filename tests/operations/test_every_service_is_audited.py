"""Every service that takes an actor leaves a row: who, from where, for which request, what; and no secret."""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from audited_estate import PASSWORD, REGION, SECRETS, Estate, connection_of, estate_of, gateway_of
from django.conf import settings

from accounts import audit_export, services
from accounts.actor import Actor
from accounts.audit_queries import AuditFilter
from accounts.models import AuditEvent, Role
from connections import peer_files
from connections.models import CrossAccountGrant
from connections.services import (
    add_route,
    bind,
    delete_connection,
    delete_route,
    edit_connection,
    edit_tunnel,
    grants,
    rotate_psk,
    tie,
    unbind,
)
from connections.services.settling import settle_due
from gateways.services import delete_customer_gateway, modify_customer_gateway
from peerconfigs.registry import VENDORS
from transit import services as transit
from transit.models import TransitRouterCidr
from tunnels import clock, operations, probing
from tunnels import services as tunnels
from tunnels.devices import services as devices
from tunnels.devices.faults import FAULTS
from tunnels.devices.settings import DeviceSettings, Secrets
from tunnels.playing import claim_due, play_all
from tunnels.spec import connection_spec

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ROOT: Path = settings.BASE_DIR
APPS = ("accounts", "gateways", "transit", "tunnels", "connections")

WRITES_NOTHING = {
    "accounts.actor.audit",  # writes the row itself
    "accounts.services.refuse_reset",
    "connections.services.filters.save_filter",  # a user's own view of the list
    "connections.services.filters.delete_filter",
    "connections.services.drafts.discard_draft",  # what somebody is typing is nobody else's business yet
    "connections.services.drafts.draft_kept_at",
    "connections.services.drafts.draft_of",
    "connections.services.drafts.keep_draft",
    "connections.services.request.earlier_connection",
    "connections.services.pending.leave_to_workers",  # whoever calls it has written why
    "connections.services.request.look_up",
    "connections.services.request.look_up_edit",
    "tunnels.entering.must_operate",
}
"""What takes an actor only to know whose things it looks at, or keeps a form that is being typed."""


def the_tunnel(service: Callable[..., Any], **values: Any) -> Callable[[Estate], Any]:
    return lambda estate: service(actor=estate.actor, tunnel=estate.tunnel, **values)


def come_up(estate: Estate) -> None:
    """Let all that is due happen, as the workers do."""
    begun = clock.now()
    for second in range(30):
        now = begun + timedelta(seconds=second)
        play_all(claim_due(now, 100), now)


def rekey(estate: Estate) -> None:
    come_up(estate)
    operations.rekey_now(actor=estate.actor, tunnel=estate.tunnel, what="child")


def put_back(estate: Estate) -> None:
    operations.take_out_of_service(actor=estate.actor, tunnel=estate.tunnel)
    operations.put_into_service(actor=estate.actor, tunnel=estate.tunnel)


def changed_device(estate: Estate) -> None:
    broken = DeviceSettings.of(estate.tunnel.peer_device)
    devices.change_device(
        actor=estate.actor,
        tunnel=estate.tunnel,
        settings=replace(broken, ike_lifetime=3600),
        secrets=Secrets(psk=SECRETS[0]),
    )


def mirrored_value(estate: Estate) -> None:
    changed_device(estate)
    devices.mirror_value(actor=estate.actor, tunnel=estate.tunnel, attribute="ike.lifetime")


def taken_over(estate: Estate) -> None:
    changed_device(estate)
    devices.take_over(actor=estate.actor, tunnel=estate.tunnel, attribute="ike.lifetime")


def repaired(estate: Estate) -> None:
    changed_device(estate)
    devices.repair(actor=estate.actor, tunnel=estate.tunnel)


def unbound(estate: Estate) -> Any:
    unbind(actor=estate.actor, connection=estate.connection)
    settle_due(clock.now())
    estate.connection.refresh_from_db()
    return estate.connection


def edited(estate: Estate) -> None:
    wanted = connection_spec(estate.connection, with_secrets=False)
    edit_connection(actor=estate.actor, connection=estate.connection, wanted=replace(wanted, name="renamed"))


def edited_tunnel(estate: Estate) -> None:
    (wanted, _other) = connection_spec(estate.connection, with_secrets=False).tunnels
    keyed = replace(wanted, dpd=False, ike=replace(wanted.ike, psk=SECRETS[1]))
    edit_tunnel(actor=estate.actor, tunnel=estate.tunnel, wanted=keyed)


def bound_again(estate: Estate) -> None:
    bind(actor=estate.actor, connection=unbound(estate), transit_router=estate.router)


def deleted(estate: Estate) -> None:
    delete_connection(actor=estate.actor, connection=unbound(estate))


def granted(estate: Estate) -> CrossAccountGrant:
    """A connection of a partner's that this account may bind."""
    partner = replace(estate.actor, account=services.create_account(name="Partner"))
    devices_there = (gateway_of(partner, "198.51.100.1"), gateway_of(partner, "198.51.100.2"))
    return grants.grant(
        actor=partner,
        connection=connection_of(partner, None, devices_there),
        cen_owner_uid=estate.actor.account.uid,
        cen_id=estate.cen.public_id,
        order_type="PayByCenOwner",
    )


def given(estate: Estate) -> CrossAccountGrant:
    """A connection of this account that a partner may bind."""
    partner = replace(estate.actor, account=services.create_account(name="Partner"))
    return grants.grant(
        actor=estate.actor,
        connection=unbound(estate),
        cen_owner_uid=partner.account.uid,
        cen_id=transit.create_cen(actor=partner, name="theirs").public_id,
        order_type="PayByCenOwner",
    )


def bound_for_another(estate: Estate) -> CrossAccountGrant:
    grant = granted(estate)
    ties = {"auto_publish_route": True, "associate": True, "propagate": True}
    grants.bind_granted(actor=estate.actor, grant=grant, **ties)
    settle_due(clock.now())
    return grant


def unbound_for_another(estate: Estate) -> None:
    grants.unbind_granted(actor=estate.actor, grant=bound_for_another(estate))


def tied(estate: Estate) -> None:
    ties = {"auto_publish_route": False, "associate": True, "propagate": False}
    tie(actor=estate.actor, connection=estate.connection, **ties)


def with_route(estate: Estate) -> None:
    add_route(actor=estate.actor, connection=estate.connection, destination="192.168.77.0/24")


def without_route(estate: Estate) -> None:
    with_route(estate)
    delete_route(actor=estate.actor, connection=estate.connection, destination="192.168.77.0/24")


def deleted_cen(estate: Estate) -> None:
    transit.delete_cen(actor=estate.actor, cen=transit.create_cen(actor=estate.actor, name="spare"))


def deleted_router(estate: Estate) -> None:
    router = transit.create_transit_router(actor=estate.actor, cen=estate.cen, region="cn-shanghai")
    transit.delete_transit_router(actor=estate.actor, transit_router=router)


def deleted_group(estate: Estate) -> None:
    group = transit.create_resource_group(actor=estate.actor, name="spare")
    transit.delete_resource_group(actor=estate.actor, resource_group=group)


def removed_cidr(estate: Estate) -> None:
    block = TransitRouterCidr.objects.get(transit_router=estate.router)
    transit.remove_cidr(actor=estate.actor, block=block)


def exported(estate: Estate) -> None:
    wanted = AuditFilter(action="cen")
    audit_export.export(actor=estate.actor, wanted=wanted, format=audit_export.ExportFormat.CSV)


def shown_file(estate: Estate) -> None:
    vendor = VENDORS["strongswan"]
    peer_files.write(actor=estate.actor, connection=estate.connection, vendor=vendor, with_secrets=True)


STORIES: dict[str, tuple[str, Callable[[Estate], Any]]] = {
    "accounts.audit_export.export": ("audit.export", exported),
    "accounts.services.add_membership": (
        "member.add",
        lambda estate: services.create_member(estate.actor, username="lea", role=Role.VIEWER),
    ),
    "accounts.services.create_member": (
        "member.add",
        lambda estate: services.create_member(estate.actor, username="kim", role=Role.VIEWER),
    ),
    "accounts.services.change_role": (
        "member.change-role",
        lambda estate: services.change_role(estate.actor, membership=estate.member, role=Role.OPERATOR),
    ),
    "accounts.services.remove_member": (
        "member.remove",
        lambda estate: services.remove_member(estate.actor, membership=estate.member),
    ),
    "accounts.services.reset_password": (
        "member.reset-password",
        lambda estate: services.reset_password(estate.actor, membership=estate.member),
    ),
    "accounts.services.change_password": (
        "password.change",
        lambda estate: services.change_password(estate.actor, user=estate.member.user, password=PASSWORD),
    ),
    "connections.peer_files.write": ("peer_configuration.reveal", shown_file),
    "connections.services.binding.bind": ("connection.bind", bound_again),
    "connections.services.binding.unbind": ("connection.unbind", unbound),
    "connections.services.creation.create_connection": (
        "connection.create",
        lambda estate: connection_of(estate.actor, estate.cen, estate.gateways, "second", 20),
    ),
    "connections.services.editing.edit_connection": ("connection.edit", edited),
    "connections.services.editing.edit_tunnel": ("tunnel.edit", edited_tunnel),
    "connections.services.editing.rotate_psk": (
        "tunnel.rotate_psk",
        the_tunnel(rotate_psk, key=SECRETS[1]),
    ),
    "connections.services.deletion.delete_connection": ("connection.delete", deleted),
    "connections.services.grants.grant": ("connection.grant", given),
    "connections.services.grants.revoke": (
        "connection.revoke",
        lambda estate: grants.revoke(actor=estate.actor, grant=given(estate)),
    ),
    "connections.services.grants.bind_granted": ("connection.bind", bound_for_another),
    "connections.services.grants.unbind_granted": ("connection.unbind", unbound_for_another),
    "connections.services.binding.attach_to": ("transit_router.attach", bound_again),
    "connections.services.binding.detach": ("transit_router.detach", unbound),
    "connections.services.routes.add_route": ("connection.add_route", with_route),
    "connections.services.routes.delete_route": ("connection.delete_route", without_route),
    "connections.services.routes.tie": ("transit_router.change_ties", tied),
    "gateways.services.create_customer_gateway": (
        "customer_gateway.create",
        lambda estate: gateway_of(estate.actor, "203.0.113.7"),
    ),
    "gateways.services.modify_customer_gateway": (
        "customer_gateway.modify",
        lambda estate: modify_customer_gateway(
            actor=estate.actor, gateway=estate.gateways[0], name="renamed", auth_key=SECRETS[1]
        ),
    ),
    "gateways.services.delete_customer_gateway": (
        "customer_gateway.delete",
        lambda estate: delete_customer_gateway(
            actor=estate.actor, gateway=gateway_of(estate.actor, "203.0.113.8")
        ),
    ),
    "transit.services.attachments.attach": ("transit_router.attach", bound_again),
    "transit.services.attachments.change_ties": ("transit_router.change_ties", tied),
    "transit.services.attachments.detach": ("transit_router.detach", unbound),
    "transit.services.cens.create_cen": (
        "cen.create",
        lambda estate: transit.create_cen(actor=estate.actor, name="other"),
    ),
    "transit.services.cens.delete_cen": ("cen.delete", deleted_cen),
    "transit.services.groups.create_resource_group": (
        "resource_group.create",
        lambda estate: transit.create_resource_group(actor=estate.actor, name="finance"),
    ),
    "transit.services.groups.delete_resource_group": ("resource_group.delete", deleted_group),
    "transit.services.routers.create_transit_router": (
        "transit_router.create",
        lambda estate: transit.create_transit_router(
            actor=estate.actor, cen=estate.cen, region="cn-shanghai"
        ),
    ),
    "transit.services.routers.delete_transit_router": ("transit_router.delete", deleted_router),
    "transit.services.routers.add_cidr": (
        "transit_router.add_cidr",
        lambda estate: transit.add_cidr(
            actor=estate.actor, transit_router=estate.router, cidr="10.98.0.0/24"
        ),
    ),
    "transit.services.routers.remove_cidr": ("transit_router.remove_cidr", removed_cidr),
    "tunnels.devices.services.change_device": ("tunnel.change_device", changed_device),
    "tunnels.devices.services.mirror_value": ("tunnel.mirror_device_value", mirrored_value),
    "tunnels.devices.services.take_over": ("tunnel.take_over_value", taken_over),
    "tunnels.devices.services.repair": ("tunnel.repair_device", repaired),
    "tunnels.devices.services.apply_fault": (
        "tunnel.break_device",
        the_tunnel(devices.apply_fault, fault=FAULTS[0]),
    ),
    "tunnels.operations.rekey_now": ("tunnel.rekey", rekey),
    "tunnels.operations.take_out_of_service": (
        "tunnel.take_out_of_service",
        the_tunnel(operations.take_out_of_service),
    ),
    "tunnels.operations.put_into_service": ("tunnel.put_into_service", put_back),
    "tunnels.operations.set_clock_speed": (
        "connection.set_clock_speed",
        the_tunnel(operations.set_clock_speed, speed=60),
    ),
    "tunnels.probing.send_test_traffic": (
        "tunnel.send_test_traffic",
        the_tunnel(probing.send_test_traffic, source="10.0.0.1", destination="10.0.1.1", size=100),
    ),
    "tunnels.services.create_tunnels": (
        "tunnel.create",
        lambda estate: connection_of(estate.actor, estate.cen, estate.gateways, "third", 30),
    ),
    "tunnels.services.set_gateway_address": (
        "tunnel.set_gateway_address",
        the_tunnel(tunnels.set_gateway_address, address="198.19.7.7"),
    ),
    "tunnels.services.send_traffic": ("tunnel.send_traffic", the_tunnel(tunnels.send_traffic)),
    "tunnels.services.reset": ("tunnel.reset", the_tunnel(tunnels.reset)),
    "tunnels.services.set_peer_configured": (
        "tunnel.set_peer_configured",
        the_tunnel(tunnels.set_peer_configured, configured=False),
    ),
    "tunnels.services.reveal_psk": ("tunnel.reveal_psk", the_tunnel(tunnels.reveal_psk)),
}
"""By service: the action of its row, and how it comes about."""


def services_with_an_actor() -> Iterator[str]:
    """Public functions of the apps that take an actor."""
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                taken = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
                if "actor" in taken and "views" not in path.parts and "views" not in path.stem:
                    yield ".".join((*path.relative_to(ROOT).with_suffix("").parts, node.name))


def test_every_service_has_its_story_here() -> None:
    found = set(services_with_an_actor())

    assert found - WRITES_NOTHING - set(STORIES) == set(), "tell how each of these leaves its row"
    assert (set(STORIES) | WRITES_NOTHING) - found == set(), "these are gone"


@pytest.mark.parametrize("service", STORIES)
def test_it_leaves_its_row(service: str, ana: Actor) -> None:
    action, story = STORIES[service]
    estate = estate_of(ana)
    before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]

    story(estate)

    row = AuditEvent.objects.filter(pk__gt=before, action=action, account=ana.account).first()
    assert row is not None
    assert (row.account, row.actor, row.actor_name) == (ana.account, ana.user, "ana")
    assert (row.address, row.request_id) == ("192.0.2.10", "TEST-REQUEST")
    assert row.target
    kept = json.dumps(list(AuditEvent.objects.values("action", "target", "detail")))
    assert [secret for secret in SECRETS if secret in kept] == []


def test_region_of_the_estate_is_one_that_exists(ana: Actor) -> None:
    assert estate_of(ana).connection.region == REGION
