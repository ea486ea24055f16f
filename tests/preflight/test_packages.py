"""What the files of a package tell: own modules, wheels, libraries for another machine, and sizes."""

from __future__ import annotations

import hashlib
import re
import struct
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.package.contents import CELL, Contents, Wheel
from fc_magic.preflight import elf, provided
from fc_magic.preflight.examine import examine
from fc_magic.preflight.view import View
from fc_magic.slicing.result import Part, Slice
from fc_magic.wire import images, standard_library
from tests.preflight.conftest import HANDLER, of_files, said

INDEX = f"import tools\n{HANDLER}    pass\n"

# ---------------------------------------------------------------- own modules


def test_own_modules_are_followed() -> None:
    """What an own module imports is looked for too, by its own path and line; what nobody imports is left alone."""
    files = {
        "index.py": f"from app import shop\n{HANDLER}    import late\n",
        "app/__init__.py": "",
        "app/shop.py": "from . import prices\nfrom .prices import rate\nimport yaml\n",
        "app/prices.py": "rate = vat\n",
        "late.py": "import cv2\n",
        "unused.py": "import torch\nx = nothing\n",
    }
    assert said(of_files(files)) == [
        ("missing-module", "app/shop.py:3"),
        ("missing-module-in-function", "late.py:1"),
        ("undefined-name", "app/prices.py:1"),
    ]


def test_a_module_that_nothing_can_load() -> None:
    """A syntax error in an imported file is that file's."""
    assert said(of_files({"index.py": INDEX, "tools.py": "x = (\n"})) == [("syntax-error", "tools.py:1")]


def test_unpacked_distributions_are_not_the_authors() -> None:
    """Libraries in the package are found, and what they import for others is their affair."""
    files = {
        "index.py": f"import yaml, six.moves\n{HANDLER}    pass\n",
        "yaml/__init__.py": "import torch\nx = unicode\n",
        "six.py": "import winreg\n",
        "PyYAML-6.0.dist-info/RECORD": "yaml/__init__.py,sha256=x,3\n",
        "six-1.0.dist-info/RECORD": "six.py,sha256=x,3\n",
    }
    assert of_files(files) == ()
    below = {f"lib/{path}": text for path, text in files.items() if path != "index.py"}
    assert of_files({"index.py": files["index.py"], **below}, environment={"PYTHONPATH": "/code/lib"}) == ()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("json.py", "shadows-standard-library"),
        ("types/__init__.py", "shadows-standard-library"),
        ("code.py", "shadows-module"),
        ("requests.py", "shadows-module"),
        ("requests/__init__.py", ""),
        ("parser.py", ""),
        ("tools/json.py", ""),
        ("my_json.py", ""),
    ],
)
def test_files_named_like_modules(path: str, code: str) -> None:
    """An own file stands in for what other modules mean by that name."""
    found = of_files({"index.py": f"{HANDLER}    pass\n", path: ""})
    assert said(found) == ([(code, path)] if code else [])


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a.py", "b/__init__.py", "b/c.py"], {"a", "b"}),
        (["google/protobuf/__init__.py", "google/protobuf/message.py"], {"google.protobuf"}),
        (["n/m/x.py", "n/y.py"], {"n.m.x", "n.y"}),
        (["_x.cpython-310-x86_64-linux-gnu.so", "z.abi3.so", "p/__init__.pyc"], {"_x", "z", "p"}),
        (["a-1.dist-info/METADATA", "data.json", "a/__pycache__/b.cpython-310.pyc"], set()),
    ],
)
def test_modules_of_paths(paths: list[str], names: set[str]) -> None:
    """Files are modules as an import finds them."""
    assert provided.modules(paths) == names


# ---------------------------------------------------------------- places in a slice


