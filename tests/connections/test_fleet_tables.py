"""What lists and searches read beside the real rows is true after every write, whichever way it comes."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from connection_cast import BGP, SHANGHAI, Cast, cast_of, made, play, set_status, settled, tunnels_of
from django.db import connection as database
from django.db.models import Sum
from django.utils import timezone

from connections.fleet import keeping, sql, tallies
from connections.fleet.models import (
    WORST_FIRST,
    ConnectionHealth,
    HealthTally,
    Level,
    SearchNetwork,
    SearchText,
    TunnelHealth,
)
from connections.models import IPsecConnection
from connections.services import bind, delete_connection, unbind
from gateways.services import modify_customer_gateway
from ipsec.algorithms import RoutingMode
from tunnels import operations, services
from tunnels.models import BgpStatus, NegotiationRun, Status, Tunnel

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def unbound(cast: Cast, connection: IPsecConnection) -> IPsecConnection:
    unbind(actor=cast.actor, connection=connection)
    settled()
    connection.refresh_from_db()
    return connection


def kept() -> dict[str, Any]:
    """All that the derived tables say; of the tallies, their sums."""
    kind = ("account_id", "region", "transit_router_id", "level")
    sums = HealthTally.objects.values(*kind).annotate(number=Sum("number")).order_by(*kind)
    return {
        "tunnels": [*TunnelHealth.objects.order_by("pk").values()],
        "connections": [*ConnectionHealth.objects.order_by("pk").values()],
        "texts": [(row.pk, sorted(row.text.split("\n"))) for row in SearchText.objects.order_by("pk")],
        "networks": sorted(SearchNetwork.objects.values_list("account_id", "connection_id", "network")),
        "tallies": [row for row in sums if row["number"]],
    }


def assert_true() -> None:
    """What the triggers have kept is what a fill from the real rows comes to."""
    by_triggers = kept()
    keeping.rebuild()
    assert by_triggers == kept()


def with_bgp(cast: Cast, name: str) -> IPsecConnection:
    connection = made(cast, name, bgp_enabled=True)
    for tunnel, values in zip(tunnels_of(connection), BGP, strict=True):
        Tunnel.objects.filter(pk=tunnel.pk).update(**values)
    return connection


WRITES: dict[str, Callable[[Cast, IPsecConnection], Any]] = {
    "created": lambda cast, one: made(cast, "another"),
    "created unbound": lambda cast, one: made(cast, "another", binding="cross"),
    "created in another region": lambda cast, one: made(
        cast_of(cast.actor, region=SHANGHAI, block="10.251.0.0/24"), "there"
    ),
    "with protected data flows": lambda cast, one: made(
        cast,
        "flows",
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.1.0.0/16",),
        remote_networks=("10.2.0.0/16",),
    ),
    "renamed": lambda cast, one: IPsecConnection.objects.filter(pk=one.pk).update(name="Renamed"),
    "other networks": lambda cast, one: IPsecConnection.objects.filter(pk=one.pk).update(
        routing_mode="policy", local_networks=["10.5.0.0/16"], remote_networks=["10.6.0.0/16", "10.7.0.0/16"]
    ),
    "played": lambda cast, one: play(),
    "unbound": lambda cast, one: unbind(actor=cast.actor, connection=one),
    "unbound and settled": unbound,
    "bound again": lambda cast, one: bind(
        actor=cast.actor, connection=unbound(cast, one), transit_router=cast.router
    ),
    "deleted": lambda cast, one: delete_connection(actor=cast.actor, connection=unbound(cast, one)),
    "device renamed": lambda cast, one: modify_customer_gateway(
        actor=cast.actor, gateway=cast.devices[0], name="Edge Renamed"
    ),
    "another device": lambda cast, one: Tunnel.objects.filter(connection=one, index=1).update(
        customer_gateway=cast.lone
    ),
    "another gateway address": lambda cast, one: services.set_gateway_address(
        actor=cast.actor, tunnel=tunnels_of(one)[0], address="198.19.7.7"
    ),
    "a tunnel CIDR block": lambda cast, one: Tunnel.objects.filter(connection=one, index=2).update(
        tunnel_cidr="169.254.33.0/30", local_bgp_ip="169.254.33.2"
    ),
    "reset": lambda cast, one: services.reset(actor=cast.actor, tunnel=tunnels_of(one)[0]),
    "drained": lambda cast, one: operations.take_out_of_service(actor=cast.actor, tunnel=tunnels_of(one)[1]),
    "tunnels down": lambda cast, one: set_status(one, Status.CHILD_DOWN, Status.IKE_DOWN),
    "a key that nobody can read": lambda cast, one: NegotiationRun.objects.filter(
        tunnel__connection=one
    ).update(status="", cause="SecretUnreadable", negotiating=False),
}


@pytest.mark.parametrize("write", WRITES)
def test_every_write_keeps_it_true(cast: Cast, write: str) -> None:
    connection = made(cast, "dc to cloud")
    play()
    assert_true()

    WRITES[write](cast, IPsecConnection.objects.get(pk=connection.pk))

    assert_true()
    if write not in ("played",):
        assert IPsecConnection.objects.count() == ConnectionHealth.objects.count()


def test_rows_of_several_connections_written_at_once_keep_it_true(cast: Cast) -> None:
    connections = [made(cast, name) for name in ("one", "two", "three")]
    tunnels = [tunnel for one in connections for tunnel in Tunnel.objects.filter(connection=one)]
    runs = [*NegotiationRun.objects.filter(tunnel__in=tunnels)]
    Tunnel.objects.filter(connection__in=connections).delete()  # as nobody does, so nothing follows it

    Tunnel.objects.bulk_create(tunnels[::-1])
    NegotiationRun.objects.bulk_create(runs[::-1])

    assert_true()
    assert ConnectionHealth.objects.filter(level=Level.NEGOTIATING).count() == len(connections)


def test_it_says_how_the_connection_does(cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    health = ConnectionHealth.objects.filter(pk=connection.pk).values_list("level", flat=True)
    assert [*health.all()] == [Level.NEGOTIATING]
    play()
    assert [*health.all()] == [Level.UP]
    for statuses, level in {
        (Status.CHILD_UP, Status.CHILD_DOWN): Level.DEGRADED,
        (Status.NOT_NEGOTIATED, Status.CHILD_UP): Level.DEGRADED,
        (Status.IKE_DOWN, Status.NOT_NEGOTIATED): Level.DOWN,
        (Status.NOT_NEGOTIATED, Status.NOT_NEGOTIATED): Level.IDLE,
    }.items():
        set_status(connection, *statuses)
        assert [*health.all()] == [level], statuses


TUNNELS: dict[Level, dict[str, Any]] = {
    Level.IDLE: {"status": ""},
    Level.DRAINED: {"status": Status.CHILD_UP, "out_of_service": True},
    Level.DOWN: {"status": Status.IKE_DOWN, "negotiating": True},
    Level.NEGOTIATING: {"status": "", "negotiating": True},
    Level.IMPAIRED: {"status": Status.CHILD_UP, "bgp_status": BgpStatus.DOWN, "cause": "BgpSessionDown"},
    Level.UP: {"status": Status.CHILD_UP, "bgp_status": BgpStatus.UP},
}


def joint(first: Level, second: Level) -> Level:
    """What the two come to together."""
    if first == second:
        return first
    best = max(first, second)
    return Level.DEGRADED if best == Level.UP else best


def test_a_connection_is_as_well_as_its_better_tunnel_and_degraded_with_one(cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    blank = {"negotiating": False, "out_of_service": False, "cause": "", "bgp_status": "", "blocked": ""}
    for pair in product(TUNNELS, TUNNELS):
        for tunnel, level in zip(tunnels_of(connection), pair, strict=True):
            NegotiationRun.objects.filter(tunnel=tunnel).update(**blank | TUNNELS[level])
        shown = TunnelHealth.objects.filter(connection=connection).order_by("tunnel__index")
        assert tuple(row.level for row in shown) == pair
        assert ConnectionHealth.objects.get(pk=connection.pk).level == joint(*pair), pair


def test_every_level_has_its_place() -> None:
    assert sorted(WORST_FIRST) == sorted(Level)


def test_a_rekey_and_another_failed_attempt_change_no_level_and_no_moment(cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    set_status(connection, Status.CHILD_UP, Status.IKE_DOWN)
    before = kept()
    NegotiationRun.objects.update(version=77, checked_at=timezone.now() + timedelta(hours=1))
    failed = NegotiationRun.objects.filter(tunnel__connection=connection, status=Status.IKE_DOWN)
    (again,) = failed.values_list("pk", flat=True)
    NegotiationRun.objects.filter(pk=again).update(negotiating=True, failures=3)
    assert kept() == before
    NegotiationRun.objects.filter(pk=again).update(status=Status.IKE_UP)
    assert TunnelHealth.objects.get(tunnel__run=again).level == Level.DOWN, "it has yet to come further"


def test_since_is_when_the_state_changed(cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    failed, blocked = timezone.now() - timedelta(hours=2), timezone.now() - timedelta(hours=1)
    runs = NegotiationRun.objects.filter(tunnel__connection=connection)
    runs.update(status=Status.IKE_DOWN, status_since=failed, negotiating=False)
    assert {row.since for row in TunnelHealth.objects.all()} == {failed}
    runs.update(status=Status.CHILD_UP, status_since=failed)
    runs.update(blocked="mtu", checked_at=blocked)
    assert {row.since for row in TunnelHealth.objects.all()} == {blocked}


def test_tallies_are_folded_and_stay_the_same(cast: Cast) -> None:
    for number in range(4):
        made(cast, f"nr {number}")
    play()
    counted = tallies.counts(cast.actor.account)
    assert HealthTally.objects.count() > len(counted)
    tallies.fold()
    assert tallies.counts(cast.actor.account) == counted
    assert HealthTally.objects.count() == len(counted)
    assert tallies.fold() == 0, "nothing is written where nothing has changed"


def test_a_tunnel_whose_first_attempt_fails_negotiates_no_more(cast: Cast) -> None:
    connection = made(cast, "dc to cloud")
    runs = NegotiationRun.objects.filter(tunnel__connection=connection)
    runs.update(status=Status.IKE_UP, negotiating=True, failures=0)
    assert {row.level for row in TunnelHealth.objects.all()} == {Level.NEGOTIATING}
    runs.update(failures=1)
    assert {row.level for row in TunnelHealth.objects.all()} == {Level.DOWN}
    assert_true()


def execute(statement: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement)


ON_CONNECTIONS = "fleet_connection_changed"
DROPPED = f"DROP TRIGGER {ON_CONNECTIONS}" + (
    " ON connections_ipsecconnection" if database.vendor == "postgresql" else ""
)


def old_trigger() -> None:
    """What another version of the console may have left: the name is the same, and it does something else."""
    execute(DROPPED)
    if database.vendor == "sqlite":
        body = "BEGIN SELECT 1; END"
    else:
        body = "FOR EACH ROW WHEN (NEW.name = 'never') EXECUTE FUNCTION fleet_find_connection()"
    execute(f"CREATE TRIGGER {ON_CONNECTIONS} AFTER UPDATE ON connections_ipsecconnection {body}")


@pytest.mark.parametrize("harm", [lambda: execute(DROPPED), old_trigger], ids=["lost", "another version's"])
def test_lost_and_old_triggers_come_back_with_the_next_migration(
    cast: Cast, harm: Callable[[], None]
) -> None:
    connection = made(cast, "before")
    assert keeping.amiss() == set()
    harm()
    IPsecConnection.objects.update(name="after")
    assert keeping.amiss() == {ON_CONNECTIONS}
    assert "after" not in SearchText.objects.get(pk=connection.pk).text

    keeping.after_migrating(plan=[])

    assert keeping.amiss() == set()
    assert "after" in SearchText.objects.get(pk=connection.pk).text


def test_a_trigger_for_each_row_becomes_one_for_all(cast: Cast) -> None:
    """As an earlier version left it."""
    if database.vendor == "sqlite":
        return
    execute(
        "CREATE OR REPLACE TRIGGER fleet_tunnel_new AFTER INSERT ON tunnels_tunnel"
        " FOR EACH ROW EXECUTE FUNCTION fleet_find_tunnel('another')"
    )
    assert keeping.amiss() == {"fleet_tunnel_new"}
    keeping.after_migrating(plan=[])
    assert keeping.amiss() == set()
    made(cast, "after")
    assert_true()


def test_whatever_a_trigger_says_otherwise_makes_it_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keeping.amiss() == set()
    with monkeypatch.context() as changed:
        changed.setattr(sql, "CONNECTION_COLUMNS", ("public_id", "name"))
        assert ON_CONNECTIONS in keeping.amiss()
    with monkeypatch.context() as changed:
        changed.setattr(sql, "level", lambda run: "5")
        assert "fleet_run_changed" in keeping.amiss()
    assert keeping.amiss() == set()
