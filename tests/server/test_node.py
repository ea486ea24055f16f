"""What a Node.js function sees and what becomes of what it returns, calls back, throws and prints."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fc_magic.server.worker import runtimes
from fc_magic.server.worker.launch import InstanceGone
from fc_magic.server.worker.process import Instance, Spec
from fc_magic.wire.results import Invocation
from fc_magic.wire.runtimes import NODE
from tests.conftest import ACCOUNT, REGION, Deploy, Server, serving, zipped
from tests.server.processes import Door, is_alive, until, wait_for
from tests.server.test_layers import publish, sdk_of
from tests.server.test_runtime import EXITED, STAMP, UNHANDLED, lines


def installed() -> bool:
    try:
        return bool(runtimes.find("nodejs20"))
    except runtimes.NotInstalled:
        return False


pytestmark = pytest.mark.skipif(not installed(), reason="there is no Node.js on this machine")
HANDLED = "HandledInvocationError"
each_kind = pytest.mark.parametrize("function", ["raises.js", "raises.mjs"])
Do = Callable[..., Invocation]


def js(text: str, name: str = "index.js", **more: str) -> bytes:
    return zipped({name: text, **{path.replace("__", "/"): source for path, source in more.items()}})


@pytest.fixture
def node(deploy: Deploy) -> Deploy:
    """Deploys for nodejs20 unless another runtime is named."""
    return lambda function, **fields: deploy(function, **{"runtime": "nodejs20", "timeout": 20, **fields})


@pytest.fixture
def do(node: Deploy) -> Do:
    """``do("callback(null, 1)")`` runs statements in one function; all calls meet the same instance."""
    function = node("does.js")
    return lambda statements: function.invoke(statements)


def error_of(invocation: Invocation, kind: str = UNHANDLED) -> dict[str, Any]:
    assert invocation.error_type == kind, invocation.payload
    return invocation.error


def printed(invocation: Invocation) -> list[str]:
    """The lines of the function's own, without the one about its loading."""
    return [line for line in lines(invocation) if not line.startswith("load code for handler:")]


# ---------------------------------------------------------------- the runtime, the event, the context


@pytest.mark.parametrize("runtime", NODE)
def test_runs_on_its_own_node(node: Deploy, runtime: str) -> None:
    """The interpreter is the one the runtime names, or the deployment says which other one it is."""
    function = node("x", code=js("exports.handler = async () => process.versions.node"), runtime=runtime)
    version = function.invoke().payload.decode().partition(".")[0]
    note = f"{runtime} runs on Node.js {version} here"
    expected = [] if f"nodejs{version}" == runtime else [note]
    assert [w.partition(":")[0] for w in function.info.warnings] == expected


