"""The notebooks that are shipped: valid, with outputs, and nothing of the machine they ran on. That they run is
checked by ``make notebooks``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_there_are_notebooks() -> None:
    """The quickstart and the tutorials are there."""
    assert {
        "01_quickstart.ipynb",
        "02_forms.ipynb",
        "03_triggers.ipynb",
        "06_when_it_fails.ipynb",
        "07_versions.ipynb",
        "09_to_the_cloud.ipynb",
    } <= {p.name for p in NOTEBOOKS}


def test_notebook_is_valid(path: Path) -> None:
    """It is a notebook by the format's own schema, with an id for each cell."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_notebook_has_outputs(path: Path) -> None:
    """It was run from top to bottom, and what it showed is stored."""
    cells = [cell for cell in code_cells(path) if cell.source.strip()]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    silent = [
        c.source for c in cells if not c.outputs and not c.source.startswith(("%load_ext", "import", "from"))
    ]
    assert silent == []


def test_every_card_has_text(path: Path) -> None:
    """Whatever is shown as html is there as text, for readers that have no html."""
    for cell in code_cells(path):
        for output in cell.outputs:
            assert "text/html" not in output.get("data", {}) or output.data["text/plain"]


def test_failures_are_meant(path: Path) -> None:
    """A cell that fails says in its tags that it should."""
    for cell in code_cells(path):
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == ("raises-exception" in cell.metadata.get("tags", [])), cell.source


@pytest.mark.parametrize(
    "pattern",
    [
        r"/(home|root|Users|tmp|var|work|private|mnt)/[\w.-]+",
        r"[A-Z]:\\\\",
        r"\bLTAI[A-Za-z0-9]{8,}",
        r"(?i)(secret|token|password)['\"]?\s*[:=]\s*['\"]?[A-Za-z0-9+/]{16,}",
        r"(?i)traceback \(most recent call last\)",
        r"https?://(?!127\.0\.0\.1|localhost|[a-z.]*example\.(com|org)|fc\.aliyuncs\.com)\d+\.",
    ],
)
def test_nothing_of_a_machine(path: Path, pattern: str) -> None:
    """No path, key or address of the machine it ran on is in its file."""
    assert re.findall(pattern, json.dumps(nbformat.read(path, as_version=4), ensure_ascii=False)) == []
