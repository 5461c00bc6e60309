"""`manage.py create_admin`: makes somebody administrator of an account; what is missing is made."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.answers import messages
from accounts.forms import AdministratorForm
from accounts.models import Account, Membership, User
from accounts.queries import find_account, find_user
from accounts.refusal import Refused
from accounts.services import appoint, create_account, create_user


class Command(BaseCommand):
    help = "Makes a user the administrator of an account. Asks for what is not given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="name or UID of the account; a new name makes a new account")
        parser.add_argument("--username", help="an existing user keeps their password")
        parser.add_argument("--password-stdin", action="store_true", help="read the new password from stdin")

    def handle(self, *args: Any, **options: Any) -> None:
        account_name = options["account"] or ask("Account name: ")
        username = options["username"] or ask("Username: ")
        try:
            account, user = find_account(account_name), find_user(username)
            password = "" if user else self.password(from_stdin=options["password_stdin"])
            if user is None:
                validate(account_name, username, password)
            membership = write(account or account_name, user or username, password)
        except Refused as refused:
            raise CommandError("\n".join(messages(refused))) from refused
        self.stdout.write(f"{membership.user} is administrator of {membership.account}.")

    def password(self, *, from_stdin: bool) -> str:
        if from_stdin:
            return sys.stdin.readline().rstrip("\n")
        password = ask_secretly("Password: ")
        if password != ask_secretly("Password (again): "):
            raise CommandError("The two passwords differ.")
        return password


def validate(account_name: str, username: str, password: str) -> None:
    """The same rules as on the setup page."""
    form = AdministratorForm(
        {"account_name": account_name, "username": username, "password1": password, "password2": password}
    )
    if not form.is_valid():
        raise CommandError("\n".join(str(text) for texts in form.errors.values() for text in texts))


def write(account: Account | str, user: User | str, password: str) -> Membership:
    """Names stand for what is still to be made."""
    with transaction.atomic():
        if isinstance(account, str):
            account = create_account(name=account)
        if isinstance(user, str):
            user = create_user(username=user, password=password)
        return appoint(account=account, user=user)


def ask(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError as error:
        raise CommandError("Nobody answers: give --account, --username and --password-stdin.") from error


def ask_secretly(question: str) -> str:
    try:
        return getpass.getpass(question)
    except EOFError as error:
        raise CommandError("Nobody answers: give --password-stdin.") from error
