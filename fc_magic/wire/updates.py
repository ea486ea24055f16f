"""What UpdateFunction of FC 3.0 asks for: the fields it names become those of a deployment, the others stay.

Whatever cannot be done here is named: nothing is taken and dropped.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import custom, fc3, runtimes, sources, v2
from fc_magic.wire.checks import shown
from fc_magic.wire.results import Function, Hook
from fc_magic.wire.source import MAX_CODE_BYTES, Inline
from fc_magic.wire.wording import clipped

MAX_CONCURRENCY = 200
#: a field of a deployment -> its name here, where they differ
NAMES = {
    "memory": "memorySize",
    "environment": "environmentVariables",
    "vpc_config": "vpcConfig",
    "entrypoint": "instanceLifecycleConfig",
}
#: of the model, but not done here; accepted if they say what is so anyway, or nothing
UNSERVED = frozenset({
    "customContainerConfig", "customDNS", "disableInjectCredentials", "disableOndemand", "enableLongLiving",
    "gpuConfig", "idleTimeout", "instanceIsolationMode", "juiceFsConfig", "logConfig", "microSandboxConfig",
    "nasConfig", "ossMountConfig", "polarFsConfig", "sessionAffinity", "sessionAffinityConfig", "tracingConfig",
})  # fmt: skip
#: what tools send to say "none"
_NOTHING = {"disableInjectCredentials": "None", "instanceIsolationMode": "SHARE", "sessionAffinity": "NONE"}


@dataclass
class Update:
    """``body`` is a whole deployment, ``own`` what only FC 3.0's API can set, by attribute of Function."""

    body: dict[str, Any]
    own: dict[str, Any] = field(default_factory=dict)
    wrong: list[Problem] = field(default_factory=list)
    unserved: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, what: str, given: Any = None, allowed: str = "", hint: str = "") -> None:
        self.wrong.append(Problem(name, what, allowed, shown("", given), hint))


def read(body: Any, function: Function, code: bytes) -> Update:
    """``function`` is what is deployed, ``code`` its ZIP. Raises InvalidArgument if the body is no object."""
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint="send the fields to change as one")
    given = {str(name): value for name, value in body.items() if value is not None}
    update = Update({**v2.as_body(function), "code": Inline(zip=code)}, {"source": function.source})
    for name, value in given.items():
        if name in _SERVED:
            _SERVED[name](update, value)
        elif name in UNSERVED:
            _leave_out(update, name, value)
        elif (name, value) != ("functionName", function.name):
            update.refuse(clipped(name), "is not a field of UpdateFunction")
    _follow(update, given, function)
    return update


