"""What is wrong with a deployment, in four parts each: what was given, what is wrong, what is allowed, what to do."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fc_magic.errors import Problem
from fc_magic.wire import runtimes, trigger_advice, triggers
from fc_magic.wire.fields import FieldDoc
from fc_magic.wire.source import public
from fc_magic.wire.spec import FIELDS, IMAGE_FIELDS, ORDER
from fc_magic.wire.wording import WORDS, clipped, what

MAX_DEPTH = 32
#: of what is said about one field; an http trigger has much that can be wrong
MAX_WRONG = 1000
#: of the list of triggers as a whole
_TRIGGERS = (
    f"at most {triggers.MAX_TRIGGERS}, each with a name of its own, and one http trigger for each qualifier"
)
_WITH_UNIT = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([a-z]?)[a-z]*\s*", re.ASCII | re.IGNORECASE)
_UNITS = {("MB", "g"): 1024, ("s", "m"): 60, ("s", "h"): 3600}
_SURROGATE = re.compile("[\ud800-\udfff]")


def problems(error: ValidationError, values: Mapping[str, Any]) -> list[Problem]:
    """Every error of a validation as our four parts, in the order of the fields: one for each field, and one for
    each item of a list (``triggers.0``), with all that is wrong in it."""
    found: dict[str, list[str]] = {}
    for item in error.errors():
        place, inner = _place(item["loc"])
        wrong = _out_of_range(FIELDS.get(place), item) or what(item)
        found.setdefault(place, []).append(f"{clipped(inner)} {wrong}".strip())
    return in_order(problem(place, "; ".join(texts), _given(values, place)) for place, texts in found.items())


def field_of(place: str) -> str:
    """The field that a problem is about: ``triggers`` for ``triggers.1``."""
    return place.partition(".")[0]


def in_order(found: Iterable[Problem]) -> list[Problem]:
    """Problems as the deployments API documents its fields, unknown ones last; items of a list by number."""

    def key(problem: Problem) -> tuple[int, int]:
        name, _, number = problem.field.partition(".")
        return ORDER.index(name) if name in ORDER else len(ORDER), int(number) if number.isdecimal() else -1

    return sorted(found, key=key)


def _place(loc: tuple[int | str, ...]) -> tuple[str, str]:
    """Where pydantic found an error -> the field or the item of its list, and what within that."""
    parts = [str(part) for part in loc if not str(part).startswith("function-")]
    head = 2 if len(loc) > 1 and isinstance(loc[1], int) else 1
    return ".".join(parts[:head]), " ".join(parts[head:])


def _given(values: Mapping[str, Any], place: str) -> Any:
    name, _, number = place.partition(".")
    given = values.get(name)
    if not number:
        return given
    # from Python it may also be a set, whose items have no place
    return given[int(number)] if isinstance(given, list | tuple) else None


def _out_of_range(doc: FieldDoc | None, item: ErrorDetails) -> str:
    # pydantic looks at the step first; 7 MB is too small before it is no step of 64
    if item["type"] != "multiple_of" or doc is None or doc.minimum is None or doc.maximum is None:
        return ""
    too_large = "is too large" if item["input"] > doc.maximum else ""
    return WORDS["greater_than_equal"] if item["input"] < doc.minimum else too_large


def problem(name: str, wrong: str, given: Any = None, hint: str | None = None) -> Problem:
    """One problem of field ``name``, or of an item of it; allowed values and what to try come from the field."""
    doc = FIELDS.get(field_of(name))
    wrong = wrong if len(wrong) <= MAX_WRONG else wrong[: MAX_WRONG - 1] + "…"
    if doc is None:
        return Problem(field=name, problem=wrong, given=shown(name, given), hint=hint or "")
    return Problem(
        field=name,
        problem=wrong,
        allowed=_allowed(doc, name, given),
        given=shown(name, given),
        hint=_try(doc, given) if hint is None else hint,
    )


def _allowed(doc: FieldDoc, name: str, given: Any) -> str:
    """Of a trigger what its own type allows: that of the others would hide it."""
    if doc.name != "triggers":
        return doc.allowed
    return trigger_advice.allowed(given) if "." in name else _TRIGGERS


def shown(name: str, value: Any) -> str:
    """A given value, short, and without what may be secret."""
    place, name = name, field_of(name)
    if value is None or name == "code":
        return ""
    if name in ("environment", "custom_container_config"):
        return (
            clipped(", ".join(f"{k}=…" for k in value))
            if isinstance(value, Mapping)
            else type(value).__name__
        )
    if name == "triggers" and isinstance(value, list | tuple) and place == name:
        return clipped(", ".join(map(trigger_advice.label, value))) or type(value).__name__
    if name == "triggers":
        return clipped(trigger_advice.label(value))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if name in ("zip_file", "image_url"):
        text = public(text)
    return clipped(text)


def unfit(value: Any, depth: int = 0) -> str:
    """Why a value from a JSON body cannot be kept and written out again, or nothing."""
    if depth > MAX_DEPTH:
        return f"is nested more than {MAX_DEPTH} deep"
    if isinstance(value, str):
        return "" if value.isascii() or not _SURROGATE.search(value) else "has text that is not Unicode"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is not a finite number"
    if isinstance(value, int):
        return "" if value.bit_length() <= 63 else "is too large a number"
    inner = [*value.keys(), *value.values()] if isinstance(value, Mapping) else value
    return next(filter(None, (unfit(v, depth + 1) for v in inner)), "") if isinstance(inner, list) else ""


def _try(doc: FieldDoc, given: Any) -> str:
    if doc.name == "triggers":
        return trigger_advice.instead(given)
    if isinstance(given, str) and (written := _WITH_UNIT.match(given)):
        given = float(written[1]) * _UNITS.get((doc.unit, written[2].lower()), 1)  # 256MB, 0.5 GB, 1m
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if doc.minimum is None or doc.maximum is None or not number or given == 0:
        return doc.example
    step = doc.step or 1
    near = min(max(given, doc.minimum), doc.maximum)
    return str(near if math.isnan(near) else round(near / step) * step)


def together(values: Mapping[str, Any], served: Iterable[str] | None = None) -> list[Problem]:
    """Rules over more than one field, and over names Function Compute does not have.

    ``served``: the runtimes the endpoint is known to run; None if it is for the endpoint to say.
    """
    runtime = values.get("runtime")
    if not isinstance(runtime, str) or not runtime:
        return []
    return [
        *_runtime_problems(runtime, None if served is None else tuple(served)),
        *_form(values, runtime),
        *_container(values, runtime),
    ]


def _container(values: Mapping[str, Any], runtime: str) -> list[Problem]:
    if runtime != runtimes.CONTAINER or any(values.get(name) for name in IMAGE_FIELDS):
        return []
    return [problem("image_url", f"is required with the runtime {runtimes.CONTAINER}")]


def _runtime_problems(runtime: str, served: tuple[str, ...] | None) -> list[Problem]:
    advice = runtimes.advice(runtime)
    allowed = ", ".join(served or runtimes.KNOWN[:-1])
    if advice:
        wrong, instead = advice
        return [Problem("runtime", wrong, allowed, runtime, instead)]
    if served is None or runtime in served:
        return []
    if runtime in runtimes.KNOWN:
        wrong = "cannot run in this Function Compute"
    else:
        wrong = "is not a runtime of Function Compute"
    return [Problem("runtime", wrong, allowed, runtime, runtimes.nearest(runtime, served))]


def _form(values: Mapping[str, Any], runtime: str) -> list[Problem]:
    if runtimes.is_custom(runtime):
        return _command(values.get("entrypoint"))
    if not runtimes.is_file_function(runtime):
        return []
    form = re.compile(r"[^\s.][^\s]*\.[^\s.]+")
    names = [n for n in ("handler", "entrypoint") if isinstance(values.get(n), str) and values[n]]
    return [problem(n, "is not file.function", values[n]) for n in names if not form.fullmatch(values[n])]


def _command(entrypoint: Any) -> list[Problem]:
    try:
        shlex.split(entrypoint if isinstance(entrypoint, str) else "")
    except ValueError as error:
        return [problem("entrypoint", f"cannot be split into words: {error}", entrypoint, "python3 app.py")]
    return []
