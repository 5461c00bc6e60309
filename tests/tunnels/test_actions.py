"""What operators do to a tunnel: who may, what it writes, what it refuses, and that it is audited."""

from collections.abc import Callable
from typing import Any

import pytest
from tunnel_rows import MARKER_PSK, Watch, connection_of, ring, run_of, started, stop_clock, story, tunnel_of

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from ipsec.causes import CauseId
from ipsec.spec import TunnelSpec
from transit import addresses
from transit.models import AddressPool, ReturnedAddress
from tunnels.models import PeerDevice, Status, Tunnel, TunnelEvent
from tunnels.services import (
    bind_tunnel,
    create_tunnels,
    reset,
    reveal_psk,
    send_traffic,
    set_gateway_address,
    set_peer_configured,
    unbind_tunnel,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db]

Action = Callable[[Actor, Tunnel], Any]
ACTIONS: dict[str, Action] = {
    "tunnel.reset": lambda actor, tunnel: reset(actor=actor, tunnel=tunnel),
    "tunnel.send_traffic": lambda actor, tunnel: send_traffic(actor=actor, tunnel=tunnel),
    "tunnel.set_peer_configured": lambda actor, tunnel: set_peer_configured(
        actor=actor, tunnel=tunnel, configured=False
    ),
    "tunnel.set_gateway_address": lambda actor, tunnel: set_gateway_address(
        actor=actor, tunnel=tunnel, address="47.98.0.10"
    ),
    "tunnel.reveal_psk": lambda actor, tunnel: reveal_psk(actor=actor, tunnel=tunnel),
}


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


@pytest.mark.parametrize("name", ACTIONS)
def test_an_operator_may_and_it_is_audited(omar: Actor, watch: Watch, name: str) -> None:
    tunnel = started(omar)
    ACTIONS[name](omar, tunnel)
    row = AuditEvent.objects.get(action=name)
    assert (row.actor_name, row.target, row.account) == ("omar", tunnel.public_id, omar.account)


@pytest.mark.parametrize("name", ACTIONS)
def test_a_viewer_may_not_and_nothing_happens(ana: Actor, vera: Actor, watch: Watch, name: str) -> None:
    tunnel = started(ana)
    before = run_of(tunnel).version
    with pytest.raises(Refused) as refused:
        ACTIONS[name](vera, tunnel)
    assert codes(refused) == ["needs_role"]
    assert run_of(tunnel).version == before
    assert not AuditEvent.objects.filter(action=name).exists()


@pytest.mark.parametrize("name", ACTIONS)
def test_an_administrator_of_another_account_may_not(ana: Actor, sam: Actor, watch: Watch, name: str) -> None:
    tunnel = started(ana)
    with pytest.raises(Refused):
        ACTIONS[name](sam, tunnel)
    assert not AuditEvent.objects.filter(action=name).exists()


def test_the_key_that_is_revealed_is_the_tunnels(omar: Actor) -> None:
    assert reveal_psk(actor=omar, tunnel=tunnel_of(omar)) == f"{MARKER_PSK}-1"


def test_a_reset_tears_down_and_comes_up_again(omar: Actor, watch: Watch) -> None:
    tunnel = started(omar)
    ring(watch)
    ring(watch, 1)
    reset(actor=omar, tunnel=tunnel)
    assert run_of(tunnel).status == Status.NOT_NEGOTIATED
    ring(watch, 1)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP
    assert ("started", "reset") in story(tunnel)


def test_traffic_starts_a_tunnel_that_waits_for_it(omar: Actor, watch: Watch) -> None:
    tunnel = started(omar, effect_immediately=False)
    assert story(tunnel) == [("waiting", "created")]
    send_traffic(actor=omar, tunnel=tunnel)
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP


def test_traffic_cannot_enter_an_unbound_tunnel(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_of(omar)
    unbind_tunnel(tunnel=tunnel)
    with pytest.raises(Refused) as refused:
        send_traffic(actor=omar, tunnel=tunnel)
    assert codes(refused) == ["not_bound"]


def test_a_device_that_nobody_has_set_up_is_one_click_away_and_back(omar: Actor, watch: Watch) -> None:
    tunnel = started(omar)
    set_peer_configured(actor=omar, tunnel=tunnel, configured=False)
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).cause == CauseId.PEER_NOT_CONFIGURED
    assert PeerDevice.objects.get(tunnel=tunnel).standing == PeerDevice.Standing.UNCONFIGURED
    set_peer_configured(actor=omar, tunnel=tunnel, configured=True)
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP
    assert PeerDevice.objects.get(tunnel=tunnel).standing == PeerDevice.Standing.MIRROR


