"""Names that are reached by other ways than by writing them: ``eval``, ``globals()``, texts of pandas, frames."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fc_magic.slicing.walk import Reader

#: attributes through which every name of a module can be had
FRAMES = {"f_globals", "f_locals", "f_back", "__globals__"}
#: methods whose first text has names of the caller behind an @ -> whether bare names are the caller's too
_ASKING = {"query": False, "eval": False, "evaluate": True}
_AT = re.compile(r"@([^\W\d]\w*)")
_MISSING = {"NameError", "Exception", "BaseException"}
_MAIN = "sys.modules['__main__']"


def is_type_checking(test: ast.expr) -> bool:
    """``TYPE_CHECKING`` and ``typing.TYPE_CHECKING``: such a block is never run."""
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def is_true(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def catches_missing_names(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in _MISSING for kind in kinds)


def names_in(text: str) -> tuple[str, ...]:
    """The names that a text has if it is an expression, else none."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)))


def call(reader: Reader, node: ast.Call) -> None:
    """What a call reaches besides what is written in it."""
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in ("eval", "exec", "compile"):
            _evaluated(reader, node, function.id)
        elif function.id in _NAMESPACES and _is_namespace(reader, node):
            reader.opaque.append((node.lineno, f"{function.id}()"))
        elif function.id == "__import__" and _text(node.args) == "__main__":
            reader.opaque.append((node.lineno, "import of __main__"))
    elif isinstance(function, ast.Attribute):
        if function.attr in _ASKING:
            _asked(reader, node, _ASKING[function.attr])
        elif function.attr == "get" and _whole(function.value):
            _looked_up(reader, node, _text(node.args), guarded=True)
        elif function.attr in ("_getframe", "currentframe"):
            reader.opaque.append((node.lineno, f"{function.attr}()"))


_NAMESPACES = {"globals", "locals", "vars", "dir"}


def _is_namespace(reader: Reader, node: ast.Call) -> bool:
    """``locals()`` of a function is its own; ``globals()["x"]`` was followed before."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if node in reader.followed or (name in ("vars", "dir") and (node.args or node.keywords)):
        return False
    return name == "globals" or not reader.here.deferred


def _text(args: list[ast.expr]) -> str:
    value = args[0].value if args and isinstance(args[0], ast.Constant) else ""
    return value if isinstance(value, str) else ""


def _evaluated(reader: Reader, node: ast.Call, kind: str) -> None:
    """A text that is constant is read as if it stood here; ``compile`` alone runs nothing."""
    if kind == "compile" or not node.args:
        return
    text = _text(node.args)
    if len(node.args) + len(node.keywords) > 1:
        return  # its names are those of a dictionary, which is written here
    if not text:
        reader.opaque.append((node.lineno, f"{kind} of a text that is made when it runs"))
        return
    try:
        tree = ast.parse(text.strip() if kind == "eval" else text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for inner in ast.walk(tree):
        if hasattr(inner, "lineno"):
            inner.lineno = node.lineno
    reader.block(tree.body)


def _asked(reader: Reader, node: ast.Call, bare: bool) -> None:
    """``frame.query("a > @x")``: names of the caller in the constant parts of a text."""
    for text in _texts(node.args[:1] or [k.value for k in node.keywords if k.arg == "expr"]):
        found = names_in(text) if bare else _AT.findall(text)
        for name in dict.fromkeys(found):
            reader.use(name, node.lineno)
            if bare:
                reader.guarded.add(name)


def _texts(nodes: list[ast.expr]) -> list[str]:
    return [
        inner.value
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    ]


def _whole(node: ast.expr) -> bool:
    """``globals()``, or what is the same: ``sys.modules["__main__"]`` and its ``__dict__``."""
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "globals" and not node.args


def _looked_up(reader: Reader, node: ast.AST, name: str, guarded: bool = False) -> bool:
    if not name.isidentifier():
        return False
    line = getattr(node, "lineno", 1)
    for inner in ast.walk(node):
        if isinstance(inner, ast.expr) and _whole(inner):
            reader.followed.add(inner)
    if guarded:
        reader.guarded.add(name)
    reader.use_global(name, line)
    return True


def subscript(reader: Reader, node: ast.Subscript) -> bool:
    """``globals()["x"]`` is ``x`` of the module. Whether that was all there is to it."""
    key = node.slice.value if isinstance(node.slice, ast.Constant) else ""
    if _is_modules(node.value) and key == "__main__":
        reader.opaque.append((node.lineno, _MAIN))
        return False
    if not (_whole(node.value) and isinstance(key, str) and key.isidentifier()):
        return False
    reader.use("globals", node.lineno)
    if isinstance(node.ctx, ast.Store):
        reader.bind(key, node.lineno, reader.module, sure=not reader.here.deferred)
    else:
        reader.use_global(key, node.lineno)
        if isinstance(node.ctx, ast.Del):
            reader.module.sure.discard(key)
    return True


def _is_modules(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "modules"


def compare(reader: Reader, node: ast.Compare) -> bool:
    """``"x" in globals()`` asks whether there is an ``x``. Whether that was all there is to it."""
    if not (
        len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn) and _whole(node.comparators[0])
    ):
        return False
    name = _text([node.left])
    if not name.isidentifier():
        return False
    reader.guarded.add(name)
    reader.use("globals", node.lineno)
    reader.use_global(name, node.lineno)
    return True
