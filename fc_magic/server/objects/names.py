"""Which names buckets and objects may have, and where a request says them: in its path or in its host."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes, urlsplit

from fc_magic.server.objects.refusals import Refused

_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", re.ASCII)
#: bytes of a key in UTF-8
MAX_KEY = 1023


def check_bucket(name: str) -> str:
    if not _BUCKET.fullmatch(name):
        raise Refused("InvalidBucketName", BucketName=name)
    return name


def check_key(key: str) -> str:
    """Any text of 1 to 1023 bytes that does not begin with a slash; a key is never used as the name of a file."""
    if not key:
        raise Refused("InvalidObjectName", "The Object name can not be empty.")
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise Refused("InvalidObjectName") from None
    if size > MAX_KEY:
        raise Refused("InvalidObjectName", "The Length of Object name must be less than 1024.")
    if key[0] in "/\\":
        raise Refused("InvalidObjectName", ObjectName=key)
    return key


def decoded(raw: str) -> str:
    """A percent-encoded key as text."""
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise Refused("InvalidObjectName", "The Object name must be encoded in UTF-8.") from None


def split_path(raw_path: str) -> tuple[str, str]:
    """``/BUCKET/KEY`` as it is on the wire -> bucket and key, both decoded ("" where there is none)."""
    bucket, _, key = raw_path.removeprefix("/").partition("/")
    return decoded(bucket), decoded(key)


def bucket_of_host(host: str, hosts: Iterable[str]) -> str | None:
    """ "" for a host of ours, BUCKET for ``BUCKET.`` before one, None for a foreign host."""
    for ours in hosts:
        if host == ours:
            return ""
        if host.endswith(f".{ours}"):
            return host[: -len(ours) - 1]
    return None


def host_name(header: str) -> str:
    """The name in ``Host``, without its port."""
    try:
        return (urlsplit(header if "://" in header else f"//{header}").hostname or "").lower()
    except ValueError:
        return ""
