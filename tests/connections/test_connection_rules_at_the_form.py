"""What is typed into the creation page, and which field refuses it with which words."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from connection_cast import Cast, Form, cast_of, created, filled, refusals, submit, token, tunnels_of
from django.test import Client

from accounts.actor import Actor
from accounts.models import Quota, QuotaName
from connections.models import IPsecConnection
from ipsec.addresses import BANNED_TUNNEL_CIDRS
from ipsec.rules import Code
from transit.models import TransitRouter
from tunnels.models import Tunnel
from wording import findings
from wording import refusals as refused_texts

pytestmark = pytest.mark.django_db

Typed = Callable[[Form, Cast], Form]
Said = list[tuple[str, str]]
"""(label of the field, code) of each refusal, in the order of the page; empty: it is saved."""

NAME, REGION, CEN, MODE = "Name", "Region", "CEN Instance ID", "Routing Mode"
LOCAL, REMOTE, ASN = "Local Network", "Remote Network", "Local ASN"
GATEWAY, PSK, VERSION = "Customer Gateway", "Pre-Shared Key", "Version"
LIFETIME, CIDR, BGP_IP = "SA Life Cycle (seconds)", "Tunnel CIDR Block", "Local BGP IP address"
NOT_A_NUMBER = "Type whole seconds, such as 86400."


def pattern(code: str) -> re.Pattern[str]:
    """What a code's text looks like with anything in its places."""
    texts = {str(one): str(text) for one, text in (*findings.TEXTS.items(), *refused_texts.TEXTS.items())}
    text = texts.get(code, code)
    return re.compile(re.sub(r"%\\\(\w+\\\)s", ".*", re.escape(text)))


def expect(client: Client, form: Form, said: Said) -> None:
    response = submit(client, form)
    if not said:
        assert response.status_code == 302, refusals(response)
        return
    told = refusals(response)
    assert [label for label, _text in told] == [label for label, _code in said], told
    for (_label, text), (_same, code) in zip(told, said, strict=True):
        assert pattern(code).fullmatch(text), f"{text!r} is not {code}"
    assert not IPsecConnection.objects.filter(client_token=form.data["client_token"]).exists()


def of(index: int, label: str) -> str:
    return f"Tunnel {index} · {label}"


def both(label: str, code: str) -> Said:
    return [(of(1, label), code), (of(2, label), code)]


def typed(**values: Any) -> Typed:
    return lambda form, cast: form.set(**values)


def in_tunnel(index: int, **values: Any) -> Typed:
    return lambda form, cast: form.tunnel(index, **values)


def with_bgp(index: int = 1, asn: str = "45104", **values: Any) -> Typed:
    return lambda form, cast: form.bgp().set(local_asn=asn).tunnel(index, **values)


def flows(local: list[str], remote: list[str], **tunnel: Any) -> Typed:
    return lambda form, cast: form.policy(local, remote).both(**tunnel)


def over(network_type: str, first: str, second: str) -> Typed:
    """Tunnels over devices of the cast, by attribute path such as `devices.0`."""

    def change(form: Form, cast: Cast) -> Form:
        form = form.set(network_type=network_type)
        for index, path in ((1, first), (2, second)):
            name, _dot, position = path.partition(".")
            device = getattr(cast, name)
            device = device[int(position)] if position else device
            form = form.tunnel(index, customer_gateway=device.public_id)
        return form

    return change


FIVE_LOCAL = [f"10.{number}.0.0/16" for number in range(5)]
FIVE_REMOTE = [f"192.168.{number}.0/24" for number in range(5)]

