"""What the SDKs do not send: wrong requests, other hosts, browsers' forms, and what triggers are told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import oss2
import pytest
import requests

from tests.server.objects.conftest import Endpoint, Signed, code_of, storing
from tests.server.objects.serve import KEY_ID, SECRET

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


@pytest.mark.parametrize(
    ("method", "path", "params", "headers", "status", "code"),
    [
        ("GET", "/{b}/k", {}, {}, 404, "NoSuchKey"),
        ("GET", "/no-such-bucket/k", {}, {}, 404, "NoSuchBucket"),
        ("PUT", "/no-such-bucket/k", {}, {}, 404, "NoSuchBucket"),
        ("PUT", "/Bad_Name/", {}, {}, 400, "InvalidBucketName"),
        ("PUT", "/{b}//k", {}, {}, 400, "InvalidObjectName"),
        ("PUT", "/{b}/" + "k" * 1024, {}, {}, 400, "InvalidObjectName"),
        ("PUT", "/{b}/k", {"uploadId": "x", "partNumber": "1"}, {}, 404, "NoSuchUpload"),
        ("PUT", "/{b}/k", {"uploadId": "x", "partNumber": "10001"}, {}, 400, "InvalidArgument"),
        ("GET", "/{b}/", {"max-keys": "1001"}, {}, 400, "InvalidArgument"),
        ("GET", "/{b}/", {"list-type": "2", "continuation-token": "é"}, {}, 400, "InvalidArgument"),
        ("GET", "/{b}/", {"encoding-type": "rot13"}, {}, 400, "InvalidArgument"),
        ("POST", "/{b}/k", {}, {}, 405, "MethodNotAllowed"),
        ("PATCH", "/{b}/k", {}, {}, 405, "MethodNotAllowed"),
        ("POST", "/{b}/", {"delete": ""}, {}, 400, "MalformedXML"),
        ("PUT", "/{b}/", {"acl": ""}, {"x-oss-acl": "mine"}, 400, "InvalidArgument"),
        ("PUT", "/{b}/k", {}, {"Content-MD5": "nonsense"}, 400, "InvalidDigest"),
        ("POST", "/{b}/k", {"append": "", "position": "-1"}, {}, 400, "InvalidArgument"),
        ("PUT", "/{b}/k", {}, {"x-oss-copy-source": "/{b}/none"}, 404, "NoSuchKey"),
        ("PUT", "/{b}/k", {}, {"x-oss-copy-source": "/no-such-bucket/k"}, 404, "NoSuchBucket"),
    ],
)
def test_refusals(
    bucket: oss2.Bucket,
    send: Signed,
    method: str,
    path: str,
    params: Any,
    headers: Any,
    status: int,
    code: str,
) -> None:
    """Every refusal is OSS's XML, with the ids that support asks for, and nothing is left behind."""
    name = bucket.bucket_name
    headers = {key: value.replace("{b}", name) for key, value in headers.items()}
    response = send(
        method, path.replace("{b}", name), params, headers, b"<x/>" if params == {"delete": ""} else b""
    )
    assert (response.status_code, code_of(response)) == (status, code), response.text
    assert response.headers["Content-Type"] == "application/xml"
    assert f"<RequestId>{response.headers['x-oss-request-id']}</RequestId>" in response.text
    assert "<HostId>127.0.0.1:" in response.text
    assert SECRET not in response.text.replace(KEY_ID, "")
    assert bucket.get_bucket_stat().object_count == 0


