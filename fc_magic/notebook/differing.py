"""Libraries that a function has in another version than the notebook that it is deployed from."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fc_magic.notebook.build import Built


def warnings(built: Built) -> Iterator[str]:
    """Of those that its code imports and the notebook has loaded; the third number of a version is no difference."""
    from importlib import metadata

    from fc_magic.preflight import provided
    from fc_magic.slicing.modules import imported

    contents = built.contents
    if contents is None or not contents.wheels:
        return
    sources = [raw for path, raw in contents.files.items() if path.endswith(".py")]
    used = {name.partition(".")[0] for raw in sources for name in imported(raw)} & sys.modules.keys()
    for wheel in contents.wheels:
        if not used & set(provided.of_wheel(wheel)):
            continue
        try:
            here = metadata.version(wheel.name)
        except metadata.PackageNotFoundError:
            continue
        if here.split(".")[:2] != wheel.version.split(".")[:2]:
            yield f"{wheel.name} is {wheel.version} there and {here} in this notebook"
