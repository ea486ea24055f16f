"""What a Python function sees and what becomes of what it returns, raises and prints: the runtime contract."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.wire.results import Invocation
from tests.conftest import ACCOUNT, REGION, Deploy, zipped
from tests.server.processes import Door, meeting_with, state, wait_for

RUNTIMES = ("python3.9", "python3.10", "python3.12")
SMALL = "python3.12"  # the runtime whose context is the smaller one
UNHANDLED = "UnhandledInvocationError"
EXITED = (
    r"Process exited unexpectedly before completing request \(duration: \d+ms, maxMemoryUsage: [\d.]+MB\)"
)
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"

each_runtime = pytest.mark.parametrize("runtime", RUNTIMES)
Do = Callable[..., Invocation]


@pytest.fixture
def do(deploy: Deploy) -> Do:
    """``do("answer = 1")`` runs statements in one function of this test; all calls meet the same instance."""
    made: dict[str, Any] = {}

    def run(statements: str, runtime: str = "python3.10") -> Invocation:
        if runtime not in made:
            made[runtime] = deploy(
                "does", runtime=runtime, name=f"does-{runtime.replace('.', '')}", timeout=20
            )
        found: Invocation = made[runtime].invoke(statements)
        return found

    return run


def error_of(invocation: Invocation) -> dict[str, Any]:
    """The error JSON of a call that must have failed as every Python error does."""
    assert invocation.error_type == UNHANDLED, invocation.payload
    return invocation.error


def lines(invocation: Invocation) -> list[str]:
    """What was printed between the marks of the invocation."""
    text = invocation.log
    start = f"FC Invoke Start RequestId: {invocation.request_id}\n"
    assert text.count(start) == 1, text
    between = text.partition(start)[2].partition(f"FC Invoke End RequestId: {invocation.request_id}")
    assert between[1], text
    return between[0].splitlines()


# ---------------------------------------------------------------- event and context


@each_runtime
def test_event_is_bytes(deploy: Deploy, runtime: str) -> None:
    """The event is bytes, as they were sent; nothing is decoded or parsed, and no body is b""."""
    function = deploy("tells", runtime=runtime)
    for event, seen in [(b"", ""), (None, ""), (b"text", "text"), ({"a": "ü"}, '{"a": "ü"}')]:
        told = function(event)
        assert (told["event_type"], told["event"]) == ("bytes", seen)


def test_event_bytes_come_back_as_they_are(deploy: Deploy) -> None:
    """Every byte value survives the way in and out."""
    raw = bytes(range(256)) * 3
    assert deploy("echo").invoke(raw).payload == raw


@each_runtime
def test_runs_on_its_own_python(deploy: Deploy, runtime: str) -> None:
    """The interpreter is the one the runtime names, or the deployment says which other one it is."""
    function = deploy("tells", runtime=runtime)
    version = ".".join(map(str, function()["python"]))
    expected = [] if f"python{version}" == runtime else [f"{runtime} runs on Python {version} here"]
    assert [w.partition(":")[0] for w in function.info.warnings] == expected


@pytest.mark.parametrize("runtime", [r for r in RUNTIMES if r != SMALL])
def test_context(deploy: Deploy, runtime: str) -> None:
    """Up to 3.10 the context has credentials, service and tracing, and both spellings of the request id."""
    code = zipped(
        "def handler(event, context):\n"
        "    c, f, s, t = context.credentials, context.function, context.service, context.tracing\n"
        "    return [context.request_id, context.requestId, context.region, context.account_id,\n"
        "        [c.access_key_id, c.access_key_secret, c.security_token],\n"
        "        [c.accessKeyId, c.accessKeySecret, c.securityToken],\n"
        "        [f.name, f.handler, f.memory, int(f.timeout)],\n"
        "        [s.name, s.log_project, s.log_store, s.qualifier, s.version_id],\n"
        "        [t.span_context, t.jaeger_endpoint, t.span_baggages],\n"
        "        int(context.retry_count), __import__('json').loads(context.to_json())['request_id'],\n"
        "        type(context).__name__, hasattr(context, 'initializer'), hasattr(context, 'logger')]\n"
    )
    function = deploy("context", code=code, runtime=runtime, memory=256, timeout=7)
    call = function.invoke()
    one, two, region, account, keys, camel, meta, service, tracing, retries, told, kind, *absent = call.value
    assert one == two == told == call.request_id
    assert (region, account, retries, kind) == (REGION, ACCOUNT, 0, "FCContext")
    assert keys == camel
    assert all(keys)
    assert meta == [function.info.name, "index.handler", 256, 7]
    assert service == ["", "", "", "LATEST", "LATEST"]
    assert tracing == ["", "", {}]
    assert absent == [False, False]


def test_small_context(deploy: Deploy) -> None:
    """On 3.12 the context is smaller: no credentials, no service, version and qualifier with the function."""
    code = zipped(
        "def handler(event, context):\n"
        "    f = context.function\n"
        "    context.logger.info('by the logger')\n"
        "    return [context.request_id, context.region, context.account_id, context.log_project,\n"
        "        context.log_store, [f.name, f.handler, f.memory, int(f.timeout), f.version_id, f.qualifier],\n"
        "        [n for n in ('credentials', 'service', 'tracing', 'retry_count', 'requestId') "
        "if hasattr(context, n)]]\n"
    )
    function = deploy("small", code=code, runtime=SMALL, memory=256, timeout=7)
    call = function.invoke()
    info = function.info
    assert call.value == [
        call.request_id, REGION, ACCOUNT, "", "",
        [info.name, "index.handler", 256, 7, "LATEST", "LATEST"], [],
    ]  # fmt: skip
    assert re.fullmatch(rf"{STAMP} {call.request_id} \[INFO\] by the logger", lines(call)[0])


def test_missing_credentials_fail_as_on_function_compute(do: Do) -> None:
    """Code that reads context.credentials on 3.12 gets the AttributeError it would get there."""
    error = error_of(do("answer = context.credentials", SMALL))
    assert error["errorMessage"] == "'FCContext' object has no attribute 'credentials'"


def test_secrets_are_not_in_a_printed_context(do: Do) -> None:
    """Printing the context or its credentials shows no secret."""
    call = do(
        "c = context.credentials\nprint(c, context, vars(context))\nprint(context.to_json())\n"
        "answer = [c.access_key_secret, c.security_token]"
    )
    for secret in call.value:
        assert secret
        assert secret not in call.log


def test_request_id_has_the_shape_and_changes(deploy: Deploy) -> None:
    """A request id is 1-TIME-HEX-HEX, and each call of an instance sees its own."""
    function = deploy("does")
    calls = [function.invoke("answer = context.request_id") for _ in range(2)]
    assert [c.value for c in calls] == [c.request_id for c in calls]
    assert calls[0].request_id != calls[1].request_id
    assert all(re.fullmatch(r"1-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{12}", c.request_id) for c in calls)


# ---------------------------------------------------------------- what is returned

INDENTED = {
    "{'b': 1, 'a': '中'}": '{\n    "a": "\\u4e2d",\n    "b": 1\n}',
    "[1, {'b': [], 'a': ()}]": '[\n    1,\n    {\n        "a": [],\n        "b": []\n    }\n]',
}
COMPACT = {
    "{'b': 1, 'a': '中'}": '{"b": 1, "a": "\\u4e2d"}',
    "[1, {'b': [], 'a': ()}]": '[1, {"b": [], "a": []}]',
}
SAME = {
    "b'\\x00\\xff'": b"\x00\xff",
    "b''": b"",
    "'text with \"quotes\" and ü'": 'text with "quotes" and ü'.encode(),
    "''": b"",
    "None": b"null",
    "True": b"true",
    "False": b"false",
    "1": b"1",
    "2.5": b"2.5",
    "10 ** 30": b"1" + b"0" * 30,
    "float('nan')": b"NaN",
    "-float('inf')": b"-Infinity",
    "{}": b"{}",
    "[]": b"[]",
    "decimal.Decimal('1.50')": b"1.5",
    "datetime.datetime(2026, 1, 2, 3, 4, 5)": b'"2026-01-02T03:04:05"',
    "datetime.date(2026, 1, 2)": b'"2026-01-02"',
    "Own()": b'{\n    "own": true\n}',
}


@each_runtime
def test_return_value_becomes_the_body(deploy: Deploy, runtime: str) -> None:
    """bytes and str stay as they are; the rest is JSON, up to 3.10 indented by 4, sorted and in ASCII."""
    function = deploy("returns", runtime=runtime)
    expected = {**SAME, **{k: v.encode() for k, v in (COMPACT if runtime == SMALL else INDENTED).items()}}
    if runtime == SMALL:
        expected["Own()"] = b'{"own": true}'
    calls = {expression: function.invoke(expression) for expression in expected}
    assert {e: c.payload for e, c in calls.items()} == expected
    assert {c.error_type for c in calls.values()} == {""}
    assert {c.content_type for c in calls.values()} == {"application/octet-stream"}


NO_JSON = {
    "{1, 2}": "set",
    "bytearray(b'a')": "bytearray",
    "memoryview(b'a')": "memoryview",
    "{'a': b'b'}": "bytes",
    "(n for n in ())": "generator",
    "object()": "object",
    "{'a': [1, range]}": "type",
}


@each_runtime
def test_what_is_no_json_fails_the_call(deploy: Deploy, runtime: str) -> None:
    """A value that JSON does not have is a TypeError of the call, in its own words."""
    function = deploy("returns", runtime=runtime)
    errors = {expression: error_of(function.invoke(expression)) for expression in NO_JSON}
    assert {e["errorType"] for e in errors.values()} == {"TypeError"}
    assert {expression: e["errorMessage"] for expression, e in errors.items()} == {
        expression: f"Object of type {kind} is not JSON serializable" for expression, kind in NO_JSON.items()
    }


def test_mixed_keys_cannot_be_sorted(deploy: Deploy) -> None:
    """Up to 3.10 the keys are sorted, which fails for keys of different types."""
    for runtime in ("python3.9", "python3.10"):
        error = error_of(deploy("returns", runtime=runtime).invoke("{1: 2, 'a': 3}"))
        assert error["errorType"] == "TypeError"
        assert "'<' not supported between instances of" in error["errorMessage"]


def test_coroutine_is_not_awaited(deploy: Deploy) -> None:
    """What an async handler returns is a coroutine, and that is not JSON."""
    function = deploy("x", code=zipped("async def handler(event, context):\n    return 1\n"))
    assert error_of(function.invoke())["errorMessage"] == "Object of type coroutine is not JSON serializable"


def test_text_that_is_no_unicode_fails_the_call(do: Do) -> None:
    """A lone surrogate cannot be sent; the call fails and the instance lives."""
    assert error_of(do(r"answer = '\ud800'"))["errorType"] == "UnicodeEncodeError"
    assert do("answer = 'well'").value == "well"


# ---------------------------------------------------------------- what is raised


@each_runtime
def test_error_payload(deploy: Deploy, runtime: str) -> None:
    """Message, bare class name, and a frame of four texts for each call in the author's own code."""
    call = deploy("raises", runtime=runtime).invoke()
    assert error_of(call) == {
        "errorMessage": "'nope'",
        "errorType": "KeyError",
        "stackTrace": [
            ['File "/code/index.py"', "line 10", "in handler", "return inner({})"],
            ['File "/code/index.py"', "line 5", "in inner", 'return x["nope"]'],
        ],
    }
    assert call.payload == json.dumps(call.error, indent=4).encode()
    assert call.content_type == "application/json"


