"""An object store in a process of its own, and the official SDKs to drive it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import pytest
import requests

with warnings.catch_warnings():
    # oss2 has escapes that Python warns of whenever it compiles them, which an installer may have left to us
    warnings.simplefilter("ignore")
    import oss2

from tests.server.objects.serve import KEY_ID, READY, REGION, SECRET

ROOT = Path(__file__).parents[3]


@dataclass
class Endpoint:
    """A running store. ``changes()``: what its ``notify`` heard, in order."""

    url: str
    folder: Path
    process: subprocess.Popen[str]

    def changes(self, bucket: str) -> list[dict[str, Any]]:
        lines = (self.folder / "changes").read_text().splitlines()
        return [change for change in map(json.loads, lines) if change["bucket"] == bucket]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)

    def bucket(self, name: str, version: str = "v4", auth: Any = None) -> oss2.Bucket:
        auth = auth or (oss2.AuthV4(KEY_ID, SECRET) if version == "v4" else oss2.Auth(KEY_ID, SECRET))
        session = oss2.Session()
        SESSIONS.append(session.session)
        return oss2.Bucket(auth, self.url, name, region=REGION, session=session, connect_timeout=20)

    def client(self, version: str = "v4", provider: Any = None) -> oss_v2.Client:
        settings = oss_v2.config.load_default()
        settings.credentials_provider = provider or oss_v2.credentials.StaticCredentialsProvider(
            KEY_ID, SECRET
        )
        settings.region, settings.endpoint, settings.signature_version = REGION, self.url, version
        settings.retry_max_attempts = 1
        session = requests.Session()
        SESSIONS.append(session)
        settings.http_client = oss_v2.transport.RequestsHttpClient(session=session)
        return oss_v2.Client(settings)


SESSIONS: list[requests.Session] = []


@contextmanager
def storing(folder: Path, *options: str) -> Iterator[Endpoint]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.objects.serve", str(folder), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line.startswith(READY), line
        yield Endpoint(line.split()[-1], folder, process)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One store for all tests that do not stop it; each test has a bucket of its own."""
    with storing(tmp_path_factory.mktemp("objects")) as running:
        yield running


@pytest.fixture(autouse=True)
def _closed_sessions() -> Iterator[None]:
    yield
    while SESSIONS:
        SESSIONS.pop().close()


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A bucket name of this test's own."""
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in request.node.name.lower())
    return f"{stem[:40].strip('-')}-{time.time_ns() % 10**9}"


@pytest.fixture
def bucket(endpoint: Endpoint, name: str) -> oss2.Bucket:
    """A new bucket behind ``oss2`` and V4."""
    made = endpoint.bucket(name)
    made.create_bucket()
    return made


Signed = Callable[..., requests.Response]


@pytest.fixture
def send(endpoint: Endpoint) -> Iterator[Signed]:
    """``send("PUT", "/bucket/key", data=...)``: a request signed by ``oss2`` (V1), its path as it is given."""
    auth = oss2.Auth(KEY_ID, SECRET)

    def sent(
        method: str, path: str, params: Any = None, headers: Any = None, data: Any = b"", **more: Any
    ) -> Any:
        bucket_name, _, key = path.removeprefix("/").partition("/")
        wire = endpoint.url + "/" + oss2.compat.urlquote(path.removeprefix("/"), "/~")
        request = oss2.http.Request(
            method, wire, data, dict(params or {}), dict(headers or {}), region=REGION
        )
        more.pop("auth", auth)._sign_request(request, bucket_name, key)
        return session.request(
            method,
            wire,
            params=request.params,
            data=request.data,
            headers=request.headers,
            timeout=20,
            **more,
        )

    with requests.Session() as session:
        yield sent


def code_of(response: requests.Response) -> str:
    """The code of a refusal."""
    return response.text.partition("<Code>")[2].partition("</Code>")[0]
