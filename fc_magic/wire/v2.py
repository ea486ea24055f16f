"""The one-call spelling: deployments, functions and errors <-> JSON of ``/v2/{region_id}/deployments``."""

from __future__ import annotations

import base64
import contextlib
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fc_magic.errors import InvalidArgument, NotSupported, Problem
from fc_magic.wire import checks, sources, spec, triggers
from fc_magic.wire.results import Function, Log, RequestLog, Url
from fc_magic.wire.source import PASSING, public
from fc_magic.wire.spec import Code, Deployment, Inline, Layer, VpcConfig, Zip
from fc_magic.wire.wording import clipped

T = TypeVar("T")
_MASKED = "authConfig has a fingerprint (sha256:…), as answers show it, where the secret itself must be"
#: stands for the role of a function that has none
_ANY_ROLE = "acs:ram::0:role/none"
VERSION = "v2"
PUBLIC_HOST = "https://fc.aliyuncs.com"


def path(region: str, name: str = "") -> str:
    from fc_magic.wire.signature import percent

    return f"/v2/{percent(region)}/deployments" + (f"/{percent(name)}" if name else "")


# ---------------------------------------------------------------- deployment -> body


def encode(deployment: Deployment) -> dict[str, Any]:
    """A complete body; nothing is left to the server's defaults but the parts that are not there."""
    body: dict[str, Any] = {
        "name": deployment.name,
        "description": deployment.description,
        "runtime": deployment.runtime,
        "entrypoint": deployment.entrypoint,
        "handler": deployment.handler,
        "memory": deployment.memory,
        "timeout": deployment.timeout,
        "environment": dict(deployment.environment),
        "role": deployment.role,
        "triggers": [triggers.item(t) for t in deployment.triggers],
        "layers": [{"name": layer.name, "version": layer.version} for layer in deployment.layers],
        **_code_fields(deployment.code),
    }
    if deployment.vpc_config:
        body["vpc_config"] = deployment.vpc_config.model_dump()
    if not deployment.publish:
        body["publish"] = (
            False  # another Function Compute may not know the field: it is only said when it matters
        )
    return body


def as_body(function: Function) -> dict[str, Any]:
    """What would deploy the function as it is, but for its code."""
    body = {name: value for name, value in function.settings().items() if value is not None}
    return {**body, "name": function.name, "triggers": [triggers.item(t) for t in function.triggers]}


def _code_fields(code: Code) -> dict[str, Any]:
    if isinstance(code, Inline):
        return {"code": base64.b64encode(code.zip[:]).decode()}
    if isinstance(code, Zip):
        return {"code" if code.from_code else "zip_file": code.zip_file}
    return code.model_dump(exclude_none=True)


def source(code: Code) -> dict[str, Any]:
    """What a function says of where its code came from."""
    return _said_source(_code_fields(code))


def _passed(answer: Mapping[str, Any]) -> bool:
    """Whether the code came through OSS only because it was too big for a request: then it lies there no more."""
    return str(answer.get("oss_object_key") or "").startswith(PASSING)


def _said_source(fields: Mapping[str, Any]) -> dict[str, Any]:
    """An answer never has ``code``, be it a URL, and a URL in it no credentials: those were for fetching it once."""
    names = sources.named(fields, (*spec.IMAGE_FIELDS, *spec.OSS_FIELDS, "zip_file"))
    return {name: public(str(fields[name])) if name == "zip_file" else fields[name] for name in names}


# ---------------------------------------------------------------- body -> deployment


def decode(body: Any, served: Iterable[str] | None = None) -> tuple[Deployment, list[str]]:
    """A body -> the deployment and warnings about it.

    Raises InvalidArgument with a problem for *every* wrong field. ``served``: runtimes the caller can run.
    """
    return read(body, served).whole()


