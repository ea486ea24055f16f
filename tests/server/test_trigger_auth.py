"""Who may call an http trigger: signed requests, JSON Web Tokens, bearer tokens; who may not runs nothing."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
import requests
from alibabacloud_tea_openapi.utils import Utils
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from darabonba.request import DaraRequest

from fc_magic.client.auth import TriggerAuth
from fc_magic.client.client import Client
from fc_magic.client.target import Credentials
from fc_magic.errors import InvalidArgument
from fc_magic.server import keys
from fc_magic.server.tokens import LEEWAY_S
from fc_magic.wire import triggers
from tests.conftest import KEY_ID, SECRET, Deploy, Server, function_file
from tests.server.calls import Answer, Caller, date, send


@dataclasses.dataclass(frozen=True)
class Guarded:
    """A function behind a trigger that asks who calls; it returns its event."""

    server: Server
    name: str
    client: Client
    function: Any

    @property
    def path(self) -> str:
        return f"/fn/{self.name}"

    @property
    def url(self) -> str:
        return self.server.url + self.path

    def send(
        self,
        target: str = "/",
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        body: bytes = b"",
    ) -> Answer:
        host = self.server.url.partition("//")[2]
        return send(self.server.url, method, self.path + target, {"host": host, **(headers or {})}, body)

    def runs(self) -> int:
        """How often it ran, in its log and in its counts."""
        logged = len(self.client.logs(self.name).requests)
        assert self.client.get(self.name).info.calls_today == logged
        return logged


GuardedBy = Callable[..., Guarded]


@pytest.fixture
def guarded(server: Server, client: Client, deploy: Deploy) -> GuardedBy:
    def make(**config: Any) -> Guarded:
        function = deploy("echo", triggers=[{"type": "http", "config": config}], timeout=20)
        return Guarded(server, function.info.name, client, function)

    return make


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.body
    assert answer.said["RequestId"]
    assert answer.said["Hint"]


# ---------------------------------------------------------------- signed: the short form of FC's documents


def short(
    path: str,
    query: str = "",
    method: str = "GET",
    key_id: str = KEY_ID,
    secret: str = SECRET,
    token: str = "",
    at: str | None = None,
) -> dict[str, str]:
    """Signed by hand, as FC documents it for triggers: two headers, and nothing of the body."""
    headers = {"x-acs-date": at or date(), "x-acs-security-token": token}
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = "\n".join([method, path, query, lines, ";".join(headers), ""])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    names = ";".join(headers)
    headers["authorization"] = f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={made}"
    return headers


def test_documented_signature() -> None:
    """The form signed here is the one of FC's example, and gives its signature."""
    made = short("/hello", "foo=bar", "POST", secret="exampleSecret1234567890", at="2024-05-01T08:00:00Z")
    assert made["authorization"].endswith("33b4214ee9bf5e5a9d77d1d6f30754faa02e43be114ff11999fae6d630841f46")


def test_signed_request_is_served(guarded: GuardedBy) -> None:
    """The documented short form, with a path and a query; the function sees a request like any other."""
    one = guarded(authType="function")
    headers = short(f"{one.path}/a/b", "page=2", "POST")
    answer = one.send("/a/b?page=2", headers, "POST", b"body")
    assert answer.status == 200, answer.body
    assert (answer.said["rawPath"], answer.said["queryParameters"]) == ("/a/b", {"page": "2"})
    assert answer.said["body"] == "body"
    assert one.runs() == 1


def test_signed_as_the_official_library_does(guarded: GuardedBy) -> None:
    """What the SDK's own helper signs, as FC's example for triggers calls it."""
    one = guarded(authType="function")
    request = DaraRequest()
    request.method, request.pathname, request.query = "GET", f"{one.path}/a", {"x": "1 2"}
    request.headers = {"x-acs-date": date(), "x-acs-security-token": ""}
    auth = Utils.get_authorization(request, "ACS3-HMAC-SHA256", "", KEY_ID, SECRET)
    answer = one.send("/a?x=1%202", {**request.headers, "authorization": auth})
    assert answer.status == 200, answer.body


