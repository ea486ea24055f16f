"""Signs requests for ``requests``: to http triggers whose ``authType`` is ``function`` (``auth=client.auth``), and to
the object store (``auth=client.objects.auth``)."""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.auth import AuthBase

from fc_magic.client.target import Credentials
from fc_magic.wire import oss_signature, signature

#: hosts that name the bucket; elsewhere the path begins with it
_BUCKET_HOST = re.compile(r"([a-z0-9-]+)\.(?:localhost|oss-[a-z0-9-]+\.aliyuncs\.com)")


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


class ObjectAuth(AuthBase):
    """OSS's signature V4, in a header. The body is not signed, as the SDKs leave it."""

    def __init__(self, credentials: Credentials, region: str) -> None:
        self._credentials, self._region = credentials, region

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        key, date = self._credentials, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        request.headers.update({"x-oss-date": date, "x-oss-content-sha256": oss_signature.UNSIGNED})
        if key.security_token:
            request.headers["x-oss-security-token"] = key.security_token
        request.headers["Authorization"] = oss_signature.authorization(
            _signable(request), date, self._region, key.access_key_id, key.access_key_secret
        )
        return request


def _signable(request: requests.PreparedRequest) -> oss_signature.Signable:
    parts = urlsplit(request.url or "")
    path, host = unquote(parts.path).removeprefix("/"), _BUCKET_HOST.fullmatch(parts.hostname or "")
    bucket, _, key = (host[1], "", path) if host else path.partition("/")
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    return oss_signature.Signable(request.method or "GET", bucket, key, query, headers)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
