"""The audit trail: append-only, one account's, filtered, exported, and written by every service."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor, audit, audited_together
from accounts.audit_changes import MASK, changes
from accounts.audit_queries import AuditFilter, trail
from accounts.audit_retention import forget_before, removal
from accounts.models import Account, AppendOnly, AuditEvent
from accounts.services import add_membership, create_user, remove_member
from gateways.models import CustomerGateway
from transit.models import Cen, ResourceGroup

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ClientOf = Callable[[Actor], Client]
PAGE, EXPORT = reverse("accounts:audit"), reverse("accounts:audit-export")
SECRET = "Marker-Key-3316"


def rows_of(client: Client, query: str = "") -> list[tuple[str, str]]:
    """(action, target) of each row on the page."""
    page = client.get(f"{PAGE}?{query}")
    return [(row.event.action, row.event.target) for row in page.context["rows"]]


def at(event: AuditEvent, when: datetime) -> None:
    """As if it had been written then: the database lets nobody do this, so its guard is away meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'accounts_auditevent_append_only'")
            [guard] = cursor.fetchone()
            cursor.execute("DROP TRIGGER accounts_auditevent_append_only")
        cursor.execute("UPDATE accounts_auditevent SET at = %s WHERE id = %s", [when, event.pk])
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:
            cursor.execute(guard)


# Append-only


