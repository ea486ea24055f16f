"""How many instances a function may have and how many are kept warm: three settings, and how FC 3.0 spells them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from fc_magic.errors import InvalidArgument
from fc_magic.wire import fc3
from fc_magic.wire.checks import shown
from fc_magic.wire.schedule import Schedule
from fc_magic.wire.wording import clipped

#: kinds of settings: how they are kept, and the last part of their path
CONCURRENCY, PROVISION, SCALING = "concurrency", "provision-config", "scaling-config"
MAX_TARGET = 10_000
MAX_ACTIONS = 100
#: what is kept and has no effect: a field -> what it means if it is another value than this
_UNUSED: dict[str, tuple[Any, str]] = {
    "targetTrackingPolicies": ([], "instances do not follow metrics here"),
    "horizontalScalingPolicies": ([], "instances do not follow metrics here"),
    "alwaysAllocateCPU": (True, "an instance here always has its CPU"),
    "alwaysAllocateGPU": (True, "there is no GPU here"),
    "residentPoolId": ("", "there are no resident pools here"),
    "enableOnDemandScaling": (True, "instances are started on demand here in any case"),
    "enableMixMode": (False, "there is one kind of instances here"),
    "requestDispatchPolicy": ("Balanced", "the fullest instance with room is called here"),
}
_FLAGS = ("alwaysAllocateCPU", "alwaysAllocateGPU", "enableOnDemandScaling", "enableMixMode")
_TEXTS = ("residentPoolId", "requestDispatchPolicy")
_EXPRESSION = re.compile(r"(cron|at)\((.*)\)", re.DOTALL)


def path(kind: str, function: str) -> str:
    return f"{fc3.functions_path(function)}/{kind}"


@dataclass(frozen=True)
class Action:
    """From the time that ``expression`` names there are ``target`` instances, between ``start`` and ``end``."""

    name: str
    expression: str
    target: int
    zone: str = ""
    start: datetime | None = None
    end: datetime | None = None

    def last(self, since: datetime, now: datetime) -> datetime | None:
        """When it was due last, after ``since`` and up to ``now``; None if it was not, or is over."""
        if self.end and now >= self.end:
            return None
        found = self._at() if self.expression.startswith("at") else self._cron().last(now)
        return found if since < found <= now and (not self.start or found >= self.start) else None

    def next(self, now: datetime) -> datetime | None:
        """When something changes again because of it."""
        if self.end and now >= self.end:
            return None
        due = (
            self._at()
            if self.expression.startswith("at")
            else self._cron().next(max(now, self.start or now), now)
        )
        return min([at for at in (due, self.end) if at and at > now], default=None)

    def _inner(self) -> str:
        found = _EXPRESSION.fullmatch(self.expression.strip())
        if not found:
            raise ValueError("is neither cron(…) nor at(…)")
        return found[2].strip()

    def _cron(self) -> Schedule:
        return Schedule.parse(f"CRON_TZ={self.zone or 'UTC'} {self._inner()}")

    def _at(self) -> datetime:
        at = datetime.fromisoformat(self._inner().replace("Z", "+00:00"))
        return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(self.zone or "UTC"))


@dataclass(frozen=True)
class Wanted:
    """How many instances are kept warm: ``default``, and what the last action says that was due after ``since``."""

    default: int
    actions: tuple[Action, ...]
    since: datetime

    def at(self, now: datetime) -> int:
        due = [(at, action.target) for action in self.actions if (at := action.last(self.since, now))]
        return max(due)[1] if due else self.default

    def next(self, now: datetime) -> datetime | None:
        return min([at for action in self.actions if (at := action.next(now))], default=None)


# ---------------------------------------------------------------- bodies


def read_concurrency(body: Any) -> dict[str, Any]:
    """A body of PutConcurrencyConfig. Raises InvalidArgument, as those below."""
    given = _object(body)
    if given.get("reservedConcurrency") is None:
        raise InvalidArgument("reservedConcurrency is missing", hint='{"reservedConcurrency": 10}')
    return {"reservedConcurrency": _count("reservedConcurrency", given["reservedConcurrency"])}


def read_provision(body: Any) -> dict[str, Any]:
    """A body of PutProvisionConfig: its fields, as far as they are given."""
    given = _object(body)
    kept = _counts(given, ("target", "defaultTarget"))
    if not kept:
        raise InvalidArgument("target is missing: how many instances are kept", hint='{"target": 1}')
    lists = _lists(given, {"scheduledActions": "target", "targetTrackingPolicies": "minCapacity"})
    return {**kept, **lists, **_plain(given, ("alwaysAllocateCPU", "alwaysAllocateGPU"))}


def read_scaling(body: Any) -> dict[str, Any]:
    """A body of PutScalingConfig: its fields, as far as they are given."""
    given = _object(body)
    kept = _counts(given, ("minInstances",))
    lists = _lists(given, {"scheduledPolicies": "target", "horizontalScalingPolicies": "minInstances"})
    others = ("enableMixMode", "enableOnDemandScaling", "residentPoolId", "requestDispatchPolicy")
    return {**kept, **lists, **_plain(given, others)}


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object")
    return body


def _count(name: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= MAX_TARGET:
        raise InvalidArgument(
            f"{name} is {shown('', given)}; allowed are whole numbers from 0 to {MAX_TARGET}"
        )
    return given


def _counts(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _count(name, given[name]) for name in names if given.get(name) is not None}


def _plain(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    kept = {name: given[name] for name in names if given.get(name) is not None}
    for name, value in kept.items():
        if not isinstance(value, bool if name in _FLAGS else str):
            what = "true or false" if name in _FLAGS else "a text"
            raise InvalidArgument(f"{name} is {shown('', value)}; allowed is {what}")
    return kept


def _lists(given: Mapping[str, Any], numbers: Mapping[str, str]) -> dict[str, Any]:
    """Lists of objects with a name each; what is scheduled is read whole."""
    kept: dict[str, Any] = {}
    for name, number in numbers.items():
        items = given.get(name)
        if items is None:
            continue
        if not isinstance(items, list) or len(items) > MAX_ACTIONS:
            raise InvalidArgument(f"{name} is not a list of at most {MAX_ACTIONS} objects")
        for item in items:
            if not isinstance(item, Mapping) or not isinstance(item.get("name"), str) or not item["name"]:
                raise InvalidArgument(f"{name} has an item without a name")
            _count(f"{name}: {number} of {clipped(item['name'])}", item.get(number))
            if name.startswith("scheduled"):
                action(item)
        kept[name] = items
    return kept


def action(item: Mapping[str, Any]) -> Action:
    """Raises InvalidArgument."""
    place = f"scheduled action {clipped(str(item['name']))}"
    expression, zone = item.get("scheduleExpression"), item.get("timeZone") or ""
    if not isinstance(expression, str) or not isinstance(zone, str):
        raise InvalidArgument(f"{place}: scheduleExpression is not cron(…) or at(…)")
    try:
        start, end = _moment(item.get("startTime")), _moment(item.get("endTime"))
        found = Action(str(item["name"]), expression.strip(), item["target"], zone, start, end)
        found.next(datetime.now(timezone.utc))
    except (ValueError, KeyError, OSError, OverflowError) as error:
        text = f"{place}: {clipped(expression)} with the time zone {clipped(zone) or 'UTC'} cannot be read: {error}"
        raise InvalidArgument(text, hint="cron(0 0 8 * * *), or at(2030-01-31T08:00:00)") from None
    return found


def _moment(given: Any) -> datetime | None:
    if not given:
        return None
    if not isinstance(given, str):
        raise ValueError("a time is a text such as 2030-01-31T08:00:00Z")
    at = datetime.fromisoformat(given.replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)


def wanted(kind: str, given: Mapping[str, Any], since: datetime) -> Wanted:
    """What a provision or a scaling config asks for."""
    if kind == SCALING:
        default, items = given.get("minInstances", 0), given.get("scheduledPolicies", ())
    else:
        default, items = given.get("defaultTarget", given.get("target", 0)), given.get("scheduledActions", ())
    return Wanted(default, tuple(action(item) for item in items), since)


def notes(given: Mapping[str, Any]) -> Iterator[str]:
    """What is kept, and has no effect on one machine."""
    for name, (usual, what) in _UNUSED.items():
        if given.get(name) not in (None, usual):
            yield f"{name} is kept, but {what}"


#: kind -> how its body is read
READ: dict[str, Callable[[Any], dict[str, Any]]] = {PROVISION: read_provision, SCALING: read_scaling}
