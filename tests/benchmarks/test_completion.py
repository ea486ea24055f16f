"""Tab: measured in a real kernel, over its protocol, and the first one of a session with all that it imports."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from tests.benchmarks.test_bench import machine as machine
from tests.benchmarks.test_bench import report
from tests.notebook.conftest import clean_environment, environment, stop_server

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

CODE = "\n" + "".join(f"def helper_{n}(x):\n    return x + {n}\n" for n in range(100))
LINES = {
    "an option": "%%fcdeploy hello --me",
    "a value": "%%fcdeploy hello --memory 5",
    "a handler": "%%fcdeploy hello --handler ",
    "a file": "%%fcdeploy hello --file ",
    "a name behind a brace": "%%fcdeploy hello --memory {",
    "a function": "%fcinvoke tab",
    "a version": "%fcrollback tab_bench ",
    "a layer": "%%fcdeploy hello --layer ",
}
#: what a completion takes in a session that has had none
FIRST = """
import time
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "fc_magic")
shell.Completer.use_jedi = False
with provisionalcompleter():
    list(shell.Completer.completions("pri", 3))  # what IPython itself imports for its first
    began = time.process_time()
    found = list(shell.Completer.completions({line!r}, len({line!r})))
    print(time.process_time() - began)
assert found
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    kept = {k: v for k, v in clean_environment(folder).items() if k != "PYTHONDONTWRITEBYTECODE"}
    with environment(kept):
        yield folder
        stop_server(folder)


def test_completion_over_the_protocol(home: Path) -> None:
    """A Tab is answered in 50 ms, what is deployed included."""
    manager, client = start_new_kernel(cwd=str(home))
    try:
        for cell in (
            "%load_ext fc_magic",
            "%%fcdeploy tab_bench\ndef handler(event, context):\n    return event\n",
        ):
            done = client.execute_interactive(cell, timeout=60)
            assert done["content"]["status"] == "ok", done
        for what, line in LINES.items():
            text = line + CODE if line.startswith("%%") else line
            times = []
            for _ in range(60):
                began = time.perf_counter()
                reply = client.complete(text, len(line), reply=True, timeout=30)
                times.append(time.perf_counter() - began)
                assert reply["content"]["matches"], line
            assert report(f"Tab: {what}", times[1:], 50) <= 50
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("line", ["%%fcdeploy hello --me", "%fclogs hello --li", "%fcexport hello --to "])
def test_first_completion(home: Path, line: str) -> None:
    """The first one of a session is as quick, in CPU time: what takes long to import is not imported for it."""
    times = []
    for _ in range(12):
        done = subprocess.run(
            [sys.executable, "-c", FIRST.format(line=line)],
            capture_output=True,
            text=True,
            check=True,
            env=dict(os.environ),
        )
        times.append(float(done.stdout))
    assert report(f"first Tab, CPU: {line}", times[1:], 50) <= 50
