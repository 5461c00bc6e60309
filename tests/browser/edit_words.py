"""What the edit pages' own lines are called, in both languages."""

from dataclasses import dataclass

from words import EN, ZH, Words


@dataclass(frozen=True)
class EditWords:
    edit: str
    bgp_on: str
    nothing: str
    phase_2_anew: str
    renegotiation: str
    bgp_begins: str
    preview: str
    changed_too: str
    meanwhile: str
    normal: str
    applied: str
    rotate: str
    new_key: str
    use_key: str


OF = {
    ZH.locale: EditWords(
        edit="编辑",
        bgp_on="为该隧道启用BGP",
        nothing="无影响",
        phase_2_anew="更新密钥：重建第二阶段",
        renegotiation="重新协商，流量中断",
        bgp_begins="BGP会话开始建立",
        preview="查看保存后的效果",
        changed_too="本地网关设备也必须修改",
        meanwhile="您打开本页面后，他人修改了该配置",
        normal="正常",
        applied="修改已保存，正在生效。",
        rotate="轮换预共享密钥",
        new_key="生成新密钥",
        use_key="立即启用新密钥",
    ),
    EN.locale: EditWords(
        edit="Edit",
        bgp_on="BGP on this tunnel",
        nothing="Nothing",
        phase_2_anew="Rekey: phase 2 anew",
        renegotiation="Renegotiation, with an interruption",
        bgp_begins="BGP session begins",
        preview="Show what saving will do",
        changed_too="The device has to be changed too.",
        meanwhile="Somebody else has changed this since you opened the page",
        normal="Normal",
        applied="The changes are saved and are being applied.",
        rotate="Rotate the pre-shared key",
        new_key="Generate a new key",
        use_key="Use the new key now",
    ),
}


def editing(words: Words) -> EditWords:
    return OF[words.locale]
