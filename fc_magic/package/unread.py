"""What of libraries nobody reads while a function runs, and is left out of packages: a table, with reasons.

A folder of tests or documents is a package too, and some libraries import theirs: such a one stays.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fc_magic.errors import UsageError

#: a folder stays if a module beside it imports it
IMPORT = "import"


@dataclass(frozen=True)
class Rule:
    """``stays``: what makes it stay if the modules of the distribution have it: IMPORT of it, or a word."""

    patterns: tuple[str, ...]
    why: str
    stays: str = ""


#: A pattern is that of a path below the folder of libraries. One without ``/`` is that of a name at any depth; ``/``
#: at its end means a folder with all in it, at its beginning the top; ``*`` stands for a part of a name, ``**`` for
#: any folders.
RULES = (
    Rule(("__pycache__/", "*.pyc", "*.pyo"), "bytecode"),
    Rule(("tests/", "test/", "conftest.py"), "tests of the library", IMPORT),
    Rule(("/docs/", "/doc/", "/examples/"), "documents of the library", IMPORT),
    Rule(("/*.md", "/*.rst", "/*.txt", "/LICENSE*", "/COPYING*", "share/doc/", "share/man/"), "documents"),
    Rule(("*.pyi",), "types for checkers", "attach_stub"),
    Rule(("/include/", "*.h", "*.hh", "*.hpp", "*.hxx", "*.pxd", "*.pxi", "*.pyx"), "headers for compilers"),
    Rule(("*.c", "*.cc", "*.cpp", "*.cxx", "*.a", "*.la", "*.cmake", "*.pc"), "sources and static libraries"),
    Rule(
        tuple(f"/*.dist-info/{name}" for name in ("RECORD*", "INSTALLER", "REQUESTED", "sboms/")),
        "notes of installers",
    ),
)
#: of what ``--leave-out`` and ``--keep`` name
ASKED = "--leave-out"
#: a script of a wheel begins with it until an installer puts a path there
PYTHON_SCRIPT, SCRIPT_WHY = b"#!python", "begins with the path of an installer's Python"

#: a path -> its bytes
Read = Callable[[str], bytes]
_WORD = re.compile(rb"[.\w]+")
_IMPORT = re.compile(rb"import[ \t]*(\([^)]*\)|[^\n#]*)")


def left_out(paths: Sequence[str], read: Read, asked: Sequence[str] = ()) -> dict[str, str]:
    """Of the paths of a distribution those that are left out, with the reason.

    ``asked``: patterns of a person; one that begins with ``!`` stays. They beat the table, the last one the others.
    """
    found: dict[str, str] = {}
    doubtful: dict[str, Rule] = {}
    for rule in RULES:
        matches = _any(rule.patterns).match
        for path in paths:
            if path not in found and path not in doubtful and matches(path):
                if rule.stays:
                    doubtful[path] = rule
                else:
                    found[path] = rule.why
    found.update(_unused(doubtful, [path for path in paths if path not in found], read))
    for pattern in asked:
        matches = _any((pattern.removeprefix("!"),)).match
        for path in filter(matches, paths):
            if pattern.startswith("!"):
                found.pop(path, None)
            else:
                found[path] = ASKED
    return found


def checked(pattern: str) -> str:
    """A pattern as a person gives it. Raises UsageError."""
    bare = pattern.removeprefix("!")
    if not bare.strip("/*") or bare.startswith("!") or "\\" in bare or ".." in bare.split("/"):
        raise UsageError(
            f"{pattern!r} is no pattern of paths",
            hint=f"{ASKED} 'tests/', or {ASKED} '*.md', or /NAME/*.json",
        )
    return pattern


@functools.lru_cache(64)
def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_expression, patterns)))


def _expression(pattern: str) -> str:
    inner = pattern.strip("/")
    anchored = pattern.startswith("/") or "/" in inner
    parts = [
        "(?:.+/)?" if part == "**" else re.escape(part).replace(r"\*", "[^/]*") + "/"
        for part in inner.split("/")
    ]
    whole = "".join(parts).removesuffix("/")
    return f"(?:{'' if anchored else '(?:.+/)?'}{whole}{'/.+' if pattern.endswith('/') else '(?:/.+)?'})\\Z"


# ---------------------------------------------------------------- what stays although the table names it


def _unused(doubtful: Mapping[str, Rule], paths: Iterable[str], read: Read) -> dict[str, str]:
    """Those of ``doubtful`` that no module of the distribution needs, with the reason."""
    if not doubtful:
        return {}
    folders = {p: _dotted(p, rule.patterns) for p, rule in doubtful.items() if rule.stays == IMPORT}
    words = {rule.stays.encode() for rule in doubtful.values()} - {IMPORT.encode()}
    names = frozenset(folders.values())
    parts = tuple({name.rpartition(".")[2].encode() for name in names})
    used: set[str] = set()
    for path in paths:
        if path.endswith(".py") and path not in folders:
            raw = read(path)
            used.update(word.decode() for word in words if word in raw)
            if any(part in raw for part in parts):
                used.update(name for name in _imported(path, raw) if name in names)
    return {p: rule.why for p, rule in doubtful.items() if folders.get(p, rule.stays) not in used}


def _dotted(path: str, patterns: Sequence[str]) -> str:
    """The outermost folder that a pattern names, as a module; of a file the module it is."""
    parts = path.removesuffix(".py").split("/")
    end = next(
        (n for n, part in enumerate(parts, 1) if f"{part}/" in patterns or f"/{part}/" in patterns), None
    )
    return ".".join(parts[:end])


def _imported(path: str, raw: bytes) -> Iterator[str]:
    """Every module that a module may import, and those above them."""
    package = path.split("/")[:-1]
    for found in _IMPORT.finditer(raw):
        before = raw[raw.rfind(b"\n", 0, found.start()) + 1 : found.start()].split()
        words = [word.decode() for word in _WORD.findall(found[1])]
        if not before:
            for word in words:
                yield from _ladder(word)
        elif before[0] == b"from" and len(before) == 2:
            above = _absolute(before[1].decode(errors="replace"), package)
            for word in ["", *words]:
                yield from _ladder(f"{above}.{word}".strip("."))


def _absolute(name: str, package: Sequence[str]) -> str:
    dots = len(name) - len(name.lstrip("."))
    base = package[: len(package) - dots + 1] if dots else ()
    return ".".join([*base, *filter(None, [name[dots:]])])


def _ladder(name: str) -> Iterator[str]:
    parts = name.split(".")
    yield from (".".join(parts[:n]) for n in range(1, len(parts) + 1))
