"""What runs there is not refused: a deployment that is stopped for nothing is the worst a preflight can do."""

from __future__ import annotations

import sys

import pytest

from fc_magic.preflight.finding import ERROR
from tests.preflight.conftest import HANDLER, of_cell, of_files

_END = f"{HANDLER}    return 1\n"


def errors(source: str, runtime: str = "python3.10") -> list[str]:
    return [one.code for one in of_cell(source, runtime) if one.level == ERROR]


@pytest.mark.parametrize(
    "source",
    [
        "import importlib.util\nif importlib.util.find_spec('orjson'):\n    import orjson\n",
        "import os\nif os.environ.get('LOCAL'):\n    import dotenv\n",
        "import os\nmatch os.environ.get('KIND'):\n    case 'a':\n        import boto3\n",
        "import os\ntry:\n    os.environ['A']\nexcept KeyError:\n    import boto3\n",
        "try:\n    import yaml\nexcept ImportError:\n    yaml = None\nelse:\n    from yaml import CLoader\n",
        "import typing\nif hasattr(typing, 'Self'):\n    from typing import Self\nelse:\n    Self = object\n",
    ],
)
def test_an_import_that_something_decides(source: str) -> None:
    """It may never run: that is told, and stops nothing."""
    assert errors(source + _END) == []
    assert of_cell(source + _END)


def test_a_module_that_something_decides() -> None:
    """What an own module imports counts as little as the import of that module."""
    files = {
        "index.py": f"import os\nif os.environ.get('A'):\n    import more\n{_END}",
        "more.py": "import yaml\n",
    }
    assert [(one.code, one.level) for one in of_files(files)] == [("missing-module-in-function", "warning")]


@pytest.mark.parametrize(
    "changed",
    [
        "sys.path += ['/code/vendor']",
        "sys.path = ['/code/vendor', *sys.path]",
        "sys.path[:0] = ['/mnt/nas/lib']",
        "sys.modules['yaml'] = sys",
        "sys.meta_path.insert(0, object())",
    ],
)
def test_modules_that_are_looked_for_elsewhere(changed: str) -> None:
    """However a file says where else modules are, it is not known what is found there."""
    assert errors(f"import sys\n{changed}\nimport yaml\n{_END}") == []


def test_where_one_file_looks_all_do() -> None:
    """The path is Python's, not that of the file which changes it."""
    change = "import sys\nsys.path.insert(0, '/code/vendor')\n"
    assert of_files({"index.py": f"{change}import more\n{_END}", "more.py": "import yaml\n"}) == ()
    assert of_files({"index.py": f"import more\nimport yaml\n{_END}", "more.py": change}) == ()


def test_a_path_that_is_only_read() -> None:
    assert errors(f"import sys\nprint(sys.path)\nfirst = sys.path[0]\nimport yaml\n{_END}") == [
        "missing-module"
    ]


@pytest.mark.parametrize("coding", ["gbk", "latin-1", "utf-8-sig"])
def test_a_file_in_another_encoding(coding: str) -> None:
    """Python reads what the first lines declare."""
    text = "中文" if coding == "gbk" else "é"
    more = f"# -*- coding: {coding} -*-\nx = '{text}'\n".encode(coding)
    assert of_files({"index.py": f"import more\n{_END}", "more.py": more}) == ()


def test_an_encoding_that_is_not_what_it_says() -> None:
    (found,) = of_files(
        {"index.py": f"import more\n{_END}", "more.py": "# coding: utf-8\nx = '中文'\n".encode("gbk")}
    )
    assert found.code == "syntax-error"


@pytest.mark.parametrize(
    "source",
    [
        "def quit():\n    return 1\nquit()\n",
        "from os.path import exists as exit\nexit('a')\n",
        "class Shape:\n    def kind(self):\n        return __class__\n",
        "import gettext\ngettext.install('shop')\nprint(_('hello'))\n",
        "import gettext\ngettext.translation('shop').install()\nprint(_('hello'))\n",
        "import builtins\nbuiltins.log = print\nlog('hello')\n",
        "import sys\nsetattr(sys.modules[__name__], 'db', 1)\nprint(db)\n",
        "d, key = {}, (1, 2)\nd[(*key, 3)] = 4\n",
    ],
)
def test_names_and_forms(source: str) -> None:
    """Names that are bound in other ways, and an old form whose tree is that of a newer one."""
    assert errors(source + _END) == []


def test_a_newer_form_is_still_found() -> None:
    assert errors(f"d, key = {{}}, (1, 2)\nd[*key, 3] = 4\n{_END}") == ["syntax-too-new"]
    assert errors(f"d, key = {{}}, (1, 2)\nd[(3), *key] = 4\n{_END}") == ["syntax-too-new"]


def test_annotations_of_a_branch_for_another_python() -> None:
    source = "import sys\nif sys.version_info >= (3, 10):\n    def f(x: int | None): ...\n"
    assert errors(source + _END, "python3.9") == []


@pytest.mark.parametrize(
    "source",
    [
        "def handler(event):\n    return 1\nhandler, other = (lambda e, c: 1), 2\n",
        "def handler(event):\n    return 1\ntry:\n    handler = wrapped(handler)\nexcept NameError:\n    pass\n",
        "import os\ndef handler(event):\n    return 1\nif os.environ.get('A'):\n    handler = os.wrap(handler)\n",
        "def handler(event):\n    return 1\nfrom wrapt import handler\n",
        "globals()['handler'] = lambda event, context: 1\n",
        "exec(open(__file__).read().upper())\n",
    ],
)
def test_handlers_that_are_bound_in_other_ways(source: str) -> None:
    """Only what is surely the handler is looked at, and only what is surely missing is missed."""
    codes = {one.code for one in of_cell(source)}
    assert not {code for code in codes if code.startswith("handler")}


def test_a_local_name_is_no_other_handler() -> None:
    source = "def handler(event):\n    return 1\ndef other():\n    handler = 2\n    return handler\n"
    assert errors(source) == ["handler-parameters"]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads what the runtime reads")
def test_syntax_that_only_the_runtime_reads() -> None:
    """What this Python is too old to read may be right there; what is wrong everywhere is still found."""
    files = {"index.py": f"import more\n{_END}", "more.py": "type Number = int\n"}
    assert of_files(files, "python3.12") == ()
    assert [one.code for one in of_files(files, "python3.10")] == ["syntax-error"]
    files["more.py"] = "await f()\n"
    assert [one.code for one in of_files(files, "python3.12")] == ["syntax-error"]


def test_what_is_nested_too_deeply_to_be_followed() -> None:
    """Python loads it, and so it is not looked at; nothing breaks."""
    deep = f"a = 1\nx = {' + '.join(['a'] * 800)}\n"
    assert of_cell(deep + _END) == ()
    assert of_files({"index.py": f"import more\nimport yaml\n{_END}", "more.py": deep}) == ()


@pytest.mark.parametrize("name", ["fractions", "pprint", "statistics"])
def test_a_module_that_nothing_of_python_imports(name: str) -> None:
    """The author's own of that name is found, and nobody misses Python's: that is told, and stops nothing."""
    found = of_files({"index.py": f"import {name}\n{_END}", f"{name}.py": "total = sum\n"})
    assert [(one.code, one.level) for one in found] == [("shadows-module", "warning")]
