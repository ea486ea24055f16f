"""Object events: an object was put, removed or changed; whoever wants to know is called, and the put does not wait.

What happens to one object reaches a function in its order, one event at a time; different objects do not wait for
each other. Events are asynchronous calls: they wait on disk.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

from fc_magic.errors import FcError
from fc_magic.server.asyncs import Asked
from fc_magic.server.engine import Engine
from fc_magic.server.queue import Call
from fc_magic.server.request_ids import new_request_id

if TYPE_CHECKING:
    from fc_magic.server.objects.changes import Change
    from fc_magic.wire.triggers import Oss

log = logging.getLogger("fc_magic.server")


class ObjectEvents:
    """Calls functions for the changes it hears of."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hear(self, change: Change) -> None:
        """One change, after it is on disk. Returns at once and never fails for a function's sake."""
        identity = self._engine.identity
        for function, trigger in self._engine.rules.wanting(change.bucket, change.name, change.key):
            name = trigger.name or ""
            event = change.event(identity.region, identity.account_id, _rule_id(function, name))
            raw = json.dumps({"events": [event]}, ensure_ascii=False).encode()
            self._call(function, trigger, change, raw)

    def _call(self, function: str, trigger: Oss, change: Change, event: bytes) -> None:
        request_id, name = new_request_id(), trigger.name or ""
        # what of one object one trigger hears: that must stay in order
        line = _digest("\\0".join((function, name, change.bucket, change.key)))
        try:
            self._engine.asyncs.accept(
                function, event, "oss", request_id, Asked(trigger.qualifier, line=line)
            )
        except FcError as error:
            where = f"{change.bucket}/{change.key}"
            log.warning("%s of %s did not run for %s: %s", name, function, where, error.message)
            self._engine.asyncs.note(
                Call(function, request_id, event, caller="oss"), error.code, error.message
            )
        except Exception:
            # a fault of ours: the object is there all the same, and other triggers want to know too
            log.exception("%s of %s failed", name, function)


def _rule_id(function: str, trigger: str) -> str:
    """Forty letters that stay the same for a trigger, as OSS has for a rule."""
    return _digest(f"{function}/{trigger}")


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
