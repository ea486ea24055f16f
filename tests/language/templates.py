"""Every template of a sentence that the code may show, read from its source.

A literal with two words is taken for a sentence wherever it stands; a single word only where it is said: in ``say``,
in a message, a problem or a hint. An f-string becomes a template, each of its expressions ``{n}``; what is
conditional, concatenated or named just before becomes all of its forms.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice, product
from pathlib import Path
from string import Formatter

from fc_magic import errors

ROOT = Path(__file__).parents[2] / "fc_magic"
#: stands for a value until all of a template is known
_VALUE = "\0"
#: more forms than that are no sentence
_MOST = 64
_SAYS = {"say": (0,), "counted": (1, 2)}
#: tables of what is said; each of their words counts, but not what is a sign or a name
_TABLES = re.compile(
    r"^_?(HEADER|OUTCOMES|WHO_MAY_CALL|LAYERS|SAID|LABELS|HELP|USAGE|TABS|TITLES)$|_(HELP|HEADER)$"
)
_ERRORS = {cls.__name__: 0 for cls in errors.BY_CODE.values()} | {"FunctionError": 1, "Interrupted": 0}
#: what is called -> the places of its arguments that are shown; hint= and problem= are wherever they stand
_SHOWN = {
    **{name: (at,) for name, at in _ERRORS.items()},
    "ValueError": (0,),
    "Problem": (1, 2, 4),
    "translated": (0,),
}
_SHOWN_BY_NAME = ("hint", "message", "problem", "allowed", "help", "unit")
#: what takes a pattern or a format, and no sentence
_NOT_SAYING = {
    "compile",
    "search",
    "match",
    "fullmatch",
    "findall",
    "sub",
    "split",
    "strftime",
    "strptime",
    "execute",
}
_NOT_SAYING |= {"startswith", "endswith", "removeprefix", "removesuffix", "getLogger", "register_function"}
#: where a word that begins with a capital letter is a label
_LABELLED, _LABEL = "notebook/form/", re.compile(r"v?[A-Z][A-Za-z ()]{2,}|everybody")
_TWO_WORDS = re.compile(r"[A-Za-z0-9…}.,;:)'\"] +[A-Za-z{]|^ ?[a-z]+ \{|\} [a-z]")
_WORD = re.compile(r"[A-Za-z]{2}")
#: a word of a language, and not one of an option, a path, a call or a pattern
_LOWER = re.compile(r"(?<![\w./=%|<-])[a-z]{2,}(?![\w./=(|-])")
_PATTERN = re.compile(r"\\[dwsS]|\(\?|\(\[\^|\.\*\)")


@dataclass
class Found:
    """template -> where it stands, as ``path:line``."""

    places: dict[str, str] = field(default_factory=dict)

    def add(self, template: str, place: str) -> None:
        self.places.setdefault(template, place)


def templates(path: Path, root: Path = ROOT) -> dict[str, str]:
    """Those of one file."""
    return _Reader(path, str(path.relative_to(root))).read()


# ---------------------------------------------------------------- forms of an expression


def numbered(text: str) -> str:
    numbers = count()
    return re.sub(_VALUE, lambda _: f"{{{next(numbers)}}}", text)


def _constant(text: str) -> str:
    """A literal as a template: one that is a format has its fields as values, another one its braces doubled."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return text.replace("{", "{{").replace("}", "}}")
    names = [name for _, name, _, _ in parts if name is not None]
    if not names or not all(re.fullmatch(r"[a-z_]+|\d+", name) for name in names):
        return text if "{{" in text and not names else text.replace("{", "{{").replace("}", "}}")
    return "".join(
        literal.replace("{", "{{").replace("}", "}}") + ("" if name is None else _VALUE)
        for literal, name, _, _ in parts
    )


