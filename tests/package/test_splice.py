"""Libraries in a package: what a wheel has comes out of the ZIP as it was, and the same wheels are the same bytes."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fc_magic.errors import PackageError
from fc_magic.package.contents import Contents, Wheel
from fc_magic.package.packed import Packed, libraries
from fc_magic.package.splice import LAYER
from tests.package.test_bundle import PATHS, can_be_unpacked, digest, pythons
from tests.package.wheels import entry, metadata, of, wheel

ROOT = Path(__file__).parents[2]
PROPERTY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
#: what the table of what nobody reads has no word for
LIBRARY = st.dictionaries(
    PATHS.map(lambda path: f"lib/{path}.py"),
    st.binary(max_size=3000) | st.just(b"x" * 200_000),
    min_size=1,
    max_size=6,
).filter(can_be_unpacked)
CELL = {"index.py": b"import lib\n"}


def read(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == sorted(names)
        return {name: archive.read(name) for name in names}


def whole(*wheels: Wheel, left_out: tuple[str, ...] = (), cache: Path | None = None) -> bytes:
    return Contents(CELL, wheels=wheels, left_out=left_out).zipped(cache)[:]


# ---------------------------------------------------------------- what goes in comes out


@PROPERTY
@given(LIBRARY, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), st.booleans(), st.data())
def test_what_is_in_a_wheel_comes_out(
    tmp_path: Path, files: dict[str, bytes], method: int, streamed: bool, data: st.DataObject
) -> None:
    """Every file of a library by its path and with its bytes, the cell beside them, and nothing else."""
    run = data.draw(st.sets(st.sampled_from(sorted(files))))
    modes = dict.fromkeys(run, 0o100755)
    made = wheel(tmp_path, "lib", files, method=method, streamed=streamed, modes=modes)
    raw = whole(made)
    info = "lib-1.0.dist-info"
    assert read(raw) == {
        **CELL,
        **files,
        f"{info}/METADATA": metadata("lib", "1.0"),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\n",
    }
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        for found in archive.infolist():
            assert found.external_attr >> 16 == modes.get(found.filename, 0o100644)
            assert (found.date_time, found.extra, found.create_system) == ((1980, 1, 1, 0, 0, 0), b"", 3)
            assert found.flag_bits in (0, 0x800)


@PROPERTY
@given(LIBRARY, st.randoms())
def test_same_wheels_same_bytes(tmp_path: Path, files: dict[str, bytes], chance: random.Random) -> None:
    """In whatever order they are named, from the cache or not."""
    wheels = [wheel(tmp_path, name, {f"{name}/{p}": raw for p, raw in files.items()}) for name in "abc"]
    first = whole(*wheels)
    chance.shuffle(wheels)
    cache = tmp_path / f"cache-{chance.random()}"
    assert whole(*wheels) == whole(*wheels, cache=cache) == whole(*wheels, cache=cache) == first


def test_members_are_copied_compressed(tmp_path: Path) -> None:
    """What somebody's zlib made of a file is what stands in the package: none of ours has a word in it."""
    text = b"a library of many lines\n" * 10_000
    made = wheel(tmp_path, "lib", {"lib/__init__.py": text})
    with zipfile.ZipFile(made.path) as theirs, zipfile.ZipFile(BytesIO(whole(made))) as ours:
        a, b = theirs.getinfo("lib/__init__.py"), ours.getinfo("lib/__init__.py")
        assert (a.compress_size, a.CRC, a.compress_type) == (b.compress_size, b.CRC, b.compress_type)
    assert len(whole(made)) < len(text) / 10


PROGRAM = """
import hashlib, sys
from pathlib import Path
from fc_magic.package.archive import directory, listed
from fc_magic.package.contents import Wheel
from fc_magic.package.splice import splice
out = []
wheels = [Wheel(*Path(p).name.split("-")[:2], Path(p), "") for p in sys.argv[1:]]
made = splice(wheels, out.append)
out.append(directory({e.path: listed(e) for e in made.entries}, made.end))
print(hashlib.sha256(b"".join(out)).hexdigest())
"""