def test_error_is_logged_before_the_end(deploy: Deploy) -> None:
    """The error JSON stands in the log at ERROR, and the end mark says that the function failed."""
    call = deploy("raises").invoke()
    printed, logged = lines(call)
    assert printed == "starting"
    head, _, text = logged.partition(" [ERROR] ")
    assert re.fullmatch(rf"{STAMP} {call.request_id}", head)
    assert json.loads(text) == call.error
    assert f"FC Invoke End RequestId: {call.request_id}, Error: Unhandled function error\n" in call.log


@pytest.mark.parametrize(
    ("statements", "kind", "message"),
    [
        ("class Own(ValueError): pass\nraise Own('a', 'b')", "Own", "('a', 'b')"),
        ("raise Exception", "Exception", ""),
        ("raise Exception('中\\n\\ud800')", "Exception", "中\n\ud800"),
        ("class B(Exception):\n  def __str__(self): 1 / 0\nraise B", "B", "ZeroDivisionError while printing B"),
        ("class B(Exception):\n  def __str__(self): return 5\nraise B", "B", "TypeError while printing B"),
        ("def f(): f()\nf()", "RecursionError", "maximum recursion depth exceeded"),
        ("input()", "EOFError", "EOF when reading a line"),
        ("import json; json.loads('[')", "JSONDecodeError", "Expecting value: line 1 column 2 (char 1)"),
    ],
)  # fmt: skip
def test_any_exception_is_answered(do: Do, statements: str, kind: str, message: str) -> None:
    """Whatever Exception is raised, the caller gets its class and text, and the instance lives on."""
    before = do("import os; answer = os.getpid()").value
    error = error_of(do(statements))
    assert (error["errorType"], error["errorMessage"][: len(message)]) == (kind, message)
    assert do("import os; answer = os.getpid()").value == before


