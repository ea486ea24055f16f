"""Triggers: what calls a function. Reads ``timer:@every 5m``, checks it, and says when it fires next.

Pure: the clock is an argument. Cron has Function Compute's six fields (second minute hour day month weekday),
in UTC unless it begins with ``CRON_TZ=Zone``; ``@every 1h30m`` is an interval.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,127}$"
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
AuthType = Literal["anonymous", "function", "jwt"]
MAX_TRIGGERS = 50
MAX_CRON = 256
ALLOWED = "http, timer:@every 5m, timer:0 0 4 * * * (six fields, seconds first, UTC), or a JSON object"

_EVERY = re.compile(r"@every\s+(?=[0-9])(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
# croniter draws these at random or from a hash: the next firing would be another one each time it is asked for
_DRAWN = re.compile(r"(?i)\b[hr]\b")
_PARTS = ("second", "minute", "hour", "day", "month", "weekday")
KIND_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
#: the event sources Function Compute 3.0 documents; others may exist
KINDS = ("http", "timer", "oss", "log", "mns_topic", "tablestore", "cdn_events", "eventbridge")
_TYPE_WORDS = {"cron": "timer", "schedule": "timer", "sls": "log", "mns": "mns_topic", "cdn": "cdn_events"}
_AUTH_WORDS = {"none": "anonymous", "signed": "function"}


class _Trigger(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    name: Annotated[str | None, Field(pattern=NAME_PATTERN)] = None
    description: Annotated[str, Field(max_length=256)] = ""
    qualifier: str = "LATEST"

    def config(self) -> dict[str, Any]:
        """The trigger's ``config`` as the deployments API spells it; what is at its default stays out."""
        return self.model_dump(by_alias=True, exclude={"type"}, exclude_defaults=True, mode="json")