@pytest.mark.parametrize("runtime", NODE)
def test_interpreter_is_exact_or_says_so(runtime: str) -> None:
    """An interpreter has been run and said its version; any other version than the runtime's has a note."""
    found = runtimes.find(runtime)
    said = subprocess.run([found.command[0], "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith(f"v{found.version[0]}.")
    assert bool(found.note) == (runtime != f"nodejs{found.version[0]}")
    assert found.command[0] == os.path.realpath(found.command[0])


def test_node_of_a_version_manager_is_found(tmp_path: Path) -> None:
    """A version that nvm installed is preferred to a farther one that is on PATH, and is shown to instances."""
    program = tmp_path / "versions/node/v16.1.0/bin/node"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 16 {program}\n")
    program.chmod(0o755)
    look = "from fc_magic.server.worker import runtimes; f = runtimes.find('nodejs16'); print(*f.command, *f.shown)"
    environment = {**os.environ, "NVM_DIR": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True, text=True)
    assert said.stdout.split() == [
        str(program),
        str(runtimes.HERE / "bootstrap.cjs"),
        str(program.parents[1]),
    ]


def test_no_node_is_refused_with_how_to_get_one(tmp_path: Path) -> None:
    """Where there is none the deployment is refused, with the command that installs one."""
    hidden = [
        p for p in ("/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/bin/node") if os.path.exists(p)
    ]
    mounts = " && ".join(f"mount --bind /dev/null {path}" for path in map(os.path.realpath, hidden))
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here, in which this machine's Node.js could be hidden")
    look = "from fc_magic.server.worker import runtimes; runtimes.find('nodejs18')"
    bare = {"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}"}
    command = ["/usr/bin/unshare", "-rm", "/bin/sh", "-c", f"export PATH=/usr/bin:/bin; {mounts or 'true'} && "
               f"PATH={tmp_path} exec {sys.executable} -c \"{look}\""]  # fmt: skip
    said = subprocess.run(command, env=bare, capture_output=True, text=True)
    assert "NotInstalled: Node.js was not found on this machine" in said.stderr


def test_event_is_a_buffer(do: Do) -> None:
    """The event is a Buffer of its own memory, as it was sent; no body is an empty one."""
    told = do(
        "callback(null, [event instanceof Buffer, event.toString(), event.buffer.byteLength]) // ü"
    ).value
    assert told[:2] == [
        True,
        "callback(null, [event instanceof Buffer, event.toString(), event.buffer.byteLength]) // ü",
    ]
    assert told[2] == len(told[1].encode())


def test_bytes_come_back_as_they_are(node: Deploy) -> None:
    """Every byte value survives the way in and out, also 30 MB of them; the instance serves on."""
    function = node("x", code=js("exports.handler = async (event) => event"))
    for raw in (b"", bytes(range(256)) * 3, os.urandom(1 << 20) * 30):
        assert function.invoke(raw).payload == raw


def test_context(node: Deploy) -> None:
    """The context has what Function Compute documents for Node.js."""
    text = (
        "exports.handler = async (event, c) => ({...c, logger: Object.keys(c.logger), keys: {...c.credentials},\n"
        "  methods: ['debug', 'info', 'warn', 'error', 'log', 'setLogLevel'].map((n) => typeof c.logger[n])})"
    )
    function = node("x", code=js(text), memory=256, timeout=7)
    call = function.invoke()
    told = call.value
    assert all(told.pop("keys").values())
    assert list(told.pop("credentials")) == ["accessKeyId"]  # as JSON it shows no secret
    assert told == {
        "requestId": call.request_id,
        "function": {"name": function.info.name, "handler": "index.handler", "memory": 256, "timeout": 7},
        "service": {
            "name": "",
            "logProject": "",
            "logStore": "",
            "qualifier": "LATEST",
            "versionId": "LATEST",
        },
        "region": REGION,
        "accountId": ACCOUNT,
        "logger": ["requestId", "logLevel"],
        "retryCount": 0,
        "tracing": {"openTracingSpanContext": "", "openTracingSpanBaggages": {}, "jaegerEndpoint": ""},
        "waitsForEmptyEventLoopBeforeCallback": False,
        "methods": ["function"] * 6,
    }


def test_secrets_are_not_in_a_printed_context(do: Do) -> None:
    """Printing the context or its credentials shows no secret."""
    call = do(
        "console.log(context, context.credentials, JSON.stringify(context), `${context.credentials}`);"
        "callback(null, {...context.credentials})"
    )
    assert "requestId" in call.log
    for secret in (call.value["accessKeySecret"], call.value["securityToken"]):
        assert secret
        assert secret not in call.log


@pytest.mark.parametrize(
    ("runtime", "version"), [("nodejs16", "FC_VER_ID"), ("nodejs20", "FC_FUNCTION_VERSION")]
)
def test_environment(node: Deploy, runtime: str, version: str) -> None:
    """Variables are those of every runtime, arguments those of a program; the heap may grow to half of the memory."""
    text = "exports.handler = async () => [process.env, process.argv.length, process.cwd(), process.execArgv]"
    function = node("x", code=js(text), runtime=runtime, memory=512, environment={"OWN": "1"})
    environment, arguments, folder, options = function()
    assert environment["OWN"] == "1"
    assert {n for n in environment if n.startswith("FC_")} == {
        "FC_FUNC_CODE_PATH", "FC_ACCOUNT_ID", "FC_FUNCTION_NAME", "FC_FUNCTION_HANDLER", "FC_FUNCTION_MEMORY_SIZE",
        "FC_REGION", "FC_INSTANCE_ID", version,
    }  # fmt: skip
    assert (arguments, folder, options) == (2, environment["FC_FUNC_CODE_PATH"], ["--max-old-space-size=256"])


def test_own_options_of_node(node: Deploy) -> None:
    """Who sets NODE_OPTIONS decides about the heap."""
    text = "exports.handler = async () => require('v8').getHeapStatistics().heap_size_limit / 1024 / 1024"
    own = node("x", code=js(text), environment={"NODE_OPTIONS": "--max-old-space-size=300"}, memory=1024)
    assert 300 <= own() < 512
    assert node("x", code=js(text), memory=1024)() >= 512


# ---------------------------------------------------------------- answers

ANSWERS = {
    "null": b"",
    "undefined": b"",
    "Buffer.from([0, 255])": b"\x00\xff",
    "'text \"ü\"'": 'text "ü"'.encode(),
    "''": b"",
    "1.5": b"1.5",
    "0": b"0",
    "true": b"true",
    "10n ** 30n": b"1" + b"0" * 30,
    "({b: 1, a: [2, null, '中']})": '{"b":1,"a":[2,null,"中"]}'.encode(),
    "[]": b"[]",
    "new Date(0)": b'"1970-01-01T00:00:00.000Z"',
    "({toJSON: () => undefined})": b"",
}


@pytest.mark.parametrize(
    "how", ["callback(null, VALUE)", "Promise.resolve(VALUE)", "callback(undefined, VALUE)"]
)
def test_answer_becomes_the_body(do: Do, how: str) -> None:
    """Buffers and texts stay as they are, null is empty, objects are compact JSON; called back or promised."""
    # a handler that takes a callback may promise nothing and call it later
    values = [v for v in ANSWERS if "Promise" not in how or v != "undefined"]
    calls = {value: do(how.replace("VALUE", value)) for value in values}
    assert {v: c.payload for v, c in calls.items()} == {v: ANSWERS[v] for v in values}
    assert {c.error_type for c in calls.values()} == {""}
    assert {c.content_type for c in calls.values()} == {"application/octet-stream"}


def test_only_the_first_answer_counts(do: Do) -> None:
    """Later callbacks, errors and promises change nothing, and what runs on before the answer is in its log."""
    call = do(
        "callback(null, 'first'); callback(null, 'second'); callback(new Error('third'));"
        "process.nextTick(() => console.log('after')); console.log('still'); throw new Error('fourth')"
    )
    assert (call.payload, call.error_type) == (b"first", "")
    assert [line.partition("] ")[2] for line in printed(call)][:1] == ["still"]
    assert do("callback(null, 'next')").payload == b"next"


@pytest.mark.parametrize(
    "handler",
    [
        "async (event, context) => 'yes'",
        "(event, context) => new Promise((done) => setTimeout(done, 5, 'yes'))",
        "(event, context) => ({ then: (done) => done('yes') })",
        "(event, context, callback) => { setTimeout(callback, 5, null, 'yes') }",
        "async (event, context, callback) => { setTimeout(callback, 5, null, 'yes') }",
        "function () { arguments[2](null, 'yes') }",
    ],
)  # fmt: skip
def test_forms_of_a_handler(node: Deploy, handler: str) -> None:
    """Promises of any kind answer, and callbacks, also late ones of async functions."""
    assert node("x", code=js(f"exports.handler = {handler}"))() == "yes"


def test_empty_event_loop_can_be_waited_for(node: Deploy) -> None:
    """waitsForEmptyEventLoopBeforeCallback holds the answer back until nothing is left to do."""
    function = node("waits_first.js")
    held = function.invoke("yes")
    assert (held.payload, printed(held)[-1].endswith("[verbose] later")) == (b"answer", True)
    assert held.duration_ms >= 50
    assert printed(function.invoke("no")) == []


def test_no_json_fails_the_call(do: Do) -> None:
    """A value that JSON does not have is a TypeError of the call, and the instance serves on."""
    assert error_of(do("const a = {}; a.a = a; callback(null, a)"))["errorType"] == "TypeError"
    assert "BigInt" in error_of(do("callback(null, {n: 1n})"))["errorMessage"]
    assert do("callback(null, 'well')").payload == b"well"


def test_answer_too_large(do: Do) -> None:
    """More than 32 MB are refused, and the next call works."""
    assert (
        "33,554,433 bytes; at most 32 MB are allowed"
        in error_of(do("callback(null, Buffer.alloc((1 << 25) + 1))"))["errorMessage"]
    )
    assert do("callback(null, 'next')").payload == b"next"


# ---------------------------------------------------------------- errors


@each_kind
def test_error_payload(node: Deploy, function: str) -> None:
    """Message, name and the lines of the stack, without ours; compact JSON, and logged as [error] before the end."""
    kind = Path(function).suffix
    place = "/code/index.js" if kind == ".js" else "file:///code/index.mjs"
    caller = "exports.handler" if kind == ".js" else "async handler"
    call = node(function).invoke()
    error = error_of(call)
    assert error == {
        "errorMessage": "Cannot read properties of undefined (reading 'length')",
        "errorType": "TypeError",
        "stackTrace": [
            "TypeError: Cannot read properties of undefined (reading 'length')",
            f"    at inner ({place}:{3 if kind == '.js' else 4}:22)",
            f"    at {caller} ({place}:8:10)" if kind == ".js" else f"    at {caller} ({place}:9:10)",
        ],
    }
    assert call.payload == json.dumps(error, separators=(",", ":")).encode()
    assert call.content_type == "application/json"
    first, logged = printed(call)
    assert first.endswith(" [verbose] starting")
    assert re.fullmatch(rf"{STAMP} {call.request_id} \[error\] \{{.*", logged)
    assert json.loads(logged.partition("[error] ")[2]) == error
    assert f"FC Invoke End RequestId: {call.request_id}, Error: Unhandled function error\n" in call.log


@pytest.mark.parametrize(
    ("given", "message", "kind"),
    [
        ("new TypeError('ü')", "ü", "TypeError"),
        ("Object.assign(new Error('m'), {name: 'Own'})", "m", "Own"),
        ("'text'", "text", "FunctionHandledError"),
        ("{code: 1}", '{"code":1}', "FunctionHandledError"),
        ("Buffer.from('raw')", "raw", "FunctionHandledError"),
        ("0", "0", "FunctionHandledError"),
        ("false", "false", "FunctionHandledError"),
    ],
)  # fmt: skip
def test_error_called_back(do: Do, given: str, message: str, kind: str) -> None:
    """What is given to the callback first is a handled error, in the header, the body and the log."""
    call = do(f"callback({given})")
    error = error_of(call, HANDLED)
    assert (error["errorMessage"], error["errorType"]) == (message, kind)
    assert ("stackTrace" in error) == (kind != "FunctionHandledError")
    assert call.log.count(", Error: Handled function error\n") == 1


@pytest.mark.parametrize(
    ("statements", "message", "kind"),
    [
        ("throw 'text'", "text", "FunctionUnhandledError"),
        ("throw null", "", "FunctionUnhandledError"),
        ("Promise.reject({code: 1})", '{"code":1}', "FunctionUnhandledError"),
        ("throw new (class Own extends Error { get name() { return 'Own' } })('m')", "m", "Own"),
        ("const e = new Error('m'); delete e.stack; e.stack = 5; throw e", "m", "Error"),
        ("throw require('vm').runInNewContext(`new Error('elsewhere')`)", "elsewhere", "Error"),
        ("throw new (class extends Error { get message() { throw new Error('no') } })()", "no", "Error"),
        ("JSON.parse('[')", "Unexpected end of JSON input", "SyntaxError"),
        ("(function f() { f() })()", "Maximum call stack size exceeded", "RangeError"),
    ],
)  # fmt: skip
def test_anything_thrown_is_answered(do: Do, statements: str, message: str, kind: str) -> None:
    """Whatever is thrown or rejected, the caller gets its text, and the instance lives on."""
    before = do("callback(null, process.pid + process.env.FC_INSTANCE_ID)").value
    error = error_of(do(statements))
    assert (error["errorMessage"], error["errorType"]) == (message, kind)
    assert do("callback(null, process.pid + process.env.FC_INSTANCE_ID)").value == before


@pytest.mark.parametrize(
    "statements",
    [
        "process.exit(3)",
        "process.kill(process.pid, 'SIGKILL')",
        "process.abort()",
        "setTimeout(() => { throw new Error('told') }, 5)",
        "Promise.reject(new Error('told')); new Promise((done) => setTimeout(done, 5000))",
        "setTimeout(() => { throw 'told' }, 5)",
        "require('fs').closeSync(3); require('fs').closeSync(4); for (let i = 5; i < 20; i++) "
        "try { require('fs').closeSync(i) } catch (e) {} callback(null, 1)",
    ],
)  # fmt: skip
def test_end_of_the_process(do: Do, statements: str) -> None:
    """However the process ends, the caller is told so, and the next call gets a new instance."""
    call = do(statements)
    error = error_of(call)
    assert re.fullmatch(EXITED, error["errorMessage"])
    assert set(error) == {"errorMessage"}
    assert ("told" in call.log, "bootstrap" in call.log) == ("told" in statements, False)
    assert do("callback(null, 'next')").payload == b"next"


def test_own_listener_has_uncaught_errors(do: Do) -> None:
    """A function that listens for uncaught exceptions goes on, as in any Node.js."""
    call = do(
        "process.once('uncaughtException', (error) => callback(null, error.message));"
        "setTimeout(() => { throw new Error('caught') }, 5)"
    )
    assert call.payload == b"caught"


# ---------------------------------------------------------------- loading

MISSING = "Handler 'handler' is missing on module 'index'"
LOAD = {
    "no file": ({"main.js": ""}, "ImportModuleError", "Module '/code/index.js' is missing."),
    "no package": ({"index.js": "\nrequire('nope')"}, "ImportModuleError", "Cannot find module 'nope'"),
    "no package of a module": (
        {"index.mjs": "import x from 'nope'"},
        "ImportModuleError",
        "Cannot find package 'nope' imported from /code/index.mjs",
    ),
    "no handler": ({"index.js": "exports.other = 1"}, "HandlerNotFound", MISSING),
    "no function": ({"index.mjs": "export const handler = 1"}, "HandlerNotFound", MISSING),
    "syntax": ({"index.js": "\nconst x = ;"}, "UserCodeSyntaxError", "Unexpected token ';'"),
    "syntax of a module": (
        {"index.mjs": "import 'fs'\nconst x = ;"},
        "UserCodeSyntaxError",
        "Unexpected token ';'",
    ),
    "throws": ({"index.js": "\nthrow new RangeError('top')"}, "RangeError", "top"),
    "rejects": ({"index.mjs": "\nawait Promise.reject(new RangeError('top'))"}, "RangeError", "top"),
}
PLACES = {"no package": "/code/index.js:2", "syntax": "/code/index.js:2", "syntax of a module": "/code/index.mjs:2",
          "throws": "/code/index.js:2", "rejects": "/code/index.mjs:2"}  # fmt: skip


@pytest.mark.parametrize("case", LOAD)
def test_load_error(node: Deploy, case: str) -> None:
    """What fails while the file is loaded has Node's own names, a place where there is one, and nothing of ours."""
    files, kind, message = LOAD[case]
    function = node("x", code=zipped(files))
    for _ in range(2):  # the instance lives, and fails again
        call = function.invoke()
        error = error_of(call)
        assert (error["errorType"], error["errorMessage"].splitlines()[0]) == (kind, message)
        assert "bootstrap" not in call.log + str(error)
        assert PLACES.get(case, "") in "\n".join(error["stackTrace"])
        assert lines(call)[0] == "load code for handler:index.handler"


MODULE = "export const handler = async () => 'yes'"


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"src/app.js": "exports.run = async () => 'yes'"}, "src/app.run"),
        ({"src/my.app.js": "exports.run = async () => 'yes'"}, "src/my.app.run"),
        ({"index.mjs": "export async function handler() { return 'yes' }"}, "index.handler"),
        ({"index.cjs": "module.exports = { handler: async () => 'yes' }"}, "index.handler"),
        ({"index.js": MODULE, "package.json": '{"type": "module"}'}, "index.handler"),
        ({"a/b/index.js": MODULE, "a/package.json": '{"type": "module"}'}, "a/b/index.handler"),
        ({"index.js": "exports.handler = async () => require('./lib/one').one",
          "lib/one.js": "exports.one = 'yes'"}, "index.handler"),
        ({"index.mjs": "import { one } from './lib/one.js'\nimport two from 'two'\n"
                       "export const handler = async () => one + two",
          "lib/one.js": "exports.one = 'ye'", "node_modules/two/index.js": "module.exports = 's'"}, "index.handler"),
        ({"index.js": "exports.handler = async () => (await import('./one.mjs')).default",
          "one.mjs": "export default await Promise.resolve('yes')"}, "index.handler"),
    ],
)  # fmt: skip
def test_modules(node: Deploy, files: dict[str, str], handler: str) -> None:
    """CommonJS and ES modules, in folders too, with what they bring in node_modules."""
    assert node("x", code=zipped(files), handler=handler)() == "yes"


