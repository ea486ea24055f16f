"""Calls of warm functions take a shorter way through the server; nothing but their speed tells it from the other.

A request whose head comes in two pieces takes the ordinary way, so each can be asked both ways.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httptools
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fc_magic.client.client import Client
from fc_magic.server import lines, plain, warm
from fc_magic.server.invocations import answer_head
from fc_magic.server.worker.process import Answer
from fc_magic.wire import fc3
from fc_magic.wire.results import Function, Invocation
from tests.conftest import Deploy, Server, body, function_file, serving, zipped
from tests.server.calls import FUNCTIONS, Caller
from tests.server.processes import Meeting, meeting_with, wait_for

ECHO = zipped("def handler(event, context):\n    return event\n")


@pytest.fixture
def caller(server: Server, client: Client) -> Caller:
    """What it deploys is deleted by ``client``."""
    made = Caller(server.url)
    assert made.deploy(body("swift", ECHO)).status == 201
    assert made.invoke("swift", b"cold").body == b"cold"
    return made


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with meeting_with() as made:
        yield made


class Line:
    """A connection: bytes out, whole answers in, as they came."""

    def __init__(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), 30)
        self.came = b""

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *pieces: bytes) -> None:
        """Each piece is read by the server before the next one comes."""
        for number, piece in enumerate(pieces):
            if number:
                time.sleep(0.05)
            self.socket.sendall(piece)

    def answer(self) -> bytes:
        while b"\r\n\r\n" not in self.came:
            self._more()
        size = int(re.search(rb"\r\ncontent-length: (\d+)", self.came.lower())[1])  # type: ignore[index]
        whole = self.came.index(b"\r\n\r\n") + 4 + size
        while len(self.came) < whole:
            self._more()
        found, self.came = self.came[:whole], self.came[whole:]
        return found

    def is_over(self) -> bool:
        return not self.came and self.socket.recv(1) == b""

    def _more(self) -> None:
        piece = self.socket.recv(1 << 20)
        assert piece, f"the connection ended: {self.came!r}"
        self.came += piece


def request(
    caller: Caller,
    name: str = "swift",
    event: bytes = b"x",
    query: str = "",
    version: str = "1.1",
    **headers: Any,
) -> bytes:
    """A signed invocation as it goes on the wire; ``more=`` are lines that are not signed."""
    more, path = headers.pop("more", ""), f"{FUNCTIONS}/{name}/invocations"
    said = caller.headers("POST", path, query, event, **headers)
    written = "".join(f"{k}: {v}\r\n" for k, v in said.items())
    size = "" if "transfer-encoding" in more else f"content-length: {len(event)}\r\n"
    target = f"{path}?{query}" if query else path
    return f"POST {target} HTTP/{version}\r\n{written}{size}{more}\r\n".encode() + event


def content(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def asked(caller: Caller, *pieces: bytes) -> bytes:
    with Line(caller.url) as line:
        line.send(*pieces)
        return line.answer()


def split(whole: bytes) -> tuple[bytes, bytes]:
    return whole[:30], whole[30:]


#: what differs from one call to the next
_OWN = re.compile(
    rb"(?<=x-fc-request-id: )\S+|(?<=duration: )\S+|(?<=max-memory-usage: )\S+|(?<=date: )[^\r]+|1-[0-9a-f]{8}-\S{21}"
    rb"|(?<=log-result: )\S+"
)


def alike(answer: bytes) -> bytes:
    return _OWN.sub(b"...", answer)


# ---------------------------------------------------------------- as the ordinary way


@pytest.mark.parametrize(
    ("event", "how"),
    [
        (b"x", {}),
        (b"", {}),
        (b"x" * 1024, {"x_fc_log_type": "Tail"}),
        (b"\r\n\r\nPOST / HTTP/1.1\r\n\r\n", {"x_fc_invocation_type": "Sync"}),
        (b"x" * 70_000, {}),
        (b"x", {"name": "nobody"}),
        (b"x", {"x_acs_security_token": "not-mine"}),
        (b"x", {"x_acs_date": "2020-01-02T03:04:05Z"}),
        (b"x", {"x_acs_date": "yesterday"}),
        (b"x", {"x_acs_signature_nonce": None}),
        (b"x", {"unsigned": ("host", "user-agent")}),
        (b"x", {"host": "example.com"}),
        (b"x", {"x_fc_invocation_type": "Sometimes"}),
        (b"x", {"query": "qualifier=nobody"}),
        (b"x", {"query": "qualifier=LATEST"}),
        (b"x", {"more": "x-other: a  b\r\n"}),
        (b"x", {"more": "x-other:\r\n"}),
        (b"x", {"more": "X-Twice: a\r\nx-twice: b\r\n"}),
        (b"x", {"more": "x-strange: \u00e9\r\n"}),
        (b"x", {"more": "Connection: keep-alive\r\n"}),
        (b"x", {"more": "connection: close\r\n"}),
        (b"x", {"more": "connection: upgrade\r\nupgrade: h2c\r\n"}),
        (b"x", {"more": "x-long: " + "y" * 20_000 + "\r\n"}),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else str(len(value)),
)
def test_same_answer(caller: Caller, event: bytes, how: dict[str, Any]) -> None:
    """Answers and refusals are the same to the byte, but for ids, times and memory."""
    swift = asked(caller, request(caller, event=event, **how))
    other = asked(caller, *split(request(caller, event=event, **how)))
    assert alike(swift) == alike(other)
    assert swift.startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize(
    "forge", [lambda r: r.replace(b"Signature=", b"Signature=0"), lambda r: r[:-1] + b"y"]
)
def test_same_refusal_of_what_was_changed(caller: Caller, forge: Callable[[bytes], bytes]) -> None:
    """A wrong signature, or another body, is refused in the same words."""
    swift = asked(caller, forge(request(caller)))
    other = asked(caller, *split(forge(request(caller))))
    assert alike(swift) == alike(other)
    assert b"SignatureNotMatch" in swift


def test_seen_before(caller: Caller) -> None:
    """A request is taken once, whichever way it comes."""
    for first, second in [((), ()), ((), split), (split, ())]:
        whole = request(caller)
        ways = [tuple(way(whole)) if callable(way) else (whole,) for way in (first, second)]
        assert asked(caller, *ways[0]).startswith(b"HTTP/1.1 200 ")
        assert b"AccessDenied" in asked(caller, *ways[1])


def test_same_log_and_counts(client: Client, deploy: Deploy, server: Server) -> None:
    """Both ways are in the function's log, and counted."""
    function, caller = deploy("logs"), Caller(server.url)
    name = function.info.name
    caller.invoke(name, b"1")
    asked(caller, request(caller, name, b"1"))
    asked(caller, *split(request(caller, name, b"1")))
    entries = client.logs(name).requests
    assert [e.caller for e in entries] == ["invoke"] * 3
    swift, other = (re.sub(r"1-[0-9a-f-]{30}|[\d.]+ M?[Bm]s?|\d\d:\d\d\S+", "", e.text) for e in entries[1:])
    assert swift == other
    assert entries[1].request_id in entries[1].text
    assert entries[0].started < entries[1].started < entries[2].started
    assert [e.error_type for e in entries] == [""] * 3
    assert client.get(name).info.calls_today == 3


