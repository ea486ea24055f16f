"""authConfig in one form: what is wrong in it is named key by key, and what is secret in it is never said."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from fc_magic.wire import auth_config, jwks, legacy_signature, triggers
from fc_magic.wire.auth_config import Lookup, Passing
from fc_magic.wire.cors import Cors
from fc_magic.wire.triggers import Http

PROPERTY = settings(max_examples=150, deadline=None, derandomize=True)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


SECRET = b64(b"MarkOfASecretThatMustNeverShow, as long as it gets: 64 or more...")
OCT = {"kty": "oct", "k": SECRET}
RSA = {"kty": "RSA", "n": b64(b"\xff" * 256), "e": "AQAB"}
EC = {"kty": "EC", "crv": "P-256", "x": b64(bytes(32)), "y": b64(bytes(32))}
OKP = {"kty": "OKP", "crv": "Ed25519", "x": b64(bytes(32))}
LOOKUP = "header:Authorization:Bearer"


def jwt(*keys: Any, lookup: Any = LOOKUP, **more: Any) -> dict[str, Any]:
    return {"jwks": {"keys": list(keys) or [OCT]}, "tokenLookup": lookup, **more}


def tokens(*given: Any) -> dict[str, Any]:
    return {"tokens": list(given)}


ONE = {"tokenName": "one", "tokenData": SECRET, "enable": True}


def refusal(auth_type: str, config: Any) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the callers look at all of what it says
        auth_config.read(auth_type, config)
    assert SECRET not in str(caught.value)
    return str(caught.value)


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("header:Authorization:Bearer,query:t", "header:Authorization:Bearer,query:t"),
        (" header:Authorization:Bearer , cookie:c", "header:Authorization:Bearer,cookie:c"),
        (["form:f", "header:X-Token"], "form:f,header:X-Token"),
        ([{"readPosition": "header", "parameterName": "A", "prefix": "Bearer "}], "header:A:Bearer"),
        ([{"readPosition": "cookie", "parameterName": "c", "prefix": ""}], "cookie:c"),
    ],
)
def test_token_lookup(said: Any, read: str) -> None:
    """A comma list, a list, or what the fc3 tool writes: one form."""
    found = auth_config.read("jwt", jwt(lookup=said))
    assert found
    assert found["tokenLookup"] == read
    assert ",".join(map(str, auth_config.lookups(found))) == read


def test_lookups() -> None:
    """The prefix belongs to a header."""
    found = auth_config.lookups(jwt(lookup="header:Authorization:Bearer,query:t"))
    assert found == (Lookup("header", "Authorization", "Bearer"), Lookup("query", "t"))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("header:sub:X-Sub,query:uid:uid", (Passing("header", "sub", "X-Sub"), Passing("query", "uid", "uid"))),
        ("form:https://a.example/x:role", (Passing("form", "https://a.example/x", "role"),)),
        ([{"mappingParameterPosition": "cookie", "claimName": "a", "mappingParameterName": "b"}],
         (Passing("cookie", "a", "b"),)),
        ("query::", ()),
        ("", ()),
        (None, ()),
    ],
)  # fmt: skip
def test_claim_pass_by(said: Any, read: tuple[Passing, ...]) -> None:
    """place:claim:name; a claim may have colons; the fc3 tool's empty one is none."""
    found = auth_config.read("jwt", jwt(claimPassBy=said))
    assert found
    assert auth_config.passings(found) == read


def test_text_is_as_good_as_an_object() -> None:
    """The API's string, the fc3 tool's object, the SDK's capital letters: the same."""
    config = jwt(RSA, whitelist=["/a"])
    spelled = {"JWKS": json.dumps(config["jwks"]), "TokenLookup": LOOKUP, "Whitelist": ["/a"]}
    assert auth_config.read("jwt", json.dumps(spelled)) == auth_config.read("jwt", config) == config


