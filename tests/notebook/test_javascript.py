"""A cell of JavaScript: which export is the handler, what becomes of the text, and where its failures are shown."""

from __future__ import annotations

import contextlib
import re
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.errors import CellError, CellSyntaxError, EmptyCell, HandlerMissing
from fc_magic.notebook import javascript
from tests.notebook.conftest import Shell
from tests.notebook.test_failures import cell_number, failing
from tests.server.test_node import installed

PROPERTY = settings(max_examples=150, deadline=None)
COMMON, MODULE = "index.js", "index.mjs"

FOUND = [
    ("exports.handler = async (event, context) => event", "handler", COMMON),
    ("module.exports.handler = (event, context, callback) => callback(null, 1)", "handler", COMMON),
    ("const handler = exports.handler = function () {}", "handler", COMMON),
    ("exports.other = 1\n  exports.handler = 2", "handler", COMMON),
    ("module.exports = {handler}", "handler", COMMON),
    (
        "module.exports = { a: {handler: [1, {}]}, async handler(event) { return {b, c} }, d }",
        "handler",
        COMMON,
    ),
    ("module.exports = {\n  main: f,\n}", "main", COMMON),
    ("module.exports = { ...require('./app') }", "handler", COMMON),
    ("module.exports = require('./app')", "handler", COMMON),
    ("Object.assign(exports, app)", "handler", COMMON),
    ("exports['handler'] = 1", "handler", COMMON),
    ("exports.run = async () => 1", "run", COMMON),
    ("export const a = 1, handler = async () => a", "handler", MODULE),
    ("exports.handler = async () => {\n  return `" + "${a} " * 60 + ";\n}", "handler", COMMON),
    ("exports.$run = async () => 1", "$run", COMMON),
    ("const a = /[`'\"/]/, b = `'${`x`}`; exports.handler = 1", "handler", COMMON),
    ("const a = import('x'); exports.handler = 1", "handler", COMMON),
    ("export const handler = async (event) => event", "handler", MODULE),
    ("export async function handler(event) {}", "handler", MODULE),
    ("  export function* handler() {}", "handler", MODULE),
    ("function f() {}\nexport { f as handler, g }", "handler", MODULE),
    ("export {handler} from './app.mjs'", "handler", MODULE),
    ("export * from './app.mjs'", "handler", MODULE),
    ("export const { handler } = app", "handler", MODULE),
    ("import fs from 'fs'\nexport const main = 1", "main", MODULE),
    ("import 'x'\nexport default 1\nexport let 处理 = 1", "处理", MODULE),
]


@pytest.mark.parametrize(("text", "name", "file"), FOUND)
def test_handler_is_found(text: str, name: str, file: str) -> None:
    """It is the export named handler, else the only one; import or export make the file an ES module."""
    cell = javascript.read(text)
    assert (cell.handler, cell.file) == (f"index.{name}", file)
    assert cell.files == {file: f"// %%fcdeploy\n{text}\n".encode()}


@pytest.mark.parametrize(
    ("text", "handler", "said", "hint"),
    [
        ("def handler(event, context):\n    return 1", "", "it exports nothing", "write exports.handler = async"),
        ("// exports.handler = 1\nconst a = 'exports.handler = 1'", "", "it exports nothing", "write exports"),
        ("/* export const handler = 1 */ x()", "", "it exports nothing", "or export const handler = …"),
        ("exports.handler == 1", "", "it exports nothing", "write exports.handler"),
        ("exports.a = 1; exports.b = 2", "", "it exports a, b", "choose one: --handler index.a"),
        ("export default async () => 1", "", "it exports nothing", "write exports.handler"),
        ("exports.handler = 1", "index.handlr", "does not export handlr", "--handler index.handler"),
        ("exports.handler = 1", "app.handler", "the cell becomes index.js, there is no app.js", "index.handler"),
        ("export const handler = 1", "app.handler", "there is no app.mjs", "--handler index.handler"),
        ("f()", "index.main", "does not export main", "write exports.main = async"),
    ],
)  # fmt: skip
def test_handler_is_not_found(text: str, handler: str, said: str, hint: str) -> None:
    """The refusal says what the cell exports, and what to write."""
    with pytest.raises(HandlerMissing) as caught:
        javascript.read(text, handler)
    assert said in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["", " \n", "// words", "/* words\n */"])
def test_empty(text: str) -> None:
    """A cell without code is refused as such."""
    with pytest.raises(EmptyCell):
        javascript.read(text)


def test_initializer_must_be_exported() -> None:
    """An initializer is looked for as the handler is, and refused by its own option."""
    text = "exports.handler = 1; exports.initialize = 2"
    assert javascript.read(text, initializer="index.initialize").handler == "index.handler"
    with pytest.raises(HandlerMissing, match="the cell does not export init") as caught:
        javascript.read(text, initializer="index.init")
    assert caught.value.message.startswith("--entrypoint index.init: ")


def test_require_in_a_module_is_a_warning() -> None:
    """Who mixes import and require is told; who makes a require is not."""
    both = "import x from 'x'\nconst y = require('y')\nexport const handler = 1"
    assert "no require in one" in javascript.read(both).warnings[0]
    assert javascript.read("import { createRequire } from 'module'\n" + both).warnings == ()


@PROPERTY
@given(st.text(alphabet="export {}=,handler'\"`/*\n.module$()[]", max_size=60) | st.text(max_size=60))
def test_any_text_is_a_cell_or_refused(text: str) -> None:
    """Whatever stands in a cell, the answer is a Cell with that text, or a CellError."""
    with contextlib.suppress(CellError):
        source = javascript.read(text).source
        assert source.partition("\n")[2] in (text, text + "\n")