@pytest.mark.parametrize(
    ("method", "params", "headers"),
    [
        ("PUT", {"restore": ""}, {}),
        ("POST", {"restore": ""}, {}),
        ("PUT", {"worm": ""}, {}),
        ("GET", {"x-oss-process": "image/resize,w_10"}, {}),
        ("GET", {"versionId": "1"}, {}),
        ("DELETE", {"versionId": "1"}, {}),
        ("PUT", {"whatever-comes-next": ""}, {}),
        ("DELETE", {"whatever-comes-next": ""}, {}),
        ("PUT", {}, {"x-oss-server-side-encryption": "AES256"}),
        ("PUT", {}, {"x-oss-callback": "e30="}),
    ],
)
def test_what_is_not_here_is_not_done(
    bucket: oss2.Bucket, send: Signed, method: str, params: Any, headers: Any
) -> None:
    """A sub-resource or a header that asks for more than there is never becomes a plain put, get or delete."""
    bucket.put_object("k", b"kept")
    response = send(method, f"/{bucket.bucket_name}/k", params, headers, b"lost" if method != "GET" else b"")
    assert (response.status_code, code_of(response)) == (400, "NotImplemented")
    assert bucket.get_object("k").read() == b"kept"
    assert send("GET", f"/{bucket.bucket_name}/k", {"v": "2"}).content == b"kept"


@pytest.mark.parametrize(
    "sub", ["lifecycle", "cors", "website", "policy", "encryption", "inventory", "replication"]
)
def test_settings_of_buckets_are_not_here(bucket: oss2.Bucket, send: Signed, sub: str) -> None:
    """A PUT of a bucket's settings does not make a bucket, and a DELETE of them does not remove it."""
    for method in ("GET", "PUT", "DELETE"):
        assert code_of(send(method, f"/{bucket.bucket_name}/", {sub: ""})) == "NotImplemented"
    assert bucket.get_bucket_info().name == bucket.bucket_name


def raw(
    endpoint: Endpoint, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=20)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def signed_v1(method: str, resource: str, **headers: str) -> dict[str, str]:
    date = oss2.utils.http_date()
    text = f"{method}\n\n\n{date}\n{resource}"
    made = base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()).decode()
    return {"Date": date, "Authorization": f"OSS {KEY_ID}:{made}", **headers}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_virtual_hosts(endpoint: Endpoint, bucket: oss2.Bucket, host: str) -> None:
    """``BUCKET.`` before a name of this machine names the bucket; the key is then the whole path."""
    name = bucket.bucket_name
    headers = signed_v1("PUT", f"/{name}/a/b", Host=f"{name}.{host}:80")
    assert raw(endpoint, "PUT", "/a/b", headers, b"here")[0] == 200
    assert bucket.get_object("a/b").read() == b"here"
    status, body = raw(endpoint, "GET", "/", signed_v1("GET", f"/{name}/", Host=f"{name}.{host}"))
    assert (status, b"<Key>a/b</Key>" in body) == (200, True)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "[::1", "localhost."]
)
def test_foreign_hosts(endpoint: Endpoint, host: str) -> None:
    """A page that resolves its own name to this machine is not served, whatever it knows."""
    status, body = raw(endpoint, "GET", "/", signed_v1("GET", "/", Host=host))
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)


def test_dots_in_paths_are_keys(endpoint: Endpoint, bucket: oss2.Bucket) -> None:
    """The server takes a path apart once and resolves nothing in it."""
    name = bucket.bucket_name
    for path, key in [("../../etc/passwd", "../../etc/passwd"), ("a/%2e%2e/b", "a/../b"), ("%252e", "%2e")]:
        assert raw(endpoint, "PUT", f"/{name}/{path}", signed_v1("PUT", f"/{name}/{key}"), b"x")[0] == 200
    assert raw(endpoint, "PUT", f"/{name}/%ff", signed_v1("PUT", f"/{name}/x"), b"x")[0] == 400
    assert [found.key for found in oss2.ObjectIterator(bucket)] == ["%2e", "../../etc/passwd", "a/../b"]


