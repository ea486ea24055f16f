"""HTTP triggers: the request as FC 3.0's event, what the function returns as the response, and what is refused."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import http.client
import http.server
import json
import re
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fc_magic.client.client import Client
from fc_magic.errors import FcError, InvalidArgument
from tests.conftest import ACCOUNT, Deploy, Server, function_file, zipped
from tests.server.processes import wait_for

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
Pairs = Iterable[tuple[str, str]]


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclasses.dataclass(frozen=True)
class Site:
    """One trigger's URL. Requests are sent as they are written: nothing is encoded, sorted or added."""

    server: Server
    prefix: str
    name: str

    def send(
        self,
        target: str = "/",
        method: str = "GET",
        body: bytes | str = b"",
        headers: Pairs = (),
        host: str = "",
    ) -> Reply:
        at = urlsplit(self.server.url)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
        raw = body.encode() if isinstance(body, str) else body
        try:
            connection.putrequest(method, self.prefix + target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or at.netloc)
            for name, value in headers:
                connection.putheader(name, value.encode() if isinstance(value, str) else value)
            if raw:
                connection.putheader("Content-Length", str(len(raw)))
            connection.endheaders(raw or None)
            reply = connection.getresponse()
            return Reply(reply.status, reply.headers, reply.read())
        finally:
            connection.close()

    def event(
        self, target: str = "/", method: str = "GET", body: bytes | str = b"", headers: Pairs = ()
    ) -> Any:
        """The event that a function which returns its event saw."""
        reply = self.send(target, method, body, headers)
        assert reply.status == 200, reply.body
        return reply.json

    def said(self, expression: str, method: str = "POST", headers: Pairs = ()) -> Reply:
        """The reply to a request that ``answers`` answers with this expression."""
        return self.send("/", method, expression, headers)


SiteOf = Callable[..., Site]


@pytest.fixture
def site(server: Server, deploy: Deploy) -> SiteOf:
    """``site("echo", methods=["GET"])`` deploys a function with an http trigger."""

    def make(function: str = "echo", fields: dict[str, Any] | None = None, **config: Any) -> Site:
        made = deploy(function, triggers=[{"type": "http", "config": config}], timeout=20, **(fields or {}))
        (url,) = made.info.urls
        assert url.url == f"{server.url}/fn/{made.info.name}/"
        return Site(server, f"/fn/{made.info.name}", made.info.name)

    return make


# ---------------------------------------------------------------- the event


def test_event_is_exactly_function_computes(site: SiteOf) -> None:
    """Every documented field and no other, in the documented types."""
    one = site()
    before = datetime.now(timezone.utc).replace(microsecond=0)
    reply = one.send(
        "/orders/%E4%B8%80?page=2&tag=x&tag=y",
        "POST",
        '{"n": 1}',
        [
            ("accept", "*/*"),
            ("content-type", "application/json"),
            ("USER-AGENT", "curl/8.4.0"),
            ("x-tag", "a"),
            ("X-Tag", "b"),
        ],
    )
    event = reply.json
    context = event["requestContext"]
    time, epoch = context.pop("time"), context.pop("timeEpoch")
    assert event == {
        "version": "v1",
        "rawPath": "/orders/%E4%B8%80",
        "headers": {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "Content-Length": "8",
            "Host": urlsplit(one.server.url).netloc,
            "User-Agent": "curl/8.4.0",
            "X-Tag": "a,b",
        },
        "queryParameters": {"page": "2", "tag": "x,y"},
        "body": '{"n": 1}',
        "isBase64Encoded": False,
        "requestContext": {
            "accountId": ACCOUNT,
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "requestId": reply.headers["X-Fc-Request-Id"],
            "http": {
                "method": "POST",
                "path": "/orders/一",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8.4.0",
            },
        },
    }
    assert list(event) == [
        "version", "rawPath", "headers", "queryParameters", "body", "isBase64Encoded", "requestContext",
    ]  # fmt: skip
    assert isinstance(epoch, str)
    seen = datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert before <= seen <= datetime.now(timezone.utc)
    assert int(epoch) // 1000 == int(seen.timestamp())
    assert len(epoch) == 13


def test_context_has_the_events_request_id(site: SiteOf) -> None:
    """The id in the event, in the context, in the answer and in the log is one."""
    reply = site("answers").said("[context.request_id, request['requestContext']['requestId']]")
    assert reply.json == [reply.headers["X-Fc-Request-Id"]] * 2


