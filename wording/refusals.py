"""What a service says when it refuses for reasons that lie in the account's other things."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.findings import Finding

TEXTS: Final[Mapping[str, "str | Promise"]] = {
    "needs_role": _("Your role does not allow this: ask an administrator of the account for the right."),
    "quota_full": _(
        "The quota is used up: %(name)s, at most %(limit)s. "
        "Delete one you no longer need, or ask an administrator for a higher quota."
    ),
    "region_unknown": _('"%(region)s" is not a region of this console: choose one from the list.'),
    # CEN instances and transit routers
    "cen_required": _("Choose the CEN instance that the connection is bound to."),
    "cen_unknown": _(
        "This CEN instance does not exist, or belongs to another account: choose one from the list."
    ),
    "cen_has_transit_router": _(
        "Transit router %(transit_router)s in %(region)s belongs to this CEN instance: delete it first."
    ),
    "transit_router_exists": _(
        "This CEN instance already has transit router %(transit_router)s in %(region)s: "
        "a CEN instance has one per region."
    ),
    "transit_router_missing": _(
        "This CEN instance has no Enterprise transit router in this region: "
        "create one there, or choose another CEN instance."
    ),
    "transit_router_in_use": _(
        "IPsec connection %(connection)s is attached to this transit router: unbind or delete it first."
    ),
    "cidr_in_use": _(
        "Tunnel %(tunnel)s of IPsec connection %(connection)s has its gateway address %(address)s from this "
        "block: unbind or delete the connection first."
    ),
    "resource_group_name_required": _("Type a name for the resource group."),
    "resource_group_exists": _("A resource group named %(name)s exists already: type another name."),
    "resource_group_default": _("The default resource group stays: everything in no other group is in it."),
    "resource_group_in_use": _("CEN instance %(cen)s is in this resource group: delete it first."),
    "resource_group_unknown": _("This resource group does not exist any more: choose one from the list."),
    # Gateway addresses
    "gateway_pool_exhausted": _(
        "No gateway address is left in %(pool)s: "
        "delete connections you no longer need, or add addresses to the pool."
    ),
    "allocate_cidr_failed": _(
        "Transit router %(transit_router)s has no CIDR block to take gateway addresses from: "
        "add a CIDR block to it first."
    ),
    "gateway_address_taken": _(
        "%(address)s is already the gateway address of another tunnel: "
        "type another address, or leave it empty."
    ),
    "gateway_address_is_peers": _(
        "%(address)s is the address of a customer gateway, so the cloud's end of a tunnel cannot have it: "
        "type another address."
    ),
    # Saved filters of the list
    "filter_name_missing": _("Type a name for the filter."),
    "filter_too_long": _("This filter is too long to be saved: search for less at once."),
    "filters_full": _("You have saved %(limit)s filters: delete one you no longer need."),
    # Customer gateways
    "customer_gateway_unknown": _(
        "This customer gateway does not exist in this region, or belongs to another account: "
        "choose one from the list."
    ),
    "gateway_in_use": _(
        "Tunnel %(tunnel)s of IPsec connection %(connection)s ends on this customer gateway: "
        "choose another one there, or delete the connection first."
    ),
    # Connections
    "connection_busy": _(
        "This connection is being changed right now (VpnConnection.Configuring): try again in a moment."
    ),
    "changed_meanwhile": _(
        "Somebody else has changed this since you opened the page, and nothing was saved: "
        "see below what is different now, then save again."
    ),
    "bound_elsewhere": _(
        "This connection is bound to a transit router of another account (UID %(uid)s): "
        "that account has to unbind it first."
    ),
    "grant_own_account": _(
        "This is the UID of your own account: bind the connection to a CEN instance of yours directly."
    ),
    "grant_cen_unknown": _(
        "Account %(uid)s has no CEN instance %(cen)s: ask its administrator for both and type them exactly."
    ),
    "grant_exists": _("CEN instance %(cen)s is authorised already."),
    "grant_in_use": _(
        "CEN instance %(cen)s has bound this connection: its account has to unbind it before you revoke."
    ),
    "grant_gone": _("The authorisation has been revoked: ask the owner of the connection for it again."),
    "connection_bound": _("This connection is bound to a transit router: unbind it first."),
    "not_bound": _("This connection is not bound to a transit router: bind it first."),
    "route_exists": _("There is a route to %(destination)s already: type another network."),
    "route_made_by_itself": _(
        "The route to %(destination)s comes from a protected data flow: take the network out of the remote "
        "networks of the connection instead."
    ),
    # Tunnels
    "not_up": _("The tunnel is not up, so there is nothing to rekey: reset it instead."),
    "clock_speed": _("Choose one of the speeds in the list."),
    "test_address": _("Type an IPv4 address, such as 10.0.0.10."),
    "tunnel_cidr_in_use": _(
        "%(cidr)s has just been taken by another tunnel to customer gateway %(gateway)s: "
        "type a different /30."
    ),
}

QUOTAS: Final[Mapping[str, "str | Promise"]] = {
    "connections_per_transit_router": _("IPsec connections per transit router"),
    "connections_per_region": _("IPsec connections per region"),
    "customer_gateways_per_region": _("Customer gateways per region"),
    "cidrs_per_transit_router": _("CIDR blocks per transit router"),
    "routes_per_connection": _("Destination routes per IPsec connection"),
}
"""What the quotas of `accounts.models.QuotaName` are called, by the value that `quota_full` has as `name`."""


def message(finding: Finding) -> str:
    """The refusal's text in the language active now. `KeyError` for a code that is not of this module."""
    params = dict(finding.params)
    if finding.code == "quota_full":
        params["name"] = str(QUOTAS.get(str(params["name"]), params["name"]))
    return str(TEXTS[finding.code]) % params


def named(name: str, public_id: str) -> str:
    """How a message names a thing: `to Shanghai (vco-…)`, or the id alone."""
    return f"{name} ({public_id})" if name else public_id
