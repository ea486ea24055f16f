"""Texts that cannot be read yet, and stand in their box to be corrected: a line, or JSON.

What is shown is saved with the notebook, so a secret in such a text becomes a numbered mark, ``…1``. The mark stands
for the secret when the text can be read, wherever it is then.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from fc_magic.notebook.form.masks import HIDING, MASK, has_mask, is_secret, masked
from fc_magic.notebook.line import grammar, options

_HEADER = re.compile(r"\s*(?:#|//)\|\s*fc:")
_MARK = re.compile(rf"{MASK}(\d+)")
#: a text in JSON with its key, if it has one; the last may not be closed yet
_TEXT = re.compile(r'(?:"((?:\\.|[^"\\])*)"(\s*:\s*))?"((?:\\.|[^"\\])*)("|\\?$)', re.DOTALL)
_VARIABLE = re.compile(r"\s*([^\s={]+)=(.+)()", re.DOTALL)
#: where a quote is not closed, what looks like an option is one
_OPEN = re.compile(r"\s*([^\s={]+)=(.+?)(\s--.*|)", re.DOTALL)


class Unread:
    """One box: the secrets that its text had."""

    def __init__(self) -> None:
        self._secrets: list[str] = []

    def known(self, value: Any) -> Any:
        """What was read, with secrets for their marks."""
        if isinstance(value, Mapping):
            return {key: self.known(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.known(inner) for inner in value)
        return _MARK.sub(self._secret, value) if isinstance(value, str) else value

    def _secret(self, mark: re.Match[str]) -> str:
        number = int(mark[1])
        return self._secrets[number - 1] if 0 < number <= len(self._secrets) else mark[0]

    def _mark(self, secret: str) -> str:
        if has_mask(secret):
            return secret
        if secret not in self._secrets:
            self._secrets.append(secret)
        return f"{MASK}{self._secrets.index(secret) + 1}"

    # ------------------------------------------------------------ JSON

    def json(self, text: str, every: bool = False) -> str:
        """``every``: whether each text in it is secret, as in an environment."""

        def hidden(found: re.Match[str]) -> str:
            key, colon, raw, end = found[1], found[2], found[3], found[4]
            said = _decoded(raw)
            secret = said if every and key is not None else said if is_secret(key or "", said) else ""
            mark = self._mark(secret) if secret else raw
            return f'"{mark}{end}' if key is None else f'"{key}"{colon}"{mark}{end}'

        return _TEXT.sub(hidden, text)

    # ------------------------------------------------------------ a line

    def line(self, text: str) -> str:
        """The top of a cell, whatever is wrong with it."""
        out, name = [], ""
        for whole in text.split("\n"):
            header = _HEADER.match(whole)
            begin = header.end() if header else 0
            line, name = self._of_line(whole[begin:], "" if header else name)
            out.append(whole[:begin] + line)
        return "\n".join(out)

    def _of_line(self, line: str, name: str) -> tuple[str, str]:
        """With the option that a value on the next line would belong to."""
        done, at, scan = "", 0, grammar.scan(line)
        for place, word in enumerate(scan.words):
            option, is_whole, value = word.parted()
            begins = option.startswith("--")
            name = _field(option) if begins else name
            if (begins and not is_whole) or not word.is_plain or word.start < at:
                continue
            if word.wrong:  # JSON without quotes around it that does not end: up to the next option
                after = (one.start for one in scan.words[place + 1 :] if one.text.startswith("--"))
                end = next(after, len(line))
                said = self.json(line[word.start : end], name == "environment")
                done, at = done + line[at : word.start] + said, end
                continue
            is_open = bool(scan.open) and place == len(scan.words) - 1
            before = value.text if begins else word.text
            said = self._of_value(name, before, is_open)
            if said != before:
                quoted = scan.open.strip("\\") + said if is_open else shlex.quote(said)
                done, at = f"{done}{line[at : word.start]}{f'{option}=' if begins else ''}{quoted}", word.end
        return done + line[at:], name

    def _of_value(self, name: str, text: str, is_open: bool) -> str:
        if name == "environment":
            variable = (_OPEN if is_open else _VARIABLE).fullmatch(text)
            if variable:
                return f"{variable[1]}={self._mark(variable[2])}{variable[3]}"
            return self.json(text, every=True)
        if name in ("code", "zip_file"):
            return text if masked(name, text) == text else self._mark(text)
        return self.json(text) if name in HIDING else text


def _field(option: str) -> str:
    """What an option sets. One that nobody knows may be a variable's, wrongly spelled."""
    spelled = option.lstrip("-").replace("_", "-").lower()
    known = options.names()
    if spelled in known:
        return known[spelled]
    return "" if spelled in (*options.EXTRA, *options.FLAGS) else "environment"


def _decoded(raw: str) -> str:
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw
