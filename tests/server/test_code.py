"""Where code comes from: base64, a URL; and which ZIPs are refused."""

from __future__ import annotations

import base64
import contextlib
import io
import itertools
import json
import sqlite3
import stat
import struct
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.errors import InvalidArgument
from fc_magic.server import tables
from fc_magic.server.fetch import fetch_zip
from fc_magic.server.packages import FETCHES
from fc_magic.server.store import Store
from fc_magic.server.unpack import unpack
from fc_magic.wire import v2
from fc_magic.wire.results import Function
from tests.conftest import Server, body, serving, zipped
from tests.server.calls import DEPLOYMENTS, FUNCTIONS, Answer, Caller
from tests.server.processes import wait_for
from tests.server.web import Web, moved, raw, trickle, whole

NAME = "code-under-test"
ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    made = Caller(server.url)
    yield made
    made.delete(NAME)


@pytest.fixture
def nothing_left(server: Server) -> Iterator[None]:
    """The server's code folder has afterwards what it had before."""
    before = sorted(p.name for p in (server.data / "code").iterdir())
    yield
    assert sorted(p.name for p in (server.data / "code").iterdir()) == before


def entry(name: str, mode: int = 0o644, kind: int = stat.S_IFREG, **more: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | mode) << 16
    info.create_system = 3
    info.compress_type = zipfile.ZIP_DEFLATED
    for key, value in more.items():
        setattr(info, key, value)
    return info


def archive(*entries: tuple[zipfile.ZipInfo, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(entry("index.py"), ECHO)
        for info, data in entries:
            file.writestr(info, data)
    return buffer.getvalue()


def renamed(old: bytes, new: bytes) -> bytes:
    """A ZIP with an entry of a name that no zipper writes."""
    assert len(old) == len(new)
    return archive((entry(old.decode()), "x")).replace(old, new)


def refused(answer: Answer, says: str) -> None:
    assert (answer.status, answer.code) == (400, "InvalidArgument"), answer.body
    assert answer.fields == ["code"]
    assert says in answer.said["Details"][0]["problem"]


# ---------------------------------------------------------------- base64


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "is required"),
        ("%%%", "not base64"),
        ("not base64 at all", "not base64"),
        ("UEsDBA", "not base64"),
        (base64.b64encode(zipped(ECHO)).decode()[:-1], "not base64"),
        (base64.encodebytes(zipped(ECHO)).decode(), "not base64"),
        ("ünïcode", "not base64"),
        ("AAAA", "not a readable ZIP"),
        (base64.b64encode(b"PK\x03\x04 and no more").decode(), "not a readable ZIP"),
        (base64.b64encode(zipped(ECHO)[:-40]).decode(), "not a readable ZIP"),
        (base64.b64encode(b"PK\x05\x06" + b"\0" * 18).decode(), "no file in it"),
        (["UEsDBA=="], "is not text"),
        (5, "is not text"),
        ("http://", "right form"),
    ],
    ids=lambda v: repr(v)[:24],
)
@pytest.mark.usefixtures("nothing_left")
def test_code_that_is_none(caller: Caller, code: Any, says: str) -> None:
    """Code that is not base64 of a ZIP is refused, and the text itself is not repeated."""
    answer = caller.deploy({**body(NAME), "code": code})
    refused(answer, says)
    assert "given" not in answer.said["Details"][0]


# ---------------------------------------------------------------- entries

