"""Which language it is: what was said, else ``FC_MAGIC_LANG``, else that of the system.

The choice is one of the process: whoever reads the settings says what they say with ``use``.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fc_magic.language.matching import Catalogue

#: those that there is a catalogue of; English needs none
LANGUAGES = ("en", "zh")
VARIABLE = "FC_MAGIC_LANG"
#: where a system says its language, the first that is set wins
_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")

_said = ""


def use(language: str) -> None:
    """From now on; an empty one means as the environment says."""
    global _said
    _said = language


def current() -> str:
    """One of LANGUAGES. What the settings refuse is English here, so that the refusal can be said."""
    said = _said or os.environ.get(VARIABLE, "").strip()
    if said:
        return said if said in LANGUAGES else "en"
    system = next(filter(None, map(os.environ.get, _SYSTEM)), "")
    return "zh" if system.lower().startswith("zh") else "en"


def catalogue() -> Catalogue | None:
    """What the present language says for each template; None for English, of which nothing is imported."""
    language = current()
    if language == "en":
        return None
    found: Catalogue = import_module(f"fc_magic.language.{language}").catalogue()
    return found
