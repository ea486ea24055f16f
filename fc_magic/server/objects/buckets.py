"""Operations on the service and on buckets."""

from __future__ import annotations

import base64
import binascii

from starlette.responses import Response

from fc_magic.server.objects import xml
from fc_magic.server.objects.answers import answer, empty
from fc_magic.server.objects.call import Call, in_thread
from fc_magic.server.objects.headers import one_of
from fc_magic.server.objects.model import BUCKET_ACLS, REDUNDANCY, STORAGE, Bucket, Object
from fc_magic.server.objects.operations import Surroundings
from fc_magic.server.objects.refusals import Refused


async def list_buckets(call: Call, at: Surroundings) -> Response:
    limit = call.number("max-keys", 100, 1, 1000)
    prefix, marker = call.query.get("prefix", ""), call.query.get("marker", "")
    found, more = await in_thread(at.store.buckets, prefix, marker, limit)
    paging: list[xml.Element] = []
    if more or call.query.keys() & {"prefix", "marker", "max-keys"}:
        paging = [("Prefix", prefix), ("Marker", marker), ("MaxKeys", limit), ("IsTruncated", bool(more))]
        if more:
            paging.append(("NextMarker", more))
    rows: list[xml.Element] = [("Bucket", _about(bucket, call, at)) for bucket in found]
    return answer("ListAllMyBucketsResult", [*paging, owner(at), ("Buckets", rows)])


async def create(call: Call, at: Surroundings) -> Response:
    acl = one_of(call.headers, "x-oss-acl", ("", *BUCKET_ACLS))
    body = await call.xml()
    said: dict[str, str] = {}
    if body:
        root = xml.parse(body, "CreateBucketConfiguration")
        said = {child.tag: (child.text or "").strip() for child in root}
    location = said.get("LocationConstraint", "")
    if location and location != _location(at):
        raise Refused("InvalidArgument", f"The location is {location!r}; this store is at {_location(at)!r}.")
    storage = one_of(said, "StorageClass", STORAGE)
    redundancy = one_of(said, "DataRedundancyType", REDUNDANCY)
    await in_thread(at.store.create_bucket, call.bucket, acl, storage, redundancy)
    return empty(200, {"location": f"/{call.bucket}"})


async def delete(call: Call, at: Surroundings) -> Response:
    await in_thread(at.store.delete_bucket, call.bucket)
    return empty(204)


async def info(call: Call, at: Surroundings) -> Response:
    bucket = await in_thread(at.store.bucket, call.bucket)
    more: list[xml.Element] = [
        owner(at),
        ("AccessControlList", [("Grant", bucket.acl)]),
        ("DataRedundancyType", bucket.redundancy),
        ("ServerSideEncryptionRule", [("SSEAlgorithm", "None")]),
        ("BucketPolicy", [("LogBucket", ""), ("LogPrefix", "")]),
        ("BlockPublicAccess", False),
    ]
    return answer("BucketInfo", [("Bucket", [*_about(bucket, call, at), *more])])


async def location(call: Call, at: Surroundings) -> Response:
    await in_thread(at.store.bucket, call.bucket)
    return answer("LocationConstraint", _location(at))


async def stat(call: Call, at: Surroundings) -> Response:
    found = await in_thread(at.store.stat, call.bucket)
    return answer(
        "BucketStat",
        [
            ("Storage", found.size),
            ("ObjectCount", found.objects),
            ("MultipartUploadCount", found.uploads),
            ("MultipartPartCount", found.parts),
            ("LiveChannelCount", 0),
            ("LastModifiedTime", int(found.modified)),
            ("StandardStorage", found.size),
            ("StandardObjectCount", found.objects),
        ],
    )


async def get_acl(call: Call, at: Surroundings) -> Response:
    bucket = await in_thread(at.store.bucket, call.bucket)
    return answer("AccessControlPolicy", [owner(at), ("AccessControlList", [("Grant", bucket.acl)])])


