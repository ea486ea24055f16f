"""The user errors of Function Compute, one by one, as a person in a notebook meets them: each says what to do.

The numbers are those of a list of what people run into. Most are provoked: a cell that fails, a deployment that is
refused, a program that does not start. What only a region says is matched by its texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from fc_magic.client import advice
from fc_magic.errors import ApiError
from fc_magic.package.bundle import bundle
from tests.client.endpoint import Endpoint, refusal
from tests.notebook.conftest import HANDLER, Shell

H = HANDLER
JSON_LESS = "the event comes as bytes"


@dataclass(frozen=True)
class Cell:
    """Deployed, and called if that is not refused; ``said`` and ``hint`` stand in what is shown."""

    code: str
    said: str
    hint: str
    options: str = "--force"
    event: str = "{}"


@dataclass(frozen=True)
class Package:
    """The same with a ZIP."""

    files: Mapping[str, str | bytes]
    said: str
    hint: str
    options: str = "--force"
    executable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """What a region answers: its code and its message."""

    code: str
    message: str
    hint: str


PROGRAM = "--runtime custom.debian10 --force --memory 256"
ERRORS: list[tuple[int, Cell | Package | Said]] = [
    (1, Package({"shop/index.py": f"{H}    return 1\n"}, "No module named 'index'", "not in a folder")),
    (2, Package({"main.py": f"{H}    return 1\n"}, "No module named 'index'", "set --handler FILE.FUNCTION")),
    (3, Cell(f"import cv2x, PIL\n{H}    return 1\n", "No module named 'cv2x'", "--requirements cv2x")),
    (3, Cell(f"{H}    import bs4\n", "No module named 'bs4'", "--requirements beautifulsoup4")),
    (4, Cell(f"from typing import override\n{H}    return 1\n", "cannot import name", "--runtime python3.12")),
    (5, Cell(f"import subprocess, sys\nPIP = [sys.executable, '-m', 'pip', 'install', '-x']\n"
             f"{H}    subprocess.run(PIP, check=True)\n", "CalledProcessError", "--requirements NAME")),
    (6, Package({"index.py": "def main(event, context): return 1\n"}, "Handler 'handler' is missing",
                "Define def handler(event, context) at the top level of index.py")),
    (6, Cell("def a(event, context): ...\ndef b(event, context): ...\n", "which function is the handler?",
             "--handler index.a")),
    (7, Package({"index.py": f"{H}    return 1\n"}, "is not file.function", "try --handler index.handler",
                "--force --handler index")),
    (8, Package({"index.py": "def handler(event, context)\n    return 1\n"}, "Syntax error in module 'index'",
                "Correct the line")),
    (9, Cell(f"import os\nKEY = os.environ['MY_KEY']\n{H}    return KEY\n", "''MY_KEY''", "--env MY_KEY=VALUE")),
    (9, Cell(f"X = 1 / 0\n{H}    return X\n", "Module initialization error", "--entrypoint index.initialize")),
    (10, Cell(f"{H}    return event['x']\n", "byte indices must be integers", "event = json.loads(event)")),
    (11, Cell(f"{H}    return {{1, 2}}\n", "Object of type set is not JSON", "Return what JSON has")),
    (11, Cell(f"{H}    return {{'a': b'x'}}\n", "Object of type bytes is not JSON", "convert bytes before")),
    (12, Cell(f"{H}    return context.credentials\n", "no attribute 'credentials'", "ALIBABA_CLOUD_ACCESS_KEY_ID",
              "--force --runtime python3.12")),
    (13, Cell("def handler(environ, start_response):\n    start_response('200 OK', [])\n", "not callable",
              "--runtime custom.debian12")),
    (15, Package({"index.py": f"import fast\n{H}    return 1\n", "fast.so": b"\xcf\xfa\xed\xfe" + b"\0" * 4096},
                 "invalid ELF header", "linux x86_64")),
    (16, Cell(f"import time\n{H}    time.sleep(9)\n", "Function timed out after 1 second", "--timeout 60",
              "--timeout 1")),
    (17, Cell(f"import sys\n{H}    sys.exit()\n", "Process exited unexpectedly", "Return instead of sys.exit()")),
    (17, Cell(f"{H}    x = []\n    while True: x.append(bytes(9_000_000))\n", "Out of memory", "--memory 1024",
              "--memory 128")),
    (20, Package({"app.py": "print(1)"}, "/code/bootstrap is not exist", "--entrypoint 'python3 app.py'", PROGRAM)),
    (21, Package({"bootstrap": "#!/bin/sh\nsleep 1\n"}, "permission denied", "chmod 755", PROGRAM)),
    (22, Package({"bootstrap": "#!/bin/nothing\n"}, "no such file or directory", "line ends must be LF", PROGRAM,
                 ("bootstrap",))),
    (23, Package({"bootstrap": "sleep 1\n"}, "exec format error", "#!/bin/bash", PROGRAM, ("bootstrap",))),
    (25, Said("AccessDenied", "No permission to assume the role 'acs:ram::123:role/fc' for you", "fc.aliyuncs.com")),
    (26, Said("AccessDenied", "the caller is not authorized to perform 'fc:CreateFunction' on resource "
              "'acs:fc:cn-hangzhou:123:functions/hello'", "AliyunFCFullAccess")),
    (26, Said("AccessDenied", "the caller is not authorized to perform 'ram:PassRole' on resource "
              "'acs:ram::123:role/fc'", "ram:PassRole for the role")),
    (27, Said("AccessDenied", "FC service is not enabled for current user.", "activate Function Compute once")),
    (28, Said("InvalidArgument", "project 'logs' does not exist", "create the project")),
    (28, Said("InvalidArgument", "logstore 'calls' does not exist", "takes a minute")),
    (29, Said("InvalidArgument", "Role is required for turning on logging.", "--role NAME")),
    (30, Said("AccessDenied", "No permission to access the logstore 'x' in project 'y'", "log:PostLogStoreLogs")),
    (31, Said("InvalidArgument", "user is not exist. ErrorCode: USER_NOT_EXIST", "AliyunContainerRegistryReadOnly")),
    (32, Said("AccessDenied", "the resource owner does not match", "set account_id to that of the main account")),
    (33, Cell(f"{H}    return 1\n", "filter.key.prefix begins with /", "try --trigger oss:bkt",
              "--trigger oss:bkt//x")),
    (36, Cell(f"import threading\n{H}    threading.Thread(target=print).start()\n    return 1\n",
              "it stands still once the handler has answered", "call join() before returning", "")),
    (34, Cell(f"{H}    return 1\n", "has no valid time zone: 'Asia/Shanghia'", "'timer:CRON_TZ=Asia/Shanghai 0",
              "--trigger 'timer:CRON_TZ=Asia/Shanghia 0 0 4 * * *'")),
    (34, Cell(f"{H}    return 1\n", "has no valid time zone: 'Beijing'", "'timer:CRON_TZ=Asia/Shanghai 0",
              "--trigger 'timer:CRON_TZ=Beijing 0 4 * * *'")),
    (38, Cell(f"{H}    return 1\n", "must be custom-container with an image", "try --runtime custom-container",
              "--image-url registry/x:1 --runtime python3.10")),
    (39, Cell(f"{H}    return 1\n", "has the reserved name FC_REGION", "try --env KEY=VALUE", "--env FC_REGION=x")),
    (39, Cell(f"{H}    return 1\n", "has 5001 bytes", "4096 bytes in all", f"--env A={'x' * 5000}")),
    (40, Cell(f"{H}    return 1\n", "cannot run in this Function Compute", "try --runtime python3.9",
              "--runtime python3")),
    (40, Cell(f"{H}    return 1\n", "is retired", "try --runtime python3.10", "--runtime python2.7")),
]  # fmt: skip
#: told elsewhere. By their texts in tests/notebook/test_failures.py, because they
#: take a machine of another kind, or two minutes: 14, 18, 19, 24, 41. Below: a header of
#: an HTTP response, 35; a layer, 37.
ELSEWHERE = {14, 18, 19, 24, 35, 37, 41}


def test_each_has_a_row() -> None:
    """None of the list is forgotten."""
    assert {number for number, _ in ERRORS} | ELSEWHERE == set(range(1, 42))


def provoked(kind: type) -> list[Any]:
    return [
        pytest.param(error, id=f"{number}-{n}")
        for n, (number, error) in enumerate(ERRORS)
        if type(error) is kind
    ]


@pytest.mark.parametrize("error", provoked(Cell))
def test_cell(shell: Shell, error: Cell) -> None:
    """What is refused, warned of, or fails when it is called."""
    done = shell.run(f"%%fcdeploy user-error {error.options}\n{error.code}")
    shown = done.text
    if done.success:
        shown += shell.run(f"%fcinvoke user-error {error.event}").text
    assert_says(shown, error.said, error.hint)


@pytest.mark.parametrize("error", provoked(Package))
def test_package(shell: Shell, home: Path, error: Package) -> None:
    """A ZIP that somebody made."""
    path = home / "made.zip"
    files = {name: text if isinstance(text, bytes) else text.encode() for name, text in error.files.items()}
    path.write_bytes(bundle(files, frozenset(error.executable)))
    done = shell.run(f"%fcdeploy user-error-zip --code {path} {error.options}")
    shown = done.text
    if done.success:
        shown += shell.run("%fcinvoke user-error-zip").text
    assert_says(shown, error.said, error.hint)


def assert_says(shown: str, *texts: str) -> None:
    plain = " ".join(shown.split())
    for text in texts:
        assert text in plain, shown


@pytest.mark.parametrize("error", provoked(Said))
def test_refusal_of_a_region(error: Said) -> None:
    """Its own text, and what to do about it."""
    with Endpoint([refusal(403, error.code, Message=error.message)]) as endpoint, endpoint.client() as client:
        with pytest.raises(ApiError) as caught:
            client.list()
    assert caught.value.message == error.message
    assert error.hint in caught.value.hint


def test_every_advice_is_reached() -> None:
    """No row of the table is hidden by one before it."""
    said = [error for _, error in ERRORS if isinstance(error, Said)]
    found = {advice.of(error.code, error.message) for error in said}
    assert len(found) == len(advice.HINTS)
    assert advice.of("InvalidArgument", "the memory is too small") == ""


def test_layer_of_another_runtime(shell: Shell, home: Path) -> None:
    """Number 37: a layer that was published for other runtimes."""
    (home / "layer").mkdir()
    (home / "layer" / "more.py").write_text("x = 1\n")
    done = shell.run(f"%fclayer other --folder {home / 'layer'} --runtime python3.12")
    assert done.success, done.text
    done = shell.run(f"%%fcdeploy layered --layer other:1\n{H}    return 1\n")
    assert not done.success
    assert_says(done.text, "compatible with this runtime: its", "publish other for python3.10 too")


@pytest.mark.parametrize(
    ("answer", "said", "hint"),
    [
        (
            {"statusCode": 200, "headers": {"X Name": "a"}},
            "header 'X Name' has characters",
            "letters, digits and -",
        ),
        (
            {"statusCode": 200, "headers": {"X": "a\nb"}},
            "header 'X' has characters",
            "each value in one line",
        ),
        ({"statusCode": 200, "headers": ["X"]}, "headers are list", "{'Content-Type': 'text/html'}"),
        ({"statusCode": 200, "body": {"a": 1}}, "body is dict", "'body': json.dumps(value)"),
        ({"statusCode": "ok"}, "statusCode is 'ok'", "{'statusCode': 200, 'body': …}"),
        (
            {"statusCode": 200, "body": "*", "isBase64Encoded": True},
            "is not base64",
            "base64.b64encode(raw).decode()",
        ),
    ],
)
def test_answer_that_is_no_response(shell: Shell, answer: Any, said: str, hint: str) -> None:
    """Number 35: a browser is told that it failed, and the log what to do."""
    done = shell.run(f"%%fcdeploy pages --trigger http --force\n{H}    return {answer!r}\n")
    assert done.success, done.text
    with pytest.raises(HTTPError, match="502"):
        urlopen(shell.variable("pages").info.urls[0].url, timeout=30)
    assert_says(shell.run("%fclogs pages --limit 1").text, said, hint)
