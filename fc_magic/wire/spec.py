"""The deployment: what is asked for. Built once, checked once, frozen from then on.

The one place that knows each field's type, limits, unit, help and default: magic options, form, messages and
README are made from :data:`FIELDS`. How a deployment is written as JSON is the business of ``v2`` and ``fc3``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from fc_magic.errors import Problem
from fc_magic.wire import runtimes, triggers
from fc_magic.wire.triggers import Trigger

MAX_CODE_BYTES = 100 * 1024 * 1024
MAX_ENVIRONMENT_BYTES = 4096
MAX_LAYERS = 5
MAX_DEPTH = 32
_SURROGATE = re.compile("[\ud800-\udfff]")


def _whole_number(value: Any) -> Any:
    # pydantic would read True as 1 and "7" as 7: a JSON integer is neither
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a whole number")
    return value


def _as_text_map(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    words = {True: "true", False: "false"}
    return {
        str(k): words[v] if isinstance(v, bool) else str(v) if isinstance(v, int | float) else v
        for k, v in value.items()
        if v is not None
    }


def _said(example: str, allowed: str, unit: str = "", option: str = "") -> dict[str, str]:
    return {"example": example, "allowed": allowed, "unit": unit, "option": option}


def _field(default: Any, help_: str, said: dict[str, str], **limits: Any) -> Any:
    return Field(default, description=help_, json_schema_extra=dict(said), **limits)


class _Value(BaseModel):
    # errors name a field as the deployments API spells it, and never quote what was given
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, loc_by_alias=False, hide_input_in_errors=True
    )


class VpcConfig(_Value):
    """The private network an instance joins; all three ids belong together."""

    vpc_id: Annotated[str, Field(alias="vpcId", min_length=1, max_length=50)]
    vswitch_ids: Annotated[tuple[str, ...], Field(alias="vswitchIds", min_length=1, max_length=10)]
    security_group_id: Annotated[str, Field(alias="securityGroupId", min_length=1, max_length=50)]


class Layer(_Value):
    """One layer version, by name and number, or by its ARN as the name."""

    name: Annotated[str, Field(min_length=1, max_length=256)]
    version: str = "latest"

    @field_validator("version", mode="before")
    @classmethod
    def _number_or_latest(cls, value: Any) -> str:
        text = str(value)
        if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,9}|latest", text):
            raise ValueError("must be a whole number from 1, or latest")
        return text


class Inline(_Value):
    """The ZIP itself."""

    zip: Annotated[bytes, Field(max_length=MAX_CODE_BYTES, repr=False)]


class Zip(_Value):
    """A ZIP to fetch by URL; ``from_code`` if the URL came in the field ``code``."""

    zip_file: str = _field(
        ...,
        "URL of a ZIP with the code; then the cell's own code is ignored",
        _said("https://example.com/function.zip", "an http or https URL"),
        pattern=r"^https?://[^\s/]+\S*$",
        max_length=4096,
        repr=False,
    )
    from_code: bool = False


class Oss(_Value):
    """A ZIP in an OSS bucket of the function's region."""

    oss_bucket: str = _field(
        ...,
        "OSS bucket of the ZIP, with oss_object_key; then the cell's own code is ignored",
        _said("my-bucket", "3 to 63 lower-case letters, digits and -"),
        pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$",
    )
    oss_object_key: str = _field(
        ...,
        "key of the ZIP in the bucket; then the cell's own code is ignored",
        _said("myfunction.zip", "1 to 1023 bytes, not starting with / or \\"),
        pattern=r"^[^/\\]",
        max_length=1023,
    )

    @field_validator("oss_object_key")
    @classmethod
    def _bytes(cls, value: str) -> str:
        if len(value.encode()) > 1023:
            raise ValueError("is longer than 1023 bytes")
        return value


# pydantic's \w and \d take the letters and digits of every script
_W = "A-Za-z0-9_"
_TAG = f"[{_W}][{_W}.-]{{0,127}}"


