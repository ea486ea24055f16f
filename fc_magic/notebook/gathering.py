"""All that is wrong at once: a cell that cannot be deployed does not hide a setting that cannot be, either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import checks, v2
from fc_magic.wire.sources import named
from fc_magic.wire.spec import IMAGE_FIELDS, OSS_FIELDS

#: stands for what is found in the cell, or known by the target
_REST = {"name": "name", "handler": "index.handler", "role": "acs:ram::1234567890123456:role/role"}
#: looked at where the cell is read, where files are, and by the target
_ELSEWHERE = ("handler", "entrypoint", "code", "name")


def problems(settings: Mapping[str, Any]) -> list[Problem]:
    """What of these fields would be refused by themselves, in the words of the server."""
    given = {name: value for name, value in settings.items() if name not in _ELSEWHERE}
    if ":" not in str(given.get("role", "")):  # the bare name of one in the account
        given.pop("role", None)
    body = {**_REST, "entrypoint": "index.handler", **given}
    if not named(given, (*IMAGE_FIELDS, *OSS_FIELDS, "zip_file")):
        body["code"] = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="  # a ZIP without files
    try:
        v2.decode(body)
    except InvalidArgument as error:
        return [problem for problem in error.problems if checks.field_of(problem.field) in given]
    return []
