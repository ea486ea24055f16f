"""An answer of HTTP/1.1 out of the bytes that came so far. Pure: it knows no socket."""

from __future__ import annotations

from typing import NamedTuple

#: more than any server sends that speaks HTTP
MAX_HEAD = 1 << 20


def header(name: str) -> bytes:
    """How a header begins in a head of small letters."""
    return f"\r\n{name}:".encode()


_GOOD = b"HTTP/1.1 200 OK"
_CONNECTION, _ENCODING, _LENGTH = map(header, ("connection", "transfer-encoding", "content-length"))


class Answer:
    """Status, head and body; ``kept``: the connection goes on. The head is only taken apart where somebody asks: most
    answers are good, and of those two numbers are wanted."""

    __slots__ = ("_head", "_small", "body", "kept", "status")

    def __init__(self, status: int, head: bytes, body: bytes, kept: bool = True, small: bytes = b"") -> None:
        """``head``: lines that each begin with a line end; ``small``: the same in small letters."""
        self.status, self._head, self.body, self.kept = status, head, body, kept
        self._small = small or head.lower()

    @property
    def headers(self) -> dict[str, str]:
        """By their names in small letters."""
        return _headers(self._head)

    def has(self, name: bytes) -> bool:
        """``name`` as ``header`` gives it."""
        return name in self._small

    def number(self, name: bytes) -> float:
        """0 if there is none. ``name`` as ``header`` gives it."""
        try:
            return float(_value(self._small, name) or 0)
        except ValueError:
            return 0.0


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in [line.partition(":") for line in lines]}


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
        lines = data.find(b"\r\n", start)  # at the end of the head, if it has no more than its first line
        first = bytes(data[start:lines])
        status = 200 if first == _GOOD else _status(first)
        start, head = end + 4, bytes(data[lines:end])
        if status >= 200:  # what comes before is only about what is to come
            break
    small = head.lower()
    kept = not first.startswith(b"HTTP/1.0") and _value(small, _CONNECTION) != b"close"
    if status in (204, 304):
        return Came(Answer(status, head, b"", kept, small), start)
    if _value(small, _ENCODING) == b"chunked":
        return _chunked(data, start, ended, status, head, kept)
    size = _value(small, _LENGTH)
    if size is None:  # its body is all that comes
        whole = Answer(status, head, bytes(data[start:]), False, small)
        return Came(whole, len(data)) if ended else len(data) + 1
    if not size.isdigit():
        raise ValueError(f"Content-Length is {size[:40]!r}")
    stop = start + int(size)
    if stop > len(data):
        return _missing(data, stop, ended)
    return Came(Answer(status, head, bytes(data[start:stop]), kept, small), stop)


def _value(small: bytes, name: bytes) -> bytes | None:
    at = small.find(name)
    if at < 0:
        return None
    at += len(name)
    end = small.find(b"\r", at)
    return small[at : end if end >= 0 else None].strip()


def _status(first: bytes) -> int:
    version, _, rest = first.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise ValueError(f"{first[:80]!r} is no answer of HTTP")
    return int(rest[:3])


def _missing(data: bytes | bytearray, needed: int, ended: bool) -> int:
    if ended:
        raise ValueError("the remote end closed connection")
    if needed > MAX_HEAD and data.find(b"\r\n\r\n") < 0:
        raise ValueError("the head of the answer does not end")
    return needed


def _chunked(
    data: bytes | bytearray, at: int, ended: bool, status: int, head: bytes, kept: bool
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
    return Came(Answer(status, head, b"".join(pieces), kept), at + 2)