def test_wrong_signature_has_no_frames_of_ours(deploy: Deploy) -> None:
    """A handler that cannot be called with (event, context) fails without a frame: those would be ours."""
    error = error_of(deploy("x", code=zipped("def handler(event):\n    return 1\n")).invoke())
    assert "takes 1 positional argument but 2 were given" in error["errorMessage"]
    assert error["stackTrace"] == []


@pytest.mark.parametrize("how", ["sys", "os", "kill", "builtin"])
def test_end_of_the_process(deploy: Deploy, how: str) -> None:
    """However the process ends, the caller is told so, and the next call gets a new instance."""
    function = deploy("exits")
    call = function.invoke(how)
    assert call.error_type == UNHANDLED
    assert re.fullmatch(EXITED, call.error["errorMessage"])
    assert set(call.error) == {"errorMessage"}
    after = function.invoke("")
    assert (after.value, after.cold_ms > 0) == ("alive", True)
    assert after.instance_id != call.instance_id


@pytest.mark.parametrize(
    "statements",
    [
        "raise KeyboardInterrupt",
        "class Own(BaseException): pass\nraise Own",
        "raise GeneratorExit",
        "import ctypes; ctypes.string_at(0)",
        "import os; os.abort()",
        "import os; os.closerange(3, 100)",
    ],
)
def test_what_is_no_exception_ends_the_process(do: Do, statements: str) -> None:
    """BaseException, a crash in C and a closed channel are an unexpected end; the next call is served."""
    call = do(statements)
    assert re.fullmatch(EXITED, call.error["errorMessage"])
    assert do("answer = 1").value == 1


#: says to the server what a function has no business to say
SAYS = """
import json, os, struct, sys
frame = sys._getframe()
while "CONTROL" not in frame.f_globals:
    frame = frame.f_back
head = json.dumps({0}).encode()
os.write(frame.f_globals["CONTROL"], struct.pack(">II", len(head), 2) + head + b"{{}}")
os._exit(0)
"""


@pytest.mark.parametrize(
    "head",
    [
        "[1]",
        "{'memory_kb': 'much'}",
        "{'memory_kb': 1, 'error_type': 5}",
        "{'memory_kb': 1, 'error_type': 'UnhandledInvocationError', 'behind': 5}",
    ],
)
def test_an_answer_that_is_none(do: Do, head: str) -> None:
    """A function that writes into the server's descriptor ends its instance, and nothing else."""
    call = do(SAYS.format(head))
    assert re.fullmatch(EXITED, call.error["errorMessage"])
    assert do("answer = 1").value == 1


