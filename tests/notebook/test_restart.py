"""A failure after a restart, in another notebook, and of a function that the command line deployed."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import nbformat
import pytest

from fc_magic.cli import main
from fc_magic.notebook.failures import kept_cells
from fc_magic.notebook.failures.cells import CellSource
from fc_magic.notebook.failures.kept_cells import Kept
from fc_magic.slicing.result import Part, Slice
from tests.notebook.conftest import Shell, environment, kernel_in, text_of

HALF = "def half(n):\n    return n / 2\n"
CELL = (
    "%%fcdeploy halved --description 'SecretOfTheLine'\ndef handler(event, context):\n    return half('x')\n"
)


def test_failure_after_a_restart(home: Path) -> None:
    """The line is shown with its cell; a number that another session gave says so, until the cell is run again."""
    with kernel_in(home) as kernel:
        kernel.run("filler = 1")
        kernel.run(HALF)
        kernel.run(CELL)
    with kernel_in(home) as kernel:
        shown = text_of(kernel.run("%fcinvoke halved", fails=True))
        assert "TypeError: unsupported operand type(s) for /: 'str' and 'int'" in shown
        assert "Cell In[3] of another session, line 2, in half(n)" in shown
        assert "---->   2     return n / 2" in shown
        assert "called from Cell In[4] of another session, line 3, in handler(event, context)" in shown
        kernel.run(HALF)
        shown = text_of(kernel.run("%fcinvoke halved", fails=True))
        assert "Cell In[3], line 2, in half(n)" in shown
        assert "called from Cell In[4] of another session, line 3" in shown
        shown = text_of(kernel.run("%fclogs halved"))
        assert "Cell In[3], line 2, in half(n)" in shown


def test_handler_after_a_restart(home: Path) -> None:
    """Which function of the cell is called is known as well."""
    cell = "def handler(event, context):\n    return 1\ndef other(event, context):\n    return {1}\n"
    with kernel_in(home) as kernel:
        kernel.run(f"%%fcdeploy chosen --handler index.other\n{cell}")
    with kernel_in(home) as kernel:
        shown = text_of(kernel.run("%fcinvoke chosen", fails=True))
        assert "the handler returns at Cell In[2] of another session, line 5" in shown


def test_same_notebook_and_another(home: Path, tmp_path: Path) -> None:
    """Where the front end tells the notebook, its name is said, unless it is this one."""
    with environment({**os.environ, "JPY_SESSION_NAME": str(tmp_path / "shop.ipynb")}):
        with kernel_in(home) as kernel:
            kernel.run("%%fcdeploy named\ndef handler(event, context):\n    raise ValueError('one')")
        with kernel_in(home) as kernel:
            shown = text_of(kernel.run("%fcinvoke named", fails=True))
            assert "Cell In[2] of another session, line 3, in handler(event, context)" in shown
    with (
        environment({**os.environ, "JPY_SESSION_NAME": str(tmp_path / "other.ipynb")}),
        kernel_in(home) as kernel,
    ):
        shown = text_of(kernel.run("%fcinvoke named", fails=True))
        assert "shop.ipynb, Cell In[2], line 3, in handler(event, context)" in shown


def test_deployed_by_the_command_line(home: Path, shell: Shell, tmp_path: Path) -> None:
    """Cells of a notebook's file have the numbers that it shows; a file of Python has its own lines."""
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell("x = 1"),
        nbformat.v4.new_code_cell(HALF),
        nbformat.v4.new_code_cell("%%fcdeploy filed\ndef handler(event, context):\n    return half('x')"),
    ])  # fmt: skip
    path = tmp_path / "shop.ipynb"
    nbformat.write(notebook, path)
    assert main(["deploy", str(path)]) == 0
    shown = shell.run("%fcinvoke filed").text
    assert "shop.ipynb, cell 2, line 2, in half(n)" in shown
    assert "called from shop.ipynb, cell 3, line 3, in handler(event, context)" in shown
    path = tmp_path / "plain.py"
    path.write_text("def handler(event, context):\n    raise ValueError('two')\n")
    assert main(["deploy", str(path)]) == 0
    shown = shell.run("%fcinvoke plain").text
    assert "plain.py, line 2, in handler(event, context)" in shown
    assert "---->   2     raise ValueError('two')" in shown


def test_what_is_kept_and_for_whom(home: Path, shell: Shell) -> None:
    """Nobody else reads it, the line of the magic is not in it, and it goes with the function."""
    assert shell.run("%%fcdeploy kept --env A=ValueOfTheLine\ndef handler(event, context): return 1").success
    folder = home / "data" / kept_cells.FOLDER
    (path,) = folder.glob("kept.*.json")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "def handler(event, context)" in path.read_text()
    assert "ValueOfTheLine" not in path.read_text()
    assert shell.run("%fcdelete kept").success
    assert not path.exists()


