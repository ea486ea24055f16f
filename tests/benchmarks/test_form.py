"""How long a form takes to open, and to answer a keystroke: in a real kernel, whose widgets a front end listens to.

CPU time of the kernel, so that other work on the machine does not count. Run by ``make bench``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.test_bench import report
from tests.notebook.conftest import (
    Kernel,
    clean_environment,
    deploying,
    environment,
    kernel_in,
    stop_server,
    text_of,
)

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

CLOCK = """
import time
def timed(run, *given):
    began = time.process_time()
    run(*given)
    return time.process_time() - began
def opened(name):
    form = get_ipython().run_line_magic("fcform", name)
    get_ipython().display_formatter.format(form)
    return form
"""
FINDING = "from tests.notebook.forms import *"
VARIABLES = {f"VARIABLE_{n}": "x" * 40 for n in range(20)}
TRIGGERS = [
    {"type": "http", "config": {}},
    *({"type": "timer", "config": {"cronExpression": f"0 {n} 4 * * *", "payload": "p"}} for n in range(6)),
    {"type": "oss", "config": {"sourceArn": "my-bucket"}},
]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder: Path = tmp_path_factory.mktemp("form")
    settings = clean_environment(folder)
    settings.pop("PYTHONDONTWRITEBYTECODE", None)  # as an installed package is: with its bytecode
    with environment(settings):
        with kernel_in(folder) as running:
            running.run(deploying("first", "return 1"))
            running.run(CLOCK)
            yield running
        stop_server(folder)


def numbers(kernel: Kernel, expression: str) -> list[float]:
    found = ast.literal_eval(text_of(kernel.run(expression)))
    return list(found) if isinstance(found, list) else [found]


def test_open(kernel: Kernel) -> None:
    """The first form of a kernel brings its imports with it; from then on only widgets are made."""
    first = numbers(kernel, "timed(opened, 'first')")
    assert report("form, the first of a kernel (CPU)", first, 300) <= 300
    kernel.run(FINDING)
    more = numbers(kernel, "[timed(opened, f'more{n}') for n in range(30)]")
    assert report("form, another one (CPU)", more, 150) <= 150
    kernel.run(f"large = opened('large'); large.fill({{'triggers': {TRIGGERS}, 'environment': {VARIABLES}}})")
    assert (
        report("form, shown again (CPU)", numbers(kernel, "[timed(opened, 'large') for _ in range(20)]"), 50)
        <= 50
    )


def test_tabs(kernel: Kernel) -> None:
    """A tab is built when it is first opened."""
    kernel.run(FINDING)
    kernel.run("tabbed = opened('tabbed')")
    times = numbers(kernel, "[timed(tab, tabbed, t) for t in [t.split()[0] for t in titles(tabbed)]]")
    assert report("form, a tab opened (CPU, the slowest)", [max(times)], 100) <= 100


@pytest.mark.parametrize("size", ["small", "large"])
def test_keystroke(kernel: Kernel, size: str) -> None:
    """From a keystroke to its error, the line and the event, in a new form and in one with much set and seen."""
    kernel.run(FINDING)
    kernel.run(f"typed = opened('typed_{size}')")
    if size == "large":
        kernel.run(f"typed.fill({{'triggers': {TRIGGERS}, 'environment': {VARIABLES}}}); all_tabs(typed)")
    kernel.run("box = field(typed, 'Memory (MB)')\ndef key(text): box.value = text")
    times = numbers(kernel, "[timed(key, text) for _ in range(30) for text in ('5', '51', '512')]")
    assert report(f"form, a keystroke in a {size} one (CPU)", times, 50) <= 50
    if size == "large":
        kernel.run("box = find(typed, description='Schedule')[0]")
        times = numbers(
            kernel, "[timed(key, text) for _ in range(10) for text in ('@every 5', '@every 5m', 'x')]"
        )
        assert report("form, a keystroke in a schedule (CPU)", times, 50) <= 50
