"""Many calls in JupyterLab: the card with its drawing, and what failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

HALF = "def handler(event, context):\n    n = int(event)\n    assert n % 10, n\n    return n * n\n"


def test_map(notebook: Callable[..., Any]) -> None:
    """Some events fail, the others have their values; the drawing fits the page and can be read by a machine."""
    book = notebook(f"%%fcdeploy squares\n{HALF}", "found = squares.map(range(1, 41))\nfound")
    book.run(1)
    card = book.run(2).locator(".fcm-card")
    expect(card).to_contain_text("40 calls")
    expect(card).to_contain_text("4 failed")
    drawing = card.locator("svg")
    expect(drawing).to_be_visible()
    assert drawing.get_attribute("role") == "img"
    box, around = drawing.bounding_box(), card.bounding_box()
    assert box
    assert around
    assert box["width"] <= around["width"]
