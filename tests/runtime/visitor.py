"""A person's browser, as far as forms go: cookies, tokens, posts."""

import re
import urllib.parse
import urllib.request
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from http.cookiejar import CookieJar

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FORM_TOKEN = re.compile(r'name="client_token" value="([^"]+)"')
TUNNEL = {
    "psk": "",
    "ike_version": "ikev2",
    "ike_mode": "main",
    "ike_encryption": "aes",
    "ike_integrity": "sha1",
    "ike_dh_group": "group2",
    "ike_lifetime": "86400",
    "child_encryption": "aes",
    "child_integrity": "sha1",
    "child_pfs": "group2",
    "child_lifetime": "86400",
    "dpd": "on",
    "nat_traversal": "on",
}


class Visitor:
    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def again(self) -> "Visitor":
        """The same person at another machine, for a thread of its own."""
        other = Visitor(int(self.root.rpartition(":")[2]))
        for cookie in self.cookies:
            other.cookies.set_cookie(cookie)
        return other

    def get(self, path: str) -> str:
        with self.opener.open(self.root + path, timeout=30) as answer:
            return str(answer.read().decode())

    def post(self, path: str, page: str, **fields: str) -> str:
        """Posts `fields` with the token of `page`; the address that it ends at."""
        token = TOKEN.findall(page)[0]
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        request = urllib.request.Request(self.root + path, data, {"Referer": self.root + path})
        with self.opener.open(request, timeout=60) as answer:
            return str(answer.geturl())

    def post_alone(self, path: str, page: str) -> int:
        """As `post`, without looking at the page that it leads to."""
        connection = HTTPConnection("127.0.0.1", int(self.root.rpartition(":")[2]), timeout=60)
        with closing(connection):
            fields = urllib.parse.urlencode({"csrfmiddlewaretoken": TOKEN.findall(page)[0]})
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
            connection.request("POST", path, fields, headers)
            status = connection.getresponse().status
        if status >= 400:
            raise HTTPException(f"{path}: {status}")
        return status

    def sign_in(self, password: str) -> None:
        ended = self.post("/signin/", self.get("/signin/"), username="demo", password=password)
        assert not ended.endswith("/signin/"), ended

    def create_connection(self, name: str) -> str:
        """One that comes up, over the demo's two devices; its id."""
        page = self.get("/connections/new/?region=cn-hangzhou")
        gateways = [re.search(rf'value="(cgw-\w+)"[^>]*>{one}', page) for one in ("dc-edge-1", "dc-edge-2")]
        cen = re.search(r'value="(cen-\w+)"[^>]*>headquarters', page)
        assert cen, page
        assert all(gateways), page
        fields = {
            "client_token": FORM_TOKEN.findall(page)[0],
            "name": name,
            "region": "cn-hangzhou",
            "network_type": "public",
            "binding": "own",
            "cen": cen[1],
            "routing_mode": "destination",
            "effect_immediately": "yes",
            "associate": "on",
            "propagate": "on",
        }
        for number, gateway in enumerate(gateways):
            fields |= {f"tunnels-{number}-{key}": value for key, value in TUNNEL.items()}
            fields[f"tunnels-{number}-customer_gateway"] = gateway[1] if gateway else ""
        ended = self.post("/connections/new/", page, **fields)
        made = re.search(r"/(vco-\w+)/$", ended)
        assert made, ended
        return made[1]

    def edit_tunnel(self, connection: str, index: int, **values: str) -> None:
        """Save a tunnel's edit page with these fields changed and all others as a new tunnel has them."""
        path = f"/connections/{connection}/tunnels/{index}/edit/"
        page = self.get(path)
        gateway = re.search(r'value="(cgw-\w+)" selected', page)
        seen = re.search(r'name="seen" value="([^"]+)"', page)
        assert gateway, page
        assert seen, page
        own = {**TUNNEL, "customer_gateway": gateway[1], "tunnel_cidr": "", "local_bgp_ip": "", **values}
        fields = {f"tunnels-{index - 1}-{name}": value for name, value in own.items()}
        token = FORM_TOKEN.findall(page)[0]
        ended = self.post(path, page, client_token=token, seen=seen[1], **fields)
        assert ended.endswith(f"/connections/{connection}/"), ended
