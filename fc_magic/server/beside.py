"""What stands beside a function and changes without it: tags, resource group, VPCs that may call it, and whether it
may be invoked at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from fc_magic.errors import AccessDenied, FunctionNotFound, LimitExceededError
from fc_magic.server.identity import Identity
from fc_magic.server.store import Store
from fc_magic.server.tags import Asked
from fc_magic.wire.tags import MAX_TAGS, function_of
from fc_magic.wire.wording import clipped

#: kinds of settings in the store
RESTRICTION, GROUP, VPC = "invocation-restriction", "resource-group", "vpc-binding"
#: UNCONFIRMED: what an invocation of a disabled function is answered
DISABLED: Callable[..., AccessDenied] = AccessDenied


class Beside:
    """``_disabled`` is kept in memory, because every call asks."""

    def __init__(self, store: Store, identity: Identity) -> None:
        self._store, self._identity = store, identity
        self._disabled = {
            name: said for name, _, said in store.configs.list(RESTRICTION) if said.get("disable")
        }

    def of(self, name: str) -> dict[str, Any]:
        """What ``Function`` has of it, by attribute."""
        group = self._store.configs.get(GROUP, name) or {}
        return {
            "tags": self._store.tags.of(name),
            "group": group.get("id", ""),
            "restriction": self._store.configs.get(RESTRICTION, name),
        }

    def begin(self, name: str, tags: Mapping[str, str], group: str) -> None:
        """Of a new function."""
        self._store.tags.put(name, tags)
        if group:
            self._store.configs.put(GROUP, name, {"id": group})

    def forget(self, name: str) -> None:
        """The function is gone, and what is in the store with it."""
        self._disabled.pop(name, None)

    def _function(self, resource: str) -> str:
        """Raises FunctionNotFound."""
        name = function_of(resource, self._identity.region, self._identity.account_id)
        if not name or not self._store.contents(name):
            raise FunctionNotFound(f"function '{clipped(name or resource)}' does not exist")
        return name

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
        before: str = (self._store.configs.get(GROUP, name) or {}).get("id", "")
        self._store.configs.put(GROUP, name, {"id": group})
        return before

    # ------------------------------------------------------------ VPCs

    def bind(self, name: str, vpc: str) -> None:
        """Raises FunctionNotFound, as the next two do."""
        self._store.configs.put(VPC, self._function(name), {}, vpc)

    def unbind(self, name: str, vpc: str) -> None:
        self._store.configs.delete(VPC, self._function(name), vpc)

    def bound(self, name: str) -> list[str]:
        return [vpc for _, vpc, _ in self._store.configs.list(VPC, self._function(name))]

    # ------------------------------------------------------------ may it be invoked

    def restrict(self, name: str, disable: bool, reason: str = "") -> None:
        """Raises FunctionNotFound."""
        name = self._function(name)
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        said = {"disable": disable, "reason": reason, "lastModifiedTime": now}
        self._store.configs.put(RESTRICTION, name, said)
        if disable:
            self._disabled[name] = said
        else:
            self._disabled.pop(name, None)

    def check_enabled(self, name: str) -> None:
        """Raises AccessDenied if the function may not be invoked now."""
        if said := self._disabled.get(name):
            reason = f": {clipped(said['reason'])}" if said["reason"] else ""
            hint = "enable it with EnableFunctionInvocation"
            raise DISABLED(f"the invocation of function '{name}' is disabled{reason}", hint=hint)
