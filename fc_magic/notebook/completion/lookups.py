"""What is deployed, as completion may know it: without starting anything and without waiting.

A target that this notebook has talked to is asked in a thread of its own. An answer that comes in a blink is waited
for, and somewhat longer the first one after this kernel changed something; else what it answered last is offered.
Errors are silent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fc_magic.client import changes
from fc_magic.notebook.place import Place

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.notebook.magics import FcMagics

#: how long one completion waits in all, also if what is known is known to be wrong; how long an answer is new
PATIENCE_S, CHANGED_S, FRESH_S = 0.02, 0.5, 2.0


class Lookups:
    """``magics`` has the settings and the clients that were made so far."""

    def __init__(self, magics: FcMagics) -> None:
        self._magics = magics
        self._answers: dict[Any, tuple[float, list[Any]]] = {}
        self._since = 0.0
        #: what the line at the cursor says of where it goes
        self.place = Place()
        #: what is being asked, and since when
        self._asking: dict[Any, float] = {}
        self._lock = threading.Lock()

    def functions(self) -> list[str]:
        """Those that are deployed, the last changed first, after those of this notebook."""
        here = [
            thing.info.name
            for name, thing in list(self._magics.shell.user_ns.items())
            # outputs hold what was deleted since
            if type(thing).__name__ == "RemoteFunction" and not name.startswith("_")
            if self.place.target in ("", thing.target.name)
        ]
        return list(dict.fromkeys([*here, *self._ask(("functions",), lambda c: [f.name for f in c.list()])]))

    def versions(self, name: str) -> list[str]:
        return [one.id for found in self._versions(name) for one in found]

    def aliases(self, name: str) -> list[str]:
        return [one.name for found in self._versions(name) for one in found.aliases]

    def _versions(self, name: str) -> list[Any]:
        return self._ask(("versions", name), lambda c: [c.versions(name)])

    def layers(self) -> list[str]:
        """``name:version`` of the latest of each."""
        return self._ask(("layers",), lambda c: [f"{one.name}:{one.version}" for one in c.layers()])

    def requests(self, name: str) -> list[str]:
        """The last ones, the newest first."""
        return self._ask(
            ("requests", name), lambda c: [r.request_id for r in c.logs(name, 20).requests[::-1]]
        )

    def variables(self, name: str) -> list[str]:
        """Names of the environment variables of a function."""
        return self._ask(("variables", name), lambda c: list(c.get(name).info.environment))

    def forget(self) -> None:
        """A magic ran: what was answered before it may be true no more."""
        self._since = time.monotonic()

    def _ask(self, what: Any, ask: Callable[[Client], list[Any]]) -> list[Any]:
        client = self._client()
        if client is None:
            return []
        key = (client.target.endpoint, client.target.region, *what)
        at, known = self._answers.get(key, (0.0, []))
        now, changed = time.monotonic(), changes.last()
        if at > max(self._since, changed, now - FRESH_S):
            return known
        done = threading.Event()
        with self._lock:
            is_asked = self._asking.get(key, 0.0) > changed
            if not is_asked:
                self._asking[key] = now
        if not is_asked:
            threading.Thread(
                target=self._answer,
                args=(key, now, client, ask, done),
                name="fc-magic completion",
                daemon=True,
            ).start()
            done.wait(CHANGED_S if changed > at else PATIENCE_S)
        return self._answers.get(key, (0.0, known))[1]

    def _answer(
        self, key: Any, began: float, client: Client, ask: Callable[[Client], list[Any]], done: Any
    ) -> None:
        found: list[Any] | None = None
        try:
            found = ask(client)
        # whatever is wrong there is said when the line runs; it is as new as an answer, so not asked for by each Tab
        except Exception:  # noqa: BLE001, S110
            pass
        finally:
            with self._lock:
                at, known = self._answers.get(key, (0.0, []))
                if began >= at:
                    self._answers[key] = (began, known if found is None else found)
                if self._asking.get(key) == began:
                    del self._asking[key]
            done.set()

    def _client(self) -> Client | None:
        """One that was made before. That of a local server starts it if it is gone: here another is asked, which does
        not."""
        from fc_magic.errors import FcError

        try:
            found = self._magics.reach.made(self.place)
        except FcError:
            return None
        if found is None or found.target.is_cloud:
            return found
        from fc_magic.client.client import Client

        if self._quiet is None or self._quiet[0] is not found.target:
            self._quiet = (found.target, Client(found.target, found.settings))
        return self._quiet[1]

    _quiet: tuple[Any, Client] | None = None
