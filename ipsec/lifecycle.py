"""The life of SAs that are up: when they are rekeyed, when they end, and what silence does to them.

Pure. A `Life` holds only dates; `next_moment` is the first of them at which anything happens, `live` what
happens then. Nothing is due in between: the probes of a healthy tunnel's DPD change nothing.

The ends are looked at as they are at that moment, SAs are not: what is changed on a device shows when it is
next asked (RFC 7296, 2.8; IKEv1 authenticates again, IKEv2 does not).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ipsec.causes import CauseId
from ipsec.happenings import (
    PHASES,
    Happening,
    LifeKind,
    bgp_closing,
    bgp_opening,
    bgp_refusal,
    conversation,
    creates_child,
    deletion,
    held_too_long,
    passes,
    silence,
    unanswered,
    why_refused,
)
from ipsec.negotiation.attempt import begin
from ipsec.negotiation.timing import RETRANSMIT_AT_MS, draw
from ipsec.scenario import Scenario
from ipsec.transcript import Phase, Side, StepKind

DPD_SECONDS = 30
"""After this time without an answer the other end counts as dead (console: DPD)."""
HOLD_SECONDS = 180
KEEPALIVE_SECONDS = 60
SOFT = (0.80, 0.92)
"""At which part of its lifetime an end rekeys an SA; where in between is drawn anew each time, so that SAs
that came up together are not rekeyed together."""
SHORTEST_SECONDS = 10
"""Lifetimes below are played as this: nothing is looked at more often than once a second."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30, 300
GIVES_UP = timedelta(milliseconds=RETRANSMIT_AT_MS[-1])


@dataclass(frozen=True, slots=True)
class Sa:
    """`by` is the end whose timer is the shorter one. Dates are None where neither end has a lifetime."""

    established_at: datetime
    rekey_at: datetime | None = None
    expires_at: datetime | None = None
    by: Side = Side.CLOUD
    rekeys: int = 0
    refused: int = 0
    """Rekeys refused in a row."""


@dataclass(frozen=True, slots=True)
class Life:
    """SAs that are up and what they wait for.

    `local_ts` and `remote_ts` are the networks of the child SA, in the cloud's view. `asked` are wishes to be
    met at once: `ike` and `child` rekey, `child-anew` and `bgp-anew` put up again what was edited.
    `silent_since`: from then on the other end has not answered, whether or not the gateway can know;
    `gone_at`: when it will take it for gone, and `gone_for` the cause it will name.
    """

    ike: Sa
    child: Sa | None
    seed: int = 0
    local_ts: tuple[str, ...] = ()
    remote_ts: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    child_retry_at: datetime | None = None
    child_failures: int = 0
    silent_since: datetime | None = None
    gone_at: datetime | None = None
    gone_for: str = CauseId.DPD_TIMEOUT.value
    esp_passes: bool = True
    """Whether a filter on the way lets the SAs' packets through: IKE does not notice, BGP does."""
    bgp_up: bool | None = None
    """None where the tunnel has no BGP."""
    bgp_hold_at: datetime | None = None
    bgp_retry_at: datetime | None = None
    bgp_failures: int = 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """What happened at one moment and what is left. `life` None: the IKE SA is gone, begin anew."""

    life: Life | None
    told: tuple[Happening, ...] = ()


def first_life(scenario: Scenario, *, ike_at: datetime, child_at: datetime, bgp_up: bool | None) -> Life:
    """Of a tunnel whose set-up brought up both SAs. `bgp_up` False is tried again."""
    seed = scenario.seed
    local, remote = begin(scenario, scenario.initiator).child_selectors
    life = Life(
        ike=_sa(scenario, "ike", ike_at, seed, 0),
        child=_sa(scenario, "child", child_at, seed, 0),
        seed=seed,
        local_ts=local,
        remote_ts=remote,
        bgp_up=bgp_up,
    )
    return life if bgp_up is not False else _bgp_again(life, child_at + timedelta(seconds=60))


def _sa(scenario: Scenario, what: str, at: datetime, seed: int, rekeys: int) -> Sa:
    """Each end keeps its own timer; no lifetime is negotiated. 0 never ends."""
    soft = []
    for side in Side:
        lifetime = getattr(scenario.end(side), f"{what}_lifetime")
        if lifetime:
            seconds = max(lifetime, SHORTEST_SECONDS)
            part = SOFT[0] + (SOFT[1] - SOFT[0]) * draw(seed, f"{what}/{rekeys}/{side}")
            soft.append((seconds * part, seconds, side))
    if not soft:
        return Sa(at, rekeys=rekeys)
    first, _, by = min(soft)
    hard = min(seconds for _, seconds, _ in soft)
    return Sa(at, at + timedelta(seconds=first), at + timedelta(seconds=hard), by, rekeys)


