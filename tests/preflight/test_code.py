"""What a cell's text tells: a table of small sources, and what is found in each, by code and line."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.errors import PreflightFailed
from fc_magic.preflight.finding import Findings
from fc_magic.wire import images
from tests.preflight.conftest import HANDLER, of_cell, of_files, said

#: source below a handler that is well, runtime -> codes and lines
Row = tuple[str, str, list[tuple[str, int]]]

NAMES: list[Row] = [
    ("def helper():\n    return rate\n", "", [("undefined-name", 4)]),
    ("total = rate * 2\n", "", [("undefined-name", 3)]),
    ("class A(Base):\n    x = y\n", "", [("undefined-name", 3), ("undefined-name", 4)]),
    ("@cached\ndef f(a=DEFAULT): pass\n", "", [("undefined-name", 3), ("undefined-name", 4)]),
    ("def f(a: Frame): pass\n", "", [("undefined-name", 3)]),
    ("def f():\n    a: Frame = 1\n", "", []),
    ("x = y\ny = 1\n", "", [("undefined-name", 3)]),
    ("x += 1\n", "", [("undefined-name", 3)]),
    ("if handler:\n    x = y\ny = 1\n", "", []),
    ("def f(): global y; y = 1\nf()\nx = y\n", "", []),
    ("x = [i for i in y]\ny = []\n", "", []),
    ("def f():\n    global g\n    g = 1\ndef h(): return g\n", "", []),
    ("try:\n    unicode\nexcept NameError:\n    unicode = str\n", "", []),
    ("from tools import *\nx = rate\n", "", [("missing-module", 3)]),
    ("x = eval(input.__name__)\ny = rate\n", "", []),
    ("import sys\nif sys.version_info[0] < 3:\n    text = unicode\n", "", []),
    ("import sys\nPY2 = sys.version_info.major == 2\nif PY2:\n    text = unicode\n", "", []),
    ("class A:\n    for base in (2, 8):\n        radix = base\n    x = radix\n", "", []),
    ("x = [i for i in range(3)]\ny = {n: m for n, m in ()}\n", "", []),
    ("x = __name__, __file__, __doc__, copyright, exit\n", "", []),
    ("def f(): display(1)\n", "", [("notebook-only-name", 3)]),
    ("get_ipython().system('ls')\n", "", [("notebook-only-name", 3)]),
    ("x = Out[3]\n", "", [("notebook-only-name", 3)]),
    ("def f(): raise ExceptionGroup('', [])\n", "python3.10", [("missing-name", 3)]),
    ("def f(): raise ExceptionGroup('', [])\n", "python3.12", []),
    ("def f(): return aiter(())\n", "python3.9", [("missing-name", 3)]),
]

MODULES: list[Row] = [
    ("import json, os.path, collections.abc\n", "", []),
    ("import yaml\n", "", [("missing-module", 3)]),
    ("import yaml\nimport yaml.nodes\nfrom yaml import load\n", "", [("missing-module", 3)]),
    ("def f():\n    import yaml\n", "", [("missing-module-in-function", 4)]),
    ("try:\n    import yaml\nexcept ImportError:\n    yaml = None\n", "", []),
    ("try:\n    import yaml\nexcept ImportError:\n    raise\n", "", [("missing-module", 4)]),
    ("try:\n    import yaml\nexcept ValueError:\n    pass\n", "", [("missing-module", 4)]),
    ("from contextlib import suppress\nwith suppress(ImportError):\n    import yaml\n", "", []),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import yaml\n", "", []),
    ("import typing as t\nif not t.TYPE_CHECKING:\n    import yaml\n", "", [("missing-module", 5)]),
    ("if __name__ == '__main__':\n    import yaml\n", "", []),
    ("import importlib\nyaml = importlib.import_module('yaml')\n", "", [("missing-module", 4)]),
    ("import sys\nsys.path.append('/mnt/lib')\nimport yaml\n", "", []),
    ("from . import tools\n", "", [("missing-module", 3)]),
    ("import requests, oss2, PIL.Image, google.protobuf\n", "python3.10", []),
    ("import google.cloud.storage\n", "python3.10", [("missing-module", 3)]),
    ("from google.protobuf import message\nfrom google import protobuf\n", "python3.10", []),
    ("import numpy, scipy.stats, cv2, matplotlib.pyplot\n", "python3.9", []),
    ("import numpy\n", "python3.10", [("missing-module", 3)]),
    ("import redis\n", "python3.12", [("unconfirmed-module", 3)]),
    ("import pandas\n", "python3.12", [("missing-module", 3)]),
    ("import tomllib\n", "python3.10", [("missing-module", 3)]),
    ("import tomllib\n", "python3.12", []),
    (
        "import sys\nif sys.version_info >= (3, 11):\n    import tomllib\nelse:\n    import json\n",
        "python3.10",
        [],
    ),
    ("import distutils.core, imp, asyncore\n", "python3.10", []),
    ("import distutils.core\n", "python3.12", [("missing-module", 3)]),
    ("import winreg\n", "", [("missing-module", 3)]),
    ("import yaml\n", "custom.debian12", []),
    ("import yaml\n", "nodejs20", []),
]

NEWER: list[Row] = [
    ("match 1:\n    case 1: pass\n", "python3.9", [("syntax-too-new", 3)]),
    ("match 1:\n    case 1: pass\n", "python3.10", []),
    ("def f(a: int | None): pass\n", "python3.9", [("syntax-too-new", 3)]),
    ("def f() -> list[int] | str: pass\n", "python3.9", [("syntax-too-new", 3)]),
    ("class A:\n    x: dict | None = None\n", "python3.9", [("syntax-too-new", 4)]),
    ("def f(a: int | None): pass\n", "python3.10", []),
    ("def f():\n    a: int | None = 1\n    return 1 | 2\n", "python3.9", []),
    ("x = {} | {}\n", "python3.9", []),
    ("with (open('/tmp/a') as a, open('/tmp/b') as b): pass\n", "python3.9", []),
    ("from datetime import UTC\n", "python3.10", [("missing-name", 3)]),
    ("from datetime import UTC\n", "python3.12", []),
    ("import datetime as dt\nx = dt.UTC\n", "python3.10", [("newer-api", 4)]),
    ("def f():\n    from typing import Self\n", "python3.10", [("newer-api", 4)]),
    ("try:\n    from typing import Self\nexcept ImportError:\n    Self = object\n", "python3.10", []),
    ("import math\nroot = math.cbrt if hasattr(math, 'cbrt') else None\n", "python3.10", []),
    (
        "try:\n    from os import process_cpu_count as n\nexcept ImportError:\n    from os import cpu_count as n\n",
        "",
        [],
    ),
    ("x = list(zip([], [], strict=True))\n", "python3.9", [("newer-api", 3)]),
    ("x = list(zip([], [], strict=True))\n", "python3.10", []),
    ("from itertools import batched\n", "python3.10", [("missing-name", 3)]),
    ("from collections import Mapping\n", "python3.9", []),
    ("from collections import Mapping\n", "python3.10", [("missing-name", 3)]),
    ("import inspect\nx = inspect.getargspec\n", "python3.12", [("newer-api", 4)]),
    ("import json\nx = await json.load()\n", "", [("syntax-error", 4)]),
    ("return 1\n", "", [("syntax-error", 3)]),
    ("for x in ():\n    pass\nbreak\n", "", [("syntax-error", 5)]),
]

EFFECTS: list[Row] = [
    ("import time\ntime.sleep(3)\n", "", [("runs-at-start", 4)]),
    ("from time import sleep as wait\nwait(3)\n", "", [("runs-at-start", 4)]),
    ("import requests\nrequests.get('http://a')\n", "", [("runs-at-start", 4)]),
    ("import subprocess\nclass A:\n    x = subprocess.run(['ls'])\n", "", [("runs-at-start", 5)]),
    ("import time\ndef f(): time.sleep(3)\n", "", []),
    ("import time\nif __name__ == '__main__':\n    time.sleep(3)\n", "", []),
    ("import os, time\nif os.environ.get('X'):\n    time.sleep(3)\n", "", [("runs-at-start", 5)]),
    ("import sys\nsys.exit(1)\n", "", [("exits-at-start", 4)]),
    ("import threading\ndef f(): pass\ndef g(): threading.Thread(target=f).start()\n", "", [("runs-on", 5)]),
    (
        "from threading import Thread\ndef g():\n    Thread(target=g).start()\n    {}.get('a')\n",
        "",
        [("runs-on", 5)],
    ),
    (
        "from threading import Thread\ndef g():\n    t = Thread(target=g)\n    t.start()\n    t.join()\n",
        "",
        [],
    ),
    (
        "import threading, queue\ndef g(q):\n    threading.Thread(target=g).start()\n    return q.get()\n",
        "",
        [],
    ),
    ("import threading\nthreading.Thread(target=print).start()\n", "", []),
    ("import sys\nif sys.argv:\n    sys.exit(1)\n", "", [("runs-at-start", 5)]),
    ("exit()\n", "", [("exits-at-start", 3)]),
    ("while True:\n    pass\n", "", [("runs-at-start", 3)]),
    ("while True:\n    break\n", "", []),
    ("x = input('name? ')\n", "", [("asks-for-input", 3)]),
    ("def f(): return input()\n", "", [("asks-for-input", 3)]),
    ("print('loading')\nx = [1] * 1000\n", "", []),
    ("x = open('data.csv').read()\n", "", [("missing-file", 3)]),
    ("def f(): return open('./data.csv', 'rb')\n", "", [("missing-file", 3)]),
    ("def f(): return open('/home/me/data.csv')\n", "", [("missing-file", 3)]),
    ("def f(): return open('/tmp/data.csv'), open('out.csv', 'w'), open('log', mode='a')\n", "", []),
    ("def f(name): return open(name), open(f'{name}.csv')\n", "", []),
    ("try:\n    x = open('data.csv')\nexcept OSError:\n    x = None\n", "", []),
]

TABLE = [*NAMES, *MODULES, *NEWER, *EFFECTS]


@pytest.mark.parametrize(
    ("source", "runtime", "found"), TABLE, ids=[f"{row[1]}:{row[0]!r}"[:70] for row in TABLE]
)
def test_findings_of_a_cell(source: str, runtime: str, found: list[tuple[str, int]]) -> None:
    """Each is found at its line, and nothing else is."""
    cell = f"# magic\nhandler = lambda event, context: event\n{source}"
    got = of_cell(cell, runtime or "python3.10")
    assert sorted(said(got)) == sorted((code, f"line {line}") for code, line in found)


@pytest.mark.parametrize(
    ("source", "runtime", "sentence", "hint"),
    [
        (
            "import yaml\n",
            "python3.10",
            "line 2: yaml is neither in the package nor in python3.10: ImportModuleError: Unable to import module"
            " 'index': No module named 'yaml'",
            "--requirements PyYAML",
        ),
        ("import cv2\n", "python3.12", "No module named 'cv2'", "--requirements opencv-python-headless"),
        (
            "import numpyy\n",
            "python3.12",
            "No module named 'numpyy'",
            "did you mean numpy? else --requirements numpyy",
        ),
        ("import tomllib\n", "python3.9", "import tomllib came with Python 3.11", "--runtime python3.12"),
        ("import imp\n", "python3.12", "import imp is gone since Python 3.12", "--runtime python3.10"),
        ("match 1:\n    case 1: pass\n", "python3.9", "match came with Python 3.10", "--runtime python3.10"),
        ("x = ordres\norders = 1\n", "python3.10", "name 'ordres' is not defined", "did you mean orders?"),
        ("open('a.csv')\n", "python3.10", "No such file or directory: 'a.csv'", "--file a.csv"),
    ],
)
def test_what_is_said(source: str, runtime: str, sentence: str, hint: str) -> None:
    """What is there, what would happen there, and something to type."""
    (found,) = of_cell(f"# magic\n{source}{HANDLER}    pass\n", runtime)
    assert sentence in str(found)
    assert found.hint == hint


def test_layers_bring_what_is_not_known() -> None:
    """With a layer that was asked for by name nobody here can tell what is missing."""
    source = f"import yaml\n{HANDLER}    pass\n"
    assert of_cell(source, layers=[{"name": "mine"}]) == ()
    assert of_cell(source, environment={"PYTHONPATH": "/mnt/lib"}) == ()
    assert said(of_cell(source, environment={"PYTHONPATH": "/code/lib"})) == [("missing-module", "line 1")]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="an older Python cannot read these cells at all")
@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = f'{d['a']}'\n", "an f-string with quotes of its own kind inside its braces"),
        (
            "x = f'{chr(10).join(f'{n}' for n in d)}'\n",
            "an f-string with quotes of its own kind inside its braces",
        ),
        ("x = f'{\"\\n\".join(d)}'\n", "an f-string with a backslash inside its braces"),
        ("x = f'{\n    d\n}'\n", "an f-string with a line break inside its braces"),
        ("x = f'''{d  # words\n}'''\n", "an f-string with a comment inside its braces"),
        ("x = f'''{d['a']}''' + f'{d[\"a\"]} it\\'s {{}}\\n'\n", ""),
        ("type A = int\n", "the type statement"),
        ("def f[T](a: T) -> T: return a\n", "a type parameter of f"),
        ("class A[T]: pass\n", "a type parameter of A"),
    ],
)
def test_syntax_of_python_3_12(source: str, found: str) -> None:
    """What only a newer Python reads is named, where this one is as new."""
    cell = f"d = {{}}\n{source}{HANDLER}    pass\n"
    expected = [f"{found} came with Python 3.12"] if found else []
    assert [one.said for one in of_cell(cell, "python3.10")] == expected
    assert of_cell(cell, "python3.12") == ()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="an older Python cannot read this cell at all")
@pytest.mark.parametrize(
    "source", ["try: pass\nexcept* ValueError: pass\n", "x = d[*a]\n", "def f(*a: *tuple[int]): pass\n"]
)
def test_syntax_of_python_3_11(source: str) -> None:
    """Groups of exceptions, and a star in an index and in an annotation."""
    cell = f"d, a = {{}}, ()\n{source}{HANDLER}    pass\n"
    assert {one.code for one in of_cell(cell, "python3.10")} == {"syntax-too-new"}
    assert of_cell(cell, "python3.12") == ()


# ---------------------------------------------------------------- the handler


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def handler(event, context): pass\n", ""),
        ("def handler(event, context, more=1): pass\n", ""),
        ("def handler(event, /, context): pass\n", ""),
        ("def handler(*args): pass\n", ""),
        ("def handler(event, *rest): pass\n", ""),
        ("handler = print\n", ""),
        ("class handler:\n    def __init__(self, event, context): pass\n", ""),
        ("from os.path import join as handler\n", ""),
        ("if True:\n    def handler(event, context): pass\n", ""),
        ("def handler(): pass\n", "handler-parameters"),
        ("def handler(event): pass\n", "handler-parameters"),
        ("def handler(event=1): pass\n", "handler-parameters"),
        ("def handler(a, b, c): pass\n", "handler-parameters"),
        ("def handler(a, b, c, d): pass\n", "handler-parameters"),
        ("def handler(a, b, c, d, e): pass\n", "handler-parameters"),
        ("def handler(event, *, context): pass\n", "handler-parameters"),
        ("def handler(a, b, *, c): pass\n", "handler-parameters"),
        ("handler = lambda event: event\n", "handler-parameters"),
        ("def handler(event, context): yield 1\n", "handler-generator"),
        ("def handler(event, context):\n    def inner(): yield 1\n    return list(inner())\n", ""),
        ("async def handler(event, context): pass\n", "handler-async"),
        ("def handler(environ, start_response): pass\n", "handler-wsgi"),
        ("import functools\n@functools.cache\ndef handler(event): pass\n", ""),
        ("if __name__ == '__main__':\n    def handler(event, context): pass\n", "handler-not-found"),
        ("def other(event, context): pass\n", "handler-not-found"),
    ],
)
def test_handler(source: str, code: str) -> None:
    """What cannot be called with an event and a context, or returns what nobody can write down."""
    found = of_cell(source)
    assert [one.code for one in found] == ([code] if code else [])
    if code == "handler-parameters":
        namespace: dict[str, object] = {}
        exec(source, namespace)
        with pytest.raises(TypeError) as error:
            namespace["handler"](b"", None)  # type: ignore[operator]
        assert found[0].there == f"TypeError: {error.value}"


def test_a_web_application_is_no_handler() -> None:
    """It is sent to a runtime that serves."""
    source = "from flask import Flask\nhandler = Flask(__name__)\n"
    app, missing = of_cell(source)[::-1]
    assert (app.code, missing.code) == ("handler-application", "missing-module")
    assert "--runtime custom.debian12" in app.hint


@pytest.mark.parametrize(
    ("definition", "there"),
    [
        ("def initialize(context): ...", ""),
        ("def initialize(*all): ...", ""),
        ("def initialize(): ...", "TypeError: initialize() takes 0 positional arguments but 1 was given"),
        ("def initialize(a, b): ...", "TypeError: initialize() missing 1 required positional argument: 'b'"),
    ],
)
def test_initializer(definition: str, there: str) -> None:
    """An initializer gets the context alone."""
    found = of_cell(f"{definition}\n{HANDLER}    pass\n", entrypoint="index.initialize")
    assert [one.there for one in found] == ([there] if there else [])


def test_initializer_in_a_file_of_its_own() -> None:
    """What it needs is looked for as well."""
    files = {"index.py": f"{HANDLER}    pass\n", "start.py": "import yaml\ndef run(context): ...\n"}
    assert said(of_files(files, entrypoint="start.run")) == [("missing-module", "start.py:1")]
    assert of_files(files, entrypoint="index.handler") == ()


@pytest.mark.parametrize(
    ("files", "settings", "hint"),
    [
        ({"main.py": f"{HANDLER}    pass\n"}, {}, "--handler main.handler"),
        ({"app/index.py": f"{HANDLER}    pass\n"}, {}, "--handler app/index.handler"),
        ({"main.py": "x = 1\n"}, {"handler": "app.main"}, "--handler main.FUNCTION"),
        ({"index.py": "def main(event, context): pass\n"}, {}, "--handler index.main"),
    ],
)
def test_handler_of_a_folder(files: dict[str, str], settings: dict[str, str], hint: str) -> None:
    """A folder's handler is looked for, and the one that was meant is named."""
    (found,) = of_files(files, **settings)
    assert (found.code, found.hint) == ("handler-not-found", hint)


