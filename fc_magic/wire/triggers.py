"""Triggers: what calls a function. Reads ``timer:@every 5m`` and the JSON of the wire, and checks them. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from fc_magic.wire import auth_config, oss
from fc_magic.wire.auth_config import AuthType
from fc_magic.wire.cors import Cors
from fc_magic.wire.fields import CAMEL
from fc_magic.wire.schedule import Schedule

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$"
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
MAX_TRIGGERS = 50
ALLOWED = (
    "http, timer:@every 5m, timer:0 0 4 * * * (six fields, seconds first, UTC), oss:BUCKET/PREFIX*SUFFIX, "
    "or a JSON object"
)

KIND_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
#: the event sources Function Compute 3.0 documents; others may exist
KINDS = ("http", "timer", "oss", "log", "mns_topic", "tablestore", "cdn_events", "eventbridge")
_STARS = re.compile(r"https?://(\*\.)?[^*/]+(/[^*]*\*?)?")
TYPE_WORDS = {"cron": "timer", "schedule": "timer", "sls": "log", "mns": "mns_topic", "cdn": "cdn_events"}
_AUTH_WORDS = {"none": "anonymous", "signed": "function"}


class _Trigger(BaseModel):
    model_config = CAMEL

    name: Annotated[str | None, Field(pattern=NAME_PATTERN)] = None
    description: Annotated[str, Field(max_length=256)] = ""
    qualifier: str = "LATEST"
    #: where events come from, and as whom that calls: the types that need them say more of them
    source_arn: Annotated[str, Field(max_length=300)] = ""
    invocation_role: Annotated[str, Field(max_length=300)] = ""

    def config(self) -> dict[str, Any]:
        """The trigger's ``config`` as the deployments API spells it; what is at its default stays out."""
        return self.model_dump(by_alias=True, exclude={"type"}, exclude_defaults=True, mode="json")

    def has_masks(self) -> bool:
        """Whether something secret in it is only a fingerprint, as in an answer."""
        return False


