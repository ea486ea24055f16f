"""The fields of a function in FC 3.0's API, one by one: what each of them sets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fc_magic.errors import Problem
from fc_magic.wire import custom, fc3, runtimes, sources, tags
from fc_magic.wire.checks import shown
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import Function, Hook
from fc_magic.wire.source import MAX_CODE_BYTES, Inline
from fc_magic.wire.wording import clipped

MAX_CONCURRENCY = 200
NO_CODE = "is missing: either ossBucketName and ossObjectName, or zipFile, must be given"
_CODE = ("zipFile", "ossBucketName", "ossObjectName")


@dataclass
class Asked:
    """``body`` is a whole deployment, ``own`` what only FC 3.0's API can set, by attribute of Function, ``checksum``
    what the package must have; ``tags`` and ``group`` are of a new function."""

    body: dict[str, Any]
    own: dict[str, Any] = field(default_factory=dict)
    wrong: list[Problem] = field(default_factory=list)
    unserved: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checksum: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    group: str = ""

    def refuse(self, name: str, what: str, given: Any = None, allowed: str = "", hint: str = "") -> None:
        self.wrong.append(Problem(name, what, allowed, shown("", given), hint))


def is_nothing(value: Any) -> bool:
    """Empty all the way down, as tools write a setting that is to be cleared."""
    if isinstance(value, Mapping):
        return all(map(is_nothing, value.values()))
    return value in ("", [], 0, False, None, "None")


def _same(name: str) -> Callable[[Asked, Any], None]:
    def take(asked: Asked, value: Any) -> None:
        asked.body[name] = value

    return take


def _code(asked: Asked, value: Any) -> None:
    if not isinstance(value, Mapping):
        asked.refuse("code", "is not an object")
        return
    given = {name: value[name] for name in _CODE if value.get(name)}
    asked.checksum = str(value.get("checksum") or "")
    asked.own.pop("source", None)
    if not given:
        asked.refuse("code", NO_CODE)
    elif "zipFile" not in given:
        asked.body |= {
            "code": None,
            "oss_bucket": given.get("ossBucketName"),
            "oss_object_key": given.get("ossObjectName"),
        }
    elif len(given) > 1:
        asked.refuse("code", "has a zipFile and an object of OSS", allowed="one of the two")
    else:
        _zip(asked, given["zipFile"])


def _zip(asked: Asked, text: Any) -> None:
    place = "code.zipFile"
    try:
        raw = base64.b64decode(text, validate=True)
    except (TypeError, binascii.Error, ValueError):
        asked.refuse(place, "is not a ZIP in base64")
        return
    if len(raw) > MAX_CODE_BYTES:
        hint = "put it into a bucket: ossBucketName and ossObjectName"
        asked.refuse(place, f"is larger than {MAX_CODE_BYTES >> 20} MB", hint=hint)
    elif broken := sources.zip_problem(raw):
        asked.refuse(place, broken)
    else:
        asked.body["code"] = Inline(zip=raw)
        asked.wrong += checksum_problem(asked.checksum, raw)


def checksum_problem(said: str, raw: bytes) -> list[Problem]:
    """That the package is not the one that was meant; ``said`` may be nothing."""
    if said in ("", own := crc64(raw)):
        return []
    return [Problem("code.checksum", f"differs from {own}, that of the ZIP", given=clipped(said))]


def _vpc(asked: Asked, value: Any) -> None:
    names = {"vpcId": "vpc_id", "vSwitchIds": "vswitch_ids", "securityGroupId": "security_group_id"}
    if not isinstance(value, Mapping):
        asked.refuse("vpcConfig", "is not an object", value)
    elif is_nothing(value):
        asked.body["vpc_config"] = None
        asked.own["kept"].pop("vpcConfig", None)
    else:
        asked.body["vpc_config"] = {names[n]: v for n, v in value.items() if n in names}
        # what else there is, such as a role for the network, is kept beside
        asked.own["kept"]["vpcConfig"] = {n: v for n, v in value.items() if n not in names}


def _layers(asked: Asked, value: Any) -> None:
    arns = value if isinstance(value, list) else [value]
    asked.body["layers"] = [{"name": arn} for arn in arns]


def _tags(asked: Asked, value: Any) -> None:
    asked.tags, wrong = tags.read("tags", value)
    asked.wrong += wrong


def _group(asked: Asked, value: Any) -> None:
    asked.group = value if isinstance(value, str) else ""
    if not isinstance(value, str):
        asked.refuse("resourceGroupId", "is not text", value)


def _concurrency(asked: Asked, value: Any) -> None:
    asked.own["instance_concurrency"] = value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_CONCURRENCY:
        asked.refuse("instanceConcurrency", "is not such a number", value, f"1 to {MAX_CONCURRENCY}", "1")


def _cpu(asked: Asked, value: Any) -> None:
    asked.own["cpu"] = value


def _disk(asked: Asked, value: Any) -> None:
    asked.own["disk"] = value
    if isinstance(value, bool) or value not in fc3.DISKS_MB:
        allowed = " or ".join(map(str, fc3.DISKS_MB))
        asked.refuse("diskSize", "is not such a size", value, f"{allowed} MB", str(fc3.DISKS_MB[0]))


def _internet(asked: Asked, value: Any) -> None:
    asked.own["internet"] = value
    if not isinstance(value, bool):
        asked.refuse("internetAccess", "is neither true nor false", value)


def _custom(asked: Asked, value: Any) -> None:
    """The whole field is replaced, as the one above: without a command the bootstrap file is run."""
    if not isinstance(value, Mapping):
        asked.refuse("customRuntimeConfig", "is not an object", value)
        return
    try:
        command, asked.own["custom"] = custom.read(value)
    except ValueError as error:
        asked.refuse(
            "customRuntimeConfig", str(error), hint='{"command": ["python3", "app.py"], "port": 9000}'
        )
        return
    asked.body["entrypoint"] = command


def _lifecycle(asked: Asked, value: Any) -> None:
    """The whole field is replaced: a hook that is not in it is gone. UNCONFIRMED for a region."""
    place = "instanceLifecycleConfig"
    if not isinstance(value, Mapping) or set(value) - {"initializer", "preStop"}:
        asked.refuse(place, "is not an object with initializer and preStop")
        return
    first = _hook(asked, f"{place}.initializer", value.get("initializer"), fc3.INITIALIZER_LIMIT_S)
    asked.own["initializer_timeout"] = first.timeout if first else 0
    asked.own["initialize"] = first.handler if first else ""
    asked.own["pre_stop"] = _hook(asked, f"{place}.preStop", value.get("preStop"), fc3.PRE_STOP_LIMIT_S)


def _hook(asked: Asked, place: str, value: Any, most: int) -> Hook | None:
    if is_nothing(value):
        return None
    if not isinstance(value, Mapping) or set(value) - {"handler", "timeout", "command"}:
        asked.refuse(place, "is not an object with handler and timeout")
        return None
    if value.get("command"):
        asked.unserved.append(
            Problem(f"{place}.command", "is not run here", hint="handler, as file.function")
        )
    handler, timeout = value.get("handler"), value.get("timeout", most)
    if isinstance(timeout, bool) or not isinstance(timeout, int) or not 1 <= timeout <= most:
        asked.refuse(f"{place}.timeout", "is not such a time", timeout, f"1 to {most} s", str(most))
        timeout = most
    if not isinstance(handler, str) or not 1 <= len(handler) <= 128:
        asked.refuse(f"{place}.handler", "is no handler", handler, "file.function, 1 to 128 characters")
        return None
    return Hook(handler, timeout)


SERVED: dict[str, Callable[[Asked, Any], None]] = {
    "code": _code,
    "cpu": _cpu,
    "customRuntimeConfig": _custom,
    "description": _same("description"),
    "diskSize": _disk,
    "environmentVariables": _same("environment"),
    "handler": _same("handler"),
    "instanceConcurrency": _concurrency,
    "instanceLifecycleConfig": _lifecycle,
    "internetAccess": _internet,
    "layers": _layers,
    "memorySize": _same("memory"),
    "resourceGroupId": _group,
    "role": _same("role"),
    "runtime": _same("runtime"),
    "tags": _tags,
    "timeout": _same("timeout"),
    "vpcConfig": _vpc,
}


# ---------------------------------------------------------------- fields that depend on each other


def follow(asked: Asked, given: Mapping[str, Any], function: Function | None) -> None:
    """``function`` is what is deployed, if anything is."""
    runtime = str(asked.body.get("runtime"))
    if runtimes.is_custom(runtime):
        _start(asked, given, function)
    else:
        _initializer(asked, function)
        if not is_nothing(given.get("customRuntimeConfig")):
            asked.refuse(
                "customRuntimeConfig", f"is not for {runtime}", allowed="custom runtimes", hint="leave it out"
            )
        many = asked.own.get("instance_concurrency", function.instance_concurrency if function else 1)
        if isinstance(many, int) and many > 1:
            what = f"an instance of {runtime} serves one call at a time"
            asked.refuse("instanceConcurrency", what, many, "1, or a custom runtime", "1")
    if "cpu" in asked.own and isinstance(asked.body["memory"], int):
        _fit_cpu(asked, asked.body["memory"])


def _start(asked: Asked, given: Mapping[str, Any], function: Function | None) -> None:
    """Of a custom runtime the entrypoint is a command; that of another runtime was none."""
    handler = asked.body.get("handler", "")
    if "customRuntimeConfig" in given or not (function and runtimes.is_custom(function.runtime)):
        has_command = "custom" in asked.own and asked.body.get("entrypoint")
        asked.body["entrypoint"] = asked.body["entrypoint"] if has_command else handler
    elif not function.command:
        asked.body["entrypoint"] = handler


def _initializer(asked: Asked, function: Function | None) -> None:
    """Of a built-in runtime the entrypoint is the initializer, or the handler."""
    was = function.initializer if function and not runtimes.is_custom(function.runtime) else ""
    asked.body["entrypoint"] = asked.own.pop("initialize", was) or asked.body.get("handler", "")
    asked.own.pop("custom", None)


def _fit_cpu(asked: Asked, memory: int) -> None:
    given = asked.own["cpu"]
    if wrong := fc3.cpu_problem(given, memory):
        allowed = f"0.05 to 16 in steps of 0.05, a quarter to all of the {memory / 1024:g} GB of memory"
        asked.refuse("cpu", wrong, given, allowed, str(fc3.cpu_for(memory)))
    elif given == fc3.cpu_for(memory):
        asked.own["cpu"] = 0.0
