"""The thing that the user makes: an IPsec connection of two tunnels, and its destination routes."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedTextField
from accounts.identifiers import public_id_field
from accounts.models import Account, User
from connections.fleet.models import (
    ConnectionHealth,
    HealthTally,
    SavedFilter,
    SearchNetwork,
    SearchText,
    TunnelHealth,
)
from ipsec.algorithms import NetworkType, RoutingMode
from ipsec.rules import LARGEST_ASN, SMALLEST_ASN
from ipsec.spec import DEFAULT_LOCAL_ASN

__all__ = [
    "ConnectionHealth",
    "CreationDraft",
    "DestinationRoute",
    "HealthTally",
    "IPsecConnection",
    "SavedFilter",
    "SearchNetwork",
    "SearchText",
    "TunnelHealth",
]

NETWORK_TYPES = [(NetworkType.PUBLIC.value, _("Public")), (NetworkType.PRIVATE.value, _("Private"))]
ROUTING_MODES = [
    (RoutingMode.DESTINATION.value, _("Destination Routing Mode")),
    (RoutingMode.POLICY.value, _("Protected Data Flows")),
]


class IPsecConnection(models.Model):
    """A dual-tunnel IPsec connection. Its tunnels are rows of `tunnels.Tunnel`, index 1 and 2."""

    class State(models.TextChoices):
        INIT = "init", _("Not bound")
        ATTACHING = "attaching", _("Attaching")
        ATTACHED = "attached", _("Attached")
        DETACHING = "detaching", _("Detaching")
        UPDATING = "updating", _("Updating")

    SETTLED: ClassVar = (State.INIT, State.ATTACHED)
    """Nothing is left for a worker to bring about."""

    class Binding(models.TextChoices):
        OWN = "own", _("Current Account")
        CROSS = "cross", _("Cross Account")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="connections")
    region = models.CharField(max_length=20)
    public_id = public_id_field("vco")
    name = models.CharField(max_length=100, blank=True)
    network_type = models.CharField(max_length=7, choices=NETWORK_TYPES, default=NetworkType.PUBLIC.value)
    binding = models.CharField(max_length=5, choices=Binding.choices, default=Binding.OWN)
    routing_mode = models.CharField(
        max_length=11, choices=ROUTING_MODES, default=RoutingMode.DESTINATION.value
    )
    local_networks = models.JSONField(default=list, blank=True)
    remote_networks = models.JSONField(default=list, blank=True)
    effect_immediately = models.BooleanField(default=True)
    bgp_enabled = models.BooleanField(default=False)
    local_asn = models.PositiveBigIntegerField(default=DEFAULT_LOCAL_ASN)
    state = models.CharField(max_length=10, choices=State.choices, default=State.INIT)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kept_bgp = models.JSONField(default=dict, blank=True, editable=False)
    """What tunnels had before BGP was switched off, to be offered when it is switched on again:
    {"1": {"tunnel_cidr": …, "local_bgp_ip": …}}."""
    client_token = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 - absent is not empty
    """What makes a repeated submit the same submit."""

    class Meta:
        ordering = ["-id"]
        # The list's two orders; each is read a page at a time from a key on.
        indexes = [
            models.Index(fields=["account", "region", "-id"], name="connections_of_region"),
            models.Index(fields=["account", "region", "name", "id"], name="connections_by_name"),
            models.Index(fields=["account", "-id"], name="connections_of_account"),
            models.Index(fields=["account", "name", "id"], name="connections_of_all_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "client_token"], name="one_connection_per_token"),
            models.CheckConstraint(
                condition=Q(local_asn__gte=SMALLEST_ASN, local_asn__lte=LARGEST_ASN),
                name="local_asn_in_range",
            ),
            models.CheckConstraint(
                condition=Q(network_type__in=["public", "private"]), name="known_network_type"
            ),
            models.CheckConstraint(
                condition=Q(routing_mode__in=["destination", "policy"]), name="known_routing_mode"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.public_id

    @property
    def in_transition(self) -> bool:
        """Whether a worker has still to bring about what was asked for; until then nothing else is taken."""
        return self.state not in self.SETTLED


class PendingChange(models.Model):
    """What a worker has still to do about a connection whose rows are written already: one at a time.

    It goes in the transaction that does it, so whoever is killed leaves it to the next.
    """

    class Kind(models.TextChoices):
        EDIT = "edit"
        ATTACH = "attach"
        DETACH = "detach"

    connection = models.OneToOneField(IPsecConnection, on_delete=models.CASCADE, related_name="pending")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    touched = models.JSONField(default=dict)
    """Of an edit: the changed columns that concern each tunnel, by its index."""
    due_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=36, blank=True)

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.kind}"


class DestinationRoute(models.Model):
    """A static route to the data centre in the connection's own table (目的路由)."""

    class Source(models.TextChoices):
        POLICY = "policy", _("Protected data flow")
        MANUAL = "manual", _("Added by hand")

    connection = models.ForeignKey(
        IPsecConnection, on_delete=models.CASCADE, related_name="destination_routes"
    )
    destination = models.CharField(max_length=18)
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.POLICY)
    published = models.BooleanField(default=True)
    """Whether it is published to the associated transit router table."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "destination"], name="one_route_per_destination"),
        ]

    def __str__(self) -> str:
        return self.destination


class CreationDraft(models.Model):
    """What a user has typed into the creation page and not saved: one for each user in each account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=32)
    """The form's token: a draft goes with the connection that comes of it."""
    version = models.PositiveIntegerField(default=1)
    """Grows with every change; who has seen an older one does not write over it unasked."""
    data = models.JSONField(default=dict)
    """Posted values by the names of their fields, without keys."""
    keys = EncryptedTextField(blank=True, default="")
    """The pre-shared keys of both tunnels as a JSON list; empty where there are none."""
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="one_draft_per_user_and_account"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.version}"


class CrossAccountGrant(models.Model):
    """Leave for a CEN instance of another account to bind the connection (跨账号授权).

    API: GrantInstanceToTransitRouter with InstanceType VPN.
    """

    class OrderType(models.TextChoices):
        PAY_BY_CEN_OWNER = "PayByCenOwner", _("The owner of the CEN instance")
        PAY_BY_RESOURCE_OWNER = "PayByResourceOwner", _("The owner of the IPsec connection")

    connection = models.ForeignKey(IPsecConnection, on_delete=models.CASCADE, related_name="grants")
    cen = models.ForeignKey("transit.Cen", on_delete=models.CASCADE, related_name="grants")
    public_id = public_id_field("grt")
    order_type = models.CharField(
        max_length=18, choices=OrderType.choices, default=OrderType.PAY_BY_CEN_OWNER
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "cen"], name="one_grant_per_connection_and_cen"),
        ]

    def __str__(self) -> str:
        return f"{self.connection} -> {self.cen}"