def test_modules_of_a_layer(server: Server, node: Deploy) -> None:
    """What a layer has in nodejs/node_modules is required by its name; the function's own comes first."""
    sdk = sdk_of(server)
    files = {f"nodejs/node_modules/{name}/index.js": "module.exports = 'layer'" for name in ("one", "two")}
    layer = publish(sdk, "l-node", zipped(files), "nodejs20")
    own = {"node_modules__two__index.js": "module.exports = 'own'"}
    code = js("exports.handler = async () => [require('one'), require('two')]", **own)
    try:
        assert node("x", code=code, layers=[{"name": "l-node"}])() == ["layer", "own"]
    finally:
        sdk.delete_layer_version("l-node", str(layer.version))


def test_file_is_loaded_once(node: Deploy) -> None:
    """The file is loaded by the first call, says so, and keeps its state for the next."""
    function = node("counts.mjs")
    calls = [function.invoke() for _ in range(3)]
    assert [call.value for call in calls] == [1, 2, 3]
    assert [lines(call) for call in calls] == [["load code for handler:index.handler"], [], []]
    assert calls[0].log.startswith("FC Invoke Start RequestId: ")


# ---------------------------------------------------------------- hooks


def test_initializer(node: Deploy) -> None:
    """It runs once with the context alone, before the first call and in its own part of the log."""
    function = node("counts.mjs", entrypoint="index.initialize")
    first = function.invoke()
    assert [first.value, function()] == [101, 102]
    begin, _, rest = first.log.partition("\n")
    assert begin == f"FC Initialize Start RequestId: {first.request_id}"
    assert rest.startswith("load code for handler:index.initialize\n")
    assert (
        f"[verbose] initialized {function.info.name}\nFC Initialize End RequestId: {first.request_id}\n"
        in rest
    )


