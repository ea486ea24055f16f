"""Who is let in: key, date, signature, body and nonce, each refused with Function Compute's own code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.errors import AccessDenied, FcError
from fc_magic.server.auth import Key, Nonces, Verifier
from fc_magic.server.keys import FILE as KEYS
from fc_magic.wire import signature
from tests.conftest import KEY_ID, SECRET, Server, body, function_file, serving
from tests.server.calls import DEPLOYMENTS, FUNCTIONS, Answer, Caller, date

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)


@pytest.fixture
def caller(server: Server) -> Caller:
    return Caller(server.url)


def role(server: Server) -> dict[str, str]:
    """The credentials that functions of this server are given."""
    kept = json.loads((server.data / KEYS).read_text())
    return {"key_id": kept["role_key_id"], "secret": kept["role_key_secret"], "token": kept["role_token"]}


def refused(answer: Answer, status: int, code: str) -> str:
    """Holds an answer to be Function Compute's refusal; returns its message."""
    assert (answer.status, answer.code) == (status, code), answer.body
    assert answer.headers["content-type"] == "application/json"
    assert answer.said["RequestId"] == answer.headers["x-fc-request-id"] != ""
    return str(answer.said["Message"])


def test_signed_request_is_taken(caller: Caller) -> None:
    """What is signed well is answered."""
    answer = caller.call("GET", DEPLOYMENTS)
    assert answer.status == 200
    assert "deployments" in answer.said


ROUTES = [
    ("GET", DEPLOYMENTS),
    ("POST", DEPLOYMENTS),
    ("PUT", f"{DEPLOYMENTS}/a"),
    ("GET", f"{DEPLOYMENTS}/a"),
    ("DELETE", f"{DEPLOYMENTS}/a"),
    ("GET", f"{DEPLOYMENTS}/a/logs"),
    ("GET", FUNCTIONS),
    ("GET", f"{FUNCTIONS}/a"),
    ("DELETE", f"{FUNCTIONS}/a"),
    ("POST", f"{FUNCTIONS}/a/invocations"),
    ("POST", "/-/kernels"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda v: v)
def test_no_route_is_open(caller: Caller, method: str, path: str) -> None:
    """Every call of the API wants a signature, and says so."""
    message = refused(caller.call(method, path, forged={"authorization": None}), 400, "MissingRequiredHeader")
    assert "Authorization" in message


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"key_id": "LTAIUnknown"}, "InvalidAccessKeyID"),
        ({"key_id": KEY_ID.lower()}, "InvalidAccessKeyID"),
        ({"key_id": "schlüssel"}, "InvalidAccessKeyID"),
        ({"secret": SECRET + "x"}, "SignatureNotMatch"),
        ({"secret": SECRET.lower()}, "SignatureNotMatch"),
        ({"secret": ""}, "SignatureNotMatch"),
    ],
    ids=str,
)
def test_wrong_key(server: Server, keys: dict[str, str], code: str) -> None:
    """An unknown key and a wrong secret are told apart, as Function Compute does."""
    message = refused(Caller(server.url, **keys).call("GET", DEPLOYMENTS), 403, code)
    assert keys.get("key_id", "") in message


@pytest.mark.parametrize(
    "changed",
    [
        {"forged": {"x-acs-action": "Other"}},
        {"forged": {"accept": "text/html"}},
        {"forged": {"content-type": "text/plain"}},
        {"forged": {"x-acs-version": None}},
        {"sent_query": "limit=2"},
        {"sent_query": "limit=1&prefix=a"},
        {"sent_query": ""},
    ],
    ids=str,
)
def test_changed_on_its_way(caller: Caller, changed: dict[str, Any]) -> None:
    """What was signed cannot be changed."""
    answer = caller.call("GET", DEPLOYMENTS, b"{}", query="limit=1", **changed)
    assert "signature does not match" in refused(answer, 403, "SignatureNotMatch")


