"""What the audit trail's codes mean to a reader. A closed catalogue: a new action needs a word here."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

AREAS: Final[Mapping[str, "str | Promise"]] = {
    "connection": _("IPsec connections"),
    "tunnel": _("Tunnels"),
    "peer_configuration": _("Peer configurations"),
    "customer_gateway": _("Customer gateways"),
    "cen": _("CEN instances"),
    "transit_router": _("Transit routers"),
    "resource_group": _("Resource groups"),
    "member": _("Members"),
    "session": _("Sign-ins"),
    "password": _("Passwords"),
    "account": _("Accounts"),
    "service_role": _("Service role"),
    "audit": _("Audit trail"),
}
"""What stands before the point of an action, in the order of the filter."""

ACTIONS: Final[Mapping[str, "str | Promise"]] = {
    "connection.create": _("Created an IPsec connection"),
    "connection.edit": _("Changed an IPsec connection"),
    "connection.bind": _("Bound a connection to a transit router"),
    "connection.unbind": _("Unbound a connection"),
    "connection.add_route": _("Added a destination route"),
    "connection.delete_route": _("Deleted a destination route"),
    "connection.grant": _("Authorised another account's CEN instance"),
    "connection.revoke": _("Revoked an authorisation"),
    "connection.delete": _("Deleted an IPsec connection"),
    "connection.kept_key_reveal": _("Looked at a key kept for a form"),
    "connection.set_clock_speed": _("Set how fast a connection's time runs"),
    "tunnel.create": _("Created a tunnel"),
    "tunnel.edit": _("Changed a tunnel's configuration"),
    "tunnel.rotate_psk": _("Rotated a tunnel's pre-shared key"),
    "tunnel.set_gateway_address": _("Set a tunnel's gateway IP address"),
    "tunnel.send_traffic": _("Sent traffic into a tunnel"),
    "tunnel.reset": _("Reset a tunnel"),
    "tunnel.send_test_traffic": _("Sent test traffic through a tunnel"),
    "tunnel.rekey": _("Rekeyed a tunnel"),
    "tunnel.take_out_of_service": _("Took a tunnel out of service"),
    "tunnel.put_into_service": _("Put a tunnel back into service"),
    "tunnel.take_over_value": _("Took a value of the peer over into a tunnel"),
    "tunnel.change_device": _("Changed the simulated peer"),
    "tunnel.mirror_device_value": _("Set a value of the simulated peer to the cloud's"),
    "tunnel.break_device": _("Broke the simulated peer on purpose"),
    "tunnel.repair_device": _("Repaired the simulated peer"),
    "tunnel.set_peer_configured": _("Set up the simulated peer, or took it down"),
    "tunnel.reveal_psk": _("Revealed a pre-shared key"),
    "peer_configuration.reveal": _("Showed a peer configuration with its keys"),
    "peer_configuration.download": _("Downloaded a peer configuration"),
    "customer_gateway.create": _("Created a customer gateway"),
    "customer_gateway.modify": _("Changed a customer gateway"),
    "customer_gateway.delete": _("Deleted a customer gateway"),
    "cen.create": _("Created a CEN instance"),
    "cen.delete": _("Deleted a CEN instance"),
    "transit_router.create": _("Created a transit router"),
    "transit_router.delete": _("Deleted a transit router"),
    "transit_router.add_cidr": _("Added a CIDR block to a transit router"),
    "transit_router.remove_cidr": _("Removed a CIDR block from a transit router"),
    "transit_router.attach": _("Attached a connection to a transit router"),
    "transit_router.change_ties": _("Changed how a connection is tied to route tables"),
    "transit_router.detach": _("Detached a connection from a transit router"),
    "resource_group.create": _("Created a resource group"),
    "resource_group.delete": _("Deleted a resource group"),
    "member.add": _("Added a member"),
    "member.change-role": _("Changed a member's role"),
    "member.reset-password": _("Set a new password for a member"),
    "member.remove": _("Removed a member"),
    "session.sign-in": _("Signed in"),
    "session.sign-out": _("Signed out"),
    "password.change": _("Changed their own password"),
    "account.create": _("Created the account"),
    "service_role.create": _("Created the service role"),
    "audit.export": _("Exported the audit trail"),
    "audit.prune": _("Removed old rows of the audit trail"),
}

DETAILS: Final[Mapping[str, "str | Promise"]] = {
    "name": _("Name"),
    "username": _("Username"),
    "role": _("Role"),
    "before": pgettext_lazy("audit", "Before"),
    "after": pgettext_lazy("audit", "After"),
    "changed": _("Changed fields"),
    "description": _("Description"),
    "region": _("Region"),
    "address": _("IP address"),
    "asn": _("AS number"),
    "auth_key": _("BGP authentication key"),
    "has_auth_key": _("With a BGP authentication key"),
    "psk": _("Pre-shared key"),
    "index": pgettext_lazy("audit", "Tunnel number"),
    "gateway": _("Customer gateway"),
    "customer_gateways": _("Customer gateways"),
    "configured": pgettext_lazy("audit", "Set up"),
    "connection": _("IPsec connection"),
    "attachment": _("Attachment"),
    "account_uid": _("UID of the other account"),
    "by_account": _("By account"),
    "order_type": _("Who pays"),
    "binding": pgettext_lazy("audit", "Binding"),
    "cen": _("CEN instance"),
    "transit_router": _("Transit router"),
    "routing_mode": _("Routing mode"),
    "bgp": "BGP",
    "auto_publish_route": _("Routes published automatically"),
    "associate": _("Associated with the route table"),
    "propagate": _("Routes propagated to the route table"),
    "force": pgettext_lazy("audit", "With its route table ties"),
    "cidr": _("CIDR block"),
    "cidrs": _("CIDR blocks"),
    "resource_group": _("Resource group"),
    "what": pgettext_lazy("audit", "What"),
    "source": pgettext_lazy("audit", "Source"),
    "destination": pgettext_lazy("audit", "Destination"),
    "size": pgettext_lazy("audit", "Bytes"),
    "fault": pgettext_lazy("audit", "Fault"),
    "vendor": pgettext_lazy("audit", "Format"),
    "with_secrets": pgettext_lazy("audit", "With keys"),
    "format": pgettext_lazy("audit", "File format"),
    "filters": pgettext_lazy("audit", "Filter"),
    "rows": pgettext_lazy("audit", "Rows"),
}
"""Keys of `detail`."""


def action_word(action: str) -> str:
    """In the language active now; an action of an older version that has no word any more is its own."""
    return str(ACTIONS.get(action, action))


def detail_word(key: str) -> str:
    return str(DETAILS.get(key, key))


def area_of(action: str) -> str:
    return action.partition(".")[0]