@pytest.mark.parametrize(
    ("initialize", "said"),
    [
        ("(context, callback) => callback(new Error('no'))", "no"),
        ("async (context) => { throw new Error('no') }", "no"),
        ("(event, context, callback) => callback(null, '')", "callback is not a function"),
    ],
)
def test_initializer_that_fails(node: Deploy, initialize: str, said: str) -> None:
    """Its error is the call's; one that wants an event gets (context, callback) all the same, as in a region."""
    code = js(f"exports.initialize = {initialize}\nexports.handler = async () => 1")
    call = node("x", code=code, entrypoint="index.initialize").invoke()
    assert error_of(call, "InitializationError")["errorMessage"] == said


# ---------------------------------------------------------------- the log

LINES = {
    "console.log('%s is %d', 'a', 1, {b: [1]})": "[verbose] a is 1 { b: [ 1 ] }",
    "console.info('a')": "[info] a",
    "console.warn('a')": "[warn] a",
    "console.error(new Error('a').message)": "[error] a",
    "console.debug('a')": "[debug] a",
    "console.log('a\\nb')": "[verbose] a\rb",
    "console.log()": "[verbose] ",
    "context.logger.info('a %s', 'b')": "[info] a b",
    "context.logger.debug('a')": "[debug] a",
    "context.logger.log('a')": "[silly] a",
    "context.logger.setLogLevel('WARN'); context.logger.log('a')": "[warn] a",
}


