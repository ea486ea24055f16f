"""Sends one request after the other over a kept connection, at a steady pace, for as long as somebody wants it.

Run as a program: it reads a pickled :class:`Pace` from stdin, and writes the seconds of every request to stdout.
It ends early when its stdin is closed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Pace:
    """One of ``requests``, whole, every ``every_s``."""

    port: int
    requests: list[bytes]
    every_s: float


@dataclass
class Times:
    """The seconds of every request, once ``calling`` is left."""

    all: list[float] = field(default_factory=list)

    @property
    def p99(self) -> float:
        return sorted(self.all)[int(len(self.all) * 0.99)]


@contextlib.contextmanager
def calling(pace: Pace) -> Iterator[Times]:
    """Calls all the while. Raises AssertionError if a request was not answered 200."""
    times = Times()
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, __file__], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(len(order := pickle.dumps(pace)).to_bytes(8, "big") + order)
            process.stdin.flush()
            assert process.stdout.read(1) == b".", process.stderr and process.stderr.read().decode()
            yield times
            said, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    if process.returncode:
        raise AssertionError(errors.decode())
    times.all += pickle.loads(said)


def run(pace: Pace) -> list[float]:
    from tests.benchmarks.load import Connection

    connection, due = Connection(pace.port, pace.requests, 0), 0.0
    while connection.next < len(pace.requests):
        wanted = time.perf_counter()
        due = max(due, wanted - pace.every_s)
        if due > wanted and select.select([0], [], [], due - wanted)[0]:
            break
        connection.begin()
        while not connection.readable():
            pass
        if connection.next == 1:
            os.write(1, b".")
        due += pace.every_s
    return connection.times[1:]


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2])]
    from tests.benchmarks.steady import Pace

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    size = int.from_bytes(sys.stdin.buffer.read(8), "big")
    made = run(pickle.loads(sys.stdin.buffer.read(size)))
    sys.stdout.buffer.write(pickle.dumps(made))