def test_signature_is_for_one_path_and_method(caller: Caller) -> None:
    """A signature for one call is none for another."""
    headers = caller.headers("GET", f"{DEPLOYMENTS}/one")
    for method, path in (("GET", f"{DEPLOYMENTS}/two"), ("DELETE", f"{DEPLOYMENTS}/one")):
        refused(caller.call(method, path, forged=headers), 403, "SignatureNotMatch")


def test_body_that_differs_from_its_hash(caller: Caller) -> None:
    """The hash that was signed must be that of the body that came."""
    answer = caller.call("POST", DEPLOYMENTS, body("auth-a"), sent_body=json.dumps(body("auth-b")).encode())
    assert "x-acs-content-sha256" in refused(answer, 403, "SignatureNotMatch")
    assert caller.get("auth-a").status == caller.get("auth-b").status == 404


def test_body_without_a_hash_header(caller: Caller) -> None:
    """Without x-acs-content-sha256 the body is covered all the same."""
    hidden = {"x_acs_content_sha256": None}
    answer = caller.call("POST", f"{FUNCTIONS}/nope/invocations", b"event", **hidden)
    assert answer.code == "FunctionNotFound"
    changed = caller.call("POST", f"{FUNCTIONS}/nope/invocations", b"event", sent_body=b"tneve", **hidden)
    refused(changed, 403, "SignatureNotMatch")


@pytest.mark.parametrize("minutes", [-15.5, 15.5, -60 * 24 * 365, 60 * 24])
def test_date_too_far_off(caller: Caller, minutes: float) -> None:
    """Sixteen minutes are too many, in both directions, and the hint is the clock."""
    said = date(60 * minutes)
    answer = caller.call("GET", DEPLOYMENTS, x_acs_date=said)
    assert said in refused(answer, 403, "AccessDenied")
    assert "clock" in answer.said["Hint"]


@pytest.mark.parametrize("minutes", [-14, 14])
def test_date_within_the_window(caller: Caller, minutes: float) -> None:
    """Fourteen minutes are not too many."""
    assert caller.call("GET", DEPLOYMENTS, x_acs_date=date(60 * minutes)).status == 200


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "yesterday",
        "2026-01-02",
        "2026-01-02 03:04:05Z",
        "2026-13-02T03:04:05Z",
        "2026-01-02T03:04:61Z",
        "2026-01-02T03:04:05+00:00",
        "20260102T030405Z",
        "0000-01-01T00:00:00Z",
        "٢٠٢٦-01-02T03:04:05Z",
    ],
)
def test_date_that_is_none(caller: Caller, text: str) -> None:
    """A date in any other form is named, with one in the right form."""
    message = refused(caller.call("GET", DEPLOYMENTS, x_acs_date=text), 400, "InvalidArgument")
    assert "x-acs-date" in message
    assert "2026-01-02T03:04:05Z" in message


def test_nonce_seen_before(caller: Caller) -> None:
    """The same request is taken once."""
    headers = caller.headers("GET", DEPLOYMENTS)
    assert caller.call("GET", DEPLOYMENTS, forged=headers).status == 200
    again = caller.call("GET", DEPLOYMENTS, forged=headers)
    assert "seen before" in refused(again, 403, "AccessDenied")


def test_request_is_taken_once_over_restarts(tmp_path: Path) -> None:
    """What a server before this one may have seen is refused; what is signed now is taken."""
    with serving(tmp_path) as server:
        old = Caller(server.url).headers("GET", DEPLOYMENTS, x_acs_date=date(-5))
        assert Caller(server.url).call("GET", DEPLOYMENTS, forged=old).status == 200
        server.kill()
    with serving(tmp_path, f"--port={urlsplit(server.url).port}") as again:
        assert again.url == server.url
        message = refused(Caller(again.url).call("GET", DEPLOYMENTS, forged=old), 403, "AccessDenied")
        assert "before this server started" in message
        assert Caller(again.url).call("GET", DEPLOYMENTS).status == 200


def test_nonce_in_another_request(caller: Caller) -> None:
    """A used nonce is used, whatever else the request says."""
    caller.call("GET", DEPLOYMENTS, x_acs_signature_nonce="used-once")
    answer = caller.call("GET", FUNCTIONS, x_acs_signature_nonce="used-once")
    refused(answer, 403, "AccessDenied")