def test_lines_of_the_console(do: Do) -> None:
    """Each line has time, request id and the level it has in a region; a line end in it is a carriage return."""
    calls = {statement: do(f"{statement}; callback()") for statement in LINES}
    shown = {
        s: call.log.partition(f" {call.request_id} ")[2].partition("\nFC ")[0] for s, call in calls.items()
    }
    assert shown == LINES
    for call in list(calls.values())[1:]:
        assert re.search(rf"^{STAMP} {call.request_id} ", call.log, re.MULTILINE)


def test_plain_output_is_as_it_is(do: Do) -> None:
    """What streams, children and native code write has no prefix, and all of it is there when the call ends."""
    call = do(
        "process.stdout.write('out\\n'); process.stderr.write(Buffer.from('err\\n'));"
        "require('fs').writeSync(1, 'raw\\n');"
        "require('child_process').spawnSync('sh', ['-c', 'echo child'], {stdio: 'inherit'});"
        "process.stdout.write('x'.repeat(1000) + '\\n'); console.table([[1]]); callback()"
    )
    assert printed(call)[:5] == ["out", "err", "raw", "child", "x" * 1000]
    assert "[verbose] ┌" in printed(call)[5]


def test_replaced_stdout_has_the_console_too(do: Do) -> None:
    """A function that puts something in the place of stdout's write sees the console's lines."""
    call = do(
        "const kept = [], write = process.stdout.write; process.stdout.write = (text) => kept.push(text);"
        "console.log('a'); process.stdout.write = write; callback(null, kept)"
    )
    assert [line.partition(" [")[2] for line in call.value] == ["verbose] a\n"]
    assert "verbose" not in call.log


