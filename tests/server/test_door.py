"""What is turned away before anything is done: foreign hosts, large heads and bodies, calls that are none."""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fc_magic.wire.runtimes import CUSTOM, KNOWN, NODE, PYTHON
from fc_magic.wire.spec import ORDER
from tests.conftest import Server, body, function_file, serving
from tests.server.calls import DEPLOYMENTS, FUNCTIONS, Answer, Caller, date, send

MB = 1 << 20
HEALTH = "/-/health"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of these tests: whatever they throw at it, it must not have failed at the end."""
    with serving(tmp_path_factory.mktemp("door")) as running:
        yield running
        assert running.stop() == 0
    assert "Traceback" not in "".join(running.output)


@pytest.fixture
def caller(door: Server) -> Iterator[Caller]:
    made = Caller(door.url)
    yield made
    for name in made.names():
        made.delete(name)


def address(server: Server) -> tuple[str, int]:
    host, port = server.url.removeprefix("http://").split(":")
    return host, int(port)


class Wire:
    """A bare connection: bytes out, answers in."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(address(server), 30)
        self._came = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> Answer:
        """The next whole answer."""
        while b"\r\n\r\n" not in self._came:
            self._more()
        head, _, self._came = self._came.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        while len(self._came) < size:
            self._more()
        content, self._came = self._came[:size], self._came[size:]
        return Answer(int(first.split(" ")[1]), headers, content)

    def _more(self) -> None:
        piece = self.socket.recv(MB)
        assert piece, "the connection ended before the answer did"
        self._came += piece


def refused(answer: Answer, status: int, code: str) -> str:
    assert (answer.status, answer.code) == (status, code), answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.said["RequestId"]
    return str(answer.said["Message"])


# ---------------------------------------------------------------- hosts


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "LocalHost:8080",
        "[::1]",
        "[::1]:80",
        "http://127.0.0.1:9",
        "https://localhost",
    ],
)
def test_hosts_of_this_machine(caller: Caller, host: str) -> None:
    """Every name of this machine comes in, with or without port, and as the endpoint that some SDKs send."""
    assert caller.call("GET", DEPLOYMENTS, host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "127.0.0.1.evil.example.com",
        "localhost.evil.example.com:80",
        "evil.example.com#localhost",
        "192.168.0.1",
        "0.0.0.0",
        "[::2]",
        "http://evil.example.com",
        "fc.aliyuncs.com",
        "xn--ls8h.example",
        "\u0130localhost",
        "*",
    ],
)
def test_foreign_hosts(caller: Caller, host: str) -> None:
    """A page that resolves its own name to this machine is turned away, signed or not."""
    for answer in (
        caller.call("GET", DEPLOYMENTS, host=host),
        send(caller.url, "GET", HEALTH, {"host": host}),
        send(caller.url, "GET", "/fn/any/", {"host": host}),
    ):
        assert "not served here" in refused(answer, 403, "AccessDenied")
        assert answer.said["Hint"]


@pytest.mark.parametrize("host", [None, "", " ", ":80", "[bad", "http://", "//"])
def test_no_host(caller: Caller, host: str | None) -> None:
    """A request without a host in its Host is refused as such."""
    answer = send(caller.url, "GET", HEALTH, {} if host is None else {"host": host})
    assert "Host" in refused(answer, 400, "InvalidArgument")


