"""Operations on multipart uploads."""

from __future__ import annotations

from starlette.responses import Response

from fc_magic.server.objects import conditions, headers, xml
from fc_magic.server.objects.answers import answer, empty
from fc_magic.server.objects.buckets import owner
from fc_magic.server.objects.call import Call, in_thread
from fc_magic.server.objects.files import Staged
from fc_magic.server.objects.model import Object, Part, Upload
from fc_magic.server.objects.operations import Surroundings
from fc_magic.server.objects.refusals import Refused
from fc_magic.server.objects.uploads import MAX_PARTS
from fc_magic.server.objects.writing import forbids, source_of, staging


async def begin(call: Call, at: Surroundings) -> Response:
    encoding = call.encoding
    upload = await in_thread(at.store.uploads.begin, call.bucket, call.key, headers.meta_of(call.headers))
    _tell(call, at, "ObjectCreated:InitiateMultipartUpload", upload)
    return answer("InitiateMultipartUploadResult", [*_about(upload, encoding), ("UploadId", upload.id)])


async def put_part(call: Call, at: Surroundings) -> Response:
    number = call.number("partNumber", 0, 1, MAX_PARTS)
    if not number:
        raise Refused("MissingArgument", "The query parameter partNumber is missing.")
    headers.refuse_unsupported(call.headers)
    upload = await _upload(call, at)
    if "x-oss-copy-source" in call.headers:
        return await _copy_part(call, at, upload, number)
    async with staging(at) as staged:
        await call.into(staged, at.max_object)
        part = await in_thread(at.store.uploads.keep_part, upload, number, staged)
    _tell(call, at, "ObjectCreated:UploadPart", upload, part)
    return empty(200, {"etag": f'"{part.etag}"', "x-oss-hash-crc64ecma": str(part.crc)})


async def _copy_part(call: Call, at: Surroundings, upload: Upload, number: int) -> Response:
    await call.drain()
    source = await in_thread(source_of, call, at)
    span = conditions.copied(call.headers.get("x-oss-copy-source-range", ""), source.size)
    async with staging(at) as staged:
        await in_thread(_write_part, at, source, span, staged)
        part = await in_thread(at.store.uploads.keep_part, upload, number, staged)
    _tell(call, at, "ObjectCreated:UploadPartCopy", upload, part)
    body: list[xml.Element] = [("LastModified", xml.time(part.modified)), ("ETag", f'"{part.etag}"')]
    return answer("CopyPartResult", body)


def _write_part(at: Surroundings, source: Object, span: tuple[int, int], staged: Staged) -> None:
    try:
        for piece in at.store.files.read(source.file, *span):
            staged.write(piece)
    except FileNotFoundError:
        raise Refused("NoSuchKey", Key=source.key) from None


async def complete(call: Call, at: Surroundings) -> Response:
    encoding, forbid = call.encoding, forbids(call)
    wanted = _wanted(call, await call.xml())
    upload = await _upload(call, at)
    written = await in_thread(lambda: at.store.uploads.complete(upload, wanted, forbid=forbid))
    made = written.object
    at.changed(call, "ObjectCreated:CompleteMultipartUpload", made, written.delta)
    place = f"http://{call.host}/{call.bucket}/{headers.target_header(call.key)}"
    body = [("Location", place), *_about(upload, encoding), ("ETag", f'"{made.etag}"')]
    head = {"x-oss-hash-crc64ecma": str(made.crc), "etag": f'"{made.etag}"'}
    return answer("CompleteMultipartUploadResult", body, head)


def _wanted(call: Call, body: bytes) -> list[tuple[int, str]] | None:
    """The parts that the request names; None: all there are."""
    if call.headers.get("x-oss-complete-all", "").lower() == "yes":
        if body:
            raise Refused("InvalidArgument", "With x-oss-complete-all the request has no body.")
        return None
    parts = xml.parse(body, "CompleteMultipartUpload").findall("Part")
    texts = [((part.findtext("PartNumber") or "").strip(), part.findtext("ETag") or "") for part in parts]
    if not texts:
        raise Refused("MalformedXML")
    for number, _ in texts:
        if not (number.isascii() and number.isdigit() and len(number) < 6 and 1 <= int(number) <= MAX_PARTS):
            raise Refused("InvalidArgument", f"A part number is 1 to {MAX_PARTS}.", ArgumentValue=number)
    return [(int(number), etag) for number, etag in texts]