def test_an_error_that_a_function_made_up(do: Do) -> None:
    made_up = "{'memory_kb': 1, 'error_type': 'UnhandledInvocationError', 'behind': [5, {'notes': 5, 'errorType': 'E', 'stackTrace': 7}]}"  # noqa: E501
    call = do(SAYS.format(made_up))
    assert call.error_type == UNHANDLED
    assert [cause["stackTrace"] for cause in call.behind] == [[]]


def test_log_of_a_process_that_ended_is_kept(do: Do) -> None:
    """What was printed before the end is in the log, inside the marks."""
    call = do("import os\nprint('last words', flush=True)\nos._exit(1)")
    assert lines(call) == ["last words", "The process ended with exit status 1"]


# ---------------------------------------------------------------- loading the handler


def load_error(deploy: Deploy, files: dict[str, str], handler: str = "index.handler", **fields: Any) -> Any:
    function = deploy("load", code=zipped(files), handler=handler, **fields)
    calls = [function.invoke() for _ in range(2)]
    assert calls[0].error == calls[1].error  # a failed import is tried again, and fails again
    assert calls[1].cold_ms == 0
    error = error_of(calls[0])
    assert all(isinstance(item, str) for item in error["stackTrace"])
    logged = lines(calls[0])[-1].partition(" [ERROR] ")[2]
    assert ast.literal_eval(logged) == error  # a load error is logged as Python writes a dict
    return error


@pytest.mark.parametrize("runtime", ["python3.10", "python3.12"])
@pytest.mark.parametrize(
    ("files", "handler", "kind", "message", "last"),
    [
        ({"index.py": "x = 1"}, "index.handler", "HandlerNotFound",
         "Handler 'handler' is missing on module 'index'", "module 'index' has no attribute 'handler'"),
        ({"main.py": "x = 1"}, "index.handler", "ImportModuleError",
         "Unable to import module 'index'", "ModuleNotFoundError: No module named 'index'"),
        ({"index.py": "import nowhere_to_be_found"}, "index.handler", "ImportModuleError",
         "Unable to import module 'index'", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ({"index.py": "from json import nothing_such"}, "index.handler", "ImportModuleError",
         "Unable to import module 'index'", "ImportError: cannot import name 'nothing_such' from 'json'"),
        ({"src/app.py": "x = 1"}, "src/main.run", "ImportModuleError",
         "Unable to import module 'src/main'", "ModuleNotFoundError: No module named 'src.main'"),
        ({"index.py": "x = 1"}, "json.loads", "ImportModuleError",
         "Unable to import module 'json'", "ModuleNotFoundError: No module named 'json'"),
        ({"index.py": "x = 1\ndef handler(:\n"}, "index.handler", "UserCodeSyntaxError",
         "Syntax error in module 'index'", "SyntaxError: invalid syntax"),
        ({"index.py": "1 / 0"}, "index.handler", "UserCodeError",
         "Module initialization error: 'division by zero'", "ZeroDivisionError: division by zero"),
        ({"index.py": "import os\nos.environ['NOPE']"}, "index.handler", "UserCodeError",
         "Module initialization error: ''NOPE''", "KeyError: 'NOPE'"),
    ],
)  # fmt: skip
def test_load_failures(
    deploy: Deploy, runtime: str, files: dict[str, str], handler: str, kind: str, message: str, last: str
) -> None:
    """Each cause has Function Compute's own type and message, and a flat stack that ends with the reason."""
    error = load_error(deploy, files, handler, runtime=runtime)
    assert (error["errorType"], error["errorMessage"]) == (kind, message)
    assert error["stackTrace"][-1].startswith(last)


def test_syntax_error_names_the_place(deploy: Deploy) -> None:
    """File, line and source text of a syntax error, as the author knows them."""
    error = load_error(deploy, {"index.py": "x = 1\ndef handler(:\n"})
    assert error["stackTrace"][:3] == ['File "/code/index.py"', "line 2", "def handler(:"]


def test_handler_without_a_dot(deploy: Deploy, client: Client) -> None:
    """A handler without a dot is refused when it is deployed, so it never reaches an instance."""
    with pytest.raises(Exception, match="handler"):
        deploy("echo", handler="index")
    assert not client.list("t-test-handler-without")


def test_exception_at_import_that_cannot_print(deploy: Deploy) -> None:
    """An exception at import whose text fails is still an answer."""
    source = "class Bad(Exception):\n    def __str__(self): 1 / 0\nraise Bad\n"
    error = load_error(deploy, {"index.py": source})
    assert error["errorMessage"] == "Module initialization error: 'ZeroDivisionError while printing Bad'"


def test_import_happens_in_the_first_request(deploy: Deploy) -> None:
    """The module is imported after the start mark of the first call, and once."""
    function = deploy(
        "x", code=zipped("print('importing')\ndef handler(event, context):\n    print('called')\n")
    )
    assert [lines(function.invoke()) for _ in range(2)] == [["importing", "called"], ["called"]]


def test_failed_import_is_tried_again(deploy: Deploy) -> None:
    """An import that failed is not remembered: when the reason is gone, the same instance serves."""
    door = Door()
    source = f"{door.knock(1)}\ndef handler(event, context):\n    return 'loaded'\n"
    function = deploy("x", code=zipped(source))
    door.close()
    first = function.invoke()
    assert error_of(first)["errorType"] == "UserCodeError"
    with contextlib.closing(Door(door.name)):
        second = function.invoke()
    assert (second.value, second.instance_id) == ("loaded", first.instance_id)


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"src/app.py": "def main(e, c): return __file__"}, "src/app.main"),
        ({"pkg/__init__.py": "", "pkg/mod.py": "def fn(e, c): return __file__"}, "pkg.mod.fn"),
        ({"pkg/__init__.py": "def fn(e, c): return __file__"}, "pkg.fn"),
        ({"a/b/c.py": "def fn(e, c): return __file__"}, "a/b/c.fn"),
        ({"my-app.py": "def fn(e, c): return __file__"}, "my-app.fn"),
    ],
)
def test_handler_in_a_folder(deploy: Deploy, files: dict[str, str], handler: str) -> None:
    """The part before the last dot may be a path or a package."""
    function = deploy("x", code=zipped(files), handler=handler)
    path = next(p for p, text in files.items() if text)
    assert function().endswith("/" + path)