def test_host_of_a_trigger(caller: Caller) -> None:
    """The host of a trigger's url leads to its function, to nothing else, and only while it is deployed."""
    url = "http://shop.example.com:8080/api/*"
    caller.deploy(body("shop", function_file("web"), triggers=[{"type": "http", "config": {"url": url}}]))
    for host in ("shop.example.com", "SHOP.example.com:80", "shop.example.com:8080"):
        answer = send(caller.url, "GET", "/api/x?a=1", {"host": host})
        assert (answer.status, answer.said["rawPath"]) == (200, "/api/x"), answer.body
    foreign = {"host": "shop.example.com"}
    for path in ("/", "/other", "/-/health", "/fn/shop/", DEPLOYMENTS):
        refused(send(caller.url, "GET", path, foreign), 404, "FunctionNotFound")
    refused(caller.call("GET", DEPLOYMENTS, host="shop.example.com"), 404, "FunctionNotFound")
    refused(send(caller.url, "GET", "/api/x", {"host": "x.shop.example.com"}), 403, "AccessDenied")
    caller.delete("shop")
    refused(send(caller.url, "GET", "/api/x", foreign), 403, "AccessDenied")


MAGIC = re.compile(r"%%?fc[a-z]+|--(?:trigger|env|layer|code|handler)\b")


def test_refusals_know_no_notebook(caller: Caller) -> None:
    """A refusal says what to do in the words of the API: magics and their options are of another room."""
    web = {"type": "http", "config": {"methods": ["GET"], "url": "http://taken.example.com"}}
    caller.deploy(body("there", triggers=[web]))
    caller.deploy(body("closed", triggers=[{"type": "http", "config": {"disableURLInternet": True}}]))
    caller.deploy(body("plain"))
    wrong = dict.fromkeys((*ORDER, "memroy"), -1)
    unserved = {"triggers": [{"type": "log"}, web]}
    here = {"host": "127.0.0.1"}
    answers = [
        caller.deploy(body("there")),
        caller.deploy({}),
        caller.deploy(wrong),
        *(caller.deploy({**body("new"), field: value}) for field, value in wrong.items()),
        *(
            caller.deploy(body("new", runtime=runtime))
            for runtime in KNOWN
            if runtime not in PYTHON + NODE + CUSTOM
        ),
        caller.deploy(body("new", **unserved)),
        caller.deploy(
            body("new", layers=[{"name": "a"}, {"name": "acs:fc:elsewhere:1:layers/a/versions/1"}])
        ),
        caller.call("POST", "/2023-03-30/layers/1/versions", {"code": {}, "compatibleRuntime": ["x"]}),
        *(caller.call("GET", f"/2023-03-30/layers/nobody/{path}") for path in ("versions", "versions/1")),
        caller.deploy(body("new", oss_bucket="bucket", oss_object_key="k")),
        caller.deploy(body("new", zip_file="http://127.0.0.1:9/f.zip")),
        caller.deploy(body("new", triggers=[{"type": "http", "config": {"url": "http://localhost/fn/a"}}])),
        *(caller.get(name) for name in ("nobody", "a%2Fb")),
        *(caller.put(name, body("other")) for name in ("nobody", "there")),
        caller.delete("nobody"),
        caller.call("GET", f"{DEPLOYMENTS}/nobody/logs"),
        caller.call("GET", DEPLOYMENTS, query="limit=0"),
        caller.call("GET", DEPLOYMENTS, query="nextToken=!"),
        caller.call("GET", "/v2/elsewhere/deployments"),
        caller.call("GET", "/nowhere"),
        caller.call("POST", DEPLOYMENTS, b"["),
        *(caller.call(method, f"{FUNCTIONS}/nobody") for method in ("GET", "DELETE")),
        *(caller.call("GET", f"{FUNCTIONS}/plain", query=f"qualifier={q}") for q in ("prod", "99")),
        caller.invoke("nobody"),
        caller.invoke("plain", x_fc_invocation_type="Task"),
        caller.invoke("nobody", x_fc_invocation_type="Async"),
        caller.invoke("plain", bytes(200_000), x_fc_invocation_type="Async"),
        caller.invoke("plain", x_fc_invocation_type="Async", x_fc_async_delay="never"),
        *(
            caller.call("GET", f"{FUNCTIONS}/plain/{what}")
            for what in ("async-invoke-config", "async-tasks/t")
        ),
        caller.call("PUT", f"{FUNCTIONS}/plain/async-tasks/t/stop"),
        caller.call("POST", "/-/kernels", {"pid": "x"}),
        Caller(caller.url, "unknown").get("there"),
        Caller(caller.url, secret="guessed").get("there"),
        caller.call("GET", DEPLOYMENTS, x_acs_date="yesterday"),
        caller.call("GET", DEPLOYMENTS, x_acs_date=date(4000)),
        caller.call("GET", DEPLOYMENTS, x_acs_date=None),
        caller.call("GET", DEPLOYMENTS, host="evil.example.com"),
        send(caller.url, "GET", DEPLOYMENTS, here),
        send(caller.url, "GET", DEPLOYMENTS, {}),
        *(send(caller.url, "PUT", f"/fn/{name}/", here) for name in ("nobody", "plain", "there", "closed")),
        send(caller.url, "GET", "/fn/there/", {**here, "x-fc-invocation-type": "Task"}),
        send(caller.url, "GET", "/fn/there/?" + "a" * 5000, here),
    ]
    assert [a.body for a in answers if a.status < 400] == []
    assert [a.said["Code"] for a in answers if not a.said["RequestId"]] == []
    assert [found for a in answers for found in MAGIC.findall(json.dumps(a.said))] == []


