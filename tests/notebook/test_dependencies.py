"""``%%fcdeploy`` with libraries: what a notebook sees of it, and what the function has."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebook.conftest import HANDLER, Kernel, Shell, text_of
from tests.package.wheelhouse import Index, serving

CELL = "import shop\n" + HANDLER + "    return [shop.version, shop.tag]\n"


@pytest.fixture(scope="module")
def index(home: Path) -> Iterator[Index]:
    """The only index, for the shell and the kernels of this module."""
    with serving() as made:
        os.environ |= {"UV_DEFAULT_INDEX": made.url, "UV_CACHE_DIR": str(home / "uv"), "UV_HTTP_RETRIES": "0"}
        yield made


@pytest.fixture
def here(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebook's folder; what the index has is gone afterwards."""
    index.files.clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_library_runs(shell: Shell, index: Index, here: Path) -> None:
    """A requirement of the line and one of the cell are there when the function runs; the lock is beside."""
    index.add("shop", needs=("cart",))
    index.add("cart")
    cell = f"# requires: cart==1.*\nimport cart\n{CELL}"
    ran = shell.run(f'%%fcdeploy dep_runs --requirements "shop==1.0"\n{cell}')
    assert ran.success, ran.text
    assert shell.run("dep_runs()").value == ["1.0", "py3-none-any"]
    lock = (here / "pylock.dep_runs.toml").read_text()
    assert '"cart==1.*"' in lock
    assert '"shop==1.0"' in lock
    asked = len(index.asked)
    again = shell.run(f'%%fcdeploy dep_runs --requirements "shop==1.0" --locked\n{cell}')
    assert again.value.info.outcome == "unchanged"
    assert len(index.asked) == asked
    shell.run("%fcdelete dep_runs")


def test_another_version_than_the_notebook_has(shell: Shell, index: Index, here: Path) -> None:
    """It is told of a library that the code imports and the notebook has, and of no other."""
    index.add("pluggy")
    index.add("shop")
    here_is = importlib.metadata.version("pluggy")
    line = "%%fcdeploy dep_differs --dry-run --requirements pluggy --requirements shop\n"
    ran = shell.run(f"{line}import pluggy\n{HANDLER}    return pluggy.version\n")
    assert ran.success, ran.text
    assert f"pluggy is 1.0 there and {here_is} in this notebook" in ran.text
    ran = shell.run(f"{line}{CELL}")
    assert ran.success, ran.text
    assert "in this notebook" not in ran.text


@pytest.mark.parametrize(
    ("line", "cell", "said"),
    [
        ("--requirements none", CELL, "none was not found"),
        ("--requirements shop --locked", CELL, "there is no pylock.dep_no.toml"),
        ("--requirements shop --locked --upgrade", CELL, "give one of them"),
        ("--requirements ''", CELL, "there is no requirement"),
        ("--requirements '-e .'", CELL, "--include . sends the folder"),
        ("--requirements git+https://x/y.git", CELL, "is a repository"),
        ("--requirements ./pkg", CELL, "is a folder"),
        ("--requirements shop --runtime nodejs20", "exports.handler = async () => 1", "built for Python"),
        ("--requirements shop --runtime custom.debian12 --entrypoint 'python3 app.py'", CELL, "is not known"),
        ("--requirements shop --zip-file https://x/y.zip", "1", "is packed already"),
        ("", f"# requires: none\n{CELL}", "none was not found"),
        ("", f"# requires: ./none.whl\n{CELL}", "there is no such file"),
        ("", f"# requires: six>>1\n{CELL}", "six>>1 (line 2 of the cell) is no requirement"),
        ("", f"# /// script\n# dependencies = 3\n# ///\n{CELL}", "are not a list of texts"),
        ("", f'# /// script\n# dependencies = ["a", \n# ///\n{CELL}', "is not TOML"),
    ],
)
def test_refused(shell: Shell, index: Index, here: Path, line: str, cell: str, said: str) -> None:
    """What cannot be is said before anything is sent, and leaves nothing."""
    (here / "pkg").mkdir()
    ran = shell.run(f"%%fcdeploy dep_no {line}\n{cell}")
    assert not ran.success
    assert said in " ".join(ran.text.split())
    assert not shell.run("%fclist dep_no").value
    assert sorted(path.name for path in here.iterdir()) == ["pkg"]


