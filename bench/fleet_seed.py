"""A fleet of any size on PostgreSQL, for `bench/fleet.py`: rows in bulk, the derived tables filled at the end."""

import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.actor import Actor  # noqa: E402
from accounts.models import Account, Membership, Quota, QuotaName, Role, User  # noqa: E402
from connections.fleet import keeping  # noqa: E402
from connections.models import IPsecConnection  # noqa: E402
from gateways.models import CustomerGateway  # noqa: E402
from transit.models import AddressPool, TransitRouter, VpnAttachment  # noqa: E402
from transit.services import create_cen, create_transit_router  # noqa: E402
from tunnels.models import NegotiationRun, PeerDevice, Status, Tunnel  # noqa: E402

REGIONS = ("cn-hangzhou", "cn-shanghai", "eu-central-1", "us-east-1")
"""Nine tenths lie in the first one: its list is the one that is measured."""
GATEWAYS = 200
BATCH = 4000
WRITTEN = (
    "connections_ipsecconnection", "tunnels_tunnel", "tunnels_negotiationrun", "transit_vpnattachment",
    "connections_connectionhealth", "gateways_customergateway",
)  # fmt: skip
TUNNEL = {
    "ike_version": "ikev2", "ike_mode": "main", "ike_encryption": "aes256", "ike_integrity": "sha256",
    "ike_dh_group": "group14", "ike_lifetime": 86400, "child_encryption": "aes256",
    "child_integrity": "sha256", "child_pfs": "group14", "child_lifetime": 86400,
}  # fmt: skip


def region_of(number: int) -> str:
    return REGIONS[0] if number % 10 else REGIONS[1 + number // 10 % 3]


def name_of(number: int) -> str:
    """One in 88 says harbour, one in 12,500 lighthouse: what is common, and what is rare."""
    harbour = " harbour" if number % 88 == 0 else ""
    return f"site-{number:06}{harbour}{' lighthouse' if number % 12500 == 0 else ''}"


def status_of(number: int, index: int) -> dict[str, str]:
    """Ninety-eight in a hundred are up; the rest are down on one side or both."""
    if number % 100 == 7 and index == 1:
        return {"status": Status.CHILD_DOWN, "cause": "PfsMismatch"}
    if number % 100 == 33:
        return {"status": Status.IKE_DOWN, "cause": "PreSharedKeyMismatch"}
    return {"status": Status.CHILD_UP}


def batches(total: int) -> Iterable[range]:
    for begin in range(0, total, BATCH):
        yield range(begin, min(begin + BATCH, total))


def seed(total: int) -> str:
    """The session key of the account's administrator."""
    call_command("migrate", verbosity=0)
    user = User.objects.create_user("bench")
    account = Account.objects.create(name="Bench", service_role_created_at=timezone.now())
    Membership.objects.create(account=account, user=user, role=Role.ADMIN)
    Quota.objects.bulk_create(Quota(account=account, name=name, limit=10**7) for name in QuotaName)
    actor = Actor(account=account, user=user, role=Role.ADMIN, address="192.0.2.1", request_id="bench")
    with database.cursor() as cursor:
        cursor.execute("".join(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in WRITTEN))
        _rows(actor, total)
        cursor.execute("".join(f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in WRITTEN))
    keeping.rebuild()
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return _session(user)


def _rows(actor: Actor, total: int) -> None:
    assert actor.user is not None
    routers = _routers(actor)
    devices = _devices(actor.account)
    base = int.from_bytes(bytes((10, 64, 0, 0)))
    AddressPool.objects.create(cidr="10.64.0.0/10", next_offset=2 * total + 10)
    psk = "Bench-Pre-Shared-Key-1"
    for numbers in batches(total):
        made = IPsecConnection.objects.bulk_create(
            IPsecConnection(
                account=actor.account, region=region_of(number), name=name_of(number), state="attached",
                created_by=actor.user,
            )
            for number in numbers
        )  # fmt: skip
        VpnAttachment.objects.bulk_create(
            VpnAttachment(connection=one, transit_router=routers[one.region][number % 20])
            for number, one in zip(numbers, made, strict=True)
        )
        tunnels = Tunnel.objects.bulk_create(
            Tunnel(
                connection=one, index=index, customer_gateway=devices[(2 * number + index) % len(devices)],
                gateway_address=str(_address(base + 2 * number + index)), psk=psk, **TUNNEL,
            )
            for number, one in zip(numbers, made, strict=True)
            for index in (1, 2)
        )  # fmt: skip
        PeerDevice.objects.bulk_create(PeerDevice(tunnel=tunnel) for tunnel in tunnels)
        since = timezone.now()
        NegotiationRun.objects.bulk_create(
            NegotiationRun(
                tunnel=tunnel,
                status_since=since - timedelta(minutes=number),
                checked_at=since,
                **status_of(number, tunnel.index),
            )
            for number, tunnel in zip((n for n in numbers for _ in (1, 2)), tunnels, strict=True)
        )


def _address(number: int) -> str:
    return ".".join(str(byte) for byte in number.to_bytes(4))


def _routers(actor: Actor) -> dict[str, list[TransitRouter]]:
    cens = [create_cen(actor=actor, name=f"backbone-{number:02}") for number in range(20)]
    return {
        region: [create_transit_router(actor=actor, cen=cen, region=region, cidrs=[]) for cen in cens]
        for region in REGIONS
    }


def _devices(account: Account) -> list[CustomerGateway]:
    return CustomerGateway.objects.bulk_create(
        CustomerGateway(
            account=account, region=REGIONS[0], name=f"edge-{number:04}", asn=65001,
            address=_address(int.from_bytes(bytes((203, 0, 0, 0))) + number + 1),
        )
        for number in range(GATEWAYS)
    )  # fmt: skip


def _session(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    sys.stdout.write(seed(int(sys.argv[1])) + "\n")
