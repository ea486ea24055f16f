"""What is kept of packing: found by its key while it is whole, bounded, and fit for several processes."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from fc_magic.errors import PackageError
from fc_magic.package.archive import Entry, directory, header, listed
from fc_magic.package.shelf import Shelf
from tests.package.wheels import wheel

ROOT = Path(__file__).parents[2]


def put(shelf: Shelf, key: str, size: int, **facts: Any) -> None:
    with shelf.making(key) as (file, keep):
        file.write(b"x" * size)
        keep({"size": size, **facts})


def test_found_by_its_key(tmp_path: Path) -> None:
    """With what was said of it; another key, or a beginning that nothing has, finds nothing."""
    shelf = Shelf(tmp_path / "new" / "folder")
    assert shelf.find("abc") is None
    put(shelf, "abc", 10, colour="red")
    found = shelf.find("abc")
    assert found is not None
    assert (found[0].read(2, 100), found[1]) == (b"x" * 8, {"size": 10, "colour": "red"})
    assert (shelf.begins("ab"), shelf.begins("b")) == ("abc", "")
    assert shelf.find("ab") is None


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    """What was made last stays, however large; what is open can be read on."""
    shelf = Shelf(tmp_path, most=25)
    for number, key in enumerate("abc"):
        put(shelf, key, 10)
        os.utime(tmp_path / f"{key}.json", (1000 + number, 1000 + number))
    assert shelf.find("a") is None
    held = shelf.find("b")  # is used, and so is not the next to go
    put(shelf, "d", 10)
    assert held is not None
    assert shelf.find("c") is None
    assert shelf.find("b") is not None
    put(shelf, "e", 100)
    assert {path.stem for path in tmp_path.iterdir()} == {"e"}
    assert held[0].read(0, 10) == b"x" * 10


def test_what_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    """Neither a file nor a key."""

    def interrupted() -> None:
        with Shelf(tmp_path).making("abc") as (file, _):
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_is_removed_after_a_day(tmp_path: Path) -> None:
    """Before that somebody may be at it."""
    for name, age in ((".half-old", 2 * 86400), (".half-new", 60)):
        (tmp_path / name).write_bytes(b"")
        then = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (then, then))
    put(Shelf(tmp_path), "abc", 1)
    assert {path.name for path in tmp_path.iterdir()} == {".half-new", "abc.json", "abc.zip"}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(PackageError, match=r"file/below cannot be written"):
        put(Shelf(tmp_path / "file" / "below"), "abc", 1)


PROGRAM = """
import sys
from pathlib import Path
from fc_magic.package.contents import Contents
from tests.package.wheels import of
wheels = tuple(of(Path(path)) for path in sys.argv[2:])
sys.stdin.readline()
for number in range(20):
    raw = Contents({"index.py": b"%d" % number}, wheels=wheels).zipped(Path(sys.argv[1]))
    print(raw.checksum, len(raw[:]))
"""


def test_several_processes_at_once(tmp_path: Path) -> None:
    """Each gets the whole package, and the folder has it once."""
    made = wheel(tmp_path, "lib", {f"lib/{n}.py": b"x" * 1000 for n in range(200)})
    cache = tmp_path / "cache"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(cache), str(made.path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for one in running:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    said = {one.communicate(timeout=50)[0] for one in running}
    assert [one.returncode for one in running] == [0, 0, 0]
    assert len(said) == 1
    assert sorted(path.suffix for path in cache.iterdir()) == [".json", ".zip"]


# ---------------------------------------------------------------- large numbers


def test_a_zip_of_more_than_four_gigabytes(tmp_path: Path) -> None:
    """Places and sizes beyond 32 bits stand in the fields that are for them."""
    far, huge = 5 << 30, 6 << 30
    small = Entry("small.txt", 0x3610A686, 5, 5, at=far)
    large = Entry("large.bin", 0, huge, huge)
    listing = {entry.path: listed(entry) for entry in (small, large)}
    path = tmp_path / "large.zip"
    with open(path, "wb") as file:  # with a hole in it
        file.seek(far)
        file.write(header(small) + b"hello")
        at = file.tell()
        file.write(directory(listing, at))
    with zipfile.ZipFile(path) as archive:
        assert archive.read("small.txt") == b"hello"
        found = archive.getinfo("large.bin")
        assert (found.file_size, found.compress_size, found.header_offset) == (huge, huge, 0)
        assert archive.getinfo("small.txt").header_offset == far
    assert header(large)[4] == 45  # the version of the format that a reader must know
