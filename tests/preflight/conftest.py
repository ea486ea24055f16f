"""A package to look at: one cell, or files by their path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fc_magic.package.contents import CELL, Contents
from fc_magic.preflight.examine import examine
from fc_magic.preflight.finding import Finding
from fc_magic.preflight.view import View

HANDLER = "def handler(event, context):\n"


def of_cell(source: str, runtime: str = "python3.10", **settings: Any) -> tuple[Finding, ...]:
    """What is found of a cell whose file this is."""
    contents = Contents({"index.py": source.encode()}, reasons={"index.py": CELL})
    return examine(View.of({"handler": "index.handler", **settings}, contents, runtime)).found


def of_files(
    files: Mapping[str, str | bytes], runtime: str = "python3.10", executable: str = "", **settings: Any
) -> tuple[Finding, ...]:
    """What is found of a folder with these files."""
    raw = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    contents = Contents(raw, frozenset(executable.split()), dict.fromkeys(raw, "--folder app"))
    return examine(View.of(settings, contents, runtime)).found


def said(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Code and place of each."""
    return [(one.code, one.place.text) for one in found]