def test_everybody(bucket: oss2.Bucket, endpoint: Endpoint) -> None:
    """Without a signature one may do what the acl of the object, else of the bucket, lets everybody do."""
    url = f"{endpoint.url}/{bucket.bucket_name}"
    bucket.put_object("k", b"x")
    bucket.put_object("hidden", b"x", headers={"x-oss-object-acl": "private"})
    bucket.put_object("shown", b"x", headers={"x-oss-object-acl": "public-read"})

    def may() -> list[str]:
        tries: list[tuple[str, str]] = [
            ("GET", "/k"),
            ("GET", "/hidden"),
            ("GET", "/shown"),
            ("PUT", "/k"),
            ("GET", "/"),
        ]
        with requests.Session() as session:
            return [f"{m} {path}" for m, path in tries if session.request(m, url + path).status_code == 200]

    assert may() == ["GET /shown"]
    bucket.put_bucket_acl("public-read")
    assert may() == ["GET /k", "GET /shown"]
    bucket.put_bucket_acl("public-read-write")
    assert may() == ["GET /k", "GET /shown", "PUT /k"]
    with requests.Session() as session:
        copy = session.put(f"{url}/stolen", headers={"x-oss-copy-source": f"/{bucket.bucket_name}/hidden"})
        assert copy.status_code == 403
        assert session.get(f"{endpoint.url}/").status_code == 403


def test_a_clock_that_is_wrong(tmp_path: Any) -> None:
    """A signed request is good for fifteen minutes around its date, a URL until its end."""
    with storing(tmp_path, "--offset=1000") as late:
        bucket = late.bucket("late")
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            bucket.create_bucket()
        assert (refused.value.status, refused.value.code) == (403, "RequestTimeTooSkewed")
        with requests.Session() as session:
            expired = session.get(bucket.sign_url("GET", "k", 600))
            assert (code_of(expired), "Request has expired" in expired.text) == ("AccessDenied", True)
            assert code_of(session.get(bucket.sign_url("GET", "k", 2000))) == "NoSuchBucket"


def test_too_large(tmp_path: Any) -> None:
    """What exceeds the limit is refused, said or not, and nothing of it stays."""
    with storing(tmp_path, "--max-object=100000") as small:
        bucket = small.bucket("small")
        bucket.create_bucket()
        for body in (b"x" * 100_001, iter([b"x" * 60_000] * 2)):
            with pytest.raises(oss2.exceptions.ServerError) as refused:
                bucket.put_object("k", body)
            assert refused.value.code == "EntityTooLarge"
        bucket.put_object("k", b"x" * 100_000)
        assert len(list((tmp_path / "objects").iterdir())) == 1


def test_parts_in_order(bucket: oss2.Bucket, send: Signed) -> None:
    """Parts are named upwards, and all but the last have 100 KB; then a request may name all of them at once."""
    upload = bucket.init_multipart_upload("k").upload_id
    path = f"/{bucket.bucket_name}/k"
    etags = [
        bucket.upload_part("k", upload, n, data).etag
        for n, data in [(1, b"a" * 102_400), (2, b"b"), (3, b"c")]
    ]

    def complete(*numbers: int) -> str:
        parts = "".join(
            f"<Part><PartNumber>{n}</PartNumber><ETag>{etags[n - 1]}</ETag></Part>" for n in numbers
        )
        body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"
        return code_of(send("POST", path, {"uploadId": upload}, data=body.encode()))

    assert complete(2, 1) == complete(1, 1) == "InvalidPartOrder"
    assert complete(1, 2, 3) == "EntityTooSmall"
    assert complete() == "MalformedXML"
    bucket.upload_part("k", upload, 2, b"b" * 102_400)
    assert send("POST", path, {"uploadId": upload}, {"x-oss-complete-all": "yes"}).status_code == 200
    assert bucket.get_object("k").read() == b"a" * 102_400 + b"b" * 102_400 + b"c"


