"""One deployment in FC 3.0's words, and back: what the one-call API says in one body is a function, its triggers, and
routes of custom domains."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fc_magic.wire import custom, fc3, runtimes, triggers
from fc_magic.wire.results import LATEST, Function, Hook, Url
from fc_magic.wire.source import Image
from fc_magic.wire.spec import LAYER_ARN, Deployment, Layer, VpcConfig
from fc_magic.wire.triggers import Http, Oss, Trigger

CONTAINER = "custom-container"
#: a container's handler is never called, but FC wants one
PLACEHOLDER = "handler"
#: keys of a trigger that FC 3.0 has beside its config
_LIFTED = ("name", "description", "qualifier", "sourceArn", "invocationRole")
_NO_VPC = {"vpcId": "", "vSwitchIds": [], "securityGroupId": ""}


@dataclass(frozen=True)
class Address:
    """Where a custom domain leads to a function, and to which version or alias of it."""

    url: str
    qualifier: str = LATEST


# ---------------------------------------------------------------- deployment -> function


def encode(deployment: Deployment, code: Mapping[str, Any], layers: Iterable[str]) -> dict[str, Any]:
    """The body of CreateFunction. ``code``: where the ZIP is, in FC's keys; ``layers``: their ARNs."""
    body = {**_whole(deployment, None), "functionName": deployment.name, "layers": list(layers)}
    if code:
        body["code"] = dict(code)
    return {name: value for name, value in body.items() if value not in ({}, [], "", None, _NO_VPC)}


def encode_changes(
    deployment: Deployment, live: Function, code: Mapping[str, Any], layers: Iterable[str]
) -> dict[str, Any]:
    """The body of UpdateFunction: everything a deployment says, with FC's explicit empties for what it says nothing
    of; what a deployment has no field for is left out or as it is. Without ``code`` that stays."""
    body = {**_whole(deployment, live), "layers": list(layers)}
    return {**body, "code": dict(code)} if code else body


def _whole(deployment: Deployment, live: Function | None) -> dict[str, Any]:
    vpc, memory = deployment.vpc_config, deployment.memory
    cpu = live.cpu if live and live.cpu and not fc3.cpu_problem(live.cpu, memory) else fc3.cpu_for(memory)
    return {
        "description": deployment.description,
        "runtime": deployment.runtime,
        "handler": deployment.handler,
        "memorySize": memory,
        # the three together: what FC makes of one of them is not documented
        "cpu": cpu,
        "diskSize": live.disk if live else fc3.DISKS_MB[0],
        "timeout": deployment.timeout,
        "environmentVariables": dict(deployment.environment),
        "role": deployment.role,
        "vpcConfig": {
            "vpcId": vpc.vpc_id,
            "vSwitchIds": list(vpc.vswitch_ids),
            "securityGroupId": vpc.security_group_id,
        }
        if vpc
        else _NO_VPC,
        **_start(deployment, live),
    }


def _start(deployment: Deployment, live: Function | None) -> dict[str, Any]:
    """What the entrypoint is: the initializer, or the command of a custom runtime or container."""
    words = shlex.split(deployment.entrypoint) if deployment.entrypoint != deployment.handler else []
    if isinstance(deployment.code, Image):
        return {"customContainerConfig": _container(deployment.code, words)}
    if runtimes.is_custom(deployment.runtime):
        program = live.custom if live and runtimes.is_custom(live.runtime) else None
        return {"customRuntimeConfig": custom.encode(words, program)}
    hooks: dict[str, Any] = {}
    if words:
        initializer: dict[str, Any] = {"handler": deployment.entrypoint}
        hooks["initializer"] = {
            **initializer,
            "timeout": (live and live.initializer_timeout) or fc3.INITIALIZER_LIMIT_S,
        }
    if live and live.pre_stop:
        hooks["preStop"] = {"handler": live.pre_stop.handler, "timeout": live.pre_stop.timeout}
    return {"instanceLifecycleConfig": hooks}


_CONTAINER_KEYS = {
    "port": "port", "health_check": "healthCheckConfig", "healthCheckConfig": "healthCheckConfig",
    "registry": "registryConfig", "registryConfig": "registryConfig", "acrInstanceId": "acrInstanceId",
    "accelerationType": "accelerationType",
}  # fmt: skip


def _container(image: Image, words: list[str]) -> dict[str, Any]:
    given = dict(image.custom_container_config or {})
    url = (image.image_url or str(given.get("image") or "")).removeprefix("https://").removeprefix("http://")
    last = url.rpartition("/")[2]
    if image.image_tag and ":" not in last.partition("@")[0]:
        url += f":{image.image_tag}"
    if image.image_digest_value and "@" not in url:
        url += "@sha256:" + image.image_digest_value.removeprefix("sha256:")
    found: dict[str, Any] = {"image": url, "port": custom.PORT}
    found |= {_CONTAINER_KEYS[key]: value for key, value in given.items() if key in _CONTAINER_KEYS}
    if entrypoint := words or _argv(given.get("entrypoint") or given.get("command")):
        found["entrypoint"] = entrypoint
    arguments = given.get("args") or (given.get("command") if given.get("entrypoint") or words else None)
    if argv := _argv(arguments):
        found["command"] = argv
    return found


