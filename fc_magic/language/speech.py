"""Sentences in the language of whoever reads them.

``say`` is for what the notebook says itself; ``translated`` for what was said in English by other rooms, or came
over the wire: messages of errors, hints, warnings. A template has its values as ``{0}``, ``{1}``; the catalogue of
a language is keyed by templates, and what it does not have stays English.
"""

from __future__ import annotations

from fc_magic.language import choice, matching


def say(template: str, *values: object) -> str:
    """``say("deployed to {0}", where)`` in the present language."""
    return choice.catalogue().get(template, template).format(*values)


def translated(text: str) -> str:
    """An English text as the present language has it, if it was made from a template that is known."""
    known = choice.catalogue()
    return matching.translated(text, known) if known and text else text
