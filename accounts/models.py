"""Who: accounts (tenants), their members and roles, their quotas, and what was done."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_uid, public_id_field
from wording.refusals import QUOTAS


class User(AbstractUser):
    """A person. What they may do is decided by their memberships alone."""

    password_is_initial = models.BooleanField(default=False, editable=False)
    """Somebody else has seen the password: nothing opens until its owner has chosen another."""
    known_memberships: "list[Membership] | None" = None
    """Read along with the user of a session, the oldest first, each with its account."""

    class Meta(AbstractUser.Meta):
        pass


class Account(models.Model):
    """A tenant: everything else belongs to exactly one."""

    uid = models.CharField(
        max_length=16, unique=True, default=new_uid, validators=[RegexValidator(r"^[1-9]\d{15}$")]
    )
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    service_role_created_at = models.DateTimeField(null=True, blank=True)
    """When AliyunServiceRoleForVpn was recorded: once, with the first IPsec connection."""
    is_demo = models.BooleanField(default=False)
    members = models.ManyToManyField(User, through="Membership", related_name="accounts")

    def __str__(self) -> str:
        return f"{self.name} ({self.uid})"


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    OPERATOR = "operator", _("Operator")
    ADMIN = "admin", _("Administrator")

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def covers(self, needed: "Role") -> bool:
        return self.rank >= needed.rank


class Membership(models.Model):
    public_id = public_id_field("mem")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="one_membership_per_account_and_user"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.account}"


class QuotaName(models.TextChoices):
    """Console chapter quotas; the default of each stands in `accounts.quotas`."""

    CONNECTIONS_PER_TRANSIT_ROUTER = (
        "connections_per_transit_router",
        QUOTAS["connections_per_transit_router"],
    )
    CONNECTIONS_PER_REGION = "connections_per_region", QUOTAS["connections_per_region"]
    CUSTOMER_GATEWAYS_PER_REGION = "customer_gateways_per_region", QUOTAS["customer_gateways_per_region"]
    CIDRS_PER_TRANSIT_ROUTER = "cidrs_per_transit_router", QUOTAS["cidrs_per_transit_router"]
    ROUTES_PER_CONNECTION = "routes_per_connection", QUOTAS["routes_per_connection"]


class Quota(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="quotas")
    name = models.CharField(max_length=40, choices=QuotaName.choices)
    limit = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_quota_per_name")]

    def __str__(self) -> str:
        return f"{self.name}={self.limit}"


class AppendOnly(Exception):  # noqa: N818 - it says what the trail is
    """Somebody tried to change or to remove a row of the audit trail."""


class AuditRows(models.QuerySet["AuditEvent"]):
    """Rows to read and to add to. Only `accounts.audit_retention` removes any."""

    def update(self, **kwargs: Any) -> int:
        raise AppendOnly("a row of the audit trail is never changed")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise AppendOnly("a row of the audit trail is never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("a row of the audit trail is never removed")


class AuditEvent(models.Model):
    """One thing that somebody did. Append-only; `detail` never holds a secret.

    The database refuses a change or a removal by whatever way: see the migrations `keep_audit_rows`. That a
    person is deleted only empties `actor`; `actor_name` stays.
    """

    public_id = public_id_field("evt")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="audit_events", null=True)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="audit_events")
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=36, blank=True)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=60, blank=True)
    detail = models.JSONField(default=dict)

    objects = AuditRows.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["account", "-id"], name="audit_newest_first"),
            models.Index(fields=["account", "target", "-id"], name="audit_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor_name} {self.action} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("a row of the audit trail is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("a row of the audit trail is never removed")