@pytest.mark.parametrize("python", [sys.executable, *pythons()], ids=lambda p: Path(p).name)
def test_same_bytes_on_every_python(python: str, tmp_path: Path) -> None:
    """Libraries do not tell which Python, and which zlib, has packed them; and it needs nothing installed."""
    made = [
        wheel(tmp_path, "b", {"b/x.py": b"b" * 100_000, "b/ü.py": b"", "b/tests/x.py": b""}),
        wheel(tmp_path, "a", {"a/x.so": b"\x7fELF" * 100, "a/y.py": b"import b"}, modes={"a/x.so": 0o100755}),
    ]
    done = subprocess.run(
        [python, "-S", "-B", "-c", PROGRAM, *(str(one.path) for one in made)],
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert not done.stderr
    assert done.stdout.strip() == digest(libraries(made).whole()[:])


@pytest.mark.parametrize("program", ["unzip", "zipinfo", "zip"])
def test_other_programs_read_it(program: str, tmp_path: Path) -> None:
    """A package with libraries is a ZIP to those who did not write it."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    files = {"lib/模块.py": b"x" * 70_000, "lib/run": b"#!/bin/sh\n"}
    path = tmp_path / "code.zip"
    path.write_bytes(whole(wheel(tmp_path, "lib", files, modes={"lib/run": 0o100755}, streamed=True)))
    arguments = {"unzip": ["-tqq"], "zipinfo": ["-v"], "zip": ["-T"]}[program]
    done = subprocess.run([program, *arguments, str(path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


def test_more_files_than_a_zip_can_count(tmp_path: Path) -> None:
    """From 65 535 files on the directory is that of a large ZIP, and read as one."""
    files = {f"lib/{n}.py": b"" for n in range(70_000)}
    raw = whole(wheel(tmp_path, "lib", files, method=zipfile.ZIP_STORED))
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert len(archive.namelist()) == 70_000 + 3
    assert b"PK\6\6" in raw[-200:]


# ---------------------------------------------------------------- where things go


def test_files_beside_the_modules(tmp_path: Path) -> None:
    """They go where an installer would put them; scripts that name an installer's Python stay out."""
    data = "lib-1.0.data"
    made = wheel(
        tmp_path,
        "lib",
        {
            f"{data}/purelib/lib/a.py": b"a",
            f"{data}/platlib/lib/b.py": b"b",
            f"{data}/data/share/lib/c.json": b"c",
            f"{data}/headers/lib/d.h": b"d",
            f"{data}/scripts/tool": b"#!/bin/sh\n",
            f"{data}/scripts/other": b"#!python\nimport lib\n",
        },
    )
    info = {"lib-1.0.dist-info/METADATA", "lib-1.0.dist-info/WHEEL"}
    found = read(whole(made)).keys() - CELL.keys() - info
    assert found == {"lib/a.py", "lib/b.py", "share/lib/c.json", "bin/tool"}
    raw = libraries([made], LAYER).whole()[:]
    assert read(raw).keys() == {
        *(f"python/{path}" for path in (*info, "lib/a.py", "lib/b.py", "share/lib/c.json")),
        "bin/tool",
    }
    with zipfile.ZipFile(BytesIO(raw)) as archive:
        assert archive.getinfo("bin/tool").external_attr >> 16 == 0o100755


def test_two_wheels_with_the_same_file(tmp_path: Path) -> None:
    """It is there once; if the two differ, both are named."""
    a = wheel(tmp_path, "a", {"shared/x.py": b"1", "a.py": b""})
    b = wheel(tmp_path, "b", {"shared/x.py": b"1", "b.py": b""})
    assert read(whole(a, b))["shared/x.py"] == b"1"
    c = wheel(tmp_path, "c", {"shared/x.py": b"2"})
    with pytest.raises(PackageError, match=r"shared/x\.py is in a 1\.0 and, with other bytes, in c 1\.0"):
        whole(a, c)


def test_a_folder_of_several_distributions(tmp_path: Path) -> None:
    """What only declares such a folder may differ, as installers allow it; code may not."""
    extends = b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    a = wheel(tmp_path, "a", {"ns/__init__.py": b"# nothing\n", "ns/a.py": b""})
    b = wheel(tmp_path, "b", {"ns/__init__.py": extends, "ns/b.py": b""})
    assert {"ns/__init__.py", "ns/a.py", "ns/b.py"} <= read(whole(a, b)).keys()
    c = wheel(tmp_path, "c", {"ns/__init__.py": b"import this\n"})
    with pytest.raises(PackageError, match="ns/__init__"):
        whole(a, c)


def test_a_file_of_the_cell_that_is_a_librarys(tmp_path: Path) -> None:
    """Neither is written over the other, be it a file or a folder."""
    made = wheel(tmp_path, "index", {"index.py": b"", "data/x.py": b""})
    with pytest.raises(PackageError, match=r"index\.py would be in the package twice"):
        whole(made)
    for path in ("data", "data/x.py/y"):
        with pytest.raises(PackageError, match="data"):
            Contents({path: b""}, wheels=(made,)).zipped()


# ---------------------------------------------------------------- wheels that are refused


def broken(folder: Path, *entries: tuple[zipfile.ZipInfo, bytes]) -> Wheel:
    path = folder / "bad-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for info, raw in entries:
            archive.writestr(info, raw)
    return of(path)


def patched(folder: Path, old: bytes, new: bytes, count: int = -1) -> Wheel:
    """A good wheel with other bytes in it."""
    made = wheel(folder, "bad", {"bad/module.py": b"print()\n" * 20})
    raw = made.path.read_bytes()
    assert old in raw
    made.path.write_bytes(raw.replace(old, new, count))
    return of(made.path)


@pytest.mark.parametrize(
    "path", ["../x.py", "/etc/passwd", "a/../../x", "a//b", "C:\\x.py", "a/./b", "x" * 300], ids=repr
)
def test_path_that_would_leave_the_package(path: str, tmp_path: Path) -> None:
    """A wheel with such a file is refused by its name."""
    with pytest.raises(PackageError, match=r"the wheel bad-1\.0-py3-none-any\.whl has "):
        whole(broken(tmp_path, (entry(path), b"")))


@pytest.mark.parametrize(
    ("mode", "why"), [(0o120777, "a link"), (0o010644, "no plain file"), (0o060644, "no plain file")], ids=str
)
def test_what_is_no_file(mode: int, why: str, tmp_path: Path) -> None:
    """Links, pipes and devices are refused."""
    with pytest.raises(PackageError, match=why):
        whole(broken(tmp_path, (entry("bad/link", mode), b"../../etc/passwd")))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_methods_that_not_everybody_reads(method: int, tmp_path: Path) -> None:
    """Function Compute unpacks what is stored or deflated."""
    with pytest.raises(PackageError, match=f"method {method}"):
        whole(broken(tmp_path, (entry("bad/x.py", method=method), b"x" * 100)))


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """Of two readings of one wheel neither is chosen."""
    made = entry("bad/x.py")
    with pytest.warns(UserWarning, match="Duplicate name"):
        bad = broken(tmp_path, (made, b"1"), (entry("bad/x.py"), b"2"))
    with pytest.raises(PackageError, match=r"has bad/x\.py twice"):
        whole(bad)
    twin = broken(tmp_path, (entry("bad/x.py"), b"1"), (entry("bad-1.0.data/purelib/bad/x.py"), b"2"))
    with pytest.raises(PackageError, match=r"has bad/x\.py twice"):
        whole(twin)


def test_a_file_below_a_file(tmp_path: Path) -> None:
    """It could not be unpacked."""
    with pytest.raises(PackageError, match="has the file bad/x"):
        whole(broken(tmp_path, (entry("bad/x"), b"1"), (entry("bad/x/y"), b"2")))


def test_what_is_encrypted(tmp_path: Path) -> None:
    """The flag is enough."""
    made = wheel(tmp_path, "bad", {"bad/x.py": b"1"})
    raw = bytearray(made.path.read_bytes())
    for sign, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        raw[raw.index(sign) + at] |= 1
    made.path.write_bytes(raw)
    with pytest.raises(PackageError, match="it is encrypted"):
        whole(of(made.path))


def test_a_bomb(tmp_path: Path) -> None:
    """Sizes that cannot be, and files that share their bytes, are refused before anything is unpacked."""
    made = wheel(tmp_path, "bad", {"bad/a.py": b"1" * 1000, "bad/b.py": b"1" * 1000})
    raw = bytearray(made.path.read_bytes())
    first = raw.index(b"PK\1\2")
    large = raw[:]
    struct.pack_into("<I", large, first + 24, 1 << 31)
    made.path.write_bytes(large)
    with pytest.raises(PackageError, match="its sizes cannot be true"):
        whole(of(made.path))
    second = raw.index(b"PK\1\2", first + 1)
    raw[second + 42 : second + 46] = raw[first + 42 : first + 46]
    made.path.write_bytes(raw)
    with pytest.raises(PackageError, match="where another file is"):
        whole(of(made.path))


def test_what_is_damaged(tmp_path: Path) -> None:
    """A wheel that is cut off, is none, or is not there."""
    made = wheel(tmp_path, "bad", {"bad/a.py": b"1" * 1000})
    raw = made.path.read_bytes()
    made.path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(PackageError, match="not a readable ZIP"):
        whole(of(made.path))
    made.path.write_bytes(raw.replace(b"PK\3\4", b"PK\3\5", 1))
    with pytest.raises(PackageError, match=r"does not have bad/a\.py where it says"):
        whole(of(made.path))
    made.path.unlink()
    with pytest.raises(PackageError, match="cannot be read: No such file"):
        whole(made)


@PROPERTY
@given(st.data())
def test_any_byte_of_a_wheel_may_be_wrong(tmp_path: Path, data: st.DataObject) -> None:
    """It is refused by name, or packed as something that can be read to its end; nothing else happens."""
    made = wheel(tmp_path, "bad", {"bad/a.py": b"import os\n" * 9, "bad/tests/b.py": b"2"})
    raw = bytearray(made.path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=3)):
        raw[at] = data.draw(st.integers(0, 255))
    made.path.write_bytes(raw)
    try:
        found = whole(of(made.path))
    except PackageError as error:
        found = None
        said = error.message
    assert "bad" in said if found is None else zipfile.ZipFile(BytesIO(found)).namelist()


