"""What every route shares: reading a body within limits, verifying it, answering JSON, refusing as FC does."""

from __future__ import annotations

import asyncio
import base64
import functools
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

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
    return _host_name(next((value for name, value in scope["headers"] if name == b"host"), b""))


@functools.lru_cache(maxsize=256)
def _host_name(header: bytes) -> str:
    """Some SDKs put their whole endpoint there, with ``http://``."""
    raw = header.decode("latin-1")
    try:
        return (urlsplit(raw if "://" in raw else f"//{raw}").hostname or "").lower()
    except ValueError:
        return ""


async def read_body(request: Request, limit: int) -> bytes:
    """The body, or EntityTooLarge once all of it was read past."""
    declared = request.headers.get("content-length", "0")
    size = 0
    pieces: list[bytes] = []
    too_large = declared.isdigit() and int(declared) > limit
    async for piece in request.stream():
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


def signed(endpoint: Endpoint, verifier: Verifier, limit: int = MAX_SMALL) -> Endpoint:
    """The endpoint behind a verified signature; ``request.state.body`` has the body."""

    async def verified(request: Request) -> Response:
        headers = signature.joined((text(name), text(value)) for name, value in request.scope["headers"])
        raw_path = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        try:
            claim, key = verifier.claim(headers)
        except FcError:
            await read_body(request, limit)
            raise
        body = await read_body(request, limit)
        verifier.check(claim, key, request.method, raw_path, query, headers, body)
        request.state.body = body
        return await endpoint(request)

    return answering(verified)


def answering(endpoint: Endpoint) -> Endpoint:
    """The endpoint with a request id, and with every exception as a JSON refusal."""

    async def answered(request: Request) -> Response:
        request.state.request_id = new_request_id()
        try:
            response = await endpoint(request)
        except FcError as error:
            return refuse(error, request.state.request_id)
        except asyncio.CancelledError:
            # only uvicorn cancels, when requests are still in flight some time after it was told to stop. Not 503:
            # that would say that nothing was done
            why = "this Function Compute was stopped before the request was done"
            return refuse(InternalServerError(why), request.state.request_id)
        except ClientDisconnect:
            return empty()  # nobody is there to read it
        except Exception:
            log.exception("request %s failed", request.state.request_id)
            why = "the embedded Function Compute failed; its log has the reason"
            return refuse(InternalServerError(why), request.state.request_id)
        response.headers.setdefault("X-Fc-Request-Id", request.state.request_id)
        return response

    return answered


def refuse(error: FcError, request_id: str) -> Response:
    status = error.status if isinstance(error, ApiError) else 400
    body: dict[str, Any] = {"RequestId": request_id, "Code": error.code, "Message": error.message}
    if error.hint:
        body["Hint"] = error.hint
    if error.problems:
        body["Details"] = [{k: v for k, v in asdict(p).items() if v or k != "given"} for p in error.problems]
    return answer(body, status, {"X-Fc-Request-Id": request_id})


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(raw, status, headers, media_type="application/json")


def empty() -> Response:
    return Response(status_code=204)


def json_body(request: Request) -> Any:
    try:
        return json.loads(request.state.body)
    except ValueError as error:
        raise InvalidArgument(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise InvalidArgument("the body is not JSON that can be read: it is nested too deep") from None


def page_limit(request: Request) -> int:
    asked = request.query_params.get("limit") or str(MAX_PAGE)
    if not _LIMIT.fullmatch(asked) or not 1 <= int(asked) <= MAX_PAGE:
        raise InvalidArgument(f"limit is {clipped(asked)!r}; allowed are 1 to {MAX_PAGE}")
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
