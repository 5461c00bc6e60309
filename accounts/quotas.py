"""How much of each thing an account may have (console chapter 8); each account can be given its own limit."""

from dataclasses import dataclass

from accounts.models import Account, Quota, QuotaName
from ipsec.findings import Finding

DEFAULTS: dict[QuotaName, int] = {
    QuotaName.CONNECTIONS_PER_TRANSIT_ROUTER: 50,
    QuotaName.CONNECTIONS_PER_REGION: 100,
    QuotaName.CUSTOMER_GATEWAYS_PER_REGION: 100,
    QuotaName.CIDRS_PER_TRANSIT_ROUTER: 5,
    QuotaName.ROUTES_PER_CONNECTION: 20,
}


def limit(account: Account, name: QuotaName) -> int:
    row = Quota.objects.filter(account=account, name=name).first()
    return row.limit if row else DEFAULTS[name]


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a quota is used: there are `count`, and may be `limit`."""

    quota: QuotaName
    limit: int
    count: int

    def check(self, field: str = "") -> list[Finding]:
        """What is said where there is no room for one more."""
        if self.count < self.limit:
            return []
        return [Finding(field, "quota_full", params={"name": self.quota.value, "limit": self.limit})]


def room(account: Account, quota: QuotaName, count: int) -> Room:
    return Room(quota, limit(account, quota), count)


def create_rows(account: Account) -> None:
    Quota.objects.bulk_create(
        Quota(account=account, name=name, limit=default) for name, default in DEFAULTS.items()
    )
