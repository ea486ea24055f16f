"""Aliases: a name for a version, and for a share of the calls others; how FC 3.0 spells them, and where they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.errors import AdditionalVersionContainsMajorVersion, InvalidArgument
from fc_magic.wire import fc3
from fc_magic.wire.checks import shown
from fc_magic.wire.results import LATEST
from fc_magic.wire.versions import description
from fc_magic.wire.wording import clipped

#: UNCONFIRMED: whether FC refuses LATEST as the name of an alias
NAME = re.compile(r"(?!LATEST$)[A-Za-z_][A-Za-z0-9_-]{0,127}")
#: what may be longer is no version either
MAX_VERSION = 10
#: beyond this a sum of weights is more than 1, and not only the rounding of floats
ROUNDING = 1e-9


@dataclass(frozen=True)
class Alias:
    """``weights``: of other versions, each the share of the calls that it serves; the rest is for ``version``."""

    name: str
    version: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    created_time: str = ""
    last_modified_time: str = ""

    @property
    def versions(self) -> tuple[str, ...]:
        return self.version, *self.weights


def path(function: str, alias: str = "") -> str:
    from fc_magic.wire.signature import percent

    return fc3.functions_path(function) + "/aliases" + (f"/{percent(alias)}" if alias else "")


def read(body: Any) -> Alias:
    """A body of CreateAlias. Raises InvalidArgument, AdditionalVersionContainsMajorVersion."""
    given = _object(body)
    name = given.get("aliasName")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        what = f"1 to 128 letters, digits, _ or -, not starting with a digit or -, and not {LATEST}"
        raise InvalidArgument(f"aliasName {shown('', name)} is not the name of an alias; allowed are {what}")
    if given.get("versionId") is None:
        raise InvalidArgument("versionId is missing: an alias points at a version", hint='"versionId": "1"')
    return changed(Alias(name, ""), given)


def changed(alias: Alias, body: Any) -> Alias:
    """The alias with what a body of UpdateAlias names; the rest stays. Raises as ``read``."""
    given = _object(body)
    if given.get("versionId") is not None:
        alias = replace(alias, version=_version(given["versionId"]))
    if given.get("description") is not None:
        alias = replace(alias, description=description(given["description"]))
    if given.get("additionalVersionWeight") is not None:
        alias = replace(alias, weights=_weights(given["additionalVersionWeight"]))
    if alias.version in alias.weights:
        text = f"additionalVersionWeight names version {alias.version}, the one the alias points at"
        raise AdditionalVersionContainsMajorVersion(text, hint="leave it out: it has what the others leave")
    return alias


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint='{"versionId": "1"}')
    return body


def _version(given: Any) -> str:
    if not isinstance(given, str) or not 1 <= len(given) <= MAX_VERSION:
        raise InvalidArgument(f"versionId {shown('', given)} is not the id of a version", hint='"1"')
    return given


def _weights(given: Any) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise InvalidArgument("additionalVersionWeight is not an object", hint='{"4": 0.1}')
    for version, weight in given.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
            what = f"the weight {shown('', weight)} of version {clipped(str(version))}"
            raise InvalidArgument(f"additionalVersionWeight: {what} is not 0 to 1")
    if sum(given.values()) > 1 + ROUNDING:
        raise InvalidArgument(
            f"additionalVersionWeight: the weights are {sum(given.values()):g} together, more than 1"
        )
    return {_version(version): weight for version, weight in given.items()}


def encode(alias: Alias) -> dict[str, Any]:
    return {
        "aliasName": alias.name,
        "versionId": alias.version,
        "description": alias.description,
        "additionalVersionWeight": dict(alias.weights),
        "createdTime": alias.created_time,
        "lastModifiedTime": alias.last_modified_time,
    }


def decode(answer: Mapping[str, Any]) -> Alias:
    """Raises KeyError or TypeError if it is not one."""
    return Alias(
        name=answer["aliasName"],
        version=str(answer["versionId"]),
        description=answer.get("description") or "",
        weights=answer.get("additionalVersionWeight") or {},
        created_time=answer.get("createdTime") or "",
        last_modified_time=answer.get("lastModifiedTime") or "",
    )