# ---------------------------------------------------------------- heads

LIMIT = 64 * 1024


def head(size: int, ends: bool = True, line: int = 1000) -> bytes:
    """The head of a good request of ``size`` bytes, in lines of that length."""
    first, last = f"GET {HEALTH} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode(), b"\r\n" if ends else b""
    left = size - len(first) - len(last)
    lines = []
    while left:
        length = left if left < line + 10 else line
        lines.append(b"X: " + b"x" * (length - 5) + b"\r\n")
        left -= length
    return first + b"".join(lines) + last


@pytest.mark.parametrize("line", [100, 1000, LIMIT], ids="lines of {}".format)
@pytest.mark.parametrize("size", [1000, LIMIT - 1, LIMIT])
def test_head_that_fits(door: Server, size: int, line: int) -> None:
    """A head of 64 KB is taken, in many lines or one, and so is the next one on the connection."""
    with Wire(door) as wire:
        for _ in range(3):
            wire.send(head(size, line=line))
            assert wire.answer().status == 200


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(head(LIMIT + 1), id="one byte more"),
        pytest.param(head(LIMIT + 1, line=LIMIT), id="one line"),
        pytest.param(head(200_000), id="at once"),
        pytest.param(head(2 * MB, ends=False), id="without end"),
        pytest.param(head(LIMIT + 10, ends=False, line=LIMIT), id="line without end"),
        pytest.param(b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", id="path"),
        pytest.param(b"GET /?" + b"x" * 2 * MB, id="query without end"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"x" * 100_000, id="name without end"),
        pytest.param(b"\r\n" * LIMIT, id="nothing"),
    ],
)
def test_head_too_large(door: Server, data: bytes) -> None:
    """A larger head is refused in words, also when it comes at once or never ends."""
    with Wire(door) as wire:
        wire.send(data)
        answer = wire.answer()
        assert "64 KB" in refused(answer, 400, "EntityTooLarge")
        assert answer.headers["connection"] == "close"


def test_head_too_large_on_a_used_connection(door: Server) -> None:
    """The limit holds for each request of a connection, not for the first alone."""
    with Wire(door) as wire:
        wire.send(head(500))
        assert wire.answer().status == 200
        wire.send(head(LIMIT + 1))
        refused(wire.answer(), 400, "EntityTooLarge")