def test_closed_output_hides_nothing(do: Do) -> None:
    """A function that closed its output still answers."""
    assert (
        do(
            "require('fs').closeSync(1); console.log('a'); process.stdout.write('b'); callback(null, 'c')"
        ).payload
        == b"c"
    )


# ---------------------------------------------------------------- the instance


def test_between_calls_nothing_runs(node: Deploy) -> None:
    """An idle instance is frozen: its timers wait for the next call."""
    function = node("ticks.js")
    before = function(b"30")
    assert before > 0
    first = function(b"0")
    time.sleep(0.3)  # nothing may happen meanwhile, and nothing tells that nothing happens
    assert function(b"0") - first < 50


def test_children_have_nothing_of_ours(do: Do) -> None:
    """A child process gets input, output and the log, and no other descriptor."""
    told = do(
        "callback(null, require('child_process').execFileSync('ls', ['/proc/self/fd'], {encoding: 'utf8'}))"
    )
    assert told.payload.split() == [b"0", b"1", b"2", b"3"]  # the last is the folder that is listed


def test_time_out(node: Deploy) -> None:
    """A busy handler and one that never answers run out of time; the second is told what is missing."""
    busy = node("x", code=js("exports.handler = () => { for (;;); }"), timeout=1).invoke()
    idle = node("x", code=js("exports.handler = (event) => 1"), timeout=1).invoke()
    for call in (busy, idle):
        assert re.match(
            r"Function timed out after 1 seconds \(maxMemoryUsage: [\d.]+MB\)", error_of(call)["errorMessage"]
        )
        assert "stack trace" not in call.log
    assert "nothing is left that it could wait for" in idle.log


