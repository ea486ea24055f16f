"""ACS3-HMAC-SHA256: one pure module for both sides.

The client signs, the server verifies, both over the same canonical text. Time, nonce and secret are
arguments; nothing here reads a clock, a random source or a setting. Source of the algorithm: Alibaba
Cloud, "Request syntax and signature method V3"; checked against the official SDK's own signer.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote_to_bytes

ALGORITHM = "ACS3-HMAC-SHA256"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()
#: seconds a request's x-acs-date may differ from the server's clock
WINDOW_S = 900

#: what comes before a signature is the same in every request of a client; a longer one is read each time
_KEPT_FRONT = 1024
_BLOCK = 64  # bytes, of SHA-256

#: in a bare query name these would make one query look like another: a=1&b=2 as the one name "a=1&b"
_NOT_BARE = frozenset("&=\r\n")

Pairs = Iterable[tuple[str, str]]


def percent(text: str) -> str:
    """RFC 3986: keeps ``A-Z a-z 0-9 - _ . ~``, everything else as upper-case ``%XX`` of its UTF-8 bytes."""
    return quote(text, safe="~")


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest() if body else EMPTY_HASH


def query_pairs(raw_query: str) -> list[tuple[str, str]]:
    """The pairs of a query as it was sent: form rules, so ``+`` is a space and an empty value stays."""
    return parse_qsl(raw_query, keep_blank_values=True) if raw_query else []


def canonical_query(pairs: Pairs, name: Callable[[str], str] = str) -> str:
    """Sorted, values escaped. Names are left as they are, as the official SDK signs them; the documentation
    escapes them too (``name=percent``). For the names of the API itself both are the same."""
    return "&".join([f"{name(k)}={percent(v)}" for k, v in sorted(pairs)]) if pairs else ""


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers as they are signed: lower-case names, trimmed; the values of a repeated one sorted, with commas."""
    found: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for name, value in headers:
        key, text = name.lower(), value.strip()
        if key in found:
            repeated.setdefault(key, [found[key]]).append(text)
        else:
            found[key] = text
    for key, values in repeated.items():
        found[key] = ",".join(sorted(values))
    return found


def canonical_request(
    method: str,
    raw_path: str,
    query: Pairs,
    headers: Mapping[str, str],
    signed: Iterable[str],
    payload: str,
    name: Callable[[str], str] = str,
) -> str:
    """The text that is signed. ``headers`` are as ``joined`` gives them; a missing signed header counts as empty."""
    names = tuple(signed)
    lines, take = _in_order(names)
    try:
        said = lines % take(headers)
    except KeyError:
        said = lines % tuple([headers.get(key, "") for key in sorted(names)])
    return f"{method.upper()}\n{raw_path or '/'}\n{canonical_query(query, name)}\n{said}\n{payload}"


@functools.lru_cache(maxsize=64)
def _in_order(signed: tuple[str, ...]) -> tuple[str, Callable[[Mapping[str, str]], object]]:
    """The lines of signed headers and what lists them, and what takes their values out of all headers."""
    names = sorted(signed)
    written = [name.replace("%", "%%") for name in names]
    lines = "".join([f"{name}:%s\n" for name in written]) + "\n" + ";".join(written)
    if len(names) > 1:
        return lines, operator.itemgetter(*names)
    return lines, lambda headers: tuple([headers[name] for name in names])


def signature(canonical: str, secret: str) -> str:
    inner, outer = _keyed(secret)
    text, found = inner.copy(), outer.copy()
    text.update(hashlib.sha256(canonical.encode()).hexdigest().encode())
    found.update(text.digest())
    return found.hexdigest()


@functools.lru_cache(maxsize=64)
def _keyed(secret: str) -> tuple[hashlib._Hash, hashlib._Hash]:
    """HMAC-SHA256 (RFC 2104) as far as it is the same for every text: to begin anew takes longer than the rest."""
    key = secret.encode()
    key = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))
    inner.update(f"{ALGORITHM}\n".encode())
    return inner, outer


def sign(
    method: str,
    raw_path: str,
    query: Pairs,
    headers: Mapping[str, str],
    body: bytes,
    key_id: str,
    secret: str,
) -> str:
    """The value of ``Authorization``.

    ``raw_path`` is percent-encoded as it goes on the wire. ``headers`` are the ones to sign (any case) and
    must hold ``host``, ``x-acs-date``, ``x-acs-signature-nonce`` and, if sent, ``x-acs-content-sha256``;
    the hash of ``body`` is taken from there when present, so that a large body is hashed once.
    """
    lower = joined(headers.items())
    payload = lower.get("x-acs-content-sha256") or body_hash(body)
    return _authorization(method, raw_path, query, lower, payload, key_id, secret)


