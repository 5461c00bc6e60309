"""The tables that triggers write (see `connections.fleet`), and the filters that users keep."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import public_id_field
from accounts.models import Account, User
from tunnels.models import Status, Tunnel


class Level(models.IntegerChoices):
    """How well a tunnel does, worst first, but for what nobody expects to work; a connection's level is its
    better tunnel's, and `DEGRADED` where only one of the two carries traffic."""

    IDLE = 0, _("Not negotiated")
    DRAINED = 1, _("Out of service")
    DOWN = 2, _("No tunnel is up")
    NEGOTIATING = 3, _("Negotiating")
    IMPAIRED = 4, _("Up, but carries no traffic")
    UP = 5, _("Both tunnels are up")
    DEGRADED = 6, _("One tunnel is up: no redundancy")

    @property
    def word(self) -> str:
        """In addresses."""
        return self.name.lower()


BROKEN = [Level.DOWN, Level.IMPAIRED]
"""Levels of a tunnel that somebody should look at."""
TROUBLED = [*BROKEN, Level.DEGRADED]
"""Levels of a connection that somebody should look at."""
WORST_FIRST = [*TROUBLED, Level.NEGOTIATING, Level.UP, Level.DRAINED, Level.IDLE]
"""The order in which levels stand out, and are listed."""


def derived(
    to: type[models.Model] | str, **options: object
) -> "models.ForeignKey[models.Model, models.Model]":
    """A key that triggers copy from a row which has it checked already."""
    checked = {"on_delete": models.DO_NOTHING, "db_constraint": False, "db_index": False, "related_name": "+"}
    return models.ForeignKey(to, **checked, **options)  # type: ignore[arg-type]


class TunnelHealth(models.Model):
    """What of a tunnel's run it is found by."""

    tunnel = models.OneToOneField(Tunnel, on_delete=models.CASCADE, primary_key=True, related_name="health")
    connection = models.ForeignKey(
        "connections.IPsecConnection", on_delete=models.CASCADE, related_name="tunnel_healths"
    )
    account = derived(Account)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    status = models.CharField(max_length=24, choices=Status.choices, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    bgp_down = models.BooleanField(default=False)
    """The SAs are up and the BGP session is not."""
    since = models.DateTimeField(null=True)
    """When the level became what it is, by the clock of the connection."""

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "-since", "-tunnel"],
                condition=Q(level__in=BROKEN),
                name="broken_newest_first",
            ),
            models.Index(fields=["account", "status", "-connection"], name="tunnels_by_status"),
            models.Index(
                fields=["account", "cause", "-connection"],
                condition=~Q(cause=""),
                name="tunnels_by_cause",
            ),
            models.Index(
                fields=["account", "-connection"], condition=Q(bgp_down=True), name="tunnels_without_bgp"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tunnel_id}: {self.get_level_display()}"


class ConnectionHealth(models.Model):
    """What of its tunnels and its place a connection is found by."""

    connection = models.OneToOneField(
        "connections.IPsecConnection", on_delete=models.CASCADE, primary_key=True, related_name="health"
    )
    account = derived(Account)
    region = models.CharField(max_length=20)
    transit_router = derived("transit.TransitRouter", null=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices)

    class Meta:
        indexes = [
            models.Index(fields=["account", "region", "level", "-connection"], name="by_region_and_health"),
            models.Index(fields=["account", "level", "-connection"], name="by_health"),
            models.Index(fields=["transit_router", "-connection"], name="by_transit_router"),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.get_level_display()}"


class HealthTally(models.Model):
    """How many connections of a kind there are: the sum of its rows' `number`, at any moment.

    Each change adds a row, so that nobody waits for anybody's count; `tallies.fold` makes one of many.
    """

    account = derived(Account)
    region = models.CharField(max_length=20)
    transit_router = derived("transit.TransitRouter", null=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    number = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["account"], name="tallies_of_account")]

    def __str__(self) -> str:
        return f"{self.region} {self.get_level_display()}: {self.number:+}"


class SearchText(models.Model):
    """Names and ids by which a connection is known, in lower case, one a line; by trigrams on PostgreSQL."""

    connection = models.OneToOneField(
        "connections.IPsecConnection", on_delete=models.CASCADE, primary_key=True, related_name="search_text"
    )
    account = derived(Account)
    region = models.CharField(max_length=20)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class SearchNetwork(models.Model):
    """Networks and addresses by which a connection is known: an address is a network of one."""

    connection = models.ForeignKey(
        "connections.IPsecConnection", on_delete=models.CASCADE, related_name="search_networks"
    )
    account = derived(Account)
    region = models.CharField(max_length=20)
    network = models.CharField(max_length=18)

    class Meta:
        indexes = [
            # So ordered that the beginning of an address finds it, whatever the database's collation.
            models.Index(
                fields=["account", "network", "-connection"],
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
                name="connections_by_network",
            ),
        ]

    def __str__(self) -> str:
        return self.network


class SavedFilter(models.Model):
    """A view of the list that a user keeps in an account: the query string of its address, by a name."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    public_id = public_id_field("flt")
    name = models.CharField(max_length=50)
    query = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "user", "name"], name="one_saved_filter_per_name"),
        ]

    def __str__(self) -> str:
        return self.name
