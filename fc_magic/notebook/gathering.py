"""All that is wrong at once: a cell that cannot be deployed does not hide a setting that cannot be, either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import checks, v2
from fc_magic.wire.source import Inline
from fc_magic.wire.sources import named
from fc_magic.wire.spec import IMAGE_FIELDS, OSS_FIELDS

#: stands for what is found in the cell, or known by the target
_REST = {"name": "name", "handler": "index.handler", "role": "acs:ram::1234567890123456:role/role"}
#: looked at where the cell is read, where files are, and by the target
_ELSEWHERE = ("handler", "entrypoint", "code", "name")
_SOURCES = (*IMAGE_FIELDS, *OSS_FIELDS, "zip_file")


def problems(settings: Mapping[str, Any]) -> list[Problem]:
    """What of these fields would be refused by themselves, in the words of the server."""
    given = {name: value for name, value in settings.items() if name not in _ELSEWHERE}
    return [problem for problem in whole(given) if checks.field_of(problem.field) in given]


def whole(settings: Mapping[str, Any]) -> list[Problem]:
    """What would be refused of a deployment that is this, and right in what these fields do not say."""
    given = dict(settings)
    if ":" not in str(given.get("role", "")):  # the bare name of one in the account
        given.pop("role", None)
    if not named(given, _SOURCES):
        given.setdefault("code", Inline(zip=b""))
    body = {**_REST, **given}
    body.setdefault("entrypoint", body["handler"])
    try:
        v2.decode(body)
    except InvalidArgument as error:
        return list(error.problems)
    return []
