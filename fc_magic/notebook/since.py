"""Times as a person writes them in a line: ``5m``, ``2h``, ``1d``, or a moment."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from fc_magic.errors import UsageError

_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?(s|m|min|h|d)")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def span(text: str) -> timedelta | None:
    """``90s``, ``5m``, ``1.5h``, ``2d``; None if it is something else."""
    found = _SPAN.fullmatch(text.strip().lower())
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2]]) if found else None


def since(text: str, now: datetime, option: str = "--since") -> datetime:
    """So long ago, or since that moment, in the zone of ``now`` if it names none. Raises UsageError."""
    back = span(text)
    try:
        found = (
            now.astimezone(timezone.utc) - back
            if back is not None
            else datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text.strip()))
        )
        found = found if found.tzinfo else found.replace(tzinfo=now.tzinfo)
        is_past = found.timestamp() <= now.timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{option} {text}: must be a time back such as 90s, 5m, 2h or 1d, or a moment such as 2026-11-27T14:05",
            hint=f"{option} 5m",
        ) from None
    if not is_past:
        raise UsageError(f"{option} {text}: is in the future", hint=f"{option} 5m")
    return found


def seconds(text: str, option: str) -> float:
    """How long, in seconds. Raises UsageError."""
    found = span(text)
    if not found:
        raise UsageError(f"{option} {text}: must be a time such as 30s, 5m or 2h", hint=f"{option} 30s")
    return found.total_seconds()
