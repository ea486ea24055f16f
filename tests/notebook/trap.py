"""A small notebook in the percent format that is a trap for whoever cuts functions out of notebooks.

``# %%`` begins a cell, ``# %% fails`` one that raises, ``# %% file NAME`` a file beside the notebook (written when
its turn comes), ``# %% deploy [OPTIONS]`` the deployed cell, ``# %% expect`` what must come of it, one to a line:

    # event: JSON          what the function is called with, null if there is none; several are calls in this order
    # answers              it answers each event as the handler does in the kernel
    # refused: WORD | …    nothing is deployed, and the message has each of these
    # warned: WORD | …     what is shown has each of these
    # has: TEXT            the deployed file has it
    # lacks: TEXT          and it has not
    # kernel: yes          it changes the process that it runs in, so it has one of its own
    # needs: MODULE        it is left out where that is not installed; the package is run by this Python itself

As in Jupytext, a magic or a shell line stands behind ``#``: ``# %time f()``, ``# %%capture``, ``# names = !ls``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parents[1] / "traps"
MARK = re.compile(r"^# %%(?: (?P<kind>fails|file|deploy|expect)\b ?(?P<rest>.*))?$")
MAGIC = re.compile(r"^(\s*)# (%%?\w.*|!.*|\w+ = [!%].*)$")


@dataclass
class Section:
    kind: str
    rest: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        text = "\n".join(self.lines).strip("\n") + "\n"
        return (
            text if self.kind == "file" else "\n".join(MAGIC.sub(r"\1\2", line) for line in text.split("\n"))
        )


@dataclass(frozen=True)
class Trap:
    """``steps``: what happens before the deployed cell; ``expected``: word -> what stands behind it, each time."""

    name: str
    sentence: str
    steps: tuple[Section, ...]
    deployed: Section
    expected: dict[str, list[str]]

    @property
    def function(self) -> str:
        return "trap-" + self.name.replace("_", "-")

    @property
    def events(self) -> list[str]:
        return self.expected.get("event", ["null"])

    @property
    def alone(self) -> bool:
        return "kernel" in self.expected

    @property
    def needs(self) -> list[str]:
        return self.expected.get("needs", [])

    def words(self, kind: str) -> list[str]:
        return [
            word.strip() for line in self.expected.get(kind, []) for word in line.split("|") if word.strip()
        ]

    @property
    def cell(self) -> str:
        return f"%%fcdeploy {self.function} {self.deployed.rest}".rstrip() + "\n" + self.deployed.text

    def notebook(self) -> nbformat.NotebookNode:
        """It as a person would have it on disk."""
        cells = [nbformat.v4.new_markdown_cell(self.sentence)]
        for section in self.steps:
            if section.kind != "file":
                cells.append(nbformat.v4.new_code_cell(section.text.rstrip("\n")))
                cells[-1].metadata["tags"] = ["raises-exception"] if section.kind == "fails" else []
        return nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(self.cell.rstrip("\n"))])


def read(path: Path) -> Trap:
    head, *sections = _sections(path.read_text())
    expected: dict[str, list[str]] = {}
    for line in (section := sections.pop()).lines:
        if line.strip():
            word, _, rest = line.removeprefix("# ").partition(":")
            expected.setdefault(word.strip(), []).append(rest.strip())
    assert section.kind == "expect", path
    deployed = sections.pop()
    assert deployed.kind == "deploy", path
    sentence = ast.literal_eval("\n".join(head.lines).strip())
    return Trap(path.stem, sentence, tuple(sections), deployed, expected)


def _sections(text: str) -> list[Section]:
    found = [Section("head")]
    for line in text.splitlines():
        mark = MARK.match(line)
        if mark:
            found.append(Section(mark["kind"] or "cell", mark["rest"] or ""))
        else:
            found[-1].lines.append(line)
    return found


TRAPS = [read(path) for path in sorted(FOLDER.glob("*.py"))]
