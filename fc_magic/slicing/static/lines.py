"""The text of a cell -> Python, line for line, and what in it is none: magics, shell lines, questions. No IPython."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

#: cell magics whose body is run in the notebook's own namespace
RUNS_BODY = frozenset({"time", "capture", "prun", "debug"})
#: line magics that run a statement there
RUNS_LINE = frozenset({"time"})
#: what stands where a magic stood: a statement that does nothing
_PLACEHOLDER = "pass"

_BEGINS = re.compile(r"[ \t]*(?:%|!|\?)")
_ASSIGNED = re.compile(r"[ \t]*([A-Za-z_][\w.,\s\[\]*]*?)[ \t]*=[ \t]*([%!].*)", re.DOTALL)
_QUESTION = re.compile(r"[ \t]*%{0,2}[\w.*]+\?{1,2}[ \t;]*(?:#.*)?$")
_CELL = re.compile(r"%%(\w+)(?!\w*\?)[ \t]*([^\n]*)")
_LINE = re.compile(r"\s*(%{1,2}|!{1,2}|\?{1,2})\s*([\w.]*)\s*(.*)", re.DOTALL)
_TOKEN = re.compile(r'"""|\'\'\'|"|\'|[()\[\]{}]|#[^\n]*|\\\n|\n')
_STRINGS = {
    '"""': re.compile(r'(?:\\.|[^\\])*?"""', re.DOTALL),
    "'''": re.compile(r"(?:\\.|[^\\])*?'''", re.DOTALL),
    '"': re.compile(r'(?:\\.|[^\\\n"])*"', re.DOTALL),
    "'": re.compile(r"(?:\\.|[^\\\n'])*'", re.DOTALL),
}
_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Magic:
    """A line (or cell) that is no Python. ``binds``: names that it surely sets, as ``x = !ls`` does."""

    line: int
    text: str
    name: str
    rest: str = ""
    binds: tuple[str, ...] = ()
    body: str = ""

    @property
    def words(self) -> frozenset[str]:
        """Every word that may be a name."""
        return frozenset(_WORD.findall(f"{self.rest}\n{self.body}"))

    @property
    def shown(self) -> str:
        first = self.text.strip().splitlines()[0]
        return first if len(first) <= 60 else f"{first[:59]}…"


@dataclass(frozen=True)
class Read:
    """``source`` has as many lines as the cell; ``magics`` stand in it as a statement that does nothing."""

    source: str
    magics: tuple[Magic, ...] = ()
    #: of a cell without magics
    tree: ast.Module | None = None


#: prompts that were copied with the code: of Python, and of IPython
_PROMPTS = (
    (re.compile(r"[ \t]*>>> ?"), re.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.)(?: |$)")),
    (re.compile(r"[ \t]*In \[\d+\]: "), re.compile(r"(?m)^[ \t]*(?:In \[\d+\]: |\.{3,}: ?)")),
)


def read(text: str) -> Read:
    """Never fails: whether the source is Python is asked by whoever parses it."""
    for prompt, every in _PROMPTS:
        if prompt.match(text.lstrip("\n")):
            text = every.sub("", text)
    if tree := _parsed(text):
        return Read(text, tree=tree)
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    found = _CELL.match(lines[first])
    if not found:
        return _lines(_dedented(text))
    blank = ["#"] * first + [f"# {lines[first]}"]
    name, rest = found[1], found[2].strip()
    body = "\n".join(lines[first + 1 :])
    if name not in RUNS_BODY:
        whole = Magic(first + 1, text, name, rest, _outputs(rest), body)
        return Read("\n".join(["#"] * first + [_PLACEHOLDER] + ["#"] * (len(lines) - first - 1)), (whole,))
    inner = read("\n".join([""] * (first + 1)) + "\n" + body)
    source = "\n".join([*blank, *inner.source.split("\n")[first + 1 :]])
    if name == "capture" and (words := [w for w in rest.split() if not w.startswith("-")]):
        # the name is bound when the body has run
        at = Magic(len(lines) + 1, lines[first], name, rest, (words[0],))
        return Read(f"{source}\n{_PLACEHOLDER}", (*inner.magics, at))
    return Read(source, inner.magics)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _outputs(rest: str) -> tuple[str, ...]:
    """``--out NAME`` and ``--err NAME`` of ``%%bash`` and its kin."""
    return tuple(re.findall(r"--(?:out|err|proc)[ =](\w+)", rest))


def _dedented(text: str) -> str:
    """IPython takes an indented cell as if it were not."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return textwrap.dedent(text) if first[:1] in " \t" else text


def _lines(text: str) -> Read:
    out: list[str] = []
    magics: list[Magic] = []
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        if not _is_magic(line):
            after = _logical_end(text, at)
            out.append(text[at:after])
            at = after
            continue
        while line.endswith("\\") and end < len(text) and not _QUESTION.match(line):
            following = text.find("\n", end + 1)
            following = len(text) if following < 0 else following
            line, end = f"{line[:-1]}{text[end + 1 : following]}", following
        whole = text[at:end]
        python, magic = _one(line, text.count("\n", 0, at) + 1)
        out.append(python + "\n#" * whole.count("\n") + text[end : end + 1])
        if magic:
            magics.append(magic)
        at = end + 1
    return Read("".join(out), tuple(magics))


def _is_magic(line: str) -> bool:
    return bool(_BEGINS.match(line) or _QUESTION.match(line) or _ASSIGNED.match(line))


def _one(line: str, number: int) -> tuple[str, Magic | None]:
    """The Python that stands for a line, and the magic, unless it is only a question or runs a statement."""
    indent = line[: len(line) - len(line.lstrip())]
    assigned = _ASSIGNED.match(line)
    if assigned and not _BEGINS.match(line):
        names = tuple(re.findall(r"[^\W\d]\w*", assigned[1]))
        found = _LINE.match(assigned[2])
        name = _named(found)
        return f"{indent}{_PLACEHOLDER}", Magic(number, line, name, assigned[2], names)
    if _QUESTION.match(line) or line.lstrip().startswith("?"):
        return f"{indent}{_PLACEHOLDER}", None
    found = _LINE.match(line)
    name, rest = _named(found), found[3] if found else ""
    if name in RUNS_LINE and rest.strip():
        return f"{indent}{rest.strip()}", None
    return f"{indent}{_PLACEHOLDER}", Magic(number, line, name, rest)


def _named(found: re.Match[str] | None) -> str:
    return "!" if found is None or found[1].startswith("!") else found[2]


def _logical_end(text: str, at: int) -> int:
    """Where the line after the logical line at ``at`` begins: brackets, strings and backslashes go on."""
    depth = 0
    while found := _TOKEN.search(text, at):
        sign, at = found[0], found.end()
        if sign in _STRINGS:
            closed = _STRINGS[sign].match(text, at)
            at = closed.end() if closed else at
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth = max(depth - 1, 0)
        elif sign == "\n" and not depth:
            return at
    return len(text)
