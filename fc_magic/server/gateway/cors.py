"""Which pages of other origins may ask a function, and read what it answers.

Without ``corsConfig`` FC is permissive: it echoes the origin, and the function may say otherwise. With it, it is the
gateway that answers preflights, whatever the trigger's methods.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from fc_magic.errors import AccessDenied, Problem
from fc_magic.wire.cors import ANY, Cors
from fc_magic.wire.triggers import METHODS, Http
from fc_magic.wire.wording import clipped

#: UNCONFIRMED: a preflight that corsConfig does not allow
STATUS_OF_FORBIDDEN_PREFLIGHT = 403
OWN_HEADERS = ("X-Fc-Request-Id", "X-Fc-Error-Type")


def preflight(request: Request, trigger: Http) -> Response | None:
    """The answer to a preflight, if it is the gateway that answers. Raises AccessDenied if it is not allowed."""
    asks = request.method == "OPTIONS" and "access-control-request-method" in request.headers
    methods = trigger.methods or METHODS
    if not asks or (trigger.cors_config is None and "OPTIONS" in trigger.methods):
        return None  # the trigger says that the function hears OPTIONS itself
    if trigger.cors_config is None:
        response = Response(status_code=204)
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        return response
    return _configured(request, trigger.cors_config, methods)


def _configured(request: Request, cors: Cors, methods: Sequence[str]) -> Response:
    wanted = request.headers["access-control-request-method"]
    named = request.headers.get("access-control-request-headers", "")
    allowed = cors.methods(tuple(methods))
    checks = (
        ("allowOrigins", cors.allows_origin(request.headers.get("origin", "")), cors.allow_origins),
        ("allowMethods", wanted in allowed, allowed),
        ("allowHeaders", cors.allows_headers(_names(named)), cors.allow_headers),
    )
    problems = [
        Problem(f"corsConfig.{name}", "does not allow this", ", ".join(names))
        for name, fits, names in checks
        if not fits
    ]
    if problems:
        what = clipped(f"{wanted} from {request.headers.get('origin', 'no origin')}")
        text = f"corsConfig of this trigger does not allow {what}"
        hint = "add it to the trigger's corsConfig"
        raise AccessDenied(text, problems=problems, hint=hint, status=STATUS_OF_FORBIDDEN_PREFLIGHT)
    response = Response(status_code=204)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(allowed)
    if named:
        response.headers["Access-Control-Allow-Headers"] = named
    if cors.max_age is not None:
        response.headers["Access-Control-Max-Age"] = str(cors.max_age)
    return response


def _names(header: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in header.split(",") if name.strip())


def allow(request: Request, response: Response, trigger: Http) -> None:
    """Adds what lets a page read this response, unless the function has said it itself."""
    origin = request.headers.get("origin")
    if origin:
        defaults = (
            _permissive(request, origin)
            if trigger.cors_config is None
            else _allowed(origin, trigger.cors_config)
        )
        for name, value in defaults.items():
            response.headers.setdefault(name, value)
    if trigger.cors_config is not None:
        response.headers.add_vary_header("Origin")


def _permissive(request: Request, origin: str) -> dict[str, str]:
    found = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": ", ".join(OWN_HEADERS),
    }
    if request.method == "OPTIONS":
        found["Access-Control-Allow-Methods"] = ", ".join(METHODS)
        if wanted := request.headers.get("access-control-request-headers"):
            found["Access-Control-Allow-Headers"] = wanted
    return found


def _allowed(origin: str, cors: Cors) -> dict[str, str]:
    if not cors.allows_origin(origin):
        return {}
    # with credentials a browser takes no *
    any_origin = cors.allow_origins == (ANY,) and not cors.allow_credentials
    found = {"Access-Control-Allow-Origin": ANY if any_origin else origin}
    if cors.allow_credentials:
        found["Access-Control-Allow-Credentials"] = "true"
    found["Access-Control-Expose-Headers"] = ", ".join((*cors.expose_headers, *OWN_HEADERS))
    return found
