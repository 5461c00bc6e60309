"""The closed catalogue of causes: every reason for which a tunnel is not up.

Ids are the console's error codes where it documents one (`FailedReasonCode` of DiagnoseVpnConnections), names
of this product in the same style otherwise. What no setting of either end can raise is not in here. The texts
in both languages live in `wording.causes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ipsec.transcript import Phase


class CauseId(StrEnum):
    TUNNEL_NOT_BOUND = "TunnelNotBound"
    NOT_TRIGGERED = "NotTriggered"
    PHASE1_TIMEOUT = "Phase1NegotiationTimeout"
    PEER_NOT_CONFIGURED = "PeerNotConfigured"
    PEER_MISMATCH = "PeerMismatch"
    IKE_VERSION = "IkeVersionMismatch"
    ALGORITHM = "AlgorithmMismatch"
    ENCRYPTION = "EncryptionAlgorithmMismatch"
    AUTHENTICATION = "AuthenticationAlgorithmMismatch"
    DH_GROUP = "DhGroupMismatch"
    PSK = "PreSharedKeyMismatch"
    MODE = "NegotiationModeMismatch"
    PEER_ID = "PeerIdMismatch"
    LOCAL_ID = "LocalIdMismatch"
    LIFETIME = "LifetimeMismatch"
    TRAFFIC_SELECTOR = "TrafficSelectorMismatch"
    PFS = "PfsMismatch"
    NAT_TRAVERSAL = "NatTraversalMismatch"
    DPD_TIMEOUT = "DpdTimeout"
    PEER_DELETED_SA = "PeerDeletedSa"
    BGP_SESSION_DOWN = "BgpSessionDown"


class CauseSeverity(StrEnum):
    """The console's words: act now, act soon, nothing to do."""

    CRITICAL = "Critical"
    WARN = "Warn"
    NORMAL = "Normal"


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of the catalogue.

    `notifies` are the notify names that may carry it on the wire, none where the refusal is silence;
    `code` is what the API answers; `log_fragments` are the words a gateway's log says it with.
    """

    id: CauseId
    severity: CauseSeverity
    phases: tuple[Phase, ...]
    notifies: tuple[str, ...] = ()
    code: str = ""
    log_fragments: tuple[str, ...] = ()


_CRITICAL, _WARN, _NORMAL = CauseSeverity.CRITICAL, CauseSeverity.WARN, CauseSeverity.NORMAL
_REACH, _IKE, _CHILD, _BGP = Phase.REACH, Phase.IKE, Phase.CHILD, Phase.BGP
_NO_PROPOSAL = ("NO_PROPOSAL_CHOSEN",)
_AUTH_FAILED = ("AUTHENTICATION_FAILED",)


def _cause(
    cause_id: CauseId,
    severity: CauseSeverity,
    phases: tuple[Phase, ...],
    notifies: tuple[str, ...] = (),
    log_fragments: tuple[str, ...] = (),
    *,
    code: str = "",
) -> Cause:
    return Cause(cause_id, severity, phases, notifies, code or cause_id.value, log_fragments)


_ALL = (
    _cause(CauseId.TUNNEL_NOT_BOUND, _NORMAL, (_REACH,)),
    _cause(CauseId.NOT_TRIGGERED, _NORMAL, (_REACH,)),
    _cause(
        CauseId.PHASE1_TIMEOUT,
        _WARN,
        (_REACH, _IKE),
        log_fragments=(
            "phase1 negotiation failed due to time up",
            "retransmission count exceeded the limit",
        ),
    ),
    # The console has no code for a device nobody has set up yet; to a gateway it is an unknown neighbour.
    _cause(
        CauseId.PEER_NOT_CONFIGURED,
        _WARN,
        (_REACH, _IKE),
        _NO_PROPOSAL,
        ("no proposal chosen", "couldn't find configuration"),
        code="PeerMismatch",
    ),
    _cause(
        CauseId.PEER_MISMATCH,
        _CRITICAL,
        (_REACH, _IKE),
        _NO_PROPOSAL,
        ("couldn't find configuration", "remote address mismatched", "unknown ikev2 peer"),
    ),
    _cause(
        CauseId.IKE_VERSION,
        _CRITICAL,
        (_IKE,),
        _NO_PROPOSAL,
        (
            "received IKEv1 request but no IKEv1 configuration for peer",
            "ikev2 not acceptable by configuration",
        ),
    ),
    _cause(
        CauseId.ALGORITHM,
        _CRITICAL,
        (_IKE, _CHILD),
        _NO_PROPOSAL,
        ("no suitable proposal found", "no proposal chosen"),
    ),
    _cause(
        CauseId.ENCRYPTION,
        _CRITICAL,
        (_IKE, _CHILD),
        _NO_PROPOSAL,
        ("rejected enctype", "trns_id mismatched"),
    ),
    _cause(
        CauseId.AUTHENTICATION,
        _CRITICAL,
        (_IKE, _CHILD),
        _NO_PROPOSAL,
        ("rejected hashtype", "authtype mismatched"),
    ),
    _cause(
        CauseId.DH_GROUP,
        _CRITICAL,
        (_IKE,),
        ("NO_PROPOSAL_CHOSEN", "INVALID_PAYLOAD_TYPE"),
        ("rejected dh_group", "dh group choice does not match"),
    ),
    _cause(
        CauseId.PSK,
        _CRITICAL,
        (_IKE,),
        _AUTH_FAILED,
        ("HASH mismatched", "authentication failure", "could not decrypt payloads"),
    ),
    _cause(
        CauseId.MODE,
        _CRITICAL,
        (_IKE,),
        _AUTH_FAILED,
        ("not acceptable mode", "exchange type is mismatched"),
    ),
    _cause(
        CauseId.PEER_ID,
        _CRITICAL,
        (_IKE,),
        ("AUTHENTICATION_FAILED", "INVALID_ID_INFORMATION"),
        ("ID_I does not match peers id", "IDir does not match"),
    ),
    _cause(
        CauseId.LOCAL_ID,
        _CRITICAL,
        (_IKE,),
        ("AUTHENTICATION_FAILED", "INVALID_ID_INFORMATION"),
        ("AUTHENTICATION_FAILED",),
    ),
    _cause(
        CauseId.LIFETIME,
        _WARN,
        (_IKE, _CHILD),
        _NO_PROPOSAL,
        ("long lifetime proposed", "less lifetime proposed", "lifetime mismatched"),
    ),
    _cause(
        CauseId.TRAFFIC_SELECTOR,
        _CRITICAL,
        (_CHILD,),
        ("TS_UNACCEPTABLE", "INVALID_ID_INFORMATION"),
        ("ts unacceptable", "failed to get sainfo"),
    ),
    _cause(
        CauseId.PFS,
        _CRITICAL,
        (_CHILD,),
        _NO_PROPOSAL,
        (
            "pfs group mismatched",
            "no PFS is specified, but peer sends KE",
            "PFS is specified, but peer doesn't sends KE",
        ),
    ),
    _cause(CauseId.NAT_TRAVERSAL, _WARN, (_CHILD,)),
    _cause(CauseId.DPD_TIMEOUT, _WARN, (_IKE,), log_fragments=("DPD: remote seems to be dead",)),
    _cause(
        CauseId.PEER_DELETED_SA,
        _NORMAL,
        (_IKE, _CHILD),
        ("DELETE",),
        ("received DELETE IKE_SA", "ISAKMP-SA deleted"),
    ),
    _cause(CauseId.BGP_SESSION_DOWN, _CRITICAL, (_BGP,)),
)

CAUSES: Mapping[str, Cause] = MappingProxyType({cause.id.value: cause for cause in _ALL})
"""By id. Closed: a `Refusal.cause` is always one of its keys."""
