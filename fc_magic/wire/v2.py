"""The one-call spelling: deployments, functions and errors <-> JSON of ``/v2/{region_id}/deployments``."""

from __future__ import annotations

import base64
import binascii
import contextlib
import difflib
import struct
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydantic import BaseModel, ValidationError

from fc_magic.errors import InvalidArgument, NotSupported, Problem
from fc_magic.wire import checks, spec, triggers
from fc_magic.wire.results import Function, Log, RequestLog, Url
from fc_magic.wire.source import MAX_CODE_BYTES, public
from fc_magic.wire.spec import Code, Deployment, Image, Inline, Layer, Oss, VpcConfig, Zip
from fc_magic.wire.wording import clipped

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
        "triggers": [_trigger(t) for t in deployment.triggers],
        "layers": [{"name": layer.name, "version": layer.version} for layer in deployment.layers],
        **_code_fields(deployment.code),
    }
    if deployment.vpc_config:
        body["vpc_config"] = deployment.vpc_config.model_dump()
    return body


def as_body(function: Function) -> dict[str, Any]:
    """What would deploy the function as it is, but for its code."""
    body = {name: value for name, value in function.settings().items() if value is not None}
    return {**body, "name": function.name, "triggers": [_trigger(t) for t in function.triggers]}


def _code_fields(code: Code) -> dict[str, Any]:
    if isinstance(code, Inline):
        return {"code": base64.b64encode(code.zip).decode()}
    if isinstance(code, Zip):
        return {"code" if code.from_code else "zip_file": code.zip_file}
    return code.model_dump(exclude_none=True)


def source(code: Code) -> dict[str, Any]:
    """What a function says of where its code came from."""
    return _said_source(_code_fields(code))


def _said_source(fields: Mapping[str, Any]) -> dict[str, Any]:
    """An answer never has ``code``, be it a URL, and a URL in it no credentials: those were for fetching it once."""
    names = _set(fields, (*spec.IMAGE_FIELDS, *spec.OSS_FIELDS, "zip_file"))
    return {name: public(str(fields[name])) if name == "zip_file" else fields[name] for name in names}


def _trigger(trigger: triggers.Trigger) -> dict[str, Any]:
    return {"type": trigger.type, "config": trigger.config()}


# ---------------------------------------------------------------- body -> deployment


def decode(body: Any, served: Iterable[str] | None = None) -> tuple[Deployment, list[str]]:
    """A body -> the deployment and warnings about it.

    Raises InvalidArgument with a problem for *every* wrong field. ``served``: runtimes the caller can run.
    """
    return read(body, served).whole()


@dataclass(frozen=True)
class Read:
    """A body that was read as far as it can be: whoever has rules of its own adds what they find to :meth:`whole`,
    so that one refusal names everything. ``triggers`` has those that are valid, by their place in the body."""

    name: str
    deployment: Deployment | None
    code: Code | None
    triggers: Mapping[int, triggers.Trigger]
    has_layers: bool
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


def read(body: Any, served: Iterable[str] | None = None) -> Read:
    """Looks at every field of a body. Raises InvalidArgument if it is no object at all."""
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint="send the deployment as a JSON object")
    given = {name: value for name, value in body.items() if value is not None}
    unfit = {name: why for name in spec.ORDER if name in given and (why := checks.unfit(given[name]))}
    given = {name: value for name, value in given.items() if name not in unfit}
    code, found = _code(given)
    found = [*(checks.problem(name, why) for name, why in unfit.items()), *found]
    values = {name: given[name] for name in Deployment.model_fields if name in given and name != "code"}
    deployment = None
    try:
        deployment = Deployment(**values, code=code or Inline(zip=b""))
    except ValidationError as error:
        found += checks.problems(error, values)
    found += checks.together(given, served)
    found += [_unknown(str(name)) for name in body if name not in spec.FIELDS]
    name = given.get("name")
    return Read(
        name=name if isinstance(name, str) else "",
        deployment=deployment,
        code=code,
        triggers=dict(enumerate(deployment.triggers)) if deployment else _readable(given.get("triggers")),
        has_layers=bool(given.get("layers")),
        warnings=_warnings(given, code) if code else [],
        problems=found,
    )


def _readable(items: Any) -> dict[int, triggers.Trigger]:
    """The triggers that are valid by themselves, although the deployment is not."""
    found = {}
    for number, item in enumerate(items if isinstance(items, list | tuple) else ()):
        with contextlib.suppress(ValueError):
            found[number] = spec.read_trigger(item)
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