NAME = st.from_regex(r"[a-z][A-Za-z0-9_$]{0,8}", fullmatch=True)
SPELLINGS = (
    "exports.{} = 1",
    "module.exports.{}=1",
    "module.exports = {{x: 1, {}}}",
    "exports . x = exports.{} = f",
)


@PROPERTY
@given(
    NAME,
    st.sampled_from(SPELLINGS),
    st.sampled_from(["", "// '\n", "a = '/*'\n", 'b = "`"\n', "/`/.test(c)\n"]),
)
def test_any_name_is_found(name: str, spelling: str, before: str) -> None:
    """A name is found in every spelling, whatever stands before it."""
    assert javascript.read(before + spelling.format(name), name).handler == f"index.{name}"


# ---------------------------------------------------------------- in a notebook


@pytest.mark.skipif(not installed(), reason="there is no Node.js on this machine")
class TestJourney:
    def test_deploy_call_and_see_a_failure(self, shell: Shell) -> None:
        """A JavaScript cell becomes a function; its failure is shown at its line of the cell, with hints."""
        text = (
            "%%fcdeploy greets --runtime nodejs20 --handler index.handler\n"
            "exports.handler = async (event, context) => {\n"
            "  const { name } = JSON.parse(event);\n"
            "  console.log(`greeting ${name}`);\n"
            "  return { text: `Hello, ${name.trim()}` };\n"
            "};\n"
        )
        assert shell.run(text).success
        number = cell_number(shell)
        called = shell.run('%fcinvoke greets {"name": "Ada"}')
        assert called.success
        assert called.value.value == {"text": "Hello, Ada"}
        shown = shell.bundle(called.value)["text/plain"]
        assert "[verbose] greeting Ada" in shown
        assert "load code" not in shown
        failed = failing(shell, "greets", '{"name": 1}').text
        assert "TypeError: name.trim is not a function" in failed
        assert f"Cell In[{number}], line 5, in exports.handler" in failed
        assert "---->   5   return { text: `Hello, ${name.trim()}` };" in failed
        assert failed.count("name.trim is not a function") == 1

    def test_module_that_cannot_be_read(self, shell: Shell) -> None:
        """What only shows when an ES module is loaded is said by its first call."""
        text = "import { nothing } from 'fs'\n\nexport const handler = async () => nothing\n"
        assert shell.run(f"%%fcdeploy broken --runtime nodejs20\n{text}").success
        failed = failing(shell, "broken").text
        assert (
            "UserCodeSyntaxError: The requested module 'fs' does not provide an export named 'nothing'"
            in failed
        )
        assert "Correct the line." in failed

    def test_error_that_nothing_caught(self, shell: Shell) -> None:
        """What ends the process is shown with its line too."""
        cell = (
            "%%fcdeploy later --runtime nodejs20\nexports.handler = (event, context, callback) => {\n"
            "  setTimeout(() => { throw new RangeError('too late') }, 1)\n}\n"
        )
        assert shell.run(cell).success
        failed = failing(shell, "later").text
        assert "Process exited unexpectedly" in failed
        assert "RangeError: too late" in failed
        assert f"Cell In[{cell_number(shell) - 1}], line 3" in failed

    def test_handler_that_never_answers(self, shell: Shell) -> None:
        """A handler that only returns is told how to answer."""
        assert shell.run(
            "%%fcdeploy silent --runtime nodejs20 --timeout 1\nexports.handler = (event) => 1\n"
        ).success
        assert "Answer with callback(null, value)" in " ".join(failing(shell, "silent").text.split())

    def test_python_cell_with_a_runtime_of_node(self, shell: Shell) -> None:
        """A cell in another language than its runtime's is refused with what would help."""
        python = shell.run(
            "%%fcdeploy wrong --runtime nodejs20\ndef handler(event, context):\n    return 1\n"
        )
        assert isinstance(python.error, HandlerMissing)
        script = shell.run("%%fcdeploy wrong\nexports.handler = async (event) => event\n")
        assert "this looks like JavaScript: --runtime nodejs20" in script.text
        assert re.search("CellSyntaxError|SyntaxError", script.text)


needs_node = pytest.mark.skipif(not shutil.which("node"), reason="there is no node on this machine")


@needs_node
@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("exports.handler = async (event) => {\n  return 1 +\n}\n", 4, "}"),
        ("export const handler = async (event) => 1\nconst x = = 2\n", 3, "const x = = 2"),
    ],
)
def test_syntax_is_checked(text: str, line: int, word: str) -> None:
    """Where Node.js is installed a syntax error is found before anything is sent, with its line of the cell."""
    with pytest.raises(CellSyntaxError, match=rf"\(line {line} of the cell\)") as refused:
        javascript.checked(javascript.read(text))
    assert word in str(refused.value)
    assert "SyntaxError" not in str(refused.value)


@needs_node
@pytest.mark.parametrize(
    "text", ["exports.handler = async () => await 1", "export const handler = async () => 1\nawait 1"]
)
def test_good_syntax_passes(text: str) -> None:
    """What Node.js can read is left alone."""
    assert javascript.checked(javascript.read(text)) == javascript.read(text)


def test_runtime_that_is_nearly_one(shell: Shell) -> None:
    """The runtime node20 is refused for its name, not the cell for being no Python."""
    error = shell.run("%%fcdeploy js_near --runtime node20\nexports.handler = async (event) => 1").error
    assert "nodejs20" in error.hint or "nodejs20" in str(error.problems)
