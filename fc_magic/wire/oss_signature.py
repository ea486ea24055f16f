"""OSS's signatures V1 and V4, in headers and in URLs: pure text and arithmetic.

Nothing here reads a clock or knows a key. Source: OSS's pages "V1 signature" and "V4 signature"; checked against
the signers of ``oss2`` and ``alibabacloud-oss-v2``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

ALGORITHM = "OSS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
PRODUCT = "oss"
_END = "aliyun_v4_request"

#: the query parameters that V1 signs; the union of what both SDKs list
_WORDS = """
    accessPoint accessPointPolicy accessmonitor acl agenticBucket append asyncFetch bucketArchiveDirectRead
    bucketInfo callback callback-var cleanRestoredObject cloudboxes cname comp continuation-token cors
    delete encryption endTime group httpsConfig img inventory inventoryId legalHold lifecycle link live
    location logging metaQuery metadataConfiguration metadataJournalTable objectInfo objectMeta
    overwriteConfig partNumber policy policyStatus position publicAccessBlock qos qosInfo qosRequester quota
    redundancyTransition referer regionList replication replicationLocation replicationProgress
    requestPayment requesterQosInfo resourceGroup resourcePool resourcePoolBuckets resourcePoolInfo
    response-cache-control response-content-disposition response-content-encoding response-content-language
    response-content-type response-expires restore rtc seal security-token sequential startTime stat status
    style styleName symlink tagging transferAcceleration udf udfApplication udfApplicationLog udfImage
    udfName uploadId uploads userDefinedLogFieldsConfig versionId versioning versions vod website worm
    wormExtend wormId x-oss-ac-forward-allow x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id
    x-oss-access-point-name x-oss-async-process x-oss-process x-oss-redundancy-transition-taskid
    x-oss-request-payer x-oss-target-redundancy-type x-oss-traffic-limit x-oss-write-get-object-response
"""
SUBRESOURCES = frozenset(_WORDS.split())
#: the parameters that carry a signature and mean nothing else
_OWN_WORDS = """
    OSSAccessKeyId Expires Signature security-token x-oss-signature-version x-oss-credential x-oss-date
    x-oss-expires x-oss-additional-headers x-oss-signature x-oss-security-token
