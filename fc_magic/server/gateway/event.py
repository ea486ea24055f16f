"""A function that takes events answers: the request becomes the event of FC 3.0, what it returns the response."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.responses import Response

from fc_magic.errors import BadResponse
from fc_magic.server import callers, http
from fc_magic.server.engine import Engine
from fc_magic.server.gateway import response
from fc_magic.server.gateway.call import Call
from fc_magic.wire import fc3

# UNCONFIRMED for FC 3.0, gathered here so that they are easy to change
EMPTY_BODY_IS_BASE64 = False
TEXTUAL = (
    "text/",
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-www-form-urlencoded",
)
TEXTUAL_ENDS = ("+json", "+xml")

_DROPPED = ("connection", "keep-alive")


async def answer(engine: Engine, call: Call) -> Response:
    """Runs the function once."""
    request_id = call.request.state.request_id
    event = of(call, await call.body(), engine.identity.account_id, request_id)
    payload = json.dumps(event, ensure_ascii=False).encode()
    run = engine.invoke(call.function.name, payload, "http", request_id, call.trigger.qualifier, call.live)
    invocation = await callers.while_there(call.request.receive, run)
    try:
        made = response.of(invocation)
    except BadResponse as error:
        engine.refuse_answer(invocation, error)
        raise
    if call.header("x-fc-log-type").lower() == "tail":
        log = fc3.encode_invocation(invocation, with_log=True)["X-Fc-Log-Result"]
        made.headers["X-Fc-Log-Result"] = log
    return made


def of(call: Call, body: bytes, account_id: str, request_id: str) -> dict[str, Any]:
    """The event that a request is for a function."""
    headers = _headers(call)
    text, is_base64 = _body(body, call.header("content-type"))
    domain = urlsplit(f"//{headers.get('Host', '')}").hostname or ""
    request, now = call.request, datetime.now(timezone.utc)
    return {
        "version": "v1",
        "rawPath": call.raw_path,
        "headers": headers,
        "queryParameters": _query(call),
        "body": text,
        "isBase64Encoded": is_base64,
        "requestContext": {
            "accountId": account_id,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "requestId": request_id,
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "timeEpoch": str(int(now.timestamp() * 1000)),
            "http": {
                "method": request.method,
                "path": unquote(call.raw_path),
                "protocol": f"HTTP/{request.scope['http_version']}",
                "sourceIp": request.client.host if request.client else "",
                "userAgent": headers.get("User-Agent", ""),
            },
        },
    }


def _headers(call: Call) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in call.headers:
        name = raw_name.decode("latin-1").lower()
        if name in _DROPPED or name.startswith("x-fc-"):
            continue
        canonical = "-".join(part.capitalize() for part in name.split("-"))
        value = http.text(raw_value)
        found[canonical] = f"{found[canonical]},{value}" if canonical in found else value
    return found


def _query(call: Call) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in call.query():
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    kind = content_type.partition(";")[0].strip().lower()
    textual = not kind or kind.startswith(TEXTUAL) or kind.endswith(TEXTUAL_ENDS)
    if not body:
        return "", EMPTY_BODY_IS_BASE64
    if textual:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # said to be text, but is not
    return base64.b64encode(body).decode(), True