@dataclass(frozen=True)
class Read:
    """A body that was read as far as it can be: whoever has rules of its own adds what they find to :meth:`whole`,
    so that one refusal names everything. ``triggers`` and ``layers`` are those that are valid, by their place."""

    name: str
    deployment: Deployment | None
    code: Code | None
    triggers: Mapping[int, triggers.Trigger]
    layers: Mapping[int, Layer]
    warnings: list[str]
    problems: list[Problem]

    def whole(
        self, wrong: Iterable[Problem] = (), unserved: Iterable[Problem] = ()
    ) -> tuple[Deployment, list[str]]:
        """The deployment and its warnings. Raises InvalidArgument with all that is wrong and all that is not
        served; NotSupported if it is only that."""
        wrong, unserved = [*self.problems, *wrong], list(unserved)
        if wrong or self.deployment is None or self.code is None:
            raise refusal([*wrong, *unserved], self.name)
        if unserved:
            text = f"{self.name} was not deployed: not everything it asks for exists here"
            hint = "leave it out, or deploy to a region of Function Compute"
            raise NotSupported(text, problems=checks.in_order(unserved), hint=hint)
        return self.deployment, self.warnings


def read(body: Any, served: Iterable[str] | None = None, needs_role: bool = True) -> Read:
    """Looks at every field of a body. Raises InvalidArgument if it is no object at all. FC 3.0 ``needs_role`` not."""
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint="send the deployment as a JSON object")
    given = {name: value for name, value in body.items() if value is not None}
    unfit = {name: why for name in spec.ORDER if name in given and (why := checks.unfit(given[name]))}
    given = {name: value for name, value in given.items() if name not in unfit}
    code, found = sources.of_body(given)
    found = [*(checks.problem(name, why) for name, why in unfit.items()), *found]
    values = {name: given[name] for name in Deployment.model_fields if name in given and name != "code"}
    deployment = None
    roleless = not needs_role and not given.get("role")
    try:
        role = {"role": _ANY_ROLE} if roleless else {}
        deployment = Deployment(**{**values, **role}, code=code or Inline(zip=b""))
        deployment = deployment.model_copy(update={"role": ""}) if roleless else deployment
    except ValidationError as error:
        found += checks.problems(error, values)
    found += checks.together(given, served)
    found += [_unknown(str(name)) for name in body if name not in spec.FIELDS]
    name = given.get("name")
    called_by = _readable(
        given.get("triggers"), spec.read_trigger, deployment.triggers if deployment else None
    )
    found += [
        checks.problem(f"triggers.{n}", _MASKED, triggers.item(t), hint="")
        for n, t in called_by.items()
        if t.has_masks()
    ]
    return Read(
        name=name if isinstance(name, str) else "",
        deployment=deployment,
        code=code,
        triggers=called_by,
        layers=_readable(
            given.get("layers"), Layer.model_validate, deployment.layers if deployment else None
        ),
        warnings=sources.warnings(given, code) if code else [],
        problems=found,
    )


def _readable(items: Any, read: Callable[[Any], T], valid: Iterable[T] | None) -> dict[int, T]:
    """The items of a list by their place; of an invalid deployment those that are valid by themselves."""
    if valid is not None:
        return dict(enumerate(valid))
    found = {}
    for number, item in enumerate(items if isinstance(items, list | tuple) else ()):
        with contextlib.suppress(ValueError):
            found[number] = read(item)
    return found


def refusal(found: Iterable[Problem], name: str = "") -> InvalidArgument:
    """The one error that names every wrong field, each once: what was found first counts."""
    once = checks.in_order({p.field: p for p in reversed(list(found))}.values())
    count = "1 setting needs" if len(once) == 1 else f"{len(once)} settings need"
    what = f"{clipped(name)} was not deployed" if 0 < len(name) <= 64 else "the deployment was refused"
    return InvalidArgument(f"{what}: {count} attention", problems=once)


def _unknown(name: str) -> Problem:
    name = clipped(name)
    close = difflib.get_close_matches(name, spec.ORDER, n=1)
    return Problem(name, "is not a field of a deployment", hint=close[0] if close else "")


# ---------------------------------------------------------------- function <-> answer


