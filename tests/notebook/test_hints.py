"""What to do about an error: the table of hints, and the cells that are to have one, or none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fc_magic.notebook.card import Line, as_text
from fc_magic.notebook.failures import hints
from fc_magic.notebook.failures.failures import failure_card
from tests.conftest import zipped
from tests.notebook.conftest import HANDLER, Shell
from tests.notebook.test_failures import deployed, failing

#: a cell -> what it raises: an author's own words and calls, which are like what others say
OWN = [
    (f"{HANDLER}    raise ValueError('BOOM goes the queue')", "BOOM goes the queue"),
    (f"def half(x):\n    return x / 2\n{HANDLER}    return half(4, 2)", "but 2 were given"),
    (
        "import os\ndef find(row):\n    return row['mood']\n"
        f"{HANDLER}    return find({{'home': os.environ.get('HOME')}}), os.environ['PATH']",
        "KeyError: 'mood'",
    ),
    (f"{HANDLER}    raise RuntimeError('Function timed out after 5 seconds')", "timed out after 5"),
    (
        "class InitializationError(Exception): pass\n"
        f"{HANDLER}    raise InitializationError('Too many processes: 2')",
        "InitializationError: Too many",
    ),
]


def test_a_file_beside_the_notebook(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose name was composed is found missing only there; one that is nowhere is the author's own affair."""
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("a,b")
    deployed(shell, "opens", f"{HANDLER}    return open(event.decode() + '.csv').read()")
    assert "data.csv lies beside the notebook and is not in the package: --file data.csv" in failing(
        shell, "opens", "data"
    ).text.replace("\n", " ")
    assert "--file" not in failing(shell, "opens", "other").text


@pytest.mark.parametrize(("code", "said"), OWN)
def test_no_hint_for_an_authors_own_failure(shell: Shell, code: str, said: str) -> None:
    """The card says what the author wrote, and no more."""
    deployed(shell, "own-words", code)
    invocation = shell.run("own_words.invoke()").value
    assert said in as_text(failure_card(invocation))
    assert [
        line for line in failure_card(invocation).blocks if isinstance(line, Line) and line.kind == "hint"
    ] == []


def test_handler_in_a_folder_that_is_not_there(shell: Shell, home: Path) -> None:
    """It is the handler's file that is missing, and no library of that name."""
    path = home / "flat.zip"
    path.write_bytes(zipped({"index.py": "def handler(event, context): return 1\n"}))
    for handler in ("src/app.main", "src.app.main"):
        assert shell.run(f"%fcdeploy foldered --code {path} --handler {handler} --force").success
        text = " ".join(failing(shell, "foldered").text.split())
        assert "The handler names the file src/app.py" in text
        assert "--requirements" not in text