def test_nonce_of_another_key(server: Server, caller: Caller) -> None:
    """Nonces of one key are nothing to another."""
    assert caller.call("GET", DEPLOYMENTS, x_acs_signature_nonce="shared").status == 200
    other = Caller(server.url, **role(server))
    assert other.call("GET", DEPLOYMENTS, x_acs_signature_nonce="shared").status == 200


def test_refused_request_does_not_use_up_its_nonce(server: Server, caller: Caller) -> None:
    """Who has no key cannot spend somebody else's nonce."""
    forger = Caller(server.url, secret="guessed")
    refused(forger.call("GET", DEPLOYMENTS, x_acs_signature_nonce="to-come"), 403, "SignatureNotMatch")
    assert caller.call("GET", DEPLOYMENTS, x_acs_signature_nonce="to-come").status == 200


def test_one_of_many_at_once(caller: Caller) -> None:
    """Of a request that is sent eight times at once exactly one is taken."""
    headers = caller.headers("GET", DEPLOYMENTS)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: caller.call("GET", DEPLOYMENTS, forged=headers), range(8)))
    assert sorted(a.status for a in answers) == [200] + [403] * 7


@pytest.mark.parametrize("name", ["x-acs-date", "x-acs-signature-nonce"])
def test_required_header_is_missing(caller: Caller, name: str) -> None:
    """Date and nonce must be there."""
    answer = caller.call("GET", DEPLOYMENTS, **{name.replace("-", "_"): None})
    assert name in refused(answer, 400, "MissingRequiredHeader")


@pytest.mark.parametrize("name", ["host", "x-acs-date", "x-acs-signature-nonce"])
def test_required_header_is_not_signed(caller: Caller, name: str) -> None:
    """Host, date and nonce must be signed, or they could be changed."""
    assert name in refused(caller.call("GET", DEPLOYMENTS, unsigned=(name,)), 403, "SignatureNotMatch")


@pytest.mark.parametrize(
    "header",
    [
        "garbage",
        "Bearer abc",
        "ACS3-HMAC-SHA256",
        "ACS3-HMAC-SHA256 ",
        "ACS3-HMAC-SHA256 Credential=a",
        "ACS3-HMAC-SHA256 Credential=,SignedHeaders=host,Signature=0",
        "ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=0",
        "ACS3-RSA-SHA256 Credential=a,SignedHeaders=host,Signature=0",
        f"FC {KEY_ID}:c2lnbmF0dXJl",
        "ACS3-HMAC-SHA256 " + "Credential=a," * 500,
        "ÄCS3 ☃",
    ],
    ids=lambda h: h[:40],
)
def test_garbage_authorization(caller: Caller, header: str) -> None:
    """An Authorization of another kind is refused with the form that is wanted."""
    answer = caller.call("GET", DEPLOYMENTS, forged={"authorization": header})
    assert "ACS3-HMAC-SHA256 Credential=" in refused(answer, 403, "SignatureNotMatch")


@pytest.mark.parametrize("claimed", ["0" * 64, "", "☃", "a" * 4000])
def test_signature_of_any_form(caller: Caller, claimed: str) -> None:
    """A signature that cannot be one is a wrong one."""
    names = "host;x-acs-date;x-acs-signature-nonce"
    header = f"ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders={names},Signature={claimed}"
    refused(caller.call("GET", DEPLOYMENTS, forged={"authorization": header}), 403, "SignatureNotMatch")


@pytest.mark.parametrize(
    "unsigned",
    [(), ("accept", "user-agent", "x-fc-log-type")],
    ids=["Python SDK: every header", "Node SDK: host, content-type, x-acs-*"],
)
def test_signed_sets_of_the_sdks(caller: Caller, unsigned: tuple[str, ...]) -> None:
    """The names come from SignedHeaders: the sets of both official SDKs pass."""
    answer = caller.invoke("nope", b"{}", unsigned=unsigned, x_fc_log_type="Tail")  # type: ignore[arg-type]
    assert answer.code == "FunctionNotFound"