def test_same_failure(client: Client, deploy: Deploy, server: Server) -> None:
    """A handler that raises, and a process that ends, are told in the same words; the next call works."""
    raises, exits, caller = deploy("raises"), deploy("exits"), Caller(server.url)
    for name, event in [(raises.info.name, b"plain"), (exits.info.name, b"os"), (exits.info.name, b"kill")]:
        answers = []
        for way in (lambda whole: (whole,), split):
            caller.invoke(name, b"alive")
            answers.append(asked(caller, *way(request(caller, name, event))))
        gone = [re.sub(rb"instance-id: \S+|\d+ms|[\d.]+MB|content-length: \d+", b"", a) for a in answers]
        assert alike(gone[0]) == alike(gone[1])
        assert b"x-fc-error-type: UnhandledInvocationError" in gone[0]
    entries = client.logs(exits.info.name).requests
    assert sum(bool(e.error_type) for e in entries) == 4
    assert client.get(exits.info.name).info.errors_today == 4


def test_pieces_of_text_agree() -> None:
    """What is written at once for speed is what the parts say."""
    function = Function("f", "r", "arn", "python3.10", "i.h", "i.h", 256, 60, "role", code_checksum="77")
    for printed in ("", "line", "line\n"):
        answer = Answer("", b"12", printed, 10.0, 0.0)
        text = lines.section("Invoke", "1-id", answer) + lines.summary(1.234, 256, 10.0)
        assert lines.of_good("1-id", printed, 1.234, 256, 10.0) == text
        whole = Invocation(
            "f", "1-id", b"12", log=text, duration_ms=1.23, memory_mb=10.0, memory_limit_mb=256,
            instance_id="c-1", code_checksum="77",
        )  # fmt: skip
        for with_log in (False, True):
            joined = b"".join(b"%s: %s\r\n" % pair for pair in answer_head(whole, with_log))
            tail = fc3.encode_log(text) if with_log else ""
            assert fc3.encode_lines("1-id", "c-1", function, 2, 1.234, 10.0, tail).encode() == joined


