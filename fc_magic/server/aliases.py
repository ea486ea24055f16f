"""Aliases of versions: kept by name, and a share of the calls goes by chance where their weights say."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Callable
from datetime import datetime, timezone

from fc_magic.errors import AliasAlreadyExists, AliasNotFound, FunctionNotFound, VersionNotFound
from fc_magic.server.configs import LEFT
from fc_magic.server.store import Store
from fc_magic.server.writers import Writers
from fc_magic.wire import aliases
from fc_magic.wire.aliases import Alias
from fc_magic.wire.versions import ID
from fc_magic.wire.wording import clipped


class Aliases:
    """``chance`` gives numbers from 0 to 1. ``changed`` is called when an alias may lead elsewhere, ``gone`` when one
    was deleted and its settings with it."""

    def __init__(
        self,
        store: Store,
        writers: Writers,
        chance: Callable[[], float] = random.random,
        changed: Callable[[], None] = lambda: None,
        gone: Callable[[str, str], None] = lambda name, alias: None,
    ) -> None:
        self._store, self._writers, self._chance, self._changed = store, writers, chance, changed
        self._gone = gone

    # ------------------------------------------------------------ where they lead

    def pick(self, name: str, alias: str) -> str:
        """The version that serves a call. Raises AliasNotFound."""
        found = self.get(name, alias)
        at, upto = self._chance(), 0.0
        for version, weight in found.weights.items():
            upto += weight
            if at < upto:
                return version
        return found.version

    def pointing_at(self, name: str, version: str) -> list[str]:
        """The aliases that a version is of, as their main one or another."""
        return [alias.name for alias in self.list(name)[0] if version in alias.versions]

    # ------------------------------------------------------------ keeping them

    def get(self, name: str, alias: str) -> Alias:
        """Raises FunctionNotFound, AliasNotFound."""
        asked = "SELECT answer FROM aliases WHERE function=? AND name=?"
        rows = self._store.rows(asked, name, alias)
        if not rows:
            self._check_function(name)
            text = f"function '{name}' has no alias {clipped(alias)}"
            raise AliasNotFound(text, hint="ListAliases says which there are; LATEST is what is deployed now")
        return aliases.decode(json.loads(rows[0][0]))

    def list(self, name: str, prefix: str = "", after: str = "", limit: int = -1) -> tuple[list[Alias], str]:
        """A page in order of name, and the name to go on after ("" on the last page). Raises FunctionNotFound."""
        self._check_function(name)
        rows = self._store.rows(
            "SELECT answer FROM aliases WHERE function=? AND name>? AND name>=? AND name<? ORDER BY name LIMIT ?",
            *(name, after, prefix, prefix + "\U0010ffff", limit + 1 if limit >= 0 else -1),
        )
        found = [aliases.decode(json.loads(answer)) for (answer,) in rows]
        return (found, "") if limit < 0 or len(found) <= limit else (found[:limit], found[limit - 1].name)

    async def create(self, name: str, alias: Alias) -> Alias:
        """Raises FunctionNotFound, AliasAlreadyExists, VersionNotFound."""
        async with self._writers.alone(name):
            self._check_function(name)
            if any(one.name == alias.name for one in self.list(name)[0]):
                raise AliasAlreadyExists(f"function '{name}' already has an alias {alias.name}")
            now = _now()
            made = self._put(name, dataclasses.replace(alias, created_time=now, last_modified_time=now))
            self._store.configs.delete(LEFT, name, alias.name)
            return made

    async def update(self, name: str, alias: str, change: Callable[[Alias], Alias]) -> Alias:
        """Raises FunctionNotFound, AliasNotFound, VersionNotFound, and what ``change`` raises."""
        async with self._writers.alone(name):
            changed = change(self.get(name, alias))
            return self._put(name, dataclasses.replace(changed, last_modified_time=_now()))

    def _put(self, name: str, alias: Alias) -> Alias:
        for version in alias.versions:
            if not ID.fullmatch(version) or not self._store.published.has(name, int(version)):
                text = f"function '{name}' has no version {clipped(version)} for alias {alias.name}"
                raise VersionNotFound(text, hint="publish it, or choose one of ListFunctionVersions")
        with self._store.transaction() as db:
            row = (name, alias.name, json.dumps(aliases.encode(alias)))
            db.execute("INSERT OR REPLACE INTO aliases VALUES (?,?,?)", row)
        self._changed()
        return alias

    async def delete(self, name: str, alias: str) -> None:
        """Raises FunctionNotFound, AliasNotFound."""
        async with self._writers.alone(name):
            self.get(name, alias)
            with self._store.transaction() as db:
                db.execute("DELETE FROM aliases WHERE function=? AND name=?", (name, alias))
                self._store.configs.drop(name, alias)
            self._gone(name, alias)
            self._changed()

    def _check_function(self, name: str) -> None:
        if not self._store.contents(name):
            raise FunctionNotFound(f"function '{clipped(name)}' does not exist")


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
