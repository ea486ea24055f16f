"""Secrets with a mark on them go through everything there is; wherever a person or a log looks, no mark may show."""

from __future__ import annotations

import io
import json
import logging
import os
import pickle
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

import fc_magic
from fc_magic import LocalServer
from fc_magic.client.client import Client
from fc_magic.client.profile import load as load_profile
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.errors import ApiError, ConnectionFailed, FcError, FunctionError, InvalidArgument, UsageError
from fc_magic.notebook.agreement import facts
from fc_magic.notebook.target import TargetView
from fc_magic.server.worker.connection import Request
from fc_magic.server.worker.process import Spec
from fc_magic.server.worker.web import WebSpec
from tests.client import endpoint
from tests.client.endpoint import Endpoint, answer, refusal
from tests.conftest import ACCOUNT, KEY_ID, REGION, ROLE, Server, function_file, serving, zipped

KEY, TOKEN, VARIABLE, PAYLOAD, EVENT, PASSWORD, QUERY, BEARER = (
    f"MarkOf{what}MustNeverShow"
    for what in ("Key", "Token", "Variable", "Payload", "Event", "Password", "Query", "TheBearerToken")
)
MARKS = (KEY, TOKEN, VARIABLE, PAYLOAD, EVENT, PASSWORD, QUERY, BEARER)

#: a deployment with every secret that one can have
FIELDS: dict[str, Any] = {
    "name": "marked",
    "code": function_file("echo"),
    "environment": {"API_KEY": VARIABLE},
    "triggers": [
        {"type": "timer", "config": {"cronExpression": "0 0 4 1 1 *", "payload": PAYLOAD}},
        {
            "type": "http",
            "config": {
                "authType": "bearer",
                "authConfig": {"tokens": [{"tokenName": "marked", "tokenData": BEARER}]},
            },
        },
    ],
}
ELSEWHERE = f"http://user:{PASSWORD}@127.0.0.1:1/code.zip?signature={QUERY}"


def marks(text: str | bytes) -> list[str]:
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return [mark for mark in MARKS if mark.encode() in raw]


def faces(thing: Any) -> Iterator[str]:
    """What of a thing comes to light when it is printed, alone or in something else."""
    yield from (repr(thing), str(thing), f"{thing}", repr([thing]), repr({"it": thing}))
    bundle = getattr(thing, "_repr_mimebundle_", None)
    if bundle:
        yield repr(bundle())


