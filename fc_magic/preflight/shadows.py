"""Own files that are named like modules of Python or of the image: /code comes first, so they stand in for those."""

from __future__ import annotations

from collections.abc import Iterator

from fc_magic.preflight import provided
from fc_magic.preflight.finding import Finding, Place
from fc_magic.preflight.view import View
from fc_magic.wire import images, standard_library

#: what the runtime has loaded before the author's code, and what everyday modules load in turn
_NEEDED = """
    abc argparse array ast asyncio atexit base64 binascii bisect builtins bz2 calendar codecs collections concurrent
    configparser contextlib contextvars copy copyreg csv dataclasses datetime decimal difflib dis email encodings enum
    errno fcntl fnmatch functools genericpath gettext gzip hashlib heapq hmac html http importlib inspect
    io ipaddress itertools json keyword linecache locale logging lzma marshal math mimetypes numbers opcode operator
    os pathlib pickle platform posix posixpath pyexpat queue quopri random re reprlib resource secrets select
    selectors shutil signal site socket socketserver ssl stat string struct subprocess sys tempfile
    textwrap threading time token tokenize traceback types typing unicodedata unittest urllib uuid warnings weakref
    xml zipfile zipimport zlib zoneinfo
"""
NEEDED = frozenset(_NEEDED.split())


def examine(view: View) -> Iterator[Finding]:
    if view.version is None:
        return
    own = {path for path in view.contents.files if path not in view.vendored}
    for name in sorted(provided.modules(own)):
        path = f"{name}.py" if f"{name}.py" in own else f"{name}/__init__.py"
        if path in own and standard_library.has(name, view.version):
            yield _of_python(path, name)
        elif path == f"{name}.py" and name in images.modules(view.runtime):
            there = f"import {name} finds {path}, and not the library of {view.runtime}"
            yield Finding("shadows-module", Place(path), "is named like a library", there, _renamed(path))
    for wheel in view.contents.wheels:
        for name in sorted(provided.of_wheel(wheel)):
            if standard_library.has(name, view.version):
                there = f"import {name} finds that, and not Python's own"
                yield Finding("shadows-module", Place(), f"{wheel.name} brings a module {name}", there)


def _of_python(path: str, name: str) -> Finding:
    if name in NEEDED:
        there = f"import {name} finds {path} or Python's own, depending on who came first"
        return Finding(
            "shadows-standard-library", Place(path), f"is named like Python's {name}", there, _renamed(path)
        )
    there = f"import {name} finds {path}, and not Python's own"
    return Finding("shadows-module", Place(path), f"is named like Python's {name}", there, _renamed(path))


def _renamed(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"call it my_{folder}/" if slash else f"call it my_{name}"
