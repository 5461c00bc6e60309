"""Tunnels, the peer devices they end on, and their negotiations."""

from enum import StrEnum
from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedTextField
from accounts.identifiers import public_id_field
from gateways.models import CustomerGateway
from ipsec import algorithms
from ipsec.addresses import default_local_bgp_ip
from ipsec.rules import LONGEST_LIFETIME


def _values(enumeration: type[StrEnum]) -> list[tuple[str, str]]:
    """The console writes these values as they are, in both languages."""
    return [(member.value, member.value) for member in enumeration]


class Tunnel(models.Model):
    """One of a connection's two tunnels, as it is configured. Its negotiation state is `tunnel.run`."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Normal")
        UPDATING = "updating", _("Updating")
        DELETING = "deleting", _("Deleting")

    connection = models.ForeignKey(
        "connections.IPsecConnection", on_delete=models.CASCADE, related_name="tunnels"
    )
    index = models.PositiveSmallIntegerField()
    public_id = public_id_field("tun")
    customer_gateway = models.ForeignKey(CustomerGateway, on_delete=models.PROTECT, related_name="tunnels")
    gateway_address = models.GenericIPAddressField(protocol="IPv4", null=True, blank=True, unique=True)
    """Handed out when the connection is bound; unique in the whole console."""
    gateway_address_by_hand = models.BooleanField(default=False)
    zone = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)

    psk = EncryptedTextField()
    ike_version = models.CharField(max_length=5, choices=_values(algorithms.IkeVersion))
    ike_mode = models.CharField(max_length=10, choices=_values(algorithms.IkeMode))
    ike_encryption = models.CharField(max_length=6, choices=_values(algorithms.Encryption))
    ike_integrity = models.CharField(max_length=6, choices=_values(algorithms.Integrity))
    ike_dh_group = models.CharField(max_length=7, choices=_values(algorithms.DhGroup))
    ike_lifetime = models.PositiveIntegerField()
    local_id = models.CharField(max_length=100, blank=True)
    """Empty means the console's default: the tunnel's gateway address."""
    remote_id = models.CharField(max_length=100, blank=True)
    """Empty means the console's default: the customer gateway's address."""
    child_encryption = models.CharField(max_length=6, choices=_values(algorithms.Encryption))
    child_integrity = models.CharField(max_length=6, choices=_values(algorithms.Integrity))
    child_pfs = models.CharField(max_length=8, choices=_values(algorithms.Pfs))
    child_lifetime = models.PositiveIntegerField()
    dpd = models.BooleanField(default=True)
    nat_traversal = models.BooleanField(default=True)
    tunnel_cidr = models.CharField(max_length=18, null=True, blank=True)  # noqa: DJ001 - NULL is outside the unique
    local_bgp_ip = models.GenericIPAddressField(protocol="IPv4", null=True, blank=True)

    class Meta:
        ordering = ["connection_id", "index"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "index"], name="one_tunnel_per_index"),
            models.CheckConstraint(condition=Q(index__in=[1, 2]), name="tunnel_index_is_1_or_2"),
            models.UniqueConstraint(fields=["connection", "tunnel_cidr"], name="tunnel_cidrs_differ"),
            models.UniqueConstraint(
                fields=["customer_gateway", "tunnel_cidr"], name="one_tunnel_cidr_per_customer_gateway"
            ),
            models.CheckConstraint(
                condition=Q(ike_lifetime__lte=LONGEST_LIFETIME, child_lifetime__lte=LONGEST_LIFETIME),
                name="lifetimes_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def local_bgp_address(self) -> str:
        """The cloud's end of the tunnel CIDR block, by default its first host; empty without BGP."""
        if not self.tunnel_cidr:
            return ""
        return self.local_bgp_ip or default_local_bgp_ip(self.tunnel_cidr)

    @property
    def in_transition(self) -> bool:
        """Whether a worker has still to apply what was edited."""
        return self.state != self.State.ACTIVE

    @property
    def role(self) -> str:
        """Nominal: with a transit router both tunnels forward."""
        return "master" if self.index == 1 else "slave"


