"""Programs that serve HTTP, as a custom runtime runs them: each says what it was asked, or does one thing wrong."""

from __future__ import annotations

import sys
from pathlib import Path

#: answers with what it was asked, as JSON; "say" prints, other paths are one behaviour each
ECHO = """#!/usr/bin/env python3
import json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, {server}

started = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        act = getattr(self, "do_" + self.path.partition("?")[0].strip("/").replace("-", "_"), None)
        if act and not self.path.startswith("/invoke"):
            return act(body)
        text = body.decode(errors="replace")
        if text.startswith("print "):
            print(text[6:])
        if text.startswith("do "):
            return getattr(self, "do_" + text[3:])(body)
        said = [self.command, self.path, self.headers.items(), text, os.getpid(), dict(os.environ), os.getcwd()]
        self.answer(200, json.dumps(said).encode(), ("Content-Type", "application/json"))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = do

    def do_failed(self, body):
        self.answer(404, b"it failed", ("x-fc-status", "404"))

    def do_error(self, body):
        self.answer(500, b"oh no")

    def do_cookies(self, body):
        self.answer(201, b"", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Own", "x"), ("X-Fc-Own", "no"),
                    ("Server", "mine"), ("Keep-Alive", "timeout=5"))

    def do_exit(self, body):
        os._exit(7)

    def do_drop(self, body):
        self.close_connection = True

    def do_drop_once(self, body):
        started.append(self.path)
        if len(started) > 1:
            self.answer(200, b"again")
        self.close_connection = True

    def do_sleep(self, body):
        time.sleep(60)

    def do_large(self, body):
        self.answer(200, b"x" * (1 << 20) * 20)

    def do_too_large(self, body):
        self.answer(200, b"x" * (1 << 20) * 33)

    def do_heads(self, body):
        self.answer(200, b"", ("X-Long", "x" * 9000))

    def do_chunks(self, body):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"one", b"two", b"three"):
            self.wfile.write(b"%x\\r\\n%s\\r\\n" % (len(piece), piece))
        self.wfile.write(b"0\\r\\n\\r\\n")

    def do_until_closed(self, body):
        self.wfile.write(b"HTTP/1.0 200 OK\\r\\n\\r\\nuntil closed")
        self.close_connection = True

    def do_short(self, body):
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\nshort")
        self.close_connection = True

    def do_early(self, body):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\\r\\nLink: </a>\\r\\n\\r\\n")
        self.answer(200, b"late")

    def do_nonsense(self, body):
        self.wfile.write(b"nonsense\\r\\n\\r\\n")
        self.close_connection = True

    def do_memory(self, body):
        held = []
        while True:
            held.append(bytearray(16 << 20))

    def do_killed(self, body):
        import subprocess
        loop = "import socket\\nwhile True: socket.socket().connect_ex(('127.0.0.1', 1))"
        for _ in range(5):
            children = [subprocess.Popen([sys.executable, "-S", "-c", loop]) for _ in range(3)]
            time.sleep(0.1)
            for child in children:
                child.kill()
                child.wait()
        self.answer(200, b"killed")

    def do_self(self, body):
        import urllib.request
        got = urllib.request.urlopen("http://{me}:9000/invoke", timeout=10).read()
        self.answer(200, got)


class Server({server}):
    request_queue_size = 100


print("started")
Server(("0.0.0.0", 9000), Handler).serve_forever()
"""
SERIAL = ECHO.format(server="HTTPServer", me="localhost")
THREADS = ECHO.format(server="ThreadingHTTPServer", me="127.0.0.1")

#: answers once three have come
MEET = """
    three = threading.Barrier(3)

    def do_meet(self, body):
        self.three.wait(15)
        self.answer(200, b"met")

"""

NODE = """
const http = require('http')
http.createServer((request, response) => {
  let body = ''
  request.on('data', (data) => { body += data })
  request.on('end', () => {
    if (request.url !== '/self') return response.end(JSON.stringify([request.method, request.url, body]))
    http.get('http://localhost:9000/other', (got) => got.pipe(response))
  })
}).listen(Number(process.env.FC_SERVER_PORT))
"""

#: a server before the one that is asked: what a shell script is for
SHELL = """#!/bin/bash
cd /code || exit 9
export WORD="from a shell"
exec python3 app.py
"""

JAVA = """
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Main {
    public static void main(String[] arguments) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(9000), 0);
        server.createContext("/", exchange -> {
            byte[] said = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, said.length);
            exchange.getResponseBody().write(said);
            exchange.close();
        });
        server.start();
    }
}
"""

#: server-sent events: the next one only when it is asked for
STREAM = """
import asyncio, sys
sys.path.insert(0, "libraries")
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

go_on = asyncio.Event()
left = asyncio.Event()

async def events(request):
    async def stream():
        try:
            for number in range(1000):
                yield f"data: {number}\\n\\n"
                await go_on.wait()
                go_on.clear()
        finally:
            left.set()
    return StreamingResponse(stream(), media_type="text/event-stream")

async def more(request):
    go_on.set()
    return PlainTextResponse("ok")

async def has_left(request):
    await left.wait()
    return PlainTextResponse("left")

async def count(request):
    size = 0
    async for data in request.stream():
        size += len(data)
    return PlainTextResponse(str(size))

routes = [Route("/events", events), Route("/more", more), Route("/left", has_left),
          Route("/count", count, methods=["POST"])]
uvicorn.run(Starlette(routes=routes), host="0.0.0.0", port=9000)
"""
LIBRARIES = ("starlette", "uvicorn", "anyio", "h11", "idna", "click", "typing_extensions.py")

#: two processes that share a port, as gunicorn's do
REUSE = """
import os, socket
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

class Shared(HTTPServer):
    def server_bind(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()

os.fork()
Shared(("0.0.0.0", 9000), Handler).serve_forever()
"""

#: binds to ADDRESS first, then serves at "::" for both families unless told otherwise
SIX = """
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.client_address[0].encode())

class Six(HTTPServer):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, {only})
        super().server_bind()

Six(("::", 9000), Handler).serve_forever()
"""

LISTEN = """
import socket, time
print("here I am")
sock = socket.create_server(({host!r}, {port}))
time.sleep(60)
"""


def libraries() -> dict[str, bytes]:
    """What STREAM imports, copied from where the tests run."""
    import starlette

    packages = Path(starlette.__file__).parents[1]
    found = {}
    for name in LIBRARIES:
        top = packages / name
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")) if top.is_dir() else []:
            found[f"libraries/{path.relative_to(packages)}"] = path.read_bytes()
    assert sys.version_info >= (3, 10)
    return found
