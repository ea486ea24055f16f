"""The object store of a running server: where it is, who may come in, and the code that it keeps for functions."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import alibabacloud_oss_v2 as oss_v2
import pytest
import requests

import fc_magic
from fc_magic.client.auth import ObjectAuth
from fc_magic.client.client import Client
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.errors import InternalServerError, InvalidArgument, UsageError
from fc_magic.notebook.target import TargetView
from fc_magic.package.bundle import bundle
from fc_magic.server import keys
from fc_magic.server.data_folder import INFO
from fc_magic.server.objects.code import read_zip
from fc_magic.server.objects.store import Store
from fc_magic.server.process import LocalServer
from fc_magic.wire.spec import Oss
from tests.conftest import KEY_ID, REGION, SECRET, Deploy, Server, body, serving, zipped
from tests.server.buckets import bucket_at, client_at, oss2
from tests.server.calls import Caller, send


def says(word: str) -> bytes:
    return zipped(f"def handler(event, context):\n    return {word!r}\n")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A bucket name of this test's own."""
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in request.node.name.lower())
    return f"{stem[:40].strip('-')}-{time.time_ns() % 10**9}"


@pytest.fixture
def bucket(server: Server, name: str) -> Iterator[oss2.Bucket]:
    with bucket_at(server.objects_url, name) as made:
        yield made


# ---------------------------------------------------------------- where it is


def test_it_is_told_where(tmp_path: Path) -> None:
    """The data folder, LocalServer and the client name its address, which is the same after a restart."""
    with serving(tmp_path) as server:
        assert json.loads((tmp_path / INFO).read_text())["objects_url"] == server.objects_url
        found = LocalServer.find(tmp_path)
        assert found is not None
        assert found.objects_url == server.objects_url
        with fc_magic.connect(Settings.load({}, home=str(tmp_path))) as client:
            assert client.objects.endpoint == server.objects_url
            shown = " ".join(repr(TargetView(client.target, client.settings)).split())
            assert f"objects {server.objects_url}" in shown
        first = server.objects_url
        assert server.stop() == 0
    with serving(tmp_path) as server:
        assert server.objects_url == first


def test_it_is_opened_when_it_is_needed(tmp_path: Path) -> None:
    """It listens from the start and its files are made at the first request, be it many at once."""
    with serving(tmp_path) as server:
        assert not (tmp_path / "objects.sqlite").exists()
        Caller(server.url).deploy(body("f"))
        assert not (tmp_path / "objects.sqlite").exists()
        with bucket_at(server.objects_url, "pics") as bucket:
            bucket.put_object("k", b"v")
        assert (tmp_path / "objects.sqlite").exists()
        server.kill()
    with serving(tmp_path) as server, bucket_at(server.objects_url, "pics", make=False) as bucket:
        assert bucket.get_object("k").read() == b"v"
        assert server.stop() == 0
    assert server.output == []


def test_files_in_the_way(tmp_path: Path) -> None:
    """Files that it cannot use stop neither the server nor functions; who needs an object is told."""
    (tmp_path / "objects.sqlite").mkdir()
    with serving(tmp_path) as server:
        caller = Caller(server.url)
        assert caller.deploy(body("f")).status == 201
        assert caller.invoke("f", b"x").body == b"x"
        with pytest.raises(oss2.exceptions.ServerError) as refused, bucket_at(server.objects_url, "pics"):
            pass
        assert (refused.value.status, refused.value.code) == (500, "InternalError")
        answer = caller.deploy(body("g", oss_bucket="pics", oss_object_key="k"))
        assert (answer.status, answer.code) == (500, InternalServerError.code)
        assert str(tmp_path) in answer.said["Message"]
        assert caller.names() == ["f"]
    assert "Traceback" not in "".join(server.output)


def test_two_ports_are_two_services(server: Server, bucket: oss2.Bucket, name: str) -> None:
    """Neither port answers the other's requests."""
    bucket.put_object("k", b"v", headers={"x-oss-object-acl": "public-read"})
    assert send(server.objects_url, "GET", f"/{name}/k", {"host": "127.0.0.1"}).body == b"v"
    assert send(server.url, "GET", f"/{name}/k", {"host": "127.0.0.1"}).code == "PathNotSupported"
    assert b"<Error>" in send(server.objects_url, "GET", "/-/health", {"host": "127.0.0.1"}).body


# ---------------------------------------------------------------- who may come in


