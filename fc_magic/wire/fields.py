"""How a field of a deployment is declared: its limits for pydantic, and what a person is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

#: of what is written as the config of a trigger: its keys are Function Compute's own
CAMEL = ConfigDict(
    frozen=True,
    extra="forbid",
    alias_generator=to_camel,
    populate_by_name=True,
    hide_input_in_errors=True,
    defer_build=True,
)


def spelled(part: int | str) -> str:
    """A part of the place of an error in such a config: pydantic says a default's name in our spelling."""
    text = str(part)
    return to_camel(text) if text.islower() and "_" in text else text


@dataclass(frozen=True)
class FieldDoc:
    """What a person is told of one field; numbers only where the field is one."""

    name: str
    kind: str  # text, int, bool, map, object, list
    help: str
    unit: str
    allowed: str
    example: str
    default: Any
    required: bool
    option: str
    minimum: int | None = None
    maximum: int | None = None
    step: int | None = None


def said(example: str, allowed: str, unit: str = "", option: str = "") -> dict[str, str]:
    return {"example": example, "allowed": allowed, "unit": unit, "option": option}


def field(default: Any, help_: str, said: dict[str, str], **limits: Any) -> Any:
    return Field(default, description=help_, json_schema_extra=dict(said), **limits)


class Value(BaseModel):
    # errors name a field as the deployments API spells it, and never quote what was given
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        loc_by_alias=False,
        hide_input_in_errors=True,
        defer_build=True,
    )
