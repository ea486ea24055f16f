"""Values of a slice that look secret: they would stand in the deployed file, so they are told, and not shown."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fc_magic.slicing.result import Part, Slice

#: shorter texts are no secrets, or none worth it
_SHORTEST = 6
_MASK = "****"
#: files whose texts stand in quotes
_CODE = (".py", ".js", ".mjs", ".cjs", ".ts", ".sh", ".go", ".php", ".java", ".cs")
#: a name and its value: in code, and where values need no quotes
_QUOTED = re.compile(r"""([\w.-]+)["']?\]?\s*[:=]\s*[bru]{0,2}["']([^"']+)["']""", re.ASCII)
_SAID = re.compile(r"""([\w.-]+)["']?\s*[:=]\s*["']?([^\s"',;}]+)""", re.ASCII)

#: in a URL
_PASSWORD = re.compile(r"://[^/@\s:]*:([^/@\s\"']+)@")


@dataclass(frozen=True)
class Found:
    """``name``: of the variable, key or argument that has it; ``variable``: that of the environment, if it has it."""

    name: str
    value: str = field(repr=False)
    variable: str = ""

    def __str__(self) -> str:
        if self.variable:
            what, variable = (
                f"{self.name} has the value of {self.variable}, which looks secret",
                self.variable,
            )
        else:
            variable = self.name.upper()
            what = f"{self.name} looks like a secret"
        instead = f'--env {variable} and os.environ["{variable}"] in the cell keep it out'
        return f"{what}, and stands in the file: {instead}"


def secrets(sliced: Slice | None) -> tuple[Found, ...]:
    """Those of all parts but the cell itself, which a person sees."""
    parts = sliced.parts if sliced else ()
    found = [one for part in parts if part.kind not in ("cell", "import") for one in _of(part)]
    return tuple(dict.fromkeys(found))


def masked(text: str, found: Iterable[Found]) -> str:
    for one in found:
        for spelling in (one.value, repr(one.value)[1:-1]):
            text = text.replace(spelling, _MASK)
    return text


def in_file(path: str, text: str) -> tuple[Found, ...]:
    """Those of a file of any language, line by line, so that each line of a longer one is masked, too."""
    found = [*_of(Part((), text, ""))] if path.endswith(".py") else [*_of_environment(text, "")]
    of_lines = _QUOTED if path.endswith(_CODE) else _SAID
    found += [one for line in text.splitlines() for one in _said(of_lines, line)]
    found += [Found("", value) for value in _PASSWORD.findall(text) if len(value) >= _SHORTEST]
    pieces = [piece for one in found for piece in one.value.splitlines() if len(piece.strip()) >= _SHORTEST]
    return tuple(Found("", piece) for piece in dict.fromkeys([*(one.value for one in found), *pieces]))


def _said(pattern: re.Pattern[str], line: str) -> Iterator[Found]:
    from fc_magic.export.secrets import looks_secret

    for name, value in pattern.findall(line):
        if len(value) >= _SHORTEST and looks_secret(name, value):
            yield Found(name, value)


def _of_environment(text: str, name: str) -> Iterator[Found]:
    from fc_magic.export.secrets import looks_secret

    for variable, value in os.environ.items():
        if len(value) >= _SHORTEST and value in text and looks_secret(variable, value):
            yield Found(name, value, variable)


def _of(part: Part) -> Iterator[Found]:
    from fc_magic.export.secrets import looks_secret

    texts = list(_texts(part))
    whole = "\n".join(text for _, text in texts)
    from_there: set[str] = set()
    for one in _of_environment(whole, ", ".join(part.names)):
        from_there.add(one.value)
        yield one
    for name, text in texts:
        is_one_word = len(text) >= _SHORTEST and not any(char.isspace() for char in text)
        if is_one_word and looks_secret(name, text) and not any(value in text for value in from_there):
            yield Found(name, text)


def _texts(part: Part) -> Iterator[tuple[str, str]]:
    """Each text that stands in a part, with the name that it has there."""
    try:
        tree = ast.parse(part.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    named: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Attribute):
            target = node.targets[0]
            named[id(node.value)] = target.id if isinstance(target, ast.Name) else target.attr
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            named[id(node.value)] = node.target.id
        elif isinstance(node, ast.keyword):
            named[id(node.value)] = node.arg or ""
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    named[id(value)] = key.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield named.get(id(node), ""), node.value
