"""An index of this machine alone, a notebook's folder, and what a person asks for in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fc_magic.package import dependencies, platforms
from fc_magic.package.dependencies import Dependencies, How
from fc_magic.package.wanted import gather
from fc_magic.package.workplace import Step, Workplace
from tests.package.wheelhouse import Index, serving

LOCK = "pylock.api.toml"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """The only index that is looked at."""
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving() as made:
        monkeypatch.setenv("UV_DEFAULT_INDEX", made.url)
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        monkeypatch.setenv("UV_HTTP_RETRIES", "0")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        yield made


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """The folder of a notebook."""
    folder = tmp_path / "notebook"
    folder.mkdir()
    return folder


@pytest.fixture
def steps() -> list[Step]:
    """What was told."""
    return []


Ask = Callable[..., Dependencies]


@pytest.fixture
def ask(tmp_path: Path, notebook: Path, steps: list[Step]) -> Ask:
    """``ask("pandas", …)`` as ``%%fcdeploy api --requirements "pandas" …`` does."""

    def asked(*given: str, runtime: str = "python3.10", cell: str = "", **how: Any) -> Dependencies:
        at = Workplace(tmp_path / "cache", steps.append)
        wanted = gather(given, cell, notebook)
        way = How(notebook / LOCK, notebook, "api", "%%fcdeploy api --upgrade", **how)
        return dependencies.of(wanted, platforms.of(runtime), at, way)

    return asked


def versions(found: Dependencies) -> dict[str, str]:
    return {wheel.name: wheel.version for wheel in found.wheels}
