"""Rows that tests about customer gateways stand on."""

from itertools import count

from accounts.actor import Actor
from accounts.refusal import Refused
from connections.models import IPsecConnection
from gateways.models import CustomerGateway
from gateways.services import create_customer_gateway
from ipsec.findings import Finding
from tunnels.models import Tunnel

HANGZHOU = "cn-hangzhou"
SHANGHAI = "cn-shanghai"
_hosts = count(1)


def gateway_of(
    actor: Actor,
    *,
    region: str = HANGZHOU,
    name: str = "edge",
    address: str = "",
    asn: str = "65001",
    auth_key: str = "",
    description: str = "",
) -> CustomerGateway:
    """Registered as a user would; without an address, with one that nobody else has."""
    number = next(_hosts)
    return create_customer_gateway(
        actor=actor,
        region=region,
        name=name,
        address=address or f"203.{number // 250 % 250}.{number % 250}.1",
        asn=asn,
        auth_key=auth_key,
        description=description,
    )


def connection_over(actor: Actor, first: CustomerGateway, second: CustomerGateway) -> IPsecConnection:
    """A connection whose tunnels end on the two."""
    connection = IPsecConnection.objects.create(account=actor.account, region=first.region, name="to Berlin")
    for index, gateway in enumerate((first, second), start=1):
        Tunnel.objects.create(
            connection=connection,
            index=index,
            customer_gateway=gateway,
            psk="marker-of-a-psk",
            ike_lifetime=86400,
            child_lifetime=86400,
        )
    return connection


def answer(refused: Refused) -> list[tuple[str, str]]:
    return [(finding.field, str(finding.code)) for finding in refused.findings]


def only(refused: Refused) -> Finding:
    assert len(refused.findings) == 1
    return refused.findings[0]
