"""The code of a live function: fetched where the endpoint says, without our key, and whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from fc_magic.client.client import Client
from fc_magic.errors import BadResponse, ConnectionFailed, FunctionNotFound, PathNotSupported
from fc_magic.wire.checksum import crc64
from tests.client import endpoint
from tests.client.endpoint import Endpoint, answer, refusal
from tests.conftest import Deploy, zipped

CODE = zipped(
    {"index.py": "def handler(event, context):\n    return event\n", "data.bin": bytes(range(256)) * 500}
)


def test_byte_for_byte(client: Client, deploy: Deploy) -> None:
    """What was deployed comes back, and after an update the new code."""
    function = deploy("x", code=CODE)
    assert client.code(function.info.name) == CODE
    deploy("echo", name=function.info.name)
    assert (
        crc64(client.code(function.info.name))
        == client.get(function.info.name).info.code_checksum
        != crc64(CODE)
    )


def test_no_such_function(client: Client) -> None:
    """It is said as everywhere."""
    with pytest.raises(FunctionNotFound):
        client.code("nobody")


def place(wire: Endpoint, **more: Any) -> Any:
    """The answer of GetFunctionCode that leads to the endpoint itself, by a link that is signed."""

    def act(connection: Any, request: Any, ended: Any) -> None:
        said = {
            "url": f"{wire.url}/code.zip?Signature=TheSignatureOfTheLink",
            "checksum": crc64(CODE),
            **more,
        }
        answer(200, said)(connection, request, ended)

    return act


@pytest.fixture
def wire() -> Any:
    with Endpoint([refusal(500, "InternalServerError")]) as made:
        yield made


def test_the_key_is_not_sent_along(wire: Endpoint) -> None:
    """A link is signed itself: the request for it has neither our key nor a signature of ours."""
    wire.script[:] = [place(wire), answer(200, CODE)]
    with wire.client() as client:
        assert client.code("f", "prod") == CODE
    asked, fetched = wire.requests
    assert asked.path == "/2023-03-30/functions/f/code?qualifier=prod"
    assert fetched.path.startswith("/code.zip?")
    assert not [name for name in fetched.headers if name == "authorization" or name.startswith("x-acs-")]


@pytest.mark.parametrize("bad", [CODE[:-1], b"", CODE + b"x"], ids=["cut", "empty", "longer"])
def test_bytes_that_are_others(wire: Endpoint, bad: bytes) -> None:
    """They are refused; the link is asked for anew first, for the function may have changed in between."""
    wire.script[:] = [place(wire), answer(200, bad), place(wire), answer(200, CODE)]
    with wire.client() as client:
        assert client.code("f") == CODE
    wire.requests.clear()
    wire.script[:] = [place(wire), answer(200, bad)]
    with wire.client(retries=0) as client, pytest.raises(BadResponse, match="did not arrive whole"):
        client.code("f")


@pytest.mark.parametrize(
    ("fails", "error"),
    [
        (answer(403, b"<Code>AccessDenied</Code>"), BadResponse),
        (endpoint.truncated, ConnectionFailed),
        (endpoint.reset, ConnectionFailed),
    ],
    ids=["refused", "truncated", "reset"],
)
def test_a_link_that_fails(wire: Endpoint, fails: Any, error: type[Exception]) -> None:
    """It is asked for anew; when that does not help either, the message has no link, which is as good as a key."""
    wire.script[:] = [place(wire), fails, place(wire), answer(200, CODE)]
    with wire.client() as client:
        assert client.code("f") == CODE
    wire.requests.clear()
    wire.script[:] = [place(wire), fails]
    with wire.client(retries=0) as client, pytest.raises(error) as caught:
        client.code("f")
    assert "TheSignatureOfTheLink" not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", None, 7, "no url"])
def test_links_that_are_none(wire: Endpoint, url: Any) -> None:
    """Only addresses of the web are followed."""
    wire.script[:] = [place(wire, url=url)]
    with wire.client(retries=0) as client, pytest.raises(BadResponse, match="not as Function Compute does"):
        client.code("f")


def test_an_endpoint_without_fc3(wire: Endpoint) -> None:
    """Where only the deployments API is spoken there is no way to the code, and that is said."""
    wire.script[:] = [answer(200, endpoint.FUNCTION), refusal(400, "PathNotSupported")]
    with wire.client(retries=0) as client, pytest.raises(PathNotSupported):
        client.export("f", "json")
    assert [request.path for request in wire.requests][-1].endswith("/functions/f/code")