def test_a_row_is_never_changed_nor_removed(ana: Actor) -> None:
    row = audit(ana, "cen.create", "cen-1")
    row.action = "cen.delete"

    for attempt in (
        row.save,
        row.delete,
        lambda: AuditEvent.objects.update(action="cen.delete"),
        lambda: AuditEvent.objects.bulk_update([row], ["action"]),
        lambda: AuditEvent.objects.all().delete(),
        lambda: ana.account.audit_events.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(AppendOnly):
            attempt()
    assert AuditEvent.objects.get(pk=row.pk).action == "cen.create"


@pytest.mark.parametrize(
    "column", ["public_id", "actor_name", "at", "address", "request_id", "action", "target", "detail"]
)
def test_the_database_itself_refuses_a_change(ana: Actor, column: str) -> None:
    audit(ana, "cen.create", "cen-1", name="backbone")
    values = {"at": "2020-01-01T00:00:00Z", "address": "192.0.2.99", "detail": '{"name": "forged"}'}

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE accounts_auditevent SET {column} = %s", [values.get(column, "forged")])  # noqa: S608


def test_the_database_itself_refuses_a_removal(ana: Actor) -> None:
    audit(ana, "cen.create", "cen-1")

    nothing_goes()
    with pytest.raises(RuntimeError, match="broken off"), removal():
        raise RuntimeError("broken off")
    nothing_goes()
    assert AuditEvent.objects.exists()


def nothing_goes(statement: str = "DELETE FROM accounts_auditevent") -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_removals_are_refused_again_after_the_retention_and_after_a_flush(ana: Actor) -> None:
    """Each of the two is a transaction of its own; those of the tests above are parts of another."""
    audit(ana, "cen.create", "cen-1")
    forget_before(timezone.now())
    assert [event.action for event in AuditEvent.objects.all()] == ["audit.prune"]
    nothing_goes()
    if connection.vendor == "postgresql":
        nothing_goes("TRUNCATE accounts_auditevent")

    call_command("flush", interactive=False, verbosity=0)
    assert not AuditEvent.objects.exists()
    AuditEvent.objects.create(action="cen.create")
    nothing_goes()


def test_rows_can_be_written_together_in_their_order(ana: Actor, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), audited_together():
        for number in (1, 2, 3):
            audit(ana, "cen.create", f"cen-{number}", name="backbone")

    audit(ana, "cen.create", "cen-4")
    told = AuditEvent.objects.filter(action="cen.create").order_by("pk")
    assert [row.target for row in told] == ["cen-1", "cen-2", "cen-3", "cen-4"]
    assert (told[0].actor_name, told[0].detail) == ("ana", {"name": "backbone"})


def test_of_what_was_broken_off_nothing_is_told(ana: Actor) -> None:
    @audited_together()
    def broken_off() -> None:
        audit(ana, "cen.create", "cen-1")
        raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        broken_off()
    audit(ana, "cen.create", "cen-2")
    assert [row.target for row in AuditEvent.objects.filter(action="cen.create")] == ["cen-2"]


def test_whoever_leaves_stays_in_the_trail_by_name(ana: Actor) -> None:
    leaver = add_membership(ana, user=create_user(username="lea", password="x" * 12), role=ana.role)
    row = audit(Actor(ana.account, leaver.user), "cen.create", "cen-1")

    remove_member(ana, membership=leaver)

    row.refresh_from_db()
    assert (row.actor, row.actor_name) == (None, "lea")


def test_an_account_with_a_trail_cannot_be_deleted(ana: Actor) -> None:
    audit(ana, "cen.create", "cen-1")

    with pytest.raises(ProtectedError, match=r"protected foreign keys"):
        ana.account.delete()


def test_old_rows_go_by_command_alone_and_the_trail_tells(ana: Actor, sam: Actor) -> None:
    old, young, others = (audit(actor, "cen.create", "cen-1") for actor in (ana, ana, sam))
    for row in (old, others):
        at(row, timezone.now() - timedelta(days=400))

    said = io.StringIO()
    call_command("prune_audit", "--older-than", "365", stdout=said)

    assert "2 rows older than 365 days removed" in said.getvalue()
    assert not AuditEvent.objects.filter(pk__in=[old.pk, others.pk]).exists()
    assert AuditEvent.objects.filter(pk=young.pk).exists()
    told = AuditEvent.objects.filter(action="audit.prune")
    assert {(row.account, row.actor_name, row.detail["rows"]) for row in told} == {
        (ana.account, "vpnconsole", 1),
        (sam.account, "vpnconsole", 1),
    }


def test_the_future_cannot_be_forgotten(ana: Actor) -> None:
    with pytest.raises(ValueError, match="future"):
        forget_before(timezone.now() + timedelta(days=1))
    with pytest.raises(CommandError, match="from 1 to"):
        call_command("prune_audit", "--older-than", "0")


# Before and after


def test_a_secret_is_masked_by_its_type_and_is_not_even_read(ana: Actor, settings: Any) -> None:
    gateway = CustomerGateway.objects.create(
        account=ana.account, region="cn-hangzhou", name="edge", address="203.0.113.9", asn=1, auth_key=SECRET
    )
    bare = CustomerGateway.objects.defer("auth_key").get(pk=gateway.pk)
    settings.FIELD_KEYS = []

    found = changes(bare, {"name": "edge-2", "asn": 1, "auth_key": SECRET})

    assert found == {"name": ["edge", "edge-2"], "auth_key": [MASK, MASK]}
    assert changes(bare, {"auth_key": ""}) == {"auth_key": [MASK, ""]}


def test_the_page_shows_a_change_from_what_to_what(ana: Actor, client_of: ClientOf) -> None:
    audit(
        ana,
        "customer_gateway.modify",
        "cgw-1",
        changes={"name": ["edge", "edge-2"], "auth_key": [MASK, MASK]},
    )

    page = client_of(ana).get(PAGE).content.decode()

    assert "edge → edge-2" in page
    assert f"{MASK} → {MASK}" in page


# Who may read, and what


def test_operators_and_administrators_read_it_and_nobody_else(
    ana: Actor, omar: Actor, vera: Actor, client_of: ClientOf
) -> None:
    for actor, status in ((ana, 200), (omar, 200), (vera, 403)):
        client = client_of(actor)
        assert client.get(PAGE).status_code == status
        assert client.post(EXPORT, {"format": "csv"}).status_code == status
        assert (f'href="{PAGE}"' in client.get(reverse("connections:list")).content.decode()) == (
            status == 200
        )


def test_nobody_sees_the_rows_of_another_account(ana: Actor, sam: Actor, client_of: ClientOf) -> None:
    own, foreign = audit(ana, "cen.create", "cen-own"), audit(sam, "cen.create", "cen-foreign")
    client = client_of(ana)

    for query in (
        "",
        "target=cen-foreign",
        "actor=sam",
        f"after={foreign.public_id}",
        f"before={own.public_id}",
    ):
        assert ("cen.create", "cen-foreign") not in rows_of(client, query)
    exported = b"".join(client.post(EXPORT, {"format": "jsonl"}).streaming_content)  # type: ignore[attr-defined]
    assert b"cen-own" in exported
    assert b"cen-foreign" not in exported


def test_the_page_is_kept_in_no_cache_and_shows_what_a_row_knows(ana: Actor, client_of: ClientOf) -> None:
    audit(ana, "cen.create", "cen-1", name="<b>backbone</b>")

    answer = client_of(ana).get(PAGE)
    page = answer.content.decode()

    assert "no-store" in answer["Cache-Control"]
    for shown in (
        "ana",
        "192.0.2.10",
        "TEST-REQUEST",
        "Created a CEN instance",
        "&lt;b&gt;backbone&lt;/b&gt;",
    ):
        assert shown in page
    assert "<b>backbone" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("actor=OMAR", {"tun-1"}),
        ("action=cen", {"cen-1", "cen-2"}),
        ("action=cen.delete", {"cen-2"}),
        ("target=cen-1", {"cen-1"}),
        ("target=cen", set()),
        ("since=2026-03-02T00:00", {"cen-2", "tun-1"}),
        ("until=2026-03-02T00:00", {"cen-1"}),
        ("since=2026-03-02T00:00&until=2026-03-03T00:00", {"cen-2"}),
        ("actor=ana&action=cen&target=cen-2", {"cen-2"}),
    ],
)
def test_filters(ana: Actor, omar: Actor, client_of: ClientOf, query: str, found: set[str]) -> None:
    made = (
        audit(ana, "cen.create", "cen-1"),
        audit(ana, "cen.delete", "cen-2"),
        audit(omar, "tunnel.reset", "tun-1"),
    )
    for day, row in enumerate(made, start=1):
        at(row, datetime(2026, 3, day, tzinfo=UTC))
    client = client_of(ana)

    shown = {target for action, target in rows_of(client, query) if action != "session.sign-in"}

    assert shown == found


