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
ip address replace 169.254.10.2/30 dev vpn-cb00710a
# Routes come by BGP. Any speaker will do (FRR, BIRD); tell it:
#   own AS 65010, neighbour 169.254.10.1 in AS 45104, from 169.254.10.2,
#   keepalive 10 s, hold time 30 s, no multihop
#   TCP MD5 password: the key registered with the customer gateway

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
ip address replace 169.254.20.1/30 dev vpn-cb00710b
# Routes come by BGP. Any speaker will do (FRR, BIRD); tell it:
#   own AS 65010, neighbour 169.254.20.2 in AS 45104, from 169.254.20.1,
#   keepalive 10 s, hold time 30 s, no multihop
