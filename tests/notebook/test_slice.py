"""What a cell needs goes with it: deployed by the magic, called on the real server, compared with the kernel."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebook.conftest import Shell, kernel_in, text_of

_NAMES = (f"s{number}" for number in itertools.count())


@pytest.fixture
def notebook(shell: Shell) -> Shell:
    """The shell with no names of an earlier test in it; In, Out and what was executed stay."""
    shell.ip.reset(new_session=False)
    return shell


def deployed(shell: Shell, cell: str, options: str = "") -> str:
    """Deploys a cell that runs in the notebook as well; the name of the function."""
    name = next(_NAMES)
    ran = shell.run(f"%%fcdeploy {name} {options}\n{cell}")
    assert ran.success, ran.text + str(ran.error)
    return name


def same(shell: Shell, cell: str) -> Any:
    """Deploys a cell, calls it there and here, and returns the one answer."""
    name = deployed(shell, cell)
    there = shell.run(f"{name}({{}})")
    assert there.success, there.text
    assert shell.run(cell).success
    here = shell.run("(lambda j: j.loads(j.dumps(handler(b'{}', None))))(__import__('json'))")
    assert there.value == here.value
    return there.value


def refused(shell: Shell, cell: str, options: str = "") -> str:
    ran = shell.run(f"%%fcdeploy {next(_NAMES)} {options}\n{cell}")
    assert not ran.success
    assert type(ran.error).__name__ == "SliceRefused", ran.text
    return str(ran.error)


def handler(expression: str) -> str:
    return f"def handler(event, context):\n    return {expression}\n"


def test_functions_imports_and_constants(notebook: Shell) -> None:
    """Functions go by their source, imports as they were written, constants as they are."""
    notebook.run("import math as m\nfrom collections import Counter\nRATE = 0.19  # a tax")
    notebook.run("def tax(x):\n    return m.floor(x * RATE)")
    assert same(notebook, handler("[tax(1000), Counter('abca')['a']]")) == [190, 2]


def test_a_value_is_what_it_is_now(notebook: Shell) -> None:
    """Not what its last assignment says."""
    notebook.run("orders = [3, 1]")
    notebook.run("orders.append(2)\norders.sort()")
    assert same(notebook, handler("orders")) == [1, 2, 3]


def test_nothing_needed_leaves_the_file_as_it_was(notebook: Shell) -> None:
    """A cell that stands alone is the whole file."""
    shown = notebook.run("%%fcdeploy alone --dry-run\n" + handler("1")).value
    assert shown.source == "# %%fcdeploy\n" + handler("1")


def test_dry_run_shows_the_source_with_its_cells(notebook: Shell) -> None:
    """The exact source, each part with its cell; nothing is deployed."""
    notebook.run("\n\ndef helper(x):\n    return x + 1")
    number = len(notebook.ip.user_ns["In"]) - 1
    ran = notebook.run("%%fcdeploy dry --dry-run\n" + handler("helper(1)"))
    source = "# %%fcdeploy\ndef helper(x):\n    return x + 1\n\n\n# %%fcdeploy\n" + handler("helper(1)")
    assert ran.value.source == source
    assert f"the cell, In[{number}]" in ran.text
    assert re.search(rf"In\[{number}\] +def helper\(x\):", ran.text)
    assert "this cell  # %%fcdeploy" in ran.text
    assert "Nothing was sent." in ran.text
    assert not notebook.run("%fclist dry").value


def test_a_failure_is_shown_where_it_was_written(notebook: Shell) -> None:
    """The card names the cell and line of the helper, and the cell that called it."""
    notebook.run("%%time\n\ndef check(x):\n    if x:\n        raise ValueError('no')\n")
    number = len(notebook.ip.user_ns["In"]) - 1
    name = deployed(notebook, handler("check(1)"))
    text = notebook.run(f"{name}({{}})").text
    assert f"Cell In[{number}], line 5, in check(x)" in text
    assert f"called from Cell In[{number + 1}], line 3, in handler(event, context)" in text


def test_closures_caches_and_decorators(notebook: Shell) -> None:
    """A closure holds what it holds now; a cache that was put on later is there."""
    notebook.run(
        "import functools\n"
        "def memo(f):\n    cache = {}\n    def _f(n):\n        if n not in cache:\n            cache[n] = f(n)\n"
        "        return cache[n]\n    _f.cache = cache\n    return _f\n"
        "@memo\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
        "def fact(n):\n    return n * fact(n - 1) if n else 1\n"
        "fact = functools.lru_cache(None)(fact)\n"
        "def counter(n):\n    def count():\n        nonlocal n\n        n += 1\n        return n\n    return count\n"
        "count = counter(5)\ncount()"
    )
    notebook.run("fib(5)")
    assert same(notebook, handler("[fib(50), len(fib.cache), fact(10), count()]")) == [
        12586269025,
        51,
        3628800,
        7,
    ]


def test_classes_as_they_are_now(notebook: Shell) -> None:
    """Methods that were added and attributes that were changed go along."""
    notebook.run(
        "from dataclasses import dataclass, field\n"
        "class Base:\n    rate = 1\n    def cost(self):\n        return self.rate\n"
        "class Shop(Base):\n    def cost(self):\n        return super().cost() + 1\n"
        "@dataclass\nclass Order:\n    n: int = 1\n    tags: list = field(default_factory=list)\n"
    )
    notebook.run("Base.rate = 10\nShop.twice = lambda self: 2 * self.cost()")
    assert same(notebook, handler("[Shop().twice(), Order(3).n, Order().tags]")) == [22, 3, []]


def test_what_cannot_go_is_refused_at_once(notebook: Shell) -> None:
    """Every name, where it is used, and why."""
    notebook.run(
        "import os\nfile = open(os.devnull)\nwords = (w for w in 'ab')\ndef read():\n    return next(words)"
    )
    text = refused(notebook, handler("[file.name, read(), Out]"))
    for said in ("file ", "words ", "read in In[", "Out ", "used in line 3", "--exclude"):
        assert said in text
    notebook.run("file.close()")


def test_exclude_leaves_a_name_out(notebook: Shell) -> None:
    """The cell binds it itself, and the card says that it was left out."""
    notebook.run("import os\nsource = open(os.devnull)\nsource.close()")
    ran = notebook.run(f"%%fcdeploy {next(_NAMES)} --exclude source\n" + handler("source if False else 1"))
    assert ran.success
    assert "source was left out" in ran.text


def test_eval_of_a_text_that_is_made(notebook: Shell) -> None:
    """It may need any name, so it is refused."""
    assert "eval" in refused(notebook, handler("eval(event)"))


@pytest.mark.parametrize(
    ("before", "cell", "answer"),
    [
        ("f = lambda x: x + 1; g = lambda x: x * 2", handler("[f(1), g(3)]"), [2, 6]),
        ("def f(): return 1\ng = f\ndef f(): return 2", handler("[f(), g()]"), [2, 1]),
        ("def f(): return 1\ng = f", handler("[f() , g is f]"), [1, True]),
        ("def f(x, seen=[]):\n    seen.append(x)\n    return seen\nf(1)", handler("f(2)"), [1, 2]),
        ("k = 3\ndef f(x, n=k): return x + n\nk = 4", handler("[f(1), k]"), [4, 4]),
        ("for i in range(3): pass\ndef f(): return i", handler("f()"), 2),
        ("from math import *\ndef f(): return floor(pi)", handler("f()"), 3),
        ("list = [1, 2]", handler("list"), [1, 2]),
        ("def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)",
         handler("even(4)"), True),
        ("%time x = 3", handler("x"), 3),
        ("%%capture\ndef f(): return 7", handler("f()"), 7),
        ("def f(): return globals()['K'] + eval('K')\nK = 2", handler("f()"), 4),
        ("from __future__ import annotations\ndef f(x: Unknown): return 1", handler("f(1)"), 1),
        ("total = 0\ndef add():\n    global total\n    total += 1\nadd()", handler("[add(), total]"), [None, 2]),
        ("import json\njson = 5", handler("json"), 5),
        ("if True:\n    def f():\n        return 4", handler("f()"), 4),
        ("try:\n    import nothing\nexcept ImportError:\n    nothing = None", handler("nothing"), None),
        ("from functools import singledispatch\n@singledispatch\ndef f(x): return 0\n"
         "@f.register(int)\ndef _(x): return x", handler("[f('a'), f(3)]"), [0, 3]),
        ("from collections import namedtuple\nP = namedtuple('P', 'x y', defaults=[2])", handler("P(1).y"), 2),
        ("from enum import Enum\nclass C(Enum):\n    A = 1\n    B = 2", handler("[c.name for c in C]"), ["A", "B"]),
        ("def f():\n    '''doc\n    more'''\n    def g(): return 1\n    return g\nh = f()", handler("h()"), 1),
        ("import urllib.parse", handler("urllib.parse.quote('a b')"), "a%20b"),
        ("class Old:\n    def m(self): return 1\na = Old\nclass Old:\n    def m(self): return 2",
         handler("[a().m(), Old().m()]"), [1, 2]),
    ],
)  # fmt: skip
def test_traps(notebook: Shell, before: str, cell: str, answer: Any) -> None:
    """It answers as in the kernel."""
    assert notebook.run(before).success
    assert same(notebook, cell) == answer


def test_cells_that_are_not_stored(home: Path) -> None:
    """As pytest --nbval runs a notebook: nothing stands in In, and a class, a value and a rebound name go along."""
    with kernel_in(home) as kernel:

        def ran(source: str) -> str:
            client = kernel.client
            cell = nbformat.v4.new_code_cell(source)
            kernel.notebook.cells.append(cell)
            client.execute_cell(cell, len(kernel.notebook.cells) - 1, store_history=False)
            return text_of(cell.outputs)

        ran("class Shop:\n    size = 3\nRATES = {'EUR': 7.5}\ndef price(x):\n    return 0")
        ran("RATES['EUR'] = 8\ndef price(x):\n    return x * RATES['EUR'] + Shop.size")
        cell = "def handler(event, context):\n    return price(int(event))\n"
        shown = ran("%%fcdeploy unstored --dry-run\n" + cell)
        assert re.search(r"a cell +class Shop:", shown)
        assert "RATES = {" in shown
        ran("%%fcdeploy unstored\n" + cell)
        assert ran("unstored('2')") == "19"