CASES: dict[str, tuple[Typed, Said]] = {
    # Names
    "a name of 100 characters": (typed(name="n" * 100), []),
    "a name of 101 characters": (typed(name="n" * 101), [(NAME, Code.TEXT_TOO_LONG)]),
    "a name in Chinese": (typed(name="总部到云"), []),
    "a name that begins with http://": (typed(name="http://a"), [(NAME, Code.TEXT_IS_LINK)]),
    "a name that begins with HTTPS://": (typed(name="HTTPS://a"), [(NAME, Code.TEXT_IS_LINK)]),
    "a name that holds http:// further on": (typed(name="to http://a"), []),
    "a name with a control character": (typed(name="a\x1bb"), [(NAME, Code.TEXT_CONTROL_CHARACTER)]),
    # Region and binding (R16)
    "a region that does not exist": (
        typed(region="cn-atlantis"),
        [
            (REGION, "region_unknown"),
            (CEN, "transit_router_missing"),
            *both(GATEWAY, "customer_gateway_unknown"),
        ],
    ),
    "no CEN instance": (typed(cen=""), [(CEN, "cen_required")]),
    "a CEN instance that is nobody's": (typed(cen="cen-0"), [(CEN, "cen_unknown")]),
    "cross-account binding with toggles": (typed(binding="cross", cen=""), []),
    "cross-account binding without toggles": (
        typed(binding="cross", cen="", auto_publish_route=None, associate=None, propagate=None),
        [],
    ),
    # Customer gateways (R3, R12)
    "no customer gateway": (in_tunnel(1, customer_gateway=""), [(of(1, GATEWAY), Code.PEER_REQUIRED)]),
    "no customer gateway on tunnel 2": (
        in_tunnel(2, customer_gateway=""),
        [(of(2, GATEWAY), Code.PEER_REQUIRED)],
    ),
    "a customer gateway that is nobody's": (
        in_tunnel(2, customer_gateway="cgw-0"),
        [(of(2, GATEWAY), "customer_gateway_unknown")],
    ),
    "one device for both tunnels": (over("public", "devices.0", "devices.0"), []),
    "a private device on a public connection": (
        over("public", "devices.0", "private.0"),
        [(of(2, GATEWAY), Code.PEER_NOT_PUBLIC)],
    ),
    "public devices on a private connection": (
        over("private", "devices.0", "devices.1"),
        both(GATEWAY, Code.PEER_NOT_PRIVATE),
    ),
    "private devices on a private connection": (over("private", "private.0", "private.1"), []),
    # Pre-shared keys (R8)
    "a key of 1 character": (in_tunnel(1, psk="k"), []),
    "a key of 100 characters": (in_tunnel(2, psk="k" * 100), []),
    "a key of 101 characters": (in_tunnel(2, psk="k" * 101), [(of(2, PSK), Code.PSK_TOO_LONG)]),
    "a key with every character allowed": (in_tunnel(1, psk="".join(map(chr, range(0x21, 0x7F)))), []),
    "a key with a space": (in_tunnel(1, psk="a b"), [(of(1, PSK), Code.PSK_CHARACTER)]),
    "a key that ends with a space": (in_tunnel(1, psk="ab "), [(of(1, PSK), Code.PSK_CHARACTER)]),
    "a key with a delete character": (in_tunnel(1, psk="a\x7f"), [(of(1, PSK), Code.PSK_CHARACTER)]),
    "a key in Chinese": (in_tunnel(1, psk="密钥"), [(of(1, PSK), Code.PSK_CHARACTER)]),
    "a key too long and with a space": (
        in_tunnel(1, psk=" " * 101),
        [(of(1, PSK), Code.PSK_TOO_LONG), (of(1, PSK), Code.PSK_CHARACTER)],
    ),
    # Identifiers (R13)
    "an identifier of 100 characters": (in_tunnel(1, local_id=("a" * 49 + ".") * 2), []),
    "an identifier of 101 characters": (
        in_tunnel(1, local_id=("a" * 49 + ".") * 2 + "a"),
        [(of(1, "LocalId"), Code.ID_TOO_LONG)],
    ),
    "an address as identifier": (in_tunnel(2, remote_id="10.0.0.9"), []),
    "an identifier with a space": (
        in_tunnel(2, remote_id="my device"),
        [(of(2, "RemoteId"), Code.ID_MALFORMED)],
    ),
    "a mistyped address as identifier": (
        in_tunnel(1, local_id="10.0.0.256"),
        [(of(1, "LocalId"), Code.ID_MALFORMED)],
    ),
    "a domain name in main mode of ikev1": (
        in_tunnel(1, remote_id="edge.example", ike_version="ikev1", ike_mode="main"),
        [],
    ),
    # Lifetimes
    **{
        f"{name} of {seconds} seconds": (in_tunnel(2, **{name: seconds}), [])
        for name in ("ike_lifetime", "child_lifetime")
        for seconds in ("0", "1", "86399", "86400")
    },
    **{
        f"{name} of {seconds} seconds": (
            in_tunnel(1, **{name: seconds}),
            [(of(1, LIFETIME), Code.LIFETIME_OUT_OF_RANGE)],
        )
        for name in ("ike_lifetime", "child_lifetime")
        for seconds in ("-1", "86401", "9" * 40)
    },
    **{
        f"{name} typed as {text!r}": (in_tunnel(1, **{name: text}), [(of(1, LIFETIME), NOT_A_NUMBER)])
        for name in ("ike_lifetime", "child_lifetime")
        for text in ("", "soon", "1.5", "86400s", "9" * 5000)
    },
    # The local AS number (R6, R7)
    **{
        f"AS {text}": (with_bgp(asn=text), [])
        for text in ("1", "4294967295", "45104", "65001", "0.1", "65535.65535")
    },
    **{
        f"AS {text}": (with_bgp(asn=text), [(ASN, Code.ASN_OUT_OF_RANGE)])
        for text in ("0", "4294967296", "0.0")
    },
    **{
        f"AS {text!r}": (with_bgp(asn=text), [(ASN, Code.ASN_MALFORMED)])
        for text in ("-1", "x", "1.2.3", "65536.1", "1,5", "９", "9" * 5000)
    },
    "no AS number": (with_bgp(asn=""), [(ASN, Code.ASN_REQUIRED)]),
    # BGP (R4, R15)
    "no tunnel CIDR block": (
        lambda form, cast: form.set(bgp_enabled="on"),
        both(CIDR, Code.TUNNEL_CIDR_REQUIRED),
    ),
    "no tunnel CIDR block on tunnel 2": (
        with_bgp(2, tunnel_cidr=""),
        [(of(2, CIDR), Code.TUNNEL_CIDR_REQUIRED)],
    ),
    "the same tunnel CIDR block twice": (
        with_bgp(2, tunnel_cidr="169.254.10.0/30"),
        both(CIDR, Code.TUNNEL_CIDR_SAME),
    ),
    **{
        f"tunnel CIDR block {cidr}": (
            with_bgp(1, tunnel_cidr=cidr),
            [(of(1, CIDR), Code.TUNNEL_CIDR_RESERVED)],
        )
        for cidr in BANNED_TUNNEL_CIDRS
    },
    **{
        f"tunnel CIDR block {cidr}": (with_bgp(2, tunnel_cidr=cidr), [])
        for cidr in (
            "169.254.0.4/30",
            "169.254.6.4/30",
            "169.254.7.0/30",
            "169.254.169.248/30",
            "169.254.255.252/30",
        )
    },
    "tunnel CIDR block /29": (
        with_bgp(1, tunnel_cidr="169.254.10.0/29"),
        [(of(1, CIDR), Code.TUNNEL_CIDR_NOT_30)],
    ),
    "tunnel CIDR block /31": (
        with_bgp(1, tunnel_cidr="169.254.10.0/31"),
        [(of(1, CIDR), Code.TUNNEL_CIDR_NOT_30)],
    ),
    "tunnel CIDR block below": (
        with_bgp(1, tunnel_cidr="169.253.255.252/30"),
        [(of(1, CIDR), Code.TUNNEL_CIDR_OUTSIDE)],
    ),
    "tunnel CIDR block above": (
        with_bgp(1, tunnel_cidr="169.255.0.0/30"),
        [(of(1, CIDR), Code.TUNNEL_CIDR_OUTSIDE)],
    ),
    "tunnel CIDR block with host bits": (
        with_bgp(1, tunnel_cidr="169.254.10.1/30"),
        [(of(1, CIDR), Code.NETWORK_HOST_BITS)],
    ),
    "tunnel CIDR block that is none": (
        with_bgp(1, tunnel_cidr="tunnel"),
        [(of(1, CIDR), Code.NETWORK_MALFORMED)],
    ),
    "the first host as local BGP address": (with_bgp(1, local_bgp_ip="169.254.10.1"), []),
    "the second host as local BGP address": (with_bgp(1, local_bgp_ip="169.254.10.2"), []),
    "the network's address as local BGP address": (
        with_bgp(1, local_bgp_ip="169.254.10.0"),
        [(of(1, BGP_IP), Code.BGP_ADDRESS_NOT_HOST)],
    ),
    "the broadcast address as local BGP address": (
        with_bgp(1, local_bgp_ip="169.254.10.3"),
        [(of(1, BGP_IP), Code.BGP_ADDRESS_NOT_HOST)],
    ),
    "the other tunnel's host as local BGP address": (
        with_bgp(1, local_bgp_ip="169.254.20.1"),
        [(of(1, BGP_IP), Code.BGP_ADDRESS_OUTSIDE)],
    ),
    "no address as local BGP address": (
        with_bgp(2, local_bgp_ip="first"),
        [(of(2, BGP_IP), Code.ADDRESS_MALFORMED)],
    ),
    "a device without AS number": (
        lambda form, cast: form.bgp().tunnel(2, customer_gateway=cast.lone.public_id),
        [(of(2, GATEWAY), Code.PEER_WITHOUT_ASN)],
    ),
    "a device without AS number, BGP off": (over("public", "lone", "devices.0"), []),
    # Protected data flows (R9, R10, R11)
    "one network on each side, ikev1": (flows(["10.1.0.0/16"], ["192.168.1.0/24"], ike_version="ikev1"), []),
    "five networks on each side, ikev2": (flows(FIVE_LOCAL, FIVE_REMOTE), []),
    "six local networks": (
        flows([*FIVE_LOCAL, "10.9.0.0/16"], FIVE_REMOTE),
        [(LOCAL, Code.NETWORKS_TOO_MANY)],
    ),
    "six remote networks": (
        flows(FIVE_LOCAL, [*FIVE_REMOTE, "192.168.9.0/24"]),
        [(REMOTE, Code.NETWORKS_TOO_MANY)],
    ),
    "no networks": (flows([""], [""]), [(LOCAL, Code.NETWORK_REQUIRED), (REMOTE, Code.NETWORK_REQUIRED)]),
    "two local networks with ikev1": (
        flows(["10.1.0.0/16", "10.2.0.0/16"], ["192.168.1.0/24"], ike_version="ikev1"),
        both(VERSION, Code.IKEV1_WITH_SEVERAL_NETWORKS),
    ),
    "two remote networks with ikev1 on tunnel 2": (
        lambda form, cast: form.policy(remote=["192.168.1.0/24", "192.168.2.0/24"]).tunnel(
            2, ike_version="ikev1"
        ),
        [(of(2, VERSION), Code.IKEV1_WITH_SEVERAL_NETWORKS)],
    ),
    "any network on the local side only": (
        flows(["0.0.0.0/0"], ["192.168.1.0/24"]),
        [(LOCAL, Code.ANY_NETWORK_ONE_SIDE)],
    ),
    "any network on the remote side only": (
        flows(["10.1.0.0/16"], ["0.0.0.0/0"]),
        [(REMOTE, Code.ANY_NETWORK_ONE_SIDE)],
    ),
    "any network on both sides": (flows(["0.0.0.0/0"], ["0.0.0.0/0"]), [(MODE, Code.ANY_NETWORK_BOTH_SIDES)]),
    "host bits in a network": (flows(["10.1.0.1/16"], ["192.168.1.0/24"]), [(LOCAL, Code.NETWORK_HOST_BITS)]),
    "a single host": (flows(["10.1.0.1/32"], ["192.168.1.0/24"]), []),
    "an address without a prefix": (
        flows(["10.1.0.0"], ["192.168.1.0/24"]),
        [(LOCAL, Code.NETWORK_MALFORMED)],
    ),
    "an IPv6 network": (flows(["10.1.0.0/16"], ["2001:db8::/32"]), [(REMOTE, Code.NETWORK_MALFORMED)]),
    "a network twice": (
        flows(["10.1.0.0/16", "10.1.0.0/16"], ["192.168.1.0/24"]),
        [(LOCAL, Code.NETWORK_DUPLICATE)],
    ),
    "a network inside another one": (
        flows(["10.1.0.0/16"], ["192.168.0.0/16", "192.168.1.0/24"]),
        [(REMOTE, Code.NETWORK_OVERLAP)],
    ),
    "the same network on both sides": (
        flows(["10.1.0.0/16"], ["10.1.0.0/16"]),
        [(REMOTE, Code.NETWORK_EQUAL_ACROSS)],
    ),
    "a remote network inside a local one": (flows(["10.0.0.0/8"], ["10.1.0.0/16"]), []),
    "a remote network that may not be routed": (
        flows(["10.1.0.0/16"], ["100.64.0.0/10"]),
        [(REMOTE, Code.ROUTE_FORBIDDEN)],
    ),
    "a remote network beside what may not be routed": (flows(["10.1.0.0/16"], ["100.128.0.0/16"]), []),
}


