"""JupyterLab in a process of its own, and a notebook in it as a person has it before their eyes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import ConsoleMessage, Locator, Page

from fc_magic.server.process import LocalServer

#: where a browser may be, besides what CHROMIUM names
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: without these it asks hosts of its own at every start
FLAGS = (
    *("--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
#: every cell is in the page, nothing is saved behind a test's back, nothing is asked of the internet
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/completer-extension/manager": {"providerTimeout": 5000},
}
#: messages of the front end itself, seen with any notebook
NOISE = re.compile(r"Failed to load resource: .* 404|favicon")
START_S, STOP_S, CELL_MS = 60, 20, 60_000


def chromium() -> str:
    """Its path; nothing if there is none."""
    named = os.environ.get("CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, BROWSERS)), "")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab; ``folder`` is what it shows."""

    url: str
    folder: Path
    home: Path

    def ask(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(self.url + path, method=method)
        with urllib.request.urlopen(request, timeout=START_S) as reply:
            body = reply.read()
        return json.loads(body) if body else None


@contextmanager
def serving(folder: Path) -> Iterator[Lab]:
    """All that it writes is in ``folder``; it and what its kernels started are ended afterwards."""
    lab = Lab(f"http://127.0.0.1:{_free_port()}", folder / "notebooks", folder / "data")
    lab.folder.mkdir(parents=True)
    with open(folder / "lab.log", "wb") as log:
        process = subprocess.Popen(
            _command(lab),
            cwd=lab.folder,
            env=_environment(folder, lab),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(lab, process, folder / "lab.log")
            yield lab
            for kernel in lab.ask("/api/kernels"):
                lab.ask(f"/api/kernels/{kernel['id']}", "DELETE")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_S)
            running = LocalServer.find(lab.home)
            if running:
                running.stop()
    left = _wait_for_none(str(lab.home))
    assert not left, f"processes that outlive their test: {left}"


def _command(lab: Lab) -> list[str]:
    own = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": lab.url.rpartition(":")[2],
        "ServerApp.port_retries": "0",
        "ServerApp.root_dir": str(lab.folder),
        "ServerApp.allow_root": "True",
        "ServerApp.disable_check_xsrf": "True",
        "IdentityProvider.token": "",
        "PasswordIdentityProvider.hashed_password": "",
        "LabApp.expose_app_in_browser": "True",
        "LabApp.extension_manager": "readonly",
        "LabApp.news_url": "",
    }
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        *(f"--{key}={value}" for key, value in own.items()),
    ]


def _environment(folder: Path, lab: Lab) -> dict[str, str]:
    for plugin, values in SETTINGS.items():
        file = folder / "settings" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    foreign = ("FC_", "ALIBABA_CLOUD_", "JUPYTER", "JPY_", "IPYTHON", "LANG", "LC_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "FC_MAGIC_HOME": str(lab.home),
        "FC_MAGIC_IDLE_STOP": "5",
        "FC_MAGIC_CONFIG": os.devnull,
        "FC_MAGIC_TARGET": "local",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, f"JupyterLab ended:\n{log.read_text()[-3000:]}"
        try:
            lab.ask("/api/status")
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"JupyterLab did not answer within {START_S} s:\n{log.read_text()[-3000:]}")


def _wait_for_none(mark: str) -> list[int]:
    """Processes that have the mark in their environment, once there are none, or after a while."""
    end = time.monotonic() + STOP_S
    while (left := _marked(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _marked(mark: str) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in place.read_bytes() and int(place.parent.name) != os.getpid():
                found.append(int(place.parent.name))
        except OSError:
            continue  # it ended, or is somebody else's
    return found


# ---------------------------------------------------------------- a notebook


class Notebook:
    """An open notebook. ``run(n)`` runs its cell number ``n``, from 0, and returns what stands below it."""

    def __init__(self, page: Page, lab: Lab, name: str, cells: list[str]) -> None:
        self.page, self._lab, self.path = page, lab, f"{name}.ipynb"
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, lab.folder / self.path)
        self._do("docmanager:open", {"path": self.path, "factory": "Notebook"})
        page.wait_for_function(_IS_IDLE, arg=self.path, timeout=CELL_MS)

    def _do(self, command: str, arguments: Mapping[str, Any] | None = None) -> None:
        self.page.evaluate(
            "async ([command, given]) => { await window.jupyterapp.commands.execute(command, given) }",
            [command, arguments or {}],
        )

    @property
    def root(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")

    def cell(self, number: int) -> Locator:
        return self.root.locator(".jp-Cell").nth(number)

    def output(self, number: int) -> Locator:
        return self.cell(number).locator(".jp-OutputArea")

    def run(self, number: int) -> Locator:
        """By Shift-Enter, until the kernel is idle again."""
        self.cell(number).locator(".cm-content").first.click()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(_WAS_RUN, arg=[self.path, number], timeout=CELL_MS)
        return self.output(number)

    def run_all(self) -> None:
        for number in range(self.root.locator(".jp-Cell").count()):
            self.run(number)

    def theme(self, name: str) -> None:
        self._do("apputils:change-theme", {"theme": name})
        light = str("Dark" not in name).lower()
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")

    def saved(self) -> str:
        """The text of its file."""
        self._do("docmanager:save")
        return (self._lab.folder / self.path).read_text()

    def close(self) -> None:
        """With its kernel, and without asking whether to save."""
        self.page.evaluate(_CLOSE, self.path)
        for session in self._lab.ask("/api/sessions"):
            self._lab.ask(f"/api/sessions/{session['id']}", "DELETE")


_PANEL = "const panel = [...window.jupyterapp.shell.widgets('main')].find(w => w.context?.path === path);"
_IS_IDLE = f"path => {{ {_PANEL} return panel?.sessionContext?.session?.kernel?.status === 'idle' }}"
_WAS_RUN = f"""([path, number]) => {{
    {_PANEL}
    const cell = panel.content.widgets[number];
    const done = cell.model.executionState === undefined || cell.model.executionState === 'idle';
    const count = cell.model.executionCount;
    return count !== null && done && !cell.promptNode?.textContent.includes('*')
        && panel.sessionContext.session.kernel.status === 'idle';
}}"""
_CLOSE = f"async path => {{ {_PANEL} await panel.context.save(); panel.dispose(); }}"


class Console:
    """What the page complains of."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NOISE.search(f"{message.text} {message.location.get('url', '')}"):
            self.errors.append(message.text)