async def put_acl(call: Call, at: Surroundings) -> Response:
    acl = one_of(call.headers, "x-oss-acl", BUCKET_ACLS) if "x-oss-acl" in call.headers else ""
    if not acl:
        raise Refused("MissingArgument", "The header x-oss-acl is missing.")
    await in_thread(at.store.set_bucket_acl, call.bucket, acl)
    return empty()


async def versioning(call: Call, at: Surroundings) -> Response:
    """Never switched on here; tools ask before they delete."""
    await in_thread(at.store.bucket, call.bucket)
    return answer("VersioningConfiguration", [])


def _location(at: Surroundings) -> str:
    return f"oss-{at.region}"


def _about(bucket: Bucket, call: Call, at: Surroundings) -> list[xml.Element]:
    host = call.host.removeprefix(f"{bucket.name}.")
    return [
        ("CreationDate", xml.time(bucket.created)),
        ("ExtranetEndpoint", host),
        ("IntranetEndpoint", host),
        ("Location", _location(at)),
        ("Name", bucket.name),
        ("Region", at.region),
        ("StorageClass", bucket.storage),
    ]


def owner(at: Surroundings) -> xml.Element:
    return "Owner", [("ID", at.account_id), ("DisplayName", at.account_id)]


# ---------------------------------------------------------------- listing objects


async def list_objects(call: Call, at: Surroundings) -> Response:
    second = call.query.get("list-type", "")
    if second not in ("", "2"):
        raise Refused(
            "InvalidArgument", "list-type must be 2.", ArgumentName="list-type", ArgumentValue=second
        )
    return await (_list_v2 if second else _list_v1)(call, at)


async def _list_v1(call: Call, at: Surroundings) -> Response:
    marker = call.query.get("marker", "")
    first: list[xml.Element] = [("Marker", xml.coded(marker, call.encoding))]
    found, last = await _page(call, at, marker, True)
    if last:
        first.append(("NextMarker", xml.coded(last, call.encoding)))
    return answer("ListBucketResult", [*first, *found])


async def _list_v2(call: Call, at: Surroundings) -> Response:
    token, after = call.query.get("continuation-token", ""), call.query.get("start-after", "")
    first: list[xml.Element] = [("StartAfter", xml.coded(after, call.encoding))] if after else []
    if token:
        first.append(("ContinuationToken", token))
    found, last = await _page(call, at, _unfold(token) or after, call.query.get("fetch-owner") == "true")
    if last:
        first.append(("NextContinuationToken", _fold(last)))
    count = sum(name in ("Contents", "CommonPrefixes") for name, _ in found)
    return answer("ListBucketResult", [*first, ("KeyCount", count), *found])


async def _page(call: Call, at: Surroundings, after: str, owners: bool) -> tuple[list[xml.Element], str]:
    query, encoding = call.query, call.encoding
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    limit = call.number("max-keys", 100, 1, 1000)
    page = await in_thread(at.store.list, call.bucket, limit, prefix, delimiter, after)
    out: list[xml.Element] = [
        ("Name", call.bucket),
        ("Prefix", xml.coded(prefix, encoding)),
        ("MaxKeys", limit),
        ("Delimiter", xml.coded(delimiter, encoding)),
        ("IsTruncated", bool(page.next)),
    ]
    if encoding:
        out.append(("EncodingType", encoding))
    out += [("Contents", _row(found, encoding, [owner(at)] if owners else [])) for found in page.items]
    out += [("CommonPrefixes", [("Prefix", xml.coded(text.decode(), encoding))]) for text in page.prefixes]
    return out, page.next.decode("utf-8", "surrogateescape")


def _row(found: Object, encoding: str, owners: list[xml.Element]) -> list[xml.Element]:
    return [
        ("Key", xml.coded(found.key, encoding)),
        ("LastModified", xml.time(found.modified)),
        ("ETag", f'"{found.etag}"'),
        ("Type", found.kind),
        ("Size", found.size),
        ("StorageClass", found.meta.storage),
        *owners,
    ]


def _fold(key: str) -> str:
    """A key as a token that needs no escaping anywhere."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _unfold(token: str) -> str:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        fields = {"ArgumentName": "continuation-token", "ArgumentValue": token}
        raise Refused("InvalidArgument", "The continuation token provided is incorrect.", fields) from None
