"""``authType`` function: the request is signed with an access key: ACS3-HMAC-SHA256, or the older ``FC`` signature.

Function Compute documents a short form for triggers: only x-acs-date and x-acs-security-token are signed, not the
body. A request that signs more, as a call of the API does, is verified for all that it signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote

from fc_magic.errors import MissingRequiredHeader, SignatureNotMatch
from fc_magic.server import http
from fc_magic.server.auth import Verifier
from fc_magic.server.gateway.call import Call
from fc_magic.wire import legacy_signature, signature

HOW = "sign it: requests.get(URL, auth=FUNCTION.auth); or invoke the function"


async def check(call: Call, verifier: Verifier) -> None:
    headers = signature.joined((http.text(name), http.text(value)) for name, value in call.headers)
    scheme = headers.get("authorization", "").partition(" ")[0]
    if not scheme:
        raise MissingRequiredHeader(
            "this trigger takes signed requests only: the header Authorization is missing", hint=HOW
        )
    if scheme == signature.ALGORITHM:
        await _acs3(call, verifier, headers)
    elif scheme == legacy_signature.SCHEME:
        _legacy(call, verifier, headers)
    else:
        known = f"{signature.ALGORITHM} or {legacy_signature.SCHEME}"
        raise SignatureNotMatch(f"Authorization is not signed with {known}", hint=HOW)


async def _acs3(call: Call, verifier: Verifier, headers: Mapping[str, str]) -> None:
    claim = signature.parse(headers["authorization"])
    if claim is None:
        form = f"{signature.ALGORITHM} Credential=…,SignedHeaders=…,Signature=…"
        raise SignatureNotMatch(f"Authorization is not {form}", hint=HOW)
    key = verifier.key(claim.key_id, headers.get("x-acs-security-token", ""))
    if not headers.get("x-acs-date"):
        raise MissingRequiredHeader("the header x-acs-date is missing", hint=HOW)
    if "x-acs-date" not in claim.signed:
        raise SignatureNotMatch("the header x-acs-date is not among the signed ones", hint=HOW)
    dated = verifier.dated(headers["x-acs-date"])
    own = signature.body_hash(await call.body())
    said = headers.get("x-acs-content-sha256", own)
    if not any(_fits(call, claim, key.secret, headers, payload) for payload in (said, "")):
        raise _mismatch()
    if said != own:
        raise SignatureNotMatch("the body differs from the hash that was sent (x-acs-content-sha256)")
    nonce = headers.get("x-acs-signature-nonce")
    if nonce and "x-acs-signature-nonce" in claim.signed:
        verifier.once((claim.key_id, nonce), dated)


def _fits(
    call: Call, claim: signature.Authorization, secret: str, headers: Mapping[str, str], payload: str
) -> bool:
    # as it was sent: a route may show the function another one
    method, query = call.request.method, signature.query_pairs(http.text(call.request.scope["query_string"]))
    return any(
        signature.verify(claim, secret, method, path, query, headers, payload) for path in _paths(call)
    )


def _paths(call: Call) -> Iterator[str]:
    """The path as it was sent; FC's own examples write ``$`` as ``%24`` when they sign."""
    path = call.request.scope["raw_path"].decode("latin-1")
    yield path
    if "$" in path:
        yield path.replace("$", "%24")


def _legacy(call: Call, verifier: Verifier, headers: Mapping[str, str]) -> None:
    path = unquote(call.request.scope["raw_path"].decode("latin-1"))
    query = parse_qsl(http.text(call.request.scope["query_string"]), keep_blank_values=True)
    verifier.check_legacy(call.request.method, path, query, headers, HOW)


def _mismatch() -> SignatureNotMatch:
    return SignatureNotMatch(
        "the signature does not match this request",
        hint="check the access key secret and the method, and that nothing changes the request on its way",
    )