@pytest.mark.parametrize(
    ("target", "raw", "path", "query"),
    [
        ("", "/", "/", {}),
        ("/", "/", "/", {}),
        ("?a=1", "/", "/", {"a": "1"}),
        ("/a", "/a", "/a", {}),
        ("/a/", "/a/", "/a/", {}),
        ("/a//b", "/a//b", "/a//b", {}),
        ("//", "//", "//", {}),
        ("/a%20b%2Fc", "/a%20b%2Fc", "/a b/c", {}),
        ("/%0Aline%0D", "/%0Aline%0D", "/\nline\r", {}),
        ("/%25", "/%25", "/%", {}),
        ("/%zz", "/%zz", "/%zz", {}),
        ("/a/../b/./c", "/a/../b/./c", "/a/../b/./c", {}),
        ("/p;v=1", "/p;v=1", "/p;v=1", {}),
        ("/x?a", "/x", "/x", {"a": ""}),
        ("/x?a=", "/x", "/x", {"a": ""}),
        ("/x?a=&a=2&b", "/x", "/x", {"a": ",2", "b": ""}),
        ("/x?=v", "/x", "/x", {"": "v"}),
        ("/x?", "/x", "/x", {}),
        ("/x?a+b=c+d%2B", "/x", "/x", {"a b": "c d+"}),
        ("/x?q=%E4%B8%AD&%C3%BC=1", "/x", "/x", {"q": "中", "ü": "1"}),
        ("/x?q=%FF", "/x", "/x", {"q": "\ufffd"}),
        ("/x?a=1;b=2", "/x", "/x", {"a": "1;b=2"}),
        ("/x?url=http://h/?y=z", "/x", "/x", {"url": "http://h/?y=z"}),
    ],
)
def test_path_and_query(site: SiteOf, target: str, raw: str, path: str, query: dict[str, str]) -> None:
    """rawPath as it was sent, path decoded, each query key once with its values joined."""
    event = site().event(target)
    assert (event["rawPath"], event["requestContext"]["http"]["path"]) == (raw, path)
    assert event["queryParameters"] == query


def test_any_path_arrives(site: SiteOf) -> None:
    """Whatever text is encoded in a path or a query, the function gets it back."""
    one = site()

    @PROPERTY
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.text("aü&=+#? %\n", max_size=8))
    def check(text: str, key: str) -> None:
        event = one.event(f"/{quote(text, safe='')}?{quote(key, safe='')}={quote(text, safe='')}")
        assert event["requestContext"]["http"]["path"] == "/" + text
        assert event["rawPath"] == "/" + quote(text, safe="")
        assert event["queryParameters"] == {key: text}

    check()


@pytest.mark.parametrize("method", [m for m in METHODS if m != "HEAD"])
def test_methods(site: SiteOf, method: str) -> None:
    """Every method of a trigger reaches the function, with a body too."""
    event = site().event("/", method, b"body", [("Content-Type", "text/plain")])
    assert (event["requestContext"]["http"]["method"], event["body"]) == (method, "body")


def test_headers_have_canonical_case_and_join(site: SiteOf) -> None:
    """Names as Go writes them, repeated ones joined by a comma, the platform's own and the hop's left out."""
    headers = site().event(
        headers=[
            ("content-type", "text/plain"),
            ("x-REQUESTED-with", "A"),
            ("etag", "e"),
            ("x_y-z", "u"),
            ("Cookie", "a=1"),
            ("cookie", "b=2"),
            ("x-fc-own", "no"),
            ("X-Fc-Trace-Id", "no"),
            ("Connection", "keep-alive"),
            ("Keep-Alive", "timeout=5"),
            ("X-Empty", ""),
            ("X-Text", "grüße"),
        ]
    )["headers"]
    assert headers == {
        "Host": headers["Host"],
        "Content-Type": "text/plain",
        "X-Requested-With": "A",
        "Etag": "e",
        "X_y-Z": "u",
        "Cookie": "a=1,b=2",
        "X-Empty": "",
        "X-Text": "grüße",
    }


@pytest.mark.parametrize(
    ("kind", "body", "text", "encoded"),
    [
        ("application/json", b'{"a": "\xc3\xbc"}', '{"a": "ü"}', False),
        ("application/json; charset=utf-8", b"{}", "{}", False),
        ("APPLICATION/VND.API+JSON", b"{}", "{}", False),
        ("text/plain", b"a\nb", "a\nb", False),
        ("text/html;charset=utf-8", b"<p>", "<p>", False),
        ("application/xml", b"<a/>", "<a/>", False),
        ("image/svg+xml", b"<svg/>", "<svg/>", False),
        ("application/x-www-form-urlencoded", b"a=1&b=%20", "a=1&b=%20", False),
        ("text/plain", b"\xff\xfe", "//4=", True),
        ("application/octet-stream", b"abc", "YWJj", True),
        ("image/png", bytes(range(256)), base64.b64encode(bytes(range(256))).decode(), True),
        ("multipart/form-data; boundary=x", b"--x--", "LS14LS0=", True),
        ("application/json", b"", "", False),
    ],
)
def test_body(site: SiteOf, kind: str, body: bytes, text: str, encoded: bool) -> None:
    """Text stays text, the rest is base64 and says so."""
    event = site().event("/", "POST", body, [("Content-Type", kind)])
    assert (event["body"], event["isBase64Encoded"]) == (text, encoded)