# ---------------------------------------------------------------- what nobody reads


def kept(files: dict[str, bytes], tmp_path: Path, *patterns: str) -> set[str]:
    info = ("lib-1.0.dist-info/METADATA", "lib-1.0.dist-info/WHEEL")
    return set(read(whole(wheel(tmp_path, "lib", files), left_out=patterns))) - {*info, "index.py"}


UNREAD = dict.fromkeys(
    [
        "lib/tests/test_a.py",
        "lib/inner/test/__init__.py",
        "lib/conftest.py",
        "lib/__pycache__/a.cpython-310.pyc",
        "lib/a.pyc",
        "lib/a.pyi",
        "lib/a.pyx",
        "lib/a.h",
        "lib/include/deep/a.hpp",
        "lib/lib.a",
        "README.md",
        "share/man/man1/x.1",
        "LICENSE",
        "docs/a.txt",
        "tests/__init__.py",
    ],
    b"",
)
READ = dict.fromkeys(
    [
        "lib/__init__.py",
        "lib/testing/__init__.py",
        "lib/test.py",
        "lib/tests.py",
        "lib/data/README.md",
        "lib/docs/style.py",
        "lib/a.so",
        "lib/latest/x.py",
        "lib/py.typed",
        "lib/LICENSE",
        "other.py",
    ],
    b"",
)


