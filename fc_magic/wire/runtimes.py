"""The runtime names Function Compute knows, and what to say of the ones it does not.

Names only: how a runtime is started on this machine is the server's table, not this one. Sources: FC 3.0
"Runtime overview" and the comment of `runtime` in the official SDK.
"""

from __future__ import annotations

import difflib

DEFAULT = "python3.10"

PYTHON = ("python3.9", "python3.10", "python3.12")
NODE = ("nodejs12", "nodejs14", "nodejs16", "nodejs18", "nodejs20")
CUSTOM = ("custom", "custom.debian10", "custom.debian11", "custom.debian12")
CONTAINER = "custom-container"
KNOWN = (*PYTHON, *NODE, "java8", "java11", "go1", "php7.2", "dotnetcore3.1", *CUSTOM, CONTAINER, "python3")

_ADVICE = {
    "python3.6": ("is past its end of life (FC called it python3)", "python3.10"),
    "python3.7": ("is past its end of life", "python3.10"),
    "python3.8": ("is not a runtime of Function Compute", "python3.9"),
    "python3.11": ("is not a runtime of Function Compute", "python3.10"),
    "python3.13": ("is not a runtime of Function Compute", "python3.12"),
    "python2.7": ("is retired", "python3.10"),
    "python": ("is not exact", "python3.10"),
    "node20": ("is not a runtime of Function Compute", "nodejs20"),
    "nodejs20.x": ("is not a runtime of Function Compute", "nodejs20"),
    "nodejs18.x": ("is not a runtime of Function Compute", "nodejs18"),
    "nodejs22": ("exists only as a layer for custom runtimes", "nodejs20"),
    "nodejs24": ("exists only as a layer for custom runtimes", "nodejs20"),
    "java17": ("exists only as a layer for custom runtimes", "java11"),
    "java21": ("exists only as a layer for custom runtimes", "java11"),
    "go": ("is not exact", "go1"),
    "go1.x": ("is not a runtime of Function Compute", "go1"),
    "container": ("is not a runtime of Function Compute", CONTAINER),
    "image": ("is not a runtime of Function Compute", CONTAINER),
    "docker": ("is not a runtime of Function Compute", CONTAINER),
}


def is_custom(runtime: str) -> bool:
    """Whether the function brings its own HTTP server (custom runtimes and containers)."""
    return runtime.startswith("custom")


def is_file_function(runtime: str) -> bool:
    """Whether a handler of this runtime is written ``file.function``."""
    return runtime.startswith(("python", "nodejs", "php"))


def advice(runtime: str) -> tuple[str, str] | None:
    """(what is wrong, what to use) for a name that is known to be none of Function Compute's."""
    return _ADVICE.get(runtime)


def nearest(name: str, allowed: tuple[str, ...] = KNOWN) -> str:
    close = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
    return close[0] if close else DEFAULT