class Http(_Trigger):
    """Calls the function when an HTTP request comes. ``url``: the address it should (also) answer at."""

    type: Literal["http"] = "http"
    url: str | None = None
    auth_type: AuthType = "anonymous"
    auth_config: Annotated[Any, Field(repr=False)] = None
    methods: tuple[str, ...] = ()
    disable_url_internet: Annotated[bool, Field(alias="disableURLInternet")] = False

    @model_validator(mode="before")
    @classmethod
    def _auth_words(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        given = {key: data[key] for key in ("authType", "auth_type") if isinstance(data.get(key), str)}
        return {**data, **{key: _AUTH_WORDS.get(word, word) for key, word in given.items()}}

    @field_validator("url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^/\s?#@]+(/[^\s?#]*)?", value):
            raise ValueError("must be http(s)://HOST[/PATH], without a query or a user")
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


class Other(_Trigger):
    """Any other event source (oss, log, mns_topic, …): its settings go to Function Compute as they are."""

    model_config = ConfigDict(extra="allow")
    type: Annotated[str, Field(pattern=KIND_PATTERN)]

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        # the settings of other event sources are not ours to judge: some of them are secret
        return [("type", self.type), ("name", self.name)]


Trigger = Http | Timer | Other
_KINDS: dict[str, type[Http] | type[Timer]] = {"http": Http, "timer": Timer}


def from_config(kind: str, config: Mapping[str, Any] | None) -> Trigger:
    """``{"type": kind, "config": config}`` of the wire -> a checked trigger. Raises pydantic's ValidationError."""
    kind = _TYPE_WORDS.get(kind, kind)
    values = {key: value for key, value in (config or {}).items() if value is not None}
    cls = _KINDS.get(kind)
    return cls.model_validate(values) if cls else Other.model_validate({**values, "type": kind})


def parse(text: str) -> dict[str, Any]:
    """A person's spelling -> ``{"type", "config"}``: ``http``, ``http:https://host/path``, ``timer:@every 5m``,
    or the JSON object itself. Only shape is read here; :func:`from_config` checks the values."""
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
    key = {"http": "url", "timer": "cronExpression"}.get(_TYPE_WORDS.get(kind, kind))
    if key is None:
        raise ValueError(f'write it as JSON: \'{{"type": "{kind}", "config": {{…}}}}\'')
    return {"type": kind, "config": {key: rest}}


def nearest_kind(kind: str) -> str:
    """The type that was meant by one that is mistyped; nothing if it is a type, or may be one."""
    known = (*KINDS, *_TYPE_WORDS)
    close = () if kind in known else difflib.get_close_matches(kind.lower(), known, n=1, cutoff=0.75)
    return close[0] if close else ""


_NICKNAMES = {
    "@hourly": "@every 1h",
    "@daily": "0 0 0 * * *",
    "@weekly": "0 0 0 * * MON",
    "@monthly": "0 0 0 1 * *",
}


def instead(item: Any) -> str:
    """What to write for a trigger that was refused, as near as can be told to what was meant."""
    kind = str(item.get("type", "")) if isinstance(item, Mapping) else ""
    if _TYPE_WORDS.get(kind, kind) != "timer":
        return nearest_kind(kind) or "http"
    config = item.get("config")
    schedule = str(config.get("cronExpression") or "").strip() if isinstance(config, Mapping) else ""
    zone, cron = re.match(r"((?:CRON_)?TZ=\S*\s+)?(.*)", schedule, re.DOTALL).groups(default="")  # type: ignore[union-attr]
    meant = [_NICKNAMES.get(cron.lower(), ""), f"@{cron}", f"{zone}0 {cron}"]
    return f"timer:{next((text for text in meant if _is_schedule(text)), '@every 5m')}"


def _is_schedule(text: str) -> bool:
    try:
        Schedule.parse(text)
    except ValueError:
        return False
    return True


def text(trigger: Trigger) -> str:
    """The inverse of :func:`parse`, in its shortest form."""
    rest = {k: v for k, v in trigger.config().items() if k not in ("url", "cronExpression")}
    if rest or isinstance(trigger, Other):
        return json.dumps({"type": trigger.type, "config": trigger.config()}, ensure_ascii=False)
    detail = trigger.url if isinstance(trigger, Http) else trigger.cron_expression
    return f"{trigger.type}:{detail}" if detail else trigger.type


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


def bare(triggers: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """Without the names that :func:`named` would give again, so that a person need not read them."""
    given = tuple(triggers)
    stripped = tuple(
        t.model_copy(update={"name": None}) if re.fullmatch(rf"{t.type}-\d+", t.name or "") else t
        for t in given
    )
    return stripped if named(stripped) == given else given


class Schedule:
    """When a timer fires: an interval or a cron expression in a time zone."""

    def __init__(self, every: timedelta | None = None, cron: str = "", zone: ZoneInfo | None = None) -> None:
        self.every, self.cron, self.zone = every, cron, zone or ZoneInfo("UTC")

    @classmethod
    def parse(cls, expression: str) -> Schedule:
        """Raises ValueError with a sentence that says what to write instead."""
        expression = expression.strip()
        if len(expression) > MAX_CRON:
            raise ValueError(
                f"a cron expression has at most {MAX_CRON} characters, this has {len(expression)}"
            )
        if expression.startswith("@"):
            return cls(every=_interval(expression))
        zone, cron = _zone(expression)
        fields = cron.split()
        if len(fields) != 6:
            more = f'; with seconds first it is "0 {cron}"' if len(fields) == 5 else ""
            raise ValueError(f"a cron expression has 6 fields (seconds first), this has {len(fields)}{more}")
        cron = " ".join("*" if f == "?" else f for f in fields)
        schedule = cls(cron=cron, zone=zone)
        schedule._check()
        return schedule

    def _check(self) -> None:
        from croniter import CroniterBadDateError, croniter

        parts = self.cron.split()
        for i, part in enumerate(parts):
            alone = " ".join(part if i == j else "*" for j in range(6))
            if _DRAWN.search(part) or not croniter.is_valid(alone, second_at_beginning=True):
                raise ValueError(f"the cron expression {self.cron!r} has no such {_PARTS[i]}: {part!r}")
        try:
            self.next(datetime(2024, 1, 1, tzinfo=timezone.utc), datetime(2024, 1, 1, tzinfo=timezone.utc))
        except CroniterBadDateError:
            raise ValueError(f"the cron expression {self.cron!r} names no day that exists") from None
        except (ValueError, KeyError, OverflowError) as error:
            raise ValueError(f"the cron expression {self.cron!r} cannot be read ({error})") from None

    def next(self, after: datetime, anchor: datetime) -> datetime:
        """The first firing later than ``after`` (both aware). Intervals count from ``anchor``, the creation."""
        if self.every is not None:
            steps = (after - anchor) // self.every + 1
            return anchor + max(steps, 1) * self.every
        from croniter import croniter

        start = after.astimezone(self.zone)
        found: datetime = croniter(self.cron, start, second_at_beginning=True).get_next(datetime)
        return found.astimezone(timezone.utc)


def _interval(expression: str) -> timedelta:
    match = _EVERY.fullmatch(expression)
    if not match:
        raise ValueError(f"an interval is @every with h, m and s, such as @every 1h30m; got {expression!r}")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    interval = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(seconds=1) <= interval <= timedelta(days=366):
        raise ValueError("an interval is at least 1 second and at most a year")
    return interval


def _zone(expression: str) -> tuple[ZoneInfo, str]:
    if not expression.startswith(("CRON_TZ=", "TZ=")):
        return ZoneInfo("UTC"), expression
    name, cron = re.match(r"[A-Z_]+=(\S*)\s*(.*)", expression, re.DOTALL).groups()  # type: ignore[union-attr]
    try:
        return ZoneInfo(name), cron
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; such as CRON_TZ=Asia/Shanghai") from None


AUTH_TYPES: tuple[str, ...] = get_args(AuthType)
