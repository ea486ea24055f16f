"""What FC 3.0 sets beside a deployment, by the official SDK: UpdateFunction, lifecycle hooks, ListInstances."""

from __future__ import annotations

import base64
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import data, sampled_from

from fc_magic.client.client import Client
from fc_magic.errors import DeploymentNotFound, FunctionNotFound, ResourceExhausted
from tests.conftest import FUNCTIONS as TESTED
from tests.conftest import Deploy, Server, body, function_file, serving, zipped
from tests.server.calls import FUNCTIONS, Caller
from tests.server.processes import INSTANCE, Door, Meeting, meeting_with, wait_for
from tests.server.test_functions import sdk_of

HOOKS = """
def initialize(context):
    print("begins")

def handler(event, context):
    return event

def pre_stop(context):
    {}
"""


@pytest.fixture
def sdk(server: Server) -> Sdk:
    return sdk_of(server)


@pytest.fixture
def caller(server: Server) -> Caller:
    return Caller(server.url)


@pytest.fixture
def door() -> Iterator[Door]:
    with contextlib.closing(Door()) as made:
        yield made


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with meeting_with() as made:
        yield made


def update(sdk: Sdk, name: str, **fields: Any) -> models.Function:
    return sdk.update_function(
        name, models.UpdateFunctionRequest(body=models.UpdateFunctionInput(**fields))
    ).body


def hooks(**timeouts: int) -> models.InstanceLifecycleConfig:
    """Those that are named, with these time-outs."""
    handlers = {"initializer": "index.initialize", "pre_stop": "index.pre_stop"}
    given = {n: models.LifecycleHook(handler=handlers[n], timeout=t) for n, t in timeouts.items()}
    return models.InstanceLifecycleConfig(**given)


def refused(call: Any) -> ClientException:
    with pytest.raises(ClientException) as caught:
        call()
    return caught.value


# ---------------------------------------------------------------- UpdateFunction


def test_update_changes_what_it_names(sdk: Sdk, deploy: Deploy, client: Client) -> None:
    """The fields that are given change, and are no version yet; all others stay, code and triggers too."""
    before = deploy("echo", description="old", environment={"A": "1"}, triggers=[{"type": "http"}]).info
    answer = update(
        sdk, before.name, memory_size=256, timeout=7, description="new", environment_variables={"B": "2"}
    )
    assert (answer.memory_size, answer.timeout, answer.description) == (256, 7, "new")
    after = client.get(before.name).info
    assert (after.environment, after.handler, after.code_checksum) == (
        {"B": "2"},
        before.handler,
        before.code_checksum,
    )
    assert (after.triggers, after.trigger_ids, after.version) == (
        before.triggers, before.trigger_ids, "LATEST",
    )  # fmt: skip
    assert sdk.get_function(before.name, models.GetFunctionRequest()).body.to_map() == answer.to_map()


def test_update_to_the_same_is_no_change(sdk: Sdk, deploy: Deploy) -> None:
    """What is so already makes no new version, and its instance stays."""
    function = deploy("counts", memory=256)
    function.invoke()
    live = sdk.get_function(function.info.name, models.GetFunctionRequest()).body
    for fields in ({}, {"memory_size": 256, "cpu": live.cpu, "disk_size": 512, "internet_access": True}):
        assert update(sdk, function.info.name, **fields).last_modified_time == live.last_modified_time
    assert function.invoke().value["calls"] == 2


def test_update_of_the_code(sdk: Sdk, deploy: Deploy) -> None:
    """Code alone can be changed, and the next call runs it; the handler may move with it."""
    function = deploy("echo")
    code = base64.b64encode(zipped({"app.py": "def main(event, context):\n    return 'new'\n"})).decode()
    update(sdk, function.info.name, code=models.InputCodeLocation(zip_file=code), handler="app.main")
    assert function() == "new"
    assert "instanceLifecycleConfig" not in _shown(sdk, function.info.name)


