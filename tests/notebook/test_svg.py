"""Drawings: what they are made of holds for any numbers, and they can be read by everybody."""

from __future__ import annotations

import itertools
import math
import re
from datetime import timedelta, timezone
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fc_magic.notebook import svg
from fc_magic.notebook.svg import Scale, Style

NUMBERS = st.floats(-1e9, 1e9)
SVG = "{http://www.w3.org/2000/svg}"


def parsed(pieces: list[str], title: str = "t", description: str = "d") -> ElementTree.Element:
    """The drawing as a page has it, which knows the namespace."""
    made = svg.drawing(title, description, 640, 120, pieces)
    return ElementTree.fromstring(made.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@given(NUMBERS, st.floats(1e-6, 1e9), st.integers(2, 10))
@example(low=536870912.9882812, wide=1e-06, most=10)
def test_steps_are_few_even_and_within(low: float, wide: float, most: int) -> None:
    high = low + wide
    found = svg.steps(low, high, most)
    assert 1 <= len(found) <= most
    slack = 1e-6 * max(abs(low), abs(high), wide)
    assert all(low - slack <= value <= high + slack for value in found)
    gaps = [b - a for a, b in itertools.pairwise(found)]
    assert all(math.isclose(gap, gaps[0], rel_tol=1e-3, abs_tol=slack) and gap > 0 for gap in gaps)


@given(st.floats(1e-3, 1e6), st.floats(1, 1e6), st.integers(2, 10))
def test_tenfold_begins_below_and_is_of_powers(low: float, times: float, most: int) -> None:
    found = svg.tenfold(low, low * times, most)
    assert 1 <= len(found) <= most
    assert found[0] <= low * 1.001
    assert all(math.isclose(math.log10(v), round(math.log10(v)), abs_tol=1e-9) for v in found)


@given(st.floats(1e9, 2e9), st.floats(1, 1e8), st.integers(-12, 12))
def test_moments_are_round_and_within(begin: float, seconds: float, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    found = svg.moments(begin, begin + seconds, zone)
    assert len(found) <= 7
    assert all(begin <= at <= begin + seconds for at, _ in found)
    assert all(one[1] != next_[1] and one[0] < next_[0] for one, next_ in itertools.pairwise(found))


def test_a_moment_is_said_as_the_clock_of_the_zone_has_it() -> None:
    china = timezone(timedelta(hours=8))
    assert svg.moments(0, 3600, china)[0] == (0, "08:00")
    assert svg.moments(30, 45, china, 4) == [
        (30, "08:00:30"),
        (35, "08:00:35"),
        (40, "08:00:40"),
        (45, "08:00:45"),
    ]
    assert svg.moments(0, 6 * 86400, china)[0] == (57600.0, "01-02")


@given(NUMBERS, NUMBERS, NUMBERS, st.booleans())
def test_a_scale_stays_within_its_ends(low: float, high: float, value: float, log: bool) -> None:
    scale = Scale(low, high, 100, 10, log)
    assert 10 <= scale(value) <= 100
    assert scale(low) == 100


def test_equal_steps_of_a_log_scale_are_tenfold() -> None:
    scale = Scale(1, 1000, 0, 300, log=True)
    assert [round(scale(v)) for v in (0.1, 1, 10, 100, 1000, 5000)] == [0, 0, 100, 200, 300, 300]


@given(st.text(), st.text(), st.text())
def test_whatever_is_said_is_escaped(title: str, description: str, name: str) -> None:
    root = parsed([svg.text(1, 2, name), svg.legend([Style(name, "blue")], 0, 10)], title, description)
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert {child.tag for child in root} == {f"{SVG}{tag}" for tag in ("title", "desc", "text", "path")}


def test_a_drawing_names_itself_and_reaches_for_nothing() -> None:
    ticks = [(v, f"{v:g} ms") for v in svg.steps(0, 50)]
    x, y = Scale(0, 50, 40, 600), Scale(0, 50, 100, 10)
    styles = [Style("warm", "blue", mark=mark) for mark in ("circle", "cross", "square", "triangle")]
    points = [(x(v), y(v)) for v in range(50)]
    pieces = [svg.across(y, ticks, 40, 600), svg.along(x, ticks, 100), svg.legend(styles, 40, 118)]
    pieces += [svg.marks(points, style) for style in styles]
    pieces += [svg.line(points, Style("p95", "teal", "dashed")), svg.spans([(1, 1, 5)], Style("a", "red"))]
    pieces += [
        svg.bars([(1, 2, 3, 4)], Style("calls", mark="bar")),
        svg.bars([(1, 2, 3, 4)], Style("b", hollow=True)),
    ]
    root = parsed(pieces, "calls of hello", "50 calls")
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == "calls of hello"
    assert root.findtext(f"{SVG}desc") == "50 calls"
    whole = svg.drawing("t", "d", 640, 120, pieces)
    assert not re.search(r"<script|<style|href|url\(|\bid=|\bon\w+=|<image|<use", whole)


def test_nothing_draws_nothing() -> None:
    style = Style("none", "blue")
    assert [draw([], style) for draw in (svg.line, svg.marks, svg.spans, svg.bars)] == [""] * 4


def test_a_line_of_one_point_is_seen() -> None:
    assert svg.line([(5, 5)], Style("p50", "blue")) == svg.marks([(5, 5)], Style("p50", "blue"))


def test_the_picture_bounds_what_is_written() -> None:
    points = [(n % 600 + 0.01, n % 97 + 0.01) for n in range(100_000)]
    assert (
        len(svg.marks([(float(round(x)) % 60, float(round(y)) % 50) for x, y in points], Style("a"))) < 40_000
    )


# ---------------------------------------------------------------- colours


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


#: what JupyterLab's own themes have for the names that tones use: on white, and on its nearly black
LIGHT = {"brand": "#1976d2", "success": "#388e3c", "error": "#d32f2f", "info": "#0097a7"}
DARK = {"brand": "#2196f3", "success": "#4caf50", "error": "#f44336", "info": "#00bcd4"}


@pytest.mark.parametrize("tone", [tone for tone in svg.TONES if tone != "ink"])
def test_a_tone_is_seen_on_light_and_dark_pages(tone: str) -> None:
    """At least 3 : 1, with the page's own colour and with ours."""
    name, own = re.fullmatch(r"var\(--jp-(\w+)-color1,(#\w{6})\)", svg.TONES[tone]).groups()  # type: ignore[union-attr]
    shown = {
        ("#ffffff", LIGHT[name]),
        ("#111111", DARK[name]),
        *((page, own) for page in ("#ffffff", "#1e1e1e")),
    }
    assert {page: round(contrast(page, c), 2) for page, c in shown if contrast(page, c) < 3} == {}


@given(st.lists(st.tuples(st.floats(0, 100), st.text("0123456789:ms ", min_size=1, max_size=8)), max_size=6))
def test_words_of_an_axis_are_within_the_drawing(ticks: list[tuple[float, str]]) -> None:
    """The last word is not cut at the edge, whatever it says."""
    axis = parsed([svg.along(Scale(0, 100, 62, 640 - svg.EDGE), [*ticks, (100, "14:06:00")], 100)])
    for text in axis.iter(f"{SVG}text"):
        half = len(text.text or "") * svg.LETTER / 2
        assert float(text.attrib["x"]) + half <= 640.1