def test_chunked_body(site: SiteOf) -> None:
    """A body that is sent in chunks arrives whole."""
    one = site()
    at = urlsplit(one.server.url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
    connection.request("POST", one.prefix + "/", iter([b"one ", b"two"]), {"Content-Type": "text/plain"})
    assert json.loads(connection.getresponse().read())["body"] == "one two"
    connection.close()


def test_event_is_one_for_every_runtime(site: SiteOf) -> None:
    """The event is JSON in UTF-8 as bytes, for 3.12 as for 3.10."""
    for runtime in ("python3.9", "python3.10", "python3.12"):
        one = site("tells", {"runtime": runtime})
        told = one.send("/ü".encode().decode("latin-1").replace("Ã¼", "%C3%BC")).json
        assert told["event_type"] == "bytes"
        assert json.loads(told["event"])["requestContext"]["http"]["path"] == "/ü"


# ---------------------------------------------------------------- the response


@pytest.mark.parametrize(
    ("expression", "status", "kind", "body"),
    [
        ("{'statusCode': 201, 'body': 'a', 'headers': {'Content-Type': 'text/plain'}}", 201, "text/plain", b"a"),
        ("{'statusCode': '404', 'body': 'ü'}", 404, "application/json", "ü".encode()),
        ("json.dumps({'statusCode': 200, 'body': 'dumped'})", 200, "application/json", b"dumped"),
        ("{'statusCode': 200}", 200, "application/json", b""),
        ("{'statusCode': 500, 'body': None, 'headers': None}", 500, "application/json", b""),
        ("{'statusCode': 200, 'isBase64Encoded': True, 'body': 'AP8='}", 200, "application/json", b"\0\xff"),
        ("{'statusCode': 200, 'isBase64Encoded': True, 'body': base64.encodebytes(bytes(99)).decode()}",
         200, "application/json", bytes(99)),
        ("{'statusCode': 200, 'isBase64Encoded': False, 'body': 'AP8='}", 200, "application/json", b"AP8="),
        ("{'statusCode': 200, 'body': '\\ud800'}", 200, "application/json", b"?"),
        ("'just text'", 200, "application/json", b"just text"),
        ("b'\\xff\\x00'", 200, "application/json", b"\xff\0"),
        ("{'b': 1, 'a': 2}", 200, "application/json", b'{\n    "a": 2,\n    "b": 1\n}'),
        ("[1]", 200, "application/json", b"[\n    1\n]"),
        ("None", 200, "application/json", b"null"),
        ("''", 200, "application/json", b""),
        ("'['*100000", 200, "application/json", b"[" * 100000),
        ("[{'statusCode': 500}]", 200, "application/json", b'[\n    {\n        "statusCode": 500\n    }\n]'),
    ],
)  # fmt: skip
def test_what_the_function_returns(
    site: SiteOf, expression: str, status: int, kind: str, body: bytes
) -> None:
    """With statusCode it is the response it describes; anything else is the body of an assumed 200."""
    reply = site("answers").said(expression)
    assert (reply.status, reply.headers["Content-Type"], reply.body) == (status, kind, body)
    assert "X-Fc-Error-Type" not in reply.headers


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("{'statusCode': 200, 'body': {'a': 1}}", "body is dict, not text"),
        ("{'statusCode': 200, 'body': 5}", "body is int, not text"),
        ("{'statusCode': 200, 'headers': ['a']}", "headers are list, not an object"),
        ("{'statusCode': 42}", "statusCode is 42; allowed are 200 to 599"),
        ("{'statusCode': 'ok'}", "statusCode is 'ok'"),
        ("{'statusCode': '²'}", "statusCode is '²'"),
        ("{'statusCode': None}", "statusCode is None"),
        ("{'statusCode': True}", "statusCode is True"),
        ("{'statusCode': 200.5}", "statusCode is 200.5"),
        ("{'statusCode': 200, 'isBase64Encoded': True, 'body': '*'}", "its body is not base64"),
        ("{'statusCode': 200, 'isBase64Encoded': True, 'body': 'ü'}", "its body is not base64"),
        ("{'statusCode': 200, 'headers': {'A': 'x\\r\\nSet-Cookie: a=b'}}", "header 'A' has characters"),
        ("{'statusCode': 200, 'headers': {'A\\r\\nB': 'x'}}", "has characters"),
        ("{'statusCode': 200, 'headers': {'A: b': 'x'}}", "header 'A: b' has characters"),
        ("{'statusCode': 200, 'headers': {'': 'x'}}", "header '' has characters"),
        ("{'statusCode': 200, 'headers': {'Ü': 'x'}}", "has characters"),
        ("{'statusCode': 200, 'headers': {'A': '\\0'}}", "has characters"),
        ("{'statusCode': 200, 'headers': {'X-Big': 'x' * 9000}}", "at most 8192 are allowed"),
    ],
)
def test_answer_that_is_no_response(site: SiteOf, expression: str, said: str) -> None:
    """An answer that cannot become a response is 502 BadResponse, with the reason."""
    reply = site("answers").said(expression)
    assert reply.status == 502
    assert (reply.json["Code"], reply.json["RequestId"]) == ("BadResponse", reply.headers["X-Fc-Request-Id"])
    assert said in reply.json["Message"]


