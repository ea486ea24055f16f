"""Whether the start command of a custom runtime can be run, as far as that is seen without running it.

The package and the layers are at hand when a function is deployed, and so are the programs of this machine: what
the system will refuse is known before the first call.
"""

from __future__ import annotations

import errno
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fc_magic.server.worker import limits

MESSAGES = {
    errno.ENOENT: "no such file or directory",
    errno.EACCES: "permission denied",
    errno.ENOEXEC: "exec format error",
}
CODE, LAYERS = "/code", "/opt"
#: the kernel reads no more of a script to find its interpreter
HEAD = 256


def not_run(command: Sequence[str], number: int) -> str:
    """Function Compute's text for a command that the system does not run, with its errno."""
    message = MESSAGES.get(number, os.strerror(number).lower())
    shown = shlex.join(command) or f"{CODE}/bootstrap"
    return limits.NOT_RUN.format(code=number, message=message, command=shown)


@dataclass(frozen=True)
class Seen:
    """What an instance will find: files of the code, those of each layer (the first on top), folders of programs."""

    files: Path
    layers: Sequence[Path] = ()
    path: Sequence[str] = ()

    def place(self, name: str) -> Path:
        """Where on this machine what the program calls ``name`` lies now."""
        whole = os.path.normpath(os.path.join(CODE, name))
        if _is_below(whole, CODE):
            return self.files / os.path.relpath(whole, CODE)
        if self.layers and _is_below(whole, LAYERS):
            found = [layer / os.path.relpath(whole, LAYERS) for layer in self.layers]
            return next((path for path in found if path.exists()), found[0])
        return Path(whole)

    def program(self, word: str) -> Path | None:
        """As execvp finds it."""
        if "/" in word:
            return self.place(word)
        found = [self.place(f"{folder}/{word}") for folder in self.path]
        there = [path for path in found if path.is_file()]
        return next((path for path in there if os.access(path, os.X_OK)), next(iter(there), None))


def problem(command: Sequence[str], seen: Seen) -> str:
    """Why the first call will fail, and what to do; nothing if nothing is known against it."""
    if not command and not (seen.files / "bootstrap").exists():
        return f"{limits.NO_BOOTSTRAP}; name the command that starts the program, or zip a file bootstrap"
    word = command[0] if command else f"{CODE}/bootstrap"
    number, why = _refused(seen.program(word), word, seen)
    return f"{not_run(command, number)}; {why}" if number else ""


def _refused(path: Path | None, word: str, seen: Seen) -> tuple[int, str]:
    if path is None or not path.is_file():
        where = "in the package" if "/" in word else "on PATH"
        return errno.ENOENT, f"there is no {word} {where}"
    if not os.access(path, os.X_OK):
        return errno.EACCES, f"make it executable, chmod 755 {path.name}, and zip it again"
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if not head.startswith(b"#!"):
        is_text = b"\0" not in head
        return (errno.ENOEXEC, f"begin {path.name} with a line as #!/bin/bash") if is_text else (0, "")
    line = head[2:].partition(b"\n")[0]
    interpreter = os.fsdecode(line.split(None, 1)[0]) if line.split() else ""
    if interpreter.endswith("\r") or line.endswith(b"\r"):
        return errno.ENOENT, f"the lines of {path.name} end in CR LF; save it with LF"
    if not seen.place(interpreter).exists():
        return errno.ENOENT, f"there is no {interpreter}, which {path.name} names as its interpreter"
    return 0, ""


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder + "/")
