"""What a target tells of what its functions do: logs and statistics.

The API of Function Compute has neither: a region has its Log Service and CloudMonitor for that, and whoever asks is
told so. The embedded one keeps both.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from fc_magic.errors import ApiError, FcError, FunctionNotFound, NotSupported, PathNotSupported
from fc_magic.wire import stats, times, v2
from fc_magic.wire.logs import MOST, WAIT_S, Query
from fc_magic.wire.results import Log
from fc_magic.wire.stats import Stats

if TYPE_CHECKING:
    from fc_magic.client.dialects import Dialect
    from fc_magic.client.session import Session

#: between two questions for what is new, at least
PACE_S = 0.5
IN_LOGS = "{0} does not tell the logs of {1} itself: they are in its Log Service"
IN_MONITOR = "{0} does not tell the statistics of {1} itself: they are in its CloudMonitor"


class Observing:
    """A part of the Client."""

    session: Session
    _deployments: Dialect

    def isolation(self) -> dict[str, dict[str, str]]:
        """What keeps functions apart, by runtime, as a Function Compute of this machine tells it; else nothing."""
        try:
            reply = self.session.call("Health", "2023-03-30", "GET", "/-/health")
            return reply.read(lambda said: {r: dict(off) for r, off in said["isolation"].items()})
        except FcError:
            return {}

    # ------------------------------------------------------------ statistics

    def stats(self, name: str, since: datetime | None = None) -> Stats:
        """What the calls of a function came to: counts, percentiles of their durations, cold starts, memory.
        ``since``: from then on, else all that is kept. Raises FunctionNotFound, and NotSupported where nobody counts.
        """
        query = {"since": times.iso(since.timestamp())} if since else {}
        try:
            reply = self.session.call("GetStats", "2023-03-30", "GET", f"/-/stats/{name}", query=query)
        except ApiError as error:
            raise self._not_told(error, name, IN_MONITOR, f"%fclist {name}") from error
        return reply.read(stats.decode)

    # ------------------------------------------------------------ logs

    def logs(
        self,
        name: str,
        limit: int = 20,
        request_id: str = "",
        *,
        since: datetime | None = None,
        errors: bool = False,
    ) -> Log:
        """The last ``limit`` requests (1 to 500) of a function: that with ``request_id``, those that began at
        ``since`` or later, those that failed. Raises FunctionNotFound, and NotSupported where there is no log."""
        return self._log(name, Query(limit, request_id, since.timestamp() if since else 0.0, errors))

    def follow(
        self, name: str, seconds: float | None = None, *, errors: bool = False, after: str = ""
    ) -> Iterator[Log]:
        """The requests of a function as they end, each once and in order, a few at a time; an empty log where for
        some time there was none. ``seconds``: for so long, else for ever. ``after``: from where a log ended, its
        ``next``; else from now on."""
        end = None if seconds is None else time.monotonic() + seconds
        after = after or self._log(name, Query(1)).next or "-"
        while (left := WAIT_S if end is None else end - time.monotonic()) > 0:
            asked = time.monotonic()
            found = self._log(name, Query(MOST, errors=errors, after=after, wait_s=min(left, WAIT_S)))
            after = found.next or after
            yield found
            rest = asked + PACE_S - time.monotonic()
            if rest > 0:
                time.sleep(rest if end is None else max(min(rest, end - time.monotonic()), 0.0))

    def _log(self, name: str, query: Query) -> Log:
        path = v2.path(self.session.target.region, name) + "/logs"
        try:
            reply = self.session.call("GetDeploymentLogs", v2.VERSION, "GET", path, query=query.query())
        except ApiError as error:
            raise self._not_told(error, name, IN_LOGS, f"%fcinvoke {name}") from error
        since = times.exact(query.since) if query.since else ""
        return dataclasses.replace(
            reply.read(v2.decode_log), request_id=query.request_id, since=since, errors=query.errors
        )

    def _not_told(self, error: ApiError, name: str, text: str, hint: str) -> FcError:
        """A path that the target does not know is no error of the function: unless there is none of that name."""
        unknown = isinstance(error, PathNotSupported) or error.status in (404, 405)
        if not unknown or (isinstance(error, FunctionNotFound) and self.session.target.api == "v2"):
            return error
        try:
            self._deployments.get(name)
        except FunctionNotFound as missing:
            return missing
        except ApiError:
            pass  # an endpoint that tells little
        return NotSupported(text.format(self.session.target.name, name), hint=hint)
