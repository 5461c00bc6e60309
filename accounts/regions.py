"""Regions and their zones (console chapter 10). Fixed facts, so code and not rows."""

from dataclasses import dataclass

from django.utils.translation import get_language

from ipsec.findings import Finding


def _in_chinese() -> bool:
    return (get_language() or "en").startswith("zh")


@dataclass(frozen=True, slots=True)
class Region:
    """`zones` are letters; where none is documented the region is taken to have one zone, `a`."""

    id: str
    zh: str
    en: str
    zones: str = "a"

    @property
    def name(self) -> str:
        return self.zh if _in_chinese() else self.en

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """`cn-hangzhou-h` in China, `me-east-1a` elsewhere."""
        joint = "-" if self.id.startswith("cn-") else ""
        return tuple(f"{self.id}{joint}{letter}" for letter in self.zones)


REGIONS: tuple[Region, ...] = (
    Region("cn-hangzhou", "华东1（杭州）", "China (Hangzhou)", "hijkg"),
    Region("cn-shanghai", "华东2（上海）", "China (Shanghai)", "lmnkbdefg"),
    Region("cn-nanjing", "华东5（南京-本地地域）", "China (Nanjing - Local Region)", "a"),
    Region("cn-wuhan-lr", "华中1（武汉-本地地域）", "China (Wuhan - Local Region)"),
    Region("cn-qingdao", "华北1（青岛）", "China (Qingdao)", "bc"),
    Region("cn-beijing", "华北2（北京）", "China (Beijing)", "fehgacjilk"),
    Region("cn-zhangjiakou", "华北3（张家口）", "China (Zhangjiakou)", "abc"),
    Region("cn-huhehaote", "华北5（呼和浩特）", "China (Hohhot)", "ab"),
    Region("cn-wulanchabu", "华北6（乌兰察布）", "China (Ulanqab)", "abc"),
    Region("cn-shenzhen", "华南1（深圳）", "China (Shenzhen)", "aedf"),
    Region("cn-heyuan", "华南2（河源）", "China (Heyuan)", "ab"),
    Region("cn-guangzhou", "华南3（广州）", "China (Guangzhou)", "ab"),
    Region("cn-chengdu", "西南1（成都）", "China (Chengdu)"),
    Region("cn-zhongwei", "西北2（中卫）", "China (Zhongwei)"),
    Region("cn-hongkong", "中国香港", "China (Hong Kong)"),
    Region("ap-northeast-1", "日本（东京）", "Japan (Tokyo)"),
    Region("ap-northeast-2", "韩国（首尔）", "South Korea (Seoul)"),
    Region("ap-southeast-1", "新加坡", "Singapore"),
    Region("ap-southeast-3", "马来西亚（吉隆坡）", "Malaysia (Kuala Lumpur)"),
    Region("ap-southeast-8", "马来西亚（柔佛）", "Malaysia (Johor)"),
    Region("ap-southeast-5", "印度尼西亚（雅加达）", "Indonesia (Jakarta)"),
    Region("ap-southeast-6", "菲律宾（马尼拉）", "Philippines (Manila)"),
    Region("ap-southeast-7", "泰国（曼谷）", "Thailand (Bangkok)"),
    Region("eu-central-1", "德国（法兰克福）", "Germany (Frankfurt)", "bc"),
    Region("eu-west-1", "英国（伦敦）", "UK (London)"),
    Region("us-east-1", "美国（弗吉尼亚）", "US (Virginia)"),
    Region("us-west-1", "美国（硅谷）", "US (Silicon Valley)"),
    Region("na-south-1", "墨西哥", "Mexico"),
    Region("me-east-1", "阿联酋（迪拜）", "UAE (Dubai)"),
    Region("me-central-1", "沙特（利雅得）", "SAU (Riyadh - Partner Region)"),
)
BY_ID: dict[str, Region] = {region.id: region for region in REGIONS}


def check_region(region_id: str) -> list[Finding]:
    """Of an id that is not among them only the beginning is said again."""
    if region_id in BY_ID:
        return []
    return [Finding("region", "region_unknown", params={"region": region_id[:40]})]


def name_of(region_id: str) -> str:
    """The id itself of a region that is not among them any more."""
    return BY_ID[region_id].name if region_id in BY_ID else region_id


DEFAULT_REGION = REGIONS[0]


def choices() -> list[tuple[str, str]]:
    """For a select, in the active language."""
    chinese = _in_chinese()
    return [(region.id, region.zh if chinese else region.en) for region in REGIONS]


def tunnel_zones(region_id: str) -> tuple[str, str]:
    """The zones of tunnels 1 and 2: two where the region has two, the same one otherwise."""
    zones = BY_ID[region_id].zone_ids
    return zones[0], zones[1] if len(zones) > 1 else zones[0]
