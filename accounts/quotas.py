"""How much of each thing an account may have (console chapter 8); each account can be given its own limit."""

from accounts.models import Account, Quota, QuotaName

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


def create_rows(account: Account) -> None:
    Quota.objects.bulk_create(
        Quota(account=account, name=name, limit=default) for name, default in DEFAULTS.items()
    )
