"""ACS3-HMAC-SHA256 against what the official SDKs signed, and against the SDK itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fc_magic.wire import signature
from fc_magic.wire.signature import Authorization

PROPERTY = settings(max_examples=150, deadline=None, derandomize=True)
VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("signature_vectors.json").read_text("utf-8")
)["vectors"]
every_vector = pytest.mark.parametrize("vector", VECTORS, ids=[v["name"] for v in VECTORS])
with_target = pytest.mark.parametrize(
    "vector",
    [v for v in VECTORS if "wire_target" in v],
    ids=[v["name"] for v in VECTORS if "wire_target" in v],
)


def signed_headers(vector: dict[str, Any]) -> dict[str, str]:
    """The headers this SDK signs: all of them (Python), or only some (Node)."""
    names = vector["signed_headers"].split(";")
    return {name: value for name, value in vector["headers"].items() if name.lower() in names}


def claim(vector: dict[str, Any]) -> Authorization:
    found = signature.parse(vector["authorization"])
    assert found is not None
    return found


def verified(vector: dict[str, Any], **changed: Any) -> bool:
    """Whether a server takes the vector's request, with one part of it changed."""
    request: dict[str, Any] = {
        "secret": vector["access_key_secret"],
        "method": vector["method"],
        "raw_path": vector["path"],
        "query": list(vector["query"].items()),
        "headers": signature.joined(vector["headers"].items()),
        "payload": vector["hashed_payload"],
    }
    return signature.verify(claim(vector), **{**request, **changed})


def flipped(text: str, at: int = 0) -> str:
    """The text with one character changed."""
    return text[:at] + ("b" if text[at] == "a" else "a") + text[at + 1 :] if text else "a"


def test_there_are_48_vectors_of_both_sdks() -> None:
    """The data is whole."""
    assert len(VECTORS) == 48
    assert {v["family"] for v in VECTORS} == {"python", "node"}


@every_vector
def test_authorization_comes_out_equal(vector: dict[str, Any]) -> None:
    """Our Authorization is the SDK's, byte for byte."""
    ours = signature.sign(
        vector["method"],
        vector["path"],
        vector["query"].items(),
        signed_headers(vector),
        base64.b64decode(vector["body_base64"]),
        vector["access_key_id"],
        vector["access_key_secret"],
    )
    assert ours == vector["authorization"]


@every_vector
def test_body_is_hashed_when_no_header_says_its_hash(vector: dict[str, Any]) -> None:
    """The hash of the body is the one the SDK sent."""
    assert signature.body_hash(base64.b64decode(vector["body_base64"])) == vector["hashed_payload"]


@with_target
def test_canonical_text_comes_out_equal(vector: dict[str, Any]) -> None:
    """Canonical query and canonical request are the SDK's, byte for byte."""
    query = list(vector["query"].items())
    headers = signature.joined(signed_headers(vector).items())
    text = signature.canonical_request(
        vector["method"], vector["path"], query, headers, headers, vector["hashed_payload"]
    )
    assert signature.canonical_query(query) == vector["canonical_query"]
    assert text == vector["canonical_request"]


@with_target
def test_query_survives_the_wire(vector: dict[str, Any]) -> None:
    """What a server reads from the request target has the same canonical query."""
    path, _, raw = vector["wire_target"].partition("?")
    assert path == vector["path"]
    assert signature.canonical_query(signature.query_pairs(raw)) == vector["canonical_query"]


@every_vector
def test_verify_accepts_the_sdks_request(vector: dict[str, Any]) -> None:
    """Every signed request of the SDKs is taken."""
    assert verified(vector)


@every_vector
def test_verify_refuses_a_changed_byte(vector: dict[str, Any]) -> None:
    """One byte of hash, path, method, query or secret is enough to be refused."""
    query = list(vector["query"].items())
    changes: list[dict[str, Any]] = [
        {"payload": flipped(vector["hashed_payload"])},
        {"payload": ""},
        {"raw_path": flipped(vector["path"], len(vector["path"]) - 1)},
        {"raw_path": vector["path"] + "/"},
        {"method": "PATCH"},
        {"query": [*query, ("a", "")]},
        {"secret": flipped(vector["access_key_secret"])},
        {"secret": ""},
    ]
    for i, (name, value) in enumerate(query):
        changes.append({"query": [*query[:i], (name, flipped(value)), *query[i + 1 :]]})
        changes.append({"query": [*query[:i], (flipped(name), value), *query[i + 1 :]]})
        changes.append({"query": [*query[:i], *query[i + 1 :]]})
    assert [change for change in changes if verified(vector, **change)] == []


