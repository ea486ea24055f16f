"""Published versions of functions, and what a qualifier leads to: LATEST, the id of a version, or an alias.

What is asked for by calls is kept in memory until its function changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timezone

from fc_magic.errors import ApiError, FunctionNotFound, InvalidArgument, VersionNotFound
from fc_magic.server import made
from fc_magic.server.aliases import Aliases
from fc_magic.server.live import Live, live
from fc_magic.server.store import Store
from fc_magic.server.writers import Writers
from fc_magic.wire import versions
from fc_magic.wire.results import LATEST, Function
from fc_magic.wire.scaling import CONCURRENCY
from fc_magic.wire.versions import ID, Version
from fc_magic.wire.wording import clipped

#: UNCONFIRMED: what FC answers to who deletes a version that an alias points at
IN_USE: type[ApiError] = InvalidArgument


class Versions:
    """``gone`` is told of a version that was deleted, and of the keys of what it was made of; ``changed`` is
    called when a qualifier may lead elsewhere."""

    def __init__(
        self,
        store: Store,
        writers: Writers,
        aliases: Aliases,
        gone: Callable[[str, int, tuple[str, ...]], None],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._changed = changed
        self._store, self._writers, self._aliases, self._gone = store, writers, aliases, gone
        #: function -> qualifier ("" for what is deployed, or the id of a version) -> what it leads to
        self._live: dict[str, dict[str, Live]] = {}

    # ------------------------------------------------------------ qualifiers

    def resolve(self, name: str, qualifier: str = "") -> Live:
        """What a call with this qualifier is served by; for an alias with weights it is chance that decides. Raises
        FunctionNotFound, VersionNotFound, AliasNotFound."""
        known = self._live.get(name) or self._load(name)
        if not qualifier or qualifier == LATEST:
            return known[""]
        return known.get(qualifier) or self._version(name, known, qualifier)

    def _load(self, name: str) -> dict[str, Live]:
        function = self._store.get(name)
        if function is None:
            raise FunctionNotFound(f"function '{name}' does not exist")
        folders = self._store.folders(name)
        found = self._live[name] = {"": live(function, folders, self._most(name))}
        return found

    def named(self, name: str, qualifier: str = "") -> tuple[Live, ...]:
        """All that a qualifier leads to, the main version of an alias first. Raises as ``resolve``."""
        if qualifier in ("", LATEST) or ID.fullmatch(qualifier):
            return (self.resolve(name, qualifier),)
        return tuple(self.resolve(name, version) for version in self._aliases.get(name, qualifier).versions)

    def weights(self, name: str, qualifier: str = "") -> tuple[float, ...]:
        """The shares of all but the first that ``named`` has. Raises as ``resolve``."""
        plain = qualifier in ("", LATEST) or ID.fullmatch(qualifier)
        return () if plain else tuple(self._aliases.get(name, qualifier).weights.values())

    def _version(self, name: str, known: dict[str, Live], qualifier: str) -> Live:
        if not ID.fullmatch(qualifier):
            return self.resolve(name, self._aliases.pick(name, qualifier))
        function = self._store.frozen(name, int(qualifier))
        if function is None:
            raise _no_version(name, qualifier)
        keys = self._store.published.contents(name, int(qualifier))
        folders = tuple(self._store.files(key) for key in keys)
        found = known[qualifier] = live(function, folders, self._most(name))
        return found

    def _most(self, name: str) -> int | None:
        kept = self._store.configs.get(CONCURRENCY, name)
        return int(kept["reservedConcurrency"]) if kept else None

    def contents(self, name: str, qualifier: str = "") -> tuple[str, ...]:
        """The keys of what a qualifier leads to: its code's, then those of its layers. Raises as ``resolve``."""
        function = self.named(name, qualifier)[0].function
        if function.qualifier == LATEST:
            return self._store.contents(name)
        return self._store.published.contents(name, int(function.qualifier))

    def layer_sizes(self, function: Function) -> tuple[int, ...]:
        """Bytes of the ZIP of each layer of LATEST or of a version."""
        if function.qualifier == LATEST:
            return self._store.layer_sizes(function.name)
        return self._store.published.layer_sizes(function.name, int(function.qualifier))

    def forget(self, name: str) -> None:
        """The function has changed, or is gone: it is read anew."""
        self._live.pop(name, None)
        self._changed()

    # ------------------------------------------------------------ publishing

    def next(self, name: str, description: str = "") -> Version:
        """The version that a function's content would become now."""
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Version(str(self._store.published.next_id(name)), description, now, now)

    async def publish(self, name: str, description: str = "") -> Version:
        """What is deployed becomes one more version, also if its content is one already. Raises FunctionNotFound."""
        async with self._writers.alone(name):
            return self._publish(name, description)

    def _publish(self, name: str, description: str) -> Version:
        function = self.resolve(name).function
        version = self.next(name, description)
        self._store.publish(function, version)
        self.forget(name)
        return version

    def same(self, function: Function, code: str) -> str:
        """The newest version with this content, whose code has the key ``code``; LATEST if there is none."""
        for number in self._store.published.with_code(function.name, code):
            kept = self._store.frozen(function.name, number)
            if kept and made.content(kept) == made.content(function):
                return str(number)
        return LATEST

    def get(self, name: str, version: str) -> Version:
        """Raises FunctionNotFound, VersionNotFound."""
        self.resolve(name)
        answer = self._store.published.get(name, int(version)) if ID.fullmatch(version) else None
        if answer is None:
            raise _no_version(name, version)
        return versions.decode(answer)

    def list(
        self, name: str, after: int = 0, limit: int = 100, backward: bool = True
    ) -> tuple[list[Version], int]:
        """A page of versions, the newest first or last, and the id to go on after (0 on the last page)."""
        self.resolve(name)
        rows = self._store.published.list(name, after, limit + 1, backward)
        found = [versions.decode(answer) for _, answer in rows[:limit]]
        return found, rows[limit - 1][0] if len(rows) > limit else 0

    async def delete(self, name: str, version: str) -> None:
        """Removes a version; its instances end when they are no longer busy. What is deployed stays, also if it was
        published as this version. Raises FunctionNotFound, VersionNotFound, IN_USE."""
        async with self._writers.alone(name):
            self._delete(name, version)

    def _delete(self, name: str, version: str) -> None:
        self.get(name, version)
        if pointing := self._aliases.pointing_at(name, version):
            text = f"version {version} of function '{name}' is that of alias {', '.join(pointing)}"
            raise IN_USE(text, hint="let the alias point at another version, or delete it first")
        keys = self._store.published.contents(name, int(version))
        function = self.resolve(name).function
        with self._store.transaction():
            self._store.published.delete(name, int(version))
            self._store.configs.drop(name, version)
            if function.version == version:
                self._store.rewrite(dataclasses.replace(function, version=LATEST))
        self.forget(name)
        self._gone(name, int(version), keys)


def _no_version(name: str, version: str) -> ApiError:
    text = f"function '{name}' has no version {clipped(version)}"
    return VersionNotFound(
        text, hint="ListFunctionVersions says which there are; LATEST is what is deployed now"
    )
