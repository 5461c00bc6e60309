"""Whatever a device is set to: what playing ends in is what the negotiation says, however the rings fall."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tunnel_rows import Watch, ring, run_of, set_device, started, stop_clock

from accounts.actor import Actor
from ipsec.transcript import Phase, Transcript
from tunnels.models import BgpStatus, NegotiationRun, PeerDevice, Status, Tunnel, TunnelEvent
from tunnels.scenario import scenario_of, told_by
from tunnels.services import start_negotiation
from tunnels.standing import NOBODY_BEGINS

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DEFAULTS = {
    field.name: field.get_default() for field in PeerDevice._meta.fields if field.name not in
    ("id", "tunnel", "has_own_secret")
}  # fmt: skip

devices = st.fixed_dictionaries(
    {},
    optional={
        "configured": st.booleans(),
        "powered_on": st.booleans(),
        "initiates": st.booleans(),
        "ike_version": st.sampled_from(["", "ikev1", "ikev2", "any"]),
        "ike_mode": st.sampled_from(["", "main", "aggressive"]),
        "ike_proposals": st.sampled_from([None, [["aes", "sha1", "group14"]], [["aes", "sha1", "group2"]]]),
        "child_proposals": st.sampled_from([None, [["aes", "sha1", "group14"]], [["des", "md5", "group2"]]]),
        "psk": st.sampled_from(["", "another"]),
        "local_id": st.sampled_from(["", "branch.example"]),
        "behind_nat": st.booleans(),
        "nat_traversal": st.sampled_from([None, True, False]),
        "nat_forwards_500": st.booleans(),
        "nat_forwards_4500": st.booleans(),
        "udp500_open": st.booleans(),
        "udp4500_open": st.booleans(),
        "esp_open": st.booleans(),
        "bgp_asn": st.sampled_from([None, 64999]),
        "loss_percent": st.sampled_from([0, 30]),
    },
)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def status_of(told: Transcript) -> str:
    """The console's word for what a transcript ends in."""
    if told.child_established:
        return Status.CHILD_UP
    refusal = told.refusal
    assert refusal is not None
    if refusal.cause in NOBODY_BEGINS:
        return Status.NOT_NEGOTIATED
    return Status.CHILD_DOWN if refusal.phase is Phase.CHILD else Status.IKE_DOWN


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    device=devices,
    rings=st.lists(st.floats(0.001, 40), min_size=1, max_size=5),
    version=st.sampled_from(["ikev1", "ikev2"]),
)
def test_the_played_end_is_the_verdict(
    ana: Actor, watch: Watch, device: dict[str, Any], rings: list[float], version: str
) -> None:
    tunnel = _tunnel(ana, version)
    set_device(tunnel, **{**DEFAULTS, **device})
    start_negotiation(tunnel=tunnel, because="reset")
    attempt = run_of(tunnel).attempt
    assert attempt is not None
    told = _told(tunnel, attempt)
    ring(watch)
    begun = run_of(tunnel).started_at
    assert begun is not None
    end = begun + timedelta(milliseconds=told.duration_ms)
    for seconds in rings:
        watch.time = min(watch.time + timedelta(seconds=seconds), end)
        ring(watch)
    watch.time = end
    ring(watch)
    run = run_of(tunnel)
    assert (run.attempt, run.negotiating) == (attempt, False)
    assert run.status == status_of(told)
    assert run.cause == (told.refusal.cause if told.refusal else "")
    up = {None: BgpStatus.DOWN, True: BgpStatus.UP, False: BgpStatus.DOWN}
    assert run.bgp_status == (up[told.bgp_established] if told.child_established else BgpStatus.DOWN)
    rows = TunnelEvent.objects.filter(tunnel=tunnel, attempt=attempt).order_by("position")
    steps = [(step.kind.value, step.message) for step in told.steps]
    assert [(event.kind, event.message) for event in rows][1 : len(steps) + 1] == steps
    assert (run.life is not None) == told.child_established


def _tunnel(actor: Actor, version: str) -> Tunnel:
    """The same one in every example, as the customer gateways' addresses are."""
    tunnel = Tunnel.objects.first() or started(actor)
    Tunnel.objects.filter(pk=tunnel.pk).update(ike_version=version)
    TunnelEvent.objects.filter(tunnel=tunnel).delete()
    NegotiationRun.objects.filter(tunnel=tunnel).update(due_at=None)
    return Tunnel.objects.select_related("connection", "customer_gateway", "peer_device").get(pk=tunnel.pk)


def _told(tunnel: Tunnel, attempt: UUID) -> Transcript:
    fresh = Tunnel.objects.select_related("connection", "customer_gateway", "peer_device").get(pk=tunnel.pk)
    return told_by(scenario_of(fresh, attempt), fresh.peer_device)
