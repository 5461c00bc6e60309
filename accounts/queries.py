"""Who is in an account."""

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.answers import Code
from accounts.models import Account, Membership, User
from accounts.refusal import refuse


def nobody_yet() -> bool:
    """Whether the console waits for its first user."""
    return not User.objects.exists()


def members(account: Account) -> QuerySet[Membership]:
    """Administrators first, then by name."""
    return account.memberships.select_related("user").order_by("role", "user__username")


def member_or_404(account: Account, member_id: str) -> Membership:
    membership = members(account).filter(public_id=member_id).first()
    if membership is None:
        raise Http404
    return membership


def find_user(username: str) -> User | None:
    """Names that differ only in case would be mistaken for each other, so they count as one."""
    return User.objects.filter(username__iexact=username).first()


def find_account(name: str) -> Account | None:
    """By UID or name; `Refused` where several have the name."""
    found = Account.objects.filter(Q(uid=name) | Q(name=name))[:2]
    if len(found) > 1:
        raise refuse("account", Code.ACCOUNT_AMBIGUOUS, name=name)
    return found[0] if found else None
