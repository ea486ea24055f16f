"""The ZIP of a function or a layer: Function Compute says where it is for a while, and what comes is checked."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlsplit

import requests

from fc_magic.client.session import Session
from fc_magic.client.target import is_this_machine
from fc_magic.errors import ApiError, BadResponse, ConnectionFailed
from fc_magic.wire import fc3, layers
from fc_magic.wire.checksum import crc64

#: of a package, and of what is read at once
MAX_BYTES, PIECE = 500 << 20, 1 << 20
#: between two pieces
READ_S = 60.0


def code(session: Session, name: str, qualifier: str = "") -> bytes:
    """The ZIP of a function or of one of its versions. Raises ApiError, ConnectionFailed."""
    return _found(session, name, lambda: _place(session, name, qualifier))


def layer(session: Session, name: str, version: int) -> bytes:
    """The ZIP of a layer version. Raises ApiError, ConnectionFailed."""
    path = layers.path(name, version)

    def place() -> tuple[str, str]:
        reply = session.call("GetLayerVersion", fc3.VERSION, "GET", path)
        return reply.read(lambda said: (_url(said["code"]["location"]), str(said.get("codeChecksum") or "")))

    return _found(session, name, place)


def _found(session: Session, name: str, place: Callable[[], tuple[str, str]]) -> bytes:
    for attempt in range(session.settings.retries + 1):
        url, checksum = place()
        try:
            return _fetched(session, name, url, checksum)
        except (BadResponse, ConnectionFailed):
            # a link is good for a while only, and between asking and fetching the function may have changed
            if attempt == session.settings.retries:
                raise
    raise AssertionError("the last attempt returns or raises")


def _place(session: Session, name: str, qualifier: str) -> tuple[str, str]:
    query = {"qualifier": qualifier} if qualifier else None
    path = fc3.functions_path(name) + "/code"
    reply = session.call("GetFunctionCode", fc3.VERSION, "GET", path, query=query)
    return reply.read(lambda said: (_url(said["url"]), str(said.get("checksum") or "")))


def _url(text: object) -> str:
    if not isinstance(text, str) or urlsplit(text).scheme not in ("http", "https"):
        raise ValueError("is no URL")
    return text


def _fetched(session: Session, name: str, url: str, checksum: str) -> bytes:
    """What the link leads to. It is signed itself: our key is not sent along, and it is in no message."""
    where = urlsplit(url).hostname or ""
    with requests.Session() as http:
        http.trust_env = not is_this_machine(url)
        try:
            timeout = (session.settings.connect_timeout, READ_S)
            # no .netrc: who gave the link has given what it needs
            with http.get(url, timeout=timeout, stream=True, auth=_unsigned) as reply:
                if reply.status_code != 200:
                    raise BadResponse(
                        f"the code of {name} could not be fetched: {where} answered {reply.status_code}"
                    )
                raw = _read(reply, name)
        except requests.RequestException as error:
            error.request = None
            what = f"the code of {name} could not be fetched from {where}: {type(error).__name__}"
            raise ConnectionFailed(what) from None
    if checksum and crc64(raw) != checksum:
        raise BadResponse(
            f"the code of {name} did not arrive whole: {len(raw)} bytes with CRC-64 {crc64(raw)}, not {checksum}"
        )
    return raw


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read(reply: requests.Response, name: str) -> bytes:
    found = BytesIO()  # what comes out of it is no copy
    for piece in reply.iter_content(PIECE):
        found.write(piece)
        if found.tell() > MAX_BYTES:
            raise ApiError(f"the code of {name} is larger than {MAX_BYTES >> 20} MB")
    return found.getvalue()
