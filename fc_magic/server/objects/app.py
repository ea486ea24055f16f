"""The object store as an ASGI application: the table of its operations, and the way of a request through it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from fc_magic.server.auth import Key
from fc_magic.server.grants import Grants
from fc_magic.server.objects import (
    answers,
    buckets,
    call,
    forms,
    headers,
    labels,
    multipart,
    names,
    reading,
    writing,
)
from fc_magic.server.objects.access import allow, check_grant
from fc_magic.server.objects.auth import Verifier
from fc_magic.server.objects.call import Call, Gone, in_thread
from fc_magic.server.objects.changes import Change
from fc_magic.server.objects.operations import Operation, Surroundings
from fc_magic.server.objects.refusals import NotModified, Refused
from fc_magic.server.objects.store import MAX_OBJECT, Store
from fc_magic.wire import oss_signature as signature

log = logging.getLogger("fc_magic.server")

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_PAGE = frozenset({"prefix", "marker", "delimiter", "max-keys", "encoding-type"})
_PAGE_2 = _PAGE | {"list-type", "continuation-token", "start-after", "fetch-owner"}
_UPLOADS = frozenset(
    {"prefix", "delimiter", "max-uploads", "encoding-type", "key-marker", "upload-id-marker"}
)
_ENCODING = frozenset({"encoding-type"})
_OVERRIDES = frozenset(reading.OVERRIDES)

#: method, sub-resource ("": the thing itself) -> what is done
SERVICE = {("GET", ""): Operation(buckets.list_buckets, frozenset({"prefix", "marker", "max-keys"}))}
BUCKET = {
    ("GET", ""): Operation(buckets.list_objects, _PAGE_2),
    ("PUT", ""): Operation(buckets.create),
    ("DELETE", ""): Operation(buckets.delete),
    ("POST", ""): Operation(forms.post, who="form"),
    ("POST", "delete"): Operation(writing.delete_many, _ENCODING),
    ("GET", "uploads"): Operation(multipart.list_uploads, _UPLOADS),
    ("GET", "bucketInfo"): Operation(buckets.info),
    ("GET", "location"): Operation(buckets.location),
    ("GET", "stat"): Operation(buckets.stat),
    ("GET", "acl"): Operation(buckets.get_acl),
    ("PUT", "acl"): Operation(buckets.put_acl),
    ("GET", "versioning"): Operation(buckets.versioning),
}
OBJECT = {
    ("GET", ""): Operation(reading.get, _OVERRIDES, "reader", any_query=True),
    ("HEAD", ""): Operation(reading.head, _OVERRIDES, "reader", any_query=True),
    ("PUT", ""): Operation(writing.put, who="writer"),
    ("DELETE", ""): Operation(writing.delete, who="writer"),
    ("HEAD", "objectMeta"): Operation(reading.meta, who="reader"),
    ("POST", "append"): Operation(writing.append, frozenset({"position"}), "writer"),
    ("PUT", "symlink"): Operation(writing.put_symlink, who="writer"),
    ("GET", "symlink"): Operation(writing.get_symlink, who="reader"),
    ("GET", "acl"): Operation(labels.get_acl),
    ("PUT", "acl"): Operation(labels.put_acl),
    ("GET", "tagging"): Operation(labels.get_tagging),
    ("PUT", "tagging"): Operation(labels.put_tagging),
    ("DELETE", "tagging"): Operation(labels.delete_tagging),
    ("POST", "uploads"): Operation(multipart.begin, _ENCODING, "writer"),
    ("PUT", "uploadId"): Operation(multipart.put_part, frozenset({"partNumber"}), "writer"),
    ("POST", "uploadId"): Operation(multipart.complete, _ENCODING, "writer"),
    ("DELETE", "uploadId"): Operation(multipart.abort, who="writer"),
    ("GET", "uploadId"): Operation(
        multipart.list_parts, _ENCODING | {"max-parts", "part-number-marker"}, "writer"
    ),
}
#: say how fast or at whose cost, which is the same here
_NO_MATTER = frozenset({"x-oss-traffic-limit", "x-oss-request-payer"})


@dataclass(frozen=True)
class Parts:
    """A built object store: ``app`` to serve, ``store`` to use without HTTP. Whoever built it closes it."""

    app: ASGIApp
    store: Store

    def close(self) -> None:
        self.store.close()


def build(
    folder: Path,
    keys: Mapping[str, Key],
    region: str,
    account_id: str,
    notify: Callable[[Change], None] = lambda change: None,
    hosts: tuple[str, ...] = LOOPBACK,
    clock: Callable[[], float] = time.time,
    max_object: int = MAX_OBJECT,
    grants: Grants | None = None,
) -> Parts:
    """Everything for one data folder. ``notify`` is called on the event loop, after the change is on disk."""
    store = Store(folder, clock)
    at = Surroundings(store, Verifier(keys, region, clock, grants), region, account_id, notify, max_object)
    return Parts(Door(at, hosts), store)


class Door:
    """Lets in who names this machine (or ``BUCKET.`` before it), knows the key, and asks for what there is."""

    def __init__(self, at: Surroundings, hosts: tuple[str, ...]) -> None:
        self._at, self._hosts = at, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                response = await self._answer(scope, receive)
            except Gone:
                return
            await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> answers.Answer:
        said = call.header_map(scope)
        asked = Call(scope["method"], "", "", (), said, said.get("host", ""), "", receive)
        try:
            host_bucket = names.bucket_of_host(names.host_name(asked.host), self._hosts)
            if host_bucket is None:
                raise Refused("AccessDenied", f"The host {asked.host!r} is not served here; use 127.0.0.1.")
            parsed = call.of_scope(scope, receive, said, host_bucket)
            parsed.request_id, asked = asked.request_id, parsed
            response: answers.Answer = await self._do(asked)
        except NotModified as same:
            response = answers.empty(304, {**same.headers, "x-oss-request-id": asked.request_id})
        except Refused as refused:
            await asked.drain()
            response = answers.refuse(refused, asked)
        except Gone:
            raise
        except Exception:
            log.exception("request %s to the object store failed", asked.request_id)
            response = answers.refuse(Refused("InternalError"), asked)
        else:
            response.headers["x-oss-request-id"] = asked.request_id
        return response

    async def _do(self, asked: Call) -> answers.Answer:
        if asked.method == "OPTIONS":
            raise Refused("AccessForbidden")
        operation = find(asked)
        if operation.who != "form":  # a form carries its signature inside
            asked.key_id = self._at.verifier.check(asked.signable)
            if grant := self._at.verifier.grants.find(asked.key_id):
                check_grant(grant, asked)
            if not asked.key_id:
                await in_thread(allow, operation.who, asked, self._at.store)
        if asked.bucket:
            names.check_bucket(asked.bucket)
        if asked.key:
            names.check_key(asked.key)
        return await operation.do(asked, self._at)


def find(asked: Call) -> Operation:
    """The operation that the request asks for; refuses what is not here rather than doing something like it."""
    table = OBJECT if asked.key else BUCKET if asked.bucket else SERVICE
    asked.sub = next((name for name in asked.query if any(name == sub for _, sub in table if sub)), "")
    operation = table.get((asked.method, asked.sub))
    known = (
        (operation.takes if operation else frozenset()) | signature.OWN_PARAMETERS | _NO_MATTER | {asked.sub}
    )
    strange = [name for name in asked.query if name not in known]
    if operation is None or not operation.any_query:
        refused = strange
    else:
        refused = [name for name in strange if name in signature.SUBRESOURCES]
    if refused and (operation is not None or refused[0] in signature.SUBRESOURCES):
        text = f"The sub-resource {refused[0]!r} of {asked.method} is not implemented in this object store."
        raise Refused("NotImplemented", text, Resource=refused[0])
    if operation is None:
        kind = "OBJECT" if asked.key else "BUCKET" if asked.bucket else "SERVICE"
        allowed = ", ".join(sorted({method for method, sub in table if sub == asked.sub}))
        raise Refused("MethodNotAllowed", headers={"allow": allowed}, ResourceType=kind, Method=asked.method)
    headers.refuse_unsupported(asked.headers)
    return operation


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
