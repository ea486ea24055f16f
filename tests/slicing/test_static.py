"""What is cut out of a notebook's file: exactly the statements that are needed, or a refusal by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from fc_magic.errors import SliceRefused
from fc_magic.slicing.result import Slice
from fc_magic.slicing.static import NotebookCell, slicer

FIRST = "# %%fcdeploy\n"


def cut(text: str, asked: str, folder: Path = Path("/nowhere"), raises: int = 0) -> Slice:
    """``text``: cells with ``---`` between them; ``asked``: what is returned. ``raises``: that cell may fail."""
    cells = [
        NotebookCell(each.strip("\n"), number, number == raises)
        for number, each in enumerate(text.split("\n---\n"), 1)
    ]
    return slicer(cells, len(cells) + 1, folder)(f"{FIRST}def handler(event, context):\n    return {asked}\n")


def kept(found: Slice) -> str:
    """The lines in front of the cell, without headings and empty ones."""
    before = found.source.partition(FIRST)[0]
    return "\n".join(line for line in before.split("\n") if line.strip())


#: what it is about, the cells, what is asked for, what is kept
TABLE = [
    ("nothing", "x = 1\n---\nprint(x)", "1", ""),
    ("an import", "import math, json\nimport re", "math.pi", "import math, json"),
    ("a function and what it needs", "K = 2\nJ = 3\ndef f(x):\n    return x * K", "f(1)",
     "K = 2\ndef f(x):\n    return x * K"),
    ("one of several on a line", "a = 1; b = 2; c = 3  # three", "b", "b = 2"),
    ("the last meaning", "x = 1\n---\nx = 2", "x", "x = 2"),
    ("what changes a value", "x = []\n---\nx.append(1)\nprint(x)\n---\nlen(x)\nfor i in x:\n    print(i)",
     "x", "x = []\nx.append(1)"),
    ("by another name", "x = []\ny = x\n---\ny.append(1)", "x", "x = []\ny = x\ny.append(1)"),
    ("inside of another", "x = []\nd = {'k': x}\n---\nd['k'].append(1)", "x",
     "x = []\nd = {'k': x}\nd['k'].append(1)"),
    ("not what only reads", "x = [1]\ny = sorted(x)\nn = len(x) + 1\nn += 1", "x", "x = [1]"),
    ("a shadow that comes later",
     "def g():\n    return 1\ndef f():\n    return g()\n---\ndef g():\n    return 2", "f()",
     "def f():\n    return g()\ndef g():\n    return 2"),
    ("by a call", "log = []\ndef f(x):\n    log.append(x)\n---\nf(1)\n---\nf", "log",
     "log = []\ndef f(x):\n    log.append(x)\nf(1)"),
    ("by what it is given",
     "x = []\ndef f(y):\n    y.append(1)\ndef g(y):\n    return len(y)\n---\nf(x)\ng(x)", "x",
     "x = []\ndef f(y):\n    y.append(1)\nf(x)"),
    ("by an unknown call", "import some\nx = []\n---\nsome.thing(x)", "x",
     "import some\nx = []\nsome.thing(x)"),
    ("not by what only shows", "import matplotlib.pyplot as plt\nx = [1]\n---\nplt.plot(x)\nplt.show()",
     "x", "x = [1]"),
    ("by a thread", "from threading import Thread\nx = []\ndef f():\n    x.append(1)\nt = Thread(target=f)\nt.run()",
     "x", "from threading import Thread\nx = []\ndef f():\n    x.append(1)\nt = Thread(target=f)\nt.run()"),
    ("by a generator", "n = 0\ndef g():\n    global n\n    n += 1\n    yield n\nit = g()\nlist(it)", "n",
     "n = 0\ndef g():\n    global n\n    n += 1\n    yield n\nit = g()\nlist(it)"),
    ("a global", "n = 0\ndef up():\n    global n\n    n += 1\n---\nup()", "n",
     "n = 0\ndef up():\n    global n\n    n += 1\nup()"),
    ("a decorator that comes later",
     "from functools import lru_cache\ndef f(n):\n    return n\n---\nf = lru_cache(None)(f)", "f(1)",
     "from functools import lru_cache\ndef f(n):\n    return n\nf = lru_cache(None)(f)"),
    ("a method that comes later", "class P:\n    pass\n---\ndef m(self):\n    return 1\nP.m = m", "P().m()",
     "class P:\n    pass\ndef m(self):\n    return 1\nP.m = m"),
    ("a leaked loop variable", "for i in range(3):\n    pass", "i", "for i in range(3):\n    pass"),
    ("a branch", "try:\n    import fast as json\nexcept ImportError:\n    import json", "json",
     "try:\n    import fast as json\nexcept ImportError:\n    import json"),
    ("a timed statement", "%time x = [\n    1]\n---\n%%time\ny = x", "y", "x = [\n    1]\ny = x"),
    ("below other cell magics",
     "%%capture out\nx = 1\n---\n%%bash\nx=2\n---\n%matplotlib inline\n!ls {x}\nx?", "x", "x = 1"),
    ("a text that looks like a magic", 'x = """\n%time y\n!ls"""\n%pwd', "x", 'x = """\n%time y\n!ls"""'),
    ("a star import", "from os.path import *\n---\ny = 1", "join('a')", "from os.path import *"),
    ("a shadowed builtin", "def len(x):\n    return 5\n---\ny = 1", "len([])", "def len(x):\n    return 5"),
    ("one that is a builtin again", "max = 3\n---\ndel max", "max(1, 2)", ""),
    ("used up by half", "it = iter([1, 2, 3])\n---\nnext(it)\n---\nit2 = it", "list(it)",
     "it = iter([1, 2, 3])\nnext(it)"),
    ("the state of a library", "import random\nrandom.seed(1)\n---\na = random.random()\nb = 1",
     "random.random()",
     "import random\nrandom.seed(1)\na = random.random()"),
    ("the precision of decimals", "from decimal import Decimal, getcontext\n---\ngetcontext().prec = 5",
     "Decimal(1) / 3",
     "from decimal import Decimal, getcontext\ngetcontext().prec = 5"),
    ("the depth of recursion", "import sys\nsys.setrecursionlimit(5000)\ndef f():\n    return 1", "f()",
     "import sys\nsys.setrecursionlimit(5000)\ndef f():\n    return 1"),
    ("what a notebook runs as a script", 'if __name__ == "__main__":\n    x = 1\n    y = 2', "x", "x = 1"),
    ("prompts", ">>> def f():\n...     return 1\n>>> f()\n", "f()", "def f():\n    return 1"),
    ("an unused eval",
     "x = 1\ndef calc(text):\n    return eval(text)\n---\nif 'x' in globals():\n    print(x)", "x", "x = 1"),
    ("modules of one package", "import xml.dom\nimport xml.sax\n---\nimport os", "xml.dom",
     "import xml.dom\nimport xml.sax"),
    ("a module that another import loads", "import xml\nimport xml.dom as d\nfrom json import decoder",
     "xml.dom.Node",
     "import xml\nimport xml.dom as d"),
    ("a text of eval", "x = 1\ny = 2\ndef f():\n    return eval('x')", "f()",
     "x = 1\ndef f():\n    return eval('x')"),
    ("a default that is changed", "base = []\ndef f(x=base):\n    x.append(1)\n    return x\n---\nf()",
     "base",
     "base = []\ndef f(x=base):\n    x.append(1)\n    return x\nf()"),
    ("a registering decorator",
     "seen = {}\ndef keep(f):\n    seen[f.__name__] = f\n    return f\n---\n@keep\ndef g():\n    return 1", "seen",
     "seen = {}\ndef keep(f):\n    seen[f.__name__] = f\n    return f\n@keep\ndef g():\n    return 1"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "cells", "asked", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_what_is_kept(what: str, cells: str, asked: str, expected: str) -> None:
    assert kept(cut(cells, asked)) == expected


#: what it is about, the cells, what is asked for, what the refusal says
REFUSED = [
    ("a shell line", "files = !ls", "files", "files it is set by"),
    ("a magic's answer", "here = %pwd", "here", "here it is set by"),
    ("what a cell captured", "%%capture out\nprint(1)", "out", "out it is set by"),
    ("what another file set", "%run other.py", "x", "x it is set by '%run other.py'; import it from there"),
    ("an unknown magic", "x = 1\n---\n%%sql x <<\nselect 1", "x", "x '%%sql x <<' may set it"),
    ("a magic in a function", "def f():\n    !ls\n    return 1", "f()", "f line 2 is '!ls'"),
    ("a deployed function", "%%fcdeploy my-fn\ndef handler(e, c): pass", "my_fn(1)",
     "my_fn my-fn is a function that is deployed"),
    ("what was deleted", "x = 1\n---\ndel x", "x", "x it is deleted here (In[2], line 1)"),
    ("any name", "x = 1\n---\nexec(text)", "x", "x exec"),
    ("who calls it", "x = 1\ndef run(text):\n    exec(text)\n---\nrun('x = 2')", "x",
     "x \"run('x = 2')\" may set"),
    ("a question", "x = input()", "x", "x input() asks a person"),
    ("globals", "def f(n):\n    return globals()[n]", "f('x')", "f globals() may set or read any name"),
    ("only in a notebook", "def f():\n    display(1)", "f()", "display only a notebook has display"),
    ("the last answers", "1\n---\nx = Out[1]", "x", "Out only a notebook has Out"),
    ("waiting", "import asyncio\nx = await asyncio.sleep(0, 1)", "x",
     "x only a notebook can await at its top level"),
    ("being a script", "x = 1 if __name__ == '__main__' else 2", "x", "x __name__ is __main__ in a notebook"),
    ("a cell that is no Python", "x = 1\n---\nprint x", "x", "x the cell is not Python"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "cells", "asked", "said"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused(what: str, cells: str, asked: str, said: str) -> None:
    with pytest.raises(SliceRefused) as caught:
        cut(cells, asked)
    assert any(f"{p.field} {p.problem}".startswith(said) for p in caught.value.problems), caught.value


def test_all_names_are_refused_at_once() -> None:
    with pytest.raises(SliceRefused) as caught:
        cut("a = !ls\nb = %pwd", "(a, b)")
    assert [problem.field for problem in caught.value.problems] == ["a", "b"]


def test_excluded_names_are_left_out() -> None:
    cells = [NotebookCell("a = !ls\nb = 1", 1)]
    found = slicer(cells, 2, Path("/nowhere"), ["a"])(
        f"{FIRST}def handler(event, context):\n    return a, b\n"
    )
    assert kept(found) == "b = 1"


def test_every_line_knows_its_cell() -> None:
    """A failure up there is shown in the cell and line down here."""
    found = cut(
        "from __future__ import annotations\nx = 1\n---\n\n@staticmethod\ndef f():\n    return x", "f()"
    )
    lines = found.source.split("\n")
    places = {text: found.origin(n) for n, text in enumerate(lines, 1)}
    at = {text: (place[0].cell, place[1]) for text, place in places.items() if place}
    assert lines[0] == "from __future__ import annotations"
    assert at["x = 1"] == (1, 2)
    assert at["@staticmethod"] == (2, 2 - 1)
    assert at["    return x"] == (2, 3)
    assert at["    return f()"] == (3, 3)


def test_cell_that_fails_on_purpose() -> None:
    """What stands before anything that can fail is there; what stands behind it may not be."""
    cells = "def good():\n    return 1\nx = 1 / 0\ndef bad():\n    return 2"
    assert kept(cut(cells, "good()", raises=1)) == "def good():\n    return 1"
    with pytest.raises(SliceRefused, match="raises-exception"):
        cut(cells, "bad()", raises=1)


def test_modules_beside_the_notebook_are_shipped(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("import deep\n")
    (tmp_path / "pkg" / "data.txt").write_text("data")
    (tmp_path / "deep.py").write_text("x = 1\n")
    (tmp_path / "unused.py").write_text("x = 1\n")
    found = cut("import pkg, unused_too\nimport unused", "pkg", tmp_path)
    assert dict(found.files) == {
        "pkg/__init__.py": b"import deep\n",
        "pkg/data.txt": b"data",
        "deep.py": b"x = 1\n",
    }
    assert found.reasons["deep.py"] == "module deep, imported in pkg/__init__.py"
    assert found.reasons["pkg/data.txt"] == "module pkg, imported in In[1]"


def test_module_that_a_cell_writes(tmp_path: Path) -> None:
    """It is what the cell says, and not what was left on the disk."""
    (tmp_path / "made.py").write_text("x = 1\n")
    found = cut("%%writefile made.py\nx = 2\n---\nimport made", "made.x", tmp_path)
    assert dict(found.files) == {"made.py": b"x = 2\n"}


def test_files_that_are_read_at_the_start_are_named(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("1\n")
    found = cut("rows = open('rows.txt').read()", "rows", tmp_path)
    assert found.reads == ("rows.txt",)


def test_names_of_a_file_that_is_run(tmp_path: Path) -> None:
    """Only what it binds is refused."""
    (tmp_path / "other.py").write_text("x = 1\n")
    assert kept(cut("y = 2\n%run other.py", "y", tmp_path)) == "y = 2"
    with pytest.raises(SliceRefused):
        cut("y = 2\n%run other.py", "x", tmp_path)