def test_what_nobody_reads_is_left_out(tmp_path: Path) -> None:
    """Tests, bytecode, types, headers and documents; what only sounds like it stays."""
    assert kept({**UNREAD, **READ}, tmp_path) == READ.keys()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lib/__init__.py", b"from lib.tests import helper"),
        ("lib/__init__.py", b"from . import a, tests"),
        ("lib/__init__.py", b"from .tests.helper import (\n    one,\n)"),
        ("lib/deep/__init__.py", b"def run():\n    from ..tests import helper\n"),
        ("lib/deep/a.py", b"from .. import (\n    a,\n    tests,\n)"),
        ("other.py", b"try:\n    import lib.tests.helper as helper\nexcept ImportError: pass"),
        ("other.py", b"import os, lib.tests"),
    ],
)
def test_tests_that_a_library_imports_stay(module: str, source: bytes, tmp_path: Path) -> None:
    """Astropy and NumPy do that."""
    files = {"lib/__init__.py": b"", "lib/tests/helper.py": b"", "lib/deep/tests/x.py": b"", module: source}
    assert kept(files, tmp_path) == files.keys() - {"lib/deep/tests/x.py"}


@pytest.mark.parametrize(
    "source",
    [b"# from lib.tests import helper", b"x = 'tests'", b"import lib.testing", b"from .tested import tests_"],
)
def test_tests_that_nobody_imports_go(source: bytes, tmp_path: Path) -> None:
    """A word is no import."""
    files = {"lib/__init__.py": source, "lib/tests/helper.py": b"import lib.tests"}
    assert kept(files, tmp_path) == {"lib/__init__.py"}


