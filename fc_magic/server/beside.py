"""What stands beside a function and changes without it: tags, resource group, VPCs that may call it, and whether it
may be invoked at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from fc_magic.errors import AccessDenied, ApiError, FunctionNotFound, LimitExceededError
from fc_magic.server.identity import Identity
from fc_magic.server.store import Store
from fc_magic.server.tags import Asked
from fc_magic.server.worker.pool import Pool
from fc_magic.wire.tags import MAX_TAGS, function_of
from fc_magic.wire.wording import clipped

#: kinds of settings in the store
RESTRICTION, GROUP, VPC = "invocation-restriction", "resource-group", "vpc-binding"
#: UNCONFIRMED: what an invocation of a disabled function is answered
DISABLED: Callable[..., AccessDenied] = AccessDenied


_DEPENDANTS = ("triggers", "versions", "aliases")
_COUNT = "SELECT count(*) FROM {} WHERE function=?"


class Beside:
    """``_restrictions`` and ``_groups`` are kept in memory, because every call asks, and every list."""

    def __init__(self, store: Store, identity: Identity, pool: Pool) -> None:
        self._store, self._identity, self._pool = store, identity, pool
        self._restrictions = {name: said for name, _, said in store.configs.list(RESTRICTION)}
        self._groups: dict[str, str] = {name: said["id"] for name, _, said in store.configs.list(GROUP)}

    def of(self, name: str) -> dict[str, Any]:
        """What ``Function`` has of it, by attribute."""
        return {
            "tags": self._store.tags.of(name),
            "group": self._groups.get(name, ""),
            "restriction": self._restrictions.get(name),
        }

    def begin(self, name: str, tags: Mapping[str, str], group: str) -> None:
        """Of a new function."""
        self._store.tags.put(name, tags)
        if group:
            self._into(name, group)

    def forget(self, name: str) -> None:
        """The function is gone, and what is in the store with it."""
        self._restrictions.pop(name, None)
        self._groups.pop(name, None)

    def _function(self, resource: str) -> str:
        """Raises FunctionNotFound."""
        name = function_of(resource, self._identity.region, self._identity.account_id)
        if not name or not self._store.contents(name):
            raise FunctionNotFound(f"function '{clipped(name or resource)}' does not exist")
        return name

    def check_empty(self, name: str) -> None:
        """Raises FunctionNotEmpty, FC's own word of the generation before, if something hangs on the function."""
        with self._store.transaction() as db:
            counts = {t: db.execute(_COUNT.format(t), (name,)).fetchone()[0] for t in _DEPENDANTS}
        if left := ", ".join(f"{what} ({number})" for what, number in counts.items() if number):
            hint = "remove them first"
            raise ApiError(
                f"function '{name}' still has {left}", hint=hint, code="FunctionNotEmpty", status=409
            )

    # ------------------------------------------------------------ tags

    def tag(self, resources: Sequence[str], tags: Mapping[str, str]) -> None:
        """All of them or none. Raises FunctionNotFound, LimitExceededError."""
        names = [self._function(resource) for resource in resources]
        for name in names:
            if len({*self._store.tags.of(name), *tags}) > MAX_TAGS:
                raise LimitExceededError(f"function '{name}' would have more than {MAX_TAGS} tags")
        with self._store.transaction():
            for name in names:
                self._store.tags.put(name, tags)

    def untag(self, resources: Sequence[str], keys: Sequence[str] | None) -> None:
        """Removes these keys; None: every tag. Raises FunctionNotFound."""
        names = [self._function(resource) for resource in resources]
        with self._store.transaction():
            for name in names:
                self._store.tags.drop(name, keys)

    def tagged(
        self, resources: Sequence[str], asked: Sequence[Asked], after: tuple[str, str], limit: int
    ) -> list[tuple[str, str, str]]:
        """(function, key, value) in order. Raises FunctionNotFound."""
        names = [self._function(resource) for resource in resources] if resources else None
        return self._store.tags.list(names, asked, after, limit)

    # ------------------------------------------------------------ resource group

    def move(self, resource: str, group: str) -> str:
        """To another resource group; returns the one before. Raises FunctionNotFound."""
        name = self._function(resource)
        before = self._groups.get(name, "")
        self._into(name, group)
        return before

    def _into(self, name: str, group: str) -> None:
        self._store.configs.put(GROUP, name, {"id": group})
        self._groups[name] = group

    # ------------------------------------------------------------ VPCs

    def bind(self, name: str, vpc: str) -> None:
        """Raises FunctionNotFound, as the next two do."""
        self._store.configs.put(VPC, self._function(name), {}, vpc)

    def unbind(self, name: str, vpc: str) -> None:
        self._store.configs.delete(VPC, self._function(name), vpc)

    def bound(self, name: str) -> list[str]:
        return [vpc for _, vpc, _ in self._store.configs.list(VPC, self._function(name))]

    # ------------------------------------------------------------ may it be invoked

    def restrict(self, name: str, disable: bool, reason: str = "", abort: bool = False) -> None:
        """``abort``: calls that run, or wait to, end at once. Raises FunctionNotFound."""
        name = self._function(name)
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = {"disable": disable, "reason": reason, "lastModifiedTime": now}
        self._store.configs.put(RESTRICTION, name, said)
        self._restrictions[name] = said
        if disable and abort:
            self._pool.abort(name, _disabled(name, said))

    def check_enabled(self, name: str) -> None:
        """Raises AccessDenied if the function may not be invoked now."""
        said = self._restrictions.get(name)
        if said and said["disable"]:
            raise _disabled(name, said)


def _disabled(name: str, said: Mapping[str, Any]) -> AccessDenied:
    reason = f": {clipped(said['reason'])}" if said["reason"] else ""
    hint = "enable it with EnableFunctionInvocation"
    return DISABLED(f"the invocation of function '{name}' is disabled{reason}", hint=hint)
