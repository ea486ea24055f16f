"""Answers out of pieces: wherever they are cut, and by whatever rule they end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.client.answers import Came, Reader, read

BODY = st.binary(max_size=200)


def sized(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    parts = b"".join(b"%x;x=y\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nX-A: 1\r\n\r\n" + parts + b"0\r\nT: 1\r\n\r\n"


def continued(body: bytes) -> bytes:
    return b"HTTP/1.1 100 Continue\r\n\r\n" + sized(body)


@given(BODY, st.sampled_from([sized, chunked, continued]), st.binary(max_size=20), st.data())
def test_wherever_it_is_cut(body: bytes, form: object, after: bytes, data: st.DataObject) -> None:
    """As long as a piece is missing it says how many bytes are needed at least; then it is whole, to its end."""
    raw = form(body)  # type: ignore[operator]
    cut = data.draw(st.integers(0, len(raw) - 1))
    needed = read(raw[:cut])
    assert isinstance(needed, int)
    assert cut < needed <= len(raw)
    found = read(bytearray(raw + after))
    assert isinstance(found, Came)
    assert (found.answer.status, found.answer.body, found.end) == (200, body, len(raw))
    assert found.answer.headers["x-a"] == "1"
    assert found.answer.kept
    with pytest.raises(ValueError, match="closed connection"):
        read(raw[:cut], ended=True)


@given(st.lists(st.tuples(BODY, st.sampled_from([sized, chunked, continued])), max_size=4), st.data())
def test_one_after_another(answers: list[tuple[bytes, object]], data: st.DataObject) -> None:
    """One reader reads all answers of a connection, in pieces or not."""
    reader = Reader()
    for body, form in answers:
        raw, found = form(body), None  # type: ignore[operator]
        while raw:
            assert found is None
            size = data.draw(st.integers(1, len(raw)))
            found, raw = reader.feed(raw[:size]), raw[size:]
        assert found is not None
        assert (found.body, found.kept) == (body, True)
    found = reader.feed(sized(b"a") + b"b")
    assert found is not None
    assert not found.kept


@given(st.binary(max_size=100))
def test_anything_else(raw: bytes) -> None:
    """Whatever comes is an answer, the beginning of one, or refused."""
    try:
        found = read(raw)
    except ValueError:
        return
    assert isinstance(found, Came) or found > len(raw)


def test_until_the_end() -> None:
    """Without a length all that comes is the body, and the connection is over."""
    raw = b"HTTP/1.0 200 OK\r\n\r\nabc"
    assert isinstance(read(raw), int)
    found = read(raw, ended=True)
    assert isinstance(found, Came)
    assert (found.answer.body, found.answer.kept) == (b"abc", False)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", False),
    ],
)
def test_without_a_body(raw: bytes, kept: bool) -> None:
    """Some have none, and some end the connection."""
    found = read(raw)
    assert isinstance(found, Came)
    assert (found.answer.body, found.answer.kept, found.end) == (b"", kept, len(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-6\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1_0\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * (1 << 21),
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 20),
    ],
)
def test_no_http(raw: bytes) -> None:
    """What is no HTTP, or has a head without end, is refused."""
    with pytest.raises(ValueError, match=r".+"):
        read(raw)
