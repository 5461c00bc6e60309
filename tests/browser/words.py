"""What stands on the pages, in both languages: what the tests go by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    locale: str
    username: str
    password: str
    sign_in: str
    bind_cen: str
    discard: str
    name: str
    region: str
    resource_group: str
    gateway_type: str
    public: str
    private: str
    binding: str
    own: str
    cross: str
    cen: str
    routing_mode: str
    destination: str
    policy: str
    local_network: str
    remote_network: str
    effect: str
    yes: str
    no: str
    enable_bgp: str
    local_asn: str
    tunnels: tuple[str, str]
    customer_gateway: str
    psk: str
    ike: str
    ipsec: str
    bgp: str
    version: str
    mode: str
    encryption: str
    integrity: str
    dh_group: str
    lifetime: str
    nat_traversal: str
    tunnel_cidr: str
    local_bgp_ip: str
    auto_publish: str
    associate: str
    propagate: str
    ok: str
    cancel: str
    phase_2_up: str
    phase_2_failed: str
    generate: str
    dialog: str
    download: str
    show_keys: str
    reveal: str
    delete: str
    unbind: str
    routes: str
    add_row: str
    create_gateway: str
    basic: str
    advanced: str
    a_minute_a_second: str
    a_day_a_second: str
    both_ends: str
    break_device: str
    repair: str
    sound: str
    with_a_flaw: str
    will_not_come_up: str
    set_device: str
    set_ours: str
    differs_fatally: str
    faults: dict[str, tuple[str, str]]
    """Title of each classic fault, and of the cause that it plays to."""


ZH = Words(
    locale="zh-CN",
    username="用户名",
    password="密码",
    sign_in="登录",
    bind_cen="绑定云企业网",
    discard="丢弃",
    name="IPsec连接名称",
    region="地域",
    resource_group="资源组筛选",
    gateway_type="网关类型",
    public="公网",
    private="私网",
    binding="绑定云企业网",
    own="本账号绑定",
    cross="跨账号绑定",
    cen="云企业网实例ID",
    routing_mode="路由模式",
    destination="目的路由模式",
    policy="感兴趣流模式",
    local_network="本端网段",
    remote_network="对端网段",
    effect="立即生效",
    yes="是",
    no="否",
    enable_bgp="启用BGP",
    local_asn="本端自治系统号",
    tunnels=("隧道1", "隧道2"),
    customer_gateway="用户网关",
    psk="预共享密钥",
    ike="加密配置:IKE配置",
    ipsec="加密配置:IPsec配置",
    bgp="BGP配置",
    version="版本",
    mode="协商模式",
    encryption="加密算法",
    integrity="认证算法",
    dh_group="DH分组",
    lifetime="SA生存周期(秒)",
    nat_traversal="NAT穿越",
    tunnel_cidr="隧道网段",
    local_bgp_ip="本端BGP地址",
    auto_publish="自动发布路由",
    associate="自动关联至转发路由器的默认路由表",
    propagate="自动传播系统路由至转发路由器的默认路由表",
    ok="确定",
    cancel="取消",
    phase_2_up="第二阶段协商成功",
    phase_2_failed="第二阶段协商失败",
    generate="生成对端配置",
    dialog="IPsec连接配置",
    download="下载",
    show_keys="显示密钥",
    reveal="查看",
    delete="删除",
    unbind="解绑",
    routes="路由",
    add_row="添加",
    create_gateway="创建用户网关",
    basic="基本配置",
    advanced="高级配置",
    a_minute_a_second="每秒一分钟",
    a_day_a_second="每秒一天",
    both_ends="两端配置对照",
    break_device="制造故障",
    repair="修复",
    sound="模拟对端：与生成的对端配置一致",
    with_a_flaw="可以建立，但有隐患",
    will_not_come_up="无法建立",
    set_device="设备改为云端的值",
    set_ours="云端改为设备的值",
    differs_fatally="不一致：立即失败",
    faults={
        "ike-encryption": ("第一阶段加密算法不一致", "加密算法不匹配"),
        "ike-authentication": ("第一阶段认证算法不一致", "认证算法不匹配"),
        "ike-dh-group": ("第一阶段DH分组不一致", "DH分组不匹配"),
        "ike-suite": ("第一阶段算法全部不一致", "算法不匹配"),
        "ike-lifetime": ("严格匹配生存周期", "生存周期不匹配"),
        "ike-version": ("IKE版本不一致", "IKE版本不匹配"),
        "ike-mode": ("协商模式不一致", "协商模式不匹配"),
        "psk": ("预共享密钥不一致", "预共享密钥不匹配"),
        "device-id": ("设备以私网地址作为标识", "对端标识不匹配"),
        "child-encryption": ("第二阶段加密算法不一致", "加密算法不匹配"),
        "pfs": ("PFS不一致", "PFS不匹配"),
        "networks": ("网段没有交集", "感兴趣流不匹配"),
        "strict-networks": ("严格匹配网段", "感兴趣流不匹配"),
        "nat": ("NAT未做端口转发", "第一阶段协商超时"),
        "udp-500": ("UDP 500被过滤", "第一阶段协商超时"),
        "udp-4500": ("NAT环境下UDP 4500被过滤", "第一阶段协商超时"),
        "powered-off": ("设备已关机", "第一阶段协商超时"),
        "not-configured": ("设备尚未配置", "对端未配置"),
        "bgp-asn": ("BGP：自治系统号错误", "BGP协商异常"),
        "bgp-address": ("BGP：地址错误", "BGP协商异常"),
        "bgp-key": ("BGP：认证密钥不一致", "BGP协商异常"),
        "nat-traversal": ("NAT后的设备未开启NAT穿越", "普通 ESP 不能"),
        "esp-filtered": ("ESP被过滤", "丢弃 ESP"),
        "mtu": ("大报文在途中丢失", "报文超过路径 MTU"),
    },
)

EN = Words(
    locale="en-US",
    username="Username",
    password="Password",
    sign_in="Sign in",
    bind_cen="Bind CEN",
    discard="discard",
    name="Name",
    region="Region",
    resource_group="Resource Group",
    gateway_type="Gateway Type",
    public="Public",
    private="Private",
    binding="Bind CEN",
    own="Current Account",
    cross="Cross Account",
    cen="CEN Instance ID",
    routing_mode="Routing Mode",
    destination="Destination Routing Mode",
    policy="Protected Data Flows",
    local_network="Local Network",
    remote_network="Remote Network",
    effect="Effective Immediately",
    yes="Yes",
    no="No",
    enable_bgp="Enable BGP",
    local_asn="Local ASN",
    tunnels=("Tunnel 1", "Tunnel 2"),
    customer_gateway="Customer Gateway",
    psk="Pre-Shared Key",
    ike="Encryption Configuration: IKE Configurations",
    ipsec="Encryption Configuration: IPsec Configurations",
    bgp="BGP Configuration",
    version="Version",
    mode="Negotiation Mode",
    encryption="Encryption Algorithm",
    integrity="Authentication Algorithm",
    dh_group="DH Group",
    lifetime="SA Life Cycle (seconds)",
    nat_traversal="NAT Traversal",
    tunnel_cidr="Tunnel CIDR Block",
    local_bgp_ip="Local BGP IP address",
    auto_publish="Automatically Advertise Routes",
    associate="Automatically Associate with the Default Route Table of the Transit Router",
    propagate="Automatically Propagate System Routes to the Default Route Table of the Transit Router",
    ok="OK",
    cancel="Cancel",
    phase_2_up="Phase 2 negotiations succeeded",
    phase_2_failed="Phase 2 negotiations failed",
    generate="Generate Peer Configuration",
    dialog="IPsec Connection Configuration",
    download="Download",
    show_keys="Show the keys",
    reveal="View",
    delete="Delete",
    unbind="Unbind",
    routes="Routes",
    add_row="Add",
    create_gateway="Create Customer Gateway",
    basic="IPsec Settings",
    advanced="Advanced Settings",
    a_minute_a_second="One minute a second",
    a_day_a_second="One day a second",
    both_ends="Both ends side by side",
    break_device="Break",
    repair="Repair",
    sound="simulated peer: mirrors the generated file",
    with_a_flaw="Comes up, with a flaw",
    will_not_come_up="Will not come up",
    set_device="Set the device to ours",
    set_ours="Set ours to the device's",
    differs_fatally="Differs: fatal now",
    faults={
        "ike-encryption": ("Phase 1 encryption differs", "Encryption algorithm mismatch"),
        "ike-authentication": ("Phase 1 authentication differs", "Authentication algorithm mismatch"),
        "ike-dh-group": ("Phase 1 DH group differs", "DH group mismatch"),
        "ike-suite": ("All phase 1 algorithms differ", "Algorithm mismatch"),
        "ike-lifetime": ("Strict about the life cycle", "SA life cycle mismatch"),
        "ike-version": ("IKE version differs", "IKE version mismatch"),
        "ike-mode": ("Negotiation mode differs", "Negotiation mode mismatch"),
        "psk": ("Pre-shared key differs", "Pre-shared key mismatch"),
        "device-id": ("Device calls itself by its private address", "Peer identifier mismatch"),
        "child-encryption": ("Phase 2 encryption differs", "Encryption algorithm mismatch"),
        "pfs": ("PFS differs", "PFS mismatch"),
        "networks": ("Networks do not meet", "Protected data flow mismatch"),
        "strict-networks": ("Strict about networks", "Protected data flow mismatch"),
        "nat": ("NAT without forwarding", "Phase 1 negotiation timed out"),
        "udp-500": ("UDP 500 filtered", "Phase 1 negotiation timed out"),
        "udp-4500": ("UDP 4500 filtered behind a NAT", "Phase 1 negotiation timed out"),
        "powered-off": ("Device powered off", "Phase 1 negotiation timed out"),
        "not-configured": ("Device not configured yet", "Device not configured"),
        "bgp-asn": ("BGP: wrong AS number", "BGP session down"),
        "bgp-address": ("BGP: wrong address", "BGP session down"),
        "bgp-key": ("BGP: authentication key differs", "BGP session down"),
        "nat-traversal": ("NAT traversal off behind a NAT", "plain ESP does not"),
        "esp-filtered": ("ESP filtered", "drops ESP"),
        "mtu": ("Large packets lost on the way", "too big for the way"),
    },
)

BOTH = [ZH, EN]
