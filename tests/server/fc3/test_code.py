"""Packages: GetFunctionCode and its link, and how Serverless Devs brings them: a token, an upload, an object."""

from __future__ import annotations

import base64
import email.utils
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.server.grants import Grants
from fc_magic.server.links import LINK_S, Links
from fc_magic.server.objects import temporary
from fc_magic.server.objects.model import Meta, Upload
from fc_magic.server.objects.store import Store
from fc_magic.wire import legacy_signature
from fc_magic.wire.checksum import crc64
from tests.conftest import KEY_ID, SECRET, Server, zipped
from tests.server.buckets import bucket_at, oss2
from tests.server.calls import Answer, Caller, send
from tests.server.fc3.making import ECHO, Made, refused

TOKEN = "/2016-08-15/tempBucketToken"


def link(make: Made, name: str, **asked: str) -> models.OutputFuncCode:
    return make.sdk.get_function_code(name, models.GetFunctionCodeRequest(**asked)).body


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:
        raw: bytes = answer.read()
        return raw


def test_link(make: Made) -> None:
    """The link gives the package as it was sent, without a signature, and its checksum."""
    function = make("linked")
    for qualifier in ("", "LATEST"):
        found = link(make, function.function_name, qualifier=qualifier)
        assert fetched(found.url) == zipped(ECHO)
        assert found.checksum == function.code_checksum == crc64(zipped(ECHO))


def test_link_of_what_was_then(make: Made) -> None:
    """A link leads to the code of its moment, and to nothing once that is gone."""
    name = make("then").function_name
    old = link(make, name).url
    new = base64.b64encode(zipped("def handler(e, c): return 'never seen before'\n")).decode()
    make.change(name, code=models.InputCodeLocation(zip_file=new))
    assert fetched(link(make, name).url) == base64.b64decode(new)
    make.sdk.delete_function(name)
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetched(old.replace("Signature=", "Signature=0"))
    assert caught.value.code == 403
    assert json.loads(caught.value.read())["Code"] == "AccessDenied"


@given(st.text(max_size=20), st.text(max_size=20))
def test_links_cannot_be_guessed(path: str, signature: str) -> None:
    """Only what was made is good, for its own path, and until it ends."""
    now = [1000.0]
    links = Links(lambda: now[0])
    made, _, query = links.make("/a").partition("?")
    until, right = (part.partition("=")[2] for part in query.split("&"))
    assert links.is_good(made, until, right)
    assert not links.is_good(made, until, signature)
    assert path == "/a" or not links.is_good(path, until, right)
    assert not links.is_good(made, str(int(until) + 1), right)
    now[0] += LINK_S + 1
    assert not links.is_good(made, until, right)


# ---------------------------------------------------------------- an upload


