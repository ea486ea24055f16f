"""``json``: the body of the deployments API, whole. ``zip``: the code package as it is."""

from __future__ import annotations

import base64
import json
from typing import Any

from fc_magic.errors import UsageError
from fc_magic.export import beside, beyond
from fc_magic.export.described import Described
from fc_magic.export.result import Export
from fc_magic.export.secrets import Secret, notes

_API = "the deployments API"


def whole(described: Described) -> dict[str, Any]:
    """The body with its code, or with the image of a container."""
    body = {"name": described.name, **described.body}
    if described.code is not None:
        return {**body, "code": base64.b64encode(described.code).decode()}
    source = {**described.live.function.source}
    container = dict(described.settings.get("customContainerConfig") or {})
    if not source and container.get("image"):
        source = {"image_url": container.pop("image"), "custom_container_config": container}
    return {**body, **source}


def as_json(described: Described) -> Export:
    """What is sent by POST to /v2/REGION/deployments; ``${NAME}`` stands for a secret."""
    text = json.dumps(whole(described), ensure_ascii=False, indent=2, default=_reference) + "\n"
    return Export(
        described.name,
        "json",
        {f"{described.name}.json": text.encode()},
        notes=tuple(said(described, "whoever sends it, ${NAME} stands in its place")),
        step=f"%fcexport {described.name} --to curl makes a request of it",
        private=described.with_secrets,
    )


def said(described: Described, how: str) -> list[str]:
    """The notes of everything that the deployments API takes."""
    return [
        *notes(described.secrets, how),
        *beyond.notes(described.settings, _API),
        *beside.notes(described.live),
        *described.notes,
    ]


def _reference(value: object) -> str:
    if not isinstance(value, Secret):
        raise TypeError(f"{type(value).__name__} in a deployment")
    return f"${{{value.name}}}"


def as_zip(described: Described) -> Export:
    if described.code is None:
        raise UsageError(f"{described.name} is a container: it has an image and no ZIP", hint="--to json")
    return Export(
        described.name,
        "zip",
        {f"{described.name}.zip": described.code},
        notes=("the code alone: settings, triggers and layers are not in it",),
        step=f"%fcdeploy {described.name} --code {{place}}",
    )
