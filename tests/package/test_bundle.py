"""A package: the same files are the same bytes everywhere, and what comes out is what went in."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fc_magic.errors import PackageError
from fc_magic.package.bundle import bundle

ROOT = Path(__file__).parents[2]
EPOCH = (1980, 1, 1, 0, 0, 0)
LARGE = 64 * 1024
#: what this process and another one pack
SAMPLE = {
    "index.py": b"def handler(event, context):\n    return event\n",
    "data/empty": b"",
    "data/zeros": bytes(LARGE),
    "模块/数据.json": b"{}",
    "a": b"a",
    "bin/run": b"#!/bin/sh\n",
}
EXECUTABLE = frozenset({"bin/run"})
PROGRAM = f"""
import hashlib
from fc_magic.package.bundle import bundle
files = {SAMPLE!a}
print(hashlib.sha256(bundle(files, frozenset({sorted(EXECUTABLE)!r}))).hexdigest())
"""

#: a path's parts: any text that a file of Linux can be named, but the names that mean a folder
PART = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=12
).filter(lambda part: part not in (".", ".."))
PATHS = st.lists(PART, min_size=1, max_size=4).map("/".join)


def can_be_unpacked(files: dict[str, bytes]) -> bool:
    """Whether no file is also a folder."""
    return not any(a.startswith(f"{b}/") for a in files for b in files)


FILES = st.dictionaries(PATHS, st.binary(max_size=300), max_size=6).filter(can_be_unpacked)
PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)


def read(raw: bytes) -> dict[str, bytes]:
    """What is in a package. Raises if a checksum in it is wrong."""
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


# ---------------------------------------------------------------- same files, same bytes


@PROPERTY
@given(FILES, st.randoms())
def test_order_does_not_count(files: dict[str, bytes], chance: random.Random) -> None:
    """The same files are the same bytes, in whatever order they are named."""
    items = list(files.items())
    chance.shuffle(items)
    assert bundle(dict(items)) == bundle(files)


@PROPERTY
@given(FILES, PATHS, st.binary(max_size=20))
def test_any_change_shows(files: dict[str, bytes], path: str, text: bytes) -> None:
    """A file more, or with other contents, is another package."""
    changed = {**files, path: text}
    assume(can_be_unpacked(changed))
    assert (bundle(changed) == bundle(files)) == (changed == files)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONUTF8": "0"},
        {"SOURCE_DATE_EPOCH": "0", "PYTHONOPTIMIZE": "2"},
    ],
    ids=lambda e: ",".join(e),
)
def test_same_bytes_in_another_process(environment: dict[str, str]) -> None:
    """Hash seed, time zone, locale and the time of day leave no trace in a package."""
    assert packed_by(sys.executable, environment) == digest(bundle(SAMPLE, EXECUTABLE))


def pythons() -> Iterator[str]:
    """Each supported Python that is installed here, wherever ``make`` would find it."""
    for minor in range(10, 14):
        name = f"python3.{minor}"
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
        found = next(iter(sorted(pyenv.glob(f"3.{minor}.*/bin/{name}"))), None) or shutil.which(name)
        if found and sys.version_info[:2] != (3, minor):
            yield str(found)


@pytest.mark.parametrize("python", [sys.executable, *pythons()], ids=lambda p: Path(p).name)
def test_same_bytes_on_every_python(python: str) -> None:
    """A package does not tell which Python, and which zlib, has made it."""
    assert packed_by(python) == digest(bundle(SAMPLE, EXECUTABLE))


def packed_by(python: str, environment: dict[str, str] | None = None) -> str:
    """What another process makes of the sample; the sample's way to a ZIP needs nothing installed."""
    done = subprocess.run(
        [python, "-S", "-B", "-"],
        input=PROGRAM,
        env={"PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert not done.stderr
    return done.stdout.strip()


# ---------------------------------------------------------------- what goes in comes out


@PROPERTY
@given(FILES)
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    """Every path and every byte, and nothing else, in order of path."""
    found = read(bundle(files))
    assert found == files
    assert list(found) == sorted(files)


@PROPERTY
@given(FILES, st.data())
def test_modes(files: dict[str, bytes], data: st.DataObject) -> None:
    """Files are readable by all and writable by their owner; those named executable can be run."""
    run = frozenset(data.draw(st.sets(st.sampled_from(sorted(files)))) if files else ())
    with zipfile.ZipFile(BytesIO(bundle(files, run))) as archive:
        for entry in archive.infolist():
            mode = 0o100755 if entry.filename in run else 0o100644
            assert (entry.external_attr >> 16, entry.create_system) == (mode, 3)
            assert entry.date_time == EPOCH
            assert not entry.is_dir()


def test_files_are_stored() -> None:
    """What a file becomes by deflate depends on the zlib of the machine, so none goes through it, large or small."""
    text = b"the same line again\n" * 100_000
    raw = bundle({"large.txt": text, "small.txt": text[:100]})
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert read(raw) == {"large.txt": text, "small.txt": text[:100]}


def test_no_files() -> None:
    """A package of nothing is still a ZIP."""
    assert read(bundle({})) == {}


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-m", "zipfile", "-t"], *([[path, "-tqq"]] if (path := shutil.which("unzip")) else [])],
    ids=lambda c: Path(c[0]).name,
)
def test_other_programs_read_it(command: list[str], tmp_path: Path) -> None:
    """A package is a ZIP to those who did not write it."""
    path = tmp_path / "code.zip"
    path.write_bytes(bundle({**SAMPLE, "large": bytes(LARGE * 4)}, EXECUTABLE))
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


# ---------------------------------------------------------------- what cannot go in


LEAVING = [
    *("", ".", "..", "/", "/etc/passwd", "//host/x", "../x", "a/../x", "a/..", "a/../../x", "./x", "a/./x"),
    *("a//x", "a/", "\\x", "..\\x", "a\\..\\x", "C:\\x", "\0", "a\0.py", "/../x", "./../x"),
]


@pytest.mark.parametrize("path", LEAVING, ids=repr)
def test_path_that_would_leave_the_package(path: str) -> None:
    """A path that is not plainly below the package is refused by name, with what to write instead."""
    with pytest.raises(PackageError) as caught:
        bundle({"index.py": b"", path: b""})
    assert repr(path) in caught.value.message
    assert "relative path" in caught.value.hint


@PROPERTY
@given(st.lists(st.sampled_from(["..", ".", "", "a", "b.py", "\\", "c\0"]), max_size=5).map("/".join))
def test_every_path_is_refused_or_stays_inside(path: str) -> None:
    """What is taken is below the package, the same in every spelling, and comes back by its name."""
    try:
        raw = bundle({path: b"x"})
    except PackageError:
        assert path in LEAVING or set(path.split("/")) & {"..", ".", "", "\\", "c\0"}
    else:
        assert read(raw) == {path: b"x"}
        assert not set(PurePosixPath(path).parts) & {"..", "/"}


@pytest.mark.parametrize("path", ["\ud800", "a/\udcff.py"], ids=ascii)
def test_path_that_is_no_unicode(path: str) -> None:
    """Half a character cannot be written into a ZIP."""
    with pytest.raises(PackageError):
        bundle({path: b""})


def test_file_that_is_also_a_folder() -> None:
    """Files below a file cannot be unpacked, so they are not packed."""
    with pytest.raises(PackageError, match=r"'a/b'"):
        bundle({"a": b"", "a/b": b"", "ab": b""})
    assert read(bundle({"a/b": b"", "a/c/d": b"", "ab": b"", "a-b": b""}))


def test_path_that_is_too_long() -> None:
    """What the file system of a function cannot hold is not packed; what it can hold is."""
    longest = "/".join(["ü" * 127, *["b" * 255] * 15])
    assert read(bundle({"b" * 255: b"", longest: b""}))
    for path in ("b" * 256, "ü" * 128, f"{longest}/c", "x" * 70_000):
        with pytest.raises(PackageError, match="longer than"):
            bundle({path: b""})
