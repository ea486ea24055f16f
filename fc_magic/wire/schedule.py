"""When a timer fires next: an interval or cron.

Pure: the clock is an argument. Cron has Function Compute's six fields (second minute hour day month weekday),
in UTC unless it begins with ``CRON_TZ=Zone``; ``@every 1h30m`` is an interval.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

MAX_CRON = 256
_EVERY = re.compile(r"@every\s+(?=[0-9])(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
# croniter draws these at random or from a hash: the next firing would be another one each time it is asked for
_DRAWN = re.compile(r"(?i)\b[hr]\b")
#: each field, and from what to what it goes; weekdays by name, as their numbers are not documented
_PARTS = (
    ("second", 0, 59),
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", "MON", "SUN"),
)


class Schedule:
    """When a timer fires: an interval or a cron expression in a time zone."""

    def __init__(self, every: timedelta | None = None, cron: str = "", zone: ZoneInfo | None = None) -> None:
        self.every, self.cron, self.zone = every, cron, zone or ZoneInfo("UTC")

    @classmethod
    @lru_cache(maxsize=512)  # a form asks at each keystroke, for every schedule it has
    def parse(cls, expression: str) -> Schedule:
        """Raises ValueError that says of the expression what is wrong with it."""
        expression = expression.strip()
        if len(expression) > MAX_CRON:
            raise ValueError(f"has {len(expression)} characters, and may have at most {MAX_CRON}")
        if expression.startswith("@"):
            return cls(every=_interval(expression))
        zone, cron = _zone(expression)
        fields = cron.split()
        if len(fields) != 6:
            more = f'; with seconds first it is "0 {cron}"' if len(fields) == 5 else ""
            raise ValueError(f"must have 6 fields (seconds first), not {len(fields)}{more}")
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
                name, least, most = _PARTS[i]
                raise ValueError(f"has no valid {name}: {part!r}; {least} to {most}")
        try:
            self.next(datetime(2024, 1, 1, tzinfo=timezone.utc), datetime(2024, 1, 1, tzinfo=timezone.utc))
        except CroniterBadDateError:
            raise ValueError("names no day that exists") from None
        except (ValueError, KeyError, OverflowError) as error:
            raise ValueError(f"cannot be read ({error})") from None

    def next(self, after: datetime, anchor: datetime) -> datetime:
        """The first firing later than ``after`` (both aware). Intervals count from ``anchor``, the creation."""
        if self.every is not None:
            steps = (after - anchor) // self.every + 1
            return anchor + max(steps, 1) * self.every
        from croniter import croniter

        start = after.astimezone(self.zone)
        found: datetime = croniter(self.cron, start, second_at_beginning=True).get_next(datetime)
        return found.astimezone(timezone.utc)

    def last(self, upto: datetime) -> datetime:
        """The last firing of a cron expression up to this moment."""
        from croniter import croniter

        start = (upto + timedelta(microseconds=1)).astimezone(self.zone)
        found: datetime = croniter(self.cron, start, second_at_beginning=True).get_prev(datetime)
        return found.astimezone(timezone.utc)


def _interval(expression: str) -> timedelta:
    match = _EVERY.fullmatch(expression)
    if not match:
        raise ValueError("must be @every with h, m and s, such as @every 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    interval = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(seconds=1) <= interval <= timedelta(days=366):
        raise ValueError("must be at least 1 second and at most a year")
    return interval


def _zone(expression: str) -> tuple[ZoneInfo, str]:
    if not expression.startswith(("CRON_TZ=", "TZ=")):
        return ZoneInfo("UTC"), expression
    name, cron = re.match(r"[A-Z_]+=(\S*)\s*(.*)", expression, re.DOTALL).groups()  # type: ignore[union-attr]
    try:
        return ZoneInfo(name), cron
    except (KeyError, ValueError, OSError):
        raise ValueError(f"has no valid time zone: {name!r}; such as CRON_TZ=Asia/Shanghai") from None
