"""What would fail on Function Compute, as a person at a notebook meets it: a refusal, a warning, or ``--force``."""

from __future__ import annotations

from pathlib import Path

import pytest

from fc_magic.errors import FunctionNotFound, PreflightFailed
from tests.conftest import zipped
from tests.notebook.conftest import HANDLER, Kernel, Shell, deploying, text_of, words_of_html

BAD = f"import yaml\nimport time\ntime.sleep(0.01)\n{HANDLER}    return rate\n"


def test_refusal_says_everything_at_once(shell: Shell) -> None:
    """Each finding has its line, what would happen there and what to do; nothing is sent."""
    done = shell.run(deploying("refused", BAD))
    assert isinstance(done.error, PreflightFailed)
    said = " ".join(done.text.split())
    assert "refused was not deployed: 2 errors, 1 warning" in said
    assert [problem.field for problem in done.error.problems] == ["line 2", "line 4", "line 6"]
    for word in ("missing-module", "--requirements PyYAML", "undefined-name", "runs-at-start (warning)"):
        assert word in said
    assert "Nothing was sent. What ran before still runs." in said
    assert isinstance(shell.run("%fclogs refused").error, FunctionNotFound)


def test_what_ran_before_still_runs(shell: Shell) -> None:
    """A refusal changes nothing of the function that is there."""
    assert shell.run(deploying("standing", "return 1")).success
    assert not shell.run(deploying("standing", BAD)).success
    assert shell.run("standing()").value == 1


def test_force_deploys_and_shows_it(shell: Shell) -> None:
    """With --force the function is there, and its card says in spite of what."""
    done = shell.run(deploying("forced", BAD, "--force"))
    assert done.success
    said = " ".join(done.text.split())
    assert "⚠ --force: deployed in spite of 2 errors" in said
    assert "⚠ line 2: yaml is neither in the package nor in python3.10" in said
    assert not shell.run("forced()").success
    again = shell.run(deploying("forced", "return 2", "--force"))
    assert again.value.info.warnings == ()


def test_a_dry_run_shows_them_beside_the_source(shell: Shell) -> None:
    """Who only looks sees the source that would be sent, and what is found in it."""
    done = shell.run(deploying("looked", BAD, "--dry-run"))
    assert done.success
    said = " ".join(done.text.split())
    assert "would not be deployed without --force: 2 errors" in said
    assert "line 6: rate is not defined in this cell or the notebook" in said
    assert "return rate" in said
    assert "Nothing was sent." in said
    said = " ".join(shell.run(deploying("looked", BAD, "--dry-run --force")).text.split())
    assert "--force: would be deployed in spite of 2 errors" in said
    assert "without --force" not in said


def test_what_force_cannot_do_is_not_promised(shell: Shell) -> None:
    """--force is named where it would help: not beside a wrong setting, which it sends no sooner."""
    code_alone = shell.run(deploying("promised", "import yaml\n" + HANDLER + "    return 1\n"))
    assert "--force deploys it all the same." in code_alone.text
    both = shell.run(deploying("promised", "import yaml\n" + HANDLER + "    return 1\n", "--memory 100"))
    assert "Nothing was sent. What ran before still runs." in both.text
    assert "--force" not in both.text


def test_a_name_nearly_of_the_notebook(shell: Shell) -> None:
    """A mistyped name is one of another cell or of this one rather than one of Python's."""
    shell.run("def convert(x):\n    return x\n")
    refused = " ".join(shell.run(deploying("near", "return convrt(event)")).text.split())
    assert "convrt is not defined in this cell or the notebook" in refused
    assert "did you mean convert?" in refused
    lines = f"summed = 1\n{HANDLER}    return sumed\n"
    assert "did you mean summed?" in shell.run(deploying("near", lines)).text


def test_force_is_for_nothing_else(shell: Shell) -> None:
    """What the cell or the line has wrong is refused all the same."""
    assert shell.run(deploying("wrong", "def handler(:\n", "--force")).error is not None
    assert not shell.run(deploying("wrong", "return 1", "--force --memory 7")).success


@pytest.mark.parametrize("option", ["--code app.zip", "--code app", "--folder app"])
def test_other_sources_are_examined(
    shell: Shell, home: Path, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder and a ZIP of this machine too, by the path of each file."""
    files = {"index.py": f"import tools\n{HANDLER}    return tools.x\n", "tools.py": "import pandas\nx = 1\n"}
    (home / "app").mkdir(exist_ok=True)
    for path, text in files.items():
        (home / "app" / path).write_text(text)
    (home / "app.zip").write_bytes(zipped(files))
    monkeypatch.chdir(home)
    done = shell.run(f"%fcdeploy other {option}")
    assert isinstance(done.error, PreflightFailed)
    (problem,) = done.error.problems
    assert (problem.field, problem.given, problem.hint) == (
        "tools.py:1",
        "missing-module",
        "--requirements pandas",
    )


def test_files_beside_the_cell_are_there(shell: Shell, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is read is named until it goes beside the cell."""
    (home / "beside.txt").write_text("words")
    monkeypatch.chdir(home)
    cell = f"text = open('beside.txt').read()\n{HANDLER}    return text\n"
    done = shell.run(deploying("beside", cell))
    assert "⚠ line 2: beside.txt is not in the package" in " ".join(done.text.split())
    assert "--file beside.txt" in done.text
    assert not shell.run("beside()").success
    done = shell.run(deploying("beside", cell, "--file beside.txt"))
    assert done.value.info.warnings == ()
    assert shell.run("beside()").value == "words"


def test_the_card_of_a_refusal(kernel: Kernel) -> None:
    """Both faces have every finding, its hint, and how to go on."""
    outputs = kernel.run(deploying("shown", BAD), fails=True)
    card = next(output for output in outputs if output.output_type == "display_data")
    plain, html = card.data["text/plain"], words_of_html(card.data["text/html"])
    for face in (plain, html):
        said = " ".join(face.split())
        for word in ("line 6", "undefined-name", "--requirements PyYAML", "--force deploys it all the same"):
            assert word in said
    assert max(map(len, plain.splitlines())) < 100
    assert "PreflightFailed" in text_of(outputs)


def test_open_is_pythons_own_there(shell: Shell) -> None:
    """IPython has an open of its own around it; a function has Python's."""
    assert shell.ip.user_ns["open"] is not open
    done = shell.run(deploying("opens", "return len(open('/dev/null').read())"))
    assert done.success, done.text
    assert done.value.info.warnings == ()
    assert shell.run("opens()").value == 0
