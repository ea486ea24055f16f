"""Writing the line of a cell in JupyterLab: what Tab offers, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect


def typed(book: Any, number: int, text: str) -> Locator:
    """The editor of a cell, with this text in it and the caret behind it."""
    editor: Locator = book.cell(number).locator(".cm-content").first
    editor.click()
    book.page.keyboard.press("Control+End")
    book.page.keyboard.insert_text(text)
    return editor


def test_options_and_values_are_offered(notebook: Callable[..., Any]) -> None:
    """On the line; the one that is chosen stands there then."""
    book = notebook("")
    editor = typed(book, 1, "%%fcdeploy lined --t")
    book.page.keyboard.press("Tab")
    offered = book.page.locator(".jp-Completer")
    for option in ("--target", "--timeout", "--trigger"):
        expect(offered).to_contain_text(option)
    offered.get_by_text("--timeout", exact=True).first.click()
    expect(editor).to_have_text("%%fcdeploy lined --timeout")
    typed(book, 1, " 7 --runtime node")
    book.page.keyboard.press("Tab")
    expect(offered).to_contain_text("nodejs20")
    book.page.keyboard.press("Escape")


def test_python_is_offered_in_the_body(notebook: Callable[..., Any]) -> None:
    """As in any other cell."""
    book = notebook("ordinary_name_of_mine = 1", "")
    book.run(1)
    typed(book, 2, "%%fcdeploy lined\nordinary_na")
    book.page.keyboard.press("Tab")
    expect(book.page.locator(".jp-Completer")).to_contain_text("ordinary_name_of_mine")
    book.page.keyboard.press("Escape")
