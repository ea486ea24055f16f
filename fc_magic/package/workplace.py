"""Where packages are made: the folder that keeps what was fetched and packed, and who is told how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """``what`` it is for, as a person calls it; ``doing`` is one word, empty when it is over. Sizes are bytes; a
    ``size`` of 0 is not known. ``note``: what is to be said at the end."""

    what: str
    doing: str
    done: int = 0
    size: int = 0
    note: str = ""


def nobody(step: Step) -> None:
    """Told nothing."""


@dataclass(frozen=True)
class Workplace:
    """``cache`` may be removed at any time; ``tell`` is called by the thread that builds. ``leave_out``: patterns of
    what of libraries is not packed, as the settings have them."""

    cache: Path
    tell: Callable[[Step], None] = nobody
    leave_out: str = ""

    @property
    def packages(self) -> Path:
        """Where libraries are that were packed."""
        return self.cache / "packages"

    @classmethod
    def usual(cls) -> Workplace:
        """Where the settings say, in silence."""
        from fc_magic.config import Settings

        settings = Settings.load()
        return cls(settings.cache, leave_out=settings.leave_out)
