"""A cell's text: which function is the handler, and that lines keep their numbers."""

from __future__ import annotations

import ast
import contextlib
import keyword

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fc_magic.errors import CellError, CellSyntaxError, EmptyCell, HandlerMissing
from fc_magic.notebook import cell

PROPERTY = settings(max_examples=150, deadline=None)
TWO = "(event, context): pass\n"


def refused(kind: type[CellError], text: str, handler: str = "") -> CellError:
    with pytest.raises(kind) as caught:
        cell.read(text, handler)
    assert type(caught.value) is kind
    return caught.value


# ---------------------------------------------------------------- the handler


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"def handler{TWO}", "handler"),
        (f"def main_handler{TWO}", "main_handler"),
        (f"def main_handler{TWO}def handler{TWO}", "handler"),
        (f"def anything{TWO}", "anything"),
        (f"def _helper(): pass\ndef anything{TWO}", "anything"),
        (f"def helper(): pass\ndef handler{TWO}def other{TWO}", "handler"),
        (f"class A:\n    def method(self): pass\ndef anything{TWO}", "anything"),
        (f"def anything{TWO}    \n\n", "anything"),
        ("from app import handler\n", "handler"),
        ("import handler\n", "handler"),
        ("from app import main as handler\n", "handler"),
        ("handler = lambda event, context: event\n", "handler"),
        ("handler: object = print\n", "handler"),
        ("a, (handler, b) = 1, (print, 2)\n", "handler"),
        ("class handler:\n    def __init__(self, event, context): pass\n", "handler"),
        (f"if True:\n    def handler{TWO}", "handler"),
        (f"try:\n    import json\nexcept ImportError:\n    json = None\ndef anything{TWO}", "anything"),
        (f"main_handler = print\ndef other{TWO}def another{TWO}", "main_handler"),
        (f"async def anything{TWO}", "anything"),
        ("def 处理(event, context): pass\n", "处理"),
    ],
)
def test_handler_is_found(text: str, found: str) -> None:
    """It is handler, else main_handler, else the only public function; imported, assigned or a class too."""
    assert cell.read(text).handler == f"index.{found}"


@pytest.mark.parametrize(
    ("text", "handler", "found"),
    [
        (f"def handler{TWO}def other{TWO}", "index.other", "other"),
        (f"def handler{TWO}def other{TWO}", "other", "other"),
        (f"def handler{TWO}def _private{TWO}", "index._private", "_private"),
        ("from app import run\n", "index.run", "run"),
        ("run = print\n", "run", "run"),
    ],
)
def test_handler_is_named(text: str, handler: str, found: str) -> None:
    """--handler wins, with or without the file."""
    assert cell.read(text, handler).handler == f"index.{found}"


@pytest.mark.parametrize(
    ("text", "handler", "said", "hint"),
    [
        (f"def one{TWO}def two{TWO}", "", "it defines one, two", "choose one: --handler index.one"),
        ("x = 1\n", "", "it defines no function", "write def handler(event, context): …"),
        ("def _private(): pass\n", "", "it defines no function", "write def handler(event, context): …"),
        (f"def handler{TWO}", "index.handlr", "does not define handlr", "--handler index.handler"),
        (f"def handler{TWO}", "app.handler", "there is no app.py", "--handler index.handler"),
        ("1 + 1\n", "index.main", "does not define main", "write def main(event, context): …"),
        (f"def f{TWO}def g{TWO}", "h", "it has f, g", "--handler index.f"),
    ],
)
def test_handler_is_not_found(text: str, handler: str, said: str, hint: str) -> None:
    """The refusal says what the cell has, and what to write."""
    error = refused(HandlerMissing, text, handler)
    assert said in error.message
    assert error.hint == hint


NAME = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda n: not keyword.iskeyword(n))


@PROPERTY
@given(st.lists(NAME, min_size=1, max_size=5, unique=True), st.data())
def test_rules_hold_for_any_names(names: list[str], data: st.DataObject) -> None:
    """Among any functions the named one is taken, else the usual one, else the only one."""
    text = "".join(f"def {name}{TWO}\n" for name in names)
    usual = next((n for n in ("handler", "main_handler") if n in names), "")
    if usual or len(names) == 1:
        assert cell.read(text).handler == f"index.{usual or names[0]}"
    else:
        refused(HandlerMissing, text)
    chosen = data.draw(st.sampled_from(names))
    assert cell.read(text, f"index.{chosen}").handler == f"index.{chosen}"


# ---------------------------------------------------------------- lines and text


