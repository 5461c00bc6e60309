"""However one comes to the same values, field by field with answers in between or posting them at once: the
same form, the same findings, the same picture."""

from typing import Any

import pytest
from connection_cast import CREATE, SHANGHAI, Cast, cast_of
from django.db import transaction
from django.test import Client
from htmx_page import HtmxPage, Values, said, values_of, wizard_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from page_reader import Element, by_id, read

from connections.forms.networks import split_rows
from connections.services.request import NOT_YET
from ipsec.findings import Finding
from wording.message import message

pytestmark = pytest.mark.django_db

CIDRS = [
    "",
    "169.254.10.0/30",
    "169.254.20.0/30",
    "169.254.169.252/30",
    "169.254.10.1/30",
    "10.0.0.0/30",
    "x",
]
NETWORKS = [
    "",
    "10.1.0.0/16",
    "10.1.0.0/16, 10.2.0.0/16",
    "192.168.1.0/24 192.168.2.0/24",
    "10.1.0.1/16",
    "0.0.0.0/0",
]
IDS = ["", "dc.example.com", "10.0.0.1", "1.2.3", "a b"]
OF_TUNNELS: dict[str, list[Any]] = {
    "psk": ["", "short", "with space", "A-Long-Enough-Key-123!"],
    "ike_version": ["ikev1", "ikev2"],
    "ike_mode": ["main", "aggressive"],
    "ike_encryption": ["aes", "des", "aes256"],
    "child_pfs": ["disabled", "group2", "group14"],
    "ike_lifetime": ["86400", "0", "86401", "x", ""],
    "local_id": IDS,
    "remote_id": IDS,
    "dpd": [True, False],
    "tunnel_cidr": CIDRS,
    "local_bgp_ip": ["", "169.254.10.2", "169.254.10.3", "10.0.0.1", "x"],
}
TYPED: dict[str, list[Any]] = {
    "name": ["", "dc", "http://x", "x" * 101],
    "network_type": ["public", "private"],
    "binding": ["own", "cross"],
    "routing_mode": ["destination", "policy"],
    "local_networks": NETWORKS,
    "remote_networks": NETWORKS,
    "effect_immediately": ["yes", "no"],
    "bgp_enabled": [True, False],
    "local_asn": ["45104", "65000", "", "0", "1.5", "x"],
    "propagate": [True, False],
    **{f"tunnels-{index}-{name}": values for index in (0, 1) for name, values in OF_TUNNELS.items()},
}
CHOSEN = ("cen", "tunnels-0-customer_gateway", "tunnels-1-customer_gateway")
PRESSED = (
    "copy", "strong", "suggest:1", "suggest:2", "generate:1", "generate:2",
    "add:local_networks", "drop:remote_networks:1",
)  # fmt: skip
TYPING = st.sampled_from(sorted(TYPED)).flatmap(
    lambda name: st.tuples(st.just("put"), st.just(name), st.sampled_from(TYPED[name]))
)
STEPS = st.lists(
    st.one_of(
        TYPING,
        TYPING,
        st.tuples(st.just("choose"), st.sampled_from(CHOSEN), st.integers(0, 5)),
        st.tuples(st.just("press"), st.sampled_from(PRESSED), st.none()),
        st.tuples(st.just("region"), st.just("region"), st.sampled_from(["cn-hangzhou", SHANGHAI])),
        st.tuples(st.just("check"), st.none(), st.none()),
    ),
    min_size=3,
    max_size=12,
)
NO_SHRINKING = (Phase.explicit, Phase.generate)
"""Each example is a walk over whole pages: a smaller one is not worth minutes."""
NOT_COMPARED = ("csrfmiddlewaretoken", "draft_version", "tunnels-0-psk", "tunnels-1-psk")
"""Of their own on each page; a key typed is never in one."""


def walk(page: HtmxPage, steps: list[tuple[str, Any, Any]]) -> None:
    for kind, name, value in steps:
        if kind == "put":
            page.put(name, value)
        elif kind == "choose":
            options = page.options(name)
            page.put(name, options[value % len(options)])
        elif kind == "press":
            page.press(name)
        elif kind == "region":
            page.change(name, value)
        else:
            page.check()
    page.check()


def compared(values: Values) -> Values:
    """With pasted rows as the rows that they mean."""
    rows = {name: split_rows(values[name]) for name in ("local_networks", "remote_networks")}
    return {name: value for name, value in (values | rows).items() if name not in NOT_COMPARED}


def missing() -> set[str]:
    """What only a submit says: that something is missing."""
    return {message(Finding("", code)) for code in NOT_YET}


def without_missing(texts: dict[str, list[str]]) -> dict[str, list[str]]:
    kept = {name: [text for text in lines if text not in missing()] for name, lines in texts.items()}
    return {name: lines for name, lines in kept.items() if lines}


def picture(root: Element) -> list[str]:
    """The parts beside the fields: verdict, drawing, tunnels and calls, what both tunnels are told, folded
    titles, the transit router. The list of what is wrong has been compared at the fields."""
    panel = by_id(root, "panel")
    own = [
        one for one in panel.children if isinstance(one, Element) and "panel-wrong" not in str(one.attributes)
    ]
    ids = [
        "panel-verdict",
        "msg-tunnels",
        "router-facts",
        "group-tunnels-0-ike-values",
        "group-tunnels-1-child-values",
    ]
    drawn = [one.text for one in panel.walk() if one.tag in ("text", "desc")]
    return [*(one.text for one in own), *(by_id(root, one).text for one in ids), *drawn]


@settings(
    max_examples=30,
    deadline=None,
    phases=NO_SHRINKING,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_any_way_to_the_same_values_ends_in_the_same_form_and_findings(
    client: Client, cast: Cast, steps: list[tuple[str, Any, Any]]
) -> None:
    with transaction.atomic():
        cast_of(cast.actor, region=SHANGHAI, net="198.51.100")
        page = HtmxPage(client)
        walk(page, steps)
        posted = client.post(f"{CREATE}?save", page.values)
        transaction.set_rollback(True)
    if posted.status_code == 302:
        assert [one for one in page.root.walk() if "finding-error" in one.attributes.get("class", "")] == []
        return
    assert posted.status_code == 422
    at_once = read(posted.content.decode())
    assert compared(page.values) == compared(values_of(wizard_of(at_once)))
    assert said(page.root) == without_missing(said(at_once))
    assert picture(page.root) == picture(at_once)


def test_the_walk_reaches_a_form_that_can_be_saved(client: Client, cast: Cast) -> None:
    """So that neither of the two ends is out of reach of the property above."""
    page = HtmxPage(client)
    walk(
        page,
        [
            ("choose", "cen", 1),
            ("choose", "tunnels-0-customer_gateway", 1),
            ("press", "copy", None),
            ("put", "bgp_enabled", True),
            ("press", "suggest:1", None),
            ("press", "suggest:2", None),
            ("press", "strong", None),
        ],
    )
    assert page.values["tunnels-1-ike_encryption"] == ["aes256"]
    assert client.post(f"{CREATE}?save", page.values).status_code == 422, "a private device, a public type"
    walk(page, [("put", "network_type", "private")])
    assert client.post(f"{CREATE}?save", page.values).status_code == 302