def next_moment(life: Life) -> datetime | None:
    """When something happens next, if nobody interferes. A refused rekey is not tried beyond its SA's end."""
    return min((at for at, _ in _moments(life)), default=None)


def _moments(life: Life) -> Iterator[tuple[datetime, str]]:
    dates = {
        "gone": life.gone_at,
        "hold": life.bgp_hold_at,
        "ike-expires": life.ike.expires_at,
        "child-expires": life.child.expires_at if life.child else None,
        "ike-rekey": life.ike.rekey_at,
        "child-rekey": life.child.rekey_at if life.child else life.child_retry_at,
        "bgp": life.bgp_retry_at if life.child else None,
    }
    if life.gone_at is not None:  # a request is on its way, or probes are; nothing else is asked meanwhile
        dates = {name: dates[name] for name in ("gone", "hold")}
    return ((at, name) for name, at in dates.items() if at is not None)


def live(life: Life, scenario: Scenario) -> Chapter:
    """What happens at `next_moment`. Raises ValueError where nothing is to happen."""
    at, name = min(_moments(life), key=lambda moment: moment[0])
    if name == "gone":
        return _gone(life, at)
    if name == "hold":
        return _hold(life, at)
    if name == "bgp":
        return _open_bgp(replace(life, bgp_retry_at=None), scenario, at)
    what, _, event = name.partition("-")
    if event == "expires":
        return _expire(life, scenario, what, at)
    if what == "child" and life.child is None:
        return _create_child(life, scenario, at)
    return _rekey(life, scenario, what, at, because="timer")


def skip_to(life: Life, scenario: Scenario, at: datetime) -> Life:
    """Leave out what a clock too fast for the lifetimes has no time to tell: SAs as if rekeyed at `at`."""
    for what, sa in (("ike", life.ike), ("child", life.child)):
        if sa and not sa.refused and sa.rekey_at and sa.rekey_at <= at and not life.silent_since:
            life = _with(life, what, _sa(scenario, what, at, life.seed, sa.rekeys + 1))
    retries = {name: getattr(life, name) for name in ("child_retry_at", "bgp_retry_at")}
    return replace(life, **{name: max(due, at) for name, due in retries.items() if due})


# Looking at the ends between the moments


def notice(life: Life, scenario: Scenario, at: datetime) -> Chapter:
    """Take in what is different about the ends or the path, and do at once what was asked for by hand."""
    if not scenario.peer.configured and scenario.peer.powered_on:
        return _closed_by_device(life, at)
    chapter = _hear(life, scenario, at)
    for wish in life.asked:
        if chapter.life is None:
            break
        done = _wishes(replace(chapter.life, asked=()), scenario, wish, at)
        chapter = Chapter(done.life, (*chapter.told, *done.told))
    if chapter.life is None:
        return chapter
    bgp = _look_at_bgp(replace(chapter.life, asked=()), scenario, at)
    return Chapter(bgp.life, (*chapter.told, *bgp.told))


def answers(scenario: Scenario) -> bool:
    """Whether the device still hears the gateway. A NAT's mapping is held open by keepalives."""
    on_4500 = begin(scenario, scenario.initiator).nat_seen
    path = scenario.path
    return scenario.peer.powered_on and (path.udp4500_open if on_4500 else path.udp500_open)


def _hear(life: Life, scenario: Scenario, at: datetime) -> Chapter:
    heard = answers(scenario)
    if heard == (life.silent_since is None):
        return Chapter(life)
    if heard:
        back = replace(life, silent_since=None, gone_at=None, bgp_hold_at=None)
        return Chapter(back, (Happening(at, LifeKind.ANSWERS, Phase.IKE, Side.PEER),))
    late = draw(life.seed, f"dpd/{at.isoformat()}")
    dpd = at + timedelta(seconds=DPD_SECONDS - 10 * late) if scenario.cloud.dpd else None
    hold = at + timedelta(seconds=HOLD_SECONDS - KEEPALIVE_SECONDS * late) if life.bgp_up else None
    gone = replace(life, silent_since=at, gone_at=dpd, gone_for=CauseId.DPD_TIMEOUT.value, bgp_hold_at=hold)
    return Chapter(gone, (Happening(at, LifeKind.SILENT, Phase.IKE, Side.PEER),))


