"""Operations that make or remove an object in one request."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import AsyncIterator
from urllib.parse import unquote

from starlette.responses import Response

from fc_magic.server.objects import conditions, headers, names, xml
from fc_magic.server.objects.answers import answer, empty
from fc_magic.server.objects.call import Call, in_thread
from fc_magic.server.objects.files import Staged
from fc_magic.server.objects.model import Meta, Object, Written
from fc_magic.server.objects.operations import Surroundings
from fc_magic.server.objects.refusals import Refused

MAX_DELETED = 1000


@contextlib.asynccontextmanager
async def staging(at: Surroundings) -> AsyncIterator[Staged]:
    """A new file, which is gone again if what is done with it fails."""
    staged = await in_thread(at.store.files.new)
    try:
        yield staged
    except BaseException:
        staged.discard()
        raise


def forbids(call: Call) -> bool:
    return headers.one_of(call.headers, "x-oss-forbid-overwrite", ("false", "true")) == "true"


async def put(call: Call, at: Surroundings) -> Response:
    if "x-oss-copy-source" in call.headers:
        return await copy(call, at)
    meta, forbid = headers.meta_of(call.headers), forbids(call)
    await in_thread(at.store.bucket, call.bucket)  # before 5 GB arrive for nothing
    async with staging(at) as staged:
        await call.into(staged, at.max_object)
        written = await in_thread(_keep, at, call, staged, meta, forbid)
    at.changed(call, "ObjectCreated:PutObject", written.object, written.delta)
    return empty(200, made_headers(written.object))


def _keep(at: Surroundings, call: Call, staged: Staged, meta: Meta, forbid: bool) -> Written:
    return at.store.keep(call.bucket, call.key, staged, meta, forbid=forbid)


def made_headers(made: Object) -> dict[str, str]:
    said = headers.said(made)
    return {name: said[name] for name in ("etag", "x-oss-hash-crc64ecma", "content-md5") if name in said}


async def append(call: Call, at: Surroundings) -> Response:
    position = call.number("position", -1, 0, 1 << 62)
    if position < 0:
        raise Refused("MissingArgument", "The query parameter position is missing.")
    meta = headers.meta_of(call.headers)
    await in_thread(at.store.bucket, call.bucket)
    async with staging(at) as staged:
        await call.into(staged, at.max_object)
        written = await in_thread(at.store.append, call.bucket, call.key, position, staged, meta)
    at.changed(call, "ObjectCreated:AppendObject", written.object, written.delta)
    return empty(
        200, {**made_headers(written.object), "x-oss-next-append-position": str(written.object.size)}
    )


async def copy(call: Call, at: Surroundings) -> Response:
    forbid = forbids(call)
    await call.drain()
    source = await in_thread(source_of, call, at)
    meta = _copied_meta(call, source)
    written = await in_thread(_copy, at, call, source, meta, forbid)
    at.changed(call, "ObjectCreated:CopyObject", written.object, written.delta)
    made = written.object
    body: list[xml.Element] = [("ETag", f'"{made.etag}"'), ("LastModified", xml.time(made.modified))]
    return answer("CopyObjectResult", body, made_headers(made))


def _copy(at: Surroundings, call: Call, source: Object, meta: Meta, forbid: bool) -> Written:
    return at.store.copy(source, call.bucket, call.key, meta, forbid=forbid)


def _copied_meta(call: Call, source: Object) -> Meta:
    """A copy onto itself is how OSS changes meta: then what the request says always counts."""
    said = headers.meta_of(call.headers)
    directive = headers.one_of(call.headers, "x-oss-metadata-directive", ("COPY", "REPLACE"))
    tagging = headers.one_of(
        {"x-oss-tagging-directive": call.headers.get("x-oss-tagging-directive", "Copy").capitalize()},
        "x-oss-tagging-directive",
        ("Copy", "Replace"),
    )
    itself = (source.bucket, source.key) == (call.bucket, call.key)
    if directive == "COPY" and not itself:
        said = dataclasses.replace(said, headers=source.meta.headers, user=source.meta.user)
    return dataclasses.replace(said, tags=said.tags if tagging == "Replace" else source.meta.tags)


def source_of(call: Call, at: Surroundings) -> Object:
    """The object that a copy names, if it meets the copy's conditions."""
    text = call.headers["x-oss-copy-source"]
    path, _, query = text.partition("?")
    if query:
        raise Refused(
            "NotImplemented", "Versions of objects are not implemented.", Header="x-oss-copy-source"
        )
    bucket, _, key = unquote(path.removeprefix("/"), errors="replace").partition("/")
    names.check_bucket(bucket)
    found = at.store.follow(at.store.get(bucket, key))
    conditions.check(call.headers, found, "x-oss-copy-source-")
    return found


async def delete(call: Call, at: Surroundings) -> Response:
    before = await in_thread(at.store.delete, call.bucket, call.key)
    if before:
        at.changed(call, "ObjectRemoved:DeleteObject", before, -before.size)
    return empty(204)


async def delete_many(call: Call, at: Surroundings) -> Response:
    encoding = call.encoding
    root = xml.parse(await call.xml(), "Delete")
    keys = [element.findtext("Key") or "" for element in root.findall("Object")]
    if not 1 <= len(keys) <= MAX_DELETED:
        raise Refused(
            "MalformedXML", f"A request deletes 1 to {MAX_DELETED} objects; this one names {len(keys)}."
        )
    if any(element.findtext("VersionId") for element in root.findall("Object")):
        raise Refused("NotImplemented", "Versions of objects are not implemented.")
    for key in keys:
        names.check_key(key)
    removed = await in_thread(_delete_all, at, call.bucket, keys)
    for before in removed:
        at.changed(call, "ObjectRemoved:DeleteObjects", before, -before.size)
    if (root.findtext("Quiet") or "").strip().lower() == "true":
        return empty()
    rows: list[xml.Element] = [("Deleted", [("Key", xml.coded(key, encoding))]) for key in keys]
    return answer("DeleteResult", [*([("EncodingType", encoding)] if encoding else []), *rows])


def _delete_all(at: Surroundings, bucket: str, keys: list[str]) -> list[Object]:
    at.store.bucket(bucket)
    return [before for before in (at.store.delete(bucket, key) for key in keys) if before]


async def put_symlink(call: Call, at: Surroundings) -> Response:
    target = unquote(call.headers.get("x-oss-symlink-target", ""), errors="replace")
    names.check_key(target)
    meta = dataclasses.replace(headers.meta_of(call.headers), target=target)
    etag = hashlib.md5(target.encode(), usedforsecurity=False).hexdigest().upper()
    link = Object(call.bucket, call.key, "", 0, etag, 0, at.store.clock(), "Symlink", meta)
    forbid = forbids(call)
    written = await in_thread(lambda: at.store.replace(link, forbid=forbid))
    at.changed(call, "ObjectCreated:PutSymlink", written.object, written.delta)
    return empty(200, {"etag": f'"{etag}"'})


async def get_symlink(call: Call, at: Surroundings) -> Response:
    found = await in_thread(at.store.get, call.bucket, call.key)
    if found.kind != "Symlink":
        raise Refused("InvalidArgument", "The object is not a symlink.")
    said = headers.said(found)
    return empty(200, {**said, "x-oss-symlink-target": headers.target_header(found.meta.target)})
