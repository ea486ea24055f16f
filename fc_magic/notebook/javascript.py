"""Text of a JavaScript cell -> source and handler. There is no parser for it here, so it is looked at and not judged:
refused is only what plainly exports no handler."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fc_magic.errors import CellSyntaxError, EmptyCell, HandlerMissing
from fc_magic.notebook.cell import MODULE, Cell
from fc_magic.package import node

#: stands where the magic line stood, so that line N of the file is line N of the cell
FIRST_LINE = "// %%fcdeploy\n"
#: comments, texts and regular expressions: what stands in them exports nothing
_OPAQUE = re.compile(
    r"//[^\n]*|/\*[\s\S]*?\*/"
    r"|'(?:\\.|[^'\\\n])*'"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|`(?:\\[\s\S]|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}|\$(?!\{)|[^`\\$])*`"
    r"|(?<=[(,=:\[!&|?{};>\n])[ \t]*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/"
)
_NAME = r"[^\W\d][\w$]*|\$[\w$]*"
_MODULE_LINE = re.compile(r"^\s*(?:export\b|import\b(?!\s*[.(]))", re.MULTILINE)
_ASSIGNED = re.compile(rf"\bexports\.({_NAME})\s*(?:\?\?|\|\||&&)?=(?![=>])")
_OBJECT = re.compile(r"\bmodule\.exports\s*=\s*\{")
_KEY = re.compile(rf"\s*(?:(?:async|get)\b\s*)?\*?\s*({_NAME})")
_DECLARED = re.compile(
    rf"^\s*export\s+(?:(?:async\s+)?function\s*\*?|class|const|let|var)\s+({_NAME})", re.MULTILINE
)
#: the rest of a declaration that has more than one name
_DECLARED_TOO = re.compile(
    rf"^\s*export\s+(?:const|let|var)\s[^;\n]*?,\s*({_NAME})\s*=(?![=>])", re.MULTILINE
)
_LISTED = re.compile(r"^\s*export\s*\{([^}]*)\}", re.MULTILINE)
#: exports that nobody can list who does not run the code
_OPEN = re.compile(
    r"\bmodule\.exports\s*=\s*[^\s={]|\bexports\s*\[|\bObject\.\w+\(\s*(?:module\.)?exports\b|\(exports\b"
    r"|^\s*export\s*\*|^\s*export\s+(?:const|let|var)\s*[\[{]",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Exports:
    """What a cell exports; ``more``: and perhaps other names."""

    names: tuple[str, ...]
    more: bool
    is_module: bool

    def has(self, name: str) -> bool:
        return name in self.names or self.more


def read(text: str, handler: str = "", initializer: str = "") -> Cell:
    """Finds the handler: the named export, else ``handler``, else the only one there is.

    With ``import`` or ``export`` at the beginning of a line the file is an ES module, ``index.mjs``, else
    ``index.js``. Raises EmptyCell or HandlerMissing.
    """
    source = FIRST_LINE + (text if text.endswith("\n") else text + "\n")
    code = _blanked(source)
    if not code.strip():
        raise EmptyCell(
            "the cell is empty: there is no function to deploy",
            hint="write exports.handler = async (event, context) => … below the %%fcdeploy line",
        )
    found = exports(code)
    file = f"{MODULE}.mjs" if found.is_module else f"{MODULE}.js"
    name = _chosen(found, handler, file)
    if initializer not in ("", handler, f"{MODULE}.{name}"):
        _named(found, initializer, file, "--entrypoint")
    return Cell(source, f"{MODULE}.{name}", _warnings(code, found), file)


def checked(cell: Cell, skipped: int = 0) -> Cell:
    """The same cell, if Node.js can read it or is not installed. Raises CellSyntaxError. ``skipped``: so many lines
    stand before the magic's."""
    wrong = node.problem(cell.source, cell.file)
    if wrong:
        where = f"{wrong.message} (line {wrong.line + skipped} of the cell)"
        raise CellSyntaxError(f"{where}\n    {wrong.text}\n    {wrong.mark}".rstrip())
    return cell


def exports(code: str) -> Exports:
    """Of code whose comments and texts are blank."""
    listed = [
        item.split()[-1] for found in _LISTED.finditer(code) for item in found[1].split(",") if item.split()
    ]
    keys = [key for found in _OBJECT.finditer(code) for key in _keys(code[found.end() :])]
    declared = [*_DECLARED.findall(code), *_DECLARED_TOO.findall(code)]
    names = [*_ASSIGNED.findall(code), *keys, *declared, *listed]
    more = bool(_OPEN.search(code)) or "" in names
    unique = tuple(dict.fromkeys(name for name in names if name not in ("", "default")))
    return Exports(unique, more, bool(_MODULE_LINE.search(code)))


def _blanked(source: str) -> str:
    return _OPAQUE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)


def _keys(inside: str) -> Iterator[str]:
    """The keys of an object whose brace was just opened; an empty one for what cannot be told."""
    for item in _items(inside):
        key = _KEY.match(item)
        if key:
            yield key[1]
        elif item.strip():
            yield ""


def _items(inside: str) -> Iterator[str]:
    """What stands between the commas, up to the brace that closes."""
    depth, item = 0, ""
    for char in inside:
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            break
        if char == "," and not depth:
            yield item
            item = ""
        else:
            item += char
    yield item


def _chosen(found: Exports, handler: str, file: str) -> str:
    if handler:
        return _named(found, handler, file)
    if found.has("handler"):
        return "handler"
    if len(found.names) == 1:
        return found.names[0]
    said = f"it exports {', '.join(found.names)}" if found.names else "it exports nothing"
    hint = f"choose one: --handler {MODULE}.{found.names[0]}" if found.names else f"write {_both('handler')}"
    raise HandlerMissing(
        f"which function is the handler? The cell exports none named handler; {said}", hint=hint
    )


def _both(name: str) -> str:
    return f"exports.{name} = async (event, context) => …, or export const {name} = …"


def _named(found: Exports, handler: str, file: str, option: str = "--handler") -> str:
    module, dot, name = handler.rpartition(".")
    if dot and module != MODULE:
        what = f"{option} {handler}: the cell becomes {file}, there is no {module}{file[len(MODULE) :]}"
        raise HandlerMissing(what, hint=f"{option} {MODULE}.{name}")
    if found.has(name):
        return name
    close = difflib.get_close_matches(name, found.names, n=1) or found.names[:1]
    raise HandlerMissing(
        f"{option} {handler}: the cell does not export {name}"
        + (f"; it exports {', '.join(found.names)}" if found.names else ""),
        hint=f"{option} {MODULE}.{close[0]}" if close else f"write {_both(name)}",
    )


def _warnings(code: str, found: Exports) -> tuple[str, ...]:
    if found.is_module and re.search(r"(?<![\w.])require\s*\(", code) and "createRequire" not in code:
        return ("a cell with import or export is an ES module, and there is no require in one: use import",)
    return ()
