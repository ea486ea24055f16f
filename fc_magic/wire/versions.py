"""Published versions: the value, how FC 3.0 spells it, and where they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fc_magic.errors import InvalidArgument
from fc_magic.wire import fc3
from fc_magic.wire.checks import shown

if TYPE_CHECKING:
    from fc_magic.wire.aliases import Alias

MAX_DESCRIPTION = 256
#: as it is written: "007" is no id
ID = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class Version:
    """One published version of a function. Times are ISO-8601 in UTC."""

    id: str
    description: str = ""
    created_time: str = ""
    last_modified_time: str = ""


class FunctionVersions(tuple[Version, ...]):
    """The versions of ``function``, the newest first. ``deployed`` is the one that LATEST has the content of, if any;
    ``aliases`` lead to some of them."""

    function: str = ""
    deployed: str = ""
    aliases: tuple[Alias, ...] = ()


def path(function: str, version: str = "") -> str:
    from fc_magic.wire.signature import percent

    return fc3.functions_path(function) + "/versions" + (f"/{percent(version)}" if version else "")


def read(body: Any) -> str:
    """The description that a body of PublishFunctionVersion has; there may be none. Raises InvalidArgument."""
    if body is None:
        return ""
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint='{"description": "…"}')
    return description(body.get("description"))


def description(given: Any) -> str:
    """Of a version or an alias."""
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > MAX_DESCRIPTION:
        what = f"is not a text of at most {MAX_DESCRIPTION} characters"
        raise InvalidArgument(f"description {shown('', given)} {what}", hint="a shorter text")
    return given


def encode(version: Version) -> dict[str, Any]:
    return {
        "versionId": version.id,
        "description": version.description,
        "createdTime": version.created_time,
        "lastModifiedTime": version.last_modified_time,
    }


def decode(answer: Mapping[str, Any]) -> Version:
    """Raises KeyError or TypeError if it is not one."""
    return Version(
        id=str(answer["versionId"]),
        description=answer.get("description") or "",
        created_time=answer.get("createdTime") or "",
        last_modified_time=answer.get("lastModifiedTime") or "",
    )
