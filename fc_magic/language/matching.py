"""A catalogue, and the way from a text back to the template that it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from string import Formatter
from typing import NamedTuple

#: a longer text is no sentence: its values are not looked into
LONGEST = 2000
#: so many letters of its own make a template more than what joins values
LETTERS = 3
_ANYBODYS = frozenset(("a", "an", "and", "are", "at", "be", "by", "from", "has", "have", "in", "is", "it"))
_ANYBODYS |= {
    "its",
    "no",
    "not",
    "of",
    "on",
    "or",
    "that",
    "the",
    "there",
    "this",
    "to",
    "was",
    "which",
    "with",
}
#: so many words may stand before what is wrong with them
MOST_WORDS = 6
#: texts that are remembered
MOST = 2000
#: templates are found by so many characters of their beginning
_HEAD = 4
_FIELD = re.compile(r"(?<!\{)\{\d+\}")
_WIDE = re.compile(r"[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z0-9]")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Template:
    """``key`` in pieces: ``literals`` stand around the values, of which ``numbers`` has the places."""

    key: str
    literals: tuple[str, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, key: str) -> Template:
        literals, numbers = [""], []
        for literal, name, _, _ in Formatter().parse(key):
            literals[-1] += literal
            if name is not None:
                numbers.append(int(name))
                literals.append("")
        return cls(key, tuple(literals), tuple(numbers))

    @property
    def weight(self) -> int:
        """How much of a text is the template's own."""
        return sum(map(len, self.literals))

    @property
    def has_words(self) -> bool:
        """Enough of them that a text which has them was made from this: "{0} is not {1}" may be anybody's."""
        words = _WORD.findall(" ".join(self.literals))
        return sum(len(word) for word in words if word.lower() not in _ANYBODYS) >= LETTERS

    @property
    def is_short(self) -> bool:
        """One word behind a value."""
        return not self.literals[0] and len(_WORD.findall(" ".join(self.literals))) == 1

    def values(self, text: str) -> dict[int, str] | None:
        """number -> value, if ``text`` was made from this; each value ends where what follows it first stands."""
        at, end = len(self.literals[0]), len(text) - len(self.literals[-1])
        if at > end or not text.startswith(self.literals[0]) or not text.endswith(self.literals[-1]):
            return None
        found: dict[int, str] = {}
        for number, literal in zip(self.numbers[:-1], self.literals[1:-1], strict=True):
            place = text.find(literal, at, end)
            if place < 0 or found.setdefault(number, text[at:place]) != text[at:place]:
                return None
            at = place + len(literal)
        last = self.numbers[-1]
        return found if found.setdefault(last, text[at:end]) == text[at:end] else None


#: what stands between sentences, and between words, and the same in Chinese
_BETWEEN = (("; ", "；"), (", ", "、"))


class Said(NamedTuple):
    """A text in another language, and how many of its characters are ours: 0 if nothing of it was known."""

    text: str
    known: int


def _set(before: str, after: str) -> str:
    """Both, set as Chinese is: a space between it and Latin letters or digits, none within it."""
    first, last = after[:1], before.rstrip()[-1:]
    if _WIDE.match(last) and _WIDE.match(first):
        return before.rstrip() + after
    is_seam = (_WIDE.match(last) and _LATIN.match(first)) or (_LATIN.match(last) and _WIDE.match(first))
    return f"{before} {after}" if is_seam and last == before[-1:] else before + after


