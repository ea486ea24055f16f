"""The form in JupyterLab: it is filled by hand and by keyboard, says what is wrong beside the field, and deploys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.contrast import worst

HELLO = "def handler(event, context):\n    return {'hello': event.decode()}\n"
SECRET = "kept-to-oneself-in-a-form"
Open = Callable[..., Any]


def field(form: Locator, label: str) -> Locator:
    return form.get_by_label(label, exact=True)


def note(form: Locator, label: str) -> Locator:
    """What stands beside a field."""
    return form.locator(".fcm-field", has=form.page.get_by_label(label, exact=True)).locator(".fcm-say")


def below(form: Locator, one: Locator) -> float:
    """How far down it is; the page itself may have scrolled."""
    whole, box = form.bounding_box(), one.bounding_box()
    assert whole
    assert box
    return box["y"] - whole["y"]


def line(form: Locator) -> str:
    return field(form, "Line").input_value()


def test_open_fill_wrong_value_deploy_invoke(notebook: Open) -> None:
    """One story: a value that is wrong is said where it was typed, nothing moves, and it deploys when it is right."""
    book = notebook(
        f"%%fcdeploy formed\n{HELLO}", "%fcform formed", f"%%fcdeploy formed\n{HELLO}", "formed('a cell')"
    )
    book.run(1)
    form = book.run(2).locator(".fcm-form")
    memory, deploy = field(form, "Memory (MB)"), form.get_by_role("button", name="Deploy", exact=True)
    expect(memory).to_have_value("128")
    place = deploy.bounding_box()
    memory.fill("7")
    expect(note(form, "Memory (MB)")).to_contain_text("✗")
    expect(note(form, "Memory (MB)")).to_contain_text("128 to 32768 MB in steps of 64")
    expect(deploy).to_be_disabled()
    expect(memory).to_be_focused()
    assert deploy.bounding_box() == place
    memory.fill("256")
    expect(deploy).to_be_enabled()
    expect(field(form, "Line")).to_have_value("%%fcdeploy formed --memory 256")
    deploy.click()
    result = form.locator(".fcm-card")
    expect(result).to_contain_text("formed deployed to local")
    expect(result).to_contain_text("256 MB")
    form.get_by_role("button", name="Invoke", exact=True).click()
    expect(result).to_contain_text("200 ·")
    # the next run of the cell takes what the form says
    expect(book.run(3)).to_contain_text("256 MB")
    expect(book.run(4)).to_contain_text("{'hello': 'a cell'}")


@pytest.mark.parametrize("width", [1200, 700])
def test_an_error_moves_nothing(notebook: Open, width: int) -> None:
    """A schedule and a line that are wrong say so where there was room for it."""
    book = notebook("%fcform steady")
    form = book.run(1).locator(".fcm-form")
    book.page.set_viewport_size({"width": width, "height": 900})
    try:
        form.get_by_role("button", name="+ on a schedule").click()
        schedule, event = field(form, "Schedule"), field(form, "Event")
        row = form.locator(".fcm-row .fcm-say")
        expect(row).to_contain_text("UTC")
        places = [below(form, one) for one in (schedule, event)]
        for typed in ("often", "0 4 * * *", "@every 5", "0 0 25 * * *"):
            schedule.fill(typed)
            expect(row).to_contain_text("✗")
            assert [below(form, one) for one in (schedule, event)] == places, typed
        schedule.fill("@every 5m")
        expect(row).to_contain_text("UTC")
        assert [below(form, one) for one in (schedule, event)] == places
        typed_line = field(form, "Line")
        typed_line.fill("%%fcdeploy steady --memroy 5 --memory 7 --no-such-option 5 --timeout 0")
        typed_line.press("Tab")
        expect(form.locator(".fcm-beneath .fcm-say").last).to_contain_text("✗")
        assert below(form, event) == places[1]
    finally:
        book.page.set_viewport_size({"width": 1200, "height": 900})


def test_dry_run_shows_the_plan_in_the_form(notebook: Open) -> None:
    book = notebook(f"%%fcdeploy tried\n{HELLO}", "%fcform tried")
    book.run(1)
    form = book.run(2).locator(".fcm-form")
    field(form, "Timeout (s)").fill("7")
    form.get_by_role("button", name="Dry run", exact=True).click()
    expect(form.locator(".fcm-card")).to_contain_text("would be updated on local")
    expect(form.locator(".fcm-card")).to_contain_text("7 s")


def test_the_line_fills_the_form(notebook: Open) -> None:
    """In step the other way round, too: by the line in the form, and by a cell."""
    book = notebook("%fcform stepped", f"%%fcdeploy stepped --memory 512\n{HELLO}")
    form = book.run(1).locator(".fcm-form")
    typed = field(form, "Line")
    typed.fill("%%fcdeploy stepped --timeout 9")
    typed.press("Tab")
    expect(field(form, "Timeout (s)")).to_have_value("9")
    book.run(2)
    expect(field(form, "Memory (MB)")).to_have_value("512")


def test_a_line_that_cannot_be_read_is_not_deployed(notebook: Open) -> None:
    """A click on the button is what ends the typing: it sends nothing, and the button is disabled."""
    book = notebook(f"%%fcdeploy lined --memory 192\n{HELLO}", "%fcform lined")
    book.run(1)
    form = book.run(2).locator(".fcm-form")
    deploy = form.get_by_role("button", name="Deploy", exact=True)
    field(form, "Line").fill("%%fcdeploy lined --memroy 512 --memory 300 --trigger tmer:5m")
    deploy.click()
    expect(deploy).to_be_disabled()
    for said in ("did you mean --memory?", "try --memory 320", "the line needs attention"):
        expect(form).to_contain_text(said)
    assert form.locator(".fcm-card").count() == 0
    wrong = form.locator(".fcm-beneath", has_text="did you mean").locator(".fcm-say").bounding_box()
    place = deploy.bounding_box()
    assert wrong["y"] + wrong["height"] <= place["y"]
    field(form, "Line").fill("%%fcdeploy lined --memory 512")
    field(form, "Line").press("Tab")
    expect(deploy).to_be_enabled()
    deploy.click()
    expect(form.locator(".fcm-card")).to_contain_text("512 MB")


def test_by_keyboard_in_the_order_in_which_one_reads(notebook: Open) -> None:
    """Tab goes from field to field."""
    book = notebook("%fcform keyed")
    form = book.run(1).locator(".fcm-form")
    field(form, "Runtime").focus()
    for label in ("Memory (MB)", "Timeout (s)", "Description"):
        book.page.keyboard.press("Tab")
        expect(field(form, label)).to_be_focused()


def test_a_secret_is_not_in_the_notebook(notebook: Open) -> None:
    """Neither on the line, nor in the page's text, nor in the file that is saved."""
    book = notebook(
        "%fcform secretive", f"%%fcdeploy secretive\n{HELLO}", "secretive.info.environment['PASSWORD']"
    )
    form = book.run(1).locator(".fcm-form")
    form.locator(".lm-TabBar-tab", has_text="Environment").click()
    form.get_by_role("button", name="Add variable").click()
    field(form, "Variable").fill("PASSWORD")
    value = field(form, "Value")
    assert value.get_attribute("type") == "password"
    value.fill(SECRET)
    value.press("Tab")
    expect(field(form, "Line")).to_have_value("%%fcdeploy secretive --env 'PASSWORD=…'")
    book.run(2)
    assert SECRET not in book.page.content()
    assert SECRET not in book.saved()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_text_can_be_read(notebook: Open, theme: str) -> None:
    """Labels, help and errors, in both themes."""
    book = notebook("%fcform legible")
    book.theme(theme)
    try:
        form = book.run(1).locator(".fcm-form")
        field(form, "Memory (MB)").fill("7")
        expect(note(form, "Memory (MB)")).to_contain_text("✗")
        text, contrast = worst(book.page, ".fcm-form")
        assert contrast >= 4.5, f"{contrast:.2f} : 1 for {text!r}"
    finally:
        book.theme("JupyterLab Light")


def test_in_chinese(notebook: Open) -> None:
    book = notebook("%env FC_MAGIC_LANG=zh", "%fcform nihao")
    book.run(1)
    form = book.run(2).locator(".fcm-form")
    expect(form.get_by_role("button", name="部署", exact=True)).to_be_visible()
    expect(form).to_contain_text("运行环境")
