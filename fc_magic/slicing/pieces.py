"""What a slice is made of while it is made: pieces of text, each with the names that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from fc_magic.slicing.history import Cell, History
from fc_magic.slicing.names import Names


class CannotGo(Exception):
    """Something cannot be written down. ``why`` completes "it is …, "; ``hint`` is what one can do instead;
    ``exclude``: what is to be excluded for it to go without, if that is not the name itself."""

    def __init__(self, why: str, hint: str = "", exclude: str = "") -> None:
        super().__init__(why)
        self.why, self.hint, self.exclude = why, hint, exclude


@dataclass
class Piece:
    """Whole lines that bind ``names``. ``first``: the line of the cell's source that they begin with, 0 if they were
    made; ``scope``: where their functions look names up, if that is not the notebook. ``more``: statements about
    what was bound, such as what a class got later; they may come when other things are there. ``late``: such that
    say what it holds after all that is made of it was made."""

    names: tuple[str, ...]
    text: str
    kind: str
    cell: Cell | None = None
    first: int = 0
    note: str = ""
    scope: Mapping[str, Any] | None = None
    more: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    #: the statement that evaluates its annotations, if the features of the file leave them as texts
    annotations: str = ""
    found: Names = field(default_factory=Names)

    @property
    def place(self) -> str:
        """``helper in In[2]``: what needs another name."""
        return f"{self.names[0]} in {self.cell.place}" if self.cell and self.cell.place else self.names[0]


class Writing(Protocol):
    """What writes one slice, as seen by those who write one kind of thing for it."""

    history: History
    #: the notebook's names
    namespace: Mapping[str, Any]
    futures: set[str]
    #: the id of a function or of a variable that functions share -> those that belong together
    groups: dict[int, Any]
    #: the id of a function -> the function, if its class has it, but not by its statement
    replacing: dict[int, Any]
    #: the id of a function that a class had before -> the piece of the class, which keeps it
    replaced: dict[int, Piece]

    def spell(self, obj: Any, suggested: str = "") -> str | None:
        """How a class, function or module is called in the slice, which has it then."""

    def spelled(self, value: Any, suggested: str) -> str:
        """Any value as an expression: a name, or a literal. Raises CannotGo."""

    def free(self, suggested: str) -> str:
        """A name that nothing has."""