def test_the_real_gateway_address_takes_the_place_of_the_one_handed_out(omar: Actor, watch: Watch) -> None:
    tunnel = started(omar)
    (handed_out,) = addresses.allocate(pool_of=addresses.PUBLIC, taken=lambda _addresses: set(), number=1)
    bind_tunnel(tunnel=tunnel, gateway_address=handed_out, zone="cn-hangzhou-1")
    watch.pass_by(1)
    set_gateway_address(actor=omar, tunnel=tunnel, address="47.98.0.10")
    row = Tunnel.objects.get(pk=tunnel.pk)
    assert (row.gateway_address, row.gateway_address_by_hand) == ("47.98.0.10", True)
    assert tunnel.gateway_address == "47.98.0.10"
    assert ReturnedAddress.objects.filter(address=handed_out).count() == 1
    assert AuditEvent.objects.get(action="tunnel.set_gateway_address").detail == {
        "before": handed_out,
        "after": "47.98.0.10",
    }
    assert story(tunnel)[-1] == ("started", "gateway_address")
    ring(watch)
    ring(watch, 1)
    assert run_of(tunnel).status == Status.CHILD_UP


def test_an_address_that_was_set_by_hand_is_not_given_back_to_the_pool(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_of(omar)
    set_gateway_address(actor=omar, tunnel=tunnel, address="198.18.0.9")
    AddressPool.objects.update_or_create(
        cidr="198.18.0.0/15", transit_router_cidr=None, defaults={"next_offset": 500}
    )
    set_gateway_address(actor=omar, tunnel=tunnel, address="47.98.0.10")
    assert not ReturnedAddress.objects.filter(address="198.18.0.9").exists()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("47.98.0", "address_malformed"),
        ("::1", "address_malformed"),
        ("127.0.0.1", "address_forbidden"),
        ("100.64.0.1", "address_forbidden"),
        ("other tunnel", "gateway_address_taken"),
        ("own customer gateway", "gateway_address_is_peers"),
    ],
)
def test_addresses_that_no_gateway_can_have_are_refused(
    omar: Actor, watch: Watch, address: str, code: str
) -> None:
    tunnel = started(omar)
    other = connection_of(omar).tunnels.get(index=2)
    typed = {
        "other tunnel": str(other.gateway_address),
        "own customer gateway": tunnel.customer_gateway.address,
    }.get(address, address)
    with pytest.raises(Refused) as refused:
        set_gateway_address(actor=omar, tunnel=tunnel, address=typed)
    assert codes(refused) == [code]
    assert Tunnel.objects.get(pk=tunnel.pk).gateway_address == tunnel.gateway_address
    assert not AuditEvent.objects.filter(action="tunnel.set_gateway_address").exists()


def test_an_unbound_tunnel_gets_no_address_by_hand(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_of(omar)
    unbind_tunnel(tunnel=tunnel)
    with pytest.raises(Refused) as refused:
        set_gateway_address(actor=omar, tunnel=tunnel, address="47.98.0.10")
    assert codes(refused) == ["not_bound"]


def test_unbinding_takes_the_tunnel_down_at_once(omar: Actor, watch: Watch) -> None:
    tunnel = started(omar)
    ring(watch)
    ring(watch, 1)
    watch.pass_by(10)
    unbind_tunnel(tunnel=tunnel)
    run = run_of(tunnel)
    assert (run.status, run.cause, run.due_at) == (Status.NOT_NEGOTIATED, CauseId.TUNNEL_NOT_BOUND, None)
    assert run.status_since == watch.time
    assert Tunnel.objects.get(pk=tunnel.pk).gateway_address is None
    assert TunnelEvent.objects.filter(tunnel=tunnel, kind="unbound").count() == 1


def test_a_key_is_made_where_none_is_given(omar: Actor) -> None:
    connection = connection_of(omar, bgp_enabled=False)
    gateway = connection.tunnels.get(index=1).customer_gateway
    connection.tunnels.filter(index=1).delete()
    (first,) = create_tunnels(actor=omar, connection=connection, wanted=[(TunnelSpec(index=1), gateway)])
    assert len(first.psk) == 16
    assert first.psk.isalnum()
