"""Who sent a request: its key, its time and its signature are checked before anything else is done for it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from fc_magic.server.auth import Key
from fc_magic.server.grants import Grants
from fc_magic.server.objects.refusals import Refused
from fc_magic.wire import oss_signature as signature
from fc_magic.wire.oss_signature import Claim, Signable

#: seconds a request's date may differ from the server's clock
WINDOW_S = 900
#: seconds a URL signed with V4 may be good for
MAX_EXPIRES = 7 * 24 * 3600
_ISO = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
#: where a security token may stand: alibabacloud-oss-v2 sends V1's without a prefix
_TOKENS = ("x-oss-security-token", "security-token")


class Verifier:
    """``keys``: access key id -> Key; ``grants``: keys for one object. ``clock``: seconds since the epoch."""

    def __init__(
        self,
        keys: Mapping[str, Key],
        region: str,
        clock: Callable[[], float] = time.time,
        grants: Grants | None = None,
    ) -> None:
        self._keys, self._region, self.clock = keys, region, clock
        self.grants = grants or Grants(clock)

    def check(self, request: Signable) -> str:
        """The access key id that signed the request; "" if nobody did. Raises Refused."""
        try:
            claim = signature.claim(request)
        except ValueError as error:
            raise Refused("InvalidArgument", str(error)) from None
        if claim is None:
            return ""
        key = self._of_grant(claim.key_id, token_of(request)) or self.key(claim.key_id, token_of(request))
        self._check_scope(claim)
        self._check_time(claim)
        if not signature.verify(claim, request, key.secret):
            raise Refused("SignatureDoesNotMatch", fields=_explained(claim, request, key))
        return claim.key_id

    def key(self, key_id: str, token: str) -> Key:
        """The key of that id, if the token is its own. One that was granted for an object is not among them."""
        return _key(self._keys, key_id, token)

    def _of_grant(self, key_id: str, token: str) -> Key | None:
        granted = self.grants.find(key_id)
        if granted is None:
            return None
        key = _key({key_id: Key(granted.secret, granted.token)}, key_id, token)
        if not self.grants.is_good(granted):
            raise Refused("InvalidSecurityToken", "The security token has expired.", OSSAccessKeyId=key_id)
        return key

    def check_region(self, scope: tuple[str, ...]) -> None:
        if scope[1] != self._region:
            raise Refused(
                "InvalidArgument",
                f"Invalid signing region in Authorization header: {scope[1]!r}, this is {self._region!r}.",
            )
        if scope[2] != signature.PRODUCT:
            raise Refused("InvalidArgument", "Invalid signing product in Authorization header.")

    def _check_scope(self, claim: Claim) -> None:
        if claim.version == 4:
            self.check_region(claim.scope)
            moment = _seconds(claim.date)
            day = (
                datetime.fromtimestamp(moment, timezone.utc).strftime("%Y%m%d") if moment is not None else ""
            )
            if claim.scope[0] != day:
                raise Refused("InvalidArgument", "Invalid signing date in Authorization header.")

    def _check_time(self, claim: Claim) -> None:
        now = self.clock()
        if claim.in_url and claim.version == 1:
            if not _whole(claim.date):
                raise Refused("AccessDenied", "Query-string authentication requires the Expires parameter.")
            _refuse_after(int(claim.date), now)
            return
        moment = _seconds(claim.date)
        if moment is None:
            raise Refused("AccessDenied", "OSS authentication requires a valid Date.")
        if not claim.in_url or moment > now:
            _refuse_skew(moment, now)
        if claim.in_url:
            if not (_whole(claim.expires) and 0 < int(claim.expires) <= MAX_EXPIRES):
                raise Refused("InvalidArgument", f"x-oss-expires must be 1 to {MAX_EXPIRES} seconds.")
            _refuse_after(moment + int(claim.expires), now)


def _key(keys: Mapping[str, Key], key_id: str, token: str) -> Key:
    key = keys.get(key_id)
    if key is None or (key.token and not token):
        raise Refused("InvalidAccessKeyId", OSSAccessKeyId=key_id)
    if not signature.same(key.token, token):
        raise Refused("InvalidSecurityToken", OSSAccessKeyId=key_id)
    return key


def token_of(request: Signable) -> str:
    query = dict(request.query)
    return next(
        (where[name] for where in (request.headers, query) for name in _TOKENS if where.get(name)), ""
    )


def _refuse_after(end: float, now: float) -> None:
    if now > end:
        raise Refused("AccessDenied", "Request has expired.", Expires=_iso(end), ServerTime=_iso(now))


def _refuse_skew(moment: float, now: float) -> None:
    if abs(now - moment) > WINDOW_S:
        times = {"RequestTime": _iso(moment), "ServerTime": _iso(now)}
        raise Refused("RequestTimeTooSkewed", "", times, MaxAllowedSkewMilliseconds=str(WINDOW_S * 1000))


def _explained(claim: Claim, request: Signable, key: Key) -> dict[str, str]:
    """What OSS tells about a signature that is wrong; a token is a secret, also towards who guessed its key."""
    texts = {"StringToSign": signature.string_to_sign(claim, request)}
    if claim.version == 4:
        texts["CanonicalRequest"] = signature.canonical_request(claim, request)
    for token in filter(None, {key.token, token_of(request)}):
        for form in (token, quote(token, safe="~")):
            texts = {name: text.replace(form, "****") for name, text in texts.items()}
    return {"OSSAccessKeyId": claim.key_id, "SignatureProvided": claim.signature, **texts}


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _seconds(date: str) -> float | None:
    try:
        if _ISO.fullmatch(date):
            return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _iso(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    except (ValueError, OverflowError, OSError):
        return str(seconds)