def test_every_key_of_the_server(tmp_path: Path) -> None:
    """Its own key, the one it was given and the role's with its token are taken; a stranger's and none are not."""
    with serving(tmp_path) as server:
        own = keys.read(tmp_path)
        role = oss2.StsAuth(own.role_key_id, own.role_key_secret, own.role_token)
        mine = oss2.AuthV4(own.access_key_id, own.access_key_secret)
        with bucket_at(server.objects_url, "pics") as bucket:
            bucket.put_object("k", b"v")
        for auth in (role, mine, oss2.Auth(own.access_key_id, own.access_key_secret)):
            with bucket_at(server.objects_url, "pics", auth, make=False) as bucket:
                assert bucket.get_object("k").read() == b"v"
        key = Credentials(own.role_key_id, own.role_key_secret, own.role_token)
        url = f"{server.objects_url}/pics/k"
        assert requests.get(url, auth=ObjectAuth(key, REGION), timeout=20).content == b"v"
        for auth in (oss2.AnonymousAuth(), oss2.Auth("LTAI", "x"), oss2.Auth(own.role_key_id, "x")):
            with (
                bucket_at(server.objects_url, "pics", auth, make=False) as bucket,
                pytest.raises(oss2.exceptions.ServerError) as refused,
            ):
                bucket.get_object("k")
            assert refused.value.status == 403


def test_keys_come_from_the_client(tmp_path: Path) -> None:
    """What a client says of its objects is what an SDK asks for, and shows no secret; in a region it is OSS."""
    with serving(tmp_path), fc_magic.connect(Settings.load({}, home=str(tmp_path))) as client:
        store = client.objects
        auth = oss2.AuthV4(store.access_key_id, store.access_key_secret)
        with bucket_at(store.endpoint, "pics", auth) as bucket:
            assert bucket.put_object("k", b"v").status == 200
        assert store.access_key_secret not in repr(store) + str(store)
    credentials = Credentials("LTAI", "secret", "token")
    with Client(Target("cn-beijing", "https://fc.aliyuncs.com", "cn-beijing", credentials)) as there:
        assert there.objects.endpoint == "https://oss-cn-beijing.aliyuncs.com"
        assert (there.objects.security_token, there.objects.region) == ("token", "cn-beijing")
        assert "secret" not in repr(there.objects)
        assert "token=" not in repr(there.objects)
    with (
        Client(Target("http://h:1", "http://h:1", REGION, credentials)) as other,
        pytest.raises(UsageError, match="does not say where its objects are"),
    ):
        other.objects  # noqa: B018


@pytest.mark.parametrize("by_host", [False, True], ids=["path", "host"])
def test_no_sdk_is_needed(server: Server, name: str, by_host: bool) -> None:
    """``requests`` with the store's own auth puts, lists, gets and deletes, whatever keys and queries hold."""
    with Client(
        Target("local", server.url, REGION, Credentials(KEY_ID, SECRET), objects=server.objects_url)
    ) as client:
        store = client.objects
    here = urlsplit(store.endpoint).netloc
    host = f"{name}.localhost:{urlsplit(store.endpoint).port}" if by_host else here
    base = f"http://{host}" if by_host else f"{store.endpoint}/{name}"

    def ask(method: str, tail: str = "", **more: Any) -> requests.Response:
        with requests.Session() as session:
            request = session.prepare_request(
                requests.Request(method, f"{base}/{tail}", auth=store.auth, **more)
            )
            request.headers["Host"] = host
            request.url = str(request.url).replace(host, here)  # not every machine resolves it
            return session.send(request, timeout=20)

    assert ask("PUT").status_code == 200
    odd = "in/a b+ü%?.txt"
    headers = {"Content-Type": "text/plain", "x-oss-meta-by": "Ada"}
    assert ask("PUT", quote(odd), data=b"hello", headers=headers).status_code == 200
    found = ask("GET", quote(odd))
    assert (found.content, found.headers["x-oss-meta-by"]) == (b"hello", "Ada")
    assert f"<Key>{odd}</Key>" in ask("GET", "?list-type=2&prefix=in/a%20b&delimiter=").text
    assert ask("DELETE", quote(odd)).status_code == 204
    assert ask("DELETE").status_code == 204


# ---------------------------------------------------------------- code


def test_code_by_both_sdks(server: Server, client: Client, bucket: oss2.Bucket, name: str) -> None:
    """Code that either SDK put is deployed by bucket and key; a changed object is taken at the next deployment."""
    fields = {"name": f"f-{name}"[:64], "oss_bucket": name, "oss_object_key": "code/f.zip"}
    bucket.put_object("code/f.zip", says("one"))
    function = client.deploy(fields)
    assert function() == "one"
    assert dict(function.info.source) == {"oss_bucket": name, "oss_object_key": "code/f.zip"}
    with client_at(server.objects_url) as sdk:
        sdk.put_object(oss_v2.PutObjectRequest(bucket=name, key="code/f.zip", body=says("two")))
    assert function() == "one"
    again = client.deploy(fields)
    assert (again(), again.info.version, again.info.outcome) == ("two", "2", "updated")
    assert client.deploy(fields).info.version == "2"
    bucket.delete_object("code/f.zip")
    with pytest.raises(InvalidArgument):
        client.deploy(fields)
    assert again() == "two"


