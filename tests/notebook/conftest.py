"""A real shell in this process, real kernels beside it, and a data folder whose server ends with the module."""

from __future__ import annotations

import atexit
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from traitlets.config import Config

from fc_magic.server.process import LocalServer

#: what stands in the environment of every shell and kernel here, and may never be seen anywhere
KEY_SECRET, TOKEN = "KeySecretThatMustNeverShow", "StsTokenThatMustNeverShow"


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of this process with settings of ours alone."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FC_MAGIC_", "ALIBABA_CLOUD_"))}
    # whoever runs this may read Chinese, and the tests read English
    kept = {k: v for k, v in kept.items() if k not in ("LANG", "LC_ALL", "LC_MESSAGES") or v[:2] != "zh"}
    return {
        **kept,
        "FC_MAGIC_HOME": str(home / "data"),
        "FC_MAGIC_IDLE_STOP": "20",
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "FC_MAGIC_ACCESS_KEY_SECRET": KEY_SECRET,
        "FC_MAGIC_SECURITY_TOKEN": TOKEN,
        "FC_MAGIC_CONFIG": os.devnull,
        "NO_COLOR": "1",
        **more,
    }


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """This process's environment, whole, for a while."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(values)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for all that one module's shells and kernels write; its server is stopped at the end."""
    folder = tmp_path_factory.mktemp("home")
    with environment(clean_environment(folder)):
        yield folder
        stop_server(folder)


def server_of(home: Path) -> LocalServer | None:
    return LocalServer.find(home / "data")


@contextmanager
def held_up(home: Path) -> Iterator[None]:
    """Meanwhile the server answers nobody."""
    running = server_of(home)
    assert running
    os.kill(running.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(running.pid, signal.SIGCONT)


def stop_server(home: Path) -> None:
    running = server_of(home)
    if running:
        running.stop()
    assert server_of(home) is None


# ---------------------------------------------------------------- a shell in this process


@dataclass
class Ran:
    """What became of a cell: whether it succeeded, its value, and everything a terminal would show."""

    success: bool
    value: Any
    text: str
    error: BaseException | None


class Shell:
    """``run("a cell")`` as a person runs it in terminal IPython."""

    def __init__(self, ip: InteractiveShell) -> None:
        self.ip = ip

    def run(self, cell: str) -> Ran:
        shown = io.StringIO()
        with redirect_stdout(shown):
            done = self.ip.run_cell(cell, store_history=True)
        return Ran(bool(done.success), done.result, shown.getvalue(), done.error_in_exec)

    def bundle(self, thing: Any) -> dict[str, Any]:
        """What a front end would get for a value."""
        return self.ip.display_formatter.format(thing)[0]

    def variable(self, name: str) -> Any:
        return self.ip.user_ns.get(name)


@pytest.fixture(scope="module")
def shell(home: Path) -> Iterator[Shell]:
    """An IPython without a terminal, with the extension loaded."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    ip = InteractiveShell.instance(config=config)
    try:
        made = Shell(ip)
        assert made.run("%load_ext fc_magic").success
        yield made
        assert made.run("%unload_ext fc_magic").success
    finally:
        atexit.unregister(ip.atexit_operations)
        ip.atexit_operations()
        InteractiveShell.clear_instance()


HANDLER = "def handler(event, context):\n"


def deploying(name: str, body: str, options: str = "") -> str:
    """A ``%%fcdeploy`` cell; ``body`` is that of the handler, or the whole cell if it has one of its own."""
    code = body if "def " in body or "lambda" in body else HANDLER + f"    {body}\n"
    return f"%%fcdeploy {name} {options}".rstrip() + f"\n{code}"


# ---------------------------------------------------------------- kernels


class Kernel:
    """A live kernel and the notebook that its cells become."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client

    @property
    def notebook(self) -> Any:
        return self.client.nb

    @property
    def pid(self) -> int:
        return int(text_of(self.run("import os; os.getpid()")))

    def run(self, source: str, fails: bool = False) -> list[Any]:
        """The outputs of one more cell. A cell that fails raises CellExecutionError unless that is expected."""
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata["tags"] = ["raises-exception"] if fails else []
        self.notebook.cells.append(cell)
        self.client.execute_cell(cell, len(self.notebook.cells) - 1)
        if fails:
            assert any(o.output_type == "error" for o in cell.outputs), cell.outputs
        return list(cell.outputs)

    def saved(self) -> str:
        """The text of the notebook's file, with the state of its widgets."""
        self.client.set_widgets_metadata()
        return nbformat.writes(self.notebook)


@contextmanager
def kernel_in(folder: Path) -> Iterator[Kernel]:
    """Reached by files: a port that was free when it was chosen may be another process's when the kernel begins."""
    with TemporaryDirectory(prefix="k") as sockets:
        client = NotebookClient(
            nbformat.v4.new_notebook(),
            timeout=60,
            config=Config({"AsyncKernelManager": {"transport": "ipc", "ip": f"{sockets}/k"}}),
            resources={"metadata": {"path": str(folder)}},
        )
        client.reset_execution_trackers()
        with client.setup_kernel():
            made = Kernel(client)
            made.run("%load_ext fc_magic")
            yield made


@pytest.fixture(scope="module")
def kernel(home: Path) -> Iterator[Kernel]:
    """One kernel for the tests of a module that do not end it."""
    with kernel_in(home) as running:
        yield running


def texts(outputs: list[Any], mime: str = "text/plain") -> list[str]:
    """Every text under a cell, as a terminal would have it; of an error the traceback."""
    found = []
    for output in outputs:
        if output.output_type == "stream":
            found.append(output.text)
        elif output.output_type == "error":
            found.append("\n".join(output.traceback))
        else:
            found.append(output.data.get(mime, ""))
    return found


def text_of(outputs: list[Any]) -> str:
    return "\n".join(texts(outputs))


# ---------------------------------------------------------------- both faces of a card


TAG = re.compile(r"<[^>]*>")


def words_of_html(html: str) -> str:
    """What a person reads of a card: its text, without the style."""
    text = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return unescape(TAG.sub(" ", text))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Standard output is a terminal, as wide as is said."""
    main, side = os.openpty()
    with os.fdopen(side, "w") as out:

        def wide(columns: int) -> None:
            monkeypatch.setattr(sys, "stdout", out)
            monkeypatch.setenv("COLUMNS", str(columns))

        yield wide
    os.close(main)