def _shown(sdk: Sdk, name: str) -> dict[str, Any]:
    shown: dict[str, Any] = sdk.get_function(name, models.GetFunctionRequest()).body.to_map()
    return shown


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"memory_size": 7, "timeout": 0}, ["memorySize", "timeout"]),
    ({"handler": "nothing"}, ["handler"]),
    ({"runtime": "python2"}, ["runtime"]),
    ({"environment_variables": {"FC_X": "1"}}, ["environmentVariables"]),
    ({"instance_concurrency": 2}, ["instanceConcurrency"]),
    ({"instance_concurrency": 0}, ["instanceConcurrency"]),
    ({"instance_concurrency": 201}, ["instanceConcurrency"]),
    ({"instance_lifecycle_config": hooks(pre_stop=91)}, ["instanceLifecycleConfig.preStop.timeout"]),
    ({"instance_lifecycle_config": hooks(initializer=301)}, ["instanceLifecycleConfig.initializer.timeout"]),
    (
        {"instance_lifecycle_config": {"preStop": {"timeout": 3}}},
        ["instanceLifecycleConfig.preStop.handler"],
    ),
    ({"code": models.InputCodeLocation(zip_file="no")}, ["code.zipFile"]),
    ({"cpu": 0.3}, ["cpu"]),
    ({"cpu": 0.07}, ["cpu"]),
    ({"cpu": 1.0, "memory_size": 512}, ["cpu"]),
    ({"disk_size": 1024}, ["diskSize"]),
    ({"internet_access": "no"}, ["internetAccess"]),
]


@pytest.mark.parametrize(("fields", "named"), WRONG, ids=lambda v: str(v)[:40])
def test_wrong_update(
    sdk: Sdk, caller: Caller, deploy: Deploy, fields: dict[str, Any], named: list[str]
) -> None:
    """Every wrong field is named as this API calls it, and nothing changes."""
    name = deploy("echo").info.name
    before = _shown(sdk, name)
    given = {k: v.to_map() if hasattr(v, "to_map") else v for k, v in fields.items()}
    names = {"memory_size": "memorySize", "environment_variables": "environmentVariables"}
    names |= {
        "disk_size": "diskSize",
        "internet_access": "internetAccess",
        "instance_concurrency": "instanceConcurrency",
        "instance_lifecycle_config": "instanceLifecycleConfig",
    }
    answer = caller.call("PUT", f"{FUNCTIONS}/{name}", {names.get(k, k): v for k, v in given.items()})
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert [field for field in answer.fields if not field.startswith(tuple(named))] == []
    assert set(named) <= set(answer.fields)
    message = answer.said["Message"]
    assert message.startswith(f"{name} was not updated: ")
    assert all(field in message for field in named)
    assert _shown(sdk, name) == before


@pytest.mark.parametrize(
    "raw", [b"[]", b"no", b'{"tags": [{"Key": "a"}]}', b'{"instanceLifecycleConfig": {"preFreeze": {}}}']
)
def test_update_that_is_none(caller: Caller, deploy: Deploy, raw: bytes) -> None:
    """A body that is no object, or has a field that another operation changes, is refused."""
    name = deploy("echo").info.name
    answer = caller.call("PUT", f"{FUNCTIONS}/{name}", raw)
    assert (answer.status, answer.code) == (400, "InvalidArgument")


def test_cpu_and_memory(sdk: Sdk, deploy: Deploy) -> None:
    """A share of the CPU that fits the memory is kept and shown; other memory brings its own."""
    name = deploy("echo").info.name
    assert update(sdk, name, memory_size=1024, cpu=1.0).cpu == 1.0
    assert update(sdk, name, timeout=9).cpu == 1.0
    assert update(sdk, name, memory_size=512).cpu == 0.35
    deploy("echo", name=name, memory=1024)
    assert _shown(sdk, name)["cpu"] == 0.7


def test_larger_disk(sdk: Sdk, deploy: Deploy) -> None:
    """With ``diskSize`` 10240 a function writes more than the 512 MB that others may."""
    fill = "import os, shutil; answer = os.statvfs('/tmp').f_blocks * os.statvfs('/tmp').f_frsize >> 20"
    does = deploy("does")
    assert does(fill) == 512
    assert update(sdk, does.info.name, disk_size=10240).disk_size == 10240
    assert does(fill) > 1024


CONNECT = """
import socket
def to(*address):
    try:
        socket.create_connection(address, 5).close()
        return True
    except OSError as error:
        return error.strerror
with socket.create_server(("127.0.0.1", 0)) as own:
    answer = [to({!r}, {}), to("1.1.1.1", 443), to("127.0.0.1", own.getsockname()[1])]
"""


