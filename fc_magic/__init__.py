"""fc_magic: from a notebook cell to a running function on Alibaba Cloud Function Compute.

The front door. It imports nothing heavy: ``%load_ext fc_magic`` must not be felt. It is also where the two halves
meet, because only here may the notebook side learn how to reach a local server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Client", "Deployment", "LocalServer", "Settings", "connect", "errors", "load_ipython_extension"]

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from fc_magic import errors
    from fc_magic.client.client import Client
    from fc_magic.client.target import Target
    from fc_magic.config import Settings
    from fc_magic.server.process import LocalServer
    from fc_magic.wire.spec import Deployment

_LAZY = {
    "Client": "fc_magic.client.client",
    "Deployment": "fc_magic.wire.spec",
    "LocalServer": "fc_magic.server.process",
    "Settings": "fc_magic.config",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "errors":
        return import_module("fc_magic.errors")
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'fc_magic' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext fc_magic``: registers the magics. What they need is imported when they are used."""
    from fc_magic.notebook.loading import load

    _show_errors(load(shell, connect))
    _show_starts(shell)


def unload_ipython_extension(shell: Any) -> None:
    from fc_magic.notebook.loading import unload

    unload(shell)
    _show_errors(None)
    _show_starts(None)


#: what shows an error in a notebook: errors that are imported later ask for it here
_presenter: Callable[[errors.FcError], list[str]] | None = None


def _show_errors(presenter: Callable[[errors.FcError], list[str]] | None) -> None:
    import sys

    global _presenter
    _presenter = presenter
    imported = sys.modules.get("fc_magic.errors")
    if imported:
        imported.FcError.presenter = presenter


#: the shell in which somebody may wait for the local Function Compute
_waiting: Any = None


def _show_starts(shell: Any) -> None:
    global _waiting
    _waiting = shell


def _starting(folder: Path) -> AbstractContextManager[None]:
    """What is told while one is started; nothing of one that runs."""
    from contextlib import nullcontext

    from fc_magic.server.process import LocalServer

    if _waiting is None or LocalServer.find(folder):
        return nullcontext()
    from fc_magic.notebook.progress import starting

    return starting(_waiting)


def connect(settings: Settings | None = None) -> Client:
    """A client for the target of ``settings``; the local Function Compute is started if it does not run."""
    from fc_magic.client.client import Client
    from fc_magic.config import Settings

    settings = settings or Settings.load()
    if settings.target != "local":
        from fc_magic.client.cloud import reach

        target, keys, found = reach(settings)
        return Client(target, found, keys=keys)
    return Client(_local(settings), settings, renew=lambda: _local(settings))


#: longer than a server that was told to stop goes on with what it has
_ENDING_S = 10.0


def _local(settings: Settings) -> Target:
    from fc_magic.errors import ConnectionFailed
    from fc_magic.server.process import LocalServer

    try:
        return _held(settings)
    except ConnectionFailed:
        # it ends, as an idle one does, and did so between being found and hearing of us
        ending = LocalServer.find(settings.folder)
        if ending:
            ending.wait(_ENDING_S)
        return _held(settings)


def _held(settings: Settings) -> Target:
    """The local server, started if it does not run, and told that this process uses it, so that it stays."""
    import os

    from fc_magic.client.session import Session
    from fc_magic.client.target import Credentials, Target
    from fc_magic.server.process import LocalServer
    from fc_magic.wire.runtimes import CUSTOM, NODE, PYTHON

    with _starting(settings.folder):
        server = LocalServer.ensure(
            settings.folder,
            idle_stop=settings.idle_stop,
            region=settings.region,
            account_id=settings.account_id,
        )
    target = Target(
        name="local",
        endpoint=server.url,
        region=server.region,
        credentials=Credentials(server.keys.access_key_id, server.keys.access_key_secret),
        account_id=server.account_id,
        role=server.role,
        runtimes=(*PYTHON, *NODE, *CUSTOM),
        objects=server.objects_url,
        api=settings.api or "v2",
        when_gone="run the cell again: a new local Function Compute is started",
    )
    session = Session(target, settings)
    session.call("HoldServer", "v2", "POST", "/-/kernels", body={"pid": os.getpid()})
    session.close()
    return target