@pytest.fixture(scope="module")
def marked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that knows the marked key."""
    folder = tmp_path_factory.mktemp("marked")
    with serving(folder, environment={"FC_MAGIC_ACCESS_KEY_SECRET": KEY}) as server:
        yield server


def client_at(url: str, key: str = KEY, **settings: Any) -> Client:
    """A client with the marked key and token in its credentials, and in its settings."""
    target = Target("marked", url, REGION, Credentials(KEY_ID, key, TOKEN), ACCOUNT, ROLE)
    given = {"access_key_id": KEY_ID, "access_key_secret": KEY, "security_token": TOKEN, **settings}
    return Client(target, Settings.load({}, **given))


@pytest.fixture
def marked(marked_server: Server) -> Iterator[Client]:
    with client_at(marked_server.url) as client:
        yield client


# ---------------------------------------------------------------- what is printed


def things(client: Client, server: Server) -> Iterator[Any]:
    """Every kind of object that a person can hold."""
    function = client.deploy(FIELDS)
    call = function.invoke(EVENT)
    assert call.value == EVENT
    deployment = client.complete(FIELDS)
    yield from (function, function.info, client.list(), client.get("marked"), deployment, deployment.code)
    yield from (deployment.triggers, call, function.logs(), *function.logs().requests)
    yield client.complete({**FIELDS, "code": None, "zip_file": ELSEWHERE}).code
    yield (client, client.session, client.settings, client.target, client.target.credentials)
    yield from (client.objects, client.objects.auth, client.auth)
    yield TargetView(client.target, client.settings)
    found = LocalServer.find(server.data)
    assert found is not None
    assert found.keys.access_key_secret not in repr(found)
    yield from (found, found.keys)


def test_objects(marked: Client, marked_server: Server) -> None:
    """No object shows a secret, whether it is printed alone or within another."""
    for thing in things(marked, marked_server):
        for face in faces(thing):
            assert not marks(face), f"a {type(thing).__name__} shows {marks(face)}"


def test_what_the_server_holds_of_an_instance() -> None:
    """Neither what an instance is started with nor a request that is passed on to it shows a secret."""
    init, environment = {"credentials": (KEY_ID, KEY, TOKEN)}, {"API_KEY": VARIABLE}
    event = Spec(("python3",), init, environment, Path("/f"))
    web = WebSpec(("python3",), init, environment, Path("/f"))
    request = Request("POST", "/invoke", [(b"x-fc-security-token", TOKEN.encode())], EVENT.encode())
    for thing in (event, web, event.asked((0, 1, 2)), web.asked((0, 1, 2)), request):
        for face in faces(thing):
            assert not marks(face), f"a {type(thing).__name__} shows {marks(face)}"


def test_target_view_stars(marked: Client) -> None:
    """``%fctarget`` says that a secret is set, and not which."""
    assert repr(TargetView(marked.target, marked.settings)).count("****") == 2


@pytest.mark.parametrize("tail", ["@host", "@host:99999", "/x@host", "@[bad", "@host?a=b#c"])
def test_target_with_a_password(tail: str) -> None:
    """A target that names a user is refused: its password is in no setting that is shown, and in no message."""
    settings = Settings.load({"FC_MAGIC_TARGET": f"https://user:{PASSWORD}{tail}"})
    assert not marks(repr(settings) + repr(settings.rows()))
    for keys in ({}, {"access_key_id": KEY_ID, "access_key_secret": KEY}):
        with pytest.raises(UsageError) as caught:
            fc_magic.connect(settings.with_("test", **keys))
        assert_clean(caught.value)


# ---------------------------------------------------------------- what is raised


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def held(thing: Any, seen: dict[int, Any]) -> Iterator[str | bytes]:
    """Every text that can be reached from a thing by attributes and items, as debuggers and reporters do."""
    if isinstance(thing, str | bytes):
        yield thing
    elif id(thing) not in seen and not isinstance(thing, type | ModuleType | FunctionType):
        seen[id(thing)] = thing  # kept, so that its number is not given to another
        inside = [*thing.items()] if isinstance(thing, Mapping) else []
        inside = [*thing] if isinstance(thing, list | tuple | set | frozenset) else inside
        for one in (*inside, *getattr(thing, "__dict__", {}).values()):
            yield from held(one, seen)


def assert_clean(error: FcError) -> None:
    """Neither what an error says, nor what it and its causes hold, has a mark; it can be pickled, and is the same."""
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.lines()) == (type(error), str(error), error.lines())
    said = ["".join(traceback.format_exception(error)), *error.lines(), *error._render_traceback_()]
    said += [face for one in chain(error) for face in (repr(one), str(one), repr(vars(one)))]
    for text in (*said, pickle.dumps(error), *held([(one.args, vars(one)) for one in chain(error)], {})):
        assert not marks(text), f"{type(error).__name__} shows {marks(text)}: {text!r}"


def guarded(auth_type: str, config: Any) -> dict[str, Any]:
    return {"triggers": [{"type": "http", "config": {"authType": auth_type, "authConfig": config}}]}


WRONG: dict[str, dict[str, Any]] = {
    "environment name": {"environment": {"1A": VARIABLE}},
    "environment reserved": {"environment": {"FC_X": VARIABLE}},
    "environment value": {"environment": {"A": [VARIABLE]}},
    "environment text": {"environment": VARIABLE},
    "environment size": {"environment": {"A": VARIABLE * 500}},
    "environment nul": {"environment": {"A": f"{VARIABLE}\0"}},
    "trigger cron": {"triggers": [{"type": "timer", "config": {"cronExpression": "x", "payload": PAYLOAD}}]},
    "trigger key": {"triggers": [{"type": "timer", "config": {"payload": PAYLOAD, "colour": 1}}]},
    "trigger payload": {"triggers": [{"type": "http", "config": {"payload": PAYLOAD}}]},
    "trigger tokens": guarded("bearer", {"tokens": [BEARER, {"tokenData": f"{BEARER}*"}]}),
    "trigger jwks": guarded("jwt", {"jwks": {"keys": [{"kty": "oct", "k": f"{BEARER}*"}]}}),
    "trigger auth": {
        "triggers": [{"type": "http", "config": {"authType": "x", "authConfig": {"k": VARIABLE}}}]
    },
    "code": {"code": f"{VARIABLE}!"},
    "code URL": {"code": f"http://user:{PASSWORD}@ ?q={QUERY}"},
    "zip_file": {"code": None, "zip_file": f"http://user:{PASSWORD}@/?q={QUERY}"},
    "zip_file long": {"code": None, "zip_file": f"{ELSEWHERE}{'x' * 5000}"},
    "two sources": {"zip_file": ELSEWHERE, "oss_bucket": "bucket", "oss_object_key": "key"},
    "container": {"custom_container_config": VARIABLE, "image_url": "r/x"},
    "image": {"image_url": f"https://user:{PASSWORD}@ r/x"},
    "elsewhere": {"memory": 7, "zip_file": ELSEWHERE},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_refused_fields(marked: Client, wrong: dict[str, Any]) -> None:
    """A refusal says what is wrong with a field without repeating what may be secret."""
    with pytest.raises(InvalidArgument) as caught:
        marked.deploy({**FIELDS, **wrong})
    assert caught.value.problems
    assert_clean(caught.value)


def broken(script: list[Any]) -> Callable[[Client], Any]:
    """An endpoint that misbehaves, asked by a client with everything to lose."""

    def act(_: Client) -> Any:
        with Endpoint(script) as faulty, client_at(faulty.url, retries=0) as client:
            client.deploy(FIELDS)

    return act


def nobody(_: Client) -> Any:
    with client_at("http://127.0.0.1:1", retries=0) as client:
        client.invoke("marked", EVENT)


def wrong_key(client: Client) -> Any:
    with client_at(client.target.endpoint, key=KEY[::-1] + KEY) as stranger:
        stranger.list()


def redirected(client: Client) -> Any:
    with Endpoint([answer(302, b"", Location=f"ftp://user:{PASSWORD}@host/?q={QUERY}")]) as there:
        client.deploy({**FIELDS, "code": f"{there.url}/?q={QUERY}"})


NOTHING = refusal(404, "DeploymentNotFound")
FAILING: dict[str, tuple[type[FcError], Callable[[Client], Any]]] = {
    "nobody there": (ConnectionFailed, nobody),
    "reset": (ConnectionFailed, broken([NOTHING, endpoint.reset])),
    "cut": (ConnectionFailed, broken([NOTHING, endpoint.truncated])),
    "no JSON": (ApiError, broken([NOTHING, answer(200, b"hello")])),
    "a page": (ApiError, broken([NOTHING, answer(500, b"<h1>no</h1>")])),
    "wrong key": (ApiError, wrong_key),
    "no function": (ApiError, lambda client: client.invoke("no-such-function", EVENT)),
    "no name": (ApiError, lambda client: client.get(EVENT[:0] or "..")),
    "code not there": (
        InvalidArgument,
        lambda client: client.deploy({**FIELDS, "code": None, "zip_file": ELSEWHERE}),
    ),
    "code URL not there": (InvalidArgument, lambda client: client.deploy({**FIELDS, "code": ELSEWHERE})),
    "code redirected": (InvalidArgument, redirected),
    "not served": (
        ApiError,
        lambda client: client.deploy(
            {**FIELDS, "triggers": [*FIELDS["triggers"], {"type": "log", "config": {"logConfig": PAYLOAD}}]}
        ),
    ),
}


@pytest.mark.parametrize(("kind", "act"), FAILING.values(), ids=FAILING)
def test_failures(marked: Client, kind: type[FcError], act: Callable[[Client], Any]) -> None:
    """Whatever goes wrong between here and there, no error holds a secret."""
    with pytest.raises(kind) as caught:
        act(marked)
    assert_clean(caught.value)


def test_function_that_fails(marked: Client) -> None:
    """A function's failure holds what the function said, and no more."""
    function = marked.deploy({**FIELDS, "name": "fails", "code": function_file("raises")})
    with pytest.raises(FunctionError) as caught:
        function(EVENT)
    assert_clean(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).invocation == caught.value.invocation


