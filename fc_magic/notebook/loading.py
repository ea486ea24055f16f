"""What ``%load_ext`` does: names are registered, and what stands behind one is imported when it is first used.

Nothing of ours that takes time may be imported here at once, and of what is not ours only what a shell has anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fc_magic.notebook import formatters, interrupted, unstored
from fc_magic.notebook.completion import completing

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.config import Settings
    from fc_magic.errors import FcError
    from fc_magic.notebook.completion.lookups import Lookups
    from fc_magic.notebook.magics import FcMagics

#: every magic; a test holds it against the tables of those who have them
NAMES = (
    *("fcdeploy", "fcinvoke", "fclogs", "fclist", "fcinstances", "fcdelete", "fcform", "fctarget"),
    *("fclayer", "fclayers", "fcpackage", "fcversions", "fcrollback", "fcalias", "fcexport", "fcpull"),
    *("fcrun", "fccost", "fcstats"),
)
#: the IPython attribute that keeps `{…}` and `$…` in a line from being replaced
_NO_EXPANSION = "_ipython_magic_no_var_expand"


class Session:
    """The magics of one shell, made when one of them is used for the first time."""

    names = NAMES

    def __init__(self, shell: Any, connect: Callable[[Settings], Client]) -> None:
        from fc_magic.notebook.configurable import configurable

        self._shell, self._connect = shell, connect
        self._configured = configurable(shell)
        self._unstored = unstored.listen(shell)
        interrupted.listen(shell)
        self._made: FcMagics | None = None
        self._lookups: Lookups | None = None
        self._rows: dict[str, tuple[Callable[..., Any], Callable[[], str]]] = {}

    @property
    def magics(self) -> FcMagics:
        if self._made is None:
            from fc_magic.notebook.magics import FcMagics

            self._made = FcMagics(self._shell, self._connect, self._configured.said, self._unstored)
            self._configured.changed = self._made.reach.forget
        return self._made

    def row(self, name: str) -> tuple[Callable[..., Any], Callable[[], str]]:
        """What runs, and what its help says."""
        if name not in self._rows:
            self._rows.update({n: (run, help_) for n, run, help_ in self.magics.table()})
        return self._rows[name]

    @property
    def namespace(self) -> dict[str, Any]:
        return self._shell.user_ns  # type: ignore[no-any-return]

    @property
    def lookups(self) -> Lookups:
        """What completion may know of what is deployed."""
        if self._lookups is None:
            from fc_magic.notebook.completion.lookups import Lookups

            self._lookups = Lookups(self.magics)
        return self._lookups

    def usage_of(self, name: str) -> str:
        """In English, as completion reads it."""
        return self.row(name)[1]()

    def help_of(self, name: str) -> str:
        from fc_magic.language.speech import translated

        self.speak()
        return translated(self.row(name)[1]())

    def speak(self) -> None:
        """Takes the language that the settings say."""
        self.magics.reach.speak()

    def ran(self) -> None:
        if self._lookups is not None:
            self._lookups.forget()

    def setting(self, name: str) -> str:
        return str(getattr(self.magics.settings, name))

    def where(self) -> str:
        return self.magics.where()

    def find(self, function_name: str, code_checksum: str) -> Any:
        """The cell that a function was made from."""
        return self.magics.cells.find(function_name, code_checksum)

    def present(self, error: FcError) -> list[str]:
        return self.magics.present(error)


class Magic:
    """A magic as IPython calls it. Its help is made when somebody asks for it."""

    def __init__(self, name: str, session: Session) -> None:
        self.__name__, self._session = name, session
        setattr(self, _NO_EXPANSION, True)

    def __call__(self, line: str, cell: str | None = None) -> Any:
        run, _ = self._session.row(self.__name__)
        words = line.split()
        if "--help" in (*words[:1], *words[-1:]):
            print(self.getdoc())
            return None
        self._session.speak()
        try:
            return run(line, cell)
        finally:
            self._session.ran()

    def getdoc(self) -> str:
        return self._session.help_of(self.__name__)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self.getdoc()


def load(shell: Any, connect: Callable[[Settings], Client]) -> Callable[[FcError], list[str]]:
    """Registers the magics on a shell; ``connect`` makes the client for given settings. Returns what shows errors."""
    session = Session(shell, connect)
    for name in NAMES:
        shell.register_magic_function(Magic(name, session), "line_cell", name)
    formatters.register(shell, session.where, session)
    completing.register(shell, session)
    return session.present


def unload(shell: Any) -> None:
    """Takes back what ``load`` did. Functions that are variables of the notebook go on working."""
    for kind in ("line", "cell"):
        table = shell.magics_manager.magics[kind]
        for name in [n for n, magic in table.items() if isinstance(magic, Magic)]:
            del table[name]
    shell.configurables[:] = [one for one in shell.configurables if type(one).__name__ != "FcMagic"]
    formatters.forget(shell)
    unstored.forget(shell)
    interrupted.forget(shell)
    completing.forget(shell)