class Http(_Trigger):
    """Calls the function when an HTTP request comes. ``url``: the address it should (also) answer at."""

    type: Literal["http"] = "http"
    url: str | None = None
    auth_type: AuthType = "anonymous"
    auth_config: Annotated[dict[str, Any] | None, Field(repr=False, validate_default=True)] = None
    methods: tuple[str, ...] = ()
    disable_url_internet: Annotated[bool, Field(alias="disableURLInternet")] = False
    cors_config: Cors | None = None

    def has_masks(self) -> bool:
        return auth_config.has_masks(self.auth_config)

    @model_validator(mode="before")
    @classmethod
    def _auth_words(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        given = {key: data[key] for key in ("authType", "auth_type") if isinstance(data.get(key), str)}
        return {**data, **{key: _AUTH_WORDS.get(word, word) for key, word in given.items()}}

    @field_validator("auth_config", mode="before")
    @classmethod
    def _auth_config(cls, value: Any, info: ValidationInfo) -> Any:
        kind = info.data.get("auth_type")
        return auth_config.read(kind, value) if kind else None

    @field_validator("url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^/\s?#@]+(/[^\s?#]*)?", value):
            raise ValueError("must be http(s)://HOST[/PATH], without a query or a user")
        if value is not None and not _STARS.fullmatch(value):
            raise ValueError("may have * only as its first label (*.example.com) and at the end of its path")
        return value

    @field_validator("methods")
    @classmethod
    def _methods(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        upper = tuple(m.upper() for m in value)
        wrong = [m for m in upper if m not in METHODS]
        if wrong:
            raise ValueError(f"has {', '.join(map(repr, wrong))}; allowed are {', '.join(METHODS)}")
        return upper


class Timer(_Trigger):
    """Calls the function on a schedule, with ``payload`` in the event."""

    type: Literal["timer"] = "timer"
    cron_expression: str
    enable: bool = True
    payload: Annotated[str, Field(repr=False)] = ""

    @field_validator("cron_expression")
    @classmethod
    def _readable(cls, value: str) -> str:
        Schedule.parse(value)
        return value.strip()

    @field_validator("payload", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class _Key(BaseModel):
    """Which objects: their keys begin and end with these, which both must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)
    prefix: Annotated[str, Field(max_length=1023)] = ""
    suffix: Annotated[str, Field(max_length=1023)] = ""

    @field_validator("prefix")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if value.startswith("/"):
            raise ValueError("begins with /, and no key of an object does")
        return value


class _Filter(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)
    # made when it is wanted: to make one at import would build its validator, and import what that needs
    key: _Key = Field(default_factory=_Key)


class Oss(_Trigger):
    """Calls the function when an object of a bucket was put, removed or changed.

    ``source_arn``: the bucket, by its name or as ``acs:oss:REGION:ACCOUNT_ID:BUCKET``.
    """

    type: Literal["oss"] = "oss"
    source_arn: str
    events: Annotated[tuple[str, ...], Field(min_length=1)] = (oss.CREATED,)
    filter: _Filter = Field(default_factory=_Filter)
    invocation_role: Annotated[
        str, Field(pattern=r"^(acs:ram::[0-9]+:role/)?[A-Za-z0-9_.@/-]+$", max_length=300)
    ] = oss.ROLE

    @property
    def bucket(self) -> str:
        return oss.parts(self.source_arn)[2]

    def wants(self, event: str, key: str) -> bool:
        """Whether it hears of this: ``ObjectCreated:PutObject`` of an object with that key."""
        ends = self.filter.key
        return oss.is_meant(self.events, event) and key.startswith(ends.prefix) and key.endswith(ends.suffix)

    def config(self) -> dict[str, Any]:
        """With its events always: what hears of everything new when it names none is a rule of ours."""
        return {**super().config(), "events": list(self.events)}

    @model_validator(mode="before")
    @classmethod
    def _other_spellings(cls, data: Any) -> Any:
        """``bucketName``, and ``Key``, ``Prefix``, ``Suffix``, as the tool of FC 2.0 had them."""
        if not isinstance(data, dict):
            return data
        data = {**data, "filter": _lower(data["filter"])} if isinstance(data.get("filter"), dict) else data
        if "bucketName" not in data or "sourceArn" in data or "source_arn" in data:
            return data
        rest = {name: value for name, value in data.items() if name != "bucketName"}
        return {**rest, "sourceArn": data["bucketName"]}

    @field_validator("source_arn")
    @classmethod
    def _source(cls, value: str) -> str:
        if not oss.SOURCE.fullmatch(value):
            raise ValueError(
                "is no bucket: 3 to 63 lower-case letters, digits and -, or acs:oss:REGION:ACCOUNT_ID:BUCKET"
            )
        return value

    @field_validator("events")
    @classmethod
    def _events(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        whole = tuple(name if name.startswith("oss:") else f"oss:{name}" for name in value)
        wrong = [name for name, given in zip(whole, value, strict=True) if name not in oss.EVENTS and given]
        if wrong or "" in value:
            near = difflib.get_close_matches((wrong or [""])[0], oss.EVENTS, n=1) or [oss.CREATED]
            raise ValueError(f"has {', '.join(map(repr, wrong)) or 'an empty name'}; such as {near[0]}")
        return whole


def _lower(value: Any) -> Any:
    return (
        {name.lower(): _lower(inner) for name, inner in value.items()} if isinstance(value, dict) else value
    )


class Other(_Trigger):
    """Any other event source (log, mns_topic, …): its settings go to Function Compute as they are."""

    model_config = ConfigDict(extra="allow")
    type: Annotated[str, Field(pattern=KIND_PATTERN)]
    source_arn: Any = ""
    invocation_role: Any = ""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        # the settings of other event sources are not ours to judge: some of them are secret
        return [("type", self.type), ("name", self.name)]


Trigger = Http | Timer | Oss | Other
_KINDS: dict[str, type[Http] | type[Timer] | type[Oss]] = {"http": Http, "timer": Timer, "oss": Oss}


def from_config(kind: str, config: Mapping[str, Any] | None) -> Trigger:
    """``{"type": kind, "config": config}`` of the wire -> a checked trigger. Raises pydantic's ValidationError."""
    kind = TYPE_WORDS.get(kind, kind)
    values = {key: value for key, value in (config or {}).items() if value is not None}
    cls = _KINDS.get(kind)
    return cls.model_validate(values) if cls else Other.model_validate({**values, "type": kind})


def parse(text: str) -> dict[str, Any]:
    """A person's spelling -> ``{"type", "config"}``: ``http``, ``http:https://host/path``, ``timer:@every 5m``,
    ``oss:bucket/prefix*suffix``, or the JSON object itself. Only shape is read here; :func:`from_config` checks the
    values."""
    text = text.strip()
    if text.startswith("{"):
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("not a JSON object")
        return found
    kind, _, rest = text.partition(":")
    kind, rest = kind.strip().lower(), rest.strip()
    if not rest:
        return {"type": kind, "config": {}}
    if kind == "oss":
        return {"type": kind, "config": oss.read(rest)}
    key = {"http": "url", "timer": "cronExpression"}.get(TYPE_WORDS.get(kind, kind))
    if key is None:
        raise ValueError(f'write it as JSON: \'{{"type": "{kind}", "config": {{}}}}\'')
    return {"type": kind, "config": {key: rest}}


def text(trigger: Trigger) -> str:
    """The inverse of :func:`parse`, in its shortest form."""
    detail = None if set(trigger.config()) - _SHORT.get(trigger.type, set()) else _detail(trigger)
    if detail is None:
        return json.dumps(item(trigger), ensure_ascii=False)
    return f"{trigger.type}:{detail}" if detail else trigger.type


#: what short forms can say
_SHORT = {"http": {"url"}, "timer": {"cronExpression"}, "oss": {"sourceArn", "filter", "events"}}


def _detail(trigger: Trigger) -> str | None:
    """What follows the type in the short form; None if that cannot say it."""
    if isinstance(trigger, Http):
        return trigger.url or ""
    if isinstance(trigger, Timer):
        return trigger.cron_expression
    if not isinstance(trigger, Oss) or trigger.events != (oss.CREATED,):
        return None
    return oss.short(trigger.source_arn, trigger.filter.key.prefix, trigger.filter.key.suffix)


def address(url: str) -> tuple[str, str]:
    """The host and path of a trigger's ``url``."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), unquote(parts.path) or "/"


def located(trigger: Trigger, region: str, account_id: str) -> Trigger:
    """The trigger as it is in one account: names of a bucket and a role become their ARNs there."""
    if not isinstance(trigger, Oss) or not (region and account_id):
        return trigger
    source, role = trigger.source_arn, trigger.invocation_role
    whole = {
        "source_arn": source if ":" in source else oss.arn(region, account_id, source),
        "invocation_role": role if ":" in role else f"acs:ram::{account_id}:role/{role}",
    }
    return trigger.model_copy(update=whole)


def named(triggers: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """Gives every trigger a name: its own, else ``type-1``, ``type-2``, … in order, so that updates keep it."""
    given = list(triggers)
    taken = {t.name for t in given if t.name}
    out = []
    for trigger in given:
        if not trigger.name:
            number = next(n for n in range(1, len(given) + 2) if f"{trigger.type}-{n}" not in taken)
            name = f"{trigger.type}-{number}"
            trigger = trigger.model_copy(update={"name": name})
            taken.add(name)
        out.append(trigger)
    return tuple(out)


def unfired(trigger: Trigger) -> str:
    """Why the embedded Function Compute refuses a trigger that is right; nothing if it fires it."""
    if isinstance(trigger, Http | Timer | Oss):
        return ""
    return f"the embedded Function Compute does not fire {trigger.type} triggers"


def item(trigger: Trigger) -> dict[str, Any]:
    """As it stands in the ``triggers`` of a deployment."""
    return {"type": trigger.type, "config": trigger.config()}


def second_http(triggers: Iterable[Trigger]) -> str:
    """The qualifier that has two http triggers: each version and each alias may have one."""
    qualifiers = [t.qualifier for t in triggers if isinstance(t, Http)]
    return next((q for q in qualifiers if qualifiers.count(q) > 1), "")


def public(trigger: Trigger) -> Trigger:
    """The trigger as it may be said: what is secret in its authConfig is a fingerprint."""
    if not isinstance(trigger, Http) or trigger.auth_config is None:
        return trigger
    return trigger.model_copy(update={"auth_config": auth_config.public(trigger.auth_config)})


def meanings(found: Iterable[Trigger]) -> list[dict[str, Any]]:
    """What is compared to find out whether two functions are called by the same: their order does not count."""
    return sorted(map(meaning, found), key=lambda meant: str(meant["name"]))


def meaning(trigger: Trigger) -> dict[str, Any]:
    """The same of one: all methods are what a trigger without any has, and a host without a path has ``/``."""
    meant = public(trigger).model_dump(mode="json")
    if isinstance(trigger, Http):
        meant["url"] = trigger.url + "/" * (trigger.url.count("/") == 2) if trigger.url else None
        meant["methods"] = [] if set(trigger.methods) >= set(METHODS) else sorted(trigger.methods)
    return meant


def bare(triggers: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """Without the names that :func:`named` would give again, so that a person need not read them."""
    given = tuple(triggers)
    stripped = tuple(
        t.model_copy(update={"name": None}) if re.fullmatch(rf"{t.type}-\d+", t.name or "") else t
        for t in given
    )
    return stripped if named(stripped) == given else given
