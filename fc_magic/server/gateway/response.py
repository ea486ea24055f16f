"""What a function returned becomes the response: with ``statusCode`` the one it describes, else an assumed 200."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from fc_magic.errors import BadResponse
from fc_magic.server.gateway.admission import MAX_HEADERS
from fc_magic.wire.results import Invocation

# UNCONFIRMED for FC 3.0, gathered here so that they are easy to change
STATUS_OF_FAILURE = 502
ASSUMED_CONTENT_TYPE = "application/json"

_NOT_SETTABLE = (
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "server",
    "upgrade",
    "transfer-encoding",
)
_WITHOUT_BODY = (204, 304)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def of(invocation: Invocation) -> Response:
    """Raises BadResponse if it cannot become one."""
    if invocation.error_type:
        headers = {"X-Fc-Error-Type": invocation.error_type}
        return Response(invocation.payload, STATUS_OF_FAILURE, headers, media_type="application/json")
    try:
        said = json.loads(invocation.payload)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or "statusCode" not in said:
        return Response(invocation.payload, 200, media_type=ASSUMED_CONTENT_TYPE)
    return _as_said(said)


def _as_said(said: Mapping[str, Any]) -> Response:
    status = _status(said["statusCode"])
    body, headers = said.get("body", ""), said.get("headers") or {}
    if body is None:
        body = ""
    if not isinstance(body, str):
        raise BadResponse(
            f"the function's body is {type(body).__name__}, not text", hint="return json.dumps(body)"
        )
    if not isinstance(headers, dict):
        raise BadResponse(f"the function's headers are {type(headers).__name__}, not an object")
    content = b"" if status in _WITHOUT_BODY else _content(body, said)
    return _with_headers(Response(content, status), headers)


def _status(value: Any) -> int:
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 200 <= number <= 599:
        raise BadResponse(f"the function's statusCode is {value!r}; allowed are 200 to 599")
    return number


def _content(body: str, said: Mapping[str, Any]) -> bytes:
    if not said.get("isBase64Encoded"):
        return body.encode(errors="replace")
    try:
        # base64.encodebytes breaks lines; FC's decoder, Go's, reads over them
        return base64.b64decode(body.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise BadResponse("the function said isBase64Encoded, but its body is not base64") from None


def _with_headers(response: Response, headers: Mapping[str, Any]) -> Response:
    size = 0
    for name, value in headers.items():
        text = value if isinstance(value, str) else json.dumps(value)
        size += len(name) + len(text)
        if name.lower() in _NOT_SETTABLE or name.lower().startswith("x-fc-"):
            continue
        try:
            encoded = text.encode("latin-1").decode("latin-1")
        except UnicodeEncodeError:
            encoded = text.encode().decode("latin-1")
        if not _TOKEN.fullmatch(name) or _CONTROL.search(encoded):
            raise BadResponse(f"the function's header {name!r} has characters that a header may not have")
        response.headers[name] = encoded
    if size > MAX_HEADERS:
        raise BadResponse(f"the function's headers have {size} bytes; at most {MAX_HEADERS} are allowed")
    if "content-type" not in response.headers:
        response.headers["Content-Type"] = ASSUMED_CONTENT_TYPE
    return response
