"""Reads the line of ``%fcinvoke``: a name, how it is called, and the event, which may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fc_magic.errors import UsageError
from fc_magic.notebook import place
from fc_magic.notebook.line.arguments import explained_options, required, unknown

USAGE = "%fcinvoke NAME[:QUALIFIER] [--async] [--delay S] [--task ID] [EVENT]"


def help_text() -> str:
    from fc_magic.language.speech import say

    rows = {
        "NAME:QUALIFIER": say("that version or alias of it"),
        "EVENT": say("the rest of the line as it is, or the body of a %%fcinvoke cell; JSON or any text"),
        "--async": say("does not wait for it; %fclogs NAME --request ID shows what came of it"),
        "--delay S": say("begins so many seconds later, at most 3600; asynchronously, too"),
        "--task ID": say("the call is a task of that id; asynchronously, too"),
        **place.explained(),
    }
    return explained_options(USAGE, say("calls a function"), rows)


@dataclass(frozen=True)
class Asked:
    """``later``: how it is called asynchronously; None if somebody waits for the answer."""

    name: str
    event: str
    qualifier: str = ""
    later: dict[str, Any] | None = None


def read(line: str, cell: str | None) -> Asked:
    """Options stand before or behind the name; they end where the event begins, which may have dashes of its own."""
    later: dict[str, Any] = {}
    rest = _options(line.strip(), later)
    if rest.startswith("--"):
        word = rest.split(None, 1)[0]
        raise UsageError(f"{word} is not an option of %fcinvoke", hint=USAGE)
    name, rest = [*rest.split(None, 1), "", ""][:2]
    name = required(name, USAGE)
    event = _options(rest, later)
    given = {key: value for key, value in later.items() if key}
    return _with_event(name, event, cell, given if later else None)


def _options(text: str, later: dict[str, Any]) -> str:
    """Takes the options that ``text`` begins with; returns what follows them."""
    while text.startswith("--"):
        word, rest = [*text.split(None, 1), ""][:2]
        option, equals, value = word.partition("=")
        if option not in _OPTIONS:
            _not_misspelt(option)
            break
        if option != "--async" and not equals:
            value, rest = [*rest.split(None, 1), "", ""][:2]
        later[_OPTIONS[option]] = True if option == "--async" else _value(option, value)
        text = rest
    return text


def _not_misspelt(option: str) -> None:
    """What is like an option was meant as one, and not as an event."""
    refusal = unknown(option, [name.strip("-") for name in _OPTIONS], USAGE)
    if refusal.hint.startswith("did you mean"):
        raise refusal


#: option -> what Client.invoke_async calls it
_OPTIONS = {"--async": "", "--delay": "delay", "--task": "task_id"}


def _value(option: str, value: str) -> int | str:
    if option == "--task" and value:
        return value
    if option == "--delay" and value.isascii() and value.isdecimal():
        return int(value)
    what = f"{option} {value}".strip()
    raise UsageError(f"{what} is not an option, or has no value", hint="--delay 60, or --task my-task")


def _with_event(name: str, event: str, cell: str | None, later: dict[str, Any] | None) -> Asked:
    if cell is not None and event:
        raise UsageError(
            "there are two events: one on the line, one below it",
            hint=f"%%fcinvoke {name}, and the event below",
        )
    name, _, qualifier = name.partition(":")
    return Asked(name, cell if cell is not None else event, qualifier, later)


def evaluated(event: str, namespace: Mapping[str, Any]) -> Any:
    """An event that is one expression in braces is what the notebook has there. JSON begins with a quote behind its
    brace, or is empty: it stays as it is, as every other text. Raises UsageError."""
    text = event.strip()
    if not (text.startswith("{") and text.endswith("}")) or text[1:].lstrip()[:1] in ('"', "'", "}"):
        return event
    from fc_magic.notebook.line import expressions, grammar

    found = grammar.expression(text[1:-1])
    if found is None or found.spec or found.conversion:
        return event
    try:
        return expressions.evaluated(found, namespace)
    except expressions.Refused as error:
        raise UsageError(
            f"the event {text}: {error}", hint=error.hint or "below %%fcinvoke NAME a text is what it is"
        ) from None