def test_places_of_a_slice() -> None:
    """A line is named by the cell that it is from; what was made is named by its name."""
    parts = (
        Part(("rate",), "# rate: a number\nrate = vat\n", "value", note="rate: a number"),
        Part(("half",), "# In[3]\ndef half(x):\n    return x * share\n", "definition", 3, 4),
        Part(("twice",), "def twice(x):\n    return x * share2\n", "definition", None, 2),
        Part((), f"# magic\nimport yaml\n{HANDLER}    return half(total)\n", "cell", 5, 1),
    )
    sliced = Slice(parts, known=frozenset({"rate", "half", "twice"}))
    contents = Contents({"index.py": sliced.source.encode()}, reasons={"index.py": CELL})
    found = examine(View.of({"handler": "index.handler"}, contents, "python3.10", sliced)).found
    assert said(found) == [
        ("undefined-name", "rate"),
        ("undefined-name", "In[3] line 6"),
        ("undefined-name", "line 3 of another cell"),
        ("missing-module", "line 2"),
        ("undefined-name", "line 4"),
    ]


# ---------------------------------------------------------------- wheels


def wheel(folder: Path, name: str, files: dict[str, bytes]) -> Wheel:
    """A wheel of this file name."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, raw in files.items():
            archive.writestr(inside, raw)
    distribution, version = name.split("-")[:2]
    return Wheel(distribution, version, path, hashlib.sha256(path.read_bytes()).hexdigest())


def of_wheels(*wheels: Wheel, source: str = "", runtime: str = "python3.10") -> list[tuple[str, str]]:
    text = f"{source}{HANDLER}    pass\n"
    contents = Contents({"index.py": text.encode()}, reasons={"index.py": CELL}, wheels=wheels)
    found = examine(View.of({"handler": "index.handler"}, contents, runtime)).found
    return [(one.code, one.said) for one in found]


def test_wheels_bring_modules(tmp_path: Path) -> None:
    """Whatever a wheel has can be imported, also below a shared folder and from its data."""
    files = {"yaml/__init__.py": b"", "google/cloud/storage/__init__.py": b"", "x-1.data/purelib/six.py": b""}
    one = wheel(tmp_path, "x-1-py3-none-any.whl", files)
    source = "import yaml.nodes, six\nfrom google.cloud import storage\nimport google.cloud.storage.blob\n"
    assert of_wheels(one, source=source) == []
    (found,) = of_wheels(one, source="import google.cloud.bigquery\n")
    assert found == ("missing-module", "google.cloud.bigquery is neither in the package nor in python3.10")


@pytest.mark.parametrize(
    ("tags", "runtime", "found"),
    [
        ("py3-none-any", "python3.9", None),
        ("cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64", "python3.10", None),
        ("cp310-cp310-manylinux_2_27_x86_64.manylinux_2_28_x86_64", "python3.10", None),
        ("cp312-cp312-manylinux_2_31_x86_64", "python3.12", None),
        ("cp38-abi3-manylinux2014_x86_64", "python3.12", None),
        ("cp312-cp312-manylinux_2_34_x86_64", "python3.12", ("glibc-too-new", "needs glibc 2.34")),
        ("cp39-cp39-manylinux_2_28_x86_64", "python3.9", ("glibc-too-new", "python3.9 has 2.24")),
        ("cp311-cp311-manylinux2014_x86_64", "python3.10", ("wrong-platform", "a wheel for Python 3.11")),
        ("cp310-cp310-macosx_11_0_arm64", "python3.10", ("wrong-platform", "macosx_11_0_arm64")),
        ("cp310-cp310-manylinux2014_aarch64", "python3.10", ("wrong-platform", "aarch64")),
        ("cp310-cp310-musllinux_1_1_x86_64", "python3.10", ("wrong-platform", "musllinux")),
    ],
)
def test_tags_of_a_wheel(tmp_path: Path, tags: str, runtime: str, found: tuple[str, str] | None) -> None:
    """The name of a wheel says for which Python, machine and C library it was built."""
    got = of_wheels(wheel(tmp_path, f"lib-1.0-{tags}.whl", {"lib/__init__.py": b""}), runtime=runtime)
    assert [code for code, _ in got] == ([found[0]] if found else [])
    assert found is None or found[1] in got[0][1]


def test_a_wheel_that_stands_in_for_python(tmp_path: Path) -> None:
    """A distribution with a module of Python's own is named."""
    (found,) = of_wheels(wheel(tmp_path, "enum34-1-py3-none-any.whl", {"enum/__init__.py": b""}))
    assert found == ("shadows-module", "enum34 brings a module enum")