def test_signed_as_a_call_of_the_api(guarded: GuardedBy) -> None:
    """A request that signs all that the API wants is served too; then it is served once, and its body is covered."""
    one = guarded(authType="function")
    caller = Caller(one.server.url)
    target = f"{one.path}/x"
    headers = caller.headers("POST", target, body=b"b")
    assert send(one.server.url, "POST", target, headers, b"b").status == 200
    again = send(one.server.url, "POST", target, headers, b"b")
    assert (again.status, again.code) == (403, "AccessDenied")
    other = caller.call("POST", target, b"one", sent_body=b"two")
    assert (other.status, other.code) == (403, "SignatureNotMatch")
    assert one.runs() == 1


@pytest.mark.parametrize("query", ["", "?a=1&b=&c=%E4%B8%AD%20+&a=0"])
@pytest.mark.parametrize("path", ["", "/", "/a$b", "/a%20b/%E4%B8%80"])
def test_signed_with_requests(guarded: GuardedBy, path: str, query: str) -> None:
    """``auth=function.auth`` is all that requests needs, whatever the path and the query."""
    one = guarded(authType="function")
    reply = requests.post(one.url + path + query, data=b"x", auth=one.function.auth, timeout=20)
    assert reply.status_code == 200, reply.text
    assert reply.json()["rawPath"] == (path or "/")


def test_signed_by_a_function(guarded: GuardedBy) -> None:
    """The credentials of the functions' role sign as well, with their token and not without."""
    one = guarded(authType="function")
    role = keys.read(one.server.data).role
    reply = requests.get(one.url, auth=TriggerAuth(Credentials(*role)), timeout=20)
    assert reply.status_code == 200, reply.text
    bare = requests.get(one.url, auth=TriggerAuth(Credentials(*role[:2])), timeout=20)
    assert (bare.status_code, bare.json()["Code"]) == (403, "InvalidAccessKeyID")


def test_signed_trigger_is_invoked_as_ever(guarded: GuardedBy) -> None:
    """Calling the function by its name needs no more than before."""
    assert guarded(authType="function").function({"a": 1}) == {"a": 1}


LATE = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1200))


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        (lambda path: {}, 400, "MissingRequiredHeader"),
        (lambda path: {"authorization": "Basic YTpi"}, 403, "SignatureNotMatch"),
        (lambda path: {"authorization": "ACS3-HMAC-SHA256 nonsense"}, 403, "SignatureNotMatch"),
        (lambda path: short(path, key_id="LTAINobody"), 403, "InvalidAccessKeyID"),
        (lambda path: short(path, secret="another"), 403, "SignatureNotMatch"),
        (lambda path: short(path + "x"), 403, "SignatureNotMatch"),
        (lambda path: short(path, query="a=1"), 403, "SignatureNotMatch"),
        (lambda path: short(path, method="POST"), 403, "SignatureNotMatch"),
        (lambda path: short(path, at=LATE), 403, "AccessDenied"),
        (lambda path: short(path, at="yesterday"), 400, "InvalidArgument"),
        (lambda path: {**short(path), "x-acs-date": ""}, 400, "MissingRequiredHeader"),
        (lambda path: {**short(path), "x-acs-date": date(-5)}, 403, "SignatureNotMatch"),
        (
            lambda path: {
                **short(path),
                "authorization": short(path)["authorization"].replace("x-acs-date;", ""),
            },
            403,
            "SignatureNotMatch",
        ),
    ],
)
def test_unsigned_is_refused(
    guarded: GuardedBy, headers: Callable[[str], dict[str, str]], status: int, code: str
) -> None:
    """Nothing that is not rightly signed runs the function, and nobody is told a secret."""
    one = guarded(authType="function")
    answer = one.send("/", headers(f"{one.path}/"))
    assert (answer.status, answer.code) == (status, code), answer.body
    assert one.runs() == 0
    assert SECRET.encode() not in answer.body


