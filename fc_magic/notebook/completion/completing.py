"""Tells IPython that there is something to complete on our lines. What that is, is imported when somebody asks.

Imported by ``%load_ext``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fc_magic.notebook.loading import Session

#: a text without it has no line of ours
SIGN = "%fc"


class Matcher:
    """A matcher of IPython's second interface. On lines that are not ours it is as if it were not there."""

    matcher_api_version = 2
    matcher_identifier = "fc_magic"
    matcher_priority = 1000

    def __init__(self, session: Session) -> None:
        self._session = session
        self.__qualname__ = self.matcher_identifier  # IPython asks for it, though it has the identifier

    def __call__(self, context: Any) -> dict[str, Any]:
        if SIGN in context.full_text:
            from fc_magic.notebook.completion import completion

            found = completion.complete(context.full_text, _offset(context), self._session)
            if found is not None:
                return found
        return {"completions": [], "suppress": False}


def _offset(context: Any) -> int:
    """Where in the whole text the cursor is; IPython counts the columns of its line."""
    lines = context.full_text.split("\n")[: context.cursor_line]
    return sum(len(line) + 1 for line in lines) + int(context.cursor_position)


def register(shell: Any, session: Session) -> None:
    shell.Completer.custom_matchers.append(Matcher(session))


def forget(shell: Any) -> None:
    found = shell.Completer.custom_matchers
    found[:] = [one for one in found if not isinstance(one, Matcher)]
