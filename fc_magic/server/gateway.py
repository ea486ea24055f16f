"""HTTP triggers: a request becomes the event of FC 3.0, what the function returns becomes the response."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import (
    AccessDenied,
    BadResponse,
    EntityTooLarge,
    FunctionNotFound,
    InvalidArgument,
    NotSupported,
    Problem,
)
from fc_magic.server import callers, http, passing
from fc_magic.server.engine import Engine
from fc_magic.wire import fc3
from fc_magic.wire.results import Function, Invocation
from fc_magic.wire.runtimes import is_custom
from fc_magic.wire.triggers import METHODS, Http
from fc_magic.wire.wording import clipped

MAX_HEADERS = 8 * 1024
MAX_TARGET = 4 * 1024

# UNCONFIRMED for FC 3.0, gathered here so that they are easy to change
STATUS_OF_FAILURE = 502
STATUS_OF_WRONG_METHOD = 405
STATUS_OF_CLOSED_URL = 403
ASSUMED_CONTENT_TYPE = "application/json"
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


class _Rest(Convertor[str]):
    """The rest of a path, whatever it is: starlette's own ``path`` stops at an encoded line end."""

    regex = r"(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("rest", _Rest())


def routes(engine: Engine) -> list[Route]:
    gateway = Gateway(engine)
    methods = list(METHODS)
    return [
        http.route("/fn/{name}", http.answering(gateway.by_name), methods=methods),
        http.route("/fn/{name}/{path:rest}", http.answering(gateway.by_name), methods=methods),
    ]


class Gateway:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def by_name(self, request: Request) -> Response:
        """``/fn/NAME/…``: the function sees what follows its name."""
        name = request.path_params["name"]
        function = self.engine.current(name)
        trigger = next((t for t in function.triggers if isinstance(t, Http)), None)
        if trigger is None:
            hint = 'deploy it with the trigger {"type": "http"}'
            raise FunctionNotFound(f"function '{name}' has no http trigger", hint=hint)
        raw = request.scope["raw_path"].decode("latin-1")
        _, _, _, *rest = raw.split("/", 3)
        return await self.serve(request, function, trigger, "/" + "".join(rest))

    async def by_host(self, request: Request) -> Response:
        """The host and path of a trigger's ``url``: the function sees the path as it came."""
        host, raw_path = http.host_name(request.scope), request.scope["raw_path"].decode("latin-1")
        found = self.engine.by_host(host, unquote(raw_path))
        if found is None:
            raise FunctionNotFound(f"no function answers at {clipped(f'http://{host}{raw_path}')}")
        return await self.serve(request, *found, raw_path)

    async def serve(self, request: Request, function: Function, trigger: Http, raw_path: str) -> Response:
        _check_open(trigger)
        allowed = trigger.methods or METHODS
        if _is_preflight(request, trigger):
            return _preflight(request, allowed)
        _check_method(request, allowed)
        _check_head(request, raw_path)
        if is_custom(function.runtime):
            response = await passing.serve(request, self.engine, function, raw_path)
            _allow_origin(request, response)
            return response
        event = self._event(request, raw_path, await _read(request))
        payload = json.dumps(event, ensure_ascii=False).encode()
        call = self.engine.invoke(function.name, payload, "http", request.state.request_id)
        invocation = await callers.while_there(request.receive, call)
        try:
            response = _response(invocation)
        except BadResponse as error:
            self.engine.refuse_answer(invocation, error)
            raise
        if request.headers.get("x-fc-log-type", "").lower() == "tail":
            log = fc3.encode_invocation(invocation, with_log=True)["X-Fc-Log-Result"]
            response.headers["X-Fc-Log-Result"] = log
        _allow_origin(request, response)
        return response

    def _event(self, request: Request, raw_path: str, body: bytes) -> dict[str, Any]:
        headers = _headers(request)
        text, is_base64 = _body(body, request.headers.get("content-type", ""))
        domain = urlsplit(f"//{headers.get('Host', '')}").hostname or ""
        now = datetime.now(timezone.utc)
        return {
            "version": "v1",
            "rawPath": raw_path,
            "headers": headers,
            "queryParameters": _query(request),
            "body": text,
            "isBase64Encoded": is_base64,
            "requestContext": {
                "accountId": self.engine.identity.account_id,
                "domainName": domain,
                "domainPrefix": domain.partition(".")[0],
                "requestId": request.state.request_id,
                "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "timeEpoch": str(int(now.timestamp() * 1000)),
                "http": {
                    "method": request.method,
                    "path": unquote(raw_path),
                    "protocol": f"HTTP/{request.scope['http_version']}",
                    "sourceIp": request.client.host if request.client else "",
                    "userAgent": headers.get("User-Agent", ""),
                },
            },
        }


