"""``%fclogs`` and ``%fcstats``: what is asked for is shown, marked and followed; what cannot be is refused."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.errors import UsageError
from fc_magic.notebook import display, grep, since, words
from fc_magic.wire.results import Log
from fc_magic.wire.stats import Period, Stats
from tests.notebook.conftest import Kernel, Shell, deploying, text_of, words_of_html

TALKS = """
def handler(event, context):
    said = event.decode()
    for number in range(60 if said == "long" else 0):
        print("Timeout of the database" if number == 40 else f"line {number}")
    print("got", said)
    if said == "bad":
        raise KeyError("Nope")
    return said
"""
NOW = datetime(2026, 11, 27, 14, 5, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="module")
def talks(shell: Shell) -> str:
    """A function with five requests: two good ones, one that failed, one with many lines, one more."""
    assert shell.run(deploying("talks", TALKS)).success
    for event in ("one", "two", "bad", "long", "last"):
        shell.run(f"%fcinvoke talks {event}")
    return "talks"


def said(ran_text: str) -> list[str]:
    """What the requests that are shown were called with."""
    return re.findall(r"got (\w+)", ran_text)


# ---------------------------------------------------------------- what is asked for


@pytest.mark.parametrize(
    ("options", "events"),
    [
        ("", ["one", "two", "bad", "long", "last"]),
        ("--limit 2", ["long", "last"]),
        ("--errors", ["bad"]),
        ("--since 1h", ["one", "two", "bad", "long", "last"]),
        ("--since 2020-01-01", ["one", "two", "bad", "long", "last"]),
        ("--grep 'got (one|two)'", ["one", "two"]),
        ("--grep GOT", []),
        ("--grep 'got (one|two)' --limit 1", ["two"]),
        (r"--grep got\So", []),
        ("--grep keyerror", ["bad"]),
        ("--grep Nope --errors", ["bad"]),
        ("--grep last --errors", []),
        ("--grep='got last' --since 5m --limit=3", ["last"]),
    ],
)
def test_what_is_asked_for(shell: Shell, talks: str, options: str, events: list[str]) -> None:
    ran = shell.run(f"%fclogs talks {options}")
    assert ran.success
    assert isinstance(ran.value, Log)
    assert said("".join(r.text for r in ran.value.requests)) == events
    assert said(ran.text) == events


def test_a_request_that_began_too_early(shell: Shell, talks: str) -> None:
    """--since is a moment to the millisecond."""
    began = shell.run("%fclogs talks").value.requests[3].started
    ran = shell.run(f"%fclogs talks --since {began}")
    assert said(ran.text) == ["long", "last"]


def test_matching_lines_are_marked(shell: Shell, talks: str) -> None:
    """Among too many lines those around the match are shown; in both faces the sign is there, in html a mark too."""
    ran = shell.run("%fclogs talks --grep timeout")
    lines = ran.text.splitlines()
    at = next(n for n, line in enumerate(lines) if "Timeout" in line)
    assert [line.strip() for line in lines[at - 3 : at + 4]] == [
        "… 38 lines", "line 38", "line 39", "> Timeout of the database", "line 41", "line 42", "… 18 lines",
    ]  # fmt: skip
    html = shell.bundle(ran.value)["text/html"]
    assert '<span class="fcm-mark">&gt; Timeout of the database</span>' in html
    assert html.count("fcm-mark") == 1 + html.count(".fcm-mark")


def test_nothing_is_as_it_is_asked_for(shell: Shell, talks: str) -> None:
    ran = shell.run("%fclogs talks --errors --grep 'no such thing' --since 5m")
    assert ran.success
    assert re.search(
        r"talks has no such request in its log\.\n"
        r"only failed ones were asked for · since \d\d:\d\d:\d\d · --grep no such thing\n%fclogs talks\n",
        ran.text,
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%fclogs talks --limit 501", "--limit 501: must be 1 to 500"),
        ("%fclogs talks --limit -1", "--limit -1: must be 1 to 500"),
        ("%fclogs talks --since yesterday", "must be a time back such as 90s, 5m, 2h or 1d"),
        ("%fclogs talks --since 2999-01-01", "is in the future"),
        ("%fclogs talks --since 999999999d", "must be a time back"),
        ("%fclogs talks --grep 'a('", "is not a regular expression"),
        ("%fclogs talks --grep", "--grep has no value"),
        ("%fclogs talks --for 5s", "--for is how long --follow lasts"),
        ("%fclogs talks --follow --for soon", "--for soon: must be a time such as 30s"),
        ("%fclogs talks --folow", "did you mean --follow?"),
        ("%fclogs", "a name is missing"),
        ("%fclogs talks other", "is not one name"),
        ("%fcstats talks --since never", "must be a time back"),
        ("%fcstats", "a name is missing"),
    ],
)
def test_refused(shell: Shell, talks: str, line: str, words: str) -> None:
    ran = shell.run(line)
    assert isinstance(ran.error, UsageError)
    assert words in " ".join(ran.text.split())


@pytest.mark.parametrize("magic", ["%fclogs", "%fcstats"])
def test_a_name_that_is_nearly_right(shell: Shell, talks: str, magic: str) -> None:
    assert "did you mean talks?" in shell.run(f"{magic} talk").text


@pytest.mark.parametrize("magic", ["%fclogs", "%fcstats"])
def test_help_has_every_option(shell: Shell, magic: str) -> None:
    text = shell.run(f"{magic} --help").text
    usage, _, rows = text.partition("\n")
    assert set(re.findall(r"--\w+", usage)) <= set(re.findall(r"--\w+", rows))


# ---------------------------------------------------------------- times and patterns


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("5m", NOW - timedelta(minutes=5)),
        ("5 min", NOW - timedelta(minutes=5)),
        ("1.5h", NOW - timedelta(minutes=90)),
        ("2D", NOW - timedelta(days=2)),
        ("2026-11-27T13:00", datetime(2026, 11, 27, 13, tzinfo=NOW.tzinfo)),
        ("2026-11-27T05:00:00Z", datetime(2026, 11, 27, 5, tzinfo=timezone.utc)),
        ("2026-11-27", datetime(2026, 11, 27, tzinfo=NOW.tzinfo)),
    ],
)
def test_since(text: str, expected: datetime) -> None:
    assert since.since(text, NOW) == expected


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that is set to another time in summer."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_moments_of_a_summer() -> None:
    """They are read and shown as the clock was set then, and a day back has 24 hours."""
    winter = words.now().replace(year=2026, month=10, day=25, hour=14, minute=5, second=0, microsecond=0)
    utc = datetime(2026, 10, 24, 12, 5, tzinfo=timezone.utc)
    assert winter.timestamp() == utc.timestamp() + 25 * 3600
    assert since.since("2026-10-24T14:05", winter) == utc
    assert since.since("25h", winter) == utc
    assert words.clock(utc, winter) == "2026-10-24 14:05:00"
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=timezone.utc) for hour in (0, 1)]
    assert [words.clock(when, winter) for when in twice] == ["02:30:00", "02:30:00"]
    assert [when.astimezone(winter.tzinfo).timestamp() for when in twice] == [
        when.timestamp() for when in twice
    ]


@given(st.text())
def test_since_is_a_moment_or_refused(text: str) -> None:
    try:
        found = since.since(text, NOW)
    except UsageError:
        return
    assert found <= NOW


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(st.text(alphabet="ab\n .()[]*+?\\^$|{}A"), st.lists(st.text(alphabet="abA .")))
def test_a_pattern_matches_as_python_says_or_is_refused(text: str, lines: list[str]) -> None:
    try:
        wanted = grep.pattern(text)
    except UsageError:
        with pytest.raises(re.error):
            re.compile(text)
        return
    flags = re.RegexFlag(0) if re.search("A", re.sub(r"\\.", "", text)) else re.IGNORECASE
    expected = {n for n, line in enumerate(lines) if re.search(text, line, flags)}
    assert grep.matching(lines, wanted) == expected


def test_a_pattern_that_python_warns_of_is_searched_quietly(recwarn: pytest.WarningsRecorder) -> None:
    assert grep.matching(["[a]"], grep.pattern("[[]a")) == {0}
    assert not recwarn.list


@given(st.integers(0, 80), st.sets(st.integers(0, 79)), st.integers(1, 40))
def test_an_excerpt_has_every_match_and_counts_the_rest(count: int, found: set[int], most: int) -> None:
    lines = [f"line {n}" for n in range(count)]
    marked = frozenset(n for n in found if n < count)
    shown, marks = grep.excerpt(lines, marked, most)
    assert [shown[n] for n in sorted(marks)] == [f"> line {n}" for n in sorted(marked)]
    left_out = sum(int(line.split()[1]) for line in shown if "…" in line)
    assert left_out + sum("…" not in line for line in shown) == count
    if count <= most:
        assert left_out == 0


# ---------------------------------------------------------------- following


def test_follows_until_the_time_is_over(kernel: Kernel) -> None:
    """Each request once and in order, those that were there before and those that come; then a card."""
    kernel.run(deploying("streams", TALKS))
    kernel.run("streams('before')")
    outputs = kernel.run(
        "import threading, time\n"
        "def calls():\n"
        "    for n in range(5):\n"
        "        streams(f'n{n}')\n"
        "caller = threading.Timer(0.3, calls)\n"
        "caller.start()\n"
        "seen = get_ipython().run_line_magic('fclogs', 'streams --follow --for 3s')\n"
        "caller.join()\n"
        "seen"
    )
    text = text_of(outputs)
    assert text.startswith("following streams for 3.00 s\n")
    assert said(text) == ["before", "n0", "n1", "n2", "n3", "n4"]
    assert re.search(r"streams · 6 requests · 3\.\d\d s · the time of --for is over\n%fcstats streams", text)
    assert text_of(kernel.run("len(seen.log.requests), seen.count, seen.failed")) == "(6, 6, 0)"


def test_follows_as_the_card_shows_it(shell: Shell) -> None:
    """What stood there before and what comes are as far from each other as in the card of the log."""
    assert shell.run(deploying("some", "if event: print(event.decode())")).success
    calls = "for event in ('', 'one', 'two', '', '', 'three'): some(event)"
    assert shell.run(calls).success
    followed = shell.run(
        f"import threading\ndef call():\n    {calls}\nthreading.Timer(0.3, call).start()\n"
        "%fclogs some --follow --for 3s"
    )
    first, _, rest = followed.text.partition("\n")
    assert first == "following some for 3.00 s"
    rest = rest.partition("Out[")[0]
    card = shell.run("%fclogs some").text.partition("\n")[2]
    assert card.count("\n\n") == 9
    assert [re.sub(r"\d.* request", "request", text) for text in rest.splitlines()] == [
        re.sub(r"\d.* request", "request", text) for text in card.splitlines()
    ]


def test_follows_ten_seconds_where_nobody_is_there(kernel: Kernel) -> None:
    """nbclient says that nobody can be asked; a request that failed is shown with what is in its card."""
    kernel.run(deploying("unwatched", TALKS))
    outputs = kernel.run(
        "import threading\n"
        "def call():\n"
        "    try:\n"
        "        unwatched('bad')\n"
        "    except Exception:\n"
        "        pass\n"
        "threading.Timer(0.3, call).start()\n"
        "%fclogs unwatched --follow --errors"
    )
    text = text_of(outputs)
    assert text.startswith("following unwatched for 10 s\n")
    assert "KeyError: 'Nope'" in text
    ended = "nobody is there to end it: --for 5m"
    assert f"unwatched · 1 request · 1 failed · 10 s · {ended}\n%fclogs unwatched --errors" in text


def test_follows_one_request_to_its_end(kernel: Kernel) -> None:
    """An asynchronous call is awaited by its id."""
    kernel.run(deploying("awaited", TALKS))
    outputs = kernel.run(
        "accepted = awaited.later('later')\n"
        "get_ipython().run_line_magic('fclogs', f'awaited --follow --for 30s --request {accepted.request_id}')"
    )
    assert re.search(r"awaited · 1 request · \d.* · the request has ended", text_of(outputs))


def test_an_interrupt_ends_it_well(kernel: Kernel) -> None:
    """The cell has not failed, what came is a value, and the next call goes as ever."""
    kernel.run(deploying("endless", TALKS))
    outputs = kernel.run(
        "import os, signal, threading\n"
        "def act():\n"
        "    endless('x')\n"
        "    time.sleep(0.7)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "import time\n"
        "actor = threading.Thread(target=act)\n"
        "actor.start()\n"
        "seen = get_ipython().run_line_magic('fclogs', 'endless --follow --for 50s')\n"
        "actor.join()\n"
        "seen"
    )
    text = text_of(outputs)
    assert said(text) == ["x"]
    assert re.search(r"endless · 1 request · \d\.\d\d s · interrupted", text)
    assert text_of(kernel.run("endless('still there')")) == "'still there'"


def test_following_asks_seldom(kernel: Kernel) -> None:
    """Where nothing happens it asks every two seconds, and where much does twice a second."""
    kernel.run(deploying("quiet", TALKS))
    outputs = kernel.run(
        "client = quiet._client\n"
        "asked, call = [], client.session.call\n"
        "client.session.call = lambda *a, **k: (asked.append(a[0]), call(*a, **k))[1]\n"
        "logs = list(client.follow('quiet', 4))\n"
        "first = len(asked)\n"
        "del client.session.call\n"
        "first"
    )
    assert int(text_of(outputs)) <= 5


def test_nothing_is_lost_between_two_looks(home: Path, kernel: Kernel) -> None:
    """More requests than a log keeps: how many are missed is said."""
    kernel.run(deploying("busy", TALKS))
    outputs = kernel.run(
        "from fc_magic.wire.logs import Query\n"
        "busy('first')\n"
        "client = busy._client\n"
        "after = client._log('busy', Query(1)).next\n"
        "for n in range(520): busy('x')\n"
        "found = next(iter(client.follow('busy', 5, after=after)))\n"
        "len(found.requests), found.missed"
    )
    assert text_of(outputs) == "(500, 20)"


# ---------------------------------------------------------------- statistics


def test_stats_of_some_calls(shell: Shell, talks: str) -> None:
    ran = shell.run("%fcstats talks")
    assert ran.success
    assert isinstance(ran.value, Stats)
    assert (ran.value.calls, ran.value.errors, ran.value.cold_starts) == (5, 1, 1)
    _, first, times, memory, *_ = ran.text.splitlines()
    assert re.fullmatch(r"talks · 5 calls · 1 failed \(20\.0 %\) · 1 cold start · since .*", first)
    assert re.fullmatch(r"  p50 .* · p95 .* · p99 .* · longest .*s", times)
    assert re.fullmatch(r"  memory at most \d+ of 128 MB", memory)


def test_stats_of_nothing(shell: Shell) -> None:
    assert shell.run(deploying("uncalled", TALKS)).success
    ran = shell.run("%fcstats uncalled --since 5m")
    assert re.search(r"uncalled was not called since \S+\.\n%fcinvoke uncalled", ran.text)


def over_time(minutes: int, limit: int = 256) -> Stats:
    began = int(NOW.timestamp()) - minutes * 60
    periods = tuple(
        Period(
            began + n * 60, 10 + n, n % 3, int(n == 0), 100.0 + n, 40.0 + n, 20.0 + n, {200: 9 + n, 300: 1}
        )
        for n in range(minutes)
    )
    return Stats("f", "2026-11-27T04:05:00Z", "2026-11-27T06:05:00Z", 60, limit, periods)


@pytest.mark.parametrize("minutes", [1, 2, 7, 96])
def test_both_faces_have_the_same_numbers(minutes: int) -> None:
    """One minute is drawn as how long its calls took; more over time, with a table of at most twelve rows that adds
    up."""
    stats = over_time(minutes)
    faces = display.bundle(stats, now=NOW)
    text, html = faces["text/plain"], faces["text/html"]
    assert "<svg" in html
    assert ("<title>how long calls of f took</title>" in html) == (minutes == 1)
    assert all(len(line) < 100 for line in text.splitlines())
    spoken = words_of_html(re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL))
    for word in text.split():
        assert word in spoken
    rows = re.findall(r"^  \d\d:\d\d:\d\d +([\d,]+) +(\d+)", text, re.MULTILINE)
    assert len(rows) <= 12
    if minutes > 1:
        assert sum(int(calls.replace(",", "")) for calls, _ in rows) == stats.calls
        assert sum(int(errors) for _, errors in rows) == stats.errors


def test_calls_of_one_minute_are_drawn_by_how_long_they_took() -> None:
    """Every call is in a bar, from the shortest to the longest, also where all of them took as long."""
    began = int(NOW.timestamp()) - 60
    for counts, longest in (({0: 1, 460: 2}, 86_400_000.0), ({200: 7}, 30.0)):
        calls = sum(counts.values())
        period = Period(began, calls, 0, 0, longest, longest, 20.0, counts)
        faces = display.bundle(Stats("f", "2026-11-27T04:05:00Z", "", 60, 256, (period,)), now=NOW)
        path = re.search(r'<path fill="[^"]*" d="([^"]*)"', faces["text/html"])
        assert path
        assert len(path[1].split("z")) - 1 == len(counts)
        assert "100%" in faces["text/plain"]
    one = Stats("f", "2026-11-27T04:05:00Z", "", 60, 256, (Period(began, 1, counts={200: 1}, max_ms=30.0),))
    assert "<svg" not in display.bundle(one, now=NOW)["text/html"]


def test_a_drawing_says_what_it_shows() -> None:
    html = display.bundle(over_time(30), now=NOW)["text/html"]
    assert 'role="img" ' in html
    assert "<title>calls of f over time</title>" in html
    assert re.search(r"<desc>f · 735 calls · 30 failed .*memory at most 49 of 256 MB</desc>", html)
    assert len(html) < 20_000


def test_an_empty_limit_and_errors_alone_are_drawn() -> None:
    """A function whose limit nobody knows, and a minute in which a call only turned out to have failed."""
    late = Period(int(NOW.timestamp()), 0, 1)
    stats = over_time(3, 0)
    faces = display.bundle(Stats("f", stats.since, stats.until, 60, 0, (*stats.periods, late)), now=NOW)
    assert "memory at most 22 MB" in faces["text/plain"]
    assert "<svg" in faces["text/html"]


def test_half_a_character(shell: Shell) -> None:
    """An error with a lone surrogate is told as every other, by the text and by the page."""
    shell.run(deploying("lone", "raise ValueError('x \\ud800 y')"))
    shell.run("lone(1)")
    done = shell.run("%fclogs lone")
    assert done.success, done.text
    for face in shell.bundle(done.value).values():
        assert "ValueError" in face
        assert face.encode()
