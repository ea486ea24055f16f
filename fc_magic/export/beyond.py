"""What FC 3.0 knows of a function and the deployments API has no field for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fc_magic.wire import custom, fc3

#: settings that are fields of a deployment, in FC 3.0's words
_FIELDS = frozenset({
    "functionName", "description", "runtime", "handler", "memorySize", "timeout", "environmentVariables", "role",
    "vpcConfig", "layers", "customContainerConfig",
})  # fmt: skip
#: what a function has of which nothing was said
_DEFAULTS = {"diskSize": fc3.DISKS_MB[0], "instanceConcurrency": 1, "internetAccess": True}


def names(settings: Mapping[str, Any]) -> list[str]:
    """The settings that a deployment cannot say, as FC 3.0 calls them, without those at their default."""
    return [name for key in settings for name in _of(key, settings)]


def _of(key: str, settings: Mapping[str, Any]) -> Iterator[str]:
    value = settings[key]
    if key == "cpu":
        if value != fc3.cpu_for(settings.get("memorySize") or 128):
            yield key
    elif key == "customRuntimeConfig":
        if value.get("port", custom.PORT) != custom.PORT:
            yield f"{key}.port"
        if value.get("healthCheckConfig"):
            yield f"{key}.healthCheckConfig"
    elif key == "instanceLifecycleConfig":
        yield from _hooks(value, str(settings.get("runtime")))
    elif key not in _FIELDS and value != _DEFAULTS.get(key):
        yield key


def _hooks(value: Mapping[str, Any], runtime: str) -> Iterator[str]:
    first = value.get("initializer") or {}
    place = "instanceLifecycleConfig"
    if first and (runtime.startswith("custom") or first.get("command")):
        yield f"{place}.initializer"
    elif first.get("timeout", fc3.INITIALIZER_LIMIT_S) != fc3.INITIALIZER_LIMIT_S:
        yield f"{place}.initializer.timeout"
    if value.get("preStop"):
        yield f"{place}.preStop"


def notes(settings: Mapping[str, Any], of: str) -> list[str]:
    """``of``: what has no field for them."""
    found = names(settings)
    if not found:
        return []
    them = "it" if len(found) == 1 else "them"
    return [f"{of} has no field for {', '.join(found)}: a new function does not get {them}"]
