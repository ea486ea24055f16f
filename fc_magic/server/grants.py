"""Keys that are good for one object and some minutes: what an upload is given instead of the account's own.

They are kept in memory: a server that starts again has given none.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: what may be done with the object: it is put, whole or in parts, and looked at
_MAY = {
    ("PUT", ""), ("HEAD", ""), ("POST", "uploads"), ("PUT", "uploadId"), ("POST", "uploadId"), ("DELETE", "uploadId"),
    ("GET", "uploadId"),
}  # fmt: skip


@dataclass(frozen=True)
class Grant:
    """``until``: seconds since the epoch."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    bucket: str
    key: str
    until: float

    def allows(self, method: str, sub: str, bucket: str, key: str, copies: bool) -> bool:
        """Whether it is for this; ``copies``: what is put is another object."""
        return not copies and (method, sub) in _MAY and (bucket, key) == (self.bucket, self.key)


class Grants:
    """``clock``: seconds since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._given: dict[str, Grant] = {}

    def give(self, bucket: str, key: str, seconds: float) -> Grant:
        now = self._clock()
        self._given = {key_id: grant for key_id, grant in self._given.items() if grant.until >= now}
        made = Grant(
            "STS." + secrets.token_urlsafe(18),
            secrets.token_urlsafe(33),
            secrets.token_urlsafe(48),
            bucket,
            key,
            now + seconds,
        )
        self._given[made.key_id] = made
        return made

    def find(self, key_id: str) -> Grant | None:
        """The grant of this key, good or not: a key that was granted is never one of the account's."""
        return self._given.get(key_id)

    def is_good(self, grant: Grant) -> bool:
        return grant.until >= self._clock()
