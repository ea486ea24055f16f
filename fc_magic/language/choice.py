"""Which language it is: what was said, else ``FC_MAGIC_LANG``, else that of the system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module

#: those that there is a catalogue of; English needs none
LANGUAGES = ("en", "zh")
#: where a system says its language, the first that is set wins
_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")

_said = ""
_none: Mapping[str, str] = {}


def use(language: str) -> None:
    """From now on; an empty one means as the environment says."""
    global _said
    _said = language


def current() -> str:
    said = _said or os.environ.get("FC_MAGIC_LANG") or next(filter(None, map(os.environ.get, _SYSTEM)), "")
    return "zh" if said.lower().startswith("zh") else "en"


def catalogue() -> Mapping[str, str]:
    """template -> the same in the present language."""
    if current() == "en":
        return _none
    found: Mapping[str, str] = import_module(f"fc_magic.language.{current()}").catalogue()
    return found
