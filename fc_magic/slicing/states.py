"""Settings of libraries that can be looked at: what they are in this process and what they are in a new one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Set
from types import ModuleType
from typing import Any

#: module, path, value here, value there
Difference = tuple[str, Any, Any]
_SHOWN = 3
#: what a front end sets for itself
_OF_FRONT_END = {"backend", "backend_fallback", "interactive", "toolbar"}


def said(used: Set[str]) -> Iterator[str]:
    """A line for each library that is used and is set otherwise here."""
    for title, (module, users, differences) in _STATES.items():
        loaded = sys.modules.get(module)
        if not users & used or not isinstance(loaded, ModuleType):
            continue
        try:
            found = list(differences(loaded))
        except Exception:  # noqa: BLE001, S112  # what another version of a library does there is its own
            continue
        if found:
            more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            parts = [
                f"{key} is {_short(here)} here and {_short(there)} there"
                for key, here, there in found[:_SHOWN]
            ]
            yield f"{title} was set for the notebook and not for the function: {', '.join(parts)}{more}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _decimal(module: ModuleType) -> Iterator[Difference]:
    here, there = module.getcontext(), module.Context(**_CONTEXT)
    for name in _CONTEXT:
        if getattr(here, name) != getattr(there, name):
            yield name, getattr(here, name), getattr(there, name)
    usual = {module.InvalidOperation, module.DivisionByZero, module.Overflow}
    traps = {trap for trap, is_set in here.traps.items() if is_set}
    if traps != usual:
        yield "traps", sorted(t.__name__ for t in traps), sorted(t.__name__ for t in usual)


#: of a new thread, whatever DefaultContext was made to be
_CONTEXT: Mapping[str, Any] = {
    **{"prec": 28, "rounding": "ROUND_HALF_EVEN", "Emin": -999999, "Emax": 999999},
    **{"capitals": 1, "clamp": 0},
}


def _calendar(module: ModuleType) -> Iterator[Difference]:
    if module.firstweekday():
        yield "firstweekday", int(module.firstweekday()), 0


def _pandas(module: ModuleType) -> Iterator[Difference]:
    # asking by get_option warns of options that are deprecated
    config = sys.modules["pandas._config.config"]
    for path, option in vars(config)["_registered_options"].items():
        value = vars(config)["_global_config"]
        for name in path.split("."):
            value = value[name]
        if value != option.defval:
            yield path, value, option.defval


def _matplotlib(module: ModuleType) -> Iterator[Difference]:
    for name, there in dict.items(module.rcParamsDefault):
        # by its own [] a backend would be chosen
        here = dict.get(module.rcParams, name, there)
        if here != there and name not in _OF_FRONT_END:
            yield name, here, there


#: what is named -> its module, those who use it, and what is looked at
_STATES: Mapping[str, tuple[str, set[str], Callable[[ModuleType], Iterator[Difference]]]] = {
    "decimal.getcontext()": ("decimal", {"decimal"}, _decimal),
    "calendar": ("calendar", {"calendar"}, _calendar),
    "pandas.options": ("pandas", {"pandas"}, _pandas),
    "matplotlib.rcParams": ("matplotlib", {"matplotlib", "seaborn"}, _matplotlib),
}
#: what sets them: there is no need to look for it in the text
PATHS = (
    *("decimal.getcontext", "decimal.setcontext", "calendar.setfirstweekday"),
    *("pandas.set_option", "pandas.options", "matplotlib.rcParams", "matplotlib.pyplot.rcParams"),
)


def is_looked_at(path: str) -> bool:
    return any(path == known or path.startswith(f"{known}.") for known in PATHS)
