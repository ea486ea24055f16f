"""The dialects in which a client deploys, by the word of ``Target.api``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from fc_magic.client.session import Session
from fc_magic.client.v2 import Deployments
from fc_magic.wire.results import Function
from fc_magic.wire.spec import Deployment


class Dialect(Protocol):
    """The verbs that are said differently in each."""

    def deploy(self, deployment: Deployment) -> tuple[Function, str]: ...

    def get(self, name: str) -> Function: ...

    def list(self, prefix: str = "") -> tuple[list[Function], list[str]]: ...

    def delete(self, name: str) -> None: ...

    def glance(self) -> None:
        """Asks for one function at most: its ARN tells the session the account."""


def _fc3(session: Session) -> Dialect:
    from fc_magic.client.functions import Functions  # who stays on one machine need not wait for it

    return Functions(session)


DIALECTS: Mapping[str, Callable[[Session], Dialect]] = {"v2": Deployments, "fc3": _fc3}


def of(session: Session) -> Dialect:
    return DIALECTS[session.target.api](session)
