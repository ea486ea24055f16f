"""``fc-magic deploy``: a notebook file, or a Python file, becomes functions of a real server, without a kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from fc_magic.client.client import Client
from tests.conftest import KEY_ID, ROLE, SECRET, Server

HANDLER = "def handler(event, context):\n    return "


@dataclass
class Said:
    status: int
    out: str
    error: str


@pytest.fixture
def deploy(server: Server, client: Client, tmp_path: Path) -> Callable[..., Said]:
    """``fc-magic deploy`` in a folder of its own; ``client`` removes what it deployed."""

    def run(*words: str) -> Said:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("FC_MAGIC_", "ALIBABA_CLOUD_"))}
        done = subprocess.run(
            [sys.executable, "-m", "fc_magic", "deploy", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
            env={
                **kept,
                "FC_MAGIC_TARGET": server.url,
                "FC_MAGIC_ACCESS_KEY_ID": KEY_ID,
                "FC_MAGIC_ACCESS_KEY_SECRET": SECRET,
                "FC_MAGIC_ROLE": ROLE,
                "FC_MAGIC_CONFIG": os.devnull,
                "FC_MAGIC_HOME": str(tmp_path / "home"),
            },
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


def notebook(path: Path, *cells: str, tags: dict[int, list[str]] | None = None) -> Path:
    v4 = nbformat.v4
    made = v4.new_notebook(cells=[v4.new_markdown_cell("# A notebook"), *map(v4.new_code_cell, cells)])
    for number, names in (tags or {}).items():
        made.cells[number].metadata["tags"] = names
    nbformat.write(made, path)
    return path


def test_cells_with_what_they_need(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """Statements of other cells and modules beside the notebook go along, whatever the working folder is."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "rates.py").write_text("RATE = 3\n")
    notebook(
        tmp_path / "sub" / "shop.ipynb",
        "%load_ext fc_magic\nimport rates\norders = [1, 2]",
        "%time orders.append(rates.RATE)",
        "# fc: ignore\norders.append(1000)",
        "orders.append(2000)",
        f"%%fcdeploy cli-shop --memory 256\n{HANDLER}orders",
        f"%%fcdeploy cli-plain\n{HANDLER}1",
        tags={4: ["fc-ignore"]},
    )
    said = deploy("sub/shop.ipynb")
    assert (said.status, said.error) == (0, ""), said.error
    assert said.out.index("✓ cli-shop  deployed") < said.out.index("✓ cli-plain  deployed")
    assert client.get("cli-shop")(None) == [1, 2, 3]
    assert client.get("cli-shop").info.memory == 256
    assert client.get("cli-plain")(None) == 1


def test_options_win_over_those_of_the_cell(
    deploy: Callable[..., Said], client: Client, tmp_path: Path
) -> None:
    """Only what is named is deployed."""
    notebook(
        tmp_path / "a.ipynb",
        f"%%fcdeploy cli-one --memory 256 --timeout 7\n{HANDLER}1",
        f"%%fcdeploy cli-two\n{HANDLER}2",
    )
    said = deploy("--memory", "512", "a.ipynb", "cli-one", "--env=A=b")
    assert said.status == 0, said.error
    info = client.get("cli-one").info
    assert (info.memory, info.timeout, dict(info.environment)) == (512, 7, {"A": "b"})
    assert "cli-two" not in {function.name for function in client.list()}