"""
OWN_PARAMETERS = frozenset(_OWN_WORDS.split())

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Signable:
    """A request as both signatures see it: names and values decoded, header names in lower case."""

    method: str
    bucket: str
    key: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Claim:
    """Who says to have signed, and how. ``in_url``: a presigned URL, which ends at its own time."""

    version: int
    key_id: str
    signature: str
    in_url: bool
    #: V1: the date that was signed (of a URL: its end, in seconds); V4: the time of signing
    date: str
    #: V4 only
    expires: str = ""
    scope: tuple[str, ...] = ()
    additional: tuple[str, ...] = ()


def claim(request: Signable) -> Claim | None:
    """What the request says about its signature; None if it has none. ValueError: it says nonsense."""
    query, headers = dict(request.query), request.headers
    header = headers.get("authorization", "")
    if query.get("x-oss-signature-version") == ALGORITHM:
        found = _claim_v4_url(query)
    elif "Signature" in query and "OSSAccessKeyId" in query:
        found = Claim(1, query["OSSAccessKeyId"], query["Signature"], True, query.get("Expires", ""))
    elif not header:
        return None
    elif header.startswith(f"{ALGORITHM} "):
        return _claim_v4(header, headers)
    else:
        return _claim_v1(header, headers)
    if header:
        raise ValueError("The signature is both in the URL and in the header Authorization.")
    return found


def _claim_v1(header: str, headers: Mapping[str, str]) -> Claim:
    scheme, _, rest = header.partition(" ")
    key_id, colon, signature = rest.strip().partition(":")
    if scheme != "OSS" or not (key_id and colon and signature):
        raise ValueError("The header Authorization is neither OSS ID:SIGNATURE nor " + ALGORITHM + ".")
    return Claim(1, key_id, signature, False, headers.get("x-oss-date") or headers.get("date", ""))


def _claim_v4(header: str, headers: Mapping[str, str]) -> Claim:
    fields = dict(part.strip().partition("=")[::2] for part in header.partition(" ")[2].split(","))
    key_id, scope = credential(fields.get("Credential", ""))
    if not fields.get("Signature"):
        raise ValueError("The header Authorization has no Signature.")
    if headers.get("x-oss-content-sha256", UNSIGNED) != UNSIGNED:
        raise ValueError(f"The header x-oss-content-sha256 must be {UNSIGNED}.")
    date = headers.get("x-oss-date") or headers.get("date", "")
    return Claim(
        4, key_id, fields["Signature"], False, date, "", scope, _names(fields.get("AdditionalHeaders", ""))
    )


def _claim_v4_url(query: Mapping[str, str]) -> Claim:
    key_id, scope = credential(query.get("x-oss-credential", ""))
    return Claim(
        4,
        key_id,
        query.get("x-oss-signature", ""),
        True,
        query.get("x-oss-date", ""),
        query.get("x-oss-expires", ""),
        scope,
        _names(query.get("x-oss-additional-headers", "")),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(sorted(name.strip().lower() for name in text.split(";") if name.strip()))


def credential(text: str) -> tuple[str, tuple[str, ...]]:
    """The key id and the scope of a V4 credential: day, region, product, end. Raises ValueError."""
    key_id, *scope = text.split("/")
    if not key_id or len(scope) != 4 or scope[3] != _END:
        raise ValueError(f"The Credential is not ID/YYYYMMDD/REGION/{PRODUCT}/{_END}.")
    return key_id, tuple(scope)


# ---------------------------------------------------------------- what is signed


def sign(claim: Claim, request: Signable, secret: str) -> str:
    """The signature that the request must have if its owner knows ``secret``."""
    text = string_to_sign(claim, request)
    if claim.version == 1:
        return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
    key = ("aliyun_v4" + secret).encode()
    for step in claim.scope:
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def authorization(request: Signable, date: str, region: str, key_id: str, secret: str) -> str:
    """The header of V4 for a request that has ``x-oss-date``: ``date``, such as 20260102T030405Z."""
    scope = (date[:8], region, PRODUCT, _END)
    signed = sign(Claim(4, key_id, "", False, date, scope=scope), request, secret)
    return f"{ALGORITHM} Credential={key_id}/{'/'.join(scope)},Signature={signed}"


def verify(claim: Claim, request: Signable, secret: str) -> bool:
    return hmac.compare_digest(
        sign(claim, request, secret).encode(), claim.signature.encode("utf-8", "replace")
    )


def sign_policy(policy: str, secret: str, scope: Iterable[str] = ()) -> str:
    """The signature of a form's policy (still in base64): V4 with a ``scope``, else V1."""
    steps = tuple(scope)
    if not steps:
        return base64.b64encode(hmac.new(secret.encode(), policy.encode(), hashlib.sha1).digest()).decode()
    key = ("aliyun_v4" + secret).encode()
    for step in steps:
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def string_to_sign(claim: Claim, request: Signable) -> str:
    if claim.version == 1:
        return _text_v1(claim.date, request)
    canonical = hashlib.sha256(canonical_request(claim, request).encode()).hexdigest()
    return "\n".join((ALGORITHM, claim.date, "/".join(claim.scope), canonical))


def _text_v1(date: str, request: Signable) -> str:
    headers = request.headers
    own = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()) if name.startswith("x-oss-"))
    resource = f"/{request.bucket}/{request.key}" if request.bucket else "/"
    signed = sorted((name, value) for name, value in request.query if name in SUBRESOURCES)
    if signed:
        resource += "?" + "&".join(f"{name}={value}" if value else name for name, value in signed)
    first = (request.method, headers.get("content-md5", ""), headers.get("content-type", ""), date)
    return "\n".join((*first, own + resource))


def canonical_request(claim: Claim, request: Signable) -> str:
    """What V4 hashes. Every header of OSS counts, also one that came beside a presigned URL."""
    path = f"/{request.bucket}/{request.key}" if request.bucket else "/"
    pairs = sorted(
        (quote(name, safe="~"), quote(value, safe="~"))
        for name, value in request.query
        if not (claim.in_url and name == "x-oss-signature")
    )
    query = "&".join(f"{name}={value}" if value else name for name, value in pairs)
    always = ("content-type", "content-md5")
    lines = "".join(
        f"{name}:{value.strip()}\n"
        for name, value in sorted(request.headers.items())
        if name.startswith("x-oss-") or name in always or name in claim.additional
    )
    payload = request.headers.get("x-oss-content-sha256", UNSIGNED)
    additional = ";".join(claim.additional)
    return "\n".join((request.method, quote(path, safe="/~"), query, lines, additional, payload))
