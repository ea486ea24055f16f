"""What goes between the server and an event instance: two sizes, a JSON header, a payload; and where an answer comes
to that no task waits for."""

from __future__ import annotations

import asyncio
import functools
import json
import struct
from collections.abc import Mapping
from typing import Any, cast

HEAD = struct.Struct(">II")
#: a header of an answer that says nothing unusual
SHORT = 128
#: the header of an answer, and its payload
Heard = tuple[Mapping[str, Any], bytes]


def framed(head: bytes, payload: bytes = b"") -> bytes:
    return HEAD.pack(len(head), len(payload)) + head + payload


def whole(data: bytes) -> Heard | None:
    """The answer that ``data`` is, if it is nothing else, as nearly always. Raises ValueError as ``header_of``."""
    if len(data) < HEAD.size:
        return None
    head, payload = HEAD.unpack_from(data)
    middle = HEAD.size + head
    if head > SHORT or len(data) != middle + payload:
        return None
    return _known(data[HEAD.size : middle]), data[middle:]


def header_of(raw: bytes | bytearray) -> Mapping[str, Any]:
    """As an instance says it. Raises ValueError for anything else: the function can write there too."""
    header = json.loads(raw)
    if type(header) is not dict:
        raise ValueError
    memory = header.get("memory_kb", 0)
    kinds = (type(memory) in (int, float), type(header.get("error_type", "")) is str)
    if not all((*kinds, type(header.get("behind", [])) is list)):
        raise ValueError
    return cast("Mapping[str, Any]", header)


@functools.lru_cache(maxsize=256)
def _known(header: bytes) -> Mapping[str, Any]:
    """The same comes again and again."""
    return header_of(header)


def _is_good(header: object) -> bool:
    is_one = type(header) is dict and not header.get("error_type")
    return is_one and type(header.get("memory_kb")) is int  # type: ignore[attr-defined]


class Slot:
    """Used as a future is, without a turn of the loop: ``heard`` is called once, for an answer or an error."""

    __slots__ = ("answer", "error")

    def __init__(self) -> None:
        self.answer: Heard | None = None
        self.error: Exception | None = None

    def heard(self) -> None:
        """What is to be done then."""

    def done(self) -> bool:
        return self.answer is not None or self.error is not None

    @property
    def good(self) -> Heard | None:
        """An answer that is no error, and as it should be: the function can write there too."""
        answer = self.answer
        return answer if answer and _is_good(answer[0]) else None

    def set_result(self, answer: Heard) -> None:
        self.answer = answer
        self.heard()

    def set_exception(self, error: Exception) -> None:
        self.error = error
        self.heard()

    def pass_on(self, waiting: asyncio.Future[Heard]) -> None:
        """What came already is what a task finds that waits from now on."""
        if self.error is not None:
            waiting.set_exception(self.error)
        elif self.answer is not None:
            waiting.set_result(self.answer)