def test_line_numbers_are_the_cells() -> None:
    """Line N of the file is line N of the cell, its magic's line counted; nothing else is changed."""
    body = '\n"""doc"""\n\n\ndef handler(event, context):\n    return 1\n'
    found = cell.read(body)
    assert found.files == {"index.py": found.source.encode()}
    first, *rest = found.source.splitlines()
    assert first.startswith("#")
    assert rest == body.splitlines()
    node = next(n for n in ast.walk(ast.parse(found.source)) if isinstance(n, ast.FunctionDef))
    assert node.lineno == 6


@PROPERTY
@given(
    st.lists(
        st.sampled_from(["", "# words", "x = 1", '"""a\nb"""', "def f(): pass", "ü = '函数'"]), max_size=8
    )
)
def test_source_is_the_cell(parts: list[str]) -> None:
    """Whatever the cell has, the file is its first line as a comment and then the cell."""
    body = "\n".join([*parts, f"def handler{TWO}"])
    source = cell.read(body).source
    assert source.partition("\n")[2] == body
    assert source.partition("\n")[0].startswith("#")


def test_last_line_needs_no_end() -> None:
    """A cell without a last line end is a file with one."""
    assert cell.read("def handler(event, context): pass").source.endswith("pass\n")


@PROPERTY
@given(st.text(max_size=60))
def test_any_text_is_a_cell_or_refused(text: str) -> None:
    """Whatever stands in a cell, the answer is a Cell or a CellError; a future import is not moved."""
    assume("\ud800" not in text)
    try:
        assert cell.read(text).handler.startswith("index.")
    except CellError as error:
        said = error.message
        assert said
    assert cell.read(f"from __future__ import annotations\ndef handler{TWO}").handler == "index.handler"


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("text", ["", "\n", "   \n\n", "# only a comment\n", "\t\n# a\n"])
def test_empty_cell(text: str) -> None:
    """A cell with nothing to run says what to write."""
    assert "def handler(event, context)" in refused(EmptyCell, text).hint


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("def handler(event, context)\n    return 1\n", 2, "def handler(event, context)"),
        ("x = 1\ny = (\n", 3, "y = ("),
        ("def f():\nreturn 1\n", 3, "return 1"),
        ("def f():\n\tx = 1\n        y = 2\n", 4, "y = 2"),
        ("x = 'open\n", 2, "x = 'open"),
    ],
)
def test_syntax_error(text: str, line: int, shown: str) -> None:
    """A syntax error shows its line, with the number it has in the cell, and a mark below."""
    message = refused(CellSyntaxError, text).message
    assert f"(line {line} of the cell)" in message
    assert shown in message
    assert message.rstrip().endswith("^")


@pytest.mark.parametrize("line", ["%matplotlib inline", "!pip install x", "  %time f()", "%%bash"])
def test_magic_in_a_cell(line: str) -> None:
    """A magic or shell line in a deployed cell is named as what it is."""
    error = refused(CellSyntaxError, f"def handler{TWO}{line}\n")
    assert "another cell" in error.hint


@pytest.mark.parametrize("text", ["x = 1\0\n", f"def handler{TWO}\0", f"def handler{TWO}# \ud800\n"])
def test_unreadable_characters(text: str) -> None:
    """NUL characters and halves of characters cannot be read."""
    assert refused(CellSyntaxError, text).message.startswith("the cell cannot be read")


def test_depth_that_some_pythons_can_read() -> None:
    """Where Python can read a cell it is read; nothing but a refusal comes of it where it cannot."""
    with contextlib.suppress(CellSyntaxError):
        assert cell.read(f"x = a{'.b' * 100_000}\ndef handler{TWO}").handler == "index.handler"


@pytest.mark.parametrize("deep", ["(" * 5000 + ")" * 5000, "-" * 100_000 + "1"])
def test_deep_nesting(deep: str) -> None:
    """A cell too deeply nested for Python's parser is refused, not a crash."""
    refused(CellSyntaxError, f"x = {deep}\ndef handler{TWO}")


# ---------------------------------------------------------------- the initializer


@pytest.mark.parametrize(
    ("initializer", "said"),
    [
        ("index.initialise", "--entrypoint index.initialize"),
        ("start.initialize", "--entrypoint index.initialize"),
        ("index.nothing_like_it", "--entrypoint"),
    ],
)
def test_initializer_that_is_not_there(initializer: str, said: str) -> None:
    """An initializer is held to the same rules as the handler, and named by its own option."""
    code = "def initialize(context): ...\ndef handler(event, context): ...\n"
    with pytest.raises(HandlerMissing, match=f"--entrypoint {initializer}") as caught:
        cell.read(code, initializer=initializer)
    assert said in caught.value.hint
