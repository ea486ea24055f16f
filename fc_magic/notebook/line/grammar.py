"""A line as a shell reads it: words, quotes, comments. And what stands in braces: an expression of the notebook's.

A brace is an expression where a shell would replace a variable: bare and in double quotes, and not in single ones.
``{{`` is a brace. JSON is itself: a brace before a quoted key and a colon, or before its own end, begins an object.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fc_magic.errors import UsageError

_SPACE = " \t\r\n"
_OBJECT = re.compile(r'\{\s*(?:"(?:\\.|[^"\\])*"\s*:|\})')
_OPTION = re.compile(r"--[a-z][a-z-]{1,30}")
_LIST = re.compile(r'\[\s*[\[{"\]]')
_CONVERSION = re.compile(r"(.*)!([rsa])(?::(.*))?", re.DOTALL)
#: a format as numbers and texts have it
_SPEC = re.compile(r"(?:.?[<>=^])?[-+ ]?#?0?[0-9]{0,2}[_,]?(?:\.[0-9]{1,2})?[A-Za-z%]?")
#: a closing brace may be that of a dict in an expression: so many are tried
_MOST_ENDS = 40
LITERALLY = "in single quotes it is taken as it is"


@dataclass(frozen=True)
class Expression:
    """What stands in braces, as an f-string has it."""

    text: str
    conversion: str = ""
    spec: str = ""

    def __str__(self) -> str:
        return self._written(self.text, self.spec)

    def _written(self, text: str, spec: str) -> str:
        conversion = f"!{self.conversion}" if self.conversion else ""
        return f"{{{text}{conversion}{f':{spec}' if spec else ''}}}"

    @property
    def is_dict(self) -> bool:
        """Whether it is like an entry of a dict: there is no such format."""
        return not _SPEC.fullmatch(self.spec)

    @property
    def seen(self) -> str:
        """As a refusal may repeat it: without texts, and without what is no format. Keys in brackets stay."""
        tree = ast.parse(self.text, mode="eval")
        hiding = _Hiding()
        hidden = ast.unparse(hiding.visit(tree))
        return self._written(hidden if hiding.found else self.text, "…" if self.is_dict else self.spec)


class _Hiding(ast.NodeTransformer):
    """Puts ``…`` in the place of texts."""

    def __init__(self) -> None:
        self.found = False

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        node.value = self.visit(node.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if not isinstance(node.value, str | bytes):
            return node
        self.found = True
        return ast.Constant("…")


@dataclass(frozen=True)
class Word:
    """``pieces`` are what it is made of, ``start`` and ``end`` where it stands in its text; ``number`` is the line of
    the cell, ``wrong`` what is wrong with a brace in it."""

    pieces: tuple[str | Expression, ...]
    start: int = 0
    end: int = 0
    number: int = 1
    wrong: str = ""

    @property
    def text(self) -> str:
        """With expressions as they were written."""
        return "".join(map(str, self.pieces))

    @property
    def seen(self) -> str:
        """The same as a refusal may repeat it."""
        return "".join(piece if isinstance(piece, str) else piece.seen for piece in self.pieces)

    @property
    def is_plain(self) -> bool:
        return all(isinstance(piece, str) for piece in self.pieces)

    def parted(self) -> tuple[str, bool, Word]:
        """``--option=value`` -> the option, whether a value was given, and that."""
        first = self.pieces[0] if self.pieces and isinstance(self.pieces[0], str) else ""
        option, equals, value = first.partition("=")
        if not equals:
            return self.text, False, replace(self, pieces=())
        return option, True, replace(self, pieces=(*((value,) if value else ()), *self.pieces[1:]))


@dataclass(frozen=True)
class Scan:
    """The words of a text, and what is open at its end: a quote, a backslash, or nothing."""

    words: tuple[Word, ...]
    open: str = ""
    #: where a comment begins; the length of the text without one
    comment: int = 0


def split(text: str, number: int = 1) -> list[Word]:
    """The words of a line as a shell has them. Raises UsageError."""
    found = scan(text, number)
    if found.open:
        where = f"line {number} of the cell" if number > 1 else "the line"
        if found.open != "\\" and (option := _behind(found)):
            raise UsageError(f"{where} was not understood: a quote is not closed behind {option}")
        what = "it ends in a backslash" if found.open == "\\" else "a quote is not closed"
        raise UsageError(f"{where} was not understood: {what}")
    return list(found.words)


def _behind(found: Scan) -> str:
    """The option whose value is open: that may be a secret, and is not told."""
    *before, last = ["", *(word.text for word in found.words)]
    options = (last.partition("=")[0], *before[-1:])
    return next((one for one in options if _OPTION.fullmatch(one)), "")


def scan(text: str, number: int = 1) -> Scan:
    """Never fails: what is wrong with a word is said in it."""
    return _Scanner(text, number).scanned()


def each(text: str) -> Iterator[Word]:
    """The words of a scan one by one: what follows the last that is asked for is not read."""
    return _Scanner(text, 1).words()


class _Scanner:
    def __init__(self, text: str, number: int) -> None:
        self._text, self._number, self._at, self._open = text, number, 0, ""
        self._pieces: list[str | Expression] = []
        self._wrong = ""

    def scanned(self) -> Scan:
        words = tuple(self.words())
        return Scan(words, self._open, self._at)

    def words(self) -> Iterator[Word]:
        text = self._text
        while True:
            while self._at < len(text) and text[self._at] in _SPACE:
                self._at += 1
            if self._at >= len(text) or text[self._at] == "#":
                return
            start, self._pieces, self._wrong = self._at, [], ""
            while self._at < len(text) and text[self._at] not in _SPACE:
                self._bare(text[self._at])
            pieces = tuple(piece for piece in self._pieces if piece != "")
            yield Word(pieces, start, self._at, self._number, self._wrong)

    def _say(self, piece: str | Expression) -> None:
        if isinstance(piece, str) and self._pieces and isinstance(self._pieces[-1], str):
            self._pieces[-1] += piece
        else:
            self._pieces.append(piece)

    def _bare(self, char: str) -> None:
        if char == "\\":
            following = self._text[self._at + 1 : self._at + 2]
            self._open = "" if following else char
            self._say(following)
            self._at += 2 if following else 1
        elif char == "'":
            end = self._text.find("'", self._at + 1)
            self._open = "" if end >= 0 else char
            end = end if end >= 0 else len(self._text)
            self._say(self._text[self._at + 1 : end])
            self._at = min(end + 1, len(self._text))
        elif char == '"':
            self._at += 1
            self._quoted()
        elif char in "{}" or (char == "[" and self._begins_value()):
            self._brace(_View(self._text, self._at, False))
        else:
            self._say(char)
            self._at += 1

    def _quoted(self) -> None:
        """Up to the double quote that closes; a backslash is one unless it stands before a quote or another."""
        while self._at < len(self._text):
            char, following = self._text[self._at], self._text[self._at + 1 : self._at + 2]
            if char == '"':
                self._say("")
                self._at += 1
                return
            if char == "\\" and following and following in '"\\':
                self._say(following)
                self._at += 2
            elif char in "{}":
                self._brace(_View(self._text, self._at, True))
            else:
                self._say(char)
                self._at += 1
        self._open = '"'

    def _begins_value(self) -> bool:
        return not self._pieces or (isinstance(self._pieces[-1], str) and self._pieces[-1].endswith("="))

    def _brace(self, view: _View) -> None:
        text = view.text
        if text[:2] in ("{{", "}}"):
            self._take(text[0], view, 2)
        elif text[0] == "}" or (text[0] == "[" and not _LIST.match(text)):
            self._take(text[0], view, 1)
        elif text[0] == "[" or _OBJECT.match(text):
            end = _json_end(text)
            if not end:
                self._wrong = self._wrong or "is not JSON"
            self._take(text[: end or 1], view, end or 1)
        else:
            self._expression(view)

    def _expression(self, view: _View) -> None:
        text, end = view.text, view.text.find("}")
        for _ in range(_MOST_ENDS):
            if end < 0:
                break
            found = expression(text[1:end])
            if found:
                self._take(found, view, end + 1)
                return
            end = text.find("}", end + 1)
        why = "what is in braces is no Python expression" if "}" in text else "a brace is not closed"
        self._wrong = self._wrong or why
        self._take("{", view, 1)

    def _take(self, piece: str | Expression, view: _View, count: int) -> None:
        self._say(piece)
        self._at = view.raw(count)


class _View:
    """The rest of a line as it is read: in double quotes, without the backslashes before quotes."""

    def __init__(self, line: str, at: int, is_quoted: bool) -> None:
        self._places: list[int] | None = None
        self.text, self._at = line[at:], at
        if is_quoted and "\\" in self.text:
            found, places, n = [], [], at
            while n < len(line):
                n += line[n] == "\\" and line[n + 1 : n + 2] in ('"', "\\")
                found.append(line[n])
                places.append(n)
                n += 1
            self.text, self._places = "".join(found), places

    def raw(self, count: int) -> int:
        """Where in the line the first ``count`` characters end."""
        return self._places[count - 1] + 1 if self._places else self._at + count


def _json_end(text: str) -> int:
    """Where the JSON that a text begins with ends; 0 if that is none."""
    try:
        return json.JSONDecoder().raw_decode(text)[1]
    except (ValueError, RecursionError):
        return 0


def expression(text: str) -> Expression | None:
    """The inside of braces, if it is a Python expression, with what an f-string may have behind it."""
    if _is_expression(text):
        return Expression(text.strip())
    found = _CONVERSION.fullmatch(text)
    if found and _is_expression(found[1]) and "{" not in (found[3] or ""):
        return Expression(found[1].strip(), found[2], found[3] or "")
    at = text.find(":", text.rfind("{") + 1)  # a format has no brace
    while at >= 0:
        if _is_expression(text[:at]):
            return Expression(text[:at].strip(), "", text[at + 1 :])
        at = text.find(":", at + 1)
    return None


def _is_expression(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python says what it thinks of it when it is evaluated
            ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
