"""``terraform``: the function, its triggers and its domain as resources of the provider aliyun/alicloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fc_magic.export import beside, hcl
from fc_magic.export.described import Described
from fc_magic.export.hcl import Block, Expression, Json
from fc_magic.export.live import Domain
from fc_magic.export.result import Export
from fc_magic.export.secrets import notes

#: the first version with the resources of FC 3.0
PROVIDER = ">= 1.228.0"
_HEALTH = {
    "failureThreshold": "failure_threshold", "httpGetUrl": "http_get_url", "periodSeconds": "period_seconds",
    "initialDelaySeconds": "initial_delay_seconds", "successThreshold": "success_threshold",
    "timeoutSeconds": "timeout_seconds",
}  # fmt: skip
_HOOK = {"handler": "handler", "timeout": "timeout"}
#: a setting of FC 3.0 -> the argument of alicloud_fcv3_function; a table is a block, in a list one for each item
ARGUMENTS: Mapping[str, Any] = {
    "description": "description",
    "runtime": "runtime",
    "handler": "handler",
    "memorySize": "memory_size",
    "cpu": "cpu",
    "diskSize": "disk_size",
    "timeout": "timeout",
    "instanceConcurrency": "instance_concurrency",
    "internetAccess": "internet_access",
    "environmentVariables": "environment_variables",
    "layers": "layers",
    "role": "role",
    "idleTimeout": "idle_timeout",
    "instanceIsolationMode": "instance_isolation_mode",
    "resourceGroupId": "resource_group_id",
    "sessionAffinity": "session_affinity",
    "sessionAffinityConfig": "session_affinity_config",
    "tags": "tags",
    "customRuntimeConfig": {
        "": "custom_runtime_config", "command": "command", "args": "args", "port": "port",
        "healthCheckConfig": {"": "health_check_config", **_HEALTH},
    },
    "customContainerConfig": {
        "": "custom_container_config", "image": "image", "port": "port", "command": "command",
        "entrypoint": "entrypoint", "acrInstanceId": "acr_instance_id", "accelerationType": "acceleration_type",
        "healthCheckConfig": {"": "health_check_config", **_HEALTH},
    },
    "instanceLifecycleConfig": {
        "": "instance_lifecycle_config",
        "initializer": {"": "initializer", **_HOOK, "command": "command"},
        "preStop": {"": "pre_stop", **_HOOK},
    },
    "vpcConfig": {
        "": "vpc_config", "vpcId": "vpc_id", "vSwitchIds": "vswitch_ids", "securityGroupId": "security_group_id",
    },
    "logConfig": {
        "": "log_config", "project": "project", "logstore": "logstore", "logBeginRule": "log_begin_rule",
        "enableInstanceMetrics": "enable_instance_metrics", "enableRequestMetrics": "enable_request_metrics",
    },
    "nasConfig": {
        "": "nas_config", "userId": "user_id", "groupId": "group_id",
        "mountPoints": {
            "": "mount_points", "serverAddr": "server_addr", "mountDir": "mount_dir", "enableTLS": "enable_tls",
        },
    },
    "ossMountConfig": {
        "": "oss_mount_config",
        "mountPoints": {
            "": "mount_points", "bucketName": "bucket_name", "bucketPath": "bucket_path", "endpoint": "endpoint",
            "mountDir": "mount_dir", "readOnly": "read_only",
        },
    },
    "gpuConfig": {"": "gpu_config", "gpuType": "gpu_type", "gpuMemorySize": "gpu_memory_size"},
    "customDNS": {
        "": "custom_dns", "nameServers": "name_servers", "searches": "searches",
        "dnsOptions": {"": "dns_options", "name": "name", "value": "value"},
    },
}  # fmt: skip
#: what stands beside the function -> its resource and the arguments of that
_BESIDE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    beside.CONCURRENCY: (
        "alicloud_fcv3_concurrency_config", {"reservedConcurrency": "reserved_concurrency"},
    ),
    beside.ASYNC: (
        "alicloud_fcv3_async_invoke_config",
        {
            "asyncTask": "async_task",
            "maxAsyncEventAgeInSeconds": "max_async_event_age_in_seconds",
            "maxAsyncRetryAttempts": "max_async_retry_attempts",
            "destinationConfig": {
                "": "destination_config",
                "onFailure": {"": "on_failure", "destination": "destination"},
                "onSuccess": {"": "on_success", "destination": "destination"},
            },
        },
    ),
}  # fmt: skip
_FUNCTION = Expression("alicloud_fcv3_function.this.function_name")


def as_module(described: Described) -> Export:
    said: list[str] = []
    text = "\n\n".join(hcl.block(block) for block in _blocks(described, said)) + "\n"
    files = {"main.tf": text.encode()}
    if described.code is not None:
        files["code.zip"] = described.code
    return Export(
        described.name,
        "terraform",
        files,
        home=f"{described.name}-terraform",
        notes=(
            *notes(described.secrets, "variables (TF_VAR_…)"),
            *said,
            *beside.notes(described.live, (beside.ASYNC, beside.CONCURRENCY)),
            *described.notes,
        ),
        step="cd {place} && terraform init && terraform apply",
        private=described.with_secrets,
    )


def _blocks(described: Described, said: list[str]) -> Iterator[Block]:
    source = {"source": "aliyun/alicloud", "version": PROVIDER}
    yield Block("terraform", {}, [Block("required_providers", {"alicloud": _bare(source)})])
    yield Block('provider "alicloud"', {"region": described.live.region})
    for secret in described.secrets:
        attributes = {"description": secret.place, "type": Expression("string"), "sensitive": True}
        yield Block(f"variable {hcl.quoted(hcl.variable(secret))}", attributes)
    yield _function(described, said)
    for trigger in described.triggers:
        yield _trigger(trigger)
    for kind, (resource, names) in _BESIDE.items():
        if kind in described.live.beside:
            attributes, blocks = _parts(described.live.beside[kind], names, f"{kind}.", said)
            yield Block(f'resource "{resource}" "this"', {"function_name": _FUNCTION, **attributes}, blocks)
    if described.domain:
        yield _domain(described.domain, said)


def _bare(given: Mapping[str, str]) -> Expression:
    """An object whose keys need no quotes, as the documentation writes it."""
    width = max(map(len, given))
    lines = [f"      {key:<{width}} = {hcl.quoted(text)}" for key, text in given.items()]
    return Expression("\n".join(["{", *lines, "    }"]))


def _function(described: Described, said: list[str]) -> Block:
    settings = {key: value for key, value in described.settings.items() if key != "functionName"}
    if settings.get("tags"):
        settings["tags"] = {tag.get("Key"): tag.get("Value") for tag in settings["tags"]}
    attributes, blocks = _parts(settings, ARGUMENTS, "", said)
    code = []
    if described.code is not None:
        package = {
            "zip_file": Expression('filebase64("${path.module}/code.zip")'),
            "checksum": described.checksum,
        }
        code.append(Block("code", package))
    return Block(
        'resource "alicloud_fcv3_function" "this"',
        {"function_name": described.name, **attributes},
        [*blocks, *code],
    )


def _parts(
    given: Mapping[str, Any], names: Mapping[str, Any], place: str, said: list[str]
) -> tuple[dict[str, Any], list[Block]]:
    """Attributes and blocks of what is known by ``names``; what is not is told."""
    attributes: dict[str, Any] = {}
    blocks: list[Block] = []
    for key in sorted(given, key=lambda key: list(names).index(key) if key in names else -1):
        known, value = names.get(key), given[key]
        if known is None:
            said.append(f"the provider has no argument for {place}{key}: set it by itself")
        elif isinstance(known, str):
            attributes[known] = value
        else:
            for item in value if isinstance(value, list) else [value]:
                inner = _parts(item, known, f"{place}{key}.", said)
                if any(inner):
                    blocks.append(Block(known[""], *inner))
    return attributes, blocks


def _trigger(trigger: Mapping[str, Any]) -> Block:
    name = str(trigger["triggerName"])
    attributes = {
        "function_name": _FUNCTION,
        "trigger_name": name,
        "trigger_type": trigger["triggerType"],
        "qualifier": trigger["qualifier"],
        "description": trigger.get("description"),
        "source_arn": trigger.get("sourceArn"),
        "invocation_role": trigger.get("invocationRole"),
        "trigger_config": Json(trigger["triggerConfig"]),
    }
    label = hcl.quoted(re.sub(r"[^A-Za-z0-9_-]", "_", name))
    return Block(
        f'resource "alicloud_fcv3_trigger" {label}', {k: v for k, v in attributes.items() if v is not None}
    )


def _domain(domain: Domain, said: list[str]) -> Block:
    if "HTTPS" in domain.protocol:
        said.append(f"{domain.host} is asked by https: add its cert_config")
    auth: dict[str, Any] = {"auth_type": domain.auth["authType"]}
    if domain.auth.get("authInfo"):
        auth["auth_info"] = Json(domain.auth["authInfo"])
    blocks = [Block("auth_config", auth)]
    if domain.cors:
        snake = {re.sub(r"([A-Z])", r"_\1", key).lower(): value for key, value in domain.cors.items()}
        blocks.append(Block("cors_config", snake))
    route = {"path": domain.path, "function_name": _FUNCTION, "qualifier": domain.qualifier}
    blocks.append(Block("route_config", {}, [Block("routes", route)]))
    head = 'resource "alicloud_fcv3_custom_domain" "this"'
    return Block(head, {"custom_domain_name": domain.host, "protocol": domain.protocol}, blocks)