def test_sizes(tmp_path: Path) -> None:
    """Libraries that are too large as they are sent, and once they are unpacked; files with holes take no room."""
    large = wheel(tmp_path, "large-1-py3-none-any.whl", {"large.py": b""})
    with large.path.open("ab") as file:
        file.truncate(101 << 20)
    assert [code for code, _ in of_wheels(large)] == ["large-package"]
    with large.path.open("ab") as file:
        file.truncate(501 << 20)
    assert [code for code, _ in of_wheels(large)] == ["package-too-large"]


# ---------------------------------------------------------------- binaries


def library(machine: int = 62, bits: int = 2, versions: tuple[str, ...] = ()) -> bytes:
    """The smallest ELF file that needs these versions of symbols of the C library."""
    texts = b"\0libc.so.6\0" + b"".join(name.encode() + b"\0" for name in versions)
    at = [texts.index(name.encode() + b"\0") for name in versions]
    last = len(versions) - 1
    needed = struct.pack("<HHIII", 1, len(versions), 1, 16, 0) + b"".join(
        struct.pack("<IHHII", 0, 0, n + 2, place, 16 if n < last else 0) for n, place in enumerate(at)
    )
    sections = 64 + len(texts) + len(needed)
    header = struct.pack(
        "<4sBBBB8xHHIQQQIHHHHHH",
        b"\x7fELF",
        bits,
        1,
        1,
        0,
        3,
        machine,
        1,
        0,
        0,
        sections,
        0,
        64,
        0,
        0,
        64,
        2,
        0,
    )
    table = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, 64, len(texts), 0, 0, 1, 0)
    table += struct.pack("<IIQQQQIIQQ", 0, 0x6FFFFFFE, 0, 0, 64 + len(texts), len(needed), 0, 1, 8, 0)
    return header + texts + needed + table


@pytest.mark.parametrize(
    ("path", "raw", "runtime", "code", "there"),
    [
        ("a.so", library(versions=("GLIBC_2.4", "GLIBC_2.17")), "python3.9", "", ""),
        ("a.so", library(versions=("GLIBC_2.28", "GLIBC_2.3")), "python3.10", "", ""),
        ("a.so.1", library(versions=("GLIBC_2.3", "GLIBC_2.28")), "python3.9", "glibc-too-new", "GLIBC_2.28"),
        ("a.so", library(versions=("GLIBC_2.33",)), "custom.debian11", "glibc-too-new", "GLIBC_2.33"),
        ("a.so", library(versions=("GLIBC_2.33",)), "custom.debian12", "", ""),
        ("a.so", library(versions=("CXXABI_1.3", "GLIBC_PRIVATE")), "python3.9", "", ""),
        ("a.so", library(machine=183), "python3.10", "wrong-platform", "wrong ELF class"),
        ("a.so", library(machine=3, bits=1), "python3.10", "wrong-platform", "wrong ELF class"),
        ("a.so", b"\xcf\xfa\xed\xfe" + bytes(80), "python3.10", "wrong-platform", "invalid ELF header"),
        ("a.so", b"MZ" + bytes(80), "nodejs20", "wrong-platform", "invalid ELF header"),
        ("build/a.node", library(machine=183), "nodejs20", "wrong-platform", "wrong ELF class"),
        ("a.cpython-311-x86_64-linux-gnu.so", library(), "python3.10", "wrong-platform", "does not look for"),
        ("a.cpython-310-x86_64-linux-gnu.so", library(), "python3.10", "", ""),
        ("lib/aarch64/a.so", library(machine=183), "python3.10", "", ""),
        ("a.dll", b"MZ" + bytes(80), "python3.10", "", ""),
        ("a.so", b"no library at all", "python3.10", "", ""),
    ],
)
def test_libraries(path: str, raw: bytes, runtime: str, code: str, there: str) -> None:
    """A library is for a machine, a system and a C library."""
    index = "index.js" if runtime == "nodejs20" else "index.py"
    found = of_files({index: f"{HANDLER}    pass\n", path: raw}, runtime, entrypoint="x")
    assert [(one.code, one.place.text) for one in found] == ([(code, path)] if code else [])
    assert not code or there in found[0].there