@pytest.mark.parametrize(
    ("name", "runtime"),
    [
        ("requests", "python3.10"),
        ("code", "python3.10"),
        ("logging", "python3.10"),
        ("calendar", "python3.12"),
    ]
    + [("json", runtime) for runtime in RUNTIMES],
)
def test_file_named_like_a_library(deploy: Deploy, runtime: str, name: str) -> None:
    """A file of the function wins over a library of the same name, also one that the runtime uses itself."""
    code = zipped({f"{name}.py": "def handler(event, context):\n    print(1)\n    return {'mine': True}\n"})
    call = deploy(name, code=code, handler=f"{name}.handler", runtime=runtime).invoke()
    assert (call.value, lines(call)) == ({"mine": True}, ["1"])


@each_runtime
def test_unicode_source(deploy: Deploy, runtime: str) -> None:
    """Source in UTF-8, identifiers, output and errors included."""
    code = zipped(
        "def handler(event, context):\n    größe = '中文 🎈'\n    print(größe)\n    raise ValueError(größe)\n"
    )
    call = deploy("x", code=code, runtime=runtime).invoke()
    assert lines(call)[0] == "中文 🎈"
    assert call.error["errorMessage"] == "中文 🎈"
    assert call.error["stackTrace"] == [
        ['File "/code/index.py"', "line 4", "in handler", "raise ValueError(größe)"]
    ]


def test_source_that_is_no_utf8(deploy: Deploy) -> None:
    """Bytes that are no UTF-8 are a syntax error of the module, not a crash."""
    function = deploy("x", code=zipped({"index.py": b"x = '\xff'\ndef handler(e, c): return 1\n"}))
    assert error_of(function.invoke())["errorType"] == "UserCodeSyntaxError"


def test_handler_that_is_no_function(deploy: Deploy) -> None:
    """A handler that cannot be called is a TypeError of the call."""
    error = error_of(deploy("x", code=zipped("handler = 5\n")).invoke())
    assert error["errorMessage"] == "'int' object is not callable"


@pytest.mark.parametrize(
    "source",
    [
        "class Handler:\n    def __call__(self, event, context):\n        return 'called'\nhandler = Handler()\n",
        "import functools\nhandler = functools.partial(lambda said, event, context: said, 'called')\n",
        "handler = lambda event, context: 'called'\n",
    ],
)
def test_handler_may_be_any_callable(deploy: Deploy, source: str) -> None:
    """An object with __call__, a partial or a lambda is a handler too."""
    assert deploy("x", code=zipped(source))() == "called"


# ---------------------------------------------------------------- the initializer


def test_initializer_runs_once_an_instance(deploy: Deploy) -> None:
    """The entrypoint gets the context and runs before the first call of an instance, inside its own marks."""
    function = deploy("counts", entrypoint="index.initialize")
    first, second = function.invoke(), function.invoke()
    assert (first.value["initialized"], first.value["calls"], second.value["calls"]) == (True, 1, 2)
    assert first.instance_id == second.instance_id
    ident = first.request_id
    assert re.search(
        rf"^FunctionCompute python3 runtime inited\.\nFC Initialize Start RequestId: {ident}\n"
        rf"initializing {function.info.name}\nFC Initialize End RequestId: {ident}\n"
        rf"FC Invoke Start RequestId: {ident}\nFC Invoke End RequestId: {ident}\n",
        first.log,
    )
    assert "Initialize" not in second.log


def test_without_an_initializer_nothing_is_initialized(deploy: Deploy) -> None:
    """An entrypoint that is the handler is no initializer."""
    call = deploy("counts").invoke()
    assert call.value["initialized"] is False
    assert "Initialize" not in call.log


def test_failing_initializer_fails_the_call(deploy: Deploy) -> None:
    """The call fails with the initializer's error and without the handler; the next starts anew and tries again."""
    door = Door()
    door.close()
    source = (
        f"def initialize(context):\n    {door.knock(1)}\n"
        "def handler(event, context):\n    print('handled')\n    return 'served'\n"
    )
    function = deploy("x", code=zipped(source), entrypoint="index.initialize")
    first, second = function.invoke(), function.invoke()
    for call in (first, second):
        assert (call.error_type, call.error["errorType"]) == ("InitializationError", "ConnectionRefusedError")
        assert f"FC Initialize End RequestId: {call.request_id}, Error: Unhandled function error" in call.log
        assert "FC Invoke" not in call.log
    assert first.instance_id != second.instance_id
    with contextlib.closing(Door(door.name)):
        third = function.invoke()
    assert (third.value, third.cold_ms > 0) == ("served", True)


