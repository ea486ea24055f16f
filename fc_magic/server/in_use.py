"""Code that is no longer deployed is removed when nothing of its function can still need its files."""

from __future__ import annotations

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator


class InUse:
    """``drop`` removes code by its keys."""

    def __init__(self, drop: Callable[[Iterable[str]], None]) -> None:
        self._drop = drop
        self._users: Counter[str] = Counter()
        self._garbage: defaultdict[str, set[str]] = defaultdict(set)

    @contextlib.contextmanager
    def using(self, name: str) -> Iterator[None]:
        """Meanwhile the files of the function stay, also if it is deployed anew or deleted."""
        self._users[name] += 1
        try:
            yield
        finally:
            self._users[name] -= 1
            if not self._users[name]:
                del self._users[name]
                if name in self._garbage:
                    self.discard(name)

    def discard(self, name: str, code: str = "") -> None:
        """``code`` is no longer deployed as ``name``."""
        if code:
            self._garbage[name].add(code)
        if not self._users[name]:
            self._drop(self._garbage.pop(name, ()))
