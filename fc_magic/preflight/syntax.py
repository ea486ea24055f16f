"""Syntax that is newer than the runtime's Python: each form with the version that began to read it.

By the tree alone, because Python's own ``feature_version`` tells the first one only and not all of them. Forms that
every runtime reads are not here.
"""

from __future__ import annotations

import ast
import builtins
import io
import sys
import tokenize
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

from fc_magic.preflight import flow
from fc_magic.preflight.finding import Finding
from fc_magic.preflight.view import Module

Version = tuple[int, int]
Form = tuple[int, Version, str]
_GENERIC, _UNBRACKETED = (3, 12), (3, 14)
#: kinds of nodes that are a form by themselves; a Python that cannot read one does not know its kind either
_FORMS = (
    ("Match", (3, 10), "match"),
    ("TryStar", (3, 11), "except*"),
    ("TypeAlias", (3, 12), "the type statement"),
    ("TemplateStr", (3, 14), "a t-string"),
)
_NODES = {getattr(ast, name): (since, said) for name, since, said in _FORMS if hasattr(ast, name)}
_TYPES = frozenset(name for name in dir(builtins) if isinstance(getattr(builtins, name), type))


def examine(module: Module) -> Iterator[Finding]:
    version = module.view.version
    if version is None:
        return
    for line, since, said in sorted(set(_forms(module))):
        if since > version:
            yield _finding(module, line, since, said)
    if version < (3, 10) and "annotations" not in flow.futures(module.tree):
        yield from _unions(module)


def _finding(module: Module, line: int, since: Version, said: str) -> Finding:
    there = f"UserCodeSyntaxError: Syntax error in module {module.path.removesuffix('.py')!r}"
    newest = (3, 12)
    hint = _runtime(since) if since <= newest else ""
    return Finding(
        "syntax-too-new", module.place(line), f"{said} came with Python {_text(since)}", there, hint
    )


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _runtime(since: Version) -> str:
    return f"--runtime {'python3.10' if since <= (3, 10) else 'python3.12'}"


def _forms(module: Module) -> Iterator[Form]:
    for node in module.nodes:
        known = _NODES.get(type(node))
        if known:
            yield getattr(node, "lineno", 1), *known
            continue
        look = _LOOKS.get(type(node))
        if look:
            yield from look(node, module.source)


def _index(node: ast.Subscript, source: str) -> Iterator[Form]:
    if not isinstance(node.slice, ast.Tuple):
        return
    starred = any(isinstance(one, ast.Starred) for one in node.slice.elts)
    if starred and not _is_expression(ast.get_source_segment(source, node.slice) or ""):
        yield node.lineno, (3, 11), "a * in an index"


def _is_expression(text: str) -> bool:
    """``(*a, 1)`` is one since ever; ``*a, 1`` without parentheses is not."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def _defined(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, source: str) -> Iterator[Form]:
    if getattr(node, "type_params", None):
        yield node.lineno, _GENERIC, f"a type parameter of {node.name}"
    arguments = None if isinstance(node, ast.ClassDef) else node.args
    if arguments and arguments.vararg and isinstance(arguments.vararg.annotation, ast.Starred):
        yield node.lineno, (3, 11), "a * in an annotation"


def _bare(node: ast.ExceptHandler, source: str) -> Iterator[Form]:
    if sys.version_info >= _UNBRACKETED and isinstance(node.type, ast.Tuple):
        text = ast.get_source_segment(source, node.type) or "("
        if not text.startswith("("):
            yield node.lineno, (3, 14), "except without parentheses around its exceptions"


def _nested(node: ast.JoinedStr, source: str) -> Iterator[Form]:
    """What only Python 3.12 reads inside the braces of an f-string."""
    text = ast.get_source_segment(source, node) if sys.version_info >= _GENERIC else ""
    if not text or "{" not in text:
        return
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text})").readline))
    except (tokenize.TokenError, SyntaxError):
        return
    said = _newer(tokens)
    if said:
        yield node.lineno, _GENERIC, f"an f-string with {said} inside its braces"


#: kind of a node -> what says whether it has a newer form
_LOOKS: dict[type[ast.AST], Callable[[Any, str], Iterator[Form]]] = {
    ast.Subscript: _index,
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), _defined),
    ast.ExceptHandler: _bare,
    ast.JoinedStr: _nested,
}


def _newer(tokens: list[tokenize.TokenInfo]) -> str:
    """The newer thing in the tokens of one text or of several beside each other."""
    names, outer = tokenize.tok_name, list[str]()
    for token in tokens:
        kind = names[token.type]
        if kind == "FSTRING_START":
            quote = token.string.lstrip("rRfFbBuU")
            if quote in outer:
                return "quotes of its own kind"
            outer.append(quote)
        elif kind == "FSTRING_END":
            outer.pop()
        elif (
            outer
            and kind == "STRING"
            and token.string.lstrip("rRbBuU")[0] == outer[-1][0]
            and len(outer[-1]) == 1
        ):
            return "quotes of its own kind"
        elif outer and kind in ("STRING", "OP") and "\\" in token.string:
            return "a backslash"
        elif outer and kind == "COMMENT":
            return "a comment"
        elif outer and kind == "NL" and len(outer[-1]) == 1:
            return "a line break"
    return ""


def _unions(module: Module) -> Iterator[Finding]:
    """``int | None`` where it is evaluated: types have no ``|`` before Python 3.10."""
    for node in module.nodes:
        for annotation in _evaluated(node):
            wrong = next((inner for inner in ast.walk(annotation) if _is_union(inner)), None)
            if wrong and not module.flow.is_dead(wrong.lineno):
                there = 'UserCodeError: Module initialization error: "unsupported operand type(s) for |"'
                said = f"{ast.unparse(wrong)} in an annotation came with Python 3.10"
                hint = "from __future__ import annotations, or --runtime python3.10"
                yield Finding("syntax-too-new", module.place(wrong.lineno), said, there, hint)


def _evaluated(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from flow.types_of(node)
    elif isinstance(node, ast.ClassDef | ast.Module):
        yield from (one.annotation for one in node.body if isinstance(one, ast.AnnAssign))


def _is_union(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitOr)
        and _is_type(node.left)
        and _is_type(node.right)
    )


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_type(node.value)
    if isinstance(node, ast.Constant):
        return node.value is None
    return _is_union(node) or (isinstance(node, ast.Name) and node.id in _TYPES)
