"""The traps of ``tests/traps``: run as notebooks, deployed, called, compared with the kernel's answers."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import nbformat
import pytest

import fc_magic
from fc_magic.client.client import Client
from tests.notebook.conftest import Kernel, Shell, kernel_in, text_of
from tests.notebook.trap import TRAPS, Trap

WORDS = {"event", "answers", "refused", "warned", "has", "lacks", "kernel", "needs"}
#: what the runtime does with a package, where the libraries of this Python are wanted too
CALL = """
import json, sys
sys.path.insert(0, sys.argv[1])
import index
answers = []
for event in json.loads(sys.argv[2]):
    try:
        answers.append({"value": json.loads(json.dumps(index.handler(event.encode(), None)))})
    except Exception as error:
        answers.append({"error": [type(error).__name__, str(error)]})
print(json.dumps(answers))
"""
ASK = CALL.replace("import index\n", "").replace("index.handler", "handler")


class Room(Protocol):
    """Where a trap's cells run."""

    def run(self, cell: str, fails: bool = False) -> tuple[bool, str]: ...

    def answers(self, trap: Trap) -> list[Any]: ...


class Here:
    """The shell of this process, as if it had just begun."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def run(self, cell: str, fails: bool = False) -> tuple[bool, str]:
        done = self.shell.run(cell)
        assert done.success or fails, done.text
        return done.success, done.text

    def answers(self, trap: Trap) -> list[Any]:
        handler, found = self.shell.variable("handler"), []
        for event in trap.events:
            try:
                found.append({"value": json.loads(json.dumps(handler(event.encode(), None)))})
            except Exception as error:
                found.append({"error": [type(error).__name__, str(error)]})
        return found


class Apart:
    """A kernel of its own."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def run(self, cell: str, fails: bool = False) -> tuple[bool, str]:
        outputs = self.kernel.run(cell, fails=fails)
        return not any(one.output_type == "error" for one in outputs), text_of(outputs)

    def answers(self, trap: Trap) -> list[Any]:
        asked = f"import sys; sys.argv = ['', '', {json.dumps(trap.events)!r}]\n{ASK}"
        return list(json.loads(text_of(self.kernel.run(asked))))


@contextmanager
def room_of(trap: Trap, shell: Shell, folder: Path) -> Iterator[Room]:
    if trap.alone:
        with kernel_in(folder) as kernel:
            yield Apart(kernel)
        return
    before, modules, path, depth = os.getcwd(), set(sys.modules), list(sys.path), sys.getrecursionlimit()
    shell.ip.reset()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield Here(shell)
    finally:
        os.chdir(before)
        sys.setrecursionlimit(depth)
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[Client]:
    with fc_magic.connect() as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def _quick_resets(shell: Shell) -> Iterator[None]:
    """Each reset of the shell collects garbage: what was there before is not looked through every time."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(params=TRAPS, ids=lambda trap: trap.name)
def trap(request: pytest.FixtureRequest) -> Trap:
    found: Trap = request.param
    for module in found.needs:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    return found


# as people do, some leave files open
@pytest.mark.filterwarnings("ignore:unclosed file", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_trap(trap: Trap, shell: Shell, client: Client, tmp_path: Path) -> None:
    """Each answers as in the kernel, or is refused with the words that it names."""
    with room_of(trap, shell, tmp_path) as room:
        for step in trap.steps:
            if step.kind == "file":
                path = tmp_path / step.rest.strip()
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text)
            else:
                room.run(step.text, fails=step.kind == "fails")
        refused = trap.words("refused")
        deployed, shown = room.run(trap.cell, fails=bool(refused))
        for word in [*refused, *trap.words("warned")]:
            assert word in shown
        if refused:
            assert not deployed, f"it was to be refused:\n{shown}"
            assert "Traceback" not in shown
            assert not client.list(trap.function)
            return
        package = client.code(trap.function)
        got = there(trap, client) if not trap.needs else unpacked(trap, package, tmp_path / "package")
        client.delete(trap.function)
        examine(trap, package)
        room.run(trap.deployed.text)
        assert got == room.answers(trap)


def there(trap: Trap, client: Client) -> list[Any]:
    """What the deployed function answers."""
    found: list[Any] = []
    for event in trap.events:
        done = client.invoke(trap.function, event)
        error = [done.error.get("errorType"), done.error.get("errorMessage")]
        found.append({"value": done.value} if done.ok else {"error": error})
    return found


def unpacked(trap: Trap, package: bytes, folder: Path) -> list[Any]:
    """What the deployed package answers in a new process of this Python."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        archive.extractall(folder)
    done = subprocess.run(
        [sys.executable, "-c", CALL, str(folder), json.dumps(trap.events)], capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    return list(json.loads(done.stdout))


def examine(trap: Trap, package: bytes) -> None:
    """What must stand in the file that was sent, and what must not."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        source = archive.read("index.py").decode()
    assert [text for text in trap.expected.get("has", []) if text not in source] == [], source
    assert [text for text in trap.expected.get("lacks", []) if text in source] == [], source


def test_the_corpus() -> None:
    """There are many, each has its sentence and says what must come of it, and each is a valid notebook."""
    assert len(TRAPS) >= 60
    assert len({trap.sentence for trap in TRAPS}) == len(TRAPS)
    for trap in TRAPS:
        assert trap.sentence.endswith("."), trap.name
        assert set(trap.expected) <= WORDS, trap.name
        assert ("answers" in trap.expected) != ("refused" in trap.expected), trap.name
        nbformat.validate(trap.notebook())
