"""If-Match and its kin, and Range: what part of an object a request wants, and whether at all. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from fc_magic.server.objects.model import Object
from fc_magic.server.objects.refusals import NotModified, Refused

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII)


def check(headers: Mapping[str, str], found: Object, prefix: str = "") -> None:
    """Raises Refused (412) or NotModified. ``prefix``: where a copy says its conditions."""
    match, none = headers.get(f"{prefix}if-match"), headers.get(f"{prefix}if-none-match")
    since, until = (
        _date(headers, f"{prefix}if-modified-since"),
        _date(headers, f"{prefix}if-unmodified-since"),
    )
    if match is not None and not _names(match, found.etag):
        raise Refused("PreconditionFailed", Condition="If-Match")
    if until is not None and int(found.modified) > until:
        raise Refused("PreconditionFailed", Condition="If-Unmodified-Since")
    if none is not None and _names(none, found.etag):
        raise NotModified
    if none is None and since is not None and int(found.modified) <= since:
        raise NotModified


def _names(header: str, etag: str) -> bool:
    return any(part.strip().strip('"').upper() in (etag, "*") for part in header.split(","))


def _date(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return parsedate_to_datetime(headers[name]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None  # a date that is none is ignored


def wanted(header: str, size: int, standard: bool) -> tuple[int, int] | None:
    """(start, length) of a Range, or None for all of it.

    OSS answers a range that it cannot serve with the whole object, unless ``x-oss-range-behavior: standard`` asks
    for what HTTP says.
    """
    if not header:
        return None
    if "," in header:
        raise Refused("InvalidRange", "OSS does not support more than one range.", _actual(header, size))
    match = _RANGE.fullmatch(header.strip().replace(" ", ""))
    first, last = (match[1], match[2]) if match else ("", "")
    if not match or (not first and not last):
        return None
    if not first:
        start, end = max(size - int(last), 0), size - 1
        bad = int(last) == 0 or (int(last) > size and not standard)
    else:
        start, end = int(first), int(last) if last else size - 1
        if last and end < start:
            return None
        bad = start >= size or (end >= size and not standard)
    if bad or not size:
        if standard:
            raise Refused("InvalidRange", "", _actual(header, size))
        return None
    return start, min(end, size - 1) - start + 1


def copied(header: str, size: int) -> tuple[int, int]:
    """(start, length) of ``x-oss-copy-source-range``, which must be inside."""
    if not header:
        return 0, size
    match = _RANGE.fullmatch(header.strip())
    if not match or not match[1] or (match[2] and int(match[2]) < int(match[1])):
        raise Refused(
            "InvalidArgument", "The copy source range is not bytes=FIRST-LAST.", ArgumentValue=header
        )
    start, end = int(match[1]), int(match[2]) if match[2] else size - 1
    if end >= size or start >= size:
        raise Refused("InvalidRange", "", _actual(header, size))
    return start, end - start + 1


def _actual(header: str, size: int) -> dict[str, str]:
    return {"ActualObjectSize": str(size), "RangeRequested": header}
