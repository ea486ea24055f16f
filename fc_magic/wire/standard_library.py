"""The modules that come with Python on Linux, and in which versions."""

from __future__ import annotations

import sys
from collections.abc import Mapping

Version = tuple[int, int]
#: every version from 3.9 on has these
_ALWAYS = """
    __future__ __main__ _thread abc antigravity argparse array ast asyncio atexit base64 bdb binascii bisect
    builtins bz2 cProfile calendar cmath cmd code codecs codeop collections colorsys compileall concurrent
    configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal difflib
    dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions
    ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http
    idlelib imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox
    marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath nturl2path numbers opcode operator
    optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile
    pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource
    rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver
    sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess symtable
    sys sysconfig syslog tabnanny tarfile tempfile termios textwrap this threading time timeit tkinter token
    tokenize trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uuid
    venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
"""
_GONE_313 = """
    aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap nis nntplib ossaudiodev pipes sndhdr spwd sunau
    telnetlib uu xdrlib
"""
#: module -> the first version that has it
SINCE: Mapping[str, Version] = {
    "annotationlib": (3, 14),
    "asyncio.taskgroups": (3, 11),
    "asyncio.timeouts": (3, 11),
    "compression": (3, 14),
    "concurrent.interpreters": (3, 14),
    "dbm.sqlite3": (3, 13),
    "importlib.resources.abc": (3, 11),
    "pathlib.types": (3, 14),
    "string.templatelib": (3, 14),
    "tomllib": (3, 11),
    "wsgiref.types": (3, 11),
}
#: module -> the first version without it
UNTIL: Mapping[str, Version] = {
    **dict.fromkeys(("formatter", "parser", "symbol"), (3, 10)),
    "binhex": (3, 11),
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), (3, 12)),
    **dict.fromkeys(_GONE_313.split(), (3, 13)),
    "xml.etree.cElementTree": (3, 9),
}
_KNOWN = frozenset(_ALWAYS.split()) | SINCE.keys() | UNTIL.keys()
#: of Python, and not on Linux
_ELSEWHERE = ("_msi", "_overlapped", "_winapi", "msilib", "msvcrt", "nt", "winreg", "winsound")


def has(module: str, version: Version) -> bool:
    """Whether this Python can import a module, dotted or not."""
    top = module.partition(".")[0]
    return is_known(top) and all(
        SINCE.get(name, (0, 0)) <= version < UNTIL.get(name, (99, 0)) for name in (top, module)
    )


def is_known(top: str) -> bool:
    """Whether some Python from 3.9 on has it; of the private parts, this one."""
    private = top.startswith("_") and top not in _ELSEWHERE and top in sys.stdlib_module_names
    return private or top in _KNOWN
