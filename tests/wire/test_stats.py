"""The histogram of durations: what is read from it is as near to what was measured as it says."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from fc_magic.wire import stats
from fc_magic.wire.stats import Period, Stats

#: from what is shortest to the longest call that there is, a day
DURATIONS = st.lists(st.floats(stats.LEAST_MS, 86_400_000), min_size=1, max_size=200)
SHARES = st.floats(0.001, 1)


def period(durations: list[float], began: int = 0) -> Period:
    counts: dict[int, int] = {}
    for ms in durations:
        counts[stats.bucket(ms)] = counts.get(stats.bucket(ms), 0) + 1
    return Period(began, len(durations), 0, 0, sum(durations), max(durations), 1.0, counts)


def exact(durations: list[float], share: float) -> float:
    """The least that so many took or less."""
    return sorted(durations)[max(1, math.ceil(share * len(durations) - 1e-9)) - 1]


@given(DURATIONS, SHARES)
def test_a_percentile_is_within_its_error(durations: list[float], share: float) -> None:
    found, measured = period(durations).percentile(share), exact(durations, share)
    assert abs(found - measured) <= measured * stats.ERROR * (1 + 1e-9)


@given(DURATIONS)
def test_percentiles_grow_to_the_longest(durations: list[float]) -> None:
    whole = period(durations)
    found = [whole.percentile(share / 20) for share in range(1, 21)]
    assert found == sorted(found)
    assert found[-1] <= whole.max_ms == max(durations)


@given(DURATIONS, DURATIONS, SHARES)
def test_merged_is_as_counted_together(one: list[float], other: list[float], share: float) -> None:
    together, apart = period([*one, *other]), stats.merged(0, [period(one), period(other)])
    assert apart.counts == together.counts
    assert apart.percentile(share) == together.percentile(share)
    assert (apart.calls, apart.max_ms) == (together.calls, together.max_ms)


@given(st.lists(st.integers(0, 5000), max_size=50), st.sampled_from([60, 300, 3600]))
def test_grouped_has_every_call_in_its_step(minutes: list[int], step: int) -> None:
    given_ = [period([1.0], minute * 60) for minute in minutes]
    found = stats.grouped(given_, step)
    assert sum(p.calls for p in found) == len(minutes)
    assert [p.began for p in found] == sorted({minute * 60 // step * step for minute in minutes})


@given(st.floats(0, 1e9))
def test_every_duration_has_a_bucket(ms: float) -> None:
    assert 0 <= stats.bucket(ms) < 640


def test_nothing_took_no_time() -> None:
    empty = Stats("f", "", "")
    assert (empty.calls, empty.errors, empty.cold_starts, empty.memory_mb) == (0, 0, 0, 0.0)
    assert empty.duration_ms == stats.Durations(0, 0, 0, 0, 0)


@given(DURATIONS)
def test_what_is_sent_is_what_is_read(durations: list[float]) -> None:
    whole = Period(60, len(durations), 1, 2, 7.5, 3.25, 9.5, period(durations).counts)
    sent = Stats("f", "2026-11-27T10:00:00Z", "2026-11-27T11:00:00Z", 60, 256, (whole,))
    assert stats.decode(json.loads(json.dumps(stats.encode(sent)))) == sent