@every_vector
def test_verify_refuses_a_changed_header(vector: dict[str, Any]) -> None:
    """Each signed header counts, and those that are not signed do not."""
    headers = signature.joined(vector["headers"].items())
    signed = claim(vector).signed
    changed = {name: {**headers, name: flipped(headers[name])} for name in headers}
    assert {name for name in headers if not verified(vector, headers=changed[name])} == set(signed)
    for name in signed:
        without = {key: value for key, value in headers.items() if key != name}
        assert verified(vector, headers=without) is (headers[name] == "")


@pytest.mark.parametrize("name", [signature.percent, str], ids=["as documented", "as the SDK"])
def test_verify_takes_names_escaped_or_bare(name: Any) -> None:
    """A query name outside the API's own may be signed in either form."""
    query, headers = [("a b", "1"), ("键", "2")], {"host": "h"}
    text = signature.canonical_request("GET", "/", query, headers, headers, "", name)
    given_claim = Authorization("id", ("host",), signature.signature(text, "secret"))
    assert signature.verify(given_claim, "secret", "GET", "/", query, headers, "")


@pytest.mark.parametrize(
    ("signed", "sent", "same"),
    [
        ("/layerarn/acs%3Afc%3Al%2F1", "/layerarn/acs:fc:l%2F1", True),
        ("/a/caf%C3%A9", "/a/caf%c3%a9", True),
        ("/a/~b", "/a/%7eb", True),
        ("/a%2Fb", "/a/b", False),
        ("/a/b", "/a%2Fb", False),
        ("/a%253A", "/a:", False),
        ("/a%3A", "/a%253A", False),
    ],
)
def test_path_is_escaped_again_on_its_way(signed: str, sent: str, same: bool) -> None:
    """An HTTP library may write a path in another form than was signed, as long as it is the same path."""
    found = signature.parse(signature.sign("GET", signed, [], {"host": "h"}, b"", "id", "secret"))
    assert found is not None
    assert signature.verify(found, "secret", "GET", sent, [], {"host": "h"}, signature.EMPTY_HASH) is same


def test_one_query_cannot_pass_for_another() -> None:
    """The signature of ?a=1&b=2 is none of the single parameter named "a=1&b"."""
    header = signature.sign("GET", "/", [("a", "1"), ("b", "2")], {"host": "h"}, b"", "id", "secret")
    found = signature.parse(header)
    assert found is not None
    payload = signature.EMPTY_HASH
    assert signature.verify(found, "secret", "GET", "/", [("b", "2"), ("a", "1")], {"host": "h"}, payload)
    assert not signature.verify(found, "secret", "GET", "/", [("a=1&b", "2")], {"host": "h"}, payload)


def test_http_trigger_form_without_a_body_hash() -> None:
    """The reduced form of HTTP triggers: two headers, one of them not sent, and an empty last line."""
    found = Authorization(
        "id",
        ("x-acs-date", "x-acs-security-token"),
        signature.signature(
            "POST\n/hello\nfoo=bar\nx-acs-date:2024-05-01T08:00:00Z\nx-acs-security-token:\n\n"
            "x-acs-date;x-acs-security-token\n",
            "exampleSecret1234567890",
        ),
    )
    assert found.signature == "33b4214ee9bf5e5a9d77d1d6f30754faa02e43be114ff11999fae6d630841f46"
    headers = {"x-acs-date": "2024-05-01T08:00:00Z"}
    query = signature.query_pairs("foo=bar")
    assert signature.verify(found, "exampleSecret1234567890", "POST", "/hello", query, headers, "")


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("", ""),
        ("a", "a="),
        ("a=", "a="),
        ("a=1&a=0", "a=0&a=1"),
        ("b=1&a=2&B=3", "B=3&a=2&b=1"),
        ("p=a+b", "p=a%20b"),
        ("p=a%20b", "p=a%20b"),
        ("p=a%2Bb", "p=a%2Bb"),
        ("p=*~-_.", "p=%2A~-_."),
        ("p=%e9", "p=%EF%BF%BD"),
        ("p=a/b:c", "p=a%2Fb%3Ac"),
        ("&&a=1&", "a=1"),
        ("p=a=b==", "p=a%3Db%3D%3D"),
        ("p=%C3%A9", "p=%C3%A9"),
    ],
)
def test_canonical_query_of_what_was_sent(raw: str, canonical: str) -> None:
    """Form decoding, then RFC 3986."""
    assert signature.canonical_query(signature.query_pairs(raw)) == canonical