#: what Function Compute says of an error that it made -> what the hint has in it
BY_FC = [
    ("ImportModuleError: Unable to import module 'a'\nModuleNotFoundError: No module named 'a'", "the file a.py"),
    (
        "ImportModuleError: Unable to import module 'src/app'\nModuleNotFoundError: No module named 'src'",
        "the file src/app.py",
    ),
    (
        "ImportModuleError: Unable to import module 'pkg.mod'\nModuleNotFoundError: No module named 'pkg.mod'",
        "the file pkg/mod.py",
    ),
    ("InvalidHandleName: Invalid handler 'index'", "--handler index.handler"),
    (
        "HandlerNotFound: Handler 'main' is missing on module 'index'\nmodule 'index' has no attribute 'main'",
        "def main(event, context)",
    ),
    ("HandlerNotFound: Handler 'main' is missing on module 'index'", "exports.main = async (event, context)"),
    ("ImportModuleError: Module '/code/app.js' is missing.", "names the file app.js"),
    ("ImportModuleError: Cannot find module '@scope/x'\nRequire stack:\n- /code/index.js", "npm install @scope/x"),
    ("ImportModuleError: Cannot find package 'x' imported from /code/index.mjs", "npm install x"),
    ("UserCodeSyntaxError: Cannot use import statement outside a module", "Call the file index.mjs"),
    ("UserCodeSyntaxError: Unexpected token ';'", "Correct the line."),
    ("Function timed out after 3 seconds\nThe handler has not answered", "callback(null, value)"),
    ("CAExited: fork/exec /code/bootstrap: exec format error", "#!/bin/bash"),
    (
        "Function instance exited unexpectedly(code 8, message:exec format error) with start command ./bootstrap",
        "#!/bin/bash",
    ),
    ("ImportModuleError: Unable to import module 'index'\n[Errno 13] Permission denied: '/code/x'", "chmod 644"),
    ("UserCodeSyntaxError: Syntax error in module 'index'\nSyntaxError: f-string: x", "inside an f-string"),
    ("UserCodeSyntaxError: Syntax error in module 'index'\nSyntaxError: invalid syntax", "Correct the line"),
    ("UserCodeError: Module initialization error: ''TOKEN''\nKeyError: 'TOKEN'", "--env TOKEN=VALUE"),
    ("UserCodeError: Module initialization error: ''token''\nKeyError: 'token'\n<frozen os>", "--env token=VALUE"),
    ("UserCodeError: Module initialization error: ''a b''\nKeyError: 'a b'\n/code/index.py", ".get('a b')"),
    ("UserCodeError: Module initialization error: 'no'\nValueError: no", "--entrypoint index.initialize"),
    ("BadResponse: the function's header 'x y' has characters that a header may not have", "letters, digits and -"),
    ("BadResponse: the function's headers have 9000 bytes; at most 8192 are allowed", "short texts"),
    ("BadResponse: the function's body is dict, not text", "'body': json.dumps(value)"),
    ("BadResponse: the function's statusCode is 'ok'; allowed are 200 to 599", "{'statusCode': 200, 'body': …}"),
    ("BadResponse: the function said isBase64Encoded, but its body is not base64", "base64.b64encode"),
    ("Function timed out after 60 seconds (maxMemoryUsage: 10MB)", "--timeout 120"),
    ("Function timed out after 3 seconds", "--timeout 60"),
    ("Function timed out after 86400 seconds", "--timeout 86400"),
    ("InitializationError: the initializer failed: Function timed out after 3 seconds", "Do less in the initializer"),
    ("Too many processes: the function ran more than 1024 processes and threads", "Start fewer processes"),
    ("Out of memory: the function held 300 MB, its limit is 128 MB", "--memory 1024"),
    ("Process exited unexpectedly before completing request", "Return instead of sys.exit()"),
    ("the answer has 40,000,000 bytes; at most 32 MB are allowed", "Return less, or put it into OSS"),
    ("Process exited unexpectedly\nThe process was ended by signal 11 (Segmentation fault)", "another version of it"),
    ("Invocation canceled by client", "wait longer"),
    ("FunctionNotStarted: health check failed on port 9000", "0.0.0.0, port 9000"),
    (
        "FunctionNotStarted: Failed to start function instance. Error: the file /code/bootstrap is not exist",
        "--entrypoint 'python3 app.py'",
    ),
    ("CAFilePermission: fork/exec /code/bootstrap", "chmod 755"),
    ("Process exited unexpectedly\nThe program runs on, and gave no whole answer: it closed it", "Answer each"),
    ("The program runs on, and gave no whole answer: what it answered is no HTTP: x", "HTTP/1.1"),
    ("health check failed on port 9 in 3 seconds. The program listens on port 80, not on port 9.", "port 9, which"),
    ("FunctionNotStarted: dial tcp 10.0.0.1:3306: connection refused", "Listen first"),
    (
        "ImportModuleError: Unable to import module 'index'\nModuleNotFoundError: No module named 'yaml'",
        "PyYAML is not in the package",
    ),
    (
        "UserCodeError: Module initialization error: 'x'\nKeyError: 'home_folder'\n<frozen os> \n/code/index.py ",
        "--env home_folder=VALUE",
    ),
    (
        "Function instance exited unexpectedly(code 13, message:permission denied) with start command ./bootstrap",
        "chmod 755",
    ),
    (
        "Function instance exited unexpectedly(code 2, message:no such file or directory) with start command ./x",
        "line ends must be LF",
    ),
]  # fmt: skip
#: what Python, Node.js or a library says of one that code of a function raised
RAISED = [
    ("ReferenceError: require is not defined in ES module scope, you can use import instead", "import x from 'x'"),
    ("TypeError: callback is not a function", "an initializer (context, callback)"),
    ("ImportError: /code/x.so: wrong ELF class: ELFCLASS32", "linux x86_64"),
    ("OSError: [Errno 8] Exec format error: '/code/tool'", "linux x86_64"),
    ("ImportError: /lib/libc.so.6: version `GLIBC_2.34' not found (required by x.so)", "(GLIBC_2.34)"),
    ("ModuleNotFoundError: No module named 'PIL.Image'", "Pillow is not in the package"),
    ("ModuleNotFoundError: No module named 'numpy'", "numpy is not in the package"),
    ("ImportError: cannot import name 'Self' from 'typing' (/usr/lib/python3.10/typing.py)", "--runtime python3.12"),
    ("ImportError: cannot import name 'soft_unicode' from 'markupsafe'", "has soft_unicode"),
    ("KeyError: 'TOKEN'\n/usr/lib/python3.10/os.py raise KeyError(key) from None", "--env TOKEN=VALUE"),
    ("TypeError: byte indices must be integers or slices, not str", "json.loads(event)"),
    ("AttributeError: 'bytes' object has no attribute 'get'", "json.loads(event)"),
    ("TypeError: a bytes-like object is required, not 'str'\n/code/index.py if 'a' in event", "json.loads(event)"),
    ("TypeError: Object of type coroutine is not JSON serializable", "asyncio.run"),
    ("TypeError: Object of type int64 is not JSON serializable", "convert int64 before"),
    ("TypeError: keys must be str, int, float, bool or None, not tuple", "{str(k): v for k, v in value.items()}"),
    (
        "TypeError: '<' not supported between instances of 'str' and 'int'\n/usr/lib/python3.10/json/encoder.py",
        "keys of one type",
    ),
    ("AttributeError: 'FCContext' object has no attribute 'credentials'", "context.request_id"),
    ("TypeError: 'FCContext' object is not callable", "web application as a handler"),
    ("TypeError: handler() takes 1 positional argument but 2 were given", "def handler(event, context)"),
    ("TypeError: handler() takes from 0 to 1 positional arguments but 2 were given", "def handler(event, context)"),
    ("TypeError: handler() takes 0 positional arguments but 2 were given", "def handler(event, context)"),
    ("RuntimeError: ERROR: No matching distribution found for nothing-like-it", "--requirements NAME"),
    ("CalledProcessError: Command '['python', '-m', 'pip', 'install', 'x']' returned", "--requirements NAME"),
    ("OSError: ERROR: Can not combine '--user' and '--target'", "--requirements NAME"),
    ("MemoryError: Unable to allocate 4 GiB", "--memory 1024"),
    ("FileNotFoundError: [Errno 2] No such file or directory: 'README.md'", "--file README.md"),
    ("OSError: [Errno 30] Read-only file system: '/code/x'", "below /tmp"),
    (
        "AttributeError: 'bytes' object has no attribute 'get'\n/x/app.py self.wsgi_app(environ, start_response)",
        "web application",
    ),
]  # fmt: skip
SAID = [(*row, True) for row in BY_FC] + [(*row, False) for row in RAISED]


