"""What completion offers for a value, by what kind of value it is. One function for each kind."""

from __future__ import annotations

import ast
import heapq
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fc_magic.notebook.line.expressions import SHELLS_OWN
from fc_magic.wire import regions, runtimes

if TYPE_CHECKING:
    from fc_magic.notebook.completion.lookups import Lookups

#: memory as people choose it; the spec takes every 64 MB
_MEMORY = ("128", "256", "512", "1024", "2048", "3072", "4096", "8192", "16384", "32768")
_TIMEOUT = ("10", "30", "60", "300", "600", "3600", "86400")
_TRIGGERS = (
    *("http", "timer:@every 5m", "timer:@every 1h", "timer:0 0 4 * * *"),
    *("timer:CRON_TZ=Asia/Shanghai 0 0 8 * * MON-FRI", "oss:"),
)
_JSON_TRIGGERS = tuple(
    f'{{"type": "{kind}", "config": {{}}}}' for kind in ("log", "mns_topic", "tablestore", "eventbridge")
)
_PATTERNS = ("tests/", "*.md", "*.pyi", "docs/")
#: variables of this process that nobody means by --env
_SYSTEM = re.compile(r"^(?:FC_|_|LC_|SSH_|XDG_|JPY_|PYDEVD|KERNEL_|LS_COLORS|SHLVL|PWD|OLDPWD|TERM|SHELL)")
#: a handler in a JavaScript cell
_EXPORTED = re.compile(
    r"\bexports\.([A-Za-z_$][\w$]*)\s*=|^\s*export\s+(?:const|async function|function)\s+(\w+)", re.M
)
_MOST_FILES = 200


class Offer(NamedTuple):
    """``value`` is what is meant, without quotes; ``goes_on``: more may follow it, as in a folder."""

    value: str
    type: str = "value"
    goes_on: bool = False


@dataclass(frozen=True)
class Around:
    """What a value is offered from: what is typed of it, the line and the cell, the notebook, the servers."""

    typed: str
    name: str
    body: str
    namespace: Mapping[str, Any] = field(repr=False)
    known: Lookups = field(repr=False)
    settings: Callable[[str], str] = field(default=lambda name: "")


def of(kind: str, around: Around) -> list[Offer]:
    """For a value of this kind; nothing for one that nobody can guess."""
    if kind.startswith("one of "):
        return [Offer(word) for word in kind.removeprefix("one of ").split("|")]
    if kind.startswith("like "):
        return [Offer(kind.removeprefix("like "), "example")] if not around.typed else []
    make = KINDS.get(kind)
    return list(make(around)) if make else []


def _all(values: Iterable[str], type_: str = "value") -> list[Offer]:
    return [Offer(value, type_) for value in values]


def _functions(around: Around) -> Iterator[Offer]:
    name, colon, _ = around.typed.partition(":")
    if not colon:
        yield from _all(around.known.functions(), "function")
        return
    for qualifier in (*around.known.aliases(name), *around.known.versions(name)):
        yield Offer(f"{name}:{qualifier}", "version")


def _layers(around: Around) -> list[Offer]:
    return _all(around.known.layers(), "layer")


def _layer_names(around: Around) -> list[Offer]:
    labels = around.known.layers()
    return _all(
        (*(label.partition(":")[0] for label in labels), *(labels if ":" in around.typed else ())), "layer"
    )


def _targets(around: Around) -> list[Offer]:
    return _all(("local", *regions.KNOWN))


def _runtimes(around: Around) -> list[Offer]:
    # the plain python3 is the version that Function Compute has retired
    return _all(one for one in runtimes.KNOWN if one != "python3")


def _handlers(around: Around) -> list[Offer]:
    """Functions of the cell, as the file that it becomes has them."""
    try:
        tree = ast.parse(around.body)
        found = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    except (SyntaxError, ValueError, RecursionError):  # JavaScript, or a cell that is being written
        found = re.findall(r"^(?:async )?def (\w+)", around.body, re.MULTILINE)
        found = found or [a or b for a, b in _EXPORTED.findall(around.body)]
    return _all((f"index.{name}" for name in found), "function")


def _variables(around: Around) -> Iterator[Offer]:
    """Those of the function as it is, and those of this process, whose values are taken from here."""
    if "=" in around.typed:
        return
    deployed = around.known.variables(around.name) if around.name else []
    yield from (Offer(f"{name}=", "variable", goes_on=True) for name in deployed)
    yield from _all((n for n in sorted(os.environ) if not _SYSTEM.match(n) and n not in deployed), "variable")


def _versions(around: Around) -> list[Offer]:
    return _all(around.known.versions(around.name), "version") if around.name else []


