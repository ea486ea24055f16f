"""The table of formats."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fc_magic.errors import UsageError
from fc_magic.export import body, curl, project, sdk, terraform
from fc_magic.export.described import Described, describe
from fc_magic.export.live import Live
from fc_magic.export.result import Export


@dataclass(frozen=True)
class Kind:
    """How a format is made, and what it is in a few words."""

    make: Callable[[Described], Export]
    help: str


KINDS: Mapping[str, Kind] = {
    "s.yaml": Kind(project.as_project, "a project of Serverless Devs, with its code"),
    "zip": Kind(body.as_zip, "the code package as it is"),
    "json": Kind(body.as_json, "the body of the deployments API"),
    "curl": Kind(curl.as_script, "a shell script that signs and sends it"),
    "terraform": Kind(terraform.as_module, "a module for the provider aliyun/alicloud, with its code"),
    "python": Kind(sdk.as_script, "a script for the official SDK, with its code"),
}


def kind(word: str) -> Kind:
    """Raises UsageError that names the formats."""
    if word not in KINDS:
        near = difflib.get_close_matches(word, KINDS, n=1, cutoff=0.4) or ["s.yaml"]
        raise UsageError(
            f"{word!r} is not a format; there are {', '.join(KINDS)}" if word else "there is no format",
            hint=f"--to {near[0]}",
        )
    return KINDS[word]


def export(live: Live, word: str, with_secrets: bool = False) -> Export:
    return kind(word).make(describe(live, with_secrets))
