"""Requests that are passed on to a custom runtime's program: where one ends and the next begins is never in doubt."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from fc_magic.client.client import Client
from fc_magic.package.bundle import bundle
from tests.conftest import Server, function_file
from tests.server.calls import Answer, send
from tests.server.test_trigger_auth import bearing, config, legacy, short, token

#: answers with the request as it came, head and body; /say answers with the bytes of the body
PROGRAM = b"""#!/usr/bin/env python3
import base64, json, socket, threading


def body_of(stream, head):
    fields = [line.split(b":", 1) for line in head.lower().splitlines()[1:] if b":" in line]
    named = {name: value.strip() for name, value in fields}
    if b"chunked" in named.get(b"transfer-encoding", b""):
        found = b""
        while size := int(stream.readline(), 16):
            found += stream.read(size)
            stream.readline()
        stream.readline()
        return found
    return stream.read(int(named.get(b"content-length", b"0")))


def serve(connection):
    stream = connection.makefile("rwb")
    while True:
        head = b""
        while not head.endswith(b"\\r\\n\\r\\n"):
            line = stream.readline()
            if not line:
                return
            head += line
        body = body_of(stream, head)
        print("asked", head.split()[1].decode())
        if head.split()[1].startswith(b"/say"):
            stream.write(body)
            if body.endswith(b"short"):
                stream.flush()
                return connection.shutdown(socket.SHUT_RDWR)
        else:
            shown = json.dumps([head.decode("latin-1"), body.decode("latin-1")]).encode()
            stream.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(shown), shown))
        stream.flush()