def _wishes(life: Life, scenario: Scenario, wish: str, at: datetime) -> Chapter:
    if wish == "child-anew" and life.child is not None:
        ended = replace(life, child=None)
        told = (deletion(at, Phase.CHILD, Side.CLOUD), Happening(at, LifeKind.CHILD_DOWN, Phase.CHILD))
        again = _create_child(ended, scenario, at)
        return Chapter(again.life, (*told, *again.told))
    if wish == "bgp-anew":
        return _bgp_anew(life, scenario, at)
    if wish in ("child", "child-anew") and life.child is None:
        return _create_child(life, scenario, at)
    return _rekey(life, scenario, wish, at, because="hand") if wish in PHASES else Chapter(life)


def _bgp_anew(life: Life, scenario: Scenario, at: datetime) -> Chapter:
    wanted = scenario.cloud.bgp is not None
    told = [Happening(at, LifeKind.BGP_DOWN, Phase.BGP)] if life.bgp_up else []
    if not wanted:
        off = replace(life, bgp_up=None, bgp_hold_at=None, bgp_retry_at=None)
        return Chapter(off, tuple(told))
    opened = _open_bgp(replace(life, bgp_up=False, bgp_hold_at=None), scenario, at)
    return Chapter(opened.life, (*told, *opened.told))


def _look_at_bgp(life: Life, scenario: Scenario, at: datetime) -> Chapter:
    """A device that speaks BGP otherwise than before closes the session; once it is mended, it opens."""
    if life.bgp_up is None or life.silent_since or life.child is None:
        return Chapter(life)
    if life.bgp_up and not life.esp_passes:
        return Chapter(life if life.bgp_hold_at else _holding(life, at))
    refusal = bgp_refusal(scenario, esp_passes=life.esp_passes)
    if life.bgp_up and refusal:
        down = _bgp_again(replace(life, bgp_up=False, bgp_hold_at=None), at)
        return Chapter(down, tuple(bgp_closing(at, refusal)))
    if not life.bgp_up and refusal is None:
        return _open_bgp(life, scenario, at)
    return Chapter(life)


# Rekeys


def _rekey(life: Life, scenario: Scenario, what: str, at: datetime, *, because: str) -> Chapter:
    sa = life.ike if what == "ike" or life.child is None else life.child
    by = Side.CLOUD if because == "hand" else sa.by
    if life.silent_since:
        return _ask_in_vain(life, scenario, what, at)
    ok = passes(scenario, by, what)
    told = conversation(scenario, by, what, at, ok=ok, rekey=what, number=sa.rekeys + 1)
    done = told[-1].at
    if not ok:
        refusal = why_refused(scenario, by, what)
        told.append(Happening(done, LifeKind.REKEY_REFUSED, PHASES[what], by.other, refusal=refusal))
        return Chapter(_with(life, what, _try_again(sa, at)), tuple(told))
    detail: dict[str, str | int] = {"rekey": what, "number": sa.rekeys + 1, "because": because}
    told.append(Happening(done, LifeKind.REKEYED, PHASES[what], by, detail=detail))
    return Chapter(_with(life, what, _sa(scenario, what, done, life.seed, sa.rekeys + 1)), tuple(told))


def _with(life: Life, what: str, sa: Sa) -> Life:
    return replace(life, ike=sa) if what == "ike" else replace(life, child=sa)


def _try_again(sa: Sa, at: datetime) -> Sa:
    """Later and later, as long as the SA lives."""
    again = at + wait(sa.refused)
    beyond = sa.expires_at is not None and again >= sa.expires_at
    return replace(sa, refused=sa.refused + 1, rekey_at=None if beyond else again)


def wait(failures: int) -> timedelta:
    return timedelta(seconds=min(FIRST_WAIT_SECONDS * 2 ** min(failures, 10), LONGEST_WAIT_SECONDS))


def _ask_in_vain(life: Life, scenario: Scenario, what: str, at: datetime) -> Chapter:
    """Nobody hears the request: after the last retransmit the gateway gives the IKE SA up."""
    by = Side.CLOUD
    cause = CauseId.PHASE1_TIMEOUT.value
    waiting = replace(life, gone_at=at + GIVES_UP, gone_for=cause)
    return Chapter(waiting, tuple(unanswered(scenario, by, what, at)))