def _set(given: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    return [name for name in names if given.get(name) not in (None, "", {}, [])]


def _code(given: Mapping[str, Any]) -> tuple[Code | None, list[Problem]]:
    """Exactly one source. An explicit one makes ``code`` ignored; two explicit ones are refused, not guessed."""
    explicit = [names for names in (spec.IMAGE_FIELDS, spec.OSS_FIELDS, ("zip_file",)) if _set(given, names)]
    if len(explicit) > 1:
        names = [_set(given, group)[0] for group in explicit]
        what = f"conflicts with {', '.join(names[1:])}: one code source only"
        return None, [checks.problem(names[0], what, given[names[0]], hint="")]
    if not explicit:
        return _inline(given.get("code"))
    kinds: dict[str, type[Image] | type[Oss] | type[Zip]] = {
        "image_url": Image,
        "oss_bucket": Oss,
        "zip_file": Zip,
    }
    cls = kinds[explicit[0][0]]
    values = {name: given[name] for name in _set(given, explicit[0])}
    try:
        code = cls.model_validate(values)
    except ValidationError as error:
        return None, checks.problems(error, values)
    return code, _image_rules(given, code) if isinstance(code, Image) else []


def _image_rules(given: Mapping[str, Any], code: Image) -> list[Problem]:
    found = []
    inner = (code.custom_container_config or {}).get("image")
    if not code.image_url and not inner:
        found.append(checks.problem("image_url", "is required with the other image fields"))
    if given.get("runtime") not in (None, "custom-container"):
        what = "must be custom-container with an image"
        found.append(checks.problem("runtime", what, given["runtime"], hint="custom-container"))
    address, _, digest = (code.image_url or "").partition("@")
    tag = address.rsplit("/", 1)[-1].partition(":")[2]
    if tag and code.image_tag and tag != code.image_tag:
        found.append(
            checks.problem("image_tag", f"differs from the tag {tag} in image_url", code.image_tag, hint=tag)
        )
    if (
        digest
        and code.image_digest_value
        and digest != f"sha256:{code.image_digest_value.rpartition(':')[2]}"
    ):
        what = "differs from the digest in image_url"
        found.append(checks.problem("image_digest_value", what, code.image_digest_value, hint=digest))
    return found


def _inline(text: Any) -> tuple[Code | None, list[Problem]]:
    if text in (None, ""):
        return None, [checks.problem("code", "is required unless another code source is given")]
    if isinstance(text, Inline):
        return text, []
    if not isinstance(text, str):
        return None, [checks.problem("code", "is not text")]
    if text.startswith(("http://", "https://")):
        try:
            return Zip(zip_file=text, from_code=True), []
        except ValidationError as error:
            return None, [checks.problem("code", p.problem) for p in checks.problems(error, {})]
    if len(text) > MAX_CODE_BYTES:
        return None, [checks.problem("code", f"is larger than {MAX_CODE_BYTES >> 20} MB", hint="oss_bucket")]
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None, [checks.problem("code", "is not base64", hint="base64 of the ZIP, without line breaks")]
    broken = zip_problem(raw)
    return (
        (None, [checks.problem("code", broken, hint="zip the files again")])
        if broken
        else (Inline(zip=raw), [])
    )


def zip_problem(raw: bytes) -> str:
    """Why these bytes are not a readable ZIP, or nothing. Only the directory is read, not the files."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            return "" if archive.namelist() else "is a ZIP with no file in it"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        return f"is not a readable ZIP ({str(error) or 'damaged'})"


def _warnings(given: Mapping[str, Any], code: Code) -> list[str]:
    if given.get("code") and not isinstance(code, Inline) and not (isinstance(code, Zip) and code.from_code):
        name = _set(given, spec.FIELDS)
        other = next(n for n in name if n in (*spec.IMAGE_FIELDS, *spec.OSS_FIELDS, "zip_file"))
        return [f"code was ignored: {other} is given, and another code source wins"]
    return []


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
        "codeChecksum": function.code_checksum,
        "codeSize": function.code_size,
        "createdTime": function.created_time,
        "lastModifiedTime": function.last_modified_time,
        "urls": [{"trigger": u.trigger, "url": u.url} for u in function.urls],
        "triggers": [
            {"name": t.name, "id": function.trigger_ids.get(t.name or "", ""), **_trigger(t)}
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
        source=_said_source(answer),
        function_id=answer.get("functionId", ""),
        state=answer.get("state", "Active"),
        version=str(answer.get("version", "")),
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
            )
            for r in answer["requests"]
        ),
    )