def test_code_in_parts(client: Client, bucket: oss2.Bucket, name: str) -> None:
    """Code that was put in parts is code too."""
    raw = zipped({"index.py": "def handler(e, c):\n    return 3\n", "big": os.urandom(300_000)})
    upload = bucket.init_multipart_upload("f.zip").upload_id
    parts = [
        oss2.models.PartInfo(n, bucket.upload_part("f.zip", upload, n, raw[start : start + 200_000]).etag)
        for n, start in enumerate(range(0, len(raw), 200_000), start=1)
    ]
    bucket.complete_multipart_upload("f.zip", upload, parts)
    assert client.deploy({"name": name, "oss_bucket": name, "oss_object_key": "f.zip"})() == 3


@pytest.mark.parametrize(
    ("bucket_name", "key", "field", "what"),
    [
        ("no-such-bucket-here", "f.zip", "oss_bucket", "bucket that does not exist"),
        ("", "nothing.zip", "oss_object_key", "object that does not exist"),
        ("", "text", "oss_object_key", "not a readable ZIP"),
        ("", "empty.zip", "oss_object_key", "no file in it"),
        ("", "link", "oss_object_key", "SymlinkTargetNotExist"),
    ],
)
def test_code_that_is_not_there(
    server: Server, bucket: oss2.Bucket, name: str, bucket_name: str, key: str, field: str, what: str
) -> None:
    """What is wrong with the object is told of the field that names it, with what to do, and nothing is deployed."""
    caller = Caller(server.url)
    bucket.put_object("text", b"no zip")
    bucket.put_object("empty.zip", bundle({}))
    bucket.put_symlink("nowhere", "link")
    answer = caller.deploy(body("never", oss_bucket=bucket_name or name, oss_object_key=key))
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", [field])
    (detail,) = answer.said["Details"]
    assert what in detail["problem"]
    assert detail["hint"]
    assert caller.names("never") == []


def test_code_that_is_too_large(tmp_path: Path) -> None:
    """An object that is larger than code may be is refused before it is read."""
    with contextlib.closing(Store(tmp_path)) as store:
        store.create_bucket("pics")
        store.put("pics", "f.zip", bytes(3 << 20))
        with pytest.raises(InvalidArgument, match="at most 2 MB") as refused:
            read_zip(store, Oss(oss_bucket="pics", oss_object_key="f.zip"), 2 << 20)
    assert [problem.field for problem in refused.value.problems] == ["oss_object_key"]


# ---------------------------------------------------------------- from inside


def test_function_with_its_own_credentials(bucket: oss2.Bucket, deploy: Deploy, name: str) -> None:
    """A function reaches the store where OSS_ENDPOINT says, with the credentials it was given."""
    function = deploy("stores", environment={"BUCKET": name})
    assert function("from inside") == "from inside"
    assert bucket.get_object("from/a/function").read() == b"from inside"


def test_endpoint_of_ones_own(server: Server, deploy: Deploy) -> None:
    """A variable OSS_ENDPOINT of the function wins."""
    code = zipped("import os\ndef handler(event, context):\n    return os.environ['OSS_ENDPOINT']\n")
    assert deploy("e", code=code)() == server.objects_url
    assert deploy("e", code=code, environment={"OSS_ENDPOINT": "http://elsewhere"})() == "http://elsewhere"


#: an SDK and what it needs: without a part for one version of Python only
VENDORED = (
    *(
        "alibabacloud_oss_v2",
        "requests",
        "urllib3",
        "idna",
        "certifi",
        "charset_normalizer",
        "crcmod",
        "Crypto",
    ),
)
WITH_SDK = """
import os
import alibabacloud_oss_v2 as oss

settings = oss.config.load_default()
settings.endpoint, settings.region = os.environ["OSS_ENDPOINT"], os.environ["FC_REGION"]

def handler(event, context):
    c, bucket = context.credentials, os.environ["BUCKET"]
    settings.credentials_provider = oss.credentials.StaticCredentialsProvider(
        c.access_key_id, c.access_key_secret, c.security_token
    )
    client = oss.Client(settings)
    client.put_object(oss.PutObjectRequest(bucket=bucket, key="by the sdk", body=event))
    with client.get_object(oss.GetObjectRequest(bucket=bucket, key="by the sdk")).body as body:
        return body.read().decode()
"""


def vendored() -> bytes:
    site = Path(oss_v2.__file__).parents[1]
    files = [f for name in VENDORED for f in (site / name).rglob("*") if f.is_file()]
    kept = {str(f.relative_to(site)): f.read_bytes() for f in files if "SelfTest" not in f.parts}
    return bundle({**kept, "index.py": WITH_SDK.encode()})


def test_function_with_an_sdk(bucket: oss2.Bucket, client: Client, name: str) -> None:
    """A function whose package has an SDK, and is itself kept in the store, uses it as in a region."""
    bucket.put_object("f.zip", vendored())
    fields = {"name": name, "oss_bucket": name, "oss_object_key": "f.zip", "environment": {"BUCKET": name}}
    function = client.deploy({**fields, "memory": 256})
    assert function("with an SDK") == "with an SDK"
    assert bucket.get_object("by the sdk").read() == b"with an SDK"
