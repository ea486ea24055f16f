"""The one signed ``requests.Session``: auth, time-outs, retries, and replies turned into errors.

The only place that sees a status code.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
from requests.auth import AuthBase

from fc_magic.client import changes
from fc_magic.client.adapter import OneWriteAdapter
from fc_magic.client.loopback import LoopbackAdapter
from fc_magic.client.refusals import LONGEST_WAIT_S, refusal
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.errors import ApiError, BadResponse, ConnectionFailed
from fc_magic.wire import signature

if TYPE_CHECKING:
    from fc_magic.client.keys import Keys

#: answers after which the request was not carried out, so that even an invocation may be repeated
NOT_DONE = (429, 503)
RETRY_STATUS = (429, 500, 502, 503, 504)
FIRST_WAIT_S = 0.1
JSON = "application/json; charset=utf-8"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

T = TypeVar("T")


class Signed(AuthBase):
    """Signs a request as it goes on the wire. ``action`` and ``version`` name the call."""

    def __init__(self, credentials: Credentials, action: str, version: str) -> None:
        self._credentials, self._action, self._version = credentials, action, version

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        raw = body if isinstance(body, bytes) else body.encode()
        path, _, query = request.path_url.partition("?")
        headers = request.headers
        headers["Host"] = urlsplit(request.url or "").netloc
        headers["x-acs-action"] = self._action
        headers["x-acs-version"] = self._version
        headers["x-acs-date"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        headers["x-acs-signature-nonce"] = uuid.uuid4().hex
        headers["x-acs-content-sha256"] = signature.body_hash(raw)
        if self._credentials.security_token:
            headers["x-acs-accesskey-id"] = self._credentials.access_key_id
            headers["x-acs-security-token"] = self._credentials.security_token
        wanted = {k: v for k, v in headers.items() if _is_signed(k.lower())}
        headers["Authorization"] = signature.sign(
            request.method or "GET",
            path,
            signature.query_pairs(query),
            wanted,
            raw,
            self._credentials.access_key_id,
            self._credentials.access_key_secret,
        )
        return request


def _is_signed(name: str) -> bool:
    return name in ("host", "content-type", "accept") or name.startswith(("x-acs-", "x-fc-"))


@dataclass(frozen=True)
class Reply:
    """A good answer: its headers (case-insensitive) and its body."""

    headers: Mapping[str, str]
    body: bytes

    def read(self, decode: Callable[[Any], T]) -> T:
        """The body's JSON, decoded. Raises BadResponse if it is not what Function Compute answers."""
        try:
            return decode(json.loads(self.body))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            text = self.body[:200].decode(errors="replace").strip()
            raise BadResponse(
                f"the endpoint answered, and not as Function Compute does: {text!r}",
                hint="check the address of the target",
                request_id=self.headers.get("X-Fc-Request-Id", ""),
            ) from error


#: with what is sent, and how many bytes: a context in which it is told how many of them are there
Watching = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


def _unwatched(what: str, size: int) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda done: None)


