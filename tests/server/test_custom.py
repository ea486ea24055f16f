"""Custom runtimes: any program that serves HTTP, started as it stands, called and passed on to as in a region."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import http.client
import io
import json
import shutil
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fc_magic.client.client import Client
from fc_magic.package.bundle import bundle
from fc_magic.server.worker import runtimes
from fc_magic.server.worker.forkserver import Launcher
from fc_magic.server.worker.launch import InstanceGone
from fc_magic.server.worker.web import HealthCheck, NotStarted, WebInstance, WebSpec
from fc_magic.wire.results import Invocation
from tests.conftest import Server, body, serving
from tests.server import programs
from tests.server.calls import Answer, Caller, send
from tests.server.processes import until, wait_for

EXITED = "Process exited unexpectedly before completing request (duration: "
HTTP = [{"type": "http"}]
START_LIMIT_S = 3


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits less long for a program to listen."""
    with serving(tmp_path_factory.mktemp("fc"), f"--start-limit={START_LIMIT_S}") as running:
        yield running


@pytest.fixture
def client(impatient: Server) -> Iterator[Client]:
    with impatient.client() as made:
        yield made
        for function in made.list():
            made.delete(function.name)


def zipped(files: Mapping[str, str | bytes], *executable: str) -> bytes:
    raw = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return bundle(raw, frozenset(executable or ("bootstrap",)))


def deployed(client: Client, files: Mapping[str, str | bytes], command: str = "", **fields: Any) -> Any:
    """A function of a custom runtime; without a command its bootstrap is run."""
    said = {"entrypoint": command} if command else {}
    return client.deploy(
        {
            "name": "web",
            "runtime": "custom.debian12",
            "code": zipped(files),
            "triggers": HTTP,
            "timeout": 20,
            **said,
            **fields,
        }
    )


@pytest.fixture
def web(client: Client) -> Any:
    """A program that serves many calls at once."""
    return deployed(client, {"bootstrap": programs.THREADS})


def ask(function: Any, method: str, path: str, data: bytes = b"", **headers: str) -> Answer:
    """A request to the http trigger of a function; ``x_y`` is the header x-y."""
    url = urlsplit(function.info.urls[0].url)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(
        f"http://{url.netloc}", method, url.path.rstrip("/") + path, {"Host": url.netloc, **named}, data
    )


def error(call: Invocation) -> str:
    return str(call.error["errorMessage"])


# ---------------------------------------------------------------- starting


def test_bootstrap(client: Client) -> None:
    """Without a start command the file ``bootstrap`` is run, in the folder of the code, and gets the event."""
    web = deployed(client, {"bootstrap": programs.SERIAL}, runtime="custom", environment={"MINE": "yes"})
    method, path, headers, said, _, environment, folder = web.invoke({"a": 1}).value
    assert (method, path, said, folder) == ("POST", "/invoke", '{"a": 1}', "/code")
    assert environment["FC_CUSTOM_LISTEN_PORT"] == environment["FC_SERVER_PORT"] == "9000"
    assert environment["MINE"] == "yes"
    assert environment["FC_VER_ID"] == "LATEST"
    named = dict(headers)
    assert named["Content-Type"] == "application/octet-stream"
    assert named["X-Fc-Control-Path"] == "/invoke"
    assert named["X-Fc-Function-Name"] == environment["FC_FUNCTION_NAME"] == "web"
    assert named["X-Fc-Access-Key-Id"] == environment["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    assert (named["X-Fc-Function-Memory"], named["X-Fc-Function-Timeout"]) == ("128", "20")
    assert (named["X-Fc-Region"], named["X-Fc-Account-Id"]) == ("cn-hangzhou", "1234567890123456")


def test_newer_images_name_the_version_otherwise(web: Any) -> None:
    """From Debian 11 on the version is in FC_FUNCTION_VERSION."""
    environment = web.invoke().value[5]
    assert environment["FC_FUNCTION_VERSION"] == "LATEST"
    assert "FC_VER_ID" not in environment


def test_deployment_is_quiet_when_all_is_well(web: Any) -> None:
    """What is so for every custom runtime is no warning."""
    assert web.info.warnings == ()


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"app.py": programs.SERIAL}, "python3 -u app.py"),
        ({"app.py": programs.SERIAL}, "python3 'app.py'"),
        ({"sub dir/app.py": programs.SERIAL}, "python3 '/code/sub dir/app.py'"),
        ({"app.py": programs.SERIAL, "bootstrap": programs.SHELL}, ""),
        ({"app.py": programs.SERIAL}, "bash -c 'exec python3 app.py'"),
    ],
)
def test_start_command(client: Client, files: dict[str, str], command: str) -> None:
    """The command is split as a shell does, and programs are found on PATH."""
    web = deployed(client, files, command)
    assert web.invoke("hello").value[3] == "hello"


