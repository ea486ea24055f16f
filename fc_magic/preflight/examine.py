"""All examinations of one deployment, in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fc_magic.preflight import (
    api,
    binaries,
    effects,
    handlers,
    loading,
    modules,
    names,
    shadows,
    sizes,
    syntax,
    threads,
)
from fc_magic.preflight.finding import Finding, Findings
from fc_magic.preflight.view import Module, View

#: of each Python file of the author's own
OF_A_FILE: tuple[Callable[[Module], Iterator[Finding]], ...] = (
    names.examine,
    modules.examine,
    syntax.examine,
    api.examine,
    effects.examine,
    threads.examine,
)
#: of the package as a whole
OF_ALL: tuple[Callable[[View], Iterator[Finding]], ...] = (
    handlers.absent,
    shadows.examine,
    binaries.examine,
    sizes.examine,
)


def examine(view: View) -> Findings:
    """Nothing is run and nothing is fetched: what is found is in the files, the settings, and our tables."""
    files, found = loading.modules(view)
    for module in files:
        found += sorted(_of_a_file(view, module), key=lambda one: one.place.line)
    found += [finding for look in OF_ALL for finding in look(view)]
    return Findings(tuple(dict.fromkeys(found)))


def _of_a_file(view: View, module: Module) -> list[Finding]:
    try:
        found = [finding for look in OF_A_FILE for finding in look(module)]
        return [*found, *handlers.examine(view, module)] if module.path == view.entry else found
    except RecursionError:
        return []  # it is nested too deeply to be followed, and can be loaded all the same