@pytest.mark.parametrize(
    "sent",
    [
        "prefix=a%20b%2A%2F%2B&limit=7",
        "limit=7&prefix=a+b%2A%2F%2B",
        "prefix=a%20b*/%2B&limit=7",
        "limit=7&prefix=%61+b%2a%2f%2b",
    ],
)
def test_query_forms(caller: Caller, sent: str) -> None:
    """A query is signed by its meaning: + or %20, * or %2A, in any order."""
    answer = caller.call("GET", DEPLOYMENTS, query="prefix=a%20b%2A%2F%2B&limit=7", sent_query=sent)
    assert answer.status == 200, answer.body


def test_empty_and_repeated_query_values(caller: Caller) -> None:
    """Empty values stay, and repeated names are sorted by value."""
    assert caller.call("GET", DEPLOYMENTS, query="nextToken=&prefix=b&prefix=a&x").status == 200


def test_repeated_header(server: Server, caller: Caller) -> None:
    """The values of a repeated header are sorted and joined, as the SDKs sign them."""
    import http.client

    headers = caller.headers("GET", DEPLOYMENTS, x_acs_meta="a,b")
    del headers["x-acs-meta"]
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.putrequest("GET", DEPLOYMENTS, skip_host=True)
    for name, value in [*headers.items(), ("x-acs-meta", " b "), ("X-Acs-Meta", "a")]:
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 200
    connection.close()


# ---------------------------------------------------------------- temporary credentials


def test_functions_credentials_are_taken(server: Server) -> None:
    """The STS credentials that a function finds in its environment sign requests to this server."""
    assert Caller(server.url, **role(server)).call("GET", DEPLOYMENTS).status == 200


@pytest.mark.parametrize("token", ["", "another token", "x" * 64])
def test_token_must_belong_to_the_key(server: Server, token: str) -> None:
    """Temporary keys without their token, or with another, are not known."""
    answer = Caller(server.url, **{**role(server), "token": token}).call("GET", DEPLOYMENTS)
    assert "token" in refused(answer, 403, "InvalidAccessKeyID")


def test_token_beside_a_plain_key(server: Server) -> None:
    """A plain key needs no token, and one that is sent is signed like any header."""
    assert Caller(server.url, token="any").call("GET", DEPLOYMENTS).status == 200


def test_generated_key_is_taken(server: Server) -> None:
    """Beside the key that was given at the start, the server's own is good."""
    kept = json.loads((server.data / KEYS).read_text())
    own = Caller(server.url, kept["access_key_id"], kept["access_key_secret"])
    assert own.call("GET", DEPLOYMENTS).status == 200


# ---------------------------------------------------------------- secrets stay secret


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Server]:
    """A server of this test, whose whole output is looked at."""
    with serving(tmp_path / "data") as running:
        yield running


def test_secret_is_nowhere(quiet: Server) -> None:
    """Neither answers nor logs nor files but keys.json have a secret or a token, whatever is asked."""
    kept = json.loads((quiet.data / KEYS).read_text())
    secrets = [SECRET, kept["access_key_secret"], kept["role_key_secret"], kept["role_token"]]
    caller, sts = Caller(quiet.url), Caller(quiet.url, **role(quiet))
    answers = [
        caller.deploy(body("mine", function_file("echo"))),
        caller.deploy(body("mine")),
        caller.deploy({"name": "0", "memory": 7}),
        caller.get("mine"),
        caller.call("GET", DEPLOYMENTS),
        caller.call("GET", FUNCTIONS),
        caller.call("GET", f"{FUNCTIONS}/mine"),
        caller.invoke("mine", b"{}", x_fc_log_type="Tail"),
        caller.call("GET", f"{DEPLOYMENTS}/mine/logs"),
        Caller(quiet.url, secret="no").call("GET", DEPLOYMENTS),
        Caller(quiet.url, key_id="no").call("GET", DEPLOYMENTS),
        Caller(quiet.url, **{**role(quiet), "token": "no"}).call("GET", DEPLOYMENTS),
        sts.call("GET", DEPLOYMENTS),
        sts.call("GET", DEPLOYMENTS, x_acs_date=date(3600)),
        caller.call("GET", "/-/health", forged={"authorization": None}),
        caller.call("GET", "/nope"),
    ]
    said = [f"{a.headers} {a.body.decode()}" for a in answers]
    caller.delete("mine")
    quiet.stop()
    files = [p for p in quiet.data.rglob("*") if p.is_file() and p.name != KEYS]
    said += [*quiet.output, *(p.read_bytes().decode("latin-1") for p in files)]
    assert [secret for secret in secrets for text in said if secret in text] == []
    assert repr(Key("hush", "hush")) == "Key()"