def _argv(given: Any) -> list[str]:
    return shlex.split(given) if isinstance(given, str) else [str(word) for word in given or ()]


# ---------------------------------------------------------------- function -> what is deployed


def decode(
    answer: Mapping[str, Any], called_by: Iterable[Mapping[str, Any]] = (), addresses: Iterable[Address] = ()
) -> Function:
    """A Function of FC 3.0 with its triggers, and where custom domains lead to it. Raises KeyError,
    TypeError or ValueError if it is none."""
    runtime, handler = answer["runtime"], answer["handler"]
    found, addresses = [dict(item) for item in called_by], list(addresses)
    hooks = answer.get("instanceLifecycleConfig") or {}
    first, last = hooks.get("initializer") or {}, hooks.get("preStop") or {}
    vpc, memory = answer.get("vpcConfig") or {}, answer["memorySize"]
    program = answer.get("customRuntimeConfig") or {}
    is_custom = runtimes.is_custom(runtime)
    cpu = answer.get("cpu") or 0.0
    return Function(
        name=answer["functionName"],
        region=(answer.get("functionArn") or ":::").split(":")[2],
        arn=answer.get("functionArn") or "",
        runtime=runtime,
        handler=handler,
        entrypoint=_entrypoint(answer) or handler,
        memory=memory,
        timeout=answer.get("timeout") or 3,
        role=answer.get("role") or "",
        description=answer.get("description") or "",
        environment=answer.get("environmentVariables") or {},
        vpc_config=VpcConfig.model_validate(_vpc(vpc)) if vpc.get("vpcId") else None,
        triggers=_with_address(triggers.named(map(decode_trigger, found)), addresses),
        trigger_ids={item["triggerName"]: item["triggerId"] for item in found if item.get("triggerId")},
        layers=layers_of(answer),
        layer_sizes=tuple(layer.get("size") or 0 for layer in answer.get("layers") or ()),
        instance_concurrency=answer.get("instanceConcurrency") or 1,
        initializer_timeout=0
        if first.get("timeout") == fc3.INITIALIZER_LIMIT_S
        else first.get("timeout") or 0,
        pre_stop=Hook(last["handler"], last.get("timeout") or fc3.PRE_STOP_LIMIT_S)
        if last.get("handler")
        else None,
        cpu=0.0 if cpu == fc3.cpu_for(memory) else cpu,
        disk=answer.get("diskSize") or fc3.DISKS_MB[0],
        internet=answer.get("internetAccess") is not False,
        initialize=(first.get("handler") or "") if is_custom else "",
        custom=custom.read(program)[1] if is_custom and program else None,
        state=answer.get("state") or "Active",
        version=str(answer.get("version", LATEST)),
        function_id=answer.get("functionId") or "",
        code_checksum=str(answer.get("codeChecksum") or ""),
        code_size=answer.get("codeSize") or 0,
        created_time=answer.get("createdTime") or "",
        last_modified_time=answer.get("lastModifiedTime") or "",
        urls=tuple(_urls(found, addresses)),
        warnings=tuple(answer.get("warnings") or ()),
    )


def _entrypoint(answer: Mapping[str, Any]) -> str:
    if runtimes.is_custom(answer["runtime"]):
        program = answer.get("customRuntimeConfig") or {}
        return shlex.join([*(program.get("command") or ()), *(program.get("args") or ())])
    if answer["runtime"] == CONTAINER:
        return shlex.join((answer.get("customContainerConfig") or {}).get("entrypoint") or ())
    hooks = answer.get("instanceLifecycleConfig") or {}
    return str((hooks.get("initializer") or {}).get("handler") or "")


def _vpc(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "vpc_id": given["vpcId"],
        "vswitch_ids": given.get("vSwitchIds"),
        "security_group_id": given.get("securityGroupId"),
    }


# ---------------------------------------------------------------- triggers


def encode_trigger(trigger: Trigger) -> dict[str, Any]:
    """The body of CreateTrigger."""
    config = {"qualifier": trigger.qualifier, **trigger.config()}
    if isinstance(trigger, Oss):
        config["invocationRole"] = trigger.invocation_role
    if isinstance(trigger, Http):
        config.pop("url", None)  # that is a custom domain
        config.setdefault("authType", trigger.auth_type)
        config.setdefault("methods", list(trigger.methods or triggers.METHODS))
    lifted = {name: config.pop(name) for name in _LIFTED if config.get(name)}
    body = {
        "triggerName": lifted.pop("name", None) or trigger.name,
        "triggerType": trigger.type,
        "triggerConfig": json.dumps(config, ensure_ascii=False, sort_keys=True),
    }
    return {**body, **lifted}


