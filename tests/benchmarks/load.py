"""Sends requests that were made beforehand, over some kept connections, as fast as the answers come.

Run as a program, so that it takes no time from whoever is measured but that of its own core: it reads a pickled
:class:`Order` from stdin and writes the seconds of every request, and of all together, to stdout.
"""

from __future__ import annotations

import pickle
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Order:
    """``requests`` of each connection, whole, in the order of sending; the first ``warm`` of each do not count."""

    port: int
    requests: list[list[bytes]]
    warm: int = 20


@dataclass
class Result:
    seconds: float
    times: list[float]

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds


def send(order: Order) -> Result:
    """In a process of its own. Raises CalledProcessError if a request was not answered 200."""
    done = subprocess.run(
        [sys.executable, __file__], input=pickle.dumps(order), capture_output=True, check=False
    )
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    seconds, times = pickle.loads(done.stdout)
    return Result(seconds, times)


class Connection:
    def __init__(self, port: int, requests: list[bytes], warm: int) -> None:
        self.port, self.requests, self.warm, self.next = port, requests, warm, 0
        self.answer = b""
        self.times: list[float] = []
        self.kept = True
        self.connect()

    def connect(self) -> None:
        self.sock = socket.create_connection(("127.0.0.1", self.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def begin(self) -> None:
        """A connection that had to be made anew took its time before."""
        self.began = time.perf_counter()
        self.sock.sendall(self.requests[self.next])

    def readable(self) -> bool:
        """Whether the answer is whole."""
        piece = self.sock.recv(65536)
        self.answer += piece
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found:
            assert piece, f"the connection was closed: {self.answer!r}"
            return False
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < size:
            return False
        assert head.startswith(b"HTTP/1.1 200"), self.answer[:2000]
        if self.next >= self.warm:
            self.times.append(time.perf_counter() - self.began)
        self.answer, self.next = b"", self.next + 1
        self.kept = b"\r\nconnection: close" not in head.lower()
        return True


def run(order: Order) -> tuple[float, list[float]]:
    connections = [Connection(order.port, requests, order.warm) for requests in order.requests]
    chosen = selectors.DefaultSelector()
    for connection in connections:
        chosen.register(connection.sock, selectors.EVENT_READ, connection)
        connection.begin()
    left, began = len(connections), 0.0
    while left:
        for key, _ in chosen.select():
            connection = key.data
            if not connection.readable():
                continue
            if not began and connection.next >= order.warm:
                began = time.perf_counter()
            over = connection.next == len(connection.requests)
            if over or not connection.kept:
                chosen.unregister(connection.sock)
                connection.sock.close()
            if over:
                left -= 1
                continue
            if not connection.kept:
                connection.connect()
                chosen.register(connection.sock, selectors.EVENT_READ, connection)
            connection.begin()
    return time.perf_counter() - began, [t for connection in connections for t in connection.times]


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2])]
    from tests.benchmarks.load import Order

    sys.stdout.buffer.write(pickle.dumps(run(pickle.loads(sys.stdin.buffer.read()))))
