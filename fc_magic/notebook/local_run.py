"""``hello.local(event)``: the handler of a deployed cell, run in the kernel by the contract of its runtime.

The cell becomes a module of its own, once for each deployment as in an instance; what it does not define is looked up
in the notebook, so it works on the notebook's own objects. Errors are the kernel's own: ``%debug`` goes into them.
"""

from __future__ import annotations

import datetime
import decimal
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fc_magic.client.events import to_bytes
from fc_magic.notebook import context
from fc_magic.notebook.cell import FIRST_LINE
from fc_magic.wire import images
from fc_magic.wire.results import Invocation

if TYPE_CHECKING:
    from fc_magic.client.function import RemoteFunction
    from fc_magic.notebook.line.head import Head

MODULE = "index"


def attach(
    shell: Any, function: RemoteFunction, cell: Head, number: int | None, excluded: frozenset[str]
) -> None:
    """``cell`` was deployed as In[``number``]; ``excluded`` names are not of the function."""
    if function.info.runtime in images.PYTHON:
        function.here = Here(shell, function, cell, number, excluded)


class Names(dict[str, Any]):
    """The module of the cell: what it has not itself is the notebook's."""

    def __init__(self, notebook: Mapping[str, Any], excluded: frozenset[str]) -> None:
        super().__init__(__name__=MODULE, __file__=f"/code/{MODULE}.py")
        self._notebook, self._excluded = notebook, excluded

    def __missing__(self, name: str) -> Any:
        if name in self._excluded:
            raise KeyError(name)
        return self._notebook[name]


class Here:
    """Runs the handler of one deployment, as often as it is called."""

    def __init__(
        self, shell: Any, function: RemoteFunction, cell: Head, number: int | None, excluded: frozenset[str]
    ) -> None:
        self._shell, self._function, self._number, self._excluded = shell, function, number, excluded
        self._source = "\n" * cell.skipped + FIRST_LINE + cell.body
        self._names: Names | None = None
        self._initialized = False

    def __call__(self, event: Any = None) -> Any:
        __tracebackhide__ = True  # a traceback is the person's own
        info, target = self._function.info, self._function.target
        raw, request_id = to_bytes(event), new_request_id()
        with variables(context.environment(info, target)), context.logged(request_id):
            names = self._loaded()
            if info.initializer and not self._initialized:
                self._named(names, info.initializer)(context.make(info, target, request_id))
                self._initialized = True
            value = self._named(names, info.handler)(raw, context.make(info, target, request_id))
            payload = answered(value, info.runtime)
        return Invocation(info.name, request_id, payload).value

    def _loaded(self) -> Names:
        """The cell is run once; what fails is tried again, as an instance does."""
        __tracebackhide__ = True
        if self._names is None:
            names = Names(self._shell.user_ns, self._excluded)
            code = self._source
            # as the kernel names its cells, so that a traceback shows this one
            name = self._shell.compile.cache(code, self._number or 0)
            exec(compile(code, name, "exec", dont_inherit=True), names)  # noqa: S102 - it is the person's own cell
            self._names = names
        return self._names

    def _named(self, names: Names, handler: str) -> Callable[..., Any]:
        function: Callable[..., Any] = names[handler.rpartition(".")[2]]
        return function


def new_request_id() -> str:
    return f"1-{int(time.time()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(6)}"


@contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    """The environment has them, and is as it was when the call is over."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update({k: v for k, v in before.items() if os.environ.get(k) != v})


def answered(value: Any, runtime: str) -> bytes:
    """What an instance would answer for what a handler returned. Raises TypeError, as there."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value, default=_plain, sort_keys=runtime != "python3.12").encode()


def _plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
