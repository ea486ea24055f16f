"""Small drawings for cards: scales, ticks, axes, lines, marks, bars and a legend, as text of inline SVG.

A drawing takes the colours and the type of its page, grows and shrinks with its card, and says what it shows to who
cannot see it. It has no script, no reference and no id, so any number of them stand on a page. What is drawn twice at
a place is written once: a drawing of a hundred thousand points is as large as its picture.

    x, y = Scale(0, 60, 40, 600), Scale(0, 250, 100, 10)
    warm = Style("warm", "blue", mark="circle")
    svg = drawing("calls of hello", "…", 640, 140, [
        across(y, [(v, words.duration(v)) for v in steps(0, 250)], 40, 600),
        along(x, [(v, f"{v:g} s") for v in steps(0, 60)], 100),
        marks([(x(s), y(ms)) for s, ms in points], warm), legend([warm], 40, 132),
    ])
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from html import escape

from fc_magic.notebook import words

#: how it is said -> the page's own colour, and one that is at least 3 : 1 on white and on nearly black
TONES = {
    "ink": "currentColor",
    "blue": "var(--jp-brand-color1,#1976d2)",
    "green": "var(--jp-success-color1,#388e3c)",
    "red": "var(--jp-error-color1,#d32f2f)",
    "teal": "var(--jp-info-color1,#0097a7)",
}
DASHES = {"": "", "dashed": "6 3", "dotted": "1 3"}
#: half of the size of a mark
HALF = 3.0
SIZE = 11
#: what a letter takes at that size, about; a wide one takes two
LETTER = 6.2
#: every drawing has so much beside the end of its axis
EDGE = 12
Point = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """How a series is drawn, and called in the legend. Two that are in one drawing differ in more than the colour: by
    the ``dash`` of a line (dashed, dotted), by the ``mark`` of points (circle, cross, square, triangle), or by one
    bar being ``hollow``. A series of bars has the ``mark`` bar, for its legend."""

    name: str
    tone: str = "ink"
    dash: str = ""
    mark: str = ""
    hollow: bool = False


@dataclass(frozen=True)
class Scale:
    """From ``low`` to ``high`` as ``start`` to ``end`` of the drawing; ``log``: each tenfold takes as much."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Beyond an end is at that end."""
        low, high, value = (self._of(v) for v in (self.low, self.high, value))
        share = (value - low) / (high - low) if high > low else 0.0
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)

    def _of(self, value: float) -> float:
        return math.log10(max(value, 1e-9)) if self.log else value


# ---------------------------------------------------------------- ticks


