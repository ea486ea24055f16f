"""An event that fits a function, to try it with: as what calls it would send one, but shorter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fc_magic.wire.results import Function
from fc_magic.wire.triggers import Http, Oss, Timer, Trigger, named

_ANY: dict[str, Any] = {"any": "json"}


def event(function: Function) -> dict[str, Any]:
    """An event for a function as it is deployed."""
    return event_of(function.triggers)


def event_of(triggers: Iterable[Trigger]) -> dict[str, Any]:
    """What the first timer or bucket would send; anything, if people and pages call it too."""
    called_by = named(triggers)
    if any(isinstance(trigger, Http) for trigger in called_by):
        return _ANY
    shapes = (_shape(trigger) for trigger in called_by)
    return next((shape for shape in shapes if shape), _ANY)


def _shape(trigger: Trigger) -> dict[str, Any]:
    if isinstance(trigger, Timer):
        # a payload may be secret
        return {"triggerTime": "2026-01-02T03:04:05Z", "triggerName": trigger.name, "payload": ""}
    if isinstance(trigger, Oss):
        key = f"{trigger.filter.key.prefix}example{trigger.filter.key.suffix}"
        which = {"bucket": {"name": trigger.bucket}, "object": {"key": key}}
        return {"events": [{"eventName": _event_name(trigger), "oss": which}]}
    return {}


def _event_name(trigger: Oss) -> str:
    return trigger.events[0].removeprefix("oss:").replace("*", "PutObject")
