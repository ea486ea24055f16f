"""Texts that cannot be read yet, and stand in their box to be corrected: a line, or JSON.

What is shown is saved with the notebook, and of what cannot be read nobody can tell what in it is secret. So shown is
only what surely is not: what the form shows of a value that can be read by itself, the names of options and keys,
what holds a text together, and values that nobody keeps a secret in. Everything else is held here, and a numbered
mark, ``…1``, stands for it: also when the text can be read, wherever it is then. ``…0`` stands for nothing.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fc_magic.notebook.form.masks import HIDING, MASK, has_mask, masked
from fc_magic.notebook.line import grammar, head, options
from fc_magic.notebook.line.grammar import Word
from fc_magic.wire import trigger_advice, triggers
from fc_magic.wire.spec import FIELDS

_MARK = re.compile(rf"{MASK}(\d+)")
_NOTHING = f"{MASK}0"
#: a number is itself only without quotes
_BARE_MARK = re.compile(rf"(?<![\w\"'{MASK}]){MASK}(\d+)(?![\w\"'])")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")

# ---------------------------------------------------------------- what is shown

#: of JSON
_TOKEN = re.compile(
    r"""(?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote))[^\\])*)(?P<end>(?P=quote)|\\?$)|[^\s{}\[\]:,"']+""",
    re.DOTALL,
)
_KEY = re.compile(r"[A-Za-z_][\w.-]{0,40}")
_PLAIN = re.compile(r"-?\d{1,5}|true|false|null|True|False|None")
_KINDS = (*triggers.KINDS, *triggers.TYPE_WORDS)
_WORDS = frozenset({*_KINDS, "anonymous", "function", "jwt", "bearer", "GET", "POST", "PUT", "DELETE"})
#: of a line
_TOP = re.compile(r"\s*(%%fcdeploy(?!\S))?\s*([A-Za-z_][\w-]{0,63}(?!\S))?")
_HEADER = re.compile(r"\s*(?:#|//)\s*\|\s*(?:fc-magic|fcdeploy|fc)\b\s*:?", re.IGNORECASE)
_OPTION = re.compile(r"(?:--|–|—)[A-Za-z][A-Za-z_-]{0,30}(?==|$)|-[A-Za-z](?==|$)")
_NEXT_OPTION = re.compile(r"\s(?=(?:--|–|—)[A-Za-z])")
_LIKE_AN_OPTION = re.compile(r"\s[-–—]")
_VARIABLE = re.compile(r"(?P<quote>[\"']?)(?P<key>[A-Za-z_]\w{0,63})=(?P<value>.*)", re.DOTALL)
#: the name of something is none of its values
#: what is seen of these by other means, and of what belongs to no option, or to none that is known
_UNSEEN = ("", "?", "environment", "custom_container_config", "vpc_config")
_NAME = re.compile(r"[A-Za-z_][\w.]*")
_NAMED = re.compile(r'"?([A-Za-z_]\w{0,63}=)?\{[A-Za-z_][\w.]*\}"?')
#: what is surely the name of a variable, as names of them are written
_ENVIRONMENT = re.compile(r"(?=.{1,30}$)[A-Z]+(_[A-Z]+)*")
#: settings that nobody keeps a secret in, but for what an address may have
_OPEN = ("runtime", "handler", "entrypoint", "publish", "role", "layers", "code", "zip_file", "image_url")
_SIZE = re.compile(r"[\d.]{1,9} ?[A-Za-z]{0,7}")
_WORDS_OF_TEXT = re.compile(r"[A-Za-z ,.]{0,60}")
_LIBRARIES = re.compile(r"[A-Za-z][\w.-]*(\[[\w,-]+\])?(([<>=~!]=?|,)[\d.*]+)*")
_TARGET = re.compile(r"local|[a-z]{2}-[a-z]+(-\d)?|https?://[\w.-]+(:\d+)?/?")
_CODE_WORD = re.compile(r"[A-Za-z0-9._:/-]+")


