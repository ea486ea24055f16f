"""What somebody who deploys should know of this machine, as warnings: what differs here, and what will not run."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from fc_magic.server.worker import commands, merge, runtimes
from fc_magic.server.worker.launch import Place
from fc_magic.server.worker.runtimes import Interpreter
from fc_magic.wire.custom import Custom
from fc_magic.wire.runtimes import is_custom
from fc_magic.wire.spec import Deployment


def of_machine(interpreter: Interpreter, place: Place | None, own: Mapping[str, Any]) -> list[str]:
    """``own`` is what a deployment has no field for; no ``place`` where it is all the same."""
    found = [interpreter.note] if interpreter.note else []
    if place is None:
        return found
    custom = is_custom(interpreter.runtime)
    if custom and place.in_turn:
        port = (own.get("custom") or Custom()).port
        found.append(f"one instance at a time has port {port} of this machine: {place.in_turn}")
    if not own.get("internet", True):
        found.append(_of_no_internet(custom, place))
    return found


def _of_no_internet(custom: bool, place: Place) -> str:
    if place.isolated and not custom:
        return "without internetAccess a function reaches nothing but itself, nor the object store of this machine"
    if why := place.off.get("process limit"):
        return f"internetAccess is kept, but functions are not cut off on this machine: {why}"
    return "without internetAccess a function connects to nothing but this machine"


class Content(Protocol):
    """What is kept below ``key``."""

    @property
    def key(self) -> str: ...


def of_command(
    deployment: Deployment,
    interpreter: Interpreter,
    files: Callable[[str], Path],
    key: str,
    layers: Sequence[Content],
) -> list[str]:
    """Of a start command that cannot be run; ``key`` is of the code, and ``files`` tells where it and layers are."""
    if not is_custom(deployment.runtime):
        return []
    words = shlex.split(deployment.entrypoint) if deployment.entrypoint != deployment.handler else []
    usual = [f"{merge.OPT}/bin", *runtimes.PATH.split(":"), *interpreter.path]
    own = deployment.environment.get("PATH")
    path = own.split(":") if own else usual
    found = commands.problem(words, commands.Seen(files(key), [files(layer.key) for layer in layers], path))
    return [f"the first call will fail: {found}"] if found else []