def renamed(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems of a deployment in the words of this API."""
    found = list(problems)
    handlers = [p.given for p in found if p.field == "handler"]
    for problem in found:
        first, dot, rest = problem.field.partition(".")
        # without an initializer the entrypoint is the handler, and was not given
        if not (first == "entrypoint" and problem.given in handlers):
            yield dataclasses.replace(problem, field=NAMES.get(first, first) + dot + rest)


def _leave_out(update: Update, name: str, value: Any) -> None:
    if not (_is_nothing(value) or value == _NOTHING.get(name)):
        what = "the embedded Function Compute does not do this"
        update.unserved.append(Problem(name, what, given=shown("", value), hint="leave it out"))


def _is_nothing(value: Any) -> bool:
    """Empty all the way down, as tools write a setting that is to be cleared."""
    if isinstance(value, Mapping):
        return all(map(_is_nothing, value.values()))
    return value in ("", [], 0, False, None, "None")


# ---------------------------------------------------------------- fields


def _same(name: str) -> Callable[[Update, Any], None]:
    def take(update: Update, value: Any) -> None:
        update.body[name] = value

    return take


def _code(update: Update, value: Any) -> None:
    if not isinstance(value, Mapping):
        update.refuse("code", "is not an object")
        return
    if value.get("ossBucketName") or value.get("ossObjectName"):
        update.body |= {
            "code": None,
            "oss_bucket": value.get("ossBucketName"),
            "oss_object_key": value.get("ossObjectName"),
        }
        del update.own["source"]
        return
    try:
        raw = base64.b64decode(value["zipFile"], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        update.refuse("code", "has no zipFile in base64, and no object of OSS")
        return
    broken = sources.zip_problem(raw)
    if broken:
        update.refuse("code", broken)
    update.body["code"] = Inline(zip=raw) if len(raw) <= MAX_CODE_BYTES else None
    del update.own["source"]


def _vpc(update: Update, value: Any) -> None:
    names = {"vpcId": "vpc_id", "vSwitchIds": "vswitch_ids", "securityGroupId": "security_group_id"}
    if not isinstance(value, Mapping):
        update.refuse("vpcConfig", "is not an object", value)
    elif _is_nothing(value):
        update.body["vpc_config"] = None
    else:
        update.body["vpc_config"] = {names.get(str(n), str(n)): v for n, v in value.items()}


def _layers(update: Update, value: Any) -> None:
    arns = value if isinstance(value, list) else [value]
    update.body["layers"] = [{"name": arn} for arn in arns]


def _concurrency(update: Update, value: Any) -> None:
    update.own["instance_concurrency"] = value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_CONCURRENCY:
        update.refuse("instanceConcurrency", "is not such a number", value, f"1 to {MAX_CONCURRENCY}", "1")


def _cpu(update: Update, value: Any) -> None:
    update.own["cpu"] = value


def _disk(update: Update, value: Any) -> None:
    update.own["disk"] = value
    if isinstance(value, bool) or value not in fc3.DISKS_MB:
        allowed = " or ".join(map(str, fc3.DISKS_MB))
        update.refuse("diskSize", "is not such a size", value, f"{allowed} MB", str(fc3.DISKS_MB[0]))


def _internet(update: Update, value: Any) -> None:
    update.own["internet"] = value
    if not isinstance(value, bool):
        update.refuse("internetAccess", "is neither true nor false", value)


def _custom(update: Update, value: Any) -> None:
    """The whole field is replaced, as the one above: without a command the bootstrap file is run."""
    if not isinstance(value, Mapping):
        update.refuse("customRuntimeConfig", "is not an object", value)
        return
    try:
        command, update.own["custom"] = custom.read(value)
    except ValueError as error:
        update.refuse(
            "customRuntimeConfig", str(error), hint='{"command": ["python3", "app.py"], "port": 9000}'
        )
        return
    update.body["entrypoint"] = command


def _lifecycle(update: Update, value: Any) -> None:
    """The whole field is replaced: a hook that is not in it is gone. UNCONFIRMED for a region."""
    place = "instanceLifecycleConfig"
    if not isinstance(value, Mapping) or set(value) - {"initializer", "preStop"}:
        update.refuse(place, "is not an object with initializer and preStop")
        return
    first = _hook(update, f"{place}.initializer", value.get("initializer"), fc3.INITIALIZER_LIMIT_S)
    update.own["initializer_timeout"] = first.timeout if first else 0
    update.own["initialize"] = first.handler if first else ""
    update.own["pre_stop"] = _hook(update, f"{place}.preStop", value.get("preStop"), fc3.PRE_STOP_LIMIT_S)


def _hook(update: Update, place: str, value: Any, most: int) -> Hook | None:
    if _is_nothing(value):
        return None
    if not isinstance(value, Mapping) or set(value) - {"handler", "timeout", "command"}:
        update.refuse(place, "is not an object with handler and timeout")
        return None
    if value.get("command"):
        update.unserved.append(
            Problem(f"{place}.command", "is not run here", hint="handler, as file.function")
        )
    handler, timeout = value.get("handler"), value.get("timeout", most)
    if isinstance(timeout, bool) or not isinstance(timeout, int) or not 1 <= timeout <= most:
        update.refuse(f"{place}.timeout", "is not such a time", timeout, f"1 to {most} s", str(most))
        timeout = most
    if not isinstance(handler, str) or not 1 <= len(handler) <= 128:
        update.refuse(f"{place}.handler", "is no handler", handler, "file.function, 1 to 128 characters")
        return None
    return Hook(handler, timeout)


_SERVED: dict[str, Callable[[Update, Any], None]] = {
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
    "role": _same("role"),
    "runtime": _same("runtime"),
    "timeout": _same("timeout"),
    "vpcConfig": _vpc,
}


# ---------------------------------------------------------------- fields that depend on each other


def _follow(update: Update, given: Mapping[str, Any], function: Function) -> None:
    runtime = str(update.body["runtime"])
    if runtimes.is_custom(runtime):
        _start(update, given, function)
    else:
        _initializer(update, function)
        if not _is_nothing(given.get("customRuntimeConfig")):
            update.refuse(
                "customRuntimeConfig", f"is not for {runtime}", allowed="custom runtimes", hint="leave it out"
            )
        many = update.own.get("instance_concurrency", function.instance_concurrency)
        if isinstance(many, int) and many > 1:
            what = f"an instance of {runtime} serves one call at a time"
            update.refuse("instanceConcurrency", what, many, "1, or a custom runtime", "1")
    if "cpu" in update.own and isinstance(update.body["memory"], int):
        _fit_cpu(update, update.body["memory"])


def _start(update: Update, given: Mapping[str, Any], function: Function) -> None:
    """Of a custom runtime the entrypoint is a command; that of another runtime was none."""
    if "customRuntimeConfig" in given or not runtimes.is_custom(function.runtime):
        has_command = "custom" in update.own and update.body["entrypoint"]
        update.body["entrypoint"] = update.body["entrypoint"] if has_command else update.body["handler"]
    elif not function.command:
        update.body["entrypoint"] = update.body["handler"]


def _initializer(update: Update, function: Function) -> None:
    """Of a built-in runtime the entrypoint is the initializer, or the handler."""
    was = "" if runtimes.is_custom(function.runtime) else function.initializer
    update.body["entrypoint"] = update.own.pop("initialize", was) or update.body["handler"]
    update.own.pop("custom", None)


def _fit_cpu(update: Update, memory: int) -> None:
    given = update.own["cpu"]
    if wrong := fc3.cpu_problem(given, memory):
        allowed = f"0.05 to 16 in steps of 0.05, a quarter to all of the {memory / 1024:g} GB of memory"
        update.refuse("cpu", wrong, given, allowed, str(fc3.cpu_for(memory)))
    elif given == fc3.cpu_for(memory):
        update.own["cpu"] = 0.0
