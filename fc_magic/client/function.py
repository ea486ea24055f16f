"""A deployed function as a Python callable."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fc_magic.errors import FunctionError, UsageError
from fc_magic.wire.results import Function, Instances, Invocation, Log
from fc_magic.wire.tasks import Accepted

if TYPE_CHECKING:
    from fc_magic.client.auth import TriggerAuth
    from fc_magic.client.client import Client
    from fc_magic.client.target import Target
    from fc_magic.export.result import Export


#: of an error of a function as an exception says it
LONGEST_MESSAGE = 4000


class RemoteFunction:
    """``hello(event)`` runs the function where it is deployed and returns its value.

    ``info`` is what is deployed, ``target`` where. A failing function raises FunctionError.
    """

    def __init__(self, client: Client, info: Function) -> None:
        self._client, self.info = client, info

    #: runs the handler in this process; set by a notebook whose cell it is
    here: Callable[[Any], Any] | None = None

    @property
    def target(self) -> Target:
        return self._client.target

    @property
    def auth(self) -> TriggerAuth:
        """Signs requests to its http trigger: ``requests.get(url, auth=hello.auth)``."""
        return self._client.auth

    def __call__(self, event: Any = None) -> Any:
        """``event``: bytes, text, or anything JSON can hold. Returns parsed JSON, text or bytes."""
        return checked(self.invoke(event)).value

    def local(self, event: Any = None) -> Any:
        """Runs the handler here, in the kernel, with a context and an environment as its runtime has them, on the
        objects of the notebook; returns what a call of it would. ``%debug`` goes into what it raises."""
        if self.here is None:
            name = self.info.name
            what = f"{name} cannot run here: it is not a cell of Python that this session deployed"
            raise UsageError(
                what, hint=f"run its %%fcdeploy cell; {name}(event) runs it where it is deployed"
            )
        return self.here(event)

    def invoke(self, event: Any = None) -> Invocation:
        """The whole story of one call: value, error, duration, memory, log, request id."""
        return self._client.invoke(self.info.name, event, timeout=self.info.timeout)

    def later(self, event: Any = None, *, delay: int = 0, task_id: str = "") -> Accepted:
        """Has it called asynchronously, and does not wait for it."""
        return self._client.invoke_async(self.info.name, event, delay=delay, task_id=task_id)

    def logs(self, limit: int = 20) -> Log:
        return self._client.logs(self.info.name, limit)

    def instances(self) -> Instances:
        return self._client.instances(self.info.name)

    def export(self, kind: str, *, with_secrets: bool = False) -> Export:
        """Its files in another tool's format, see ``Client.export``."""
        return self._client.export(self.info.name, kind, with_secrets=with_secrets)

    def delete(self) -> None:
        self._client.delete(self.info.name)

    def __repr__(self) -> str:
        info = self.info
        return f"<function {info.name} at {self.target.name}: {info.runtime}, version {info.version}>"


def checked(invocation: Invocation, hint: str = "") -> Invocation:
    """The invocation, or FunctionError (with ``hint``) if the function failed."""
    if invocation.ok:
        return invocation
    error = invocation.error
    kind, text = error.get("errorType"), str(error.get("errorMessage", "no message"))
    if len(text) > LONGEST_MESSAGE:
        text = (
            f"{text[:LONGEST_MESSAGE]}… {len(text) - LONGEST_MESSAGE:,} more characters in .invocation.error"
        )
    raise FunctionError(invocation, f"{kind}: {text}" if kind else text, hint=hint)
