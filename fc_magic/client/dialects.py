"""The dialects in which a client deploys, by the word of ``Target.api``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from fc_magic.client.session import Session
from fc_magic.client.v2 import Deployments
from fc_magic.errors import UsageError
from fc_magic.wire.results import Function, Log
from fc_magic.wire.spec import Deployment


class Dialect(Protocol):
    """The verbs that are said differently in each."""

    def deploy(self, deployment: Deployment) -> tuple[Function, str]: ...

    def get(self, name: str) -> Function: ...

    def list(self, prefix: str = "") -> tuple[list[Function], list[str]]: ...

    def delete(self, name: str) -> None: ...

    def logs(self, name: str, limit: int, request_id: str) -> Log: ...


#: the table to put Function Compute 3.0's own into, when it can be said
DIALECTS: Mapping[str, Callable[[Session], Dialect]] = {"v2": Deployments}


def of(session: Session) -> Dialect:
    """The target's. One that cannot be said yet refuses each verb, so that calls and layers go on."""
    api = session.target.api
    return DIALECTS[api](session) if api in DIALECTS else _NotYet(api)


class _NotYet:
    def __init__(self, api: str) -> None:
        self._api = api

    def _refuse(self, *_: Any) -> Any:
        raise UsageError(f"deploying through {self._api} is not there yet", hint="--api v2")

    deploy = get = list = delete = logs = _refuse