class Session:
    """``call`` is the whole of it. One per target; safe to use from several threads.

    ``renew`` is asked for the target again when nothing listens there any more: a local Function Compute that
    ended is started anew, and the request goes to the new one. ``keys`` keeps the target's key fresh.
    ``before_write`` is called before every request that changes something at the target, with what is about to
    be done; what it raises is raised. ``progress`` is told how far a long upload is, ``interrupted`` that a map was,
    and waits for the generator of its events.
    """

    before_write: Callable[[str], None] | None = None

    def __init__(
        self,
        target: Target,
        settings: Settings,
        renew: Callable[[], Target] | None = None,
        keys: Keys | None = None,
    ) -> None:
        self._target, self.settings, self._renew, self._keys = target, settings, renew, keys
        self.progress: Watching = _unwatched
        self.interrupted: Callable[[], None] = lambda: None
        self._doing = threading.local()
        self._http = requests.Session()
        adapter, loopback = OneWriteAdapter(pool_connections=4, pool_maxsize=1000), LoopbackAdapter()
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, adapter)
        for host in ("127.0.0.1", "localhost", "[::1]"):
            self._http.mount(f"http://{host}:", loopback)
        # proxies and CA bundle are looked up once: asking the environment takes longer than a local call
        self._http.trust_env = urlsplit(target.endpoint).hostname not in _LOOPBACK
        self._how = self._http.merge_environment_settings(target.endpoint, {}, False, None, None)

    def close(self) -> None:
        self._http.close()

    @property
    def target(self) -> Target:
        """The target, with the key of now."""
        if self._keys:
            key = self._keys.current()
            if key is not self._target.credentials:
                self._target = replace(self._target, credentials=key)
        return self._target

    @property
    def key_lasts(self) -> bool:
        """Whether there is one key for all requests, and none that is renewed when it is refused."""
        return self._keys is None

    def found_anew(self) -> bool:
        """Whether a target that is gone was found again; it may be another now."""
        if self._renew:
            self._target = self._renew()
        return self._renew is not None

    @contextmanager
    def doing(self, what: str) -> Iterator[list[str]]:
        """What the requests of this thread are for, in a person's words. Warnings come into the list."""
        before, told = self._now, list[str]()
        self._doing.now = what, told
        try:
            yield told
        finally:
            self._doing.now = before

    @property
    def _now(self) -> tuple[str, list[str]]:
        now: tuple[str, list[str]] = getattr(self._doing, "now", ("", []))
        return now

    def warn(self, text: str) -> None:
        """A person is told beside what comes of it."""
        self._now[1].append(text)

    def about_to_write(self, what: str) -> None:
        """Whoever has to agree is asked. ``what`` is said if nothing is known of what it is for."""
        if self.before_write:
            self.before_write(self._now[0] or what)

    def call(
        self,
        action: str,
        version: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
        repeatable: bool = True,
        done_status: int = 0,
        once: bool = False,
    ) -> Reply:
        """Sends one signed request, repeated where that is safe, or ``once``. Raises ApiError or ConnectionFailed.

        ``body`` is sent as JSON, ``raw`` as it is. ``repeatable`` False: only repeated if it was not carried out.
        ``done_status``: the refusal of a repetition that means that an earlier try was carried out after all.
        """
        is_write = _is_write(method, path)
        if is_write:
            self.about_to_write(f"{action} {path}")
        sent = {"Accept": "application/json", "User-Agent": "fc-magic", **(headers or {})}
        data = raw
        if body is not None:
            data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            sent["Content-Type"] = JSON
        elif raw:
            sent["Content-Type"] = "application/octet-stream"

        def prepared(target: Target) -> requests.PreparedRequest:
            # anew for each try: a repeated nonce would be refused, and the target may be another
            url = target.endpoint + path + (f"?{urlencode(query)}" if query else "")
            auth = Signed(target.credentials, action, version)
            request = requests.PreparedRequest()
            request.prepare(method=method, url=url, headers=sent, data=data, auth=auth)
            return request

        timeout = (self.settings.connect_timeout, read_timeout or self.settings.read_timeout)
        tries = 1 if once else self.settings.retries + 1
        try:
            reply = self._send(prepared, timeout, repeatable, done_status, tries)
        finally:
            if is_write:  # one that failed may have been carried out all the same
                changes.made()
        if not path.endswith(_CALL):
            self._learn(reply)  # what a function answers is not the endpoint's word
        return reply

    def _send(
        self,
        prepared: Callable[[Target], requests.PreparedRequest],
        timeout: tuple[float, float],
        repeatable: bool,
        done_status: int,
        tries: int,
    ) -> Reply:
        maybe_done = False
        for attempt in range(tries):
            last = attempt == tries - 1
            try:
                reply = self._answered(prepared, timeout)
            except requests.RequestException as error:
                never_sent = _never_sent(error)
                error.request = None  # it has the token and the body, and an exception may end anywhere
                maybe_done = maybe_done or not never_sent
                if last or not (repeatable or never_sent):
                    failed = self._failed(error, timeout)
                    failed.maybe_done = maybe_done
                    raise failed from error
                wait = pause(attempt)
                if never_sent and self.found_anew():
                    wait = 0.0
            else:
                if reply.status_code < 300 or (maybe_done and reply.status_code == done_status):
                    return Reply(reply.headers, reply.content)
                error_ = self._refused(reply)
                maybe_done = maybe_done or (reply.status_code >= 500 and reply.status_code not in NOT_DONE)
                error_.maybe_done = maybe_done
                if last or reply.status_code not in (RETRY_STATUS if repeatable else NOT_DONE):
                    raise error_
                wait = error_.retry_after or pause(attempt)
            time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _answered(
        self, prepared: Callable[[Target], requests.PreparedRequest], timeout: tuple[float, float]
    ) -> requests.Response:
        """The answer; once more with another key if the one there was is temporary, and refused."""
        target = self.target
        reply = self._exchange(prepared(target), timeout)
        if self._keys and _is_stale(reply, target.credentials) and self._keys.renewed(target.credentials):
            reply = self._exchange(prepared(self.target), timeout)
        return reply

    def _refused(self, reply: requests.Response) -> ApiError:
        error = refusal(reply.status_code, reply.headers, reply.content)
        if self._keys and not error.hint and _is_stale(reply, self._target.credentials):
            error.hint = f"the temporary key of {self._keys.place} is not taken any more; renew it there"
        return error

    def _learn(self, reply: Reply) -> None:
        """The account id, where it is not known, from the ARN of a function in an answer."""
        if not self._target.account_id:
            account = _account(reply.body, self._target.region)
            if account:
                self._target = replace(self._target, account_id=account)

    def _exchange(self, request: requests.PreparedRequest, timeout: tuple[float, float]) -> requests.Response:
        """One request, one whole reply. Past ``Session.send``, which is for redirects, cookies and hooks."""
        adapter = self._http.get_adapter(request.url or "")
        reply = adapter.send(request, timeout=timeout, **self._how)  # type: ignore[arg-type]
        _ = reply.content  # reads to the end, or raises, and gives the connection back
        return reply

    def _failed(self, error: requests.RequestException, timeout: tuple[float, float]) -> ConnectionFailed:
        where = self._target.endpoint
        if isinstance(error, requests.ConnectTimeout):
            text = f"{where} took no connection within {timeout[0]:g} s"
        elif isinstance(error, requests.Timeout):
            text = f"{where} gave no answer within {timeout[1]:g} s"
        elif isinstance(error, requests.exceptions.SSLError):
            text = f"{where} made no secure connection: {_reason(error)}"
        elif _never_sent(error):
            text = f"{where} takes no connection: {_reason(error)}"
        else:
            text = f"{where} broke the connection before its answer was whole: {_reason(error)}"
        return ConnectionFailed(text, hint=self._target.when_gone)