# ---------------------------------------------------------------- all together


def test_a_program_is_no_module() -> None:
    """What a program of a custom runtime does when it starts is its work; its names are looked at all the same."""
    source = "import time, flask\napp = flask.Flask(__name__)\ntime.sleep(1)\nopen('x')\napp.run(port=PORT)\n"
    found = of_cell(source, "custom.debian12", entrypoint="python3 index.py")
    assert said(found) == [("undefined-name", "line 5")]


def test_errors_stop_and_warnings_do_not() -> None:
    """All are in the refusal, in the order of their lines; with force all are said beside the deployment."""
    found = Findings(of_cell(f"import time\ntime.sleep(1)\nx = rate\n{HANDLER}    pass\n"))
    with pytest.raises(PreflightFailed) as caught:
        found.passed("hello")
    assert caught.value.message == "hello was not deployed: 1 error, 1 warning"
    assert [p.given for p in caught.value.problems] == ["runs-at-start (warning)", "undefined-name"]
    assert "--force" in caught.value.hint
    forced = found.passed("hello", force=True)
    assert forced[0] == "--force: deployed in spite of 1 error"
    assert [text.partition(":")[0] for text in forced[1:]] == ["line 2", "line 3"]
    assert Findings(found.warnings).passed("hello") == forced[1:2]


