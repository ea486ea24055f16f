"""How long the examination of a cell takes. Run by ``make bench``; a mark missed is a failure here."""

from __future__ import annotations

import time

import pytest

from fc_magic.package.contents import CELL, Contents
from fc_magic.preflight.examine import examine
from fc_magic.preflight.view import View
from tests.benchmarks.test_bench import report

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

ONE = """
def work{n}(rows, share=1, *args, **kw):
    total = 0
    for n, item in enumerate(rows):
        if item > share and n % 2 == 0:
            total += math.sqrt(item) * share
        elif item in kw:
            total -= len(kw[item]) + {n}
    values = [x ** 2 for x in range(total) if x % 7]
    data = {{"name": str(total), "values": values, "time": time.time()}}
    return json.dumps(data, sort_keys=True)
"""
HANDLER = "def handler(event, context):\n    return work1(json.loads(event))\n"


def of_functions(count: int) -> str:
    return "import json, math, time\n" + "".join(ONE.format(n=n) for n in range(count)) + HANDLER


@pytest.mark.parametrize(("functions", "mark_ms"), [(2, 0.0), (18, 30.0)])
def test_preflight(functions: int, mark_ms: float) -> None:
    """A cell of 200 lines is examined in 30 ms."""
    source = of_functions(functions)
    contents = Contents({"index.py": source.encode()}, reasons={"index.py": CELL})
    view = {"handler": "index.handler"}
    assert examine(View.of(view, contents, "python3.10")).found == ()
    times = []
    for _ in range(100):
        began = time.perf_counter()
        examine(View.of(view, contents, "python3.10"))
        times.append(time.perf_counter() - began)
    median = report(f"preflight, {len(source.splitlines())} lines", times, mark_ms)
    assert not mark_ms or median <= mark_ms
