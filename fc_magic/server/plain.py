"""Reads a request that is one InvokeFunction and nothing else, written as clients write it: most are.

Whatever is unusual is left to the parser of all other requests, so nothing is refused here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple

#: a longer request is rare, and takes its time anyhow
MAX_HEAD, MAX_BODY = 8 * 1024, 64 * 1024
_START = b"POST /2023-03-30/functions/"
_LINE = re.compile(r"POST (/2023-03-30/functions/([A-Za-z0-9_-]+)/invocations) HTTP/1\.1")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
#: with these a request may mean something else
_UNUSUAL = frozenset({"transfer-encoding", "expect", "upgrade", "trailer", "te"})
#: what may be in a head beside the ends of lines
_SIGNS = bytes(range(0x20, 0x7F))
#: of FC's own headers those that are understood here
_KNOWN = frozenset({"x-fc-invocation-type", "x-fc-log-type"})
_MAY_SAY = frozenset({"connection", "x-fc-invocation-type"})


class Form(NamedTuple):
    """How the headers of a request are written: their names in small letters; with what each line begins, and how
    long that is; whether none of them has a say in what the request is."""

    names: tuple[str, ...]
    begins: tuple[str, ...]
    cuts: tuple[int, ...]
    is_usual: bool

    def fits(self, lines: list[str]) -> bool:
        return len(lines) == len(self.cuts) and all(map(str.startswith, lines, self.begins))


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
        first, *lines = str(data[:end], "ascii").split("\r\n")
        if form is None or not form.fits(lines):
            form = _form(tuple([line[: line.index(": ")] for line in lines]))
    except ValueError:
        return None
    target = _target(first)
    # parsers differ about what to do with a space at the end of a line
    if b" \r\n" in data[: end + 2]:
        return None
    # what is left must be the ends of lines
    if not (form and target) or data[:end].translate(None, _SIGNS) != b"\r\n" * len(lines):
        return None
    values = [line[cut:].lstrip() for line, cut in zip(lines, form.cuts)]  # noqa: B905 - as many of both
    headers = dict(zip(form.names, values))  # noqa: B905
    size = headers.get("content-length", "")
    if not (size.isdecimal() and len(size) < 6 and (form.is_usual or _is_usual(headers))):
        return None
    missing = end + 4 + int(size) - len(data)
    if missing < 0 or int(size) > MAX_BODY:
        return None
    return Asked(target[1], target[0], headers, data[end + 4 :], missing, form)


@functools.lru_cache(maxsize=256)
def _target(line: str) -> tuple[str, str] | None:
    """Path and function of the first line."""
    match = _LINE.fullmatch(line)
    return (match[1], match[2]) if match else None


@functools.lru_cache(maxsize=256)
def _form(written: tuple[str, ...]) -> Form | None:
    """None if one is no name, comes twice or is unusual."""
    names = tuple(name.lower() for name in written)
    own = {name for name in names if name.startswith("x-fc-")}
    if len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        return None
    if _UNUSUAL.intersection(names) or not own <= _KNOWN:
        return None
    begins = tuple(f"{name}: " for name in written)
    return Form(names, begins, tuple(map(len, begins)), _MAY_SAY.isdisjoint(names))


def _is_usual(headers: Mapping[str, str]) -> bool:
    connection, kind = headers.get("connection"), headers.get("x-fc-invocation-type")
    return (connection is None or connection.lower() == "keep-alive") and (
        kind is None or kind.lower() == "sync"
    )