def test_secrets_that_are_sent(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """Told are those of the variables that the function has: the command's, if it has some, else the cell's."""
    notebook(tmp_path / "a.ipynb", f"%%fcdeploy cli-env --env API_KEY=typed-by-hand\n{HANDLER}1")
    told = "looks like a secret, and stands on the line"
    said = " ".join(deploy("a.ipynb", "--env", "API_TOKEN=typed-here").out.split())
    assert f"API_TOKEN {told}" in said
    assert f"API_KEY {told}" not in said
    assert list(client.get("cli-env").info.environment) == ["API_TOKEN"]
    said = " ".join(deploy("a.ipynb").out.split())
    assert f"API_KEY {told}" in said


def test_lines_below_the_first(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """What goes on below and ``#| fc:`` lines are read as in the notebook; they are no part of the code."""
    cell = "%%fcdeploy cli-head --timeout 7 \\\n  --memory 256\n\n#| fc: --env KEY=SecretOfTheLine --memory 512\n"
    notebook(tmp_path / "a.ipynb", f"{cell}{HANDLER}1")
    said = deploy("a.ipynb")
    assert said.status == 0, said.error
    info = client.get("cli-head").info
    assert (info.memory, info.timeout, dict(info.environment)) == (256, 7, {"KEY": "SecretOfTheLine"})
    assert b"SecretOfTheLine" not in client.code("cli-head")


def test_expressions_need_the_notebook(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """Nothing is run here: an expression is refused, unless the command says the same option, as it is."""
    notebook(
        tmp_path / "a.ipynb",
        f"%%fcdeploy cli-said --memory {{mem}}\n#| fc: --description {{about}}\n{HANDLER}1",
        f"%%fcdeploy cli-plain-2\n{HANDLER}2",
    )
    said = deploy("a.ipynb", "cli-said", "--memory", "256")
    assert said.status == 2
    assert "line 2: --description {about}  is an expression, and the notebook is not run" in said.error
    assert "{mem}" not in said.error
    said = deploy("a.ipynb", "cli-said", "--memory", "256", "--description", "costs {price}")
    assert said.status == 0, said.error
    assert client.get("cli-said").info.description == "costs {price}"
    assert deploy("a.ipynb", "cli-plain-2").status == 0


def test_a_dry_run_sends_nothing(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    notebook(tmp_path / "a.ipynb", "x = 1\ny = 2", f"%%fcdeploy cli-dry\n{HANDLER}x")
    said = deploy("a.ipynb", "--dry-run")
    assert said.status == 0, said.error
    assert "In[1]      x = 1\n" in said.out
    assert "y = 2" not in said.out
    assert "Nothing was sent." in said.out
    assert "cli-dry" not in {function.name for function in client.list()}


def test_a_dry_run_shows_what_would_change(
    deploy: Callable[..., Said], client: Client, tmp_path: Path
) -> None:
    """As the magic does, and the deployment says what did; a refusal says whose it is."""
    notebook(tmp_path / "a.ipynb", f"%%fcdeploy cli-plan\n{HANDLER}1")
    assert "+ cli-plan  would be created on" in deploy("a.ipynb", "--dry-run").out
    assert deploy("a.ipynb").status == 0
    assert "Nothing to change." in deploy("a.ipynb", "--dry-run").out
    notebook(tmp_path / "a.ipynb", f"%%fcdeploy cli-plan --memory 256\n{HANDLER}2")
    said = deploy("a.ipynb", "--dry-run", "--rate", "10/s")
    assert "memory    128 MB  256 MB" in said.out
    assert "+" + HANDLER.split("\n")[-1] + "2" in said.out
    assert "a month at 10/s" in " ".join(said.out.split())
    assert client.get("cli-plan").info.memory == 128
    assert "changes  index.py +1 −1 lines, memory 128 → 256 MB" in deploy("a.ipynb").out
    wrong = deploy("a.ipynb", "--dry-run", "--memory", "7")
    assert wrong.status == 1
    assert "cli-plan" in wrong.error


def test_a_file_that_is_read(deploy: Callable[..., Said], tmp_path: Path) -> None:
    """It is missed unless the line or the command sends it."""
    (tmp_path / "rows.txt").write_text("1\n")
    notebook(tmp_path / "a.ipynb", "rows = open('rows.txt').read()", f"%%fcdeploy cli-rows\n{HANDLER}rows")
    missed = "rows.txt is read while the function starts, and is not in the package: --file rows.txt"
    assert missed in " ".join(deploy("a.ipynb", "--dry-run").out.split())
    said = deploy("a.ipynb", "--dry-run", "--file", "rows.txt")
    assert said.status == 0, said.error
    assert "not in the package" not in said.out


def test_a_python_file(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """It is the code, and its name that of the function unless another is given."""
    (tmp_path / "cli_file.py").write_text(
        "import beside\n\ndef handler(event, context):\n    return beside.X\n"
    )
    (tmp_path / "beside.py").write_text("X = 5\n")
    assert deploy("cli_file.py").status == 0
    assert deploy("cli_file.py", "cli-named").status == 0
    assert client.get("cli_file")(None) == client.get("cli-named")(None) == 5


def test_a_line_without_a_cell(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """Its paths are seen from the notebook's folder."""
    (tmp_path / "sub" / "app").mkdir(parents=True)
    (tmp_path / "sub" / "app" / "index.py").write_text(f"{HANDLER}7\n")
    notebook(tmp_path / "sub" / "a.ipynb", "x = 1\n%fcdeploy cli-folder --folder app")
    assert deploy("sub/a.ipynb").status == 0
    assert client.get("cli-folder")(None) == 7


def test_a_failure_names_the_cell(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """Nothing is sent if one of the cells cannot be deployed."""
    notebook(
        tmp_path / "a.ipynb",
        "files = !ls",
        f"%%fcdeploy cli-fine\n{HANDLER}1",
        f"%%fcdeploy cli-refused\n{HANDLER}files",
    )
    said = deploy("a.ipynb")
    assert (said.status, said.out) == (1, "")
    assert "cli-refused (In[3]): a name of this notebook cannot go with the function" in said.error
    assert "files  it is set by 'files = !ls'" in said.error
    assert "cli-fine" not in {function.name for function in client.list()}


@pytest.mark.parametrize(
    ("cell", "words", "message"),
    [
        (f"%%fcdeploy cli-wrong --memry 7\n{HANDLER}1", (), "In[2]: the line was not understood"),
        (f"%%fcdeploy cli-wrong 'a\n{HANDLER}1", (), "In[2]: the line was not understood: a quote is not closed"),
        (f"%%fcdeploy cli-wrong --memory {{x}}\n{HANDLER}1", (), "cli-wrong (In[2]): the line was not understood"),
        (f"%%fcdeploy cli-wrong --memry 7\n{HANDLER}1", (), "fc-magic deploy --help lists the options"),
        (f"%%fcdeploy cli-wrong --memory {{x}}\n{HANDLER}1", (), "fc-magic deploy --help lists the options"),
        ("%%fcdeploy the\n", ("the",), "the (In[2]): the cell is empty"),
        (f"%%fcdeploy the --memory 7\n{HANDLER}1", ("the",), "fc-magic: the was not deployed"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_cell(
    deploy: Callable[..., Said], tmp_path: Path, cell: str, words: tuple[str, ...], message: str
) -> None:
    """Also what is wrong with its line."""
    notebook(tmp_path / "a.ipynb", f"%%fcdeploy cli-fine\n{HANDLER}1", cell)
    said = deploy("a.ipynb", *words)
    assert (bool(said.status), said.out) == (True, "")
    assert message in said.error


def test_a_refused_setting_is_in_the_words_of_the_line(deploy: Callable[..., Said], tmp_path: Path) -> None:
    notebook(tmp_path / "a.ipynb", f"%%fcdeploy cli-small\n{HANDLER}1")
    said = deploy("a.ipynb", "--memory", "7")
    assert said.status == 1
    assert "--memory 7" in said.error


def test_an_old_notebook(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """Files of version 3 are read, too."""
    old = nbformat.v3
    cells = [old.new_code_cell("x = 4"), old.new_code_cell(f"%%fcdeploy cli-old\n{HANDLER}x")]
    made = old.new_notebook(worksheets=[old.new_worksheet(cells=cells)])
    (tmp_path / "old.ipynb").write_text(old.writes_json(made))
    said = deploy("old.ipynb")
    assert said.status == 0, said.error
    assert client.get("cli-old")(None) == 4


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ((), 2, "which notebook is deployed?"),
        (("missing.ipynb",), 2, "missing.ipynb: there is no such file"),
        (("broken.ipynb",), 1, "broken.ipynb is not a notebook"),
        (("other.ipynb",), 1, "other.ipynb is not a notebook"),
        (("empty.ipynb",), 2, "empty.ipynb has no cell that begins %%fcdeploy"),
        (("a.ipynb", "cli-nam"), 2, "a.ipynb deploys no cli-nam; it has cli-name\ndid you mean cli-name?"),
        (("a.ipynb", "--memry", "512"), 2, "did you mean --memory?"),
        (("a.ipynb", "--memry", "512"), 2, "fc-magic deploy --help lists the options"),
        (("nameless.ipynb",), 2, "nameless.ipynb: the function of In[1] has no name"),
        (("file.py", "one", "two"), 2, "file.py is the code of one function"),
    ],
)
def test_what_is_refused(
    deploy: Callable[..., Said], tmp_path: Path, words: tuple[str, ...], status: int, message: str
) -> None:
    """The status tells what was used wrongly from what cannot be deployed."""
    notebook(tmp_path / "a.ipynb", f"%%fcdeploy cli-name\n{HANDLER}1")
    notebook(tmp_path / "empty.ipynb", "x = 1")
    notebook(tmp_path / "nameless.ipynb", f"%%fcdeploy\n{HANDLER}1")
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    (tmp_path / "other.ipynb").write_text('{"a": 1}')
    (tmp_path / "file.py").write_text(f"{HANDLER}1\n")
    said = deploy(*words)
    assert (said.status, said.out) == (status, "")
    assert message in said.error


def test_its_help_has_the_options_of_the_magic(deploy: Callable[..., Said]) -> None:
    said = deploy("--help")
    assert said.status == 0
    assert said.out.startswith("fc-magic deploy NOTEBOOK.ipynb|FILE.py [NAME …] [options]")
    assert "--memory" in said.out
    assert "--dry-run" in said.out


def test_hidden_value_of_a_form(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """``…`` on a line that a form wrote stands for a value that no file has: it is refused, and ``--env`` says it."""
    notebook(tmp_path / "formed.ipynb", f"%%fcdeploy cli-formed --env 'WORD=…'\n{HANDLER}1")
    said = deploy("formed.ipynb")
    assert said.status == 2
    assert "--env WORD has …, which stands for a value that this notebook does not know" in said.error
    assert deploy("formed.ipynb", "--env", "WORD=said").status == 0
    assert dict(client.get("cli-formed").info.environment) == {"WORD": "said"}


def test_command_has_no_form(deploy: Callable[..., Said], client: Client, tmp_path: Path) -> None:
    """``--form`` of a cell is for whoever sits before it, so the cell is deployed; asked for here it is refused."""
    notebook(tmp_path / "opened.ipynb", f"%%fcdeploy cli-opened --form\n{HANDLER}1")
    said = deploy("opened.ipynb", "--form")
    assert (said.status, said.out) == (2, "")
    assert "--form opens a form in a notebook; a command has none" in said.error
    assert deploy("opened.ipynb").status == 0
    assert client.get("cli-opened")(None) == 1
