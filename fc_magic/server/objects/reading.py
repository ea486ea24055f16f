"""Operations that read an object."""

from __future__ import annotations

from typing import BinaryIO

from starlette.responses import Response

from fc_magic.server.objects import conditions, headers
from fc_magic.server.objects.answers import Answer, Download, empty
from fc_magic.server.objects.call import Call, as_wire, in_thread
from fc_magic.server.objects.model import Object
from fc_magic.server.objects.operations import Surroundings
from fc_magic.server.objects.refusals import NotModified

#: what a request may change about the head of its answer
OVERRIDES = {
    f"response-{name}": name
    for name in (
        "content-type",
        "content-language",
        "expires",
        "cache-control",
        "content-disposition",
        "content-encoding",
    )
}


async def get(call: Call, at: Surroundings) -> Answer:
    found, file, link = await in_thread(_take, call, at)
    try:
        head = _head(call, found, link)
        standard = call.headers.get("x-oss-range-behavior") == "standard"
        part = conditions.wanted(call.headers.get("range", ""), found.size, standard)
    except BaseException:
        file.close()
        raise
    if part is None:
        return Download(file, 0, found.size, 200, head)
    start, length = part
    head["content-range"] = f"bytes {start}-{start + length - 1}/{found.size}"
    return Download(file, start, length, 206, head)


async def head(call: Call, at: Surroundings) -> Response:
    found, file, link = await in_thread(_take, call, at)
    file.close()
    return _headless(_head(call, found, link), found.size)


async def meta(call: Call, at: Surroundings) -> Response:
    """GetObjectMeta: a HEAD that tells only size, date and ETag."""
    found, file, _ = await in_thread(_take, call, at)
    file.close()
    all_of_it = headers.said(found)
    names = ("etag", "last-modified", "x-oss-hash-crc64ecma")
    return _headless({name: all_of_it[name] for name in names}, found.size)


def _take(call: Call, at: Surroundings) -> tuple[Object, BinaryIO, bool]:
    with at.store.db:
        link = at.store.get(call.bucket, call.key).kind == "Symlink"
        return *at.store.take(call.bucket, call.key), link


def _head(call: Call, found: Object, link: bool) -> dict[str, str]:
    said = headers.said(found, link)
    try:
        conditions.check(call.headers, found)
    except NotModified as same:
        same.headers = {name: said[name] for name in ("etag", "last-modified")}
        raise
    said.update(
        {name: as_wire(call.query[asked]) for asked, name in OVERRIDES.items() if call.query.get(asked)}
    )
    return said


def _headless(head: dict[str, str], size: int) -> Response:
    response = empty(200, head)
    response.headers["content-length"] = str(size)
    return response