def test_unsigned_is_told_how(guarded: GuardedBy) -> None:
    """Who forgot to sign reads what to write."""
    one = guarded(authType="function")
    answer = one.send()
    refused(answer, 400, "MissingRequiredHeader")
    assert "auth=" in answer.said["Hint"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    page = one.send(headers={"origin": "https://app.example.com"})
    assert (
        page.headers["access-control-allow-origin"] == "https://app.example.com"
    )  # a page can read the refusal


# ---------------------------------------------------------------- signed: the older way


def legacy(
    path: str, lines: list[str], secret: str = SECRET, method: str = "GET", **headers: str
) -> dict[str, str]:
    sent = {"date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()), **headers}
    own = "".join(f"{name}:{sent[name]}\n" for name in sorted(sent) if name.startswith("x-fc-"))
    head = [method, sent.get("content-md5", ""), sent.get("content-type", ""), sent["date"]]
    text = "\n".join([*head, own + path, *lines])
    made = base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
    return {**sent, "authorization": f"FC {KEY_ID}:{made}"}


def test_legacy_signature(guarded: GuardedBy) -> None:
    """The FC signature of the older API is taken for a trigger: path and query as text, sorted lines."""
    one = guarded(authType="function")
    headers = legacy(f"{one.path}/a b", ["a=1", "foo=b c"], **{"x-fc-trace-id": "t1"})
    assert one.send("/a%20b?foo=b+c&a=1", headers).status == 200
    for lines in ([], [""]):
        assert one.send("/", legacy(f"{one.path}/", lines)).status == 200
    wrong = (
        legacy(f"{one.path}/", [], "another"),
        legacy(f"{one.path}/b", []),
        {**legacy(f"{one.path}/", []), "x-fc-added": "1"},
        legacy(f"{one.path}/", [], date="Wed, 01 May 2024 08:00:00 GMT"),
        legacy(f"{one.path}/", [], date="never"),
        legacy(f"{one.path}/", [], date="Fri, 02 Jan 999999999999 03:04:05 GMT"),
        {**legacy(f"{one.path}/", []), "date": ""},
        {"authorization": f"FC {KEY_ID}", "date": date()},
        {"authorization": "FC :", "date": date()},
    )
    assert [one.send("/", headers).status for headers in wrong] == [
        403,
        403,
        403,
        403,
        400,
        400,
        400,
        400,
        403,
    ]
    assert one.runs() == 3


# ---------------------------------------------------------------- JSON Web Tokens

RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
SHARED = b"a shared secret of sixty-four bytes, as long as HS512 wants it to be!"
BEARER = "header:Authorization:Bearer"
PRIVATE: dict[str, Any] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    **dict.fromkeys(("HS256", "HS384", "HS512"), SHARED),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def jwk(algorithm: str, key: Any = None, **more: str) -> dict[str, Any]:
    """The public half as a JSON Web Key."""
    key = PRIVATE[algorithm] if key is None else key
    public = key if isinstance(key, bytes) else key.public_key()
    found = json.loads(jwt.get_algorithm_by_name(algorithm).to_jwk(public))
    kept = {name: found[name] for name in ("kty", "n", "e", "crv", "x", "y", "k") if name in found}
    return {**kept, "use": "sig", "alg": algorithm, **more}


def config(*keys: dict[str, Any], lookup: str = BEARER, **more: Any) -> dict[str, Any]:
    return {
        "authType": "jwt",
        "authConfig": {"jwks": {"keys": list(keys) or [jwk("RS256")]}, "tokenLookup": lookup, **more},
    }


def token(algorithm: str = "RS256", key: Any = None, kid: str = "", **claims: Any) -> str:
    claims = {"sub": "ada", "exp": time.time() + 60, **claims}
    signer = PRIVATE[algorithm] if key is None else key
    return jwt.encode(claims, signer, algorithm, headers={"kid": kid} if kid else None)


def bearing(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


@pytest.mark.parametrize("algorithm", PRIVATE)
@pytest.mark.parametrize("said", [True, False], ids=["alg in the key", "alg from its kind"])
def test_algorithms(guarded: GuardedBy, algorithm: str, said: bool) -> None:
    """Every documented algorithm verifies what it signed, and nothing that another key signed."""
    key = jwk(algorithm)
    if not said:
        del key["alg"]
    one = guarded(**config(key))
    assert one.send("/", bearing(token(algorithm))).status == 200
    head, body, signature = token(algorithm).split(".")
    refused(one.send("/", bearing(f"{head}.{body}.{signature[:-8]}AAAAAAAA")), 403, "AccessDenied")
    assert one.runs() == 1


def test_ed448(guarded: GuardedBy) -> None:
    """EdDSA is Ed448 as well."""
    key = ed448.Ed448PrivateKey.generate()
    assert guarded(**config(jwk("EdDSA", key))).send("/", bearing(token("EdDSA", key))).status == 200


def test_a_word_before_the_token(guarded: GuardedBy) -> None:
    """Whether Bearer is part of the header is for tokenLookup to say, and who mistakes it is told so."""
    one = guarded(**config(lookup="header:Authorization"))
    assert one.send("/", {"authorization": token()}).status == 200
    answer = one.send("/", bearing(token()))
    refused(answer, 403, "AccessDenied")
    assert "by tokenLookup header:Authorization it is all of that, Bearer too" in answer.said["Message"]
    assert "have the trigger say header:Authorization:Bearer" in answer.said["Hint"]
    other = guarded(**config(lookup=BEARER))
    answer = other.send("/", {"authorization": token()})
    refused(answer, 403, "AccessDenied")
    assert (
        answer.said["Hint"] == "the header Authorization is there, but does not begin with Bearer and a space"
    )


def unsigned(**claims: Any) -> str:
    return jwt.encode({"exp": time.time() + 60, **claims}, None, "none")


def confused() -> str:
    """HS256 with the public RSA key as its secret: what a careless verifier takes."""
    numbers = json.dumps(jwk("RS256")).encode()
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT"}, {"exp": time.time() + 60})
    )
    made = hmac.new(numbers, head + b"." + body, hashlib.sha256).digest()
    return b".".join([head, body, base64.urlsafe_b64encode(made).rstrip(b"=")]).decode()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (unsigned, "no key is for its alg"),
        (confused, "no key is for its alg"),
        (lambda: token("RS384"), "no key is for its alg"),
        (lambda: token("PS256"), "no key is for its alg"),
        (lambda: token(key=OTHER), "not of any of the keys"),
        (lambda: token(exp=time.time() - LEEWAY_S - 5), "has expired"),
        (lambda: token(nbf=time.time() + LEEWAY_S + 30), "not valid yet"),
        (lambda: token(exp="soon"), "JSON Web Token"),
        (lambda: "no.token.atall", "no JSON Web Token"),
        (lambda: "x", "no JSON Web Token"),
        (lambda: token(kid="another"), "no key is for its alg and kid"),
    ],
)
def test_bad_tokens(guarded: GuardedBy, made: Callable[[], str], why: str) -> None:
    """No algorithm, a confused one, a wrong key, a wrong time: refused with the reason, before the function."""
    one = guarded(**config(jwk("RS256", kid="mine")))
    text = made()
    answer = one.send("/", bearing(text))
    refused(answer, 403, "AccessDenied")
    assert why in answer.said["Message"]
    assert len(text) < 8 or text not in answer.body.decode()
    assert one.runs() == 0


