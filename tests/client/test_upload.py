"""Code that is too big for a request: it goes through OSS, goes on where it broke off, and nothing of it stays."""

from __future__ import annotations

import dataclasses
import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.client.oss import Store
from fc_magic.client.upload import PART
from fc_magic.errors import ApiError, ConnectionFailed, FcError, InvalidArgument, UsageError
from fc_magic.wire.checksum import crc64
from fc_magic.wire.source import INLINE_BYTES, MAX_PACKAGE_BYTES
from tests.client.endpoint import client_of
from tests.client.faults import FaultyWire, always, once
from tests.conftest import ACCOUNT, KEY_ID, REGION, SECRET, Server, zipped

BUCKET = f"fc-magic-{ACCOUNT}-{REGION}"
SOURCE = "import os\ndef handler(event, context):\n    return os.path.getsize('/code/data.bin')\n"
APIS = ("v2", "fc3")


def package(seed: bytes = b"a") -> bytes:
    """A ZIP that does not fit into a request, quickly made."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("index.py", SOURCE)
        made.writestr("data.bin", seed * (INLINE_BYTES // len(seed)))
    return file.getvalue()


@pytest.fixture(scope="module")
def big() -> bytes:
    return package()


@contextmanager
def reaching(server: Server, api: str, objects: str = "", **settings: Any) -> Iterator[Client]:
    """A client that knows where the objects are."""
    with server.client(api, **settings) as made:
        target = dataclasses.replace(made.target, objects=objects or server.objects_url)
        with Client(target, made.settings) as client:
            yield client


@pytest.fixture
def bucket(server: Server) -> Iterator[Store]:
    """What is in the bucket; the test leaves no function, object or upload behind."""
    with reaching(server, "v2") as client:
        store = Store(client.session)
        store.do("put_bucket", bucket=BUCKET)
        yield store
        for function in client.list("big-"):
            client.delete(function.name)
        for key in objects(store):
            store.do("delete_object", bucket=BUCKET, key=key)
        for one in store.do("list_multipart_uploads", bucket=BUCKET).uploads or ():
            store.do("abort_multipart_upload", bucket=BUCKET, key=one.key, upload_id=one.upload_id)
        store.close()


def objects(store: Store) -> list[str]:
    return [found.key for found in store.do("list_objects_v2", bucket=BUCKET).contents or ()]


def unfinished(store: Store) -> list[str]:
    return [one.key for one in store.do("list_multipart_uploads", bucket=BUCKET).uploads or ()]


# ---------------------------------------------------------------- deployed


@pytest.mark.parametrize("api", APIS)
def test_created_updated_unchanged(server: Server, bucket: Store, big: bytes, api: str) -> None:
    """It is deployed as any other code is, byte for byte, and nothing is left in the bucket."""
    with reaching(server, api) as client:
        made = client.deploy({"name": f"big-{api}", "code": big})
        assert (made.info.outcome, made.info.warnings, made.info.code_checksum) == ("created", (), crc64(big))
        assert made() == INLINE_BYTES
        again = client.deploy({"name": f"big-{api}", "code": big})
        assert (again.info.outcome, again.info.version) == ("unchanged", "1")
        assert not again.info.source
        changed = client.deploy({"name": f"big-{api}", "code": package(b"bc")})
        assert (changed.info.outcome, changed.info.version) == ("updated", "2")
        assert client.rollback(f"big-{api}", 1).info.code_checksum == crc64(big)
    assert (objects(bucket), unfinished(bucket)) == ([], [])


def test_the_bucket_is_made(server: Server, big: bytes) -> None:
    """Where there is none it is made for the account and region, and is private."""
    account = "7" * 16
    bucket = f"fc-magic-{account}-{REGION}"
    with reaching(server, "v2") as known:
        target = dataclasses.replace(known.target, account_id=account)
        with Client(target, known.settings) as client, closing(Store(client.session)) as store:
            client.deploy({"name": "big-made", "code": big, "role": known.target.role})
            assert store.do("get_bucket_info", bucket=bucket).bucket_info.acl == "private"
            store.do("delete_bucket", bucket=bucket)
            client.delete("big-made")


def test_layer(server: Server, bucket: Store, big: bytes) -> None:
    """A layer's ZIP goes the same way."""
    with reaching(server, "v2") as client:
        made = client.publish_layer("big-layer", big)
        assert (made.outcome, made.code_size, made.warnings) == ("published", len(big), ())
        assert client.publish_layer("big-layer", big).outcome == "unchanged"
        client.delete_layer("big-layer", made.version)
    assert objects(bucket) == []


def test_refused(server: Server, bucket: Store, big: bytes) -> None:
    """What the deployment is refused for is said as ever, and its object is removed too."""
    with reaching(server, "fc3") as client:
        layer = f"acs:fc:{REGION}:{ACCOUNT}:layers/nothing/versions/1"
        with pytest.raises(ApiError, match="nothing"):
            client.deploy({"name": "big-wrong", "code": big, "layers": [layer]})
    assert objects(bucket) == []


