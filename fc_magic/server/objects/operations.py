"""What every operation is given, and what it is called by: the store, its surroundings, the table's rows."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fc_magic.server.objects.answers import Answer
from fc_magic.server.objects.auth import Verifier
from fc_magic.server.objects.call import Call
from fc_magic.server.objects.changes import Change
from fc_magic.server.objects.model import Object
from fc_magic.server.objects.store import MAX_OBJECT, Store

log = logging.getLogger("fc_magic.server")


@dataclass(frozen=True)
class Surroundings:
    """The store and who it plays. ``notify`` hears of a change after it is on disk, on the event loop."""

    store: Store
    verifier: Verifier
    region: str
    account_id: str
    notify: Callable[[Change], None]
    max_object: int = MAX_OBJECT

    def changed(self, call: Call, name: str, found: Object, delta: int) -> None:
        """Tells of a change that is done: whoever listens cannot undo it by failing."""
        try:
            self.notify(Change.of(name, found, delta, self.store.clock(), call.source_ip, call.request_id))
        except Exception:
            log.exception("the change %s of request %s was not heard", name, call.request_id)


Do = Callable[[Call, Surroundings], Awaitable[Answer]]


@dataclass(frozen=True)
class Operation:
    """``takes``: its query parameters. ``who``: owner, or whom an acl may let in: reader, writer.

    ``any_query``: parameters that nobody knows mean nothing, as in a link with ``?v=2``.
    """

    do: Do
    takes: frozenset[str] = frozenset()
    who: str = "owner"
    any_query: bool = False