def test_slow_start(client: Client) -> None:
    """The first call waits until the program listens."""
    slow = programs.SERIAL.replace('print("started")', 'time.sleep(1); print("started")')
    web = deployed(client, {"bootstrap": slow})
    call = web.invoke("hello")
    assert call.value[3] == "hello"
    assert call.cold_ms > 1000
    assert call.log.startswith("FunctionCompute custom runtime inited.\nstarted\nFC Invoke Start")
    assert web.invoke("hello").cold_ms == 0


@pytest.mark.parametrize(
    ("files", "executable", "command", "said"),
    [
        (
            {"a.py": ""},
            "",
            "",
            "Failed to start function instance. Error: the file /code/bootstrap is not exist",
        ),
        (
            {"bootstrap": programs.SERIAL},
            "no",
            "",
            "Function instance exited unexpectedly(code 13, message:permission denied) "
            "with start command /code/bootstrap",
        ),
        (
            {"bootstrap": programs.SHELL.replace("\n", "\r\n")},
            "",
            "",
            "Function instance exited unexpectedly(code 2, message:no such file or directory) "
            "with start command /code/bootstrap",
        ),
        (
            {"bootstrap": "echo hello\n"},
            "",
            "",
            "Function instance exited unexpectedly(code 8, message:exec format error) "
            "with start command /code/bootstrap",
        ),
        (
            {"a.py": ""},
            "",
            "no-such-program --port 9000",
            "Function instance exited unexpectedly(code 2, message:no such file or directory) "
            "with start command no-such-program --port 9000",
        ),
        (
            {"app.py": "print('about to fail', flush=True)\n1 / 0"},
            "",
            "python3 app.py",
            "Function instance exited unexpectedly(code 1, message:exit status 1) with start command python3 app.py",
        ),
        (
            {"app.py": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"},
            "",
            "python3 app.py",
            "Function instance exited unexpectedly(code 139, message:signal: SIGSEGV) "
            "with start command python3 app.py",
        ),
        (
            {"app.py": "import time\ntime.sleep(60)"},
            "",
            "python3 app.py",
            f"Function instance health check failed on port 9000 in {START_LIMIT_S} seconds.",
        ),
        (
            {"app.py": "held = []\nwhile True: held.append(bytearray(16 << 20))"},
            "",
            "python3 app.py",
            "Function instance exited unexpectedly with start command python3 app.py",
        ),
    ],
    ids=[
        "no-bootstrap",
        "not-executable",
        "crlf",
        "no-shebang",
        "no-program",
        "crash",
        "signal",
        "never",
        "memory",
    ],
)
def test_does_not_start(
    client: Client, files: dict[str, str], executable: str, command: str, said: str
) -> None:
    """What keeps a program from serving is said in Function Compute's words, and what it printed is in the log."""
    web = deployed(client, files, command, code=zipped(files, *filter(None, [executable])))
    call = web.invoke()
    assert (call.error_type, error(call)) == ("FunctionNotStarted", said)
    logged = client.logs("web", 1).requests[0]
    assert (logged.error_type, logged.error["errorMessage"]) == ("FunctionNotStarted", said)
    if "about to fail" in str(files):
        assert "about to fail\n" in logged.text
        assert "ZeroDivisionError" in logged.text
    answer = ask(web, "GET", "/")
    assert (answer.status, answer.headers["x-fc-error-type"]) == (412, "FunctionNotStarted")
    assert answer.said["errorMessage"] == said


def test_listens_on_127_0_0_1(client: Client) -> None:
    """Who listens on 127.0.0.1 is not reached, as in a region, and the log says so."""
    code = programs.LISTEN.format(host="127.0.0.1", port=9000)
    call = deployed(client, {"app.py": code}, "python3 -u app.py").invoke()
    assert error(call) == f"Function instance health check failed on port 9000 in {START_LIMIT_S} seconds."
    assert "here I am\nThe program listens on 127.0.0.1:9000, where nobody outside" in call.log


def test_listens_on_another_port(client: Client) -> None:
    """Who listens elsewhere reads in the log where they should."""
    code = programs.LISTEN.format(host="127.0.0.1", port=0)
    call = deployed(client, {"app.py": code}, "python3 app.py").invoke()
    assert error(call).startswith("Function instance health check failed on port 9000")
    assert "; Function Compute calls port 9000\n" in call.log


def test_modes_of_a_zip(client: Client) -> None:
    """A ZIP made by a tool of the system keeps the execute bit."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, programs.SERIAL)
    assert deployed(client, {}, code=raw.getvalue()).invoke("x").ok


def test_command_that_cannot_be_split(impatient: Server) -> None:
    """A quote that is not closed is refused when it is deployed."""
    wrong = body("web", zipped({"a": ""}), runtime="custom", entrypoint="python3 'app.py")
    answer = Caller(impatient.url).deploy(wrong)
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", ["entrypoint"])
    assert "No closing quotation" in answer.said["Details"][0]["problem"]


# ---------------------------------------------------------------- many programs


def test_node(client: Client) -> None:
    """A Node server binds for both families; it reaches itself at the port it asked for."""
    web = deployed(client, {"app.js": programs.NODE}, "node app.js", runtime="custom")
    assert web.invoke("hi").value == ["POST", "/invoke", "hi"]
    assert json.loads(ask(web, "GET", "/self").body) == ["GET", "/other", ""]


@pytest.mark.skipif(not shutil.which("javac"), reason="there is no javac on this machine")
def test_java(client: Client, tmp_path: Path) -> None:
    """A Java program runs within 256 MB."""
    (tmp_path / "Main.java").write_text(programs.JAVA)
    subprocess.run(["javac", "-d", str(tmp_path), str(tmp_path / "Main.java")], check=True, timeout=50)
    classes = {path.name: path.read_bytes() for path in tmp_path.glob("*.class")}
    web = deployed(client, classes, "java -cp /code Main", memory=256)
    call = web.invoke("hello")
    # a slow machine is no fault of the program
    assert call.value == "hello" or "health check" in error(call)
    assert web.invoke("again").value == "again"


def test_two_processes_share_the_port(client: Client) -> None:
    """SO_REUSEPORT works as ever: two processes of an instance serve at the same port."""
    web = deployed(client, {"app.py": programs.REUSE}, "python3 app.py")
    assert len({web.invoke().value for _ in range(40)}) == 2


@pytest.mark.parametrize(("only", "seen"), [(0, "::ffff:127.0.0.1"), (1, "::1")])
def test_version_6(client: Client, only: int, seen: str) -> None:
    """A program may bind to ``::``, for both families or for this one alone."""
    web = deployed(client, {"app.py": programs.SIX.format(only=only)}, "python3 app.py")
    assert web.invoke().payload.decode() == seen


def test_side_by_side(client: Client) -> None:
    """Functions that all insist on port 9000 run at the same time, and each reaches itself there."""
    functions = [deployed(client, {"bootstrap": programs.THREADS}, name=f"web-{n}") for n in range(3)]
    assert [f.invoke("x").value[3] for f in functions] == ["x"] * 3
    for function in functions:
        said = json.loads(ask(function, "GET", "/self").body)
        assert (said[0], said[1], said[5]["FC_FUNCTION_NAME"]) == ("GET", "/invoke", function.info.name)
    # without a call in between: none had to make room
    assert all(f.invoke("x").cold_ms == 0 for f in functions)


def test_who_is_ended_while_the_kernel_asks(web: Any) -> None:
    """Processes that are killed amid a system call that is being looked at do not hold up the others."""
    assert web.invoke("do killed").payload == b"killed"
    assert json.loads(ask(web, "GET", "/self").body)[0] == "GET"


def test_address_that_is_none(client: Client) -> None:
    """A program that binds to an address at the end of all memory gets the kernel's error, and serves."""
    wild = "import ctypes, socket as s\nlibc = ctypes.CDLL(None, use_errno=True)\nwith s.socket() as it:\n"
    wild += "    for address in (-256, 2**63):\n"
    wild += "        libc.bind(it.fileno(), ctypes.c_void_p(address), 16)\n"
    wild += "        print('errno', ctypes.get_errno(), flush=True)\n"
    web = deployed(client, {"app.py": wild + programs.SERIAL}, "python3 app.py")
    call = web.invoke("hello")
    assert call.value[3] == "hello"
    assert call.log.count("errno 14\n") == 2


def test_stops_listening(client: Client) -> None:
    """A program that listens no longer fails one call, which says so; the next one starts a new instance."""
    stops = "import socket, threading\nwith socket.create_server(('', 9000)) as sock:\n"
    stops += "    with sock.accept()[0] as peer:\n        peer.recv(9999)\n        sock.close()\n"
    stops += "        peer.sendall(b'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: 2\\r\\n\\r\\nok')\n"
    stops += "threading.Event().wait()\n"
    web = deployed(client, {"app.py": stops}, "python3 app.py")
    first, second, third = (web.invoke() for _ in range(3))
    assert (first.payload, third.payload) == (b"ok", b"ok")
    assert error(second) == (
        "The program runs but listens no longer on port 9000; the next call starts a new instance"
    )
    assert second.instance_id == first.instance_id != third.instance_id


# ---------------------------------------------------------------- invoking


def test_only_the_body_counts(web: Any) -> None:
    """Status and headers of an answer to /invoke are lost; 500 is no failure."""
    call = web.invoke("do error")
    assert (call.ok, call.payload) == (True, b"oh no")


def test_x_fc_status_is_a_failure(web: Any, client: Client) -> None:
    """A program says that it failed by the header x-fc-status: 404."""
    call = web.invoke("do failed")
    assert (call.error_type, call.payload) == ("UnhandledInvocationError", b"it failed")
    assert "Error: Unhandled function error" in call.log
    assert client.get("web").info.errors_today == 1
    assert web.invoke("x").cold_ms == 0


@pytest.mark.parametrize(
    ("what", "answer"),
    [("chunks", b"onetwothree"), ("until_closed", b"until closed"), ("early", b"late")],
)
def test_ways_to_answer(web: Any, what: str, answer: bytes) -> None:
    """Chunks, an answer without a length, an interim answer before the real one."""
    for _ in range(2):
        assert web.invoke(f"do {what}").payload == answer


def test_large_bodies(web: Any) -> None:
    """Megabytes go in and come out; more than is allowed is a failure, and the instance goes on."""
    assert web.invoke("do large").payload == b"x" * (20 << 20)
    assert len(web.invoke(b"y" * (5 << 20)).value[3]) == 5 << 20
    call = web.invoke("do too_large")
    assert "the answer has more than" in error(call)
    assert web.invoke("x").cold_ms == 0


@pytest.mark.parametrize("what", ["drop", "short", "nonsense"])
def test_broken_answers(web: Any, what: str) -> None:
    """An answer that breaks off fails as a process that ended; one that lives on serves the next call."""
    assert web.invoke("x").ok
    assert error(web.invoke(f"do {what}")).startswith(EXITED)
    assert web.invoke("x").cold_ms == 0


def test_process_that_ends(web: Any) -> None:
    """The call fails, and the next one has a new process."""
    pid = web.invoke("x").instance_id
    assert error(web.invoke("do exit")).startswith(EXITED)
    call = web.invoke("x")
    assert call.ok
    assert call.cold_ms > 0
    assert call.instance_id != pid


def test_time_out(client: Client) -> None:
    """A program that takes too long is ended."""
    web = deployed(client, {"bootstrap": programs.THREADS}, timeout=1)
    call = web.invoke("do sleep")
    assert error(call).startswith("Function timed out after 1 seconds (maxMemoryUsage: ")
    assert web.invoke("x").cold_ms > 0


def test_memory(web: Any) -> None:
    """The watchdog looks at what the program holds while a call lasts."""
    call = web.invoke("do memory")
    assert error(call).startswith(EXITED)
    assert "Out of memory: the function held" in call.log
    assert 0 < web.invoke("x").memory_mb < 128


def test_log(web: Any) -> None:
    """What is printed during a call is in its log, between the marks and before the sum."""
    first, call = web.invoke("x"), web.invoke("print a line")
    assert first.log.startswith("FunctionCompute custom runtime inited.\n")
    start, *printed, end, empty, total = call.log.splitlines()
    assert start == f"FC Invoke Start RequestId: {call.request_id}"
    assert end == f"FC Invoke End RequestId: {call.request_id}"
    assert printed[0] == "a line"
    assert '"POST /invoke HTTP/1.1" 200' in printed[1]
    assert empty == ""
    assert total.startswith("Duration: ")


def test_marks_of_the_program(client: Client) -> None:
    """A program that writes the marks itself, as it must in a region, is believed."""
    mark = "print('FC Invoke Start RequestId: ' + self.headers['x-fc-request-id'])"
    code = programs.SERIAL.replace("text = body.decode", f"{mark}\n        text = body.decode")
    call = deployed(client, {"bootstrap": code}).invoke("x")
    assert call.log.count("FC Invoke Start RequestId") == 1


# ---------------------------------------------------------------- passed on


def test_request_is_passed_on(web: Any) -> None:
    """Method, path, query, headers and body arrive as they were sent, and the answer comes back."""
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = ask(web, method, "/a%20b//c?x=1&x=%2F", b"hello", x_tag="1", keep_alive="5", x_fc_own="no")
        said, path, headers, text, *_ = answer.said
        assert (answer.status, said, path, text) == (200, method, "/a%20b//c?x=1&x=%2F", "hello")
        named = dict(headers)
        assert (named["X-Tag"], named["X-Fc-Control-Path"]) == ("1", "/http-invoke")
        assert named["X-Fc-Request-Id"] == answer.headers["x-fc-request-id"]
        assert named["Host"] == urlsplit(web.info.urls[0].url).netloc
        assert not {"Keep-Alive", "X-Fc-Own", "Connection"} & set(named)


def test_answer_is_passed_back(web: Any) -> None:
    """Status and headers are the program's, several of one name too; those of the connection are not."""
    url = urlsplit(web.info.urls[0].url)
    connection = http.client.HTTPConnection(url.netloc, timeout=20)
    connection.request("GET", f"{url.path}cookies", headers={"Host": url.netloc})
    reply = connection.getresponse()
    with contextlib.closing(connection):
        assert (reply.status, reply.read()) == (201, b"")
    assert reply.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert reply.headers["x-own"] == "x"
    assert len(reply.headers.get_all("date") or ()) == 1
    assert not {"x-fc-own", "server", "keep-alive"} & {name.lower() for name in reply.headers}


def test_head(web: Any) -> None:
    """HEAD has the length and no body, and the connection serves on."""
    for _ in range(3):
        answer = ask(web, "HEAD", "/large")
        assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", str(20 << 20))


def test_error_of_the_program_is_an_answer(web: Any, client: Client) -> None:
    """A 500 is passed back and counts as served; x-fc-status says otherwise."""
    assert (ask(web, "GET", "/error").status, client.get("web").info.errors_today) == (500, 0)
    answer = ask(web, "GET", "/failed")
    assert (answer.status, answer.body) == (404, b"it failed")
    assert answer.headers["x-fc-error-type"] == "UnhandledInvocationError"
    assert client.get("web").info.errors_today == 1
    assert [r.caller for r in client.logs("web").requests] == ["http", "http"]


def test_get_is_repeated(web: Any) -> None:
    """A GET whose connection is dropped is sent once more, a POST is not."""
    assert ask(web, "GET", "/drop-once").body == b"again"
    answer = ask(web, "POST", "/drop")
    assert (answer.status, answer.headers["x-fc-error-type"]) == (502, "UnhandledInvocationError")
    assert answer.said["errorMessage"].startswith(EXITED)


def test_large_headers_of_an_answer(web: Any, client: Client) -> None:
    """More than 8 KB of headers is a bad answer."""
    answer = ask(web, "GET", "/heads")
    assert (answer.status, answer.code) == (502, "BadResponse")
    assert client.logs("web", 1).requests[0].error_type == "BadResponse"


def test_broken_off(web: Any) -> None:
    """An answer that breaks off reaches the caller as one."""
    with pytest.raises(http.client.IncompleteRead):
        ask(web, "GET", "/short")


def test_large_body_is_refused(web: Any) -> None:
    """More than 32 MB are not passed on."""
    answer = ask(web, "POST", "/", b"x" * ((32 << 20) + 1))
    assert (answer.status, answer.code) == (400, "InvalidArgument")


# ---------------------------------------------------------------- streams


@pytest.fixture
def stream(client: Client) -> Any:
    """A Starlette application under uvicorn, with its libraries in the package."""
    files = {"app.py": programs.STREAM, **programs.libraries()}
    made = deployed(client, files, "python3 app.py", timeout=60)
    assert made.invoke().payload == b"Not Found"
    return made


@contextlib.contextmanager
def opened(function: Any, path: str) -> Iterator[http.client.HTTPResponse]:
    """An answer that is still coming; leaving it closes the connection."""
    url = urlsplit(function.info.urls[0].url)
    connection = http.client.HTTPConnection(url.netloc, timeout=20)
    connection.request("GET", url.path.rstrip("/") + path, headers={"Host": url.netloc})
    reply = connection.getresponse()
    try:
        yield reply
    finally:
        reply.close()
        connection.close()


def test_events_come_one_by_one(stream: Any, client: Client) -> None:
    """Each server-sent event arrives when it is sent; who leaves is noticed by the program, which goes on."""
    with opened(stream, "/events") as reply:
        assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
        # the second is not sent before the first was seen; that takes a second instance, or this one's turn
        assert reply.readline() == b"data: 0\n"
    call = wait_for(lambda: [r for r in client.logs("web").requests if r.error_type])[0]
    assert call.error_type == "InvocationCanceled"
    assert "Invocation canceled by client" in call.text
    answer = ask(stream, "GET", "/left")
    assert (answer.status, answer.body) == (200, b"left")


def test_ticks(client: Client) -> None:
    """A slow stream is seen as it grows, not at its end."""
    ticking = programs.STREAM.replace("await go_on.wait()", "await asyncio.sleep(0.5)").replace("1000", "4")
    web = deployed(client, {"app.py": ticking, **programs.libraries()}, "python3 app.py")
    with opened(web, "/events") as reply:
        began, seen = time.monotonic(), []
        for line in reply:
            if line.strip():
                seen.append((line, time.monotonic() - began))
    assert [line for line, _ in seen] == [b"data: %d\n" % n for n in range(4)]
    # a second lies between the first and the third, however slow the machine is
    assert seen[2][1] - seen[0][1] > 0.5


def test_body_is_passed_on_in_chunks(stream: Any) -> None:
    """A body without a length goes on as it is read."""
    url = urlsplit(stream.info.urls[0].url)
    connection = http.client.HTTPConnection(url.netloc, timeout=20)
    pieces = iter([b"x" * 100_000] * 30)
    with contextlib.closing(connection):
        connection.request(
            "POST", f"{url.path}count", body=pieces, headers={"Host": url.netloc}, encode_chunked=True
        )
        assert connection.getresponse().read() == b"3000000"


# ---------------------------------------------------------------- several calls in one instance


def with_instance(folder: Path, test: Callable[[WebInstance], Awaitable[None]], **options: Any) -> None:
    """Runs ``test`` with an instance of THREADS that is not started yet."""

    async def run() -> None:
        code = folder / "code" / "f"
        code.mkdir(parents=True)
        program = programs.THREADS.replace("    def do_sleep(", programs.MEET + "    def do_sleep(")
        (code / "bootstrap").write_text(program)
        (code / "bootstrap").chmod(0o755)
        launcher = Launcher(folder, {"PATH": runtimes.PATH})
        place = await launcher.place(())
        spec = WebSpec((), INIT, {"PATH": runtimes.PATH}, code, place.launch, place.code, 128, **options)
        instance = spec.instance()
        try:
            await test(instance)
        finally:
            instance.kill()
            await until(instance.first.buried)
            launcher.close()

    asyncio.run(run())


def test_several_calls_at_once(tmp_path: Path) -> None:
    """As many calls as are allowed run in one process, over connections of their own, and end with it."""

    async def test(instance: WebInstance) -> None:
        await instance.start()
        answers = await asyncio.gather(*(instance.call(FRAME, b"do meet", 20) for _ in range(3)))
        assert [a.payload for a in answers] == [b"met"] * 3
        failing = [instance.call(FRAME, b"do sleep", 20), instance.call(FRAME, b"do exit", 20)]
        ends = await asyncio.gather(*failing, return_exceptions=True)
        assert [type(end) for end in ends] == [InstanceGone, InstanceGone]
        assert not instance.alive

    with_instance(tmp_path, test, concurrency=3)


def test_health_check(tmp_path: Path) -> None:
    """With a path to ask, a program has started once it answers there."""

    async def test(instance: WebInstance) -> None:
        await instance.start()
        assert (await instance.call(FRAME, b"x", 20)).payload

    async def fails(instance: WebInstance) -> None:
        with pytest.raises(NotStarted, match="health check failed on port 9000"):
            await instance.start()

    with_instance(tmp_path / "good", test, health=HealthCheck("/cookies", period_s=0, successes=2))
    with_instance(tmp_path / "bad", fails, health=HealthCheck("/error", period_s=0, failures=2))


def test_hooks(tmp_path: Path) -> None:
    """Hooks are requests of their own, and fail by their status."""

    async def test(instance: WebInstance) -> None:
        await instance.start()
        for kind, asked in (("initialize", ["POST", "/initialize"]), ("pre_stop", ["GET", "/pre-stop"])):
            answer = await instance.call({**FRAME, "kind": kind}, b"", 20)
            assert (answer.error_type, json.loads(answer.payload)[:2]) == ("", asked)
        failed = await instance.call({**FRAME, "kind": "initialize"}, b"do error", 20)
        assert (failed.error_type, failed.payload) == ("UnhandledInvocationError", b"oh no")

    with_instance(tmp_path, test)


INIT = {
    "function": "f",
    "handler": "index.handler",
    "memory": 128,
    "timeout": 3,
    "version": "1",
    "region": "r",
    "account_id": "1",
    "credentials": ("", "", ""),
}
FRAME = {"request_id": "1-1-1", "qualifier": "LATEST", "kind": "invoke"}


# ---------------------------------------------------------------- machines that allow less

IN_TURN = """
import fcntl, json, socket, struct, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

with socket.socket() as sock:  # loopback is down in a new network
    fcntl.ioctl(sock, 0x8914, struct.pack("16sh14x", b"lo", 0x49))

from fc_magic.server.worker import ports
from tests.conftest import bundle, serving
from tests.server import programs
from tests.server.test_custom import deny, deployed

deny(ports.PIDFD_GETFD)
with serving(Path(sys.argv[1])) as server, server.client() as client:
    functions = [deployed(client, {"bootstrap": programs.THREADS}, name=f"web-{n}") for n in range(2)]
    colds = []
    for function in [*functions, functions[0], functions[0]]:
        call = function.invoke("x")
        assert call.ok, call
        colds.append(call.cold_ms > 0)
    with ThreadPoolExecutor(4) as threads:
        several = [threads.submit(functions[n % 2].invoke, "y") for n in range(4)]
        assert [call.result().value[3] for call in several] == ["y"] * 4
    print(json.dumps([functions[0].info.warnings, colds]))
"""


def deny(number: int) -> None:
    """This system call fails with EPERM from now on, here and in every process that is started, as in a container."""
    rows = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    head = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(program))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, head, 0, 0) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_in_turn(tmp_path: Path) -> None:
    """Where programs cannot be given other ports, one at a time has the port; the deployment says so."""
    words = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-c", IN_TURN, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=100, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    warnings, colds = json.loads(done.stdout)
    assert (
        warnings[-1]
        == "one instance at a time has port 9000 of this machine: pidfd_getfd: Operation not permitted"
    )
    # each had to make room for the other; who is called again has the port still
    assert colds == [True, True, True, False]