def sign_without_body(
    method: str, raw_path: str, query: Pairs, headers: Mapping[str, str], key_id: str, secret: str
) -> str:
    """The value of ``Authorization`` as the URLs of http triggers take it: ``headers`` are x-acs-date and
    x-acs-security-token (empty if there is none), and the body is not covered."""
    return _authorization(method, raw_path, query, joined(headers.items()), "", key_id, secret)


def _authorization(
    method: str,
    raw_path: str,
    query: Pairs,
    lower: Mapping[str, str],
    payload: str,
    key_id: str,
    secret: str,
) -> str:
    canonical = canonical_request(method, raw_path, query, lower, lower, payload)
    names = ";".join(sorted(lower))
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature(canonical, secret)}"


class Alike:
    """Signs requests that differ in their body, date and nonce alone: what is the same in all of them is put together
    once. ``signed`` are the other headers, with ``host``."""

    def __init__(
        self,
        method: str,
        raw_path: str,
        query: Pairs,
        signed: Mapping[str, str],
        key_id: str,
        secret: str,
    ) -> None:
        lower = joined(signed.items())
        varying = ("x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce")
        names = sorted((*lower, *varying))
        listed = ";".join(names)
        lines = [f"{name}:{lower[name]}\n" if name in lower else "\0" for name in names]
        # the names of what varies are in this order
        self._first, self._second, self._third, last = "".join(lines).split("\0")
        self._first = f"{method.upper()}\n{raw_path or '/'}\n{canonical_query(query)}\n{self._first}"
        self._last = f"{last}\n{listed}\n"
        self._front = f"{ALGORITHM} Credential={key_id},SignedHeaders={listed},Signature="
        self._secret = secret

    def sign(self, payload: str, date: str, nonce: str) -> str:
        """The value of ``Authorization``; ``payload`` is the hash of the body."""
        canonical = (
            f"{self._first}x-acs-content-sha256:{payload}\n{self._second}x-acs-date:{date}\n"
            f"{self._third}x-acs-signature-nonce:{nonce}\n{self._last}{payload}"
        )
        return self._front + signature(canonical, self._secret)


class Authorization(NamedTuple):
    """A parsed ``Authorization`` header; ``signature`` is what the caller claims."""

    key_id: str
    signed: tuple[str, ...]
    signature: str


def parse(header: str) -> Authorization | None:
    """Reads ``ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…``; None if it is anything else."""
    front, _, value = header.rpartition("Signature=")
    if "," not in value and front[-1:] in (",", " ") and len(front) <= _KEPT_FRONT:
        known, value = _front(front), value.rstrip()
        return Authorization(*known, value) if known and value else None
    scheme, fields = _fields(header)
    return _claim(scheme, fields)


@functools.lru_cache(maxsize=256)
def _front(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Key id and signed names of a header that ends with its signature."""
    claim = _claim(*_fields(text + "Signature=?"))
    return (claim.key_id, claim.signed) if claim else None


def _fields(header: str) -> tuple[str, dict[str, str]]:
    scheme, _, rest = header.partition(" ")
    parts = (part.strip().partition("=") for part in rest.split(","))
    return scheme, {name: said for name, _, said in parts}


def _claim(scheme: str, fields: Mapping[str, str]) -> Authorization | None:
    key_id, names, value = fields.get("Credential"), fields.get("SignedHeaders"), fields.get("Signature")
    if scheme != ALGORITHM or not (key_id and names and value):
        return None
    return Authorization(key_id, tuple(names.split(";")), value)


def verify(
    claim: Authorization,
    secret: str,
    method: str,
    raw_path: str,
    query: Pairs,
    headers: Mapping[str, str],
    payload: str,
) -> bool:
    """Whether ``claim`` was made with ``secret`` over this request. ``payload`` is the hash of the body received.

    The signed names come from the claim, never from an assumed set: official SDKs differ in what they sign.
    Query names are taken escaped or bare, but bare only where one query cannot pass for another. A path is taken as
    it came and as it is escaped by the rules: the async SDK's HTTP library sends ``:`` where ``%3A`` was signed.
    """
    pairs = list(query)
    # nearly always it is the first form of all
    first = canonical_request(method, raw_path, pairs, headers, claim.signed, payload, percent)
    if _is(claim.signature, signature(first, secret)):
        return True
    forms: list[Callable[[str], str]] = [percent]
    if pairs and not any(set(name) & _NOT_BARE for name, _ in pairs):
        forms.append(str)
    for path, form in itertools.product(_paths(raw_path), forms):
        text = canonical_request(method, path, pairs, headers, claim.signed, payload, form)
        if _is(claim.signature, signature(text, secret)):
            return True
    return False


def _is(claimed: str, made: str) -> bool:
    return claimed.isascii() and hmac.compare_digest(claimed, made)


def _paths(raw: str) -> Iterator[str]:
    yield raw
    # piece by piece: a slash that is escaped stays so, and no other path has this form
    by_rule = "/".join(quote(unquote_to_bytes(piece), safe="~") for piece in raw.split("/"))
    if by_rule != raw:
        yield by_rule
