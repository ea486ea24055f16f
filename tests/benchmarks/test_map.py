"""``map`` beside what others take for the same work: many small calls, some that compute, and very many."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fc_magic.client.client import Client
from fc_magic.client.function import RemoteFunction
from fc_magic.package.bundle import bundle
from tests.benchmarks import peers
from tests.benchmarks.load import Order, send
from tests.benchmarks.test_bench import report
from tests.benchmarks.test_server import BURN, ECHO, plain, pss_mb

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]


@pytest.fixture
def echo(client: Client) -> RemoteFunction:
    return client.deploy({"name": "echo", "code": ECHO})


def test_thousand(echo: RemoteFunction, tmp_path: Path) -> None:
    """1,000 small events take at most 250 ms, warm and signed; the client at most 80 µs of CPU for each."""
    echo.map(range(500))
    times, cpu = [], []
    for _ in range(20):
        began, used = time.perf_counter(), time.process_time()
        results = echo.map(range(1000))
        times.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
        assert results[999] == 999
    best = min(times)
    report("map of 1,000 events", times, 250)
    report("    CPU of the client for each, in µs / 1,000", [one / 1000 for one in cpu])
    with peers.framework(tmp_path) as port:
        plainly = [
            send(Order(port, [plain(port, 500, b"1") for _ in range(2)], warm=0)).seconds for _ in range(5)
        ]
    print(f"{'':<44} {best / min(plainly):>8.2f} x plain HTTP to functions-framework, {min(plainly):.3f} s")
    assert best <= 0.25
    assert min(cpu) / 1000 <= 80e-6


def test_hundred_that_compute(client: Client) -> None:
    """100 tasks of 50 ms CPU take at most 1.08 times what two cores take at best."""
    burn = client.deploy({"name": "burn", "code": bundle({"index.py": BURN})})
    burn.map(range(4))
    ideal = 100 * 0.05 / min(2, os.cpu_count() or 1)
    runs = [burn.map(range(100)) for _ in range(3)]
    best = min(one.seconds for one in runs)
    print(f"{'map of 100 tasks of 50 ms CPU':<44} {best:>8.2f} s, {best / ideal:.3f} x the ideal (mark 1.08)")
    assert best <= 1.08 * ideal


def test_hundred_thousand(echo: RemoteFunction) -> None:
    """100,000 events from a generator: what is held grows by what is kept of each, a value and a row of times; and no
    second is without answers."""
    echo.map(range(1000))
    gc.collect()
    before, seen = pss_mb(os.getpid()), list[float]()

    def numbers() -> Iterator[int]:
        for number in range(100_000):
            if number % 10_000 == 0:
                seen.append(pss_mb(os.getpid()))
            yield number % 100

    results = echo.map(numbers())
    gc.collect()
    grown = pss_mb(os.getpid()) - before
    counts = [0] * (int(results.seconds) + 1)
    for ended in results.times.ended:
        counts[int(ended)] += 1
    print(f"{'map of 100,000 events':<44} {results.seconds:>8.1f} s, +{grown:.1f} MB (mark 8)")
    print(f"    on the way, MB: {' '.join(f'{mb - before:+.1f}' for mb in seen)}")
    print(f"    each second: {min(counts[:-1])} to {max(counts[:-1])} calls")
    assert grown <= 8
    assert max(seen) - before <= 8
    assert min(counts[:-1]) > 0
    assert results.cold_starts <= 8