@pytest.mark.parametrize(("change", "said"), CASES.values(), ids=CASES)
def test_typed_into_the_page(client: Client, form: Form, cast: Cast, change: Typed, said: Said) -> None:
    expect(client, change(form, cast), said)


# R1, R2: two tunnels, whatever the browser says


@pytest.mark.parametrize("total", ["0", "1", "3", "1000", "x"])
def test_there_are_always_two_tunnels(client: Client, form: Form, total: str) -> None:
    third = {f"tunnels-2-{name}": "1" for name in ("customer_gateway", "psk")}
    counts = {"tunnels-TOTAL_FORMS": total, "tunnels-INITIAL_FORMS": total}
    connection = created(client, form.set(**counts, **third))
    assert [tunnel.index for tunnel in tunnels_of(connection)] == [1, 2]


def test_half_a_page_is_refused(client: Client, form: Form) -> None:
    half = Form({name: value for name, value in form.data.items() if not name.startswith("tunnels-1")})
    told = refusals(submit(client, half))
    assert {label.partition(" · ")[0] for label, _text in told} == {"Tunnel 2"}
    assert not IPsecConnection.objects.exists()


# R5, and the block on one device: what other connections have


def test_a_tunnel_cidr_block_is_on_one_device_once(client: Client, cast: Cast, form: Form) -> None:
    created(client, form.bgp())
    expect(client, form.bgp().set(client_token=token()), both(CIDR, Code.TUNNEL_CIDR_ON_GATEWAY))


