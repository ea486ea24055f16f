"""One story through both official SDKs, with both signatures: what is written for OSS runs here unchanged."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
import requests

from tests.server.objects.conftest import Endpoint
from tests.server.objects.serve import ROLE_ID, ROLE_SECRET, TOKEN

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

ODD_KEYS = ["a b+c&d=e", "世界/é.txt", "a//b", "100%25%", "'(quoted)'!*~", "tab\tnewline\n<&>", "..a/..."]


@pytest.fixture(params=["v1", "v4"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old(endpoint: Endpoint, name: str, version: str) -> oss2.Bucket:
    """A new bucket behind ``oss2``."""
    made = endpoint.bucket(name, version)
    made.create_bucket()
    return made


@pytest.fixture
def new(endpoint: Endpoint, name: str, version: str) -> oss_v2.Client:
    """A client of ``alibabacloud-oss-v2``, and its bucket is there."""
    made = endpoint.client(version)
    made.put_bucket(oss_v2.PutBucketRequest(bucket=name, acl="private"))
    return made


def test_oss2_objects(old: oss2.Bucket, name: str) -> None:
    """Put, get, head, copy and delete, with meta, ranges and conditions."""
    headers = {
        "x-oss-meta-colour": "grün",
        "Content-Type": "text/x",
        "Cache-Control": "no-cache",
        "x-oss-tagging": "a=1&b=%2B",
    }
    put = old.put_object("a/b.txt", io.BytesIO(b"0123456789"), headers=headers)
    assert (put.etag, put.crc) == ("781E5E245D69B566979B86E28D23F2C7", old.get_object("a/b.txt").server_crc)
    got = old.get_object("a/b.txt")
    assert got.read() == b"0123456789"
    assert (got.headers["x-oss-meta-colour"], got.content_type) == ("grün", "text/x")
    assert (got.headers["Cache-Control"], got.headers["x-oss-tagging-count"]) == ("no-cache", "2")
    for span, expected in [
        ((2, 4), b"234"),
        ((7, None), b"789"),
        ((None, 3), b"789"),
        ((5, 99), b"0123456789"),
    ]:
        assert old.get_object("a/b.txt", byte_range=span).read() == expected
    head = old.head_object("a/b.txt")
    assert (head.content_length, head.object_type, head.etag) == (10, "Normal", put.etag)
    assert old.get_object_meta("a/b.txt").content_length == 10
    params = {
        "response-content-type": "image/png",
        "response-content-disposition": "attachment; filename=é.png",
    }
    assert old.get_object("a/b.txt", params=params).headers["Content-Type"] == "image/png"
    old.copy_object(
        name, "a/b.txt", "c", headers={"x-oss-metadata-directive": "REPLACE", "x-oss-meta-k": "v"}
    )
    copied = old.head_object("c")
    assert (copied.headers.get("x-oss-meta-colour"), copied.headers["x-oss-meta-k"]) == (None, "v")
    old.update_object_meta("c", {"x-oss-meta-k": "w"})
    assert old.head_object("c").headers["x-oss-meta-k"] == "w"
    for conditions in ({"If-None-Match": put.etag}, {"If-Modified-Since": got.headers["Last-Modified"]}):
        with pytest.raises(oss2.exceptions.NotModified):
            old.get_object("a/b.txt", headers=conditions)
    for conditions in ({"If-Match": "0" * 32}, {"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}):
        with pytest.raises(oss2.exceptions.PreconditionFailed):
            old.get_object("a/b.txt", headers=conditions)
    assert old.delete_object("a/b.txt").status == 204
    assert not old.object_exists("a/b.txt")
    with pytest.raises(oss2.exceptions.NoSuchKey):
        old.get_object("a/b.txt")


def test_oss2_streams(old: oss2.Bucket) -> None:
    """A body of unknown length arrives in chunks, whole and with its checksum."""
    pieces = [os.urandom(70_000) for _ in range(40)]
    old.put_object("stream", iter(pieces))
    assert old.get_object("stream").read() == b"".join(pieces)
    with pytest.raises(oss2.exceptions.InvalidDigest):
        old.put_object("bad", b"x", headers={"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="})
    assert not old.object_exists("bad")


def test_oss2_keys_and_pages(old: oss2.Bucket) -> None:
    """Keys of any letters come back as they were, page by page, and are deleted in one request."""
    for key in ODD_KEYS:
        old.put_object(key, key.encode())
    ordered = sorted(ODD_KEYS, key=str.encode)
    assert [found.key for found in oss2.ObjectIterator(old, max_keys=2)] == ordered
    assert [found.key for found in oss2.ObjectIteratorV2(old, max_keys=2)] == ordered
    folded = [found.key for found in oss2.ObjectIterator(old, delimiter="/", max_keys=1) if found.is_prefix()]
    assert folded == ["..a/", "a/", "世界/"]
    page = old.list_objects_v2(start_after="a//b", fetch_owner=True, prefix="世", max_keys=1)
    assert [(found.key, found.owner.id) for found in page.object_list] == [("世界/é.txt", "1234567890123456")]
    assert all(old.get_object(key).read() == key.encode() for key in ODD_KEYS)
    assert old.batch_delete_objects(ODD_KEYS).deleted_keys == ODD_KEYS
    assert list(oss2.ObjectIterator(old)) == []


def test_oss2_multipart(old: oss2.Bucket, name: str, tmp_path: Path) -> None:
    """Resumable upload and download, part copies, listings of parts and uploads, abort."""
    data = os.urandom(1_200_000)
    (tmp_path / "file").write_bytes(data)
    oss2.resumable_upload(
        old, "big", str(tmp_path / "file"), multipart_threshold=1, part_size=300_000, num_threads=3
    )
    head = old.head_object("big")
    assert (head.object_type, head.content_length, head.etag[-2:]) == ("Multipart", len(data), "-4")
    upload = old.init_multipart_upload("copy", headers={"x-oss-meta-a": "1"}).upload_id
    old.upload_part_copy(name, "big", (0, 499_999), "copy", upload, 1)
    old.upload_part_copy(name, "big", (500_000, len(data) - 1), "copy", upload, 5)
    parts = list(oss2.PartIterator(old, "copy", upload, max_parts=1))
    assert [(part.part_number, part.size) for part in parts] == [(1, 500_000), (5, 700_000)]
    assert [found.upload_id for found in oss2.MultipartUploadIterator(old, max_uploads=1)] == [upload]
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        old.complete_multipart_upload("copy", upload, [oss2.models.PartInfo(1, "0" * 32)])
    assert refused.value.code == "InvalidPart"
    old.complete_multipart_upload("copy", upload, parts)
    got = old.get_object("copy")
    assert (got.read(), got.headers["x-oss-meta-a"]) == (data, "1")
    with pytest.raises(oss2.exceptions.NoSuchUpload):
        old.upload_part("copy", upload, 1, b"")
    other = old.init_multipart_upload("other").upload_id
    old.upload_part("other", other, 1, b"x")
    old.abort_multipart_upload("other", other)
    assert list(oss2.MultipartUploadIterator(old)) == []


def test_oss2_everything_else(old: oss2.Bucket, name: str) -> None:
    """Appends, symlinks, tags, acls, and what a bucket says about itself."""
    assert old.append_object("log", 0, b"one").next_position == 3
    assert old.append_object("log", 3, b"two", init_crc=old.head_object("log").server_crc).next_position == 6
    with pytest.raises(oss2.exceptions.PositionNotEqualToLength) as refused:
        old.append_object("log", 1, b"x")
    assert refused.value.next_position == 6
    old.put_symlink("log", "link-世")
    assert (old.get_symlink("link-世").target_key, old.get_object("link-世").read()) == ("log", b"onetwo")
    assert old.head_object("link-世").object_type == "Symlink"
    rule = oss2.models.TaggingRule()
    rule.add("key", "value é")
    old.put_object_tagging("log", oss2.models.Tagging(rule))
    assert old.get_object_tagging("log").tag_set.tagging_rule == {"key": "value é"}
    old.delete_object_tagging("log")
    assert old.get_object_tagging("log").tag_set.tagging_rule == {}
    old.put_object_acl("log", "public-read")
    assert old.get_object_acl("log").acl == "public-read"
    old.put_bucket_acl("public-read")
    assert old.get_bucket_acl().acl == "public-read"
    info, stat = old.get_bucket_info(), old.get_bucket_stat()
    assert (info.name, info.location, info.acl.grant) == (name, "oss-cn-hangzhou", "public-read")
    assert (stat.object_count, stat.storage_size_in_bytes) == (2, 6)
    assert old.get_bucket_location().location == "oss-cn-hangzhou"
    assert old.get_bucket_versioning().status is None
    with pytest.raises(oss2.exceptions.BucketNotEmpty):
        old.delete_bucket()
    old.batch_delete_objects(["log", "link-世"])
    old.delete_bucket()
    with pytest.raises(oss2.exceptions.NoSuchBucket):
        old.get_bucket_info()


def test_oss_v2_objects(new: oss_v2.Client, name: str, tmp_path: Path) -> None:
    """Put, get, head, copy, append, delete, listings and files through the newer SDK."""
    for key in ODD_KEYS:
        new.put_object(oss_v2.PutObjectRequest(bucket=name, key=key, body=key.encode(), metadata={"k": "v"}))
        with new.get_object(oss_v2.GetObjectRequest(bucket=name, key=key)).body as body:
            assert body.read() == key.encode()
    asked: list[tuple[Any, Any]] = [
        (new.list_objects_paginator(), oss_v2.ListObjectsRequest(bucket=name, max_keys=2)),
        (new.list_objects_v2_paginator(), oss_v2.ListObjectsV2Request(bucket=name, max_keys=2)),
    ]
    for paginator, request in asked:
        found = [item.key for page in paginator.iter_page(request) for item in page.contents or []]
        assert found == sorted(ODD_KEYS, key=str.encode)
    copy = oss_v2.CopyObjectRequest(bucket=name, key="copy", source_bucket=name, source_key="世界/é.txt")
    etag = new.copy_object(copy).etag
    head = new.head_object(oss_v2.HeadObjectRequest(bucket=name, key="copy"))
    assert (head.etag, head.metadata, head.object_type) == (etag, {"k": "v"}, "Normal")
    span = oss_v2.GetObjectRequest(
        bucket=name, key="a//b", range_header="bytes=1-2", range_behavior="standard"
    )
    got = new.get_object(span)
    with got.body as body:
        assert (body.read(), got.status_code, got.content_range) == (b"//", 206, "bytes 1-2/4")
    delete = [oss_v2.DeleteObject(key=key) for key in [*ODD_KEYS, "copy"]]
    deleted = new.delete_multiple_objects(oss_v2.DeleteMultipleObjectsRequest(bucket=name, objects=delete))
    assert [item.key for item in deleted.deleted_objects or []] == [*ODD_KEYS, "copy"]
    assert not new.is_object_exist(name, "copy")
    assert new.is_bucket_exist(name)


def test_oss_v2_files(new: oss_v2.Client, name: str, tmp_path: Path) -> None:
    """The managers of the newer SDK: upload in parts, download in ranges, copy, append."""
    data = os.urandom(900_000)
    (tmp_path / "file").write_bytes(data)
    target = oss_v2.PutObjectRequest(bucket=name, key="big")
    new.uploader(part_size=300_000).upload_file(target, str(tmp_path / "file"))
    source = oss_v2.GetObjectRequest(bucket=name, key="big")
    new.downloader(part_size=250_000).download_file(source, str(tmp_path / "again"))
    assert (tmp_path / "again").read_bytes() == data
    copied = oss_v2.CopyObjectRequest(bucket=name, key="copy", source_bucket=name, source_key="big")
    new.copier(part_size=300_000, multipart_copy_threshold=1, disable_shallow_copy=True).copy(copied)
    assert new.head_object(oss_v2.HeadObjectRequest(bucket=name, key="copy")).content_length == len(data)
    with new.append_file(bucket=name, key="log") as log:
        log.write(b"one")
        log.write(b"two")
    with new.open_file(bucket=name, key="log") as log:
        assert log.read() == b"onetwo"


def _urls(endpoint: Endpoint, name: str) -> Iterator[Callable[[str, str], tuple[str, dict[str, str]]]]:
    """Each SDK and signature as a maker of presigned URLs, with the access key and with a role's."""
    for version in ("v1", "v4"):
        for auth in (None, oss2.StsAuth(ROLE_ID, ROLE_SECRET, TOKEN, auth_version=version)):
            bucket = endpoint.bucket(name, version, auth)
            yield lambda method, key, b=bucket: (b.sign_url(method, key, 60, slash_safe=True), {})
        for provider in (None, oss_v2.credentials.StaticCredentialsProvider(ROLE_ID, ROLE_SECRET, TOKEN)):
            client = endpoint.client(version, provider)

            def presigned(method: str, key: str, c: oss_v2.Client = client) -> tuple[str, dict[str, str]]:
                kind = oss_v2.GetObjectRequest if method == "GET" else oss_v2.PutObjectRequest
                made = c.presign(kind(bucket=name, key=key))
                return made.url, dict(made.signed_headers or {})

            yield presigned


