"""Requirements become the files of a layer, for the Python and the system of a runtime, whatever runs here."""

from __future__ import annotations

import dataclasses
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from fc_magic.errors import PackageError, UsageError
from fc_magic.package import platforms, requirements
from fc_magic.package.workplace import Workplace
from fc_magic.wire.runtimes import PYTHON
from tests.package.wheelhouse import Index


@pytest.fixture
def at(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path / "cache")


def files_of(built: requirements.Built) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(built.zip[:])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_table_of_platforms() -> None:
    """Every Python runtime has a row, with its own version, and no newer system than FC's."""
    assert tuple(platforms.PLATFORMS) == PYTHON
    newest = {"python3.9": 24, "python3.10": 28, "python3.12": 31}
    for platform in platforms.every():
        assert platform.runtime == f"python{platform.python}"
        assert platform.glibc <= newest[platform.runtime]


@pytest.mark.parametrize(
    ("runtime", "tag"),
    [
        ("python3.9", "cp39-cp39-manylinux_2_17_x86_64"),
        ("python3.10", "cp310-cp310-manylinux_2_28_x86_64"),
        ("python3.12", "cp312-cp312-manylinux_2_31_x86_64"),
    ],
)
def test_wheel_of_the_runtime(index: Index, at: Workplace, runtime: str, tag: str) -> None:
    """Of several wheels the one for the runtime's Python and the newest system that it has is taken."""
    for python in ("cp39-cp39", "cp310-cp310", "cp312-cp312"):
        for system in ("2_17", "2_28", "2_31", "2_38"):
            index.add("own", tag=f"{python}-manylinux_{system}_x86_64")
    built = requirements.build(["own"], runtime, at)
    assert f"tag = {tag!r}\n".encode() in files_of(built)["python/own/__init__.py"]
    assert built.contents == ("own 1.0",)


def test_nothing_of_this_machine(index: Index, at: Workplace) -> None:
    """Scripts, which begin with the path of a Python here, are left out, and the same comes out each time."""
    more = {
        "own-1.0.dist-info/entry_points.txt": "[console_scripts]\nown = own:main\n",
        "own-1.0.data/scripts/own": "#!python\n",
        "own-1.0.data/purelib/beside.py": "here = True\n",
    }
    index.add("own", **more)
    built = requirements.build(["own"], "python3.10", at)
    assert set(files_of(built)) == {
        "python/own/__init__.py",
        "python/beside.py",
        *(f"python/own-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "entry_points.txt")),
    }
    assert built.zip[:] == requirements.build(["own"], "python3.10", at).zip[:]


def test_what_the_settings_leave_out(index: Index, at: Workplace) -> None:
    """Their patterns hold for layers, too."""
    index.add("own", **{"own/data.csv": "1"})
    at = dataclasses.replace(at, leave_out="*.csv")
    assert "python/own/data.csv" not in files_of(requirements.build(["own"], "python3.10", at))


def test_a_damaged_wheel_is_named(index: Index, at: Workplace) -> None:
    """What an index serves as a wheel, and is none, is refused by name."""
    index.files["own-1.0-py3-none-any.whl"] = b"no ZIP at all"
    with pytest.raises(PackageError, match="own"):
        requirements.build(["own"], "python3.10", at)


def test_what_is_asked_wrongly(at: Workplace) -> None:
    """Other languages, options of uv and nothing at all are refused before anything is fetched."""
    for words, runtime in ((["own"], "nodejs20"), (["--index-url", "x"], "python3.10"), ([], "python3.10")):
        with pytest.raises(UsageError):
            requirements.build(words, runtime, at)