def test_function_of_a_region(tmp_path: Path) -> None:
    """Of what runs elsewhere no text is kept; it is known again where the notebook has it."""
    text = "%%fcdeploy far\ndef handler(event, context):\n    return 'SecretOfTheCell'\n"
    Kept(tmp_path, "/a/shop.ipynb").put("far", "1", CellSource(3, text), whole=False)
    assert "SecretOfTheCell" not in "".join(path.read_text() for path in tmp_path.iterdir())
    found = Kept(tmp_path, "/a/shop.ipynb").find("far", "1")
    assert found == CellSource(3, "", notebook="shop.ipynb")
    again = {1: "x", 5: text.replace("far", "far --memory 256"), 6: text.replace("far", "other")}
    found = Kept(tmp_path, present=lambda: again).find("far", "1")
    assert found == CellSource(5, text)


def test_same_function_in_a_region(tmp_path: Path) -> None:
    """What is deployed or deleted there changes nothing of what is known of the one here."""
    kept = Kept(tmp_path)
    kept.put("both", "1", CellSource(3, "x"), whole=True)
    kept.put("both", "1", CellSource(4, "x"), whole=False, target="cn-hangzhou")
    found = kept.find("both", "1")
    assert found
    assert found.source == "x"
    kept.forget("both", "cn-hangzhou")
    assert kept.find("both", "1") == found
    kept.forget("both", "local")
    assert kept.find("both", "1") is None


def test_line_of_a_made_file(tmp_path: Path) -> None:
    """What a file has of which cell is known again, too."""
    parts = (Part((), "import x\n\n", "import"), Part(("f",), "# In[2]\nf\ng\n", "definition", 2, 5, head=1),
             Part((), "%%\nh\n", "cell", 7, 1))  # fmt: skip
    other = CellSource(2, "a\nb\nc\nd\nf\ng")
    source = CellSource(7, "%%fcdeploy f\nh\n", Slice(parts), {2: other})
    Kept(tmp_path).put("f", "1", source, whole=True)
    found = Kept(tmp_path).find("f", "1")
    assert found is not None
    assert [found.at(line)[1] for line in range(1, 8)] == [source.at(line)[1] for line in range(1, 8)]
    assert [cell and cell.place for cell, _ in map(found.at, (1, 3, 4, 5, 7))] == [
        None, None, "Cell In[2]", "Cell In[2]", "Cell In[7]",
    ]  # fmt: skip
    kept, _ = found.at(5)
    assert kept == other._replace(source="\n\n\n\nf\ng")  # what is in the file, and no more


@pytest.mark.parametrize("text", ["", "[]", "{", '{"session": 1}', "null", '{"own": {}}'])
def test_what_cannot_be_read(tmp_path: Path, text: str) -> None:
    """It is as if nothing was there."""
    (tmp_path / "f.1.local.json").write_text(text)
    assert Kept(tmp_path).find("f", "1") is None


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """It is no trouble for what was deployed."""
    (tmp_path / "file").write_text("")
    Kept(tmp_path / "file").put("f", "1", CellSource(1, "x"), whole=True)
    assert Kept(tmp_path / "file").find("f", "1") is None
    Kept(tmp_path / "file").forget("f", "local")


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten, by number and by size; a very long text is never kept."""
    monkeypatch.setattr(kept_cells, "FILES", 5)
    for number in range(9):
        Kept(tmp_path).put("f", str(number), CellSource(number, "x"), whole=True)
        os.utime(tmp_path / f"f.{number}.local.json", (number, number))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"f.{n}.local.json" for n in range(4, 9)]
    monkeypatch.setattr(kept_cells, "BYTES", 2000)
    Kept(tmp_path).put("g", "1", CellSource(1, "y" * 1500), whole=True)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2000
    assert (tmp_path / "g.1.local.json").exists()
    Kept(tmp_path).put("h", "1", CellSource(1, "z" * (kept_cells.LONGEST + 1)), whole=True)
    assert (tmp_path / "h.1.local.json").stat().st_size < 1000


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Names come over the wire."""
    Kept(tmp_path / "in").put("../out", "../1", CellSource(1, "x"), whole=True)
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert Kept(tmp_path / "in").find("../out", "../1")


def test_options_of_a_cell_are_no_part_of_its_fingerprint(tmp_path: Path) -> None:
    """They are not kept, and may have changed; the code is known again."""
    shown = "%%fcdeploy f\n# …\n#| fc: …\ndef handler(event, context): return 1\n"
    Kept(tmp_path).put("f", "1", CellSource(3, shown), whole=False)
    again = "%%fcdeploy f --memory \\\n  512\n#| fc: --env TOKEN=x\ndef handler(event, context): return 1"
    found = Kept(tmp_path, present=lambda: {7: again}).find("f", "1")
    assert found is not None
    assert found.place == "Cell In[7]"
    assert "TOKEN" not in found.source


