#!/bin/sh
# Tunnel devices and routes for IPsec connection hz-to-vpc.
# Run as root, now and at every boot; running it again changes nothing.
# The firewall must let through, in both directions: UDP 500, UDP 4500 and IP protocol 50 (ESP)
#   between 198.51.100.20 and 203.0.113.10
#   between 198.51.100.20 and 203.0.113.11
set -eu
sysctl -q -w net.ipv4.ip_forward=1

# Tunnel 1, to 203.0.113.10
ip link show dev vpn-cb00710a >/dev/null 2>&1 ||
    ip link add vpn-cb00710a type xfrm dev eth0 if_id 0xcb00710a
# 1400 is safe with every suite. With this one and 1500 outside, at most 1438 (TCP segment
# 1398); behind a NAT router 1422 (1382).
ip link set dev vpn-cb00710a mtu 1400 up
# replies may come back by the other tunnel
sysctl -q -w net.ipv4.conf.vpn-cb00710a.rp_filter=2
iptables -t mangle -C FORWARD -o vpn-cb00710a -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360 2>/dev/null ||
    iptables -t mangle -A FORWARD -o vpn-cb00710a -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360
# The device stays up when the tunnel fails: something must watch it and withdraw the routes.
ip route replace 10.1.0.0/16 dev vpn-cb00710a metric 100

# Tunnel 2, to 203.0.113.11
ip link show dev vpn-cb00710b >/dev/null 2>&1 ||
    ip link add vpn-cb00710b type xfrm dev eth0 if_id 0xcb00710b
# 1400 is safe with every suite. With this one and 1500 outside, at most 1438 (TCP segment
# 1398); behind a NAT router 1422 (1382).
ip link set dev vpn-cb00710b mtu 1400 up
# replies may come back by the other tunnel
sysctl -q -w net.ipv4.conf.vpn-cb00710b.rp_filter=2
iptables -t mangle -C FORWARD -o vpn-cb00710b -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360 2>/dev/null ||
    iptables -t mangle -A FORWARD -o vpn-cb00710b -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360
# The device stays up when the tunnel fails: something must watch it and withdraw the routes.
ip route replace 10.1.0.0/16 dev vpn-cb00710b metric 200
