"""What is deployed, as completion may know it: without starting anything and without waiting.

A target that this notebook has talked to is asked in a thread of its own. An answer that comes in a blink is waited
for; else what it answered last is offered. Errors are silent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fc_magic.notebook.place import Place

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.notebook.magics import FcMagics

#: how long one completion waits in all, and how long an answer is new
PATIENCE_S, FRESH_S = 0.02, 2.0


class Lookups:
    """``magics`` has the settings and the clients that were made so far."""

    def __init__(self, magics: FcMagics) -> None:
        self._magics = magics
        self._answers: dict[Any, tuple[float, list[Any]]] = {}
        self._since = 0.0
        #: what the line at the cursor says of where it goes
        self.place = Place()
        self._asking: set[Any] = set()
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
        if at > max(self._since, time.monotonic() - FRESH_S):
            return known
        done = threading.Event()
        with self._lock:
            is_asked = key in self._asking
            self._asking.add(key)
        if not is_asked:
            threading.Thread(
                target=self._answer, args=(key, client, ask, done), name="fc-magic completion", daemon=True
            ).start()
        if not is_asked:
            done.wait(PATIENCE_S)
        return self._answers.get(key, (0.0, known))[1]

    def _answer(self, key: Any, client: Client, ask: Callable[[Client], list[Any]], done: Any) -> None:
        began = time.monotonic()
        try:
            self._answers[key] = (began, ask(client))
        # whatever is wrong there is said when the line runs
        except Exception:  # noqa: BLE001
            self._answers.setdefault(key, (0.0, []))
        finally:
            with self._lock:
                self._asking.discard(key)
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