class Catalogue:
    """template -> the same in another language, for templates as for the texts made from them."""

    def __init__(self, words: Mapping[str, str], codes: Mapping[str, str] | None = None) -> None:
        """``codes``: what each code of a refusal means."""
        self.words, self.codes = words, codes or {}
        #: a sentence is taken apart in several ways, and its pieces come again
        self.found = lru_cache(MOST)(self._found)
        self._listed = lru_cache(MOST)(self._parted)

    def say(self, template: str, values: Sequence[object]) -> str:
        """How a row of the catalogue writes a value says what becomes of it: ``{0}`` stays, ``{0:say}`` is a sentence
        of ours, ``{0:part}`` one if it has several words, and a name else."""
        out, is_seam = "", False
        for literal, name, how, _ in Formatter().parse(self.words.get(template, template)):
            out, is_seam = (
                (_set(out, literal) if is_seam and literal else out + literal),
                is_seam and not literal,
            )
            if name is None:
                continue
            value = str(values[int(name)])
            out = _set(out, self.nested(value, how).text) if how else out + value
            is_seam = bool(how)
        return out

    def translated(self, text: str) -> str:
        """What is not known stays as it is."""
        said = self.found(text)
        return said.text if said.known or len(text) > LONGEST else self._behind_words(text)

    def _behind_words(self, text: str) -> str:
        """What is wrong with something, behind what it is: "1.0>>2 is not a requirement"."""
        words = text.split(" ", MOST_WORDS + 1)
        for at in range(1, min(len(words), MOST_WORDS + 1)):
            rest = " ".join(words[at:])
            said = self.found(rest)
            if 2 * said.known > len(rest):
                return _set(" ".join(words[:at]) + " ", said.text)
        return text

    def _found(self, text: str) -> Said:
        """By the template with the most words of ours, those of its values included."""
        whole = self._whole.get(text)
        if whole is not None:
            return Said(whole, len(text))
        best = Said(text, 0)
        for template in self._candidates(text):
            values = template.values(text)
            if values is None:
                continue
            marked = [(values[n], how) for n, how in self._marks(template)]
            known = sum(self.nested(value, how).known for value, how in marked)
            if template.is_short and not known and any(" " in v or v in _ANYBODYS for v in values.values()):
                continue  # "{0} line" is of a number: many a sentence ends so
            if template.has_words:
                known += template.weight
                if 2 * template.weight > len(text):
                    return self._said(template, values, known)  # the one with the most of its own
            elif 2 * known < sum(len(value) for value, _ in marked):
                continue  # "{0}: {1}" is ours only if most of what stands around the sign is
            if known > best.known:
                best = self._said(template, values, known)
        return best

    def _said(self, template: Template, values: Mapping[int, str], known: int) -> Said:
        return Said(self.say(template.key, [values.get(n, "") for n in range(max(values) + 1)]), known)

    def nested(self, text: str, how: str) -> Said:
        """A value, as the row of the catalogue has it."""
        if len(text) <= LONGEST and (how == "say" or (how == "part" and " " in text)):
            return self._listed(text)
        return Said(text, 0)

    def _parted(self, text: str) -> Said:
        """A sentence of ours, or several of them in a row."""
        best = self.found(text)
        for ours, theirs in _BETWEEN if best.known < len(text) else ():
            parts = text.split(ours)
            if len(parts) > 1:
                said = [self._listed(part) for part in parts]
                # a sentence may be somebody else's; words that stand in a row are of one kind
                is_ours = ours == "; " or all(part.known for part in said)
                known = sum(part.known for part in said) if is_ours else 0
                best = max(best, Said(theirs.join(part.text for part in said), known), key=lambda s: s.known)
        return best

    def _marks(self, template: Template) -> list[tuple[int, str]]:
        """The values that are sentences themselves."""
        return [
            (int(name), how)
            for _, name, how, _ in Formatter().parse(self.words[template.key])
            if name and how
        ]

    @cached_property
    def _whole(self) -> dict[str, str]:
        """Texts without a value."""
        return {key.format(): said.format() for key, said in self.words.items() if not _FIELD.search(key)}

    @cached_property
    def _by_head(self) -> dict[str, list[_Row]]:
        """Templates with a value by how they begin; those that begin with a value, or nearly, under ''. They are
        taken apart when a text may be theirs."""
        rows: dict[str, list[_Row]] = {}
        for key in self.words:
            pieces = _FIELD.split(key)
            if len(pieces) > 1:
                head = pieces[0][:_HEAD]
                is_plain = len(head) == _HEAD and "{" not in head and "}" not in head
                rows.setdefault(head if is_plain else "", []).append(
                    _Row(key, pieces[-1], max(pieces, key=len))
                )
        return rows

    def _candidates(self, text: str) -> list[Template]:
        """The most particular first, as far as they can be told at a glance."""
        heads = self._by_head
        rows = (*heads.get(text[:_HEAD], ()), *heads.get("", ()))
        found = [_template(row.key) for row in rows if row.may_be(text)]
        return sorted(found, key=lambda template: (-template.weight, template.key))


class _Row(NamedTuple):
    """A template with its end and its longest piece, as they are written."""

    key: str
    end: str
    longest: str

    def may_be(self, text: str) -> bool:
        """Whether a text has both; doubled braces are left to whoever takes the template apart."""
        has_longest = self.longest in text or "{{" in self.longest or "}}" in self.longest
        return has_longest and (text.endswith(self.end) or "}}" in self.end or "{{" in self.end)


_template = lru_cache(None)(Template.of)
