"""Deploys a version again, settings and code, by what every Function Compute can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fc_magic.client import code, download
from fc_magic.client.ready import until_ready
from fc_magic.client.session import Session
from fc_magic.client.steps import Steps
from fc_magic.client.versions import Versions
from fc_magic.errors import VersionNotFound
from fc_magic.wire import fc3, translation


def before(versions: Versions, name: str) -> str:
    """The version to go back to if none is named: the one before what is deployed; if that is no version, the newest.
    Raises VersionNotFound."""
    deployed, known = versions.deployed(name, among=0), [version.id for version in versions.list(name)]
    older = known[known.index(deployed) + 1 :] if deployed in known else known
    if not older:
        what = f"{name} has no version before {deployed}" if deployed else f"{name} has no version"
        raise VersionNotFound(what, hint=f"%fcversions {name}")
    return older[0]


def rollback(session: Session, name: str, version: str) -> None:
    """Triggers are no part of a version and stay as they are. Raises FunctionNotFound, VersionNotFound."""
    steps = Steps(name, "do", one_call=True)
    with steps.telling():
        _rollback(session, name, version, steps)


def _rollback(session: Session, name: str, version: str, steps: Steps) -> None:
    now, then = _function(session, name, ""), _function(session, name, version)
    back = (f"take it back to version {version}", "what ran before still runs")
    body = translation.restored(then, now)
    if then.get("codeChecksum") == now.get("codeChecksum") or then["runtime"] == translation.CONTAINER:
        with steps.step(*back):
            _update(session, name, body)
        return
    raw = download.code(session, name, version)
    with code.placed(session, f"functions/{name}", raw) as where, steps.step(*back):
        _update(session, name, {**body, "code": dict(where)}, code.BIG_READ_S)


def _function(session: Session, name: str, qualifier: str) -> dict[str, Any]:
    query = {"qualifier": qualifier} if qualifier else None
    path = fc3.functions_path(name)
    return session.call("GetFunction", fc3.VERSION, "GET", path, query=query).read(dict)


def _update(session: Session, name: str, body: Mapping[str, Any], read_timeout: float | None = None) -> None:
    path = fc3.functions_path(name)
    reply = session.call("UpdateFunction", fc3.VERSION, "PUT", path, body=body, read_timeout=read_timeout)
    until_ready(session, name, reply.read(dict))