def test_answer_that_is_no_response_is_in_the_log(site: SiteOf, client: Client) -> None:
    """A call whose answer could not become a response has failed, with the reason in its log; invoked it has not."""
    one = site("answers")
    reply = one.said("print('said') or {'statusCode': 200, 'body': {}}")
    client.invoke(one.name, {"body": "{'statusCode': 200, 'body': {}}", "isBase64Encoded": False})
    assert one.said("1").status == 200
    refused, *others = client.logs(one.name).requests
    assert (refused.request_id, refused.error_type) == (reply.headers["X-Fc-Request-Id"], "BadResponse")
    assert "\nsaid\n" in refused.text
    assert refused.error == {"errorType": "BadResponse", "errorMessage": reply.json["Message"]}
    assert [r.error_type for r in others] == ["", ""]
    info = client.get(one.name).info
    assert (info.calls_today, info.errors_today) == (3, 1)


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_a_body(site: SiteOf, status: int) -> None:
    """A body with a status that has none is left out; the connection serves the next request."""
    one = site("answers")
    at = urlsplit(one.server.url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
    for _ in range(2):
        connection.request("POST", one.prefix + "/", f"{{'statusCode': {status}, 'body': 'not sent'}}")
        reply = connection.getresponse()
        assert (reply.status, reply.read()) == (status, b"")
        connection.request("POST", one.prefix + "/", "'after'")
        reply = connection.getresponse()
        assert (reply.status, reply.read()) == (200, b"after")
    connection.close()


def test_headers_of_the_function(site: SiteOf) -> None:
    """Its headers are sent, except those that are the platform's; values that are no text are written as JSON."""
    reply = site("answers").said(
        "{'statusCode': 200, 'body': 'x', 'headers': {'X-Own': 'yes', 'Set-Cookie': 'a=1; Path=/', 'x-number': 5,"
        "'X-Fc-Own': 'no', 'Date': 'never', 'Server': 'no', 'Content-Length': '999', 'Connection': 'close',"
        "'Upgrade': 'x', 'Keep-Alive': 'x', 'Transfer-Encoding': 'chunked', 'Location': '/ü'}}"
    )
    got = reply.headers
    assert (got["X-Own"], got["Set-Cookie"], got["X-Number"]) == ("yes", "a=1; Path=/", "5")
    assert got["Content-Length"] == "1"
    assert got["Location"].encode("latin-1") in ("/ü".encode("latin-1"), "/ü".encode())
    assert got["Date"] != "never"
    for name in ("X-Fc-Own", "Server", "Upgrade", "Keep-Alive", "Transfer-Encoding"):
        assert name not in got
    assert reply.body == b"x"


def test_head(site: SiteOf) -> None:
    """HEAD runs the function and answers its headers without the body."""
    reply = site().send("/", "HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["Content-Length"]) > 100


def test_binary_in_and_out(site: SiteOf) -> None:
    """A megabyte of bytes goes through base64 both ways and comes back the same."""
    raw = bytes(range(256)) * 4096
    code = "import json\ndef handler(event, context):\n    r = json.loads(event)\n    return {'statusCode': 200, "
    code += "'isBase64Encoded': True, 'body': r['body'], 'headers': {'Content-Type': 'image/png'}}\n"
    reply = site("x", {"code": zipped(code)}).send("/", "POST", raw, [("Content-Type", "image/png")])
    assert reply.body == raw
    assert reply.headers["Content-Type"] == "image/png"


def test_compressed_in_and_out(site: SiteOf) -> None:
    """A body that is compressed is bytes, whatever its content type says of what is in it; nothing is unpacked."""
    packed = gzip.compress(b'{"a": "text"}' * 100)
    code = "import json\ndef handler(event, context):\n    r = json.loads(event)\n    return {'statusCode': 200, "
    code += "'isBase64Encoded': r['isBase64Encoded'], 'body': r['body'], 'headers': {'Content-Encoding': 'gzip'}}\n"
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Encoding", "gzip"),
        ("Accept-Encoding", "gzip"),
    ]
    reply = site("x", {"code": zipped(code)}).send("/", "POST", packed, headers)
    assert (reply.status, reply.headers["Content-Encoding"], reply.body) == (200, "gzip", packed)


# ---------------------------------------------------------------- failures and refusals


def test_failing_function(site: SiteOf) -> None:
    """The error JSON of the function with its type in a header, and 502."""
    reply = site("raises").send()
    assert (reply.status, reply.headers["X-Fc-Error-Type"]) == (502, "UnhandledInvocationError")
    assert reply.headers["Content-Type"] == "application/json"
    assert (reply.json["errorType"], reply.json["errorMessage"]) == ("KeyError", "'nope'")


def test_process_that_ends_is_a_failure(site: SiteOf) -> None:
    """An unexpected end of the process is told like any failure."""
    reply = site("answers").said("__import__('os')._exit(1)")
    assert (reply.status, reply.headers["X-Fc-Error-Type"]) == (502, "UnhandledInvocationError")
    assert reply.json["errorMessage"].startswith("Process exited unexpectedly before completing request")


@pytest.mark.parametrize(
    ("target", "headers", "said"),
    [
        ("/", [("X-Big", "x" * 8200)], "the request headers have"),
        ("/", [(f"X-{n}", "x" * 500) for n in range(17)], "the request headers have"),
        ("/" + "a" * 4200, [], "path and query have"),
        ("/?q=" + "a" * 4200, [], "path and query have"),
    ],
)
def test_limits_of_the_head(site: SiteOf, client: Client, target: str, headers: Pairs, said: str) -> None:
    """More than 8 KB of headers or 4 KB of path and query is 400 InvalidArgument, and the function does not run."""
    one = site()
    reply = one.send(target, headers=headers)
    assert (reply.status, reply.json["Code"]) == (400, "InvalidArgument")
    assert said in reply.json["Message"]
    assert client.logs(one.name).requests == ()


def test_limits_are_not_narrower(site: SiteOf) -> None:
    """A head just within the limits is served."""
    one = site()
    assert one.send("/" + "a" * 4000).status == 200
    assert one.send("/", headers=[("X-Big", "x" * 8000)]).status == 200


def test_limit_of_the_body(site: SiteOf, client: Client) -> None:
    """A body of more than 32 MB is 400 InvalidArgument."""
    one = site()
    reply = one.send("/", "POST", bytes((32 << 20) + 1))
    assert (reply.status, reply.json["Code"]) == (400, "InvalidArgument")
    assert client.logs(one.name).requests == ()


def test_methods_of_the_trigger(site: SiteOf, client: Client) -> None:
    """A method the trigger does not name is refused by name, before the function runs."""
    one = site(methods=["GET", "POST"])
    reply = one.send("/", "DELETE")
    assert reply.status == 405
    assert reply.json["Message"] == "DELETE is not allowed here; allowed: GET, POST"
    is_whole_refusal(reply, "method")
    assert client.logs(one.name).requests == ()
    assert one.send("/", "POST").status == 200


def test_closed_url(site: SiteOf, client: Client) -> None:
    """disableURLInternet closes the URL: 403, and the function does not run."""
    one = site(disableURLInternet=True)
    reply = one.send()
    assert (reply.status, reply.json["Code"]) == (403, "AccessDenied")
    is_whole_refusal(reply, "disableURLInternet")
    assert client.logs(one.name).requests == ()


def is_whole_refusal(reply: Reply, field: str) -> None:
    """It has all that a refusal has: the id, what to do, and what is wrong with which field."""
    assert reply.json["RequestId"] == reply.headers["X-Fc-Request-Id"] != ""
    assert reply.json["Hint"]
    (detail,) = reply.json["Details"]
    assert detail["field"] == field
    assert detail["problem"]
    assert detail["allowed"]


def test_types_of_calls(site: SiteOf, client: Client) -> None:
    """An asynchronous call is accepted and has run when its log has it; what is neither is said, and not done."""
    one = site()
    reply = one.send(headers=[("X-Fc-Invocation-Type", "Task")])
    assert (reply.status, reply.json["Code"]) == (400, "NotSupported")
    assert client.logs(one.name).requests == ()
    assert one.send(headers=[("X-Fc-Invocation-Type", "Async")]).status == 202
    (entry,) = wait_for(lambda: client.logs(one.name).requests)
    assert (entry.caller, entry.error_type) == ("http", "")
    assert one.send(headers=[("X-Fc-Invocation-Type", "Sync")]).status == 200


def test_log_tail_for_who_asks(site: SiteOf) -> None:
    """X-Fc-Log-Type: Tail answers the log in a header, as for an invocation; else there is none."""
    one = site("answers")
    with_log = one.said("print('said')", headers=[("X-Fc-Log-Type", "Tail")])
    log = base64.b64decode(with_log.headers["X-Fc-Log-Result"]).decode()
    assert "\nsaid\n" in log
    assert re.search(r"^Duration: .* MB$", log, re.MULTILINE)
    assert "X-Fc-Log-Result" not in one.said("1").headers


def test_no_such_function_and_no_trigger(server: Server, deploy: Deploy) -> None:
    """A name that is not there, and a function without an http trigger, are 404; the second is told what to do."""
    says = {"nobody-of-this-name": "does not exist", deploy("echo").info.name: "no http trigger"}
    for name, said in says.items():
        reply = Site(server, f"/fn/{name}", name).send("/x")
        assert (reply.status, reply.json["Code"]) == (404, "FunctionNotFound")
        assert name in reply.json["Message"]
        assert said in reply.json["Message"]
    assert "http" in reply.json["Hint"]


def test_disabled_trigger_follows_the_update(site: SiteOf, deploy: Deploy) -> None:
    """Without its trigger the function answers no longer, from the next request on."""
    one = site("echo")
    assert one.send().status == 200
    deploy("echo", name=one.name, triggers=[])
    assert one.send().status == 404


def test_calls_are_logged_as_http(site: SiteOf, client: Client) -> None:
    """A request is in the function's log under its id, with the caller http."""
    one = site()
    reply = one.send()
    (entry,) = client.logs(one.name).requests
    assert (entry.caller, entry.request_id) == ("http", reply.headers["X-Fc-Request-Id"])


def test_many_requests_at_once(site: SiteOf) -> None:
    """Requests at the same time each get their own answer."""
    one = site("answers")
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda n: one.said(f"{n} * 2").body, range(40)))
    assert replies == [str(2 * n).encode() for n in range(40)]


