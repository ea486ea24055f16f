"""The client's verbs: deploy, get, list, delete, invoke and logs, at the real server and at poorer endpoints."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import fc_magic
from fc_magic import errors
from fc_magic.client.client import Client, checked
from fc_magic.client.function import RemoteFunction
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.errors import ApiError, ConnectionFailed, FunctionError, InvalidArgument
from fc_magic.server.process import LocalServer
from tests.client import endpoint
from tests.client.endpoint import FUNCTION, Answer, Endpoint, Wire, answer, client_of, refusal
from tests.conftest import ACCOUNT, KEY_ID, REGION, ROLE, SECRET, Deploy, Server, function_file, zipped

CODE = zipped("def handler(event, context):\n    return event\n")
#: does not shrink, so that bytes on the wire tell whether it was sent
BULKY = zipped(
    {"index.py": "def handler(e, c):\n    return e\n", "noise": random.Random(1).randbytes(200_000)}
)


def known(function: RemoteFunction) -> Any:
    """What is known of a function, without the id and the server of the request that asked."""
    return dataclasses.replace(function.info, request_id="", calls_today=0, urls=())


# ---------------------------------------------------------------- deploy


def test_created_updated_unchanged(deploy: Deploy) -> None:
    """The outcome says what was done, and the version moves only if something was."""
    first, same, other = deploy("echo"), deploy("echo"), deploy("echo", memory=256)
    assert [f.info.outcome for f in (first, same, other)] == ["created", "unchanged", "updated"]
    assert first.info.version == same.info.version != other.info.version
    assert known(same) == known(first)
    assert deploy("echo", name=first.info.name, memory=256).info.outcome == "unchanged"


def test_new_code_is_live(deploy: Deploy) -> None:
    """After an update the next call runs the new code, never the old."""
    for number in range(5):
        function = deploy("x", code=zipped(f"def handler(event, context):\n    return {number}\n"))
        assert [function(), function()] == [number, number]


def test_unchanged_sends_no_code(server: Server, client: Client) -> None:
    """Deploying the same again asks once and carries no code; a change carries it."""
    with Wire(server.url) as wire:
        target = dataclasses.replace(client.target, endpoint=wire.url)
        with Client(target, Settings.load({})) as counted:
            counted.deploy({"name": "bulky", "code": BULKY})
            with_code = wire.sent
            assert counted.deploy({"name": "bulky", "code": BULKY}).info.outcome == "unchanged"
            again = wire.sent - with_code
            assert counted.deploy({"name": "bulky", "code": BULKY, "memory": 192}).info.outcome == "updated"
            changed = wire.sent - with_code - again
    assert with_code > 200_000
    assert again < 2_000
    assert changed > 200_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory", 512),
        ("timeout", 3),
        ("description", "new"),
        ("environment", {"A": "1"}),
        ("handler", "index.other"),
        ("entrypoint", "index.initialize"),
        ("role", "another"),
        ("runtime", "python3.9"),
        ("triggers", [{"type": "http", "config": {}}]),
        ("layers", []),
    ],
)
def test_change_of_one_setting(client: Client, deploy: Deploy, field: str, value: Any) -> None:
    """A change of any one setting is deployed and seen; what was left out goes back to its default."""
    before = deploy("echo")
    after = deploy("echo", name=before.info.name, **{field: value})
    assert after.info.outcome == ("unchanged" if field == "layers" else "updated")
    assert after.info.code_checksum == before.info.code_checksum
    assert known(client.get(before.info.name)) == known(after)
    back = deploy("echo", name=before.info.name)
    assert back.info.settings() == before.info.settings()


def test_deployment_of_somebody_elses_making(client: Client, deploy: Deploy) -> None:
    """A whole Deployment is taken as it is."""
    fields = {"name": "whole", "code": CODE, "memory": 192}
    function = client.deploy(client.complete(fields))
    assert (function.info.memory, function.info.outcome) == (192, "created")
    assert function("x") == "x"


def only_writes(missing: Answer) -> Answer:
    """An endpoint with the published POST, and PUT; ``missing`` is what it says to anything else."""
    known: set[str] = set()

    def act(connection: socket.socket, request: endpoint.Request, ended: threading.Event) -> None:
        name = json.loads(request.body)["name"] if request.body else ""
        if request.method == "POST":
            said = refusal(409, "DeploymentAlreadyExists") if name in known else answer(201, FUNCTION)
            known.add(name)
        elif request.method == "PUT":
            said = answer(200, FUNCTION) if name in known else refusal(404, "DeploymentNotFound")
        else:
            said = missing
        said(connection, request, ended)

    return act


@pytest.mark.parametrize(
    "missing",
    [
        answer(404, b"<h1>no</h1>"),
        answer(405, b""),
        refusal(400, "PathNotSupported"),
        refusal(404, "NotFound"),
    ],
    ids=["page", "405", "PathNotSupported", "404"],
)
def test_endpoint_without_get(missing: Answer) -> None:
    """Where there is only POST and PUT a cell can still be run twice."""
    with Endpoint([only_writes(missing)]) as poor, poor.client() as client:
        assert client.deploy({"name": "f", "code": CODE}).info.outcome == "created"
        assert client.deploy({"name": "f", "code": CODE}).info.outcome == "updated"
    assert [r.method for r in poor.requests] == ["GET", "POST", "GET", "POST", "PUT"]


def test_deleted_between_look_and_update() -> None:
    """A function that vanishes before its update is created."""
    script = [answer(200, FUNCTION), refusal(404, "DeploymentNotFound"), answer(201, FUNCTION)]
    with Endpoint(script) as faulty, faulty.client() as client:
        assert client.deploy({"name": "f", "code": CODE}).info.outcome == "created"
    assert [r.method for r in faulty.requests] == ["GET", "PUT", "POST"]


def test_creation_whose_answer_got_lost() -> None:
    """A POST that was carried out, but whose answer broke, ends in a deployed function."""
    script = [
        refusal(404, "DeploymentNotFound"),
        endpoint.reset,
        refusal(409, "DeploymentAlreadyExists"),
        answer(200, FUNCTION),
    ]
    with Endpoint(script) as faulty, faulty.client() as client:
        assert client.deploy({"name": "f", "code": CODE}).info.name == "f"
    assert [r.method for r in faulty.requests] == ["GET", "POST", "POST", "PUT"]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_look_that_is_refused_sends_no_code(status: int) -> None:
    """Who may not look, or cannot, is told so; the code is not tried on the endpoint."""
    with Endpoint([refusal(status, "No")]) as faulty, faulty.client(retries=0) as client:
        with pytest.raises(ApiError, match="said No"):
            client.deploy({"name": "f", "code": CODE})
    assert [r.method for r in faulty.requests] == ["GET"]


# ---------------------------------------------------------------- what is filled in


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        (
            {},
            {
                "runtime": "python3.10",
                "handler": "index.handler",
                "entrypoint": "index.handler",
                "role": ROLE,
            },
        ),
        ({"handler": "index.main"}, {"handler": "index.main", "entrypoint": "index.main"}),
        ({"entrypoint": "index.init"}, {"handler": "index.handler", "entrypoint": "index.init"}),
        ({"runtime": "python3.12"}, {"runtime": "python3.12"}),
        ({"memory": None, "role": None}, {"memory": 128, "role": ROLE}),
        ({"role": "reader"}, {"role": f"acs:ram::{ACCOUNT}:role/reader"}),
        ({"role": "acs:ram::1:role/own"}, {"role": "acs:ram::1:role/own"}),
    ],
    ids=str,
)
def test_what_can_be_known_is_filled_in(
    client: Client, given: dict[str, Any], filled: dict[str, Any]
) -> None:
    """Handler, entrypoint, runtime and role need not be typed; a bare role name becomes an ARN."""
    whole = client.complete({"name": "f", "code": CODE, **given}).settings()
    assert {name: whole[name] for name in filled} == filled


def test_settings_fill_in(server: Server) -> None:
    """Runtime and role of the settings stand where the call names none."""
    with server.client(runtime="python3.12", role="acs:ram::9:role/set") as client:
        found = client.complete({"name": "f", "code": CODE})
        assert (found.runtime, found.role) == ("python3.12", "acs:ram::9:role/set")
        assert client.complete({"name": "f", "code": CODE, "role": "call"}).role.endswith(":role/call")


def test_role_that_nobody_knows() -> None:
    """Without any role the field is named, and nothing is sent."""
    with Endpoint([answer(200, FUNCTION)]) as faulty:
        target = Target("t", faulty.url, REGION, Credentials("AK", "s"))
        with Client(target, Settings.load({})) as client, pytest.raises(InvalidArgument) as caught:
            client.deploy({"name": "f", "code": CODE})
    assert [p.field for p in caught.value.problems] == ["role"]
    assert faulty.requests == []


WRONG: dict[str, Any] = {
    "name": "two words",
    "description": "x" * 257,
    "runtime": "python3.6",
    "entrypoint": "",
    "handler": "nodot",
    "memory": 7,
    "timeout": 0,
    "environment": {"1A": "x"},
    "role": "acs:ram::x:role/y",
    "vpc_config": {"vpc_id": "v"},
    "triggers": [{"type": "http"}, {"type": "http"}],
    "layers": [{"name": ""}],
    "nonsense": 1,
}


def test_every_wrong_field_at_once() -> None:
    """All wrong fields are named in one error before anything is sent."""
    with Endpoint([answer(200, FUNCTION)]) as faulty, faulty.client() as client:
        with pytest.raises(InvalidArgument) as caught:
            client.deploy({**WRONG, "code": CODE})
    # of a list it is the item that is named: layers.0
    assert {p.field.partition(".")[0] for p in caught.value.problems} == set(WRONG)
    assert all(p.problem for p in caught.value.problems)
    assert caught.value.request_id == ""
    assert faulty.requests == []


@pytest.mark.parametrize(
    "value",
    [5, 1.5, True, ["x"], {"a": 1}, b"x", "\0", "\ud800", {1, 2}, object()],
    ids=lambda v: type(v).__name__,
)
@pytest.mark.parametrize("field", sorted({*WRONG, "zip_file", "image_url", "oss_bucket"} - {"nonsense"}))
def test_value_of_any_kind_is_an_argument_error_or_taken(client: Client, field: str, value: Any) -> None:
    """Whatever a field is given, the answer is a deployment or one error that names the field."""
    found: Any = None
    try:
        found = client.complete({"name": "f", "code": CODE, field: value})
    except InvalidArgument as error:
        found = error.problems
    assert found


@pytest.mark.parametrize("code", [b"", b"not a zip", "not base64!", 5, None], ids=repr)
def test_code_that_is_no_zip(client: Client, code: Any) -> None:
    """Code that is no ZIP is refused by name, and what ran before still runs."""
    client.deploy({"name": "kept", "code": CODE})
    with pytest.raises(InvalidArgument) as caught:
        client.deploy({"name": "kept", "code": code})
    assert [p.field for p in caught.value.problems] == ["code"]
    assert client.invoke("kept", "still").value == "still"


def test_runtime_the_target_cannot_run(client: Client) -> None:
    """A target that is known to run Python only says so for another runtime, without a request."""
    with Endpoint([answer(200, FUNCTION)]) as faulty, faulty.client() as plain:
        target = dataclasses.replace(plain.target, runtimes=("python3.10",))
        with Client(target, plain.settings) as local, pytest.raises(InvalidArgument) as caught:
            local.deploy({"name": "f", "code": CODE, "runtime": "nodejs20"})
    assert caught.value.problems[0].field == "runtime"
    assert caught.value.problems[0].allowed == "python3.10, custom-container"
    assert faulty.requests == []


# ---------------------------------------------------------------- invoke


@pytest.mark.parametrize(
    ("event", "value"),
    [
        (b"", None),
        (None, None),
        ("", None),
        ("text", "text"),
        ("你好", "你好"),
        (b"\xff\x00", b"\xff\x00"),
        (bytearray(b"ab"), "ab"),
        (memoryview(b"ab"), "ab"),
        ({"a": [1, None, "ü"]}, {"a": [1, None, "ü"]}),
        ([1, 2.5], [1, 2.5]),
        (0, 0),
        (False, False),
        ('{"a": 1}', {"a": 1}),
    ],
    ids=lambda value: "memory" if isinstance(value, memoryview) else repr(value),
)
def test_event_comes_as_it_should(deploy: Deploy, event: Any, value: Any) -> None:
    """Bytes go as they are, text as UTF-8, None as nothing, anything else as JSON; and come back likewise."""
    function = deploy("echo", name="echo")
    assert function(event) == value
    assert function.invoke(event).value == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("None", None),
        ("'text'", "text"),
        ("b'\\xff'", b"\xff"),
        ("[1, 'a']", [1, "a"]),
        ("{'a': None}", {"a": None}),
    ],
)
def test_answer_comes_as_it_should(deploy: Deploy, expression: str, value: Any) -> None:
    """JSON, text, bytes and nothing at all come back as Python values."""
    assert deploy("returns", name="returns")(expression) == value


def test_event_that_is_no_json(deploy: Deploy) -> None:
    """What cannot be JSON is refused, with what can be, before anything is sent."""
    with pytest.raises(errors.UsageError, match="of type set and cannot be sent as JSON"):
        deploy("echo")({1, 2})


@dataclasses.dataclass
class Order:
    name: str


@pytest.mark.parametrize("event", [Order("tea"), {"orders": [Order("tea")]}])
def test_event_that_is_a_dataclass(deploy: Deploy, event: Any) -> None:
    """Its type is said once, and how it becomes JSON."""
    with pytest.raises(errors.UsageError) as caught:
        deploy("echo")(event)
    assert caught.value.message.count("Order") == 1
    assert "asdict" in caught.value.hint


def test_invocation_tells_its_story(deploy: Deploy) -> None:
    """Duration, memory, log, request id and checksum come with the value."""
    function = deploy("logs")
    cold, warm = function.invoke(), function.invoke()
    assert cold.cold_ms > 0 == warm.cold_ms
    assert cold.code_checksum == function.info.code_checksum
    assert "printed" in warm.log
    assert warm.request_id != cold.request_id
    assert warm.memory_mb > 0 < warm.duration_ms
    assert warm.memory_limit_mb == 128


def test_failing_function(client: Client, deploy: Deploy) -> None:
    """Calling it raises FunctionError with the invocation; ``invoke`` only tells."""
    function = deploy("raises")
    told = function.invoke()
    assert (told.ok, told.error["errorType"]) == (False, "KeyError")
    with pytest.raises(FunctionError, match="KeyError: 'nope'") as caught:
        function()
    assert "starting" in caught.value.invocation.log
    assert caught.value.request_id == caught.value.invocation.request_id
    with pytest.raises(FunctionError):
        checked(client.invoke(function.info.name))


@pytest.mark.parametrize("name", ["none-such", "näme", "", ".", "..", "a/b", "a b", "x" * 65, "\n"])
@pytest.mark.parametrize("verb", ["get", "delete", "invoke", "logs"])
def test_name_that_names_nothing(client: Client, verb: str, name: str) -> None:
    """A name that no function has, or can have, is a refusal and touches nothing."""
    client.deploy({"name": "bystander", "code": CODE})
    with pytest.raises(ApiError):
        getattr(client, verb)(name)
    assert client.invoke("bystander", "here").value == "here"


# ---------------------------------------------------------------- list, logs, delete


def test_list_has_all_pages(client: Client) -> None:
    """More than a page of functions is listed whole, and by prefix."""
    wanted = {f"many-{n:03}" for n in range(103)}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: client.deploy({"name": name, "code": CODE}), sorted(wanted)))
    assert {f.name for f in client.list("many-")} == wanted
    assert {f.name for f in client.list("many-00")} == {n for n in wanted if n.startswith("many-00")}
    assert client.list("many-x") == ()


def test_list_has_the_last_changed_first() -> None:
    """Whatever order the endpoint has, the last changed comes first, over all pages."""
    pages = [("a", "2026-01-02"), ("b", "2026-01-04"), ("c", "2026-01-01"), ("d", "2026-01-03")]
    rows = [{**FUNCTION, "name": name, "lastModifiedTime": f"{day}T00:00:00Z"} for name, day in pages]
    script = [
        answer(200, {"deployments": rows[:2], "nextToken": "two"}),
        answer(200, {"deployments": rows[2:]}),
    ]
    with Endpoint(script) as faulty, faulty.client() as client:
        assert [f.name for f in client.list("p")] == ["b", "d", "a", "c"]
    assert "nextToken=two" in faulty.requests[1].path
    assert all("prefix=p" in r.path for r in faulty.requests)


def test_logs(client: Client, deploy: Deploy) -> None:
    """The last requests, oldest first; one of them by its id; no more than asked for."""
    function = deploy("echo")
    calls = [function.invoke(str(n)).request_id for n in range(5)]
    assert [r.request_id for r in function.logs().requests] == calls
    assert [r.request_id for r in client.logs(function.info.name, 2).requests] == calls[-2:]
    one = client.logs(function.info.name, request_id=calls[1]).requests
    assert [(r.request_id, r.caller) for r in one] == [(calls[1], "invoke")]
    assert client.logs(function.info.name, request_id="1-none").requests == ()
    with pytest.raises(InvalidArgument):
        client.logs(function.info.name, 501)


def test_delete(client: Client, deploy: Deploy) -> None:
    """A deleted function is gone for every verb, and can be created again."""
    function = deploy("echo")
    function.delete()
    gone: list[Callable[[], Any]] = [
        function,
        function.logs,
        function.delete,
        lambda: client.get(function.info.name),
    ]
    for verb in gone:
        with pytest.raises(errors.FunctionNotFound):
            verb()
    assert deploy("echo").info.outcome == "created"


def test_repr(deploy: Deploy) -> None:
    """A function's repr is a line with its name, target and runtime."""
    function = deploy("echo", name="shown")
    assert repr(function) == f"<function shown at test: python3.10, version {function.info.version}>"