def test_sigterm_can_be_heard(node: Deploy) -> None:
    """At the time-out a function that listens gets SIGTERM."""
    text = (
        "process.on('SIGTERM', () => console.log('told to end'));"
        "exports.handler = () => new Promise((done) => setTimeout(done, 9999))"
    )
    assert "[verbose] told to end" in node("x", code=js(text), timeout=1).invoke().log


def test_memory(do: Do) -> None:
    """A heap beyond half of the memory, and buffers beyond all of it, end the process; its error says so."""
    heap = do("const a = []; for (;;) a.push(new Array(1000).fill(a.length))")
    assert "JavaScript heap out of memory" in heap.log
    buffers = do("const a = []; for (;;) a.push(Buffer.alloc(1e6, 1))")
    assert re.search(r"Out of memory: the function held \d+ MB, its limit is 128 MB", buffers.log)
    for call in (heap, buffers):
        assert re.fullmatch(EXITED, error_of(call)["errorMessage"])
    small = do("callback(null, 1)")
    assert 20 < small.memory_mb < 100


def test_ends_with_the_server(tmp_path: Path) -> None:
    """When the server is killed, its instances of Node.js end, also in the middle of a call."""
    door = Door()
    knock = json.dumps([runtimes.own()[0], ["-c", door.knock("'busy'")]])
    text = f"exports.handler = () => {{ require('child_process').execFileSync(...{knock}); for (;;); }}"
    with serving(tmp_path) as server, server.client() as client, ThreadPoolExecutor(1) as threads:
        client.deploy({"name": "f", "code": js(text), "runtime": "nodejs20", "timeout": 60})
        call = threads.submit(client.invoke, "f")
        visitor = door.visitor("busy")
        assert visitor.family()
        server.kill()
        wait_for(lambda: not visitor.family())
        assert call.exception()
    door.close()