@pytest.mark.parametrize("key", [OCT, RSA, EC, OKP], ids=lambda key: key["kty"])
def test_only_what_verifies_is_kept(key: dict[str, str]) -> None:
    """Private members of a key are left behind."""
    private = {"d": SECRET, "p": SECRET, "x5c": [SECRET], "key_ops": ["sign"], "kid": "a", "use": "sig"}
    found = auth_config.read("jwt", jwt({**private, **key}))
    assert found
    assert found["jwks"]["keys"] == [{**key, "kid": "a", "use": "sig"}]


def test_tokens() -> None:
    """A token is enabled unless it says otherwise."""
    del (bare := dict(ONE))["enable"]
    off = {"tokenName": "two", "tokenData": SECRET[::-1], "enable": False}
    assert auth_config.read("bearer", tokens(bare, off)) == tokens(ONE, off)


@pytest.mark.parametrize("auth_type", ["anonymous", "function"])
def test_nothing_to_configure(auth_type: str) -> None:
    """Where it has no meaning it is refused, unless it says nothing."""
    assert [auth_config.read(auth_type, nothing) for nothing in (None, "", {})] == [None] * 3
    assert refusal(auth_type, {"a": SECRET}) == f"has no meaning with authType {auth_type}"


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (None, "is required with authType jwt"),
        ("{", "is not JSON"),
        ("[1]", "is not an object"),
        ({"jwks": 1}, "tokenLookup is required; jwks must be an object with 1 to 20 keys"),
        ({"tokenLookup": LOOKUP}, "jwks is required"),
        (jwt(colour=SECRET), "colour is not known"),
        ({**jwt(), "jwks": "{"}, "jwks is not JSON"),
        ({**jwt(), "jwks": {"keys": []}}, "jwks must be an object with 1 to 20 keys"),
        ({**jwt(), "jwks": {"keys": [OCT] * 21}}, "jwks must be an object with 1 to 20 keys"),
        (jwt(SECRET), "jwks.keys.0 is not an object"),
        (jwt(OCT, {"kty": SECRET}), "jwks.keys.1.kty must be RSA, EC, oct, OKP"),
        (jwt({"kty": "RSA", "n": 5}), "jwks.keys.0.n is not base64url; jwks.keys.0.e is required"),
        (jwt({**EC, "crv": "P-1", "x": "*"}), "0.crv must be P-256, P-384, P-521; jwks.keys.0.x is not base64url"),
        (jwt({**OKP, "crv": "X25519"}), "jwks.keys.0.crv must be Ed25519, Ed448"),
        (jwt({**OCT, "kid": 5}), "jwks.keys.0.kid is not text"),
        (jwt({**OCT, "use": "enc"}), "jwks.keys.0.use must be sig"),
        (jwt({**RSA, "alg": "HS256"}), "jwks.keys.0.alg does not belong to a key of this kind"),
        (jwt({**EC, "alg": "ES384"}), "jwks.keys.0.alg does not belong to a key of this kind"),
        (jwt({**RSA, "n": b64(b"\xff" * 128)}), "jwks.keys.0.n has 1024 bits; at least 2048 are needed"),
        (jwt({**OCT, "k": b64(b"short")}), "jwks.keys.0.k is too short: at least 32 bytes are needed"),
        (jwt({**OCT, "k": b64(bytes(40)), "alg": "HS384"}), "keys.0.k is too short: at least 48 bytes are needed"),
        (jwt(lookup=""), "0 must be header:NAME:PREFIX, header:NAME, query:NAME, cookie:NAME or form:NAME"),
        (jwt(lookup=[]), "tokenLookup is empty"),
        (jwt(lookup=5), "tokenLookup is not a comma-separated list"),
        (jwt(lookup="query:a:b,nowhere:x,header:"), "tokenLookup.0 must be"),
        (jwt(claimPassBy="header:sub"), "claimPassBy.0 must be header:CLAIM:NAME, query:…, cookie:… or form:…"),
        (jwt(claimPassBy="header:sub:X Sub"), "claimPassBy.0 must be"),
        (jwt(whitelist=["a", "/a/*/b", "/ok/*"]), "whitelist.0 must be /a/path or /a/path/*; whitelist.1 must be"),
        (jwt(whitelist=["/a"], blacklist=["/b"]), "blacklist and whitelist exclude each other"),
        (jwt(blacklist=5), "blacklist is not a list of at most 100 paths"),
    ],
)  # fmt: skip
def test_wrong_jwt(config: Any, said: str) -> None:
    """Each wrong key is named, without its value."""
    assert said in refusal("jwt", config)


