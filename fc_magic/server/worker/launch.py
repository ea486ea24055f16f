"""The first process of an instance, as the server holds it, and how one is started without a fork server."""

from __future__ import annotations

import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fc_magic.server.worker import tree


class InstanceGone(Exception):
    """The process ended, or its control channel broke, before it answered."""


class First(Protocol):
    """The first process of an instance; ``pid`` is its id on this machine."""

    pid: int

    def kill(self) -> None:
        """Ends it and everything that was started in it."""

    def terminate(self) -> None:
        """SIGTERM to the instance alone: it writes where its threads are."""

    def held(self, enough: int) -> tree.Held:
        """What the function's processes hold; need not count further than ``enough`` of them."""

    def written_mb(self) -> float | None:
        """What it wrote, if that is not for its file system to limit; takes long."""

    def buried(self) -> bool:
        """Whether nothing is left of it; lets go of what was held for it."""


@dataclass(frozen=True)
class Asked:
    """What is started: a command for a program of its own, or a Python that is forked.

    ``descriptors`` are the control socket, where the log goes, and the lifeline; they are the caller's to close.
    ``code`` is the folder with the function's files on this machine, ``layers`` those of its layers, the first on
    top; ``search`` is where the function looks for modules after its own, and ``seen`` where it finds its files.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    code: Path
    descriptors: tuple[int, int, int]
    layers: tuple[Path, ...] = ()
    search: tuple[str, ...] = ()
    seen: str = ""


Launch = Callable[[Asked], Awaitable[First]]


@dataclass
class Spawned:
    """A process of its own, started from nothing: takes longer, and works on every system."""

    process: subprocess.Popen[bytes]
    mark: str
    pid: int = field(init=False)

    def __post_init__(self) -> None:
        self.pid = self.process.pid

    def kill(self) -> None:
        tree.kill(self.pid, self.mark)

    def terminate(self) -> None:
        tree.terminate(self.pid)

    def held(self, enough: int) -> tree.Held:
        return tree.held([self.pid], enough)

    def written_mb(self) -> float | None:
        return None

    def buried(self) -> bool:
        return self.process.poll() is not None


async def spawn(asked: Asked) -> First:
    """Raises InstanceGone if the program cannot be started."""
    control, log, lifeline = asked.descriptors
    try:
        process = subprocess.Popen(
            [*asked.command, str(control), str(lifeline)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(control, lifeline),
            # whole from the start: the C library reads its own variables only then
            env=dict(asked.environment),
            cwd=asked.code,
            start_new_session=True,
            umask=0o022,  # as in a region; the server's own files are for its user alone
        )
    except OSError as error:
        raise InstanceGone(str(error)) from error
    return Spawned(process, asked.environment.get("FC_INSTANCE_ID", ""))


@dataclass(frozen=True)
class Place:
    """Where instances of one interpreter run: how they are started, and what they see.

    ``code`` is the path of a function's files as the function sees it, if that is the same for all, and ``own``
    makes one for each instance; ``isolated`` is whether an instance has a file system and a process table of its own,
    and ``reason`` why not. ``off`` says of each layer that keeps instances apart why it is not there.
    """

    launch: Launch
    isolated: bool = False
    code: str = ""
    reason: str = ""
    own: Callable[[], Path] | None = None
    off: Mapping[str, str] = field(default_factory=dict)

    def seen(self, files: Path) -> str:
        """Where a new instance finds the function's files."""
        return self.code or str(self.own() / "code" if self.own else files)
