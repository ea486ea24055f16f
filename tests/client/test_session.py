"""The session at a real server and at endpoints that fail in every way an endpoint can."""

from __future__ import annotations

import itertools
import os
import socket
import ssl
import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fc_magic import errors
from fc_magic.client.adapter import SMALL
from fc_magic.client.client import Client
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.errors import ApiError, BadResponse, ConnectionFailed, FcError, InvalidArgument, UsageError
from tests.client import endpoint
from tests.client.endpoint import FUNCTION, Answer, Endpoint, answer, client_of, refusal
from tests.conftest import KEY_ID, REGION, Deploy, Server
from tests.conftest import SECRET as SERVER_SECRET

DONE = answer(200, FUNCTION)
CALLED = answer(200, b'"done"')


def look(client: Client) -> Any:
    return client.get("f")


def call(client: Client) -> Any:
    return client.invoke("f", b"x")


# ---------------------------------------------------------------- signing


def test_signature_is_accepted(client: Client, deploy: Deploy) -> None:
    """What the session signs, the server verifies: with a body, without one, with a query, with odd names."""
    function = deploy("echo", description="a+b & ~c")
    assert function("ü?&=+ %").startswith("ü")
    assert client.get(function.info.name).info.description == "a+b & ~c"
    assert client.list("none such ~*'()&=+/ü%20") == ()
    for name in ("näme with space", "f~*'()&=+%20"):
        with pytest.raises(errors.FunctionNotFound):
            client.delete(name)


def test_wrong_secret_is_told_apart_from_unknown_key(server: Server) -> None:
    """A wrong secret and an unknown key id are different refusals, and neither shows the secret."""
    for key_id, kind in ((KEY_ID, errors.SignatureNotMatch), ("LTAINobody", errors.InvalidAccessKeyID)):
        target = Target("t", server.url, REGION, Credentials(key_id, "WrongSecretValue"))
        with Client(target, Settings.load({})) as client, pytest.raises(kind) as caught:
            client.list()
        assert caught.value.request_id
        assert "WrongSecretValue" not in str(caught.value)


def test_security_token_is_sent_and_signed() -> None:
    """Temporary keys send their token, and the signature covers it."""
    with Endpoint([DONE]) as faulty, faulty.client() as client:
        client.get("f")
    headers = faulty.requests[0].headers
    assert headers["x-acs-security-token"] == endpoint.TOKEN
    assert "x-acs-security-token" in headers["authorization"]
    assert endpoint.SECRET not in str(headers)


# ---------------------------------------------------------------- retries


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_status_that_passes_is_tried_again(status: int) -> None:
    """A call that may be repeated is repeated after a status that may pass."""
    with Endpoint([refusal(status, "Busy"), DONE]) as faulty, faulty.client() as client:
        assert client.get("f").info.name == "f"
    assert len(faulty.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413])
def test_refusal_is_not_tried_again(status: int) -> None:
    """A refusal is final: it is not sent twice."""
    with Endpoint([refusal(status, "No"), DONE]) as faulty, faulty.client() as client:
        with pytest.raises(ApiError, match="said No") as caught:
            client.get("f")
    assert (len(faulty.requests), caught.value.status, caught.value.code) == (1, status, "No")


@pytest.mark.parametrize(
    "fault", [endpoint.close, endpoint.reset, endpoint.truncated], ids=lambda f: f.__name__
)
def test_broken_connection_is_tried_again(fault: Answer) -> None:
    """Looking something up survives a connection that breaks."""
    with Endpoint([fault, DONE]) as faulty, faulty.client() as client:
        assert client.get("f").info.name == "f"
    assert len(faulty.requests) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_invocation_that_was_not_begun_is_tried_again(status: int) -> None:
    """An invocation is repeated after 429 and 503: Function Compute did not begin it."""
    with Endpoint([refusal(status, "Busy"), CALLED]) as faulty, faulty.client() as client:
        assert client.invoke("f", b"x").value == "done"
    assert [r.body for r in faulty.requests] == [b"x", b"x"]


