"""Settings that differ, each in words: as the line spells it, what it is and what it would be. Never a value of the
environment, nor what is secret in a trigger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fc_magic.language.speech import say
from fc_magic.notebook.form.masks import masked
from fc_magic.wire import runtimes
from fc_magic.wire.spec import FIELDS, Deployment
from fc_magic.wire.wording import clipped

_PLAIN = ("runtime", "handler", "entrypoint", "memory", "timeout", "description", "role")
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """Nothing as ``before`` or ``after``: there is none."""

    setting: str
    before: str = ""
    after: str = ""


def of_settings(before: Settings, after: Settings) -> Iterator[Change]:
    """Between what ``settings()`` of two functions or deployments says; layers are compared apart."""
    for name in _PLAIN:
        old, new = _plain(name, before), _plain(name, after)
        if old != new:
            yield _clipped(FIELDS[name].option, old, new)
    yield from _environment(before["environment"], after["environment"])
    yield from _triggers(before["triggers"], after["triggers"])
    yield from _network(before["vpc_config"] or {}, after["vpc_config"] or {})


def of_new(asked: Deployment, said: Mapping[str, Any]) -> Iterator[Change]:
    """Of a function that is not there yet: what is not as it is where nothing was ``said``."""
    will = asked.settings()
    was = {name: info.default for name, info in Deployment.model_fields.items() if not info.is_required()}
    was |= {"runtime": runtimes.DEFAULT, "handler": "index.handler"}
    was["entrypoint"] = was["handler"] if said.get("entrypoint") else will["entrypoint"]
    was["role"] = "" if said.get("role") else will["role"]  # else it is what the target gives
    if will["entrypoint"] == will["handler"]:
        was["entrypoint"] = will["handler"]
    yield from (replace(one, before="") for one in of_settings({**will, **was}, will))
    yield from of_versions("layer", {}, {layer.name: layer.version for layer in asked.layers})


def _plain(name: str, settings: Settings) -> str:
    value = settings[name]
    if name == "entrypoint" and value == settings["handler"]:
        return ""  # it says nothing of its own
    unit = FIELDS[name].unit
    return f"{value} {unit}" if unit else str(value)


def _clipped(setting: str, old: str, new: str) -> Change:
    was, will = clipped(old), clipped(new)
    return Change(setting, was, say("{0}, with another {1}", will, say("end")) if was == will else will)


def _environment(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        if key not in after:
            yield Change(f"env {key}", say("set"))
        elif key not in before:
            yield Change(f"env {key}", "", say("set"))
        elif before[key] != after[key]:
            yield Change(f"env {key}", say("set"), say("set to another value"))


def _triggers(before: Sequence[Settings], after: Sequence[Settings]) -> Iterator[Change]:
    old, new = ({str(one["name"]): one for one in found} for found in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name):
            continue
        was, will = (_called(found[name]) if name in found else "" for found in (old, new))
        if was == will:
            will = say("{0}, with another {1}", will, ", ".join(_differing(old[name], new[name])))
        yield Change(f"trigger {name}", was, will)


def _called(trigger: Settings) -> str:
    """What calls the function: what a person wrote, or so much of it as is no secret."""
    kind = str(trigger["type"])
    if kind == "http":
        who = trigger.get("auth_type")
        parts = [
            trigger.get("url"),
            " ".join(trigger.get("methods") or ()),
            "" if who == "anonymous" else who,
        ]
    elif kind == "timer":
        parts = [trigger.get("cron_expression"), "" if trigger.get("enable", True) else say("disabled")]
    elif kind == "oss":
        key = (trigger.get("filter") or {}).get("key") or {}
        where = f"{str(trigger.get('source_arn')).rpartition(':')[2]}/{key.get('prefix', '')}*{key.get('suffix', '')}"
        parts = [where, " ".join(str(one).removeprefix("oss:") for one in trigger.get("events") or ())]
    else:
        parts = []
    return clipped(", ".join([kind, *(str(part) for part in parts if part)]))


def _differing(before: Settings, after: Settings) -> list[str]:
    keys = before.keys() | after.keys()
    return sorted(key for key in keys if before.get(key) != after.get(key) and key not in ("name", "type"))


def _network(before: Settings, after: Settings) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        old, new = (_joined(found.get(key)) for found in (before, after))
        if old != new:
            yield Change(key.replace("_", "-"), old, new)


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def of_container(before: Settings, after: Settings) -> Iterator[Change]:
    """Of an image: by key, without what is secret in it."""
    seen = [masked("custom_container_config", dict(found)) for found in (before, after)]
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) == after.get(key):
            continue
        was, will = (clipped(_written(found[key])) if key in found else "" for found in seen)
        yield Change(say("container {0}", key), was, say("set to another value") if was == will else will)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def of_versions(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """Of named things with a version each: layers, libraries."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Change(f"{what} {name}", before.get(name, ""), after.get(name, ""))
