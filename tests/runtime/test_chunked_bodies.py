"""A body that comes in chunks, without a length, reaches Django whole: asked of a real gunicorn."""

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from processes import environment

LIMIT = 100_000  # as echo_site has it
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
Address = tuple[str, int]


@pytest.fixture(scope="module")
def site() -> Iterator[Address]:
    """The address of gunicorn, with the product's settings, in front of a site that echoes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bind = f"fd://{listener.fileno()}"
        command = (sys.executable, "-m", "gunicorn", "-c", "python:vpnconsole.gunicorn_conf", "-b", bind)
        process = subprocess.Popen(
            (*command, "--pythonpath", str(Path(__file__).parent), "echo_site:application"),
            env=environment(),
            pass_fds=[listener.fileno()],
        )
        with process:
            yield listener.getsockname()
            process.terminate()


def post(site: Address, chunks: list[bytes], headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(*site, timeout=15)) as connection:
        connection.request("POST", "/", iter(chunks), headers or {}, encode_chunked=True)
        answer = connection.getresponse()
        return answer.status, answer.read()


def echoed(site: Address, chunks: list[bytes], headers: dict[str, str] | None = None) -> Any:
    status, body = post(site, chunks, headers)
    assert status == 200
    return json.loads(body)


def test_the_chunks_arrive_as_one_body(site: Address) -> None:
    assert echoed(site, [b"Action=Describe", b"VpnConnections", b"&RegionId=cn-hangzhou"], FORM) == {
        "body": "Action=DescribeVpnConnections&RegionId=cn-hangzhou",
        "form": {"Action": "DescribeVpnConnections", "RegionId": "cn-hangzhou"},
    }


def test_no_chunk_at_all_is_an_empty_body(site: Address) -> None:
    assert echoed(site, [])["body"] == ""


def test_a_body_with_a_length_is_read_as_before(site: Address) -> None:
    with closing(http.client.HTTPConnection(*site, timeout=15)) as connection:
        connection.request("POST", "/", b"a=1&b=2", FORM)
        assert json.loads(connection.getresponse().read())["form"] == {"a": "1", "b": "2"}


def test_a_body_of_the_largest_size_is_taken(site: Address) -> None:
    assert len(echoed(site, [b"x" * (LIMIT // 2)] * 2)["body"]) == LIMIT


def test_one_byte_more_is_refused_with_413(site: Address) -> None:
    status, text = post(site, [b"x" * LIMIT, b"x"])
    assert status == 413
    assert b"too large" in text


def test_a_body_without_end_is_refused_as_soon_as_it_is_too_large(site: Address) -> None:
    with socket.create_connection(site, timeout=15) as connection:
        size = LIMIT + 10_000
        connection.sendall(HEAD + f"{size:x}\r\n".encode() + b"x" * size + b"\r\n")  # and no last chunk
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_malformed_chunks_are_refused_and_nothing_after_them_is_taken_for_a_request(site: Address) -> None:
    with socket.create_connection(site, timeout=15) as connection, connection.makefile("rb") as answers:
        connection.sendall(HEAD + b"zz\r\n")
        assert answers.readline().startswith(b"HTTP/1.1 400")
        with suppress(ConnectionError):
            connection.sendall(b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"HTTP/1.1" not in answers.read()
    assert echoed(site, [b"still here"])["body"] == "still here"


def test_one_connection_carries_chunked_requests_one_after_the_other(site: Address) -> None:
    with closing(http.client.HTTPConnection(*site, timeout=15)) as connection:
        for text in ("first", "second"):
            connection.request("POST", "/", iter([text.encode()]), encode_chunked=True)
            assert json.loads(connection.getresponse().read())["body"] == text