def test_time_has_a_leeway(guarded: GuardedBy) -> None:
    """Clocks differ: a token is taken shortly after its end and before its beginning; one without an end is, too."""
    one = guarded(**config())
    for claims in ({"exp": time.time() - LEEWAY_S + 30}, {"nbf": time.time() + LEEWAY_S - 30}):
        assert one.send("/", bearing(token(**claims))).status == 200
    endless = jwt.encode({"sub": "a", "aud": "whoever", "iat": time.time() + 999}, RSA, "RS256")
    assert one.send("/", bearing(endless)).status == 200


def test_kid(guarded: GuardedBy) -> None:
    """Of several keys the one of the token's kid is used; a key, or a token, without one fits any."""
    one = guarded(**config(jwk("RS256", kid="a"), jwk("RS256", OTHER, kid="b"), jwk("HS256")))
    assert one.send("/", bearing(token(kid="a"))).status == 200
    assert one.send("/", bearing(token(key=OTHER, kid="b"))).status == 200
    assert one.send("/", bearing(token(key=OTHER))).status == 200
    assert one.send("/", bearing(token("HS256", kid="whatever"))).status == 200
    assert one.send("/", bearing(token(kid="b"))).status == 403


def test_where_tokens_are_looked_for(guarded: GuardedBy) -> None:
    """In the order of tokenLookup; the first that is found counts, valid or not."""
    one = guarded(**config(lookup=f"{BEARER},header:X-Token,query:t,cookie:c,form:f"))
    good, form = token(), {"content-type": "application/x-www-form-urlencoded"}
    assert one.send("/", {"x-token": good}).status == 200
    assert one.send(f"/?a=1&t={good}").status == 200
    assert one.send("/", {"cookie": f"a=1; c={good}; d"}).status == 200
    assert one.send("/", form, "POST", urlencode({"a": "1", "f": good}).encode()).status == 200
    assert one.send("/", {"x-token": good, **bearing("broken")}).status == 403
    assert (
        one.send("/", {"authorization": f"bearer{good}", "x-token": good}).status == 200
    )  # no prefix, no token
    for headers in ({}, {"authorization": good}, {"authorization": "Bearer "}, {"cookie": "c="}):
        answer = one.send("/", headers)
        refused(answer, 403, "AccessDenied")
        assert "header:Authorization:Bearer" in answer.said["Message"]
    assert one.send("/", {"content-type": "text/plain"}, "POST", f"f={good}".encode()).status == 403
    assert one.runs() == 5


