"""Imports of what is neither in the package, nor of the runtime's Python, nor in its image."""

from __future__ import annotations

from collections.abc import Iterator

from fc_magic.package.distributions import NAMESPACES, distribution, meant
from fc_magic.preflight import provided
from fc_magic.preflight.finding import Finding
from fc_magic.preflight.flow import MISSING, Imported
from fc_magic.preflight.view import Module
from fc_magic.wire import images, standard_library


def examine(module: Module) -> Iterator[Finding]:
    view = module.view
    if view.version is None or _looks_elsewhere(module):
        return
    seen: set[str] = set()
    for one in module.flow.imports:
        if one.level:
            yield from _relative(module, one)
            continue
        missing = _missing(module, one, view.version)
        brings = missing if standard_library.is_known(missing.partition(".")[0]) else distribution(missing)
        if missing and brings not in seen and not one.when.expects(MISSING):
            seen.add(brings)
            yield _finding(module, one, missing)


def _looks_elsewhere(module: Module) -> bool:
    view = module.view
    elsewhere = [place for place in view.environment.get("PYTHONPATH", "").split(":") if place]
    if view.layers or any(not place.startswith("/code") for place in elsewhere):
        return True
    return module.elsewhere


def _missing(module: Module, one: Imported, version: tuple[int, int]) -> str:
    """The name that the import will not find; empty if it finds all."""
    name = one.module
    top = name.partition(".")[0]
    if top in NAMESPACES and one.name and name.count(".") < NAMESPACES[top] - 1:
        name = f"{name}.{one.name}"
    if standard_library.is_known(top):
        own = provided.has(name, module.view.modules)
        return "" if own or standard_library.has(one.module, version) else one.module
    there = module.view.modules | images.modules(module.view.runtime)
    return "" if provided.has(name, there) or provided.has(one.module, there) else name


def _relative(module: Module, one: Imported) -> Iterator[Finding]:
    if "/" not in module.path and not one.when.expects(MISSING):
        said = f"from {'.' * one.level}{one.module} import {one.name}"
        there = "ImportModuleError: attempted relative import with no known parent package"
        hint = f"from {one.module} import {one.name}" if one.module else f"import {one.name}"
        yield Finding(_code(module, one), module.place(one.line), said, there, hint)


def _code(module: Module, one: Imported) -> str:
    return "missing-module" if _surely_runs(module, one) else "missing-module-in-function"


def _surely_runs(module: Module, one: Imported) -> bool:
    return one.when.sure and not one.when.late and not module.late


def _finding(module: Module, one: Imported, missing: str) -> Finding:
    view, place = module.view, module.place(one.line)
    top = missing.partition(".")[0]
    since = standard_library.SINCE.get(missing) or standard_library.SINCE.get(top)
    gone = standard_library.UNTIL.get(top)
    said = f"import {missing}"
    there = f"No module named '{missing if standard_library.is_known(top) else top}'"
    if _surely_runs(module, one):
        there = f"ImportModuleError: Unable to import module {view.entry.removesuffix('.py')!r}: {there}"
    if standard_library.is_known(top) and since:
        return Finding(
            _code(module, one), place, f"{said} came with Python {_text(since)}", there, _instead(since)
        )
    if standard_library.is_known(top) and gone:
        hint = f"--runtime {'python3.10' if gone > (3, 10) else 'python3.9'}"
        return Finding(_code(module, one), place, f"{said} is gone since Python {_text(gone)}", there, hint)
    wanted, near = f"--requirements {distribution(missing)}", meant(missing)
    if provided.has(missing, images.unconfirmed(view.runtime)):
        said = f"no source says whether the image of {view.runtime} has {missing}"
        return Finding("unconfirmed-module", place, said, "", wanted)
    hint = f"did you mean {near}? else {wanted}" if near else wanted
    return Finding(
        _code(module, one), place, f"{missing} is neither in the package nor in {view.runtime}", there, hint
    )


def _text(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _instead(since: tuple[int, int]) -> str:
    return "--runtime python3.12" if since <= (3, 12) else ""
