"""The first process of an instance, as the server holds it, and how one is started without a fork server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fc_magic.server.worker import tree

#: how often it is looked whether a program has ended that cannot say so itself
END_LOOK_S = 0.02


class InstanceGone(Exception):
    """The process ended, or its control channel broke, before it answered."""


class NotRun(InstanceGone):
    """The system does not run the program; ``number`` is its errno."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.number = error.errno or 0


class First(Protocol):
    """The first process of an instance; ``pid`` is its id on this machine."""

    pid: int

    def kill(self) -> None:
        """Ends it and everything that was started in it."""

    def terminate(self) -> None:
        """SIGTERM to the instance alone: it writes where its threads are."""

    def held(self, enough: int, pause_s: float = 0.0) -> tree.Held:
        """What the function's processes hold; need not count further than ``enough`` of them. ``pause_s``: see
        ``tree.held``."""

    def written_mb(self) -> float | None:
        """What it wrote, if that is not for its file system to limit; takes long."""

    def buried(self) -> bool:
        """Whether nothing is left of it; lets go of what was held for it."""


@dataclass(frozen=True)
class Asked:
    """What is started: a command for a program of its own, or a Python that is forked.

    ``descriptors`` are the control socket, where the log goes, and the lifeline; they are the caller's to close.
    ``code`` is the folder with the function's files on this machine, ``layers`` those of its layers, the first on
    top; ``search`` is where the function looks for modules after its own. A program of the function's ``own`` is run
    as it stands, and ``moved`` is the port that it gets another for (0: none). ``seen`` is where it finds its files.
    Without ``internet`` its network is only itself, where instances have namespaces.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    code: Path
    descriptors: tuple[int, int, int]
    layers: tuple[Path, ...] = ()
    search: tuple[str, ...] = ()
    own: bool = False
    moved: int = 0
    seen: str = ""
    disk_mb: int = 512
    internet: bool = True


Launch = Callable[[Asked], Awaitable[First]]
#: processes that were killed and are not buried yet: the loop that would look may close before they are gone
_dying: list[subprocess.Popen[bytes]] = []


def _bury() -> None:
    _dying[:] = [process for process in _dying if process.poll() is None]


@dataclass
class Spawned:
    """A process of its own, started from nothing: takes longer, and works on every system."""

    process: subprocess.Popen[bytes]
    mark: str
    #: of a program of the function's own, which knows nothing of its control socket: what says there that it ended
    watching: asyncio.Task[None] | None = None
    pid: int = field(init=False)

    def __post_init__(self) -> None:
        self.pid = self.process.pid

    def kill(self) -> None:
        tree.kill(self.pid, self.mark)
        _dying.append(self.process)

    def terminate(self) -> None:
        tree.terminate(self.pid)

    def held(self, enough: int, pause_s: float = 0.0) -> tree.Held:
        return tree.held([self.pid], enough, pause_s)

    def written_mb(self) -> float | None:
        return None

    def buried(self) -> bool:
        return self.process.poll() is not None


async def spawn(asked: Asked) -> First:
    """Raises InstanceGone if the program cannot be started."""
    _bury()
    control, log, lifeline = asked.descriptors
    ours = () if asked.own else (control, lifeline)
    inherited = (lifeline,) if asked.own else ours
    try:
        process = subprocess.Popen(
            [*asked.command, *map(str, ours)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=inherited,
            # whole from the start: the C library reads its own variables only then
            env=dict(asked.environment),
            cwd=asked.code,
            start_new_session=True,
            umask=0o022,  # as in a region; the server's own files are for its user alone
        )
    except OSError as error:
        raise NotRun(error) from error
    _ends_with_us(lifeline, process.pid)
    watching = None
    if asked.own:
        kept = socket.socket(fileno=os.dup(control))
        watching = asyncio.get_running_loop().create_task(_tell_end(process, kept))
    return Spawned(process, asked.environment.get("FC_INSTANCE_ID", ""), watching)


async def _tell_end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    """In the place of a first process: how the program ended, in a line of JSON, and then no more."""
    with control:
        while (code := process.poll()) is None:
            await asyncio.sleep(END_LOOK_S)
        with contextlib.suppress(OSError):  # nobody wants to know any more
            control.send(json.dumps({"ended": -code if code < 0 else code << 8}).encode() + b"\n")


def _ends_with_us(lifeline: int, group: int) -> None:
    """The kernel kills the group when our end of its lifeline closes: not every language can ask for that itself."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(lifeline, fcntl.F_SETOWN, -group)
            fcntl.fcntl(lifeline, getattr(fcntl, "F_SETSIG", 10), signal.SIGKILL)
            fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


@dataclass(frozen=True)
class Place:
    """Where instances of one interpreter run: how they are started, and what they see.

    ``code`` is the path of a function's files as the function sees it, if that is the same for all, and ``own``
    makes one for each instance; ``isolated`` is whether an instance has a file system and a process table of its own,
    and ``reason`` why not. ``in_turn`` is why programs that want the same port cannot run side by side; nothing if
    they can. ``off`` says of each layer that keeps instances apart why it is not there.
    """

    launch: Launch
    isolated: bool = False
    code: str = ""
    reason: str = ""
    in_turn: str = ""
    own: Callable[[], Path] | None = None
    off: Mapping[str, str] = field(default_factory=dict)

    def seen(self, files: Path) -> str:
        """Where a new instance finds the function's files."""
        return self.code or str(self.own() / "code" if self.own else files)
