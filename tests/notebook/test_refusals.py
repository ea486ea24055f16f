"""A deployment that is refused: all that is wrong at once, where it is written, and what ran before still runs."""

from __future__ import annotations

import re

import pytest

from fc_magic.errors import (
    CellSyntaxError,
    FcError,
    HandlerMissing,
    InvalidArgument,
    PreflightFailed,
    UsageError,
)
from tests.notebook.conftest import HANDLER, Kernel, Shell

H = f"{HANDLER}    return 1\n"

#: the line and the cell, what is raised, and texts of what is shown
REFUSED: list[tuple[str, str, type[FcError], tuple[str, ...]]] = [
    ("--memory 7 --timeout 0", H, InvalidArgument,
     ("refused was not deployed: 2 settings need attention", "--memory 7", "try --memory 128", "try --timeout 60",
      "Nothing was sent. What ran before still runs.")),
    ("--memry 256 --timeout 0", H, UsageError, ("did you mean --memory?", "--timeout 0", "try --timeout 60")),
    ("--handler nothing.x --memory 7", H, HandlerMissing,
     ("there is no nothing.py", "--handler index.x", "--memory 7")),
    ("--memory 7", "def handler(event, context)\n", CellSyntaxError, ("line 2 of the cell", "try --memory 128")),
    ("--memory 7", f"{HANDLER}    return nothing\n", PreflightFailed, ("undefined-name", "try --memory 128")),
    ("--code nowhere.zip --timeout 0", "", UsageError, ("there is no such file", "try --timeout 60")),
    ("--include nowhere --timeout 0", H, FcError, ("nowhere", "try --timeout 60")),
    ("--env FC_X=1 --trigger timer:abc", H, InvalidArgument, ("has the reserved name FC_X", "try --trigger")),
    ("--runtime node20 --memory 7", "x = 1", HandlerMissing, ("is not a runtime", "try --memory 128")),
    ("--memory 7", f"#| fc: --timeout 0\n{H}", InvalidArgument, ("--memory 7", "line 2: --timeout 0")),
    ("", f"#| fc: --timeout 0\n{HANDLER}    return nothing\n", PreflightFailed, ("line 2: --timeout 0", "line 4")),
    ("--role some-role --handler main --memory 7", "def other(event, context): ...\n", HandlerMissing,
     ("--memory 7",)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "cell", "kind", "texts"), REFUSED)
def test_refusal(shell: Shell, line: str, cell: str, kind: type[FcError], texts: tuple[str, ...]) -> None:
    """Each problem says what was given, what is allowed, and how to write it."""
    magic = "%%fcdeploy" if cell else "%fcdeploy"
    done = shell.run(f"{magic} refused {line}\n{cell}".rstrip("\n") + "\n")
    assert isinstance(done.error, kind), done.text
    plain = " ".join(done.text.split())
    for text in texts:
        assert text in plain
    assert "--role some-role" not in plain


NUMBERED = [
    "%%fcdeploy numbered\ndef handler(event, context)\n",
    f"%%fcdeploy numbered\n{HANDLER}    return nothing\n",
    f"%%fcdeploy numbered\n#| fc: --memory 7\n#| fc: --memry 7\n{H}",
    f"%%fcdeploy numbered\n#| fc: --env 'A\n{H}",
    f"%%fcdeploy numbered\n#| fc --memory 512\n{H}",
    f"%%fcdeploy numbered --dry-run\n{H}#| fc: --memory 512\n",
    f"%%fcdeploy numbered\n# requires: six>>1\n{H}",
    f"%%fcdeploy numbered\n{HANDLER}    return eval(event)\n",
    "%%fcdeploy numbered --runtime nodejs20\nexports.handler = async () => {\n",
    "%%fcdeploy numbered --runtime custom.debian12 --entrypoint 'python3 app.py'\nprint(\n",
    f"%%fcrun\n{HANDLER}    return nothing\n",
]


@pytest.mark.parametrize("above", ["\n\n", "%%time\n\n"])
@pytest.mark.parametrize("cell", NUMBERED)
def test_lines_have_the_numbers_of_the_cell(shell: Shell, cell: str, above: str) -> None:
    """Also where IPython takes lines away before the magic's."""

    def plain(text: str, more: int) -> str:
        shown = re.sub(r"(?m)^(CPU times|Wall time): .*\n|^Out.*\n", "", text)
        return " ".join(re.sub(r"\bline (\d+)", lambda found: f"line {int(found[1]) + more}", shown).split())

    expected = shell.run(cell).text
    assert re.search(r"\bline \d", expected)
    assert plain(shell.run(above + cell).text, 0) == plain(expected, 2)