@pytest.mark.parametrize("name", ["none", "None", "RS1", SECRET])
def test_algorithms_are_named(name: str) -> None:
    """``none`` is no algorithm of a key."""
    assert "jwks.keys.0.alg must be RS256, " in refusal("jwt", jwt({**RSA, "alg": name}))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "is required with authType bearer"),
        ({"tokens": []}, "tokens must be a list of 1 to 20"),
        (tokens(*[ONE] * 21), "tokens must be a list of 1 to 20"),
        (tokens(SECRET), "tokens.0 is not an object"),
        (tokens(ONE, {"tokenName": "1a", "tokenData": "short", "enable": 1}),
         "tokens.1.tokenName must have 1 to 128 letters, digits, _ or -, not starting with a digit or -; "
         "tokens.1.tokenData must have 32 to 128 of A-Z a-z 0-9 + / = - ~ .; tokens.1.enable is not true or false"),
        (tokens({**ONE, "tokenData": SECRET + "_"}), "tokens.0.tokenData must"),
        (tokens(ONE, {**ONE, "tokenData": SECRET[::-1]}), "tokens has the same tokenName twice"),
        (tokens(ONE, {**ONE, "tokenName": "two"}), "tokens has the same tokenData twice"),
        (tokens({**ONE, "colour": SECRET}), "tokens.0.colour is not known"),
    ],
)  # fmt: skip
def test_wrong_bearer(config: Any, said: str) -> None:
    """The documented limits of tokens, each by its place."""
    assert said in refusal("bearer", config)


