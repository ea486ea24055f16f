"""Tells IPython how our values are shown, by the names of their types: nothing is imported before that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fc_magic.notebook.failures.cells import Sources

#: module, type, and the attribute that has what is shown (nothing: the value itself)
TYPES = (
    ("fc_magic.wire.results", "Function", ""),
    ("fc_magic.wire.results", "Functions", ""),
    ("fc_magic.wire.results", "Instances", ""),
    ("fc_magic.wire.results", "Invocation", ""),
    ("fc_magic.wire.results", "Log", ""),
    ("fc_magic.wire.stats", "Stats", ""),
    ("fc_magic.notebook.following", "Followed", ""),
    ("fc_magic.wire.tasks", "Accepted", ""),
    ("fc_magic.wire.tasks", "Task", ""),
    ("fc_magic.wire.tasks", "Tasks", ""),
    ("fc_magic.wire.aliases", "Alias", ""),
    ("fc_magic.wire.layers", "LayerVersion", ""),
    ("fc_magic.wire.layers", "LayerVersions", ""),
    ("fc_magic.wire.versions", "FunctionVersions", ""),
    ("fc_magic.client.function", "RemoteFunction", "info"),
    ("fc_magic.client.fanout.results", "Results", ""),
    ("fc_magic.package.report", "Report", ""),
    ("fc_magic.export.result", "Written", ""),
    ("fc_magic.export.result", "Pulled", ""),
    ("fc_magic.notebook.preview", "Preview", ""),
    ("fc_magic.notebook.plan.cost_card", "Costs", ""),
    ("fc_magic.errors", "FcError", ""),
)


def register(shell: Any, where: Callable[[], str], cells: Sources | None = None) -> None:
    """``where``: the name of the present target; ``cells``: finds the cell of a function that failed."""
    formatter = shell.display_formatter
    plain = formatter.formatters["text/plain"]
    shown = _Shown(shell, where)
    for module, name, attribute in TYPES:
        # as for_type_by_name does, which looks for what it replaces in every module
        formatter.mimebundle_formatter.deferred_printers[module, name] = _bundler(attribute, shown, cells)
        # IPython's pretty printer has its own idea of tuples and exceptions, and wins over the bundle
        plain.deferred_printers[module, name] = _printer(attribute, shown, cells)


def forget(shell: Any) -> None:
    """Our values are shown as any other: by their repr."""
    formatter = shell.display_formatter
    for table in (formatter.mimebundle_formatter, formatter.formatters["text/plain"]):
        for module, name, _ in TYPES:
            # IPython keeps a printer by the type's name until the first value comes, then by the type
            for known in (table.deferred_printers, table.type_printers):
                for key in [k for k in known if _names(k) == (module, name)]:
                    del known[key]


def _names(key: Any) -> tuple[str, str]:
    return (key.__module__, key.__qualname__) if isinstance(key, type) else key


def _bundler(attribute: str, shown: _Shown, cells: Sources | None) -> Callable[[Any], dict[str, str]]:
    def bundle(thing: Any) -> dict[str, str]:
        from fc_magic.notebook import display

        return display.bundle(*shown.of(thing, attribute), cells=cells)

    return bundle


def _printer(attribute: str, shown: _Shown, cells: Sources | None) -> Callable[[Any, Any, bool], None]:
    def pretty(thing: Any, printer: Any, cycle: bool) -> None:
        from fc_magic.notebook import display

        # inside a list or dict a card of several lines would be torn apart
        if len(printer.stack) > 1:
            printer.text(repr(thing))
        else:
            printer.text(display.text(*shown.of(thing, attribute), cells=cells))

    return pretty


class _Shown:
    """What is shown of a thing, and the name of the target it is on: its own, else the notebook's.

    A function that is shown by a later cell than the first is what is deployed: the deployment was then.
    """

    def __init__(self, shell: Any, where: Callable[[], str]) -> None:
        self._shell, self._where = shell, where

    def of(self, thing: Any, attribute: str) -> tuple[object, str]:
        if not attribute:
            return thing, self._where()
        info, now = getattr(thing, attribute), self._shell.execution_count
        told_at, told = vars(thing).setdefault("_told", (now, info))
        if told is not info:  # it was deployed again
            vars(thing)["_told"] = now, info
        elif told_at != now:
            from dataclasses import replace

            info = replace(info, outcome="", elapsed_s=0.0, changed=(), along=((), ()))
        return info, thing.target.name
