"""Alibaba's own OSS SDK at a session's target: imported when it is needed, and its errors as ours."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from fc_magic.client import objects
from fc_magic.client.session import RETRY_STATUS, Session, pause
from fc_magic.client.target import is_this_machine
from fc_magic.errors import ApiError, BadResponse, ConnectionFailed, FcError, UsageError, api_error

EXTRA = "pip install 'fc-magic[oss]'"


def sdk() -> Any:
    """Raises UsageError where it is not installed."""
    try:
        import alibabacloud_oss_v2
    except ImportError as error:
        what = (
            "code that is too big for a request goes through OSS, and Alibaba's OSS package is not installed"
        )
        raise UsageError(what, hint=EXTRA) from error
    return alibabacloud_oss_v2


class Store:
    """``store.do("put_object", bucket=…, key=…)``: an operation of the SDK by its name and its request's fields.
    Repeated as requests to Function Compute are. Raises ApiError with OSS's code, or ConnectionFailed."""

    def __init__(self, session: Session) -> None:
        self._sdk, where = sdk(), objects.of(session.target)
        self.endpoint, self._retries = where.endpoint, session.settings.retries
        self._http = requests.Session()
        self._http.trust_env = not is_this_machine(where.endpoint)
        self._http.auth = _unchanged  # no .netrc: the SDK signs
        self._client = self._sdk.Client(self._config(session, where.region))

    def _config(self, session: Session, region: str) -> Any:
        oss, settings = self._sdk, session.settings
        transport = oss.transport.RequestsHttpClient(
            session=self._http,
            connect_timeout=settings.connect_timeout,
            readwrite_timeout=settings.read_timeout,
        )
        return oss.config.Config(
            region=region,
            endpoint=self.endpoint,
            use_path_style=_is_address(self.endpoint),
            credentials_provider=_Keys(session, oss.credentials),
            retry_max_attempts=1,  # it gives up on answers that are not OSS's, such as a gateway's
            http_client=transport,
            # compared where it is done: by the whole, and by what computes it fast
            disable_upload_crc64_check=True,
            user_agent="fc-magic",
        )

    def do(self, operation: str, **fields: Any) -> Any:
        words = "".join(word.capitalize() for word in operation.split("_"))
        for attempt in range(self._retries + 1):
            try:
                with self._failing(operation):
                    request = getattr(self._sdk, f"{words}Request")(**fields)
                    return getattr(self._client, operation)(request)
            except (ApiError, ConnectionFailed) as error:
                if attempt == self._retries or (
                    isinstance(error, ApiError) and error.status not in RETRY_STATUS
                ):
                    raise
            time.sleep(pause(attempt))
        raise AssertionError("the last attempt returns or raises")

    @contextlib.contextmanager
    def _failing(self, operation: str) -> Iterator[None]:
        try:
            yield
        except self._sdk.exceptions.BaseError as error:
            # not chained: the SDK's have the request, and with it keys and signatures
            raise _ours(error, self._sdk.exceptions, self.endpoint, operation) from None

    def close(self) -> None:
        self._http.close()


class _Keys:
    """The key of now, each time the SDK signs."""

    def __init__(self, session: Session, credentials: Any) -> None:
        self._session, self._credentials = session, credentials

    def get_credentials(self) -> Any:
        key = self._session.target.credentials
        return self._credentials.Credentials(
            key.access_key_id, key.access_key_secret, key.security_token or None
        )


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _is_address(endpoint: str) -> bool:
    """Whether no bucket can stand before its host."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or bool(ip_address(host))
    except ValueError:
        return False


def _ours(error: Any, kinds: Any, endpoint: str, operation: str) -> FcError:
    while callable(getattr(error, "unwrap", None)) and error.unwrap() is not None:
        error = error.unwrap()
    if isinstance(error, kinds.ServiceError):
        said = f"OSS refused {operation}: {error.message or error.code or error.status_code}"
        if not error.code:  # an answer without a body
            return ApiError(said, status=error.status_code, request_id=error.request_id or "")
        return api_error(error.code, error.status_code, said, error.request_id or "", ())
    if isinstance(error, kinds.DeserializationError):
        return BadResponse(f"{endpoint} answered {operation}, and not as OSS does", status=502)
    if isinstance(error, requests.Timeout):
        return ConnectionFailed(f"{endpoint} gave no answer in time ({operation})")
    return ConnectionFailed(f"{endpoint} could not be reached ({operation}): {type(error).__name__}")