LINK = (entry("link", kind=stat.S_IFLNK), "/etc/passwd")
HOSTILE = {
    "absolute": archive((entry("/etc/evil"), "x")),
    "parent": archive((entry("../evil"), "x")),
    "parent within": archive((entry("a/../../evil"), "x")),
    "parent at the end": archive((entry("a/.."), "x")),
    "folder above": archive((entry("../evil/"), "")),
    "backslash": archive((entry("..\\evil"), "x")),
    "backslash within": archive((entry("a\\b.py"), "x")),
    "drive": archive((entry("C:/evil"), "x")),
    "drive alone": archive((entry("C:"), "x")),
    "NUL": renamed(b"ok.py-then", b"ok.py\0then"),
    "NUL before ..": renamed(b"ok/xx/../../x"[:6], b"o\0/../"),
    "empty name": archive((entry("."), "x")),
    "slash": archive((entry("/"), "")),
    "link": archive(LINK),
    "link to a folder": archive((entry("link/", kind=stat.S_IFLNK), "/etc")),
    "link and through it": archive(LINK, (entry("link/x"), "x")),
    "device": archive((entry("dev", kind=stat.S_IFBLK), "")),
    "character device": archive((entry("dev", kind=stat.S_IFCHR), "")),
    "pipe": archive((entry("pipe", kind=stat.S_IFIFO), "")),
    "socket": archive((entry("sock", kind=stat.S_IFSOCK), "")),
    "too deep": archive((entry("a/" * 101 + "f"), "x")),
    "very deep": archive((entry("a/" * 3000 + "f"), "x")),
    "too long": archive((entry("/".join(["a" * 100] * 11)), "x")),
    "name too long": archive((entry("a" * 300), "x")),
    "file and folder": archive((entry("a"), "x"), (entry("a/b"), "x")),
    "folder and file": archive((entry("a/b"), "x"), (entry("a"), "x")),
    "bzip2": archive((entry("a", compress_type=zipfile.ZIP_BZIP2), "x")),
    "lzma": archive((entry("a", compress_type=zipfile.ZIP_LZMA), "x")),
}


def encrypted() -> bytes:
    """A ZIP whose entry says that it is encrypted."""
    data = bytearray(archive())
    data[6] |= 1  # general purpose flags of the local header
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1  # and of the directory
    return bytes(data)


@pytest.mark.parametrize("data", [*HOSTILE.values(), encrypted()], ids=[*HOSTILE, "encrypted"])
@pytest.mark.usefixtures("nothing_left")
def test_hostile_entries(caller: Caller, server: Server, data: bytes) -> None:
    """A path that leaves the package, a link, a device: the ZIP is refused, the entry named, nothing kept."""
    answer = caller.deploy(body(NAME, data))
    refused(answer, "has the entry" if data != encrypted() else "encrypted")
    assert str(server.data) not in answer.body.decode()
    assert len(answer.body) < 1500
    assert caller.get(NAME).status == 404
    assert not Path("/etc/evil").exists()
    assert not [*server.data.rglob("evil"), *server.data.parent.rglob("evil")]


def damaged() -> dict[str, bytes]:
    good = archive((entry("data"), bytes(range(256)) * 40))
    at = good.index(b"data") + 10
    size = len(zipped(ECHO))
    return {
        "flipped data": good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :],
        "directory of another": good[: good.index(b"PK\x01\x02")].replace(b"data", b"atad", 1)
        + good[good.index(b"PK\x01\x02") :],
        "cut in front": zipped(ECHO)[size // 2 :],
        "header that lies small": lying(good, 10),
        "header that lies large": lying(good, 1 << 30),
        "header that lies huge": lying(good, 0xFFFFFFFE),
    }


def lying(data: bytes, size: int) -> bytes:
    """The second entry says in both headers that it has ``size`` bytes unpacked."""
    out = bytearray(data)
    second = data.index(b"PK\x03\x04", 4)
    out[second + 22 : second + 26] = struct.pack("<I", size)
    central = data.rindex(b"PK\x01\x02")
    out[central + 24 : central + 28] = struct.pack("<I", size)
    return bytes(out)


@pytest.mark.parametrize("data", damaged().values(), ids=damaged())
@pytest.mark.usefixtures("nothing_left")
def test_damaged(caller: Caller, data: bytes) -> None:
    """A ZIP with a readable directory and unreadable files, or false sizes, is refused whole."""
    refused(caller.deploy(body(NAME, data)), "")
    assert caller.get(NAME).status == 404


def test_too_many_entries(caller: Caller) -> None:
    """100000 entries are the limit."""
    refused(caller.deploy(body(NAME, many(100_001))), "at most 100000")