def _create_child(life: Life, scenario: Scenario, at: datetime) -> Chapter:
    """A child SA anew, under the IKE SA that is there."""
    if life.silent_since:
        return _ask_in_vain(life, scenario, "child", at)
    ok = creates_child(scenario, Side.CLOUD)
    told = conversation(scenario, Side.CLOUD, "child", at, ok=ok)
    done = told[-1].at
    if not ok:
        refusal = why_refused(scenario, Side.CLOUD, "child")
        told.append(Happening(done, StepKind.REFUSED, Phase.CHILD, refusal.decided_by, refusal=refusal))
        again = at + wait(life.child_failures)
        failed = replace(life, child=None, child_failures=life.child_failures + 1, child_retry_at=again)
        return Chapter(failed, tuple(told))
    local, remote = begin(scenario, Side.CLOUD).child_selectors
    networks = {"local_ts": ", ".join(local), "remote_ts": ", ".join(remote)}
    told.append(Happening(done, StepKind.CHILD_UP, Phase.CHILD, detail=networks))
    up = replace(
        life,
        child=_sa(scenario, "child", done, life.seed, 0),
        local_ts=local,
        remote_ts=remote,
        child_failures=0,
        child_retry_at=None,
        bgp_hold_at=None,
    )
    if up.bgp_up is not False:
        return Chapter(up, tuple(told))
    opened = _open_bgp(up, scenario, done)
    return Chapter(opened.life, (*told, *opened.told))


# Ends


def _expire(life: Life, scenario: Scenario, what: str, at: datetime) -> Chapter:
    if what == "ike":
        refusal = why_refused(scenario, life.ike.by, "ike") if life.ike.refused else None
        down = Happening(at, StepKind.IKE_DOWN, Phase.IKE, refusal=refusal)
        return Chapter(None, (deletion(at, Phase.IKE, Side.CLOUD), down))
    refused = life.child is not None and life.child.refused > 0
    refusal = why_refused(scenario, Side.CLOUD, "child") if refused else None
    told = (
        deletion(at, Phase.CHILD, Side.CLOUD),
        Happening(at, LifeKind.CHILD_DOWN, Phase.CHILD, refusal=refusal),
    )
    return Chapter(_holding(replace(life, child=None, child_retry_at=at), at), told)


def _gone(life: Life, at: datetime) -> Chapter:
    refusal = silence(CauseId(life.gone_for))
    return Chapter(None, (Happening(at, StepKind.IKE_DOWN, Phase.IKE, refusal=refusal),))


def _closed_by_device(life: Life, at: datetime) -> Chapter:
    """Whoever takes a configuration off a device takes its SAs with it, and the device says so."""
    refusal = replace(silence(CauseId.PEER_DELETED_SA), decided_by=Side.PEER, notify="DELETE")
    down = Happening(at, StepKind.IKE_DOWN, Phase.IKE, Side.PEER, refusal=refusal)
    return Chapter(None, (deletion(at, Phase.IKE, Side.PEER), down))


# BGP


def _holding(life: Life, at: datetime) -> Life:
    """Nothing of the other end's comes through any more; its last KEEPALIVE was at most a minute ago."""
    if not life.bgp_up or life.bgp_hold_at:
        return life
    late = draw(life.seed, f"hold/{at.isoformat()}")
    return replace(life, bgp_hold_at=at + timedelta(seconds=HOLD_SECONDS - KEEPALIVE_SECONDS * late))


def _hold(life: Life, at: datetime) -> Chapter:
    return Chapter(_bgp_again(replace(life, bgp_up=False, bgp_hold_at=None), at), (held_too_long(at),))


def _open_bgp(life: Life, scenario: Scenario, at: datetime) -> Chapter:
    """Tries that fail like the last one are not told again."""
    if life.silent_since or life.child is None:
        return Chapter(_bgp_again(life, at))
    refusal = bgp_refusal(scenario, esp_passes=life.esp_passes)
    told = tuple(bgp_opening(scenario, at, refusal))
    if refusal:
        return Chapter(_bgp_again(life, at), told if life.bgp_failures == 0 else ())
    return Chapter(replace(life, bgp_up=True, bgp_failures=0, bgp_retry_at=None), told)


def _bgp_again(life: Life, at: datetime) -> Life:
    again = at + wait(life.bgp_failures)
    return replace(life, bgp_up=False, bgp_failures=life.bgp_failures + 1, bgp_retry_at=again)