@pytest.mark.parametrize("name", ["access_key_id", "access_key_secret", "security_token"])
def test_key_with_a_line_break(name: str) -> None:
    """A key that cannot be one is refused by its name, not by its value."""
    with pytest.raises(UsageError, match=name.replace("_", " ")) as caught:
        Credentials(**{"access_key_id": "AK", "access_key_secret": "s", name: f"{KEY}\n"})
    assert_clean(caught.value)


# ---------------------------------------------------------------- what is logged


def test_debug_log_of_the_client(marked: Client, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at DEBUG, urllib3's and requests' too, no secret is logged."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "fc_magic", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    function = marked.deploy({**FIELDS, "name": "logged"})
    function(EVENT)
    for _, act in FAILING.values():
        with pytest.raises(FcError) as caught:
            act(marked)
        logging.getLogger("somebody").exception("it failed", exc_info=caught.value)
    function.delete()
    assert "POST" in caplog.text
    assert not marks(caplog.text)


def test_servers_own_words(tmp_path: Path) -> None:
    """Neither the server's messages nor what it writes of itself has a secret, not even when it fails."""
    data = tmp_path / "data"
    with serving(data, environment={"FC_MAGIC_ACCESS_KEY_SECRET": KEY}) as server:
        with client_at(server.url, retries=0) as client:
            client.deploy(FIELDS)(EVENT)
            for _, act in FAILING.values():
                with pytest.raises(FcError):
                    act(client)
            shutil.rmtree(data / "code")
            with pytest.raises(ApiError, match="its log has the reason") as caught:
                client.deploy({**FIELDS, "code": zipped("def handler(e, c): return 1")})
        assert_clean(caught.value)
        own = LocalServer.find(data)
        assert own is not None
        secrets = (own.keys.access_key_secret, own.keys.role_key_secret, own.keys.role_token)
        files = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}
        with open(f"/proc/{server.process.pid}/cmdline", "rb") as line:
            files["cmdline"] = line.read()
    files["output"] = "".join(server.output).encode()
    assert b"Traceback" in files["output"]
    assert set(files) >= {"server.json", "server.lock", "keys.json", "fc.sqlite"}
    # the keys are kept where only the user can read them, and variables where the functions are
    for name in set(files) - {"keys.json", "fc.sqlite", "fc.sqlite-wal"}:
        assert not marks(files[name]), name
        assert not [secret for secret in secrets if secret.encode() in files[name]], name
    assert not set(marks(files["keys.json"] + files["fc.sqlite"])) - {VARIABLE, PAYLOAD}