@pytest.mark.parametrize(
    ("entrypoint", "kind"),
    [("index.nope", "HandlerNotFound"), ("nope.initialize", "ImportModuleError")],
)
def test_missing_initializer_fails_like_a_missing_handler(deploy: Deploy, entrypoint: str, kind: str) -> None:
    """A hook the code does not have fails like any missing handler."""
    call = deploy("echo", entrypoint=entrypoint).invoke("x")
    assert (call.error_type, call.error["errorType"]) == ("InitializationError", kind)


def test_initializer_that_ends_the_process(deploy: Deploy) -> None:
    """sys.exit in an initializer is an unexpected end too."""
    source = "def initialize(context):\n    exit()\ndef handler(event, context):\n    return 1\n"
    call = deploy("x", code=zipped(source), entrypoint="index.initialize").invoke()
    assert re.fullmatch(EXITED, call.error["errorMessage"])


# ---------------------------------------------------------------- the log


@each_runtime
def test_log_lines(deploy: Deploy, runtime: str) -> None:
    """print is raw, logging has time, request id and level, debug is silent, children write too."""
    call = deploy("logs", runtime=runtime).invoke()
    ident = call.request_id
    info, warning, *raw = lines(call)
    assert re.fullmatch(rf"{STAMP} {ident} \[INFO\] root info", info)
    assert re.fullmatch(rf"{STAMP} {ident} \[WARNING\] context warning", warning)
    assert raw == ["printed", "to stderr", "from a child"]


def test_whole_log_of_a_call(deploy: Deploy) -> None:
    """The first line once a cold start, the marks, and at the end what the call took."""
    function = deploy("does", memory=256)
    cold, warm = function.invoke("print('a')"), function.invoke("print('a')")
    for call, head in ((cold, r"FunctionCompute python3 runtime inited\.\n"), (warm, "")):
        assert re.fullmatch(
            rf"{head}FC Invoke Start RequestId: {call.request_id}\na\nFC Invoke End RequestId: {call.request_id}\n\n"
            r"Duration: [\d.]+ ms, Billed Duration: \d+ ms, Memory Size: 256 MB, Max Memory Used: [\d.]+ MB",
            call.log,
        )
    assert 0 < warm.memory_mb < 100


def test_log_tail_is_the_last_4_kb(deploy: Deploy, client: Client) -> None:
    """A caller gets the last 4 KB, the stored log has more, and neither has all of an endless one."""
    function = deploy("prints_a_lot")
    call = function.invoke("1")
    assert call.value == "done"
    assert 4000 < len(call.log.encode()) <= 4096
    tail = call.log.splitlines()
    assert tail[-5:-3] == ["x" * 1023, "the last line"]
    assert tail[-1].startswith("Duration: ")
    (stored,) = client.logs(function.info.name).requests
    assert stored.text.endswith(call.log)
    assert 60_000 < len(stored.text) < 200_000


def test_tail_begins_at_a_character(deploy: Deploy) -> None:
    """A cut through a character of several bytes leaves that one out."""
    call = deploy("does").invoke("print('é' * 3000 + 'x')")
    assert len(call.log.encode()) <= 4096
    assert set(call.log.partition("x\n")[0]) == {"é"}


def test_debug_is_shown_when_the_function_wants_it(do: Do) -> None:
    """The level is the function's to lower, and a formatter of its own prints UTC as well."""
    call = do(
        "import logging, os, time\nlogging.getLogger().setLevel(10)\nlogging.basicConfig(level=50)\n"
        "logging.debug('now seen')\nos.environ['TZ'] = 'Asia/Shanghai'\ntime.tzset()\n"
        "record = logging.makeLogRecord({'created': 0.0})\nprint(logging.Formatter().formatTime(record, '%H'))\n"
        "logging.getLogger().setLevel(20)\nos.environ['TZ'] = 'UTC'\ntime.tzset()"
    )
    seen, hour = lines(call)
    assert re.fullmatch(rf"{STAMP} {call.request_id} \[DEBUG\] now seen", seen)
    assert hour == "00"


def test_logged_exception_has_its_traceback(do: Do) -> None:
    """logging.exception writes the traceback below its line."""
    call = do("import logging\ntry:\n  1 / 0\nexcept Exception:\n  logging.exception('oh')")
    first, *rest = lines(call)
    assert first.endswith("[ERROR] oh")
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[-1] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("statements", "seen"),
    [
        ("import os; os.write(1, b'\\xff\\x00raw\\n')", "\ufffd\x00raw"),
        ("import sys; sys.stdout.buffer.write(b'\\xc3\\xbc\\n')", "ü"),
        ("import sys; sys.stdout.write('no line end')", "no line end"),
        ("print('a\\r\\nb', end='')", "a"),
        ("import sys; print('x' * 200_000)", None),
        (
            "import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
            "thread",
        ),
        ("import subprocess; subprocess.run(['echo', 'child'])", "child"),
        ("import warnings; warnings.warn('careful')", "<string>:1: UserWarning: careful"),
    ],
)
def test_output_of_every_kind(do: Do, statements: str, seen: str | None) -> None:
    """Binary, unfinished, long, threaded and children's output: the call ends well and its log holds it."""
    call = do(statements)
    assert call.ok, call.error
    assert call.log.splitlines()[-3].startswith("FC Invoke End") or call.log.splitlines()[-3] == ""
    if seen is not None:
        assert seen in lines(call)


