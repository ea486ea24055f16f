"""A request on its way to a function: what was sent, and what the trigger has changed of it since.

However a function answers, as an event or by the request itself, it is this that it gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from fc_magic.errors import EntityTooLarge, InvalidArgument
from fc_magic.server import http
from fc_magic.wire.results import Function
from fc_magic.wire.triggers import Http

FORM = "application/x-www-form-urlencoded"


@dataclass
class Call:
    """``raw_path`` is the path as the function sees it, still encoded. ``headers`` are as they came: pairs of bytes,
    names in small letters. The body is read when somebody first asks for it."""

    request: Request
    function: Function
    trigger: Http
    raw_path: str
    headers: list[tuple[bytes, bytes]]
    raw_query: bytes
    read: bytes | None = None

    async def body(self) -> bytes:
        if self.read is None:
            try:
                self.read = await http.read_body(self.request, http.MAX_EVENT)
            except EntityTooLarge as error:
                raise InvalidArgument(error.message) from None  # FC's code at a trigger's URL
        return self.read

    def header(self, name: str) -> str:
        """Its first value, or nothing."""
        wanted = name.lower().encode("latin-1")
        return next((http.text(value) for key, value in self.headers if key.lower() == wanted), "")

    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(http.text(self.raw_query), keep_blank_values=True)

    def cookies(self) -> Iterator[tuple[str, str]]:
        for key, value in self.headers:
            if key.lower() == b"cookie":
                for part in http.text(value).split(";"):
                    name, sign, text = part.strip().partition("=")
                    if sign:
                        yield name, text

    def is_form(self) -> bool:
        return self.header("content-type").partition(";")[0].strip().lower() == FORM

    async def form(self) -> list[tuple[str, str]]:
        """The fields of a form; none if it is no form, or too odd a one."""
        if not self.is_form():
            return []
        try:
            return parse_qsl(http.text(await self.body()), keep_blank_values=True)
        except ValueError:
            return []

    # ------------------------------------------------------------ changes: one value of a name, and only that

    def set_header(self, name: str, value: str | None) -> None:
        key = name.lower().encode("latin-1")
        self.headers = [pair for pair in self.headers if pair[0].lower() != key]
        if value is not None:
            self.headers.append((key, value.encode()))

    def set_query(self, name: str, value: str | None) -> None:
        self.raw_query = urlencode(_with(self.query(), name, value)).encode()

    def set_cookie(self, name: str, value: str | None) -> None:
        pairs = _with(list(self.cookies()), name, value)
        self.set_header("cookie", "; ".join(f"{k}={v}" for k, v in pairs) if pairs else None)

    async def set_form(self, name: str, value: str | None) -> None:
        if self.is_form():
            self.read = urlencode(_with(await self.form(), name, value)).encode()
            self.set_header("content-length", str(len(self.read)))
            self.set_header("transfer-encoding", None)


def _with(pairs: list[tuple[str, str]], name: str, value: str | None) -> list[tuple[str, str]]:
    left = [pair for pair in pairs if pair[0] != name]
    return left if value is None else [*left, (name, value)]
