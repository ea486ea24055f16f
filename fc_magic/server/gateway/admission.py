"""Who may call: an open URL, a method of the trigger, a head within limits, and whoever its authType asks for.

A call that is refused here does not run the function, and is counted nowhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fc_magic.errors import AccessDenied, InvalidArgument, NotSupported, Problem
from fc_magic.server.auth import Verifier
from fc_magic.server.gateway import signed, tokens
from fc_magic.server.gateway.call import Call
from fc_magic.wire.triggers import METHODS, Http
from fc_magic.wire.wording import clipped

MAX_HEADERS = 8 * 1024
MAX_TARGET = 4 * 1024

# UNCONFIRMED for FC 3.0, gathered here so that they are easy to change
STATUS_OF_WRONG_METHOD = 405
STATUS_OF_CLOSED_URL = 403
#: disableURLInternet closes the trigger's own URL; whether a custom domain stays open
CLOSED_URL_CLOSES_DOMAINS = False


class Admission:
    """``admit`` returns, or raises what the caller is told."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier

    async def admit(self, call: Call) -> None:
        check_method(call)
        _check_head(call)
        await _MAY_CALL[call.trigger.auth_type](call, self._verifier)


async def _anybody(call: Call, verifier: Verifier) -> None:
    pass


_MAY_CALL: dict[str, Callable[[Call, Verifier], Awaitable[None]]] = {
    "anonymous": _anybody,
    "function": signed.check,
    "jwt": tokens.check_jwt,
    "bearer": tokens.check_bearer,
}


def check_open(trigger: Http, own_url: bool) -> None:
    """``own_url``: the URL that every trigger has, not a host and path of its ``url``."""
    if trigger.disable_url_internet and (own_url or CLOSED_URL_CLOSES_DOMAINS):
        problem = Problem("disableURLInternet", "closes the URL of this trigger", "false", "true")
        hint = 'deploy it with "disableURLInternet": false, or invoke the function'
        text = "the URL of this trigger is disabled"
        raise AccessDenied(text, problems=[problem], hint=hint, status=STATUS_OF_CLOSED_URL)


def check_method(call: Call) -> None:
    allowed, method = call.trigger.methods or METHODS, call.request.method
    if method not in allowed:
        names = ", ".join(allowed)
        text = f"{clipped(method)} is not allowed here; allowed: {names}"
        problem = Problem("method", "is not one of the trigger's", names, clipped(method))
        hint = 'name it in the trigger\'s "methods", or use one of these'
        raise InvalidArgument(text, problems=[problem], hint=hint, status=STATUS_OF_WRONG_METHOD)


def _check_head(call: Call) -> None:
    kind = call.header("x-fc-invocation-type") or "Sync"
    if kind.lower() not in ("sync", "async"):
        text = f"x-fc-invocation-type {clipped(kind)} is not served by the embedded Function Compute"
        raise NotSupported(text, hint="leave the header out, or send Sync or Async")
    headers = sum(len(k) + len(v) for k, v in call.headers)
    target = len(call.raw_path) + len(call.raw_query)
    if headers > MAX_HEADERS:
        raise InvalidArgument(f"the request headers have {headers} bytes; at most {MAX_HEADERS} are allowed")
    if target > MAX_TARGET:
        raise InvalidArgument(f"path and query have {target} bytes; at most {MAX_TARGET} are allowed")