def test_without_internet(server: Server, sdk: Sdk, deploy: Deploy, client: Client) -> None:
    """A function without ``internetAccess`` reaches itself and nothing else; others reach what the machine does."""
    function, other = deploy("does"), deploy("does", name="t-with-internet")
    host, _, port = server.url.removeprefix("http://").partition(":")
    ask = CONNECT.format(host, port).replace(', to("1.1.1.1", 443)', "")
    assert function(ask) == [True, True]
    assert update(sdk, function.info.name, internet_access=False).internet_access is False
    assert function(CONNECT.format(host, port)) == ["Connection refused", "Network is unreachable", True]
    assert other(ask) == [True, True]
    assert "nor the object store" in client.get(function.info.name).info.warnings[-1]
    update(sdk, function.info.name, internet_access=True)
    assert function(ask) == [True, True]


def test_layers_of_an_update(sdk: Sdk, deploy: Deploy) -> None:
    """Layers are given as a list of ARNs, shown with their size, and found by the next call."""
    code = base64.b64encode(zipped({"python/of_a_layer.py": "VALUE = 7\n"})).decode()
    told = models.CreateLayerVersionInput(code=models.InputCodeLocation(zip_file=code))
    arn = sdk.create_layer_version(
        "of-an-update", models.CreateLayerVersionRequest(body=told)
    ).body.layer_version_arn
    does = deploy("does")
    answer = update(sdk, does.info.name, layers=[arn])
    assert [(layer.arn, layer.size > 0) for layer in answer.layers] == [(arn, True)]
    assert does("from of_a_layer import VALUE as answer") == 7
    assert update(sdk, does.info.name, layers=[]).layers == []
    assert not does.invoke("import of_a_layer").ok
    sdk.delete_layer_version("of-an-update", "1")


def test_what_tools_send_to_clear_a_setting(sdk: Sdk, deploy: Deploy) -> None:
    """Explicit empties mean none, and are fine where there is none."""
    name = deploy("echo", environment={"A": "1"}).info.name
    answer = update(
        sdk,
        name,
        vpc_config=models.VPCConfig(vpc_id="", v_switch_ids=[], security_group_id=""),
        nas_config=models.NASConfig(user_id=0, group_id=0, mount_points=[]),
        log_config=models.LogConfig(project="", logstore="", log_begin_rule="None"),
        environment_variables={},
        layers=[],
        tracing_config=models.TracingConfig(),
        instance_lifecycle_config=models.InstanceLifecycleConfig(),
    )
    assert answer.environment_variables == {}


def test_update_of_nothing(sdk: Sdk) -> None:
    """A function that is not there cannot be updated."""
    error = refused(lambda: update(sdk, "nobody", timeout=3))
    assert (error.code, error.status_code) == ("FunctionNotFound", 404)


# ---------------------------------------------------------------- hooks


def test_hooks_are_shown_and_outlive_a_deployment(sdk: Sdk, deploy: Deploy, tmp_path: Path) -> None:
    """The deployments API has no field for a pre-stop hook, so deploying again leaves it; an update can remove it."""
    code = zipped(HOOKS.format("pass"))
    name = deploy("x", code=code).info.name
    update(sdk, name, instance_lifecycle_config=hooks(initializer=20, pre_stop=30))
    told = {
        "initializer": {"handler": "index.initialize", "timeout": 20},
        "preStop": {"handler": "index.pre_stop", "timeout": 30},
    }
    assert _shown(sdk, name)["instanceLifecycleConfig"] == told
    deploy("x", code=code, entrypoint="index.initialize", memory=256)
    assert _shown(sdk, name)["instanceLifecycleConfig"] == told
    update(sdk, name, instance_lifecycle_config=hooks(pre_stop=30))
    assert _shown(sdk, name)["instanceLifecycleConfig"] == {"preStop": told["preStop"]}
    update(sdk, name, instance_lifecycle_config=models.InstanceLifecycleConfig())
    assert "instanceLifecycleConfig" not in _shown(sdk, name)


def test_settings_survive_a_restart(tmp_path: Path) -> None:
    """What FC 3.0's API set is there again when the server is."""
    for _ in range(2):
        with serving(tmp_path) as server:
            if not Caller(server.url).names():
                Caller(server.url).deploy(body("f", zipped(HOOKS.format("pass"))))
                update(sdk_of(server), "f", instance_lifecycle_config=hooks(initializer=20, pre_stop=30))
            config = _shown(sdk_of(server), "f")["instanceLifecycleConfig"]
            assert (config["initializer"]["timeout"], config["preStop"]["timeout"]) == (20, 30)