@pytest.mark.parametrize("size", [0, 10, LIMIT, LIMIT + 1, 200_000, 300_000])
def test_body_is_no_head(caller: Caller, door: Server, size: int) -> None:
    """A body that comes in one piece with its head counts for nothing there, request after request."""
    caller.deploy(body("echo", function_file("echo")))
    event = b"e" * size
    path = f"{FUNCTIONS}/echo/invocations"
    with Wire(door) as wire:
        for _ in range(3):
            lines = [f"{k}: {v}\r\n" for k, v in caller.headers("POST", path, body=event).items()]
            start = f"POST {path} HTTP/1.1\r\nContent-Length: {size}\r\n{''.join(lines)}\r\n"
            wire.send(start.encode() + event)
            answer = wire.answer()
            assert (answer.status, answer.body == event) == (200, True), answer.body[:200]


def test_requests_one_after_the_other(door: Server) -> None:
    """Requests that are sent without waiting are each answered, in order."""
    with Wire(door) as wire:
        wire.send(head(500) * 300)
        assert {wire.answer().status for _ in range(300)} == {200}


# ---------------------------------------------------------------- bodies


def memory_kb(pid: int, which: str) -> int:
    """``VmRSS``: what a process holds now; ``VmHWM``: the most it held since ``forget_peak``."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which + ":"))


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def zeros_hash(megabytes: int) -> str:
    digest = hashlib.sha256()
    for _ in range(megabytes):
        digest.update(b"\0" * MB)
    return digest.hexdigest()


def pour(
    server: Server, method: str, path: str, headers: dict[str, str], megabytes: int, chunked: bool
) -> Answer:
    """Sends a body of zeros in pieces of one megabyte."""
    size = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(megabytes * MB)}
    lines = "".join(f"{k}: {v}\r\n" for k, v in {**headers, **size}.items())
    piece = b"\0" * MB
    with Wire(server) as wire:
        wire.send(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
        for _ in range(megabytes):
            wire.send(b"%x\r\n%s\r\n" % (MB, piece) if chunked else piece)
        if chunked:
            wire.send(b"0\r\n\r\n")
        return wire.answer()


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_200_mb(caller: Caller, door: Server, signed: bool, chunked: bool) -> None:
    """200 MB are refused when they have come, and the server does not hold them meanwhile."""
    forget_peak(door.process.pid)
    before = memory_kb(door.process.pid, "VmRSS")
    headers = caller.headers("POST", DEPLOYMENTS, x_acs_content_sha256=zeros_hash(200))
    if not signed:
        del headers["authorization"]
    answer = pour(door, "POST", DEPLOYMENTS, headers, 200, chunked)
    message = refused(answer, 400, "EntityTooLarge")
    assert "200 MB" in message
    assert "101 MB" in message
    # up to the limit a chunked body may be held: its length is not known before
    assert memory_kb(door.process.pid, "VmHWM") - before < (160 if chunked else 40) * 1024


def test_large_event(caller: Caller, door: Server) -> None:
    """An event may have 32 MB and no more."""
    caller.deploy(body("size", function_file("returns"), memory=512))  # to evaluate it takes several copies
    path = f"{FUNCTIONS}/size/invocations"
    headers = caller.headers("POST", path, x_acs_content_sha256=zeros_hash(33))
    assert "at most 32 MB" in refused(pour(door, "POST", path, headers, 33, False), 400, "EntityTooLarge")
    assert caller.call("GET", f"{DEPLOYMENTS}/size/logs").said["requests"] == []
    event = b"1 or '" + b"x" * (32 * MB - 7) + b"'"
    assert caller.invoke("size", event).body == b"1"


def test_large_body_for_a_trigger(caller: Caller, door: Server) -> None:
    """The limit of an HTTP trigger is the same, with that side's own code, and the function does not run."""
    caller.deploy(body("web", function_file("web"), triggers=[{"type": "http", "config": {}}]))
    answer = pour(door, "POST", "/fn/web/", {"host": "127.0.0.1"}, 33, False)
    assert "at most 32 MB" in refused(answer, 400, "InvalidArgument")
    assert caller.call("GET", f"{DEPLOYMENTS}/web/logs").said["requests"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", DEPLOYMENTS), ("DELETE", f"{FUNCTIONS}/f"), ("POST", "/-/kernels"), ("GET", "/nope")],
)
def test_large_body_for_a_small_call(caller: Caller, door: Server, method: str, path: str) -> None:
    """Calls that need no body take a megabyte at most."""
    headers = caller.headers(method, path, x_acs_content_sha256=zeros_hash(2))
    refused(pour(door, method, path, headers, 2, False), 400, "EntityTooLarge")


