"""Requirements become files for the Python and the system of a runtime, whatever runs here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fc_magic.errors import PackageError, UsageError
from fc_magic.package import requirements
from fc_magic.package.bundle import bundle
from fc_magic.wire.runtimes import PYTHON


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``wheels(tag, files…)`` puts a wheel of the distribution ``own`` into the only place that uv looks at."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_DEFAULT_INDEX", (tmp_path / "empty").as_uri())
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))

    def make(tag: str = "py3-none-any", version: str = "1.0", **more: str) -> None:
        info = f"own-{version}.dist-info"
        files = {
            "own/__init__.py": f"tag = {tag!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: own\nVersion: {version}\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: {tag}\n",
            **more,
        }
        record = f"{info}/RECORD"
        files[record] = "".join(f"{name},,\n" for name in (*files, record))
        raw = bundle({name: text.encode() for name, text in files.items()})
        (folder / f"own-{version}-{tag}.whl").write_bytes(raw)

    return make


def test_table_of_platforms() -> None:
    """Every Python runtime has a row, with its own version, and no newer system than FC's."""
    assert tuple(requirements.PLATFORMS) == PYTHON
    newest = {"python3.9": 24, "python3.10": 28, "python3.12": 31}
    for runtime, (version, platform) in requirements.PLATFORMS.items():
        assert runtime == f"python{version}"
        glibc = 17 if platform == "x86_64-manylinux2014" else int(platform.rpartition("_")[2])
        assert glibc <= newest[runtime]


@pytest.mark.parametrize(
    ("runtime", "tag"),
    [
        ("python3.9", "cp39-cp39-manylinux_2_17_x86_64"),
        ("python3.10", "cp310-cp310-manylinux_2_28_x86_64"),
        ("python3.12", "cp312-cp312-manylinux_2_31_x86_64"),
    ],
)
def test_wheel_of_the_runtime(wheels: Callable[..., None], runtime: str, tag: str) -> None:
    """Of several wheels the one for the runtime's Python and the newest system that it has is taken."""
    for python in ("cp39-cp39", "cp310-cp310", "cp312-cp312"):
        for system in ("2_17", "2_28", "2_31", "2_38"):
            wheels(f"{python}-manylinux_{system}_x86_64")
    built = requirements.build(["own"], runtime)
    assert built.files.files["python/own/__init__.py"] == f"tag = {tag!r}\n".encode()
    assert built.contents == ("own 1.0",)


@pytest.mark.parametrize(
    ("tag", "wanted", "said"),
    [
        ("cp311-cp311-manylinux_2_17_x86_64", "own", "own.* has no (usable )?wheels"),
        ("cp310-cp310-manylinux_2_34_x86_64", "own", "own.* has no (usable )?wheels"),
        ("cp310-cp310-macosx_11_0_arm64", "own", "own.* has no (usable )?wheels"),
        ("py3-none-any", "own==2", "no version of own==2"),
        ("py3-none-any", "another", "another was not found"),
        ("py3-none-any", "own>>2", "own>>2"),
    ],
)
def test_what_cannot_be_had(wheels: Callable[..., None], tag: str, wanted: str, said: str) -> None:
    """No wheel, no version, no such name, no requirement: the error names it, and the runtime it was for."""
    wheels(tag)
    with pytest.raises(PackageError, match=said) as caught:
        requirements.build([wanted], "python3.10")
    assert "python3.10 (Python 3.10, x86_64-manylinux_2_28)" in caught.value.message


def test_nothing_of_this_machine(wheels: Callable[..., None]) -> None:
    """Scripts, which begin with the path of a Python here, are left out, and the same comes out each time."""
    wheels(**{"own-1.0.dist-info/entry_points.txt": "[console_scripts]\nown = own:main\n"})
    built = requirements.build(["own"], "python3.10")
    assert all(path.startswith("python/own") for path in built.files.files)
    record = built.files.files["python/own-1.0.dist-info/RECORD"].decode()
    listed = {f"python/{row[0]}" for row in csv.reader(io.StringIO(record))}
    assert listed == set(built.files.files)
    assert built.zipped() == requirements.build(["own"], "python3.10").zipped()


def test_file_of_requirements(wheels: Callable[..., None], tmp_path: Path) -> None:
    """A file of requirements may stand for its lines."""
    wheels()
    wheels(version="2.0")
    listed = tmp_path / "requirements.txt"
    listed.write_text("# the old one\nown<2\n")
    assert requirements.build([str(listed)], "python3.10").contents == ("own 1.0",)
    with pytest.raises(UsageError, match="there is no such file"):
        requirements.build(["nowhere.txt"], "python3.10")


def test_what_is_asked_wrongly() -> None:
    """Other languages, options of uv and nothing at all are refused before anything is fetched."""
    for words, runtime in ((["own"], "nodejs20"), (["--index-url", "x"], "python3.10"), ([], "python3.10")):
        with pytest.raises(UsageError):
            requirements.build(words, runtime)


def test_passwords_are_not_shown(wheels: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is named with a password and cannot be reached is named without."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://me:TopSecret@127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(PackageError) as caught:
        requirements.build(["own"], "python3.10")
    assert "TopSecret" not in str(caught.value)
    assert "127.0.0.1:9" in str(caught.value)


def test_names_as_given() -> None:
    """The line of progress has names, not conditions."""
    assert requirements.names(["pandas==2.2.*", "requests", "a.b[c]>=1"]) == ["pandas", "requests", "a.b"]
    assert not re.search("[=<]", "".join(requirements.names(["x<2"])))
