"""Values that look secret: those of a deployed file and of a line are told, and what is shown is without them."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.slicing.result import Part, Slice

#: shorter texts are no secrets, or none worth it
_SHORTEST = 6
_MASK = "****"
#: files whose texts stand in quotes, as those of a shell need not; and what a program without such a name says it is
_CODE = (".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".php", ".java", ".cs", ".rb", ".pl", ".lua")
_RUN_BY = re.compile(r"#!.*\b(python|node|deno|bun|ruby|perl|php|lua)")
#: a name and its value: in code, and where values need no quotes. A name is tried from its first letter only, else a
#: long word would take the square of its length
_QUOTED = re.compile(r"""(?<![\w.-])([\w.-]+)["']?\]?\s*[:=]\s*[bru]{0,2}["']([^"']+)["']""", re.ASCII)
_SAID = re.compile(r"""(?<![\w.-])([\w.-]+)["']?\s*[:=]\s*["']?([^\s"',;}]+)""", re.ASCII)

#: a secret whatever its value looks like; of other keys, as those of tables and caches, only what looks random
_NAMED = re.compile(
    r"SECRET|PASSWORD|PASSWD|PASSPHRASE|TOKEN|CREDENTIAL|"
    r"(?:API|ACCESS|ACCOUNT|PRIVATE|SIGN|SIGNING|ENCRYPT|ENCRYPTION|AUTH|SERVICE|LICENSE|SSH|HMAC|AES|JWT)_?KEY",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}")
