"""The creation page in Chinese: every label to the letter of the console's own."""

import pytest
from connection_cast import CREATE, Form, created, page_of
from django.test import Client
from page_reader import Element, controls, read

pytestmark = pytest.mark.django_db

IKE, CHILD, BGP = "加密配置:IKE配置", "加密配置:IPsec配置", "BGP配置"
OF_A_TUNNEL = {
    (): ["用户网关", "预共享密钥"],
    (IKE,): ["版本", "协商模式", "加密算法", "认证算法", "DH分组", "SA生存周期(秒)", "LocalId", "RemoteId"],
    (CHILD,): ["加密算法", "认证算法", "DH分组", "SA生存周期(秒)", "DPD", "NAT穿越"],
    (BGP,): ["隧道网段", "本端BGP地址"],
}
LABELS = {
    ("基本配置",): ["IPsec连接名称", "地域", "资源组筛选", "云企业网实例ID", "本端网段", "对端网段"],
    ("基本配置", "网关类型"): ["公网", "私网"],
    ("基本配置", "绑定云企业网"): ["本账号绑定", "跨账号绑定"],
    ("基本配置", "路由模式"): ["目的路由模式", "感兴趣流模式"],
    ("基本配置", "立即生效"): ["是", "否"],
    (): ["启用BGP", "本端自治系统号"],
    **{("隧道1", *groups): labels for groups, labels in OF_A_TUNNEL.items()},
    **{("隧道2", *groups): labels for groups, labels in OF_A_TUNNEL.items()},
    ("高级配置",): [
        "自动发布路由",
        "自动关联至转发路由器的默认路由表",
        "自动传播系统路由至转发路由器的默认路由表",
    ],
}


@pytest.fixture
def client(client: Client) -> Client:
    """Ana's browser, in Chinese."""
    client.cookies["django_language"] = "zh-hans"
    return client


def page(client: Client, url: str) -> Element:
    return read(client.get(url).content.decode())


def test_every_label_in_its_group(client: Client) -> None:
    found: dict[tuple[str, ...], list[str]] = {}
    for one in controls(page(client, CREATE)):
        found.setdefault(one.groups, []).append(one.label)
    assert found == LABELS


def test_title_sections_and_buttons(client: Client) -> None:
    tree = page(client, CREATE)
    texts = {element.text for element in tree.walk() if element.tag in ("h1", "h2", "button", "a", "dt")}
    assert {"创建IPsec连接(CEN)", "隧道配置", "确定", "取消", "转发路由器实例ID", "转发路由器地址段"} <= texts


def test_the_list_and_the_connection(client: Client, form: Form) -> None:
    connection = created(client, form.bgp())
    listed = {element.text for element in page(client, "/connections/").walk()}
    assert {"IPsec连接", "绑定云企业网", "生成对端配置", "删除"} <= listed
    detail = {element.text for element in page(client, page_of(connection)).walk()}
    assert {
        "Tunnel",
        "隧道1",
        "隧道2",
        "网关IP",
        "预共享密钥",
        "隧道网段",
        "本端BGP地址",
        "连接状态",
        "用户网关",
        "状态",
    } <= detail
    dialog = {element.text for element in page(client, page_of(connection, "peer-configuration")).walk()}
    assert "IPsec连接配置" in dialog


def test_what_is_refused_is_said_in_chinese(client: Client, form: Form) -> None:
    response = client.post(CREATE, form.set(name="http://x").tunnel(2, psk="a b").data)
    assert [error.label for error in response.context["findings"]] == ["IPsec连接名称", "隧道2 · 预共享密钥"]
    assert all("不能" in error.message for error in response.context["findings"])
