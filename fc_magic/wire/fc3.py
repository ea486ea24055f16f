"""The FC 3.0 spelling: functions and invocations <-> JSON and X-Fc-* headers of ``/2023-03-30/…``."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import Any

from fc_magic.wire.results import Function, Invocation

VERSION = "2023-03-30"
DISK_MB = 512
#: FC lets it be set apart from the function's own time-out, up to this many seconds; the deployments API has no field
INITIALIZER_LIMIT_S = 300


def functions_path(name: str = "") -> str:
    from fc_magic.wire.signature import percent

    return f"/{VERSION}/functions" + (f"/{percent(name)}" if name else "")


def cpu_for(memory_mb: int) -> float:
    """vCPU for a memory size: 0.7 a GB in steps of 0.05, within FC's ratio of 1:1 to 1:4 and at most 16."""
    want = round(memory_mb * 70 / 1024 / 5) * 5
    low = math.ceil(memory_mb * 100 / 4096 / 5) * 5
    high = (memory_mb * 100 // 1024) // 5 * 5
    return max(low, min(high, want, 1600)) / 100


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
        "cpu": cpu_for(function.memory),
        "diskSize": DISK_MB,
        "timeout": function.timeout,
        "instanceConcurrency": 1,
        "internetAccess": True,
        "environmentVariables": dict(function.environment),
        "layers": _layers(function),
        "role": function.role,
        "codeSize": function.code_size,
        "codeChecksum": function.code_checksum,
        "createdTime": function.created_time,
        "lastModifiedTime": function.last_modified_time,
    }
    if function.initializer:
        hook = {"handler": function.initializer, "timeout": INITIALIZER_LIMIT_S}
        answer["instanceLifecycleConfig"] = {"initializer": hook}
    if function.vpc_config:
        vpc = function.vpc_config
        answer["vpcConfig"] = {
            "vpcId": vpc.vpc_id,
            "vSwitchIds": list(vpc.vswitch_ids),
            "securityGroupId": vpc.security_group_id,
        }
    if not listed:
        answer |= {"state": function.state, "lastUpdateStatus": "Successful"}
    return answer


def _layers(function: Function) -> list[dict[str, Any]]:
    """Objects in answers, although a request has bare ARNs."""
    owner = function.arn.partition(":functions/")[0]
    sizes = function.layer_sizes or (0,) * len(function.layers)
    return [
        {"arn": f"{owner}:layers/{layer.name}/versions/{layer.version}", "size": size}
        for layer, size in zip(function.layers, sizes, strict=False)
    ]


def encode_invocation(invocation: Invocation, with_log: bool) -> dict[str, str]:
    """The headers of an invocation's answer; its body is the payload as it is."""
    headers = {
        "X-Fc-Request-Id": invocation.request_id,
        "X-Fc-Invocation-Duration": f"{invocation.duration_ms:.2f}",
        "X-Fc-Max-Memory-Usage": f"{invocation.memory_mb:.2f}",
        "X-Fc-Instance-Id": invocation.instance_id,
        "X-Fc-Code-Checksum": invocation.code_checksum,
        "X-Fc-Invocation-Service-Version": "LATEST",
        # ours: no document has them; other clients ignore what they do not know
        "X-Fc-Cold-Start-Duration": f"{invocation.cold_ms:.2f}",
        "X-Fc-Memory-Limit": str(invocation.memory_limit_mb),
    }
    if invocation.error_type:
        headers["X-Fc-Error-Type"] = invocation.error_type
    if with_log:
        headers["X-Fc-Log-Result"] = base64.b64encode(_tail(invocation.log)).decode()
    return headers


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
    )


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _tail(text: str) -> bytes:
    """The last 4 KB, beginning at a character."""
    return text.encode()[-4096:].decode(errors="ignore").encode()
