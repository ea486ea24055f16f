"""What is said about the program of a custom runtime that does not do as it should, and when."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from fc_magic.client.client import Client
from fc_magic.wire.results import RequestLog
from tests.conftest import Server, serving
from tests.server import programs
from tests.server.calls import Caller
from tests.server.processes import wait_for
from tests.server.test_custom import EXITED, START_LIMIT_S, deployed, error, zipped

UNHEALTHY = f"Function instance health check failed on port 9000 in {START_LIMIT_S} seconds."
#: listens, and answers nobody
ELSEWHERE = "import socket, time\nprint('here I am', flush=True)\n"
ELSEWHERE += (
    "sock = socket.create_server(('0.0.0.0', 0))\nprint(sock.getsockname()[1], flush=True)\ntime.sleep(60)"
)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("fc"), f"--start-limit={START_LIMIT_S}") as running:
        yield running


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that waits as long as Function Compute does."""
    with serving(tmp_path_factory.mktemp("fc")) as running:
        yield running


@pytest.fixture
def client(impatient: Server) -> Iterator[Client]:
    with impatient.client() as made:
        yield made
        for function in made.list():
            made.delete(function.name)


# ---------------------------------------------------------------- another port


def port_in(text: str) -> str:
    found = re.search(r"^(\d+)$", text, re.MULTILINE)
    assert found, text
    return found[1]


def test_error_names_the_other_port(client: Client) -> None:
    """Who listens elsewhere reads in the error itself where, after Function Compute's own words."""
    call = deployed(client, {"app.py": ELSEWHERE}, "python3 app.py").invoke()
    port = port_in(call.log)
    assert error(call) == f"{UNHEALTHY} The program listens on port {port}, not on port 9000."


def test_other_port_is_told_while_somebody_waits(patient: Server) -> None:
    """It is in the log of the function within seconds, and in that of a call whose caller has given up."""
    with patient.client() as client:
        web = deployed(client, {"app.py": ELSEWHERE}, "python3 app.py")
        url = urlsplit(web.info.urls[0].url)
        waiting = http.client.HTTPConnection(url.netloc, timeout=20)
        waiting.request("GET", url.path, headers={"Host": url.netloc})

        def told(caller: str) -> list[RequestLog]:
            return [r for r in client.logs("web").requests if r.caller == caller]

        early = wait_for(lambda: told("start"))[0]
        said = f"The program listens on port {port_in(early.text)}; Function Compute calls port 9000\n"
        assert said in early.text
        assert not early.error_type
        assert not told("http")
        waiting.close()
        left = wait_for(lambda: told("http"))[0]
        assert left.error_type == "InvocationCanceled"
        assert all(line in left.text for line in ("here I am\n", f"{port_in(early.text)}\n", said))
        assert len(told("start")) == 1
        client.delete("web")


# ---------------------------------------------------------------- a command that cannot be run


@pytest.mark.parametrize(
    ("files", "executable", "command", "said"),
    [
        ({"a.py": ""}, "", "", "the file /code/bootstrap is not exist; name the command that starts the program"),
        ({"bootstrap": programs.SERIAL}, "no", "", "permission denied) with start command /code/bootstrap; make it"),
        ({"bootstrap": "#!/bin/bash\r\n"}, "", "", "CR LF; save it with LF"),
        ({"bootstrap": "echo hello\n"}, "", "", "exec format error) with start command /code/bootstrap; begin"),
        ({"bootstrap": "#!/no/such -x\n"}, "", "", "there is no /no/such, which bootstrap names as its interpreter"),
        ({"a.py": ""}, "", "no-such-program -p 9", "command no-such-program -p 9; there is no no-such-program on"),
        ({"a.py": ""}, "", "./run.sh", "file or directory) with start command ./run.sh; there is no ./run.sh in"),
        ({"run.sh": "#!/bin/sh\n"}, "no", "/code/run.sh", "chmod 755 run.sh"),
    ],
)  # fmt: skip
def test_command_that_cannot_run(
    client: Client, files: dict[str, str], executable: str, command: str, said: str
) -> None:
    """What keeps a start command from being run is a warning of the deployment, and the first call fails so."""
    code = zipped(files, *filter(None, [executable]))
    web = deployed(client, files, command, code=code)
    (warning,) = web.info.warnings
    assert warning.startswith("the first call will fail: F")
    assert said in warning
    failed = web.invoke()
    assert failed.error_type == "FunctionNotStarted"
    assert error(failed) in warning


@pytest.mark.parametrize(
    "command",
    [
        "python3 app.py",
        "/usr/bin/env python3 app.py",
        "sh -c 'python3 app.py'",
        "sub/../run",
        "./run",
        "/code/run",
    ],
)
def test_command_that_can_run(client: Client, command: str) -> None:
    """Nothing is said about a command that does."""
    files = {"app.py": programs.SERIAL, "run": programs.SERIAL, "sub/x": ""}
    web = deployed(client, files, command, code=zipped(files, "run"))
    assert web.info.warnings == ()
    assert web.invoke("x").ok


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("what", ["drop", "short", "nonsense"])
def test_no_whole_answer(client: Client, what: str) -> None:
    """The error is Function Compute's; the log says that the program runs, and what it did instead of answering."""
    call = deployed(client, {"bootstrap": programs.THREADS}).invoke(f"do {what}")
    assert error(call).startswith(EXITED)
    why = "what it answered is no HTTP" if what == "nonsense" else "it closed the connection"
    assert f"The program runs on, and gave no whole answer: {why}" in call.log


def test_other_status_is_noted(client: Client) -> None:
    """An answer of 404 or 500 to /invoke is a success, and the log says that it was none of 200."""
    web = deployed(client, {"bootstrap": programs.THREADS})
    call = web.invoke("do error")
    assert (call.ok, call.payload) == (True, b"oh no")
    assert "The program answered 500 to POST /invoke, which Function Compute takes for a success" in call.log
    assert "The program answered" not in web.invoke("do cookies").log
    assert "The program answered" not in web.invoke("do failed").log


# ---------------------------------------------------------------- without internetAccess

REACHES = """
    def do_reach(self, body):
        import errno, socket
        said = []
        out = (2, 1, "192.0.2.1"), (2, 2, "192.0.2.1"), (10, 1, "2001:db8::1")
        for family, kind, at in (*out, (2, 1, "127.0.0.1"), (10, 1, "::ffff:192.0.2.1")):
            with socket.socket(family, kind) as sock:
                sock.settimeout(0.3)
                try:
                    sock.connect((at, 9))
                    said.append("ok")
                except OSError as error:
                    said.append(errno.errorcode.get(error.errno, "late"))
        self.answer(200, json.dumps(said).encode())

"""


def test_program_without_internet(client: Client, impatient: Server) -> None:
    """It is called and reaches its own machine, and nothing else, in what it starts neither."""
    program = programs.THREADS.replace("    def do_sleep(", REACHES + "    def do_sleep(")
    web = deployed(client, {"bootstrap": program})
    assert web.invoke("do reach").value[:2] != ["ENETUNREACH", "ENETUNREACH"]
    changed = Caller(impatient.url).call("PUT", "/2023-03-30/functions/web", {"internetAccess": False})
    assert changed.status == 200, changed.said
    assert any("connects to nothing but this machine" in str(w) for w in client.get("web").info.warnings)
    out = "ENETUNREACH"
    assert web.invoke("do reach").value == [out, out, out, "ECONNREFUSED", out]
    assert web.invoke("x").ok