def test_a_tunnel_cidr_block_on_another_device_is_only_warned_of(
    client: Client, cast: Cast, form: Form
) -> None:
    created(client, form.bgp())
    first, second = cast.devices
    crossed = form.bgp().set(client_token=token())
    crossed = crossed.tunnel(1, customer_gateway=second.public_id).tunnel(2, customer_gateway=first.public_id)
    asked = client.post("/connections/new/?part=check", crossed.data, headers={"HX-Request": "true"})
    assert asked.content.decode().count("finding-warning") == 2
    expect(client, crossed, [])


# R14, R17: the transit router


def test_a_transit_router_of_the_basic_edition_is_refused(client: Client, cast: Cast, form: Form) -> None:
    TransitRouter.objects.update(edition="Basic")
    expect(client, form, [(CEN, Code.TRANSIT_ROUTER_NOT_ENTERPRISE)])


@pytest.mark.parametrize("status", ["Creating", "Modifying", "Deleting", "Upgrading"])
def test_a_transit_router_that_is_not_active_is_refused(client: Client, form: Form, status: str) -> None:
    TransitRouter.objects.update(status=status)
    expect(client, form, [(CEN, Code.TRANSIT_ROUTER_NOT_ACTIVE)])


def test_a_cen_without_a_transit_router_in_the_region_is_refused(client: Client, form: Form) -> None:
    TransitRouter.objects.update(region="cn-shanghai")
    expect(client, form, [(CEN, "transit_router_missing")])