def test_a_missing_wheel_is_named(shell: Shell, index: Index, here: Path) -> None:
    """The card has the tags that exist and the runtime that would do."""
    index.add("shop", tag="cp312-cp312-manylinux_2_31_x86_64")
    ran = shell.run(f"%%fcdeploy dep_no --requirements shop\n{CELL}")
    assert "there are cp312-cp312-manylinux_2_31_x86_64" in " ".join(ran.text.split())
    assert "--runtime python3.12" in ran.text


def test_custom_runtime(shell: Shell, index: Index, here: Path) -> None:
    """The command of a program names its Python, and with it the wheel."""
    for python in ("cp310-cp310", "cp312-cp312"):
        index.add("shop", tag=f"{python}-manylinux_2_28_x86_64")
    line = "--runtime custom.debian12 --entrypoint 'python3.12 app.py' --requirements shop"
    from fc_magic.notebook import dependencies
    from fc_magic.notebook.build import Asked
    from fc_magic.notebook.line import options
    from fc_magic.notebook.line.head import Head

    asked = options.parse(f"dep_custom {line}")
    found = dependencies.of(Asked.of(asked, Head(""), asked.overrides, "python3.10"))
    assert [wheel.path.name for wheel in found.wheels] == ["shop-1.0-cp312-cp312-manylinux_2_28_x86_64.whl"]


def test_layer(shell: Shell, index: Index, here: Path) -> None:
    """``%fclayer --requirements`` publishes the same libraries, and leaves no lock."""
    index.add("shop", needs=("cart",))
    index.add("cart")
    ran = shell.run("%fclayer dep-shop --requirements shop --runtime python3.10")
    assert ran.value.contents == ("shop 1.0", "cart 1.0")
    assert not list(here.iterdir())


def kept(home: Path) -> set[Path]:
    """Every file of the cache."""
    return {path for path in (home / "data" / "cache").rglob("*") if path.is_file()}


def interrupts(kernel: Kernel, index: Index) -> None:
    """The kernel is interrupted as soon as the index stops in the middle of something."""
    index.in_the_middle.clear()
    kernel.run(
        "import os, signal, threading, urllib.request\n"
        "def interrupt():\n"
        f"    urllib.request.urlopen('{index.url.replace('/simple', '/middle')}').read()\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=interrupt).start()"
    )


@pytest.mark.parametrize("what", ["resolving", "fetching"])
def test_interrupted(kernel: Kernel, index: Index, home: Path, what: str) -> None:
    """Interrupting the cell stops uv or the wheels that come, and leaves neither a lock nor a part of a wheel."""
    index.files.clear()
    index.add(f"shop_{what}", size=3_000_000)
    waits = index.answers if what == "resolving" else index.goes_on
    waits.clear()
    before = kept(home)
    interrupts(kernel, index)
    cell = f"%%fcdeploy dep_stop --requirements shop_{what}\n{CELL.replace('shop', f'shop_{what}')}"
    said = text_of(kernel.run(cell, fails=True))
    assert "KeyboardInterrupt: dep_stop was interrupted while it was packed; nothing was sent" in said
    assert "Traceback" not in said
    assert not list(home.glob("pylock*"))
    assert kept(home) == before
    processes = "import psutil; [p.name() for p in psutil.Process().children(recursive=True)]"
    assert "uv" not in text_of(kernel.run(processes)).replace("uvicorn", "")
    waits.set()
    kernel.run(cell)
    assert "1.0" in text_of(kernel.run("dep_stop()"))
    (home / "pylock.dep_stop.toml").unlink()
