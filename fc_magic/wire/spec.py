"""The deployment: what is asked for. Built once, checked once, frozen from then on.

The one place that knows each field's type, limits, unit, help and default: magic options, form, messages and
README are made from :data:`FIELDS`. What is said of a wrong value is the business of ``checks``, how a deployment
is written as JSON that of ``v2`` and ``fc3``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo

from fc_magic.wire import runtimes, trigger_advice, triggers
from fc_magic.wire.fields import FieldDoc, Value, field, said, spelled
from fc_magic.wire.source import Code, Image, Inline, Oss, Zip
from fc_magic.wire.triggers import Trigger
from fc_magic.wire.wording import clipped, reason

__all__ = ["FIELDS", "Code", "Deployment", "FieldDoc", "Image", "Inline", "Layer", "Oss", "VpcConfig", "Zip"]

MAX_ENVIRONMENT_BYTES = 4096
MAX_LAYERS = 5
#: region, account, name and version of a layer version. UNCONFIRMED: the alphabet of layer names
LAYER_NAME = r"[A-Za-z_][A-Za-z0-9_-]{0,127}"
LAYER_ARN = re.compile(
    rf"acs:fc:([a-z0-9-]{{1,40}}):([0-9]{{1,20}}|official):layers/({LAYER_NAME})/versions/([1-9][0-9]{{0,9}})"
)


def _whole_number(value: Any) -> Any:
    # pydantic would read True as 1 and "7" as 7: a JSON integer is neither
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a whole number")
    return value


def _true_or_false(value: Any) -> Any:
    # pydantic would read 1 and "on" as true
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
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


def read_trigger(item: Any) -> Any:
    """One item of ``triggers`` as it is sent, checked. Raises ValueError that says what is wrong in it."""
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
    if trigger_advice.nearest_kind(item["type"]):
        raise ValueError(f"{kind} is not a type of trigger")
    lifted = {"name": item["name"]} if item.get("name") else {}
    try:
        return triggers.from_config(item["type"], {**(config or {}), **lifted})
    except ValidationError as error:
        raise ValueError(f"{kind}: {reason(error, spelled)}") from None


class VpcConfig(Value):
    """The private network an instance joins; all three ids belong together."""

    vpc_id: Annotated[str, Field(alias="vpcId", min_length=1, max_length=50)]
    vswitch_ids: Annotated[tuple[str, ...], Field(alias="vswitchIds", min_length=1, max_length=10)]
    security_group_id: Annotated[str, Field(alias="securityGroupId", min_length=1, max_length=50)]


class Layer(Value):
    """One layer version, by name and number, or by its ARN as the name."""

    name: Annotated[str, Field(min_length=1, max_length=256)]
    version: str = "latest"

    @model_validator(mode="before")
    @classmethod
    def _of_its_arn(cls, value: Any) -> Any:
        name = value.get("name") if isinstance(value, Mapping) else None
        if not isinstance(name, str) or not name.startswith("acs:"):
            return value
        found = LAYER_ARN.fullmatch(name)
        if found is None:
            raise ValueError("name is not the ARN of a layer version")
        given = value.get("version")
        if given is not None and str(given) != found[4]:
            raise ValueError(f"version differs from {found[4]}, the one in the ARN")
        return {**value, "version": found[4]}

    @field_validator("version", mode="before")
    @classmethod
    def _number_or_latest(cls, value: Any) -> str:
        text = str(value)
        if isinstance(value, bool) or not re.fullmatch(r"[1-9][0-9]{0,9}|latest", text):
            raise ValueError("must be a whole number from 1, or latest")
        return text


#: one item of ``triggers`` as the wire has it: each is checked by itself
Item = Annotated[Trigger, BeforeValidator(read_trigger)]
_HANDLER = said("index.handler", "file.function, 1 to 128 characters")


class Deployment(Value):
    """One function, whole: code, settings, triggers, layers. ``memory`` in MB, ``timeout`` in seconds."""

    name: str = field(
        ...,
        "unique name of the deployment",
        said("hello", "1 to 64 letters, digits, _ or -, not starting with a digit or -"),
        pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$",
    )
    description: str = field(
        "", "free text", said("'thumbnails for the shop'", "at most 256 characters"), max_length=256
    )
    runtime: str = field(
        ...,
        "what runs the code",
        said("python3.10", ", ".join(runtimes.KNOWN[:-1])),
        pattern=r"^[a-z][a-z0-9.-]{0,63}$",
    )
    entrypoint: str = field(
        ...,
        "what runs when an instance starts: the handler (nothing extra), another file.function (the initializer), "
        "or the start command of a custom runtime",
        said("index.initialize", "file.function, or a command for custom runtimes"),
        min_length=1,
        max_length=4096,
    )
    handler: str = field(..., "entry file and function", _HANDLER, min_length=1, max_length=128)
    memory: Annotated[int, BeforeValidator(_whole_number)] = field(
        128,
        "memory of one instance",
        said("128", "128 to 32768 MB in steps of 64", "MB"),
        ge=128,
        le=32768,
        multiple_of=64,
    )
    timeout: Annotated[int, BeforeValidator(_whole_number)] = field(
        60, "longest run of one invocation", said("60", "1 to 86400 s", "s"), ge=1, le=86400
    )
    environment: Annotated[dict[str, str], BeforeValidator(_as_text_map)] = field(
        {},
        "environment variables of the function",
        said(
            "KEY=VALUE", "names of letters, digits and _, none beginning FC_; 4096 bytes in all", option="env"
        ),
        repr=False,
    )
    role: str = field(
        ...,
        "RAM role the function may act as",
        said("acs:ram::1234567890123456:role/fcServiceRole", "acs:ram::ACCOUNT_ID:role/NAME"),
        pattern=r"^acs:ram::[0-9]+:role/[A-Za-z0-9_.@/-]+$",
        max_length=300,
    )
    vpc_config: VpcConfig | None = field(
        None,
        "private network: vpc_id, vswitch_ids, security_group_id",
        said(
            '{"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1"], "security_group_id": "sg-1"}',
            "a JSON object with vpc_id, vswitch_ids and security_group_id",
        ),
    )
    triggers: tuple[Item, ...] = field(
        (),
        "what calls the function",
        said("http", triggers.ALLOWED, option="trigger"),
        max_length=triggers.MAX_TRIGGERS,
    )
    layers: tuple[Layer, ...] = field(
        (),
        "layers, first wins",
        said("pillow:2", "up to 5 of NAME:VERSION", option="layer"),
        max_length=MAX_LAYERS,
    )
    code: Code = field(
        ...,
        "the ZIP (base64), or its URL; in a notebook the cell is the code",
        said("https://example.com/function.zip", "base64 of a ZIP, or an http(s) URL"),
    )

    publish: Annotated[bool, BeforeValidator(_true_or_false)] = field(
        True,
        "whether what is deployed becomes a version of its own, which it can be taken back to",
        said("true", "true or false"),
    )

    @field_validator("environment")
    @classmethod
    def _environment(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = [k for k in value if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", k)]
        reserved = [k for k in value if k.startswith("FC_")]
        size = sum(len(k.encode()) + len(v.encode()) for k, v in value.items())
        found = []
        if wrong:
            found.append(f"has the name {clipped(', '.join(map(repr, wrong)))}")
        if reserved:
            found.append(f"has the reserved name {clipped(', '.join(reserved))}")
        if any("\0" in v for v in value.values()):
            found.append("has a NUL character in a value")
        if size > MAX_ENVIRONMENT_BYTES:
            found.append(f"has {size} bytes")
        if found:
            raise ValueError("; ".join(found))
        return value

    @field_validator("triggers")
    @classmethod
    def _trigger_set(cls, value: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
        if other := triggers.second_http(value):
            raise ValueError(f"has two http triggers for {clipped(other)}; there is at most one for each")
        names = [t.name for t in value if t.name]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"has the trigger name {', '.join(twice)} twice")
        return triggers.named(value)

    def located(self, region: str, account_id: str) -> Deployment:
        """With the ARNs that a person may leave to the account: those of the buckets of oss triggers."""
        placed = tuple(triggers.located(t, region, account_id) for t in self.triggers)
        return self if placed == self.triggers else self.model_copy(update={"triggers": placed})

    def settings(self) -> dict[str, Any]:
        """All but name, code and whether to publish, as plain values: what is compared to find out whether anything
        changed. A secret of a trigger is a fingerprint, as in answers."""
        called_by = triggers.meanings(self.triggers)
        kept = self.model_dump(exclude={"name", "code", "triggers", "publish"}, mode="json")
        return {**kept, "triggers": called_by}


# ---------------------------------------------------------------- what is said about each field


_KIND = {int: "int", bool: "bool", dict[str, str]: "map", tuple[Item, ...]: "list", tuple[Layer, ...]: "list"}
_OBJECTS = ("vpc_config", "custom_container_config")


def _doc(name: str, info: FieldInfo) -> FieldDoc:
    told = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    limit = {
        key: getattr(m, key) for m in info.metadata for key in ("ge", "le", "multiple_of") if hasattr(m, key)
    }
    required = info.is_required() and name not in ("zip_file", "oss_bucket", "oss_object_key")
    return FieldDoc(
        name=name,
        kind="object" if name in _OBJECTS else _KIND.get(info.annotation, "text"),  # type: ignore[arg-type]
        help=info.description or "",
        unit=str(told.get("unit", "")),
        allowed=str(told.get("allowed", "")),
        example=str(told.get("example", "")),
        default=None if info.is_required() else info.default,
        required=required,
        option=str(told.get("option") or name.replace("_", "-")),
        minimum=limit.get("ge"),
        maximum=limit.get("le"),
        step=limit.get("multiple_of"),
    )


#: The order in which the deployments API documents its twenty fields; the last is ours.
ORDER = (
    "name", "description", "runtime", "entrypoint", "code", "handler", "memory", "timeout", "environment", "role",
    "vpc_config", "triggers", "layers", "zip_file", "image_url", "image_tag", "image_digest_value",
    "custom_container_config", "oss_bucket", "oss_object_key", "publish",
)  # fmt: skip
_INFOS = {n: i for cls in (Deployment, Zip, Oss, Image) for n, i in cls.model_fields.items()}
FIELDS: Mapping[str, FieldDoc] = {name: _doc(name, _INFOS[name]) for name in ORDER}
OSS_FIELDS = ("oss_bucket", "oss_object_key")
IMAGE_FIELDS = ("image_url", "image_tag", "image_digest_value", "custom_container_config")