def test_sender_that_goes_away(caller: Caller, door: Server) -> None:
    """A sender that ends within its head or body is no failure."""
    headers = caller.headers("POST", DEPLOYMENTS, x_acs_content_sha256=zeros_hash(1))
    lines = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
    start = f"POST {DEPLOYMENTS} HTTP/1.1\r\nContent-Length: {MB}\r\n{lines}\r\n".encode()
    for data in (start[:50], start, start + b"\0" * 1000):
        with Wire(door) as wire:
            wire.send(data)
    assert caller.call("GET", DEPLOYMENTS).status == 200


# ---------------------------------------------------------------- calls that are none


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nope"),
        ("POST", "/v2"),
        ("GET", f"{DEPLOYMENTS}/"),
        ("GET", f"{DEPLOYMENTS}/a/nope"),
        ("DELETE", DEPLOYMENTS),
        ("PUT", DEPLOYMENTS),
        ("POST", f"{DEPLOYMENTS}/a"),
        ("PATCH", f"{DEPLOYMENTS}/a"),
        ("TRACE", DEPLOYMENTS),
        ("PROPFIND", DEPLOYMENTS),
        ("OPTIONS", DEPLOYMENTS),
        ("OPTIONS", "*"),
        ("PUT", FUNCTIONS),
        ("PATCH", f"{FUNCTIONS}/a"),
        ("GET", f"{FUNCTIONS}/a/invocations"),
        ("PATCH", f"{FUNCTIONS}/a/versions"),
        ("GET", "/2016-08-15/functions"),
        ("GET", "/2023-03-30/functions%2Fa"),
        ("TRACE", "/fn/a/"),
        ("POST", HEALTH),
        ("GET", "//v2"),
        ("GET", "/" + "a" * 5000),
        ("GET", "/%00%ff%0d%0a"),
    ],
    ids=lambda v: v[:30],
)
def test_unknown_calls(caller: Caller, method: str, path: str) -> None:
    """Any other path, and any other method of a path, is PathNotSupported, signed or not."""
    for headers in (caller.headers(method, path), {"host": "127.0.0.1"}):
        answer = send(caller.url, method, path, headers)
        message = refused(answer, 400, "PathNotSupported")
        assert message.startswith(f"{method} ")
        assert len(message) < 200


@pytest.mark.parametrize(
    "data",
    [
        b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
        b"FOO / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nnope\r\n",
        b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=lambda d: repr(d[:24]),
)
def test_what_is_not_http(door: Server, caller: Caller, data: bytes) -> None:
    """What cannot be read as HTTP is refused with 400, and the server goes on."""
    with Wire(door) as wire:
        wire.send(data)
        assert wire.answer().status == 400
    assert caller.call("GET", DEPLOYMENTS).status == 200


def test_absolute_target(caller: Caller) -> None:
    """A target with scheme and host, as proxies send it, is that path."""
    answer = send(caller.url, "GET", f"{caller.url}{HEALTH}", {"host": "127.0.0.1"})
    assert answer.status == 200


def test_head_request(caller: Caller) -> None:
    """HEAD is GET without a body."""
    answer = caller.call("HEAD", DEPLOYMENTS)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"", "application/json")


def test_websocket_is_not_spoken(door: Server) -> None:
    """A request to speak another protocol is answered in this one."""
    upgrade = f"GET {HEALTH} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    with Wire(door) as wire:
        wire.send(upgrade.encode())
        assert wire.answer().status == 200
