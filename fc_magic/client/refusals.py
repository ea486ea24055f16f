"""What an endpoint refuses, as one of our errors."""

from __future__ import annotations

import json
from collections.abc import Mapping

from fc_magic.client import advice
from fc_magic.errors import ApiError, api_error

#: whatever an endpoint says, nobody waits longer
LONGEST_WAIT_S = 20.0
_SAID = ("Code", "ErrorCode", "code", "Message", "ErrorMessage", "message")


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """``headers``: case-insensitive, or by names in small letters."""
    error = _refusal(status, headers, body)
    told = headers.get("x-acs-retry-after", "") or headers.get("retry-after", "")
    if told.isascii() and told.isdigit():
        error.retry_after = min(float(told), LONGEST_WAIT_S)
    return error


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    request_id = headers.get("x-fc-request-id", "")
    try:
        said = json.loads(body)
        if not isinstance(said, dict) or not any(said.get(name) for name in _SAID):
            raise ValueError
    except (ValueError, RecursionError):
        text = body.decode(errors="replace").strip()[:200]
        return ApiError(
            f"the endpoint answered HTTP {status}, and not as Function Compute does: {text!r}",
            status=status,
            request_id=request_id,
        )
    code = str(said.get("Code") or said.get("ErrorCode") or said.get("code") or "")
    message = str(said.get("Message") or said.get("ErrorMessage") or said.get("message") or code)
    details = said.get("Details")
    error = api_error(
        code,
        status,
        message,
        str(said.get("RequestId") or request_id),
        details if isinstance(details, list) else [],
    )
    error.hint = str(said.get("Hint") or "") or advice.of(code, message)
    return error
