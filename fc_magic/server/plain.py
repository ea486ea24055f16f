"""Reads a request that is one InvokeFunction and nothing else, written as clients write it: most are.

Whatever is unusual is left to the parser of all other requests, so nothing is refused here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

#: a longer request is rare, and takes its time anyhow
MAX_HEAD, MAX_BODY = 8 * 1024, 64 * 1024
#: a head of more lines too; for each form of a head an expression is compiled
MAX_LINES = 40
_START = b"POST /2023-03-30/functions/"
_LINE = r"POST (/2023-03-30/functions/([A-Za-z0-9_-]+)/invocations) HTTP/1\.1"
#: parsers differ about what to do with a space at the end of a line
_VALUE = r"\r\n%s: *([!-~][ -~]*)(?<! )"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
#: with these a request may mean something else
_UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade", "trailer", "te"})
#: of FC's own headers those that are understood here
_KNOWN = frozenset({"x-fc-invocation-type", "x-fc-log-type"})
_MAY_SAY = frozenset({"connection", "x-fc-invocation-type"})


class Form(NamedTuple):
    """How the head of a request is written: what finds path, function and the values of all headers in it; their
    names, in small letters; whether none of them has a say in what the request is."""

    match: Callable[[str], re.Match[str] | None]
    names: tuple[str, ...]
    is_usual: bool


class Asked(NamedTuple):
    """A request that is whole, or lacks ``missing`` bytes of its body."""

    name: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    missing: int
    form: Form


def read(data: bytes, form: Form | None = None) -> Asked | None:
    """The request that ``data`` is, if it is nothing but one InvokeFunction, and written as clients write it: what is
    read here means the same to the parser of other requests. ``form``: of the one before, because a client's requests
    are alike."""
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD) if data.startswith(_START) else -1
    if end < 0:
        return None
    try:
        head = str(data[:end], "ascii")
    except ValueError:
        return None
    found = form.match(head) if form else None
    if found is None:
        form = _form_of(head)
        found = form.match(head) if form else None
    if form is None or found is None:
        return None
    path, name, *values = found.groups()
    headers = dict(zip(form.names, values))  # noqa: B905 - as many of both
    size = headers.get("content-length", "")
    if not (size.isdecimal() and len(size) < 6 and (form.is_usual or _is_usual(headers))):
        return None
    missing = end + 4 + int(size) - len(data)
    if missing < 0 or int(size) > MAX_BODY:
        return None
    return Asked(name, path, headers, data[end + 4 :], missing, form)


def _form_of(head: str) -> Form | None:
    _, *lines = head.split("\r\n", MAX_LINES + 1)
    if len(lines) > MAX_LINES:
        return None
    try:
        return _form(tuple([line[: line.index(":")] for line in lines]))
    except ValueError:
        return None


@functools.lru_cache(maxsize=256)
def _form(written: tuple[str, ...]) -> Form | None:
    """None if one is no name, comes twice or is unusual."""
    names = tuple(name.lower() for name in written)
    own = {name for name in names if name.startswith("x-fc-")}
    if len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    if _UNUSUAL.intersection(names) or not own <= _KNOWN:
        return None
    pattern = re.compile("".join([_LINE, *(_VALUE % re.escape(name) for name in written)]))
    return Form(pattern.fullmatch, names, _MAY_SAY.isdisjoint(names))


def _is_usual(headers: Mapping[str, str]) -> bool:
    connection, kind = headers.get("connection"), headers.get("x-fc-invocation-type")
    return (connection is None or connection.lower() == "keep-alive") and (
        kind is None or kind.lower() == "sync"
    )
