"""Libraries that were not built for where they go: another system, another machine, a newer C library or Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fc_magic.package.contents import Wheel
from fc_magic.preflight import elf
from fc_magic.preflight.finding import Finding, Place
from fc_magic.preflight.view import View
from fc_magic.wire import images

_LIBRARY = re.compile(r"\.(so(\.\d+)*|node)$")
_OF_PYTHON = re.compile(r"\.(?:cpython-|cp)(\d)(\d+)[^.]*\.(?:so|pyd)$")
#: folders in which packages keep what is for others
_FOR_OTHERS = re.compile(
    r"(?i)(?:^|[/._-])(arm|arm64|aarch64|armv\d\w*|i[36]86|ia32|ppc64\w*|s390x|riscv64|loong64|mips\w*"
    r"|android|freebsd|ios|mac\w*|darwin|osx|win\w*|musl\w*)(?=[/._-])"
)
_GLIBC_TAG = re.compile(r"manylinux_(\d+)_(\d+)_(\w+)")
_OLDER_TAGS = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_PYTHON_TAG = re.compile(r"cp(\d)(\d+)")


def examine(view: View) -> Iterator[Finding]:
    if view.runtime.startswith(("custom-container", "java", "dotnet")):
        return
    for path, raw in view.contents.files.items():
        if _LIBRARY.search(path) and not _FOR_OTHERS.search(path):
            yield from _library(view, path, raw)
    if view.version:
        for wheel in view.contents.wheels:
            yield from _wheel(view, wheel)
    if view.is_program and not view.initializer:
        yield from _bootstrap(view)


def _library(view: View, path: str, raw: bytes) -> Iterator[Finding]:
    found = elf.read(raw)
    if found is None:
        return
    if found.system != "Linux":
        said, there = f"is a library for {found.system}", "ImportError: invalid ELF header"
        yield Finding("wrong-platform", Place(path), said, there, _rebuilt(view))
    elif found.machine != "x86_64" or found.bits != 64:
        said, there = f"is a library for {found.machine}, {found.bits} bit", "ImportError: wrong ELF class"
        yield Finding("wrong-platform", Place(path), said, there, _rebuilt(view))
    else:
        yield from _too_new(view, path, "needs", found.glibc)
    python = _OF_PYTHON.search(path)
    if not python or not view.version or _has_other(view, path[: python.start()]):
        return
    if (int(python[1]), int(python[2])) != view.version:
        said = f"is built for Python {python[1]}.{python[2]}"
        there = f"ModuleNotFoundError: {view.runtime} does not look for a file of this name"
        yield Finding("wrong-platform", Place(path), said, there, _rebuilt(view))


def _has_other(view: View, stem: str) -> bool:
    """Whether the same module is there in a file that the runtime's Python looks for."""
    major, minor = view.version or (0, 0)
    named = re.compile(rf"\.(?:cpython-{major}{minor}-.*|cp{major}{minor}-.*|abi3\.so|so|py)")
    return any(path.startswith(stem) and named.fullmatch(path, len(stem)) for path in view.contents.files)


def _too_new(view: View, place: str, needs: str, glibc: tuple[int, int]) -> Iterator[Finding]:
    has = images.GLIBC.get(view.runtime)
    if has is None or glibc <= has:
        return
    version = f"{glibc[0]}.{glibc[1]}"
    said = f"{needs} glibc {version}, and {view.runtime} has {has[0]}.{has[1]}"
    better = [
        runtime
        for runtime, there in images.GLIBC.items()
        if there >= glibc and runtime[:6] == view.runtime[:6]
    ]
    hint = f"--runtime {better[0]}" if better else "a wheel for manylinux2014"
    yield Finding(
        "glibc-too-new", Place(place), said, f"ImportError: version `GLIBC_{version}' not found", hint
    )


def _rebuilt(view: View) -> str:
    return (
        "--requirements NAME fetches it for Linux on x86_64"
        if view.version
        else "build it for Linux on x86_64"
    )


def _wheel(view: View, wheel: Wheel) -> Iterator[Finding]:
    """What the tags of a wheel's name promise."""
    tags = wheel.path.name.removesuffix(".whl").split("-")[-3:]
    if len(tags) != 3 or not wheel.path.name.endswith(".whl"):
        return
    python, abi, platform = tags
    title = f"{wheel.name} {wheel.version}"
    if platform != "any" and not re.search(r"\b(?:many)?linux\w*_x86_64", platform):
        said, there = f"{title} is a wheel for {platform}", "ImportError: invalid ELF header"
        yield Finding("wrong-platform", Place(), said, there, f"--requirements {wheel.name}")
        return
    least = min(_glibcs(platform), default=(0, 0))
    yield from _too_new(view, "", f"{title} needs", least)
    built = [(int(a), int(b)) for a, b in _PYTHON_TAG.findall(python)]
    if built and abi.startswith("cp") and view.version not in built:
        said = f"{title} is a wheel for Python {built[0][0]}.{built[0][1]}"
        yield Finding("wrong-platform", Place(), said, "ModuleNotFoundError", f"--requirements {wheel.name}")


def _glibcs(platform: str) -> Iterator[tuple[int, int]]:
    for tag in platform.split("."):
        found = _GLIBC_TAG.fullmatch(tag)
        if found and found[3] == "x86_64":
            yield int(found[1]), int(found[2])
        older = _OLDER_TAGS.get(tag.removesuffix("_x86_64"))
        if older:
            yield older


def _bootstrap(view: View) -> Iterator[Finding]:
    """The program that is started if no command is named."""
    raw = view.contents.files.get("bootstrap")
    code, place = "program-cannot-start", "bootstrap"
    if raw is None:
        return
    found = elf.read(raw)
    if found and (found.system, found.machine) != ("Linux", "x86_64"):
        said = f"is a program for {found.system} on {found.machine}"
        yield Finding(
            "wrong-platform", Place(place), said, "exec format error", "build it for Linux on x86_64"
        )
    elif not found and not raw.startswith(b"#!"):
        yield Finding(
            code,
            Place(place),
            "has no first line that names its interpreter",
            "exec format error",
            "#!/bin/bash",
        )
    elif not found and b"\r\n" in raw[:200]:
        said, there = "has line ends of Windows", "code 2, message:no such file or directory"
        yield Finding(code, Place(place), said, there, "sed -i 's/\\r$//' bootstrap")
    if "bootstrap" not in view.contents.executable:
        yield Finding(
            code,
            Place(place),
            "is not executable",
            "code 13, message:permission denied",
            "chmod 755 bootstrap",
        )