def decode_trigger(item: Mapping[str, Any]) -> Trigger:
    """A Trigger of FC 3.0. Raises KeyError or ValueError if it is none."""
    text = item.get("triggerConfig") or "{}"
    config = dict(json.loads(text) if isinstance(text, str) else text)
    kind = item["triggerType"]
    if kind == "http" and set(config.get("methods") or ()) >= set(triggers.METHODS):
        del config["methods"]  # all is what a trigger without any has
    lifted = {key: item.get(key) for key in ("description", "qualifier", "sourceArn", "invocationRole")}
    if kind in ("http", "timer"):
        lifted = {key: lifted[key] for key in ("description", "qualifier")}
    lifted = {key: value for key, value in lifted.items() if value}
    try:
        return triggers.from_config(kind, {**config, **lifted, "name": item["triggerName"]})
    except ValueError:
        # a cloud may know more than we do: what it has is shown as it is
        return triggers.Other.model_validate({**config, **lifted, "type": kind, "name": item["triggerName"]})


def _with_address(found: tuple[Trigger, ...], addresses: Iterable[Address]) -> tuple[Trigger, ...]:
    """A custom domain that leads to the function is the ``url`` of the http trigger that has its qualifier."""
    urls: dict[str, str] = {}
    for one in addresses:
        urls.setdefault(one.qualifier, one.url)
    return tuple(
        t.model_copy(update={"url": urls[t.qualifier]})
        if isinstance(t, Http) and not t.url and t.qualifier in urls
        else t
        for t in found
    )


def _urls(found: Iterable[Mapping[str, Any]], addresses: Iterable[Address]) -> Iterable[Url]:
    http = [item for item in found if item.get("triggerType") == "http"]
    for item in http:
        if url := (item.get("httpTrigger") or {}).get("urlInternet"):
            yield Url(item["triggerName"], url)
    names = {item.get("qualifier") or LATEST: item["triggerName"] for item in http}
    for one in addresses:
        yield Url(names.get(one.qualifier, ""), one.url)


# ---------------------------------------------------------------- layers and addresses


def layer_arn(layer: Layer, region: str, account_id: str) -> str:
    """Of a layer whose version is a number. ``official:NAME`` is one of Function Compute's own."""
    if layer.name.startswith("acs:"):
        return layer.name
    owner, sign, name = layer.name.rpartition(":")
    return f"acs:fc:{region}:{owner if sign else account_id}:layers/{name}/versions/{layer.version}"


def layers_of(answer: Mapping[str, Any]) -> tuple[Layer, ...]:
    return tuple(decode_layer(layer["arn"], answer) for layer in answer.get("layers") or ())


def decode_layer(arn: str, answer: Mapping[str, Any]) -> Layer:
    """By name and number if it is of the function's own account and region, else by its ARN."""
    found = LAYER_ARN.fullmatch(arn)
    if found is None:
        return Layer.model_construct(name=arn)
    here = (answer.get("functionArn") or ":::::").split(":")[2:4]
    return Layer(name=found[3] if [found[1], found[2]] == here else arn, version=found[4])


# ---------------------------------------------------------------- back to what a version had

#: what UpdateFunction can set -> FC's way to say nothing
EMPTY: Mapping[str, Any] = {
    "customContainerConfig": {}, "customDNS": {}, "customRuntimeConfig": {}, "description": "",
    "environmentVariables": {}, "gpuConfig": {}, "instanceLifecycleConfig": {}, "juiceFsConfig": {}, "layers": [],
    "logConfig": {
        "project": "", "logstore": "", "enableInstanceMetrics": False, "enableRequestMetrics": False,
        "logBeginRule": "None",
    },
    "nasConfig": {"userId": 0, "groupId": 0, "mountPoints": []}, "ossMountConfig": {"mountPoints": []},
    "polarFsConfig": {}, "role": "", "tracingConfig": {}, "vpcConfig": _NO_VPC,
}  # fmt: skip
_PLAIN = (
    "cpu", "disableInjectCredentials", "diskSize", "handler", "idleTimeout", "instanceConcurrency",
    "instanceIsolationMode", "internetAccess", "memorySize", "runtime", "sessionAffinity", "sessionAffinityConfig",
    "timeout",
)  # fmt: skip


def restored(version: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The body of UpdateFunction that makes a function what a version of it is, but for its code."""
    body = {key: version[key] for key in (*_PLAIN, *EMPTY) if version.get(key) is not None}
    if "customContainerConfig" in body:
        told = ("resolvedImageUri", "accelerationInfo")  # which only answers have
        body["customContainerConfig"] = {
            k: v for k, v in body["customContainerConfig"].items() if k not in told
        }
    if "layers" in body:
        body["layers"] = [layer["arn"] if isinstance(layer, Mapping) else layer for layer in body["layers"]]
    return {**{key: EMPTY[key] for key in EMPTY if now.get(key) and key not in body}, **body}