@pytest.mark.parametrize("more", [b"&a" * 30_000, b"&a=" + b"x" * 70_000, b"&a" * 1_500_000])
def test_large_form_has_no_token(guarded: GuardedBy, more: bytes) -> None:
    """Nobody can make the server read a form of many fields, or a large one, before it is known who calls."""
    one = guarded(**config(lookup="form:t"))
    form = {"content-type": "application/x-www-form-urlencoded"}
    good = urlencode({"t": token()}).encode()
    refused(one.send("/", form, "POST", good + more), 403, "AccessDenied")
    assert one.send("/", form, "POST", good + b"&a" * 1000).status == 200
    assert one.runs() == 1


def test_claims_are_passed_on(guarded: GuardedBy) -> None:
    """Claims arrive where claimPassBy says, as text; what the caller sent under those names is gone."""
    passing = (
        "header:sub:X-Sub,query:n:n,cookie:https://a.example/role:role,form:tags:tags,header:gone:X-Gone"
    )
    one = guarded(**config(claimPassBy=passing))
    claims = {"sub": "ada\r\nX-Evil: 1", "n": 7, "https://a.example/role": "a b", "tags": ["ü", True]}
    headers = {
        **bearing(token(**claims)),
        "content-type": "application/x-www-form-urlencoded",
        "x-sub": "forged",
        "x-gone": "forged",
        "cookie": "role=forged; own=1",
    }
    answer = one.send("/?n=1&n=2&own=1", headers, "POST", b"tags=forged&own=1")
    event = answer.said
    assert event["headers"]["X-Sub"] == "adaX-Evil: 1"
    assert "X-Gone" not in event["headers"]
    assert event["headers"]["Cookie"] == "own=1; role=a%20b"
    assert event["queryParameters"] == {"own": "1", "n": "7"}
    assert event["body"] == urlencode({"own": "1", "tags": '["ü",true]'})
    assert event["headers"]["Content-Length"] == str(len(event["body"]))
    bare = one.send("/", {**bearing(token()), "x-gone": "forged"}).said
    assert "n" not in bare["queryParameters"]
    assert bare["headers"]["X-Sub"] == "ada"
    assert "X-Gone" not in bare["headers"]
    assert bare["body"] == ""


