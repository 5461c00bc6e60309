"""Negotiation as a pure function: two ends, a path and who begins in, the whole story out.

The verdict is that of a real IKE daemon (strongSwan 5.9.8); tests/ipsec/truth holds what was measured.
"""

from dataclasses import replace

from ipsec.negotiation.ladder import climb
from ipsec.negotiation.verdict import judge, outcome
from ipsec.scenario import (
    ANY_VERSION,
    TOPOLOGIES,
    ChildProposal,
    Endpoint,
    ForcedRekey,
    IkeProposal,
    Path,
    Scenario,
    cloud_endpoint,
    mirrored_peer,
)
from ipsec.transcript import Transcript

__all__ = [
    "ANY_VERSION",
    "TOPOLOGIES",
    "ChildProposal",
    "Endpoint",
    "ForcedRekey",
    "IkeProposal",
    "Path",
    "Scenario",
    "cloud_endpoint",
    "mirrored_peer",
    "negotiate",
    "verdict",
]


def negotiate(scenario: Scenario) -> Transcript:
    """Everything both ends say, in order and in time, and how it ends.

    Deterministic: equal scenarios have equal transcripts. Raises ValueError for a network that is none.
    """
    judged = judge(scenario)
    told = outcome(judged)
    steps = climb(judged, told)
    return replace(told, steps=steps, duration_ms=steps[-1].at_ms)


def verdict(scenario: Scenario) -> Transcript:
    """As `negotiate`, without steps and duration: for previews and bulk work."""
    return outcome(judge(scenario))