def steps(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``most``."""
    # nearer together than such a step can be told from the next
    if not high - low > 1e-9 * max(abs(low), abs(high)):
        return [low]
    rough = (high - low) / most
    tenth = 10.0 ** math.floor(math.log10(rough))
    for step in (tenth * times for times in (1, 2, 5, 10, 20)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [number * step for number in range(first, last + 1)]
    return [low]


def tenfold(low: float, high: float, most: int = 5) -> list[float]:
    """Powers of ten for a scale that is ``log``, from the one at or below ``low`` to the one at or above ``high``."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(max(high, low)) - 1e-9)
    every = max(1, math.ceil((last - first + 1) / most))
    return [10.0**power for power in range(first, last + 1, every)]


#: between two ticks of time, in seconds
_BETWEEN = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


def moments(begin: float, end: float, zone: tzinfo | None = None, most: int = 6) -> list[tuple[float, str]]:
    """Ticks of the clock between two moments, in seconds since the epoch: ``14:05``, ``14:05:30``; midnight is said
    as the day that begins, ``11-27``."""
    between = next((s for s in _BETWEEN if (end - begin) / s < most), 0)
    between = between or 86400 * math.ceil((end - begin) / 86400 / most)
    form = "%H:%M:%S" if between < 60 else "%H:%M"
    here = datetime.fromtimestamp(begin).astimezone(zone)
    ahead = (here.utcoffset() or timedelta()).total_seconds()
    first = math.ceil((begin + ahead) / between) * between - ahead
    found = [first + n * between for n in range(most + 1) if first + n * between <= end]
    return [(at, _said(datetime.fromtimestamp(at).astimezone(zone), form)) for at in found]


def _said(moment: datetime, form: str) -> str:
    return moment.strftime(form if (moment.hour, moment.minute, moment.second) != (0, 0, 0) else "%m-%d")


# ---------------------------------------------------------------- pieces


def text(x: float, y: float, said: str, anchor: str = "start") -> str:
    """``anchor`` is start, middle or end. The line ends keep words apart where only the text of a page is kept."""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{_n(x)}" y="{_n(y)}"{where}>{_text(said)}</text>\n'


def along(scale: Scale, ticks: Iterable[tuple[float, str]], y: float) -> str:
    """The axis at the foot: a line, and its ticks with their words below."""
    given = list(ticks)
    strokes = "".join(f"M{_n(scale(at))} {_n(y)}v4" for at, _ in given)
    rule = f"M{_n(scale.start)} {_n(y)}H{_n(scale.end)}"
    words_ = "".join(text(min(scale(at), _last(scale, said)), y + 15, said, "middle") for at, said in given)
    return f'<path stroke="currentColor" opacity=".6" d="{rule}{strokes}"/>{words_}'


def _last(scale: Scale, said: str) -> float:
    """Where the middle of a word may be at most, so that its end is not cut."""
    return scale.end + EDGE - words.width(said) * LETTER / 2


def across(scale: Scale, ticks: Iterable[tuple[float, str]], left: float, right: float) -> str:
    """The axis at the left: fine lines through the drawing, with their words before them."""
    given = list(ticks)
    rules = "".join(f"M{_n(left)} {_n(scale(at))}H{_n(right)}" for at, _ in given)
    words_ = "".join(text(left - 5, scale(at) + 4, said, "end") for at, said in given)
    return f'<path stroke="currentColor" opacity=".2" d="{rules}"/>{words_}'


def line(points: Iterable[Point], style: Style) -> str:
    """From point to point. A point alone is a mark."""
    given = list(points)
    if len(given) == 1:
        return marks(given, style)
    path = "L".join(_places(given))
    return f'<path {_stroke(style)} d="M{path}"/>' if path else ""


def marks(points: Iterable[Point], style: Style) -> str:
    """A mark at each point, all in one path."""
    move, width = _MARKS[style.mark or "circle"]
    path = "".join(f"M{place}{move}" for place in dict.fromkeys(_places(points)))
    ends = ' stroke-linecap="round"' if move == "h0" else ""
    return f'<path {_stroke(style, width, dash=False)}{ends} d="{path}"/>' if path else ""


def spans(segments: Iterable[tuple[float, float, float]], style: Style, thick: float = 3) -> str:
    """Bars that lie: (from, to, y)."""
    pieces = [f"M{_n(a)} {_n(y)}H{_n(max(b, a + 0.5))}" for a, b, y in segments]
    path = "".join(dict.fromkeys(pieces))
    return f'<path {_stroke(style, thick)} d="{path}"/>' if path else ""


def bars(columns: Iterable[tuple[float, float, float, float]], style: Style) -> str:
    """Bars that stand: (left, top, width, height)."""
    boxes = [f"M{_n(x)} {_n(y)}h{_n(w)}v{_n(h)}h{_n(-w)}z" for x, y, w, h in columns if h > 0]
    path, colour = "".join(boxes), TONES[style.tone]
    look = f'fill="none" stroke="{colour}"' if style.hollow else f'fill="{colour}"'
    return f'<path {look} d="{path}"/>' if path else ""


def legend(styles: Sequence[Style], x: float, y: float) -> str:
    """One beside the other: each as it is drawn, and its name."""
    out = []
    for style in styles:
        if style.mark in _MARKS:
            out.append(marks([(x + 9, y - 4)], style))
        elif style.mark == "bar":
            out.append(bars([(x + 4, y - 9, 10, 9)], style))
        else:
            out.append(line([(x, y - 4), (x + 18, y - 4)], style))
        out.append(text(x + 23, y, style.name))
        x += 23 + words.width(style.name) * LETTER + 18
    return "".join(out)


def drawing(title: str, description: str, width: int, height: int, pieces: Iterable[str]) -> str:
    """The whole. ``title`` is its name, ``description`` what there is to see, for who cannot see it."""
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'style="max-width:100%;height:auto" font-size="{SIZE}" font-family="inherit" fill="currentColor" '
        f'aria-label="{_text(title)}">\n<title>{_text(title)}</title>\n<desc>{_text(description)}</desc>\n'
        f"{''.join(pieces)}</svg>"
    )


#: how a mark is drawn from its middle, and with how wide a line
_MARKS = {
    "circle": ("h0", 2 * HALF - 1),
    "cross": (f"m{-HALF} {-HALF}l{2 * HALF} {2 * HALF}m{-2 * HALF} 0l{2 * HALF} {-2 * HALF}", 2.0),
    "square": (f"m{-HALF} {-HALF}h{2 * HALF}v{2 * HALF}h{-2 * HALF}z", 1.5),
    "triangle": (f"m0 {-HALF - 0.5}l{HALF + 0.5} {2 * HALF}h{-2 * HALF - 1}z", 1.5),
}


def _stroke(style: Style, width: float = 1.8, dash: bool = True) -> str:
    broken = f' stroke-dasharray="{DASHES[style.dash]}"' if dash and style.dash else ""
    return f'fill="none" stroke="{TONES[style.tone]}" stroke-width="{_n(width)}"{broken}'


def _places(points: Iterable[Point]) -> list[str]:
    return [f"{_n(x)} {_n(y)}" for x, y in points]


def _n(number: float) -> str:
    """A tenth of a point is finer than anybody sees."""
    return f"{number:.1f}".removesuffix(".0")


def _text(said: str) -> str:
    return escape(words.clean(said).replace("\n", " "), quote=True)
