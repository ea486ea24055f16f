"""The way to a server of this machine: what comes is what ``requests`` would make of it, whatever form it has."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import threading
from collections.abc import Iterator

import pytest
import requests

from fc_magic.client.loopback import LoopbackAdapter
from tests.client.endpoint import Answer, Endpoint, Request, answer, close, silence


def raw(*pieces: bytes, ends: bool = False) -> Answer:
    """Answers with these bytes."""

    def act(connection: socket.socket, request: Request, ended: threading.Event) -> None:
        for piece in pieces:
            connection.sendall(piece)
            ended.wait(0.01)
        if ends:
            connection.close()

    return act


@pytest.fixture
def adapter() -> Iterator[LoopbackAdapter]:
    made = LoopbackAdapter()
    yield made
    made.close()


def ask(
    adapter: LoopbackAdapter, endpoint: Endpoint, method: str = "GET", data: bytes = b"", limit: float = 5
) -> requests.Response:
    request = requests.Request(
        method, f"{endpoint.url}/p?a=b%20c", data=data, headers={"x-own": "1"}
    ).prepare()
    return adapter.send(request, timeout=(5, limit))


@pytest.mark.parametrize(
    ("said", "body", "kept"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"], b"ab", True),
        ([b"HTTP/1.1 200 OK\r\nCon", b"tent-Length: 2\r\n\r", b"\na", b"b"], b"ab", True),
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], b"", True),
        ([b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"], b"", True),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b"", True),
        (
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n",
                b"1\r\nc\r\n0\r\nT: t\r\n\r\n",
            ],
            b"abc",
            True,
        ),
        ([b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na"], b"a", False),
        ([b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"], b"a", False),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabehind"], b"a", False),
    ],
    ids=["whole", "pieces", "continue", "no reason", "204", "chunked", "close", "1.0", "more"],
)
def test_forms_of_answers(adapter: LoopbackAdapter, said: list[bytes], body: bytes, kept: bool) -> None:
    """The body is whole, and the connection is used again only if it can be."""
    with Endpoint([raw(*said), answer(200, b"second")]) as endpoint:
        first = ask(adapter, endpoint)
        assert (first.content, first.status_code // 100) == (body, 2)
        assert ask(adapter, endpoint).content == b"second"
        assert len(endpoint._open) == (1 if kept else 2)
    assert [r.path for r in endpoint.requests] == ["/p?a=b%20c"] * 2


def test_answer_until_the_end(adapter: LoopbackAdapter) -> None:
    """Without a length the body ends with its connection."""
    with Endpoint([raw(b"HTTP/1.1 200 OK\r\n\r\na", b"b", ends=True)]) as endpoint:
        assert ask(adapter, endpoint).content == b"ab"


def test_head_has_no_body(adapter: LoopbackAdapter) -> None:
    """Whatever length its answer names."""
    with Endpoint([raw(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"), answer(200, b"x")]) as endpoint:
        assert ask(adapter, endpoint, "HEAD").content == b""
        assert ask(adapter, endpoint).content == b"x"


def test_headers_of_an_answer(adapter: LoopbackAdapter) -> None:
    """Their names have no case, and repeated ones are one with commas."""
    lines = b"X-A: 1\r\nx-a:2 \r\nContent-Type: text/plain; charset=gbk\r\nContent-Length: 0"
    said = b"HTTP/1.1 404 Not Here\r\n%s\r\n\r\n" % lines
    with Endpoint([raw(said)]) as endpoint:
        found = ask(adapter, endpoint)
    assert (found.status_code, found.reason, found.encoding) == (404, "Not Here", "gbk")
    assert found.headers["X-a"] == "1, 2"


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxy\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-6\r\nabcdefghi\r\n0\r\n\r\n",
    ],
)
def test_no_http(adapter: LoopbackAdapter, said: bytes) -> None:
    """What is no answer is told as a broken connection."""
    with Endpoint([raw(said)]) as endpoint, pytest.raises(requests.ConnectionError):
        ask(adapter, endpoint)


def test_limit(adapter: LoopbackAdapter) -> None:
    """Who says nothing is not waited for longer than was allowed, and is not asked again on that connection."""
    with Endpoint([silence, answer(200, b"x")]) as endpoint:
        with pytest.raises(requests.ReadTimeout):
            ask(adapter, endpoint, limit=0.05)
        assert ask(adapter, endpoint).content == b"x"
        assert len(endpoint._open) == 2


def test_connection_that_was_closed_meanwhile(adapter: LoopbackAdapter) -> None:
    """A kept connection that the other side has closed is not used."""
    with Endpoint(
        [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ends=True), answer(200, b"x")]
    ) as endpoint:
        ask(adapter, endpoint)
        threads = endpoint._threads[1:]
        for thread in threads:
            thread.join(5)
        assert ask(adapter, endpoint).content == b"x"


def test_many_open_files(adapter: LoopbackAdapter) -> None:
    """A kept connection is used again, whatever number its file has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with Endpoint([answer(200, b"x")]) as endpoint, contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1100):
            stack.callback(os.close, os.dup(0))
        for _ in range(3):
            assert ask(adapter, endpoint).content == b"x"
        assert len(endpoint._open) == 1


def test_large_body(adapter: LoopbackAdapter) -> None:
    """It arrives whole, with its length."""
    with Endpoint([answer(200, b"x")]) as endpoint:
        ask(adapter, endpoint, "POST", b"y" * 3_000_000)
    assert endpoint.requests[0].body == b"y" * 3_000_000
    assert endpoint.requests[0].headers["host"] == endpoint.url.removeprefix("http://")


def test_end_of_line_in_a_header(adapter: LoopbackAdapter) -> None:
    """Nobody writes a header of their own through the value of another."""
    with Endpoint([close]) as endpoint:
        request = requests.Request("GET", endpoint.url).prepare()
        request.headers["x"] = "a\r\nInjected: 1"
        with pytest.raises(requests.exceptions.InvalidHeader):
            adapter.send(request, timeout=(5, 5))
    assert endpoint.requests == []