@pytest.mark.parametrize("status", [500, 502, 504])
def test_invocation_that_may_have_run_is_not_repeated(status: int) -> None:
    """An invocation is not repeated after 500, 502 and 504: the function may have run."""
    with Endpoint([refusal(status, "Broken"), CALLED]) as faulty, faulty.client() as client:
        with pytest.raises(ApiError):
            client.invoke("f", b"x")
    assert len(faulty.requests) == 1


@pytest.mark.parametrize(
    "fault", [endpoint.close, endpoint.reset, endpoint.truncated], ids=lambda f: f.__name__
)
def test_invocation_over_a_broken_connection_is_not_repeated(fault: Answer) -> None:
    """An invocation whose answer got lost is not sent again: it may have run."""
    with Endpoint([fault, CALLED]) as faulty, faulty.client() as client:
        with pytest.raises(ConnectionFailed, match="broke the connection before its answer was whole"):
            client.invoke("f", b"x")
    assert len(faulty.requests) == 1


def test_invocation_after_a_refused_connection_is_repeated() -> None:
    """An invocation that reached nobody goes to the new target, once."""
    with Endpoint([CALLED]) as living:
        with Endpoint([CALLED]) as gone:
            pass
        asked: list[str] = []

        def renew() -> Target:
            asked.append("renewed")
            with client_of(living.url) as other:
                return other.target

        with client_of(gone.url, renew) as client:
            assert client.invoke("f", b"x").value == "done"
            assert client.target.endpoint == living.url
            client.invoke("f", b"y")
    assert asked == ["renewed"]
    assert [r.body for r in living.requests] == [b"x", b"y"]


def test_idle_connection_that_the_server_closed_is_no_failure() -> None:
    """A connection that was closed while it was idle does not fail the next invocation."""

    closed = threading.Event()

    def once(connection: socket.socket, request: Any, ended: threading.Event) -> None:
        CALLED(connection, request, ended)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
        closed.set()

    with Endpoint([once]) as faulty, faulty.client() as client:
        for _ in range(5):
            assert client.invoke("f", b"x").value == "done"
            assert closed.wait(5)
            closed.clear()
    assert len(faulty.requests) == 5


def test_every_try_has_a_new_nonce_and_signature() -> None:
    """A repeated request is signed anew: a server that saw the first nonce takes the second."""
    with Endpoint([refusal(503, "Busy"), refusal(503, "Busy"), DONE]) as faulty, faulty.client() as client:
        client.get("f")
    for header in ("x-acs-signature-nonce", "authorization"):
        assert len({r.headers[header] for r in faulty.requests}) == 3


def test_backs_off_and_gives_up() -> None:
    """Waits at least 50, 100 and 200 ms, then says what the last answer was."""
    with Endpoint([refusal(503, "ResourceThrottled")]) as faulty, faulty.client() as client:
        with pytest.raises(errors.ResourceThrottled):
            client.get("f")
    times = [r.at for r in faulty.requests]
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert len(gaps) == 3
    assert all(gap >= least for gap, least in zip(gaps, (0.05, 0.1, 0.2), strict=True)), gaps


@pytest.mark.parametrize("retries", [0, 1])
def test_setting_says_how_often(retries: int) -> None:
    """``retries`` is the number of repetitions."""
    with Endpoint([refusal(503, "Busy")]) as faulty, faulty.client(retries=retries) as client:
        with pytest.raises(ApiError):
            client.get("f")
    assert len(faulty.requests) == retries + 1


@pytest.mark.parametrize("header", ["x_acs_retry_after", "Retry_After"])
def test_waits_as_long_as_it_is_told(header: str) -> None:
    """An endpoint that says when to come back is not asked earlier."""
    busy = answer(429, {"Code": "ResourceExhausted", "Message": "later"}, **{header: "1"})
    with Endpoint([busy, DONE]) as faulty, faulty.client() as client:
        client.get("f")
    first, second = faulty.requests
    assert second.at - first.at >= 1.0


