"""What executed cells did to the process besides binding names: settings, changes of libraries; no slice has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

#: a name of the notebook -> what it stands for: ``np`` -> ``numpy``, ``environ`` -> ``os.environ``, another -> ""
Spelled = Callable[[str], str]

#: what sets something for the whole process -> what code that feels it is known by
SETTINGS = {
    "random.seed": r"\brandom\b|\bRandom\b",
    "random.setstate": r"\brandom\b",
    "numpy.random.seed": r"\brandom\b",
    "numpy.set_printoptions": r"\bnumpy\b",
    "numpy.seterr": r"\bnumpy\b",
    "pandas.set_option": r"\bpandas\b",
    "torch.manual_seed": r"\btorch\b",
    "sys.setrecursionlimit": r"\bdef\b|\blambda\b",
    "sys.set_int_max_str_digits": r"\b(?:str|int|repr|print)\b|f['\"]",
    "decimal.setcontext": r"\b[dD]ecimal\b",
    "decimal.getcontext": r"\b[dD]ecimal\b",
    "locale.setlocale": r"\blocale\b|strftime|:n\}",
    "time.tzset": r"\btime\b",
    "os.environ": r"\benviron|\bgetenv",
    "os.putenv": r"\benviron|\bgetenv",
    "os.chdir": r"\bopen\(|\bPath\b|\bos\b|\bread_",
    "os.umask": r"\bopen\(|\bPath\b|\bos\b",
    "csv.field_size_limit": r"\bcsv\b",
    "csv.register_dialect": r"\bcsv\b",
    "socket.setdefaulttimeout": r"\bsocket\b|\burllib\b|\bhttp\b",
    "logging.basicConfig": r"\blogging\b|\blog",
    "logging.disable": r"\blogging\b|\blog",
    "mimetypes.add_type": r"\bmimetypes\b",
    "threading.stack_size": r"\bthreading\b",
}
#: methods that look at the environment and change nothing
_READING = {"get", "copy", "items", "keys", "values", "setdefault_"}
#: magics that do the same -> what they set
_MAGICS = {"env": "os.environ", "set_env": "os.environ", "cd": "os.chdir"}
#: a cell without any of these does nothing of the kind; most are not parsed
_WORDS = re.compile(
    r"seed|setstate|printoptions|seterr|set_option|setrecursion|max_str|etcontext|setlocale|tzset|environ|putenv"
    r"|chdir|umask|size_limit|dialect|timeout|basicConfig|disable|add_type|stack_size|setattr|_magic"
)
#: what is assigned to behind a dot or in brackets -> the name that it begins with; and what is deleted
_TARGET = re.compile(
    r"(?<![\w.])([^\W\d]\w*)(?:\.\w+|\[[^\]\n]*\]|\(\))+[ \t]*(?:,[^=\n]*)?[-+*/|&%@^<>]{0,3}=(?!=)"
)
_DELETED = re.compile(r"\bdel\b[ (]*([^\W\d]\w*)[.\[]")


_KEPT = 2000


@dataclass(frozen=True)
class Effect:
    """``what`` was done in ``line`` of a cell, to ``path``. ``changed``: an attribute of a module was set; else it is
    a setting, felt by code in which ``felt`` is found. ``key``: the variable of the environment, if it is known."""

    line: int
    what: str
    path: str
    changed: bool = False
    felt: str = ""
    key: str = ""

    def is_felt(self, source: str) -> bool:
        return bool(re.search(self.felt, source)) and self.key in source


def effects(source: str, spelled: Spelled) -> list[Effect]:
    """What the statements of a cell do, those of its functions not: these run when they are called."""
    if not _has_words(source) and not any(spelled(name) for name in _targets(source)):
        return []
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [effect for node in _running(tree) for effect in _of(node, spelled)]


@lru_cache(_KEPT)
def _has_words(source: str) -> bool:
    return bool(_WORDS.search(source))


@lru_cache(_KEPT)
def _targets(source: str) -> frozenset[str]:
    return frozenset([*_TARGET.findall(source), *_DELETED.findall(source)])


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _running(child)


def _of(node: ast.AST, spelled: Spelled) -> Iterator[Effect]:
    if isinstance(node, ast.Call):
        yield from _called(node, spelled)
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
        targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                yield from _assigned(node, target, spelled)


def _called(node: ast.Call, spelled: Spelled) -> Iterator[Effect]:
    path = _path(node.func, spelled)
    owner, _, method = path.rpartition(".")
    text = node.args[0] if node.args else None
    key = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""
    if path in SETTINGS and path not in ("os.environ", "decimal.getcontext"):
        if node.args or node.keywords or path == "time.tzset":
            yield _setting(node, path, key if path == "os.putenv" else "")
    elif owner == "os.environ" and method not in _READING:
        yield _setting(node, owner, key)
    elif path == "setattr" and len(node.args) == 3:
        owner = _path(node.args[0], spelled)
        name = node.args[1]
        if owner and isinstance(name, ast.Constant) and isinstance(name.value, str):
            yield Effect(node.lineno, _shown(node), f"{owner}.{name.value}", changed=True)
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "run_line_magic" and key in _MAGICS:
        rest = node.args[1] if len(node.args) > 1 else None
        said = str(rest.value) if isinstance(rest, ast.Constant) else ""
        variable = re.match(r"\s*(\w+)\s*[= ]\s*\S", said)
        if key == "cd" or variable:
            set_ = variable[1] if variable and key != "cd" else ""
            yield _setting(node, _MAGICS[key], set_, f"%{key} {set_ or said}")


def _assigned(node: ast.stmt, target: ast.Attribute | ast.Subscript, spelled: Spelled) -> Iterator[Effect]:
    owner = _path(target.value, spelled)
    if isinstance(target, ast.Subscript):
        if owner == "os.environ":
            key = target.slice.value if isinstance(target.slice, ast.Constant) else ""
            yield _setting(node, owner, str(key))
        elif owner:
            yield Effect(node.lineno, _shown(node), owner, changed=True)
    elif owner == "decimal.getcontext":
        yield _setting(node, owner)
    elif owner:
        yield Effect(node.lineno, _shown(node), f"{owner}.{target.attr}", changed=True)


def _path(node: ast.expr, spelled: Spelled) -> str:
    """What an expression stands for, as far as names and dots say it."""
    names: list[str] = []
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
        node = node.value if isinstance(node, ast.Attribute) else node.func
    if not isinstance(node, ast.Name):
        return ""
    found = "setattr" if node.id == "setattr" else spelled(node.id)
    return ".".join([found, *reversed(names)]) if found else ""


def _setting(node: ast.expr | ast.stmt, path: str, key: str = "", what: str = "") -> Effect:
    # the value of a variable of the environment may be secret
    shown = f"os.environ[{key!r}]" if path == "os.environ" and key else ""
    return Effect(node.lineno, what or shown or _shown(node), path, felt=SETTINGS[path], key=key)


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else f"{text[:59]}…"