#: statements that may stand beside each other in any order, and the names of other ones they need
STATEMENTS = [
    "a = 1",
    "b = a",
    "def f(x=b): return c",
    "class C:\n    d = a\n    def m(self): return f(self.d)",
    "for e in [1]:\n    g = e",
    "import math as h",
    "i = [j for j in (1, 2) if h]",
    "if a:\n    k = 2",
    "with open('/dev/null') as o: pass",
    "try:\n    p = q\nexcept NameError:\n    q = 1",
    "r = lambda s: s + g",
    "t = (u := 3) + u",
    "del a",
    "from os import path as v",
    "w = C.d",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(STATEMENTS), max_size=10))
def test_what_loads_has_no_undefined_name_at_its_top(statements: list[str]) -> None:
    """Of a program that Python runs to its end nothing is said to be missing; what it stops at is found if no line
    binds it."""
    source = "\n".join([*statements, f"{HANDLER}    pass\n"])
    found = {one.there.split("'")[1] for one in of_cell(source) if "Module initialization error" in one.there}
    missing = _missing(source)
    if missing is None:
        assert not found
    elif missing not in _bound(source):
        assert missing in found


def _missing(source: str) -> str | None:
    """The name at which a program stops."""
    try:
        exec(compile(source, "index.py", "exec"), {"__name__": "index"})
    except NameError as error:
        return str(error).split("'")[1]
    return None


def _bound(source: str) -> set[str]:
    """Every name that some line binds."""
    nodes = list(ast.walk(ast.parse(source)))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    imported = {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return stored | imported | defined


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.sampled_from(sorted(images.PYTHON)))
def test_any_text_is_examined(text: str, runtime: str) -> None:
    """Whatever a file holds, there are findings or none, and no failure of ours."""
    for one in of_files({"index.py": text.encode("utf-8", "replace")}, runtime):
        assert one.level
        assert str(one)
