"""Fields of a function that one machine cannot honour: stored and returned as they came, with a warning each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fc_magic.errors import Problem

#: field -> what is not done with it here; nothing, if it is honoured and has no place elsewhere
_WHY = {
    "customDNS": "functions find names as this machine does",
    "disableInjectCredentials": "",
    "disableOndemand": "calls are served on demand as well",
    "enableLongLiving": "it means nothing here",
    "gpuConfig": "functions get no GPU here",
    "idleTimeout": "the server says how long an idle instance is kept",
    "instanceIsolationMode": "an instance serves one call after the other, whosever they are",
    "juiceFsConfig": "nothing is mounted here",
    "logConfig": "logs stay on this machine",
    "nasConfig": "nothing is mounted here",
    "ossMountConfig": "nothing is mounted here",
    "polarFsConfig": "nothing is mounted here",
    "sessionAffinity": "calls of a session go to any instance",
    "sessionAffinityConfig": "calls of a session go to any instance",
    "tracingConfig": "nothing is traced here",
}
NAMES = frozenset(_WHY)
#: said, but what is so anyway
_PLAIN = {"SHARE", "NONE"}


def wrong(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with the value of a field, each by its place."""
    from fc_magic.wire import shapes  # takes longer than all else that reads a function

    return shapes.wrong(name, value)


def notes(kept: Mapping[str, Any]) -> Iterator[str]:
    """A warning for each field that has no effect."""
    for name, value in kept.items():
        why = _WHY.get(name)
        if why and not (isinstance(value, str) and value in _PLAIN):
            yield f"{name} is kept, but {why}"
