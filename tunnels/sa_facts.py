"""The SAs of a tunnel that is up, as its page shows them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.lifecycle import Sa
from tunnels.models import NegotiationRun
from tunnels.transcripts import decode_life


@dataclass(frozen=True, slots=True)
class SaFacts:
    """`rekey_at` and `expires_at` are None where the lifetime is 0 at both ends."""

    title: "str | Promise"
    established_at: datetime
    rekey_at: datetime | None
    expires_at: datetime | None
    rekeys: int
    refused: int


def sas(run: NegotiationRun) -> tuple[SaFacts, ...]:
    """The IKE SA and its child SA; none before the set-up is over, or where they are gone."""
    if run.life is None or run.negotiating:
        return ()
    life = decode_life(run.life)
    named = ((_("IKE SA (phase 1)"), life.ike), (_("IPsec SA (phase 2)"), life.child))
    return tuple(_facts(title, sa) for title, sa in named if sa is not None)


def _facts(title: "str | Promise", sa: Sa) -> SaFacts:
    return SaFacts(title, sa.established_at, sa.rekey_at, sa.expires_at, sa.rekeys, sa.refused)
