"""A deployed function as a Python callable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from fc_magic.client.failing import about_event, failure
from fc_magic.errors import Interrupted, UsageError
from fc_magic.wire.results import Function, Instances, Invocation, Log
from fc_magic.wire.tasks import Accepted

if TYPE_CHECKING:
    from datetime import datetime

    from fc_magic.client.auth import TriggerAuth
    from fc_magic.client.client import Client
    from fc_magic.client.fanout.background import Background, Call
    from fc_magic.client.fanout.mapping import How
    from fc_magic.client.fanout.results import Outcome, Results
    from fc_magic.client.target import Target
    from fc_magic.export.result import Export
    from fc_magic.wire.stats import Stats


class RemoteFunction:
    """``hello(event)`` runs the function where it is deployed and returns its value.

    ``info`` is what is deployed, ``target`` where. A failing function raises FunctionError. ``submit`` calls it
    without waiting, ``map`` with many events at once; ``mapped`` has what came of the last
    map, also if that was interrupted.
    """

    #: runs the handler in this process; set by a notebook whose cell it is
    here: Callable[[Any], Any] | None = None

    def __init__(self, client: Client, info: Function, qualifier: str = "") -> None:
        self._client, self.info, self.qualifier = client, info, qualifier
        self._background: Background | None = None
        self.mapped: Results | None = None

    @property
    def target(self) -> Target:
        return self._client.target

    @property
    def auth(self) -> TriggerAuth:
        """Signs requests to its http trigger: ``requests.get(url, auth=hello.auth)``."""
        return self._client.auth

    def __call__(self, event: Any = None) -> Any:
        """``event``: bytes, text, or anything JSON can hold. Returns parsed JSON, text or bytes."""
        return checked(self.invoke(event), event).value

    def local(self, event: Any = None) -> Any:
        """Runs the handler here, in the kernel, with a context and an environment as its runtime has them, on the
        objects of the notebook; returns what a call of it would. ``%debug`` goes into what it raises."""
        __tracebackhide__ = True  # a traceback is the person's own
        if self.here is None and self.qualifier:
            name = self.info.name
            what = f"{name}:{self.qualifier} cannot run here: a version has no cell of this notebook"
            raise UsageError(what, hint=f"{name}.local(event) runs the cell as it is now")
        if self.here is None:
            name = self.info.name
            what = f"{name} cannot run here: it is not a cell of Python that this session deployed"
            raise UsageError(
                what, hint=f"run its %%fcdeploy cell; {name}(event) runs it where it is deployed"
            )
        return self.here(event)

    def invoke(self, event: Any = None) -> Invocation:
        """The whole story of one call: value, error, duration, memory, log, request id."""
        return self._client.invoke(self.info.name, event, qualifier=self.qualifier, timeout=self.info.timeout)

    def at(self, qualifier: str | int) -> RemoteFunction:
        """The same function, whose calls go to a version or an alias of it."""
        return RemoteFunction(self._client, self.info, str(qualifier))

    # ------------------------------------------------------------ many at once

    def submit(self, event: Any = None) -> Call:
        """Calls it and does not wait: a future, which can be awaited, waited for with those of
        ``concurrent.futures``, and cancelled."""
        if self._background is None:
            from fc_magic.client.fanout.background import Background

            self._background = Background(self._client, self._kind(with_log=True))
        return self._background.submit(event)

    def map(
        self,
        events: Any,
        *,
        concurrency: int | None = None,
        retries: int = 0,
        ordered: bool = True,
        max_errors: int | None = None,
    ) -> Results:
        """Calls it with each event, many at once, and returns what came: an event that fails loses no other.

        ``events``: a list, a generator, the rows of a DataFrame (as dicts), an array. ``concurrency``: calls at once,
        else as many as do good; ``retries``: how often an event that failed is called again; ``ordered``: whether the
        values are in the order of the events; ``max_errors``: it ends when more have failed.
        """
        __tracebackhide__ = True  # a traceback is the person's own
        from fc_magic.client import events as many
        from fc_magic.client.fanout import mapping

        how = mapping.How(concurrency, retries, ordered, max_errors).checked()
        source, results = mapping.pairs(events), self._results(events, ordered)
        results.total = many.count(events)
        return self._mapped(results, source, how)

    def _results(self, events: Any, ordered: bool) -> Results:
        from fc_magic.client import events as many
        from fc_magic.client.fanout.results import Results

        info = self.info
        results = Results(info.name, self.target.name, ordered=ordered)
        results.memory_mb, results.cpu, results.disk_mb = info.memory, info.cpu, info.disk
        results.labels = many.labels(events)
        return results

    def _mapped(self, results: Results, source: Any, how: How) -> Results:
        __tracebackhide__ = True  # a traceback is the person's own
        from fc_magic.client.fanout.mapping import Map

        results.rest, results._again = source, self._again
        self.mapped = results
        watching = self._client.watching
        return Map(self._client.session, self._kind(), how, watching, results, source).run()

    def _again(self, before: Results, how: dict[str, Any]) -> Results:
        from fc_magic.client.fanout import mapping

        if how.setdefault("ordered", before.ordered) != before.ordered:
            raise UsageError("ordered is that of the map: values that are there stay where they are")
        checked = mapping.How(**how).checked()
        return self._mapped(*mapping.again(before, self.info.name), checked)

    def stream(
        self, events: Any, *, concurrency: int | None = None, retries: int = 0, ordered: bool = True
    ) -> Iterator[Outcome]:
        """As ``map``, for more events than one wants to keep, or endless ones: ``for outcome in
        hello.stream(events)``. An outcome has ``event``, ``value`` and ``error``; events are taken as they are.
        What comes while a generator makes an event is given after that.

        If it is interrupted while it waits, ``mapped`` has what came and was not read."""
        from fc_magic.client.fanout import mapping

        how = mapping.How(concurrency, retries, ordered).checked()
        return self._streamed(mapping.pairs(events), self._results(events, ordered=False), how)

    def _streamed(self, source: Any, unread: Results, how: How) -> Iterator[Outcome]:
        from fc_magic.client.fanout import mapping

        __tracebackhide__ = True  # a traceback is the person's own
        unread.rest, unread._again = source, self._again
        try:
            yield from mapping.stream(self._client.session, self._kind(), how, source, unread)
        except Interrupted:
            self.mapped = unread
            raise

    def _kind(self, with_log: bool = False) -> Any:
        from fc_magic.client.fanout.job import Kind
        from fc_magic.client.fc3 import CALL_MARGIN_S

        return Kind(self.info.name, self.qualifier, with_log, self.info.timeout + CALL_MARGIN_S)

    def later(self, event: Any = None, *, delay: int = 0, task_id: str = "") -> Accepted:
        """Has it called asynchronously, and does not wait for it."""
        return self._client.invoke_async(
            self.info.name, event, delay=delay, task_id=task_id, qualifier=self.qualifier
        )

    def logs(self, limit: int = 20) -> Log:
        return self._client.logs(self.info.name, limit)

    def stats(self, since: datetime | None = None) -> Stats:
        """What its calls came to, see ``Client.stats``."""
        return self._client.stats(self.info.name, since)

    def instances(self) -> Instances:
        return self._client.instances(self.info.name)

    def export(self, kind: str, *, with_secrets: bool = False) -> Export:
        """Its files in another tool's format, see ``Client.export``."""
        return self._client.export(self.info.name, kind, with_secrets=with_secrets)

    def delete(self) -> None:
        self._client.delete(self.info.name)

    def __repr__(self) -> str:
        info = self.info
        name = f"{info.name}:{self.qualifier}" if self.qualifier else info.name
        return f"<function {name} at {self.target.name}: {info.runtime}, version {info.version}>"


def checked(invocation: Invocation, event: Any = None) -> Invocation:
    """The invocation, or FunctionError if the function failed; it says so if that was for the event."""
    if invocation.ok:
        return invocation
    raise failure(invocation, about_event(event, invocation))
