"""Small wheels, and an index on this machine that serves them, or fails as indexes do."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fc_magic.package.bundle import bundle

ANY = "py3-none-any"
USER, PASSWORD = "me", "TopSecret"


def wheel(
    name: str,
    version: str = "1.0",
    tag: str = ANY,
    needs: tuple[str, ...] = (),
    python: str = "",
    size: int = 0,
    **more: str,
) -> tuple[str, bytes]:
    """(file name, bytes); ``size``: so many bytes of ballast."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    metadata += [f"Requires-Python: {python}\n"] if python else []
    metadata += [f"Requires-Dist: {one}\n" for one in needs]
    metadata += ["Provides-Extra: more\n", "\nWhat it is for.\n\nRequires-Dist: not-a-field\n"]
    files = {
        f"{name}/__init__.py": f"version = {version!r}\ntag = {tag!r}\n",
        f"{info}/METADATA": "".join(metadata),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: {tag}\n",
        **more,
    }
    if size:
        files[f"{name}/ballast.txt"] = "x" * size
    record = f"{info}/RECORD"
    files[record] = "".join(f"{path},,\n" for path in (*files, record))
    return f"{name}-{version}-{tag}.whl", bundle({path: text.encode() for path, text in files.items()})


@dataclass
class Index:
    """A simple index, which fails for us and not for uv.

    ``broken``: file -> how many times it breaks off; ``instead``: file -> other bytes.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    pythons: dict[str, str] = field(default_factory=dict)
    yanked: set[str] = field(default_factory=set)
    broken: dict[str, int] = field(default_factory=dict)
    instead: dict[str, bytes] = field(default_factory=dict)
    is_html: bool = False
    #: where its wheels are instead
    moved: str = ""
    needs_login: bool = False
    #: until it is set a wheel stops in its middle; ``in_the_middle`` says that one has
    goes_on: threading.Event = field(default_factory=threading.Event)
    in_the_middle: threading.Event = field(default_factory=threading.Event)
    #: has one more for each wheel that stopped in its middle
    stopped: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    #: until it is set nobody hears which versions there are
    answers: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    logins: set[str] = field(default_factory=set)

    def add(self, name: str, *args: Any, **more: Any) -> str:
        file, raw = wheel(name, *args, **more)
        self.files[file] = raw
        if more.get("python"):
            self.pythons[file] = more["python"]
        return file

    @property
    def with_login(self) -> str:
        return self.url.replace("://", f"://{USER}:{PASSWORD}@")

    @property
    def fetched(self) -> list[str]:
        """The wheels that were asked for as a whole."""
        return [path.rpartition("/")[2] for path in self.asked if path.endswith(".whl")]


class _Handler(BaseHTTPRequestHandler):
    index: Index
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        index = self.index
        login = self.headers.get("Authorization", "")
        if index.needs_login and login != _basic():
            self._answer(401, b"who are you?", "text/plain")
            return
        index.logins.add(login)
        if self.path == "/middle":  # answered as soon as a wheel stands still in its middle
            index.in_the_middle.wait(30)
            self._answer(200, b"now", "text/plain")
            return
        if self.path.startswith("/simple/"):
            self._page(self.path.removeprefix("/simple/").strip("/"))
            return
        path = self.path.partition("?")[0]
        file = path.rpartition("/")[2].removesuffix(".metadata")
        if file not in index.files or path.endswith(".metadata"):
            self._answer(404, b"no such file", "text/plain")
            return
        if self.headers.get("User-Agent") != "fc-magic":  # uv reads the metadata
            self._answer(200, index.files[file], "application/octet-stream")
            return
        index.asked.append(self.path)
        if index.moved:
            self.send_response(302)
            self.send_header("Location", f"{index.moved}/files/{file}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._file(file, index.instead.get(file, index.files[file]))

    def do_HEAD(self) -> None:
        self._answer(405, b"", "text/plain")

    def _page(self, name: str) -> None:
        if not self.index.answers.is_set():
            self.index.in_the_middle.set()
            self.index.answers.wait(30)
        rows = [
            (file, hashlib.sha256(raw).hexdigest(), len(raw))
            for file, raw in self.index.files.items()
            if file.partition("-")[0].replace("_", "-").lower() == name
        ]
        if not rows:
            self._answer(404, b"no such name", "text/plain")
        elif self.index.is_html:
            mark = {file: " data-yanked" if file in self.index.yanked else "" for file, _, _ in rows}
            for file, python in self.index.pythons.items():
                mark[file] = f'{mark.get(file, "")} data-requires-python="{escape(python)}"'
            links = [f'<a href="/files/{f}#sha256={d}"{mark[f]}>{f}</a>' for f, d, _ in rows]
            self._answer(200, "\n".join(links).encode(), "text/html")
        else:
            files = [
                {
                    "filename": file,
                    "url": f"/files/{file}",
                    "hashes": {"sha256": digest},
                    "size": size,
                    "requires-python": self.index.pythons.get(file),
                    "yanked": file in self.index.yanked,
                }
                for file, digest, size in rows
            ]
            body = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
            self._answer(200, json.dumps(body).encode(), "application/vnd.pypi.simple.v1+json")

    def _file(self, file: str, raw: bytes) -> None:
        index = self.index
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        half = len(raw) // 2
        self.wfile.write(raw[:half])
        if index.broken.get(file, 0) > 0:
            index.broken[file] -= 1
            self.close_connection = True
            return
        if not index.goes_on.is_set():
            self.wfile.flush()
            index.stopped.release()
            index.in_the_middle.set()
            index.goes_on.wait(30)
        self.wfile.write(raw[half:])

    def _answer(self, status: int, raw: bytes, kind: str) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="wheels"')
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests are silent."""


def _basic() -> str:
    return "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@contextmanager
def serving() -> Iterator[Index]:
    index = Index()
    index.goes_on.set()
    index.answers.set()
    handler = type("Handler", (_Handler,), {"index": index})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who is cut off says so
    index.url = f"http://127.0.0.1:{server.server_address[1]}/simple"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield index
    finally:
        index.goes_on.set()
        index.answers.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


def put(folder: Path, *args: Any, **more: Any) -> Path:
    """A wheel in a folder."""
    file, raw = wheel(*args, **more)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_bytes(raw)
    return path