def _canaries(around: Around) -> list[Offer]:
    return _all(f"{version}=10%" for version in around.known.versions(around.name)) if around.name else []


def _aliases(around: Around) -> list[Offer]:
    return _all(around.known.aliases(around.name), "alias") if around.name else []


def _requests(around: Around) -> list[Offer]:
    return _all(around.known.requests(around.name), "request") if around.name else []


def _role(around: Around) -> list[Offer]:
    return _all(filter(None, (around.settings("role"), "acs:ram::1234567890123456:role/fcServiceRole")))


def _names(around: Around) -> list[Offer]:
    return _all(names(around.namespace), "variable")


def _paths(around: Around, wanted: Callable[[str], bool], folders: bool = True) -> Iterator[Offer]:
    """Files and folders; a folder goes on. What is hidden is offered to who types its dot."""
    head, slash, begun = around.typed.rpartition("/")
    try:
        place = Path(f"{head}{slash}").expanduser() if slash else Path()
        with os.scandir(place) as entries:
            begin = ((one.name, one.is_dir()) for one in entries if one.name.startswith(begun))
            fitting = (
                (name, is_folder)
                for name, is_folder in begin
                if (folders and name != "__pycache__" if is_folder else wanted(name))
                if name[0] != "." or begun[:1] == "."
            )
            found = heapq.nsmallest(_MOST_FILES, fitting)
    except (OSError, RuntimeError):  # "~nobody/"
        return
    for name, is_folder in found:
        written = f"{head}{slash}{name}"
        yield Offer(f"{written}/", "folder", goes_on=True) if is_folder else Offer(written, "file")


def _files(around: Around) -> Iterator[Offer]:
    return _paths(around, lambda name: True)


def _zips(around: Around) -> Iterator[Offer]:
    return _paths(around, lambda name: name.endswith(".zip"))


def _folders(around: Around) -> Iterator[Offer]:
    return _paths(around, lambda name: False)


def _requirements(around: Around) -> Iterator[Offer]:
    return _paths(around, lambda name: name.endswith(".txt") or name == "pyproject.toml")


#: kind -> what is offered
KINDS: Mapping[str, Callable[[Around], Iterable[Offer]]] = {
    "function": _functions,
    "layer": _layers,
    "layer-name": _layer_names,
    "target": _targets,
    "api": lambda around: _all(("v2", "fc3")),
    "runtime": _runtimes,
    "memory": lambda around: _all(_MEMORY),
    "timeout": lambda around: _all(_TIMEOUT),
    "truth": lambda around: _all(("true", "false")),
    "trigger": lambda around: _all((*_TRIGGERS, *_JSON_TRIGGERS), "trigger"),
    "handler": _handlers,
    "variable": _variables,
    "version": _versions,
    "canary": _canaries,
    "alias": _aliases,
    "request": _requests,
    "role": _role,
    "name": _names,
    "file": _files,
    "zip": _zips,
    "code": _zips,
    "folder": _folders,
    "requirements": _requirements,
    "pattern": lambda around: _all(_PATTERNS),
}


# ---------------------------------------------------------------- behind a brace

_DOTTED = re.compile(r"(?:[^\W\d]\w*\.)*(?:[^\W\d]\w*)?$")


def names(namespace: Mapping[str, Any]) -> list[str]:
    """Names of the notebook's own, data before functions and modules."""
    own = [name for name in list(namespace) if not name.startswith("_") and name not in SHELLS_OWN]
    return sorted(
        own, key=lambda name: (callable(namespace.get(name)) or _is_module(namespace.get(name)), name)
    )


def expression(text: str, namespace: Mapping[str, Any]) -> tuple[str, list[Offer]]:
    """What is typed of a name at the end of an expression, and the names it may be. Nothing is evaluated: behind a
    dot stand attributes of what a plain name holds."""
    found = _DOTTED.search(text)
    dotted = found[0] if found else ""
    before = text[: len(text) - len(dotted)]
    if before.rstrip().endswith((".", '"', "'")) or (before and not dotted and before[-1] in ")]"):
        return "", []
    head, dot, begun = dotted.rpartition(".")
    if not dot:
        return dotted, _all(names(namespace), "variable")
    thing = _held(head.split("."), namespace)
    if thing is _NOTHING:
        return begun, []
    return begun, _all((name for name in dir(thing) if not name.startswith("_")), "attribute")


_NOTHING = object()


def _held(path: list[str], namespace: Mapping[str, Any]) -> Any:
    """What a dotted name holds, without running anything."""
    thing = namespace.get(path[0], _NOTHING)
    for name in path[1:]:
        try:
            thing = vars(thing).get(name, _NOTHING)
        except TypeError:
            return _NOTHING
    return thing


def _is_module(thing: Any) -> bool:
    return type(thing).__name__ == "module"
