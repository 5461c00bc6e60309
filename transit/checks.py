"""The rules of `ipsec.rules` as CEN instances need them: wider names, blocks of a whole CEN."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from accounts import quotas
from accounts.models import QuotaName
from ipsec.findings import Finding
from ipsec.rules import Code, check_name, check_transit_cidr
from transit.models import Cen, TransitRouter, TransitRouterCidr, VpnAttachment

LONGEST_NAME: Final = 128
LONGEST_DESCRIPTION: Final = 256
LONGEST_GROUP_NAME: Final = 50


def check_text(value: str, field: str, longest: int) -> list[Finding]:
    """As `check_name`, with the length that the CEN console grants (chapter 9.13)."""
    found = [finding for finding in check_name(value, field) if finding.code != Code.TEXT_TOO_LONG]
    if len(value) > longest:
        found.append(Finding(field, Code.TEXT_TOO_LONG, params={"max": longest}))
    return found


def check_cidr(cidr: str, *, cen: Cen, transit_router: TransitRouter | None = None) -> list[Finding]:
    """A new block for `transit_router` (None: for one that is being created) within its CEN.

    A block may meet no other block of the CEN, no network that a connection routes to, and not the console's
    own pool, whose addresses it would hand out a second time.
    """
    found = check_transit_cidr(cidr, (*_blocks(cen), *_connected_networks(cen), settings.GATEWAY_POOL))
    if transit_router is not None:
        found.extend(check_count(cen, transit_router.cidrs.count() + 1))
    return found


def check_count(cen: Cen, count: int) -> Iterator[Finding]:
    """Whether a transit router of this CEN can have so many blocks."""
    limit = quotas.limit(cen.account, QuotaName.CIDRS_PER_TRANSIT_ROUTER)
    if count > limit:
        yield Finding("cidr", Code.TRANSIT_CIDR_TOO_MANY, params={"max": limit})


def _blocks(cen: Cen) -> tuple[str, ...]:
    return tuple(TransitRouterCidr.objects.filter(transit_router__cen=cen).values_list("cidr", flat=True))


def _connected_networks(cen: Cen) -> tuple[str, ...]:
    attached = VpnAttachment.objects.filter(
        transit_router__cen=cen, connection__destination_routes__isnull=False
    )
    return tuple(attached.values_list("connection__destination_routes__destination", flat=True).distinct())