def test_claims_go_into_large_forms(guarded: GuardedBy) -> None:
    """A claim goes into a form however large it is, which stays as it was sent; not into one of endless fields."""
    one = guarded(**config(claimPassBy="form:sub:sub"))
    headers = {**bearing(token()), "content-type": "application/x-www-form-urlencoded"}
    rest = b"x=" + b"%41" * 40_000 + b"&y"
    assert one.send("/", headers, "POST", b"s%75b=eve&" + rest).said["body"].encode() == rest + b"&sub=ada"
    refused_one = one.send("/", headers, "POST", b"a&" * 1_000_000)
    assert (refused_one.status, refused_one.code) == (400, "InvalidArgument")


@pytest.mark.parametrize("place", ["header", "query", "cookie", "form"])
def test_claim_that_is_no_text(guarded: GuardedBy, place: str) -> None:
    """Half of a surrogate pair, which JSON can say and UTF-8 cannot, becomes a question mark."""
    one = guarded(**config(claimPassBy=f"{place}:name:own"))
    headers = {**bearing(token(name="a\ud800b")), "content-type": "application/x-www-form-urlencoded"}
    answer = one.send("/", headers, "POST", b"x=1")
    assert answer.status == 200, answer.body
    assert any(said in json.dumps(answer.said) for said in ("a?b", "a%3Fb"))


@pytest.mark.parametrize("paths", [{"whitelist": ["/free"]}, {"blacklist": ["/other"]}])
def test_claims_cannot_be_forged_where_no_token_is_needed(guarded: GuardedBy, paths: dict[str, Any]) -> None:
    """Without a token nothing comes under a claim's name, and the rest of the request is as it was sent."""
    passing = "header:sub:X-Sub,query:n:n,cookie:role:role,form:tags:tags"
    one = guarded(**config(claimPassBy=passing, **paths))
    form = {"content-type": "application/x-www-form-urlencoded"}
    forged = {"X-Sub": "eve", "x_sub": "eve", "X_SUB": "eve", "cookie": "role=eve; own=1", **form}
    event = one.send("/free?n=1&own=%2f&%6e=2&bare", forged, "POST", b"own=%2f&tags=eve&t%61gs=eve&bare").said
    assert "eve" not in json.dumps(event)
    assert event["queryParameters"] == {"own": "/", "bare": ""}
    assert event["headers"]["Cookie"] == "own=1"
    assert event["body"] == "own=%2f&bare"


def test_header_with_a_low_line_is_none_of_a_claim(guarded: GuardedBy) -> None:
    """``X_Sub`` is what many a framework takes for ``X-Sub``: it is replaced by the claim too."""
    one = guarded(**config(claimPassBy="header:sub:X-Sub"))
    headers = one.send("/", {**bearing(token()), "X_Sub": "eve", "x-sub": "eve"}).said["headers"]
    assert {name: value for name, value in headers.items() if "ub" in name} == {"X-Sub": "ada"}


def test_whitelist(guarded: GuardedBy) -> None:
    """Paths of the whitelist need no token, and no dots and no coding make another path one of them."""
    one = guarded(**config(whitelist=["/login", "/open/*"]))
    free = ["/login", "/log%69n", "/open/", "/open/a/b"]
    asked = ["/", "/login/", "/loginx", "/open", "/open/../secret", "/open/%2e%2e/secret", "//open/a"]
    assert [one.send(path).status for path in free] == [200] * len(free)
    assert [one.send(path).status for path in asked] == [403] * len(asked)
    assert one.send("/", bearing(token())).status == 200


def test_blacklist(guarded: GuardedBy) -> None:
    """Only paths of the blacklist need a token, in whatever way they are written."""
    one = guarded(**config(blacklist=["/admin/*", "/me"]))
    free = ["/", "/admin", "/me/", "/other"]
    asked = [
        "/admin/",
        "/admin/x",
        "/%61dmin/x",
        "/a/../admin/x",
        "//admin/x",
        "/./me",
        "/./admin/",
        "/admin//",
    ]
    assert [one.send(path).status for path in free] == [200] * len(free)
    assert [one.send(path).status for path in asked] == [403] * len(asked)