def test_a_private_connection_needs_a_block_of_the_transit_router(
    client: Client, cast: Cast, form: Form
) -> None:
    cast.router.cidrs.all().delete()
    expect(client, form.private(cast), [(CEN, Code.TRANSIT_CIDR_MISSING_PRIVATE)])


def test_a_public_connection_does_without_one(client: Client, cast: Cast, form: Form) -> None:
    cast.router.cidrs.all().delete()
    expect(client, form, [])


def test_cross_account_binding_needs_no_transit_router(client: Client, cast: Cast, form: Form) -> None:
    TransitRouter.objects.update(status="Deleting")
    expect(client, form.set(binding="cross", cen=""), [])


# Quotas


def test_the_quota_of_the_region_is_kept(client: Client, ana: Actor, form: Form) -> None:
    Quota.objects.filter(account=ana.account, name=QuotaName.CONNECTIONS_PER_REGION).update(limit=1)
    created(client, form)
    expect(client, form.set(client_token=token()), [(REGION, "quota_full")])


def test_the_quota_of_the_transit_router_is_kept(client: Client, ana: Actor, form: Form) -> None:
    Quota.objects.filter(account=ana.account, name=QuotaName.CONNECTIONS_PER_TRANSIT_ROUTER).update(limit=1)
    created(client, form)
    expect(client, form.set(client_token=token()), [(CEN, "quota_full")])
    assert IPsecConnection.objects.count() == 1
    assert Tunnel.objects.count() == 2


def test_what_belongs_to_a_stranger_cannot_be_chosen(client: Client, form: Form, sam: Actor) -> None:
    theirs = cast_of(sam, block="10.251.0.0/24", net="203.0.114")
    expect(client, form.set(cen=theirs.cen.public_id), [(CEN, "cen_unknown")])
    expect(
        client,
        form.tunnel(1, customer_gateway=theirs.devices[0].public_id),
        [(of(1, GATEWAY), "customer_gateway_unknown")],
    )


def test_a_device_of_another_region_cannot_be_chosen(client: Client, ana: Actor, form: Form) -> None:
    elsewhere = cast_of(ana, region="cn-shanghai", block="10.251.0.0/24")
    expect(
        client,
        form.tunnel(2, customer_gateway=elsewhere.devices[1].public_id),
        [(of(2, GATEWAY), "customer_gateway_unknown")],
    )


def test_a_form_of_another_region_is_saved_there(client: Client, ana: Actor) -> None:
    elsewhere = cast_of(ana, region="cn-shanghai", block="10.251.0.0/24")
    assert created(client, filled(elsewhere)).region == "cn-shanghai"
