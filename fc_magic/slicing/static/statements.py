"""The cells of a notebook file as the statements that "Run All" would run, and the magics among them."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fc_magic.slicing.names import Names, analyse
from fc_magic.slicing.static import lines
from fc_magic.slicing.static.known import words
from fc_magic.slicing.static.lines import Magic

#: line magics that neither bind a name nor change what one means
_HARMLESS = words(
    "matplotlib load_ext reload_ext unload_ext autoreload config pwd ls ll pip conda mamba uv who whos who_ls "
    "lsmagic "
    "magic history hist precision alias unalias colors xmode pdb pinfo pinfo2 pdoc psource pdef pfile doctest_mode "
    "gui "
    "logstart logstop logon logoff logstate notebook save system sx sc cd pushd popd dirs dhist bookmark "
    "mkdir rmdir rm cp mv cat more less man tb killbgscripts automagic pprint page quickref logout "
    "fcinvoke fclogs fclist fcdelete fcinstances fctarget fcform fcversions fcexport fcpublish fclayer"
)
#: line and cell magics that run code as often as they like
_MEASURES = words("timeit prun memit lprun mprun time")
#: cell magics whose text is not this notebook's Python
_FOREIGN = words(
    "bash sh script html HTML javascript js latex markdown svg SVG perl ruby pypy python python2 python3 "
    "writefile "
    "file system sx ! cmd capture"
)
_OPTIONS = re.compile(r"(?:-{1,2}\w+(?:[ =]?\d+)?\s+)*")
_WORD = re.compile(r"[^\W\d]\w*")
_NO_NAMES = frozenset({*dir(builtins), *keyword.kwlist})
#: statements that do not fail
_SURE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom, ast.Pass)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
#: attributes of a shell by which names can be bound
_SHELL = frozenset({"run_cell", "run_line_magic", "run_cell_magic", "run_code", "user_ns", "user_global_ns"})
#: magics that may bind any name at all
ANY = "any name"


@dataclass(frozen=True)
class NotebookCell:
    """One code cell. ``number`` is what the notebook shows for it; ``raises``: it is said to fail on purpose;
    ``failed``: it did when it ran last."""

    source: str
    number: int | None = None
    raises: bool = False
    failed: bool = False


@dataclass(frozen=True)
class Doubt:
    """What a statement may do cannot be known from the file: ``names`` it may bind or change (None: any), and why."""

    why: str
    names: frozenset[str] | None = None


@dataclass
class Statement:
    """One top-level statement of a cell, or a magic. ``line``: its first line in the cell, from 1."""

    index: int
    cell: NotebookCell
    position: int
    line: int
    text: str = ""
    node: ast.stmt | None = None
    names: Names = field(default_factory=Names)
    doubt: Doubt | None = None
    #: names that it surely binds to something that a function cannot have
    takes: Mapping[str, str] = field(default_factory=dict)
    #: files that it writes -> their text
    writes: Mapping[str, str] = field(default_factory=dict)
    #: everything in its tree
    nodes: tuple[ast.AST, ...] = ()
    #: code that it runs as often as it likes
    measured: ast.Module | None = None
    #: something before it in its cell may have failed, or it may fail itself, as the cell is said to
    may_not_run: bool = False
    #: whether it has functions or classes in it, and the names that those take from the notebook, or are
    defines: bool = False
    later: frozenset[str] = frozenset()
    #: whether it puts something into a function or a class
    holds: bool = False
    #: features of ``__future__`` that hold from here on
    futures: frozenset[str] = frozenset()


def read(cells: Sequence[NotebookCell], folder: Path) -> list[Statement]:
    """Every statement in the order of the file; ``folder`` is the notebook's."""
    out: list[Statement] = []
    futures: frozenset[str] = frozenset()
    for position, cell in enumerate(cells):
        for statement in _of_cell(cell, position, futures, folder):
            statement.index = len(out)
            out.append(statement)
            futures |= statement.names.futures
            statement.futures = futures
    return out


def _of_cell(cell: NotebookCell, position: int, futures: frozenset[str], folder: Path) -> Iterator[Statement]:
    found = lines.read(cell.source)
    try:
        tree = found.tree or ast.parse(found.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = f"the cell is not Python ({getattr(error, 'msg', None) or error})"
        yield Statement(-1, cell, position, 1, doubt=Doubt(why, _names(cell.source)))
        return
    magics = {magic.line: magic for magic in found.magics}
    texts = found.source.split("\n")
    sure = True
    for node, text in _unguarded(tree.body, texts):
        if isinstance(node, ast.Pass) and node.lineno in magics:
            statement = _magic(magics[node.lineno], cell, position, folder)
        else:
            statement = _statement(node, text, magics, cell, position, futures)
        sure = sure and (statement.node is None or isinstance(node, _SURE))
        statement.may_not_run = cell.raises and not sure
        yield statement


def _unguarded(body: list[ast.stmt], texts: list[str]) -> Iterator[tuple[ast.stmt, list[str]]]:
    """The statements, with the lines they are in; a notebook runs what is under ``if __name__ == "__main__":``."""
    for node in body:
        inner = _main(node) if isinstance(node, ast.If) else []
        if not inner:
            yield node, texts
            continue
        first, last = inner[0].lineno, inner[-1].end_lineno or inner[-1].lineno
        text = textwrap.dedent("\n".join(texts[first - 1 : last]))
        try:
            flat = ast.parse("\n" * (first - 1) + text)
        except SyntaxError:
            flat = ast.Module([], [])
        if ast.dump(flat) == ast.dump(ast.Module(inner, [])):
            lines_now = [*texts[: first - 1], *text.split("\n")]
            yield from ((each, lines_now) for each in flat.body)
        else:  # a text of several lines would be another one
            yield node, texts


def _main(node: ast.If) -> list[ast.stmt]:
    is_main = ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__")
    return node.body if is_main and not node.orelse else []


def _statement(
    node: ast.stmt,
    texts: list[str],
    magics: Mapping[int, Magic],
    cell: NotebookCell,
    position: int,
    futures: frozenset[str],
) -> Statement:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    last = node.end_lineno or first
    inside = [magics[n] for n in range(first, last + 1) if n in magics]
    nodes = tuple(ast.walk(node))
    doubt = None
    if inside:
        why = f"line {inside[0].line} is {inside[0].shown!r}"
        touched = frozenset().union(*(each.words | {*each.binds} for each in inside))
        doubt = Doubt(why, touched - _NO_NAMES)
    elif _asks_ipython(nodes):
        doubt = Doubt("get_ipython() may set or change any name")
    names = analyse(ast.Module([node], []), futures)
    own: set[str] = set()
    if any(isinstance(each, _DEFINITIONS) for each in nodes):
        own = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} & {
            *names.bound,
            *names.maybe,
        }
    return Statement(
        -1,
        cell,
        position,
        first,
        _text(node, first, last, texts),
        node,
        names,
        doubt,
        nodes=nodes,
        defines=any(isinstance(each, _DEFINITIONS) for each in nodes),
        later=frozenset({*names.later, *own}),
        futures=futures,
    )