class _Forms:
    """What an expression may be as text; None if it is no text that is known."""

    def __init__(self, names: dict[str, ast.expr]) -> None:
        self._names = names

    def of(self, node: ast.expr) -> list[str] | None:
        if isinstance(node, ast.Constant):
            return [_constant(node.value)] if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return list(islice(map("".join, product(*map(self._piece, node.values))), _MOST))
        if isinstance(node, ast.IfExp):
            return self._together(node.body, node.orelse)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return self._together(*node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.of(node.left), self.of(node.right)
            if left is None and right is None:
                return None
            return list(map("".join, product(left or [_VALUE], right or [_VALUE])))
        return None

    def _together(self, *nodes: ast.expr) -> list[str] | None:
        found = [self.of(node) for node in nodes]
        if all(each is None for each in found):
            return None
        return [form for each in found for form in (each or [_VALUE])]

    def _piece(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.Constant):
            return [str(node.value).replace("{", "{{").replace("}", "}}")]
        assert isinstance(node, ast.FormattedValue)
        inner = node.value
        if isinstance(inner, ast.Name) and inner.id in self._names:
            rest = {name: value for name, value in self._names.items() if name != inner.id}
            inner, self = self._names[inner.id], _Forms(rest)  # what is made of itself is made once
        if node.conversion != -1 or node.format_spec is not None:
            return [_VALUE]
        return self.of(inner) or [_VALUE]


# ---------------------------------------------------------------- a file


class _Reader:
    def __init__(self, path: Path, place: str) -> None:
        self._tree, self._place = ast.parse(path.read_text()), place
        self._found: dict[str, str] = {}
        self._inlined: set[ast.expr] = set()

    def read(self) -> dict[str, str]:
        self._walk(self._tree, {})
        for node in self._tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_table(node):
                self._table(node.value)
        return self._found

    def _table(self, value: ast.expr) -> None:
        keys = {id(key) for each in ast.walk(value) if isinstance(each, ast.Dict) for key in each.keys}
        for each in ast.walk(value):
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in keys:
                self._take(_constant(each.value), each, True)

    def _walk(self, node: ast.AST, names: dict[str, ast.expr]) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = dict(_named(node))
        for child in _children(node):
            if isinstance(child, ast.Call):
                self._call(child, names)
            elif isinstance(child, ast.expr) and child not in self._inlined:
                self._expression(child, names)
            else:
                self._walk(child, names)

    def _expression(self, node: ast.expr, names: dict[str, ast.expr], is_shown: bool = False) -> None:
        forms = _Forms(names).of(node)
        for form in forms or ():
            self._take(form, node, is_shown)
        if isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp) and forms:
            for part in ast.walk(node):
                if isinstance(part, ast.Call):
                    self._call(part, names)
        else:
            self._walk(node, names)

    def _call(self, node: ast.Call, names: dict[str, ast.expr]) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _NOT_SAYING or name in _SAYS:
            for at in _SAYS.get(name, ()):
                if at < len(node.args):  # another counted() has a number and one word
                    self._say(node.args[at])
            rest = [n for i, n in enumerate(node.args) if i not in _SAYS.get(name, (0,))]
            for each in rest:
                self._argument(each, names, False)
            return
        self._walk(node.func, names)
        for i, each in enumerate(node.args):
            self._argument(each, names, i in _SHOWN.get(name, ()))
        for keyword in node.keywords:
            self._argument(keyword.value, names, keyword.arg in _SHOWN_BY_NAME)

    def _argument(self, node: ast.expr, names: dict[str, ast.expr], is_shown: bool) -> None:
        if isinstance(node, ast.Call):
            self._call(node, names)
        else:
            self._expression(node, names, is_shown)

    def _say(self, node: ast.expr) -> None:
        """A template as it stands; one that is named is found where its name is given to it."""
        for each in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
            if isinstance(each, ast.Constant):
                self._found.setdefault(each.value, f"{self._place}:{each.lineno}")

    def _take(self, form: str, node: ast.expr, is_shown: bool) -> None:
        template = numbered(form).rstrip("\n")  # a line of a log is shown without its end
        is_shown = is_shown or bool(self._place.startswith(_LABELLED) and _LABEL.fullmatch(template))
        if is_sentence(template) or (is_shown and _WORD.search(template)):
            self._found.setdefault(template, f"{self._place}:{node.lineno}")


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(each, ast.Name) and _TABLES.search(each.id) for each in targets)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Without what documents."""
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    for child in ast.iter_child_nodes(node):
        is_doc = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not (child is first and is_doc):
            yield child


def _named(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What is given to a name once in a function, and has words."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.For | ast.comprehension | ast.AugAssign) and isinstance(
            node.target, ast.Name
        ):
            found.setdefault(node.target.id, []).append(ast.Name(""))
    for name, values in found.items():
        if len(values) == 1 and isinstance(values[0], ast.JoinedStr | ast.IfExp | ast.Constant):
            yield name, values[0]


# ---------------------------------------------------------------- what is no sentence


def is_sentence(template: str) -> bool:
    return bool(_TWO_WORDS.search(template) and _WORD.search(template))


#: begins what is typed, in a cell or a shell
_TYPED = re.compile(
    r"(?:pip|uv python|export|aliyun|chmod|cd|sed|rm|def|import|from|class|#|del|lambda|npm|fc-magic|#\||//\|"
    r"|SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|PRAGMA) |#!|<"
)
#: a command, and something else that can be done
_OR = re.compile(", (?:or|which|and) ")
#: what Python, Node.js or FC says stays as they say it
_THEIRS = re.compile(
    r"^(?:\{0\})?\w*(?:Error|NotFound|Exception)\b.*: |^Function timed out$|^Process exited", re.DOTALL
)


def is_code(template: str) -> bool:
    """What is typed, or what a program says: the same in every language."""
    text = re.sub(r"\{\d+\}", "", template)
    if (
        (_TYPED.match(text) and not _OR.search(text))
        or _THEIRS.match(text)
        or "%s" in text
        or "%(" in text
        or _PATTERN.search(text)
    ):
        return True
    text = re.sub(r"\[[^\]]*\]|\"[^\"]*\"|'[^']*'", "", text)
    return not _LOWER.search(text)


def all_templates(rooms: Iterable[str], skipped: Iterable[str]) -> dict[str, str]:
    """template -> its first place, of every file in ``rooms`` that is not in ``skipped``."""
    found: dict[str, str] = {}
    for room in rooms:
        place = ROOT / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            name = str(path.relative_to(ROOT))
            if not any(name == each or name.startswith(each.rstrip("/") + "/") for each in skipped):
                for template, at in templates(path).items():
                    found.setdefault(template, at)
    return found