_CALL = "/invocations"
#: codes after which temporary keys are renewed; UNCONFIRMED which of them Function Compute answers with
_STALE = ("SecurityToken", "InvalidAccessKey")


def _is_stale(reply: requests.Response, credentials: Credentials) -> bool:
    """Whether the answer refuses temporary keys as such: the request was not carried out, and may be sent again."""
    if reply.status_code not in (400, 401, 403) or not credentials.security_token:
        return False
    code = refusal(reply.status_code, reply.headers, reply.content).code
    return any(word in code for word in _STALE)


def _is_write(method: str, path: str) -> bool:
    """Whether a request changes something at the target. A call of a function is the function's own business."""
    return method not in ("GET", "HEAD") and not path.startswith("/-/") and not path.endswith(_CALL)


def _account(body: bytes, region: str) -> str:
    """Only from what is said of a function: layers may be of others, and what functions answer is not ours."""
    form = rb'"(?:functionArn|arn)":\s*"acs:fc:%s:([0-9]{1,32}):functions/' % re.escape(region.encode())
    found = re.search(form, body[:65536])
    return found[1].decode() if found else ""


def _never_sent(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that nothing can have been carried out."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


def _reason(error: BaseException) -> str:
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__  # type: ignore[assignment]
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def pause(attempt: int, first: float = FIRST_WAIT_S) -> float:
    """Doubles, with jitter, so that many clients do not come back at once."""
    return min(first * 2.0**attempt, LONGEST_WAIT_S) * random.uniform(0.5, 1)  # noqa: S311
