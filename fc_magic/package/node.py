"""Whether Node.js can read a file of JavaScript, where it is installed: it says so without running it."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: of the newest runtime: an older one would refuse what that can read
NEWEST = 20
LIMIT_S = 5.0
_SAID = re.compile(
    r"^[^\n]*:(\d+)\n([^\n]*)\n([ \t]*\^*)[^\n]*\n(?:\n|.)*?^SyntaxError: ([^\n]*)", re.MULTILINE
)


@dataclass(frozen=True)
class SyntaxProblem:
    """What is wrong in a line, its text, and the mark below it."""

    message: str
    line: int
    text: str
    mark: str


def problem(source: str, file: str) -> SyntaxProblem | None:
    """None if all is well, or nobody here can tell. ``file`` is its name, which says what kind of module it is."""
    node = _newest()
    if not node:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_text(source, encoding="utf-8")
        said = _SAID.search(_run(node, "--check", str(path)).stderr)
    return SyntaxProblem(said[4], int(said[1]), said[2], said[3]) if said else None


@functools.cache
def _newest() -> str:
    """The path of a node that knows all that a runtime knows; nothing if there is none."""
    path = shutil.which("node") or ""
    major = _run(path, "-p", "process.versions.node").stdout.partition(".")[0] if path else ""
    return path if major.isdecimal() and int(major) >= NEWEST else ""


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(words, 1, "", "")
