"""What it costs to find what a cell needs. Run by ``make bench``.

The notebooks are made: 200 cells of imports, functions, classes and tables, of which the deployed cell needs some.
Sources differ from run to run, so that nothing is answered from a cache.
"""

from __future__ import annotations

import ast
import atexit
import itertools
import random
from collections.abc import Callable, Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from fc_magic.notebook.history import slicer
from fc_magic.slicing.names import analyse
from tests.benchmarks.test_bench import measure, report

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

FRESH = itertools.count()


@pytest.fixture(scope="module")
def shell() -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    ip = InteractiveShell.instance(config=config)
    try:
        for number in range(50):
            ip.run_cell(
                f"import json\nfrom collections import Counter\nN{number} = {number}", store_history=True
            )
            ip.run_cell(f"TABLE{number} = {{key: key * {number} for key in range(100)}}", store_history=True)
            ip.run_cell(_function(number), store_history=True)
            ip.run_cell(
                f"class C{number}:\n    def get(self, x):\n        return f{number}(x)", store_history=True
            )
        yield ip
    finally:
        atexit.unregister(ip.atexit_operations)
        ip.atexit_operations()
        InteractiveShell.clear_instance()


def _function(number: int) -> str:
    before = f"f{number - 1}(x)" if number else "x"
    lines = "\n".join(f"    if x == {n}:\n        x = json.loads(json.dumps(x + {n}))" for n in range(8))
    return f"def f{number}(x):\n{lines}\n    return Counter([x, TABLE{number}[0], N{number}]), {before}"


def _long_cell() -> str:
    """Some 200 lines as people write them."""
    number = next(FRESH)
    chance = random.Random(number)
    out = ["import json", "import math", "from collections import defaultdict", ""]
    for part in range(18):
        out += [
            f"def part_{part}(rows, limit={chance.randrange(100)}):",
            f'    """Part {part} of {number}."""',
            "    found = defaultdict(list)",
            "    for row in rows:",
            f"        key = row['k{chance.randrange(9)}'] % {chance.randrange(2, 9)}",
            "        if key > limit or not math.isfinite(key):",
            "            continue",
            "        found[key].append([each * 2 for each in row['values'] if each])",
            "    return {key: sorted(values) for key, values in found.items()}",
            "",
            "",
        ]
    calls = ", ".join(f"part_{part}(rows)" for part in range(18))
    return "\n".join(
        [*out, "def handler(event, context):", "    rows = json.loads(event)", f"    return [{calls}]", ""]
    )


@pytest.mark.parametrize(("last", "names", "mark_ms"), [(9, 30, 50.0), (39, 120, 0.0)])
def test_slice_of_200_cells(shell: InteractiveShell, last: int, names: int, mark_ms: float) -> None:
    """A cell that needs 30 things of 200 cells has its slice in 50 ms; one that needs most of them is only shown."""
    slice_of = slicer(shell)

    def run(number: int) -> None:
        shell.run_cell(
            f"FRESH = {number}\n" + _function(last).replace("x == 0", f"x == -{number + 1}"),
            store_history=True,
        )

    times = []
    for number in range(12):
        run(number)
        source = f"def handler(event, context):\n    return C{last}().get(FRESH), {number}\n"
        times += measure(1, lambda _, source=source: slice_of(source))
    found = slice_of(f"def handler(event, context):\n    return C{last}().get(FRESH)\n")
    assert sum(len(part.names) for part in found.parts) >= names
    median = report(f"slice of {names} names in a notebook of 200 cells", times[1:], mark_ms)
    assert not mark_ms or median <= mark_ms


def test_free_names() -> None:
    """The names that a cell of 200 lines needs from outside, in 9 ms."""
    sources = [_long_cell() for _ in range(40)]
    assert 200 <= sources[0].count("\n") <= 230
    times = measure(40, lambda n: analyse(sources[n]))
    parse = measure(40, lambda n: ast.parse(sources[n]))
    report("  of it: ast.parse", parse)
    checker = _pyflakes()
    if checker:
        report("  beside it: pyflakes", measure(40, lambda n: checker(sources[n])))
    assert report("free names of a cell of 200 lines", times, 9) <= 9


def _pyflakes() -> Callable[[str], object] | None:
    try:
        from pyflakes.checker import Checker
    except ImportError:
        return None
    return lambda source: Checker(ast.parse(source))