# ---------------------------------------------------------------- CORS

ORIGIN = ("Origin", "https://app.example.com")
ASKS = ("Access-Control-Request-Method", "PUT")


def cors(reply: Reply) -> dict[str, str]:
    return {k.lower()[15:]: v for k, v in reply.headers.items() if k.lower().startswith("access-control-")}


def test_permissive_by_default(site: SiteOf) -> None:
    """The origin is echoed with credentials and our own headers; without Origin there is nothing of it."""
    one = site()
    assert cors(one.send(headers=[ORIGIN])) == {
        "allow-origin": ORIGIN[1],
        "allow-credentials": "true",
        "expose-headers": "X-Fc-Request-Id, X-Fc-Error-Type",
    }
    assert cors(one.send()) == {}


def test_failures_have_it_too(site: SiteOf) -> None:
    """A page can read why a function failed."""
    assert cors(site("raises").send(headers=[ORIGIN]))["allow-origin"] == ORIGIN[1]


def test_function_overrides(site: SiteOf) -> None:
    """What the function says of origins wins, once."""
    reply = site("answers").said(
        "{'statusCode': 200, 'headers': {'Access-Control-Allow-Origin': '*', 'access-control-max-age': '60'}}",
        headers=[ORIGIN],
    )
    assert reply.headers.get_all("Access-Control-Allow-Origin") == ["*"]
    assert cors(reply)["max-age"] == "60"


