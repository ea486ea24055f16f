"""Text -> the requirements that it lists, as a person writes them on a line, in a comment or in a script block.

Only where one ends and the next begins: what a requirement may say is for those who resolve it.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from fc_magic.errors import UsageError

_OPENS, _CLOSES = "([", ")]"
#: a word that begins so goes on with the one before, one that ends so with the one behind
_GOES_ON = re.compile(r"[<>=!~@(\[;,]")
_UNFINISHED = re.compile(r"(?:[<>=!~@(\[;,]|^(?:-r|--requirement|-e|--editable))$")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_REQUIRES = re.compile(r"#[ \t]*requires:[ \t]*(.*)", re.IGNORECASE)
_PYTHON = re.compile(r"#[ \t]*requires-python:[ \t]*(\S.*?)[ \t]*", re.IGNORECASE)
#: PEP 723
_BLOCK = re.compile(
    r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)[ \t]*\r?$\n(?P<content>(^#(| .*)$\n)+)^# ///[ \t]*\r?$"
)
#: what a cell has that lists requirements, before anything slower looks
_HINTS = ("requires", "REQUIRES", "Requires", "# /// script")


def split(text: str) -> list[str]:
    """``pandas==2.2.* requests``, with blanks or commas between them."""
    out: list[str] = []
    for chunk in _chunks(text):
        head, semicolon, marker = _cut(chunk, ";")
        words = _joined(head.split())
        if semicolon and words:
            words[-1] += f"; {marker.strip()}"
        out += words
    return out


def _chunks(text: str) -> Iterator[str]:
    """What is between the commas; ``pandas>=2,<3`` is one, and so is what stands in brackets or quotes."""
    kept = ""
    for chunk in _parts(text):
        if kept and chunk.lstrip()[:1] in ("<", ">", "=", "!", "~"):
            kept += f",{chunk.strip()}"
            continue
        if kept.strip():
            yield kept
        kept = chunk
    if kept.strip():
        yield kept


def _parts(text: str) -> Iterator[str]:
    rest, comma = text, ","
    while comma:
        part, comma, rest = _cut(rest, ",\n")
        yield part


def _cut(text: str, signs: str) -> tuple[str, str, str]:
    """As ``str.partition`` at the first of ``signs`` that is in no brackets and no quotes."""
    depth, quote = 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in _OPENS:
            depth += 1
        elif char in _CLOSES:
            depth -= 1
        elif char in signs and depth <= 0:
            return text[:at], char, text[at + 1 :]
    return text, "", ""


def _joined(words: list[str]) -> list[str]:
    """``pandas >= 2`` is one requirement, and ``pkg @ https://…``."""
    out: list[str] = []
    for word in words:
        waits = _UNFINISHED.search(out[-1]) if out else None
        if out and (waits or _GOES_ON.match(word)):
            blank = " " if word.startswith("@") or (waits and waits[0][0] in "@-") else ""
            out[-1] += blank + word
        else:
            out.append(word)
    return out


def of_cell(source: str) -> list[tuple[str, int]]:
    """Requirements of a cell's comments and of its script block, each with its line. Raises UsageError."""
    if not any(hint in source for hint in _HINTS):
        return []
    found = [
        (word, line)
        for line, comment in _comments(source)
        if (said := _REQUIRES.fullmatch(comment))
        for word in split(_COMMENT.sub("", said[1]))
    ]
    block, first = _script(source)
    listed = block.get("dependencies", [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise UsageError(
            f"dependencies of the script block (line {first} of the cell) are not a list of texts",
            hint='# dependencies = ["requests"]',
        )
    return [*found, *((one, first) for one in listed)]


def python_of_cell(source: str) -> tuple[str, int]:
    """What a cell says of its Python, and its line; ``3.12`` is short for ``==3.12.*``."""
    if "requires-python" not in source:
        return "", 0
    for line, comment in _comments(source):
        said = _PYTHON.fullmatch(comment)
        if said:
            return (f"=={said[1]}.*" if re.fullmatch(r"3\.\d+", said[1]) else said[1]), line
    block, first = _script(source)
    return str(block.get("requires-python", "")), first


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Comments that have a line of their own; what looks like one inside a text is none."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return  # said where the cell is read as code


def _script(source: str) -> tuple[dict[str, object], int]:
    """The TOML of the script block (PEP 723), and its first line."""
    blocks = [found for found in _BLOCK.finditer(source) if found["type"] == "script"]
    if not blocks:
        return {}, 0
    first = source.count("\n", 0, blocks[0].start()) + 1
    if len(blocks) > 1:
        again = source.count("\n", 0, blocks[1].start()) + 1
        raise UsageError(f"there are two script blocks in the cell: lines {first} and {again}")
    lines = blocks[0]["content"].splitlines(keepends=True)
    text = "".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
    from fc_magic.package.toml import TomlError, loads

    try:
        return loads(text), first
    except TomlError as error:
        raise UsageError(f"the script block (line {first} of the cell) is not TOML: {error}") from None