def _text(node: ast.stmt, first: int, last: int, texts: list[str]) -> str:
    """The whole lines of a statement; of one that shares a line, its part of it."""
    whole = texts[first - 1 : last]
    start = texts[node.lineno - 1].encode()[: node.col_offset].decode()
    end = texts[last - 1].encode()[node.end_col_offset :].decode().strip()
    if start.strip() or (end and not end.startswith("#")):
        whole[-1] = texts[last - 1].encode()[: node.end_col_offset].decode()
        whole[0] = whole[0][len(start) :] if not getattr(node, "decorator_list", []) else whole[0]
    return "\n".join(line.rstrip() for line in whole) if len(whole) == 1 else "\n".join(whole)


# ---------------------------------------------------------------- magics


def _asks_ipython(nodes: Sequence[ast.AST]) -> bool:
    """Whether it has IPython do something that can bind names; what is exported as a script has magics so."""
    uses = sum(
        (isinstance(n, ast.Name) and n.id == "get_ipython")
        or (isinstance(n, ast.Attribute) and n.attr in _SHELL)
        for n in nodes
    )
    harmless = 0
    for each in nodes if uses else ():
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            said = each.args[0].value if each.args and isinstance(each.args[0], ast.Constant) else ""
            is_known = str(said).split(" ")[0] in _HARMLESS
            harmless += each.func.attr in ("system", "getoutput")
            harmless += 2 * (each.func.attr == "run_line_magic" and is_known)
            harmless += each.func.attr == "magic" and is_known
    return uses > harmless


def _of_file(magic: Magic, folder: Path) -> frozenset[str] | None:
    """The names that ``%run FILE`` binds; None if that is not known."""
    said = [word for word in magic.rest.split() if not word.startswith("-")]
    path = folder / said[0].strip("'\"") if said else folder
    try:
        names = analyse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    is_known = not (names.stars or names.opaque or "-i" in magic.rest.split())
    return frozenset({*names.bound, *names.maybe}) if is_known else None


def _magic(magic: Magic, cell: NotebookCell, position: int, folder: Path) -> Statement:
    statement = Statement(-1, cell, position, magic.line, text=magic.shown)
    if magic.name == "fcdeploy":
        name = next((word for word in magic.rest.split() if not word.startswith("-")), "")
        bound = re.sub(r"\W", "_", name)
        statement.takes = {
            bound: f"{name} is a function that is deployed; call it by its trigger, or put its code here"
        }
        return statement
    if magic.name == "fcrun":  # it is run somewhere else, and nothing of it stays
        return statement
    why = f"it is set by {magic.shown!r}"
    statement.takes = dict.fromkeys(magic.binds, f"{why}, which a file cannot tell")
    is_cell = magic.text.lstrip().startswith("%%")
    if magic.name in ("writefile", "file") and is_cell and "-a" not in magic.rest.split():
        statement.writes = {magic.rest.split()[-1].strip("'\""): magic.body + "\n"} if magic.rest else {}
    if magic.name in _MEASURES:
        statement.measured = _code(magic)
        if statement.measured is None:
            statement.doubt = Doubt(why, magic.words - _NO_NAMES)
    elif magic.name == "run":
        statement.doubt = Doubt(
            f"it is set by {magic.shown!r}; import it from there", _of_file(magic, folder)
        )
    elif magic.name in (
        "reset",
        "reset_selective",
        "pylab",
        "store",
        "rerun",
        "recall",
        "macro",
        "load",
        "edit",
    ):
        statement.doubt = Doubt(f"{magic.shown!r} may set it, and a file cannot tell")
    elif not (magic.name in _FOREIGN if is_cell else magic.name in _HARMLESS or magic.name == "!"):
        names = magic.words - _NO_NAMES - {*magic.binds}
        statement.doubt = Doubt(f"{magic.shown!r} may set it, and a file cannot tell", names)
    return statement


def _code(magic: Magic) -> ast.Module | None:
    """The code that ``%timeit -n 5 f(x)`` runs."""
    line = magic.rest[_OPTIONS.match(magic.rest).end() :] if _OPTIONS.match(magic.rest) else magic.rest  # type: ignore[union-attr]
    try:
        return ast.parse(f"{line.strip()}\n{magic.body}")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _names(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text)) - _NO_NAMES
