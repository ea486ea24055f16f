"""Files side by side: whatever is in them, the lines make the one of the other, and nothing secret is among them."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.notebook.plan.files import MOST_COMPARED, MOST_LINES, MOST_SHOWN, FileChange, compared

PROPERTY = settings(max_examples=150, deadline=None, derandomize=True)
LINES = st.lists(
    st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=6), max_size=12
)
#: two texts that have lines in common
TEXTS = st.tuples(LINES, LINES, LINES).map(lambda n: ("\n".join([*n[0], *n[1]]), "\n".join([*n[0], *n[2]])))
WORDS = st.from_regex(r"[A-Za-z0-9-]{8,20}", fullmatch=True)


def change(old: str, new: str, path: str = "a.txt") -> FileChange:
    (found,) = compared({path: old.encode()}, {path: new.encode()})
    return found


def patched(old: str, diff: tuple[str, ...]) -> str:
    """``old`` with the lines of a diff applied."""
    lines, out, at = old.split("\n"), list[str](), 0
    for line in diff:
        if found := re.match(r"@@ -(\d+)(?:,(\d+))? ", line):
            start = int(found[1]) - (found[2] != "0")
            out += lines[at:start]
            at = start
        elif line[:1] in " -":
            assert lines[at] == line[1:]
            at += 1
            out += [line[1:]] if line[0] == " " else []
        elif line[:1] == "+":
            out.append(line[1:])
    return "\n".join([*out, *lines[at:]])


@PROPERTY
@given(TEXTS)
def test_the_lines_make_one_of_the_other(texts: tuple[str, str]) -> None:
    """And they are counted."""
    old, new = (f"{text}\n" for text in texts)
    if old == new:
        assert compared({"a.txt": old.encode()}, {"a.txt": new.encode()}) == ()
        return
    found = change(old, new)
    if "\0" in old + new:  # no text
        assert not found.diff
        return
    assert patched(old, found.diff) == new
    assert found.added == sum(line[:1] == "+" for line in found.diff)
    assert found.removed == sum(line[:1] == "-" for line in found.diff)


@PROPERTY
@given(WORDS, st.sampled_from(["a.py", "a.js", "a.env", "a.yaml", "a.json"]), st.booleans())
def test_secrets(word: str, path: str, quoted: bool) -> None:
    """By their name, in files of every kind, old and new."""
    code = path.endswith((".py", ".js"))
    value = f'"{word}"' if quoted or code else word
    name = '"password"' if path == "a.json" else "password"
    sign = "=" if code or path == "a.env" else ": "
    line = f"{name}{sign}{value}"
    for old, new in ((f"{line}\n", "x\n"), ("x\n", f"{line}\n")):
        found = change(old, new, path)
        assert found.diff
        assert word not in "\n".join(found.diff)
        assert "****" in "\n".join(found.diff)


def test_a_password_in_a_url() -> None:
    """The rest of it can be read."""
    diff = change("x\n", 'connect("postgres://shop:Pa55word@db.example.com/orders")\n', "a.js").diff
    assert "postgres://shop:****@db.example.com/orders" in diff[-1]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.yaml", "cache_key: user-profile"),
        ("a.env", "SORT_KEY=user-profile"),
        ("a.json", '{"cache_key": "user-profile"}'),
        ("a.yaml", "cache_key: 'user-profile cache'"),
    ],
)
def test_without_quotes(path: str, line: str) -> None:
    """What only has the name of a secret is masked after that name, and shown where it is another word."""
    other = "user-profile-cache: user-profile"
    for old, new in ((f"{line}\n", f"{other}\n"), (f"{other}\n", f"{line}\n")):
        shown = [said[1:] for said in change(old, new, path).diff]
        assert line.replace("user-profile", "****") in shown
        assert other in shown


@pytest.mark.parametrize(
    "line",
    ["a1" * 50_000, f'API_KEY = "{"a" * 100_000}"', f"key: {'/' * 100_000}!", f"token={'/a' * 50_000}!"],
    ids=["hex", "letters", "slashes", "path"],
)
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.hex"])
def test_a_long_word(path: str, line: str) -> None:
    """Looking through it takes no time with the square of its length, which would be minutes."""
    began = time.process_time()
    assert change("x\n", f"{line}\n", path).added == 1
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\0a", b"\0b"), (b"\xff", b"\xfe"), (b"a\n" * (MOST_LINES + 1), b"b\n"), (b"a" * 500_000, b"b")],
)
def test_what_is_not_compared_by_lines(old: bytes, new: bytes) -> None:
    """Its size is all that is said."""
    (found,) = compared({"a": old}, {"a": new})
    assert (found.before, found.after, found.diff, found.added, found.removed) == (
        len(old),
        len(new),
        (),
        0,
        0,
    )


def test_line_breaks() -> None:
    """One that is missing is said, and so is one of another kind; what only looks like one is none."""
    assert change("a", "a\n").diff[1:] == ("-a", "\\ no line break at the end", "+a")
    assert change("a\r\n", "a\n").diff[1:] == ("-a␍", "+a")
    assert change("a\r\nb\r\n", "a\r\nc\r\n").diff[1:] == (" a", "-b", "+c")
    assert change("a\x0cb\u2028c\n", "d\n").diff[1:] == ("-a\x0cb\u2028c", "+d")


def test_many_files() -> None:
    """There is a bound for all of them together, and the module that is asked for is the first within it; the others
    are counted, and at last told by their sizes."""
    lines = {f"{name}.csv": [f"{n}," for n in range(1500)] for name in "abcdefghij"}
    old, new = (
        {path: "".join(f"{line}{sign}\n" for line in each).encode() for path, each in lines.items()}
        for sign in "xy"
    )
    found = {one.path: one for one in compared(old, {**new, "0.csv": old["a.csv"]}, first="h")}
    assert list(found) == ["0.csv", *lines]
    assert sum(len(one.diff) for one in found.values()) == MOST_SHOWN
    assert len(found["h.csv"].diff) + found["h.csv"].more == 3001
    assert len(found["h.csv"].diff) == MOST_SHOWN
    counted = [path for path, one in found.items() if one.added]
    assert 2 < len(counted) <= MOST_COMPARED // 3000 + 1
    assert all(found[path].added == found[path].removed == 1500 for path in counted)
    assert found["0.csv"].added == 0
    assert {one.after for one in found.values()} == {len(new["a.csv"])}
