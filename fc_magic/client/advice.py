"""What to do about a refusal of Function Compute that says what is missing and not how to get it.

A table of patterns over its code and message; each hint is a thing to do, with a command or a name to type where
there is one. The first row that matches wins.
"""

from __future__ import annotations

import re

CONSOLE = "https://fcnext.console.aliyun.com"

HINTS: tuple[tuple[str, str], ...] = (
    (
        r"[Nn]o permission to assume the role '?([^' ]+)",
        "let the role trust the service fc.aliyuncs.com (RAM console: the role, trust policy), or name another: "
        "--role NAME",
    ),
    (
        r"ram:PassRole",
        "attach a policy with ram:PassRole for the role of the function to the RAM user of this key",
    ),
    (
        r"not authorized to perform '?((?:fc|fcv3):\w+)",
        "attach AliyunFCFullAccess to the RAM user of this key, or a policy with {1}",
    ),
    (
        r"service is not enabled for current user",
        f"activate Function Compute once, at {CONSOLE}, with the main account",
    ),
    (
        r"project '?[\w-]*'? does not exist|logstore '?[\w-]*'? does not exist",
        "create the project and the logstore in Log Service first; a new one takes a minute to be found",
    ),
    (r"Role is required", "name a role that the function takes on: --role NAME"),
    (
        r"No permission to access the logstore",
        "attach a policy with log:PostLogStoreLogs on that logstore to the role of the function",
    ),
    (
        r"user is not exist|USER_NOT_EXIST",
        "open Container Registry in that region, and attach AliyunContainerRegistryReadOnlyAccess to the role",
    ),
    (
        r"account ?id.{0,40}(?:invalid|mismatch|does not match|not found)|InvalidAccountID|resource owner",
        "set account_id to that of the main account, not of a RAM user, and the region to that of the function: "
        "%fctarget shows both",
    ),
)


def of(code: str, message: str) -> str:
    """The hint for a refusal, or nothing."""
    said = f"{code}: {message}"
    for pattern, hint in HINTS:
        found = re.search(pattern, said)
        if found:
            return hint.format("", *found.groups())
    return ""
