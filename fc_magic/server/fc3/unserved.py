"""Operations of FC 3.0's API that are not done here: refused by their names, not as if there were no such call."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fc_magic.errors import NotSupported
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.wire import fc3

_OF = f"{fc3.functions_path()}/{{name}}"
#: (method, path) -> operation
OPERATIONS = {
    ("POST", f"{_OF}/sessions"): "CreateSession",
    ("GET", f"{_OF}/sessions"): "ListSessions",
    ("GET", f"{_OF}/sessions/{{session}}"): "GetSession",
    ("PUT", f"{_OF}/sessions/{{session}}"): "UpdateSession",
    ("DELETE", f"{_OF}/sessions/{{session}}"): "DeleteSession",
    ("PUT", f"{_OF}/sessions/{{session}}/pause"): "PauseSession",
    ("PUT", f"{_OF}/sessions/{{session}}/resume"): "ResumeSession",
    ("POST", f"{_OF}/snapshots"): "CreateSnapshot",
    ("GET", f"{_OF}/snapshots/{{snapshot}}"): "GetSnapshot",
    ("DELETE", f"{_OF}/snapshots/{{snapshot}}"): "DeleteSnapshot",
    ("GET", f"/{fc3.VERSION}/snapshots"): "ListSnapshots",
}


def routes(verifier: Verifier) -> list[Route]:
    return [
        http.route(path, http.signed(_refusing(name), verifier), methods=[method])
        for (method, path), name in OPERATIONS.items()
    ]


def _refusing(operation: str) -> http.Endpoint:
    async def refuse(_: Request) -> Response:
        hint = "use a region of Function Compute"
        raise NotSupported(f"{operation} is not served by the embedded Function Compute", hint=hint)

    return refuse
