"""`manage.py changepassword USER`, as Django's own, with a row in the trail of each account of the user."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from accounts.actor import Actor, audit
from accounts.models import Membership


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        done = super().handle(*args, **options)
        username = options["username"] or getpass.getuser()
        memberships = Membership.objects.filter(user__username=username).select_related("account")
        for membership in memberships.order_by("pk"):
            audit(Actor(membership.account), "member.reset-password", membership.public_id, username=username)
        return done
