"""What an ``oss`` trigger hears: names of events, a bucket, and the short form ``BUCKET/PREFIX*SUFFIX``. Pure."""

from __future__ import annotations

import re
from typing import Any

BUCKET = "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
#: what a trigger that names no events hears
CREATED = "oss:ObjectCreated:*"
#: the role that OSS calls functions with, as Alibaba Cloud names it
ROLE = "AliyunOSSEventNotificationRole"

_NEW = ("PutObject", "PostObject", "CopyObject", "AppendObject", "PutSymlink", "CompleteMultipartUpload")
#: on the way to an object that is not there yet: ``ObjectCreated:*`` leaves them out
_PARTS = ("InitiateMultipartUpload", "UploadPart", "UploadPartCopy")
_REMOVED = ("DeleteObject", "DeleteObjects", "AbortMultipartUpload")
#: what ``events`` may have, as Function Compute's tools know it
EVENTS = (
    CREATED,
    *(f"oss:ObjectCreated:{name}" for name in (*_NEW, *_PARTS)),
    *(f"oss:ObjectRemoved:{name}" for name in _REMOVED),
    "oss:ObjectModified:UpdateObjectMeta",
)

_ARN = re.compile(rf"acs:oss:([a-z0-9-]+):([0-9]+):({BUCKET})")
SOURCE = re.compile(rf"{_ARN.pattern}|{BUCKET}")


def is_meant(events: tuple[str, ...], name: str) -> bool:
    """Whether a trigger for ``events`` hears of a change, which has its ``name`` without ``oss:``."""
    kind, _, what = name.partition(":")
    return f"oss:{name}" in events or (kind == "ObjectCreated" and what in _NEW and CREATED in events)


def arn(region: str, account_id: str, bucket: str) -> str:
    return f"acs:oss:{region}:{account_id}:{bucket}"


def parts(source: str) -> tuple[str, str, str]:
    """Region, account and bucket of a ``sourceArn``; a bare bucket is of no region and account yet."""
    found = _ARN.fullmatch(source)
    return (found[1], found[2], found[3]) if found else ("", "", source)


def read(text: str) -> dict[str, Any]:
    """``BUCKET``, ``BUCKET/PREFIX``, ``BUCKET/PREFIX*SUFFIX`` -> the trigger's ``config``."""
    source, _, pattern = text.partition("/")
    if pattern.count("*") > 1:
        raise ValueError("has one * at most, between a prefix and a suffix, as in oss:my-bucket/in/*.png")
    prefix, _, suffix = pattern.partition("*")
    key = {name: part for name, part in (("prefix", prefix), ("suffix", suffix)) if part}
    return {"sourceArn": source, **({"filter": {"key": key}} if key else {})}


def short(source: str, prefix: str, suffix: str) -> str | None:
    """The inverse of :func:`read`; None if that form cannot say it."""
    if "*" in prefix + suffix or (prefix + suffix).strip() != prefix + suffix:
        return None
    return f"{source}/{prefix}*{suffix}" if prefix or suffix else source
