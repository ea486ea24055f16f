"""``hello.local(event)``: the handler of a deployed cell, run in the kernel by the contract of its runtime.

The cell becomes a module of its own, once for each deployment as in an instance; what it does not define the notebook
lends it, anew for each call, so it works on the notebook's own objects. Errors are the kernel's own: ``%debug`` goes
into them. Environment and logging are those of the whole process, so one call runs after the other.
"""

from __future__ import annotations

import datetime
import decimal
import json
import os
import secrets
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from types import ModuleType
from typing import TYPE_CHECKING, Any

from fc_magic.client.events import to_bytes
from fc_magic.notebook import context
from fc_magic.notebook.cell import FIRST_LINE
from fc_magic.slicing.names import analyse
from fc_magic.wire import images
from fc_magic.wire.results import Invocation

if TYPE_CHECKING:
    from fc_magic.client.function import RemoteFunction
    from fc_magic.notebook.line.head import Head

MODULE = "index"


def attach(
    shell: Any, function: RemoteFunction, cell: Head, number: int | None, excluded: frozenset[str], whole: str
) -> None:
    """``cell`` was deployed as In[``number``]; ``excluded`` names are not of the function; ``whole`` is the file that
    it became."""
    if function.info.runtime in images.PYTHON:
        function.here = Here(shell, function, cell, number, excluded, whole)


#: held by the call that runs; a handler may make another one, in the same thread
_ONE_AT_A_TIME = threading.RLock()
_ABSENT = object()


class Here:
    """Runs the handler of one deployment, as often as it is called."""

    def __init__(
        self,
        shell: Any,
        function: RemoteFunction,
        cell: Head,
        number: int | None,
        excluded: frozenset[str],
        whole: str,
    ) -> None:
        self._shell, self._function, self._number, self._excluded = shell, function, number, excluded
        self._source, self._whole = "\n" * cell.skipped + FIRST_LINE + cell.body, whole
        self._folder = ""
        self._module: ModuleType | None = None
        #: what the module has of the notebook
        self._lent: dict[str, Any] = {}
        self._initialized = False
        self._instance_id = f"c-{secrets.token_hex(4)}-{secrets.token_hex(6)}"
        self._variables, self._log, self._loop = context.Variables(), context.Log(), context.Loop()

    def __call__(self, event: Any = None) -> Any:
        __tracebackhide__ = True  # a traceback is the person's own
        with _ONE_AT_A_TIME:
            return self._called(to_bytes(event), new_request_id())

    def _called(self, raw: bytes, request_id: str) -> Any:
        __tracebackhide__ = True
        info, target = self._function.info, self._function.target
        environment = context.environment(info, target, self._instance_id)
        module = self._module or new_module()
        with (
            self._variables.of(environment),
            self._log.of(request_id),
            self._loop.set(),
            imported(module, self._file()),
        ):
            self._load(module)
            if info.initializer and not self._initialized:
                _named(module, info.initializer)(context.make(info, target, request_id))
                self._initialized = True
            value = _named(module, info.handler)(raw, context.make(info, target, request_id))
            payload = answered(value, info.runtime)
        return Invocation(info.name, request_id, payload).value

    def _file(self) -> str:
        """The folder with the file of the module; processes that are not forked import it from there."""
        if not self._folder:
            self._folder = mkdtemp(prefix="fc-magic-")
            weakref.finalize(self, rmtree, self._folder, ignore_errors=True)
            Path(self._folder, f"{MODULE}.py").write_text(self._whole, encoding="utf-8")
        return self._folder

    def _load(self, module: ModuleType) -> None:
        """The cell is run once; what fails is tried again, as an instance does."""
        __tracebackhide__ = True
        if self._module is None:
            self._lent = {}
        self._lend(vars(module))
        if self._module is None:
            # as the kernel names its cells, so that a traceback shows this one
            name = self._shell.compile.cache(self._source, self._number or 0)
            code = compile(self._source, name, "exec", dont_inherit=True)
            exec(code, vars(module))  # noqa: S102 - it is the person's own cell
            self._module = module

    def _lend(self, own: dict[str, Any]) -> None:
        """The module gets what it needs as the notebook has it now; what the cell itself has bound stays."""
        needs, notebook = analyse(self._source), self._shell.user_ns
        for name in {*needs.needed, *needs.hinted} - self._excluded:
            if own.get(name, _ABSENT) is self._lent.get(name, _ABSENT):
                for names in (own, self._lent):
                    if name in notebook:
                        names[name] = notebook[name]
                    else:
                        names.pop(name, None)


def new_module() -> ModuleType:
    module = module_from_spec(ModuleSpec(MODULE, None))
    # as FC_FUNC_CODE_PATH: files that are looked for beside it are beside the notebook
    module.__file__ = os.path.join(os.getcwd(), f"{MODULE}.py")
    return module


@contextmanager
def imported(module: ModuleType, folder: str) -> Iterator[None]:
    """Meanwhile it is the one of its name, also in processes that begin anew: pickle and dataclasses look for the
    module of a class."""
    name = module.__name__
    before = sys.modules.get(name)
    sys.modules[name] = module
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the function may have set a path of its own
            sys.path.remove(folder)
        if before is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before


def _named(module: ModuleType, handler: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(module, handler.rpartition(".")[2])
    return function


def new_request_id() -> str:
    return f"1-{int(time.time()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(6)}"


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