@pytest.mark.parametrize("query", ["since=yesterday", "action=no.such", "until=2026-13-01T00:00"])
def test_a_filter_that_cannot_be_read_shows_nothing(ana: Actor, client_of: ClientOf, query: str) -> None:
    audit(ana, "cen.create", "cen-1")
    answer = client_of(ana).get(f"{PAGE}?{query}")

    assert answer.status_code == 422
    assert answer.context["rows"] == []
    assert "The filter cannot be read" in answer.content.decode()


def test_pages_follow_each_other_by_key_with_the_filter_kept(ana: Actor, client_of: ClientOf) -> None:
    for number in range(45):
        audit(ana, "cen.create", f"cen-{number}")
        audit(ana, "cen.delete", f"cen-{number}")
    client, seen, query = client_of(ana), [], "action=cen.create"

    while query:
        page = client.get(f"{PAGE}?{query}").context["page"]
        seen += [row.target for row in page.rows]
        query = f"action=cen.create&after={page.older}" if page.older else ""

    assert seen == [f"cen-{number}" for number in reversed(range(45))]


def test_a_page_needs_as_many_queries_for_many_rows_as_for_one(ana: Actor, client_of: ClientOf) -> None:
    client, counts = client_of(ana), []

    for last in (2, 19):
        for number in range(last):
            group = ResourceGroup.objects.create(account=ana.account, name=f"group {last} {number}")
            cen = Cen.objects.create(account=ana.account, resource_group=group)
            audit(ana, "cen.create", cen.public_id)
        with CaptureQueriesContext(connection) as queries:
            rows_of(client, "action=cen")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8


# Targets and words


def test_a_target_leads_to_its_page_as_long_as_it_exists(ana: Actor, sam: Actor, client_of: ClientOf) -> None:
    gateway, foreign = (
        CustomerGateway.objects.create(account=actor.account, region="cn-hangzhou", address="203.0.113.9")
        for actor in (ana, sam)
    )
    audit(ana, "customer_gateway.create", gateway.public_id)
    audit(ana, "customer_gateway.create", foreign.public_id)
    client, link = client_of(ana), reverse("gateways:detail", args=[gateway.public_id])

    page = client.get(PAGE).content.decode()
    gateway.delete()
    later = client.get(PAGE).content.decode()

    assert f'href="{link}"' in page
    assert reverse("gateways:detail", args=[foreign.public_id]) not in page
    assert link not in later