def test_forbid_overwrite(bucket: oss2.Bucket) -> None:
    """With the header a put, a copy and a completed upload leave an object as it is."""
    forbid = {"x-oss-forbid-overwrite": "true"}
    bucket.put_object("k", b"first", headers=forbid)
    upload = bucket.init_multipart_upload("k").upload_id
    part = oss2.models.PartInfo(1, bucket.upload_part("k", upload, 1, b"x").etag)
    tries: list[Callable[[], Any]] = [
        lambda: bucket.put_object("k", b"second", headers=forbid),
        lambda: bucket.copy_object(bucket.bucket_name, "k", "k", headers=forbid),
        lambda: bucket.complete_multipart_upload("k", upload, [part], headers=forbid),
    ]
    for overwrite in tries:
        with pytest.raises(oss2.exceptions.ServerError) as refused:
            overwrite()
        assert (refused.value.status, refused.value.code) == (409, "FileAlreadyExists")
    assert bucket.get_object("k").read() == b"first"


def test_what_triggers_are_told(endpoint: Endpoint, bucket: oss2.Bucket, name: str) -> None:
    """Each operation has OSS's own name for its event; sizes, ETag, type and meta are the object's."""
    meta = {"x-oss-meta-origin": "app", "Content-Type": "image/png"}
    put = bucket.put_object("a.png", b"12345", headers=meta)
    bucket.put_object("a.png", b"123", headers=meta)
    bucket.append_object("log", 0, b"12")
    bucket.append_object("log", 2, b"345")
    bucket.copy_object(name, "a.png", "b.png")
    bucket.put_symlink("a.png", "link")
    upload = bucket.init_multipart_upload("big").upload_id
    part = oss2.models.PartInfo(1, bucket.upload_part("big", upload, 1, b"123").etag)
    bucket.upload_part_copy(name, "log", (0, 1), "big", upload, 2)
    bucket.complete_multipart_upload("big", upload, [part])
    bucket.abort_multipart_upload("x", bucket.init_multipart_upload("x").upload_id)
    bucket.delete_object("a.png")
    bucket.delete_object("never there")
    bucket.batch_delete_objects(["b.png", "log", "never there"])
    told = endpoint.changes(name)
    assert [(t["name"], t["key"], t["size"], t["delta_size"]) for t in told] == [
        ("ObjectCreated:PutObject", "a.png", 5, 5),
        ("ObjectCreated:PutObject", "a.png", 3, -2),
        ("ObjectCreated:AppendObject", "log", 2, 2),
        ("ObjectCreated:AppendObject", "log", 5, 3),
        ("ObjectCreated:CopyObject", "b.png", 3, 3),
        ("ObjectCreated:PutSymlink", "link", 0, 0),
        ("ObjectCreated:InitiateMultipartUpload", "big", 0, 0),
        ("ObjectCreated:UploadPart", "big", 3, 0),
        ("ObjectCreated:UploadPartCopy", "big", 2, 0),
        ("ObjectCreated:CompleteMultipartUpload", "big", 3, 3),
        ("ObjectCreated:InitiateMultipartUpload", "x", 0, 0),
        ("ObjectRemoved:AbortMultipartUpload", "x", 0, 0),
        ("ObjectRemoved:DeleteObject", "a.png", 3, -3),
        ("ObjectRemoved:DeleteObjects", "b.png", 3, -3),
        ("ObjectRemoved:DeleteObjects", "log", 5, -5),
    ]
    first = told[0]
    assert (first["etag"], first["request_id"], first["source_ip"]) == (put.etag, put.request_id, "127.0.0.1")
    assert (first["mime_type"], first["user_meta"]) == ("image/png", {"x-oss-meta-origin": "app"})


def form(name: str, conditions: list[Any], expires: float = 60, **fields: str) -> dict[str, str]:
    end = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + expires))
    document = json.dumps({"expiration": end, "conditions": [{"bucket": name}, *conditions]})
    policy = base64.b64encode(document.encode()).decode()
    made = base64.b64encode(hmac.new(SECRET.encode(), policy.encode(), hashlib.sha1).digest()).decode()
    return {"policy": policy, "OSSAccessKeyId": KEY_ID, "Signature": made, **fields}


