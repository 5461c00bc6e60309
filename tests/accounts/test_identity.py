"""Public ids and UIDs, quotas, and the audit trail's row."""

import re
from typing import Any

import pytest

from accounts import quotas
from accounts.actor import Actor, audit
from accounts.identifiers import NewId, new_uid
from accounts.models import Account, Quota, QuotaName
from accounts.services import create_account

pytestmark = pytest.mark.database


def test_public_ids_are_of_the_consoles_kind_and_do_not_repeat() -> None:
    made = {NewId("vco")() for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(r"vco-[a-z0-9]{20}", one) for one in made)


def test_a_uid_has_sixteen_digits_and_does_not_begin_with_zero() -> None:
    assert all(re.fullmatch(r"[1-9][0-9]{15}", new_uid()) for _ in range(1000))


@pytest.mark.django_db
def test_a_new_account_has_every_quota_at_its_default() -> None:
    account = create_account(name="Acme")

    assert {name: quotas.limit(account, name) for name in QuotaName} == quotas.DEFAULTS
    assert account.quotas.count() == len(QuotaName)


@pytest.mark.django_db
def test_an_account_can_have_its_own_limit(acme: Account, other: Account) -> None:
    Quota.objects.filter(account=acme, name=QuotaName.CONNECTIONS_PER_REGION).update(limit=7)

    assert quotas.limit(acme, QuotaName.CONNECTIONS_PER_REGION) == 7
    assert quotas.limit(other, QuotaName.CONNECTIONS_PER_REGION) == 100


@pytest.mark.django_db
def test_an_audit_row_says_who_what_where_and_by_which_request(ana: Any) -> None:
    row = audit(ana, "thing.change", "vco-1", before=1, after=2)

    assert (row.account, row.actor, row.actor_name) == (ana.account, ana.user, "ana")
    assert (row.action, row.target, row.detail) == ("thing.change", "vco-1", {"before": 1, "after": 2})
    assert (row.address, row.request_id) == ("192.0.2.10", "TEST-REQUEST")


@pytest.mark.django_db
def test_what_the_console_does_by_itself_carries_its_name(acme: Account) -> None:
    assert audit(Actor(account=acme), "thing.change").actor_name == "vpnconsole"