# ---------------------------------------------------------------- what is taken for a request


class Parsed:
    """What the parser of the ordinary way makes of bytes."""

    def __init__(self, data: bytes) -> None:
        self.url, self.body, self.headers, self.whole = b"", b"", [], 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower().decode(), value.decode()))

    def on_body(self, data: bytes) -> None:
        self.body += data

    def on_message_complete(self) -> None:
        self.whole += 1


PLAIN = (
    b"POST /2023-03-30/functions/echo/invocations HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nx-acs-date: 2026\r\n"
    b"Content-Length: 3\r\nAuthorization: ACS3 Credential=a,b\r\n\r\nxyz"
)
_BITS = (
    [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b": ",
        b"\0",
        b"\xc3\xa9",
        b"x",
        b"4",
        b"?",
        b"%2F",
        b"/",
        b"\x7f",
        b"(",
    ],
    [b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n", b"a: b\r\n"],
    [
        b"Connection: close\r\n",
        b"Upgrade: h2c\r\nConnection: upgrade\r\n",
        b" folded\r\n",
        b"HTTP/1.0",
        b"chunked",
    ],
)
_CHANGES = st.lists(
    st.tuples(
        st.integers(0, len(PLAIN)),
        st.integers(0, 3),
        st.sampled_from([bit for bits in _BITS for bit in bits]) | st.binary(max_size=3),
    ),
    max_size=3,
)


def changed(changes: list[tuple[int, int, bytes]]) -> bytes:
    data = PLAIN
    for at, cut, put in changes:
        data = data[:at] + put + data[at + cut :]
    return data


@settings(max_examples=1500, deadline=None)
@given(_CHANGES)
@example([])
@example([(111, 0, b" ")])
def test_read_as_the_parser_reads(changes: list[tuple[int, int, bytes]]) -> None:
    """Whatever is taken for a request is that request to the parser too: same target, headers, body and end."""
    data = changed(changes)
    found = plain.read(data)
    if found is None:
        assert changes
        return
    parsed = Parsed(data + b"z" * found.missing)
    assert parsed.whole == 1
    assert parsed.parser.get_method() == b"POST"
    assert parsed.parser.get_http_version() == "1.1"
    assert parsed.parser.should_keep_alive()
    assert not parsed.parser.should_upgrade()
    assert parsed.url.decode() == found.path == f"{FUNCTIONS}/{found.name}/invocations"
    assert parsed.headers == list(found.headers.items())
    assert parsed.body == found.body + b"z" * found.missing


# ---------------------------------------------------------------- on the wire


def test_body_after_its_head(caller: Caller) -> None:
    """Head and body in pieces of their own are one request, however small the pieces."""
    with Line(caller.url) as line:
        for size in (1, 3, 1000):
            whole = request(caller, event=b"y" * 2000)
            head = whole.index(b"\r\n\r\n") + 4
            line.send(whole[:head], *[whole[at : at + size] for at in range(head, head + 3 * size, size)])
            line.send(whole[head + 3 * size :])
            assert content(line.answer()) == b"y" * 2000


def test_many_at_once(caller: Caller) -> None:
    """Requests that do not wait for answers are answered in their order, with all others between them."""
    with Line(caller.url) as line:
        events = [b"%d" % number for number in range(20)]
        sent = [request(caller, event=event) for event in events]
        sent.insert(7, b"GET /-/health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        line.send(b"".join(sent[:10]))
        for whole in sent[10:]:
            line.send(whole)
        answers = [content(line.answer()) for _ in sent]
    assert json.loads(answers.pop(7))["ready"]
    assert answers == events


def test_sent_while_another_lasts(server: Server, client: Client, deploy: Deploy, meeting: Meeting) -> None:
    """What comes during a call, also half of it, waits for its answer."""
    function, caller = deploy("waits", timeout=30), Caller(server.url)
    name, event = function.info.name, json.dumps({"at": meeting.name, "name": "lasts"}).encode()
    first = meeting.call(function, "first")
    meeting.let_go("first")
    first.result()
    client.deploy(body("swift", ECHO))
    caller.invoke("swift", b"x")
    with Line(server.url) as line:
        line.send(request(caller, name, event))
        meeting.visitor("lasts")
        second, third = request(caller, event=b"second"), request(caller, event=b"third")
        line.send(second[:50], second[50:] + third)
        meeting.let_go("lasts")
        assert [content(line.answer()) for _ in range(3)] == [b"1", b"second", b"third"]


@pytest.mark.parametrize(
    ("version", "more", "ends"),
    [("1.1", "", False), ("1.1", "connection: close\r\n", True), ("1.0", "", True)],
    ids=["kept", "close", "1.0"],
)
def test_connection_is_kept_or_not(caller: Caller, version: str, more: str, ends: bool) -> None:
    """As the request says."""
    with Line(caller.url) as line:
        line.send(request(caller, version=version, more=more))
        assert content(line.answer()) == b"x"
        if ends:
            assert line.is_over()
        else:
            line.send(request(caller, event=b"again"))
            assert content(line.answer()) == b"again"


def test_expect_continue(caller: Caller) -> None:
    """Who waits to be told to go on is told."""
    with Line(caller.url) as line:
        whole = request(caller, event=b"later", more="Expect: 100-continue\r\n")
        line.send(whole[:-5])
        while not line.came.endswith(b"\r\n\r\n"):
            line._more()
        assert line.came.startswith(b"HTTP/1.1 100 ")
        line.came = b""
        line.send(b"later")
        assert content(line.answer()) == b"later"


def test_chunked(caller: Caller) -> None:
    """A body in chunks is put together."""
    with Line(caller.url) as line:
        whole = request(caller, event=b"chunks", more="transfer-encoding: chunked\r\n")
        line.send(whole.removesuffix(b"chunks") + b"2\r\nch\r\n4\r\nunks\r\n0\r\n\r\n")
        assert content(line.answer()) == b"chunks"
        line.send(request(caller, event=b"whole"))
        assert content(line.answer()) == b"whole"


def test_no_parser_is_fooled(caller: Caller) -> None:
    """Two lengths, or a length and chunks, are no request; nothing behind them is answered."""
    for more in ("content-length: 0\r\n", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"):
        with Line(caller.url) as line:
            line.send(request(caller, more=more) + request(caller, event=b"smuggled"))
            assert b"400 Bad Request" in line.answer()
            assert line.is_over()


def test_not_at_the_object_store(server: Server, caller: Caller) -> None:
    """The same path there is an object."""
    with Line(server.objects_url) as line:
        line.send(request(caller))
        assert b"<Error>" in line.answer()


# ---------------------------------------------------------------- calls that last


def test_deadline(deploy: Deploy, server: Server) -> None:
    """A warm call ends at its time-out, and the next call works."""
    function, caller = deploy("sleeps", timeout=1), Caller(server.url)
    assert function.invoke({"seconds": 0}).value == "woke"
    answer = asked(caller, request(caller, function.info.name, b'{"seconds": 20}'))
    assert b"timed out after 1 seconds" in answer
    assert function.invoke({"seconds": 0}).value == "woke"


def test_memory(deploy: Deploy, server: Server) -> None:
    """A warm call that takes more than its memory is ended."""
    grows = (
        "def handler(event, context):\n    held = []\n    while event == b'grow':\n"
        "        held.append(b'x' * (1 << 20) + b'y')\n"
    )
    function, caller = deploy("x", code=zipped(grows), memory=128), Caller(server.url)
    function.invoke(b"stay")
    answer = asked(caller, request(caller, function.info.name, b"grow", x_fc_log_type="Tail"))
    assert b"Process exited unexpectedly" in answer
    assert "Out of memory" in function.logs().requests[-1].text
    assert function.invoke(b"stay").ok


def test_memory_for_a_moment(deploy: Deploy, server: Server) -> None:
    """A warm call that took more than its memory, and was over before anybody looked, has failed all the same."""
    takes = "def handler(event, context):\n    return str(len(b'x' * (int(event) << 20)))\n"
    function, caller = deploy("x", code=zipped(takes), memory=128), Caller(server.url)
    assert function.invoke(b"1").ok
    answer = asked(caller, request(caller, function.info.name, b"200"))
    assert b"Process exited unexpectedly" in answer
    assert function.invoke(b"1").ok


@pytest.mark.parametrize("early", [True, False], ids=["at once", "later"])
def test_caller_goes_away(deploy: Deploy, server: Server, meeting: Meeting, early: bool) -> None:
    """Then the call is cancelled, and its instance ends with it."""
    function, caller = deploy("waits", timeout=30), Caller(server.url)
    first = meeting.call(function, "first")
    meeting.let_go("first")
    first.result()
    event = json.dumps({"at": meeting.name, "name": "second"}).encode()
    with Line(server.url) as line:
        line.send(request(caller, function.info.name, event))
        if not early:
            meeting.visitor("second")
            time.sleep(2 * warm.LASTS_S)
    wait_for(lambda: function.logs().requests[-1].error_type == "InvocationCanceled")
    assert function.instances() == ()


def test_stop_waits_for_it(tmp_path: Path, meeting: Meeting) -> None:
    """A warm call in flight ends well when the server is told to stop; then its connection is closed."""
    with serving(tmp_path / "data") as running, running.client() as client:
        function = client.deploy({"name": "waits", "code": function_file("waits"), "timeout": 30})
        first = meeting.call(function, "first")
        meeting.let_go("first")
        first.result()
        caller, event = Caller(running.url), json.dumps({"at": meeting.name, "name": "last"}).encode()
        with Line(running.url) as line, Line(running.url) as idle:
            line.send(request(caller, "waits", event))
            meeting.visitor("last")
            running.process.send_signal(signal.SIGTERM)
            assert idle.answer().startswith(b"HTTP/1.1 503 ")  # nothing was asked, so nothing was done
            assert idle.is_over()
            meeting.let_go("last")
            answer = line.answer()
            assert content(answer) == b"1"
            assert b"\r\nconnection: close\r\n" in answer
            assert line.is_over()
        assert running.process.wait(20) == 0
    assert "Traceback" not in "".join(running.output)


def test_two_versions_under_load(server: Server, client: Client) -> None:
    """While a function is deployed again and again each call is answered by one version, never by an older one than
    was there when it began."""
    caller, over, seen = Caller(server.url), threading.Event(), []
    deployed = [0]

    def put(number: int) -> None:
        source = f"def handler(event, context):\n    return '{number}'\n"
        client.deploy({"name": "swaps", "code": zipped(source)})
        deployed[0] = number

    def load() -> None:
        with Line(server.url) as line:
            while not over.is_set():
                least = deployed[0]
                line.send(request(caller, "swaps"))
                answer = line.answer()
                assert answer.startswith(b"HTTP/1.1 200 "), answer
                seen.append((least, int(content(answer)), deployed[0]))

    put(0)
    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, 16):
            put(number)
            before = len(seen)
            wait_for(lambda before=before: len(seen) > before + 20)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert all(least <= found <= most + 1 for least, found, most in seen)
    assert {found for _, found, _ in seen} == set(range(16))
    wait_for(lambda: len(client.instances("swaps")) <= 4)


def test_calls_in_between_change_nothing(client: Client, deploy: Deploy, server: Server) -> None:
    """One instance serves both ways by turns, one call at a time, and keeps its state."""
    function, caller = deploy("counts"), Caller(server.url)
    answers = []
    for number in range(10):
        whole = request(caller, function.info.name, b"{}")
        answers.append(json.loads(content(asked(caller, *(split(whole) if number % 3 else (whole,))))))
    assert len(client.instances(function.info.name)) == 1
    assert len({json.dumps(answer) for answer in answers}) == 10
    with contextlib.suppress(StopIteration):
        assert next(iter(client.instances(function.info.name))).calls == 10