# ---------------------------------------------------------------- request -> event


def _check_open(trigger: Http) -> None:
    if trigger.disable_url_internet:
        problem = Problem("disableURLInternet", "closes the URL of this trigger", "false", "true")
        hint = 'deploy it with "disableURLInternet": false, or invoke the function'
        text = "the URL of this trigger is disabled"
        raise AccessDenied(text, problems=[problem], hint=hint, status=STATUS_OF_CLOSED_URL)


def _is_preflight(request: Request, trigger: Http) -> bool:
    """A preflight is answered for the function, unless it is said to hear OPTIONS itself."""
    asks = request.method == "OPTIONS" and "access-control-request-method" in request.headers
    return asks and "OPTIONS" not in trigger.methods


def _preflight(request: Request, allowed: Sequence[str]) -> Response:
    response = Response(status_code=204)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(allowed)
    _allow_origin(request, response)
    return response


def _check_method(request: Request, allowed: Sequence[str]) -> None:
    if request.method not in allowed:
        names = ", ".join(allowed)
        text = f"{request.method} is not allowed here; allowed: {names}"
        problem = Problem("method", "is not one of the trigger's", names, clipped(request.method))
        hint = 'name it in the trigger\'s "methods", or use one of these'
        raise InvalidArgument(text, problems=[problem], hint=hint, status=STATUS_OF_WRONG_METHOD)


def _check_head(request: Request, raw_path: str) -> None:
    kind = request.headers.get("x-fc-invocation-type", "Sync")
    if kind.lower() != "sync":
        text = f"x-fc-invocation-type {kind} is not served by the embedded Function Compute"
        raise NotSupported(text, hint="leave the header out, or send Sync")
    headers = sum(len(k) + len(v) for k, v in request.scope["headers"])
    target = len(raw_path) + len(request.scope["query_string"])
    if headers > MAX_HEADERS:
        raise InvalidArgument(f"the request headers have {headers} bytes; at most {MAX_HEADERS} are allowed")
    if target > MAX_TARGET:
        raise InvalidArgument(f"path and query have {target} bytes; at most {MAX_TARGET} are allowed")


async def _read(request: Request) -> bytes:
    try:
        return await http.read_body(request, http.MAX_EVENT)
    except EntityTooLarge as error:
        raise InvalidArgument(error.message) from None  # FC's code at a trigger's URL


def _headers(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw_name, raw_value in request.scope["headers"]:
        name = raw_name.decode("latin-1").lower()
        if name in _DROPPED or name.startswith("x-fc-"):
            continue
        canonical = "-".join(part.capitalize() for part in name.split("-"))
        value = http.text(raw_value)
        found[canonical] = f"{found[canonical]},{value}" if canonical in found else value
    return found


def _query(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in parse_qsl(http.text(request.scope["query_string"]), keep_blank_values=True):
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


# ---------------------------------------------------------------- answer -> response


def _response(invocation: Invocation) -> Response:
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


def _allow_origin(request: Request, response: Response) -> None:
    """FC is permissive by default: it echoes the origin, and the function may say otherwise."""
    origin = request.headers.get("origin")
    if not origin:
        return
    defaults = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "X-Fc-Request-Id, X-Fc-Error-Type",
    }
    for name, value in defaults.items():
        response.headers.setdefault(name, value)
    if request.method == "OPTIONS":
        wanted = request.headers.get("access-control-request-headers")
        response.headers.setdefault("Access-Control-Allow-Methods", ", ".join(METHODS))
        if wanted:
            response.headers.setdefault("Access-Control-Allow-Headers", wanted)
