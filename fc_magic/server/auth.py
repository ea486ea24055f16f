"""A request is verified before any handler sees it: key, date, signature, body, nonce, in that order."""

from __future__ import annotations

import functools
import hmac
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from fc_magic.errors import (
    AccessDenied,
    FcError,
    InvalidAccessKeyID,
    InvalidArgument,
    MissingRequiredHeader,
    SignatureNotMatch,
)
from fc_magic.server.nonces import Nonces
from fc_magic.wire import legacy_signature, signature
from fc_magic.wire.wording import clipped

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
#: so many ways to write what comes before a signature are kept
MOST_FRONTS = 256
#: a client may sign more, never less
MUST_BE_SIGNED = ("host", "x-acs-date", "x-acs-signature-nonce")


@dataclass(frozen=True)
class Key:
    """A secret, and the STS token that must come with it (none for a plain access key)."""

    secret: str = field(repr=False)
    token: str = field(default="", repr=False)


class Verifier:
    """``keys``: access key id -> Key. ``clock``: seconds since the epoch. ``since``: what is dated before, a server
    before this one may have seen, whose nonces are forgotten."""

    def __init__(
        self, keys: Mapping[str, Key], clock: Callable[[], float] = time.time, since: float = 0.0
    ) -> None:
        self._keys, self._clock, self._since = keys, clock, since
        self._nonces = Nonces(signature.WINDOW_S)
        #: what came before the signature of requests that were right -> key id, secret, signed names
        self._fronts: dict[str, tuple[str, str, tuple[str, ...]]] = {}

    def takes(self, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether ``claim`` and ``check`` take this POST without a query; as there, once. Most clients write all but
        the signature alike each time, and then it takes less. Who is not taken is to be refused by those two, who
        say why."""
        front, _, claimed = headers.get("authorization", "").rpartition("Signature=")
        known = self._fronts.get(front)
        if known is None:
            return self._takes_first(front, path, headers, body)
        key_id, secret, signed = known
        try:
            nonce, date = headers["x-acs-signature-nonce"], _seconds(headers["x-acs-date"])
        except (KeyError, ValueError, OverflowError):
            return False
        now, payload = self._clock(), signature.body_hash(body)
        if not (nonce and headers.get("host")) or abs(now - date) > signature.WINDOW_S or date < self._since:
            return False
        if headers.get("x-acs-content-sha256", payload) != payload:
            return False
        text = signature.canonical_request("POST", path, (), headers, signed, payload)
        made = signature.signature(text, secret)
        right = claimed.isascii() and hmac.compare_digest(claimed, made)
        return right and self._nonces.is_new((key_id, nonce), date, now)

    def _takes_first(self, front: str, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            claim, key = self.claim(headers)
            self.check(claim, key, "POST", path, "", headers, body)
        except FcError:
            return False
        # where a token belongs to the key it is to be looked at each time
        if not key.token and signature.parse(f"{front}Signature=0") == claim._replace(signature="0"):
            if len(self._fronts) >= MOST_FRONTS:
                self._fronts.clear()
            self._fronts[front] = claim.key_id, key.secret, claim.signed
        return True

    def claim(self, headers: Mapping[str, str]) -> tuple[signature.Authorization, Key]:
        """What can be refused before the body is read. ``headers`` has lower-case names."""
        header = headers.get("authorization", "")
        if not header:
            raise MissingRequiredHeader("the request is not signed: the header Authorization is missing")
        claim = signature.parse(header)
        if claim is None:
            raise SignatureNotMatch(
                f"Authorization is not {signature.ALGORITHM} Credential=…,SignedHeaders=…,Signature=…"
            )
        key = self.key(claim.key_id, headers.get("x-acs-security-token", ""))
        if not (_signs_enough(claim.signed) and all(map(headers.get, MUST_BE_SIGNED))):
            _refuse_unsigned(claim, headers)
        self.dated(headers["x-acs-date"])
        return claim, key

    def key(self, key_id: str, token: str) -> Key:
        """The key of this id, with whose token the request came."""
        key = self._keys.get(key_id)
        if key is None:
            raise InvalidAccessKeyID(f"the access key id {clipped(key_id)!r} is not known here")
        if key.token and token != key.token:
            raise InvalidAccessKeyID("the security token does not belong to this access key id")
        return key

    def dated(self, text: str, header: str = "x-acs-date") -> float:
        """The date of a request in seconds since the epoch, if that is about now."""
        try:
            dated = _seconds(text) if header == "x-acs-date" else _http_seconds(text)
        except (ValueError, OverflowError):
            form = "2026-01-02T03:04:05Z" if header == "x-acs-date" else "Fri, 02 Jan 2026 03:04:05 GMT"
            raise InvalidArgument(f"{header} is {clipped(text)!r}, not a date such as {form}") from None
        off = abs(self._clock() - dated)
        if off > signature.WINDOW_S:
            raise AccessDenied(
                f"the request is dated {text}, {off / 60:.0f} minutes from this server's clock; "
                f"at most {signature.WINDOW_S // 60} are allowed",
                hint="set the clock of the machine that signs",
            )
        if dated < self._since:
            raise AccessDenied(
                f"the request is dated {text}, before this server started: it may have been seen by the one before",
                hint="sign it anew; if it is new, set the clock of the machine that signs",
            )
        return dated

    def check_legacy(
        self,
        method: str,
        path: str,
        query: Iterable[tuple[str, str]],
        headers: Mapping[str, str],
        hint: str = "sign it with an access key: FC ID:SIGNATURE",
    ) -> None:
        """Raises unless the request has a right signature of the older kind, ``FC``. ``path`` and ``query`` are
        decoded."""
        scheme, _, claim = headers.get("authorization", "").partition(" ")
        if scheme != legacy_signature.SCHEME:
            raise MissingRequiredHeader("the header Authorization has no signature of FC", hint=hint)
        key_id, _, claimed = claim.strip().partition(":")
        key = self.key(key_id, headers.get("x-fc-security-token", ""))
        if not headers.get("date"):
            raise MissingRequiredHeader("the header Date is missing", hint=hint)
        self.dated(headers["date"], "Date")
        texts = legacy_signature.texts(method, path, query, headers)
        made = [legacy_signature.signature(text, key.secret).encode() for text in texts]
        if not any(hmac.compare_digest(own, claimed.encode()) for own in made):
            raise SignatureNotMatch(
                "the signature does not match this request",
                hint="check the access key secret and the method, and that nothing changes the request on its way",
            )

    def once(self, nonce: tuple[str, str], dated: float) -> None:
        """Raises AccessDenied if a request of this date was seen with the nonce before."""
        if not self._nonces.is_new(nonce, dated, self._clock()):
            raise AccessDenied("this request was seen before: its x-acs-signature-nonce was used")

    def check(
        self,
        claim: signature.Authorization,
        key: Key,
        method: str,
        raw_path: str,
        raw_query: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> None:
        """Raises unless this very request was signed with ``key`` and has not been seen before."""
        payload = signature.body_hash(body)
        said = headers.get("x-acs-content-sha256", payload)
        query = signature.query_pairs(raw_query)
        if not signature.verify(claim, key.secret, method, raw_path, query, headers, said):
            raise SignatureNotMatch(
                "the signature does not match this request",
                hint="check the access key secret, and that nothing changes the request on its way",
            )
        if said != payload:
            raise SignatureNotMatch("the body differs from the hash that was signed (x-acs-content-sha256)")
        nonce = claim.key_id, headers["x-acs-signature-nonce"]
        self.once(nonce, _seconds(headers["x-acs-date"]))


@functools.lru_cache(maxsize=64)
def _signs_enough(signed: tuple[str, ...]) -> bool:
    return set(MUST_BE_SIGNED) <= set(signed)


def _refuse_unsigned(claim: signature.Authorization, headers: Mapping[str, str]) -> None:
    for name in MUST_BE_SIGNED:
        if not headers.get(name):
            raise MissingRequiredHeader(f"the header {name} is missing")
        if name not in claim.signed:
            raise SignatureNotMatch(f"the header {name} is not among the signed ones")


@functools.lru_cache(maxsize=64)
def _seconds(date: str) -> float:
    """Seconds since the epoch. All requests of one second say the same."""
    match = _DATE.fullmatch(date)
    if match is None:
        raise ValueError(date)
    year, month, day, hour, minute, second = map(int, match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp()


def _http_seconds(date: str) -> float:
    """Of an HTTP date. Raises ValueError if it is none, OverflowError if no calendar goes so far."""
    from email.utils import parsedate_to_datetime

    found = parsedate_to_datetime(date)
    return found.replace(tzinfo=found.tzinfo or timezone.utc).timestamp()
