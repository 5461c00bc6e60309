"""Customer gateways (用户网关): the data centre's devices as the cloud knows them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedTextField
from accounts.identifiers import public_id_field
from accounts.models import Account
from accounts.regions import name_of
from ipsec.addresses import is_private
from ipsec.rules import LARGEST_ASN, RESERVED_ASN, SMALLEST_ASN


class CustomerGateway(models.Model):
    """Address and ASN never change: another device is another customer gateway."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="customer_gateways")
    region = models.CharField(max_length=20)
    public_id = public_id_field("cgw")
    name = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=100, blank=True)
    address = models.GenericIPAddressField(_("IP address"), protocol="IPv4")
    asn = models.PositiveBigIntegerField(null=True, blank=True)
    auth_key = EncryptedTextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["account", "region", "-id"], name="gateways_of_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "address"], name="one_gateway_per_account_region_and_address"
            ),
            models.CheckConstraint(
                condition=Q(asn__isnull=True)
                | (Q(asn__gte=SMALLEST_ASN, asn__lte=LARGEST_ASN) & ~Q(asn=RESERVED_ASN)),
                name="asn_in_range_and_not_alibabas",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.public_id} ({self.address})"

    @property
    def region_name(self) -> str:
        return name_of(self.region)

    @property
    def is_private(self) -> bool:
        """Whether private connections can end on it (私网); public ones otherwise (公网)."""
        return is_private(self.address)
