"""Where nobody looks: a kernel whose own output is kept apart, papermill with parameters, and a saved notebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.notebook.conftest import HANDLER, texts
from tests.package.wheelhouse import serving

H = HANDLER
LOAD = "%load_ext fc_magic"


@contextmanager
def index(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a notebook that fetches from an index of this machine only."""
    with serving() as made:
        made.add("tool", needs=("part",))
        made.add("part", size=50_000)
        yield {"UV_DEFAULT_INDEX": made.url, "UV_CACHE_DIR": str(folder / "uv")}


def run(cells: list[str], folder: Path, env: dict[str, str]) -> tuple[Any, str]:
    """The notebook as it was run, and what the kernel's process and its children wrote past the kernel."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    for cell in notebook.cells:
        cell.metadata["tags"] = ["raises-exception"]
    with open(folder / "past.txt", "w") as past:
        client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
        client.execute(env={**os.environ, **env}, stdout=past, stderr=past)
    return notebook, (folder / "past.txt").read_text()


def test_nothing_goes_past_the_kernel(home: Path, tmp_path: Path) -> None:
    """Neither uv, nor the server's start, nor forks, nor functions that print and fail write where no cell shows it;
    and what is shown is what the cells show, without a stray line."""
    cells = [
        LOAD,
        f"%%fcdeploy prints --requirements tool\nimport tool, sys, os\n{H}    print('out')\n"
        "    print('err', file=sys.stderr)\n    os.write(2, b'raw')\n    os.system('echo child; echo child >&2')\n"
        "    return tool.version\n",
        "%fcinvoke prints",
        f"%%fcdeploy fails\n{H}    raise ValueError('no')\n",
        "fails()",
        f"%%fcdeploy ends\nimport os\n{H}    os._exit(3)\n",
        "ends()",
        f"%%fcrun\n{H}    import ctypes\n    ctypes.string_at(0)\n",
        f"%%fcdeploy refused --memory 7\n{H}    return 1\n",
        f"%%fcdeploy bad --requirements no-such-tool\n{H}    return 1\n",
        "fails.local()",
        "%fcdelete prints\n%fcdelete fails\n%fcdelete ends",
    ]
    with index(tmp_path) as env:
        notebook, past = run(cells, tmp_path, env)
    ours = [line for line in past.splitlines() if line.strip() and not line.startswith("[IPKernelApp]")]
    assert ours == []
    kinds = [[output.output_type for output in cell.outputs] for cell in notebook.cells]
    card, failed = ["execute_result"], ["display_data", "error"]
    assert kinds == [
        [], card, card, card, failed, card, failed, failed, failed, failed, ["error"], ["stream"],
    ]  # fmt: skip
    log = texts(notebook.cells[2].outputs)[0]
    for text in ("out", "err", "raw", "child"):
        assert text in log


def test_every_output_has_its_text(home: Path, tmp_path: Path) -> None:
    """What html says, text says: nothing is only for a browser; and the error alone says what to do."""
    cells = [
        LOAD,
        f"%%fcdeploy told\nimport os\n{H}    return os.environ['MY_KEY']\n",
        "%fcinvoke told",
        "%fclogs told",
    ]
    notebook, _ = run(cells, tmp_path, {})
    for cell in notebook.cells[1:]:
        for output in cell.outputs:
            if "text/html" in output.get("data", {}):
                assert output.data["text/plain"].strip()
    traceback = "\n".join(notebook.cells[2].outputs[-1].traceback)
    assert "Cell In[2], line 4, in handler(event, context)" in traceback
    assert "--env MY_KEY=VALUE" in traceback


PARAMETERS = nbformat.v4.new_code_cell("name = 'default'", metadata={"tags": ["parameters"]})


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A notebook with parameters, which fails for some of them."""
    code = f"import json\nPRICES = {{'tea': 3}}\n{H}    return PRICES[json.loads(event)['name']]\n"
    cells = [
        LOAD,
        PARAMETERS,
        f"%%fcdeploy shop\n{code}",
        "shop({'name': name})",
        "print('after')",
        "%fcdelete shop",
    ]
    made = [nbformat.v4.new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=made)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "shop.ipynb")
    return tmp_path


def papermill(folder: Path, *more: str) -> tuple[int, str, Any]:
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "shop.ipynb", "out.ipynb", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout + done.stderr, nbformat.read(folder / "out.ipynb", as_version=4)


@pytest.mark.parametrize(("software", "is_short"), [("", False), ("voila/0.5.12", True)])
def test_an_error_is_said_once_where_it_is_read(home: Path, software: str, is_short: bool) -> None:
    """A page of Voila has the card, and one line below it; a notebook that nobody looks at keeps the hint."""
    notebook, _ = run(
        [LOAD, f"%%fcdeploy wrong --memory 7\n{H}    return 1\n"], home, {"SERVER_SOFTWARE": software}
    )
    card, error = notebook.cells[-1].outputs
    assert "try --memory 128" in card.data["text/plain"]
    assert error.traceback[0] == "InvalidArgument: wrong was not deployed: 1 setting needs attention"
    assert ("try --memory 128" in "\n".join(error.traceback)) != is_short


def test_papermill_with_parameters(home: Path, shop: Path) -> None:
    """Parameters reach the function's event; what it returned is in the saved notebook."""
    code, said, notebook = papermill(shop, "-p", "name", "tea")
    assert code == 0, said
    outputs = [texts(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    assert ["3"] in outputs
    assert ["after\n"] in outputs


def test_papermill_that_fails(home: Path, shop: Path) -> None:
    """It ends at the cell that fails, and says the function's error and its line."""
    code, said, notebook = papermill(shop, "-p", "name", "scone")
    assert code != 0
    assert "KeyError: 'scone'" in said
    assert "Cell In[4], line 5, in handler(event, context)" in said
    assert "fc_magic/" not in said
    errors = [o for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == "error"]
    assert len(errors) == 1
    assert "after\n" not in json.dumps(notebook)