def test_a_form_of_a_browser(endpoint: Endpoint, bucket: oss2.Bucket) -> None:
    """A form with a signed policy uploads a file of any size, as itself and under the name it had."""
    name = bucket.bucket_name
    data = b"\r\n--" * 500_000
    with requests.Session() as session:
        fields = form(
            name, [["starts-with", "$key", "up/"]], key="up/${filename}", success_action_status="201"
        )
        fields["x-oss-meta-a"] = "1"
        response = session.post(
            f"{endpoint.url}/{name}", fields, files={"file": ("a.png", data, "image/png")}
        )
        assert (response.status_code, "<Key>up/a.png</Key>" in response.text) == (201, True), response.text
        got = bucket.get_object("up/a.png")
        assert (got.read(), got.content_type, got.headers["x-oss-meta-a"]) == (data, "image/png", "1")
        assert [told["name"] for told in endpoint.changes(name)] == ["ObjectCreated:PostObject"]
        tries = [
            (form(name, [["starts-with", "$key", "up/"]], key="other"), "AccessDenied"),
            (form("another", [["eq", "$key", "k"]], key="k"), "AccessDenied"),
            (form(name, [["eq", "$key", "k"]], expires=-1, key="k"), "AccessDenied"),
            (form(name, [["content-length-range", 0, 9]], key="k"), "EntityTooLarge"),
            ({**form(name, [["eq", "$key", "k"]], key="k"), "Signature": "x"}, "SignatureDoesNotMatch"),
            ({"key": "k"}, "AccessDenied"),
        ]
        for fields, code in tries:
            response = session.post(f"{endpoint.url}/{name}", fields, files={"file": b"0123456789"})
            assert code_of(response) == code, response.text
        assert code_of(session.post(f"{endpoint.url}/{name}", {"key": "k"})) == "MalformedPOSTRequest"
    assert bucket.get_bucket_stat().object_count == 1


def test_heads_say_why(bucket: oss2.Bucket) -> None:
    """A HEAD that is refused has no body; what it would say is in a header, where the SDKs look."""
    with pytest.raises(oss2.exceptions.NotFound) as refused:
        bucket.head_object("none")
    assert (refused.value.code, refused.value.details["HostId"][:9]) == ("NoSuchKey", "127.0.0.1")


def test_xml_that_expands(bucket: oss2.Bucket, send: Signed) -> None:
    """A document that declares entities is not read."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Delete><Object><Key>&a;</Key></Object></Delete>'
    assert code_of(send("POST", f"/{bucket.bucket_name}/", {"delete": ""}, data=bomb)) == "MalformedXML"


def test_headers_are_bytes(bucket: oss2.Bucket, endpoint: Endpoint) -> None:
    """Meta in UTF-8 comes back as it was sent; a query cannot write a header of its own into an answer."""
    bucket.put_bucket_acl("public-read-write")
    with requests.Session() as session:
        url = f"{endpoint.url}/{bucket.bucket_name}/k"
        assert session.put(url, b"x", headers={"x-oss-meta-a": "世界".encode()}).status_code == 200
        for response in (session.get(url), session.head(url)):
            assert response.headers["x-oss-meta-a"].encode("latin-1").decode() == "世界"
        named = session.get(url, params={"response-content-disposition": "attachment; filename=世.txt"})
        assert (
            named.headers["content-disposition"].encode("latin-1").decode() == "attachment; filename=世.txt"
        )
        split = session.get(url, params={"response-content-type": "a\r\nx-evil: 1"})
        assert (code_of(split), "x-evil" in split.headers) == ("InvalidArgument", False)
    (told,) = endpoint.changes(bucket.bucket_name)
    assert told["user_meta"] == {"x-oss-meta-a": "世界"}


def test_a_refusal_comes_before_the_body(endpoint: Endpoint) -> None:
    """Who asks before sending is answered at once, and keeps its bytes."""
    headers = {"Expect": "100-continue", "Content-Length": str(1 << 40)}
    status, body = raw(endpoint, "PUT", "/no-such-bucket/k", signed_v1("PUT", "/no-such-bucket/k", **headers))
    assert (status, b"<Code>NoSuchBucket</Code>" in body) == (404, True)
