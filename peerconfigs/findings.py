"""Codes of what a device's file cannot say, or must be told beside it. Their texts live in `wording`."""

from enum import StrEnum

from ipsec.findings import Finding, Severity


class Code(StrEnum):
    """Stable codes; `params` named beside each fill its text."""

    UNBOUND = "peer_config_unbound"
    """The cloud has not assigned this tunnel's gateway address yet (`tunnel`)."""
    NOT_TWO_TUNNELS = "peer_config_not_two_tunnels"
    NO_CUSTOMER_GATEWAY = "peer_config_no_customer_gateway"
    """(`tunnel`)"""
    VALUE_UNREADABLE = "peer_config_value_unreadable"
    """An address or network that is none (`value`)."""
    BGP_INCOMPLETE = "peer_config_bgp_incomplete"
    """BGP is on, and an AS number, the tunnel CIDR or the address in it is missing or wrong (`tunnel`)."""
    PSK_UNKNOWN = "peer_config_psk_unknown"
    """(`tunnel`)"""
    WAN_INTERFACE_INVALID = "peer_config_wan_interface_invalid"
    """(`value`)"""
    NOBODY_STARTS = "peer_config_nobody_starts"
    """Both ends wait: the cloud for traffic, the device for the cloud."""
    CLOUD_NETWORKS_MISSING = "peer_config_cloud_networks_missing"
    """Destination mode without BGP: the routes to the cloud are for the reader to fill in."""
    DPD_NOT_SAID = "peer_config_dpd_not_said"
    """(`tunnel`)"""
    NAT_TRAVERSAL_NOT_SAID = "peer_config_nat_traversal_not_said"
    """(`tunnel`)"""
    BGP_KEY_NOT_SAID = "peer_config_bgp_key_not_said"
    """(`tunnel`)"""
    NAT_TRAVERSAL_FORCED = "peer_config_nat_traversal_forced"
    """The device cannot switch NAT traversal off (`tunnel`)."""
    SECRETS_AMBIGUOUS = "peer_config_secrets_ambiguous"
    """Both tunnels have one pair of identities and different keys (`local_id`, `remote_id`)."""
    IDENTITY_UNWRITABLE = "peer_config_identity_unwritable"
    """The device would read this identity as a pattern, or cannot hold it (`tunnel`, `value`)."""
    TUNNELS_INDISTINCT = "peer_config_tunnels_indistinct"
    """Both tunnels end on one cloud address (`address`)."""
    IKEV1_SEVERAL_NETWORKS = "peer_config_ikev1_several_networks"
    """(`tunnel`)"""
    NO_STATIC_FAILOVER = "peer_config_no_static_failover"
    """Static routes stay when a tunnel fails."""
    AGGRESSIVE_HOST_WIDE = "peer_config_aggressive_host_wide"
    """A daemon-wide switch must be turned on for aggressive mode with a pre-shared key."""
    FILE_UNREADABLE = "peer_config_file_unreadable"
    """The text breaks the format's grammar (`line`, from 1)."""
    FILE_FOREIGN = "peer_config_file_foreign"
    """Well-formed, but no configuration of this device."""
    ALGORITHM_UNKNOWN = "peer_config_algorithm_unknown"
    """A proposal of the device that the console has no words for (`tunnel`, `value`)."""
    SETTING_UNREADABLE = "peer_config_setting_unreadable"
    """One value of the device's file could not be read (`tunnel`, `value`)."""


def error(code: Code, field: str, **params: str | int) -> Finding:
    return Finding(field, code.value, Severity.ERROR, params)


def warning(code: Code, field: str, **params: str | int) -> Finding:
    return Finding(field, code.value, Severity.WARNING, params)


def advice(code: Code, field: str, **params: str | int) -> Finding:
    return Finding(field, code.value, Severity.ADVICE, params)