@pytest.mark.parametrize(
    "statements",
    [
        "import sys; sys.stdout.close()",
        "import sys; sys.stdout = None",
        "import sys, io; sys.stdout = io.StringIO()",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import os; os.close(1)",
        "import os; os.close(1); os.close(2)",
        "import sys; sys.stdout = sys.stderr = object()",
        "import logging; logging.getLogger().handlers.clear()",
        "import logging\nclass H(logging.Handler):\n  def emit(self, record): 1 / 0\n"
        "logging.getLogger().addHandler(H())",
    ],
)
def test_spoiled_output_still_answers(do: Do, statements: str) -> None:
    """A function that closes or replaces its output gets its answers and its errors nevertheless."""
    assert do(f"{statements}\nanswer = 'answered'").value == "answered"
    error = error_of(do("raise ValueError('still told')"))
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "still told")


def test_closed_output_does_not_hide_the_log(do: Do) -> None:
    """What is logged after sys.stdout was closed is still in the log."""
    call = do("import sys, logging\nsys.stdout.close()\nlogging.info('seen')")
    assert re.fullmatch(rf"{STAMP} {call.request_id} \[INFO\] seen", lines(call)[0])


def test_replaced_output_is_honoured(do: Do) -> None:
    """Output that the function redirects goes where it wants it, log lines too."""
    call = do(
        "import contextlib, io, logging\ntext = io.StringIO()\nwith contextlib.redirect_stdout(text):\n"
        "  print('caught')\n  logging.info('caught too')\nanswer = text.getvalue()"
    )
    assert call.value.startswith("caught\n")
    assert call.value.endswith("[INFO] caught too\n")
    assert lines(call) == []


def test_output_after_the_return_is_nobodys(deploy: Deploy) -> None:
    """What a thread prints between two calls is in the log of neither, and does no harm."""
    function = deploy("goes_on")
    with meeting_with() as meeting:
        first = function.invoke(f"print {meeting.name}")
        meeting.let_go("later")
        meeting.let_go("done")
        meeting.visitor("done")
        second = function.invoke("nothing x")
    assert second.instance_id == first.instance_id
    assert (lines(first), lines(second)) == ([], [])


def test_process_that_ends_between_calls_is_replaced(deploy: Deploy) -> None:
    """An instance that ends itself while idle is not handed to the next call."""
    function = deploy("goes_on")
    with meeting_with() as meeting:
        first = function.invoke(f"exit {meeting.name}")
        meeting.let_go("later")
        wait_for(lambda: not meeting.visitor("later").family())
        second = function.invoke("nothing x")
    assert second.ok
    assert second.instance_id != first.instance_id


def test_endless_output_ends_at_the_time_out(deploy: Deploy, client: Client) -> None:
    """A function that prints without end is stopped in time, and only the end of its log is kept."""
    function = deploy("never_ends", timeout=1)
    call = function.invoke()
    assert call.error["errorMessage"].startswith("Function timed out after 1 seconds")
    (stored,) = client.logs(function.info.name).requests
    assert len(stored.text) < 400_000


# ---------------------------------------------------------------- environment, paths, descriptors


@each_runtime
def test_environment_is_built_from_nothing(deploy: Deploy, runtime: str) -> None:
    """The platform's variables and the function's own; none of the server's, none that are not documented."""
    own = {"MODE": "fast", "LANGUAGE_OF_USER": "中文"}
    function = deploy("tells", runtime=runtime, environment=own, memory=256)
    call = function.invoke()
    found = dict(call.value["environ"])
    version = "FC_FUNCTION_VERSION" if runtime == SMALL else "FC_VER_ID"
    cwd = call.value["cwd"]
    assert {name: found.pop(name, None) for name in own} == own
    keys = [
        found.pop(f"ALIBABA_CLOUD_{name}")
        for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")
    ]
    assert all(keys)
    assert found.pop("OSS_ENDPOINT").startswith("http://127.0.0.1:")
    assert found == {
        "FC_FUNC_CODE_PATH": cwd,
        "FC_ACCOUNT_ID": ACCOUNT,
        "FC_FUNCTION_NAME": function.info.name,
        "FC_FUNCTION_HANDLER": "index.handler",
        "FC_FUNCTION_MEMORY_SIZE": "256",
        "FC_REGION": REGION,
        "FC_INSTANCE_ID": call.instance_id,
        version: "LATEST",
        "PATH": "/opt/bin:/usr/local/bin:/usr/bin:/bin",
        "LD_LIBRARY_PATH": f"{cwd}:{cwd}/lib:/usr/local/lib:/opt/lib",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": "/tmp",
        "PYTHONUNBUFFERED": "1",
    }


def test_function_may_set_what_the_platform_sets(deploy: Deploy) -> None:
    """A variable of the function's own wins over the default of that name, and its time zone counts."""
    code = zipped("import time\ndef handler(event, context):\n    return [time.localtime(0).tm_hour]\n")
    assert deploy("x", code=code, environment={"TZ": "Asia/Shanghai"})() == [8]
    assert deploy("x", code=code)() == [0]


@each_runtime
def test_paths(deploy: Deploy, runtime: str) -> None:
    """The code folder is the working directory and first on sys.path, layers come next; no library of ours or the
    server's is there."""
    told = deploy("tells", runtime=runtime, environment={"PYTHONPATH": "python:/opt/more"})()
    assert told["path"][0] == told["cwd"]
    layers = [f"/opt/python/lib/{runtime}/site-packages", "/opt/python"]
    assert told["path"][1:5] == [*layers, "python", "/opt/more"]
    assert len(told["path"]) == len(set(told["path"]))
    assert not [p for p in told["path"][5:] if "site-packages" in p or "fc_magic" in p]
    assert told["argv"] == [""]