def test_config_as_text(guarded: GuardedBy) -> None:
    """authConfig may be JSON in a string, in the spelling of the SDK's examples."""
    said = {"JWKS": {"keys": [jwk("RS256")]}, "TokenLookup": BEARER, "ClaimPassBy": "query::"}
    one = guarded(authType="jwt", authConfig=json.dumps(said))
    assert one.send("/", bearing(token())).status == 200
    assert one.send("/").status == 403


def test_new_keys_hold_at_once(guarded: GuardedBy) -> None:
    """New keys hold from the next request on."""
    one = guarded(**config())
    assert one.send("/", bearing(token())).status == 200
    one.client.deploy(
        {
            "name": one.name,
            "code": function_file("echo"),
            "triggers": [{"type": "http", "config": config(jwk("RS256", OTHER))}],
        }
    )
    assert one.send("/", bearing(token())).status == 403
    assert one.send("/", bearing(token(key=OTHER))).status == 200


def test_key_that_is_none_is_refused_at_the_deployment(guarded: GuardedBy) -> None:
    """A key in the right form that is no key (a point off its curve) is named before anything is deployed."""
    broken = {**jwk("ES256"), "x": jwk("ES256")["y"]}
    with pytest.raises(InvalidArgument, match=r"authConfig jwks\.keys\.1 is no key"):
        guarded(**config(jwk("RS256"), broken))


# ---------------------------------------------------------------- bearer tokens


def test_bearer(guarded: GuardedBy) -> None:
    """One of the trigger's enabled tokens, or no answer of the function."""
    good, off = "a" * 32, "b+/=-~." * 8
    tokens = [
        {"tokenName": "good", "tokenData": good},
        {"tokenName": "off", "tokenData": off, "enable": False},
    ]
    one = guarded(authType="bearer", authConfig={"tokens": tokens})
    assert one.send("/", bearing(good)).status == 200
    for headers in (
        {},
        bearing(off),
        bearing(good + "a"),
        bearing(""),
        {"authorization": good},
        bearing("ü"),
    ):
        refused(one.send("/", headers), 403, "AccessDenied")
    assert one.runs() == 1


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "trigger",
    [
        config(jwk("HS256")),
        {"authType": "bearer", "authConfig": {"tokens": [{"tokenName": "t", "tokenData": "Secret" * 6}]}},
    ],
    ids=["jwt", "bearer"],
)
def test_secrets_are_said_as_fingerprints(
    guarded: GuardedBy, deploy: Deploy, trigger: dict[str, Any]
) -> None:
    """No answer has a key or a token; whether it changed can be told; and a fingerprint is not taken for a secret."""
    one = guarded(**trigger)
    secret = json.dumps(trigger).partition('"k": "')[2].partition('"')[0] or "Secret" * 6
    answers = [
        Caller(one.server.url).get(one.name).body,
        Caller(one.server.url).call("GET", "/v2/cn-hangzhou/deployments", query="limit=100").body,
        Caller(one.server.url).call("GET", f"/2023-03-30/functions/{one.name}").body,
        Caller(one.server.url).put(one.name, {}).body,
    ]
    assert not [body for body in answers if secret.encode() in body]
    assert b"sha256:" in answers[0]
    assert guarded(**trigger).function.info.outcome == "unchanged"
    shown = [{"type": "http", "config": t.config()} for t in one.function.info.triggers]
    for shape in (
        repr(one.function.info),
        str(one.function.info.triggers),
        triggers.text(one.function.info.triggers[0]),
    ):
        assert secret not in shape
    with pytest.raises(InvalidArgument, match="fingerprint"):
        deploy("echo", name=one.name, triggers=shown)
    changed = json.loads(json.dumps(trigger).replace(secret, secret[::-1]))
    assert guarded(**changed).function.info.outcome == "updated"