@pytest.mark.parametrize("told", ["soon", "-5", "1.5e9", "²", ""])
def test_senseless_wait_is_not_heeded(told: str) -> None:
    """What is no number of seconds falls back to the usual wait."""
    head = f"HTTP/1.1 503 X\r\nContent-Length: 2\r\nx-acs-retry-after: {told}\r\n\r\n{{}}".encode(
        "latin-1", "replace"
    )
    busy: Answer = lambda connection, request, ended: connection.sendall(head)  # noqa: E731
    with Endpoint([busy, DONE]) as faulty, faulty.client() as client:
        client.get("f")
    first, second = faulty.requests
    assert second.at - first.at < 1.0


# ---------------------------------------------------------------- no answer


def test_slow_answer_is_a_time_out() -> None:
    """No answer within the read time-out, on every try: the text says how long was waited."""
    with Endpoint([endpoint.silence]) as faulty, faulty.client(read_timeout=0.2, retries=1) as client:
        with pytest.raises(ConnectionFailed, match=r"gave no answer within 0\.2 s") as caught:
            client.get("f")
        assert caught.value.hint == "start it again"
    assert len(faulty.requests) == 2


def test_slow_invocation_is_not_repeated() -> None:
    """A function that takes longer than the client waits is not started twice."""
    with Endpoint([endpoint.silence, CALLED]) as faulty, faulty.client() as client:
        with pytest.raises(ConnectionFailed, match="gave no answer within"):
            client.invoke("f", b"x", timeout=-399.8)
    assert len(faulty.requests) == 1


def test_connection_that_is_not_taken_is_a_time_out() -> None:
    """A host that does not answer at all fails after the connect time-out."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        crowd = [socket.socket() for _ in range(4)]
        for one in crowd:  # fills the backlog: the system then leaves newcomers without an answer
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with client_of(url, connect_timeout=0.2, retries=0) as client:
            with pytest.raises(ConnectionFailed, match=r"took no connection within 0\.2 s"):
                client.invoke("f")
        for one in crowd:
            one.close()


def test_nobody_there() -> None:
    """A refused connection names the endpoint, the reason and what to do."""
    with Endpoint([DONE]) as gone:
        pass
    with gone.client() as client, pytest.raises(ConnectionFailed) as caught:
        client.get("f")
    assert caught.value.message == f"{gone.url} takes no connection: Connection refused"
    assert caught.value.hint == "start it again"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(endpoint.close, "closed connection"), (endpoint.reset, "reset"), (endpoint.truncated, "")],
    ids=["close", "reset", "truncated"],
)
def test_answer_that_is_not_whole(fault: Answer, reason: str) -> None:
    """An endpoint that never ends its answer: the text says so, after every try."""
    with Endpoint([fault]) as faulty, faulty.client(retries=1) as client:
        with pytest.raises(
            ConnectionFailed, match="broke the connection before its answer was whole"
        ) as caught:
            client.get("f")
    assert reason in caught.value.message
    assert len(faulty.requests) == 2


# ---------------------------------------------------------------- answers that are none of Function Compute's


@pytest.mark.parametrize(
    "body",
    [b"<html>no</html>", b"", b"\xff\xfe\x00", b"[1]", b'"text"', b"null"],
    ids=["html", "empty", "bytes", "list", "text", "null"],
)
def test_error_that_is_not_function_computes(body: bytes) -> None:
    """A proxy's page as an error: the status and the beginning of it, and no crash."""
    with Endpoint([answer(404, body)]) as faulty, faulty.client() as client:
        with pytest.raises(ApiError, match="HTTP 404") as caught:
            client.invoke("f")
    assert caught.value.status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"error": "teapot"},
        {"Message": None},
        {"Code": 5},
        {"Details": 5},
        {"Code": "X", "Details": {"a": 1}},
    ],
)
def test_error_with_odd_json_says_something(body: dict[str, Any]) -> None:
    """JSON that lacks what Function Compute's errors have still makes an error with a message."""
    with Endpoint([answer(418, body)]) as faulty, faulty.client() as client:
        with pytest.raises(ApiError) as caught:
            client.get("f")
    assert caught.value.message.strip()
    assert caught.value.status == 418