def test_options_of_a_cell_that_is_known_again(home: Path) -> None:
    """A notebook keeps what is shown: the cell is, without what its options say, whichever function they are for."""
    secrets = "OneSecretOfTheLine", "SecretBelowTheLine"
    body = f"#| fc: --env B={secrets[1]}\ndef handler(event, context):\n    raise ValueError('optional')"
    with kernel_in(home) as kernel:
        kernel.run(f"%%fcdeploy optional\n{body}")
    with kernel_in(home) as kernel:
        kernel.run("filler = 1")
        for line in (
            f"--env A={secrets[0]} optional --dry-run",
            f"optional-too --env A={secrets[0]} --dry-run",
        ):
            kernel.run(f"\n%%time\n%%fcdeploy {line}\n{body}")
            for ask in ("%fcinvoke optional", "%fclogs optional"):
                shown = text_of(kernel.run(ask, fails="invoke" in ask))
                assert "Cell In[3], line 6, in handler(event, context)" in shown, shown
                assert not any(secret in shown for secret in secrets)


SECRET = "sk-live-of-a-line-that-stays"


def test_only_what_went_along_is_kept(home: Path, shell: Shell, tmp_path: Path) -> None:
    """Of another cell the lines that are in the package, at their places; by a notebook and by the command line."""
    cell = f"API_KEY = '{SECRET}'\n\ndef kept_clean(x):\n    return x / 2\n\nprint('{SECRET}')\n"
    using = "def handler(event, context):\n    return kept_clean('x')"
    shell.run(cell)
    assert shell.run(f"%%fcdeploy kept-part\n{using}\n").success
    path = tmp_path / "kept.ipynb"
    cells = [nbformat.v4.new_code_cell(text) for text in (cell, f"%%fcdeploy kept-file\n{using}")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert main(["deploy", str(path)]) == 0
    kept = [file.read_text() for file in (home / "data" / "cells").glob("kept-*.json")]
    assert len(kept) == 2
    assert not any(SECRET in text for text in kept)
    with kernel_in(home) as kernel:
        shown = text_of(kernel.run("%fcinvoke kept-part", fails=True))
        assert "of another session, line 4, in kept_clean(x)" in shown
        assert "---->   4     return x / 2" in shown
        # the lines beside it are not known, and not shown as if they were empty
        assert re.findall(r"^[ ->]{6} +(\d+)\b", shown, re.MULTILINE) == ["3", "4"]
        shown = text_of(kernel.run("%fcinvoke kept-file", fails=True))
        assert "kept.ipynb, cell 1, line 4, in kept_clean(x)" in shown


def test_empty_lines_before_a_cell(home: Path, shell: Shell, tmp_path: Path) -> None:
    """IPython drops them, the editor counts them: of the cell that deploys and of one that a part is from."""
    helper = "\n  \ndef of_below(n):\n    return n / 0"
    timed = "%%time\n\ndef of_timed(n):\n    return of_below(n)"
    code = "\n\n%%fcdeploy lower\ndef handler(event, context):\n    return of_timed(1)"
    shell.run(helper)
    shell.run(timed)
    assert shell.run(code).success

    def check(shown: str) -> None:
        assert "line 4, in of_below(n)" in shown
        assert "---->   4     return n / 0" in shown
        assert "line 4, in of_timed(n)" in shown
        assert "line 5, in handler(event, context)" in shown

    check(shell.run("%fcinvoke lower").text)
    with kernel_in(home) as kernel:
        check(text_of(kernel.run("%fcinvoke lower", fails=True)))
        for again in (helper, timed, code.replace("\n\n%%fcdeploy", "\n\n\n\n%%fcdeploy")):
            kernel.run(again)
        shown = text_of(kernel.run("%fcinvoke lower", fails=True))
        assert "line 7, in handler(event, context)" in shown
        assert "line 4, in of_timed(n)" in shown
    path = tmp_path / "low.ipynb"
    texts = helper.replace("of_below", "of_file"), code.replace("of_timed", "of_file")
    cells = [nbformat.v4.new_code_cell(text) for text in texts]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    assert main(["deploy", str(path)]) == 0
    shown = shell.run("%fcinvoke lower").text
    assert "low.ipynb, cell 1, line 4, in of_file(n)" in shown
    assert "low.ipynb, cell 2, line 5, in handler(event, context)" in shown


@pytest.mark.parametrize("above", ["%%capture kept_out", "%%capture\n\n", "%%time", "\n%%prun -q"])
def test_below_a_magic_that_measures(shell: Shell, above: str) -> None:
    """Some run what is below them as a cell of its own; the person has one, with a number."""
    code = f"{above}\n%%fcdeploy below\ndef handler(event, context):\n    raise ValueError('here')"
    line = len(code.split("\n"))
    assert shell.run(code).success
    number = len(shell.ip.user_ns["In"]) - 1
    shown = shell.run("%fcinvoke below").text
    assert f"Cell In[{number}], line {line}, in handler(event, context)" in shown
    assert f"----> {line:>3}     raise ValueError('here')" in shown


def test_lines_are_those_of_the_editor(shell: Shell) -> None:
    """A form feed and a separator of Unicode end no line of Python's."""
    code = "%%fcdeploy paged\ntext = 'a\u2028b'\n\f\ndef handler(event, context):\n    raise ValueError('here')\n"
    assert shell.run(code).success
    shown = shell.run("%fcinvoke paged").text
    assert "line 5, in handler(event, context)" in shown
    assert "---->   5     raise ValueError('here')" in shown