@each_runtime
def test_descriptors(deploy: Deploy, runtime: str) -> None:
    """A function inherits nothing of the server: the three standard ones and the runtime's own few."""
    code = zipped(
        "import os\ndef handler(event, context):\n    found = []\n    for n in range(256):\n        try:\n"
        "            found.append(os.readlink(f'/proc/self/fd/{n}'))\n        except OSError:\n            pass\n"
        "    return found\n"
    )
    stdin, *rest = deploy("x", code=code, runtime=runtime)()
    assert stdin == "/dev/null"
    kinds = sorted(re.sub(r"\d+", "N", d) for d in rest)
    assert kinds == ["pipe:[N]", "pipe:[N]", "socket:[N]", "socket:[N]"]


def test_children_inherit_no_descriptor_of_ours(do: Do) -> None:
    """A command the function runs gets the standard three only."""
    call = do(
        "import subprocess; answer = subprocess.run(['ls', '/proc/self/fd'], capture_output=True).stdout"
    )
    assert call.payload.split() == [b"0", b"1", b"2", b"3"]  # 3 is the folder that ls reads


def test_code_folder_is_writable(do: Do) -> None:
    """On FC 3.0 every directory is writable, the code folder and /tmp too."""
    call = do(
        "import os\nfor p in ('w.tmp', '/tmp/fc-magic-w.tmp'):\n  open(p, 'w').close()\n  os.unlink(p)\nanswer = 1"
    )
    assert call.value == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the loader of macOS has other variables")
def test_library_in_the_code_folder_is_found(deploy: Deploy) -> None:
    """LD_LIBRARY_PATH counts for the C library too: a shared object in lib/ is loaded by its bare name."""
    loaded = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    library = next(p for p in loaded if Path(p).name.startswith(("libm.", "libm-")))
    files: dict[str, str | bytes] = {
        "index.py": "from ctypes import CDLL, c_double\ndef handler(event, context):\n"
        "    return CDLL('libmine.so').ilogb(c_double(8.0))\n",
        "lib/libmine.so": Path(library).read_bytes(),
    }
    assert deploy("x", code=zipped(files))() == 3


# ---------------------------------------------------------------- processes, threads, size


@each_runtime
@pytest.mark.parametrize(
    ("how", "answer"),
    [("pool", [0, 2, 4, 6, 8]), ("spawn", [0, 2, 4, 6, 8]), ("subprocess", 42)],
)
def test_other_processes(deploy: Deploy, runtime: str, how: str, answer: Any) -> None:
    """multiprocessing, forked and spawned, and subprocess work as in any program, and leave no trace in the log."""
    call = deploy("forks", runtime=runtime, timeout=20).invoke(how)
    assert call.value == answer, call.error
    assert lines(call) == []


def test_forked_child_that_returns_is_no_answer(deploy: Deploy) -> None:
    """If the handler forks and both return, the parent's answer counts, for this call and the next."""
    function = deploy("forks", timeout=20)
    assert [function("returns twice"), function(""), function("returns twice"), function("")] == [
        "parent"
    ] * 4


def test_end_of_the_process_is_seen_while_a_child_lives(deploy: Deploy) -> None:
    """A forked child does not keep a dead instance's call waiting, and is ended with it."""
    call = deploy("forks", timeout=20).invoke("child stays")
    assert re.fullmatch(EXITED, call.error["errorMessage"])


@each_runtime
def test_large_event_and_result(deploy: Deploy, runtime: str) -> None:
    """Twenty megabytes go in and come out unchanged."""
    raw = bytes(range(256)) * (20 << 12)
    call = deploy("echo", runtime=runtime, timeout=30).invoke(raw)
    assert call.payload == raw
    assert call.ok


def test_answer_that_is_too_large(deploy: Deploy) -> None:
    """An answer may have 32 MB; a larger one is an error that says so, and is not taken in."""
    function = deploy("returns", timeout=30, memory=1024)
    most = 32 << 20
    assert len(function.invoke(f"'x' * {most}").payload) == most
    for size in (most + 1, most * 6):
        call = function.invoke(f"'x' * {size}")
        assert call.error_type == "UnhandledInvocationError"
        said = f"the answer has {size:,} bytes; at most 32 MB are allowed"
        assert call.error == {"errorMessage": said}
    assert function("1") == 1


def test_large_event_to_a_function_that_stopped_reading(deploy: Deploy) -> None:
    """The time-out counts from the beginning: a process that does not even read its event is ended."""
    with contextlib.closing(Door()) as door:
        function = deploy("echo", code=door.code("echo"), timeout=1)
        pid = door.instance(function.invoke()).pid
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: state(pid) == "T")
    call = function.invoke(b"x" * (8 << 20))
    assert call.error["errorMessage"].startswith("Function timed out after 1 seconds")


def test_asyncio_and_signals_in_a_handler(do: Do) -> None:
    """The handler runs in the main thread: asyncio.run and signal handlers work."""
    assert do("import asyncio\nasync def f(): return 5\nanswer = asyncio.run(f())").value == 5
    call = do(
        "import signal\nhit = []\nsignal.signal(signal.SIGALRM, lambda *a: hit.append(1))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.01)\nsignal.pause()\nanswer = hit"
    )
    assert call.value == [1]
