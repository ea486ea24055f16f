"""A cell that is a whole program: which file of the package it becomes."""

from __future__ import annotations

import pytest

from fc_magic.errors import CellError, CellSyntaxError, EmptyCell
from fc_magic.notebook import program
from tests.notebook.conftest import Shell

APP = "import http.server\nprint('hello')\n"
SCRIPT = "#!/bin/bash\nexec python3 -m http.server 9000\n"


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("python3 app.py", "app.py"),
        ("python3 -u ./app.py --port 9000", "app.py"),
        ("python3 /code/src/app.py", "src/app.py"),
        ("python3 'app.py'", "app.py"),
        ("bash -c 'exec python3 app.py'", "app.py"),
        ("node server.js", "server.js"),
        ("node index.mjs", "index.mjs"),
        ("uvicorn app:app --host 0.0.0.0 --port 9000", "app.py"),
        ("gunicorn -b 0.0.0.0:9000 shop.web:app", "shop/web.py"),
        ("python3 -m uvicorn app:create --factory", "app.py"),
        ("python3 -m shop.serve", "shop/serve.py"),
        ("./serve --port 9000", "serve"),
        ("/usr/local/bin/tool.sh ./app.rb", "app.rb"),
    ],
)
def test_the_command_names_the_file(command: str, path: str) -> None:
    """The cell becomes the file that the start command runs."""
    assert program.read("x = 1\n", command).path == path


def test_python_keeps_its_line_numbers() -> None:
    """A Python file begins with the magic's line as a comment, so that line N is line N of the cell."""
    assert program.read(APP, "python3 app.py").files == {"app.py": f"# %%fcdeploy\n{APP}".encode()}
    assert program.read("x = 1", "node app.js").files == {"app.js": b"x = 1\n"}


@pytest.mark.parametrize(("command", "path"), [("", "bootstrap"), ("./run.sh", "run.sh")])
def test_a_cell_that_can_be_run(command: str, path: str) -> None:
    """A cell that begins with #! is bootstrap, or the command's file; executable, with the line ends of Linux."""
    found = program.read(SCRIPT.replace("\n", "\r\n"), command)
    assert found.files == {path: SCRIPT.encode()}
    assert found.executable == {path}


def test_what_cannot_be_told() -> None:
    """Without a file in the command, and without #!, there is nothing to run."""
    with pytest.raises(CellError, match="No start command names none"):
        program.read(APP)
    with pytest.raises(CellError, match="--entrypoint 'serve --port 9000' names none"):
        program.read(APP, "serve --port 9000")
    with pytest.raises(EmptyCell):
        program.read(" \n", "python3 app.py")
    with pytest.raises(CellSyntaxError, match="line 2 of the cell"):
        program.read("def (\n", "python3 app.py")


SERVES = """
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"served")

HTTPServer(("0.0.0.0", 9000), Handler).serve_forever()
"""


@pytest.mark.parametrize(
    ("options", "begin"), [('--entrypoint "python3 app.py"', ""), ("", "#!/usr/bin/env python3\n")]
)
def test_a_cell_serves(shell: Shell, options: str, begin: str) -> None:
    """A program in a cell is deployed and called as any function."""
    ran = shell.run(f"%%fcdeploy serves --runtime custom.debian12 {options}\n{begin}{SERVES}")
    assert "✓ serves" in ran.text
    assert shell.run("serves()").value == "served"
    shell.run("%fcdelete serves")