def test_error_in_all_its_parts() -> None:
    """Code, message, request id, hint and every wrong field come through."""
    details = [
        {"field": "memory", "problem": "is too small", "allowed": "128 …", "given": "7", "hint": "128"}
    ]
    bad = refusal(400, "InvalidArgument", Hint="do this", Details=details)
    with Endpoint([bad]) as faulty, faulty.client() as client, pytest.raises(InvalidArgument) as caught:
        client.get("f")
    error = caught.value
    assert (error.code, error.request_id, error.hint) == ("InvalidArgument", "1-a", "do this")
    assert [str(p) for p in error.problems] == ["memory 7: is too small; allowed: 128 …"]


@pytest.mark.parametrize(
    "body", [b"<html>hello</html>", b"", b"[]", b'{"deployments": [1]}', b"\xff", b"null", b"[" * 100_000]
)
@pytest.mark.parametrize(
    "ask", [look, lambda c: c.list(), lambda c: c.logs("f")], ids=["get", "list", "logs"]
)
def test_good_status_with_a_senseless_body(ask: Callable[[Client], Any], body: bytes) -> None:
    """A web server that is no Function Compute but says 200 is named, not stumbled over."""
    with Endpoint([answer(200, body)]) as faulty, faulty.client() as client:
        with pytest.raises(BadResponse, match="not as Function Compute does"):
            ask(client)


def test_deletion_whose_answer_got_lost() -> None:
    """Deleting again what a lost try has deleted is no failure; deleting what never was is one."""
    gone = refusal(404, "DeploymentNotFound")
    for first in (endpoint.close, refusal(500, "InternalServerError")):
        with Endpoint([first, gone]) as faulty, faulty.client() as client:
            client.delete("f")
        assert [r.method for r in faulty.requests] == ["DELETE", "DELETE"]
    for first in (gone, refusal(503, "ResourceThrottled")):
        with Endpoint([first, gone]) as faulty, faulty.client() as client:
            with pytest.raises(errors.DeploymentNotFound):
                client.delete("f")


def test_plain_server_behind_https() -> None:
    """An endpoint that does not speak TLS is told apart from one that breaks off."""
    with Endpoint([CALLED]) as faulty, client_of(faulty.url.replace("http", "https"), retries=0) as client:
        with pytest.raises(ConnectionFailed, match="made no secure connection"):
            client.get("f")


