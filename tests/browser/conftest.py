"""One JupyterLab and one page for all tests; each has a notebook and a kernel of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.lab import Console, Lab, Notebook

MISSING = [package for package in ("playwright", "jupyterlab") if find_spec(package) is None]
#: without these not even the tests can be read
collect_ignore_glob = ["test_*.py"] if MISSING else []
WIDTH, HEIGHT = 1200, 900
#: a machine that does something else at the same time may take its time
PATIENCE_MS = 30_000


def pytest_report_header() -> str:
    return f"no {' and no '.join(MISSING)}: `make test-browser` installs it" if MISSING else ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def executable() -> str:
    """The browser; without one the tests are skipped."""
    from tests.browser.lab import chromium

    found = chromium()
    if not found:
        pytest.skip("there is no Chromium on PATH: apt-get install chromium, or CHROMIUM=/path/to/it")
    return found


@pytest.fixture(scope="session")
def lab(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    from tests.browser.lab import serving

    with serving(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def page(executable: str, lab: Lab) -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    from tests.browser.lab import FLAGS

    # Chromium refuses to start as root with its sandbox on
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{lab.url}/lab?reset")
        page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('docmanager:open')")
        page.locator("#jupyterlab-splash").wait_for(state="hidden")
        yield page
        browser.close()


@pytest.fixture(scope="session")
def _console(page: Page) -> Console:
    from tests.browser.lab import Console

    return Console(page)


@pytest.fixture
def console(_console: Console) -> Iterator[Console]:
    """Of one test; that there is nothing to complain of is part of each."""
    _console.errors.clear()
    yield _console
    assert not _console.errors


@pytest.fixture
def notebook(
    page: Page, lab: Lab, console: Console, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Notebook]]:
    """``notebook("a cell", "another")`` opens one with these cells behind ``%load_ext``; cell 0 was run."""
    from tests.browser.lab import Notebook

    opened: list[Notebook] = []

    def open_(*cells: str, **given: Any) -> Notebook:
        name = f"{request.node.name.replace('[', '-').replace(']', '')}-{len(opened)}"
        opened.append(Notebook(page, lab, name, ["%load_ext fc_magic", *cells]))
        opened[-1].run(0)
        return opened[-1]

    yield open_
    for one in opened:
        one.close()