def encode_function(function: Function) -> dict[str, Any]:
    """The answer to a deployment call: what the server knows, and the body's own fields back without code."""
    answer: dict[str, Any] = {
        "requestId": function.request_id,
        "name": function.name,
        "region": function.region,
        "arn": function.arn,
        "functionId": function.function_id,
        "state": function.state,
        "version": function.version,
        "revision": function.revision,
        "codeChecksum": function.code_checksum,
        "codeSize": function.code_size,
        "createdTime": function.created_time,
        "lastModifiedTime": function.last_modified_time,
        "urls": [{"trigger": u.trigger, "url": u.url} for u in function.urls],
        "triggers": [
            {"name": t.name, "id": function.trigger_ids.get(t.name or "", ""), **triggers.item(t)}
            for t in function.triggers
        ],
        "warnings": list(function.warnings),
        "callsToday": function.calls_today,
        "errorsToday": function.errors_today,
        "description": function.description,
        "runtime": function.runtime,
        "entrypoint": function.entrypoint,
        "handler": function.handler,
        "memory": function.memory,
        "timeout": function.timeout,
        "environment": dict(function.environment),
        "role": function.role,
        "layers": [{"name": layer.name, "version": layer.version} for layer in function.layers],
        **_said_source(function.source),
    }
    answer["vpc_config"] = function.vpc_config.model_dump() if function.vpc_config else None
    return answer


def decode_function(answer: Mapping[str, Any]) -> Function:
    """An answer -> the function. Raises KeyError, TypeError or ValueError if it is not one."""
    if not isinstance(answer, Mapping):
        raise TypeError("the answer is not a JSON object")
    found = list(answer.get("triggers") or [])
    return Function(
        name=answer["name"],
        region=answer.get("region", ""),
        arn=answer.get("arn", ""),
        runtime=answer["runtime"],
        handler=answer["handler"],
        entrypoint=answer.get("entrypoint") or answer["handler"],
        memory=answer["memory"],
        timeout=answer["timeout"],
        role=answer.get("role") or "",
        description=answer.get("description") or "",
        environment=answer.get("environment") or {},
        vpc_config=_model(VpcConfig, answer.get("vpc_config")),
        triggers=triggers.named(
            triggers.from_config(t["type"], {"name": t.get("name"), **(t.get("config") or {})}) for t in found
        ),
        trigger_ids={t.get("name", ""): t["id"] for t in found if t.get("id")},
        layers=tuple(Layer.model_validate(layer) for layer in answer.get("layers") or []),
        source={} if _passed(answer) else _said_source(answer),
        function_id=answer.get("functionId", ""),
        state=answer.get("state", "Active"),
        version=str(answer.get("version", "")),
        revision=answer.get("revision", 1),
        code_checksum=str(answer.get("codeChecksum", "")),
        code_size=answer.get("codeSize", 0),
        created_time=answer.get("createdTime", ""),
        last_modified_time=answer.get("lastModifiedTime", ""),
        urls=tuple(Url(dict(u).get("trigger", ""), u["url"]) for u in answer.get("urls") or []),
        warnings=tuple(answer.get("warnings") or ()),
        request_id=answer.get("requestId", ""),
        calls_today=answer.get("callsToday", 0),
        errors_today=answer.get("errorsToday", 0),
    )


def _model(cls: type[VpcConfig], value: Any) -> VpcConfig | None:
    return value if isinstance(value, BaseModel | None) else cls.model_validate(value)  # type: ignore[return-value]


# ---------------------------------------------------------------- log <-> answer


def encode_log(log: Log) -> dict[str, Any]:
    """The answer of ``…/deployments/{name}/logs``, an extension of the embedded Function Compute."""
    return {
        "name": log.function,
        "next": log.next,
        "missed": log.missed,
        "requests": [
            {
                "requestId": r.request_id,
                "started": r.started,
                "caller": r.caller,
                "durationMs": r.duration_ms,
                "errorType": r.error_type,
                "cold": r.cold,
                "error": dict(r.error),
                "codeChecksum": r.code_checksum,
                "version": r.version,
                "retry": r.retry,
                "memoryMb": r.memory_mb,
                "log": r.text,
            }
            for r in log.requests
        ],
    }


def decode_log(answer: Mapping[str, Any]) -> Log:
    return Log(
        answer["name"],
        tuple(
            RequestLog(
                request_id=r["requestId"],
                started=r["started"],
                caller=r["caller"],
                text=r["log"],
                duration_ms=r["durationMs"],
                error_type=r["errorType"],
                cold=r["cold"],
                error=r.get("error") or {},
                code_checksum=r.get("codeChecksum", ""),
                version=r.get("version", ""),
                retry=r.get("retry", 0),
                memory_mb=r.get("memoryMb", 0.0),
            )
            for r in answer["requests"]
        ),
        next=answer.get("next", ""),
        missed=answer.get("missed", 0),
    )