@pytest.mark.parametrize("methods", [[], ["GET", "PUT"]])
def test_preflight_is_answered_for_the_function(site: SiteOf, client: Client, methods: list[str]) -> None:
    """A preflight does not run a function whose trigger does not name OPTIONS; it is told the allowed methods."""
    one = site("raises", methods=methods)
    reply = one.send("/", "OPTIONS", headers=[ORIGIN, ASKS, ("Access-Control-Request-Headers", "x-own")])
    assert (reply.status, reply.body) == (204, b"")
    found = cors(reply)
    assert found["allow-methods"].split(", ") == (methods or list(METHODS))
    assert (found["allow-origin"], found["allow-headers"]) == (ORIGIN[1], "x-own")
    assert client.logs(one.name).requests == ()


def test_preflight_of_a_function_that_answers_itself(site: SiteOf) -> None:
    """With OPTIONS among the methods the function gets the preflight."""
    reply = site(methods=["OPTIONS", "PUT"]).send("/", "OPTIONS", headers=[ORIGIN, ASKS])
    assert reply.json["requestContext"]["http"]["method"] == "OPTIONS"
    assert cors(reply)["allow-origin"] == ORIGIN[1]


def test_options_that_is_no_preflight_reaches_the_function(site: SiteOf) -> None:
    """OPTIONS without Access-Control-Request-Method is a request like any other."""
    assert site().event("/", "OPTIONS")["requestContext"]["http"]["method"] == "OPTIONS"


# ---------------------------------------------------------------- the trigger's own url


def by_host(server: Server, host: str, target: str, method: str = "GET") -> Reply:
    return Site(server, "", "").send(target, method, host=host)


@pytest.fixture
def said_by(server: Server, deploy: Deploy) -> Callable[[str, str], Any]:
    """``said_by(host, target)``: the name of the function that answers there, or the status."""

    def ask(host: str, target: str) -> Any:
        reply = by_host(server, host, target)
        return reply.json["said"] if reply.status == 200 else reply.status

    return ask


SAYS = (
    "import json\ndef handler(event, _):\n    return {{'said': {!r}, 'path': json.loads(event)['rawPath']}}\n"
)


def at(deploy: Deploy, name: str, url: str) -> Any:
    trigger = {"type": "http", "config": {"url": url}}
    return deploy("x", name=f"at-{name}", code=zipped(SAYS.format(name)), triggers=[trigger])