# ---------------------------------------------------------------- a key of the cloud


@pytest.fixture
def profiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose aliyun CLI has the marked key and token, and nothing of a key in the environment."""
    for name in [name for name in os.environ if name.startswith(("FC_MAGIC_", "ALIBABA_CLOUD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FC_MAGIC_CONFIG", os.devnull)
    keys = {"access_key_id": KEY_ID, "access_key_secret": KEY, "sts_token": TOKEN}
    (tmp_path / ".aliyun").mkdir()
    said = {
        "current": "default",
        "profiles": [{"name": "default", "mode": "StsToken", "region_id": REGION, **keys}],
    }
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps(said))
    return tmp_path


def test_objects_of_the_cloud(profiled: Path) -> None:
    """What holds a key from a profile shows it nowhere, and none of it is pickled."""
    with fc_magic.connect(Settings.load(target=REGION)) as client:
        profile = load_profile("", {})
        keys = client.session._keys
        held_here = (
            client,
            client.session,
            client.target,
            client.target.credentials,
            client.objects,
            profile,
            keys,
        )
        for thing in (
            *held_here,
            client.auth,
            client.objects.auth,
            TargetView(client.target, client.settings),
        ):
            for face in faces(thing):
                assert not marks(face), f"a {type(thing).__name__} shows {marks(face)}"
        assert repr(TargetView(client.target, client.settings)).count("****") == 2
        for thing in held_here:
            with pytest.raises(TypeError) as caught:
                pickle.dumps(thing)
            assert not marks(str(caught.value))
        asked = " ".join(text for pair in facts(client.target, "deploy f") for text in pair)
        assert KEY_ID in asked
        assert not marks(asked)


def test_settings_are_not_pickled() -> None:
    """Settings with a secret are refused by pickle, without a word of it."""
    with pytest.raises(TypeError) as caught:
        pickle.dumps(Settings.load({}, access_key_id=KEY_ID, access_key_secret=KEY, security_token=TOKEN))
    assert not marks(str(caught.value))


@pytest.mark.parametrize(
    "text", [f'access_key_secret = "{KEY}"', f'api = 5\naccess_key_secret = "{KEY}', f"x = {KEY}"]
)
@pytest.mark.parametrize("place", ["project", "user"])
def test_files_that_are_refused(tmp_path: Path, place: str, text: str) -> None:
    """A file with a secret in the wrong place, or with an error beside it, is refused without it."""
    user, project = tmp_path / "config.toml", tmp_path / "pyproject.toml"
    user.write_text(text if place == "user" else "")
    project.write_text(f"[tool.fc-magic]\n{text}" if place == "project" else "")
    user.chmod(0o644)
    with pytest.raises(UsageError) as caught:
        Settings.load({"FC_MAGIC_CONFIG": str(user)}, folder=tmp_path)
    assert_clean(caught.value)


def test_key_that_is_nowhere(profiled: Path) -> None:
    """What is said of the places that have no key has no half of one."""
    file = profiled / ".aliyun" / "config.json"
    whole = file.read_text()
    for wrong in (whole[:-1], whole.replace(KEY_ID, ""), whole.replace("Sts", "X")):
        file.write_text(wrong)
        with pytest.raises(UsageError, match="none was found") as caught:
            fc_magic.connect(Settings.load(target=REGION, security_token=TOKEN))
        assert_clean(caught.value)


CLOUD_CELLS = (
    "%load_ext fc_magic",
    f"%fctarget {REGION}",
    "%%fcdeploy marked\ndef handler(e, c): pass\n",
    "%%fcdeploy marked --yes\nimport os\ndef handler(event, context):\n    return dict(os.environ)\n",
    "%fcinvoke marked",
    "marked, marked.target, marked._client.session, marked._client.settings",
    "import pickle; pickle.dumps(marked)",
    "%tb",
    "%fcform marked",
    "import ipywidgets; {key: widget.get_state() for key, widget in ipywidgets.Widget.widgets.items()}",
    "%config FcMagic",
    "%config FcMagic.api = 'v3'",
    "%fctarget",
    "%fclist",
    "%fclogs marked",
    "%fcdelete marked",
    "%fctarget http://127.0.0.1:1",
    "%fcdelete marked",
    "%tb",
)


def test_notebook_of_the_cloud(profiled: Path, marked_server: Server) -> None:
    """A notebook that writes to a region with a profile's key shows it nowhere, and neither does what it deploys."""
    done = subprocess.run(
        [sys.executable, "-"],
        input=PROGRAM.format(cells=CLOUD_CELLS),
        capture_output=True,
        text=True,
        timeout=50,
        env={
            **os.environ,
            "IPYTHONDIR": str(profiled / "ipython"),
            "FC_MAGIC_HOME": str(profiled / "home"),
            "FC_MAGIC_RETRIES": "0",
            "FC_MAGIC_API": "v2",
            "FC_MAGIC_ROLE": ROLE,
            "FC_MAGIC_ENDPOINT": marked_server.url,
        },
    )
    lines = [line for line in io.StringIO(done.stdout + done.stderr) if marks(line)]
    assert not lines
    assert done.returncode == 0, done.stderr
    for said in (
        "nobody can be asked here",
        "✓ marked",
        "FC_FUNCTION_NAME",
        "****",
        "not pickled",
        "deleted from",
    ):
        assert said in done.stdout, said
    assert "DEBUG:fc_magic.client" in done.stderr


