"""A real server, real processes, real clients: what every test stands on."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from fc_magic.client.client import Client
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.package.bundle import bundle
from fc_magic.server.data_folder import OBJECTS, READY

# how long one example takes says more of the machine than of what is tested
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")

KEY_ID, SECRET = "LTAITestKey", "TestSecretThatMustNeverShow"
REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
ROLE = f"acs:ram::{ACCOUNT}:role/fcServiceRole"
FUNCTIONS = Path(__file__).parent / "functions"


@pytest.fixture(autouse=True)
def depth_of_recursion() -> Iterator[None]:
    """Cells that are run in the process of the tests may set it."""
    before = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(before)


@dataclass
class Server:
    """``fc-magic serve`` in a process of its own, as a user starts it."""

    url: str
    objects_url: str
    data: Path
    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)

    def client(self, api: str = "v2", **settings: Any) -> Client:
        target = Target(
            name="test",
            endpoint=self.url,
            region=REGION,
            credentials=Credentials(KEY_ID, SECRET),
            account_id=ACCOUNT,
            role=ROLE,
            api=api,
            when_gone="start it again",
        )
        return Client(target, Settings.load({}, **settings))

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


@contextmanager
def serving(data: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Starts ``fc-magic serve`` on ``data`` and waits for its ready line; stops it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fc_magic", "serve", f"--data={data}", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith(("FC_MAGIC_", "ALIBABA_CLOUD_"))},
            "FC_MAGIC_ACCESS_KEY_ID": KEY_ID,
            "FC_MAGIC_ACCESS_KEY_SECRET": SECRET,
            **(environment or {}),
        },
    )
    output: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    drain = threading.Thread(target=lambda: output.extend(process.stderr or ()), daemon=True)
    drain.start()
    objects, line = process.stdout.readline(), process.stdout.readline()
    try:
        assert line.startswith(READY), "".join([objects, line, *output])
        assert objects.startswith(OBJECTS)
        yield Server(line.split()[-1], objects.split()[-1], data, process, output)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)
        process.stdout.close()
        drain.join(5)
        process.stderr.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not stop it; each test uses names of its own."""
    with serving(tmp_path_factory.mktemp("fc")) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of the shared server; what the test deployed is deleted afterwards."""
    with server.client() as made:
        before = {f.name for f in made.list()}
        yield made
        for function in made.list():
            if function.name not in before:
                made.delete(function.name)


def zipped(source: str | Mapping[str, str | bytes]) -> bytes:
    """A package of ``index.py`` (or of several files)."""
    files = {"index.py": source} if isinstance(source, str) else source
    return bundle({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def function_file(name: str) -> bytes:
    """A package of ``tests/functions/NAME.py`` as ``index.py``; of another language with its ending: ``name.js``."""
    path = FUNCTIONS / (name if "." in name else f"{name}.py")
    return zipped({f"index{path.suffix}": path.read_text()})


def body(name: str, code: bytes | None = None, **fields: Any) -> dict[str, Any]:
    """A complete JSON body of the deployments API."""
    raw = zipped("def handler(event, context):\n    return event\n") if code is None else code
    return {
        "name": name,
        "runtime": "python3.10",
        "handler": "index.handler",
        "entrypoint": "index.handler",
        "role": ROLE,
        "code": base64.b64encode(raw).decode(),
        **fields,
    }


Deploy = Callable[..., Any]


@pytest.fixture
def deploy(client: Client, request: pytest.FixtureRequest) -> Deploy:
    """``deploy("echo")`` deploys ``tests/functions/echo.py`` under a name of this test and returns the function."""
    stem = "".join(c if c.isalnum() else "-" for c in request.node.name)[:40].strip("-")

    def deploy_file(function: str, **fields: Any) -> Any:
        code = fields.pop("code", None) or function_file(function)
        name = fields.pop("name", f"t-{stem}-{function}"[:64].replace("_", "-").replace(".", "-"))
        return client.deploy({"name": name, "code": code, **fields})

    return deploy_file
