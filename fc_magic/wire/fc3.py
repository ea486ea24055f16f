"""The FC 3.0 spelling: functions, instances and invocations <-> JSON and X-Fc-* headers of ``/2023-03-30/…``."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from fc_magic.wire import behind, custom, runtimes, tags
from fc_magic.wire.results import LATEST, TAIL_BYTES, Function, Hook, Instance, Invocation

VERSION = "2023-03-30"
#: of an instance's disk, the first by default
DISKS_MB = (512, 10240)
#: FC lets it be set apart from the function's own time-out, up to this many seconds; the deployments API has no field
INITIALIZER_LIMIT_S = 300
PRE_STOP_LIMIT_S = 90
#: what ListInstances says of an instance: a state of ours -> FC's word
STATUS = {"starting": "Running", "idle": "Running", "busy": "Running", "draining": "Terminating"}
STATUSES = ("Running", "Terminating", "Destroyed")


def functions_path(name: str = "") -> str:
    from fc_magic.wire.signature import percent

    return f"/{VERSION}/functions" + (f"/{percent(name)}" if name else "")


def cpu_for(memory_mb: int) -> float:
    """vCPU for a memory size: 0.7 a GB in steps of 0.05, within FC's ratio of 1:1 to 1:4 and at most 16."""
    want = round(memory_mb * 70 / 1024 / 5) * 5
    low = math.ceil(memory_mb * 100 / 4096 / 5) * 5
    high = (memory_mb * 100 // 1024) // 5 * 5
    return max(low, min(high, want, 1600)) / 100


def cpu_problem(cpu: Any, memory_mb: int) -> str:
    """Why a function of this memory cannot have ``cpu``; nothing if it can."""
    if isinstance(cpu, bool) or not isinstance(cpu, int | float) or not 0.05 <= cpu <= 16:
        return "is not such a number"
    if abs(cpu * 20 - round(cpu * 20)) > 1e-6:
        return "is no multiple of 0.05"
    return (
        ""
        if cpu <= memory_mb / 1024 + 1e-6 and memory_mb / 1024 <= 4 * cpu + 1e-6
        else "does not fit the memory"
    )


def encode_function(function: Function, listed: bool = False) -> dict[str, Any]:
    """A function as Get answers it; as an item of a list it has no state."""
    answer: dict[str, Any] = {
        "functionArn": function.arn,
        "functionId": function.function_id,
        "functionName": function.name,
        "description": function.description,
        "runtime": function.runtime,
        "handler": function.handler,
        "memorySize": function.memory,
        "cpu": function.cpu or cpu_for(function.memory),
        "diskSize": function.disk,
        "timeout": function.timeout,
        "instanceConcurrency": function.instance_concurrency,
        "internetAccess": function.internet,
        "environmentVariables": dict(function.environment),
        "layers": _layers(function),
        "role": function.role,
        "codeSize": function.code_size,
        "codeChecksum": function.code_checksum,
        "createdTime": function.created_time,
        "lastModifiedTime": function.last_modified_time,
    }
    if runtimes.is_custom(function.runtime):
        answer["customRuntimeConfig"] = custom.encode(function.command, function.custom)
    if hooks := _hooks(function):
        answer["instanceLifecycleConfig"] = hooks
    if function.vpc_config:
        vpc = function.vpc_config
        answer["vpcConfig"] = {
            "vpcId": vpc.vpc_id,
            "vSwitchIds": list(vpc.vswitch_ids),
            "securityGroupId": vpc.security_group_id,
        }
    kept = dict(function.kept)
    if more := kept.pop("vpcConfig", None):
        answer.get("vpcConfig", {}).update(more)
    answer |= {**kept, **_beside(function)}
    if not listed:
        # the version is ours: other clients ignore what they do not know
        answer |= {"state": function.state, "lastUpdateStatus": "Successful", "version": function.version}
        answer |= {"warnings": list(function.warnings)} if function.warnings else {}
    return answer


def _beside(function: Function) -> dict[str, Any]:
    """What changes without the function."""
    found = {
        "tags": tags.encode(function.tags),
        "resourceGroupId": function.group,
        "invocationRestriction": function.restriction,
    }
    return {name: value for name, value in found.items() if value}


def _layers(function: Function) -> list[dict[str, Any]]:
    """Objects in answers, although a request has bare ARNs."""
    owner = function.arn.partition(":functions/")[0]
    sizes = function.layer_sizes or (0,) * len(function.layers)
    return [
        {"arn": f"{owner}:layers/{layer.name}/versions/{layer.version}", "size": size}
        for layer, size in zip(function.layers, sizes, strict=False)
    ]


def _hooks(function: Function) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if function.initializer:
        timeout = function.initializer_timeout or INITIALIZER_LIMIT_S
        found["initializer"] = {"handler": function.initializer, "timeout": timeout}
    if function.pre_stop:
        found["preStop"] = dataclasses.asdict(function.pre_stop)
    return found


# ---------------------------------------------------------------- what only this API can set


OWN = (
    "instance_concurrency", "initializer_timeout", "pre_stop", "cpu", "disk", "internet", "initialize", "custom",
    "kept",
)  # fmt: skip


def own(function: Function) -> dict[str, Any]:
    """What a deployment has no field for, by attribute: a new deployment leaves it as it is."""
    return {name: getattr(function, name) for name in OWN}


def with_own(function: Function, values: Mapping[str, Any]) -> Function:
    """As far as it still fits: another runtime, or other memory, may have come with a deployment."""
    values = dict(values)
    if not runtimes.is_custom(function.runtime):
        values |= {"instance_concurrency": 1, "initialize": "", "custom": None}
    if values.get("cpu") and cpu_problem(values["cpu"], function.memory):
        values["cpu"] = 0.0
    return function.having(**values)


def keep_own(function: Function) -> dict[str, Any]:
    """The same as JSON has it."""
    hook, program = function.pre_stop, function.custom
    return {
        **own(function),
        "pre_stop": dataclasses.asdict(hook) if hook else None,
        "custom": program.model_dump(mode="json") if program else None,
    }


def kept_own(kept: Mapping[str, Any] | None) -> dict[str, Any]:
    values = dict(kept or {})
    if values.get("pre_stop"):
        values["pre_stop"] = Hook(**values["pre_stop"])
    if values.get("custom"):
        values["custom"] = custom.Custom.model_validate(values["custom"])
    return values


# ---------------------------------------------------------------- instances


def encode_instance(instance: Instance) -> dict[str, Any]:
    """As an item of ListInstances, and what FC does not say in keys that its clients ignore."""
    created = datetime.fromisoformat(instance.created_time.replace("Z", "+00:00"))
    return {
        "instanceId": instance.instance_id,
        "createdTimeMs": round(created.timestamp() * 1000),
        "qualifier": instance.qualifier,
        "versionId": "0" if instance.qualifier == LATEST else instance.qualifier,
        "status": STATUS[instance.state],
        "state": instance.state,
        "functionVersion": instance.version,
        "functionRevision": instance.revision,
        "ageSeconds": round(instance.age_s, 3),
        "calls": instance.calls,
        "memoryMB": instance.memory_mb,
    }


def decode_instance(name: str, item: Mapping[str, Any]) -> Instance:
    """What any Function Compute says of an instance."""
    created = item.get("createdTimeMs")
    at = datetime.fromtimestamp(created / 1000, timezone.utc) if created else None
    age = (datetime.now(timezone.utc) - at).total_seconds() if at else 0.0
    return Instance(
        function=name,
        instance_id=item["instanceId"],
        state=item.get("state") or str(item.get("status") or "").lower(),
        version=str(item.get("functionVersion") or item.get("versionId") or ""),
        qualifier=str(item.get("qualifier") or LATEST),
        revision=item.get("functionRevision") or 0,
        created_time=at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else "",
        age_s=item.get("ageSeconds", age),
        calls=item.get("calls"),
        memory_mb=item.get("memoryMB"),
    )


# ---------------------------------------------------------------- invocations


def encode_invocation(invocation: Invocation, with_log: bool) -> dict[str, str]:
    """The headers of an invocation's answer; its body is the payload as it is."""
    headers = {
        "X-Fc-Request-Id": invocation.request_id,
        "X-Fc-Invocation-Duration": f"{invocation.duration_ms:.2f}",
        "X-Fc-Max-Memory-Usage": f"{invocation.memory_mb:.2f}",
        "X-Fc-Instance-Id": invocation.instance_id,
        "X-Fc-Code-Checksum": invocation.code_checksum,
        "X-Fc-Invocation-Service-Version": invocation.version or LATEST,
        # ours: no document has them; other clients ignore what they do not know
        "X-Fc-Cold-Start-Duration": f"{invocation.cold_ms:.2f}",
        "X-Fc-Memory-Limit": str(invocation.memory_limit_mb),
    }
    if invocation.error_type:
        headers["X-Fc-Error-Type"] = invocation.error_type
    if invocation.behind:
        headers["X-Fc-Error-Behind"] = behind.encode(invocation.behind)
    if with_log:
        headers["X-Fc-Log-Result"] = _log_result(invocation.log)
    return headers


def encode_lines(
    request_id: str, instance_id: str, function: Function, size: int, ms: float, memory_mb: float, more: str
) -> str:
    """The same of a warm call that went well, ``more``, and what its body is, as lines of a head: all in one piece,
    because each takes time."""
    return (
        f"x-fc-request-id: {request_id}\r\n"
        f"x-fc-invocation-duration: {ms:.2f}\r\n"
        f"x-fc-max-memory-usage: {memory_mb:.2f}\r\n"
        f"x-fc-instance-id: {instance_id}\r\n"
        f"x-fc-code-checksum: {function.code_checksum}\r\n"
        "x-fc-invocation-service-version: LATEST\r\n"
        "x-fc-cold-start-duration: 0.00\r\n"
        f"x-fc-memory-limit: {function.memory}\r\n{more}"
        "content-type: application/octet-stream\r\n"
        f"content-length: {size}\r\n"
    )


def encode_log(log: str) -> str:
    """A line of the head."""
    return f"x-fc-log-result: {_log_result(log)}\r\n"


def _log_result(log: str) -> str:
    return base64.b64encode(_tail(log)).decode()


def decode_invocation(name: str, headers: Mapping[str, str], payload: bytes) -> Invocation:
    """What any Function Compute answered; headers it does not send leave their field at its default."""
    log = headers.get("X-Fc-Log-Result", "")
    return Invocation(
        function=name,
        request_id=headers.get("X-Fc-Request-Id", ""),
        payload=payload,
        error_type=headers.get("X-Fc-Error-Type", ""),
        log=base64.b64decode(log).decode(errors="replace") if log else "",
        duration_ms=_number(headers.get("X-Fc-Invocation-Duration")),
        cold_ms=_number(headers.get("X-Fc-Cold-Start-Duration")),
        memory_mb=_number(headers.get("X-Fc-Max-Memory-Usage")),
        memory_limit_mb=int(_number(headers.get("X-Fc-Memory-Limit"))),
        instance_id=headers.get("X-Fc-Instance-Id", ""),
        version=headers.get("X-Fc-Invocation-Service-Version", ""),
        code_checksum=headers.get("X-Fc-Code-Checksum", ""),
        content_type=headers.get("Content-Type", "application/octet-stream"),
        behind=behind.decode(headers.get("X-Fc-Error-Behind", "")),
    )


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _tail(text: str) -> bytes:
    """The last 4 KB, beginning at a character."""
    return text.encode()[-TAIL_BYTES:].decode(errors="ignore").encode()
