"""The magics of versions in a real IPython: listed, gone back to, named, called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.notebook.conftest import Shell

CELL = "def handler(event, context):\n    return {}\n"


@pytest.fixture
def three(shell: Shell) -> Iterator[Shell]:
    """A function with three versions, each of which answers its number."""
    for number in (1, 2, 3):
        line = f"%%fcdeploy report --memory {64 + 64 * number} --description 'number {number}'"
        assert shell.run(f"{line}\n{CELL.format(number)}").success
    yield shell
    shell.run("%fcdelete report")


def value(shell: Shell, line: str) -> Any:
    ran = shell.run(line)
    assert ran.success, ran.text
    return ran.value


def test_list(three: Shell) -> None:
    """Newest first, with what is deployed and who leads where."""
    three.run("%fcalias report prod --version 2 --canary 3=10%")
    ran = three.run("%fcversions report")
    assert [v.id for v in ran.value] == ["3", "2", "1"]
    assert (ran.value.deployed, [v.description for v in ran.value]) == (
        "3",
        ["number 3", "number 2", "number 1"],
    )
    for text in ("report  version 3 is deployed", "→ 3", "prod 10%", "prod 90%", "%fcrollback report"):
        assert text in ran.text


def test_rollback(three: Shell) -> None:
    """To the version before, then to the one before that, then to one by its number; aliases stay."""
    three.run("%fcalias report prod --version 3")
    first, second = three.run("%fcrollback report"), three.run("%fcrollback report")
    assert [(r.value.info.outcome, r.value.info.version, r.value.info.memory) for r in (first, second)] == [
        ("rolled back", "2", 192),
        ("rolled back", "1", 128),
    ]
    assert value(three, "report(None)") == 1
    assert "↻ report  rolled back on local · version 1" in second.text
    assert value(three, "%fcrollback report 3").info.version == "3"
    assert value(three, "%fcinvoke report").value == 3
    assert [v.id for v in value(three, "%fcversions report")] == ["3", "2", "1"]
    assert value(three, "%fcalias report prod").shares == {"3": 1.0}


def test_rollback_without_a_version_before(shell: Shell) -> None:
    """It says so, and names the magic that shows what there is."""
    assert shell.run(f"%%fcdeploy once\n{CELL.format(1)}").success
    ran = shell.run("%fcrollback once")
    assert not ran.success
    assert "VersionNotFound: once has no version before 1" in ran.text
    assert "%fcversions once" in ran.text
    assert not shell.run("%fcrollback once 9").success


def test_not_published(shell: Shell) -> None:
    """``--no-publish`` leaves what is deployed unpublished; going back then means the newest version."""
    assert shell.run(f"%%fcdeploy quiet\n{CELL.format(1)}").success
    assert value(shell, f"%%fcdeploy quiet --no-publish\n{CELL.format(2)}").info.version == "LATEST"
    assert "what is deployed is no version" in shell.run("%fcversions quiet").text
    assert value(shell, "%fcrollback quiet").info.version == "1"
    assert value(shell, "quiet(None)") == 1


def test_calls_by_qualifier(three: Shell) -> None:
    """``NAME:VERSION`` and ``NAME:ALIAS`` are called; one that is not there is refused."""
    three.run("%fcalias report prod --version 1")
    called = [value(three, f"%fcinvoke report{q}").value for q in ("", ":1", ":2", ":prod", ":LATEST")]
    assert called == [3, 1, 2, 1, 3]
    assert "AliasNotFound" in three.run("%fcinvoke report:nobody").text


def test_alias(three: Shell) -> None:
    """Created, changed, its weights taken back by a version without them, described, deleted."""
    alias = "%fcalias report prod"
    shares = {"1": 0.5, "2": 0.25, "3": 0.25}
    assert value(three, f"{alias} --version 1 --canary 2=25% --canary 3=0.25").shares == shares
    assert value(three, f"{alias} --canary 2=100%").shares == {"1": 0.0, "2": 1.0}
    assert value(three, f"{alias} --version 2").shares == {"2": 1.0}
    said = value(three, f"{alias} --description 'for the shop'")
    assert (said.description, said.version) == ("for the shop", "2")
    assert "100% of the calls" in three.run(alias).text
    assert "report:prod  deleted from local" in three.run(f"{alias} --delete").text
    assert value(three, "%fcversions report").aliases == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%fcalias", "a name is missing"),
        ("%fcalias report --version 1", "the alias has no name"),
        ("%fcalias report prod --canary 4", "--canary 4 is not a version and its share"),
        ("%fcalias report prod --canary 4=110%", "is not a version and its share"),
        ("%fcalias report prod --weight 1", "--weight is not an option"),
        ("%fcalias report prod --version", "--version has no value"),
        ("%fcalias report prod --delete --version 1", "an alias is deleted, and nothing else"),
        ("%fcalias report prod more", "more is too much"),
        ("%fcrollback", "a name and perhaps a version"),
        ("%fcrollback a 1 2", "a name and perhaps a version"),
        ("%fcversions", "a name is missing"),
    ],
)
def test_lines_that_are_refused(shell: Shell, line: str, said: str) -> None:
    """With what is wrong, before anything is asked."""
    ran = shell.run(line)
    assert not ran.success
    assert f"UsageError: {said}" in ran.text or said in ran.text


def test_wrong_name_is_answered_with_the_nearest(three: Shell) -> None:
    """As of every magic that takes a name."""
    for line in ("%fcversions repot", "%fcrollback repot", "%fcalias repot prod --version 1"):
        assert "did you mean report?" in three.run(line).text
