"""What an edit writes, what it leaves alone, and what of a running tunnel it touches."""

from dataclasses import replace
from typing import Any

import pytest
from connection_cast import Cast, made, play, settled, spec_of, tunnels_of, workers_die

from accounts.actor import Actor
from accounts.audit_changes import MASK
from accounts.models import AuditEvent
from accounts.refusal import Refused
from connections.models import DestinationRoute, IPsecConnection, PendingChange
from connections.services import edit_connection, edit_tunnel, rotate_psk
from connections.services.settling import settle_due
from connections.services.snapshot import snapshot
from ipsec.algorithms import Encryption, IkeVersion, NetworkType, Pfs, RoutingMode
from ipsec.spec import BgpSpec, ConnectionSpec, PeerSpec, TunnelSpec
from tunnels import clock
from tunnels.models import Status, Tunnel, TunnelEvent

pytestmark = [pytest.mark.database, pytest.mark.django_db]

BLOCKS = ("169.254.10.0/30", "169.254.20.0/30")


def up(cast: Cast, **values: Any) -> IPsecConnection:
    connection = made(cast, "dc", **values)
    play()
    assert [tunnel.run.status for tunnel in tunnels_of(connection)] == [Status.CHILD_UP] * 2
    return connection


def edit(cast: Cast, connection: IPsecConnection, **values: Any) -> bool:
    wanted = replace(spec_of(connection), **values)
    return edit_connection(actor=cast.actor, connection=connection, wanted=wanted)


def edit_one(cast: Cast, connection: IPsecConnection, index: int = 1, **values: Any) -> bool:
    tunnel = tunnels_of(connection)[index - 1]
    wanted = replace(spec_of(connection).tunnels[index - 1], **values)
    return edit_tunnel(actor=cast.actor, tunnel=tunnel, wanted=wanted)


def ike(connection: IPsecConnection, index: int = 1, **values: Any) -> Any:
    return replace(spec_of(connection).tunnels[index - 1].ike, **values)


def child(connection: IPsecConnection, index: int = 1, **values: Any) -> Any:
    return replace(spec_of(connection).tunnels[index - 1].child, **values)


def told(connection: IPsecConnection, index: int, since: int) -> list[str]:
    """The kinds of what has happened to a tunnel since so many events."""
    rows = TunnelEvent.objects.filter(tunnel__connection=connection, tunnel__index=index)
    return [event.kind for event in rows.order_by("pk")][since:]


def count(connection: IPsecConnection, index: int) -> int:
    return TunnelEvent.objects.filter(tunnel__connection=connection, tunnel__index=index).count()


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(finding.field, str(finding.code)) for finding in refused.value.findings]


# Of a tunnel


NOTEWORTHY = {"started", "child_down", "child_up", "bgp_down", "bgp_up", "rekeyed", "ike_down"}


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (lambda connection: {"dpd": False}, []),
        (lambda connection: {"child": child(connection, pfs=Pfs.GROUP14)}, ["child_down", "child_up"]),
        (lambda connection: {"ike": ike(connection, lifetime=3600)}, ["rekeyed"]),
        (lambda connection: {"ike": ike(connection, psk="another-key-4711")}, ["started", "child_up"]),
        (lambda connection: {"nat_traversal": False}, ["started", "child_up"]),
        (lambda connection: {"bgp": BgpSpec(BLOCKS[0])}, ["bgp_up"]),
    ],
    ids=["dpd", "pfs", "ike-lifetime", "psk", "nat-traversal", "bgp"],
)
def test_an_edit_of_one_tunnel_touches_what_it_must_and_never_the_other(
    cast: Cast, edits: Any, expected: list[str]
) -> None:
    connection = up(cast)
    before = [count(connection, index) for index in (1, 2)]

    assert edit_one(cast, connection, **edits(connection))
    settled()
    play()

    assert [kind for kind in told(connection, 1, before[0]) if kind in NOTEWORTHY] == expected
    assert [kind for kind in told(connection, 2, before[1]) if kind in NOTEWORTHY] == []
    assert [tunnel.run.status for tunnel in tunnels_of(connection)] == [Status.CHILD_UP] * 2


def test_while_it_is_applied_connection_and_tunnel_are_updating(cast: Cast) -> None:
    connection = up(cast)
    edit_one(cast, connection, index=2, dpd=False)

    connection.refresh_from_db()
    assert connection.state == "updating"
    assert [tunnel.state for tunnel in tunnels_of(connection)] == ["active", "updating"]
    assert not tunnels_of(connection)[1].dpd
    settled()
    connection.refresh_from_db()
    assert connection.state == "attached"
    assert [tunnel.state for tunnel in tunnels_of(connection)] == ["active", "active"]