# ---------------------------------------------------------------- a notebook


CELLS = (
    "%load_ext fc_magic",
    "%fctarget",
    f'%%fcdeploy marked --env API_KEY={VARIABLE} --trigger \'{{"type": "timer", "config": '
    f'{{"cronExpression": "0 0 4 1 1 *", "payload": "{PAYLOAD}"}}}}\'\n'
    "import os\ndef handler(event, context):\n    return len(event) + len(os.environ['API_KEY'])\n",
    f"%fcinvoke marked {EVENT}",
    "marked, marked.info, marked.info.triggers, marked._client.target, marked._client.settings",
    "marked",
    "%fclist",
    "%fclogs marked",
    f"%%fcdeploy formed --env API_KEY={VARIABLE}\ndef handler(event, context): pass\n",
    "%fcform formed",
    f"%%fcdeploy marked --memory 7 --env API_KEY={VARIABLE} --env 1={VARIABLE}\ndef handler(e, c): pass\n",
    f"%%fcdeploy marked --env {VARIABLE}\ndef handler(e, c): pass\n",
    f"%fcdeploy marked --zip-file {ELSEWHERE}",
    f"%fctarget http://user:{PASSWORD}@127.0.0.1:1",
    "%fctarget",
    "%fctarget http://127.0.0.1:1",
    "%fctarget",
    f"%fcinvoke marked {EVENT}",
    "%tb",
    "%fctarget local",
    "%fcdelete marked",
    "%fcdelete formed",
)
PROGRAM = """
import logging, sys
from IPython.core.interactiveshell import InteractiveShell
logging.basicConfig(level=logging.DEBUG)
shell = InteractiveShell.instance(colors="NoColor")
for cell in {cells!r}:
    print("----", cell.split()[0], flush=True)
    shell.run_cell(cell, store_history=True)
    print(shell.display_formatter.format(shell.user_ns.get("_")))
"""