def test_larger_than_there_can_be() -> None:
    """It is refused before anything is sent, and so is what is no ZIP."""
    for raw, why in ((bytes(MAX_PACKAGE_BYTES + 1), "500 MB at most"), (bytes(INLINE_BYTES + 1), "no.* ZIP")):
        with client_of("http://127.0.0.1:9") as client, pytest.raises(InvalidArgument, match=why) as caught:
            client.deploy({"name": "big", "code": raw})
        assert [problem.field for problem in caught.value.problems] == ["code"]


# ---------------------------------------------------------------- what breaks off


@pytest.mark.parametrize("api", APIS)
def test_goes_on_where_it_broke_off(server: Server, bucket: Store, big: bytes, api: str) -> None:
    """The parts that got there are told, stay there, and are not sent again."""
    with FaultyWire(server.objects_url) as wire, reaching(server, api, wire.url, retries=0) as client:
        wire.plan = always("reset", "partNumber=6&")
        with pytest.raises(
            ConnectionFailed, match=r"\d+ MB of 75 MB of the code are in the bucket"
        ) as caught:
            client.deploy({"name": f"big-{api}", "code": big})
        assert "deploy it again" in caught.value.hint
        assert len(unfinished(bucket)) == 1
        before, wire.plan = parts(wire), lambda request: ""
        wire.requests.clear()
        assert client.deploy({"name": f"big-{api}", "code": big})() == INLINE_BYTES
        assert not before - {6} & parts(wire), "a part was sent twice"
        assert before | parts(wire) == set(range(1, -(-len(big) // PART) + 1))
    assert (objects(bucket), unfinished(bucket)) == ([], [])


def parts(wire: FaultyWire) -> set[int]:
    """The numbers of those that were sent."""
    found = {r.path.partition("partNumber=")[2].partition("&")[0] for r in wire.requests if r.method == "PUT"}
    return {int(number) for number in found if number}


@pytest.mark.parametrize(
    ("fault", "path", "method"),
    [
        ("reset", "partNumber=3", "PUT"),
        ("truncated", "partNumber=3", "PUT"),
        ("503", "?uploads", "POST"),
        ("lost", "?uploads", "POST"),
        ("500", "uploadId=", "POST"),
        ("lost", "uploadId=", "POST"),
        ("lost", "/fc-magic/", "DELETE"),
        ("reset", "/fc-magic/", "HEAD"),
    ],
)
def test_one_fault(server: Server, bucket: Store, big: bytes, fault: str, path: str, method: str) -> None:
    """Whatever goes wrong once is repeated within the deployment, and nothing is left behind."""
    with FaultyWire(server.objects_url) as wire, reaching(server, "v2", wire.url) as client:
        wire.plan = once(fault, path, method)
        made = client.deploy({"name": "big-fault", "code": big})
        assert (made.info.outcome, made.info.warnings) == ("created", ())
        assert wire.injected == [fault]
    assert (objects(bucket), unfinished(bucket)) == ([], [])


def test_a_part_that_changes_on_its_way(server: Server, bucket: Store, big: bytes) -> None:
    """Checksums are compared: it is sent again, and the next deployment trusts no part that is another."""
    with FaultyWire(server.objects_url) as wire, reaching(server, "v2", wire.url) as client:
        wire.plan = once("corrupt", "partNumber=2", "PUT")
        made = client.deploy({"name": "big-changed", "code": big})
        assert (wire.injected, made.info.code_checksum) == (["corrupt"], crc64(big))
        assert len([r for r in wire.requests if r.method == "PUT" and "partNumber=2&" in r.path]) == 2
    with FaultyWire(server.objects_url) as wire, reaching(server, "v2", wire.url, retries=0) as client:
        other = package(b"xyz")
        wire.plan = always("corrupt", "partNumber=4", "PUT")
        with pytest.raises(ApiError, match=r"part 4 .* did not arrive as it was sent"):
            client.deploy({"name": "big-changed", "code": other})
        wire.plan = lambda request: ""
        wire.requests.clear()
        assert client.deploy({"name": "big-changed", "code": other}).info.code_checksum == crc64(other)
        assert 4 in parts(wire)


def test_the_deployment_itself_breaks_off(server: Server, bucket: Store, big: bytes) -> None:
    """The object stays then, and is found by the next deployment."""
    with (
        FaultyWire(server.url, always("500", "/deployments", "POST")) as wire,
        FaultyWire(server.objects_url) as store,
        reaching(server, "v2", store.url, retries=0) as there,
    ):
        target = dataclasses.replace(there.target, endpoint=wire.url)
        with Client(target, there.settings) as client:
            with pytest.raises(ApiError, match=f"The code stays in the bucket {BUCKET}"):
                client.deploy({"name": "big-later", "code": big})
            assert objects(bucket) == [f"fc-magic/functions/big-later/{crc64(big)}.zip"]
            wire.plan = lambda request: ""
            store.requests.clear()
            assert client.deploy({"name": "big-later", "code": big}).info.outcome == "created"
            assert not parts(store)
    assert objects(bucket) == []


def test_clean_up_that_fails(server: Server, bucket: Store, big: bytes) -> None:
    """It is a warning: what was asked for is done."""
    with FaultyWire(server.objects_url) as wire, reaching(server, "v2", wire.url, retries=0) as client:
        wire.plan = always("500", "/fc-magic/", "DELETE")
        made = client.deploy({"name": "big-left", "code": big})
        (warning,) = made.info.warnings
        assert f"may still be in the bucket {BUCKET}, fc-magic/functions/big-left/" in warning
    assert len(objects(bucket)) == 1


# ---------------------------------------------------------------- which bucket, and whose


def test_a_bucket_of_ones_own(server: Server, bucket: Store, big: bytes) -> None:
    """A bucket that is set is taken as it is; one that is not there is said to be so, and not made."""
    with reaching(server, "v2", code_bucket="no-such-bucket") as client:
        with pytest.raises(ApiError, match="no-such-bucket") as caught:
            client.deploy({"name": "big-own", "code": big})
        assert "code_bucket" in caught.value.hint
    bucket.do("put_bucket", bucket="my-code-of-mine")
    with reaching(server, "v2", code_bucket="my-code-of-mine") as client:
        assert client.deploy({"name": "big-own", "code": big}).info.outcome == "created"
    bucket.do("delete_bucket", bucket="my-code-of-mine")  # which is refused while something is in it


def test_without_an_account(server: Server, big: bytes) -> None:
    """A name without the account id could be anybody's."""
    with reaching(server, "v2") as client:
        with Client(dataclasses.replace(client.target, account_id=""), client.settings) as unknown:
            with pytest.raises(UsageError, match="account id") as caught:
                unknown.deploy({"name": "big-whose", "code": big, "role": client.target.role})
    assert "code_bucket" in caught.value.hint


def test_somebody_elses_bucket(server: Server, bucket: Store, big: bytes) -> None:
    """The name can be guessed: a bucket of it that another account has made gets nothing."""
    with reaching(server, "v2") as client:
        other = dataclasses.replace(client.target, account_id="9" * 16)
        bucket.do("put_bucket", bucket=f"fc-magic-{'9' * 16}-{REGION}")
        with Client(other, client.settings) as wrong, pytest.raises(FcError, match="of another account"):
            wrong.deploy({"name": "big-whose", "code": big})
        bucket.do("delete_bucket", bucket=f"fc-magic-{'9' * 16}-{REGION}")


def test_nobody_agreed(server: Server, bucket: Store, big: bytes) -> None:
    """Who has to agree is asked before the first byte goes to the bucket."""
    with FaultyWire(server.objects_url) as wire, reaching(server, "v2", wire.url) as client:

        def no(what: str) -> None:
            raise UsageError(what)

        client.session.before_write = no
        with pytest.raises(UsageError, match=r"deploy big-no: .* its code of 75 MB through OSS"):
            client.deploy({"name": "big-no", "code": big})
        assert not wire.requests


# ---------------------------------------------------------------- what is said meanwhile


def test_progress(server: Server, bucket: Store, big: bytes) -> None:
    """It begins with what is there, never goes back, and ends with all of it."""
    said: list[tuple[str, int, int]] = []

    @contextmanager
    def watching(what: str, size: int) -> Iterator[Any]:
        yield lambda done: said.append((what, size, done))

    with reaching(server, "v2") as client:
        client.session.progress = watching
        client.deploy({"name": "big-told", "code": big})
    done = [one for _, _, one in said]
    assert {one[:2] for one in said} == {("big-told", len(big))}
    assert (done[0], done[-1]) == (0, len(big))
    assert done == sorted(done)
    assert len(done) == 1 + -(-len(big) // PART)


def test_no_secret_in_an_error(server: Server, big: bytes) -> None:
    """The SDK's own errors have the request with its signature, so they are neither shown nor chained."""
    with FaultyWire(server.objects_url, always("reset", "/")) as wire:
        with reaching(server, "v2", wire.url, retries=0) as client, pytest.raises(ConnectionFailed) as caught:
            client.deploy({"name": "big-secret", "code": big})
    error: BaseException | None = caught.value
    while error:
        assert SECRET not in f"{error!r} {error}"
        assert KEY_ID not in f"{error!r} {error}"
        error = error.__cause__


def test_without_the_sdk(server: Server, big: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named, with what to type."""
    monkeypatch.setitem(sys.modules, "alibabacloud_oss_v2", None)
    with reaching(server, "v2") as client, pytest.raises(UsageError) as caught:
        client.deploy({"name": "big-sdk", "code": big})
    assert caught.value.hint == "pip install 'fc-magic[oss]'"


def test_imported_late() -> None:
    """Who deploys nothing big does not wait for it."""
    modules = "fc_magic.client.client, fc_magic.client.functions, fc_magic.client.v2"
    program = f"import sys, {modules}; print('alibabacloud_oss_v2' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_small_code_stays_in_the_request(server: Server, bucket: Store) -> None:
    """Nothing is asked of OSS for it."""
    with FaultyWire(server.objects_url) as wire, reaching(server, "fc3", wire.url) as client:
        client.deploy({"name": "big-not", "code": zipped(SOURCE)})
        assert not wire.requests
