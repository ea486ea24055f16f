"""Code and layers that are no longer deployed are removed when nothing of its function can still need its files."""

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
        self.begin(name)
        try:
            yield
        finally:
            self.end(name)

    def begin(self, name: str) -> None:
        self._users[name] = self._users.get(name, 0) + 1

    def end(self, name: str) -> None:
        left = self._users[name] = self._users[name] - 1
        if not left:
            del self._users[name]
            if name in self._garbage:
                self.discard(name)

    def discard(self, name: str, keys: Iterable[str] = ()) -> None:
        """Code and layers of these keys are no longer deployed as ``name``."""
        self._garbage[name].update(keys)
        if not self._users[name]:
            self._drop(self._garbage.pop(name, ()))
