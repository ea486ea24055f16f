"""What a cell needs of a notebook that lives, as one file: it answers as the notebook does, or it is refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fc_magic.errors import SliceRefused
from tests.slicing.live import MAGIC, Cells, there

#: each begins with what the handler returns; cells are separated by a line of its own
NOTEBOOKS = [
    (expression, tuple(cell + "\n" for cell in body.split("\n# %%\n")))
    for expression, _, body in (
        block.partition("\n")
        for block in Path(__file__).with_name("notebooks.txt").read_text().split("# %% ")[1:]
    )
]


def handler(expression: str) -> str:
    return f"def handler(event, context):\n    return {expression}\n"


@pytest.mark.parametrize(("expression", "cells"), NOTEBOOKS)
def test_answers(expression: str, cells: tuple[str, ...]) -> None:
    """The file answers what the notebook answers."""
    notebook = Cells(*cells)
    answer = there(notebook.slice(handler(expression)))
    assert repr(answer) == repr(notebook.here(handler(expression)))


@pytest.mark.parametrize(
    ("cells", "expression", "names"),
    [
        (["it = iter([1, 2])"], "next(it)", "it"),
        (["g = (i for i in [1])"], "list(g)", "g"),
        (["class M(type):\n    def __getattribute__(c, n): raise OSError(n)\nclass A(metaclass=M): pass"], "A", "A"),
        (["def f(t): return eval(t)"], "f('1')", "f"),
        (["names = globals()", "def f(n): return names[n]"], "f('f')", "names"),
        (["def f():\n    return 1\nexec('def f(): return 2')"], "f()", "f"),
        (["def make(n):\n    class K:\n        m = n\n    return K\nK = make(4)"], "K.m", "K"),
        (["class A: pass", "class B(A): pass", "class A: pass"], "B()", "B"),
        (["import math\nmath.pi = 3.141592653589793"], "math.pi", "math.pi"),
        (["import builtins\nbefore = builtins.sum\nbuiltins.sum = lambda x: 0", "del before"], "sum([1])", "sum"),
        (["made = []\nclass Base:\n    def __init_subclass__(cls): made.append(1)\nclass Sub(Base): pass"],
         "[Sub.__name__, made]", "made"),
        (["import threading\nlock = threading.Lock()\nf = open('/dev/null')\nf.close()"], "lock, f", "f lock"),
    ],
)  # fmt: skip
def test_refused(cells: list[str], expression: str, names: str) -> None:
    """Every name that cannot go is told at once, with where it is used and why."""
    import builtins

    kept = builtins.sum
    try:
        notebook = Cells(*cells)
        with pytest.raises(SliceRefused) as refused:
            notebook.slice(handler(expression))
    finally:
        builtins.sum = kept
    assert {p.field for p in refused.value.problems} == set(names.split())
    assert all(p.problem.startswith("used in ") for p in refused.value.problems)


def test_every_line_has_its_origin() -> None:
    """A line of the file is traced to the line of its cell; what was made has none."""
    notebook = Cells(
        "\n\n@staticmethod\ndef unused(): pass\ndef f(x):\n    return x + n\n", "data = [1]\nn = 2\n"
    )
    found = notebook.slice(handler("[f(1), data]"))
    rows = found.source.split("\n")
    at = {row: found.origin(number) for number, row in enumerate(rows, 1) if row.strip()}
    part, line = at["    return x + n"] or (None, 0)
    assert (part and part.cell, line) == (1, 6)
    part, line = at["n = 2"] or (None, 0)
    assert (part and part.cell, line) == (2, 2)
    part, line = at["    return [f(1), data]"] or (None, 0)
    assert (part and part.kind, line) == ("cell", 3)
    part, line = at["data = [1]"] or (None, 0)
    assert (part and part.kind, line) == ("value", 0)


def test_nothing_needed() -> None:
    """A cell that stands alone is the file as it is."""
    found = Cells("x = 1").slice(handler("event"))
    assert (found.source, len(found.parts), found.files) == (MAGIC + handler("event"), 1, {})


def test_future_comes_first() -> None:
    """It is the first statement of the file, and line N of the cell stays line N of its part."""
    notebook = Cells("def f(x): return x\n")
    cell = "from __future__ import annotations\nimport json\n" + handler("f(event)")
    source = notebook.slice(cell).source
    assert source.startswith("from __future__ import annotations\n")
    assert MAGIC + "# " + cell in source
    assert there(notebook.slice(cell)) == b"{}"


def test_types_in_annotations_that_are_texts() -> None:
    """Who reads them finds what they name, also if that is no class."""
    notebook = Cells("from typing import ClassVar, Optional\n", "Maybe = Optional[int]\n")
    cell = (
        "from __future__ import annotations\nimport dataclasses, typing\n"
        "@dataclasses.dataclass\nclass Row:\n    n: Optional[int] = 3\n    m: Maybe = None\n"
        "    k: ClassVar[int] = 1\n"
    )
    found = notebook.slice(cell + handler("typing.get_type_hints(Row)['m'], len(dataclasses.fields(Row))"))
    assert repr(there(found)) == "(typing.Optional[int], 2)"


def test_names_that_the_cell_binds_anew() -> None:
    """A helper that uses one is told of, unless the cell imports the same."""
    notebook = Cells("import json, math as m\nfrom math import pi\ndef norm(x): return x\n")
    notebook.run("def helper(x): return json.dumps([m.sqrt(norm(x)), pi])\n")
    cell = "import json\nimport math as m\nfrom math import pi\n" + handler("helper(4)")
    found = notebook.slice(cell)
    assert (found.warnings, there(found)) == ((), notebook.here(cell))
    cell = "def norm(x): return -x\nm = 5\n" + handler("helper(4)")
    told = sorted(notebook.slice(cell).warnings)
    assert [text.split(", which")[0] for text in told] == [
        "helper in In[2] uses m",
        "helper in In[2] uses norm",
    ]


def test_excluded() -> None:
    """A name that is left out is told, and the slice does not have it."""
    found = Cells("x = open('/dev/null')\nx.close()\ndef f(): return x\n").slice(handler("f"), "x")
    assert "x = " not in found.source
    assert "x was left out" in found.warnings[0]


def test_local_modules_are_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what they import in turn, wherever that is; one that was edited since is refused."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "shop_a.py").write_text("import shop_b\ndef f(): return shop_b.g()\n")
    (tmp_path / "shop_b").mkdir()
    (tmp_path / "shop_b" / "__init__.py").write_text("from .inner import g\n")
    (tmp_path / "shop_b" / "inner.py").write_text("def g(): return 7\n")
    notebook = Cells("from shop_a import f\n", folder=tmp_path)
    found = notebook.slice(handler("f()"))
    assert set(found.files) == {"shop_a.py", "shop_b/__init__.py", "shop_b/inner.py"}
    assert found.reasons["shop_b/inner.py"] == "module shop_b, which shop_a imports"
    assert there(found) == 7
    (tmp_path / "shop_a.py").write_text("import shop_b\ndef f(): return shop_b.g() + 1\n")
    with pytest.raises(SliceRefused, match="edited after it was imported"):
        notebook.slice(handler("f()"))


def test_settings_are_told() -> None:
    """What cells did to the process, where the slice feels it."""
    notebook = Cells("import random\nrandom.seed(3)\ndef f(): return random.random()\n")
    assert "random.seed(3) of In[1], line 2" in notebook.slice(handler("f()")).warnings[0]
    assert not notebook.slice(handler("1")).warnings


def test_two_hundred_cells_take_no_time() -> None:
    """Cells that cannot matter are not parsed: a slice of a long notebook takes little more than one of a short."""
    cells = [
        f"import math\ndef f{n}(x, y={n}):\n    total = 0\n    for i in range(x):\n        total += math.sqrt(i)\n"
        f"    return total\nclass C{n}:\n    def m(self):\n        return f{n}(3)\nx{n} = [f{n}(2)]\n"
        for n in range(200)
    ]
    notebook, cell = Cells(*cells), handler("[f7(2), C150().m(), x199]")
    answer = there(notebook.slice(cell))
    assert answer == notebook.here(cell)
    best = 1.0
    for _ in range(5):
        began = time.process_time()
        notebook.slice(cell)
        best = min(best, time.process_time() - began)
    assert best <= 0.05
