"""Operations on what is said about an object: its tags and its acl."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from starlette.responses import Response

from fc_magic.server.objects import headers, xml
from fc_magic.server.objects.answers import answer, empty
from fc_magic.server.objects.buckets import owner
from fc_magic.server.objects.call import Call, in_thread
from fc_magic.server.objects.model import OBJECT_ACLS, Meta
from fc_magic.server.objects.operations import Surroundings
from fc_magic.server.objects.refusals import Refused


async def get_acl(call: Call, at: Surroundings) -> Response:
    found = await in_thread(at.store.get, call.bucket, call.key)
    return answer("AccessControlPolicy", [owner(at), ("AccessControlList", [("Grant", found.meta.acl)])])


async def put_acl(call: Call, at: Surroundings) -> Response:
    if "x-oss-object-acl" not in call.headers:
        raise Refused("MissingArgument", "The header x-oss-object-acl is missing.")
    acl = headers.one_of(call.headers, "x-oss-object-acl", OBJECT_ACLS)
    return await _change(call, at, lambda meta: dataclasses.replace(meta, acl=acl))


async def get_tagging(call: Call, at: Surroundings) -> Response:
    found = await in_thread(at.store.get, call.bucket, call.key)
    rows: list[xml.Element] = [("Tag", [("Key", name), ("Value", value)]) for name, value in found.meta.tags]
    return answer("Tagging", [("TagSet", rows)])


async def put_tagging(call: Call, at: Surroundings) -> Response:
    root = xml.parse(await call.xml(), "Tagging")
    pairs = [(tag.findtext("Key") or "", tag.findtext("Value") or "") for tag in root.findall("TagSet/Tag")]
    tags = headers.checked_tags(pairs)
    return await _change(call, at, lambda meta: dataclasses.replace(meta, tags=tags))


async def delete_tagging(call: Call, at: Surroundings) -> Response:
    await _change(call, at, lambda meta: dataclasses.replace(meta, tags=()))
    return empty(204)


async def _change(call: Call, at: Surroundings, change: Callable[[Meta], Meta]) -> Response:
    await in_thread(at.store.change_meta, call.bucket, call.key, change)
    return empty()