# ---------------------------------------------------------------- a server that dies


def local_client(folder: Path) -> Client:
    return fc_magic.connect(Settings.load({}, home=str(folder), idle_stop=30.0))


def closed(url: str) -> None:
    """Waits until nobody listens: a killed process does until the last of its threads is gone, some ms later."""
    host, _, port = url.removeprefix("http://").partition(":")
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            return
    raise TimeoutError(url)


def test_server_killed_in_mid_call(tmp_path: Path) -> None:
    """The call under way fails; the next one starts a new server, which has the function."""
    source = (
        "import os, socket, time\n"
        "def handler(event, context):\n"
        "    if not event: return 'alive'\n"
        "    with socket.create_connection(('127.0.0.1', int(event))) as s:\n"
        "        s.sendall(str(os.getpid()).encode())\n"
        "        s.recv(1)\n"
    )
    with local_client(tmp_path) as client, socket.create_server(("127.0.0.1", 0)) as meeting:
        function: RemoteFunction = client.deploy({"name": "dies", "code": zipped(source)})
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(function, str(meeting.getsockname()[1]))
            inside, _ = meeting.accept()
            server = LocalServer.find(tmp_path)
            assert server is not None
            os.kill(server.pid, 9)
            with pytest.raises(ConnectionFailed, match="broke the connection") as caught:
                call.result(20)
            assert "a new local Function Compute is started" in caught.value.hint
            inside.settimeout(10)
            inside.recv(100)
            assert inside.recv(1) == b""  # the instance ended with its server
            inside.close()
        closed(server.url)
        try:
            assert function() == "alive"
            new = LocalServer.find(tmp_path)
            assert new is not None
            assert new.pid != server.pid
            with local_client(tmp_path) as other:
                assert known(other.get("dies")) == known(function)
        finally:
            LocalServer.ensure(tmp_path).stop()