def test_initializer_has_the_time_it_is_given(sdk: Sdk, deploy: Deploy) -> None:
    """The initializer ends at its own time-out."""
    code = zipped(
        "import time\ndef initialize(_):\n    time.sleep(60)\ndef handler(event, _):\n    return 1\n"
    )
    function = deploy("x", code=code, timeout=60)
    update(sdk, function.info.name, instance_lifecycle_config=hooks(initializer=1))
    call = function.invoke()
    assert (call.error_type, call.error["errorMessage"][:36]) == (
        "InitializationError",
        "Function timed out after 1 seconds (",
    )


def test_update_runs_the_pre_stop_hook(sdk: Sdk, client: Client, deploy: Deploy) -> None:
    """An instance that an update replaces calls its hook: the log has it between its marks, as nobody's call."""
    code = zipped(HOOKS.format("print('ends', context.function.name)"))
    function = deploy("x", code=code)
    name = function.info.name
    update(sdk, name, instance_lifecycle_config=hooks(initializer=20, pre_stop=30))
    served = function.invoke("1")
    update(sdk, name, memory_size=256)
    entry = wait_for(lambda: [r for r in client.logs(name).requests if r.caller == "pre-stop"])[0]
    assert entry.text.startswith(
        f"FC PreStop Start RequestId: {entry.request_id}\nends {name}\nFC PreStop End RequestId: {entry.request_id}\n"
    )
    assert (entry.error_type, served.ok, client.get(name).info.calls_today) == ("", True, 1)


def test_failing_pre_stop_hook(sdk: Sdk, client: Client, deploy: Deploy, door: Door) -> None:
    """A hook that raises, or takes longer than it may, is told in the log, and its instance ends anyway."""
    code = f"{door.knock(INSTANCE)}\n" + HOOKS.format("1 / 0")
    function = deploy("x", code=zipped(code))
    name = function.info.name
    update(sdk, name, instance_lifecycle_config=hooks(pre_stop=1))
    first = door.instance(function.invoke())
    code = code.replace("1 / 0", "import time; time.sleep(60)")
    deploy("x", code=zipped(code))
    second = door.instance(function.invoke())
    deploy("x", code=function_file("echo"))
    ended = wait_for(
        lambda: (e := [r for r in client.logs(name).requests if r.caller == "pre-stop"])[1:] and e
    )
    assert [entry.error["errorMessage"][:34] for entry in ended] == [
        "division by zero",
        "Function timed out after 1 seconds",
    ]
    wait_for(lambda: not (first.family() or second.family()))


def test_no_pre_stop_hook_after_an_error(sdk: Sdk, client: Client, deploy: Deploy, door: Door) -> None:
    """An instance that timed out, ended by itself or failed to initialize is not asked any more."""
    code = (
        f"import os, time\ndef initialize(context):\n    assert os.environ.get('GOOD')\n"
        f"def handler(event, context):\n    {{'exit': lambda: os._exit(1), 'sleep': lambda: time.sleep(60)}}"
        f"[event.decode()]()\ndef pre_stop(context):\n    {door.knock('1')}\n"
    )
    function = deploy("x", code=zipped(code), timeout=1)
    name = function.info.name
    update(sdk, name, instance_lifecycle_config=hooks(initializer=5, pre_stop=5))
    assert function.invoke("exit").error_type == "InitializationError"
    update(sdk, name, environment_variables={"GOOD": "1"})
    assert not function.invoke("exit").ok
    assert not function.invoke("sleep").ok
    update(sdk, name, memory_size=256)
    assert not client.instances(name)
    assert door.said() == []


@pytest.mark.parametrize("how", ["delete", "stop"])
def test_pre_stop_hook_at_the_end(tmp_path: Path, door: Door, how: str) -> None:
    """A function that is deleted, and a server that stops, let idle instances call their hook; it finds its files."""
    source = HOOKS.format("import later; later.run()")
    code = zipped({"index.py": source, "later.py": f"def run():\n    {door.knock(INSTANCE)}\n"})
    with serving(tmp_path) as server, server.client() as client:
        function = client.deploy({"name": "f", "code": code})
        update(sdk_of(server), "f", instance_lifecycle_config=hooks(pre_stop=30))
        call = function.invoke()
        if how == "delete":
            client.delete("f")
        else:
            assert server.stop() == 0
        assert door.instance(call).said == call.instance_id


