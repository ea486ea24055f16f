"""Answers of HTTP/1.1 out of the bytes that came so far. Pure: it knows no socket."""

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

    __slots__ = ("_first", "_head", "_small", "body", "kept", "status")

    def __init__(
        self, status: int, head: bytes, body: bytes, kept: bool = True, small: bytes = b"", first: bytes = b""
    ) -> None:
        """``first`` line; ``head``: the others, each begins with a line end; ``small``: these in small letters."""
        self.status, self._head, self.body, self.kept = status, head, body, kept
        self._small, self._first = small or head.lower(), first

    @property
    def reason(self) -> str:
        return self._first[13:].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        """By their names in small letters; of a repeated one the values with commas."""
        headers: dict[str, str] = {}
        for line in self._head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return headers

    def has(self, name: bytes) -> bool:
        """``name`` as ``header`` gives it."""
        return name in self._small

    def number(self, name: bytes) -> float:
        """0 if there is none. ``name`` as ``header`` gives it."""
        try:
            return float(_value(self._small, name) or 0)
        except ValueError:
            return 0.0


class Came(NamedTuple):
    """An answer that is whole, and where it ends."""

    answer: Answer
    end: int


class Reader:
    """The answers of one connection, each out of the pieces that come after one request."""

    __slots__ = ("_came", "_needed")

    def __init__(self) -> None:
        #: what came of an answer, and how much of it makes another look worth it
        self._came, self._needed = bytearray(), 0

    def feed(self, piece: bytes, bodiless: bool = False) -> Answer | None:
        """The answer, if it is whole by that; an empty piece is the end. Raises as ``read`` does."""
        data: bytes | bytearray = piece
        if self._came:
            data = self._came
            data += piece
        if piece and len(data) < self._needed:
            return None
        found = read(data, not piece, bodiless)
        if isinstance(found, int):
            self._needed = found
            if data is piece:
                self._came = bytearray(piece)
            return None
        answer, end = found
        if end < len(data):  # what is read beyond an answer belongs to nobody
            answer.kept = False
        if self._needed:
            self._came, self._needed = bytearray(), 0
        return answer


def read(data: bytes | bytearray, ended: bool = False, bodiless: bool = False) -> Came | int:
    """The answer at the beginning of ``data``, or how many bytes there must be before it is worth another look.
    ``ended``: no more will come; ``bodiless``: none was asked for. Raises ValueError if it is no HTTP, or if its end
    is missing."""
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
    size = _value(small, _LENGTH)
    if bodiless or status in (204, 304):
        body, stop = b"", start
    elif _value(small, _ENCODING) == b"chunked":
        found = _chunked(data, start, ended)
        if isinstance(found, int):
            return found
        body, stop = found
    elif size is None:  # its body is all that comes
        if not ended:
            return len(data) + 1
        body, stop, kept = bytes(data[start:]), len(data), False
    elif not size.isdigit():
        raise ValueError(f"Content-Length is {size[:40]!r}")
    else:
        stop = start + int(size)
        if stop > len(data):
            return _missing(data, stop, ended)
        body = bytes(memoryview(data)[start:stop])
    return Came(Answer(status, head, body, kept, small, first), stop)


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


def _chunked(data: bytes | bytearray, at: int, ended: bool) -> tuple[bytes, int] | int:
    """The body and its end, or how many bytes there must be."""
    places = []
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return _unended(data, at, ended)
        size = bytes(data[at:line]).partition(b";")[0].strip()
        if not size or size.strip(b"0123456789abcdefABCDEF"):
            raise ValueError(f"the size of a chunk is {size[:40]!r}")
        at, length = line + 2, int(size, 16)
        if not length:
            break
        if at + length + 2 > len(data):
            return _missing(data, at + length + 2, ended)
        places.append((at, at + length))
        at += length + 2
    while (line := data.find(b"\r\n", at)) != at:  # what follows the body
        if line < 0:
            return _unended(data, at, ended)
        at = line + 2
    view = memoryview(data)
    return b"".join([view[begin:end] for begin, end in places]), at + 2


def _unended(data: bytes | bytearray, at: int, ended: bool) -> int:
    """Of a line."""
    if len(data) - at > MAX_HEAD:
        raise ValueError("a line of the answer does not end")
    return _missing(data, len(data) + 1, ended)
