"""Whether a name of the notebook is what Python itself has by it."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from types import FunctionType
from typing import Any

_MODULES = ("builtins", "io", "_io", "_sitebuiltins")


def is_own(name: str, namespace: Mapping[str, Any]) -> bool:
    own = vars(builtins).get(name)
    if own is None:
        return name == "None"
    if name in namespace and namespace[name] is not own:
        return _is_guarded(namespace[name], own)
    module = getattr(own, "__module__", "builtins") or "builtins"
    return module in _MODULES or not module.startswith("__main__")


def _is_guarded(thing: Any, own: Any) -> bool:
    """Whether it is the ``open`` of IPython, which keeps the first three files of the kernel from being opened."""
    is_wrapper = isinstance(thing, FunctionType) and getattr(thing, "__wrapped__", None) is own
    return is_wrapper and thing.__code__.co_filename.endswith("interactiveshell.py")
