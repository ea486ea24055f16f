"""Moments as they are written on the wire, and seconds since the epoch."""

from __future__ import annotations

import re
from datetime import datetime, timezone


def iso(at: float) -> str:
    """``2026-11-27T10:00:00Z``, of the whole second."""
    return datetime.fromtimestamp(int(at), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact(at: float) -> str:
    """``2026-11-27T10:00:00.250Z``"""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """An ISO-8601 text as an aware moment; one without a zone is UTC. Raises ValueError."""
    found = datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text.strip()))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def seconds(text: str) -> float:
    """The same since the epoch."""
    return moment(text).timestamp()