class Image(_Value):
    """A container image; the runtime is then ``custom-container``."""

    image_url: str | None = _field(
        None,
        "container image; then the cell's own code is ignored",
        _said("registry.example.com/team/web:1.4", "REGISTRY/NAME[:TAG][@DIGEST]"),
        pattern=rf"^(https?://)?[{_W}.-]+(:[0-9]+)?(/[{_W}.-]+)*(:{_TAG})?(@sha256:[0-9a-f]{{64}})?$",
        max_length=512,
    )
    image_tag: str | None = _field(
        None,
        "tag of the image",
        _said("latest", "letters, digits, _ . -, at most 128"),
        pattern=rf"^{_TAG}$",
    )
    image_digest_value: str | None = _field(
        None,
        "digest of the image",
        _said("sha256:<64 hex digits>", "sha256: and 64 hex digits"),
        pattern=r"^(sha256:)?[0-9a-f]{64}$",
    )
    custom_container_config: dict[str, Any] | None = _field(
        None,
        "container settings (port, command, args, health_check)",
        _said('{"port": 9000}', "a JSON object"),
        repr=False,
    )


Code = Inline | Zip | Oss | Image

_HANDLER = _said("index.handler", "file.function, 1 to 128 characters")


class Deployment(_Value):
    """One function, whole: code, settings, triggers, layers. ``memory`` in MB, ``timeout`` in seconds."""

    name: str = _field(
        ...,
        "unique name of the deployment",
        _said("hello", "1 to 64 letters, digits, _ or -, not starting with a digit or -"),
        pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$",
    )
    description: str = _field(
        "", "free text", _said("'thumbnails for the shop'", "at most 256 characters"), max_length=256
    )
    runtime: str = _field(
        ...,
        "what runs the code",
        _said("python3.10", ", ".join(runtimes.KNOWN[:-1])),
        pattern=r"^[a-z][a-z0-9.-]{0,63}$",
    )
    entrypoint: str = _field(
        ...,
        "what runs when an instance starts: the handler (nothing extra), another file.function (the initializer), "
        "or the start command of a custom runtime",
        _said("index.initialize", "file.function, or a command for custom runtimes"),
        min_length=1,
        max_length=4096,
    )
    handler: str = _field(..., "entry file and function", _HANDLER, min_length=1, max_length=128)
    memory: Annotated[int, BeforeValidator(_whole_number)] = _field(
        128,
        "memory of one instance",
        _said("128", "128 to 32768 MB in steps of 64", "MB"),
        ge=128,
        le=32768,
        multiple_of=64,
    )
    timeout: Annotated[int, BeforeValidator(_whole_number)] = _field(
        60, "longest run of one invocation", _said("60", "1 to 86400 s", "s"), ge=1, le=86400
    )
    environment: Annotated[dict[str, str], BeforeValidator(_as_text_map)] = _field(
        {},
        "environment variables of the function",
        _said("KEY=VALUE", "names of letters, digits and _, none beginning FC_; 4096 bytes in all", option="env"),
        repr=False,
    )
    role: str = _field(
        ...,
        "RAM role the function may act as",
        _said("acs:ram::1234567890123456:role/fcServiceRole", "acs:ram::ACCOUNT_ID:role/NAME"),
        pattern=r"^acs:ram::[0-9]+:role/[A-Za-z0-9_.@/-]+$",
        max_length=300,
    )
    vpc_config: VpcConfig | None = _field(
        None,
        "private network: vpc_id, vswitch_ids, security_group_id",
        _said(
            '{"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1"}',
            "a JSON object with vpc_id, vswitch_ids and security_group_id",
        ),
    )
    triggers: tuple[Trigger, ...] = _field(
        (),
        "what calls the function",
        _said("http", triggers.ALLOWED, option="trigger"),
        max_length=triggers.MAX_TRIGGERS,
    )
    layers: tuple[Layer, ...] = _field(
        (),
        "layers, first wins",
        _said("pillow:2", "up to 5 of NAME:VERSION", option="layer"),
        max_length=MAX_LAYERS,
    )
    code: Code = _field(
        ...,
        "the ZIP (base64), or its URL; in a notebook the cell is the code",
        _said("https://example.com/function.zip", "base64 of a ZIP, or an http(s) URL"),
    )

    @field_validator("environment")
    @classmethod
    def _environment(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = [k for k in value if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", k)]
        reserved = [k for k in value if k.startswith("FC_")]
        size = sum(len(k.encode()) + len(v.encode()) for k, v in value.items())
        said = []
        if wrong:
            said.append(f"has the name {clipped(', '.join(map(repr, wrong)))}")
        if reserved:
            said.append(f"has the reserved name {clipped(', '.join(reserved))}")
        if any("\0" in v for v in value.values()):
            said.append("has a NUL character in a value")
        if size > MAX_ENVIRONMENT_BYTES:
            said.append(f"has {size} bytes")
        if said:
            raise ValueError("; ".join(said))
        return value

    @field_validator("triggers", mode="before")
    @classmethod
    def _triggers(cls, value: Any) -> Any:
        return tuple(_trigger(item) for item in value) if isinstance(value, list | tuple) else value

    @field_validator("triggers")
    @classmethod
    def _trigger_set(cls, value: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
        if sum(t.type == "http" for t in value) > 1:
            raise ValueError("has two http triggers; a function has at most one")
        names = [t.name for t in value if t.name]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"has the trigger name {', '.join(twice)} twice")
        return triggers.named(value)

    @property
    def initializer(self) -> str:
        """The instance's initializer (``file.function``), or nothing."""
        built_in = not runtimes.is_custom(self.runtime)
        return self.entrypoint if built_in and self.entrypoint != self.handler else ""

    def settings(self) -> dict[str, Any]:
        """All but name and code, as plain values: what is compared to find out whether anything changed."""
        return self.model_dump(exclude={"name", "code"}, mode="json")


def _trigger(item: Any) -> Any:
    if isinstance(item, BaseModel):
        return item
    if not isinstance(item, Mapping) or not isinstance(item.get("type"), str) or not item["type"]:
        raise ValueError('a trigger is {"type": …, "config": {…}}')
    config, kind = item.get("config"), clipped(item["type"])
    if config is not None and not isinstance(config, Mapping):
        raise ValueError(f"the config of trigger {kind} is not an object")
    extra = sorted(set(item) - {"type", "config", "name", "id"})
    if extra:
        raise ValueError(f"trigger {kind} has the unknown key {clipped(', '.join(map(repr, extra)))}")
    lifted = {"name": item["name"]} if item.get("name") else {}
    try:
        return triggers.from_config(item["type"], {**(config or {}), **lifted})
    except ValidationError as error:
        said = "; ".join(f"{_where(e)} {_what(e)}" for e in error.errors())
        raise ValueError(f"{kind}: {said}") from None


# ---------------------------------------------------------------- what is said about each field


@dataclass(frozen=True)
class FieldDoc:
    """What a person is told of one field; numbers only where the field is one."""

    name: str
    kind: str  # text, int, map, object, list
    help: str
    unit: str
    allowed: str
    example: str
    default: Any
    required: bool
    option: str
    minimum: int | None = None
    maximum: int | None = None
    step: int | None = None


_KIND = {int: "int", dict[str, str]: "map", tuple[Trigger, ...]: "list", tuple[Layer, ...]: "list"}
_OBJECTS = ("vpc_config", "custom_container_config")


def _doc(name: str, info: FieldInfo) -> FieldDoc:
    said = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    limit = {key: getattr(m, key) for m in info.metadata for key in ("ge", "le", "multiple_of") if hasattr(m, key)}
    required = info.is_required() and name not in ("zip_file", "oss_bucket", "oss_object_key")
    return FieldDoc(
        name=name,
        kind="object" if name in _OBJECTS else _KIND.get(info.annotation, "text"),  # type: ignore[arg-type]
        help=info.description or "",
        unit=str(said.get("unit", "")),
        allowed=str(said.get("allowed", "")),
        example=str(said.get("example", "")),
        default=None if info.is_required() else info.default,
        required=required,
        option=str(said.get("option") or name.replace("_", "-")),
        minimum=limit.get("ge"),
        maximum=limit.get("le"),
        step=limit.get("multiple_of"),
    )


#: The order in which the deployments API documents its twenty fields.
ORDER = (
    "name", "description", "runtime", "entrypoint", "code", "handler", "memory", "timeout", "environment", "role",
    "vpc_config", "triggers", "layers", "zip_file", "image_url", "image_tag", "image_digest_value",
    "custom_container_config", "oss_bucket", "oss_object_key",
)  # fmt: skip
_INFOS = {n: i for cls in (Deployment, Zip, Oss, Image) for n, i in cls.model_fields.items()}
FIELDS: Mapping[str, FieldDoc] = {name: _doc(name, _INFOS[name]) for name in ORDER}
OSS_FIELDS = ("oss_bucket", "oss_object_key")
IMAGE_FIELDS = ("image_url", "image_tag", "image_digest_value", "custom_container_config")


# ---------------------------------------------------------------- what is wrong, in four parts


def problems(error: ValidationError, values: Mapping[str, Any]) -> list[Problem]:
    """Every error of a validation as our four parts, one per field, in the order of the fields."""
    found: dict[str, Problem] = {}
    for item in error.errors():
        name = str(item["loc"][0]) if item["loc"] else ""
        if name not in found:
            inner = " ".join(str(part) for part in item["loc"][1:] if not str(part).startswith("function-"))
            what = _out_of_range(FIELDS.get(name), item) or _what(item)
            found[name] = problem(name, f"{clipped(inner)} {what}".strip(), values.get(name))
    return sorted(found.values(), key=lambda p: ORDER.index(p.field) if p.field in ORDER else 99)


def _out_of_range(doc: FieldDoc | None, item: ErrorDetails) -> str:
    # pydantic looks at the step first; 7 MB is too small before it is no step of 64
    if item["type"] != "multiple_of" or doc is None or doc.minimum is None or doc.maximum is None:
        return ""
    too_large = "is too large" if item["input"] > doc.maximum else ""
    return _WORDS["greater_than_equal"] if item["input"] < doc.minimum else too_large


def problem(name: str, what: str, given: Any = None, hint: str | None = None) -> Problem:
    """One problem of field ``name``; allowed values and the value to try come from the field itself."""
    doc = FIELDS.get(name)
    what = what if len(what) <= 300 else what[:299] + "…"
    if doc is None:
        return Problem(field=name, problem=what, given=shown(name, given), hint=hint or "")
    return Problem(
        field=name,
        problem=what,
        allowed=doc.allowed,
        given=shown(name, given),
        hint=_try(doc, given) if hint is None else hint,
    )


def shown(name: str, value: Any) -> str:
    """A given value, short, and without what may be secret."""
    if value is None or name == "code":
        return ""
    if name in ("environment", "custom_container_config"):
        return clipped(", ".join(f"{k}=…" for k in value)) if isinstance(value, Mapping) else type(value).__name__
    if name == "triggers":
        items = value if isinstance(value, list | tuple) else []
        kinds = [str(item.get("type", "?")) if isinstance(item, Mapping) else "?" for item in items]
        return clipped(", ".join(kinds)) or type(value).__name__
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if name in ("zip_file", "image_url"):
        text = re.sub(r"//[^/@]*@", "//…@", text).partition("?")[0]
    return clipped(text)


def clipped(text: str) -> str:
    """Short enough for a line of an error, on one line, and always writable as UTF-8."""
    text = text if len(text) <= 60 else text[:57] + "…"
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: repr(found[0])[1:-1], text)
    return text.encode("utf-8", "backslashreplace").decode()


def unfit(value: Any, depth: int = 0) -> str:
    """Why a value from a JSON body cannot be kept and written out again, or nothing."""
    if depth > MAX_DEPTH:
        return f"is nested more than {MAX_DEPTH} deep"
    if isinstance(value, str):
        return "" if value.isascii() or not _SURROGATE.search(value) else "has text that is not Unicode"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is not a finite number"
    if isinstance(value, int):
        return "" if value.bit_length() <= 63 else "is too large a number"
    inner = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
    return next(filter(None, (unfit(v, depth + 1) for v in inner)), "") if isinstance(inner, list) else ""


def _try(doc: FieldDoc, given: Any) -> str:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if doc.minimum is None or doc.maximum is None or not number or given == 0:
        return doc.example
    step = doc.step or 1
    near = min(max(given, doc.minimum), doc.maximum)
    return str(near if math.isnan(near) else round(near / step) * step)


def _where(item: ErrorDetails) -> str:
    return clipped(".".join(str(part) for part in item["loc"]))


_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not known",
    "int_from_float": "is not a whole number",
    "int_type": "is not a whole number",
    "string_type": "is not text",
    "dict_type": "is not a JSON object",
    "model_type": "is not a JSON object",
    "tuple_type": "is not a list",
    "string_pattern_mismatch": "does not have the right form",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "multiple_of": "is not a step of {multiple_of}",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is empty",
    "too_long": "has more than {max_length}",
    "too_short": "is empty",
    "bytes_too_long": "is larger than {max_length} bytes",
    "literal_error": "must be {expected}",
}