def test_server_does_not_wait_long_for_hooks(tmp_path: Path) -> None:
    """A hook that takes long has some seconds when the server stops."""
    with serving(tmp_path) as server, server.client() as client:
        function = client.deploy({"name": "f", "code": zipped(HOOKS.format("import time; time.sleep(80)"))})
        update(sdk_of(server), "f", instance_lifecycle_config=hooks(pre_stop=90))
        function.invoke()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(15) == 0


def test_idle_instance_runs_its_hook(tmp_path: Path) -> None:
    """An instance that nobody calls for the idle time calls its hook and ends."""
    with serving(tmp_path, "--instance-idle=0.2") as server, server.client() as client:
        function = client.deploy({"name": "f", "code": zipped(HOOKS.format("print('bye')"))})
        update(sdk_of(server), "f", instance_lifecycle_config=hooks(pre_stop=30))
        function.invoke()
        (entry,) = wait_for(lambda: [r for r in client.logs("f").requests if r.caller == "pre-stop"])
        assert "\nbye\n" in entry.text
        wait_for(lambda: not client.instances("f"))


# ---------------------------------------------------------------- looking at instances


def test_list_instances(sdk: Sdk, deploy: Deploy, meeting: Meeting) -> None:
    """The SDK's model finds its fields; lists are narrowed by id and status."""
    function = deploy("waits", timeout=30)
    name = function.info.name
    assert sdk.list_instances(name, models.ListInstancesRequest()).body.instances == []
    calls = [meeting.call(function, who) for who in "ab"]
    found = sdk.list_instances(name, models.ListInstancesRequest()).body.instances
    assert [(i.status, i.version_id, i.qualifier) for i in found] == [("Running", "0", "LATEST")] * 2
    assert all(i.created_time_ms > 1_700_000_000_000 and i.instance_id.startswith("c-") for i in found)
    one = models.ListInstancesRequest(instance_ids=[found[0].instance_id], instance_status=["Running"])
    assert [i.instance_id for i in sdk.list_instances(name, one).body.instances] == [found[0].instance_id]
    ended = models.ListInstancesRequest(instance_status=["Terminating", "Destroyed"])
    assert sdk.list_instances(name, ended).body.instances == []
    assert len(sdk.list_instances(name, models.ListInstancesRequest(limit="1")).body.instances) == 1
    strange = models.ListInstancesRequest(instance_status=["Asleep"])
    assert refused(lambda: sdk.list_instances(name, strange)).code == "InvalidArgument"
    nobody = refused(lambda: sdk.list_instances("nobody", models.ListInstancesRequest()))
    assert (nobody.code, nobody.status_code) == ("FunctionNotFound", 404)
    for who in "ab":
        meeting.let_go(who)
    assert {call.result().instance_id for call in calls} == {i.instance_id for i in found}


def test_what_instances_do(sdk: Sdk, client: Client, deploy: Deploy, meeting: Meeting) -> None:
    """An instance is busy, idle or draining, has an age, the calls it served and the memory it holds."""
    function = deploy("waits", timeout=30)
    name = function.info.name
    running = meeting.call(function, "a")
    (busy,) = client.instances(name)
    assert (busy.state, busy.calls, busy.version) == ("busy", 1, "1")
    meeting.let_go("a")
    assert running.result().instance_id == busy.instance_id
    (idle,) = function.instances()
    assert (idle.state, idle.calls) == ("idle", 1)
    assert idle.age_s > busy.age_s > 0
    assert 0 < idle.memory_mb < 128
    assert [i.function for i in client.instances() if i.function == name] == [name]
    with pytest.raises((FunctionNotFound, DeploymentNotFound)):
        client.instances("nobody")


def test_draining_instance(sdk: Sdk, client: Client, deploy: Deploy, meeting: Meeting) -> None:
    """While its hook runs an instance is draining, and the new one beside it serves."""
    knocks = meeting.knock("'hook'")
    function = deploy("x", code=zipped(HOOKS.format(knocks)))
    name = function.info.name
    update(sdk, name, instance_lifecycle_config=hooks(pre_stop=30))
    function.invoke()
    update(sdk, name, memory_size=256)
    meeting.visitor("hook")
    assert function.invoke().ok
    assert [(i.state, i.revision) for i in client.instances(name)] == [("draining", 2), ("idle", 3)]
    told = sdk.list_instances(name, models.ListInstancesRequest()).body.instances
    assert [i.status for i in told] == ["Terminating", "Running"]
    meeting.let_go("hook")
    wait_for(lambda: [i.state for i in client.instances(name)] == ["idle"])


# ---------------------------------------------------------------- updates drain


