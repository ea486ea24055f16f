"""``corsConfig`` of http triggers and custom domains: which pages of other origins may ask what."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from fc_magic.wire.fields import CAMEL

ANY = "*"
_ORIGIN = re.compile(r"\*|null|[A-Za-z][A-Za-z0-9+.-]*://[^/\s,?#@]+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Cors(BaseModel):
    """What is left out is not narrowed: any origin, the trigger's methods, any header (UNCONFIRMED for FC)."""

    model_config = CAMEL

    allow_origins: tuple[str, ...] = (ANY,)
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = (ANY,)
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age: Annotated[int | None, Field(ge=0)] = None

    @field_validator("allow_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not all(_ORIGIN.fullmatch(origin) and origin.count(ANY) < 2 for origin in value):
            raise ValueError("must be *, or such as https://app.example.com or https://*.example.com")
        return tuple(origin.lower() for origin in value)

    @field_validator("allow_methods", "allow_headers", "expose_headers")
    @classmethod
    def _tokens(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_TOKEN.fullmatch(token) for token in value):
            raise ValueError("has something that is no name of a method or header")
        return value

    def allows_origin(self, origin: str) -> bool:
        return any(_fits(pattern, origin.lower()) for pattern in self.allow_origins)

    def allows_headers(self, names: tuple[str, ...]) -> bool:
        allowed = {name.lower() for name in self.allow_headers}
        return ANY in allowed or all(name.lower() in allowed for name in names)

    def methods(self, of_trigger: tuple[str, ...]) -> tuple[str, ...]:
        """The methods a page may use: those named here that the trigger has."""
        named = {name.upper() for name in self.allow_methods}
        return tuple(m for m in of_trigger if not named or ANY in named or m in named)


def _fits(pattern: str, origin: str) -> bool:
    """``*`` stands for any text without a slash, so ``https://*.example.com`` for every host below."""
    start, star, end = pattern.partition(ANY)
    if not star:
        return pattern == origin
    middle = origin[len(start) : len(origin) - len(end)] if pattern != ANY else "any"
    long_enough = len(origin) >= len(start) + len(end)
    return pattern == ANY or (
        long_enough
        and origin.startswith(start)
        and origin.endswith(end)
        and bool(middle)
        and "/" not in middle
    )