def test_notebook(tmp_path: Path) -> None:
    """Cards, tables, refusals, ``%fctarget`` and the debug log of a whole notebook show no secret."""
    home = tmp_path / "home"
    try:
        done = subprocess.run(
            [sys.executable, "-"],
            input=PROGRAM.format(cells=CELLS),
            capture_output=True,
            text=True,
            timeout=50,
            env={
                **os.environ,
                "IPYTHONDIR": str(tmp_path / "ipython"),
                "FC_MAGIC_HOME": str(home),
                "FC_MAGIC_RETRIES": "0",
                "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID,
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY,
                "ALIBABA_CLOUD_SECURITY_TOKEN": TOKEN,
            },
        )
        found = LocalServer.find(home)
        assert found is not None, done.stderr
        own = found.keys.access_key_secret
        shown = done.stdout + done.stderr + (home / "server.log").read_text()
    finally:
        found = LocalServer.find(home)
        if found:
            found.stop()
    lines = [line for line in io.StringIO(shown) if marks(line) or own in line]
    assert not lines
    assert done.returncode == 0, done.stderr
    # what is looked at above did happen
    for said in (
        "✓ marked",
        "access_key_secret",
        "****",
        "API_KEY",
        "takes no connection",
        "deleted from local",
    ):
        assert said in done.stdout, said
    assert "DEBUG:fc_magic.client" in done.stderr
