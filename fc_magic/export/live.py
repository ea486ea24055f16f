"""A function as it is deployed, in the two ways it can be said: one body, or a function, triggers and a domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from fc_magic.wire import triggers, v2
from fc_magic.wire.results import Function
from fc_magic.wire.triggers import Http, Oss, Timer, Trigger

CONTAINER = "custom-container"
#: what GetFunction says of a function that nobody can set
READ_ONLY = frozenset({
    "codeChecksum", "codeSize", "createdTime", "functionArn", "functionId", "invocationRestriction",
    "lastModifiedTime", "lastUpdateStatus", "lastUpdateStatusReason", "lastUpdateStatusReasonCode", "lockInfo",
    "requestId", "state", "stateReason", "stateReasonCode", "useSLRAuthentication", "version", "warnings",
})  # fmt: skip
_READ_ONLY_INSIDE = ("resolvedImageUri", "accelerationInfo")
#: what stands for "none" where a tool has written all it knows
_NOTHING = {"disableInjectCredentials": "None", "instanceIsolationMode": "SHARE", "sessionAffinity": "NONE"}
#: keys of a trigger that FC 3.0 has beside its config
_LIFTED = ("name", "description", "qualifier", "sourceArn", "invocationRole")


@dataclass(frozen=True)
class Live:
    """``settings`` are those of FC 3.0's CreateFunction, without code; ``code`` is the ZIP, or None of a container.
    ``endpoint`` is where the deployments API is, ``here`` says that it is one of this machine."""

    function: Function
    settings: Mapping[str, Any] = field(repr=False)
    code: bytes | None = field(repr=False)
    region: str
    account_id: str
    endpoint: str
    here: bool = False
    #: what stands beside it, by kind: see ``beside``
    beside: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.function.name


def settings(answer: Mapping[str, Any]) -> dict[str, Any]:
    """GetFunction's answer -> what CreateFunction would be told, without what says nothing."""
    found = {key: _plain(value) for key, value in answer.items() if key not in READ_ONLY}
    if found.get("layers"):
        found["layers"] = [layer["arn"] if isinstance(layer, dict) else layer for layer in found["layers"]]
    return {
        key: value for key, value in found.items() if not _is_nothing(value) and value != _NOTHING.get(key)
    }


def _plain(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: _plain(inner) for key, inner in value.items() if key not in _READ_ONLY_INSIDE}


def _is_nothing(value: Any) -> bool:
    """Empty all the way down; ``false`` and ``0`` of their own say something."""
    if isinstance(value, Mapping):
        return all(_is_nothing(inner) or inner in (0, False, "None") for inner in value.values())
    return value in (None, "") or value == []


def body(live: Live) -> dict[str, Any]:
    """The body of the deployments API, but for code, layers and triggers as they are there."""
    found = v2.as_body(live.function)
    return {key: value for key, value in found.items() if value is not None}


# ---------------------------------------------------------------- triggers and the domain


def explicit(trigger: Trigger) -> dict[str, Any]:
    """The config of a trigger with what is a default here and may be another one there."""
    config = trigger.config()
    if isinstance(trigger, Http):
        return {**config, "authType": trigger.auth_type, "methods": list(trigger.methods or triggers.METHODS)}
    if isinstance(trigger, Timer):
        return {**config, "enable": trigger.enable}
    if isinstance(trigger, Oss):
        key = {"prefix": trigger.filter.key.prefix, "suffix": trigger.filter.key.suffix}
        return {**config, "filter": {"key": key}, "invocationRole": trigger.invocation_role}
    return config


def trigger(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """A trigger in FC 3.0's words; ``triggerConfig`` is an object, and has no address of a custom domain."""
    inner = {key: value for key, value in config.items() if key not in (*_LIFTED, "url")}
    if not inner.get("corsConfig"):
        inner.pop("corsConfig", None)
    lifted = {key: config[key] for key in _LIFTED[1:] if config.get(key)}
    return {
        "triggerName": config["name"],
        "triggerType": kind,
        "qualifier": "LATEST",
        **lifted,
        "triggerConfig": inner,
    }


@dataclass(frozen=True)
class Domain:
    """Where an http trigger's ``url`` leads, as FC 3.0's custom domain has it."""

    host: str
    path: str
    protocol: str
    auth: Mapping[str, Any]
    cors: Mapping[str, Any]
    qualifier: str = "LATEST"


def domain(config: Mapping[str, Any]) -> Domain | None:
    """The custom domain of an http trigger with a ``url``. It asks for itself who may call."""
    if not config.get("url"):
        return None
    parts = urlsplit(config["url"])
    auth: dict[str, Any] = {"authType": config["authType"]}
    if config.get("authConfig"):
        auth["authInfo"] = config["authConfig"]
    return Domain(
        (parts.hostname or "").lower(),
        unquote(parts.path) or "/",
        "HTTP,HTTPS" if parts.scheme == "https" else "HTTP",
        auth,
        config.get("corsConfig") or {},
        config.get("qualifier") or "LATEST",
    )