def test_url_by_host_and_path(server: Server, deploy: Deploy, said_by: Callable[[str, str], Any]) -> None:
    """The very path wins, then the longest; /* takes what is below, a bare host everything, others nothing."""
    at(deploy, "all", "http://shop.example.com")
    at(deploy, "api", "http://shop.example.com/api/*")
    at(deploy, "v2", "http://shop.example.com/api/v2/*")
    at(deploy, "exact", "http://shop.example.com/api")
    at(deploy, "spaced", "https://Shop.Example.com:8443/a%20b")
    at(deploy, "star", "http://star.example.com/pre*")
    at(deploy, "only", "http://only.example.com/here")
    expected = {
        ("shop.example.com", "/"): "all",
        ("shop.example.com", "/other/thing"): "all",
        ("shop.example.com", "/api"): "exact",
        ("shop.example.com", "/api/"): "api",
        ("shop.example.com", "/api/orders?x=/api/v2/"): "api",
        ("shop.example.com", "/apis"): "all",
        ("shop.example.com", "/api/v2/orders"): "v2",
        ("SHOP.example.COM:9000", "/api/v2"): "v2",
        ("shop.example.com", "/a%20b"): "spaced",
        ("star.example.com", "/prefix"): "star",
        ("star.example.com", "/pr"): 404,
        ("only.example.com", "/here"): "only",
        ("only.example.com", "/here/"): "only",
        ("only.example.com", "/here/below"): 404,
        ("only.example.com", "/"): 404,
    }
    assert {key: said_by(*key) for key in expected} == expected
    reply = by_host(server, "shop.example.com", "/api/v2/%41?x=1")
    assert reply.json["path"] == "/api/v2/%41"


def test_any_label_before_a_host(deploy: Deploy, said_by: Callable[[str, str], Any]) -> None:
    """``*.example.com`` is every host with one label before it; the very host wins where it has a route."""
    at(deploy, "any", "http://*.wild.example.com/*")
    at(deploy, "one", "http://one.wild.example.com/api/*")
    expected = {
        ("a.wild.example.com", "/x"): "any",
        ("one.wild.example.com", "/api/x"): "one",
        ("one.wild.example.com", "/x"): "any",
        ("a.b.wild.example.com", "/x"): 403,
        ("wild.example.com", "/x"): 403,
    }
    assert {key: said_by(*key) for key in expected} == expected


def test_methods_belong_to_the_route(server: Server, deploy: Deploy) -> None:
    """Each function behind one host has the methods of its own trigger."""
    for name, methods in (("reads", ["GET"]), ("writes", ["POST"])):
        config = {"url": f"http://both.methods.example.com/{name}/*", "methods": methods}
        deploy("echo", name=f"at-{name}", triggers=[{"type": "http", "config": config}])
    asked = {(n, m): by_host(server, "both.methods.example.com", f"/{n}/x", m).status
             for n in ("reads", "writes") for m in ("GET", "POST")}  # fmt: skip
    assert asked == {
        ("reads", "GET"): 200, ("reads", "POST"): 405, ("writes", "GET"): 405, ("writes", "POST"): 200
    }  # fmt: skip


def test_closed_url_leaves_its_host_open(server: Server, deploy: Deploy) -> None:
    """disableURLInternet closes the URL that every trigger has; a host of its own goes on answering."""
    config = {"url": "http://open.example.com/", "disableURLInternet": True}
    function = deploy("echo", triggers=[{"type": "http", "config": config}])
    assert Site(server, f"/fn/{function.info.name}", "").send("/").status == 403
    assert by_host(server, "open.example.com", "/").status == 200


def test_page_is_shown_and_not_downloaded(site: SiteOf, server: Server) -> None:
    """A browser shows what a function answers at its own URL: no Content-Disposition is forced; its own stays."""
    one = site("answers")
    assert "Content-Disposition" not in one.said("'x'").headers
    own = one.said(
        "{'statusCode': 200, 'headers': {'Content-Disposition': 'attachment; filename=\"a.csv\"'}}"
    )
    assert own.headers["Content-Disposition"] == 'attachment; filename="a.csv"'


def test_domain_of_the_event(server: Server, deploy: Deploy) -> None:
    """domainName is the host the request named, without its port; domainPrefix the first label."""
    deploy("echo", triggers=[{"type": "http", "config": {"url": "http://my-fn.region.example.com/"}}])
    event = by_host(server, "my-fn.region.example.com:8080", "/x").json
    context = event["requestContext"]
    assert (context["domainName"], context["domainPrefix"]) == ("my-fn.region.example.com", "my-fn")
    assert event["headers"]["Host"] == "my-fn.region.example.com:8080"


def test_both_addresses_answer(server: Server, deploy: Deploy) -> None:
    """A trigger with a url answers at its /fn/ address too."""
    function = at(deploy, "both", "http://both.example.com/")
    assert by_host(server, "both.example.com", "/").json["said"] == "both"
    assert Site(server, f"/fn/{function.info.name}", "").send("/").json["said"] == "both"