class Unread:
    """One box: what its text had that is not shown."""

    def __init__(self) -> None:
        self._secrets: list[str] = []

    def known(self, value: Any) -> Any:
        """What was read, with secrets for their marks."""
        if isinstance(value, Mapping):
            return {self.known(key): self.known(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.known(inner) for inner in value)
        return _MARK.sub(self._secret, value) if isinstance(value, str) else value

    def known_in(self, line: options.Line) -> options.Line:
        """The same of a line, in what may be secret."""

        def known(given: Mapping[str, Any]) -> dict[str, Any]:
            return {name: self.known(value) if name in HIDING else value for name, value in given.items()}

        return replace(
            line, overrides=known(line.overrides), extra=known(line.extra), repeated=known(line.repeated)
        )

    def read(self, text: str) -> Any:
        """JSON with marks. Raises ValueError."""
        return self.known(json.loads(_BARE_MARK.sub(self._number, text)))

    def _number(self, mark: re.Match[str]) -> str:
        secret = self._secret(mark)
        return secret if _NUMBER.fullmatch(secret) else mark[0]

    def _secret(self, mark: re.Match[str]) -> str:
        number = int(mark[1])
        return self._secrets[number - 1] if 0 < number <= len(self._secrets) else mark[0]

    def _mark(self, secret: str) -> str:
        if not secret or has_mask(secret):
            return secret
        if secret not in self._secrets:
            self._secrets.append(secret)
        return f"{MASK}{self._secrets.index(secret) + 1}"

    # ------------------------------------------------------------ JSON

    def json(self, text: str, name: str = "custom_container_config") -> str:
        """Of what can be read, what may be seen of the field ``name``; of anything else what holds it together."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return self._structure(text)
        if name == "triggers" and isinstance(found, list):
            seen: Any = masked(name, found, self._mark)
        elif not isinstance(found, Mapping):
            return self._structure(text)
        else:
            seen = (
                masked(name, [found], self._mark)[0]
                if name == "triggers"
                else masked(name, found, self._mark)
            )
        return text if seen == found else json.dumps(seen, ensure_ascii=False)

    def _structure(self, text: str) -> str:
        out, at, before = "", 0, ""
        for token in _TOKEN.finditer(text):
            between = text[at : token.start()]
            before = (before + between).strip()[-1:]
            out, at = (
                out + between + self._token(token, before, text[token.end() :].lstrip()[:1]),
                token.end(),
            )
            before = ""
        return out + text[at:]

    def _token(self, token: re.Match[str], before: str, after: str) -> str:
        """``before`` and ``after``: the signs around it."""
        said = token["text"]
        if said is None:
            return token[0] if _PLAIN.fullmatch(token[0]) else self._mark(token[0])
        is_key = before in ("", "{", ",") and after in (":", "=") and after and _KEY.fullmatch(said)
        if is_key or said in _WORDS:
            return token[0]
        return f"{token['quote']}{self._mark(_decoded(said))}{token['end']}"

    # ------------------------------------------------------------ a line

    def line(self, text: str) -> str:
        """The top of a cell, whatever is wrong with it."""
        first, *rest = text.split("\n")
        top = _TOP.match(first)
        begin = top.end() if top else 0
        shown, name = self._of_line(first[begin:], "")
        out, goes_on = [first[:begin] + shown], head.goes_on(first)
        for whole in rest:
            header = _HEADER.match(whole)
            begin = header.end() if header else 0
            if header or goes_on or whole.lstrip()[:1] in ("-", "–", "—"):
                shown, name = self._of_line(whole[begin:], name if goes_on and not header else "")
            else:  # code, or a comment
                shown = whole and self._mark(whole)
            out.append(whole[:begin] + shown)
            goes_on = head.goes_on(whole)
        return "\n".join(out)

    def _of_line(self, line: str, name: str) -> tuple[str, str]:
        """``name``: what the line before has as its last option; and what this one has, if its value is to come."""
        done, at, scan = "", 0, grammar.scan(line)
        for place, word in enumerate(scan.words):
            raw = line[word.start : word.end]
            option = found[0] if (found := _OPTION.match(raw)) and _is_shown(found[0]) else ""
            has_value = bool(option) and raw != option
            done += line[at : word.start] + (f"{option}=" if has_value else option)
            name = _field(option) if option else name
            value = replace(word, start=word.start + len(option) + has_value)
            at = word.end
            if option and not has_value:
                continue
            if word.wrong or (scan.open and place == len(scan.words) - 1):
                # where a quote or brace does not end, what looks like an option is one
                following = _NEXT_OPTION.search(line, word.start)
                end = following.start() if following else len(line)
                done += self._broken(name, line[value.start : end], bool(word.wrong))
                shown, name = self._of_line(line[end:], "")
                return done + shown, name
            done += self._of_word(name, line[value.start : value.end], word.parted()[2] if option else word)
            name = ""
        comment = line[max(at, scan.comment) :]
        done += line[at : scan.comment] if at <= scan.comment else ""
        return done + (comment if comment in ("", "\\") else f"# {self._mark(comment)}"), name

    def _of_word(self, name: str, raw: str, word: Word) -> str:
        """A value that ends; nothing as its ``name``: it belongs to no option."""
        if not word.is_plain:
            if _NAMED.fullmatch(raw) or (
                name not in HIDING and all(_is_open(name, one) for one in word.pieces)
            ):
                return raw
            variable = _VARIABLE.match(raw)
            return f"{variable['key']}={_NOTHING}" if name == "environment" and variable else _NOTHING
        shown = self._of_text(name, word.text)
        return raw if shown == word.text else shlex.quote(shown)

    def _broken(self, name: str, raw: str, is_wrong: bool) -> str:
        """A value that does not end."""
        quote = raw[:1] if raw[:1] in ("'", '"') else ""
        inside = raw[len(quote) :]
        if inside[:1] in ("{", "[") and name in (
            "environment",
            "triggers",
            "custom_container_config",
            "vpc_config",
        ):
            return quote + self._structure(inside)
        variable = _VARIABLE.fullmatch(raw) if name in ("environment", "?") else None
        if variable:
            said = _NOTHING if is_wrong else self._mark(variable["value"])
            return f"{variable['quote']}{variable['key']}={said}"
        if name and name not in (*HIDING, *_OPEN, "?") and _WORDS_OF_TEXT.fullmatch(inside):
            return raw
        return quote + (_NOTHING if is_wrong else self._mark(inside))

    def _of_text(self, name: str, text: str) -> str:
        """A text that is the value of ``name``, as the form would show it, if it can be one."""
        if name == "?" and _PLAIN.fullmatch(text):
            return text
        if name in ("environment", "?"):
            return self._of_variable(text)
        if text[:1] in ("{", "[") and name in ("triggers", "custom_container_config", "vpc_config"):
            return self.json(text, name)
        if _can_be(name, text):
            return text
        return self._mark(text)

    def _of_variable(self, text: str) -> str:
        variable = _VARIABLE.fullmatch(text)
        if variable and not variable["quote"]:
            return f"{variable['key']}={self._mark(variable['value'])}"
        if text[:1] in ("{", "["):
            return self.json(text, "environment")
        return text if text in os.environ or _ENVIRONMENT.fullmatch(text) else self._mark(text)


def _can_be(name: str, text: str) -> bool:
    """Whether the form would show this text, which may be the value of ``name``."""
    if name in _UNSEEN or _LIKE_AN_OPTION.search(text):
        return False
    if name in FIELDS and FIELDS[name].kind == "int":
        return bool(_SIZE.fullmatch(text))
    if name == "requirements":
        return all(map(_LIBRARIES.fullmatch, text.split()))
    if name == "target":
        return bool(_TARGET.fullmatch(text))
    if name in _OPEN:
        return bool(_CODE_WORD.fullmatch(text)) and masked(name, text) == text
    return name != "triggers" or (_is_schedule_or_address(text) and masked("code", text) == text)


def _is_open(name: str, piece: str | grammar.Expression) -> bool:
    if isinstance(piece, str):
        return _can_be(name, piece)
    return bool(_NAME.fullmatch(piece.text)) and len(piece.spec) < 9


def _is_schedule_or_address(text: str) -> bool:
    """The short form of a trigger, also of a type that is mistyped."""
    kind, colon, _ = text.partition(":")
    kind = kind.strip().lower()
    meant = triggers.TYPE_WORDS.get(kind, kind) if kind in _KINDS else trigger_advice.nearest_kind(kind)
    return meant in ("http", "timer", "oss") if colon else bool(meant)


def _is_shown(option: str) -> bool:
    """One that somebody mistyped is shown, too: that is what has to be corrected."""
    return len(option) == 2 or not re.match(r"-[^-]", option)


def _field(option: str) -> str:
    """What an option sets; nothing if it takes no value, ``?`` if nobody knows."""
    spelled = option.lstrip("-–—").replace("_", "-").lower()
    known = options.names()
    if spelled in known:
        return known[spelled]
    return spelled if spelled in options.EXTRA else "" if spelled in options.FLAGS else "?"


def _decoded(raw: str) -> str:
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw
