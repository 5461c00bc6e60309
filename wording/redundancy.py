"""What the redundancy verdict says."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.redundancy import Judgement, Redundancy, Weakness
from wording.look import Look, good, quiet, warn

LOOKS: Final[Mapping[Redundancy, Look]] = {
    Redundancy.MET: good(_("Redundancy is met")),
    Redundancy.NOT_MET: warn(_("Redundancy is not met")),
    Redundancy.UNKNOWN: quiet(_("Redundancy is not known yet")),
}

WEAKNESSES: Final[Mapping[Weakness, "str | Promise"]] = {
    Weakness.NOT_BOTH_UP: _("Not both tunnels carry traffic: neither stands in for the other."),
    Weakness.ONE_DEVICE: _(
        "Both tunnels end on one device: when it fails, both are down. Choose a second customer gateway."
    ),
    Weakness.ONE_ZONE: _(
        "This region puts both tunnels into one zone: they cover a failure of a link, not one of the zone."
    ),
    Weakness.DPD_OFF: _("DPD is off on a tunnel: its failure is noticed only when the SA is renewed."),
    Weakness.BGP_ON_ONE: _("Only one tunnel has BGP: routes do not move to the other by themselves."),
    Weakness.STATIC_ROUTES: _(
        "Routes are static: the device must notice by itself that a tunnel has failed. BGP does that for it."
    ),
}


def look(judgement: Judgement) -> Look:
    return LOOKS[judgement.verdict]


def reasons(judgement: Judgement) -> list[str]:
    return [str(WEAKNESSES[weakness]) for weakness in judgement.weaknesses]