def ask(server: Server, key_id: str = KEY_ID, secret: str = SECRET, **more: str) -> Answer:
    headers = {
        "host": "127.0.0.1",
        "accept": "application/json",
        "date": email.utils.formatdate(usegmt=True),
        "x-fc-account-id": "42",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    text = next(iter(legacy_signature.texts("GET", TOKEN, [], headers)))
    signature = legacy_signature.signature(text, secret)
    return send(server.url, "GET", TOKEN, {**headers, "authorization": f"FC {key_id}:{signature}"})


@pytest.fixture
def granted(server: Server) -> Iterator[tuple[oss2.Bucket, str]]:
    """The bucket as the keys of a new token open it, and the key of the object they are for."""
    said = ask(server).said
    with granted_bucket(server, said) as bucket:
        yield bucket, f"42/{said['objectName']}"


def granted_bucket(server: Server, said: dict[str, Any], name: str = "") -> Any:
    keys = said["credentials"]
    auth = oss2.StsAuth(keys["AccessKeyId"], keys["AccessKeySecret"], keys["SecurityToken"])
    return bucket_at(server.objects_url, name or said["ossBucket"], auth, make=False)


def test_upload(granted: tuple[oss2.Bucket, str], make: Made) -> None:
    """The keys of a token put the package where it says, and the function is made of it."""
    bucket, key = granted
    bucket.put_object(key, zipped(ECHO))
    place = {"oss_bucket_name": bucket.bucket_name, "oss_object_name": key}
    with_sum = models.InputCodeLocation(**place, checksum=crc64(zipped(ECHO)))
    name = make("uploaded", code=with_sum).function_name
    assert make.invoke(name, b"x") == b"x"
    wrong = models.InputCodeLocation(**place, checksum="1")
    assert "code.checksum" in refused(lambda: make.change(name, code=wrong)).message


def test_upload_in_parts(granted: tuple[oss2.Bucket, str]) -> None:
    """The same keys put an object in parts."""
    bucket, key = granted
    upload = bucket.init_multipart_upload(key).upload_id
    part = bucket.upload_part(key, upload, 1, b"x" * 200_000)
    bucket.complete_multipart_upload(key, upload, [oss2.models.PartInfo(1, part.etag)])
    assert bucket.head_object(key).content_length == 200_000


@pytest.mark.parametrize(
    "does",
    [
        lambda bucket, own: bucket.put_object("42/other.zip", b"x"),
        lambda bucket, own: bucket.get_object(own),
        lambda bucket, own: bucket.delete_object(own),
        lambda bucket, own: bucket.copy_object("fc-temporary-code", own, own),
        lambda bucket, own: bucket.put_object_acl(own, "public-read"),
        lambda bucket, own: bucket.list_objects(),
        lambda bucket, own: bucket.delete_bucket(),
        lambda bucket, own: bucket.put_symlink(own, own),
        lambda bucket, own: bucket.append_object(own, 0, b"x"),
        lambda bucket, own: bucket.batch_delete_objects([own]),
    ],
    ids=["other", "get", "delete", "copy", "acl", "list", "drop", "symlink", "append", "batch"],
)
def test_keys_of_an_upload_do_nothing_else(granted: tuple[oss2.Bucket, str], does: Any) -> None:
    """They are for one object, and for putting it."""
    bucket, own = granted
    bucket.put_object(own, b"x")
    with pytest.raises(oss2.exceptions.AccessDenied):
        does(bucket, own)


def test_keys_of_an_upload_open_no_other_door(server: Server) -> None:
    """They are for no other bucket, no form, and no call of the API."""
    said = ask(server).said
    keys = said["credentials"]
    with (
        granted_bucket(server, said, "another-bucket") as another,
        pytest.raises(oss2.exceptions.AccessDenied),
    ):
        another.put_object(f"42/{said['objectName']}", b"x")
    caller = Caller(server.url, keys["AccessKeyId"], keys["AccessKeySecret"], keys["SecurityToken"])
    assert caller.call("GET", "/2023-03-30/functions").code == "InvalidAccessKeyID"
    policy = base64.b64encode(b'{"expiration": "2099-01-01T00:00:00.000Z", "conditions": []}').decode()
    fields = {
        "key": "42/form",
        "OSSAccessKeyId": keys["AccessKeyId"],
        "policy": policy,
        "Signature": "x",
        "x-oss-security-token": keys["SecurityToken"],
    }
    lines = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    lines.append('--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nx\r\n--b--\r\n')
    head = {"host": "127.0.0.1", "content-type": "multipart/form-data; boundary=b"}
    answer = send(server.objects_url, "POST", f"/{said['ossBucket']}", head, "".join(lines).encode())
    assert answer.status == 403
    assert b"InvalidAccessKeyId" in answer.body


def test_grants_end() -> None:
    """A grant is good until its end, and never becomes another key of that id."""
    now = [100.0]
    grants = Grants(lambda: now[0])
    grant = grants.give("b", "k", 10)
    assert grants.is_good(grant)
    now[0] = 110.1
    assert not grants.is_good(grant)
    assert grants.find(grant.key_id) is grant
    grants.give("b", "k", 10)
    assert grants.find(grant.key_id) is None


def test_old_uploads_are_removed(tmp_path: Any) -> None:
    """What lies in the bucket for a day is removed when the next one comes; what is younger stays."""
    now = [time.time()]
    store = Store(tmp_path, lambda: now[0])
    temporary.prepare(store, "temp")
    for number in range(1200):
        store.put("temp", f"1/{number:04}", b"old")
    now[0] += temporary.KEEP_S - 1
    store.put("temp", "1/young", b"young")
    now[0] += 2
    temporary.prepare(store, "temp")
    assert [found.key for found in store.list("temp").items] == ["1/young"]
    store.close()


def test_old_uploads_in_parts_are_aborted(tmp_path: Any) -> None:
    """What was begun a day ago and never completed goes with its parts; what is younger, or elsewhere, stays."""
    now = [time.time()]
    store = Store(tmp_path, lambda: now[0])
    temporary.prepare(store, "temp")
    store.create_bucket("other")
    for bucket in ("temp", "temp", "other"):
        begin(store, bucket)
    now[0] += temporary.KEEP_S - 1
    young = begin(store, "temp")
    now[0] += 2
    temporary.prepare(store, "temp")
    assert [upload.id for upload in store.uploads.page("temp").items] == [young.id]
    assert len(store.uploads.page("other").items) == 1
    assert len(list(store.files.folder.iterdir())) == 2
    store.close()


def begin(store: Store, bucket: str) -> Upload:
    upload = store.uploads.begin(bucket, "1/one", Meta())
    staged = store.files.new()
    staged.write(b"part")
    store.uploads.keep_part(upload, 1, staged)
    return upload


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"secret": "wrong"}, 403, "SignatureNotMatch"),
        ({"key_id": "nobody"}, 403, "InvalidAccessKeyID"),
        ({"date": "Fri, 02 Jan 2026 03:04:05 GMT"}, 403, "AccessDenied"),
        ({"date": "today"}, 400, "InvalidArgument"),
        ({"x_fc_account_id": "../1"}, 400, "InvalidArgument"),
    ],
    ids=str,
)
def test_token_refused(server: Server, how: dict[str, str], status: int, code: str) -> None:
    """The older signature is verified, and a refusal is said in both spellings of the two APIs."""
    answer = ask(server, **how)
    assert (answer.status, answer.said["Code"], answer.said["ErrorCode"]) == (status, code, code)
    assert answer.said["ErrorMessage"] == answer.said["Message"]
    assert answer.headers["x-fc-request-id"] == answer.said["RequestId"]


def test_token_without_a_signature(server: Server) -> None:
    """Nobody is let in without one, nor with the signature of another API."""
    for header in ({}, {"authorization": "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c"}):
        answer = send(server.url, "GET", TOKEN, {"host": "127.0.0.1", **header})
        assert (answer.status, answer.code) == (400, "MissingRequiredHeader")