def test_an_action_of_an_older_version_is_its_own_word(ana: Actor, client_of: ClientOf) -> None:
    audit(ana, "action.of-an-older-version", "x-1", a_key_of_old=3)
    page = client_of(ana).get(PAGE).content.decode()

    assert page.count("action.of-an-older-version") == 2
    assert "a_key_of_old:" in page


# Export


def exported(client: Client, **wanted: str) -> Any:
    return client.post(EXPORT, wanted)


def content(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_the_export_is_a_stream_that_no_cache_keeps_and_leaves_a_row(ana: Actor, client_of: ClientOf) -> None:
    audit(ana, "cen.create", "cen-1")
    audit(ana, "tunnel.reset", "tun-1")

    answer = exported(client_of(ana), format="jsonl", action="cen")
    lines = [json.loads(line) for line in content(answer).splitlines()]

    assert answer.streaming
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith(f'attachment; filename="audit-{ana.account.uid}-')
    assert [line["target"] for line in lines] == ["cen-1"]
    own = AuditEvent.objects.filter(action="audit.export").get()
    assert (own.actor_name, own.detail) == ("ana", {"format": "jsonl", "filters": {"action": "cen"}})


def test_it_is_longer_than_a_batch_and_whole(
    ana: Actor, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.audit_export.BATCH", 7)
    for number in range(30):
        audit(ana, "cen.create", f"cen-{number}", name="中文")

    lines = [
        json.loads(one)
        for one in content(exported(client_of(ana), format="jsonl", action="cen")).splitlines()
    ]

    assert [one["target"] for one in lines] == [f"cen-{number}" for number in reversed(range(30))]
    assert set(lines[0]) == {
        "id", "time", "actor", "address", "request_id", "action", "description", "target", "detail"
    }  # fmt: skip
    assert lines[0]["detail"] == {"name": "中文"}


def test_a_spreadsheet_runs_nothing_of_it(ana: Actor, client_of: ClientOf) -> None:
    audit(ana, "cen.create", "=1+1", name='a "quoted", name')
    audit(Actor(ana.account, create_user(username="+49@home", password="x" * 12)), "cen.create", "cen-2")

    text = content(exported(client_of(ana), format="csv", action="cen"))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))

    assert text.startswith("\ufeff")
    assert [row["target"] for row in rows] == ["cen-2", "'=1+1"]
    assert rows[0]["actor"] == "'+49@home"
    assert json.loads(rows[1]["detail"]) == {"name": 'a "quoted", name'}


@pytest.mark.parametrize("wanted", [{"format": "xml"}, {}, {"format": "csv", "since": "yesterday"}])
def test_a_wish_that_cannot_be_read_exports_nothing(
    ana: Actor, client_of: ClientOf, wanted: dict[str, str]
) -> None:
    assert exported(client_of(ana), **wanted).status_code == 422
    assert not AuditEvent.objects.filter(action="audit.export").exists()


def test_the_form_of_the_page_exports_what_the_page_shows(ana: Actor, client_of: ClientOf) -> None:
    """What the page's hidden fields hold is understood again."""
    audit(ana, "cen.create", "cen-1")
    client = client_of(ana)
    query = {"actor": "ana", "action": "cen", "since": "2020-01-01T00:00", "until": "2100-01-01T00:00"}
    hidden = client.get(PAGE, query).context["wanted"]

    lines = content(exported(client, format="jsonl", **hidden)).splitlines()

    assert set(hidden) == set(query)
    assert [json.loads(line)["target"] for line in lines] == ["cen-1"]


def test_a_filter_of_nothing_lets_everything_of_the_account_through(ana: Actor, acme: Account) -> None:
    audit(ana, "cen.create", "cen-1")

    assert trail(acme, AuditFilter()).count() == AuditEvent.objects.filter(account=acme).count()
