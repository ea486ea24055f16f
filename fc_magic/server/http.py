"""What every route shares: reading a body within limits, verifying it, answering JSON, refusing as FC does."""

from __future__ import annotations

import asyncio
import base64
import functools
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fc_magic.errors import ApiError, EntityTooLarge, FcError, InternalServerError, InvalidArgument
from fc_magic.server.auth import Verifier
from fc_magic.server.request_ids import new_request_id
from fc_magic.wire import signature
from fc_magic.wire.wording import clipped

log = logging.getLogger("fc_magic.server")

MAX_EVENT = 32 * 1024 * 1024
#: code of 100 MB in base64 with the settings around it
MAX_DEPLOYMENT = 101 * 1024 * 1024
MAX_SMALL = 1024 * 1024
#: what is read and thrown away of a body that is too large, so that the sender can read the refusal
MAX_DRAIN = 1024 * 1024 * 1024
#: from this size on a body is parsed in a thread
LARGE = 1 << 20
#: of a list
MAX_PAGE = 100
#: what int() takes is more: digits of every script, and so many that it refuses
_LIMIT = re.compile(r"[0-9]{1,9}")

Endpoint = Callable[[Request], Awaitable[Response]]


def text(raw: bytes) -> str:
    """Bytes of a head as text: UTF-8, or one character a byte."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def host_name(scope: Scope) -> str:
    """The name in ``Host``, in small letters and without port; nothing if there is none."""
    return host_name_of(next((value for name, value in scope["headers"] if name == b"host"), b""))


@functools.lru_cache(maxsize=256)
def host_name_of(header: bytes) -> str:
    """Some SDKs put their whole endpoint there, with ``http://``."""
    raw = header.decode("latin-1")
    try:
        return (urlsplit(raw if "://" in raw else f"//{raw}").hostname or "").lower()
    except ValueError:
        return ""


async def read_body(request: Request, limit: int) -> bytes:
    """The body, or EntityTooLarge once all of it was read past."""
    return await read(request.receive, request.headers.get("content-length", "0"), limit)


async def read(receive: Receive, declared: str, limit: int) -> bytes:
    """The same where there is no request object; ``declared`` is what content-length says."""
    size = 0
    pieces: list[bytes] = []
    too_large = declared.isdigit() and int(declared) > limit
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        too_large = too_large or size > limit
        if too_large:
            pieces.clear()
            if size > MAX_DRAIN:
                break
        else:
            pieces.append(piece)
    if too_large:
        raise EntityTooLarge(
            f"the body has {max(size, int(declared)) >> 20} MB; at most {limit >> 20} MB are allowed"
        )
    return b"".join(pieces) if len(pieces) != 1 else pieces[0]


def head(scope: Scope) -> dict[str, str]:
    """The headers of a request, as they are signed."""
    return signature.joined((text(name), text(value)) for name, value in scope["headers"])


async def verified(
    scope: Scope, receive: Receive, headers: Mapping[str, str], verifier: Verifier, limit: int
) -> bytes:
    """The body of a request whose signature is right. Raises FcError, once the body was read."""
    declared = headers.get("content-length", "0")
    try:
        claim, key = verifier.claim(headers)
    except FcError:
        await read(receive, declared, limit)
        raise
    body = await read(receive, declared, limit)
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    verifier.check(claim, key, scope["method"], path, query, headers, body)
    return body


def signed(endpoint: Endpoint, verifier: Verifier, limit: int = MAX_SMALL) -> Endpoint:
    """The endpoint behind a verified signature; ``request.state.body`` has the body."""

    async def answered(request: Request) -> Response:
        scope = request.scope
        request.state.body = await verified(scope, request.receive, head(scope), verifier, limit)
        return await endpoint(request)

    return answering(answered)


def route(path: str, endpoint: Endpoint, methods: Sequence[str]) -> Route:
    """A route to an endpoint that answers its own exceptions: nothing else has to stand around it."""
    return Route(path, _Direct(endpoint), methods=list(methods))


class _Direct:
    """As an ASGI application: starlette would wrap a function in two more that catch exceptions."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


def answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint with a request id, and with every exception as a JSON refusal."""

    async def answered(request: Request) -> Response:
        request_id = request.state.request_id = new_request_id()
        try:
            response = await endpoint(request)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - every one is answered
            return instead_of(error, request_id)
        response.headers.setdefault("X-Fc-Request-Id", request_id)
        return response

    return answered


def instead_of(error: BaseException, request_id: str) -> Response:
    """What is answered when an endpoint raised; to be called while that is handled."""
    if isinstance(error, FcError):
        return refuse(error, request_id)
    if isinstance(error, ClientDisconnect):
        return empty()  # nobody is there to read it
    if isinstance(error, asyncio.CancelledError):
        # only uvicorn cancels, when requests are still in flight some time after it was told to stop. Not 503:
        # that would say that nothing was done
        why = "this Function Compute was stopped before the request was done"
    else:
        log.exception("request %s failed", request_id)
        why = "the embedded Function Compute failed; its log has the reason"
    return refuse(InternalServerError(why), request_id)


def refuse(error: FcError, request_id: str) -> Response:
    status = error.status if isinstance(error, ApiError) else 400
    return answer(refusal(error, request_id), status, {"X-Fc-Request-Id": request_id})


def refusal(error: FcError, request_id: str) -> dict[str, Any]:
    """The body of a refusal."""
    body: dict[str, Any] = {"RequestId": request_id, "Code": error.code, "Message": error.message}
    if error.hint:
        body["Hint"] = error.hint
    if error.problems:
        body["Details"] = [{k: v for k, v in asdict(p).items() if v or k != "given"} for p in error.problems]
    return body


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    # what a function said may have half of a surrogate pair: UTF-8 cannot say it, JSON writes it \ud800
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
    return Response(raw, status, headers, media_type="application/json")


def empty() -> Response:
    return Response(status_code=204)


async def json_of(request: Request) -> Any:
    """The body of a request that may be large: other requests go on while it is parsed."""
    return (
        await asyncio.to_thread(json_body, request) if len(request.state.body) > LARGE else json_body(request)
    )


def json_body(request: Request) -> Any:
    try:
        return json.loads(request.state.body)
    except ValueError as error:
        raise InvalidArgument(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise InvalidArgument("the body is not JSON that can be read: it is nested too deep") from None


def json_object(request: Request) -> dict[str, Any]:
    body = json_body(request)
    if not isinstance(body, dict):
        raise InvalidArgument("the body is not a JSON object")
    return body


def page_limit(request: Request, name: str = "limit", default: str = str(MAX_PAGE)) -> int:
    asked = request.query_params.get(name) or default
    if not _LIMIT.fullmatch(asked) or not 1 <= int(asked) <= MAX_PAGE:
        raise InvalidArgument(f"{name} is {clipped(asked)!r}; allowed are 1 to {MAX_PAGE}")
    return int(asked)


def name_token(name: str) -> str:
    """An opaque nextToken: the last name of the page."""
    return base64.urlsafe_b64encode(name.encode()).decode()


def token_name(token: str) -> str:
    """The name a nextToken stands for."""
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise InvalidArgument("nextToken is not one of this server") from None