def test_everything_that_is_wrong_with_a_trigger() -> None:
    """A wrong authConfig does not hide a wrong method, nor the other way round."""
    given = {"authType": "jwt", "authConfig": jwt(colour=SECRET), "methods": ["NO"], "corsConfig": {"x": 1}}
    with pytest.raises(ValidationError) as caught:
        triggers.from_config("http", given)
    assert [error["loc"][0] for error in caught.value.errors()] == ["authConfig", "methods", "corsConfig"]
    assert SECRET not in str(caught.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([SECRET, LOOKUP, "RSA", "sig"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["jwks", "keys", "tokenLookup", "claimPassBy", "whitelist", "kty", "k", "n", "tokens"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@PROPERTY
@given(st.sampled_from(auth_config.AUTH_TYPES), JSON)
def test_anything_is_read_or_refused(auth_type: str, config: Any) -> None:
    """Whatever it is: it is read into a form that reads as itself, or refused by ValueError."""
    said, found = "", None
    try:
        found = auth_config.read(auth_type, config)
    except ValueError as error:
        said = str(error)
    assert SECRET not in said
    if not said:
        assert auth_config.read(auth_type, found) == found
        assert auth_config.read(auth_type, json.loads(json.dumps(found))) == found


# ---------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("auth_type", "config"), [("jwt", jwt(RSA, OCT)), ("bearer", tokens(ONE))], ids=["jwt", "bearer"]
)
def test_fingerprints(auth_type: str, config: dict[str, Any]) -> None:
    """A secret is said as a fingerprint: the same for the same secret, another for another, and it is no secret."""
    whole = Http(auth_type=auth_type, auth_config=config)
    said = triggers.public(whole)
    assert SECRET in json.dumps(whole.config())
    assert SECRET not in json.dumps(said.config()) + repr(whole) + repr(said)
    assert (whole.has_masks(), said.has_masks()) == (False, True)
    assert triggers.public(said) == said == triggers.from_config("http", said.config())
    other = json.loads(json.dumps(config).replace(SECRET, SECRET[::-1]))
    assert triggers.public(Http(auth_type=auth_type, auth_config=other)) != said


def test_nothing_secret_is_said_as_it_is() -> None:
    """A trigger without a secret, and one of another kind, stay as they are."""
    for trigger in (
        Http(),
        Http(auth_type="function"),
        triggers.from_config("timer", {"cronExpression": "@every 5m"}),
    ):
        assert triggers.public(trigger) == trigger
        assert not trigger.has_masks()


def test_algorithms_of_a_key() -> None:
    """A key verifies what its kind can, narrowed by its alg; a short secret does not verify the long hashes."""
    assert jwks.algorithms(RSA) == ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
    assert jwks.algorithms({**RSA, "alg": "PS384"}) == ("PS384",)
    assert jwks.algorithms({**RSA, "alg": "HS256"}) == ()
    assert jwks.algorithms(EC) == ("ES256",)
    assert jwks.algorithms(OKP) == ("EdDSA",)
    assert jwks.algorithms({**OCT, "k": b64(bytes(48))}) == ("HS256", "HS384")


# ---------------------------------------------------------------- CORS


@pytest.mark.parametrize(
    ("pattern", "origin", "fits"),
    [
        ("*", "https://any.example.com", True),
        ("https://a.example.com", "https://a.example.com", True),
        ("https://A.example.com", "https://a.EXAMPLE.com", True),
        ("https://a.example.com", "http://a.example.com", False),
        ("https://a.example.com", "https://a.example.com:8443", False),
        ("https://a.example.com", "https://a.example.com.evil.org", False),
        ("https://*.example.com", "https://a.b.example.com", True),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "https://.example.com", False),
        ("https://*.example.com", "https://evil.org/.example.com", False),
        ("http://localhost:*", "http://localhost:3000", True),
        ("http://localhost:*", "http://localhost:", False),
        ("null", "null", True),
        ("https://a.example.com", "", False),
    ],
)
def test_origins(pattern: str, origin: str, fits: bool) -> None:
    """An origin fits as a whole; a star is text without a slash, and not nothing."""
    assert Cors(allow_origins=(pattern,)).allows_origin(origin) is fits


@pytest.mark.parametrize(
    "wrong",
    [
        {"allowOrigins": []},
        {"allowOrigins": ["example.com"]},
        {"allowOrigins": ["https://a/path"]},
        {"allowOrigins": ["https://*.*.com"]},
        {"allowOrigins": "https://a"},
        {"allowMethods": ["a b"]},
        {"allowHeaders": ["a\r\nb"]},
        {"exposeHeaders": [""]},
        {"maxAge": -1},
        {"maxage": 1},
    ],
)
def test_wrong_cors(wrong: dict[str, Any]) -> None:
    """What is no origin, no name, no age or no key is refused."""
    with pytest.raises(ValidationError):
        triggers.from_config("http", {"corsConfig": wrong})


# ---------------------------------------------------------------- the older signature


def test_legacy_text() -> None:
    """The text of the reference's example, to the letter; without a query a line end may follow the path."""
    date = "Wed, 01 May 2024 08:00:00 GMT"
    headers = {"content-type": "application/json", "date": date, "x-fc-trace-id": "t1", "host": "h"}
    query = [("foo", "bar"), ("a", "1")]
    expected = f"POST\n\napplication/json\n{date}\nx-fc-trace-id:t1\n/hello\na=1\nfoo=bar"
    assert list(legacy_signature.texts("POST", "/hello", query, headers)) == [expected]
    bare = f"GET\n\n\n{date}\nx-fc-account-id:123456789012\n/2016-08-15/tempBucketToken"
    headers = {"date": date, "x-fc-account-id": "123456789012"}
    assert list(legacy_signature.texts("get", "/2016-08-15/tempBucketToken", [], headers)) == [
        bare,
        bare + "\n",
    ]