def test_works_without_a_fork_server(tmp_path: Path) -> None:
    """Started from nothing an instance serves, shows /code in its errors, and ends when the lifeline closes."""
    (tmp_path / "index.mjs").write_text(
        "export function stops() { arguments[1](null, `${typeof arguments[0]} ${arguments.length}`) }\n"
        "export const handler = async (e) => { if (`${e}`) throw new Error('x'); for (;;); }"
    )
    init = {
        "runtime": "nodejs20", "function": "f", "handler": "index.handler", "memory": 128, "timeout": 3,
        "version": "1", "region": "r", "account_id": "1", "credentials": ["", "", ""], "path": [],
        "logs": {"log_project": "", "log_store": ""},
    }  # fmt: skip
    command = runtimes.find("nodejs20").sized(128)
    frame = {"request_id": "1", "qualifier": "LATEST", "kind": "invoke", "handler": "index.handler"}

    async def run() -> None:
        # until it is the program, a process that is started counts as large as who starts it: here, all the tests
        instance = Instance(Spec(command, init, {"PATH": "/usr/bin:/bin"}, tmp_path, memory_mb=8192))
        await instance.start()
        answer = await instance.call(frame, b"x", 10)
        assert json.loads(answer.payload)["stackTrace"][1] == "    at handler (file:///code/index.mjs:2:57)"
        hook = {**frame, "kind": "pre_stop", "handler": "index.stops"}
        assert (await instance.call(hook, b"", 10)).payload == b"object 2"
        busy = asyncio.create_task(instance.call(frame, b"", 30))
        instance._life.close()  # as the kernel does when a server ends
        with pytest.raises(InstanceGone):
            await busy
        await until(lambda: not is_alive(instance.first.pid))

    asyncio.run(run())