# ---------------------------------------------------------------- against the SDK's own signer

texts = st.text(max_size=12) | st.sampled_from(
    ["", " ", "a b", "*~", "a+b", "函数", "%2B", "a/b:c", "é", "😀", "=&?#"]
)
plain = st.one_of(texts, st.booleans(), st.integers(), st.binary(max_size=4).map(lambda b: b.hex().encode()))
values = st.recursive(
    plain | st.none(), lambda v: st.lists(v, max_size=3) | st.dictionaries(texts, v, max_size=2), max_leaves=6
)
queries = st.dictionaries(texts.filter(bool), values, max_size=5)
names = st.from_regex(r"(x-acs|X-Fc|x-custom|Accept)-[a-cA-C]{1,3}", fullmatch=True)
headers_of_all_kinds = st.dictionaries(names, texts, max_size=6)
tokens = st.none() | st.text("abcXYZ019+/=:,", min_size=1, max_size=20)
paths = st.lists(texts.map(Utils.get_encode_param), max_size=4).map(lambda parts: "/" + "/".join(parts))
secrets = st.text(min_size=1, max_size=40)


def official(request: DaraRequest, payload: str, key_id: str, secret: str) -> str:
    found = Utils.get_authorization(request, signature.ALGORITHM, payload, key_id, secret)
    assert isinstance(found, str)
    return found


@PROPERTY
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"]),
    path=paths,
    query=queries,
    extra=headers_of_all_kinds,
    token=tokens,
    body=st.binary(max_size=64),
    secret=secrets,
)
@example("GET", "", {"a": ["x", "y", ""], "b": [], "c": None}, {"X-A-a": "2", "x-a-a": " 1 "}, None, b"", "s")
@example("POST", "/", {"Tag": [{"Key": "k", "Value": ""}]}, {}, "tok+/==", b"\x00\xff", "密钥")
def test_sign_is_the_sdks_signer(
    method: str,
    path: str,
    query: dict[str, Any],
    extra: dict[str, str],
    token: str | None,
    body: bytes,
    secret: str,
) -> None:
    """Over any request, our signature is the official SDK's, and a server reading it from the wire agrees."""
    payload = Utils.hex_encode(Utils.hash(body, signature.ALGORITHM))
    request = DaraRequest()
    request.method, request.pathname, request.query = method, path, Utils.query(query)
    sts = {"x-acs-accesskey-id": "STS.id", "x-acs-security-token": token} if token else {}
    request.headers = {"host": "127.0.0.1:9000", **extra, **sts, "x-acs-content-sha256": payload}
    theirs = official(request, payload, "STS.id", secret)
    pairs = list(request.query.items())
    assert signature.sign(method, path, pairs, request.headers, body, "STS.id", secret) == theirs

    found = signature.parse(theirs)
    assert found is not None
    received = signature.query_pairs(urlencode(pairs))
    seen = signature.joined(request.headers.items())
    strange = any(set(name) & set("&=\r\n") for name, _ in pairs)
    assert signature.verify(found, secret, method, path, received, seen, payload) or strange
    assert not signature.verify(found, secret + "x", method, path, received, seen, payload)


@PROPERTY
@given(st.lists(st.tuples(st.text(), st.text()), max_size=6))
def test_query_round_trip(pairs: list[tuple[str, str]]) -> None:
    """Repeated and empty values come back from the wire as they were; order does not matter."""
    received = signature.query_pairs(urlencode(pairs))
    assert sorted(received) == sorted(pairs)
    assert signature.canonical_query(reversed(pairs)) == signature.canonical_query(received)


# ---------------------------------------------------------------- Authorization

GARBAGE = st.text() | st.text("ACS3-HMAC-SHA256 Credential=,SignedHeaders;Signature", max_size=60)