class Story(RuleBasedStateMachine):
    """Deployments, calls that begin and calls that end, in any order, on a real server."""

    server: Server
    number = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).number += 1
        self.name = f"story-{self.number}"
        self.client = self.server.client()
        self.meeting = self.stack.enter_context(meeting_with(16))
        self.version = 0
        self.calls: dict[str, tuple[Any, int]] = {}
        self.begun = 0

    @property
    def stack(self) -> contextlib.ExitStack:
        if "_stack" not in vars(self):
            self._stack = contextlib.ExitStack()
        return self._stack

    @initialize()
    def begins(self) -> None:
        self.deploys()

    @rule()
    def deploys_again(self) -> None:
        self.deploys()

    def deploys(self) -> None:
        self.version += 1
        source = (TESTED / "waits.py").read_text().replace("VERSION = 1", f"VERSION = {self.version}")
        ends = f"ends {self.version}"
        hook = f"def pre_stop(context):\n    {self.meeting.knock(repr(ends))}\n"
        self.meeting.let_go(ends)
        fields = {"name": self.name, "code": zipped(source + hook), "timeout": 60}
        self.function = self.client.deploy(fields)
        if self.version == 1:
            update(sdk_of(self.server), self.name, instance_lifecycle_config=hooks(pre_stop=30))

    @precondition(lambda self: len(self.calls) < 6)
    @rule()
    def a_call_begins(self) -> None:
        self.begun += 1
        name = f"call {self.begun}"
        self.calls[name] = (self.meeting.call(self.function, name), self.version)

    @precondition(lambda self: self.calls)
    @rule(data=data())
    def a_call_ends(self, data: Any) -> None:
        name = data.draw(sampled_from(sorted(self.calls)))
        call, version = self.calls.pop(name)
        self.meeting.let_go(name)
        assert call.result(20).value == version

    @invariant()
    def every_call_has_an_instance_of_its_version(self) -> None:
        seen = self.client.instances(self.name)
        # the update that set the hook was one version more
        of = {state: sorted(i.revision - 1 for i in seen if i.state == state) for state in ("busy", "idle")}
        assert of["busy"] == sorted(version for _, version in self.calls.values())
        assert set(of["idle"]) <= {self.version}

    def teardown(self) -> None:
        for name, (call, version) in self.calls.items():
            self.meeting.let_go(name)
            assert call.result(20).value == version
        wait_for(lambda: {i.state for i in self.client.instances(self.name)} <= {"idle"})
        versions = {i.revision for i in self.client.instances(self.name)}
        assert len(versions) <= 1
        ended = {int(said.split()[1]) for said in self.meeting.said() if said.startswith("ends ")}
        assert self.version not in ended
        self.client.delete(self.name)
        self.client.close()
        self.stack.close()


@pytest.mark.timeout(120)
def test_updates_drain(server: Server) -> None:
    """Whatever the order of deployments and calls: a call ends on the version it began with, the newest one serves
    the next, and of the others nothing stays."""
    Story.server = server
    quiet = settings(max_examples=5, stateful_step_count=12, deadline=None, database=None)
    run_state_machine_as_test(Story, settings=quiet)


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    "option", ["--instances=0", "--instances=x", "--instances-per-function=0", "--instance-wait=-1"]
)
def test_limit_that_is_none(tmp_path: Path, option: str) -> None:
    """A limit that is no such number is refused by the command line."""
    words = [sys.executable, "-m", "fc_magic", "serve", f"--data={tmp_path}", option]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert (done.returncode, option.partition("=")[0] in done.stderr) == (2, True)


def test_limits_of_the_command_line(tmp_path: Path, meeting: Meeting) -> None:
    """A function at its limit gets FC's throttling error after the wait; another function is served meanwhile."""
    given = ("--instances=3", "--instances-per-function=1", "--instance-wait=0.3")
    with serving(tmp_path, *given) as server, server.client(retries=0) as client:
        busy = client.deploy({"name": "busy", "code": function_file("waits"), "timeout": 30})
        other = client.deploy({"name": "other", "code": function_file("echo")})
        running = meeting.call(busy, "a")
        with pytest.raises(
            ResourceExhausted, match=r"all 1 instances that busy may have were busy for 0\.3 s"
        ):
            busy.invoke({"at": meeting.name, "name": "b"})
        assert other("there") == "there"
        assert Caller(server.url).invoke("busy").status == 429
        meeting.let_go("a")
        assert running.result().ok
