"""Headers <-> what is kept with an object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.utils import formatdate
from urllib.parse import parse_qsl, quote

from fc_magic.server.objects.model import (
    CONTENT_HEADERS,
    DEFAULT_TYPE,
    OBJECT_ACLS,
    STORAGE,
    Meta,
    Object,
    Tags,
)
from fc_magic.server.objects.refusals import Refused

USER = "x-oss-meta-"
MAX_USER = 8 << 10
MAX_TAGS = 10
#: asks for something that is not here: doing the rest silently would be a lie
_UNSUPPORTED = ("x-oss-server-side-", "x-oss-callback", "x-oss-object-worm", "x-oss-restore")


def meta_of(headers: Mapping[str, str]) -> Meta:
    """What a request says about the object it makes."""
    refuse_unsupported(headers)
    user = {name: value for name, value in headers.items() if name.startswith(USER)}
    if sum(len(name) + len(value) for name, value in user.items()) > MAX_USER:
        raise Refused("InvalidArgument", f"The user meta is larger than {MAX_USER >> 10} KB.")
    return Meta(
        {name: headers[name] for name in CONTENT_HEADERS if headers.get(name)},
        user,
        tags_of_header(headers.get("x-oss-tagging", "")),
        one_of(headers, "x-oss-object-acl", OBJECT_ACLS),
        one_of(headers, "x-oss-storage-class", STORAGE),
    )


def refuse_unsupported(headers: Mapping[str, str]) -> None:
    for name in headers:
        if name.startswith(_UNSUPPORTED):
            raise Refused("NotImplemented", Header=name)


def one_of(headers: Mapping[str, str], name: str, allowed: Iterable[str]) -> str:
    """The header's value, or the first one allowed if it is missing."""
    choices = tuple(allowed)
    value = headers.get(name) or choices[0]
    if value not in choices:
        fields = {"ArgumentName": name, "ArgumentValue": value}
        raise Refused("InvalidArgument", f"{name} must be one of {', '.join(choices)}.", fields)
    return value


def tags_of_header(text: str) -> Tags:
    return checked_tags(parse_qsl(text, keep_blank_values=True))


def checked_tags(tags: Iterable[tuple[str, str]]) -> Tags:
    found = tuple(tags)
    if len(found) > MAX_TAGS or len({name for name, _ in found}) < len(found):
        raise Refused("InvalidTag", f"An object has at most {MAX_TAGS} tags, each with a key of its own.")
    for name, value in found:
        if not 1 <= len(name) <= 128 or len(value) > 256:
            raise Refused("InvalidTag", "A tag has a key of 1 to 128 and a value of at most 256 characters.")
    return found


def said(found: Object, link: bool = False) -> dict[str, str]:
    """What a GET or HEAD of the object says in its head."""
    headers = {
        "content-type": DEFAULT_TYPE,
        **found.meta.headers,
        **found.meta.user,
        "accept-ranges": "bytes",
        "etag": f'"{found.etag}"',
        "last-modified": formatdate(found.modified, usegmt=True),
        "x-oss-object-type": "Symlink" if link else found.kind,
        "x-oss-storage-class": found.meta.storage,
        "x-oss-hash-crc64ecma": str(found.crc),
    }
    if found.kind == "Appendable":
        headers["x-oss-next-append-position"] = str(found.size)
    if found.meta.tags:
        headers["x-oss-tagging-count"] = str(len(found.meta.tags))
    return headers


def target_header(key: str) -> str:
    return quote(key, safe="")
