"""What executed cells did to the process besides binding names: settings, changes of libraries; no slice has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

from fc_magic.slicing.history import tree

#: a name of the notebook -> what it stands for: ``np`` -> ``numpy``, ``environ`` -> ``os.environ``, another -> ""
Spelled = Callable[[str], str]

_RANDOM = "random sample shuffle permutation import_sklearn import_scipy"
_FILES = "open Path os read_csv read_excel read_json read_parquet read_table read_pickle load loadtxt"
_NUMPY = "import_numpy import_pandas import_sklearn import_scipy"
#: what sets something for the whole process -> what code that feels it has: a word of each group
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "random.seed": ("import_random",),
    "random.setstate": ("import_random",),
    "numpy.random.seed": (_NUMPY, _RANDOM),
    "numpy.random.set_state": (_NUMPY, _RANDOM),
    "numpy.set_printoptions": ("import_numpy",),
    "numpy.seterr": ("import_numpy",),
    "torch.manual_seed": ("import_torch",),
    "tensorflow.random.set_seed": ("import_tensorflow",),
    "sys.setrecursionlimit": ("def",),
    "sys.set_int_max_str_digits": ("str int repr print f''",),
    "decimal.getcontext": ("import_decimal",),
    "locale.setlocale": ("import_locale strftime strptime f'' format",),
    "time.tzset": ("import_time import_datetime",),
    "os.environ": ("environ getenv",),
    "os.putenv": ("environ getenv",),
    "os.chdir": (_FILES,),
    "os.umask": ("open Path os",),
    "csv.field_size_limit": ("import_csv",),
    "csv.register_dialect": ("import_csv",),
    "socket.setdefaulttimeout": ("import_socket import_urllib import_http",),
    "logging.basicConfig": ("import_logging",),
    "logging.disable": ("import_logging",),
    "mimetypes.add_type": ("import_mimetypes",),
    "threading.stack_size": ("import_threading",),
    "warnings.filterwarnings": (),
    "warnings.simplefilter": (),
    "xml.etree.ElementTree.register_namespace": ("import_xml",),
}
#: those that matter by their first argument only
_IF_SAID = {"warnings.filterwarnings": "error", "warnings.simplefilter": "error"}
#: what gives a library something by a name -> it is felt by who says the name
_NAMING = re.compile(r"pandas\.api\.extensions\.register_\w+_accessor")
#: methods that look at the environment and change nothing
_READING = {"get", "copy", "items", "keys", "values", "setdefault_"}
#: magics that do the same -> what they set
_MAGICS = {"env": "os.environ", "set_env": "os.environ", "cd": "os.chdir"}
#: a cell without any of these does nothing of the kind; most are not parsed
_WORDS = re.compile(
    r"seed|setstate|printoptions|seterr|set_option|setrecursion|max_str|etcontext|setlocale|tzset|environ|putenv"
    r"|chdir|umask|size_limit|dialect|timeout|basicConfig|disable|add_type|stack_size|setattr|_magic"
    r"|set_state|filterwarnings|simplefilter|register"
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
    a setting, felt by code with a word of each group in ``felt``. ``key``: the variable of the environment, if it is
    known."""

    line: int
    what: str
    path: str
    changed: bool = False
    felt: tuple[str, ...] = ()
    key: str = ""

    def is_felt(self, source: str) -> bool:
        has = words(source)
        return all(has & {*group.split()} for group in self.felt) and self.key in source


@lru_cache(_KEPT)
def words(source: str) -> Set[str]:
    """The names that code says, not those in its texts and comments; ``import_x`` for each module that it imports,
    ``def`` if it has functions, ``f''`` if it formats."""
    found: set[str] = set()
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
            )
            found.update(f"import_{module.partition('.')[0]}" for module in modules)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found.add("def")
        elif isinstance(node, ast.JoinedStr):
            found.add("f''")
    return found


def effects(source: str, spelled: Spelled) -> list[Effect]:
    """What the statements of a cell do, those of its functions not: these run when they are called."""
    if not may_do(source, spelled):
        return []
    return [effect for node in _running(tree(source)) for effect in _of(node, spelled)]


def of_functions(source: str, spelled: Spelled) -> dict[str, list[Effect]]:
    """Name of a function or method that a text defines -> what it does when it is called."""
    found: dict[str, list[Effect]] = {}
    if "def " not in source or not may_do(source, spelled):
        return found
    for function in ast.walk(tree(source)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            own = {
                n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
            own |= {a.arg for a in ast.walk(function) if isinstance(a, ast.arg)}
            inner = _without(own, spelled)
            done = [e for s in function.body for n in (s, *_running(s)) for e in _of(n, inner)]
            if done:
                found[function.name] = done
    return found


def _without(own: set[str], spelled: Spelled) -> Spelled:
    return lambda name: "" if name in own else spelled(name)


def calls(source: str, names: Set[str]) -> Iterator[tuple[str, ast.Call, str]]:
    """Calls of functions of these names: which, where, and in which function, none for what runs with the cell."""
    top = tree(source)
    inside = [n for n in ast.walk(top) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for name, nodes in [("", _running(top)), *((f.name, ast.walk(f)) for f in inside)]:
        for node in nodes:
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called in names:
                    yield called, node, name


def may_do(source: str, spelled: Spelled) -> bool:
    return _has_words(source) or any(spelled(name) for name in _targets(source))


@lru_cache(_KEPT)
def _has_words(source: str) -> bool:
    return bool(_WORDS.search(source))


@lru_cache(_KEPT)
def _targets(source: str) -> frozenset[str]:
    return frozenset([*_TARGET.findall(source), *_DELETED.findall(source)])


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in child.decorator_list:
                yield decorator
                yield from _running(decorator)
        elif not isinstance(child, ast.Lambda):
            yield child
            yield from _running(child)


def _of(node: ast.AST, spelled: Spelled) -> Iterator[Effect]:
    if isinstance(node, ast.Call):
        yield from _called(node, spelled)
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
        targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
        for target in [one for each in targets for one in getattr(each, "elts", [each])]:
            if isinstance(target, ast.Attribute | ast.Subscript):
                yield from _assigned(node, target, spelled)


def _called(node: ast.Call, spelled: Spelled) -> Iterator[Effect]:
    path = _path(node.func, spelled)
    owner, _, method = path.rpartition(".")
    text = node.args[0] if node.args else None
    key = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""
    if path in SETTINGS and path not in ("os.environ", "decimal.getcontext"):
        if (node.args or node.keywords or path == "time.tzset") and key.startswith(_IF_SAID.get(path, "")):
            yield _setting(node, path, key if path == "os.putenv" else "")
    elif _NAMING.fullmatch(path) and key:
        yield Effect(node.lineno, _shown(node), path, felt=(key,))
    elif method == "register" and owner and len(node.args) == 1 and isinstance(text, ast.Name):
        # an abstract class of a library takes one of the notebook for its own
        yield Effect(node.lineno, _shown(node), path, felt=(text.id,))
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