listening = socket.create_server(("0.0.0.0", 9000))
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
"""

TOKEN = "t" * 40
BEARER = {"authType": "bearer", "authConfig": {"tokens": [{"tokenName": "one", "tokenData": TOKEN}]}}
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Passed:
    """A function whose program shows what it was sent."""

    def __init__(self, server: Server, client: Client, function: Any) -> None:
        self.server, self.client, self.function = server, client, function
        self.host = urlsplit(server.url).netloc
        self.name = function.info.name
        self.path = f"/fn/{self.name}"

    def send(self, target: str, method: str = "GET", data: bytes = b"", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return send(self.server.url, method, self.path + target, {"host": self.host, **named}, data)

    def say(self, answer: bytes, method: str = "POST", **headers: str) -> Answer:
        """The program answers with exactly these bytes."""
        return self.send("/say", method, answer, **headers)

    def instances(self, *targets: str) -> set[str]:
        """Which there are, after these requests."""
        for target in targets:
            self.shown(target)
        return {one.instance_id for one in self.client.instances(self.name)}

    def shown(self, target: str = "/", method: str = "GET", data: bytes = b"", **headers: str) -> Shown:
        answer = self.send(target, method, data, **headers)
        assert answer.status == 200, answer.body
        return Shown(*answer.said)

    @contextlib.contextmanager
    def opened(self, target: str, **headers: str) -> Iterator[socket.socket]:
        """A POST whose head was sent."""
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
        head = f"POST {self.path}{target} HTTP/1.1\r\nhost: {self.host}\r\n{''.join(lines)}\r\n"
        name, _, port = self.host.partition(":")
        with socket.create_connection((name, int(port)), timeout=60) as connection:
            connection.sendall(head.encode())
            yield connection

    def chunked(self, target: str, *pieces: bytes, **headers: str) -> Answer:
        with self.opened(target, transfer_encoding="chunked", connection="close", **headers) as connection:
            for piece in (*pieces, b""):
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            return read(connection)


class Shown:
    """A request as the program saw it."""

    def __init__(self, head: str, data: str) -> None:
        self.line, *lines = head.strip().split("\r\n")
        self.fields = [(name.lower(), value.strip()) for name, _, value in (i.partition(":") for i in lines)]
        self.names = {name for name, _ in self.fields}
        self.data = data.encode("latin-1")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]


def read(connection: socket.socket) -> Answer:
    """The one answer of a connection that is closed after it, or has a length."""
    stream = connection.makefile("rb")
    status = int(stream.readline().split()[1])
    headers: dict[str, str] = {}
    while line := stream.readline().strip().decode("latin-1"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Answer(status, headers, stream.read(int(headers["content-length"])))


def packed() -> bytes:
    return bundle({"bootstrap": PROGRAM}, frozenset({"bootstrap"}))


Passing = Callable[..., Passed]


@pytest.fixture
def passing(server: Server, client: Client, request: pytest.FixtureRequest) -> Iterator[Passing]:
    made: list[str] = []

    def make(timeout: int = 20, **trigger: Any) -> Passed:
        name = f"{''.join(c if c.isalnum() else '-' for c in request.node.name)[:50]}-{len(made)}"
        made.append(name)
        fields = {
            "name": name,
            "runtime": "custom.debian12",
            "code": packed(),
            "timeout": timeout,
            "triggers": [{"type": "http", "config": trigger}],
        }
        return Passed(server, client, client.deploy(fields))

    yield make
    for name in made:
        client.delete(name)


# ---------------------------------------------------------------- where a request ends

SMUGGLED = b"x=1\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n"


@pytest.mark.parametrize(
    ("trigger", "headers"),
    [
        ({}, lambda path: {}),
        ({"authType": "function"}, lambda path: legacy(path, [], method="POST")),
        ({"authType": "function"}, lambda path: short(path, method="POST")),
        (config(), lambda path: bearing(token())),
        (config(lookup="header:Authorization:Bearer,form:t"), lambda path: bearing(token())),
        (BEARER, lambda path: {"authorization": f"Bearer {TOKEN}"}),
    ],
    ids=["anonymous", "function-fc", "function-acs3", "jwt", "jwt-form", "bearer"],
)
def test_chunked_body_has_an_end(
    passing: Passing, trigger: dict[str, Any], headers: Callable[[str], dict[str, str]]
) -> None:
    """Whoever may call, the program is told of a chunked body where it ends, in one way."""
    one = passing(**trigger)
    said = {k: v for k, v in headers(f"{one.path}/a").items() if k != "host"}
    answer = one.chunked("/a", SMUGGLED[:5], SMUGGLED[5:], **said)
    assert answer.status == 200, answer.body
    shown = Shown(*answer.said)
    assert shown.data == SMUGGLED
    framing = [*shown.all("content-length"), *shown.all("transfer-encoding")]
    assert framing in ([str(len(SMUGGLED))], ["chunked"])


def test_form_with_a_token_has_an_end(passing: Passing) -> None:
    """A chunked form that was read for its token has its length."""
    one = passing(**config(lookup="form:t"))
    form = urlencode({"a": "1", "t": token()}).encode()
    shown = Shown(*one.chunked("/", form[:9], form[9:], **FORM).said)
    assert (shown.all("content-length"), shown.all("transfer-encoding")) == ([str(len(form))], [])
    assert shown.data == form


def test_body_of_known_length(passing: Passing) -> None:
    """A body has the one length it came with, small or large; a GET without one has none."""
    one = passing()
    for size in (0, 5, 200_000):
        shown = one.shown("/", "POST", b"x" * size)
        assert (shown.all("content-length"), shown.all("transfer-encoding")) == ([str(size)], [])
        assert len(shown.data) == size
    assert not one.shown("/").names & {"content-length", "transfer-encoding"}


# ---------------------------------------------------------------- what comes back


@pytest.mark.parametrize("status", ["000", "099", "600", "999"])
def test_status_that_is_none(passing: Passing, status: str) -> None:
    """A status that HTTP does not have is a bad answer, in the log too; the instance goes on."""
    one = passing()
    answer = one.say(f"HTTP/1.1 {status} Odd\r\nContent-Length: 0\r\n\r\n".encode())
    assert (answer.status, answer.code) == (502, "BadResponse")
    assert one.client.logs(one.name, 1).requests[0].error_type == "BadResponse"
    assert one.instances() == one.instances("/")


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize(
    "rest",
    [b"Content-Length: 5\r\n\r\n", b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n"],
)
def test_answer_without_a_body(passing: Passing, status: int, rest: bytes) -> None:
    """204 and 304 have no body, whatever their headers say, and what follows is no answer to the next request."""
    one = passing()
    answer = one.say(b"HTTP/1.1 %d Done\r\nX-Own: yes\r\n%s" % (status, rest))
    assert (answer.status, answer.body, answer.headers["x-own"]) == (status, b"", "yes")
    assert not {"content-length", "transfer-encoding"} & set(answer.headers)
    assert one.shown("/next").line.startswith("GET /next ")
    assert not [call.error_type for call in one.client.logs(one.name).requests if call.error_type]


def test_trailers_are_no_headers(passing: Passing) -> None:
    """What comes after a chunked body is not among the headers, however the pieces arrive."""
    one = passing()
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Own: yes\r\n\r\n"
    answer = one.say(head + b"2\r\nok\r\n0\r\nX-Late: 1\r\nSet-Cookie: late=1\r\n\r\n")
    assert (answer.body, answer.headers["x-own"]) == (b"ok", "yes")
    assert not {"x-late", "set-cookie"} & set(answer.headers)


# ---------------------------------------------------------------- bodies that do not come


@pytest.mark.parametrize("framing", [{"content_length": "100000"}, {"transfer_encoding": "chunked"}])
def test_body_that_stops(passing: Passing, framing: dict[str, str]) -> None:
    """Whoever stops in the middle of a body is told so before the function's time-out, and the instance goes on."""
    one = passing(timeout=2)
    before = one.instances("/")
    with one.opened("/", **framing) as connection:
        connection.sendall(b"5\r\nhello\r\n")
        answer = read(connection)
    assert (answer.status, answer.code) == (408, "RequestTimeout")
    assert one.client.logs(one.name, 1).requests[0].error_type == "RequestTimeout"
    assert one.instances("/") == before


