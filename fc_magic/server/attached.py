"""Triggers one by one: attached to a function, changed, detached. A deployment replaces all of them at once.

The function stays what it is: its instances go on, and nothing is published.
"""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager

from fc_magic.errors import (
    AliasNotFound,
    FunctionNotFound,
    LimitExceededError,
    Problem,
    TriggerAlreadyExists,
    TriggerNotFound,
    VersionNotFound,
)
from fc_magic.server import served
from fc_magic.server.identity import Identity
from fc_magic.server.routes import Routes, of_triggers, own_url
from fc_magic.server.rules import Rules
from fc_magic.server.store import Store
from fc_magic.wire import fc3_triggers, triggers
from fc_magic.wire.fc3_triggers import Attached
from fc_magic.wire.results import Function
from fc_magic.wire.triggers import MAX_TRIGGERS, Http, Trigger
from fc_magic.wire.wording import clipped


class Triggers:
    """``alone`` lets one writer at a function, ``changed`` is told whose triggers are others now, ``known`` raises
    if a function has no such qualifier, ``missing`` warns of buckets, ``base_url`` says where the server listens."""

    def __init__(
        self,
        store: Store,
        routes: Routes,
        rules: Rules,
        identity: Identity,
        base_url: Callable[[], str],
        alone: Callable[[str], AbstractAsyncContextManager[None]],
        changed: Callable[[str], object],
        missing: Callable[[Iterable[Trigger]], Awaitable[list[str]]],
        known: Callable[[str, str], object] = lambda function, qualifier: None,
    ) -> None:
        self._store, self._routes, self._rules, self._identity = store, routes, rules, identity
        self._base_url, self._alone, self._changed = base_url, alone, changed
        self._missing, self._known = missing, known

    async def create(self, function: str, asked: Trigger) -> Attached:
        """Raises FunctionNotFound, TriggerAlreadyExists, LimitExceededError, InvalidArgument."""
        async with self._alone(function):
            found = self._function(function)
            if any(trigger.name == asked.name for trigger in found.triggers):
                text = f"trigger '{asked.name}' of function '{function}' exists"
                raise TriggerAlreadyExists(text, hint="update it, or choose another name")
            if len(found.triggers) >= MAX_TRIGGERS:
                text = f"function '{function}' has {MAX_TRIGGERS} triggers, and no function has more"
                raise LimitExceededError(text, hint="delete one of them")
            return await self._put(found, (*found.triggers, self._located(asked)), asked, "created")

    async def update(self, function: str, name: str, asked: Callable[[Trigger], Trigger]) -> Attached:
        """``asked`` makes the new one of the old. Raises FunctionNotFound, TriggerNotFound, InvalidArgument."""
        async with self._alone(function):
            found = self._function(function)
            old = self._trigger(found, name)
            new = self._located(asked(old))
            # at its place: the order of triggers means something where the first one is asked for
            left = tuple(new if trigger is old else trigger for trigger in found.triggers)
            return await self._put(found, left, new, "updated")

    async def delete(self, function: str, name: str) -> None:
        """Raises FunctionNotFound, TriggerNotFound."""
        async with self._alone(function):
            found = self._function(function)
            old = self._trigger(found, name)
            self._write(found, tuple(trigger for trigger in found.triggers if trigger is not old))

    def get(self, function: str, name: str) -> Attached:
        """Raises FunctionNotFound, TriggerNotFound."""
        found = self._function(function)
        return self._attached(found, self._trigger(found, name))

    def page(
        self, function: str, prefix: str = "", after: str = "", limit: int = 100
    ) -> tuple[list[Attached], str]:
        """A page in order of name, and the name to go on after. Raises FunctionNotFound."""
        found = self._function(function)
        asked = sorted(
            (t for t in found.triggers if (t.name or "").startswith(prefix) and (t.name or "") > after),
            key=lambda trigger: trigger.name or "",
        )
        dates = self._store.trigger_dates(function)
        page = [self._attached(found, trigger, dates) for trigger in asked[:limit]]
        return page, page[-1].trigger.name or "" if len(asked) > limit else ""

    def unresolved(self, function: Function) -> Iterator[str]:
        """Warnings of triggers that call a version or an alias that is not there: a deployment may come first."""
        for trigger in function.triggers:
            try:
                self._known(function.name, trigger.qualifier)
            except (VersionNotFound, AliasNotFound):
                there_is_none = f"there is no version or alias {clipped(trigger.qualifier)} yet"
                yield f"{trigger.name}: {there_is_none}: its calls fail until there is one"

    # ------------------------------------------------------------ looking

    def _function(self, name: str) -> Function:
        found = self._store.get(name)
        if found is None:
            raise FunctionNotFound(f"function '{clipped(name)}' does not exist")
        return found

    def _trigger(self, function: Function, name: str) -> Trigger:
        for trigger in function.triggers:
            if trigger.name == name:
                return trigger
        there = ", ".join(trigger.name or "" for trigger in function.triggers[:5]) or "none"
        text = f"trigger '{clipped(name)}' of function '{function.name}' does not exist"
        raise TriggerNotFound(text, hint=f"it has {there}")

    def _located(self, trigger: Trigger) -> Trigger:
        return triggers.located(trigger, self._identity.region, self._identity.account_id)

    def _attached(
        self, function: Function, trigger: Trigger, dates: Mapping[str, tuple[str, str]] | None = None
    ) -> Attached:
        name = trigger.name or ""
        created, changed = (dates or self._store.trigger_dates(function.name))[name]
        return Attached(
            trigger=trigger,
            trigger_id=function.trigger_ids.get(name, ""),
            function_arn=function.arn,
            created_time=_seconds(created),
            last_modified_time=_seconds(changed),
            url=own_url(self._base_url(), function.name, trigger) if isinstance(trigger, Http) else "",
            warnings=tuple(served.notes_of(function.triggers, self._identity.account_id, name)),
        )

    # ------------------------------------------------------------ writing

    async def _put(self, old: Function, new: tuple[Trigger, ...], asked: Trigger, done: str) -> Attached:
        self._known(old.name, asked.qualifier)
        wrong = await asyncio.to_thread(served.unusable_keys, asked)
        notes = await self._missing([asked])
        number = next(n for n, trigger in enumerate(new) if trigger.name == asked.name)
        # nothing is awaited from here on: what holds now holds when it is written
        problems = [Problem("triggerConfig.authConfig", wrong)] if wrong else []
        problems += self._problems(old, new, number)
        if problems:
            raise fc3_triggers.refusal(problems, asked.name, done)
        function = self._write(old, new)
        made = self._attached(function, new[number])
        return dataclasses.replace(made, warnings=(*made.warnings, *notes))

    def _problems(self, function: Function, new: tuple[Trigger, ...], number: int) -> list[Problem]:
        """What of one trigger another function has, or no function here can have."""
        asked = dict(enumerate(new))
        found = [
            dataclasses.replace(problem, field="sourceArn", allowed="", given="")
            for problem in self._rules.problems(function.name, asked)
            if problem.field == f"triggers.{number}"
        ]
        if other := triggers.second_http(new):
            what = f"is one http trigger too many for {other}: there is one for each version and each alias"
            found.append(Problem("triggerType", what, hint="update that one, or name another qualifier"))
        return found

    def _write(self, old: Function, new: tuple[Trigger, ...]) -> Function:
        ids = {t.name or "": old.trigger_ids.get(t.name or "") or str(uuid.uuid4()) for t in new}
        account = self._identity.account_id
        outdated = {*served.notes_of(old.triggers, account)}
        said = [text for text in old.warnings if text not in outdated]
        warnings = (*said, *served.notes_of(new, account))
        function = dataclasses.replace(old, triggers=new, trigger_ids=ids, warnings=warnings)
        self._store.put_triggers(function)
        self._routes.put(function.name, of_triggers(function.name, new))
        self._rules.put(function.name, new)
        self._changed(function.name)
        return function


def _seconds(stored: str) -> str:
    """As FC has a time; the store knows it to the microsecond."""
    return f"{stored[:19]}Z"