def test_an_unbound_connection_is_unbound_again_after_an_edit(cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    edit_one(cast, connection, dpd=False)
    settled()
    connection.refresh_from_db()
    assert connection.state == "init"


def test_an_edit_that_changes_nothing_leaves_nothing(cast: Cast) -> None:
    connection = up(cast)
    key = Tunnel.objects.get(connection=connection, index=1).psk
    before = AuditEvent.objects.count()

    assert not edit_one(cast, connection)
    assert not edit_one(cast, connection, ike=ike(connection, psk=key))
    assert not edit(cast, connection)

    assert AuditEvent.objects.count() == before
    assert not PendingChange.objects.exists()


def test_no_key_keeps_the_present_one(cast: Cast) -> None:
    connection = up(cast)
    key = tunnels_of(connection)[0].psk
    edit_one(cast, connection, ike=ike(connection, psk="", lifetime=3600))
    assert tunnels_of(connection)[0].psk == key


def test_the_audit_row_tells_before_and_after_without_the_key(cast: Cast) -> None:
    connection = up(cast)
    edit_one(cast, connection, dpd=False, ike=ike(connection, psk="Marker-Key-0815"))

    row = AuditEvent.objects.get(action="tunnel.edit")
    assert row.target == tunnels_of(connection)[0].public_id
    assert row.detail["changes"] == {"dpd": [True, False], "psk": [MASK, MASK]}
    settled()
    edit(cast, connection, name="renamed")
    row = AuditEvent.objects.get(action="connection.edit")
    assert row.detail["changes"] == {"name": ["dc", "renamed"]}


def test_rotating_one_key_leaves_the_other_tunnel_carrying(cast: Cast) -> None:
    connection = up(cast)
    keys = [tunnel.psk for tunnel in tunnels_of(connection)]
    attempts = [tunnel.run.attempt for tunnel in tunnels_of(connection)]

    rotate_psk(actor=cast.actor, tunnel=tunnels_of(connection)[0])
    settled()

    first, second = tunnels_of(connection)
    assert first.psk != keys[0]
    assert second.psk == keys[1]
    assert first.run.attempt != attempts[0]
    assert (second.run.attempt, second.run.carries) == (attempts[1], True)
    assert AuditEvent.objects.get(action="tunnel.rotate_psk").target == first.public_id


def test_another_device_is_another_negotiation(cast: Cast) -> None:
    connection = up(cast)
    gateway = cast.lone
    edit_one(cast, connection, peer=PeerSpec("", gateway_id=gateway.public_id))
    settled()
    assert tunnels_of(connection)[0].customer_gateway == gateway
    assert tunnels_of(connection)[0].run.negotiating


# BGP


def test_bgp_of_one_tunnel_alone(cast: Cast) -> None:
    """单独为隧道开启BGP功能."""
    connection = up(cast)
    edit_one(cast, connection, index=2, bgp=BgpSpec(BLOCKS[1]))
    settled()
    play()

    connection.refresh_from_db()
    assert connection.bgp_enabled
    assert [tunnel.tunnel_cidr for tunnel in tunnels_of(connection)] == [None, BLOCKS[1]]
    assert [tunnel.run.bgp_status for tunnel in tunnels_of(connection)] == ["", "success"]


def test_with_the_last_tunnels_bgp_the_connections_goes_off_and_is_kept_for_later(cast: Cast) -> None:
    connection = up(cast)
    edit_one(cast, connection, bgp=BgpSpec(BLOCKS[0], "169.254.10.2"))
    settled()
    edit_one(cast, connection, bgp=None)
    settled()

    connection.refresh_from_db()
    assert not connection.bgp_enabled
    assert tunnels_of(connection)[0].tunnel_cidr is None
    assert connection.kept_bgp == {"1": {"tunnel_cidr": BLOCKS[0], "local_bgp_ip": "169.254.10.2"}}
    edit_one(cast, connection, bgp=BgpSpec(BLOCKS[0], "169.254.10.2"))
    connection.refresh_from_db()
    assert connection.kept_bgp == {}


def test_the_connections_switch_takes_bgp_off_both_and_keeps_blocks_and_as_number(cast: Cast) -> None:
    connection = up(cast)
    both = tuple(
        replace(tunnel, bgp=BgpSpec(block))
        for tunnel, block in zip(spec_of(connection).tunnels, BLOCKS, strict=True)
    )
    edit(cast, connection, bgp_enabled=True, local_asn=64512, tunnels=both)
    settled()
    play()
    assert [tunnel.run.bgp_status for tunnel in tunnels_of(connection)] == ["success", "success"]

    edit(cast, connection, bgp_enabled=False)
    settled()
    play()
    connection.refresh_from_db()
    assert [tunnel.run.bgp_status for tunnel in tunnels_of(connection)] == ["", ""]
    assert [kept["tunnel_cidr"] for kept in connection.kept_bgp.values()] == [*BLOCKS]
    assert connection.local_asn == 64512


def test_the_tunnels_may_exchange_their_blocks(cast: Cast) -> None:
    connection = up(cast)
    tunnels = spec_of(connection).tunnels

    def with_blocks(*blocks: str) -> tuple[TunnelSpec, ...]:
        return tuple(replace(one, bgp=BgpSpec(block)) for one, block in zip(tunnels, blocks, strict=True))

    edit(cast, connection, bgp_enabled=True, tunnels=with_blocks(*BLOCKS))
    settled()
    edit(cast, connection, tunnels=with_blocks(*reversed(BLOCKS)))
    assert [tunnel.tunnel_cidr for tunnel in tunnels_of(connection)] == [*reversed(BLOCKS)]


@pytest.mark.parametrize("device", ["lone"])
def test_bgp_needs_a_customer_gateway_with_an_as_number(cast: Cast, device: str) -> None:
    connection = up(cast)
    peer = PeerSpec("", gateway_id=cast.lone.public_id)
    with pytest.raises(Refused) as refused:
        edit_one(cast, connection, peer=peer, bgp=BgpSpec(BLOCKS[0]))
    assert codes(refused) == [("tunnels.1.peer", "peer_without_asn")]


def test_bgp_on_no_tunnel_is_no_bgp(cast: Cast) -> None:
    connection = up(cast)
    with pytest.raises(Refused) as refused:
        edit(cast, connection, bgp_enabled=True)
    assert codes(refused) == [("bgp_enabled", "bgp_on_no_tunnel")]


# Of the connection


def routes(connection: IPsecConnection) -> list[tuple[str, str, bool]]:
    rows = DestinationRoute.objects.filter(connection=connection).order_by("destination")
    return [(route.destination, route.source, route.published) for route in rows]


def test_routes_of_protected_data_flows_follow_the_networks_and_those_by_hand_stay(cast: Cast) -> None:
    connection = up(cast)
    policy = {"routing_mode": RoutingMode.POLICY, "local_networks": ("10.1.0.0/16",)}
    edit(cast, connection, remote_networks=("192.168.1.0/24",), **policy)
    settled()
    assert routes(connection) == [("192.168.1.0/24", "policy", True)]

    DestinationRoute.objects.create(connection=connection, destination="172.16.0.0/16", source="manual")
    edit(cast, connection, remote_networks=("192.168.2.0/24", "172.16.0.0/16"), **policy)
    settled()
    assert routes(connection) == [("172.16.0.0/16", "manual", True), ("192.168.2.0/24", "policy", True)]

    edit(cast, connection, routing_mode=RoutingMode.DESTINATION)
    settled()
    assert routes(connection) == [("172.16.0.0/16", "manual", True)]
    connection.refresh_from_db()
    assert (connection.local_networks, connection.remote_networks) == ([], [])


def test_networks_are_negotiated_anew_in_both_tunnels_under_their_ike_sas(cast: Cast) -> None:
    connection = up(cast)
    before = [count(connection, index) for index in (1, 2)]
    edit(
        cast,
        connection,
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.1.0.0/16",),
        remote_networks=("192.168.1.0/24",),
    )
    settled()
    play()
    for index in (1, 2):
        happened = [kind for kind in told(connection, index, before[index - 1]) if kind in NOTEWORTHY]
        assert happened == ["child_down", "child_up"]


def test_a_name_touches_no_tunnel(cast: Cast) -> None:
    connection = up(cast)
    edit(cast, connection, name="renamed")
    assert [tunnel.state for tunnel in tunnels_of(connection)] == ["active", "active"]
    settled()
    connection.refresh_from_db()
    assert (connection.name, connection.state) == ("renamed", "attached")


def test_a_tunnel_that_waits_for_traffic_begins_once_it_need_not_wait(cast: Cast) -> None:
    connection = made(cast, "dc", effect_immediately=False)
    assert [tunnel.run.waiting_for_traffic for tunnel in tunnels_of(connection)] == [True, True]
    edit(cast, connection, effect_immediately=True)
    settled()
    play()
    assert [tunnel.run.status for tunnel in tunnels_of(connection)] == [Status.CHILD_UP] * 2


def test_what_never_changes_does_not_change(cast: Cast) -> None:
    connection = up(cast)
    before = {name: getattr(connection, name) for name in ("network_type", "region", "public_id", "binding")}
    wanted = ConnectionSpec(
        name="renamed",
        network_type=NetworkType.PRIVATE,
        tunnels=spec_of(connection).tunnels,
        connection_id="vco-other",
    )
    edit_connection(actor=cast.actor, connection=connection, wanted=wanted)
    connection.refresh_from_db()
    assert {name: getattr(connection, name) for name in before} == before


# Refusals


def test_the_rules_of_the_creation_page_refuse_the_same(cast: Cast) -> None:
    connection = up(cast)
    with pytest.raises(Refused) as refused:
        edit_one(cast, connection, ike=ike(connection, psk="with space", lifetime=90000))
    assert codes(refused) == [
        ("tunnels.1.ike.psk", "psk_character"),
        ("tunnels.1.ike.lifetime", "lifetime_out_of_range"),
    ]
    assert not PendingChange.objects.exists()


def test_several_networks_need_ikev2_after_creation_too(cast: Cast) -> None:
    connection = up(cast)
    networks = {"local_networks": ("10.1.0.0/16", "10.2.0.0/16"), "remote_networks": ("192.168.1.0/24",)}
    edit(cast, connection, routing_mode=RoutingMode.POLICY, **networks)
    settled()
    with pytest.raises(Refused) as refused:
        edit_one(cast, connection, ike=ike(connection, version=IkeVersion.IKEV1))
    assert [field for field, _code in codes(refused)] == ["tunnels.1.ike.version"]


@pytest.mark.parametrize("state", ["updating", "attaching", "detaching"])
def test_a_parallel_modification_is_refused_in_the_consoles_words(cast: Cast, state: str) -> None:
    connection = up(cast)
    IPsecConnection.objects.update(state=state)
    with pytest.raises(Refused) as refused:
        edit(cast, connection, name="renamed")
    assert codes(refused) == [("connection", "connection_busy")]


def test_what_was_shown_and_is_different_now_is_not_written_over(cast: Cast, omar: Actor) -> None:
    connection = up(cast)
    seen = snapshot(connection, tunnels_of(connection))
    edit_one(cast, connection, dpd=False)
    settled()
    tunnel = tunnels_of(connection)[0]
    wanted = replace(spec_of(connection).tunnels[0], child=child(connection, encryption=Encryption.AES256))
    with pytest.raises(Refused) as refused:
        edit_tunnel(actor=omar, tunnel=tunnel, wanted=wanted, seen=seen)
    assert codes(refused) == [("connection", "changed_meanwhile")]
    other = {name: value for name, value in seen.items() if not name.endswith("dpd")}
    assert edit_tunnel(actor=omar, tunnel=tunnel, wanted=wanted, seen=other)


def test_a_key_that_was_changed_meanwhile_is_a_change_too(cast: Cast) -> None:
    connection = up(cast)
    seen = {
        name: value for name, value in snapshot(connection, tunnels_of(connection)).items() if "psk" in name
    }
    rotate_psk(actor=cast.actor, tunnel=tunnels_of(connection)[0])
    settled()
    with pytest.raises(Refused) as refused:
        rotate_psk(actor=cast.actor, tunnel=tunnels_of(connection)[0], seen=seen)
    assert codes(refused) == [("connection", "changed_meanwhile")]


def test_viewers_and_other_accounts_edit_nothing(cast: Cast, vera: Actor, sam: Actor) -> None:
    connection = up(cast)
    for actor in (vera, sam):
        with pytest.raises(Refused) as refused:
            edit_connection(actor=actor, connection=connection, wanted=spec_of(connection))
        assert codes(refused) == [("", "needs_role")]


# Whoever dies


def test_a_worker_that_dies_before_it_has_applied_the_change_leaves_it_to_the_next(cast: Cast) -> None:
    connection = up(cast)
    edit_one(cast, connection, child=child(connection, pfs=Pfs.GROUP14))
    assert PendingChange.objects.get().touched == {"1": ["child_pfs"]}

    assert settle_due(clock.now()) == 1
    assert settle_due(clock.now()) == 0

    life = tunnels_of(connection)[0].run.life
    assert life is not None
    assert life["asked"] == ["child-anew"]


def test_a_worker_that_dies_in_the_middle_has_done_nothing(cast: Cast) -> None:
    connection = up(cast)
    edit_one(cast, connection, ike=ike(connection, psk="another-key-4711"))
    before = tunnels_of(connection)[0].run.attempt
    with workers_die():
        assert settle_due(clock.now()) == 0

    connection.refresh_from_db()
    assert (connection.state, tunnels_of(connection)[0].run.attempt) == ("updating", before)
    settled()
    connection.refresh_from_db()
    assert connection.state == "attached"
    assert tunnels_of(connection)[0].run.attempt != before
