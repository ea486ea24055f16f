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
        own = [finding for look in OF_A_FILE for finding in look(module)]
        if module.path == view.entry:
            own += handlers.examine(view, module)
        found += own
    found += [finding for look in OF_ALL for finding in look(view)]
    return Findings(tuple(dict.fromkeys(found)))