class PeerDevice(models.Model):
    """The simulated device at the tunnel's far end. An empty value mirrors the generated configuration."""

    class Standing(models.TextChoices):
        MIRROR = "mirror", _("simulated peer: mirrors the generated file")
        EDITED = "edited", _("simulated peer: edited")
        UNCONFIGURED = "unconfigured", _("simulated peer: not configured yet")

    tunnel = models.OneToOneField(Tunnel, on_delete=models.CASCADE, related_name="peer_device")
    configured = models.BooleanField(default=True)
    powered_on = models.BooleanField(default=True)
    initiates = models.BooleanField(default=False)
    """Only responds unless told to initiate."""
    ike_version = models.CharField(
        max_length=5, blank=True, choices=[*_values(algorithms.IkeVersion), ("any", "any")]
    )
    ike_mode = models.CharField(max_length=10, blank=True, choices=_values(algorithms.IkeMode))
    ike_proposals = models.JSONField(null=True, blank=True)
    """[[encryption, integrity, DH group], …] in the device's order."""
    child_proposals = models.JSONField(null=True, blank=True)
    """[[encryption, integrity, PFS group], …] in the device's order."""
    ike_lifetime = models.PositiveIntegerField(null=True, blank=True)
    child_lifetime = models.PositiveIntegerField(null=True, blank=True)
    psk = EncryptedTextField(blank=True)
    local_id = models.CharField(max_length=100, blank=True)
    remote_id = models.CharField(max_length=100, blank=True)
    local_networks = models.JSONField(null=True, blank=True)
    remote_networks = models.JSONField(null=True, blank=True)
    dpd = models.BooleanField(null=True, blank=True)
    nat_traversal = models.BooleanField(null=True, blank=True)
    strict_selectors = models.BooleanField(default=False)
    strict_lifetimes = models.BooleanField(default=False)
    behind_nat = models.BooleanField(default=False)
    nat_forwards_500 = models.BooleanField(default=False)
    nat_forwards_4500 = models.BooleanField(default=False)
    udp500_open = models.BooleanField(default=True)
    udp4500_open = models.BooleanField(default=True)
    esp_open = models.BooleanField(default=True)
    """Whether IP protocol 50 passes; ESP in UDP needs UDP 4500 instead."""
    path_mtu = models.PositiveSmallIntegerField(default=1500)
    """The largest packet that the way between the two gateways takes in one piece, in bytes."""
    latency_ms = models.PositiveIntegerField(default=20)
    loss_percent = models.PositiveSmallIntegerField(default=0)
    bgp_asn = models.PositiveBigIntegerField(null=True, blank=True)
    bgp_address = models.GenericIPAddressField(protocol="IPv4", null=True, blank=True)
    bgp_peer_address = models.GenericIPAddressField(protocol="IPv4", null=True, blank=True)
    bgp_peer_asn = models.PositiveBigIntegerField(null=True, blank=True)
    bgp_auth_key = EncryptedTextField(blank=True)
    advertised_networks = models.JSONField(default=list, blank=True)
    has_own_secret = models.GeneratedField(
        expression=GreaterThan(Length("psk") + Length("bgp_auth_key"), 0),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    """Told by the database, so that nobody opens a secret only to see that there is one."""

    MIRRORED = (
        "ike_version", "ike_mode", "ike_proposals", "child_proposals", "ike_lifetime", "child_lifetime",
        "local_id", "remote_id", "local_networks", "remote_networks", "dpd", "nat_traversal",
        "bgp_asn", "bgp_address", "bgp_peer_address", "bgp_peer_asn",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"peer of {self.tunnel}"

    @property
    def standing(self) -> "PeerDevice.Standing":
        """On what a state of this tunnel rests: a green light never claims more than it knows."""
        if not self.configured:
            return self.Standing.UNCONFIGURED
        edited = any(getattr(self, name) not in (None, "") for name in self.MIRRORED)
        return self.Standing.EDITED if edited or self.has_own_secret else self.Standing.MIRROR

    @property
    def begins(self) -> bool:
        """Whether the device starts negotiating by itself."""
        return self.configured and self.powered_on and self.initiates


class Status(models.TextChoices):
    """Negotiation state of a tunnel: the API's values, the console's words (chapter 3.4)."""

    NOT_NEGOTIATED = "", _("Not negotiated")
    IKE_DOWN = "ike_sa_not_established", _("Phase 1 negotiations failed")
    IKE_UP = "ike_sa_established", _("Phase 1 negotiations succeeded")
    CHILD_DOWN = "ipsec_sa_not_established", _("Phase 2 negotiations failed")
    CHILD_UP = "ipsec_sa_established", _("Phase 2 negotiations succeeded")


class BgpStatus(models.TextChoices):
    NONE = "", _("BGP is off")
    DOWN = "false", _("Abnormal")
    UP = "success", _("Normal")


def carrying(status: str, bgp_status: str) -> bool:
    """Whether SAs and routes are there for traffic."""
    return status == Status.CHILD_UP and bgp_status != BgpStatus.DOWN


class NegotiationRun(models.Model):
    """Where a tunnel's negotiation stands. Workers write it; pages only read it.

    Work due is `due_at`: workers claim rows by conditional update on `claimed_until`. `attempt` names the
    transcript being played and keeps a late worker from writing over a newer one; `cursor` is the position of
    its last event, and while it is set up the next step of `transcript["steps"]`. After that `life` says what
    the SAs wait for. Neither holds a secret.
    """

    tunnel = models.OneToOneField(Tunnel, on_delete=models.CASCADE, related_name="run")
    attempt = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    transcript = models.JSONField(null=True)
    cursor = models.PositiveIntegerField(default=0)
    life = models.JSONField(null=True)
    """`ipsec.lifecycle.Life` of the SAs that the transcript brings up; NULL once they are gone."""
    failures = models.PositiveIntegerField(default=0)
    """Failed attempts in a row: the next one waits longer."""
    due_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    waiting_for_traffic = models.BooleanField(default=False)
    """Effective immediately is off and nothing has come in yet."""
    out_of_service = models.BooleanField(default=False)
    """Drained for planned work: it carries nothing and nothing of it is due until it is put back."""

    status = models.CharField(
        max_length=24, choices=Status.choices, default=Status.NOT_NEGOTIATED, blank=True
    )
    status_since = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    negotiating = models.BooleanField(default=False)
    bgp_status = models.CharField(max_length=7, choices=BgpStatus.choices, default=BgpStatus.NONE, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    refusal = models.JSONField(null=True)
    """The verdict in full: attribute, ours, theirs, who decided; no secret."""
    blocked = models.CharField(max_length=40, blank=True)
    """Why data does not pass although the SAs come up (`ipsec.datapath.Stop`); empty where it does."""
    version = models.PositiveBigIntegerField(default=0)
    """Grows with every change: what a live page compares."""

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="runs_that_are_due"),
        ]

    def __str__(self) -> str:
        return f"{self.tunnel}: {self.get_status_display()}"

    @property
    def carries(self) -> bool:
        """Whether the tunnel takes its share of the traffic (ECMP): up, in service, routes and data pass."""
        if self.out_of_service or self.blocked:
            return False
        return carrying(self.status, self.bgp_status)

    @property
    def in_motion(self) -> bool:
        """Whether something is about to change: an SA that is up waits for hours for its next rekey."""
        return self.negotiating or (self.due_at is not None and self.life is None)


class Because(models.TextChoices):
    """Why an attempt began: the message of the event that opens it."""

    CREATED = "created", _("The tunnel was created")
    BOUND = "bound", _("The connection was bound to a transit router")
    CHANGED = "changed", _("The configuration was changed")
    RESET = "reset", _("Reset by hand")
    TRAFFIC = "traffic", _("Traffic entered the tunnel")
    GATEWAY_ADDRESS = "gateway_address", _("The gateway IP address was set")
    PEER_CHANGED = "peer_changed", _("The simulated peer was changed")
    RETRY = "retry", _("Tried again after a failure")
    LOST = "lost", _("The SAs are gone")
    IN_SERVICE = "in_service", _("Put back into service")


class TunnelEvent(models.Model):
    """One thing that happened to a tunnel. Append-only; (attempt, position) makes each exactly once.

    Position 0 is the event that opens the attempt, the others are the steps of its transcript, from 1, and
    what happens to its SAs afterwards. What belongs to no attempt has an id of its own in its place.
    """

    class Severity(models.TextChoices):
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")
        ERROR = "error", _("Error")

    tunnel = models.ForeignKey(Tunnel, on_delete=models.CASCADE, related_name="events")
    attempt = models.UUIDField(default=uuid4)
    position = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    phase = models.CharField(max_length=5, blank=True)
    severity = models.CharField(max_length=7, choices=Severity.choices, default=Severity.INFO)
    kind = models.CharField(max_length=20)
    message = models.CharField(max_length=60, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-position"]
        indexes = [
            models.Index(fields=["tunnel", "-at", "-position"], name="events_newest_first"),
            models.Index(fields=["at"], name="events_by_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["tunnel", "attempt", "position"], name="each_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.kind} {self.message}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ValueError for one that is written already."""
        if not self._state.adding:
            raise ValueError("events are append-only")
        super().save(*args, **kwargs)

    @property
    def permalink(self) -> str:
        """The event's name in addresses."""
        return f"{self.attempt}.{self.position}"


class ClockSetting(models.Model):
    """A connection's own clock: at `real_anchor` it was `simulated_anchor`, and it runs at `speed`."""

    connection = models.OneToOneField(
        "connections.IPsecConnection", on_delete=models.CASCADE, related_name="clock"
    )
    speed = models.PositiveIntegerField(default=1)
    real_anchor = models.DateTimeField()
    simulated_anchor = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.speed} s/s"


class TunnelTraffic(models.Model):
    """What has gone through a tunnel since it was made, counted at the gateway, in whole IP packets."""

    tunnel = models.OneToOneField(Tunnel, on_delete=models.CASCADE, related_name="traffic")
    packets_out = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)
    packets_in = models.PositiveBigIntegerField(default=0)
    bytes_in = models.PositiveBigIntegerField(default=0)
    last_out_at = models.DateTimeField(null=True)
    last_in_at = models.DateTimeField(null=True)
    last_test = models.JSONField(null=True)
    """The last test packet and where it came to: {"source", "destination", "size", "at", "hops": […]}."""

    def __str__(self) -> str:
        return f"{self.tunnel}: {self.packets_out} out, {self.packets_in} in"