def test_foreign_host_is_refused(server: Server, deploy: Deploy) -> None:
    """A host that no trigger names gets nothing, not even the address of a function."""
    function = at(deploy, "foreign", "http://known.example.com/")
    for target in ("/", f"/fn/{function.info.name}/", "/-/health"):
        reply = by_host(server, "unknown.example.com", target)
        assert (reply.status, reply.json["Code"]) == (403, "AccessDenied")
    reply = by_host(server, "known.example.com", "/-/health")
    assert reply.json["said"] == "foreign"  # at its host all paths are the function's


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_url_on_this_machine(server: Server, deploy: Deploy, host: str) -> None:
    """A url on this machine itself leads to its function, whatever its port, but never before the API's own paths."""
    port = urlsplit(server.url).port
    at(deploy, "here", f"http://{host}:{port}/api/*")
    at(deploy, "root", f"http://{host}/")
    said = {
        target: by_host(server, f"{host}:{port}", target) for target in ("/api/a%2Fb", "/api", "/v2x", "/")
    }
    assert {target: (r.json["said"], r.json["path"]) for target, r in said.items()} == {
        "/api/a%2Fb": ("here", "/api/a%2Fb"),
        "/api": ("here", "/api"),
        "/v2x": ("root", "/v2x"),
        "/": ("root", "/"),
    }
    assert by_host(server, host, "/api/x", "PATCH").json["said"] == "here"
    assert by_host(server, host, "/-/health").json["ready"]
    assert by_host(server, host, "/fn/at-here/").json["said"] == "here"
    for target in ("/v2", "/v2/nope", "/2023-03-30/functions/a/b/c", "/-/nope", "/fn"):
        assert by_host(server, host, target, "PATCH").json["Code"] == "PathNotSupported"
    deploy("x", name="at-root", code=zipped(SAYS.format("root")))
    assert by_host(server, host, "/").json["Code"] == "PathNotSupported"


@pytest.mark.parametrize(
    "path", ["/v2/cn-hangzhou/deployments", "/2023-03-30/*", "/fn/a/*", "/-/*", "/%762/x"]
)
def test_url_that_would_be_hidden(deploy: Deploy, path: str) -> None:
    """A url on this machine that the API's own paths would hide is refused; at another host it is nobody's."""
    with pytest.raises(InvalidArgument, match="belongs to the API"):
        at(deploy, "hidden", f"http://LOCALHOST:1234{path}")
    at(deploy, "hidden", f"http://hidden.example.com{path}")


def test_url_follows_updates(client: Client, deploy: Deploy, said_by: Callable[[str, str], Any]) -> None:
    """A changed or deleted trigger answers at its new address only."""
    at(deploy, "moves", "http://old.example.com/")
    assert said_by("old.example.com", "/") == "moves"
    at(deploy, "moves", "http://new.example.com/")
    assert (said_by("old.example.com", "/"), said_by("new.example.com", "/")) == (403, "moves")
    client.delete("at-moves")
    assert said_by("new.example.com", "/") == 403


def test_url_is_taken_once(deploy: Deploy) -> None:
    """Two functions cannot answer at one address; the second is refused with the name of the first."""
    at(deploy, "first", "http://taken.example.com/api/*")
    with pytest.raises(InvalidArgument, match=r"taken\.example\.com/api/\* already leads to at-first"):
        at(deploy, "second", "https://TAKEN.example.com:444/api/*")
    at(deploy, "first", "http://taken.example.com/api/*")
    at(deploy, "second", "http://taken.example.com/api/")


def test_url_is_taken_once_also_at_the_same_time(server: Server, client: Client) -> None:
    """Of two deployments that want one address while each waits for its code, one gets it."""
    both = threading.Barrier(2)

    class Packages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            both.wait(20)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(function_file("echo"))

        def log_message(self, *_: Any) -> None:
            pass

    packages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Packages)
    serving = threading.Thread(target=packages.serve_forever)
    serving.start()

    def claim(number: int) -> str:
        trigger = {"type": "http", "config": {"url": "http://race.example.com/"}}
        url = f"http://127.0.0.1:{packages.server_port}/{number}.zip"
        with server.client() as own:
            try:
                own.deploy({"name": f"race-{number}", "zip_file": url, "triggers": [trigger]})
            except FcError as error:
                return error.code
        return "created"

    try:
        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(claim, range(2))) == ["InvalidArgument", "created"]
    finally:
        packages.shutdown()
        serving.join()
        packages.server_close()
    assert len(client.list("race-")) == 1


def test_http_1_0(site: SiteOf) -> None:
    """A client of HTTP/1.0 is served, and the event says so."""
    one = site()
    where = urlsplit(one.server.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(f"GET {one.prefix}/ HTTP/1.0\r\nHost: {where.netloc}\r\n\r\n".encode())
        reply = b"".join(iter(lambda: connection.recv(65536), b""))
    event = json.loads(reply.partition(b"\r\n\r\n")[2])
    assert event["requestContext"]["http"]["protocol"] == "HTTP/1.0"
