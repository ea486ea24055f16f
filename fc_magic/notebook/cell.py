"""Cell text -> source and handler. The cell is read with ``ast``, never run and never cut with a regex."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass

from fc_magic.errors import CellSyntaxError, EmptyCell, HandlerMissing

MODULE = "index"
#: stands where the magic line stood, so that line N of the file is line N of the cell
FIRST_LINE = "# %%fcdeploy\n"
_USUAL = ("handler", "main_handler")
_OPTION = re.compile(r"\s*--[a-z][a-z-]*\b")
_JAVASCRIPT = re.compile(r"^\s*(?:(?:module\.)?exports\b|export\s|(?:const|let|var)\s+\S+\s*=)", re.MULTILINE)

Def = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Cell:
    """A cell that can be deployed: the text of its file and the handler in it."""

    source: str
    handler: str
    warnings: tuple[str, ...] = ()
    file: str = f"{MODULE}.py"

    @property
    def files(self) -> dict[str, bytes]:
        return {self.file: self.source.encode()}


def read(text: str, handler: str = "", initializer: str = "", skipped: int = 0) -> Cell:
    """Finds the handler: the named one, else ``handler`` or ``main_handler``, else the only function there is.

    An initializer is only looked at: whether it is there. Raises EmptyCell, CellSyntaxError or HandlerMissing.
    ``skipped``: so many lines stand before the magic's; the source has empty ones, so that its lines have the numbers
    that the person sees.
    """
    source = "\n" * skipped + FIRST_LINE + (text if text.endswith("\n") else text + "\n")
    tree = parsed(source)
    if not tree.body:
        raise EmptyCell(
            "the cell is empty: there is no function to deploy",
            hint="write def handler(event, context): … below the %%fcdeploy line",
        )
    found = _functions(tree)
    name = _chosen(found, _assigned(tree), handler)
    if initializer not in ("", handler, f"{MODULE}.{name}"):
        _named(found, _assigned(tree), initializer, "--entrypoint", "context")
    return Cell(source, f"{MODULE}.{name}")


def parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        if error.lineno is None:  # a NUL character, in newer Pythons
            raise CellSyntaxError(f"the cell cannot be read: {error.msg}") from None
        line, text = error.lineno, (error.text or "").rstrip()
        mark = " " * max((error.offset or 1) - 1, 0) + "^"
        hint = ""
        if text.lstrip().startswith(("%", "!")):
            hint = "a deployed cell is plain Python: magics and shell lines belong in another cell"
        elif _OPTION.match(text):
            hint = f"options below the first line: end that in \\, or write #| fc: {text.strip()}"
        elif _JAVASCRIPT.search(source):
            hint = "this looks like JavaScript: --runtime nodejs20"
        raise CellSyntaxError(
            f"{error.msg} (line {line} of the cell)\n    {text}\n    {mark}", hint=hint
        ) from None
    except ValueError as error:  # a NUL character in older ones, or half a character
        raise CellSyntaxError(f"the cell cannot be read: {error}") from None
    except (RecursionError, MemoryError):
        raise CellSyntaxError("the cell cannot be read: it is nested too deeply for Python") from None


def _functions(tree: ast.Module) -> dict[str, Def]:
    return {node.name: node for node in tree.body if isinstance(node, Def)}


def _assigned(tree: ast.Module) -> set[str]:
    """Every other name the cell binds at its top level: a handler may be imported, assigned or a class."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, Def):
            continue
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((a.asname or a.name.partition(".")[0]) for a in node.names)
        else:
            names.update(
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            )
            names.update(n.name for n in ast.walk(node) if isinstance(n, Def))
    return names


def _chosen(found: dict[str, Def], assigned: set[str], handler: str) -> str:
    if handler:
        return _named(found, assigned, handler)
    usual = [name for name in _USUAL if name in found or name in assigned]
    if usual:
        return usual[0]
    public = [name for name in found if not name.startswith("_")]
    if len(public) == 1:
        return public[0]
    said = f"it defines {', '.join(public)}" if public else "it defines no function"
    hint = f"choose one: --handler {MODULE}.{public[0]}" if public else "write def handler(event, context): …"
    raise HandlerMissing(f"which function is the handler? The cell has none named handler; {said}", hint=hint)


def _named(
    found: dict[str, Def],
    assigned: set[str],
    handler: str,
    option: str = "--handler",
    arguments: str = "event, context",
) -> str:
    module, dot, name = handler.rpartition(".")
    if dot and module != MODULE:
        raise HandlerMissing(
            f"{option} {handler}: the cell becomes {MODULE}.py, there is no {module}.py",
            hint=f"{option} {MODULE}.{name}",
        )
    if name in found or name in assigned:
        return name
    names = [*found, *sorted(assigned)]
    close = difflib.get_close_matches(name, names, n=1) or names[:1]
    raise HandlerMissing(
        f"{option} {handler}: the cell does not define {name}"
        + (f"; it has {', '.join(names)}" if names else ""),
        hint=f"{option} {MODULE}.{close[0]}" if close else f"write def {name}({arguments}): …",
    )