def test_every_verb_finds_the_new_server(tmp_path: Path) -> None:
    """After the server has ended, each verb of an old client works as before."""
    verbs: list[Callable[[Client], Any]] = [
        lambda c: c.get("f"),
        lambda c: c.list(),
        lambda c: c.invoke("f", "x").value == "x",
        lambda c: c.logs("f"),
        lambda c: c.deploy({"name": "f", "code": CODE}),
        lambda c: c.delete("f"),
    ]
    with local_client(tmp_path) as client:
        client.deploy({"name": "f", "code": CODE})
        for verb in verbs:
            LocalServer.ensure(tmp_path).stop()
            verb(client)
        LocalServer.ensure(tmp_path).stop()


def test_server_that_is_stopping(tmp_path: Path) -> None:
    """A call that comes while the server ends is answered by the next server."""
    source = (
        "import time\ndef handler(event, context):\n    time.sleep(float(event or 0))\n    return 'woke'\n"
    )
    with local_client(tmp_path) as client, ThreadPoolExecutor(2) as pool:
        function = client.deploy({"name": "slow", "code": zipped(source)})
        function()
        server = LocalServer.ensure(tmp_path)
        under_way = pool.submit(function, "1")
        while not client.logs("slow").requests:
            pass
        stopping = pool.submit(server.stop)
        with local_client(tmp_path) as late:
            assert late.invoke("slow").value == "woke"
        stopping.result(20)
        with contextlib.suppress(ConnectionFailed, errors.ResourceThrottled):
            under_way.result(20)
        LocalServer.ensure(tmp_path).stop()


def test_threads_share_the_new_server(tmp_path: Path) -> None:
    """Threads that all find the server gone end with one new server between them."""
    with local_client(tmp_path) as client:
        function = client.deploy({"name": "f", "code": function_file("echo")})
        LocalServer.ensure(tmp_path).stop()
        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(function, range(12))) == list(range(12))
        found = LocalServer.find(tmp_path)
        assert found is not None
        assert client.target.endpoint == found.url
        found.stop()


def test_client_at_the_shared_key(server: Server) -> None:
    """The keys given to ``fc-magic serve`` work as well as its own."""
    target = Target("t", server.url, REGION, Credentials(KEY_ID, SECRET))
    with Client(target, Settings.load({})) as client:
        client.list("none-such")
    with client_of(server.url, retries=0) as stranger, pytest.raises(errors.AccessDenied):
        stranger.list()
