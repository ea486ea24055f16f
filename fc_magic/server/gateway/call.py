"""A request on its way to a function: what was sent, and what the trigger has changed of it since.

However a function answers, as an event or by the request itself, it is this that it gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from starlette.requests import Request

from fc_magic.errors import EntityTooLarge, InvalidArgument
from fc_magic.server import http
from fc_magic.server.live import Live
from fc_magic.wire.results import Function
from fc_magic.wire.triggers import Http

FORM = "application/x-www-form-urlencoded"
#: a form is read before it is known who calls: of a larger one, or of one with more fields, nothing is looked at
MAX_FORM, MAX_FIELDS = 64 * 1024, 10_000


@dataclass
class Call:
    """``raw_path`` is the path as the function sees it, still encoded; ``asked`` the one that was sent, if a route
    rewrites it. ``headers`` are as they came: pairs of bytes, names in small letters; ``own`` are those the trigger
    has set. The body is read when it is first asked for. ``live`` is what serves it, once it was let in."""

    request: Request
    function: Function
    trigger: Http
    raw_path: str
    headers: list[tuple[bytes, bytes]]
    raw_query: bytes
    read: bytes | None = None
    live: Live | None = None
    own: set[bytes] = field(default_factory=set)
    asked: str = ""

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
                    name, sign, text = part.partition("=")
                    if sign:
                        yield name.strip(), text.strip()

    def is_form(self) -> bool:
        # of several headers nobody knows which one the function goes by
        kinds = (value for key, value in self.headers if folded(key) == b"content-type")
        return any(http.text(value).partition(";")[0].strip().lower() == FORM for value in kinds)

    async def form(self) -> list[tuple[str, str]]:
        """The fields of a form; none if it is no form, too large or too odd a one."""
        if not self.is_form():
            return []
        raw = await self.body()
        if len(raw) > MAX_FORM:
            return []
        try:
            return parse_qsl(http.text(raw), keep_blank_values=True, max_num_fields=MAX_FIELDS)
        except ValueError:
            return []

    # ------------------------------------------------------------ changes: one value of a name, and only that

    def set_header(self, name: str, value: str | None) -> None:
        key = name.lower().encode("latin-1")
        self.headers = [pair for pair in self.headers if folded(pair[0]) != folded(key)]
        if value is not None:
            self.headers.append((key, value.encode()))
            self.own.add(key)

    def set_query(self, name: str, value: str | None) -> None:
        self.raw_query = _with(self.raw_query, name, value)

    def set_cookie(self, name: str, value: str | None) -> None:
        pairs = list(self.cookies())
        left = [(key, text) for key, text in pairs if key != name]
        if value is not None:
            left.append((name, value))
        if left != pairs:
            self.set_header("cookie", "; ".join(f"{key}={text}" for key, text in left) or None)

    async def set_form(self, name: str, value: str | None) -> None:
        """Raises InvalidArgument if the form has too many fields to look at each."""
        if not self.is_form():
            return
        raw = await self.body()
        if raw.count(b"&") >= MAX_FIELDS:
            raise InvalidArgument(f"the form has more than {MAX_FIELDS} fields, which are allowed here")
        self.read = _with(raw, name, value)
        self.set_header("content-length", str(len(self.read)))
        self.set_header("transfer-encoding", None)


def folded(name: bytes) -> bytes:
    """A header's name as CGI and WSGI compare it: for them ``X_Sub`` is ``X-Sub``."""
    return name.lower().replace(b"_", b"-")


def _with(raw: bytes, name: str, value: str | None) -> bytes:
    """A query or a form as it came, but for the fields of this name."""
    fields = raw.split(b"&") if raw else []
    left = [field for field in fields if not _is_named(field, name.encode())]
    if value is not None:
        left.append(urlencode({name: value}).encode())
    return b"&".join(left)


def _is_named(field: bytes, name: bytes) -> bool:
    key = field.partition(b"=")[0]
    # each byte may be written as three: a longer one is another, and need not be decoded
    return len(key) <= 3 * len(name) and unquote_to_bytes(key.replace(b"+", b" ")) == name
