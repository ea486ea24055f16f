"""An answer of HTTP/1.1 out of the bytes that came so far. Pure: it knows no socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

#: more than any server sends that speaks HTTP
MAX_HEAD = 1 << 20


class Answer:
    """``status``, ``headers`` by their names in small letters, and the body; ``kept``: the connection goes on."""

    __slots__ = ("body", "headers", "kept", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, kept: bool = True) -> None:
        self.status, self.headers, self.body, self.kept = status, headers, body, kept

    def number(self, name: str) -> float:
        try:
            return float(self.headers.get(name) or 0)
        except ValueError:
            return 0.0


class Came(NamedTuple):
    """An answer that is whole, and where it ends."""

    answer: Answer
    end: int


def read(data: bytes | bytearray, ended: bool = False) -> Came | int:
    """The answer at the beginning of ``data``, or how many bytes there must be before it is worth another look.
    ``ended``: no more will come. Raises ValueError if it is no HTTP, or if its end is missing."""
    start = 0
    while True:
        end = data.find(b"\r\n\r\n", start)
        if end < 0:
            return _missing(data, len(data) + 1, ended)
        first, *lines = data[start:end].decode("latin-1").split("\r\n")
        status = _status(first)
        start = end + 4
        if status >= 200:  # what comes before is only about what is to come
            break
    headers = {name.lower(): value.strip() for name, _, value in [line.partition(":") for line in lines]}
    kept = first[:8] != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
    if status in (204, 304):
        return Came(Answer(status, headers, b"", kept), start)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunked(data, start, ended, status, headers, kept)
    size = headers.get("content-length")
    if size is None:  # its body is all that comes
        whole = Answer(status, headers, bytes(data[start:]), kept=False)
        return Came(whole, len(data)) if ended else len(data) + 1
    if not size.isdecimal():
        raise ValueError(f"Content-Length is {size[:40]!r}")
    stop = start + int(size)
    if stop > len(data):
        return _missing(data, stop, ended)
    return Came(Answer(status, headers, bytes(data[start:stop]), kept), stop)


def _status(first: str) -> int:
    version, _, rest = first.partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
        raise ValueError(f"{first[:80]!r} is no answer of HTTP")
    return int(rest[:3])


def _missing(data: bytes | bytearray, needed: int, ended: bool) -> int:
    if ended:
        raise ValueError("the remote end closed connection")
    if needed > MAX_HEAD and data.find(b"\r\n\r\n") < 0:
        raise ValueError("the head of the answer does not end")
    return needed


def _chunked(
    data: bytes | bytearray, at: int, ended: bool, status: int, headers: Mapping[str, str], kept: bool
) -> Came | int:
    pieces = []
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return _missing(data, len(data) + 1, ended)
        size, at = int(data[at:line].partition(b";")[0], 16), line + 2
        if not size:
            break
        if at + size + 2 > len(data):
            return _missing(data, at + size + 2, ended)
        pieces.append(bytes(data[at : at + size]))
        at += size + 2
    while (line := data.find(b"\r\n", at)) != at:  # what follows the body
        if line < 0:
            return _missing(data, len(data) + 1, ended)
        at = line + 2
    return Came(Answer(status, headers, b"".join(pieces), kept), at + 2)