def test_presigned_urls(endpoint: Endpoint, bucket: oss2.Bucket) -> None:
    """A URL of either SDK puts and gets its object without a key, and no other."""
    for number, url_for in enumerate(_urls(endpoint, bucket.bucket_name)):
        key = f"a/世 {number}"
        url, headers = url_for("PUT", key)
        with requests.Session() as session:
            assert session.put(url, data=b"body", headers=headers).status_code == 200
            url, headers = url_for("GET", key)
            assert session.get(url, headers=headers).content == b"body"
            assert session.get(url.replace("a/", "b/"), headers=headers).status_code == 403
            assert session.put(url, data=b"", headers=headers).status_code == 403
    assert number == 7


def test_roles(endpoint: Endpoint, bucket: oss2.Bucket) -> None:
    """The credentials that functions are given are taken with their token, and not without."""
    for version in ("v1", "v4"):
        auth = oss2.StsAuth(ROLE_ID, ROLE_SECRET, TOKEN, auth_version=version)
        endpoint.bucket(bucket.bucket_name, auth=auth).put_object("k", b"from a role")
        provider = oss_v2.credentials.StaticCredentialsProvider(ROLE_ID, ROLE_SECRET, TOKEN)
        request = oss_v2.GetObjectRequest(bucket=bucket.bucket_name, key="k")
        with endpoint.client(version, provider).get_object(request).body as body:
            assert body.read() == b"from a role"
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        endpoint.bucket(bucket.bucket_name, auth=oss2.Auth(ROLE_ID, ROLE_SECRET)).get_object("k")
    assert refused.value.code == "InvalidAccessKeyId"


def test_buckets(endpoint: Endpoint, name: str) -> None:
    """Buckets are listed in pages, are made again by their owner, and keep their storage class."""
    service = oss2.Service(oss2.Auth("AKID", "SECRET"), endpoint.url)
    names = [f"{name[:40]}-{number}" for number in range(3)]
    for each in names:
        endpoint.bucket(each).create_bucket()
        endpoint.bucket(each).create_bucket("public-read")
    found = [item.name for item in oss2.BucketIterator(service, prefix=name[:40], max_keys=2)]
    assert found == names
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        endpoint.bucket(names[0]).create_bucket(input=oss2.models.BucketCreateConfig("IA"))
    assert refused.value.code == "BucketAlreadyExists"
    service.session.session.close()
