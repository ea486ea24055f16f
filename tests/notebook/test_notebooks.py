"""The notebooks that are shipped: valid, with outputs, and nothing of the machine they ran on. That they run is
checked by ``make notebooks``."""

from __future__ import annotations

import itertools
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
    """The tutorials, without a gap."""
    assert [p.name[:3] for p in NOTEBOOKS] == [f"{number:02}_" for number in range(1, 10)]


LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(path: Path) -> str:
    return "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")


def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(prose(path)):
        assert "://" in link or (path.parent / link).exists(), link


def test_it_begins_with_what_one_has_at_its_end(path: Path) -> None:
    """Below the title, before anything runs."""
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# \S.*\n\n\S", first.source)
    assert re.search(r"\bat\s+(the|its)\s+end\b", first.source, re.IGNORECASE)


@pytest.mark.parametrize(("this", "next_"), list(itertools.pairwise(NOTEBOOKS)), ids=lambda p: p.name)
def test_it_leads_to_the_next(this: Path, next_: Path) -> None:
    """The last thing on a page is where to go, and the first of that is the next tutorial."""
    last = nbformat.read(this, as_version=4).cells[-1]
    assert last.source.startswith("## Where next\n\n- ")
    assert LINK.findall(last.source)[0] == next_.name


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


def test_what_is_shown_stays(path: Path) -> None:
    """The forms of a function go with it: whoever runs the whole page still sees them."""
    sources = [cell.source for cell in code_cells(path)]
    formed = {name for source in sources for name in re.findall(r"%fcform (\w+)", source)}
    deleted = {name for source in sources for name in re.findall(r"%fcdelete (\w+)", source)}
    assert not formed & deleted
