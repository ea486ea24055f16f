"""The older ``FC`` signature (API 2016-08-15 and its HTTP triggers), as a pure function.

``Authorization: FC ID:SIGNATURE``. The body is covered only by a Content-MD5 that the client may send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping

SCHEME = "FC"


def texts(
    method: str, path: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str]
) -> Iterator[str]:
    """The texts that may have been signed. ``path`` and ``query`` are decoded, header names in lower case.

    Without a query the libraries differ in whether a line end follows the path.
    """
    own = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith("x-fc-"))
    head = "\n".join([method.upper(), *(headers.get(n, "") for n in ("content-md5", "content-type", "date"))])
    lines = sorted(f"{name}={value}" for name, value in query)
    yield "\n".join([head, own + path, *lines])
    if not lines:
        yield f"{head}\n{own}{path}\n"


def signature(text: str, secret: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
