"""Cards in JupyterLab: they are read, clicked and opened there, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.contrast import worst

HELLO = "def handler(event, context):\n    return {'hello': event.decode()}\n"
FAILS = "def inner(x):\n    return x['nope']\n\ndef handler(event, context):\n    return inner({})\n"
Open = Callable[..., Any]


def test_deploy_and_invoke(notebook: Open) -> None:
    """A cell becomes a function, which answers in the next one; its address is a link that does, too."""
    book = notebook(f"%%fcdeploy hello --trigger http\n{HELLO}", "hello('world')", "%fcinvoke hello you")
    card = book.run(1).locator(".fcm-card")
    expect(card).to_contain_text("hello deployed to local")
    expect(book.run(2)).to_contain_text("{'hello': 'world'}")
    expect(book.run(3)).to_contain_text("200 ·")
    link = card.get_by_role("link")
    with book.page.expect_popup() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert "hello" in opened.value.content()
    opened.value.close()


def test_a_failure_is_in_its_own_cell(notebook: Open) -> None:
    """The line that failed is marked, and the cell that called has failed."""
    book = notebook(f"%%fcdeploy fails\n{FAILS}", "%fcinvoke fails")
    book.run(1)
    output = book.run(2)
    expect(output.locator(".fcm-card.fcm-error")).to_contain_text(
        re.compile(r"Cell In\[2\], line 3, in inner")
    )
    expect(output.locator(".fcm-mark")).to_contain_text("return x['nope']")
    expect(
        output.locator('[data-mime-type="application/vnd.jupyter.stderr"], .jp-RenderedText')
    ).not_to_have_count(0)


def test_dollars_are_no_formula(notebook: Open) -> None:
    """A message with two dollar signs is shown as it was written, in a card and in a form; a formula is one."""
    said = "price $5 is above the limit of $10 for item_a"
    book = notebook(
        f"%%fcdeploy price\ndef handler(event, context):\n    raise ValueError({said!r})",
        "%fcinvoke price",
        "%fclogs price",
        "price.map([1])",
        f"%%fcdeploy price --form --trigger '{said}'\n{HELLO}",
        "from IPython.display import HTML\nHTML('<p>$x^2$</p>')",
    )
    book.run_all()
    # MathJax comes late and takes one output after the other
    expect(book.output(6).locator("mjx-container")).to_have_count(1)
    for cell in range(2, 6):
        expect(book.output(cell)).to_contain_text(said)
    expect(book.root.locator("mjx-container")).to_have_count(1)


def test_a_refusal_names_every_setting(notebook: Open) -> None:
    book = notebook(f"%%fcdeploy refused --memory 7 --timeout 0\n{HELLO}")
    card = book.run(1).locator(".fcm-card.fcm-error")
    for said in ("--memory 7", "try --memory 128", "--timeout 0", "Nothing was sent."):
        expect(card).to_contain_text(said)


def test_a_plan_shows_lines_and_opens_what_is_folded(notebook: Open) -> None:
    """What was removed and what was added differ in sign and in colour; other files open by a click."""
    write = "open('data.txt', 'w').write('{0}\\n')"
    book = notebook(
        write.format("one"),
        f"%%fcdeploy planned --file data.txt\n{HELLO}",
        write.format("two"),
        f"%%fcdeploy planned --dry-run --memory 256 --file data.txt\n{HELLO.replace('hello', 'bye')}",
    )
    book.run_all()
    card = book.output(4).locator(".fcm-card")
    expect(card).to_contain_text("128 MB")
    added, removed = card.locator("pre:visible .fcm-added"), card.locator("pre:visible .fcm-removed")
    expect(added).to_have_text("+    return {'bye': event.decode()}")
    expect(removed).to_have_text("-    return {'hello': event.decode()}")
    colours = [one.evaluate("node => getComputedStyle(node).backgroundColor") for one in (added, removed)]
    assert len({*colours, "rgba(0, 0, 0, 0)"}) == 3
    expect(card.get_by_text("+two")).to_be_hidden()
    card.locator("summary", has_text="data.txt").click()
    expect(card.get_by_text("+two")).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_text_can_be_read(notebook: Open, theme: str) -> None:
    """In both themes each text of a card has a contrast of 4.5 : 1 with what is behind it."""
    book = notebook(
        f"%%fcdeploy seen --trigger http --trigger 'timer:@every 5m' --env A=1\n{HELLO}",
        "%fcinvoke seen",
        f"%%fcdeploy seen --dry-run --memory 512\n{HELLO.replace('hello', 'bye')}",
        "%fclogs seen",
        "%fcstats seen",
        "seen.map(range(20))",
        "%fclist",
        "%fccost seen",
        f"%%fcdeploy unseen\n{FAILS}",
        "unseen()",
        f"%%fcdeploy seen --memory 7\n{HELLO}",
    )
    book.theme(theme)
    try:
        book.run_all()
        assert book.root.locator(".fcm-card").count() >= 11
        text, contrast = worst(book.page, ".fcm-card")
        assert contrast >= 4.5, f"{contrast:.2f} : 1 for {text!r}"
    finally:
        book.theme("JupyterLab Light")


def test_in_chinese(notebook: Open) -> None:
    """Sentences are Chinese, what one types stays as it is."""
    book = notebook(
        "%env FC_MAGIC_LANG=zh", f"%%fcdeploy nihao --dry-run --memory 256 --rate 1000/h\n{HELLO}"
    )
    book.run(1)
    card = book.run(2).locator(".fcm-card")
    for said in ("将在 local 创建", "未发送任何内容", "按 1000/h"):
        expect(card).to_contain_text(said)