async def abort(call: Call, at: Surroundings) -> Response:
    upload = await _upload(call, at)
    await in_thread(at.store.uploads.abort, upload)
    _tell(call, at, "ObjectRemoved:AbortMultipartUpload", upload)
    return empty(204)


async def list_parts(call: Call, at: Surroundings) -> Response:
    encoding = call.encoding
    limit, after = call.number("max-parts", 1000, 1, 1000), call.number("part-number-marker", 0, 0, MAX_PARTS)
    upload = await _upload(call, at)
    parts = await in_thread(at.store.uploads.parts, upload, after, limit + 1)
    more, parts = len(parts) > limit, parts[:limit]
    rows: list[xml.Element] = [("Part", _row(part)) for part in parts]
    return answer(
        "ListPartsResult",
        [
            *_about(upload, encoding),
            ("UploadId", upload.id),
            ("StorageClass", upload.meta.storage),
            ("PartNumberMarker", after),
            ("NextPartNumberMarker", parts[-1].number if parts else after),
            ("MaxParts", limit),
            ("IsTruncated", more),
            *rows,
        ],
    )


def _row(part: Part) -> list[xml.Element]:
    return [
        ("PartNumber", part.number),
        ("LastModified", xml.time(part.modified)),
        ("ETag", f'"{part.etag}"'),
        ("HashCrc64ecma", str(part.crc)),
        ("Size", part.size),
    ]


async def list_uploads(call: Call, at: Surroundings) -> Response:
    query, encoding = call.query, call.encoding
    limit = call.number("max-uploads", 1000, 1, 1000)
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    after, after_id = query.get("key-marker", ""), query.get("upload-id-marker", "")
    page = await in_thread(at.store.uploads.page, call.bucket, limit, prefix, delimiter, after, after_id)
    last = page.next.decode()
    last_id = page.items[-1].id if page.items and page.items[-1].key == last else ""
    out: list[xml.Element] = [
        ("Bucket", call.bucket),
        ("KeyMarker", xml.coded(after, encoding)),
        ("UploadIdMarker", after_id),
        ("NextKeyMarker", xml.coded(last, encoding)),
        ("NextUploadIdMarker", last_id),
        ("Delimiter", xml.coded(delimiter, encoding)),
        ("Prefix", xml.coded(prefix, encoding)),
        ("MaxUploads", limit),
        ("IsTruncated", bool(last)),
    ]
    if encoding:
        out.append(("EncodingType", encoding))
    for upload in page.items:
        about: list[xml.Element] = [("Key", xml.coded(upload.key, encoding)), ("UploadId", upload.id)]
        more: list[xml.Element] = [
            ("StorageClass", upload.meta.storage),
            ("Initiated", xml.time(upload.created)),
        ]
        out.append(("Upload", [*about, *more, owner(at)]))
    out += [("CommonPrefixes", [("Prefix", xml.coded(text.decode(), encoding))]) for text in page.prefixes]
    return answer("ListMultipartUploadsResult", out)


async def _upload(call: Call, at: Surroundings) -> Upload:
    return await in_thread(at.store.uploads.get, call.bucket, call.key, call.query["uploadId"])


def _about(upload: Upload, encoding: str) -> list[xml.Element]:
    coding: list[xml.Element] = [("EncodingType", encoding)] if encoding else []
    return [*coding, ("Bucket", upload.bucket), ("Key", xml.coded(upload.key, encoding))]


def _tell(call: Call, at: Surroundings, name: str, upload: Upload, part: Part | None = None) -> None:
    """Of an upload, or of a part of one: no object yet, so the bucket grows by nothing."""
    file, size, etag, crc = (part.file, part.size, part.etag, part.crc) if part else ("", 0, "", 0)
    like = Object(upload.bucket, upload.key, file, size, etag, crc, upload.created, "Multipart", upload.meta)
    at.changed(call, name, like, 0)
