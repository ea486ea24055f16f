"""Reads the lines of the magics that take a name and two or three options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fc_magic.errors import UsageError


def required(name: str, usage: str) -> str:
    if not name or " " in name:
        raise UsageError("a name is missing" if not name else f"{name!r} is not one name", hint=usage)
    return name


def plain(line: str, usage: str) -> str:
    """What a line without options says."""
    return " ".join(optioned(line, {}, (), usage)[0])


def explained_options(usage: str, what: str, rows: Mapping[str, str]) -> str:
    """The help of a magic: what it does, and a line for each option."""
    from fc_magic.language.speech import say

    wide = max(15, 2 + max(map(len, rows)))
    return "\n".join([say("{0}: {1}", usage, what), "", *(f"{o:<{wide}}{text}" for o, text in rows.items())])


def unknown(word: str, known: Iterable[str], usage: str, what: str = "is not an option") -> UsageError:
    """The refusal of an option: with one that is like it, else with what the magic is written like."""
    import difflib

    option = word.strip("-—–").partition("=")[0].replace("_", "-").lower()
    close = difflib.get_close_matches(option, list(known), n=1, cutoff=0.6)
    return UsageError(f"{word} {what}", hint=f"did you mean --{close[0]}?" if close else usage)


def named(line: str, defaults: dict[str, str], usage: str) -> tuple[str, dict[str, str]]:
    """A name and ``--option value`` pairs."""
    from fc_magic.notebook.line.grammar import split

    words, given, name = [word.text for word in split(line)], dict(defaults), ""
    while words:
        word = words.pop(0)
        option, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            name = f"{name} {word}".strip()
        elif option in given and (equals or words):
            given[option] = value if equals else words.pop(0)
        else:
            has_no_value = option in given
            what = "is not an option, or has no value"
            raise unknown(word, () if has_no_value else given, usage, what)
    return required(name, usage), given


def optioned(
    line: str, options: Mapping[str, str], flags: Iterable[str], usage: str
) -> tuple[list[str], dict[str, list[str]]]:
    """The plain words of a line, and its options with their values in order; a flag has ``yes``. Raises UsageError.

    ``options``: what the value of each is like.
    """
    from fc_magic.notebook.line.grammar import split

    flags, words, plain = tuple(flags), [word.text for word in split(line)], []
    given: dict[str, list[str]] = {}
    while words:
        word = words.pop(0)
        option, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            plain.append(word)
        elif option in flags and not equals:
            given[option] = ["yes"]
        elif option not in options:
            raise unknown(word, (*options, *flags), usage)
        elif not equals and (not words or words[0].startswith("--")):
            raise UsageError(f"{word} has no value", hint=f"{word} {options[option]}")
        else:
            given.setdefault(option, []).append(value if equals else words.pop(0))
    return plain, given
