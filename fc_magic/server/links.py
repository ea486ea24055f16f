"""Addresses that are good for some minutes without a signed head: where a package can be downloaded."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlencode

#: where a package is, by the key of its content and the name of its file
PACKAGE = "/-/code/{key}/{name}.zip"
#: how long a link is good
LINK_S = 600


class Links:
    """Signed with a secret of this process: a server that starts again knows no link of the one before."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._secret = clock, secrets.token_bytes(32)

    def package(self, key: str, name: str) -> str:
        return self.make(PACKAGE.format(key=key, name=name))

    def make(self, path: str) -> str:
        """The path with what lets somebody in."""
        until = str(int(self._clock()) + LINK_S)
        return f"{path}?{urlencode({'Expires': until, 'Signature': self._sign(path, until)})}"

    def is_good(self, path: str, until: str, signature: str) -> bool:
        """Whether the path was made here, with this end, and that has not come."""
        right = hmac.compare_digest(self._sign(path, until).encode(), signature.encode())
        return right and int(until) >= self._clock()

    def _sign(self, path: str, until: str) -> str:
        return hmac.new(self._secret, f"{path}\n{until}".encode(), hashlib.sha256).hexdigest()