def test_body_that_takes_its_time(passing: Passing) -> None:
    """A body that comes in pieces, each in time, arrives."""
    one = passing()
    pieces = [b"x" * 40_000] * 3
    assert Shown(*one.chunked("/", *pieces).said).data == b"".join(pieces)


# ---------------------------------------------------------------- a function that changes meanwhile


@pytest.mark.parametrize("to_event", [True, False])
def test_runtime_that_changes_while_a_body_comes(passing: Passing, to_event: bool) -> None:
    """Who answers is decided once the body is there, by what the function is then."""
    one = passing()
    event = {"name": one.name, "code": function_file("echo"), "triggers": [{"type": "http"}]}
    program = {**event, "runtime": "custom.debian12", "code": packed()}
    before, after = (program, event) if to_event else (event, program)
    one.client.deploy(before)
    with one.opened("/a", content_length="5", connection="close") as connection:
        connection.sendall(b"he")
        one.client.deploy(after)
        connection.sendall(b"llo")
        answer = read(connection)
    assert answer.status == 200, answer.body
    if to_event:
        assert (answer.said["rawPath"], answer.said["body"]) == ("/a", "hello")
    else:
        shown = Shown(*answer.said)
        assert (shown.line, shown.data) == ("POST /a HTTP/1.1", b"hello")


# ---------------------------------------------------------------- headers of one hop, and the log


def test_header_of_one_hop(passing: Passing) -> None:
    """What Connection names is not passed on, but for what a request needs and for what the trigger has set."""
    one = passing(**config(claimPassBy="header:sub:X-Sub"))
    headers = {
        **bearing(token()),
        "connection": "keep-alive, X-Hop, x-sub, Host, x-fc-control-path",
        "X_Hop": "1",
        "x_sub": "ada",
        "x_own": "yes",
    }
    shown = one.shown("/", "POST", b"hello", **headers)
    assert (shown.all("x-own"), shown.all("x-sub"), shown.data) == (["yes"], ["ada"], b"hello")
    assert (shown.all("host"), shown.all("x-fc-control-path")) == ([one.host], ["/http-invoke"])
    assert not {"x-hop", "connection"} & shown.names


def test_log_with_the_answer(passing: Passing) -> None:
    """Who asks for the log gets its end with an answer of known length, and not with one that is streamed."""
    one = passing()
    answer = one.send("/logged", x_fc_log_type="Tail")
    log = base64.b64decode(answer.headers["x-fc-log-result"]).decode()
    assert "asked /logged\n" in log
    assert f"FC Invoke End RequestId: {answer.headers['x-fc-request-id']}" in log
    assert answer.said[0].startswith("GET /logged ")
    assert "x-fc-log-result" not in one.send("/").headers
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    streamed = one.say(chunks, x_fc_log_type="Tail")
    assert (streamed.body, "x-fc-log-result" in streamed.headers) == (b"ok", False)
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 3_000_000
    assert len(one.say(large, x_fc_log_type="Tail").body) == 3_000_000
    with pytest.raises(http.client.IncompleteRead):
        one.say(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", connection="close", x_fc_log_type="Tail"
        )
