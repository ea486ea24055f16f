"""Which requests of a function's log are wanted, and how the embedded Function Compute is asked for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fc_magic.wire import times

#: requests that a log has at most
MOST = 500
#: how long an answer waits for what comes next, at most: whoever follows a log asks again
WAIT_S = 2.0
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Query:
    """The last ``limit`` requests that began at ``since`` (seconds since the epoch) or later: the one with
    ``request_id``, those that failed (``errors``), those that came ``after`` an answer, which is its ``next``.
    ``wait_s``: if there is none yet, so long for one to come."""

    limit: int = 20
    request_id: str = ""
    since: float = 0.0
    errors: bool = False
    after: str = ""
    wait_s: float = 0.0

    def query(self) -> dict[str, str]:
        said = {
            "limit": str(self.limit),
            "requestId": self.request_id,
            "since": times.exact(self.since) if self.since else "",
            "errors": "true" if self.errors else "",
            "after": self.after,
            "wait": f"{self.wait_s:g}" if self.wait_s else "",
        }
        return {name: value for name, value in said.items() if value}

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Query:
        """Raises ValueError that says what is wrong."""
        limit, wait = query.get("limit") or "100", query.get("wait") or "0"
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 10 and 1 <= int(limit) <= MOST):
            raise ValueError(f"limit is {limit!r}; allowed are 1 to {MOST}")
        try:
            since = times.seconds(query["since"]) if query.get("since") else 0.0
        except (ValueError, OverflowError):
            raise ValueError(
                f"since is {query['since']!r}; allowed is a time such as 2026-11-27T10:00:00Z"
            ) from None
        if not _SECONDS.fullmatch(wait):
            raise ValueError(f"wait is {wait!r}; allowed are seconds")
        wait_s = min(float(wait), WAIT_S)
        errors = query.get("errors", "").lower() == "true"
        return cls(int(limit), query.get("requestId", ""), since, errors, query.get("after", ""), wait_s)