def many(count: int) -> bytes:
    """A ZIP whose directory has ``count`` entries, all of them the same file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(entry("a"), "")
    one = buffer.getvalue()
    local, central = (
        one[: one.index(b"PK\x01\x02")],
        one[one.index(b"PK\x01\x02") : one.rindex(b"PK\x05\x06")],
    )
    directory = central * count
    zip64 = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(directory), len(local)
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(local) + len(directory), 1)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), len(local), 0)
    return local + directory + zip64 + locator + end


def test_limits_of_what_is_unpacked(tmp_path: Path) -> None:
    """Entries and bytes are counted over all files, and nothing is written of what is too large."""
    data = archive((entry("a"), b"\0" * 5000), (entry("b"), b"\0" * 5000))
    unpack(data, tmp_path / "fits", max_bytes=10_000 + len(ECHO), max_entries=3)
    assert (tmp_path / "fits" / "b").stat().st_size == 5000
    for n, limits in enumerate(({"max_bytes": 9_999 + len(ECHO)}, {"max_entries": 2})):
        with pytest.raises(InvalidArgument, match=r"is larger than|at most 2"):
            unpack(data, tmp_path / str(n), **limits)
        assert list((tmp_path / str(n)).iterdir()) == []


def test_bomb(caller: Caller) -> None:
    """A megabyte that unpacks to more than a gigabyte is refused before it is unpacked."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(entry("index.py"), ECHO)
        file.writestr(entry("zeros"), b"\0" * (1 << 20))
    # the directory names the same megabyte 1100 times
    data = buffer.getvalue()
    at, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    directory = data[data.index(b"PK\x01\x02") : at] + data[at:end] * 1100
    start = data.index(b"PK\x01\x02")
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1101, 1101, len(directory), start, 0)
    refused(caller.deploy(body(NAME, data[:start] + directory + tail)), "1024 MB")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_no_damage_escapes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever bytes of a ZIP are changed: it is unpacked inside its folder, or refused in words."""
    good = bytearray(archive((entry("a/b.txt"), "x" * 300), (entry("c", 0o755), bytes(range(256)))))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(0, len(good)))
    outer = tmp_path_factory.mktemp("zip")
    said = ""
    try:
        unpack(bytes(good[:cut]), outer / "files", max_bytes=1 << 20)
    except InvalidArgument as error:
        said = str(error)
    assert str(outer) not in said
    assert [p.name for p in outer.iterdir()] == ["files"]
    for path in (outer / "files").rglob("*"):
        assert path.is_file() or path.is_dir()
        assert not path.is_symlink()


# ---------------------------------------------------------------- good packages

LISTS = """
import os
def handler(event, context):
    found = {}
    for folder, names, files in os.walk(os.environ["FC_FUNC_CODE_PATH"]):
        for name in names + files:
            path = os.path.join(folder, name)
            mode = os.stat(path).st_mode
            found[os.path.relpath(path, os.environ["FC_FUNC_CODE_PATH"])] = [oct(mode & 0o777), os.path.isdir(path)]
    return found
"""


def test_files_as_they_were_packed(caller: Caller) -> None:
    """Folders, empty ones too, names of any script, and mode bits are those of the ZIP; sticky bits are not."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(entry("index.py", 0o400), LISTS)
        file.writestr(entry("bin/run", 0o755), "#!/bin/sh\n")
        file.writestr(entry("bin/set", 0o4755), "x")
        file.writestr(entry("plain", 0), "x")
        file.writestr(entry("empty/", 0o755, stat.S_IFDIR), "")
        file.writestr(entry("./dot//two.txt"), "x")
        file.writestr(entry("名前/ß.txt"), "x")
        file.writestr(entry("a b'\"$;.txt"), "x")
    caller.deploy(body(NAME, data.getvalue()))
    found = json.loads(caller.invoke(NAME).body)
    assert found.pop("index.py")[0] == "0o600"
    assert found.pop("bin/run")[0] == found.pop("bin/set")[0] == "0o755"
    assert found.pop("plain")[0] == "0o644"
    folders = {name for name, (_, is_folder) in found.items() if is_folder}
    assert folders - {"__pycache__"} == {"bin", "empty", "dot", "名前"}
    files = {name for name, (_, is_folder) in found.items() if not is_folder}
    assert {f for f in files if "__pycache__" not in f} == {"dot/two.txt", "名前/ß.txt", "a b'\"$;.txt"}


