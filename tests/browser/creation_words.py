"""What the creation page's own buttons and lines are called, in both languages."""

import re
from dataclasses import dataclass

from words import EN, ZH, Words


@dataclass(frozen=True)
class CreationWords:
    copy: str
    suggest: str
    generate: str
    show: str
    strong: str
    weak: str
    strong_key: str
    create_gateway: str
    create_and_choose: str
    address: str
    asn: str
    will_come_up: str
    put_right: str
    draft_kept: re.Pattern[str]
    continue_draft: re.Pattern[str]
    other_page: re.Pattern[str]
    same_block: str
    needs_ikev2: str
    one_device: str
    overlap: str
    topology: str
    tunnel_drawn: re.Pattern[str]
    panel: str
    calls: re.Pattern[str]
    copy_commands: str
    theme: str
    dark: str
    language: str
    other_language: str


OF = {
    ZH.locale: CreationWords(
        copy="将隧道1复制到隧道2",
        suggest="推荐空闲网段",
        generate="生成密钥",
        show="显示",
        strong="两条隧道均使用强加密套件",
        weak="按当前标准强度不足",
        strong_key="密钥强度强。",
        create_gateway="创建用户网关",
        create_and_choose="创建并选用",
        address="IP地址",
        asn="自治系统号",
        will_come_up="两条隧道都可以建立",
        put_right="需要修改",
        draft_kept=re.compile("草稿已于.*保留"),
        continue_draft=re.compile("继续编辑.*的草稿"),
        other_page=re.compile("已保留另一页面.*的草稿"),
        same_block="两条隧道都使用 169.254.90.0/30",
        needs_ikev2="需要IKEv2",
        one_device="两条隧道终结于同一台设备",
        overlap="重叠",
        topology="拓扑",
        tunnel_drawn=re.compile("隧道1.*cn-hangzhou-h.*dc-edge-1.*203.0.113.11"),
        panel="保存后的效果",
        calls=re.compile("相当于4次API调用"),
        copy_commands="复制",
        theme="主题",
        dark="深色",
        language="语言: ",
        other_language="English",
    ),
    EN.locale: CreationWords(
        copy="Copy tunnel 1 to tunnel 2",
        suggest="Suggest a free block",
        generate="Generate a key",
        show="show",
        strong="Use a strong suite on both tunnels",
        weak="Weak by today's standards",
        strong_key="A strong key.",
        create_gateway="Create Customer Gateway",
        create_and_choose="Create and choose it",
        address="IP address",
        asn="Autonomous system number",
        will_come_up="Both tunnels will come up",
        put_right="To put right",
        draft_kept=re.compile("Draft kept"),
        continue_draft=re.compile("Continue your draft of"),
        other_page=re.compile("Another page's draft"),
        same_block="Both tunnels use 169.254.90.0/30",
        needs_ikev2="needs IKEv2",
        one_device="Both tunnels end on one device",
        overlap="overlap",
        topology="Topology",
        tunnel_drawn=re.compile(
            "Tunnel 1 from zone cn-hangzhou-h to customer gateway dc-edge-1 203.0.113.11"
        ),
        panel="What saving will do",
        calls=re.compile("4 API calls stand for this"),
        copy_commands="Copy",
        theme="Theme",
        dark="Dark",
        language="Language: ",
        other_language="简体中文",
    ),
}


def creation(words: Words) -> CreationWords:
    return OF[words.locale]
