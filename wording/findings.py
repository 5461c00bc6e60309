"""What each finding of `ipsec.rules` says to the reader: what is wrong, and what to type instead."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.findings import Finding
from ipsec.rules import Code

TEXTS: Final[Mapping[Code, "str | Promise"]] = {
    # Names, descriptions and AS numbers
    Code.TEXT_TOO_LONG: _("Too long: type at most %(max)s characters."),
    Code.TEXT_IS_LINK: _("May not start with http:// or https://."),
    Code.TEXT_CONTROL_CHARACTER: _("Holds a line break or control character: type it on one line."),
    Code.ASN_MALFORMED: _("Not an AS number: type one such as 65001, or in two parts such as 123.456."),
    Code.ASN_REQUIRED: _("BGP needs a local AS number: type one, the default is %(default)s."),
    Code.ASN_OUT_OF_RANGE: _("Out of range: type an AS number from %(min)s to %(max)s."),
    Code.ASN_RESERVED: _(
        "AS %(asn)s belongs to Alibaba Cloud and cannot be a customer gateway's: "
        "use the AS number of your own device."
    ),
    Code.ASN_NOT_PRIVATE: _(
        "This is a public AS number. If it is not yours, use a private one: "
        "64512 to 65534 or 4200000000 to 4294967294."
    ),
    # Customer gateways and gateway addresses
    Code.ADDRESS_MALFORMED: _('"%(value)s" is not an IPv4 address: type one such as 203.0.113.10.'),
    Code.ADDRESS_FORBIDDEN: _(
        "%(address)s lies in %(network)s, where no tunnel can end: "
        "type the address at which the device is reached."
    ),
    Code.ADDRESS_IN_CLOUD_POOL: _(
        "%(address)s lies in %(network)s, from which the cloud's own gateways take their addresses: "
        "type the address of your device."
    ),
    Code.ADDRESS_REGISTERED: _(
        "%(address)s is already registered as a customer gateway in this region: "
        "use that one, or delete it before you register the address again."
    ),
    Code.AUTH_KEY_TOO_LONG: _("Too long: a BGP authentication key has at most %(max)s characters."),
    Code.AUTH_KEY_CHARACTER: _(
        "Character %(position)s cannot be in a BGP authentication key: "
        "use letters, digits and ASCII punctuation, no space and no question mark."
    ),
    Code.AUTH_KEY_WITHOUT_ASN: _(
        "A BGP authentication key needs an AS number: give the customer gateway one, or leave the key empty."
    ),
    # Transit router
    Code.TRANSIT_ROUTER_NOT_ENTERPRISE: _(
        "Transit router %(transit_router)s is not of the Enterprise edition: "
        "choose a CEN instance with an Enterprise transit router in this region."
    ),
    Code.TRANSIT_ROUTER_NOT_ACTIVE: _(
        "Transit router %(transit_router)s is in state %(status)s: "
        "wait until it is Active, or choose another CEN instance."
    ),
    Code.TRANSIT_CIDR_MISSING_PRIVATE: _(
        "Transit router %(transit_router)s has no CIDR block, "
        "and a private connection takes its gateway addresses from it: add a CIDR block first."
    ),
    Code.TRANSIT_CIDR_MISSING_PUBLIC: _(
        "Transit router %(transit_router)s has no CIDR block: add one first, or the binding may fail."
    ),
    Code.TRANSIT_CIDR_MASK: _(
        "%(cidr)s has the wrong size: type a block with a mask from /%(shortest)s to /%(longest)s."
    ),
    Code.TRANSIT_CIDR_FORBIDDEN: _(
        "%(cidr)s meets %(network)s, which a transit router cannot use: type a block outside it."
    ),
    Code.TRANSIT_CIDR_OVERLAP: _("%(cidr)s overlaps %(other)s, which is in use: type a block outside it."),
    Code.TRANSIT_CIDR_TOO_MANY: _(
        "A transit router has at most %(max)s CIDR blocks: delete one before you add another."
    ),
    # Protected data flows
    Code.NETWORK_REQUIRED: _(
        "Protected Data Flows needs at least one network here: type one such as 10.0.0.0/16."
    ),
    Code.NETWORKS_TOO_MANY: _("At most %(max)s networks: merge neighbouring ones or remove some."),
    Code.NETWORK_MALFORMED: _('"%(value)s" is not an IPv4 CIDR block: type one such as 10.0.0.0/16.'),
    Code.NETWORK_HOST_BITS: _("%(value)s has bits set behind its prefix: type %(network)s."),
    Code.NETWORK_DUPLICATE: _("%(network)s stands in this list already: remove one of the two."),
    Code.NETWORK_OVERLAP: _("%(network)s overlaps %(other)s in the same list: keep the wider one only."),
    Code.NETWORK_EQUAL_ACROSS: _(
        "%(network)s is both a local and a remote network: "
        "each network lies on one side only, remove it from the other."
    ),
    Code.NETWORK_OVERLAP_ACROSS: _(
        "%(network)s overlaps the local network %(other)s: "
        "addresses in both reach only one side, type networks that do not overlap."
    ),
    Code.NETWORK_OVERLAPS_TRANSIT_CIDR: _(
        "%(network)s overlaps the transit router's CIDR block %(cidr)s: "
        "type a network without it, or routes to the data center may clash."
    ),
    Code.ANY_NETWORK_ONE_SIDE: _(
        "0.0.0.0/0 on one side only belongs to neither routing mode: "
        "type specific networks on both sides, or choose Destination Routing Mode."
    ),
    Code.ANY_NETWORK_BOTH_SIDES: _(
        "0.0.0.0/0 on both sides is what Destination Routing Mode negotiates: "
        "choose that mode, or type specific networks."
    ),
    Code.ROUTE_FORBIDDEN: _(
        "%(network)s overlaps 100.64.0.0/10, to which no route can be made: type a network outside it."
    ),
    Code.ROUTE_TO_EVERYWHERE: _(
        "0.0.0.0/0 cannot be a destination route: type the networks of the data centre, one route each."
    ),
    # Tunnels and customer gateways
    Code.TUNNELS_NOT_TWO: _("A connection has exactly two tunnels, 1 and 2: give each of them once."),
    Code.SAME_CUSTOMER_GATEWAY: _(
        "Both tunnels end on the same device: if it fails both fail. "
        "Choose a second customer gateway for redundancy."
    ),
    Code.PEER_ASNS_DIFFER: _(
        "The customer gateways have different AS numbers, %(lower)s and %(higher)s: "
        "one AS number for both devices is advised."
    ),
    Code.PEER_REQUIRED: _("Choose a customer gateway for this tunnel."),
    Code.PEER_NOT_PUBLIC: _(
        "%(address)s is a private address: a public connection needs a customer gateway with a public one. "
        "Choose another, or set the gateway type to private."
    ),
    Code.PEER_NOT_PRIVATE: _(
        "%(address)s is a public address: a private connection needs a customer gateway with a private one. "
        "Choose another, or set the gateway type to public."
    ),
    Code.PEER_IS_OWN_GATEWAY: _(
        "%(address)s is the cloud's own end of a tunnel of this connection: "
        "choose the customer gateway of your device."
    ),
    Code.PEER_WITHOUT_ASN: _(
        "This customer gateway has no AS number, and BGP needs one: "
        "choose a customer gateway that was created with an AS number."
    ),
    # Keys, IKE and IPsec
    Code.PSK_TOO_LONG: _("Too long: a pre-shared key has at most %(max)s characters."),
    Code.PSK_CHARACTER: _(
        "Character %(position)s cannot be in a pre-shared key: "
        "use letters, digits and ASCII punctuation, no spaces."
    ),
    Code.IKEV1_WITH_SEVERAL_NETWORKS: _("More than one local or remote network needs IKEv2: choose ikev2."),
    Code.WEAK_ALGORITHMS: _(
        "Weak by today's standards: %(algorithms)s. "
        "Where the device can, choose aes256, sha256 and group14 or better on both ends."
    ),
    Code.LIFETIME_OUT_OF_RANGE: _("Out of range: type %(min)s to %(max)s seconds."),
    Code.LIFETIME_NEVER: _(
        "0 means: never expires on the console's side, only the device renews the keys. "
        "Many devices do not know 0; 86400 is the default."
    ),
    Code.ID_TOO_LONG: _("Too long: an identifier has at most %(max)s characters."),
    Code.ID_MALFORMED: _(
        '"%(value)s" is neither an IPv4 address nor a domain name: '
        "type one such as 10.0.0.1 or vpn.example.com, without spaces."
    ),
    Code.ID_FQDN_IN_MAIN_MODE: _(
        "%(value)s is a domain name, by which some devices cannot find the key in main mode: "
        "choose aggressive or ikev2, or type an IP address."
    ),
    # BGP
    Code.BGP_ON_NO_TUNNEL: _(
        "BGP is on for the connection and on neither tunnel: switch it on for at least one, or off here."
    ),
    Code.TUNNEL_CIDR_REQUIRED: _("BGP needs a tunnel CIDR block: type a /30 such as 169.254.10.0/30."),
    Code.TUNNEL_CIDR_NOT_30: _("%(cidr)s is not a /30: type one such as 169.254.10.0/30."),
    Code.TUNNEL_CIDR_OUTSIDE: _("%(cidr)s is not in 169.254.0.0/16: type a /30 such as 169.254.10.0/30."),
    Code.TUNNEL_CIDR_RESERVED: _("%(cidr)s is kept for the system: type another, such as 169.254.10.0/30."),
    Code.TUNNEL_CIDR_SAME: _("Both tunnels use %(cidr)s: type a different /30 for one of them."),
    Code.TUNNEL_CIDR_ON_GATEWAY: _(
        "%(cidr)s is used by another connection to the same customer gateway: type a different /30."
    ),
    Code.TUNNEL_CIDR_ON_TRANSIT_ROUTER: _(
        "%(cidr)s is also used by another connection on this transit router: "
        "it works, but a different /30 is easier to tell apart."
    ),
    Code.BGP_ADDRESS_OUTSIDE: _(
        "%(address)s is not in the tunnel CIDR block %(cidr)s: type %(first)s or %(second)s."
    ),
    Code.BGP_ADDRESS_NOT_HOST: _(
        "%(address)s is the network or broadcast address of %(cidr)s: type %(first)s or %(second)s."
    ),
    Code.BGP_OUTSIDE_SELECTORS: _(
        "The protected data flows do not carry BGP from %(local)s to %(peer)s, so its session stays down: "
        "add %(local)s/32 to the local and %(peer)s/32 to the remote networks, "
        "or choose Destination Routing Mode."
    ),
}


def message(finding: Finding) -> str:
    """The finding's text in the language active now. `ValueError` for a code that is not of `ipsec.rules`."""
    return str(TEXTS[Code(finding.code)]) % finding.params
