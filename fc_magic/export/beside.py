"""What stands beside a function in FC 3.0: calls that nobody waits for, limits of instances, aliases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fc_magic.export.live import Live

ASYNC, CONCURRENCY, ALIASES = "asyncInvokeConfig", "concurrencyConfig", "aliases"
#: what is set of each; the rest of an answer is what the server knows
SET: Mapping[str, tuple[str, ...]] = {
    ASYNC: ("asyncTask", "destinationConfig", "maxAsyncEventAgeInSeconds", "maxAsyncRetryAttempts"),
    CONCURRENCY: ("reservedConcurrency",),
    "provisionConfig": (
        *("alwaysAllocateCPU", "alwaysAllocateGPU", "defaultTarget", "scheduledActions"),
        "targetTrackingPolicies",
    ),
    "scalingConfig": (
        *("minInstances", "horizontalScalingPolicies", "scheduledPolicies", "residentPoolId"),
        *("enableMixMode", "enableOnDemandScaling", "requestDispatchPolicy"),
    ),
}


def of(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The settings in what FC 3.0 answered, by kind, without what is empty."""
    found: dict[str, Any] = {}
    for kind, answer in answers.items():
        kept = {
            name: answer[name] for name in SET.get(kind, ()) if answer.get(name) not in (None, "", [], {})
        }
        if kept:
            found[kind] = kept
    names = [str(alias.get("aliasName")) for alias in answers.get(ALIASES, {}).get(ALIASES) or ()]
    return {**found, ALIASES: names} if names else found


def notes(live: Live, said: Iterable[str] = ()) -> list[str]:
    """What of it is not in the files; ``said``: the kinds that are."""
    left = [name for name in live.beside if name not in (*said, ALIASES)]
    out = (
        [f"{', '.join(left)} {'is' if len(left) == 1 else 'are'} not in the files: set it by itself"]
        if left
        else []
    )
    aliases = live.beside.get(ALIASES)
    if aliases:
        word = "alias" if len(aliases) == 1 else "aliases"
        out.append(f"its {word} {', '.join(aliases)}, and the versions they lead to, are not in the files")
    return out
