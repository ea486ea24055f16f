"""A folder or a ZIP becomes a layer: every file, where languages look for it, the same bytes each time."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from fc_magic.errors import PackageError, UsageError
from fc_magic.package.bundle import bundle
from fc_magic.package.folder import Files, laid_out, read_folder, read_zip


def written(folder: Path, *paths: str) -> Path:
    for name in paths:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


@pytest.mark.parametrize(
    ("paths", "top"),
    [
        (["greet/__init__.py"], "python"),
        (["greet.py", "data/a.json"], "python"),
        (["fast.cpython-310-x86_64-linux-gnu.so"], "python"),
        (["lib/python3.10/site-packages/greet.py", "bin/activate"], "python"),
        (["node_modules/left-pad/index.js", "package.json"], "nodejs"),
        (["python/greet.py"], ""),
        (["nodejs/node_modules/a/index.js", "greet.py"], ""),
        (["bin/tool"], ""),
        (["lib/libx.so"], ""),
        (["java/lib/a.jar"], ""),
        (["fonts/a.ttf"], ""),
    ],
    ids=lambda v: str(v)[:40],
)
def test_where_files_go(tmp_path: Path, paths: list[str], top: str) -> None:
    """Modules go below python/, node_modules below nodejs/; files that have their places stay, and it is said."""
    found = laid_out(read_folder(written(tmp_path, *paths)))
    assert set(found.files) == {f"{top}/{path}" if top else path for path in paths}
    assert (f"below {top}/" in found.note) if top else not found.note
    _, same = read_zip(zipped(tmp_path / "f.zip", *paths))
    assert laid_out(same).files == found.files


def zipped(path: Path, *names: str) -> Path:
    path.write_bytes(bundle({name: name.encode() for name in names}))
    return path


def test_what_is_left_out(tmp_path: Path) -> None:
    """Caches and what belongs to the machine are no part of a layer."""
    kept = "a.py"
    written(tmp_path, kept, "__pycache__/a.pyc", ".git/HEAD", "b/.DS_Store", "b/.ipynb_checkpoints/x")
    assert set(read_folder(tmp_path).files) == {kept}


def test_links_and_programs(tmp_path: Path) -> None:
    """A link becomes what it leads to, one that leads round is left out, and a program stays one."""
    folder = written(tmp_path / "layer", "bin/tool", "python/a.py")
    outside = written(tmp_path / "outside", "deep/b.py")
    (folder / "bin/tool").chmod(0o755)
    (folder / "python/linked").symlink_to(outside)
    (folder / "python/round").symlink_to(folder)
    (folder / "bin/same").symlink_to("tool")
    found = read_folder(folder)
    assert set(found.files) == {"bin/tool", "bin/same", "python/a.py", "python/linked/deep/b.py"}
    with zipfile.ZipFile(BytesIO(found.zipped())) as archive:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert (modes["bin/tool"], modes["python/a.py"]) == (0o755, 0o644)


def test_same_files_same_bytes(tmp_path: Path) -> None:
    """Order, times and owners make no difference."""
    one = read_folder(written(tmp_path / "1", "a.py", "b/c.py")).zipped()
    two = read_folder(written(tmp_path / "2", "b/c.py", "a.py")).zipped()
    assert one == two


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A folder or a ZIP that is not there, empty or damaged is refused as that."""
    empty = tmp_path / "empty"
    empty.mkdir()
    for wrong in (tmp_path / "none", empty, written(tmp_path / "f", "a") / "a"):
        with pytest.raises(UsageError, match="there is no"):
            read_folder(wrong)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_zip(tmp_path / "none.zip")
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(zipped(damaged, "a.py").read_bytes()[:-10])
    with pytest.raises(PackageError, match="not a readable ZIP"):
        read_zip(damaged)


def test_nothing_to_do() -> None:
    """Files that have their places are taken as they are."""
    files = Files({"python/a.py": b""})
    assert laid_out(files) is files
