"""What stands in braces on a line, evaluated in the notebook. A value may be secret: no refusal repeats one."""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from fc_magic.errors import UsageError
from fc_magic.notebook.line import grammar
from fc_magic.notebook.line.grammar import LITERALLY, Expression, Word

#: what is a text in a line when it is a whole value
_TEXTS = (str, int, float, os.PathLike)
#: options of calls that no value follows
_ALONE = ("--async", "--yes")
_CONVERTED: dict[str, Callable[[Any], Any]] = {"": lambda made: made, "r": repr, "s": str, "a": ascii}
#: names that a shell puts into every notebook
SHELLS_OWN = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
#: errors that name names and types, and no values
_NAMING = (NameError, AttributeError, ImportError)
#: what is typed instead of one in braces, which is read as a text with a format
DICT = "a dict is {dict(KEY=VALUE)}, or JSON"


class Refused(ValueError):
    """``problem``: what is wrong with a value; ``hint``: what to type instead; ``given``: the expression it is of."""

    def __init__(self, problem: str, hint: str = "", given: str = "") -> None:
        super().__init__(problem)
        self.problem, self.hint, self.given = problem, hint, given


def value(word: Word, namespace: Mapping[str, Any] | None) -> Any:
    """The text of a word; of one that is an expression and nothing else, what that is. Raises Refused."""
    if word.wrong:
        raise Refused(word.wrong, LITERALLY)
    if len(word.pieces) == 1:
        piece = word.pieces[0]
        if isinstance(piece, Expression) and not piece.conversion and not piece.spec:
            return evaluated(piece, namespace)
    return "".join(piece if isinstance(piece, str) else _formatted(piece, namespace) for piece in word.pieces)


def replaced(line: str, namespace: Mapping[str, Any], words: int = 0) -> str:
    """A line with the values of its expressions, as a shell quotes them. Behind so many ``words`` that are no options
    it is taken as it is. Raises UsageError."""
    out, at, plain, is_value = [], 0, 0, False
    for word in grammar.each(line):
        is_option = word.text.startswith("--")
        if words and plain == words and not (is_option or is_value):
            break
        plain += not (is_option or is_value)
        is_value = is_option and "=" not in word.text and word.text not in _ALONE
        if not word.is_plain or word.wrong:
            out.append(line[at : word.start] + _quoted(word, namespace))
            at = word.end
    return "".join([*out, line[at:]])


def _quoted(word: Word, namespace: Mapping[str, Any]) -> str:
    option, equals, behind = word.parted()
    is_option = word.text.startswith("--") and equals
    try:
        made = shlex.quote(text(value(behind if is_option else word, namespace)))
    except Refused as error:
        raise UsageError(f"{error.given or word.text}: {error}", hint=error.hint) from None
    return f"{option}={made}" if is_option else made


def evaluated(found: Expression, namespace: Mapping[str, Any] | None) -> Any:
    """Raises Refused."""
    if namespace is None:
        raise Refused("is an expression, and the notebook is not run", "", found.seen)
    space = namespace if isinstance(namespace, dict) else dict(namespace)
    try:
        made = eval(compile(found.text, f"<{found}>", "eval"), space)  # noqa: S307 - the cell's own text
    # whatever the notebook's own objects raise
    except Exception as error:  # noqa: BLE001
        raise Refused(_said(error, found), _instead(error, namespace), found.seen) from None
    if made is None:
        raise Refused("is None", "", found.seen)
    return made


def _formatted(found: Expression, namespace: Mapping[str, Any] | None) -> str:
    made = evaluated(found, namespace)
    try:
        return format(_CONVERTED[found.conversion](made), found.spec)
    except Exception as error:  # noqa: BLE001
        raise Refused(_said(error, found), DICT if found.is_dict else "", found.seen) from None


def _said(error: Exception, found: Expression) -> str:
    kind = type(error).__name__
    # the key of a KeyError stands in the expression, or is a value
    is_known = isinstance(error, _NAMING) or (isinstance(error, KeyError) and str(error)[1:-1] in found.seen)
    return f"{kind}: {error}" if is_known else kind


def _instead(error: Exception, namespace: Mapping[str, Any]) -> str:
    if not isinstance(error, NameError):
        return ""
    name = getattr(error, "name", None) or ""
    own = [one for one in namespace if not one.startswith("_") and one not in SHELLS_OWN]
    close = difflib.get_close_matches(name, own, n=1)
    return f"{{{close[0]}}}" if close else f"{name} = …"


def text(made: Any) -> str:
    """A value as a text of the line. Raises Refused."""
    if isinstance(made, bool):
        return "true" if made else "false"
    if isinstance(made, _TEXTS):
        return os.fspath(made) if isinstance(made, os.PathLike) else str(made)
    raise Refused(f"is of type {type(made).__name__}, and a text or number is taken")
