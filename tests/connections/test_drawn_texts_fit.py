"""What the drawing of a connection writes into its boxes is as long as the boxes are wide."""

import pytest

from connections.preview.panel import concerning
from connections.preview.topology import NETWORKS_SHOWN, networks_shown, shortened
from ipsec.findings import Finding, Severity


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("", ""),
        ("dc-edge-1", "dc-edge-1"),
        ("eighteen-columns-x", "eighteen-columns-x"),
        ("nineteen-columns-xx", "nineteen-columns-…"),
        ("上海数据中心路由器", "上海数据中心路由器"),
        ("上海数据中心路由器一号", "上海数据中心路由…"),
        ("上海数据中心x号路由器", "上海数据中心x号路…"),
    ],
)
def test_a_name_is_cut_by_the_columns_it_takes(name: str, drawn: str) -> None:
    assert shortened(name) == drawn


@pytest.mark.parametrize(
    ("networks", "drawn"),
    [
        ([], ()),
        ([""], ()),
        (["10.0.0.0/8"], ("10.0.0.0/8",)),
        (["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"], ("10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16")),
        (
            ["192.168.101.0/24", "192.168.102.0/24", "192.168.103.0/24"],
            ("192.168.101.0/24", "192.168.102.0/24", "+1"),
        ),
        (["not a network but a whole sentence"] * 5, ("not a network but…", "not a network but…", "+3")),
    ],
)
def test_as_many_networks_are_drawn_as_fit(networks: list[str], drawn: tuple[str, ...]) -> None:
    assert networks_shown(networks) == drawn
    assert len(" ".join(drawn)) <= NETWORKS_SHOWN


def test_a_tunnel_says_first_what_is_its_own() -> None:
    whole, first, second = (
        Finding(field, "x", Severity.ERROR) for field in ("name", "tunnels.1.peer", "tunnels.2.peer")
    )
    assert concerning([whole, first, second], 2) == [second, whole]