def test_types_that_are_read_at_run_time(tmp_path: Path) -> None:
    """Scikit-image finds its modules in them."""
    files = {
        "lib/__init__.py": b"import lazy_loader\nlazy_loader.attach_stub(__name__, __file__)",
        "lib/__init__.pyi": b"",
    }
    assert kept(files, tmp_path) == files.keys()


@pytest.mark.parametrize(
    ("patterns", "more", "less"),
    [
        (("data/",), (), ("lib/data/README.md",)),
        (("*.so", "lib/latest/"), (), ("lib/a.so", "lib/latest/x.py")),
        (("/lib/*.py",), (), ("lib/__init__.py", "lib/test.py", "lib/tests.py")),
        (
            ("lib/**/*.py", "!lib/**/x.py"),
            (),
            tuple(p for p in READ if p.startswith("lib/") and p.endswith(".py") and "/x." not in p),
        ),
        (("!lib/tests/",), ("lib/tests/test_a.py",), ()),
        (("!*.pyi", "!/docs/"), ("lib/a.pyi", "docs/a.txt"), ()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_person_may_say_otherwise(
    patterns: tuple[str, ...], more: tuple[str, ...], less: tuple[str, ...], tmp_path: Path
) -> None:
    """What is named goes too, and what is named with ! stays."""
    assert kept({**UNREAD, **READ}, tmp_path, *patterns) == {*READ, *more} - {*less}


# ---------------------------------------------------------------- the cache


def test_libraries_are_packed_once(tmp_path: Path) -> None:
    """Without its wheel a package is made from what was kept; other patterns, or another wheel, are another one."""
    cache = tmp_path / "cache"
    made = wheel(tmp_path, "lib", {"lib/a.py": b"a", "lib/b.py": b"b"})
    first = whole(made, cache=cache)
    made.path.unlink()
    assert whole(made, cache=cache) == first
    with pytest.raises(PackageError):
        whole(made, cache=cache, left_out=("b.py",))
    assert not list(cache.glob(".*"))


def test_a_damaged_cache(tmp_path: Path) -> None:
    """A file that is cut off is made again; one that was changed in place is not sent."""
    cache = tmp_path / "cache"
    made = wheel(tmp_path, "lib", {"lib/a.py": b"a" * 100})
    first = whole(made, cache=cache)
    kept_file = next(cache.glob("*.zip"))
    kept_file.write_bytes(kept_file.read_bytes()[:-1])
    assert whole(made, cache=cache) == first
    raw = bytearray(kept_file.read_bytes())
    raw[100] ^= 1
    kept_file.write_bytes(raw)
    with pytest.raises(PackageError, match="is damaged"):
        whole(made, cache=cache)


def test_parts_of_a_package(tmp_path: Path) -> None:
    """Any part is the same as that of the whole, wherever file and memory meet."""
    packed = Contents(CELL, wheels=(wheel(tmp_path, "lib", {"lib/a.py": b"a" * 50}),)).zipped()
    assert isinstance(packed, Packed)
    raw = packed[:]
    for start in range(0, len(raw) + 3, 7):
        for stop in range(start, len(raw) + 9, 11):
            assert packed[start:stop] == raw[start:stop]
