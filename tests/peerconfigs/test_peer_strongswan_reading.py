"""Reading what people run: swanctl.conf in its own grammar, with what the console has no word for."""

import base64
from textwrap import dedent

import pytest

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from peerconfigs.document import ParseRefused
from peerconfigs.parsed import ChildProposal, IkeProposal, ParsedTunnel
from peerconfigs.registry import parse

WRITTEN_BY_HAND = dedent(
    r"""
    connections { dc {
            version=2   # new device
            local_addrs  =  198.51.100.20
            remote_addrs = 203.0.113.10
            proposals = aes256-sha256-prfsha256-modp2048 , aes128gcm16-x25519, aes-sha-modp1024
            rekey_time = 3h
            over_time = 20m
            dpd_delay = 0
            local-1 { id = @dc.example.com
              auth = psk }
            remote-1 { id = "dns:cloud.example.com" }
            children { lan { local_ts = 10.0.0.0/8, 172.16.0.0/12
                esp_proposals = aes256-sha256, 3des-md5-modp1536-noesn
                life_time = soon
                start_action = trap|start } }
    } }
    connections { dc { aggressive = yes } }
    secrets {
        ike-other { id = elsewhere.example.com
          secret = wrong }
        ike-dc { id-1 = CLOUD.example.com
          secret = "back\\slash \"quoted\" # kept" }
        eap-user { secret = wrong }
    }
    """
)


def read(text: str) -> ParsedTunnel:
    (tunnel,) = parse("strongswan", dedent(text)).tunnels
    return tunnel


def test_a_file_written_by_hand() -> None:
    peer = parse("strongswan", WRITTEN_BY_HAND)
    assert peer.tunnels == (
        ParsedTunnel(
            index=1,
            local_address="198.51.100.20",
            remote_address="203.0.113.10",
            local_id="dc.example.com",
            remote_id="cloud.example.com",
            psk='back\\slash "quoted" # kept',
            version=IkeVersion.IKEV2,
            mode=IkeMode.AGGRESSIVE,
            ike_proposals=(
                IkeProposal(Encryption.AES256, Integrity.SHA256, DhGroup.GROUP14),
                IkeProposal(Encryption.AES128, Integrity.SHA1, DhGroup.GROUP2),
            ),
            ike_lifetime=12000,
            child_proposals=(
                ChildProposal(Encryption.AES256, Integrity.SHA256, Pfs.DISABLED),
                ChildProposal(Encryption.TRIPLE_DES, Integrity.MD5, Pfs.GROUP5),
            ),
            local_selectors=("10.0.0.0/8", "172.16.0.0/12"),
            dpd=False,
            initiates=True,
        ),
    )
    assert [(finding.code, finding.params) for finding in peer.findings] == [
        ("peer_config_algorithm_unknown", {"tunnel": 1, "value": "aes128gcm16-x25519"}),
        ("peer_config_setting_unreadable", {"tunnel": 1, "value": "soon"}),
    ]


def test_what_the_file_does_not_say_is_unknown() -> None:
    assert read("connections { a { } }") == ParsedTunnel(index=1, mode=IkeMode.MAIN)


def test_connections_keep_the_order_of_the_file() -> None:
    peer = parse("strongswan", "connections { b { remote_addrs = 2\n }\n a { remote_addrs = 1\n } }")
    assert [(tunnel.index, tunnel.remote_address) for tunnel in peer.tunnels] == [(1, "2"), (2, "1")]


SECRETS = {
    "bare": ("plain", "plain"),
    "ends at a number sign": ("abc#1", "abc"),
    "hex": ("0x6b6579", "key"),
    "hex, capital": ("0X6b6579", "key"),
    "base64": ("0s" + base64.b64encode(b"key").decode(), "key"),
    "encoded even in quotes": ('"0x6b6579"', "key"),
    "no hex": ("0xzz", None),
    "no text": ("0xff", None),
    "no base64": ("0sa", None),
    "line break": (r'"a\nb"', "a\nb"),
    "line continued": ('"a\\\nb"', "ab"),
    "backslash lost": (r'"back\slash"', "backslash"),
}


@pytest.mark.parametrize(("written", "key"), SECRETS.values(), ids=SECRETS.keys())
def test_a_key_reads_as_the_daemon_reads_it(written: str, key: str | None) -> None:
    text = f"connections {{ a {{ }} }}\nsecrets {{ ike {{ secret = {written}\n }} }}"
    peer = parse("strongswan", text)
    assert peer.tunnels[0].psk == key
    assert [finding.params["value"] for finding in peer.findings] == ([] if key else ["secret"])


def test_the_remote_identity_chooses_the_key_before_the_local_one() -> None:
    tunnel = read(
        """
        connections { a { local { id = dc
          }
          remote { id = cloud
          } } }
        secrets { ike-1 { id = dc
            secret = by-local
          }
          ike-2 { id = cloud
            secret = by-remote
          } }
        """
    )
    assert tunnel.psk == "by-remote"


def test_a_key_of_somebody_else_is_not_taken() -> None:
    assert read("connections { a { } }\nsecrets { ike { id = x\n secret = y\n } }").psk is None


BROKEN = {
    "never closed": ("connections {\n a {\n", "peer_config_file_unreadable", 3),
    "closed too often": ("connections { a { } }\n}\n", "peer_config_file_unreadable", 2),
    "no value": ("connections { a { }\n b\n }", "peer_config_file_unreadable", 3),
    "quote left open": ('connections { a { }\n b = "x\n }', "peer_config_file_unreadable", 3),
    "an include": ("include conf.d/*.conf\n", "peer_config_file_unreadable", 1),
    "a reference": ("connections { a : b { }\n }", "peer_config_file_unreadable", 1),
    "empty": ("", "peer_config_file_foreign", None),
    "another file": ("charon { threads = 16\n }", "peer_config_file_foreign", None),
    "deep": ("a {" * 100_000, "peer_config_file_foreign", None),
}


@pytest.mark.parametrize(("text", "code", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused_with_its_line(text: str, code: str, line: int | None) -> None:
    with pytest.raises(ParseRefused) as refusal:
        parse("strongswan", text)
    (finding,) = refusal.value.findings
    assert (finding.code, finding.params.get("line")) == (code, line)
