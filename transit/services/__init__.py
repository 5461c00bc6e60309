"""Writes of CEN instances, transit routers, their CIDR blocks and attachments, and of resource groups.

Each is one transaction with one audit row, and raises `Refused` where a rule forbids it.
"""

from transit.services.attachments import attach, change_ties, detach, held, held_at, ties_of
from transit.services.cens import create_cen, delete_cen
from transit.services.groups import create_resource_group, default_resource_group, delete_resource_group
from transit.services.routers import add_cidr, create_transit_router, delete_transit_router, remove_cidr

__all__ = [
    "add_cidr",
    "attach",
    "change_ties",
    "create_cen",
    "create_resource_group",
    "create_transit_router",
    "default_resource_group",
    "delete_cen",
    "delete_resource_group",
    "delete_transit_router",
    "detach",
    "held",
    "held_at",
    "remove_cidr",
    "ties_of",
]
