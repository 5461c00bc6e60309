"""Signing in by name and password, with what every page asks of a user next read along."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from accounts.models import Membership, User
from prepared.queries import prepared


class MemberBackend(ModelBackend):
    """The user of a session comes together with the memberships and their accounts, in one query."""

    def get_user(self, user_id: int) -> User | None:
        memberships = _memberships(user_id)
        if not memberships:  # taken out of every account, and still somebody
            return super().get_user(user_id)
        user = memberships[0].user
        for membership in memberships:
            membership.user = user
        user.known_memberships = memberships
        return user if self.user_can_authenticate(user) else None


@prepared
def _memberships(user: int) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user).select_related("user", "account").order_by("pk")