def test_lines_above_the_magic_make_no_other_file(shell: Shell) -> None:
    """They count in what is said of a cell, and are not in its code."""
    helper, cell = "def halved(x):\n    return x / 0", f"%%fcdeploy same\n{HANDLER}    return halved(1)\n"
    assert shell.run(helper).success
    assert shell.run(cell).success
    done = shell.run(f"%%time\n\n{cell}")
    assert "unchanged" in done.text
    number = int(shell.ip.execution_count) - 1
    assert f"Cell In[{number}], line 5, in handler(event, context)" in shell.run("same()").text
    assert ", line 5" in shell.run("same.local()").text


def test_schedule(shell: Shell) -> None:
    """It stands as it is typed; one sentence says what is wrong, and the nearest that there is what to type."""
    done = shell.run(f'%%fcdeploy refused --trigger "timer:0 0 25 * * *"\n{H}')
    (problem,) = done.error.problems
    assert f"{problem.field} {problem.given}" == "--trigger 'timer:0 0 25 * * *'"
    assert (problem.problem, problem.allowed) == ("has no valid hour: '25'; 0 to 23", "")
    assert problem.hint == "try --trigger 'timer:0 0 23 * * *'"


def test_bucket(shell: Shell) -> None:
    """The same of a bucket: its own rules, and not what else a trigger may be."""
    done = shell.run(f"%%fcdeploy refused --trigger oss:My_Bucket\n{H}")
    (problem,) = done.error.problems
    assert f"{problem.field} {problem.given}" == "--trigger oss:My_Bucket"
    assert (problem.problem.partition(":")[0], problem.allowed) == ("is no bucket", "")
    assert "oss:BUCKET" not in done.text.replace("acs:oss:REGION:ACCOUNT_ID:BUCKET", "")


def test_what_ran_before_still_runs(shell: Shell) -> None:
    """A refusal changes nothing."""
    assert shell.run(f"%%fcdeploy stays\n{H}").success
    assert not shell.run("%%fcdeploy stays --memory 7\ndef handler(event, context): return 2").success
    assert shell.run("stays()").value == 1


def test_it_fails_the_cell(kernel: Kernel) -> None:
    """Once: with one error output, whose traceback alone says all that is needed."""
    outputs = kernel.run(f"%%fcdeploy refused --memory 7 --timeout 0\n{H}", fails=True)
    errors = [output for output in outputs if output.output_type == "error"]
    assert len(errors) == 1
    traceback = "\n".join(errors[0].traceback)
    for text in ("refused was not deployed: 2 settings", "--memory 7", "try --memory 128", "still runs"):
        assert text in traceback
    assert errors[0].ename == "InvalidArgument"
    assert "fc_magic/" not in traceback
    cards = [output for output in outputs if output.output_type == "display_data"]
    assert len(cards) == 1
    assert "try --timeout 60" in cards[0].data["text/html"]


def test_settings_are_counted(shell: Shell) -> None:
    """The heading says how much there is to do."""
    done = shell.run(f"%%fcdeploy counted --memory 7 --timeout 0\n{HANDLER}    return nothing\n")
    assert done.text.splitlines()[0] == "PreflightFailed: counted was not deployed: 1 error, 2 settings"


def test_variable_that_is_set(shell: Shell) -> None:
    """A variable of the notebook's environment is warned of, until the deployment sets it."""
    shell.run("import os\nos.environ['REFUSALS_TO'] = 'x'")
    cell = f"import os\n{HANDLER}    return os.environ['REFUSALS_TO']\n"
    assert "--env REFUSALS_TO=VALUE sets it" in " ".join(shell.run(f"%%fcdeploy warned\n{cell}").text.split())
    done = shell.run(f"%%fcdeploy warned --env REFUSALS_TO\n{cell}\n")
    assert "sets it" not in done.text
    assert shell.run("del os.environ['REFUSALS_TO']\nwarned()").value == "x"
