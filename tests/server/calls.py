"""Signed requests on a plain socket's level: every part of one can be left out, changed or sent twice."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fc_magic.wire import signature
from fc_magic.wire.signature import query_pairs
from tests.conftest import KEY_ID, REGION, SECRET

DEPLOYMENTS = f"/v2/{REGION}/deployments"
FUNCTIONS = "/2023-03-30/functions"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What came back; ``said`` is its JSON (None if it is none)."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def code(self) -> str:
        return str(self.said["Code"])

    @property
    def fields(self) -> list[str]:
        """The fields that ``Details`` names."""
        return [detail["field"] for detail in self.said.get("Details", [])]


def date(ahead: float = 0.0, now: float | None = None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((time.time() if now is None else now) + ahead))


@dataclass
class Caller:
    """Signs as one key. What a request says can be changed before (``headers``) or after (``forged``) signing."""

    url: str
    key_id: str = KEY_ID
    secret: str = field(default=SECRET, repr=False)
    token: str = field(default="", repr=False)

    def headers(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        unsigned: tuple[str, ...] = ("user-agent",),
        **headers: str | None,
    ) -> dict[str, str]:
        """All headers of a signed request. ``x_acs_date=None`` leaves x-acs-date out."""
        said: dict[str, str | None] = {
            "host": urlsplit(self.url).netloc,
            "accept": "application/json",
            "user-agent": "calls",
            "content-type": JSON if body else None,
            "x-acs-action": "Any",
            "x-acs-version": "2023-03-30",
            "x-acs-date": date(),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": signature.body_hash(body),
            "x-acs-accesskey-id": self.key_id if self.token else None,
            "x-acs-security-token": self.token or None,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        kept = {name: value for name, value in said.items() if value is not None}
        signed = {name: value for name, value in kept.items() if name not in unsigned}
        kept["authorization"] = signature.sign(
            method, path, query_pairs(query), signed, body, self.key_id, self.secret
        )
        return kept

    def call(
        self,
        method: str,
        path: str,
        body: Any = b"",
        query: str = "",
        forged: Mapping[str, str | None] | None = None,
        sent_body: bytes | None = None,
        sent_query: str | None = None,
        **how: Any,
    ) -> Answer:
        """Sends a signed request. ``forged`` headers, ``sent_body``, ``sent_query``: not what was signed."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers: dict[str, str | None] = {**self.headers(method, path, query, raw, **how), **(forged or {})}
        query = query if sent_query is None else sent_query
        kept = {name: value for name, value in headers.items() if value is not None}
        target = path + (f"?{query}" if query else "")
        return send(self.url, method, target, kept, raw if sent_body is None else sent_body)

    def deploy(self, body: Mapping[str, Any]) -> Answer:
        return self.call("POST", DEPLOYMENTS, dict(body))

    def get(self, name: str) -> Answer:
        return self.call("GET", f"{DEPLOYMENTS}/{name}")

    def put(self, name: str, body: Any) -> Answer:
        return self.call("PUT", f"{DEPLOYMENTS}/{name}", body)

    def delete(self, name: str) -> Answer:
        return self.call("DELETE", f"{DEPLOYMENTS}/{name}")

    def invoke(self, name: str, event: bytes = b"", **headers: str) -> Answer:
        return self.call("POST", f"{FUNCTIONS}/{name}/invocations", event, **headers)

    def names(self, prefix: str = "") -> list[str]:
        answer = self.call("GET", DEPLOYMENTS, query=f"prefix={prefix}&limit=100")
        return [d["name"] for d in answer.said["deployments"]]


def send(
    url: str, method: str, target: str, headers: Mapping[str, str], body: bytes = b"", timeout: float = 30
) -> Answer:
    """One request exactly with these headers (and a Content-Length if it has a body)."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value.encode())
        if body or method in ("POST", "PUT"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        reply = connection.getresponse()
        return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
    finally:
        connection.close()
