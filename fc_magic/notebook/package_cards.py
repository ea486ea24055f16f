"""The card of a package: its parts, the biggest first, what was left out, and on demand every file."""

from __future__ import annotations

from collections.abc import Iterator

from fc_magic.language.speech import counted, say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Pieces, Rows, Span, joined, plain, spans
from fc_magic.notebook.packages import PACKAGE
from fc_magic.package.report import Inside, Part, Report

_HEADER = ("what", "version", "packed", "unpacked", "files", "why")
_NUMBERS = frozenset({2, 3, 4})
#: parts that are seen at once
SHOWN = 8


def package_card(report: Report, where: str) -> Card:
    rows = [row for part in report.parts for row in _rows(part, report)]
    first, rest = _aligned(rows[:SHOWN], rows[SHOWN:])
    blocks: list[Block] = [
        Line(_head(report, where), "head"),
        Line(_zips(report), indent=2),
        Rows(tuple(first), tuple(map(say, _HEADER)), _NUMBERS),
    ]
    if rest:
        blocks.append(Rows(tuple(rest), (), _NUMBERS, fold=say("… {0} more", len(rest))))
    if report.left_out:
        blocks.append(Line(_left_out(report), "dim", indent=2))
    steps = (f"%fcpackage {report.function}", "%%fcdeploy … --leave-out PATTERN --keep PATTERN")
    step = steps[0] if report.every else f"{steps[0]} --all"
    blocks.append(Line(joined([Span(step, "code"), Span(steps[1], "code")], "   ·   "), indent=2))
    return Card(tuple(blocks))


def _aligned(*tables: list[tuple[Pieces, ...]]) -> list[list[tuple[Pieces, ...]]]:
    """The same columns for all of them: in text a table is as wide as its widest cells."""
    texts = [[plain(cell) for cell in row] for table in tables for row in table]
    widths = [max(map(words.width, column)) for column in zip(map(say, _HEADER), *texts, strict=True)]
    return [[_padded(row, widths) if not n else row for n, row in enumerate(table)] for table in tables]


def _padded(row: tuple[Pieces, ...], widths: list[int]) -> tuple[Pieces, ...]:
    return tuple(
        [*([space] if i in _NUMBERS else []), *spans(cell), *([space] if i not in _NUMBERS else [])]
        for i, cell in enumerate(row)
        for space in [" " * (widths[i] - words.width(plain(cell)))]
    )


def _head(report: Report, where: str) -> Pieces:
    files = sum(len(part.files) for part in report.parts)
    facts = [
        say("on {0}", where) if where else "",
        counted(files, "{0} file", "{0} files"),
        say("{0} packed", words.size(sum(report.zips.values()))),
        say("{0} unpacked", words.size(sum(part.size for part in report.parts))),
    ]
    return [Span(report.function, "strong"), "  ", *(Span(str(p), "plain") for p in joined(facts))]


def _zips(report: Report) -> Pieces:
    return joined(
        [
            Span(f"{_zip(name)} {words.size(size)}", "plain", title=say("{0} bytes", size))
            for name, size in report.zips.items()
        ]
    )


def _zip(name: str) -> str:
    """Layers have names of their own."""
    return say("package") if name == PACKAGE else name


def _rows(part: Part, report: Report) -> Iterator[tuple[Pieces, ...]]:
    """A part, below it what it is made of if that is more than one thing, and every file if that is wanted."""
    yield (
        Span(part.name, "strong"),
        part.version,
        *_sizes(part.packed, part.size),
        str(len(part.files)),
        translated(part.why),
    )
    below = [(file.path, [file]) for file in part.files] if report.every else list(_folders(part).items())
    if len(below) == 1 and below[0][0].rstrip("/") == part.name.rstrip("/"):
        return
    for name, files in sorted(below, key=lambda one: (-sum(file.packed for file in one[1]), one[0])):
        yield (
            f"└ {name}",
            "",
            *_sizes(sum(file.packed for file in files), sum(file.size for file in files)),
            "" if report.every else str(len(files)),
            "",
        )


def _sizes(packed: int, size: int) -> tuple[Pieces, Pieces]:
    return tuple(Span(words.size(n), title=say("{0} bytes", n)) for n in (packed, size))  # type: ignore[return-value]


def _folders(part: Part) -> dict[str, list[Inside]]:
    """The files of a part by what is at the top of the folder of libraries; its metadata is of no interest."""
    found: dict[str, list[Inside]] = {}
    for file in part.files:
        path = file.path.removeprefix("python/") if part.version else file.path
        top, slash, _ = path.partition("/")
        if not top.endswith(".dist-info"):
            found.setdefault(top + slash, []).append(file)
    return found


def _left_out(report: Report) -> str:
    files = sum(count for count, _ in report.left_out.values())
    size = sum(size for _, size in report.left_out.values())
    found = [(translated(why), words.size(size)) for why, (_, size) in list(report.left_out.items())[:3]]
    most = say(", ").join(f"{why} {size}" for why, size in found)
    template = (
        "left out: {0} file, {1} unpacked ({2})" if files == 1 else "left out: {0} files, {1} unpacked ({2})"
    )
    return say(template, files, words.size(size), most)
