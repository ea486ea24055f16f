"""What ``form.fill`` is given: a setting under any name that it has, with a value as the line would have it, too."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from fc_magic.errors import Problem, UsageError
from fc_magic.notebook.form.state import NAMES
from fc_magic.notebook.line import options, values
from fc_magic.wire.spec import FIELDS

#: a line has these as text: KEY=VALUE, http, pillow:2
_SPELLED = ("environment", "triggers", "layers")


def read(given: Mapping[str, Any]) -> dict[str, Any]:
    """By the names of a form's settings. Raises UsageError with all that it has no place for."""
    found: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name, value in given.items():
        known = _setting(str(name))
        if not known:
            wrong.append(_unknown(str(name)))
            continue
        try:
            found[known] = _value(known, value)
        except ValueError as error:
            wrong.append(Problem(str(name), str(error), FIELDS[known].allowed))
    if wrong:
        raise UsageError(
            "the form was not filled: nothing of it has changed",
            problems=wrong,
            hint="form.values() has every setting",
        )
    return found


def _setting(name: str) -> str:
    """``environment`` for ``env``, ``leave-out`` for ``leave_out``; nothing if there is no such setting."""
    spelled = name.removeprefix("--").replace("_", "-")
    known = options.names().get(spelled, spelled)
    return known if known in NAMES else ""


def _unknown(name: str) -> Problem:
    # what is nearest to ``name`` was meant to be that, which a form cannot set
    every = [one for one in (*NAMES, *options.names()) if _setting(one)] + ["name"]
    close = difflib.get_close_matches(name.replace("-", "_").lower(), every, n=1)
    is_meant = close and close[0] != "name"
    return Problem(
        name, "is not a setting of the form", hint=f"did you mean {_setting(close[0])}?" if is_meant else ""
    )


def _value(name: str, value: Any) -> Any:
    if name not in _SPELLED or value is None or (name == "environment" and isinstance(value, Mapping)):
        return value
    several = value if isinstance(value, list | tuple) else [value]
    return values.read(FIELDS[name], several)
