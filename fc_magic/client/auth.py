"""Signs requests to http triggers whose ``authType`` is ``function``: ``requests.get(url, auth=client.auth)``."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from fc_magic.client.target import Credentials
from fc_magic.wire import signature


class TriggerAuth(AuthBase):
    """The form that Function Compute documents for triggers: date and token are signed, the body is not."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        parts = urlsplit(request.url or "")
        signed = {
            "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "x-acs-security-token": self._credentials.security_token,
        }
        request.headers.update(signed)
        request.headers["Authorization"] = signature.sign_without_body(
            request.method or "GET",
            (parts.path or "/").replace("$", "%24"),
            signature.query_pairs(parts.query),
            signed,
            self._credentials.access_key_id,
            self._credentials.access_key_secret,
        )
        return request
