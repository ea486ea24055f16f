"""Code from a URL: http and https, loopback included, with limits on size, time and redirects."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from fc_magic.errors import InvalidArgument
from fc_magic.wire import checks, source, v2

MAX_REDIRECTS = 5
TIMEOUT_S = 10.0
TOTAL_S = 60.0
_PIECE = 1 << 18
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS
    max_repeats = MAX_REDIRECTS

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise urllib.error.URLError(f"it redirects to {newurl!r}, which is not http or https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_zip(url: str, field: str) -> bytes:
    """The bytes of the ZIP at ``url``. Raises InvalidArgument about ``field``. Blocks: call it in a thread."""
    try:
        raw = _read(url)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        what = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else str(reason)
        raise _refused(field, url, f"could not be fetched ({what})") from error
    broken = v2.zip_problem(raw)
    if broken:
        raise _refused(field, url, broken)
    return raw


def _read(url: str) -> bytes:
    handlers: list[Any] = [_Redirects()]
    if urlsplit(url).hostname in _LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    opener = urllib.request.build_opener(*handlers)
    request = urllib.request.Request(url, headers={"User-Agent": "fc-magic"})  # noqa: S310 - scheme was checked
    ends, pieces, size = time.monotonic() + TOTAL_S, [], 0
    with opener.open(request, timeout=TIMEOUT_S) as reply:
        while piece := reply.read1(_PIECE):
            size += len(piece)
            if size > source.MAX_CODE_BYTES:
                raise ValueError(f"it is larger than {source.MAX_CODE_BYTES >> 20} MB")
            if time.monotonic() > ends:
                raise ValueError(f"it took longer than {TOTAL_S:g} s")
            pieces.append(piece)
        if reply.length:
            raise ValueError(f"it ended {reply.length} bytes early")
    return b"".join(pieces)


def _refused(field: str, url: str, what: str) -> InvalidArgument:
    problem = checks.problem(field, what, url, hint="a URL that answers with the ZIP")
    return InvalidArgument(f"the code was refused: {field} {what}", problems=[problem])