def _what(item: ErrorDetails) -> str:
    context: Mapping[str, Any] = item.get("ctx") or {}
    if item["type"] == "value_error":
        return str(context.get("error", item["msg"]))
    words = _WORDS.get(item["type"])
    return words.format(**context) if words else item["msg"].lower()


def together(values: Mapping[str, Any], served: Iterable[str] | None = None) -> list[Problem]:
    """Rules over more than one field, and over names Function Compute does not have.

    ``served``: the runtimes the endpoint is known to run; None if it is for the endpoint to say.
    """
    runtime = values.get("runtime")
    if not isinstance(runtime, str) or not runtime:
        return []
    return [
        *_runtime_problems(runtime, None if served is None else tuple(served)),
        *_form(values, runtime),
        *_container(values, runtime),
    ]


def _container(values: Mapping[str, Any], runtime: str) -> list[Problem]:
    if runtime != runtimes.CONTAINER or any(values.get(name) for name in IMAGE_FIELDS):
        return []
    return [problem("image_url", f"is required with the runtime {runtimes.CONTAINER}")]


def _runtime_problems(runtime: str, served: tuple[str, ...] | None) -> list[Problem]:
    advice = runtimes.advice(runtime)
    allowed = ", ".join(served or runtimes.KNOWN[:-1])
    if advice:
        what, instead = advice
        return [Problem("runtime", what, allowed, runtime, instead)]
    if served is None or runtime in served:
        return []
    if runtime in runtimes.KNOWN:
        what = "cannot run in this Function Compute"
    else:
        what = "is not a runtime of Function Compute"
    return [Problem("runtime", what, allowed, runtime, runtimes.nearest(runtime, served))]


def _form(values: Mapping[str, Any], runtime: str) -> list[Problem]:
    if not runtimes.is_file_function(runtime):
        return []
    form = re.compile(r"[^\s.][^\s]*\.[^\s.]+")
    names = [n for n in ("handler", "entrypoint") if isinstance(values.get(n), str) and values[n]]
    return [problem(n, "is not file.function", values[n]) for n in names if not form.fullmatch(values[n])]
