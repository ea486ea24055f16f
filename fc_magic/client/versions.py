"""Versions and aliases of a function, in FC 3.0's words: every target has them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fc_magic.client.session import Session
from fc_magic.errors import AliasAlreadyExists, ApiError, ConnectionFailed
from fc_magic.wire import aliases, fc3, versions
from fc_magic.wire.aliases import Alias
from fc_magic.wire.results import LATEST
from fc_magic.wire.versions import FunctionVersions, Version

#: the newest ones that are looked at to find out which of them is deployed
LOOKED_AT = 10
#: what of a function does not tell whether two have the same content
_PASSING = frozenset({
    "createdTime", "functionArn", "invocationRestriction", "lastModifiedTime", "lastUpdateStatus",
    "lastUpdateStatusReason", "lastUpdateStatusReasonCode", "lockInfo", "requestId", "resourceGroupId", "state",
    "stateReason", "stateReasonCode", "tags", "version", "warnings",
})  # fmt: skip


class Versions:
    """The verbs of ``…/versions`` and ``…/aliases`` on one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # ------------------------------------------------------------ versions

    def publish_once(self, name: str, description: str = "") -> Version:
        """As ``publish``; the newest version if it is what is deployed, and no other description is asked for. So
        asking again after a failure publishes nothing twice."""
        known = self.newest_if_deployed(name)
        return known if known and description in ("", known.description) else self.publish(name, description)

    def publish(self, name: str, description: str = "") -> Version:
        """What is deployed becomes a version. A try whose answer got lost is not repeated if it was carried out."""
        before = next(self.list(name, 1), None)
        for attempt in range(self._session.settings.retries + 1):
            try:
                return self._publish(name, description)
            except (ConnectionFailed, ApiError) as error:
                if isinstance(error, ApiError) and error.status < 500:
                    raise
                done = self.newest_if_deployed(name)
                if done and (before is None or done.id != before.id):
                    return done
                if attempt == self._session.settings.retries:
                    raise
                time.sleep(0.1 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _publish(self, name: str, description: str) -> Version:
        reply = self._session.call(
            "PublishFunctionVersion",
            fc3.VERSION,
            "POST",
            versions.path(name),
            body={"description": description} if description else {},
            repeatable=False,
        )
        return reply.read(versions.decode)

    def newest_if_deployed(self, name: str, answer: Mapping[str, Any] | None = None) -> Version | None:
        """The newest version, if what is deployed (``answer``, if it is known) has its content."""
        newest = next(self.list(name, 1), None)
        return (
            newest if newest and self._content(name, newest.id) == self._content(name, "", answer) else None
        )

    def deployed(self, name: str, answer: Mapping[str, Any] | None = None, among: int = LOOKED_AT) -> str:
        """The version that has the content of what is deployed, of the newest ``among`` (0: of all); nothing if none
        has. An embedded Function Compute says it itself."""
        answer = answer or self._answer(name, "")
        if "version" in answer:
            return "" if answer["version"] == LATEST else str(answer["version"])
        now = self._content(name, "", answer)
        newest = self.list(name, among)
        return next((version.id for version in newest if self._content(name, version.id) == now), "")

    def _answer(self, name: str, qualifier: str) -> dict[str, Any]:
        query = {"qualifier": qualifier} if qualifier else None
        path = fc3.functions_path(name)
        return self._session.call("GetFunction", fc3.VERSION, "GET", path, query=query).read(dict)

    def _content(self, name: str, qualifier: str, answer: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._answer(name, qualifier) if answer is None else answer
        return {key: value for key, value in answer.items() if key not in _PASSING}

    def all(self, name: str) -> FunctionVersions:
        """The versions, what is deployed of them, and the aliases that lead to them."""
        found = FunctionVersions(self.list(name))
        found.function, found.deployed = name, self.deployed(name) if found else ""
        found.aliases = tuple(self.aliases(name))
        return found

    def list(self, name: str, limit: int = 0) -> Iterator[Version]:
        """The newest first; ``limit`` 0 for all."""
        query = {"direction": "BACKWARD", "limit": str(min(limit or 100, 100))}
        path = versions.path(name)
        for number, item in enumerate(self._items("ListFunctionVersions", path, "versions", query), start=1):
            yield versions.decode(item)
            if number == limit:
                return

    def delete(self, name: str, version: str) -> None:
        path = versions.path(name, version)
        self._session.call("DeleteFunctionVersion", fc3.VERSION, "DELETE", path, done_status=404)

    def _items(self, action: str, path: str, key: str, query: Mapping[str, str]) -> Iterator[Any]:
        token = ""
        while True:
            asked = {**query, **({"nextToken": token} if token else {})}
            answer = self._session.call(action, fc3.VERSION, "GET", path, query=asked).read(dict)
            yield from answer.get(key) or ()
            token = answer.get("nextToken") or ""
            if not token:
                return

    # ------------------------------------------------------------ aliases

    def aliases(self, name: str) -> Iterator[Alias]:
        for item in self._items("ListAliases", aliases.path(name), "aliases", {"limit": "100"}):
            yield aliases.decode(item, name)

    def alias(self, name: str, alias: str) -> Alias:
        reply = self._session.call("GetAlias", fc3.VERSION, "GET", aliases.path(name, alias))
        return reply.read(_of(name))

    def put_alias(self, name: str, alias: str, change: Mapping[str, Any]) -> Alias:
        """Changes the alias; one that is not there is created. ``change``: a body of UpdateAlias."""
        if "versionId" not in change:
            return self._update_alias(name, alias, change)
        try:
            body = {"aliasName": alias, **change}
            return self._session.call("CreateAlias", fc3.VERSION, "POST", aliases.path(name), body=body).read(
                _of(name)
            )
        except AliasAlreadyExists:
            return self._update_alias(name, alias, change)

    def _update_alias(self, name: str, alias: str, change: Mapping[str, Any]) -> Alias:
        reply = self._session.call("UpdateAlias", fc3.VERSION, "PUT", aliases.path(name, alias), body=change)
        return reply.read(_of(name))

    def delete_alias(self, name: str, alias: str) -> None:
        self._session.call("DeleteAlias", fc3.VERSION, "DELETE", aliases.path(name, alias), done_status=404)

    def clear(self, name: str) -> None:
        """Aliases first: a version that one leads to cannot be deleted."""
        for alias in list(self.aliases(name)):
            self.delete_alias(name, alias.name)
        for version in list(self.list(name)):
            self.delete(name, version.id)


def _of(name: str) -> Callable[[Any], Alias]:
    return lambda answer: aliases.decode(answer, name)