@PROPERTY
@given(GARBAGE | GARBAGE.map(lambda rest: f"{signature.ALGORITHM} {rest}"))
@example(f"{signature.ALGORITHM} Credential=a,SignedHeaders=;;,Signature=\ud800")
@example(f"{signature.ALGORITHM} ,,,=,=")
def test_garbage_is_never_verified_and_never_raises(header: str) -> None:
    """Any text at all is either no Authorization, or one that does not hold."""
    found = signature.parse(header)
    if found is not None:
        assert not signature.verify(found, "secret", "GET", "/", [], {}, signature.EMPTY_HASH)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic abc",
        "FC id:signature",
        "ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=b",
        "acs3-hmac-sha256 Credential=a,SignedHeaders=host,Signature=b",
        "ACS3-HMAC-SHA256 Credential=,SignedHeaders=host,Signature=b",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=,Signature=b",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=",
        "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host",
    ],
)
def test_incomplete_authorization_is_none(header: str) -> None:
    """Another scheme or a missing part is no Authorization."""
    assert signature.parse(header) is None


def test_parse_takes_blanks_after_commas() -> None:
    """Some clients write a blank after each comma."""
    header = "ACS3-HMAC-SHA256 Credential=STS.a, SignedHeaders=host;x-acs-date, Signature=00ff"
    assert signature.parse(header) == Authorization("STS.a", ("host", "x-acs-date"), "00ff")


_WORDS = st.sampled_from(
    [
        "ACS3-HMAC-SHA256",
        " ",
        ",",
        "=",
        "Credential=a",
        "SignedHeaders=host;b",
        "Signature=",
        "00ff",
        "x",
        ", ",
    ]
)


def plainly_read(header: str) -> Authorization | None:
    """Field by field, the last of a name counts."""
    scheme, _, rest = header.partition(" ")
    found = dict((*part.strip().split("=", 1), "")[:2] for part in rest.split(","))
    key_id, names, value = (found.get(name) for name in ("Credential", "SignedHeaders", "Signature"))
    if scheme != signature.ALGORITHM or not (key_id and names and value):
        return None
    return Authorization(key_id, tuple(names.split(";")), value)


@PROPERTY
@given(st.lists(_WORDS, max_size=14).map("".join).map("ACS3-HMAC-SHA256 ".__add__))
@example("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b ,Signature=c")
@example("ACS3-HMAC-SHA256 Signature=b,Credential=a,SignedHeaders=host")
@example("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,XSignature=b")
@example("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature= 00ff ")
def test_parse_whatever_comes(header: str) -> None:
    """What it remembers of one header changes nothing of the next."""
    assert signature.parse(header) == plainly_read(header)


@pytest.mark.parametrize("length", [1, 30, 64, 65, 200])
def test_signature_is_an_hmac(length: int) -> None:
    """Also with a secret that is longer than a block of the hash."""
    secret = "s" * length
    text = f"{signature.ALGORITHM}\n{hashlib.sha256(b'canonical').hexdigest()}"
    wanted = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    assert signature.signature("canonical", secret) == wanted


@given(
    st.sampled_from(["POST", "get"]),
    st.sampled_from(["/", "", "/2023-03-30/functions/a%20b/invocations"]),
    st.lists(st.tuples(st.text("abz", min_size=1), st.text())),
    st.dictionaries(
        st.sampled_from(["x-acs-action", "X-Acs-Version", "x-acs-security-token", "x-fc-log-type", "accept"]),
        st.text("abc 123", max_size=5),
    ),
    st.binary(max_size=20),
)
def test_alike(
    method: str, path: str, query: list[tuple[str, str]], more: dict[str, str], body: bytes
) -> None:
    """Requests that differ in body, date and nonce alone are signed from pieces, and in the same way."""
    same = {"host": "h:1", **more}
    alike = signature.Alike(method, path, query, same, "id", "secret")
    for date, nonce in (("2026-01-02T03:04:05Z", "n1"), ("2026-01-02T03:04:06Z", "n2")):
        headers = {
            **same,
            "x-acs-date": date,
            "x-acs-signature-nonce": nonce,
            "x-acs-content-sha256": signature.body_hash(body),
        }
        whole = signature.sign(method, path, query, headers, body, "id", "secret")
        assert alike.sign(signature.body_hash(body), date, nonce) == whole
