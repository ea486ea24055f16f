"""URLs as they may be kept and shown: without a login, and without what signs them."""

from __future__ import annotations

import re

#: up to the last @ before a path: a password may have one
_LOGIN = re.compile(r"(?<=://)[^/?#\s]+@")
#: parameters that let in who has them, as of a URL that was signed for a while
_SIGNED = re.compile(
    r"(?i)(?<=[?&])(?:[\w.-]*(?:signature|accesskeyid|credential|token|secret|password|api_?key)|sig)=[^&#\s]*&?"
)
_EMPTY = re.compile(r"[?&]+(?=[#\s]|$)")


def shown(text: str) -> str:
    """``text``: a URL, or words with URLs among them."""
    found = _LOGIN.sub("", text)
    bare = _SIGNED.sub("", found)
    return found if bare == found else _EMPTY.sub("", bare)