@pytest.mark.parametrize(
    ("raw", "executable", "there"),
    [
        (b"#!/bin/bash\nexec python3 app.py\n", "bootstrap", ""),
        (library(), "bootstrap", ""),
        (b"exec python3 app.py\n", "bootstrap", "exec format error"),
        (b"#!/bin/bash\r\nexec python3 app.py\r\n", "bootstrap", "no such file or directory"),
        (b"#!/bin/bash\n", "", "permission denied"),
        (library(machine=183), "bootstrap", "exec format error"),
    ],
)
def test_bootstrap(raw: bytes, executable: str, there: str) -> None:
    """The program of a custom runtime must be one that can be started."""
    found = of_files({"bootstrap": raw}, "custom.debian12", executable)
    assert [there in one.there for one in found] == ([True] if there else [])


def _libraries_here() -> list[Path]:
    """Libraries of this machine's own Python and of what is installed beside it."""
    places = {sysconfig.get_path(name) for name in ("platlib", "platstdlib")}
    return sorted(path for place in places for path in Path(place).rglob("*.so"))[:60]


def test_real_libraries() -> None:
    """Of libraries of this machine the newest version is read that their texts name at all."""
    read = 0
    for path in _libraries_here():
        raw = path.read_bytes()
        found = elf.read(raw)
        if found is None or found.system != "Linux":
            continue
        texts = {(int(a), int(b)) for a, b in re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=[\0.])", raw)}
        assert found.glibc <= max(texts, default=(0, 0))
        assert bool(found.glibc > (0, 0)) == bool(texts)
        read += bool(texts)
    assert read or not _libraries_here()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8))
def test_no_file_breaks_the_reader(tail: bytes, changes: list[tuple[int, int]]) -> None:
    """A damaged library is a binary or none."""
    elf.read(b"\x7fELF" + tail)
    raw = bytearray(library(versions=("GLIBC_2.4", "GLIBC_2.17")))
    for at, value in changes:
        raw[at % len(raw)] = value
    found = elf.read(bytes(raw))
    assert found is None or found.system


# ---------------------------------------------------------------- the tables


def test_every_runtime_has_its_tables() -> None:
    """A Python runtime has a version, a C library, and an image."""
    assert images.PYTHON.keys() == images.DISTRIBUTIONS.keys()
    assert images.PYTHON.keys() <= images.GLIBC.keys()
    assert images.having("numpy") == ["python3.9"]
    assert images.having("oss2") == list(images.PYTHON)


def test_the_standard_library_here() -> None:
    """The table has what this Python says that it has, but for what is not on Linux."""
    version = sys.version_info[:2]
    here = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    mine = {name for name in here if standard_library.has(name, version)}
    assert here - mine <= {"msilib", "msvcrt", "nt", "winreg", "winsound"}
    known = {*standard_library.SINCE, *standard_library.UNTIL}
    assert {name for name in known if "." not in name and standard_library.has(name, version)} <= here


def test_builds_for_several_pythons_beside_each_other() -> None:
    """The one that fits is found: the others are not in its way."""
    files = {f"pkg/fast.cpython-{python}-x86_64-linux-gnu.so": library() for python in ("39", "310")}
    assert of_files({"index.py": f"{HANDLER}    return 1\n", **files}) == ()
    assert (
        of_files({"index.py": f"{HANDLER}    return 1\n", "fast.cp39-x86_64.so": library(), "fast.py": ""})
        == ()
    )


@pytest.mark.parametrize(
    "folder", ["linux-arm/a.armv6.node", "linux-ia32/a.node", "android-arm/a.node", "linux-riscv64/a.node"]
)
def test_prebuilt_addons_for_other_machines(folder: str) -> None:
    """A package of Node.js brings them for every machine, and takes its own."""
    found = of_files({f"node_modules/a/prebuilds/{folder}": library(machine=40, bits=1)}, "nodejs20")
    assert found == ()