@pytest.mark.parametrize(("said", "hint", "by_fc"), SAID)
def test_hint(said: str, hint: str, by_fc: bool) -> None:
    """Each known message has its hint, filled in."""
    found = hints.find(said, by_fc)
    assert hint in found
    assert not re.search(r"\{\d|\{dist|\{more|\{\{", found)


def test_every_row_is_reached() -> None:
    """No row of the table is hidden by one before it, or matches nothing that anybody says."""
    reached = {hints.row(said, by_fc) for said, _, by_fc in SAID}
    assert [row for row in hints.HINTS if row not in {found and found[0] for found in reached}] == []


@pytest.mark.parametrize(
    "said",
    [
        "ValueError: no",
        "KeyError: 'name'",
        "",
        "AssertionError",
        "ZeroDivisionError: x",
        "ValueError: BOOM goes the queue",
        "ValueError: OOM",
        "KeyError: 'mood'\n/code/videos.py return d['mood']",
        "KeyError: 'mood'\n/code/index.py return row['mood'], os.environ['PATH']",
        "KeyError: 'mood'\n/code/index.py d[x]\n/usr/lib/python3.10/os.py return f(x)",
        "TypeError: half() takes 1 positional argument but 2 were given\n/code/index.py return half(4, 2)",
        "RuntimeError: the job Initializer timed out",
        "OSError: [Errno 305] x",
        "ValueError: no start_response in it\n/code/index.py start_response(1)",
    ],
)
def test_no_hint(said: str) -> None:
    """An error of the function's own has no hint."""
    assert hints.find(said, by_fc=False) == ""


@pytest.mark.parametrize("said", [said for said, _, _ in SAID])
def test_words_of_an_author_are_nobody_elses(said: str) -> None:
    """An exception may say what Function Compute says, or have another in its text."""
    assert hints.find(f"QueueError: {said}", by_fc=False) == ""
    assert hints.find(f"QueueError: asked\n{said}", by_fc=False) == ""
