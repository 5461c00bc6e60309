"""Writes: accounts, their members and passwords. Each is one transaction with its audit row."""

import secrets

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from accounts import quotas
from accounts.actor import Actor, audit
from accounts.answers import Code
from accounts.models import Account, Membership, Role, User
from accounts.queries import find_user
from accounts.refusal import refuse

PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - without what is mistaken for something else


def create_account(*, name: str, is_demo: bool = False) -> Account:
    """A tenant with its quotas, and nobody in it."""
    account = Account(name=name, is_demo=is_demo)
    account.full_clean()
    with transaction.atomic():
        account.save()
        quotas.create_rows(account)
        audit(Actor(account=account), "account.create", account.uid, name=name)
    return account


@sensitive_variables("password")
def create_first_account(
    *, account_name: str, username: str, password: str, address: str | None = None, request_id: str = ""
) -> Membership:
    """The first account and its administrator, only while there is no user at all; `Refused` if there is.

    Of several that try at once, one wins: they wait for each other at a row that every database has.
    """
    with transaction.atomic():
        ContentType.objects.select_for_update().get(app_label="accounts", model="user")
        if User.objects.exists():
            raise refuse("", Code.SETUP_DONE)
        actor = Actor(account=create_account(name=account_name), address=address, request_id=request_id)
        user = create_user(username=username, password=password)
        return add_membership(actor, user=user, role=Role.ADMIN)


@sensitive_variables("password")
def create_user(*, username: str, password: str, password_is_initial: bool = False) -> User:
    """A person who can sign in; the password has passed the form's rules. `Refused` if the name is taken."""
    if find_user(username) is not None:
        raise refuse("username", Code.USERNAME_TAKEN)
    user = User(username=username, password_is_initial=password_is_initial)
    user.set_password(password)
    user.clean_fields()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:  # another request was first
        raise refuse("username", Code.USERNAME_TAKEN) from error
    return user


def add_membership(actor: Actor, *, user: User, role: Role) -> Membership:
    membership = Membership(account=actor.account, user=user, role=role)
    membership.full_clean()
    with transaction.atomic():
        membership.save()
        audit(actor, "member.add", membership.public_id, username=user.username, role=role.value)
    return membership


def appoint(*, account: Account, user: User) -> Membership:
    """Who runs the console makes somebody administrator of an account, member already or not."""
    actor = Actor(account=account)
    membership = account.memberships.filter(user=user).first()
    if membership is None:
        return add_membership(actor, user=user, role=Role.ADMIN)
    change_role(actor, membership=membership, role=Role.ADMIN)
    return membership


def create_member(actor: Actor, *, username: str, role: Role) -> tuple[Membership, str]:
    """A new person in the account, and the password to hand over: it opens nothing but its own change."""
    password = new_password()
    with transaction.atomic():
        user = create_user(username=username, password=password, password_is_initial=True)
        return add_membership(actor, user=user, role=role), password


def change_role(actor: Actor, *, membership: Membership, role: Role) -> None:
    """`Refused` where it would leave the account without administrator."""
    with transaction.atomic():
        locked = _locked(membership)
        before = locked.role
        if role != Role.ADMIN:
            refuse_last_administrator(locked)
        locked.role = role
        locked.full_clean()
        locked.save(update_fields=["role"])
        names = {"username": locked.user.username, "before": before, "after": role.value}
        audit(actor, "member.change-role", locked.public_id, **names)


def remove_member(actor: Actor, *, membership: Membership) -> None:
    """Ends the membership; a person without any other is deleted, and their sessions end with them.

    `Refused` for the last administrator.
    """
    with transaction.atomic():
        locked = _locked(membership)
        user = locked.user
        refuse_last_administrator(locked)
        audit(actor, "member.remove", locked.public_id, username=user.username)
        locked.delete()
        if not user.memberships.exists():
            user.delete()


def reset_password(actor: Actor, *, membership: Membership) -> str:
    """A new password to hand over, for a member who has lost theirs; their sessions end.

    `Refused` for one's own, and for a person of several accounts: it would open the others, too.
    """
    with transaction.atomic():
        locked = _locked(membership)
        refuse_reset(actor, locked)
        password = new_password()
        _set_password(locked.user, password, is_initial=True)
        audit(actor, "member.reset-password", locked.public_id, username=locked.user.username)
    return password


def refuse_reset(actor: Actor, membership: Membership) -> None:
    """Whether `reset_password` may go on; `Refused` if not."""
    if actor.user is not None and membership.user_id == actor.user.pk:
        raise refuse("", Code.PASSWORD_OF_OWN)
    if membership.user.memberships.exclude(pk=membership.pk).exists():
        raise refuse("", Code.PASSWORD_SHARED, username=membership.user.username)


def refuse_last_administrator(membership: Membership) -> None:
    """Whether the member may be removed or get a smaller role; `Refused` if not."""
    others = membership.account.memberships.filter(role=Role.ADMIN).exclude(pk=membership.pk)
    if membership.role == Role.ADMIN and not others.filter(user__is_active=True).exists():
        raise refuse("", Code.LAST_ADMINISTRATOR, username=membership.user.username)


@sensitive_variables("password")
def change_password(actor: Actor, *, user: User, password: str) -> None:
    """The person's own choice. Every other session of theirs ends: sessions carry a hash of the password."""
    with transaction.atomic():
        _set_password(user, password, is_initial=False)
        audit(actor, "password.change", user.username)


def new_password() -> str:
    """Four groups of five characters: 99 bits, easy to read out."""
    groups = ("".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


@sensitive_variables("password")
def _set_password(user: User, password: str, *, is_initial: bool) -> None:
    user.set_password(password)
    user.password_is_initial = is_initial
    user.save(update_fields=["password", "password_is_initial"])


def _locked(membership: Membership) -> Membership:
    """The row as it is now. Members of one account change one after the other: else two administrators
    could remove each other at the same moment."""
    Account.objects.select_for_update().get(pk=membership.account_id)
    now = Membership.objects.select_related("user", "account").filter(pk=membership.pk).first()
    if now is None:
        raise refuse("", Code.MEMBER_GONE)
    return now
