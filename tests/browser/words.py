"""What stands on the pages, in both languages: what the tests go by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    locale: str
    username: str
    password: str
    sign_in: str
    bind_cen: str
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


ZH = Words(
    locale="zh-CN",
    username="用户名",
    password="密码",
    sign_in="登录",
    bind_cen="绑定云企业网",
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
)

EN = Words(
    locale="en-US",
    username="Username",
    password="Password",
    sign_in="Sign in",
    bind_cen="Bind CEN",
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
)

BOTH = [ZH, EN]
