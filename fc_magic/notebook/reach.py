"""Where the magics of one notebook go: its settings, what ``%fctarget`` and a line choose, and the clients.

Imported by ``%load_ext``, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from fc_magic.language import choice
from fc_magic.notebook.place import Place

if TYPE_CHECKING:
    from pathlib import Path

    from fc_magic.client.client import Client
    from fc_magic.config import Settings
    from fc_magic.notebook.agreement import Agreement


class Reach:
    """A line beats ``%fctarget``, that ``%config`` and everything that is weaker. Settings are read when needed."""

    def __init__(
        self,
        shell: Any,
        connect: Callable[[Settings], Client],
        configured: Callable[[], dict[str, Any]] = dict,
        folder: Path | None = None,
    ) -> None:
        """``folder``: the notebook's, if it is known."""
        self._place = folder
        self._shell, self._connect, self._configured = shell, connect, configured
        self._loaded: Settings | None = None
        self._chosen, self._line, self._shown = Place(), Place(), Place()
        self._clients: dict[Settings, Client] = {}
        #: those that were made in another thread
        self._ahead: dict[Settings, Client] = {}
        self._agreed: Agreement | None = None
        #: told when a line that names no target may go to another one
        self.moved: Callable[[], object] = lambda: None
        #: told of a function that was deleted, also by its own method, and at which target
        self.deleted: Callable[[str, str], object] = lambda name, target: None

    @contextmanager
    def at(self, place: Place) -> Iterator[None]:
        """What is done in here goes to ``place``."""
        before, self._line = self._line, place
        self._shown = place
        try:
            yield
        finally:
            self._line = before

    @property
    def line(self) -> Place:
        """Where the line that runs now says that it goes."""
        return self._line

    def choose(self, place: Place) -> Client:
        """The notebook goes to ``place`` from now on, if it can be reached; its settings are read again."""
        chosen, loaded = self._chosen, self._loaded
        if place.target or place.api:
            # another target speaks what it speaks, unless something else is said
            self._chosen = Place(place.target or chosen.target, place.api)
        self._loaded = None
        try:
            with self.at(Place(yes=place.yes)):
                client = self.client()
        except BaseException:
            self._chosen, self._loaded = chosen, loaded
            raise
        self.moved()
        return client

    def forget(self, name: str = "") -> None:
        """Settings are read again; with the name of one, what ``%fctarget`` chose of it is gone, too."""
        self._loaded = None
        if name == "lang":
            self.speak()
        elif name == "target":
            self._chosen = Place()
        elif name == "api":
            self._chosen = Place(self._chosen.target)
        self.moved()

    @property
    def settings(self) -> Settings:
        if self._loaded is None:
            from fc_magic.config import Settings

            self._loaded = Settings.load(folder=self._folder(), configured=self._configured())
            choice.use(self._loaded.lang)
        settings = self._loaded
        chosen = Place() if self._line.target else self._chosen
        for place, sign in ((chosen, "%fctarget"), (self._line, "")):
            given = {name: text for name in ("target", "api") if (text := getattr(place, name))}
            for name, text in given.items():
                settings = settings.with_(sign or f"--{name}", **{name: text})
        return settings

    @property
    def usual(self) -> str:
        """The target of a line that names none."""
        before, self._line = self._line, Place()
        try:
            return self.settings.target
        finally:
            self._line = before

    def speak(self) -> None:
        """Takes the language that the settings say; one that is read while something else in them is wrong, too."""
        from fc_magic.errors import FcError

        choice.use(self._configured().get("lang", ""))
        with suppress(FcError):  # it is said by what needs the settings
            choice.use(self.settings.lang)

    def _folder(self) -> Path:
        """The notebook's folder, where a front end tells it; else the kernel's."""
        from pathlib import Path

        if self._place:
            return self._place
        told = self._shell.user_ns.get("__vsc_ipynb_file__") if self._shell else None
        return Path(told).parent if isinstance(told, str) and told else Path.cwd()

    def client(self) -> Client:
        settings = self.settings
        if settings not in self._clients:
            client = self._ahead.pop(settings, None) or self._connect(settings)
            client.session.progress = self._progress
            client.session.interrupted = self._interrupted
            client.watching = self._watching
            client.deleted = lambda name: self.deleted(name, settings.target)
            if client.target.is_cloud:
                client.session.before_write = lambda what: self.agreement.ask(client, what)
            self._clients[settings] = client
        client = self._clients[settings]
        if client.target.is_cloud and (self._line.yes or settings.yes):
            self.agreement.give(client)
        return client

    def reaching(self) -> Callable[[], Client]:
        """Reaches the present target in whatever thread it is called, to read there."""
        settings = self.settings
        known = self._clients.get(settings)

        def reached() -> Client:
            return known or self._ahead.setdefault(settings, self._connect(settings))

        return reached

    def made(self, place: Place) -> Client | None:
        """The client of where a line of this place would go, if something was asked of it before."""
        before, self._line = self._line, place
        try:
            return self._clients.get(self.settings)
        finally:
            self._line = before

    def _progress(self, what: str, size: int) -> AbstractContextManager[Callable[[int], None]]:
        from fc_magic.notebook import progress

        return progress.sending(self._shell, what, size)

    def _watching(self, name: str, count: int | None) -> AbstractContextManager[Callable[[int, int], None]]:
        from fc_magic.notebook import map_progress

        return map_progress.telling(self._shell, name, count)

    def _interrupted(self) -> None:
        from fc_magic.notebook import map_progress

        map_progress.goes_on(self._shell)

    def resolved(self, client: Client) -> Settings:
        """The settings with what reaching the target found out."""
        return self.settings if client.target.name == "local" else client.settings

    @property
    def agreement(self) -> Agreement:
        if self._agreed is None:
            from fc_magic.notebook.agreement import Agreement

            self._agreed = Agreement(self._shell)
        return self._agreed

    def where(self) -> str:
        """The target's name as it is shown: of the last line, whose value may be shown when it is over."""
        from fc_magic.config import public

        return public(self._shown.target or self.settings.target)
