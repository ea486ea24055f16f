"""What is said of a trigger that was refused: which one it is, what its type allows, what to write instead."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from fc_magic.errors import Problem
from fc_magic.wire import oss
from fc_magic.wire.schedule import Schedule
from fc_magic.wire.source import public
from fc_magic.wire.triggers import ALLOWED, KINDS, TYPE_WORDS, Http, from_config, parse, text

#: what may be written for a trigger of a type, as options and bodies have it
ALLOWED_OF = {
    "http": "http, http:http://HOST/PATH, or a JSON object with the type http",
    "timer": (
        "timer:@every 5m, timer:0 0 4 * * * (six fields, seconds first, UTC), or a JSON object with the type timer"
    ),
    "oss": "oss:BUCKET, oss:BUCKET/PREFIX*SUFFIX, or a JSON object with the type oss",
}
#: what of a config tells triggers of a type apart
_DETAIL = {"http": "url", "timer": "cronExpression", "oss": "sourceArn"}


def allowed(item: Any) -> str:
    """What may be written for this one; every form if it is of no type."""
    kind = _kind(item)
    return ALLOWED_OF.get(TYPE_WORDS.get(kind, kind), ALLOWED_OF.get(nearest_kind(kind), ALLOWED))


def label(item: Any) -> str:
    """Which trigger it is: its type, its name if it has one, and its address, schedule or bucket."""
    kind = _kind(item)
    if not kind:
        return "?" if isinstance(item, Mapping) else type(item).__name__
    given = item.get("config")
    config = given if isinstance(given, Mapping) else {}
    tells = _DETAIL.get(TYPE_WORDS.get(kind, kind), "")
    detail = config.get(tells)
    if isinstance(detail, str) and tells == "url":
        detail = public(detail)
    short = f"{kind}:{detail}" if isinstance(detail, str) and detail else kind
    name = item.get("name") or config.get("name")
    return f"{name} ({short})" if isinstance(name, str) and name else short


#: what stands behind the type in a short form
_BEHIND = re.compile(r"(?:timer: cronExpression|oss: sourceArn|http: url) (?!is required)")


def of_short_form(problem: Problem) -> Problem:
    """Of a trigger that :func:`label` names: nobody typed the name of what is behind its type, and what is wrong with
    that says what is allowed."""
    found = _BEHIND.match(problem.problem)
    return replace(problem, problem=problem.problem[found.end() :], allowed="") if found else problem


def _kind(item: Any) -> str:
    kind = item.get("type") if isinstance(item, Mapping) else None
    return kind if isinstance(kind, str) else ""


def nearest_kind(kind: str) -> str:
    """The type that was meant by one that is mistyped; nothing if it is a type, or may be one."""
    known = (*KINDS, *TYPE_WORDS)
    close = () if kind in known else difflib.get_close_matches(kind.lower(), known, n=1, cutoff=0.75)
    return close[0] if close else ""


def meant(given: str) -> str:
    """A short form whose type is mistyped, as it was meant and may be written; nothing if it is like none."""
    kind, _, rest = given.strip().partition(":")
    near = nearest_kind(kind.strip())
    if not near:
        return ""
    item = parse(f"{near}:{rest}")
    try:
        from_config(near, item["config"])
    except ValidationError:
        return instead(item)
    return f"{near}:{rest.strip()}"


_SECONDS, _YEAR_S = {"d": 86400, "h": 3600, "m": 60, "s": 1}, 366 * 86400
_NICKNAMES = {
    "@hourly": "@every 1h",
    "@daily": "0 0 0 * * *",
    "@weekly": "0 0 0 * * MON",
    "@monthly": "0 0 0 1 * *",
}


def instead(item: Any) -> str:
    """What to write for a trigger that was refused, as near as can be told to what was meant."""
    kind = str(item.get("type", "")) if isinstance(item, Mapping) else ""
    config, near = item.get("config") if isinstance(item, Mapping) else None, nearest_kind(kind)
    if "oss" in (kind, near):
        return _bucket_instead(config)
    closest = near or kind
    if TYPE_WORDS.get(closest, closest) != "timer":
        return near or _http_instead(config)
    schedule = str(config.get("cronExpression") or "").strip() if isinstance(config, Mapping) else ""
    zone, cron = re.match(r"((?:CRON_)?TZ=\S*\s+)?(.*)", schedule, re.DOTALL).groups(default="")  # type: ignore[union-attr]
    zones = [zone, f"CRON_TZ={_zone_near(zone.partition('=')[2].strip())} "] if zone else [""]
    meant = [_NICKNAMES.get(cron.lower(), ""), f"@{cron}"]
    meant += [f"{each}{seconds}{cron}" for each in zones for seconds in ("", "0 ")]
    meant += [f"{each}{_within(cron)}" for each in zones]
    return f"timer:{next((text for text in meant if _is_schedule(text)), '@every 5m')}"


#: what the numbers of each field of a cron expression lie between, and the last; a weekday that is none is no number:
#: those are not documented
_BETWEEN = ((0, 59, "59"), (0, 59, "59"), (0, 23, "23"), (1, 31, "31"), (1, 12, "12"), (0, 7, "SUN"))


def _within(cron: str) -> str:
    """The nearest that there is: each number of it within its bounds, an interval of a second or a year."""
    if cron.startswith("@every"):
        parts = re.findall(r"([0-9]{1,9})([dhms])", cron)
        seconds = min(max(sum(int(number) * _SECONDS[unit] for number, unit in parts), 1), _YEAR_S)
        unit = next(unit for unit in "hms" if seconds % _SECONDS[unit] == 0)
        return f"@every {seconds // _SECONDS[unit]}{unit}" if parts else ""
    fields = cron.split()
    if len(fields) == 5:
        fields = ["0", *fields]
    return " ".join(_bounded(field, *limits) for field, limits in zip(fields, _BETWEEN, strict=False))


def _bounded(field: str, least: int, most: int, last: str) -> str:
    """``25`` -> ``23``; the step behind a slash is no time, and at least 1."""
    times, slash, step = field.partition("/")
    times = re.sub(r"[0-9]{1,9}", lambda n: last if int(n[0]) > most else str(max(int(n[0]), least)), times)
    return times + slash + ("1" if step and not step.strip("0") else step)


def _zone_near(name: str) -> str:
    known = {zone.lower(): zone for zone in zoneinfo.available_timezones()}
    near = difflib.get_close_matches(name.lower(), known, n=1)
    return known[near[0]] if near else "Asia/Shanghai"


def _http_instead(config: Any) -> str:
    """Never one that lets everybody in where somebody else was to."""
    given = config if isinstance(config, Mapping) else {}
    known = {name.lower(): name for name in (f.alias or n for n, f in Http.model_fields.items()) if name}
    meant = {known[near]: v for k, v in given.items() if (near := _near(str(k), known))}
    if "authConfig" not in meant:
        try:
            return text(Http.model_validate(meant))
        except ValidationError:
            pass
    guarded = any(str(key).lower().startswith("auth") for key in given)
    return '{"type": "http", "config": {"authType": "function"}}' if guarded else "http"


def _near(key: str, known: Mapping[str, str]) -> str:
    return next(iter(difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.75)), "")


def _bucket_instead(config: Any) -> str:
    given = config if isinstance(config, Mapping) else {}
    named = str(given.get("sourceArn") or given.get("bucketName") or "")
    return f"oss:{named if oss.SOURCE.fullmatch(named) else 'my-bucket'}"


def _is_schedule(text: str) -> bool:
    try:
        Schedule.parse(text)
    except ValueError:
        return False
    return True