def test_invocation_over_broken_tls_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secure connection may break after the request was read: then it may have been carried out."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path / "pair.pem", "127.0.0.2"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "pair.pem"))
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with context.wrap_socket(plain, server_side=True) as secure:
                heard.append(secure.recv(1 << 16))
                os.write(secure.fileno(), b"this is no record of TLS" * 10)

    with socket.create_server(("127.0.0.2", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        with client_of(f"https://127.0.0.2:{listener.getsockname()[1]}") as client:
            with pytest.raises(ConnectionFailed):
                client.invoke("f")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert len(heard) == 1
    assert b"invocations" in heard[0]


def certificate(path: Path, address: str) -> Path:
    """A key and a certificate that it signed itself, for an address of this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, style = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, form, style)
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("status", [301, 302, 307])
def test_redirect_is_not_followed(status: int) -> None:
    """A signed request is not carried to another address."""
    with Endpoint([DONE]) as elsewhere, Endpoint([answer(status, b"", Location=elsewhere.url)]) as faulty:
        with faulty.client() as client, pytest.raises(ApiError, match=f"HTTP {status}"):
            client.get("f")
    assert elsewhere.requests == []


# ---------------------------------------------------------------- proxies


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("no_proxy", "NO_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Endpoint([DONE]) as recorder:
        monkeypatch.setenv("HTTP_PROXY", recorder.url)
        monkeypatch.setenv("ALL_PROXY", recorder.url)
        yield recorder


def test_proxy_is_not_asked_for_this_machine(proxy: Endpoint, server: Server) -> None:
    """The embedded Function Compute is reached directly whatever proxy the environment names."""
    for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
        target = Target("t", url, REGION, Credentials(KEY_ID, SERVER_SECRET))
        with Client(target, Settings.load({})) as client:
            client.list("none-such")
    assert proxy.requests == []


def test_proxy_is_asked_for_the_world(proxy: Endpoint) -> None:
    """Any other endpoint is reached through the environment's proxy."""
    with client_of("http://fc.example.test") as client:
        client.get("f")
    assert proxy.requests[0].path.startswith("http://fc.example.test/v2/")
    assert proxy.requests[0].headers["host"] == "fc.example.test"


# ---------------------------------------------------------------- secrets


def test_secrets_never_show() -> None:
    """No text or repr of errors, clients, targets, credentials and settings has the secret or the token."""
    settings = Settings.load({}, access_key_secret=endpoint.SECRET, security_token=endpoint.TOKEN)
    seen: list[str] = [repr(settings), str(settings.rows())]
    for fault in (endpoint.close, refusal(403, "AccessDenied"), answer(200, b"x"), answer(400, b"x")):
        with Endpoint([fault]) as faulty, faulty.client(retries=0) as client:
            try:
                client.get("f")
            except FcError as error:
                seen += [repr(error), str(error), str(vars(error))]
                seen += ["".join(traceback.format_exception(error)), "".join(error._render_traceback_())]
            things = (client, client.session, client.target, client.target.credentials, client.session._http)
            seen += [f"{thing!r} {thing!s}" for thing in things]
    assert len(seen) == 2 + 4 * (5 + 5)
    for text in seen:
        assert endpoint.SECRET not in text
        assert endpoint.TOKEN not in text


@pytest.mark.parametrize("end", ["\n", "\r\n", " ", "ü", "\0"])
@pytest.mark.parametrize("field", ["access_key_id", "access_key_secret", "security_token"])
def test_key_with_a_stray_character(field: str, end: str) -> None:
    """A key that cannot stand in a header is refused without being shown."""
    keys = {"access_key_id": "AK", "access_key_secret": "s", field: f"KeyValue{end}"}
    with pytest.raises(UsageError, match=field.replace("_", " ")) as caught:
        Credentials(**keys)
    assert "KeyValue" not in str(caught.value)


# ---------------------------------------------------------------- one write, many threads


@pytest.mark.parametrize("size", [0, 1, 1000, 20_000])
def test_head_and_small_body_come_together(size: int) -> None:
    """A small request wakes the other side once."""
    with Endpoint([CALLED]) as faulty, faulty.client() as client:
        for _ in range(3):
            client.invoke("f", b"x" * size)
    assert [len(r.reads) for r in faulty.requests] == [1, 1, 1]
    assert [len(r.body) for r in faulty.requests] == [size] * 3


def test_large_body_comes_whole() -> None:
    """A body that is not copied arrives all the same, and so does the request after it."""
    with Endpoint([CALLED]) as faulty, faulty.client() as client:
        big = bytes(range(256)) * (SMALL // 64)
        client.invoke("f", big)
        client.invoke("f", b"small")
    assert [r.body for r in faulty.requests] == [big, b"small"]


def test_threads_share_a_client(client: Client, deploy: Deploy) -> None:
    """Eight threads with one client get their own answers."""
    function = deploy("echo")
    wrong: list[Any] = []

    def work(number: int) -> None:
        for n in range(15):
            event = {"thread": number, "n": n}
            if function(event) != event:
                wrong.append(event)
        with Endpoint([refusal(429, "Busy"), CALLED]) as busy, busy.client() as other:
            other.invoke("f", b"x")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert wrong == []
    assert client.logs(function.info.name, 100).requests
