"""How many instances a function may have: a limit of its own, over LATEST and all its versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fc_magic.errors import FunctionNotFound, OnDemandConfigNotFound
from fc_magic.server.store import Store
from fc_magic.wire.scaling import CONCURRENCY
from fc_magic.wire.wording import clipped


class Concurrency:
    """``changed`` is told of a function and its limit (None: it has none of its own any more)."""

    def __init__(self, store: Store, changed: Callable[[str, int | None], None]) -> None:
        self._store, self._changed = store, changed

    def put(self, name: str, config: dict[str, Any]) -> dict[str, Any]:
        """Raises FunctionNotFound, as the others do."""
        self._check(name)
        self._store.configs.put(CONCURRENCY, name, config)
        self._changed(name, config["reservedConcurrency"])
        return config

    def get(self, name: str) -> dict[str, Any]:
        """Raises OnDemandConfigNotFound."""
        self._check(name)
        found = self._store.configs.get(CONCURRENCY, name)
        if found is None:
            text = f"function '{name}' has no concurrency config"
            raise OnDemandConfigNotFound(text, hint="PutConcurrencyConfig makes one")
        return found

    def delete(self, name: str) -> None:
        """There need not be one: what was done by a call whose answer was lost can be repeated."""
        self._check(name)
        if self._store.configs.delete(CONCURRENCY, name):
            self._changed(name, None)

    def list(self, function: str, after: str, limit: int) -> tuple[list[tuple[str, dict[str, Any]]], str]:
        """(function, config) in order of name, and the name to go on after."""
        rows = self._store.configs.list(CONCURRENCY, function, (after, ""), limit + 1)
        found = [(name, config) for name, _, config in rows[:limit]]
        return found, found[-1][0] if len(rows) > limit else ""

    def _check(self, name: str) -> None:
        if not self._store.contents(name):
            raise FunctionNotFound(f"function '{clipped(name)}' does not exist")
