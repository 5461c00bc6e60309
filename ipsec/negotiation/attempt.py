"""One attempt to negotiate: who begins, in which exchange, and what the two ends would agree on."""

from dataclasses import dataclass
from functools import cached_property

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.negotiation.identity import is_anyone, is_wildcard
from ipsec.negotiation.proposals import choose, quick_mode_offer
from ipsec.negotiation.selectors import Block, blocks, common
from ipsec.scenario import ChildProposal, Endpoint, IkeProposal, Path, Scenario
from ipsec.transcript import Side


@dataclass(frozen=True)
class Attempt:
    """`side` begins. Everything else follows from the scenario and is worked out once, when asked for."""

    scenario: Scenario
    side: Side
    version: IkeVersion
    mode: IkeMode

    @cached_property
    def initiator(self) -> Endpoint:
        return self.scenario.end(self.side)

    @cached_property
    def responder(self) -> Endpoint:
        return self.scenario.end(self.side.other)

    @property
    def path(self) -> Path:
        return self.scenario.path

    @property
    def is_v2(self) -> bool:
        return self.version is IkeVersion.IKEV2

    @cached_property
    def nat_seen(self) -> bool:
        """NAT detection needs both ends; with it IKE moves to UDP 4500 and ESP into UDP."""
        both = self.initiator.nat_traversal and self.responder.nat_traversal
        return both and self.path.behind_nat

    @property
    def data_passes(self) -> bool:
        """Plain ESP has no ports, so a masquerading router can't bring it back."""
        return self.nat_seen or not self.path.behind_nat

    @cached_property
    def ike_choice(self) -> IkeProposal | None:
        return choose(self.responder.ike_proposals, self.initiator.ike_proposals)

    @property
    def guessed_group_is_wrong(self) -> bool:
        """The first message carries one key exchange: that of the initiator's first proposal."""
        choice = self.ike_choice
        return choice is not None and choice.dh_group is not self.initiator.ike_proposals[0].dh_group

    @cached_property
    def esp_offer(self) -> tuple[ChildProposal, ...]:
        agreed = self.ike_choice or next(iter(self.initiator.ike_proposals), None)
        if self.is_v2 or agreed is None:
            return self.initiator.esp_proposals
        return quick_mode_offer(self.initiator.esp_proposals, agreed.dh_group)

    @cached_property
    def esp_choice(self) -> ChildProposal | None:
        """IKE_AUTH has no key exchange of its own, so under IKEv2 the group isn't looked at here."""
        fields = 2 if self.is_v2 else 3
        return choose(self.responder.esp_proposals, self.esp_offer, fields=fields)

    @cached_property
    def rekey_choice(self) -> ChildProposal | None:
        """CREATE_CHILD_SA does carry a key exchange, so here IKEv2 counts the group in."""
        return choose(self.responder.esp_proposals, self.initiator.esp_proposals)

    @cached_property
    def offered_local(self) -> tuple[Block, ...]:
        """The initiator's side; IKEv1 has room for one network a side."""
        return self._offered(self.initiator.local_networks)

    @cached_property
    def offered_remote(self) -> tuple[Block, ...]:
        return self._offered(self.initiator.remote_networks)

    def _offered(self, networks: tuple[str, ...]) -> tuple[Block, ...]:
        found = blocks(networks)
        return found if self.is_v2 else found[:1]

    @cached_property
    def agreed_local(self) -> tuple[Block, ...]:
        """What the initiator's side comes down to after the responder has narrowed it."""
        return self._agreed(self.responder.remote_networks, self.offered_local)

    @cached_property
    def agreed_remote(self) -> tuple[Block, ...]:
        return self._agreed(self.responder.local_networks, self.offered_remote)

    def _agreed(self, networks: tuple[str, ...], offered: tuple[Block, ...]) -> tuple[Block, ...]:
        found = common(blocks(networks), offered)
        return found if self.is_v2 else found[:1]

    @cached_property
    def child_selectors(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Local and remote networks of the child SA in the cloud's view, sorted."""
        ours, theirs = self.agreed_local, self.agreed_remote
        if self.side is Side.PEER:
            ours, theirs = theirs, ours
        return tuple(map(str, sorted(ours))), tuple(map(str, sorted(theirs)))

    def presented_id(self, side: Side) -> str:
        """What this side says it is: its local id, to the letter, or its interface's address."""
        end = self.scenario.end(side)
        if not is_anyone(end.local_id):
            return end.local_id or ""
        behind_nat = side is Side.PEER and self.path.behind_nat
        return self.path.inside_address if behind_nat else end.address

    @property
    def asks_for_id(self) -> bool:
        """IKEv2's initiator names the responder it wants (IDr), if it wants a certain one."""
        return not is_wildcard(self.initiator.remote_id)

    @property
    def responder_id(self) -> str:
        """Under IKEv2 a responder without a local id, or with a pattern for one, is who it was asked for."""
        if self.is_v2 and self.asks_for_id and is_wildcard(self.responder.local_id):
            return self.initiator.remote_id or ""
        return self.presented_id(self.side.other)


def begin(scenario: Scenario, side: Side) -> Attempt:
    """The attempt `side` would make: the version and mode are the one's who begins."""
    initiator = scenario.end(side)
    return Attempt(scenario, side, initiator.begins_with, initiator.mode)
