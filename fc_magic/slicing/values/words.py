"""What a value is, in words."""

from __future__ import annotations

import _thread
import io
import sys
import types
import weakref
from collections.abc import Mapping
from typing import Any

#: type -> what its items are called
_COUNTED: Mapping[str, str] = {
    "list": "item",
    "tuple": "item",
    "set": "item",
    "frozenset": "item",
    "deque": "item",
    "dict": "entry",
    "defaultdict": "entry",
    "OrderedDict": "entry",
    "Counter": "entry",
    "str": "character",
    "bytes": "byte",
    "bytearray": "byte",
}

_RLOCK = _thread.RLock()


def described(obj: Any) -> str:
    """ "a list of 3 items"; no method of somebody's own class is called."""
    type_ = type(obj)
    name = type_.__name__
    if type_.__module__ in ("builtins", "collections") and name in _COUNTED:
        return f"{_article(name)} {name} of {counted(len(obj), _COUNTED[name])}"
    if type_.__name__ == "Columns" and type_.__module__.startswith("fc_magic."):
        return f"arrays of {counted(len(obj), 'column')}"
    if type_.__module__ == "numpy" and name == "ndarray":
        return f"an array of {obj.dtype}, {' × '.join(map(str, obj.shape)) or 'one item'}"
    if type_.__module__.partition(".")[0] == "pandas" and name == "DataFrame":
        return f"a table of {counted(len(obj), 'row')} and {counted(obj.shape[1], 'column')}"
    return f"{_article(name)} {name}"


def named(obj: Any) -> str:
    """ "an OrderedDict" """
    name = type(obj).__name__
    return f"{_article(name)} {name}"


def counted(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number:,} {word[:-1] + 'ies' if word.endswith('y') else word + 's'}"


def _article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou" else "a"


#: what of Python's own cannot be written, and why
_UNWRITABLE: Mapping[type, str] = {
    io.IOBase: "an open file or stream",
    _thread.LockType: "a lock, which belongs to this process",
    type(_RLOCK): "a lock, which belongs to this process",
    types.GeneratorType: "a generator, which may be half consumed",
    types.CoroutineType: "a coroutine, which may be half done",
    types.AsyncGeneratorType: "a generator, which may be half consumed",
    weakref.ReferenceType: "a weak reference",
    memoryview: "a memoryview, a window on another object's memory",
    types.FrameType: "a frame of a running function",
    types.TracebackType: "a traceback, which leads to frames",
    types.CodeType: "compiled code",
    property: "a property",
    staticmethod: "a staticmethod outside of its class",
    classmethod: "a classmethod outside of its class",
}
#: the same by module, for what need not be loaded
_MODULES: Mapping[str, str] = {
    "socket": "a socket, a connection of this process",
    "ssl": "a socket, a connection of this process",
    "sqlite3": "a connection to a database, or a part of one",
    "psycopg2": "a connection to a database, or a part of one",
    "psycopg": "a connection to a database, or a part of one",
    "pymysql": "a connection to a database, or a part of one",
    "sqlalchemy": "a connection to a database, or a part of one",
    "threading": "a thread, or a lock of threads",
    "multiprocessing": "a process, or a part of one",
    "subprocess": "a running process",
    "concurrent": "a pool of threads or processes, or its work",
    "asyncio": "a task or a loop of asyncio",
    "contextvars": "a context variable",
    "unittest": "a mock",
    "matplotlib": "a figure, or a part of one",
    "requests": "a connection, or an answer that came by one",
    "httpx": "a connection, or an answer that came by one",
}


def refusal(obj: Any) -> str:
    """Why there is no source for it; "it is …"."""
    kind = type(obj)
    for known, words in _UNWRITABLE.items():
        if issubclass(kind, known):
            return words
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.").removeprefix("__main__.")
    words = _MODULES.get(kind.__module__.partition(".")[0].lstrip("_"), "")
    if words:
        return f"{words} ({name})"
    if any("__next__" in vars(base) for base in kind.__mro__):
        return f"an iterator ({name}), which may be half consumed"
    library = kind.__module__.partition(".")[0]
    if library in sys.stdlib_module_names:
        return f"an object of {name}, for which there is no literal"
    return f"an object of {name}, which only {library} can write"