#: names of what says where a secret is, or how one must look
_ABOUT = re.compile(
    r"_?(?:FILE|PATH|DIR|URL|URI|NAME|ID|ARN|HEADER|FIELD|PARAM|PARAMETER|ENV|VAR|TYPE|LENGTH|POLICY|HASHER)S?$",
    re.IGNORECASE,
)
#: a place for a value; a path in which nothing looks random, an address, a file; a name as those of variables are
_PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|\{.*\}|\*+|\$(?:[A-Z_]+|[a-z_]+|\(.*)|%.*%|.*(?:\$\{|\{\{|\.\.\.|…).*"
)
_PATH = re.compile(
    rf"(?!.*{_RANDOM.pattern})"
    r"(?:~|\.{1,2})?/(?=[\w-]*[./])[\w./-]*|[a-z][a-z0-9+.-]*://.*|"
    r"[\w./-]+\.(?:pem|key|crt|json|ya?ml|txt|env|ini|toml|cfg)"
)
_VARIABLE = re.compile(r"[A-Z]+(?:_[A-Z]+)+")

#: what is called with a name and, for where that is not set, its value
_BY_NAME = ("get", "getenv", "pop", "setdefault")

#: in a URL
_PASSWORD = re.compile(r"://[^/@\s:]*:([^/@\s\"']+)@")


@dataclass(frozen=True)
class Found:
    """``name``: of the variable, key or argument that has it; ``variable``: that of the environment, if it has it;
    ``is_bare``: whether it may stand there without quotes. All are masked, and those told that are worth a word."""

    name: str
    value: str = field(repr=False)
    variable: str = ""
    is_bare: bool = False

    def __str__(self) -> str:
        variable = self.variable or _variable(self.name)
        instead = f'--env {variable} and os.environ["{variable}"] in the cell keep it out'
        if self.variable:
            what = f"{self.name} has the value of {self.variable}, which looks secret, and stands in the file"
        elif self.name:
            what = f"{self.name} looks like a secret, and stands in the file"
        else:
            what = "a URL with a password stands in the file"
        return f"{what}: {instead}"

    @property
    def is_told(self) -> bool:
        """One of the environment always is: it has that name there for a reason."""
        return bool(self.variable) or is_told(self.name, self.value)


def _variable(name: str) -> str:
    """What it can be called in the environment of a function."""
    spelled = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper().removeprefix("FC_")
    return f"_{spelled}" if spelled[:1].isdigit() else spelled or "SECRET"


def secrets(sliced: Slice | None) -> tuple[Found, ...]:
    """Those of the cell itself and of what it needs of the notebook."""
    parts = sliced.parts if sliced else ()
    return tuple(dict.fromkeys(one for part in parts if part.kind != "import" for one in _of(part)))


def on_a_line(environment: Mapping[str, Any]) -> tuple[str, ...]:
    """What there is to say of variables whose values are written on the line."""
    names = [name for name, value in environment.items() if is_told(name, str(value))]
    if not names:
        return ()
    shown, alone = ", ".join(names), " ".join(f"--env {name}" for name in names)
    from_there = "from the notebook's environment"
    if len(names) == 1:
        what = f"{shown} looks like a secret, and stands on the line: {alone} without a value takes it {from_there}"
    else:
        what = f"{shown} look like secrets, and stand on the line: {alone} without values takes them {from_there}"
    return (what,)


def is_told(name: str, value: str) -> bool:
    """Whether it is worth a word: what only has the name of a secret is none."""
    from fc_magic.export.secrets import looks_secret

    if len(value) < _SHORTEST or len(value.split()) > 1 or not looks_secret(name, value):
        return False
    if _PASSWORD.search(value):
        return True
    if _PLACEHOLDER.fullmatch(value) or _PATH.fullmatch(value) or _VARIABLE.fullmatch(value):
        return False
    if _bare(value) in _bare(name) or _ABOUT.search(name) or (value.isdigit() and name[-1:] in "sS"):
        return False
    return bool(_NAMED.search(name) or _RANDOM.search(value))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def masked(text: str, found: Iterable[Found]) -> str:
    return masking(found)(text)


def masking(found: Iterable[Found]) -> Callable[[str], str]:
    """What masks them, line after line. The longest first: one secret may begin with another."""
    spelled = {(way, one) for one in set(found) for way in (one.value, repr(one.value)[1:-1])}
    ordered = sorted(spelled, key=lambda pair: len(pair[0]), reverse=True)

    def mask(text: str) -> str:
        for way, one in ordered:
            if way in text:
                text = _without(text, way, one)
        return text

    return mask


def _without(text: str, spelling: str, one: Found) -> str:
    """What only has the name of a secret may be a word of the code, too, as ``result`` is: that is shown, and only
    the texts that are the same are not."""
    if one.is_told or not one.name:
        return text.replace(spelling, _MASK)
    value = re.escape(spelling)
    places = [rf"""(?<=["'}}]){value}(?=["'{{])"""]  # a brace is that of an f-string
    if one.is_bare:
        places.append(rf"""((?<!\w){re.escape(one.name)}["']?\s*[:=]\s*["']?){value}(?![\w.-])""")
    return re.sub("|".join(places), lambda found: "".join(filter(None, found.groups())) + _MASK, text)


def in_file(path: str, text: str) -> tuple[Found, ...]:
    """Those of a file of any language, line by line, so that each line of a longer one is masked, too."""
    run_by = _RUN_BY.match(text)
    is_python = run_by[1] == "python" if run_by else path.endswith(".py")
    found = [*_of(Part((), text, ""))] if is_python else [*_of_environment(text, "")]
    of_lines = _QUOTED if run_by or path.endswith(_CODE) else _SAID
    found += [one for line in text.splitlines() for one in _said(of_lines, line)]
    found += [Found("", value) for value in _PASSWORD.findall(text) if len(value) >= _SHORTEST]
    lines = [
        (one, line) for one in found for line in one.value.splitlines() if len(line.strip()) >= _SHORTEST
    ]
    return tuple(dict.fromkeys([*found, *(replace(one, value=line) for one, line in lines)]))


def _said(pattern: re.Pattern[str], line: str) -> Iterator[Found]:
    from fc_magic.export.secrets import looks_secret

    for name, value in pattern.findall(line):
        if len(value) >= _SHORTEST and looks_secret(name, value):
            yield Found(name, value, is_bare=pattern is _SAID)


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
    """Each text that stands in a part, as it is spelled there, with each name that it has there."""
    try:
        tree = ast.parse(part.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    named: dict[int, list[str]] = {}
    for node in ast.walk(tree):
        for name, value in _names(node):
            for text in _pieces(value, name):
                named.setdefault(id(text), []).append(name)
        if spelled := _spelled(node):
            yield from ((name, spelled) for name in named.get(id(node), [""]))


def _spelled(node: ast.AST) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    return repr(value)[2:-1] if isinstance(value, bytes) else value if isinstance(value, str) else ""


def _names(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What a statement or an expression gives a name to."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _targets(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
        yield from _targets(node.target, node.value)
    elif isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.arguments):
        usual = (*node.posonlyargs, *node.args)
        pairs = [*zip(usual[::-1], node.defaults[::-1], strict=False)]
        pairs += [(arg, value) for arg, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value]
        yield from ((arg.arg, value) for arg, value in pairs)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield _key(key), value
    elif isinstance(node, ast.Call) and _called(node) in _BY_NAME and node.args:
        usual_value = [*node.args[1:2], *(one.value for one in node.keywords if one.arg == "default")]
        yield from ((_key(node.args[0]), value) for value in usual_value)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", "") or getattr(node.func, "id", "")


def _targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for inner, of_it in zip(target.elts, value.elts, strict=False):
            yield from _targets(inner, of_it)
    elif isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Attribute):
        yield target.attr, value
    elif isinstance(target, ast.Subscript):
        yield _key(target.slice), value


def _key(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _pieces(value: ast.expr, name: str) -> Iterator[ast.expr]:
    """A text may be put together, also of thousands; be one of several; and be changed by methods of its own."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, ast.BinOp):
            left += (one.left, one.right)
        elif isinstance(one, ast.JoinedStr | ast.BoolOp):
            left += one.values
        elif isinstance(one, ast.IfExp):
            left += (one.body, one.orelse)
        elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            left.append(one.func.value)
        elif isinstance(one, ast.List | ast.Tuple | ast.Set):
            left += [item for item in one.elts if _has_the_name(item, name)]
        else:
            yield one


def _has_the_name(item: ast.expr, name: str) -> bool:
    """Keys of tables and tokens of a language come in lists, too: of those only what looks random."""
    text = _spelled(item)
    are_words = not _NAMED.search(name) or name.lower().endswith("tokens")
    return not (text and are_words) or bool(_RANDOM.search(text))
