"""What tunnels are bound to: CEN instances, transit routers, their route tables and attachments, and the
pools that gateway addresses come from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import regions
from accounts.identifiers import public_id_field
from accounts.models import Account
from transit.look import look_of
from wording.look import Look


class ResourceGroup(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="resource_groups")
    public_id = public_id_field("rg")
    name = models.CharField(max_length=50)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["-is_default", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="one_resource_group_per_name"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(is_default=True), name="one_default_resource_group"
            ),
        ]

    def __str__(self) -> str:
        return group_label(self.name, is_default=self.is_default)


def group_label(name: str, *, is_default: bool) -> str:
    """How a resource group is called on pages."""
    return str(_("Default resource group")) if is_default else name


class Cen(models.Model):
    """A Cloud Enterprise Network instance (云企业网实例)."""

    class Status(models.TextChoices):
        CREATING = "Creating", _("Creating")
        ACTIVE = "Active", _("Active")
        DELETING = "Deleting", _("Deleting")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="cens")
    resource_group = models.ForeignKey(ResourceGroup, on_delete=models.PROTECT, related_name="cens")
    public_id = public_id_field("cen")
    name = models.CharField(max_length=128, blank=True)
    description = models.CharField(max_length=256, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "-id"], name="cens_of_account")]

    def __str__(self) -> str:
        return self.name or self.public_id

    @property
    def look(self) -> Look:
        return look_of(self.Status(self.status))


class TransitRouter(models.Model):
    """A transit router (转发路由器): at most one per CEN and region."""

    class Status(models.TextChoices):
        CREATING = "Creating", _("Creating")
        ACTIVE = "Active", _("Active")
        MODIFYING = "Modifying", _("Modifying")
        DELETING = "Deleting", _("Deleting")
        UPGRADING = "Upgrading", _("Upgrading")

    class Edition(models.TextChoices):
        ENTERPRISE = "Enterprise", _("Enterprise Edition")
        BASIC = "Basic", _("Basic Edition")

    cen = models.ForeignKey(Cen, on_delete=models.PROTECT, related_name="transit_routers")
    region = models.CharField(max_length=20)
    public_id = public_id_field("tr")
    name = models.CharField(max_length=128, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    edition = models.CharField(max_length=10, choices=Edition.choices, default=Edition.ENTERPRISE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["cen", "region"], name="one_transit_router_per_cen_and_region"),
        ]

    def __str__(self) -> str:
        return self.name or self.public_id

    @property
    def region_name(self) -> str:
        return regions.name_of(self.region)

    @property
    def look(self) -> Look:
        return look_of(self.Status(self.status))


class TransitRouterCidr(models.Model):
    """A CIDR block of a transit router (转发路由器地址段): private tunnels get their addresses from it."""

    transit_router = models.ForeignKey(TransitRouter, on_delete=models.CASCADE, related_name="cidrs")
    public_id = public_id_field("cidr")
    cidr = models.CharField(max_length=18)
    name = models.CharField(max_length=128, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["transit_router", "cidr"], name="one_cidr_per_transit_router"),
        ]

    def __str__(self) -> str:
        return self.cidr


class RouteTable(models.Model):
    class Kind(models.TextChoices):
        SYSTEM = "System", _("System")
        CUSTOM = "Custom", _("Custom")

    transit_router = models.ForeignKey(TransitRouter, on_delete=models.CASCADE, related_name="route_tables")
    public_id = public_id_field("vtb")
    name = models.CharField(max_length=128, blank=True)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.SYSTEM)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transit_router"],
                condition=Q(kind="System"),
                name="one_system_table_per_transit_router",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.public_id


class VpnAttachment(models.Model):
    """The tie between an IPsec connection and a transit router (VPN连接)."""

    class Status(models.TextChoices):
        ATTACHING = "Attaching", pgettext_lazy("VPN attachment", "Attaching")
        ATTACHED = "Attached", pgettext_lazy("VPN attachment", "Attached")
        DETACHING = "Detaching", pgettext_lazy("VPN attachment", "Detaching")

    transit_router = models.ForeignKey(
        TransitRouter, on_delete=models.PROTECT, related_name="vpn_attachments"
    )
    connection = models.OneToOneField(
        "connections.IPsecConnection", on_delete=models.PROTECT, related_name="attachment"
    )
    public_id = public_id_field("tr-attach")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ATTACHED)
    auto_publish_route = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.public_id

    @property
    def look(self) -> Look:
        return look_of(self.Status(self.status))


class RouteTableAssociation(models.Model):
    """Associated forwarding: the one table that the attachment's traffic is looked up in."""

    attachment = models.OneToOneField(VpnAttachment, on_delete=models.CASCADE, related_name="association")
    route_table = models.ForeignKey(RouteTable, on_delete=models.PROTECT, related_name="associations")

    def __str__(self) -> str:
        return f"{self.attachment} -> {self.route_table}"


class RouteTablePropagation(models.Model):
    """Route learning: a table that the connection's routes are propagated to."""

    attachment = models.ForeignKey(VpnAttachment, on_delete=models.CASCADE, related_name="propagations")
    route_table = models.ForeignKey(RouteTable, on_delete=models.PROTECT, related_name="propagations")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attachment", "route_table"], name="one_propagation_per_table"),
        ]

    def __str__(self) -> str:
        return f"{self.attachment} => {self.route_table}"


class AddressPool(models.Model):
    """A network that tunnels' gateway addresses are handed out from, without scanning.

    It knows the next unused offset, and the addresses that came back. `transit_router_cidr` is empty for the
    one public pool."""

    cidr = models.CharField(max_length=18)
    transit_router_cidr = models.OneToOneField(
        TransitRouterCidr, on_delete=models.CASCADE, null=True, related_name="pool"
    )
    next_offset = models.PositiveBigIntegerField(default=1)
    """Offset from the network address of the next address never handed out; 0 is the network itself."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cidr"],
                condition=Q(transit_router_cidr__isnull=True),
                name="one_public_pool_per_cidr",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cidr}+{self.next_offset}"


class ReturnedAddress(models.Model):
    """A gateway address that is free again."""

    pool = models.ForeignKey(AddressPool, on_delete=models.CASCADE, related_name="returned")
    address = models.GenericIPAddressField(protocol="IPv4")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "address"], name="returned_once"),
        ]

    def __str__(self) -> str:
        return self.address