def test_the_last_of_two_entries_of_a_name(caller: Caller) -> None:
    """A name that comes twice is what unzip makes of it: the last one."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = archive((entry("index.py"), "def handler(e, c):\n    return 'last'\n"))
    caller.deploy(body(NAME, data))
    assert caller.invoke(NAME).body == b"last"


def test_stored_and_with_a_comment(caller: Caller) -> None:
    """ZIPs without compression, with something in front and a comment behind are ZIPs."""
    buffer = io.BytesIO(b"#!/bin/sh\n")
    buffer.seek(0, io.SEEK_END)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        file.writestr("index.py", ECHO)
        file.comment = b"made by hand"
    caller.deploy(body(NAME, buffer.getvalue()))
    assert caller.invoke(NAME, b"ok").body == b"ok"


# ---------------------------------------------------------------- from a URL

FETCHED = zipped("def handler(event, context):\n    return 'fetched'\n")


@pytest.mark.parametrize("field", ["zip_file", "code"])
def test_fetched(caller: Caller, field: str) -> None:
    """A URL in zip_file or in code is fetched once, and its ZIP is what runs."""
    with Web({"/f.zip?v=1": whole(FETCHED)}) as web:
        answer = caller.deploy({**body(NAME), "code": None, field: web.url + "/f.zip?v=1"})
        assert answer.status == 201, answer.body
        assert answer.said["codeSize"] == len(FETCHED)
        assert answer.said.get("zip_file") == (web.url + "/f.zip" if field == "zip_file" else None)
        assert answer.said["warnings"] == caller.get(NAME).said["warnings"]
    assert caller.invoke(NAME).body == b"fetched"
    assert [path for path, _ in web.seen] == ["/f.zip?v=1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(status: int) -> None:
    """Five redirects are followed, relative ones too."""
    hops = {f"/{n}": moved(f"/{n + 1}" if n % 2 else f"{n + 1}", status) for n in range(5)}
    with Web({**hops, "/5": whole(FETCHED)}) as web:
        assert fetch_zip(web.url + "/0", "zip_file") == FETCHED
    assert len(web.seen) == 6


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


BAD = {
    "404": (whole(b"no", 404), "HTTP 404"),
    "500": (whole(b"no", 500), "HTTP 500"),
    "redirect to a file": (moved("file:///etc/passwd"), "redirects to file:, which is not http or https"),
    "redirect to ftp": (moved("ftp://127.0.0.1/f.zip"), "redirects to ftp:"),
    "redirect to itself": (moved("/f.zip"), "redirects more than 5 times"),
    "redirect to nowhere": (moved("http://"), "could not be fetched"),
    "redirect without a target": (whole(b"", 302), "HTTP 302"),
    "truncated": (raw(head("Content-Length: 1000"), b"PK"), "ended 998 bytes early"),
    "truncated chunks": (raw(head("Transfer-Encoding: chunked"), b"64\r\nPK"), "could not be fetched"),
    "no answer": (raw(), "could not be fetched"),
    "not HTTP": (raw(b"hello\r\n\r\n"), "could not be fetched"),
    "declared too large": (raw(head(f"Content-Length: {101 << 20}"), b"PK"), "larger than 100 MB"),
    "not a ZIP": (whole(b"<html>"), "not a readable ZIP"),
    "empty": (whole(b""), "not a readable ZIP"),
    "no files": (whole(b"PK\x05\x06" + b"\0" * 18), "no file in it"),
}


@pytest.mark.parametrize(("act", "says"), BAD.values(), ids=BAD)
@pytest.mark.usefixtures("nothing_left")
def test_url_that_gives_no_zip(caller: Caller, act: Any, says: str) -> None:
    """Whatever a URL answers instead of a ZIP is told in one problem of the field, and nothing is deployed."""
    with Web({"/f.zip": act}) as web:
        answer = caller.deploy(body(NAME, zip_file=web.url + "/f.zip"))
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", ["zip_file"])
    assert says in answer.said["Details"][0]["problem"]
    assert web.url + "/f.zip" == answer.said["Details"][0]["given"]
    assert caller.get(NAME).status == 404


def test_six_redirects() -> None:
    """The sixth redirect is one too many."""
    with Web({f"/{n}": moved(f"/{n + 1}") for n in range(9)}) as web:
        with pytest.raises(InvalidArgument, match="redirects more than 5 times"):
            fetch_zip(web.url + "/0", "zip_file")
    assert len(web.seen) == 6


def test_nobody_listens(caller: Caller) -> None:
    """A URL where nobody listens names the field."""
    with Web({}) as web:
        pass
    answer = caller.deploy({**body(NAME), "code": web.url + "/f.zip"})
    assert answer.fields == ["code"]
    assert "could not be fetched" in answer.said["Details"][0]["problem"]


@pytest.mark.parametrize(
    "url", ["ftp://h/f.zip", "file:///etc/passwd", "data:,x", "//h/f", "http:///f", "h/f.zip"]
)
def test_url_of_another_kind(caller: Caller, url: str) -> None:
    """Only http and https URLs are URLs of code."""
    answer = caller.deploy(body(NAME, zip_file=url))
    assert (answer.status, answer.fields) == (400, ["zip_file"])
    assert "http or https" in answer.said["Details"][0]["allowed"]


def test_larger_than_it_may_be() -> None:
    """Without a declared length what comes is counted: reading stops at 100 MB."""
    piece = b"%x\r\n%s\r\n" % (1 << 20, b"\0" * (1 << 20))
    sent = itertools.repeat(piece, 130)
    with Web({"/f.zip": trickle(head("Transfer-Encoding: chunked"), sent, 0)}) as web:
        with pytest.raises(InvalidArgument, match="larger than 100 MB"):
            fetch_zip(web.url + "/f.zip", "zip_file")
    assert next(sent, None) is not None


SLOW = {
    "silent": trickle(b"", itertools.repeat(b"", 99), 1),
    "head by letters": trickle(b"HTTP/1.1 200 OK\r\n", itertools.repeat(b"X: y\r\n", 5000), 0.02),
    "body by letters": trickle(head("Content-Length: 9999"), itertools.repeat(b"P", 9999), 0.02),
    "redirect by letters": trickle(
        b"HTTP/1.1 302 Found\r\nLocation: /f.zip\r\nContent-Length: 9999\r\n\r\n",
        itertools.repeat(b"P", 9999),
        0.02,
    ),
}


@pytest.mark.parametrize(("act", "limits"), [(a, {"total_s": 0.5}) for a in SLOW.values()], ids=SLOW)
def test_slow(act: Any, limits: dict[str, float]) -> None:
    """A server that sends a byte now and then is left when the whole time is over."""
    with Web({"/f.zip": act}) as web:
        with pytest.raises(InvalidArgument, match=r"could not be fetched \(it (took|redirects)"):
            fetch_zip(web.url + "/f.zip", "zip_file", **limits)
        assert not web.ended.is_set()


def test_silent() -> None:
    """A server that says nothing is left after the time-out of one wait."""
    with Web({"/f.zip": SLOW["silent"]}) as web:
        with pytest.raises(InvalidArgument, match="timed out"):
            fetch_zip(web.url + "/f.zip", "zip_file", timeout_s=0.2)


def test_name_and_password_in_a_url() -> None:
    """A name and password in a URL are sent as a header, to that host alone, and shown in no error."""
    with Web({"/g.zip": whole(b"no zip")}) as other:
        with Web({"/f.zip": moved(other.url + "/g.zip")}) as web:
            url = web.url.replace("//", "//me:h%40sh@")
            with pytest.raises(InvalidArgument) as caught:
                fetch_zip(url + "/f.zip", "zip_file")
    (_, first), (_, second) = *web.seen, *other.seen
    assert first["Authorization"] == "Basic " + base64.b64encode(b"me:h@sh").decode()
    assert "Authorization" not in second
    assert "h%40sh" not in str(caught.value) + repr(caught.value.problems)
    with pytest.raises(InvalidArgument) as caught:
        fetch_zip("http://me:hush@127.0.0.1/f.zip?sign=hush", "zip_file")
    assert "hush" not in str(caught.value) + repr(caught.value.problems)


def test_slow_urls_hold_up_nobody_else(caller: Caller, server: Server) -> None:
    """While packages are fetched from slow places, other deployments go on."""
    gate = threading.Event()

    def slow(handler: Any) -> None:
        gate.wait(20)
        whole(FETCHED)(handler)

    names = [f"{NAME}-{n}" for n in range(FETCHES)]
    with Web({"/f.zip": slow}) as web, ThreadPoolExecutor(len(names)) as threads:
        try:
            slowly = [
                threads.submit(caller.deploy, {**body(name), "code": web.url + "/f.zip"}) for name in names
            ]
            wait_for(lambda: len(web.seen) == len(names))
            assert caller.deploy(body(NAME)).status == 201
            assert not any(answer.done() for answer in slowly)
        finally:
            gate.set()
        assert {answer.result().status for answer in slowly} == {201}
    for name in names:
        caller.delete(name)


@pytest.mark.parametrize("field", ["zip_file", "code"])
def test_credentials_of_a_url_stay_in_the_request(tmp_path: Path, field: str) -> None:
    """What a URL is signed with or logs in with is in no answer, in no file of the data folder and in no log."""
    secrets = ("PASSW0RD", "SIGN4TURE")
    with serving(tmp_path / "data") as server, Web({"/f.zip?Signature=SIGN4TURE": whole(FETCHED)}) as web:
        url = web.url.replace("//", "//bob:PASSW0RD@") + "/f.zip?Signature=SIGN4TURE"
        made, own = Caller(server.url), {**body(NAME), "code": None, field: url}
        answers = [
            made.deploy(own),
            made.put(NAME, own),
            made.put(NAME, {**own, "memory": 7}),
            made.get(NAME),
            made.call("GET", DEPLOYMENTS),
            made.call("GET", f"{FUNCTIONS}/{NAME}"),
            made.call("GET", FUNCTIONS),
        ]
        assert [a.status for a in answers] == [201, 200, 400, 200, 200, 200, 200]
        assert "code" not in answers[3].said
        said = [answer.body for answer in answers]
        with server.client() as client:
            said.append(repr(client.get(NAME).info).encode())
        assert server.stop() == 0
        said += [path.read_bytes() for path in server.data.rglob("*") if path.is_file()]
        said.append("".join(server.output).encode())
    assert [text for text in said if any(secret.encode() in text for secret in secrets)] == []


def test_credentials_that_were_stored_once_are_gone(tmp_path: Path) -> None:
    """A data folder of before, with the URL as it was given in it, is cleaned when it is opened."""
    store = Store(tmp_path)
    store.put(function("old"), store.keep_code(FETCHED))
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite")) as db:
        answer, code, modified = db.execute("SELECT answer, code, modified FROM functions").fetchone()
    for path in tmp_path.glob("fc.sqlite*"):
        path.unlink()
    signed = {"zip_file": "https://u:PW@example.com/f.zip?Signature=S", "code": "http://h/?Signature=S"}
    with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite")) as db, db:
        tables.MIGRATIONS[0](db)  # there was no other then
        row = ("old", json.dumps({**json.loads(answer), **signed}), code, modified)
        db.execute("INSERT INTO functions VALUES (?,?,?,?)", row)
        db.execute("PRAGMA user_version=1")
    store = Store(tmp_path)
    found = store.get("old")
    store.close()
    assert found is not None
    assert found.source == {"zip_file": "https://example.com/f.zip"}
    with contextlib.closing(sqlite3.connect(tmp_path / "fc.sqlite")) as db:
        (answer,) = db.execute("SELECT answer FROM functions").fetchone()
    assert "Signature" not in answer
    assert "PW" not in answer


# ---------------------------------------------------------------- kept and dropped


def function(name: str) -> Function:
    settings = {"runtime": "python3.10", "handler": "index.handler", "memory": 128, "timeout": 60}
    return v2.decode_function({"name": name, **settings})


def test_code_is_kept_for_who_is_about_to_use_it(tmp_path: Path) -> None:
    """Code that is being deployed again is not dropped with the last function that had it, and is dropped after."""
    store = Store(tmp_path)
    key = store.keep_code(FETCHED)
    store.put(function("first"), key)
    assert store.keep_code(FETCHED) == key  # a second function is on its way
    store.delete("first")
    store.drop_code([key])
    assert (store.files(key) / "index.py").is_file()
    store.put(function("second"), key)
    store.drop_code([key])
    assert (store.files(key) / "index.py").is_file()
    store.delete("second")
    store.drop_code([key])
    assert not (store.code_folder / key).exists()
    store.close()
    assert list(store.code_folder.iterdir()) == []


def test_large_package_is_removed_aside(tmp_path: Path) -> None:
    """Dropping code of many files returns at once, with the code out of the way; the files go meanwhile."""
    store = Store(tmp_path)
    key = store.keep_code(many(12_000))
    store.release_code(key)
    assert not (store.code_folder / key).exists()
    assert any(store.code_folder.iterdir())
    store.close()
    assert list(store.code_folder.iterdir()) == []


def test_refused_code_is_not_kept(tmp_path: Path) -> None:
    """Code that was refused holds nothing: the next try of the same bytes is refused again."""
    store = Store(tmp_path)
    for _ in range(2):
        with pytest.raises(InvalidArgument):
            store.keep_code(HOSTILE["parent"])
        assert list(store.code_folder.iterdir()) == []
    store.close()
