"""Before the first write to the cloud a person sees account, region, endpoint and what will happen, and agrees."""

from __future__ import annotations

import sys
import threading
from typing import Any

from fc_magic.client.client import Client
from fc_magic.client.target import Target
from fc_magic.config import public
from fc_magic.errors import Problem, UsageError
from fc_magic.language.speech import say, translated, word
from fc_magic.notebook import words

_HOW = "add --yes to the line, or set FC_MAGIC_YES=1"


class Agreement:
    """What one notebook has agreed to: a target is asked for once."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._given: set[tuple[str, str, str]] = set()

    def give(self, client: Client) -> None:
        self._given.add(_which(client.target))

    def ask(self, client: Client, what: str) -> None:
        """Returns if it is agreed. Raises UsageError if not, or if there is nobody to ask; then nothing is sent."""
        if _which(client.target) in self._given:
            return
        answer = self._answer(client.target, what)
        if answer is None:
            raise UsageError(
                f"{public(client.target.name)} is the cloud, and nobody can be asked here whether to write to it; "
                "nothing was sent",
                problems=[Problem(name, text) for name, text in facts(client.target, what)],
                hint=_HOW,
            )
        if answer.strip().lower() not in ("y", "yes", "是"):
            raise UsageError(
                f"not agreed: {public(client.target.name)} stays as it is. Nothing was sent", hint=_HOW
            )
        self.give(client)

    def _answer(self, target: Target, what: str) -> str | None:
        """What a person answers; None where there is nobody, as under nbconvert, papermill or CI."""
        from IPython.core.error import StdinNotImplementedError

        if not can_ask(self._shell):
            return None
        try:
            print(say("{0} is the cloud, and this notebook has not written to it yet.", public(target.name)))
            for name, text in facts(target, what):
                print(f"  {words.pad(word(name), 10)}{translated(text)}", flush=True)
            return input(say("Go on? [y/N] "))
        except (StdinNotImplementedError, EOFError, OSError):
            return None


def can_ask(shell: Any) -> bool:
    """Whether a question would be seen, and its answer come back."""
    if threading.current_thread() is not threading.main_thread():
        return False
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return sys.stdin is not None and sys.stdin.isatty()
    # a front end shows a question below the cell that runs; a button of a form has none
    parent = kernel.get_parent() if hasattr(kernel, "get_parent") else {}
    return bool((parent.get("header") or {}).get("msg_type", "execute_request") == "execute_request")


def facts(target: Target, what: str) -> list[tuple[str, str]]:
    """What a person agrees to."""
    key = f"access key {target.credentials.access_key_id}, from {target.key_from}"
    return [
        ("account", f"{target.account_id or 'that of the key'} ({key})"),
        ("region", target.region),
        ("endpoint", f"{public(target.endpoint)} ({target.api})"),
        ("will", what),
    ]


def _which(target: Target) -> tuple[str, str, str]:
    return target.endpoint, target.region, target.credentials.access_key_id
