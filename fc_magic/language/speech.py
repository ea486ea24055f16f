"""Sentences in the language of whoever reads them.

``say`` is for what the notebook says itself; ``translated`` for what was said in English by other rooms, or came
over the wire: messages of errors, hints, warnings. A template has its values as ``{0}``, ``{1}``; the catalogue of
a language is keyed by templates, and what it does not have stays English.

Values are never looked at: a function called ``handler`` or an exception's text is a value. Only where a row of the
catalogue writes ``{0:say}`` the value is a sentence of ours as well, and is translated. So nothing that came from a
person, from a log or from their exceptions is given to ``translated``.
"""

from __future__ import annotations

from fc_magic.language import choice


def say(template: str, *values: object) -> str:
    """``say("deployed to {0}", where)`` in the present language."""
    known = choice.catalogue()
    return known.say(template, values) if known else template.format(*values)


def translated(text: str) -> str:
    """An English text as the present language has it, if it was made from a template that is known. A single word is
    no sentence: it may be a name."""
    known = choice.catalogue()
    return known.translated(text) if known and " " in text else text


def word(text: str) -> str:
    """A word of a table of ours, such as where a setting came from; what the table has besides stays."""
    known = choice.catalogue()
    return known.words.get(text, text) if known and " " not in text else translated(text)


def explained(code: str, message: str) -> str:
    """What Function Compute said, in the present language: the message if that is known, else its code; nothing if
    neither is, or if that is English. It stands in front of what was said, never in its place."""
    known = choice.catalogue()
    if known is None:
        return ""
    said = known.translated(message)
    return said if said != message else known.codes.get(code, "")


def counted(number: int, one: str, many: str) -> str:
    """``counted(2, "{0} call", "{0} calls")``: by the template for one, or for another number."""
    return say(one if number == 1 else many, number)