# ---------------------------------------------------------------- the clock, by the verifier itself


class Clock:
    """A clock that is set, not waited for."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def verify(verifier: Verifier, clock: Clock, dated: float, nonce: str) -> None:
    """One signed request, dated ``dated`` seconds from the clock."""
    caller = Caller("http://127.0.0.1:1", "id", "secret")
    headers = caller.headers("GET", "/", x_acs_date=date(dated, clock.now), x_acs_signature_nonce=nonce)
    claim, key = verifier.claim(headers)
    verifier.check(claim, key, "GET", "/", "", headers, b"")


@pytest.mark.parametrize(
    ("dated", "taken"), [(-900, True), (900, True), (-901, False), (901, False), (0, True)]
)
def test_edge_of_the_window(dated: float, taken: bool) -> None:
    """Fifteen minutes are allowed to the second."""
    clock = Clock()
    verifier = Verifier({"id": Key("secret")}, clock)
    if taken:
        verify(verifier, clock, dated, "n")
    else:
        with pytest.raises(AccessDenied, match="15 minutes from this server's clock"):
            verify(verifier, clock, dated, "n")


@PROPERTY
@given(st.lists(st.tuples(st.floats(0, 2000), st.integers(-900, 900), st.integers(0, 5)), max_size=40))
def test_no_request_is_taken_twice(steps: list[tuple[float, int, int]]) -> None:
    """However time goes on, a request that was taken is refused for as long as its date is good; until then its
    nonce is used up for every other request too."""
    clock = Clock()
    verifier = Verifier({"id": Key("secret")}, clock)
    taken: dict[str, float] = {}
    for passed, dated, number in steps:
        clock.now += passed
        nonce = f"n{number}"
        at = int(clock.now) + dated
        good = abs(clock.now - at) <= signature.WINDOW_S
        try:
            verify(verifier, clock, at - clock.now, nonce)
        except FcError:
            # refused with reason: its date, or a nonce that was taken and may not be forgotten yet
            assert not good or nonce in taken
        else:
            assert good
            assert nonce not in taken or clock.now - taken[nonce] > signature.WINDOW_S
            taken[nonce] = at


@pytest.mark.parametrize("dated", [-900, 0, 900])
def test_nonces_are_forgotten(dated: float) -> None:
    """A nonce goes when the date of its request is too old, be it dated back or ahead; then it may come again."""
    clock = Clock()
    verifier = Verifier({"id": Key("secret")}, clock)
    verify(verifier, clock, dated, "again")
    clock.now += dated + 900
    with pytest.raises(AccessDenied, match="seen before"):
        verify(verifier, clock, 0, "again")
    clock.now += 61  # they are kept by the minute
    verify(verifier, clock, 0, "again")


def test_nonces_of_half_an_hour_at_most() -> None:
    """However many requests come, what is kept of them is that of twice the window."""
    nonces, kept = Nonces(signature.WINDOW_S), []
    for now in range(0, 20_000, 20):
        assert nonces.is_new(("id", f"n{now}"), now + 900, now)
        kept.append(len(nonces))
    assert max(kept[500:]) <= (2 * signature.WINDOW_S + 60) / 20 + 1
    assert not nonces.is_new(("id", "n19980"), 20_880, 20_000)


# ---------------------------------------------------------------- the short way

_PATH = "/2023-03-30/functions/f/invocations"
_KEYS = {KEY_ID: Key(SECRET), "OTHER": Key("another"), "STS": Key("third", "its token")}
_NOW = 1_800_000_000.0


#: not every client signs these
_MAY_STAY_UNSIGNED = ("x-acs-content-sha256", "x-acs-security-token")


def _signed(
    key_id: str, nonce: str, at: str, event: bytes, more: dict[str, str], all_of_it: bool = True
) -> dict[str, str]:
    headers = {
        "host": "127.0.0.1", "x-acs-date": at, "x-acs-signature-nonce": nonce,
        "x-acs-content-sha256": signature.body_hash(event), **more,
    }  # fmt: skip
    signs = {k: v for k, v in headers.items() if all_of_it or k not in _MAY_STAY_UNSIGNED}
    said = signature.sign("POST", _PATH, (), signs, event, key_id, _KEYS[key_id].secret)
    return {**headers, "authorization": said}


_MORE: list[dict[str, str]] = [{}, {"x-acs-security-token": "its token"}, {"x-other": "1"}]
#: right ones of every form, so that what follows is judged at a glance
_BEFORE = [
    (_signed(key_id, f"{key_id}{number}{all_of_it}", "2027-01-15T08:00:00Z", b"", more, all_of_it), None, b"")
    for key_id in _KEYS
    for number, more in enumerate(_MORE)
    for all_of_it in (True, False)
]
_DATES = st.sampled_from(
    [
        "2027-01-15T08:00:00Z",
        "2027-01-15T07:46:00Z",
        "2027-01-15T07:45:30Z",
        "2027-01-15T07:44:00Z",
        "2027-01-15T08:15:01Z",
        "soon",
        "",
    ]
)
_REQUESTS = st.builds(
    _signed,
    st.sampled_from(sorted(_KEYS)),
    st.sampled_from(["", *"abcdefghijkl"]),
    _DATES,
    st.just(b"x"),
    st.sampled_from(_MORE),
    st.booleans(),
)
_FORGED = st.none() | st.tuples(
    st.sampled_from(
        ["host", "x-acs-date", "x-acs-signature-nonce", "authorization", "x-other", *_MAY_STAY_UNSIGNED]
    ),
    st.none()
    | st.sampled_from(["", "a", "0", "é", "2027-01-15T08:00:00Z", " "])
    | st.sampled_from(
        [
            lambda said: said + "0",
            lambda said: said[:-1],
            lambda said: said.replace("Signature=", "Signature=0"),
            lambda said: said.replace("=", "= ", 1),
            lambda said: said.replace("host;", ""),
            lambda said: said.replace("OTHER", KEY_ID),
            lambda said: said + ",Credential=OTHER",
            lambda said: re.sub("^(ACS\\S+) (.*),(Signature=.*)$", r"\1 \3,\2", said),
        ]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(_REQUESTS, _FORGED, st.sampled_from([b"x", b"x", b"y"])), max_size=12))
def test_taken_as_it_is_judged(asked: list[tuple[dict[str, str], Any, bytes]]) -> None:
    """What is judged at one glance is judged as by the two looks that say why, replays too, whatever came before."""
    swift, other = (Verifier(_KEYS, clock=lambda: _NOW, since=_NOW - 850) for _ in range(2))
    for headers, forged, event in [*_BEFORE, *asked]:
        if forged:
            name, how = forged
            new = how(headers.get(name, "")) if callable(how) else how
            headers = {k: v for k, v in {**headers, name: new}.items() if v is not None}
        try:
            claim, key = other.claim(headers)
            other.check(claim, key, "POST", _PATH, "", headers, event)
            right = True
        except FcError:
            right = False
        assert swift.takes(_PATH, headers, event) is right


def test_a_glance_is_enough() -> None:
    """After one right request of a client the next ones are judged so: the test above is about that."""
    verifier = Verifier(_KEYS, clock=lambda: _NOW)
    for number in range(3):
        assert len(verifier._fronts) == min(number, 1)
        assert verifier.takes(_PATH, _signed(KEY_ID, str(number), "2027-01-15T08:00:00Z", b"", {}), b"")
